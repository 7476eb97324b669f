"""From nodes to the picture: which boxes, which arrows, what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from ...engine.graph import Call, Constant, Node
from . import labels
from .costs import is_parameter, multiply_adds, parameter_count, saved_bytes
from .formula_lines import derivative_lines, own_words, spoken_names
from .model import Edge, Group, Home, Line, Picture, Plan, Vertex, scope_of
from .names import ArrayNames, values_of

COPIES: Final = 8
"""A leaf with more uses than this is drawn once for each, dashed: its edges would cover all else."""


class Content(NamedTuple):
    """What the boxes are to say."""

    names: Mapping[str, Any] | None = None
    values: bool = True
    derivatives: bool = False
    gradients: bool | Mapping[Node, Any] = True  # those that have arrived, or these
    costs: bool = False
    signs: bool = False  # × in place of multiply
    usual: np.dtype[Any] | None = None  # the dtype that goes without saying, by default the most frequent one
    numbered: bool = False  # call what has no name v1, v2, …
    known: Mapping[Node, str] = {}  # names that are known already
    digits: str | None = None  # how the numbers at names' ends are shown, by default as they stand


class Use(NamedTuple):
    """An arrow to an operation, what it comes from, the operation, and how many such uses it stands for."""

    edge: Edge
    origin: Any
    node: Node
    times: int = 1


class Builder:
    """Makes the picture of some nodes, following a plan of what stands for what."""

    def __init__(self, nodes: list[Node], roots: Mapping[Node, Any], plan: Plan, content: Content) -> None:
        self.nodes = nodes
        self.roots = roots
        self.plan = plan
        self.content = content
        self.place = {node: place for place, node in enumerate(nodes)}
        self.operations = [node for node in nodes if node.primitive is not None]
        self.values = values_of(nodes) | {node: value for node, value in roots.items() if value is not None}
        self.names = ArrayNames(nodes, self.values, content.names, content.numbered, content.known, content.digits)
        given = content.gradients
        self.gradients = {n: n.grad for n in nodes if n.grad is not None} if given is True else given or {}
        self.picture = Picture(notes=list(plan.notes))
        self.usual = content.usual or usual_dtype(nodes)
        if any(node.dtype != self.usual for node in nodes):
            self.picture.notes.append(f"Arrays are {self.usual} where they say nothing else.")
        self.calls: dict[int, list[Node]] = {}
        self.last_turn = {
            stands: node for node in plan.stretch if isinstance(stands := plan.home.get(node), Node)
        }  # of what is drawn for a loop

    def build(self) -> Picture:
        """Everything: first which arrows there are, then the boxes in the order of the program."""
        for node in self.operations:
            for call in scope_of(node):
                self.calls.setdefault(call.number, []).append(node)
        uses, counts = self.uses()
        around = self.frames_of_leaves(uses)
        for node in self.nodes:
            home = self.home(node)
            if isinstance(home, Group):
                if home.key not in self.picture.vertices:
                    self.picture.add(self.group(home))
            elif home is node and node.primitive is not None:
                frames = self.frames_of(node)
                self.picture.add(self.operation(node, frames))
                self.picture.add(self.data(node, f"d{self.place[node]}", frames))
                self.picture.edges.append(Edge(f"o{self.place[node]}", f"d{self.place[node]}"))
            elif home is node and counts[node] <= COPIES:
                self.picture.add(self.data(node, f"d{self.place[node]}", around.get(node, ())))
        self.picture.edges[:0] = with_loops([self.arrow(use, counts) for use in uses])
        return self.picture

    def home(self, node: Node) -> Home:
        """What a node is drawn as, or in."""
        return self.plan.home.get(node, node)

    def key(self, home: Home) -> str:
        """The vertex that operations send their result to, or take an array from."""
        return home.key if isinstance(home, Group) else f"d{self.place[home]}"

    # -- edges --------------------------------------------------------------------------------------------------------

    def uses(self) -> tuple[list[Use], Counter[Node]]:
        """Every use of an array or a number by an operation that is drawn, and for each leaf how many those are."""
        uses: list[Use] = []
        places: dict[tuple[str, str, str], int] = {}
        counts: Counter[Node] = Counter()
        for node in self.operations:
            head = self.home(node)
            drawn_itself = head is node
            to = head.key if isinstance(head, Group) else f"o{self.place[head]}"
            repeat, turn = self.plan.stretch.get(node, (-1, 0))
            for operand, parent in enumerate(node.parents):
                if not isinstance(parent, Node):
                    if drawn_itself:
                        edge = Edge(f"n{self.place[node]}_{operand}", to, self.operand_label(node, operand))
                        uses.append(Use(edge, parent, node))
                    continue
                tail = self.home(parent)
                style = "forward"
                if parent in self.plan.stretch and self.plan.stretch[parent][0] == repeat:
                    if self.plan.stretch[parent][1] != turn:
                        style = "again"
                    elif turn:
                        continue  # as in the first stretch
                if tail is head and isinstance(head, Group) and style == "forward":
                    continue
                direct = drawn_itself and tail is parent and style == "forward"
                key = (self.key(tail), to, style)
                if not direct and key in places:
                    use = uses[places[key]]
                    uses[places[key]] = use._replace(times=use.times + (repeat < 0))
                    continue
                places.setdefault(key, len(uses))
                label = "" if isinstance(head, Group) else self.operand_label(node, operand)
                uses.append(Use(Edge(self.key(tail), to, label, style, operand), tail, node))
                if isinstance(tail, Node) and tail.primitive is None:
                    counts[tail] += 1
        return uses, counts

    def operand_label(self, node: Node, operand: int) -> str:
        """Which operand an edge brings, where that matters: to the operation, or to derivatives that speak of it."""
        primitive, parent = node.primitive, node.parents[operand]
        assert primitive is not None
        told = self.content.derivatives and len(node.parents) > 1 and not primitive.variadic
        naming = self.names.__getitem__, self.names.taken
        if told and isinstance(parent, Node) and own_words(node, *naming)[operand] is None:
            return spoken_names(node, *naming)[operand]
        return operand_label(node, operand)

    def arrow(self, use: Use, counts: Counter[Node]) -> Edge:
        """The arrow of a use, with the vertex of a plain number, or with a leaf's own copy for this use."""
        edge, origin, node, times = use
        if times > 1:
            edge.label = f"×{times}"
        head = self.home(node)
        frames = self.picture.vertices[edge.head].frames
        if not isinstance(origin, (Node, Group)):
            text = labels.number(origin).replace("-", "−")
            self.picture.add(Vertex(edge.tail, "number", [Line("value", text)], frames=frames, differentiable=False))
        elif isinstance(origin, Node) and origin.primitive is None and counts[origin] > COPIES:
            edge.tail = f"c{self.place[origin]}_{self.key(head)}_{edge.operand}"
            copy = self.data(origin, edge.tail, frames)
            copy.lines = [line for line in copy.lines if line.role in {"title", "facts"}]
            copy.dashed = True
            self.picture.add(copy)
        return edge

    # -- frames -------------------------------------------------------------------------------------------------------

    def frames(self, scope: tuple[Call, ...], node: Node) -> tuple[str, ...]:
        """The keys of the frames around an operation, and the frames themselves where they are new."""
        keys: list[str] = []
        repeat = None
        if node in self.plan.stretch:
            repeat = self.plan.repeats[self.plan.stretch[node][0]]
        for depth, call in enumerate(scope):
            if repeat is not None and depth == repeat.depth and not repeat.last:
                keys.append(self.frame(repeat.key, [Line("title", f"×{repeat.times}")]))
            title = self.call_lines(call)
            if repeat is not None and depth == repeat.depth and repeat.last:
                title[0] = Line("title", f"{call.name} … {repeat.last}  ×{repeat.times}")
            keys.append(self.frame(f"call{call.number}", title))
        if repeat is not None and repeat.depth >= len(scope):
            keys.append(self.frame(repeat.key, [Line("title", f"×{repeat.times}")]))
        return tuple(keys)

    def frames_of(self, home: Home) -> tuple[str, ...]:
        """The keys of the frames around what is drawn as an operation."""
        if isinstance(home, Group):
            return self.frames(home.scope, home.members[0])
        return self.frames(scope_of(home), home)

    def frame(self, key: str, lines: list[Line]) -> str:
        """Make a frame, unless there is one of this key; its key."""
        self.picture.frames.setdefault(key, lines)
        return key

    def call_lines(self, call: Call) -> list[Line]:
        """A module's name, its class, and how many parameters it has."""
        lines = [Line("title", call.name)]
        if call.kind not in {"", call.name}:
            lines.append(Line("facts", call.kind))
        count = parameter_count(self.calls[call.number])
        return [*lines, Line("facts", labels.quantity(count, "parameter"))] if count else lines

    def frames_of_leaves(self, uses: list[Use]) -> dict[Node, tuple[str, ...]]:
        """Parameters stand inside the innermost frame around all their uses."""
        around: dict[Node, tuple[str, ...]] = {}
        for _, origin, node, _ in uses:
            inside = self.frames_of(self.home(node))
            if isinstance(origin, Node) and is_parameter(origin):
                around[origin] = common(around[origin], inside) if origin in around else inside
        return around

    # -- boxes --------------------------------------------------------------------------------------------------------

    def data(self, node: Node, key: str, frames: tuple[str, ...]) -> Vertex:
        """An array."""
        lines = []
        name, others = self.names.shown(node), self.plan.standing_for.get(node, [])
        if name is not None:
            last = self.names.shown(others[-1] if others else self.last_turn.get(node, node))
            lines.append(Line("title", through([name, last or name])))
        facts = [
            labels.shape_and_odd_dtype(node.shape, node.dtype, self.usual),
            f"×{len(others) + 1}" if others else "",
        ]
        if any(facts):
            lines.append(Line("facts", "  ".join([fact for fact in facts if fact])))
        if self.content.values and node in self.values:
            lines += [Line("value", text) for text in labels.values(self.values[node])]
        lines = lines or [Line("facts", "()")]
        if self.gradients and type(node) is Node and (node.primitive is None or hasattr(node, "kept")):
            lines += gradient_lines(self.gradients.get(node))
        return Vertex(key, self.kind(node), lines, node, frames, type(node) is Node)

    def kind(self, node: Node) -> str:
        """Which role an array plays."""
        if node in self.roots:
            return "output"
        if node.primitive is not None:
            return "intermediate"
        return "input" if isinstance(node, Constant) else "parameter"

    def operation(self, node: Node, frames: tuple[str, ...]) -> Vertex:
        """An operation, its keyword parameters, and on request its derivatives and costs."""
        assert node.primitive is not None
        last = self.last_turn.get(node, node)
        turns = [labels.operation(node.primitive, turn.params, self.content.signs) for turn in (node, last)]
        lines = [Line("title", through(turns))]
        lines += [Line("facts", text) for text in labels.parameters(node.primitive, node.params)]
        if self.content.derivatives:
            derivatives = derivative_lines(node, self.names.__getitem__, self.names.taken, self.content.digits)
            lines += [Line("derivative", text) for text in derivatives]
        if self.content.costs:
            lines += [Line("facts", text) for text in cost_lines(node)]
        return Vertex(f"o{self.place[node]}", "operation", lines, node, frames)

    def group(self, group: Group) -> Vertex:
        """Operations that are drawn as one box."""
        operations = [node for node in group.members if node.primitive is not None]
        count = labels.quantity(len(operations), "operation")
        if group.call is not None:
            repeat, _ = self.plan.stretch.get(operations[0], (-1, 0))
            lines = self.call_lines(group.call)
            if repeat >= 0 and self.plan.repeats[repeat].last:
                times = self.plan.repeats[repeat]
                lines[0] = Line("title", f"{group.call.name} … {times.last}  ×{times.times}")
            lines += [Line("facts", count), Line("facts", f"→ {operations[-1].shape}")]
        else:
            kinds = Counter([node.primitive.name for node in operations if node.primitive])
            lines = [Line("title", count)]
            lines += [Line("facts", f"{name} ×{n:,}") for name, n in kinds.most_common(4)]
            lines += [Line("facts", "…")] if len(kinds) > 4 else []
            parameters = parameter_count(operations)
            lines += [Line("facts", labels.quantity(parameters, "parameter"))] if parameters else []
        if self.content.costs:
            lines += [Line("facts", text) for text in cost_lines(*operations)]
        return Vertex(group.key, group.kind, lines, None, self.frames_of(group))


def usual_dtype(nodes: Iterable[Node]) -> np.dtype[Any]:
    """The dtype that most of the arrays have."""
    ((dtype, _),) = Counter([node.dtype for node in nodes]).most_common(1)
    return dtype


def through(names: list[str]) -> str:
    """The first and the last of several names."""
    first, *_, last = names
    return first if first == last else f"{first.removesuffix(' =')} … {last}"


def with_loops(edges: list[Edge]) -> list[Edge]:
    """One arrow from what a stretch leaves behind to what the first one began with, in place of one for each use."""
    begins = {(edge.head, edge.operand): edge.tail for edge in edges if edge.style == "forward"}
    targets: dict[str, set[str]] = {}
    for edge in edges:
        if edge.style == "again":
            targets.setdefault(edge.tail, set()).add(begins.get((edge.head, edge.operand), ""))
    arrows: list[Edge] = []
    loops: set[str] = set()
    for edge in edges:
        if edge.style == "again" and len(targets[edge.tail]) == 1 and "" not in targets[edge.tail]:
            if edge.tail in loops:
                continue
            loops.add(edge.tail)
            (begin,) = targets[edge.tail]
            arrows.append(Edge(edge.tail, begin, "next", "again"))
        else:
            arrows.append(edge)
    return arrows


def gradient_lines(gradient: Any) -> list[Line]:
    """The gradient that has arrived, or —."""
    shown = ["—"] if gradient is None else labels.values(gradient)
    if len(shown) > 1 and shown[0].startswith("["):
        return [Line("gradient", "grad"), *[Line("gradient", text) for text in shown]]
    return [Line("gradient", f"grad {shown[0]}"), *[Line("gradient", text) for text in shown[1:]]]


def common(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    """What two paths begin with."""
    same = 0
    while same < min(len(a), len(b)) and a[same] == b[same]:
        same += 1
    return a[:same]


def cost_lines(*nodes: Node) -> list[str]:
    """What some operations saved, and their multiply-adds."""
    saved = [saved_bytes(node) for node in nodes]
    products = [n for node in nodes if (n := multiply_adds(node)) is not None]
    held = sum([n or 0 for n in saved])
    lines = ["saved values released"] if None in saved else [f"saves {labels.size(held)}"] if held else []
    return [*lines, f"{sum(products):,} multiply-adds"] if products else lines


def operand_label(node: Node, operand: int) -> str:
    """Which operand an edge brings, where that matters: not for a single one, nor where they can be exchanged."""
    primitive = node.primitive
    assert primitive is not None
    if len(node.parents) < 2 or primitive.symmetric:
        return ""
    return str(operand + 1) if primitive.variadic else primitive.inputs[operand]
