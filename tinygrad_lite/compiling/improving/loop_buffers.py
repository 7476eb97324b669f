"""Where loops put their results: what one iteration alone needs, into the same arrays in all of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...engine.trees import LEAF, Structure
from ..loops import Loop, loop_operation, results_of
from ..program import Memory, Operation, Program, Variable, variables_in
from .buffers import can_be_told, is_elementwise, last_uses, with_buffers
from .common_subexpressions import key_of


def with_buffers_in_loops(program: Program) -> Program:
    """The program with the results of its loops' bodies in buffers.

    What is kept of every iteration has a buffer for each; what is carried, one that is written over when the value of
    the iteration before is needed no more; the rest, those of :func:`with_buffers`. What is returned is made anew.
    """
    planner = LoopBuffers(program)
    kept = [operation for old in program.operations for operation in planner.planned(old)]
    return program.changed(
        operations=tuple(kept), buffers=(*program.buffers, *planner.buffers()), views=(*program.views, *planner.views)
    )


class LoopBuffers:
    """The buffers of a program's loops; those of temporaries serve one loop after the other."""

    def __init__(self, program: Program) -> None:
        self.returned = {v.memory for v in variables_in(program.outputs)}
        self.temporaries: dict[Any, list[Variable]] = defaultdict(list)
        self.others: list[Any] = []
        self.views: list[Operation] = []
        self.seen: dict[Any, Variable] = {}

    def buffers(self) -> list[Any]:
        """All of them."""
        return [*[v for own in self.temporaries.values() for v in own], *self.others]

    def planned(self, operation: Operation) -> list[Operation]:
        """A loop with its buffers, and before it what makes those that are returned; any other operation as it is."""
        if type(operation.function) is not Loop:
            return [operation]
        plan = LoopPlan(operation)
        plan.rows(self)
        made = plan.carried_on(self)
        body = with_buffers(plan.body())
        taken: Counter[Any] = Counter()
        shared: dict[Variable, Variable] = {}
        for v in body.buffers:
            kind = (v.shape, v.dtype)
            if taken[kind] == len(self.temporaries[kind]):
                self.temporaries[kind].append(Variable(np.empty(v.shape, v.dtype), Memory("buffer")))
            shared[v] = self.temporaries[kind][taken[kind]]
            taken[kind] += 1
        body = on_others(body, shared)
        same = self.seen_once(body.views)
        plan.operations = [operation.with_others(same) for operation in body.operations]
        plan.given += [*shared.values(), *same.values()]
        return [*made, plan.loop()]

    def seen_once(self, views: Sequence[Operation]) -> dict[Variable, Variable]:
        """For each view of a buffer the one that is made before; of several alike the first."""
        same: dict[Variable, Variable] = {}
        for operation in views:
            operation = operation.with_others(same)
            key = operation.function, key_of(operation.args), key_of(operation.kwargs)
            y = operation.result
            assert y is not None
            if key not in self.seen:
                self.seen[key] = y
                self.views.append(operation)
            same[y] = self.seen[key]
        return same


def on_others(program: Program, shared: dict[Variable, Variable]) -> Program:
    """A program on other buffers."""
    memories = {v.memory: x.memory for v, x in shared.items()}

    def moved(operation: Operation) -> Operation:
        for v in operation.results:
            if v is not None:
                v.memory = memories.get(v.memory, v.memory)
        writes = operation.writes and memories.get(operation.writes, operation.writes)
        operation = operation.with_others(shared)
        return operation if writes is operation.writes else replace(operation, writes=writes)

    return program.changed(
        operations=tuple([moved(operation) for operation in program.operations]),
        views=tuple([moved(operation) for operation in program.views]),
    )


def put_anywhere(operation: Operation) -> Variable | None:
    """The result that an operation puts where it is told; None where it cannot."""
    y = operation.result
    return y if can_be_told(operation) and y is not None and y.contiguous else None


class LoopPlan:
    """A loop, taken apart."""

    def __init__(self, operation: Operation) -> None:
        loop = operation.function
        assert type(loop) is Loop
        self.old = loop
        self.operations = [*loop.body.operations]
        self.lists, self.starts = [*operation.args[0]], [*operation.args[1]]
        self.elements, self.carried, self.given = map(list, loop.parameters)
        self.nexts, self.last, self.kept = loop.parted(loop.body.outputs)
        self.outer_last, self.outer_kept = results_of(operation)
        self.makers = {y: k for k, o in enumerate(self.operations) if (y := put_anywhere(o)) is not None}
        self.emptied = {o.result for o in self.operations if o.function is np.empty}

    def body(self) -> Program:
        inputs = (self.old.index, *self.elements, *self.carried, *self.given)
        outputs = (*self.nexts, *self.last, *self.kept)
        structure = Structure(list, (), (LEAF,) * len(outputs))
        return Program(inputs, {}, tuple(self.operations), outputs, structure)

    def loop(self) -> Operation:
        """The loop, put together again."""
        return loop_operation(self.old.indices, self.body(), self.lists, self.starts, self.outer_last, self.outer_kept)

    def put(self, v: Variable, buffer: Variable) -> None:
        """Let the body put a result into a buffer."""
        k = self.makers.pop(v)
        operation = self.operations[k]
        kwargs = {**operation.kwargs, "out": buffer}
        self.operations[k] = replace(operation, kwargs=kwargs, writes=buffer.memory)

    def rows(self, pool: LoopBuffers) -> None:
        """Give what is kept of every iteration a buffer for each, which are the list."""
        for v, own in [*zip(self.kept, self.outer_kept, strict=True)]:
            told = v in self.makers or v in self.emptied
            if not told or any(x is not None and x.memory in pool.returned for x in own):
                continue
            rows = tuple([x or Variable(np.empty(v.shape, v.dtype), Memory("buffer"), v.name) for x in own])
            pool.others.append(rows)
            row = v if v in self.emptied else Variable(np.empty(v.shape, v.dtype), Memory("buffer"), v.name)
            self.elements.append(row)
            self.lists.append(rows)
            if v in self.emptied:
                self.operations = [o for o in self.operations if o.result is not v]
                self.makers = {y: k for k, o in enumerate(self.operations) if (y := put_anywhere(o)) in self.makers}
            else:
                self.put(v, row)
            place = self.kept.index(v)
            del self.kept[place], self.outer_kept[place]

    def carried_on(self, pool: LoopBuffers) -> list[Operation]:
        """Give what is carried one buffer, which the body writes over; returns what makes those that are returned."""
        made: list[Operation] = []
        uses = last_uses(self.body())
        shared = Counter([v.memory for v in (*self.nexts, *self.kept)])
        ours = Counter([v.memory for v in self.carried])
        lasting = {v.memory for v in (*self.nexts, *self.last, *self.kept)}
        for v, x in zip(self.carried, self.nexts, strict=True):
            k = self.makers.get(x)
            if k is None or shared[x.memory] > 1 or ours[v.memory] > 1 or v.memory in lasting:
                continue
            before = uses.get(v.memory, -1)
            if before > k or (before == k and not is_elementwise(self.operations[k])):
                continue
            buffer = Variable(np.empty(x.shape, x.dtype), Memory("buffer"), x.name)
            returned = self.returned_at(x) & pool.returned
            if returned:
                buffer.memory = returned.pop()
                made.append(Operation(np.empty, (x.shape, x.dtype), {}, (buffer,), LEAF))
            else:
                pool.others.append(buffer)
            self.given.append(buffer)
            self.put(x, buffer)
        return made

    def returned_at(self, x: Variable) -> set[Memory]:
        """Where variables outside lie that lie where a result of the body lies."""
        outer = zip(self.last, self.outer_last, strict=True)
        return {y.memory for v, y in outer if y is not None and v.memory is x.memory}
