"""Operations that run again and again: a program as the body of a loop, and how its values pass on.

A :class:`Loop` is the function of one operation of the program around it. It is called with

- *lists*: of each the body sees one element in an iteration;
- *starts*: what it carries, from each iteration to the next;
- *given*: values from around that stay what they are, under the variables that they have there;

and returns its last values, and lists of those that are kept of every iteration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..engine.trees import Structure, flatten
from .kernels.kernel_loops import Kernel
from .program import Memory, Operation, Program, Variable

Values = Sequence[Any]


@dataclass(eq=False, frozen=True)
class Loop:
    """A function that runs a body once for each index.

    Attributes
    ----------
    indices : what the body's index counts
    body : takes the index, an element of each list, what is carried, and what is given; gives what is carried on to
        the next iteration, the values that are wanted of the last one, and those that are kept of each
    elements, carried, last, kept : how many there are of each kind
    """

    indices: range
    body: Program
    elements: int
    carried: int
    last: int
    kept: int

    def __call__(self, lists: Sequence[Values], starts: Values, given: Values) -> tuple[Values, list[list[Any]]]:
        carried: list[Any] = [*starts]
        last: list[Any] = []
        kept: list[list[Any]] = [[] for _ in range(self.kept)]
        for k, i in enumerate(self.indices):
            found = self.body.run([i, *[values[k] for values in lists], *carried, *given])
            carried, last, rest = self.parted(found)
            for values, value in zip(kept, rest, strict=True):
                values.append(value)
        return last, kept

    def parted(self, found: Sequence[Any]) -> tuple[list[Any], list[Any], list[Any]]:
        """The body's outputs by their kind."""
        a, b = self.carried, self.carried + self.last
        return [*found[:a]], [*found[a:b]], [*found[b:]]

    @property
    def index(self) -> Variable:
        """The variable of the body that counts."""
        return self.body.inputs[0]

    @property
    def parameters(self) -> tuple[tuple[Variable, ...], tuple[Variable, ...], tuple[Variable, ...]]:
        """The body's variables for elements of lists, for what is carried, and those that are given."""
        a, b = 1 + self.elements, 1 + self.elements + self.carried
        return self.body.inputs[1:a], self.body.inputs[a:b], self.body.inputs[b:]


def loop_operation(
    indices: range,
    body: Program,
    lists: Sequence[Values],
    starts: Values,
    last: Sequence[Variable | None],
    kept: Sequence[Sequence[Variable | None]],
) -> Operation:
    """The call of a loop; the body's inputs after those for lists and starts are what is given."""
    loop = Loop(indices, body, len(lists), len(starts), len(last), len(kept))
    results = (*last, *[v for values in kept for v in values])
    given = loop.parameters[2]
    return Operation(loop, (tuple(map(tuple, lists)), tuple(starts), given), {}, results, returned_structure(loop))


def returned_structure(loop: Loop) -> Structure:
    """How what a loop returns is contained."""
    return flatten(([0] * loop.last, [[0] * len(loop.indices)] * loop.kept))[1]


def results_of(operation: Operation) -> tuple[list[Variable | None], list[list[Variable | None]]]:
    """The variables of a loop's last values, and of each list that it keeps."""
    loop, results = operation.function, [*operation.results]
    assert type(loop) is Loop
    rest, count = results[loop.last :], len(loop.indices)
    return results[: loop.last], [rest[k : k + count] for k in range(0, len(rest), count)]


def memories_written(operation: Operation) -> Iterator[Memory]:
    """What an operation, or its body, writes to."""
    if operation.writes is not None:
        yield operation.writes
    if isinstance(operation.function, Kernel):
        names = operation.function.names
        yield from [operation.args[names.index(name)].memory for name in operation.function.updates]
    if type(operation.function) is Loop:
        for inner in operation.function.body.operations:
            yield from memories_written(inner)


def with_memories_moved(program: Program, moved: Mapping[Memory, Memory]) -> Program:
    """The program with what lies in some memories in others, views and writes, too, also within loops."""
    if not moved:
        return program
    return program.changed(operations=tuple([in_other_memories(operation, moved) for operation in program.operations]))


def in_other_memories(operation: Operation, moved: Mapping[Memory, Memory]) -> Operation:
    """One operation of it."""
    for v in (*operation.operands(), *operation.results):
        while v is not None and v.memory in moved:
            v.memory = moved[v.memory]
    loop = operation.function
    if type(loop) is Loop:
        return replace(operation, function=replace(loop, body=with_memories_moved(loop.body, moved)))
    writes = operation.writes
    return operation if writes is None or writes not in moved else replace(operation, writes=moved[writes])
