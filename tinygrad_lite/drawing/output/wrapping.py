"""A picture that points right, broken into rows as a text is into lines: chains are longer than slides are wide.

It is cut where neither a box nor a label is, nor a frame that is no longer than a row; longer ones go on in the next.
An arrow that meets a cut goes on beside its row, back between the rows, and into the next row; the arrows of a cut run
side by side in the order in which they meet it, so that none crosses another there.
"""

from __future__ import annotations

import math
from bisect import bisect, bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Final, NamedTuple

from .arrangement import Arrangement
from .levels import LEAD, MARGIN, Point, Rect, Route, Sizes, rounded

LANE: Final = 12.0
"""Between two arrows side by side."""

WIDTHS: Final = 100
"""How many widths of rows are tried, in equal steps."""

Step = tuple[Point, ...]


class Cut(NamedTuple):
    """A place without boxes: where it begins, behind what is left of it, and where it ends."""

    begin: float
    end: float

    @property
    def middle(self) -> float:
        """Where the picture is cut."""
        return (self.begin + self.end) / 2


class Part(NamedTuple):
    """What of an arrow is in one row: where it begins there, and its steps."""

    row: int
    start: Point
    steps: list[Step]

    @property
    def end(self) -> Point:
        """Where it ends."""
        return self.steps[-1][-1] if self.steps else self.start


class Turn(NamedTuple):
    """Where an arrow passes from a row to the next: its number and part, and the places in both rows."""

    number: int
    part: int
    above: Point
    below: Point


def wrappings(places: Arrangement, sizes: Sizes) -> Iterator[Wrapping]:
    """The picture in rows, in ever narrower ones, each of which is filled before the next begins.

    Parameters
    ----------
    places : with the arrows pointing to the right
    sizes : of which it is made
    """
    known: list[list[Cut]] = [[]]
    for part in range(WIDTHS, 0, -1):
        longest = places.width * part / WIDTHS
        cuts = filling_cuts(possible_cuts(places, sizes, longest), places.width, longest)
        if cuts is None:
            break
        if cuts not in known:
            known.append(cuts)
            yield Wrapping(places, sizes, cuts)


def possible_cuts(places: Arrangement, sizes: Sizes, longest: float) -> list[Cut]:
    """Between what is in the picture, from left to right; frames that are longer than so much can be cut."""
    frames = [frame for frame in places.frames.values() if frame.width <= longest]
    filled = [(box.x, box.width) for box in (*places.boxes.values(), *frames)]
    filled += [(route.label[0], width) for route, (width, _) in zip(places.routes, sizes.labels, strict=True) if width]
    filled += [(x + sizes.titles[key][0] / 2, sizes.titles[key][0]) for key, (x, _) in places.titles.items()]
    cuts: list[Cut] = []
    reach = 0.0
    for begin, end in sorted([(x - width / 2, x + width / 2) for x, width in filled]):
        if reach and begin - reach > 2 * LEAD:
            cuts.append(Cut(reach, begin))
        reach = max(reach, end)
    return cuts


def filling_cuts(possible: Sequence[Cut], width: float, longest: float) -> list[Cut] | None:
    """Those by which each row has as much as it can hold; None where something is longer than a row."""
    cuts: list[Cut] = []
    ends = [*[cut.begin for cut in possible], width]
    for cut, end in zip(possible, ends[1:], strict=True):
        if end - (cuts[-1].end if cuts else 0.0) > longest:
            cuts.append(cut)
    return cuts if all(end - begin <= longest for begin, end in rows_between(cuts, width)) else None


def rows_between(cuts: Sequence[Cut], width: float) -> list[tuple[float, float]]:
    """Where each row begins and ends."""
    return list(zip([0.0, *[cut.end for cut in cuts]], [*[cut.begin for cut in cuts], width], strict=True))


class Wrapping:
    """Moves the parts of a picture into rows, and leads the arrows from row to row."""

    def __init__(self, places: Arrangement, sizes: Sizes, cuts: Sequence[Cut]) -> None:
        self.places = places
        self.cuts = cuts
        self.middles = [cut.middle for cut in cuts]
        self.edges = list(chain.from_iterable(cuts))
        self.extents = rows_between(cuts, places.width)
        self.arrows = [self.parts(route) for route in places.routes]
        left, self.beyond = zip(*[self.overhang(row) for row in range(len(self.extents))], strict=True)
        self.turns = [self.turns_behind(row) for row in range(len(cuts))]
        self.gutter = 0.0
        self.pieces = {key: self.pieces_of(frame) for key, frame in places.frames.items()}
        self.gutter += max(left)
        self.margin = self.gutter + max([LANE * (len(turns) + 0.5) for turns in self.turns])
        self.moves = self.moves_of_rows(sizes.labels)
        lanes = [self.gutter + LANE * (len(turns) + 0.5) for turns in self.turns] + [0.0]
        self.width = self.margin + max(
            [
                end - begin + beyond + side
                for (begin, end), beyond, side in zip(self.extents, self.beyond, lanes, strict=True)
            ]
        )
        self.height = self.bottoms[-1]

    def row(self, x: float) -> int:
        """The row in which a place is."""
        return bisect(self.middles, x)

    def is_cut(self, frame: Rect) -> bool:
        """Whether a frame is in several rows."""
        return self.row(frame.x - frame.width / 2) < self.row(frame.x + frame.width / 2)

    def pieces_of(self, frame: Rect) -> list[Rect]:
        """A frame's piece in each row in which it is, around what it holds there."""
        if not self.is_cut(frame):
            return [frame]
        frames = self.places.frames.values()
        inside = [box for box in (*self.places.boxes.values(), *frames) if holds(frame, box)]
        points = [Rect(*point, 0.0, 0.0) for route in self.places.routes for step in route.steps for point in step]
        margin = MARGIN * (1 + sum([self.is_cut(other) and holds(frame, other) for other in frames]))
        self.gutter = max(self.gutter, margin)
        found: list[Rect] = []
        for row, (begin, end) in enumerate(self.extents):
            left, right = max(begin - margin, frame.x - frame.width / 2), min(end + margin, frame.x + frame.width / 2)
            if left < end and begin < right:
                here = frame._replace(x=(left + right) / 2, width=right - left)
                held = [box for box in inside if self.row(box.x) == row] + [p for p in points if holds(here, p)]
                top = min([box.y - box.height / 2 for box in held]) - margin
                bottom = max([box.y + box.height / 2 for box in held]) + margin
                if not found:
                    top = frame.y - frame.height / 2  # where the title is
                found.append(here._replace(y=(top + bottom) / 2, height=bottom - top))
        return found

    # -- arrows -------------------------------------------------------------------------------------------------------

    def parts(self, route: Route) -> list[Part]:
        """An arrow, row by row; the steps over the cuts are left out."""
        parts = [Part(self.row(route.start[0]), route.start, [])]
        for step in self.short_steps(route):
            row = self.row(step[-1][0])
            if row == parts[-1].row:
                parts[-1].steps.append(step)
            else:
                parts += self.passing(parts[-1].row, row, step[-1][1])
                parts.append(Part(row, step[-1], []))
        return parts

    def passing(self, start: int, end: int, y: float) -> Iterator[Part]:
        """An arrow's straight ways through the rows between two."""
        way = 1 if start < end else -1
        for row in range(start + way, end, way):
            first, last = self.extents[row][::way]
            yield Part(row, (first, y), [((last, y),)])

    def short_steps(self, route: Route) -> Iterator[Step]:
        """The steps, of which straight ones end on either side of each cut."""
        x = route.start[0]
        for step in route.steps:
            to, y = step[-1]
            if len(step) == 1:
                passed = self.edges[bisect(self.edges, min(x, to)) : bisect_left(self.edges, max(x, to))]
                yield from [((station, y),) for station in (passed[::-1] if to < x else passed)]
            yield step
            x = to

    def overhang(self, row: int) -> tuple[float, float]:
        """How much further than its boxes a row's arrows reach, but for straight ends."""
        begin, end = self.extents[row]
        parts = [part for part in chain.from_iterable(self.arrows) if part.row == row]
        points = [x for part in parts for x, _ in [part.start, *chain.from_iterable(part.steps)]]
        return max([0.0, *[begin - LEAD - x for x in points]]), max([0.0, *[x - end - LEAD for x in points]])

    def turns_behind(self, row: int) -> list[Turn]:
        """The arrows between a row and the next, the highest first."""
        found = []
        for number, parts in enumerate(self.arrows):
            for k, (one, other) in enumerate(pairwise(parts)):
                if one.row == row < other.row:
                    found.append(Turn(number, k, one.end, other.start))
                elif other.row == row < one.row:
                    found.append(Turn(number, k, other.start, one.end))
        return sorted(found, key=lambda turn: (turn.above[1], turn.below[1], turn.number))

    def way(self, row: int, place: int) -> list[Point]:
        """The corners of an arrow's way from a row into the next, the first of them all being the outermost."""
        turns, (dx, dy), (dx_below, dy_below) = self.turns[row], self.moves[row], self.moves[row + 1]
        turn = turns[place]
        right = self.extents[row][1] + dx + self.beyond[row] + self.gutter + LANE * (len(turns) - place)
        left = self.margin - self.gutter - LANE * (place + 1)
        between = self.bottoms[row] + LANE * (len(turns) - place + 0.5)
        above, below = turn.above[1] + dy, turn.below[1] + dy_below
        return [
            (turn.above[0] + dx, above),
            (right, above),
            (right, between),
            (left, between),
            (left, below),
            (turn.below[0] + dx_below, below),
        ]

    # -- places -------------------------------------------------------------------------------------------------------

    def moves_of_rows(self, labels: Sequence[Point]) -> list[Point]:
        """How far each row is moved, to the left and down; and where it then ends."""
        tops, bottoms = [math.inf] * len(self.extents), [-math.inf] * len(self.extents)

        def reach(x: float, y: float, height: float = 0.0) -> None:
            row = self.row(x)
            tops[row], bottoms[row] = min(tops[row], y - height / 2), max(bottoms[row], y + height / 2)

        for box in (*self.places.boxes.values(), *chain.from_iterable(self.pieces.values())):
            reach(box.x, box.y, box.height)
        for route, (_, height) in zip(self.places.routes, labels, strict=True):
            if height:
                reach(*route.label, height)
        for part in chain.from_iterable(self.arrows):
            for x, y in [part.start, *[point for step in part.steps for point in step]]:
                reach(x, y)
        moves: list[Point] = []
        self.bottoms: list[float] = []
        y = 0.0
        for row, (begin, _) in enumerate(self.extents):
            moves.append((self.margin - begin, y - tops[row]))
            y += bottoms[row] - tops[row]
            self.bottoms.append(y)
            y += LANE * (len(self.turns[row]) + 1.5) if row < len(self.turns) else 0.0
        return moves

    def moved(self, point: Point) -> Point:
        """A place of the row that it is in."""
        dx, dy = self.moves[self.row(point[0])]
        return point[0] + dx, point[1] + dy

    def arrangement(self) -> Arrangement:
        """All places in rows."""
        ways = {
            (turn.number, turn.part): (row, self.way(row, place))
            for row, turns in enumerate(self.turns)
            for place, turn in enumerate(turns)
        }
        routes = []
        for number, (route, parts) in enumerate(zip(self.places.routes, self.arrows, strict=True)):
            steps: list[Step] = []
            for k, part in enumerate(parts):
                dx, dy = self.moves[part.row]
                steps += [tuple([(x + dx, y + dy) for x, y in step]) for step in part.steps]
                if (number, k) in ways:
                    row, way = ways[number, k]
                    steps += rounded(way if part.row == row else way[::-1])
            routes.append(Route(self.moved(route.start), steps, self.moved(route.label)))
        pieces = {key: [self.moved_box(piece) for piece in found] for key, found in self.pieces.items()}
        return Arrangement(
            {key: self.moved_box(box) for key, box in self.places.boxes.items()},
            {key: first for key, (first, *_) in pieces.items()},
            {key: self.moved(corner) for key, corner in self.places.titles.items()},
            routes,
            self.width,
            self.height,
            {key: rest for key, (_, *rest) in pieces.items() if rest},
        )

    def moved_box(self, box: Rect) -> Rect:
        """A box of the row that it is in."""
        x, y = self.moved((box.x, box.y))
        return box._replace(x=x, y=y)


def holds(frame: Rect, box: Rect) -> bool:
    """Whether a box, or a smaller frame, is in a frame."""
    across, along = abs(box.x - frame.x) + box.width / 2, abs(box.y - frame.y) + box.height / 2
    return across < frame.width / 2 and along < frame.height / 2
