"""A picture as SVG, drawn without Graphviz."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from ..picture.labels import drawable
from ..picture.model import Edge, Line, Picture, Vertex
from .arrangement import Arrangement, arrange
from .lettering import text_width
from .levels import LEAD, Point, Rect, Route, Sizes
from .themes import FONT, MEANINGS, Look, sized_theme
from .wrapping import Wrapping, wrappings

PAD: Final = 16.0
"""Around the picture."""

ASPECT: Final = 16 / 9
"""A slide's width, in heights."""

BESIDE, BETWEEN, STRETCH = 18.0, 14.0, 4.0
"""The gaps between boxes and between layers, and how many times wider they may be to fill a slide."""

LARGER: Final = 1.05
"""How many times larger each further row must make a picture."""


def lay_out(
    picture: Picture, *, theme: str = "light", direction: str = "down", legend: bool = False, size: str = "page"
) -> str:
    """The picture as SVG, with the classes and titles that Graphviz gives its own."""
    return Drawing(picture, theme, size).svg(direction, legend)


def direction_for_slides(picture: Picture) -> str:
    """The direction in which the picture is larger on a slide."""
    drawing = Drawing(picture, "light", "slide")
    return min(("down", "right"), key=lambda direction: drawing.needed_height(drawing.filling(direction, False), False))


class Caption(NamedTuple):
    """Below a picture: the boxes of the legend by kind, the sentences with the middles of their tops, and the size."""

    swatches: dict[str, Rect]
    notes: list[tuple[str, Point]]
    right: float
    height: float


class Sheet(NamedTuple):
    """All places on paper: its upper left corner and its size, and how far the picture is moved to the right."""

    places: Arrangement
    caption: Caption
    corner: Point
    size: Point
    shift: float


class Drawing:
    """Measures and writes the parts of a picture."""

    def __init__(self, picture: Picture, theme: str, size: str) -> None:
        self.picture = picture
        self.look = sized_theme(theme, size)
        self.slide = size == "slide"

    def sheet(self, direction: str, legend: bool) -> Sheet:
        """Where everything is, with the caption below and the paper around it."""
        places = self.filling(direction, legend) if self.slide else self.arranged(direction, BESIDE, BETWEEN)
        caption = self.caption(legend, places)
        width, height = max(places.width, caption.right), places.height + caption.height
        outer = width + 2 * PAD, height + 2 * PAD
        if self.slide:
            outer = max(outer[0], outer[1] * ASPECT), max(outer[1], outer[0] / ASPECT)
        left, top = (width - outer[0]) / 2, (height - outer[1]) / 2
        return Sheet(places, caption, (left, top), outer, (width - places.width) / 2)

    def svg(self, direction: str, legend: bool) -> str:
        """The whole text."""
        places, caption, (left, top), outer, shift = self.sheet(direction, legend)
        shown = (1280, 720) if self.slide else (round(outer[0]), round(outer[1]))
        corners = [(left, top), (left + outer[0], top), (left + outer[0], top + outer[1]), (left, top + outer[1])]
        edges = zip(self.picture.edges, places.routes, strict=True)
        paper = " ".join([point(corner) for corner in corners])
        return "".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{shown[0]}" height="{shown[1]}"',
            f' viewBox="{left:.1f} {top:.1f} {outer[0]:.1f} {outer[1]:.1f}" font-family="{FONT}"><g class="graph">',
            f'<polygon fill="{self.look.paper}" stroke="none" points="{paper}"/>',
            f'<g transform="translate({shift:.1f} 0)">',
            *[self.frame(key, places) for key in places.frames],
            *[self.arrow(edge, route) for edge, route in edges],
            *[self.box(vertex, places.boxes[key]) for key, vertex in self.picture.vertices.items()],
            "</g>",
            *[self.swatch(kind, place) for kind, place in caption.swatches.items()],
            *[self.words([Line("note", note)], self.look.ink, *place) for note, place in caption.notes],
            "</g></svg>",
        ])  # fmt: skip

    # -- places -------------------------------------------------------------------------------------------------------

    def arranged(self, direction: str, beside: float, between: float) -> Arrangement:
        """Where everything is, with these gaps."""
        return arrange(self.picture, self.sizes(beside, between), direction)

    def sizes(self, beside: float, between: float) -> Sizes:
        """What needs room, and these gaps."""
        boxes = {}
        for key, vertex in self.picture.vertices.items():
            width, height = self.block(vertex.lines)
            look = self.look.looks[vertex.kind]
            boxes[key] = (22.0, 22.0) if look.shape == "circle" else (width + 18, height + 10)
        titles = {key: self.block(lines) for key, lines in self.picture.frames.items()}
        labels = [self.block([Line("note", edge.label)] if edge.label else []) for edge in self.picture.edges]
        lead = LEAD if any(edge.style == "backward" for edge in self.picture.edges) else 2.0
        return Sizes(boxes, titles, labels, beside, between, lead)

    def filling(self, direction: str, legend: bool) -> Arrangement:
        """Where everything is so that it is large on a slide: in rows where that is larger than with wider gaps."""
        sizes = self.sizes(BESIDE, BETWEEN)
        tight = arrange(self.picture, sizes, direction)
        found: list[tuple[float, Wrapping | None]] = [(self.needed_height(tight, legend), None)]
        for rows in wrappings(tight, sizes) if direction == "right" else ():
            found.append((self.needed_height(rows, legend) * LARGER ** len(rows.cuts), rows))
        _, best = min(found, key=lambda option: option[0])
        return best.arrangement() if best else self.stretched(direction, tight)

    def needed_height(self, places: Arrangement | Wrapping, legend: bool) -> float:
        """The height of the least slide on which everything is."""
        caption = self.caption(legend, places)
        width = max(places.width, caption.right) + 2 * PAD
        return max(width / ASPECT, places.height + caption.height + 2 * PAD)

    def stretched(self, direction: str, tight: Arrangement) -> Arrangement:
        """Where everything is, with gaps that fill a slide, as far as wider gaps can."""
        low = tight.width > ASPECT * tight.height

        def wider(times: float) -> Arrangement:
            deep = low == (direction == "down")
            return self.arranged(direction, BESIDE * (1 if deep else times), BETWEEN * (times if deep else 1))

        loose = wider(2.0)
        missing = tight.width / ASPECT - tight.height if low else tight.height * ASPECT - tight.width
        gained = loose.height - tight.height if low else loose.width - tight.width
        return wider(min(STRETCH, 1 + missing / gained)) if gained > 0 else tight

    # -- texts --------------------------------------------------------------------------------------------------------

    def block(self, lines: Sequence[Line]) -> Point:
        """The width and the height of some lines."""
        width = height = 0.0
        for role, text in broken_lines(lines):
            size = self.look.fonts[role]
            width = max(width, text_width(text, size, role == "title"))
            height += 1.25 * size
        return width, height

    def words(self, lines: Sequence[Line], ink: str, x: float, top: float, anchor: str = "middle") -> str:
        """Some lines, each in the size and colour of what it tells."""
        parts = []
        for role, text in broken_lines(lines):
            size = self.look.fonts[role]
            colour = self.look.gradient if role == "gradient" else ink
            colour = self.look.grey if role == "facts" and ink == self.look.ink else colour
            weight = ' font-weight="bold"' if role == "title" else ""
            parts.append(
                f'<text xml:space="preserve" text-anchor="{anchor}" x="{x:.1f}" y="{top + 0.95 * size:.1f}" '
                f'font-size="{size:g}"{weight} fill="{colour}">{escape(text)}</text>'
            )
            top += 1.25 * size
        return "".join(parts)

    # -- parts --------------------------------------------------------------------------------------------------------

    def frame(self, key: str, places: Arrangement) -> str:
        """A frame with its title."""
        x, y = places.titles[key]
        shape = "".join([outline(place, 8.0) for place in (places.frames[key], *places.continued.get(key, ()))])
        return (
            f'<g class="cluster"><path fill="{self.look.frame_fill}" stroke="{self.look.frame}" d="{shape}"/></g>'
            f'<g class="node"><title>t_{escape(key)}</title>'
            f"{self.words(self.picture.frames[key], self.look.ink, x, y, 'start')}</g>"
        )

    def box(self, vertex: Vertex, place: Rect) -> str:
        """A box with its lines."""
        look = self.look.looks[vertex.kind]
        radius = place.height / 2 if look.shape == "circle" else 6.0 if "rounded" in look.style else 0.0
        line = self.look.gradient if vertex.mark else look.line
        return (
            f'<g class="node"><title>{escape(vertex.key)}</title>'
            f"{shape_svg(outline(place, radius), look, line, bool(vertex.mark), vertex.dashed)}"
            f"{self.words(vertex.lines, look.ink, place.x, place.y - self.block(vertex.lines)[1] / 2)}</g>"
        )

    def arrow(self, edge: Edge, route: Route) -> str:
        """An arrow with its label. Those of the backward pass are laid out as the forward ones, and point back."""
        colour = self.look.looks["gradient"].line if edge.style == "backward" else self.look.edge
        colour = self.look.gradient if edge.mark else colour
        start, steps, tip, towards = shortened(edge, route)
        path = [f"M{point(start)}"]
        path += [f"{'C' if len(step) == 3 else 'L'}{' '.join([point(p) for p in step])}" for step in steps]
        dashes = ' stroke-dasharray="5 3"' if edge.style == "again" else ""
        width = ' stroke-width="2"' if edge.mark else ""
        label = ""
        if edge.label:
            line = [Line("note", edge.label)]
            ink = self.look.gradient if edge.style == "backward" else self.look.grey
            label = self.words(line, ink, route.label[0], route.label[1] - self.block(line)[1] / 2)
        return (
            f'<g class="edge"><title>{escape(f"{edge.tail}->{edge.head}")}</title>'
            f'<path fill="none" stroke="{colour}"{width}{dashes} d="{"".join(path)}"/>'
            f'<polygon fill="{colour}" stroke="{colour}" points="{arrow_head(tip, towards)}"/>{label}</g>'
        )

    def swatch(self, kind: str, place: Rect) -> str:
        """A box of the legend."""
        look = self.look.looks[kind]
        shape = shape_svg(outline(place, 5.0 * ("rounded" in look.style)), look, look.line)
        return shape + self.words([Line("note", MEANINGS[kind])], look.ink, place.x, place.y - place.height / 2 + 3)

    def caption(self, legend: bool, places: Arrangement | Wrapping) -> Caption:
        """The legend, of the kinds that are in the picture, and the sentences, below it."""
        width, y = max(places.width, 240.0), places.height
        present = {vertex.kind for vertex in self.picture.vertices.values()}
        rows: list[list[tuple[str, float]]] = [[]]
        for kind, meaning in MEANINGS.items() if legend else ():
            if kind in present:
                wide = self.block([Line("note", meaning)])[0] + 14
                if rows[-1] and sum([cell + 6 for _, cell in rows[-1]]) + wide > width:
                    rows.append([])
                rows[-1].append((kind, wide))
        swatches: dict[str, Rect] = {}
        notes: list[tuple[str, Point]] = []
        reach = 0.0
        tall = self.block([Line("note", "x")])[1] + 6
        for row in [row for row in rows if row]:
            y += 12 if not swatches else 6
            x = (width - sum([cell + 6 for _, cell in row]) + 6) / 2
            for kind, cell in row:
                swatches[kind] = Rect(x + cell / 2, y + tall / 2, cell, tall)
                x += cell + 6
            reach = max(reach, x - 6)
            y += tall
        for note in self.picture.notes:
            y += 5 if swatches or notes else 12
            wide, tall = self.block([Line("note", note)])
            notes.append((note, (max(width, wide) / 2, y)))
            reach = max(reach, wide)
            y += tall
        return Caption(swatches, notes, reach, y - places.height)


def shortened(edge: Edge, route: Route) -> tuple[Point, list[tuple[Point, ...]], Point, Point]:
    """Where an arrow's line begins, its steps, its tip, and whence that comes. The line leaves room for the tip."""
    start, steps = route.start, list(route.steps)
    if edge.style == "backward":
        towards = steps[0][-1]
        return moved_towards(start, towards, LEAD - 2), steps, start, towards
    before = steps[-2][-1] if len(steps) > 1 else start
    tip = steps[-1][-1]
    steps[-1] = (*steps[-1][:-1], moved_towards(tip, before, LEAD - 2))
    return start, steps, tip, before


def broken_lines(lines: Sequence[Line]) -> list[Line]:
    """The lines, broken where their text is, as they can be drawn."""
    return [Line(role, part) for role, text in lines for part in drawable(text).split("\n")]


def point(p: Point) -> str:
    """A point as SVG writes it."""
    return f"{p[0]:.1f},{p[1]:.1f}"


def outline(place: Rect, radius: float) -> str:
    """A rectangle as a path, with round corners."""
    x, y, width, height = place
    left, top, right, bottom = x - width / 2, y - height / 2, x + width / 2, y + height / 2
    if not radius:
        return f"M{left:.1f},{top:.1f}H{right:.1f}V{bottom:.1f}H{left:.1f}Z"
    r = f"A{radius:.1f},{radius:.1f} 0 0 1"
    return (
        f"M{left + radius:.1f},{top:.1f}H{right - radius:.1f}{r} {right:.1f},{top + radius:.1f}V{bottom - radius:.1f}"
        f"{r} {right - radius:.1f},{bottom:.1f}H{left + radius:.1f}{r} {left:.1f},{bottom - radius:.1f}"
        f"V{top + radius:.1f}{r} {left + radius:.1f},{top:.1f}Z"
    )


def shape_svg(path: str, look: Look, line: str, mark: bool = False, dashed: bool = False) -> str:
    """An outline with its fill and border."""
    dashes = ' stroke-dasharray="5 3"' if dashed or "dashed" in look.style else ""
    width = max(look.width, 3.0 * mark)
    return f'<path fill="{look.fill}" stroke="{line}" stroke-width="{width:g}"{dashes} d="{path}"/>'


def moved_towards(a: Point, b: Point, length: float) -> Point:
    """The point so far from one in the direction of another, along an axis."""
    (x, y), (dx, dy) = a, (b[0] - a[0], b[1] - a[1])
    return (x + (dx > 0) * length - (dx < 0) * length, y) if abs(dx) > abs(dy) else (
        x, y + (dy > 0) * length - (dy < 0) * length
    )  # fmt: skip


def arrow_head(tip: Point, towards: Point) -> str:
    """The corners of an arrow's tip."""
    base = moved_towards(tip, towards, LEAD - 1)
    dx, dy = (3.0, 0.0) if base[0] == tip[0] else (0.0, 3.0)
    return " ".join([point((base[0] - dx, base[1] - dy)), point((base[0] + dx, base[1] + dy)), point(tip)])
