"""Which operations do more, or less, than compute what is new."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..kernels.kernel_loops import Kernel
from ..loops import Loop
from ..methods_as_calls import check
from ..program import Operation, Program, Variable, mapped, written_memories

UNFILLED: Final = frozenset[Any]({np.empty, np.empty_like})
"""What gives memory and no numbers: two calls are not one."""


def is_view(operation: Operation) -> bool:
    """Whether it gives another view of memory that there is."""
    result = operation.result
    return result is not None and result.memory in {v.memory for v in operation.operands()}


def needed_views(views: list[Operation], needed: set[Variable]) -> list[Operation]:
    """Those of some views that are needed, and those that they are views of."""
    live, kept = {*needed}, []
    for operation in reversed(views):
        if operation.result in live:
            kept.append(operation)
            live.update(operation.operands())
    return kept[::-1]


def touches_nothing(operation: Operation) -> bool:
    """Whether it gives another view of memory, and neither reads nor writes what is there."""
    return operation.writes is None and is_view(operation)


def is_pure(operation: Operation) -> bool:
    """Whether it is a call that gives the same whenever it is called with the same, and does nothing else."""
    return (
        operation.writes is None
        and bool(operation.results)
        and not (isinstance(operation.function, Kernel) and operation.function.updates)
        and operation.function is not check
        and type(operation.function) is not Loop
        and operation.function not in UNFILLED
    )


def steady(program: Program) -> set[int]:
    """The memories, by identity, that hold the same from when they are made."""
    written = {id(memory) for memory in written_memories(program)}
    every = {id(v.memory) for o in program.operations for v in (*o.operands(), *o.results) if v is not None}
    every |= {id(v.memory) for v in program.inputs}
    return every - written


def with_targets_named(program: Program) -> Program:
    """The program in which what a ufunc returns is the array that it puts its result into, where it is given one."""
    same: dict[Variable, Variable] = {}
    for operation in program.operations:
        target = operation.kwargs.get("out")
        if isinstance(operation.function, np.ufunc) and type(target) is Variable and operation.result is not None:
            same[operation.result] = same.get(target, target)
    if not same:
        return program
    operations = tuple([operation.with_others(same) for operation in program.operations])
    return program.changed(operations=operations, outputs=mapped(lambda v: same.get(v, v), program.outputs))
