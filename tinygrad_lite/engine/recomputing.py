"""Memory for time: a function whose intermediate values are not kept, but computed again by the backward pass.

The function runs once and is recorded, its graph tells what it depends on, and is dropped. What stays is one node, the
segment, whose inputs are the arguments and every node outside that the function reached for; and a node for each
output. A backward pass through the segment runs the function again and goes backward through what that recorded.

The gradient is that of the run whose results the program has seen, or an error: a digest of the graph, of its
operations and of all that their rules saved, must come out again.

Source: A. Griewank and A. Walther, "Evaluating Derivatives" (2nd ed., SIAM 2008), chapter 12; T. Chen et al., "Training
Deep Nets with Sublinear Memory Cost" (2016).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final, NamedTuple

import numpy as np

from ..table.leading import alone
from ..table.parts import read_only_view
from ..table.primitive import Primitive
from .graph import Node, leaf, next_age, released, vertex
from .hooks import HOOKED
from .recording import Trace, arrays_recorded, recording
from .refusals import refusal
from .sweep import after_hooks, sweep
from .tensor import Tensor, alias, record, wrap
from .transformed import transformed
from .transforms import as_tensor, node_set, plain_value
from .trees import Structure, flatten, unflatten
from .watching import COPIED, sample, watch

NOTHING: Final = np.empty(0, object)
"""The value of a segment, which has outputs instead."""


class Blank(NamedTuple):
    """The place of an array among a function's arguments, and what it is."""

    is_tensor: bool
    is_variable: bool

    def filled(self, value: Any) -> Any:
        """What the function is given there: of what a gradient flows to, a Tensor at a node of its own."""
        if self.is_variable:
            return alias(value) if type(value) is Tensor else wrap(value, leaf(value, role="variable"))
        return wrap(plain_value(value), None) if self.is_tensor else read_only_view(value)


class Segment:
    """A run of a function, to be run again.

    Attributes
    ----------
    function : what to run
    parts, containers : the leaves of its ``args, kwargs``, with blanks in place of arrays, and what they stand in
    closed : the nodes outside, beside the arguments, that the results depend on
    digest : of the graph that the run left
    flags : whether and how operations were recorded, and arrays made as Tensors
    states : generators of random numbers, and where they stood
    held, moved : arrays that the function holds, and those that its run has written to: running statistics
    """

    def __init__(self, function: Callable[..., Any], parts: list[Any], containers: Structure) -> None:
        self.function = function
        self.parts = parts
        self.containers = containers
        self.closed: list[Node] = []
        self.digest = 0
        self.flags = recording.get(), arrays_recorded.get()
        generators, arrays = held_by((function, *parts))
        self.states = [(bits, bits.state) for bits in generators]
        self.held = [watch(x) for x in arrays]
        self.moved: list[Any] = []

    def __repr__(self) -> str:
        return named(self.function)

    def run(self, values: Iterable[Any]) -> tuple[Any, list[Node], list[Node]]:
        """The function's result, its outputs' nodes, and those of the arguments that a gradient flows to."""
        left = iter(values)
        leaves: list[Any] = []
        nodes: list[Node] = []
        before: list[tuple[Tensor, Any]] = []
        for part in self.parts:
            x = part.filled(next(left)) if type(part) is Blank else part
            leaves.append(x)
            if type(part) is Blank and part.is_tensor:
                before.append((x, x._value))
                nodes += node_set(x)
        args, kwargs = unflatten(self.containers, leaves)
        result = self.function(*args, **kwargs)
        if any(is_written(x, value) for x, value in before):
            raise refusal(
                f"checkpoint: {named(self.function)} writes to its argument, and would write to it again in the "
                "backward pass. Let it write to a copy (x = x.copy())",
                nodes,
            )
        return result, outputs_of(result), nodes

    @contextmanager
    def again(self) -> Iterator[None]:
        """As things were when the function ran: what is recorded, the next random numbers; and no trace is left."""
        now = [bits.state for bits, _ in self.states]
        arrays = [x.copy() for x in self.moved]
        tokens = recording.set(self.flags[0]), arrays_recorded.set(self.flags[1])
        try:
            for bits, state in self.states:
                bits.state = state
            yield
        finally:
            recording.reset(tokens[0])
            arrays_recorded.reset(tokens[1])
            for (bits, _), state in zip(self.states, now, strict=True):
                bits.state = state
            for x, before in zip(self.moved, arrays, strict=True):
                x[...] = before

    def pulled(self, cotangents: Mapping[int, Any], values: Sequence[Any]) -> list[Any]:
        """What each input of the segment receives; None for those that no gradient flows to."""
        lift = wrap if any(type(g) is Tensor for g in cotangents.values()) else None
        with self.again():
            _, outputs, nodes = self.run(values[: len(values) - len(self.closed)])
        ends = [*nodes, *self.closed]
        if digest_of(outputs, ends, numbered(outputs, ends)) != self.digest:
            raise RuntimeError(
                f"checkpoint: {named(self.function)}, run again by the backward pass, computes something else than it "
                "did. It must not depend on what changes in between: an array or a parameter that was written to, a "
                "name that means another object by now (give it as an argument), random numbers of a generator that "
                "is neither an argument nor held by the function"
            )
        seeds: dict[Node, Any] = {}
        for k, g in cotangents.items():
            node = outputs[k]
            seeds[node] = seeds[node] + g if node in seeds else g
        found = sweep(seeds, set(ends), lift)
        for node in ends:
            g = found.get(node)
            if g is None:
                g = np.zeros(node.shape, node.dtype)[()]
                found[node] = g if lift is None else as_tensor(g)
        # hooks on what is outside are called there, with what else arrives
        arrived = iter([after_hooks(node, found[node], lift, set()) for node in nodes])
        blanks = [part for part in self.parts if type(part) is Blank]
        return [*[next(arrived) if blank.is_variable else None for blank in blanks], *[found[n] for n in self.closed]]


class Bundle:
    """The cotangents of a segment's outputs, by number: what a sweep adds up, and hands to the segment's rule."""

    shape: Final = NOTHING.shape
    dtype: Final = NOTHING.dtype

    def __init__(self, cotangents: Mapping[int, Any]) -> None:
        self.cotangents = cotangents
        self.received: list[Any] | None = None

    def __add__(self, other: Bundle) -> Bundle:
        return Bundle({**self.cotangents, **other.cotangents})  # each output is a node, which is gone through once

    def pulled(self, segment: Segment, values: Sequence[Any], place: int) -> Any:
        """What an input receives; the function runs again once for all of them."""
        if self.received is None:
            self.received = segment.pulled(self.cotangents, values)
        return self.received[place]


def no_value(*_: Any, segment: Segment) -> Any:  # noqa: ARG001 (what rules ask for is a parameter)
    """A segment's value."""
    return NOTHING


segment_p: Final = Primitive(
    no_value, {"xs": lambda g, xs, segment, i: g.pulled(segment, xs, i)}, name="segment", variadic=True, leading=alone
)
output_p: Final = Primitive(
    lambda x, *, number: x,
    {"x": lambda g, number: Bundle({number: g})},
    name="checkpoint",
    leading=alone,
)


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, of which a graph keeps the arguments alone: the backward pass computes the rest again.

    Memory for time. Of a chain of n such functions a graph keeps n values and not those within them; each function runs
    once more for each backward pass. Derivatives of any order, and forward derivatives, are those of ``f``.

    Parameters
    ----------
    f : a function of arrays, and of anything else, in nested containers, to the same; or a module. What it reaches for
        beside its arguments, parameters and names around it, receives its gradient. It runs more than once, so it
        should have no side effects; arrays that it holds and writes to (running statistics) move once. Random numbers
        come again as they were, of generators that are arguments or that the function holds (in its closure, its
        object, its module), and of NumPy's global one

    Raises
    ------
    RuntimeError
        from the backward pass, where ``f`` computes something else by then: what it reaches for has changed, or it
        draws from a generator elsewhere. (Of large arrays a sample is compared.)
    TypeError
        where it writes to an argument; ValueError where that is a plain array

    >>> def f(x):
    ...     return np.sin(np.exp(x)).sum()
    >>> x = np.array([0.0, 1.0])
    >>> bool((tl.grad(tl.checkpoint(f))(x) == tl.grad(f)(x)).all())
    True
    """

    @transformed(checkpoint, f)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        on = recording.get()
        if not on:
            return f(*args, **kwargs)
        leaves, containers = flatten((args, kwargs))
        inputs = [given(x) for x in leaves if is_array(x)]
        parts = [Blank(type(x) is Tensor, bool(node_set(x))) if is_array(x) else x for x in leaves]
        segment = Segment(f, parts, containers)
        start = next_age()
        result, outputs, nodes = segment.run(inputs)
        segment.moved, segment.held = [seen.array for seen in segment.held if seen.changed()], []
        if not outputs:
            return result
        reached = closed_over(outputs, nodes, start, named(f))
        segment.closed = [node for node in reached if node not in nodes]
        ends = [*nodes, *segment.closed]
        number = numbered(outputs, ends)
        segment.digest = digest_of(outputs, ends, number)
        own = iter(nodes)
        for k, x in enumerate(inputs):
            if not node_set(x) or next(own) not in reached:
                inputs[k] = wrap(plain_value(x), None)
        whole = record(segment_p, (*inputs, *[wrap(None, n) for n in segment.closed]), {"segment": segment})._node
        assert whole is not None
        if any(node in HOOKED for node in number if node not in segment.closed):
            HOOKED.add(whole)  # of which it has none: transforms are to know that hooks will be called
        return unflatten(*with_outputs(result, whole, on))

    return checkpointed


def is_array(x: Any) -> bool:
    """Whether an argument is numbers that can be kept and given again."""
    return type(x) is Tensor or (type(x) is np.ndarray and x.dtype.kind in "biufc")


def given(x: Any) -> Any:
    """An argument whose value stays; of a large plain array the array itself, whose changes the digest shows."""
    if type(x) is Tensor:
        return wrap(x._snapshot(), x._node)
    return x.copy(order="K") if x.nbytes <= COPIED else x


def is_written(x: Tensor, value: Any) -> bool:
    """Whether a Tensor that had this value was written to: a number is replaced, an array's memory counts writes."""
    return x._value is not value if x._place is None else x._place.storage.version > 0


def outputs_of(result: Any) -> list[Node]:
    """The nodes of what requires a gradient among a function's results."""
    return [node for y in flatten(result)[0] for node in node_set(y)]


def with_outputs(result: Any, whole: Node, on: bool | Trace) -> tuple[Structure, list[Any]]:
    """A function's results, at nodes that are a segment's outputs."""
    leaves, structure = flatten(result)
    number = 0
    rule = output_p.pulls[0].rule
    for k, y in enumerate(leaves):
        if node_set(y):
            value = y._snapshot()
            node = vertex(output_p, (whole,), {"number": number}, ((whole, rule, (number,)),), value.shape, value.dtype)
            node.name = y.name
            if isinstance(on, Trace):
                on.changed(checks=()).keep(node, (NOTHING,), value)
            leaves[k] = wrap(value, node)
            number += 1
    return structure, leaves


# ---------------------------------------------------------------------------------------------------------------------
# What a run depended on, and whether it is the same again


def closed_over(outputs: Sequence[Node], nodes: Sequence[Node], start: int, name: str) -> list[Node]:
    """The nodes that a run began with: of its arguments those that its outputs depend on, and all that are older."""
    seen = set(outputs)
    stack = list(outputs)
    ends = []
    while stack:
        node = stack.pop()
        if node in nodes or node.age > start:
            ends.append(node)
            continue
        if node.primitive is None and node.role == "leaf":
            raise refusal(
                f"checkpoint: {name} makes a Tensor that requires a gradient ({node.name or node!r}), and would make "
                "another in the backward pass. Make it outside, once",
                nodes,
            )
        for parent, _, _ in node.pulls or ():
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return ends


def numbered(outputs: Sequence[Node], ends: Sequence[Node]) -> dict[Node, int]:
    """The nodes between outputs and ends, both included, in an order that is the same for the same graph."""
    number = {node: k for k, node in enumerate(ends)}
    stack = [*outputs]
    while stack:
        node = stack.pop()
        if node not in number:
            number[node] = len(number)
            if node.pulls is None:
                raise released(node)
            stack += [parent for parent, _, _ in node.pulls]
    return number


def digest_of(outputs: Sequence[Node], ends: Sequence[Node], number: Mapping[Node, int]) -> int:
    """A number that is another one for another graph between the same ends: of operations and what they saved."""
    facts: list[Any] = [(number[node], node.shape, node.dtype.str) for node in outputs]
    for node in [*number][len(ends) :]:
        name = node.primitive.name if node.primitive else ""
        facts += [name, *[(number[parent], contents(saved)) for parent, _, saved in node.pulls or ()]]
    return hash(tuple(facts))


def contents(x: Any) -> Any:
    """What tells a saved value from another: of arrays a digest of their bytes, of a sample if they are large."""
    if type(x) is np.ndarray and x.dtype.kind != "O":
        return x.shape, x.dtype.str, hash(x.tobytes() if x.nbytes <= COPIED else sample(x))
    if isinstance(x, (tuple, list)):
        return tuple([contents(part) for part in x])
    if isinstance(x, dict):
        return tuple([(key, contents(part)) for key, part in x.items()])
    if isinstance(x, slice):
        return x.start, x.stop, x.step
    if issubclass(type(x), (float, complex, np.generic)):
        return np.asarray(x).tobytes() if np.asarray(x).dtype != object else None
    if isinstance(x, (int, str, type(None), type(...))):
        return type(x).__name__, x
    return x.digest if type(x) is Segment else type(x).__name__


def held_by(roots: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """The sources of random numbers that functions and objects hold, with NumPy's global one; and their arrays."""
    arrays = []
    found = {id(bits): bits for bits in (np.random.mtrand._rand._bit_generator,)}
    seen: set[int] = set()
    stack = [*roots]
    while stack:
        x = stack.pop()
        if id(x) in seen or isinstance(x, (type, ModuleType, np.generic)):
            continue
        seen.add(id(x))
        if is_array(x):
            arrays += [x] if type(x) is np.ndarray else []
        elif isinstance(x, np.random.Generator):
            found[id(x.bit_generator)] = x.bit_generator
        elif isinstance(x, dict):
            stack += x.values()
        elif isinstance(x, (list, tuple, set)):
            stack += x
        elif isinstance(x, partial):
            stack += [x.func, x.args, x.keywords]
        elif isinstance(x, MethodType):
            stack += [x.__self__, x.__func__]
        else:
            stack += getattr(x, "__dict__", {}).values()
            if isinstance(x, FunctionType):
                stack += [x.__defaults__, x.__kwdefaults__]
                stack += [cell.cell_contents for cell in x.__closure__ or () if not is_empty(cell)]
    return list(found.values()), arrays


def is_empty(cell: Any) -> bool:
    """Whether nothing is bound yet to a name that a function closes over."""
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return True
    return False


def named(function: Any) -> str:
    """What a function is called; an object by its class."""
    return str(getattr(function, "__qualname__", type(function).__name__))
