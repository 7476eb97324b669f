"""Chains over large arrays whose lines are summed up on the way, each as one kernel that keeps lines in the cache.

Such a kernel takes in every operation on arrays with the same first axes that computes lines of lines: elementwise
ones, of arrays of several widths; sums and largest entries of each line; and sums over all lines, which are known when
it has run. What needs those, and what is no such operation, waits until then.
"""

from __future__ import annotations

import math
from collections import Counter

from ..kernels import launching
from ..kernels.line_kernels import MOST_ENTRIES
from ..loops import memories_written
from ..program import Operation, Program, Variable, variables_in
from .effects import with_targets_named
from .fusing import repeated_views
from .line_chains import LineChain, axis_of, folding


def with_lines_fused(program: Program) -> Program:
    """The program with kernels for chains over lines."""
    least = launching.KERNELS[program.kernels].whole
    if not launching.has_numba():
        return program
    for lead in dict.fromkeys(folded_lines(operation, least) for operation in program.operations):
        if lead:
            program = LineFusion(program, lead).program()
    return program


def folded_lines(operation: Operation, least: float) -> tuple[int, ...]:
    """The axes that lines are counted along, of an array of so many entries that an operation folds; none of others.

    They are the first of all, or as many as it takes for lines that are not too long.
    """
    x, axis = operation.args[0] if operation.args else None, axis_of(operation)
    if not folding(operation) or type(x) is not Variable or axis is None or x.shape == () or x.size < least:
        return ()
    first = min([k % len(x.shape) for k in (axis if isinstance(axis, tuple) else (axis,))], default=0)
    fits = [k for k in range(1, first + 1) if math.prod(x.shape[k:]) <= MOST_ENTRIES]
    return x.shape[: fits[0]] if fits else ()


class LineFusion:
    """One run of the pass, for arrays with the same first axes.

    Attributes
    ----------
    chain : the operations that become the next kernel
    kept : those before it
    """

    def __init__(self, original: Program, lead: tuple[int, ...]) -> None:
        self.original = with_targets_named(original)
        self.repeated = repeated_views(self.original)
        self.uses = Counter(v for operation in self.original.operations for v in {*operation.operands()})
        self.uses.update({*variables_in(self.original.outputs)})
        self.lead = lead
        self.least = launching.KERNELS[original.kernels].whole
        self.chain = LineChain(lead, self.repeated, self.least)
        self.kept: list[Operation] = []

    def program(self) -> Program:
        """The program with its chains as kernels."""
        for operation in self.original.operations:
            self.take(operation)
        while self.chain.taken:
            self.close()
        return self.original.changed(operations=tuple(self.kept))

    def take(self, operation: Operation) -> None:
        """Make an operation part of the chain, or put it before or behind that."""
        if self.chain.add(operation):
            return
        is_needing = self.chain.depends(operation)
        if is_needing and self.chain.postpone(operation):
            return
        if is_needing or not self.chain.memories.isdisjoint(memories_written(operation)):
            self.close()
            self.take(operation)
        else:
            self.kept.append(operation)

    def close(self) -> None:
        """Let the chain run here."""
        chain, self.chain = self.chain, LineChain(self.lead, self.repeated, self.least)
        inside = Counter(v for operation in chain.taken for v in {*operation.operands()})
        made = {v for o in chain.taken for v in o.results if v is not None}
        self.kept += chain.operations({v for v in made if self.uses[v] > inside[v]})
        for operation in chain.after:
            self.take(operation)
