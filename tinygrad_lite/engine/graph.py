"""The graph of what was computed.

A :class:`Node` is what a computation leaves behind: which primitive ran, on which nodes, and the few values that its
derivative rules asked to keep. Nothing here knows Tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np

from ..table.primitive import Primitive, Rule

NO_PARAMS: Final[Mapping[Any, Any]] = {}


Role = Literal["leaf", "variable", "retired"]
"""What a leaf is to whoever made it: a Tensor of the user's; a variable of a transform that is running; what belonged
to a transform that is done with it, so that nobody can want its gradient."""


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
    role : of a leaf; operations have none
    watched : what was noted of saved arrays that the program may change, and hooks; None where there are none
    """

    __slots__ = (
        "__weakref__", "age", "dtype", "grad", "kept", "name", "params", "parents", "primitive", "pulls", "role",
        "shape", "watched",
    )  # fmt: skip

    parents: tuple[Any, ...]
    params: Mapping[str, Any]
    pulls: Pulls | None
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    age: int
    name: str | None
    grad: Any
    kept: Kept
    role: Role
    watched: Any

    if TYPE_CHECKING:

        def __init__(self) -> None:
            self.primitive: Primitive | None = None  # in the class it would pass for a method, which it can be

    def __repr__(self) -> str:
        made_by = self.primitive.name if self.primitive else type(self).__name__.lower()
        return f"<{self.name or made_by} {self.shape} {self.dtype}>"


class Constant(Node):
    """An input that needs no gradient: its shape and name are kept for drawing, its value is not."""

    __slots__ = ()


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
    sources: Mapping[Node, Any]
    """The constant inputs themselves; ``inputs`` has copies of what the program may write to."""


def vertex(
    primitive: Primitive | None,
    parents: tuple[Any, ...],
    params: Mapping[str, Any],
    pulls: Pulls | None,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    kind: type[Node] = Node,
) -> Node:
    """A new node, the newest. Every operation makes one, and a constructor would take longer."""
    node = kind()
    node.primitive = primitive
    node.parents = parents
    node.params = params
    node.pulls = pulls
    node.shape = shape
    node.dtype = dtype
    node.age = next_age()
    node.name = node.grad = node.watched = None
    return node


def leaf(value: Any, kind: type[Node] = Node, role: Role = "leaf") -> Node:
    """The node of a value that nothing computed: an input, a parameter, a constant."""
    node = vertex(None, (), NO_PARAMS, (), value.shape, value.dtype, kind)
    node.role = role
    return node


def saved_by_name(node: Node) -> list[tuple[Node, Rule, dict[str, Any]]]:
    """For each input that needs a gradient its node, its rule and, by name, what the rule saved; released: nothing."""
    if node.primitive is None:
        return []
    names = {pull.rule: pull.names for pull in node.primitive.pulls}
    return [(parent, rule, dict(zip(names[rule], saved, strict=True))) for parent, rule, saved in node.pulls or ()]


def known_values(node: Node) -> dict[Node, Any]:
    """The values an operation knows, of its output and its inputs: what tracing kept, else what its rules saved."""
    primitive = node.primitive
    if primitive is None:
        return {}
    known: dict[Any, Any] = {}
    if hasattr(node, "kept"):
        known[node] = node.kept.output
        known |= zip(node.parents, node.kept.inputs, strict=True)
    for _, _, saved in () if hasattr(node, "kept") else saved_by_name(node):
        for name, value in saved.items():
            if name == "y":
                known[node] = value
            elif name in primitive.inputs and primitive.variadic:
                known |= zip(node.parents, value, strict=True)
            elif name in primitive.inputs:
                known[node.parents[primitive.inputs.index(name)]] = value
    return {parent: value for parent, value in known.items() if isinstance(parent, Node) and value is not None}


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
        if node.primitive is None and node.role != "retired":
            found.add(node)
        if node.pulls is None:
            raise released(node)
        for parent, _, _ in node.pulls:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return found


def released(node: Node) -> RuntimeError:
    """The error for going backward through a graph whose saved values are gone."""
    what = node.primitive.name if node.primitive else "leaf"
    return RuntimeError(
        f"backward: the graph at {what} (output shape {node.shape}) was released by an earlier backward pass. "
        "Call backward(retain_graph=True) the first time, or compute the output again"
    )
