"""First and last iterations that lack something, made like the others.

Where a sum over iterations begins, there is nothing yet to add to; where a backward sweep ends, nobody asks for the
derivative that would be carried on. So the iteration before a stretch of repetitions, or that after it, is often like
the others but for a few operations. These are put in: ``-0.0 + x``, which is x to the last bit, and what nobody sees.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ..methods_as_calls import Attribute
from ..program import Memory, Operation, Program, Variable
from .effects import is_pure, steady
from .likeness import Alike, refilled, with_leaves
from .passing_on import Carried, Counted, Iterations, Listed, Unchanging
from .rolling import FEWEST, Rolling, repetitions

LOOK: Final = 4
"""So many operations that belong to no iteration are looked past."""


def with_even_ends(program: Program, alike: Alike | None = None) -> Program:
    """The program with operations that make the iterations at the ends of repetitions like the others."""
    rolling, stretches = repetitions(program, alike)
    edits = Edits(program)
    for found in stretches:
        begun = (
            begin
            for each in begun_otherwise(rolling, found)
            if (begin := Beginning(rolling, each, edits.unwritten)).matches()
        )
        ended = Ending(rolling, found, edits.unwritten)
        for end in (next(begun, None), ended if ended.matches() else None):
            if end is not None:
                edits.add(end)
    return edits.program() if edits.before or edits.moved else program


def begun_otherwise(rolling: Rolling, found: Iterations) -> Iterator[Iterations]:
    """Iterations, and a few that begin elsewhere and pass on no more: by those one sees how the first begins."""
    yield found
    passing = rolling.passing(found.start, found.stop, found.period)
    for place in np.flatnonzero(passing == passing.min())[:LOOK].tolist():
        start = found.start + place
        few = (
            rolling.fitting(start, min(found.stop, start + 2 * FEWEST * found.period), found.period) if place else None
        )
        if few is not None and few.start == start:
            yield few


class Edits:
    """Changes to a line of operations.

    Attributes
    ----------
    before : new operations and those that change their place, by the operation before which they come
    other : operations that change their operands
    moved : those that are no more where they were
    """

    def __init__(self, program: Program) -> None:
        self.old = program
        self.unwritten = steady(program)
        self.before: dict[int, list[Operation]] = defaultdict(list)
        self.operands: dict[int, dict[int, Any]] = defaultdict(dict)
        self.moved: set[int] = set()
        self.constants: dict[Variable, Any] = {}

    def add(self, end: End) -> None:
        """Take over what makes an end even."""
        hoisted = [self.old.operations[i] for i in end.foreign]
        self.before[end.outset] += hoisted
        self.moved.update(end.foreign)
        for place, operations in end.filled().items():
            self.before[place] += operations
        for i, changed in end.operands.items():
            self.operands[i] |= changed
        self.constants |= end.constants

    def program(self) -> Program:
        """The program with the changes."""
        kept: list[Operation] = []
        for i, operation in enumerate(self.old.operations):
            kept += self.before.get(i, ())
            if i in self.moved:
                continue
            if i in self.operands:
                operation = with_leaves(operation, self.operands[i])
            kept.append(operation)
        kept += self.before.get(len(self.old.operations), ())
        return self.old.changed(operations=tuple(kept), constants={**self.old.constants, **self.constants})


class End:
    """The iteration before the first, or after the last, of some iterations.

    Attributes
    ----------
    matched : operation of an iteration → the one that it is here
    gaps : operations that are not here
    foreign : operations here that belong to no iteration, and can come before it
    outset : where it begins
    """

    def __init__(self, rolling: Rolling, found: Iterations, unwritten: set[int]) -> None:
        self.rolling = rolling
        self.found = found
        self.unwritten = unwritten
        self.template = rolling.operations[found.start : found.start + found.period]
        self.matched: dict[int, int] = {}
        self.gaps: list[int] = []
        self.foreign: list[int] = []
        self.outset = 0
        self.operands: dict[int, dict[int, Any]] = defaultdict(dict)
        self.constants: dict[Variable, Any] = {}

    def matches(self) -> bool:
        """Whether it is like the others but for what can be put in."""
        raise NotImplementedError

    def filled(self) -> dict[int, list[Operation]]:
        """The operations that are put in, by the operation before which they come."""
        raise NotImplementedError

    def alike(self, i: int, j: int) -> bool:
        """Whether an operation calls what one of an iteration calls."""
        return bool(self.rolling.symbols[i] == self.rolling.symbols[self.found.start + j])

    def can_come_before(self, i: int, outset: int, moved: Sequence[int]) -> bool:
        """Whether an operation can come before this iteration."""
        operation = self.rolling.operations[i]
        memories = [v.memory for v in (*operation.operands(), *operation.results) if v is not None]
        made = [self.rolling.made.get(v, (-1, 0))[0] for v in operation.operands()]
        return (
            is_pure(operation)
            and all(id(memory) in self.unwritten for memory in memories)
            and all(k < outset or k in moved for k in made)
        )

    def before(self, j: int, last: int) -> int:
        """The operation here before which one of an iteration comes that is not here."""
        return next((self.matched[k] for k in range(j + 1, self.found.period) if k in self.matched), last)


class Beginning(End):
    """The iteration before the first, in which sums begin."""

    def matches(self) -> bool:
        found, rolling = self.found, self.rolling
        self.needed: dict[tuple[int, int], Any] = {}
        for roles in found.roles:
            for role in roles:
                if type(role) is Carried and role.lag and not self.need(role, role.starts[-1]):
                    return False
        for j in reversed(range(found.period)):
            if not self.matches_needed(j):
                return False
        if not self.matched or (not self.gaps and len(self.matched) < found.period):
            return False
        if not self.matches_others():
            return False
        order = [self.matched[j] for j in sorted(self.matched)]
        if order != sorted(set(order)):
            return False
        self.outset = order[0]
        for i in range(self.outset, found.start):
            if i not in order:
                if not self.can_come_before(i, self.outset, self.foreign):
                    return False
                self.foreign.append(i)
        del rolling
        return len(self.matched) + len(self.gaps) == found.period

    def need(self, role: Carried, v: Any) -> bool:
        """Note what an operation gives in this iteration; False where it is said to give two things."""
        return self.needed.setdefault((role.operation, role.place), v) is v

    def matches_needed(self, j: int) -> bool:
        """Find the operation that gives what is needed of operation j; whether there is one, or need be none."""
        operation, found = self.template[j], self.found
        needed = {place: v for place in range(len(operation.results)) if (v := self.needed.get((j, place))) is not None}
        if not needed:
            return True
        places = {place: self.rolling.made.get(v, (-1, 0)) for place, v in needed.items()}
        own = {i for i, _ in places.values()}
        (i,) = own if len(own) == 1 else (-1,)
        if i >= 0 and self.alike(i, j) and all(place == there for place, (_, there) in places.items()):
            return self.matches_at(j, i)
        inner = self.begun(j, needed[0])
        if inner is None:
            return False
        self.gaps.append(j)
        del found
        return self.need(inner, needed[0])

    def matches_at(self, j: int, i: int) -> bool:
        """Whether an operation is that of an iteration."""
        if i >= self.found.start or self.found.start - i > self.found.period + LOOK:
            return False
        for role, x in zip(self.found.roles[j], self.rolling.leaves[i], strict=True):
            match role:
                case Unchanging(value):
                    if x is not value and (type(x) is Variable or repr(x) != repr(value)):
                        return False
                case Counted(first, step):
                    if x != first - step:
                        return False
                case Carried(lag=0):
                    if not self.need(role, x):
                        return False
        self.matched[j] = i
        return True

    def begun(self, j: int, v: Any) -> Carried | None:
        """For a sum of what is carried and one more the role of the latter: what a sum begins with."""
        operation, roles = self.template[j], self.found.roles[j]
        y = operation.result
        if operation.function is not np.add or operation.kwargs or len(roles) != 2 or y is None:
            return None
        if type(v) is not Variable or y.dtype.kind not in "fc":
            return None
        if (v.shape, v.dtype, v.is_array) != (y.shape, y.dtype, y.is_array):
            return None
        carried = [role for role in roles if type(role) is Carried]
        inner = [role for role in carried if not role.lag]
        return inner[0] if len(carried) == 2 and len(inner) == 1 else None

    def matches_others(self) -> bool:
        """Find operations of which nothing is needed, by their order."""
        found, at = self.found, self.found.start - 1
        taken = set(self.matched.values())
        for j in reversed(range(found.period)):
            if j in self.matched:
                at = self.matched[j] - 1
            elif j not in self.gaps:
                lowest = max([self.matched[k] for k in range(j) if k in self.matched], default=at - LOOK)
                i = next((i for i in range(at, lowest, -1) if i >= 0 and i not in taken and self.alike(i, j)), None)
                if i is None or not self.matches_at(j, i):
                    return False
                taken.add(i)
                at = i - 1
        return True

    def filled(self) -> dict[int, list[Operation]]:
        found, rolling = self.found, self.rolling
        made: dict[int, Variable] = {}
        new: dict[int, list[Operation]] = defaultdict(list)
        for j in sorted(self.gaps):
            operation, roles = self.template[j], found.roles[j]
            leaves = []
            for role, like in zip(roles, rolling.leaves[found.start + j], strict=True):
                assert type(role) is Carried
                if role.lag:
                    zero = fresh_like(like)
                    self.constants[zero] = -0.0 if like.dtype.kind == "f" else complex(-0.0, -0.0)
                    leaves.append(zero)
                else:
                    leaves.append(made.get(role.operation, self.needed[role.operation, role.place]))
            assert operation.result is not None
            made[j] = fresh_like(operation.result)
            new[self.before(j, found.start)].append(replace(operation, args=tuple(leaves), results=(made[j],)))
        for j, roles in enumerate(found.roles):
            for q, role in enumerate(roles):
                if type(role) is Carried and role.operation in made:
                    if role.lag:
                        self.operands[found.start + (role.lag - 1) * found.period + j][q] = made[role.operation]
                    elif j in self.matched:
                        self.operands[self.matched[j]][q] = made[role.operation]
        return new


class Ending(End):
    """The iteration after the last, of which nobody asks what would be carried on."""

    def matches(self) -> bool:
        found = self.found
        at = self.outset = found.stop
        self.results: dict[tuple[int, int], Variable | None] = {}
        for j in range(found.period):
            expected = self.expected(j)
            i = self.next_alike(j, at, expected)
            if i is None:
                if not self.is_needless(j, expected):
                    return False
                self.gaps.append(j)
                results: Sequence[Variable | None] = [v and fresh_like(v) for v in self.template[j].results]
            else:
                self.matched[j] = i
                skipped = range(at, i)
                if not all(self.can_come_before(k, found.stop, skipped) for k in skipped):
                    return False
                self.foreign += skipped
                results = self.rolling.operations[i].results
                at = i + 1
            self.results |= {(j, place): v for place, v in enumerate(results)}
        self.stop = at
        return 2 * len(self.gaps) <= found.period

    def expected(self, j: int) -> list[Any]:
        """The operands of operation j here; Listed where any may be."""
        found, expected = self.found, []
        for role in found.roles[j]:
            match role:
                case Unchanging(value):
                    expected.append(value)
                case Counted(first, step):
                    expected.append(first + step * found.steps)
                case Carried(k, place, lag):
                    row = found.start + (found.steps - lag) * found.period
                    expected.append(self.rolling.operations[row + k].results[place] if lag else self.results[k, place])
                case _:
                    expected.append(Listed)
        return expected

    def next_alike(self, j: int, at: int, expected: list[Any]) -> int | None:
        """The next operation here that is operation j."""
        for i in range(at, min(at + LOOK, len(self.rolling.operations))):
            if self.alike(i, j) and all(
                want is Listed or x is want or (type(x) is not Variable and repr(x) == repr(want))
                for x, want in zip(self.rolling.leaves[i], expected, strict=True)
            ):
                return i
        return None

    def is_needless(self, j: int, expected: list[Any]) -> bool:
        """Whether an operation can be put in that nobody sees."""
        operation = self.template[j]
        known = all(type(role) in (Unchanging, Carried) for role in self.found.roles[j])
        return known and is_pure(operation) and cannot_fail(operation) and None not in expected

    def filled(self) -> dict[int, list[Operation]]:
        new: dict[int, list[Operation]] = defaultdict(list)
        for j in self.gaps:
            operation, values = self.template[j], iter(self.expected(j))
            args, kwargs = refilled(operation.args, values), refilled(operation.kwargs, values)
            results = tuple([self.results[j, place] for place in range(len(operation.results))])
            same = {
                old.memory: x.memory
                for old, x in zip(self.rolling.leaves[self.found.start + j], self.expected(j), strict=True)
                if type(old) is Variable
            }
            for v, old in zip(results, operation.results, strict=True):
                if v is not None and old is not None:
                    v.memory = same.get(old.memory, v.memory)
            new[self.before(j, self.stop)].append(replace(operation, args=args, kwargs=kwargs, results=results))
        return new


def cannot_fail(operation: Operation) -> bool:
    """Whether an operation gives something of any numbers, as ``np.linalg.solve`` does not."""
    function = operation.function
    owner = getattr(function, "__self__", None)
    return (
        isinstance(function, np.ufunc)
        or isinstance(owner, np.ufunc)
        or isinstance(function, Attribute)
        or function in (operator.getitem, operator.neg, operator.add, operator.sub, operator.mul, np.zeros)
    )


def fresh_like(v: Variable) -> Variable:
    """A variable of the same kind in memory of its own."""
    return v.renewed(Memory("operation"))
