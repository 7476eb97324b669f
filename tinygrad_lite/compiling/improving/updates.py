"""Arrays that are copied, changed, and assigned the changed copy, as ``p.data -= …`` does: changed where they are."""

from __future__ import annotations

import operator
from bisect import bisect
from collections import defaultdict
from dataclasses import replace

import numpy as np

from ..loops import Loop, memories_written
from ..methods_as_calls import check
from ..program import Memory, Operation, Program, Variable, variables_in
from .effects import touches_nothing, with_targets_named
from .entry_forms import COPIES


def with_updates_in_place(program: Program) -> Program:
    """The program without such copies.

    That is so where nobody reads the array between copy and assignment, nor the copy behind it, nor sees part of that,
    and where nothing between them may refuse to go on, so that the array is changed as a whole or not at all.
    """
    program = with_targets_named(program)
    copied = {o.result: k for k, o in enumerate(program.operations) if is_copy(o)}
    updates = [(k, copied[o.args[2]]) for k, o in enumerate(program.operations) if is_assigned_whole(o, copied)]
    if not updates:
        return program
    touches = touched(program)
    same: dict[Variable, Variable] = {}
    moved: dict[Memory, Memory] = {}
    dropped: set[int] = set()
    for last, first in updates:
        x, copy = program.operations[last].args[0], program.operations[first].result
        assert copy is not None
        taken = {*moved, *moved.values()}  # by another such update
        if program.operations[first].args[0] is not x or x.memory in taken or copy.memory in taken:
            continue
        own, others = touches[copy.memory], touches[x.memory]
        if own[-1] != last or others[bisect(others, first)] != last or refusals_between(touches[None], first, last):
            continue
        if not all(changes_or_reads(program.operations[k], copy) for k in own if k not in (first, last)):
            continue
        same[copy] = x
        moved[copy.memory] = x.memory
        dropped |= {first, last}
    operations = [o.with_others(same) for k, o in enumerate(program.operations) if k not in dropped]
    operations = [replace(o, writes=moved[o.writes]) if o.writes in moved else o for o in operations]
    return program.changed(operations=tuple(operations))


def is_copy(operation: Operation) -> bool:
    """Whether an array of the same kind is made of one."""
    y, x = operation.result, operation.args[0] if operation.args else None
    if operation.function not in COPIES or type(x) is not Variable or y is None:
        return False
    return y.contiguous and x.contiguous and (x.shape, x.dtype, x.is_array) == (y.shape, y.dtype, y.is_array)


def changes_or_reads(operation: Operation, copy: Variable) -> bool:
    """Whether an operation writes over a copy as a whole, entry by entry, or computes something new of it."""
    if operation.writes is None:
        return not touches_nothing(operation) and bool(operation.results)
    return isinstance(operation.function, np.ufunc) and operation.kwargs.get("out") is copy


def is_assigned_whole(operation: Operation, copied: dict[Variable | None, int]) -> bool:
    """Whether a copy is assigned to the whole of an array."""
    if operation.function is not operator.setitem:
        return False
    x, index, value = operation.args
    return type(x) is Variable and index is Ellipsis and type(value) is Variable and value in copied


def touched(program: Program) -> dict[Memory | None, list[int]]:
    """By memory the operations that read or write it, and those that return it last; by None those that may refuse."""
    found: dict[Memory | None, list[int]] = defaultdict(list)
    for k, operation in enumerate(program.operations):
        for memory in {*[v.memory for v in operation.operands()], *memories_written(operation)}:
            found[memory].append(k)
        if operation.function is check or type(operation.function) is Loop:
            found[None].append(k)
        for v in operation.results:
            if v is not None and k not in found[v.memory][-1:]:
                found[v.memory].append(k)
    for v in variables_in(program.outputs):
        found[v.memory].append(len(program.operations))
    return found


def refusals_between(places: list[int], first: int, last: int) -> bool:
    """Whether one of some places is between two."""
    return bisect(places, first) != bisect(places, last)
