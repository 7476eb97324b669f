"""The tape: nodes, whether to record, and the backward sweep.

A :class:`Node` is what a computation leaves behind: which primitive ran, on which nodes, and the few values that its
derivative rules asked to keep. Nothing here knows Tensor: cotangents are NumPy arrays or, when the sweep itself is to
be recorded, whatever ``lift`` wraps them in.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextvars import ContextVar, Token
from functools import wraps
from heapq import heapify, heappop, heappush
from itertools import count
from sys import getrefcount
from threading import Lock
from types import MappingProxyType, TracebackType
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

import numpy as np

from .primitive import Primitive, Rule, parameter_names, sum_over, unbroadcast

NO_PARAMS: Final[Mapping[Any, Any]] = {}

IN_TRANSFORM: Final[Mapping[str, Any]] = MappingProxyType({})
"""In place of a leaf's parameters: it is a variable of a transform that is running."""

RETIRED: Final[Mapping[str, Any]] = MappingProxyType({})
"""In place of a leaf's parameters: it belonged to a transform that is done with it."""

Lift = Callable[[Any, "Node"], Any]
"""Attaches a saved value to its node again, so that what is computed from it is recorded."""


Pulls = Sequence[tuple["Node", Rule, tuple[Any, ...]]]
"""For each input that needs a gradient: its node, its rule, and the values the rule saved."""

next_age: Final[Callable[[], int]] = count(0, -1).__next__


class Node:
    """A vertex of the computation graph.

    Attributes
    ----------
    primitive : the operation that made the value; None for a leaf
    parents : for each input of the primitive its node, or the plain number that was passed
    params : the primitive's keyword parameters
    pulls : for each input that needs a gradient: its node, its rule, and the values the rule saved;
        None once a backward pass has released them
    shape, dtype : of the value, which itself is not kept
    age : the newer the node, the smaller; a node is newer than its parents
    name : for people
    grad : for a leaf, the gradient accumulated so far; for what a trace keeps, that of its output too
    kept : what a trace keeps of the operation; the attribute is missing where there was none
    """

    __slots__ = (
        "__weakref__", "age", "dtype", "grad", "kept", "name", "params", "parents", "primitive", "pulls", "shape",
    )  # fmt: skip

    kept: Kept

    def __init__(
        self,
        primitive: Primitive | None,
        parents: tuple[Any, ...],
        params: Mapping[str, Any],
        pulls: Pulls | None,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
    ) -> None:
        self.primitive = primitive
        self.parents = parents
        self.params = params
        self.pulls = pulls
        self.shape = shape
        self.dtype = dtype
        self.age = next_age()
        self.name: str | None = None
        self.grad: Any = None

    def __repr__(self) -> str:
        made_by = self.primitive.name if self.primitive else type(self).__name__.lower()
        return f"<{self.name or made_by} {self.shape} {self.dtype}>"


class Constant(Node):
    """An input that needs no gradient: its shape and name are kept for drawing, its value is not."""

    __slots__ = ()


def leaf(value: Any, kind: type[Node] = Node) -> Node:
    """The node of a value that nothing computed: an input, a parameter, a constant."""
    return kind(None, (), NO_PARAMS, (), value.shape, value.dtype)


# ---------------------------------------------------------------------------------------------------------------------
# Whether to record


class Call(NamedTuple):
    """A module's call, or a named stretch of a program, that an operation belongs to."""

    name: str
    kind: str
    number: int
    names: Mapping[Node, str]
    """Of the module's parameters, by their nodes; outermost calls only."""


class Kept(NamedTuple):
    """What a trace keeps of an operation, for drawing."""

    inputs: tuple[Any, ...]
    output: Any
    scope: tuple[Call, ...]


class Trace:
    """In place of True: record, and keep each operation's values on its node, and the calls it was made in."""

    def __init__(self, scope: tuple[Call, ...] = (), module: Any = None, numbers: Iterator[int] | None = None) -> None:
        self.scope = scope
        self.module = module
        self.numbers: Iterator[int] = count() if numbers is None else numbers

    def keep(self, node: Node, inputs: tuple[Any, ...], output: Any) -> None:
        """Note down what an operation computed."""
        node.kept = Kept(inputs, output, self.scope)

    def inside(self, name: str, kind: str = "", module: Any = None, names: Mapping[Node, str] = NO_PARAMS) -> Trace:
        """The trace one level further down."""
        call = Call(name, kind, next(self.numbers), names)
        return Trace((*self.scope, call), module or self.module, self.numbers)


recording: Final[ContextVar[bool | Trace]] = ContextVar("recording", default=True)
"""Whether operations are recorded, and whether more is kept of them; per thread and per asynchronous task."""

P = ParamSpec("P")
R = TypeVar("R")


class set_recording:  # lower case: it is used as a statement and a decorator
    """Record, or do not, within a ``with`` block or a decorated function; nests, and is restored on exceptions."""

    def __init__(self, on: bool) -> None:
        self.on = on
        self.tokens: list[Token[bool | Trace]] = []

    def __enter__(self) -> None:
        self.tokens.append(recording.set(self.on and (recording.get() or True)))  # a trace goes on

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        recording.reset(self.tokens.pop())

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        if any(
            is_kind(function)
            for is_kind in (inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction)
        ):
            raise TypeError(
                f"{function.__name__} is a generator or coroutine function: its body would run after the block ended. "
                "Write the with statement inside it, around the computation and without a yield in it"
            )

        @wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            with set_recording(self.on):
                return function(*args, **kwargs)

        return wrapped


class no_grad(set_recording):
    """Within the block, or the decorated function, nothing is recorded and results require no gradient.

    >>> w = tl.tensor([1.0, 2.0], requires_grad=True)
    >>> with tl.no_grad():
    ...     y = w * 2
    >>> y.requires_grad
    False
    """

    def __init__(self) -> None:
        super().__init__(False)


# ---------------------------------------------------------------------------------------------------------------------
# The backward sweep


def sweep(
    cotangents: Mapping[Node, Any],
    targets: Collection[Node] | None = None,
    lift: Lift | None = None,
    release: bool = False,
    relevant: Collection[Node] | None = None,
    visit: Callable[[Node, Any], None] | None = None,
) -> dict[Node, Any]:
    """Carry cotangents from outputs back to leaves: reverse-mode differentiation, ``v ↦ Jᵀv``.

    Iterative. Nodes are visited from the newest to the oldest, so that each is visited once, after all its uses.

    Parameters
    ----------
    cotangents : for each output its cotangent, of the output's shape and dtype
    targets : where to stop and what to return; by default every leaf. Edges that lead to no target are not followed
    lift : records the sweep itself, for derivatives of derivatives
    release : drop what each node saved as soon as it is used
    relevant : what :func:`leading_to` found for these targets, if the caller sweeps more than once
    visit : called with each operation's node and its whole cotangent

    Returns
    -------
    The gradient for each target reached.
    """
    stop: Collection[Node] = () if targets is None else targets
    if targets is not None and relevant is None:
        relevant = leading_to(cotangents, targets)
    pending = {node: g for node, g in cotangents.items() if relevant is None or node in relevant}
    frontier = [(node.age, node) for node in pending if node.primitive is not None and node not in stop]
    heapify(frontier)
    while frontier:
        node = heappop(frontier)[1]
        g = pending.pop(node)
        if visit is not None:
            visit(node, g)
        pulls = node.pulls
        if pulls is None:
            raise released(node)
        if lift is not None:
            pulls = lifted(node, lift)
        if relevant is not None:
            pulls = [pull for pull in pulls if pull[0] in relevant]
        try:
            for parent, rule, saved in pulls:
                d = rule(g, *saved)
                if d.shape != parent.shape or d.dtype is not parent.dtype:
                    d = fitted(d, node, parent)
                if parent in pending:
                    pending[parent] = pending[parent] + d
                else:
                    pending[parent] = d
                    if parent.primitive is not None and parent not in stop:
                        heappush(frontier, (parent.age, parent))
        except Exception as error:
            error.add_note(f"in the derivative of {node.primitive}, whose output has shape {node.shape}")
            raise
        if release:
            node.pulls = None
    return pending  # what is never visited: the targets


def leading_to(outputs: Collection[Node], targets: Collection[Node]) -> set[Node]:
    """The nodes through which an output depends on a target, and the targets that one depends on."""
    users: dict[Node, list[Node]] = {node: [] for node in outputs}
    stack = list(users)
    while stack:
        node = stack.pop()
        if node in targets:
            continue
        if node.pulls is None:
            raise released(node)
        for parent, _, _ in node.pulls:
            if parent in users:
                users[parent].append(node)
            else:
                users[parent] = [node]
                stack.append(parent)
    found = {node for node in targets if node in users}
    stack = list(found)
    while stack:
        for user in users[stack.pop()]:
            if user not in found:
                found.add(user)
                stack.append(user)
    return found


def leaves(outputs: Collection[Node], stop: Collection[Node] = ()) -> set[Node]:
    """The leaves that the outputs depend on and whose gradient somebody can want, looking no further than ``stop``."""
    seen = set(outputs)
    stack = list(seen)
    found = set()
    while stack:
        node = stack.pop()
        if node in stop:
            continue
        if node.primitive is None and node.params is not RETIRED:
            found.add(node)
        if node.pulls is None:
            raise released(node)
        for parent, _, _ in node.pulls:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return found


def lifted(node: Node, lift: Lift) -> Pulls:
    """The node's pulls with each saved value attached to the node it came from, or computed again."""
    primitive = node.primitive
    assert primitive is not None
    assert node.pulls is not None

    def attach(value: Any, origin: Any) -> Any:
        return lift(value, origin) if type(origin) is Node else value

    def attached(name: str, value: Any) -> Any:
        if name == "y":
            return lift(value, node)
        if name not in primitive.inputs:
            return value
        if primitive.variadic:
            return tuple([attach(v, parent) for v, parent in zip(value, node.parents, strict=True)])
        return attach(value, node.parents[primitive.inputs.index(name)])

    names = {pull.rule: pull.names for pull in primitive.pulls}
    found = []
    for parent, rule, saved in node.pulls:
        known = {name: attached(name, value) for name, value in zip(names[rule], saved, strict=True)}
        for name, definition in primitive.remembers.items():
            if name in known:
                known[name] = definition(*[known[needed] for needed in parameter_names(definition)])
        found.append((parent, rule, tuple(known.values())))
    return found


def fitted(d: Any, node: Node, parent: Node) -> Any:
    """A gradient as its input's shape and dtype ask: summed where the input was broadcast, and cast.

    Raises TypeError for a complex gradient of a real input, ValueError where a rule is wrong.
    """
    shape = parent.shape
    if d.shape != shape:
        if node.primitive is None or not node.primitive.broadcasts:
            raise ValueError(f"its rule gave shape {d.shape} for an input of shape {shape}: the rule is wrong")
        # a bias added to a batch of rows: by far the most frequent case
        d = sum_over(d, 0) if d.shape[1:] == shape and type(d) is np.ndarray else unbroadcast(d, shape)
    if d.dtype is not parent.dtype and d.dtype != parent.dtype and d.dtype != object and parent.dtype != object:
        if d.dtype.kind == "c":
            raise TypeError(
                "a real input that requires a gradient was mixed with complex numbers, which have no derivative here: "
                "keep real and imaginary parts as two real arrays"
            )
        d = d.astype(parent.dtype)
    return d


def keep_gradient(node: Node, g: Any) -> None:
    """What a backward pass through a trace does at each operation: leave its gradient for drawing."""
    node.grad = g if node.grad is None else node.grad + g


def accumulate(gradients: dict[Node, Any]) -> None:
    """Add gradients to their leaves' ``grad``; empties the dict.

    ``grad`` must be an array that nothing else writes to, yet a rule may return its cotangent, a saved value, a view or
    a read-only broadcast. References tell: what nobody else holds is fresh and is taken as it is, all else is copied.
    """
    with accumulating:
        while gradients:
            node, g = gradients.popitem()
            if node.grad is not None:
                node.grad = np.asarray(node.grad + g)
            elif (
                type(g) is np.ndarray
                and getrefcount(g) <= FRESH
                and ((base := g.base) is None or (g.flags.writeable and nobody_views(base)))
            ):
                node.grad = g
            else:
                node.grad = np.array(g)


accumulating: Final = Lock()
"""Threads may go backward to the same leaves at once."""


def nobody_views(base: Any) -> bool:
    """Whether only one array refers to this base: then it is a fresh result, transposed or reshaped by a rule."""
    return type(base) is np.ndarray and base.base is None and base.flags.writeable and getrefcount(base) <= FRESH_BASE


def count_fresh() -> tuple[int, int]:
    """What getrefcount says of fresh objects in the two places above: it differs between Python versions."""

    def held(gradients: dict[None, Any]) -> int:
        _, g = gradients.popitem()
        return getrefcount(g)

    def viewed(g: Any) -> int:
        return nobody(base) if (base := g.base) is not None else 0

    def nobody(base: Any) -> int:
        return getrefcount(base)

    return held({None: np.empty(2)}), viewed(np.empty(2)[:1])


FRESH, FRESH_BASE = count_fresh()


def released(node: Node) -> RuntimeError:
    """The error for going backward through a graph whose saved values are gone."""
    what = node.primitive.name if node.primitive else "leaf"
    return RuntimeError(
        f"backward: the graph at {what} (output shape {node.shape}) was released by an earlier backward pass. "
        "Call backward(retain_graph=True) the first time, or compute the output again"
    )
