"""Two graphs beside each other, with what only one of them has marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from ...engine.graph import Node
from ...engine.tensor import Tensor
from . import labels
from .build import Builder, Content, usual_dtype
from .model import Line, Picture, Plan, Vertex, nodes_behind, root_of


def difference(a: Tensor, b: Tensor, names: Mapping[str, Any] | None = None, digits: str | None = None) -> Picture:
    """The picture of two graphs; :func:`tinygrad_lite.draw_difference` explains it."""
    sides = []
    roots = [root_of(output, "draw_difference") for output in (a, b)]
    content = Content(names, gradients=False, usual=usual_dtype(nodes_behind(roots)), digits=digits)
    for output, root in zip((a, b), roots, strict=True):
        builder = Builder(nodes_behind([root]), {root: output.data}, Plan(), content)
        sides.append((builder, builder.build()))
    (left, left_picture), (right, right_picture) = sides
    left_only, right_only = unmatched(left, right)
    both = Picture(notes=list(dict.fromkeys(left_picture.notes + right_picture.notes)))
    both.notes += [
        counted_operations(side, builder.place, only)
        for side, builder, only in (("left", left, left_only), ("right", right, right_only))
    ]
    add_side(both, left_picture, "left", "−", left_only)
    add_side(both, right_picture, "right", "+", right_only)
    both.let_go()
    return both


def unmatched(left: Builder, right: Builder) -> tuple[set[Node], set[Node]]:
    """The nodes of each side that the other has none for.

    Both programs are read in the order they ran, and matched line by line, as texts are compared.
    """
    a, b = ([action(builder, node) for node in builder.nodes] for builder in (left, right))
    same_left: set[Node] = set()
    same_right: set[Node] = set()
    for block in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks():
        same_left |= set(left.nodes[block.a : block.a + block.size])
        same_right |= set(right.nodes[block.b : block.b + block.size])
    return set(left.nodes) - same_left, set(right.nodes) - same_right


def action(builder: Builder, node: Node) -> tuple[Any, ...]:
    """What makes two nodes alike: what they do, with which parameters, on which shapes; for leaves the name."""
    if node.primitive is None:
        return builder.kind(node), builder.names[node], node.shape, node.dtype
    inputs = tuple([p.shape if isinstance(p, Node) else labels.number(p) for p in node.parents])
    what = labels.operation(node.primitive, node.params), *labels.parameters(node.primitive, node.params)
    return what, inputs, node.shape, node.dtype


def add_side(both: Picture, picture: Picture, side: str, sign: str, only: set[Node]) -> None:
    """Put one graph into the picture, in a frame of its own."""
    both.frames[side] = [Line("title", side)]
    both.frames.update({f"{side}_{key}": lines for key, lines in picture.frames.items()})
    for vertex in picture.vertices.values():
        frames = (side, *[f"{side}_{key}" for key in vertex.frames])
        moved = replace(vertex, key=f"{side}_{vertex.key}", frames=frames)
        if vertex.node in only:
            moved.mark = sign
            moved.lines = signed_lines(vertex, sign)
        both.add(moved)
    for edge in picture.edges:
        ends = [both.vertices[f"{side}_{key}"] for key in (edge.tail, edge.head)]
        mark = sign if any(end.mark for end in ends) else ""
        both.edges.append(replace(edge, tail=ends[0].key, head=ends[1].key, mark=mark))


def signed_lines(vertex: Vertex, sign: str) -> list[Line]:
    """A box's lines, the first with its sign."""
    first, *rest = vertex.lines
    return [Line(first.role, f"{sign} {first.text}"), *rest]


def counted_operations(side: str, order: Mapping[Node, int], only: set[Node]) -> str:
    """What only one side has, in words."""
    nodes = [node for node in sorted(only, key=order.__getitem__) if node.primitive is not None]
    operations = [labels.operation(node.primitive, node.params) for node in nodes if node.primitive is not None]
    if not operations:
        return f"No operation is only on the {side}."
    shown = ", ".join(operations[:6]) + (", …" if len(operations) > 6 else "")
    return f"{labels.quantity(len(operations), 'operation')} only on the {side}: {shown}."
