"""The loop that operations become once it is known how their operands pass on."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...engine.trees import LEAF, Structure
from ..loops import loop_operation, memories_written
from ..program import Memory, Operation, Program, Variable
from .likeness import leaves_of, refilled
from .passing_on import Carried, Counted, Iterations, Listed, Role, Unchanging


def body_of(operations: Sequence[Operation], found: Iterations, seen: Mapping[Variable, int]) -> Operation | None:
    """The loop for some iterations; None where several arrays stand in one place and are written to."""
    rows = [operations[k : k + found.period] for k in range(found.start, found.stop, found.period)]
    wanted = {v for row in rows for o in row for v in o.results if v and seen.get(v, -1) >= found.stop}
    return LoopBuilder(rows, found.roles).loop(wanted)


class LoopBuilder:
    """Makes a loop of iterations that are alike.

    Attributes
    ----------
    rows : the operations of each iteration
    roles : of an iteration's operations and their operands
    fresh : the memories that iterations make
    written : those that they write to
    passing : those that an iteration sees of others
    stirred : stands for all that are made, written to and passed on in the iterations: any of these may be the same
    """

    def __init__(self, rows: list[Sequence[Operation]], roles: list[list[Role]]) -> None:
        self.rows = rows
        self.roles = roles
        self.fresh: set[Memory] = set()
        self.written: set[Memory] = set()
        for operation in (operation for row in rows for operation in row):
            own = {v.memory for v in operation.operands()}
            self.fresh.update([v.memory for v in operation.results if v is not None and v.memory not in own])
            self.written.update(memories_written(operation))
        self.passing = {
            v.memory
            for row in rows
            for operation, own_roles in zip(row, roles, strict=True)
            for v, role in zip(leaves_of(operation), own_roles, strict=True)
            if type(v) is Variable and (type(role) is Listed or (type(role) is Carried and role.lag))
        }
        self.stirred = Memory("operation")
        self.memories: dict[Memory, Memory] = {}
        self.refused = False
        self.made: dict[tuple[int, int], Variable] = {}
        self.given: dict[Variable, Variable] = {}
        self.elements: dict[Any, tuple[Variable, tuple[Any, ...]]] = {}
        self.carried: dict[Any, tuple[list[Variable], Carried]] = {}
        self.indices = counting([role for own in roles for role in own], len(rows))
        self.index = Variable(0, Memory("operation"), "i")
        self.body: list[Operation] = []

    def loop(self, wanted: set[Variable]) -> Operation | None:
        """The loop; it gives the variables that are wanted after it."""
        for j, operation in enumerate(self.rows[0]):
            self.add(j, operation)
        last, kept = self.given_back(wanted)
        starts: list[Any] = []
        parameters: list[Variable] = []
        nexts: list[Variable] = []
        for registers, role in self.carried.values():  # of a value so many iterations old: each of the one before
            starts += role.starts
            parameters += registers
            nexts += [*registers[1:], self.made[role.operation, role.place]]
        if self.refused:
            return None
        outputs = (*nexts, *[self.made[key] for key in last], *[self.made[key] for key in kept])
        inputs = (self.index, *[v for v, _ in self.elements.values()], *parameters, *self.given)
        structure = Structure(list, (), (LEAF,) * len(outputs))
        body = Program(inputs, {}, tuple(self.body), outputs, structure)
        lists = [values for _, values in self.elements.values()]
        return loop_operation(self.indices, body, lists, starts, [*last.values()], [*kept.values()])

    def add(self, j: int, operation: Operation) -> None:
        """Add an operation to the body."""
        old = leaves_of(operation)
        new = [self.operand(role, v) for role, v in zip(self.roles[j], old, strict=True)]
        same = {v.memory: x.memory for v, x in zip(old, new, strict=True) if type(v) is Variable}
        results: list[Variable | None] = []
        for place, v in enumerate(operation.results):
            results.append(None if v is None else self.result(v, same))
            if v is not None:
                self.made[j, place] = results[-1]  # type: ignore[assignment]
                results[-1].name = self.name_of(j, place)  # type: ignore[union-attr]
        leaves = iter(new)
        args, kwargs = refilled(operation.args, leaves), refilled(operation.kwargs, leaves)
        writes = None if operation.writes is None else same.get(operation.writes)
        self.refused |= operation.writes is not None and writes is None
        self.body.append(replace(operation, args=args, kwargs=kwargs, results=tuple(results), writes=writes))

    def name_of(self, j: int, place: int) -> str:
        """What some iteration, the later the better, calls a result."""
        own = [row[j].results[place] for row in self.rows]
        return next((v.name for v in reversed(own) if v is not None and v.name), "")

    def result(self, v: Variable, same: Mapping[Memory, Memory]) -> Variable:
        """What an operation of the body makes."""
        memory = same.get(v.memory)
        if memory is None:
            own = self.stirred if v.memory in self.written & self.passing else Memory("operation")
            memory = self.memories.setdefault(v.memory, own)
        return v.renewed(memory)

    def operand(self, role: Role, v: Any) -> Any:
        """What an operation of the body is of."""
        match role:
            case Unchanging(value):
                if type(value) is Variable:
                    self.given[value] = value
                return value
            case Counted():
                return self.count(role)
            case Listed(values, _):
                same = tuple([id(x) for x in values])
                if same not in self.elements:
                    parameter = self.parameter(v, values) if type(v) is Variable else Variable(v, Memory("operation"))
                    self.elements[same] = parameter, values
                return self.elements[same][0]
            case Carried(j, place, lag, starts):
                if lag == 0:
                    return self.made[j, place]
                key = (j, place, lag, tuple([id(x) for x in starts]))
                if key not in self.carried:
                    every = [*starts, *[row[j].results[place] for row in self.rows]]
                    self.carried[key] = [self.parameter(v, every) for _ in range(lag)], role
                    for register in self.carried[key][0]:
                        register.name = self.name_of(j, place)
                return self.carried[key][0][0]

    def parameter(self, like: Variable, values: Iterable[Variable | None]) -> Variable:
        """A variable of the body that stands for one of several in each iteration."""
        memories = {v.memory for v in values if v is not None}
        if len(memories) == 1 and not memories & self.fresh:
            return like.renewed(memories.pop())
        written = memories & self.written
        self.refused |= not written <= self.fresh
        return like.renewed(self.stirred if written else Memory("operation"))

    def count(self, role: Counted) -> Variable:
        """The variable of an int that grows with the iterations."""
        scale = role.step * self.indices.step
        offset = role.first - scale * self.indices.start
        x = self.index
        if scale == -1:
            return self.computed(operator.sub, offset, x)
        if scale != 1:
            x = self.computed(operator.mul, scale, x)
        if offset:
            x = self.computed(operator.add if offset > 0 else operator.sub, x, abs(offset))
        return x

    def computed(self, function: Any, *args: Any) -> Variable:
        """The result of an operation on ints, which is added to the body."""
        y = Variable(0, Memory("operation"), "i")
        self.body.append(Operation(function, args, {}, (y,), LEAF))
        return y

    def given_back(self, wanted: set[Variable]) -> tuple[dict[Any, Any], dict[Any, Any]]:
        """The results that are wanted of the last iteration alone, and those that are wanted of others."""
        last: dict[Any, Any] = {}
        kept: dict[Any, Any] = {}
        for key in self.made:
            own = [row[key[0]].results[key[1]] for row in self.rows]
            asked = [v if v in wanted else None for v in own]
            if any(v is not None for v in asked[:-1]):
                kept[key] = asked
            elif asked[-1] is not None:
                last[key] = asked[-1]
        return last, kept


def counting(roles: Sequence[Role], count: int) -> range:
    """What the index counts: down where most of what it chooses goes down; the numbers that occur most where it can."""
    counted = [role for role in roles if type(role) is Counted]
    falling = sum([1 if role.step < 0 else -1 for role in counted])
    for role in roles:
        if type(role) is Listed and len(role.places) > 1 and role.places[-1] != role.places[0]:
            falling += 1 if role.places[-1] < role.places[0] else -1
    step = -1 if falling > 0 else 1
    firsts = Counter([role.first for role in counted if role.step == step])
    first = firsts.most_common(1)[0][0] if firsts else (count - 1 if step < 0 else 0)
    return range(first, first + step * count, step)
