"""Operations that compute what another has computed before."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..loops import with_memories_moved
from ..program import Memory, Operation, Program, Variable, mapped, variables_in, versions
from .effects import is_pure, is_view, steady


def without_repetitions(program: Program) -> Program:
    """The program with each value computed once."""
    same: dict[Variable, Variable] = {}
    moved: dict[Memory, Memory] = {}
    first: dict[Any, Operation] = {}
    kept: list[Operation] = []
    unwritten = steady(program)
    handed_out = {v.memory for v in variables_in(program.outputs)}
    for operation, written in versions(program):
        operation = operation.with_others(same)
        fresh = not is_view(operation)
        shareable = is_pure(operation) and all(
            v is not None and (not fresh or id(v.memory) in unwritten) for v in operation.results
        )
        if shareable:
            states = () if not fresh else tuple([written.get(v.memory, 0) for v in operation.operands()])
            key = (operation.function, key_of(operation.args), key_of(operation.kwargs), states)
            former = first.setdefault(key, operation)
            handed = fresh and any(v.memory in handed_out for v in operation.results if v is not None)
            if handed and any(v.memory in handed_out for v in former.results if v is not None):
                kept.append(operation)  # what is returned is the caller's, each an array of its own
                continue
            if former is not operation:
                handed_out |= {v.memory for v in former.results if v is not None} if handed else set()
                same.update(zip(operation.results, former.results, strict=True))  # type: ignore[arg-type]
                for v, first_v in zip(operation.results, former.results, strict=True):
                    if v is not None and first_v is not None and v.memory is not first_v.memory:
                        moved[v.memory] = first_v.memory
                continue
        kept.append(operation)
    outputs = mapped(lambda v: same.get(v, v), program.outputs)
    return with_memories_moved(program.changed(operations=tuple(kept), outputs=outputs), moved)


def key_of(tree: Any) -> Any:
    """What tells arguments apart: variables by identity, numbers by type and text."""
    if isinstance(tree, (tuple, list)):
        return type(tree), tuple([key_of(part) for part in tree])
    if isinstance(tree, dict):
        return tuple([(name, key_of(part)) for name, part in sorted(tree.items())])
    if isinstance(tree, slice):
        return slice, key_of((tree.start, tree.stop, tree.step))
    if type(tree) is Variable:
        return id(tree)
    if isinstance(tree, np.dtype) or (isinstance(tree, type) and issubclass(tree, np.generic)):
        return np.dtype, np.dtype(tree).str
    return type(tree), repr(tree) if isinstance(tree, (int, float, complex, str, bool)) else id(tree), str(tree)
