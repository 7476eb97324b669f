"""Parts of arrays that are read, computed with and written back: ``x[i] = x[i] + g`` as ``np.add(…, out=x[i])``."""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import replace
from typing import Any

from ..program import Operation, Program, Variable, variables_in
from .buffers import is_elementwise
from .common_subexpressions import key_of
from .effects import is_view


def with_parts_in_place(program: Program) -> Program:
    """The program in which results go where they are written to at once."""
    uses = Counter(v for operation in program.operations for v in operation.operands())
    uses.update(variables_in(program.outputs))
    made: dict[Variable, int] = {}
    kept: list[Operation | None] = []
    for operation in program.operations:
        if writes_itself(operation, kept, made):
            continue
        place = target(operation, kept, made, uses)
        if place is not None:
            value, part = place
            former = kept[value]
            assert former is not None
            assert operation.writes is not None
            kept[value] = replace(former, kwargs={**former.kwargs, "out": part}, writes=operation.writes)
            continue
        made |= {v: len(kept) for v in operation.results if v is not None}
        kept.append(operation)
    return program.changed(operations=tuple([operation for operation in kept if operation is not None]))


def writes_itself(operation: Operation, kept: list[Operation | None], made: dict[Variable, int]) -> bool:
    """Whether it assigns a part to where it is a view of, as ``x[i] += g`` does after it has added."""
    if operation.function is not operator.setitem:
        return False
    x, index, value = operation.args
    return type(value) is Variable and is_part(value, x, index, kept, made)


def is_part(part: Variable, x: Any, index: Any, kept: list[Operation | None], made: dict[Variable, int]) -> bool:
    """Whether a variable is a view ``x[index]``."""
    k = made.get(part)
    reading = None if k is None else kept[k]
    if reading is None or reading.function is not operator.getitem or not is_view(reading):
        return False
    return bool(key_of(reading.args) == key_of((x, index)))


def target(
    operation: Operation, kept: list[Operation | None], made: dict[Variable, int], uses: Counter[Variable]
) -> tuple[int, Variable] | None:
    """For an assignment the number of the operation before it that makes the value, and the part that it goes to."""
    if operation.function is not operator.setitem or not kept:
        return None
    x, index, value = operation.args
    last = len(kept) - 1
    if type(value) is not Variable or made.get(value) != last or uses[value] != 1:
        return None
    former = kept[last]
    if former is None or not is_elementwise(former) or former.writes is not None or former.kwargs:
        return None
    for part in former.operands():
        if is_part(part, x, index, kept, made) and (part.shape, part.dtype) == (value.shape, value.dtype):
            return last, part
    return None
