"""A picture in the Mermaid language, which many readers of Markdown draw by themselves."""

from __future__ import annotations

from typing import Final

from ..picture.labels import drawable
from ..picture.model import Edge, Picture, Vertex
from .dot import DIRECTIONS
from .themes import THEMES

SHAPES: Final = {
    "operation": ("([", "])"), "pullback": ("([", "])"), "sum": ("((", "))"), "parameter": ("(", ")"),
    "intermediate": ("(", ")"), "output": ("(", ")"), "gradient": ("(", ")"), "module": ("[[", "]]"),
}  # fmt: skip

ARROWS: Final = {"forward": "-->", "again": "-.->", "backward": "-->"}


def flowchart(picture: Picture, theme: str, direction: str) -> str:
    """The picture as Mermaid text."""
    look = THEMES[theme]
    lines = [f"flowchart {DIRECTIONS[direction]}"]
    path: tuple[str, ...] = ()
    for vertex in sorted(picture.vertices.values(), key=lambda v: v.frames):
        shared = 0
        while shared < min(len(path), len(vertex.frames)) and path[shared] == vertex.frames[shared]:
            shared += 1
        lines += ["  " * depth + "end" for depth in range(len(path), shared, -1)]
        for depth in range(shared, len(vertex.frames)):
            title = " ".join([line.text for line in picture.frames[vertex.frames[depth]]])
            lines.append("  " * (depth + 1) + f"subgraph {vertex.frames[depth]}[{quoted_text(title)}]")
        path = vertex.frames
        lines.append("  " * (len(path) + 1) + box_line(vertex))
    lines += ["  " * depth + "end" for depth in range(len(path), 0, -1)]
    lines += [f"  {arrow_line(edge)}" for edge in picture.edges]
    for kind in dict.fromkeys([vertex.kind for vertex in picture.vertices.values()]):
        box_look = look.looks[kind]
        dash = ",stroke-dasharray:4" if "dashed" in box_look.style else ""
        lines.append(
            f"  classDef {kind} fill:{box_look.fill},stroke:{box_look.line},color:{box_look.ink},"
            f"stroke-width:{box_look.width:g}px{dash}"
        )
    lines += [f"  %% {drawable(note)}" for note in picture.notes]
    return "\n".join(lines) + "\n"


def box_line(vertex: Vertex) -> str:
    """A vertex."""
    before, after = SHAPES.get(vertex.kind, ("[", "]"))
    return (
        f"{vertex.key}{before}{quoted_text(chr(10).join([line.text for line in vertex.lines]))}{after}:::{vertex.kind}"
    )


def arrow_line(edge: Edge) -> str:
    """An edge; those of the backward pass run the other way."""
    tail, head = (edge.head, edge.tail) if edge.style == "backward" else (edge.tail, edge.head)
    label = f"|{quoted_text(edge.label)}|" if edge.label else ""
    return f"{tail} {ARROWS[edge.style]}{label} {head}"


def quoted_text(text: str) -> str:
    """A label that is drawn as this very text: all that could mean something to Mermaid, as entities."""
    return '"' + "".join([entity(c) for c in drawable(text)]) + '"'


def entity(c: str) -> str:
    """A character as Mermaid takes it."""
    if c == "\n":
        return "<br/>"
    return c if c.isalnum() or c in " .,−…×∂=()+·—" or ord(c) > 127 else f"#{ord(c)};"
