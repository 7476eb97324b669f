"""A slide in the DOT language with all places given, for Graphviz's engine nop2, which draws and arranges nothing."""

from __future__ import annotations

from typing import Final

from ..picture.labels import html
from ..picture.model import Edge, Line, Picture
from .dot import edge_statement, label_of, vertex_statement
from .layout import Drawing, shortened
from .levels import Point, Rect, Route
from .themes import FONT, MEANINGS

INCH: Final = 72.0
"""In points."""


def placed(picture: Picture, *, theme: str, direction: str, legend: bool) -> str:
    """What :func:`lay_out` draws for a slide, as DOT."""
    return Placed(picture, theme, direction, legend).source()


class Placed:
    """Writes the parts, measured from the lower left corner of the slide."""

    def __init__(self, picture: Picture, theme: str, direction: str, legend: bool) -> None:
        self.picture = picture
        self.drawing = Drawing(picture, theme, "slide")
        self.look = self.drawing.look
        self.sheet = self.drawing.sheet(direction, legend)

    def source(self) -> str:
        """The whole text."""
        width, height = self.sheet.size
        fonts = self.look.fonts
        places, caption, *_ = self.sheet
        edges = zip(self.picture.edges, places.routes, strict=True)
        view = f"960,540,{960 / width:.6f}"
        edges_look = f'fontname="{FONT}" fontsize={fonts["note"]} fontcolor="{self.look.grey}" color="{self.look.edge}"'
        edges_look += " arrowsize=0.65"
        # what is not seen in two corners makes the picture as large as the slide
        corners = [f'\tcorner_{name} [style=invis label="" shape=point width=0 height=0 pos="{pos}"]\n'
                   for name, pos in (("low", "0,0"), ("high", f"{width:.2f},{height:.2f}"))]  # fmt: skip
        return "".join([
            "digraph {\n",
            f'\tgraph [bgcolor="{self.look.paper}" pad=0 margin=0 viewport="{view}" outputorder=nodesfirst]\n',
            f'\tnode [fontname="{FONT}" fontsize={fonts["title"]} fontcolor="{self.look.ink}" margin=0]\n',
            f"\tedge [{edges_look}]\n",
            *corners,
            *[self.frame(key) for key in places.frames],
            *[self.box(key) for key in places.boxes],
            *[self.arrow(edge, route) for edge, route in edges],
            *[self.swatch(kind, place) for kind, place in caption.swatches.items()],
            *[self.note(note, place, number) for number, (note, place) in enumerate(caption.notes)],
            "}\n",
        ])  # fmt: skip

    def point(self, place: Point, shift: float | None = None) -> str:
        """A place as Graphviz measures it; of the picture, or with no shift of the caption."""
        x, y = place
        (left, top), (_, height) = self.sheet.corner, self.sheet.size
        return f"{x + (self.sheet.shift if shift is None else shift) - left:.2f},{height - (y - top):.2f}"

    def at(self, place: Rect, shift: float | None = None) -> str:
        """Attributes that put a box in its place."""
        return (
            f'pos="{self.point((place.x, place.y), shift)}" fixedsize=true '
            f"width={place.width / INCH:.4f} height={place.height / INCH:.4f}"
        )

    def box(self, key: str) -> str:
        """A box with its lines."""
        statement = vertex_statement(self.picture.vertices[key], self.look, ordered=False)
        return statement.removesuffix("]\n") + f" {self.at(self.sheet.places.boxes[key])}]\n"

    def frame(self, key: str) -> str:
        """A frame, and its title as a box."""
        places, (x, y) = self.sheet.places, self.sheet.places.titles[key]
        lines = self.picture.frames[key]
        wide, tall = self.drawing.block(lines)
        label = label_of(lines, self.look, self.look.ink).replace("<br/>", '<br align="left"/>')
        style = f'style="rounded,filled" color="{self.look.frame}" fillcolor="{self.look.frame_fill}"'
        pieces = [
            f'\tf_{key}_{k} [label="" shape=box {style} {self.at(place)}]\n'
            for k, place in enumerate([places.frames[key], *places.continued.get(key, ())])
        ]
        title = f"\tt_{key} [label={label} shape=plain {self.at(Rect(x + wide / 2, y + tall / 2, wide, tall))}]\n"
        return "".join([*pieces, title])

    def arrow(self, edge: Edge, route: Route) -> str:
        """An arrow; a straight step is a curve whose control points are its ends."""
        start, steps, tip, _ = shortened(edge, route)
        points, at = [start], start
        for step in steps:
            points += step if len(step) == 3 else (at, step[0], step[0])
            at = step[-1]
        end = "s" if edge.style == "backward" else "e"
        pos = f'pos="{end},{self.point(tip)} {" ".join([self.point(p) for p in points])}"'
        label = f' lp="{self.point(route.label)}"' if edge.label else ""
        statement = edge_statement(edge, self.picture, self.look).rstrip("\n").removesuffix("]")
        return f"{statement}{' ' if '[' in statement else ' ['}{pos}{label}]\n"

    def swatch(self, kind: str, place: Rect) -> str:
        """A box of the legend."""
        look = self.look.looks[kind]
        label = label_of([Line("note", MEANINGS[kind])], self.look, look.ink)
        return (
            f'\tl_{kind} [label={label} shape=box style="{look.style}" fillcolor="{look.fill}" color="{look.line}" '
            f"penwidth={look.width:g} {self.at(place, 0.0)}]\n"
        )

    def note(self, text: str, top: Point, number: int) -> str:
        """A sentence below."""
        wide, tall = self.drawing.block([Line("note", text)])
        place = Rect(top[0], top[1] + tall / 2, wide, tall)
        label = f'<font point-size="{self.look.fonts["note"]}">{html(text)}</font>'
        return f"\tn_{number} [label=<{label}> shape=plain {self.at(place, 0.0)}]\n"
