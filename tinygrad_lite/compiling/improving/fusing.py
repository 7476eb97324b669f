"""Elementwise chains over large arrays, each as one kernel: a loop that reads each array once, on all processors.

A chain takes in every elementwise operation on arrays of its shape, with numbers, with rows and columns that are
repeated, and with windows of other arrays, until one that is not elementwise needs its results. Where all of a result
is summed up, or its mean is taken, that is part of it. What an operation writes to the whole of an array, or to a
window of it, is an entry like any other until the end of the chain, which puts the last one there, if anybody reads it.
Nothing is fused where Numba is not installed, nor arrays of fewer entries than ``kernels`` asks for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np

from ..kernels.launching import KERNELS, has_numba
from ..loops import memories_written
from ..methods_as_calls import Method
from ..program import Memory, Operation, Program, Variable, mapped, variables_in
from .effects import UNFILLED, is_view, needed_views, steady, touches_nothing
from .entry_forms import is_mean, is_sum
from .kernel_chains import Chain, target_of
from .window_views import Windows


def fused(program: Program) -> Program:
    """The program with kernels for chains."""
    least = KERNELS[program.kernels].window
    if not has_numba() or not any(is_large(v, least) for v in every_variable(program)):
        return program
    return Fusion(program).program()


def is_large(v: Variable | None, least: float) -> bool:
    """Whether a variable is an array of so many entries."""
    return v is not None and v.is_array and v.contiguous and v.size >= least


class Fusion:
    """One run of the pass.

    Attributes
    ----------
    open : shape → the chain of it that still grows, and runs at the place where its results are needed first
    kept : the operations so far
    repeated : views by ``np.broadcast_to`` → what is repeated
    flat : views of all entries in their order → the whole array
    touched : how many operations read or write a memory
    same : results that are arrays which were written to → those
    """

    def __init__(self, original: Program) -> None:
        self.original = original
        self.least = KERNELS[original.kernels].window
        self.open: dict[tuple[int, ...], Chain] = {}
        self.kept: list[Operation] = []
        self.repeated = repeated_views(original)
        self.uses = Counter(v for operation in original.operations for v in {*operation.operands()})
        self.uses.update({*variables_in(original.outputs)})
        self.windows = Windows(original)
        self.flat = flat_views(original)
        self.flat |= {
            v: first for v, window in self.windows.of.items() if (first := self.windows.first[window]) is not v
        }
        self.touched = touches(original.operations)
        self.sizes: dict[Memory, int] = defaultdict(int)
        for v in every_variable(original):
            self.sizes[v.memory] = max(self.sizes[v.memory], v.size)
        self.touched.update(
            [v.memory for v in (*variables_in(original.outputs), *original.inputs, *original.constants)]
        )
        self.same: dict[Variable, Variable] = {}

    def program(self) -> Program:
        """The program with its chains as kernels."""
        for operation in self.original.operations:
            self.take(operation)
        for chain in [*self.open.values()]:
            self.close(chain)
        outputs = mapped(lambda v: self.same.get(v, v), self.original.outputs)
        return self.original.changed(operations=tuple(self.kept), outputs=outputs)

    def take(self, operation: Operation) -> None:
        """Put an operation into a chain, or behind those that it needs."""
        operation = operation.with_others(self.same)
        operands = {*operation.operands()}
        memories = set() if touches_nothing(operation) else {v.memory for v in operands}
        for other in [*self.open.values()]:
            if operands & other.sums.keys():  # known only when it has run
                self.close(other)
        if self.is_postponed(operation):
            return
        chain = self.chain_for(operation)
        for other in [*self.open.values()]:
            needs = other.has(operands) or memories & other.written.keys()
            if other is not chain and (needs or operation.writes in other.memories):
                self.close(other)
        if chain is not None and self.is_taken(operation, chain):
            return
        if chain is not None:
            needs = chain.has(operands) or memories & chain.written.keys()
            if needs or operation.writes in chain.memories:
                self.close(chain)
                chain = self.chain_for(operation)
                if chain is not None and self.is_taken(operation, chain):
                    return
        self.kept.append(operation)

    def is_taken(self, operation: Operation, chain: Chain) -> bool:
        """Whether an operation becomes part of a chain."""
        if not chain.add(operation):
            return False
        target = target_of(operation, self.windows)
        if target is not None and operation.result is not None:
            self.same[operation.result] = target
        return True

    def is_postponed(self, operation: Operation) -> bool:
        """Whether it is a flat view of what a chain makes, which is left until that has run."""
        whole = self.flat.get(operation.result) if operation.result is not None else None
        for chain in self.open.values():
            if whole in chain.made and whole not in chain.sums:
                chain.take_view(operation)
                return True
        return False

    def chain_for(self, operation: Operation) -> Chain | None:
        """The chain that an operation may become part of."""
        y = operation.result
        if operation.writes is not None:
            target = target_of(operation, self.windows)
            whole = None if target is None else self.flat.get(target, target)
            is_part = whole in self.windows.of
            if whole is None or not (is_part or self.sizes[whole.memory] == whole.size):
                return None
            if not (is_large(whole, self.least) or (is_part and whole.size >= self.least)):
                return None
            return self.open.setdefault(whole.shape, self.chain(whole.shape))
        if y is None or is_view(operation):
            return None
        shape = y.shape
        if is_sum(operation) or is_mean(operation):  # of what a chain has made
            (x,) = operation.args
            return (
                next((chain for chain in self.open.values() if x in chain.made), None) if is_of_all(operation) else None
            )
        if not is_large(y, self.least):
            return None
        return self.open.setdefault(shape, self.chain(shape))

    def chain(self, shape: tuple[int, ...]) -> Chain:
        """A chain of arrays of a shape."""
        return Chain(shape, self.repeated, self.flat, self.windows, KERNELS[self.original.kernels].whole)

    def close(self, chain: Chain) -> None:
        """Let a chain run here."""
        del self.open[chain.shape]
        inside = Counter(v for operation in (*chain.members, *chain.views) for v in {*operation.operands()})
        views = needed_views(chain.views, {v for o in chain.views for v in o.results if v and self.uses[v] > inside[v]})
        outside = {self.flat[y] for o in views for y in o.results if y is not None}
        needed = [v for v in chain.made if self.uses[v] > inside[v] or v in outside]
        touched = touches(chain.members)
        seen = [memory for memory in chain.written if self.touched[memory] > touched[memory]]
        self.kept += chain.operations(needed, seen, views)


def touches(operations: Iterable[Operation]) -> Counter[Memory]:
    """How many operations read or write each memory."""
    found: Counter[Memory] = Counter()
    for operation in operations:
        if not touches_nothing(operation) and operation.function not in UNFILLED:
            found.update({v.memory for v in operation.operands()} | {*memories_written(operation)})
    return found


def every_variable(program: Program) -> Iterator[Variable]:
    """All variables, some more than once."""
    yield from (*program.inputs, *program.constants)
    for operation in program.operations:
        yield from operation.operands()
        yield from (v for v in operation.results if v is not None)


def flat_views(program: Program) -> dict[Variable, Variable]:
    """For each view that has all entries of an array in their order, the array."""
    found: dict[Variable, Variable] = {}
    for operation in program.operations:
        y = operation.result
        if y is None or operation.function not in RESHAPES or not is_view(operation):
            continue
        x = operation.args[0]
        if x.contiguous and y.contiguous and x.size == y.size:
            found[y] = found.get(x, x)
    return found


def is_of_all(operation: Operation) -> bool:
    """Whether a reduction is over all entries, and gives a number."""
    (x,), kwargs = operation.args, dict(operation.kwargs)
    axis = kwargs.pop("axis", 0 if is_sum(operation) else None)
    axes = range(len(x.shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return (
        not kwargs.pop("keepdims", False) and not kwargs and {k % len(x.shape) for k in axes} == {*range(len(x.shape))}
    )


def repeated_views(program: Program) -> dict[Variable, Any]:
    """For each view that repeats a variable or a number, or gives one number axes, that, where it stays as it is."""
    unwritten = steady(program)
    found: dict[Variable, Any] = {}
    for operation in program.operations:
        if operation.function not in VIEWS or operation.result is None or operation.kwargs:
            continue
        x = operation.args[0]
        if type(x) is Variable:
            if id(x.memory) in unwritten and (operation.function is np.broadcast_to or x.shape == ()):
                found[operation.result] = found.get(x, x)
        elif isinstance(x, (int, float, np.generic)):
            found[operation.result] = x
    return found


RESHAPES: Final = (np.reshape, np.ravel, Method("reshape"), Method("ravel"))
VIEWS: Final = (np.broadcast_to, np.reshape, Method("reshape"))
