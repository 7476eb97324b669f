"""Where results go: into arrays that are made once, each used again as soon as nobody needs what it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ...engine.trees import LEAF, Structure
from ..kernels.kernel_loops import Kernel
from ..loops import Loop, with_memories_moved
from ..methods_as_calls import Attribute, Method
from ..program import Memory, Operation, Program, Variable, mapped, variables_in
from .common_subexpressions import key_of
from .effects import UNFILLED, is_view

LARGE: Final = 4096
"""Bytes from which on a buffer is used again for another shape."""

EMPTIED: Final = (*UNFILLED, np.zeros)
"""What gives memory: a buffer itself, in a program with buffers."""

NOTHING: Final = Structure(type(None), (), ())

WITH_OUT: Final = frozenset(
    {np.add.reduce, np.multiply.reduce, np.maximum.reduce, np.minimum.reduce, np.sum, np.max, np.min, np.mean, np.prod}
    | {np.cumsum, np.cumprod, np.concatenate, np.stack, np.take, np.dot, np.clip, np.einsum, np.any, np.all}
)
"""Functions, other than ufuncs, that put their result where ``out=`` says."""


def takes_out(operation: Operation) -> bool:
    """Whether the operation can put its result into a buffer."""
    y = operation.result
    function = operation.function
    if function in EMPTIED and y is not None and y.is_array:
        return True
    if y is None or not y.is_array or operation.writes is not None or y.weak or "out" in operation.kwargs:
        return False
    if isinstance(function, Kernel):
        return function.count == len(function.arrays) == 1
    return (isinstance(function, np.ufunc) and function.nout == 1) or function in WITH_OUT


def can_be_told(operation: Operation) -> bool:
    """Whether an operation that computes something puts its result where it is told."""
    return takes_out(operation) and operation.function not in EMPTIED


def is_elementwise(operation: Operation) -> bool:
    """Whether the operation may write over its operands."""
    return isinstance(operation.function, np.ufunc) and operation.function.signature is None


class Pool:
    """The buffers, and which of them are free.

    Attributes
    ----------
    buffers : all of them
    made : the operations that give some of them other shapes and dtypes, or parts of them, by what they give
    """

    def __init__(self) -> None:
        self.buffers: list[Variable] = []
        self.made: dict[Variable, Operation] = {}
        self.free: dict[int, list[Variable]] = defaultdict(list)
        self.forms: dict[Any, Variable] = {}
        self.held: dict[Memory, Variable] = {}

    def take(self, y: Variable) -> Variable:
        """A buffer of a result's shape and dtype, from now on its."""
        free = self.free[y.nbytes]
        alike = [
            n for n, buffer in enumerate(free) if (buffer.shape, buffer.dtype.itemsize) == (y.shape, y.dtype.itemsize)
        ]
        if alike or (free and y.nbytes >= LARGE):
            buffer = free.pop(alike[-1] if alike else -1)
        else:
            buffer = Variable(np.empty(y.shape, y.dtype), Memory("buffer"))
            self.buffers.append(buffer)
        self.held[y.memory] = buffer
        return self.form(buffer, y)

    def form(self, buffer: Variable, y: Variable) -> Variable:
        """The buffer in a result's shape and dtype."""
        if (buffer.shape, buffer.dtype) == (y.shape, y.dtype):
            return buffer
        seen = buffer
        if seen.dtype != y.dtype:
            if seen.dtype.itemsize != y.dtype.itemsize:
                seen = self.seen(Method("reshape"), (seen, -1), np.empty(seen.size, seen.dtype))
            like = np.empty(seen.shape if seen.dtype.itemsize == y.dtype.itemsize else y.size, y.dtype)
            seen = self.seen(Method("view"), (seen, y.dtype), like)
        return (
            seen if seen.shape == y.shape else self.seen(Method("reshape"), (seen, y.shape), np.empty(y.shape, y.dtype))
        )

    def seen(self, function: Any, args: tuple[Any, ...], like: Any) -> Variable:
        """A view that is made once."""
        return self.still(Operation(function, args, {}, (Variable(like, args[0].memory),), LEAF))

    def still(self, operation: Operation) -> Variable:
        """What an operation sees, which is made once."""
        x: Variable = operation.args[0]
        y = operation.result
        assert y is not None
        before = self.made.get(x)
        if operation.function == Method("view") and before is not None and before.function == Method("view"):
            x = before.args[0]
            if (x.dtype, x.shape) == (y.dtype, y.shape):
                return x
        key = operation.function, key_of(operation.args), key_of(operation.kwargs)
        if key not in self.forms:
            self.forms[key] = y
            self.made[y] = operation
        return self.forms[key]

    def release(self, memories: Iterable[Memory]) -> None:
        """Let buffers be used again."""
        for memory in memories:
            buffer = self.held.pop(memory, None)
            if buffer is not None:
                self.free[buffer.nbytes].append(buffer)


class Donations:
    """Arguments that results may be put into, as soon as nobody needs what they hold."""

    def __init__(self, program: Program, returned: Collection[Memory]) -> None:
        self.given = {v.memory: v for v in program.donated if v.contiguous and v.memory not in returned}
        self.free: dict[Any, list[Variable]] = defaultdict(list)

    def release(self, memories: Iterable[Memory]) -> None:
        """Let results be put there."""
        for memory in memories:
            x = self.given.pop(memory, None)
            if x is not None:
                self.free[x.shape, x.dtype].append(x)

    def take(self, y: Variable) -> Variable | None:
        """One of a result's shape and dtype."""
        free = self.free.get((y.shape, y.dtype))
        return free.pop() if free else None


def with_buffers(program: Program) -> Program:
    """The program with its results in buffers; what it returns is new in every run, or in what was given away."""
    last = last_uses(program)
    returned = {v.memory for v in variables_in(program.outputs)}
    pool, donations = Pool(), Donations(program, returned)
    kept: list[Operation] = []
    same: dict[Variable, Variable] = {}
    moved: dict[Memory, Memory] = {}
    lies: dict[Variable, Variable] = {v: v for v, x in program.constants.items()}  # what is always at one place
    for k, operation in enumerate(program.operations):
        views = is_view(operation)
        operation = operation.with_others(same)
        y = operation.result
        # in their order, so that the same function has the same source
        dying = dict.fromkeys(
            [v.memory for v in operation.operands() if last.get(v.memory) == k and v.memory not in returned]
        )
        given = None
        if y is not None and y.memory in returned and y.contiguous and can_be_told(operation):
            if is_elementwise(operation):
                donations.release(dying)
            given = donations.take(y)
        donations.release(dying)
        if given is not None:
            kept.append(replace(operation, kwargs={**operation.kwargs, "out": given}, writes=given.memory))
            pool.release(dying)
            continue
        is_new = y is not None and y.memory in returned and not program.reuses_outputs
        if y is None or not takes_out(operation) or is_new or not y.contiguous:
            if views and y is not None and is_still(operation, lies):
                same[y] = lies[y] = pool.still(operation.substituted(lambda v: lies[v]))
            else:
                kept.append(operation)
            pool.release(dying)
            continue
        if is_elementwise(operation):
            pool.release(dying)  # which may be written over
        lies[y] = buffer = pool.take(y)
        lies[buffer] = buffer
        if operation.function in EMPTIED:
            same[y] = buffer
            moved[y.memory] = buffer.memory
            if operation.function is np.zeros:
                kept.append(Operation(Method("fill"), (buffer, 0), {}, (), NOTHING, buffer.memory))
        else:
            kept.append(replace(operation, kwargs={**operation.kwargs, "out": buffer}, writes=buffer.memory))
        pool.release(dying)
        if last[y.memory] == k and y.memory not in returned:
            pool.release((y.memory,))
    outputs = mapped(lambda v: same.get(v, v), program.outputs)
    program = with_memories_moved(program.changed(operations=tuple(kept)), moved)
    return program.changed(
        outputs=outputs,
        buffers=(*program.buffers, *pool.buffers),
        views=(*program.views, *pool.made.values()),
    )


def is_still(operation: Operation, lies: dict[Variable, Variable]) -> bool:
    """Whether a view is the same in every run, and worth to be kept, as ``x.T`` is not."""
    operands = [*operation.operands()]
    return (
        operation.writes is None
        and type(operation.function) not in (Attribute, Loop)
        and all(v in lies for v in operands)
        and len(operands) == 1
        and operation.results[0] is not None
        and operation.results[0].is_array
    )


def last_uses(program: Program) -> dict[Memory, int]:
    """For each memory the last operation that sees it."""
    return {
        v.memory: k
        for k, operation in enumerate(program.operations)
        for v in (*operation.operands(), *operation.results)
        if v is not None
    }
