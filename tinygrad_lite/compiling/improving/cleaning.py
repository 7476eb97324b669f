"""Operations that change nothing, to the last bit."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ...engine.trees import LEAF
from ..loops import with_memories_moved
from ..methods_as_calls import Attribute, Method
from ..program import Memory, Operation, Program, Variable, mapped
from .effects import is_view, steady

ONES: Final = {np.multiply: (0, 1), np.divide: (1,), np.power: (1,)}
"""Functions with a neutral 1 → at which places."""

UNDOING: Final = (np.negative, Attribute("T"), Attribute("mT"))
"""Functions that undo themselves."""

COPIES: Final = (Method("copy"), np.copy)
"""Functions that make another array of the same numbers."""


def cleaned(program: Program) -> Program:
    """The program without multiplications by 1, shapes that are there, and what is undone at once."""
    unwritten = steady(program)
    same: dict[Variable, Any] = {}
    moved: dict[Memory, Memory] = {}
    made: dict[Variable, Operation] = {}
    kept: list[Operation] = []
    outputs = {v for v in program.outputs if type(v) is Variable}
    handed_out = {v.memory for v in outputs}
    for operation in program.operations:
        operation = operation.with_others(same)
        *before, operation = in_one_comparison(operation, made, unwritten)
        kept += before
        y, x = operation.result, None
        if y is not None and operation.writes is None:
            x = unchanged(operation, made)
            alike = x is not None and (x.shape, x.dtype, x.is_array) == (y.shape, y.dtype, y.is_array)
            seen = [v for v in (x, y, *operation.operands()) if v is not None]
            still = is_view(operation) or {id(v.memory) for v in seen} <= unwritten
            # what is returned is the caller's: no input, and nothing that is returned twice
            returned = y.memory in handed_out and not is_view(operation)
            if returned and x is not None and operation.function in COPIES:
                returned = x.memory.origin != "operation" or x.memory in handed_out or x.contiguous != y.contiguous
            if alike and still and not returned and x is not None:
                same[y] = x
                if y.memory is not x.memory:
                    moved[y.memory] = x.memory
                handed_out |= {x.memory} if y.memory in handed_out else set()
                continue
            made[y] = operation
        kept.append(operation)
    outputs_now = mapped(lambda v: same.get(v, v), program.outputs)
    return with_memories_moved(program.changed(operations=tuple(kept), outputs=outputs_now), moved)


def unchanged(operation: Operation, made: dict[Variable, Operation]) -> Variable | None:
    """The operand that an operation gives as it is."""
    function, args = operation.function, operation.args
    x = args[0] if args else None
    if function in ONES and not operation.kwargs:
        for place in ONES[function]:
            other = args[1 - place] if len(args) == 2 else None
            if is_one(args[place]) and type(other) is Variable:
                return other
    if function is np.where and len(args) == 3 and type(args[1]) is Variable and args[1] is args[2]:
        return args[1]
    if type(x) is not Variable:
        return None
    before = made.get(x)
    if before is not None and before.function == function and function in UNDOING and not operation.kwargs:
        first = before.args[0]
        return first if type(first) is Variable else None
    if function == Method("astype") and operation.kwargs.get("copy", True) is False and np.dtype(args[1]) == x.dtype:
        return x
    if function in COPIES:
        return x
    if function in (np.reshape, np.broadcast_to, Method("reshape"), np.positive) and x.contiguous:
        return x
    if function is operator.getitem and all(is_all(part) for part in parts(args[1])):
        return x
    return None


def in_one_comparison(operation: Operation, made: dict[Variable, Operation], unwritten: set[int]) -> list[Operation]:
    """``0 <= k & k < n`` of whole numbers as one comparison: read as unsigned ones, negative ones are large."""
    if operation.function is not np.bitwise_and or operation.kwargs:
        return [operation]
    found = [v if type(v) is Variable and id(v.memory) in unwritten else None for v in operation.args]
    low, high = [None if v is None else made.get(v) for v in found]
    if low is None or high is None or low.function is not np.greater_equal or high.function is not np.less:
        return [operation]
    (k, zero), (same, n) = low.args, high.args
    signed = type(k) is Variable and k is same and k.dtype.kind == "i" and k.is_array and k.contiguous
    if (
        not signed
        or id(k.memory) not in unwritten
        or type(zero) is not int
        or type(n) is not int
        or zero != 0
        or not 0 <= n <= np.iinfo(k.dtype).max
    ):
        return [operation]
    unsigned = np.dtype(f"u{k.dtype.itemsize}")
    seen = Variable(np.empty(k.shape, unsigned), k.memory)
    reading = Operation(Method("view"), (k, unsigned), {}, (seen,), LEAF)
    return [reading, replace(operation, function=np.less, args=(seen, n))]


def parts(index: Any) -> tuple[Any, ...]:
    """What an index has between its commas."""
    return index if isinstance(index, tuple) else (index,)


def is_all(part: Any) -> bool:
    """Whether a part of an index takes everything."""
    return part is Ellipsis or (isinstance(part, slice) and part == slice(None))


def is_one(x: Any) -> bool:
    """Whether it is the number 1, not of a wider dtype: what it meets decides."""
    return isinstance(x, (int, float, np.generic)) and not isinstance(x, bool) and x == 1
