"""What is drawn, in plain terms: vertices, edges and frames, taken from the tape. How they look is not known here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ...engine.graph import Call, Constant, Node, leaf
from ...engine.tensor import Tensor


class Line(NamedTuple):
    """A line of a box, and what it tells: its title, facts, value, gradient, derivative, note."""

    role: str
    text: str


@dataclass(slots=True)
class Vertex:
    """A box.

    ``kind`` is parameter, input, number, intermediate, output, operation, module, fold, gradient, pullback or sum.
    ``node`` is what it stands for, ``frames`` the keys of the frames around it from the outermost.
    """

    key: str
    kind: str
    lines: list[Line]
    node: Node | None = None
    frames: tuple[str, ...] = ()
    differentiable: bool = True
    dashed: bool = False
    mark: str = ""


@dataclass(slots=True)
class Edge:
    """An arrow; ``style`` is forward, again (from the stretch before, of a rolled-up loop) or backward."""

    tail: str
    head: str
    label: str = ""
    style: str = "forward"
    operand: int = 0
    mark: str = ""


@dataclass(slots=True)
class Picture:
    """All that is drawn; ``frames`` by key, in the order met, with their title lines."""

    vertices: dict[str, Vertex] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    frames: dict[str, list[Line]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)  # drawn level with each other

    def add(self, vertex: Vertex) -> None:
        self.vertices[vertex.key] = vertex

    def let_go(self) -> None:
        """Forget what the boxes stand for: a finished picture keeps no graph alive."""
        for vertex in self.vertices.values():
            vertex.node = None


class Group:
    """Nodes that are drawn as one box; ``kind`` is module or fold."""

    def __init__(self, key: str, kind: str, members: list[Node], scope: tuple[Call, ...], call: Call | None) -> None:
        self.key = key
        self.kind = kind
        self.members = members
        self.scope = scope
        self.call = call


Home = Node | Group


class Repeat(NamedTuple):
    """A stretch of a program that is drawn once and stands for several."""

    key: str
    times: int
    depth: int
    """How many frames are around all of it."""
    last: str
    """Where each stretch is one module's call, the last one's name."""


@dataclass(slots=True)
class Plan:
    """What is drawn in place of what. Nodes that are not mentioned are drawn themselves."""

    home: dict[Node, Home] = field(default_factory=dict)
    repeats: list[Repeat] = field(default_factory=list)
    stretch: dict[Node, tuple[int, int]] = field(default_factory=dict)
    """Which repeat an operation belongs to, and which of its stretches."""
    standing_for: dict[Node, list[Node]] = field(default_factory=dict)
    """The leaves that one leaf is drawn for, beside itself."""
    notes: list[str] = field(default_factory=list)


def nodes_behind(roots: Iterable[Node]) -> list[Node]:
    """Every node that the roots were computed from, in the order they were made: parents come first."""
    stack = list(roots)
    seen = set(stack)
    while stack:
        for parent in stack.pop().parents:
            if isinstance(parent, Node) and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return sorted(seen, key=lambda node: -node.age)


def root_of(output: Any, what: str) -> Node:
    """The node of a Tensor that is to be drawn; ``what`` asks for it, for the error."""
    if not isinstance(output, Tensor):
        raise TypeError(f"{what}: draws what computed a Tensor, got {type(output).__name__}")
    return output._node if output._node is not None else leaf(output.data, Constant)


def scope_of(node: Node) -> tuple[Call, ...]:
    """The calls that an operation was traced in."""
    return node.kept.scope if hasattr(node, "kept") else ()


def constants_of(node: Node) -> Iterator[tuple[Node, np.ndarray, np.ndarray]]:
    """The constant arrays among an operation's traced inputs: node, what it held at that time, and the array itself."""
    if hasattr(node, "kept"):
        for parent, value in zip(node.parents, node.kept.inputs, strict=True):
            if isinstance(parent, Constant) and isinstance(value, np.ndarray):
                yield parent, value, node.kept.sources[parent]
