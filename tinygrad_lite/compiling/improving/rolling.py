"""What repeats itself in a line of operations, and how what they are of passes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from ..program import Program, Variable, variables_in
from .likeness import Alike
from .passing_on import Iterations, Role, role_of
from .periods import longest_repetition

FEWEST: Final = 4
"""So many iterations make a loop,"""

SAVED: Final = 10
"""if it says so many operations once that would be there again."""

TRIES: Final = 8
"""So many times a stretch loses iterations at its ends until its operands pass on in one way."""


def repetitions(program: Program, alike: Alike | None = None) -> tuple[Rolling, list[Iterations]]:
    """What there is to know of a program, and the stretches of it that repeat themselves."""
    alike = alike or Alike()
    if alike.latest is None or alike.latest[0] is not program:
        rolling = Rolling(program, alike)
        alike.latest = program, rolling, [*rolling.repeated(0, len(program.operations))]
    return alike.latest[1], alike.latest[2]


class Rolling:
    """A program and, of each of its operations, what it is like and what it is of.

    Attributes
    ----------
    symbols : equal for alike operations
    leaves : of each operation the variables and numbers among its arguments
    made : variable → the operation that makes it, and at which place of its results
    seen : variable → the last operation that sees it
    """

    def __init__(self, program: Program, alike: Alike) -> None:
        self.operations = program.operations
        found = [alike.symbol(operation) for operation in self.operations]
        self.symbols = np.array([symbol for symbol, _ in found], int)
        self.leaves = [leaves for _, leaves in found]
        self.made: dict[Variable, tuple[int, int]] = {}
        self.seen: dict[Variable, int] = {}
        for i, operation in enumerate(self.operations):
            for place, v in enumerate(operation.results):
                if v is not None:
                    self.made[v] = i, place
            self.seen |= dict.fromkeys(operation.operands(), i)
        for v in variables_in(program.outputs):
            self.seen[v] = len(self.operations)

    def repeated(self, start: int, stop: int) -> Iterator[Iterations]:
        """The stretches of a part of the line that repeat themselves, in their order."""
        stretch = longest_repetition(self.symbols[start:stop], FEWEST) if stop - start > SAVED else None
        if stretch is None or stretch.stop - stretch.start - stretch.period < SAVED:
            return
        first, last, period = start + stretch.start, start + stretch.stop, stretch.period
        found = self.fitting(first + self.seam(first, last, period), last, period)
        if found is not None:
            first, last = found.start, found.stop
        yield from self.repeated(start, first)
        if found is not None:
            yield found
        yield from self.repeated(last, stop)

    def seam(self, start: int, stop: int, period: int) -> int:
        """How far from the start iterations are to begin, so that they pass on least."""
        count, spare = divmod(stop - start, period)
        passing = 2 * self.passing(start, stop, period)
        passing[spare + 1 :] += period if count > FEWEST else 2 * len(self.operations)  # an iteration less
        return int(np.argmin(passing))

    def passing(self, start: int, stop: int, period: int) -> np.ndarray:
        """How many variables pass from an iteration to the next if it begins so far from the start."""
        until: dict[Variable, int] = {}
        for i in range(start, stop):
            until |= dict.fromkeys(self.operations[i].operands(), i)
        change = np.zeros(stop - start + 2, int)
        for v, i in until.items():
            made = self.made.get(v, NOWHERE)[0]
            if made >= start:
                change[made + 1 - start] += 1
                change[i + 1 - start] -= 1
        middle = (stop - start) // period // 2 * period
        return np.cumsum(change)[middle : middle + period]

    def fitting(self, start: int, stop: int, period: int) -> Iterations | None:
        """The iterations of a stretch that are alike in what they are of."""
        count = (stop - start) // period
        for _ in range(TRIES):
            if count < FEWEST or (count - 1) * period < SAVED:
                return None
            first, stop = 0, count
            roles: list[list[Role]] = []
            for j in range(start, start + period):
                roles.append([])
                for values in zip(*self.leaves[j : start + count * period : period], strict=True):
                    role, begins, ends = self.role(values, start, period)
                    roles[-1].append(role)
                    first, stop = max(first, begins), min(stop, ends)
            if first == 0 and stop == count:
                return Iterations(start, start + count * period, period, roles)
            if stop < FEWEST:  # the iterations before are the odd ones
                first, stop = max(first, stop), count
            start, count = start + first * period, stop - first
        return None

    def role(self, values: Sequence[Any], start: int, period: int) -> tuple[Role, int, int]:
        """What an operand is in the iterations, and from which to which of them."""
        if type(values[0]) is not Variable:
            return role_of(values, None, start, period)
        return role_of(values, [self.made.get(v, NOWHERE) for v in values], start, period)


NOWHERE: Final = (-1, 0)
"""Where inputs are made."""
