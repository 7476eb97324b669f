"""The backward pass as the forward one's mirror image: gradients flow back, and are summed where arrays fan out."""

from __future__ import annotations

from dataclasses import replace

from .labels import values
from .model import Edge, Line, Picture, Vertex


def with_mirror_image(picture: Picture) -> Picture:
    """The picture with a gradient beside each array, a rule beside each operation, and the arrows between them.

    Backward arrows are kept in the forward direction, to be laid out like the forward ones, and drawn the other way.
    """
    flows = differentiable(picture)
    both = Picture({}, list(picture.edges), dict(picture.frames), list(picture.notes))
    for vertex in picture.vertices.values():
        both.add(replace(vertex, lines=[line for line in vertex.lines if line.role != "derivative"]))
    fans = {}
    uses: dict[str, list[Edge]] = {}
    for edge in picture.edges:
        if edge.tail in flows and edge.head in flows and edge.style == "forward":
            uses.setdefault(edge.tail, []).append(edge)
    output = next((title_of(vertex) for vertex in picture.vertices.values() if vertex.kind == "output"), "")
    for key in flows:
        vertex = picture.vertices[key]
        both.add(reflection(vertex, output))
        both.pairs.append((key, f"b{key}"))
        if len(uses.get(key, ())) > 1 and vertex.kind not in {"module", "fold", "operation"}:
            fans[key] = f"s{key}"
            both.add(Vertex(f"s{key}", "sum", [Line("title", "+")], vertex.node, vertex.frames))
            both.edges.append(Edge(f"b{key}", f"s{key}", "", "backward"))
    for key, edges in uses.items():
        for edge in edges:
            both.edges.append(Edge(fans.get(key, f"b{key}"), f"b{edge.head}", edge.label, "backward", edge.operand))
    return both


def differentiable(picture: Picture) -> list[str]:
    """The vertices that a gradient flows through, in the picture's order: those before the output."""
    into: dict[str, list[str]] = {}
    for edge in picture.edges:
        into.setdefault(edge.head, []).append(edge.tail)
    reached = [key for key, vertex in picture.vertices.items() if vertex.kind == "output"]
    seen = set(reached)
    while reached:
        for tail in into.get(reached.pop(), ()):
            if tail not in seen and picture.vertices[tail].differentiable:
                seen.add(tail)
                reached.append(tail)
    return [key for key in picture.vertices if key in seen and picture.vertices[key].differentiable]


def reflection(vertex: Vertex, output: str) -> Vertex:
    """What stands opposite a box: an array's gradient, an operation's rule."""
    title = title_of(vertex)
    rules = [line for line in vertex.lines if line.role == "derivative"]
    if vertex.kind in {"operation", "module", "fold"}:
        lines = rules or [Line("title", f"∂ {title}")]
        return Vertex(f"b{vertex.key}", "pullback", lines, vertex.node, vertex.frames)
    node = vertex.node
    lines = [Line("title", f"∂{output}/∂{title}" if output else f"grad {title}")] if title else []
    if node is not None and node.grad is not None:
        lines += [Line("gradient", text) for text in values(node.grad)]
    elif node is not None and (node.shape or not lines):
        lines.append(Line("facts", str(node.shape)))
    return Vertex(f"b{vertex.key}", "gradient", lines, node, vertex.frames)


def title_of(vertex: Vertex) -> str:
    """A box's title, if it has one."""
    return next((line.text for line in vertex.lines if line.role == "title"), "")
