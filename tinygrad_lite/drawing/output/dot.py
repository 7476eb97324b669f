"""A picture in the DOT language, by the graphviz package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

import graphviz

from ..picture.labels import html
from ..picture.model import Edge, Line, Picture, Vertex
from .themes import FONT, MEANINGS, Theme, sized_theme

DIRECTIONS: Final = {"down": "TB", "right": "LR"}

SLIDE: Final = {"ratio": "0.5625", "size": "13.333,7.5!", "viewport": "960,540"}
"""Sixteen to nine: in inches, to which all is scaled, and in points, in the middle of which it stands."""


def digraph(picture: Picture, theme: str, direction: str, legend: bool, size: str = "page") -> graphviz.Digraph:
    """The picture for Graphviz; ``.source`` is its DOT text."""
    look = sized_theme(theme, size)
    caption = caption_of(picture, look, legend)
    graph = graphviz.Digraph(
        graph_attr={
            "bgcolor": look.paper, "fontname": FONT, "fontcolor": look.ink, "fontsize": "11", "pad": "0.25",
            "nodesep": "0.28", "ranksep": "0.3", "rankdir": DIRECTIONS[direction],
            **({"newrank": "true"} if picture.pairs else {}),
            **(SLIDE if size == "slide" else {}),
            **({"label": f"<{caption}>", "labelloc": "b"} if caption else {}),
        },
        node_attr={
            "fontname": FONT, "fontsize": str(look.fonts["title"]), "fontcolor": look.ink, "height": "0.3",
            "width": "0.3", "margin": "0.13,0.06",
        },
        edge_attr={
            "fontname": FONT, "fontsize": str(look.fonts["note"]), "fontcolor": look.grey, "color": look.edge,
            "arrowsize": "0.65",
        },
    )  # fmt: skip
    body = graph.body
    write_frames(body, picture, look)
    body.extend([edge_statement(edge, picture, look) for edge in picture.edges])
    body.extend([f"\t{{rank=same {a} {b}}}\n" for a, b in picture.pairs])
    return graph


def write_frames(body: list[str], picture: Picture, look: Theme) -> None:
    """The vertices, each inside its frames."""
    ordered = keeping_order(picture)
    inside: dict[tuple[str, ...], list[str]] = {}
    tops: dict[tuple[str, ...], str] = {}
    for vertex in picture.vertices.values():
        for depth in range(len(vertex.frames) + 1):
            inside.setdefault(vertex.frames[:depth], [])
        inside[vertex.frames].append(vertex_statement(vertex, look, vertex.key in ordered))
        if vertex.kind not in {"gradient", "pullback", "sum"}:
            for depth in range(len(vertex.frames)):
                tops.setdefault(vertex.frames[: depth + 1], vertex.key)
    order: dict[tuple[str, ...], list[tuple[str, ...]]] = {path: [] for path in inside}
    for path in inside:
        if path:
            order[path[:-1]].append(path)
    body.extend(inside.get((), ()))
    style = f'label="" style="rounded,filled" color="{look.frame}" fillcolor="{look.frame_fill}" margin=10'
    stack = [(child, False) for child in reversed(order.get((), []))]
    while stack:
        path, done = stack.pop()
        indent = "\t" * len(path)
        if done:
            body.append(f"{indent}}}\n")
            continue
        key = path[-1]
        inner = next((f"t_{child[-1]}" for child in order[path] if tops[child] == tops[path]), None)
        first = inner or tops[path]
        title = label_of(picture.frames[key], look, look.ink).replace("<br/>", '<br align="left"/>')
        body.append(f"{indent}subgraph cluster_{key} {{\n{indent}\tgraph [{style}]\n")
        # as a box, for arrows keep clear of boxes, and run through the labels of frames
        body.append(f"{indent}\tt_{key} [label={title} shape=plain]\n")
        body.append(f"{indent}\tt_{key} -> {first} [style=invis]\n")
        body.extend([f"{indent}{statement}" for statement in inside[path]])
        stack.append((path, True))
        stack.extend([(child, False) for child in reversed(order[path])])


def keeping_order(picture: Picture) -> set[str]:
    """The boxes whose operands are to stand in their order: those whose operands nothing else uses.

    Elsewhere that could make arrows cross.
    """
    if picture.pairs:
        return set()
    uses = Counter([edge.tail for edge in picture.edges])
    busy = {edge.head for edge in picture.edges if uses[edge.tail] > 1 or edge.style != "forward"}
    return {edge.head for edge in picture.edges} - busy


def vertex_statement(vertex: Vertex, look: Theme, ordered: bool) -> str:
    """A box; ``ordered`` says whether its operands are to stand in their order."""
    kind = look.looks[vertex.kind]
    style = kind.style if not vertex.dashed or "dashed" in kind.style else f"{kind.style},dashed"
    line = look.gradient if vertex.mark else kind.line
    attributes = (
        f'style="{style}" fillcolor="{kind.fill}" color="{line}" penwidth={max(kind.width, 3 * bool(vertex.mark)):g}'
    )
    attributes += " ordering=in" if ordered and vertex.kind == "operation" else ""
    label = label_of(vertex.lines, look, kind.ink)
    if kind.shape == "circle":
        return f"\t{vertex.key} [label={label} {attributes} shape=circle margin=0 width=0.3]\n"
    shape = "box" if kind.shape == "box3d" else kind.shape
    return f"\t{vertex.key} [label={label} shape={shape} {attributes}]\n"


def label_of(lines: Iterable[Line], look: Theme, ink: str) -> str:
    """An HTML-like label: each line in the size and colour of what it tells."""
    return f"<{'<br/>'.join([markup(line, look, ink) for line in lines])}>"


def markup(line: Line, look: Theme, ink: str) -> str:
    """A line, or several where the text has line breaks."""
    return "<br/>".join([styled_line(line.role, part, look, ink) for part in html(line.text).split("\n")])


def styled_line(role: str, text: str, look: Theme, ink: str) -> str:
    """A line of escaped text, in the size and colour of its role."""
    shown = text if text.strip() else "&nbsp;"
    if role == "title":
        return f'<font color="{ink}"><b>{shown}</b></font>'
    colour = look.gradient if role == "gradient" else look.grey if role == "facts" and ink == look.ink else ink
    return f'<font point-size="{look.fonts[role]}" color="{colour}">{shown}</font>'


def edge_statement(edge: Edge, picture: Picture, look: Theme) -> str:
    """An arrow. Those of the backward pass are laid out as the forward ones are, and point the other way."""
    attributes = []
    entered = len(picture.vertices[edge.head].frames) - shared_frames(picture, edge)
    if entered > 0 and edge.style in {"forward", "backward"}:
        attributes.append(f"minlen={1 + entered}")  # room for the frames' titles
    if edge.label:
        attributes.append(f"label=<&nbsp;{html(edge.label)}&nbsp;>")
    if edge.style == "again":
        attributes.append("style=dashed constraint=false")
    elif edge.style == "backward":
        attributes.append(f'dir=back color="{look.looks["gradient"].line}" fontcolor="{look.gradient}"')
    if edge.mark:
        attributes.append(f'color="{look.gradient}" penwidth=2')
    return (
        f"\t{edge.tail} -> {edge.head} [{' '.join(attributes)}]\n" if attributes else f"\t{edge.tail} -> {edge.head}\n"
    )


def shared_frames(picture: Picture, edge: Edge) -> int:
    """How many frames are around both ends of an arrow."""
    a, b = picture.vertices[edge.tail].frames, picture.vertices[edge.head].frames
    return next((k for k, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))


def caption_of(picture: Picture, look: Theme, legend: bool) -> str:
    """The legend, of the kinds that are in the picture, and the sentences."""
    rows: list[str] = []
    if legend:
        present = {vertex.kind for vertex in picture.vertices.values()}
        cells = [swatch(look, kind, meaning) for kind, meaning in MEANINGS.items() if kind in present]
        for start in range(0, len(cells), 3):
            rows.append(f"<tr>{''.join(cells[start : start + 3])}</tr>")
    for note in picture.notes:
        rows.append(f'<tr><td colspan="3">{styled_line("note", html(note), look, look.ink)}</td></tr>')
    return f'<table border="0" cellborder="0" cellspacing="4" cellpadding="3">{"".join(rows)}</table>' if rows else ""


def swatch(look: Theme, kind: str, meaning: str) -> str:
    """A cell of the legend."""
    box = look.looks[kind]
    styles = [style for style in ("rounded", "dashed") if style in box.style]
    style = f' style="{",".join(styles)}"' if styles else ""
    return (
        f'<td border="{2 if box.width > 1 else 1}" color="{box.line}" bgcolor="{box.fill}"{style}>'
        f'<font point-size="{look.fonts["note"] - 1}" color="{box.ink}"> {meaning} </font></td>'
    )
