"""What stands in one frame, and where: boxes in layers, with the arrows between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from .coordinates import coordinates
from .crossings import untangled
from .ranks import ranks_of

MARGIN: Final = 10.0
"""Between a frame and what is in it."""

LEAD: Final = 8.0
"""How far an arrow runs straight where its tip is."""

LONGEST: Final = 50_000
"""Layers that the arrows of a frame may pass in all; beyond that the longest are led around what is there."""

Path = tuple[str, ...]
Item = str | Path
"""A box, by its key, or a frame, by its path."""
Point = tuple[float, float]


class Rect(NamedTuple):
    """A box: its middle and its size."""

    x: float
    y: float
    width: float
    height: float


class Route(NamedTuple):
    """An arrow: where it begins, the steps that it takes, and the middle of its label.

    A step is a point to go straight to, or the two control points and the end of a Bézier curve.
    """

    start: Point
    steps: list[tuple[Point, ...]]
    label: Point


class Sizes(NamedTuple):
    """What needs room: boxes and the titles of frames by key, the labels of the arrows; and the gaps between."""

    boxes: Mapping[str, Point]
    titles: Mapping[str, Point]
    labels: Sequence[Point]
    beside: float
    between: float
    lead: float
    """How far an arrow runs straight where it begins."""


class Link(NamedTuple):
    """A part of an arrow within a frame: from what to what; None is the frame's border above, or below."""

    tail: Item | None
    head: Item | None
    number: int


class Layering:
    """What stands in one frame, and where, once it is settled.

    Attributes
    ----------
    items, links, loops, beside : what there is; which of the links lead back up; what stands level with what
    places, parts, ports : where it is, measured from the frame's corner; the arrows' parts, and where each passes the
        border, by the arrow's number
    width, height : the frame's size
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.items: dict[Item, int] = {}
        self.links: list[Link] = []
        self.loops: set[int] = set()
        self.beside: dict[int, int] = {}
        self.places: dict[Item, Rect] = {}
        self.parts: dict[int, Route] = {}
        self.ports: dict[int, tuple[float, float]] = {}
        self.width = self.height = 0.0

    def add(self, item: Item) -> None:
        """Put a box or a frame into the frame, unless it is there."""
        self.items.setdefault(item, len(self.items))

    def settle(self, levels: Mapping[Path, Layering], sizes: Sizes, across: bool) -> None:
        """Find the places of everything here; the frames in it are settled. ``across``: titles run along the layers."""
        self.levels, self.sizes = levels, sizes
        title = sizes.titles[self.path[-1]] if self.path else (0.0, 0.0)
        extent = [self.extent(item) for item in self.items]
        self.make_layers(extent, title if across else (0.0, 0.0))
        x = self.x_of_nodes(MARGIN * bool(self.path) + (0.0 if across or not self.path else title[0] + MARGIN / 2))
        self.attach(x)
        self.stack(x)
        for item, k in self.items.items():
            y = (self.tops[self.rank[k]] + self.bottoms[self.rank[k]]) / 2
            self.places[item] = Rect(x[k], y, *extent[k])
        edge = MARGIN * bool(self.path)
        self.height = max(self.bottoms[-1] + self.below, 0.0 if across else title[1] + edge) + edge
        self.draw_parts(x)
        self.lead_loops(x)
        self.width = self.right + edge

    def extent(self, item: Item) -> Point:
        """The size of a box or of a frame."""
        if isinstance(item, str):
            return self.sizes.boxes[item]
        return self.levels[item].width, self.levels[item].height

    # -- layers -------------------------------------------------------------------------------------------------------

    def make_layers(self, extent: list[Point], title: Point) -> None:
        """Give everything its layer and its order there; arrows that pass layers get a bend in each.

        Ports, where arrows pass the border, are a layer of their own, which a frame's title shares.
        """
        inner = [(self.items[a], self.items[b], n) for a, b, n in self.links if a and b and n not in self.loops]
        rank = ranks_of(len(self.items), [(a, b) for a, b, _ in inner], self.beside)
        top = int(bool(title[0]) or any(tail is None for tail, _, _ in self.links))
        self.rank = [level + top for level in rank]
        bottom = max(self.rank) + 1
        spans = sorted([(self.rank[b] - self.rank[a], n) for a, b, n in inner])
        passed = 0
        for span, number in spans:
            passed += span
            if span <= 0 or passed > LONGEST:
                self.loops.add(number)
        self.long = [False] * len(self.items)
        self.extents = list(extent)
        self.chains: dict[int, list[int]] = {}
        for link in self.links:
            if link.number not in self.loops or link.tail is None or link.head is None:
                begin = self.node(0) if link.tail is None else self.items[link.tail]
                end = self.node(bottom) if link.head is None else self.items[link.head]
                bends = [self.node(level) for level in range(self.rank[begin] + 1, self.rank[end])]
                self.chains[link.number] = [begin, *bends, end]
        up: list[list[int]] = [[] for _ in self.rank]
        down: list[list[int]] = [[] for _ in self.rank]
        for chain in self.chains.values():
            for a, b in pairwise(chain):
                up[b].append(a)
                down[a].append(b)
        self.title = None
        if title[0]:
            self.title = self.node(0)
            self.extents[self.title] = title
            up.append([])
            down.append([])
        self.layers = untangled(self.rank, up, down)
        self.layers[0].sort(key=lambda v: v != self.title)

    def node(self, level: int) -> int:
        """A new bend or port in a layer."""
        self.rank.append(level)
        self.long.append(True)
        self.extents.append((0.0, 0.0))
        return len(self.rank) - 1

    def port(self, item: Item | None, number: int, side: int) -> float:
        """How far right of its middle an arrow meets an item: frames have their ports, boxes take it in the middle."""
        if item is None or isinstance(item, str):
            return 0.0
        return self.levels[item].ports[number][side] - self.levels[item].width / 2

    def x_of_nodes(self, left: float) -> list[float]:
        """The middles of boxes and bends, from left to right."""
        up: list[list[tuple[int, float]]] = [[] for _ in self.rank]
        down: list[list[tuple[int, float]]] = [[] for _ in self.rank]
        for tail, head, number in self.links:
            chain = self.chains.get(number, [])
            for k, (a, b) in enumerate(pairwise(chain)):
                right = (self.port(tail, number, 1) if not k else 0.0) - (
                    self.port(head, number, 0) if k == len(chain) - 2 else 0.0
                )
                up[b].append((a, right))
                down[a].append((b, -right))
        widths = [width for width, _ in self.extents]
        x = [at + left for at in coordinates(self.layers, up, down, widths, self.long, self.sizes.beside)]
        if self.title is not None:
            x[self.title] = left + widths[self.title] / 2
        self.right = max([at + width / 2 for at, width in zip(x, widths, strict=True)])
        return x

    # -- where arrows meet boxes --------------------------------------------------------------------------------------

    def attach(self, x: list[float]) -> None:
        """Choose where each arrow leaves and meets its boxes: straight on where it can, without crossing others."""
        self.leaves: dict[int, float] = {}
        self.meets: dict[int, float] = {}
        far = max(x) + 1e4
        tails: dict[Item, list[Link]] = {}
        heads: dict[Item, list[Link]] = {}
        for link in self.links:
            if link.tail is not None:
                tails.setdefault(link.tail, []).append(link)
            if link.head is not None:
                heads.setdefault(link.head, []).append(link)
        for item, links in heads.items():
            k = self.items[item]
            wants = []
            for tail, _, n in links:
                chain = self.chains.get(n)
                wants.append(x[chain[-2]] + (self.port(tail, n, 1) if len(chain) == 2 else 0.0) if chain else far)
            rooms = [self.sizes.labels[n][0] + 8 if self.sizes.labels[n][0] else 12.0 for _, _, n in links]
            self.meets.update(self.spread(item, x[k], links, wants, rooms, 0))
        for item, links in tails.items():
            k = self.items[item]
            wants = []
            for _, _, n in links:
                chain = self.chains.get(n)
                wants.append((self.meets.get(n, x[chain[1]]) if len(chain) == 2 else x[chain[1]]) if chain else far)
            room = min(10.0, (self.extents[k][0] - 8) / len(links))
            self.leaves.update(self.spread(item, x[k], links, wants, [room] * len(links), 1))
        for tail, head, n in self.links:
            ends = self.chains.get(n)
            if ends is not None:
                if tail is None:
                    self.leaves[n] = x[ends[0]]
                if head is None:
                    self.meets[n] = x[ends[-1]]
                before = self.ports.get(n, (0.0, 0.0))
                self.ports[n] = (x[ends[0]] if tail is None else before[0], x[ends[-1]] if head is None else before[1])

    def spread(
        self, item: Item, middle: float, links: list[Link], wants: list[float], rooms: list[float], side: int
    ) -> dict[int, float]:
        """Where arrows meet a box, from left to right as they come, each with room for its label on its right."""
        if not isinstance(item, str):
            return {n: middle + self.port(item, n, side) for _, _, n in links}
        width = self.sizes.boxes[item][0]
        inset = max(6.0, min(0.3 * width, (width - sum(rooms)) / 2))
        order = sorted(range(len(links)), key=lambda k: (wants[k], links[k].number))
        labelled = rooms[order[-1]] - 12 if rooms[order[-1]] != 12 and side == 0 else 0.0
        least, most = middle - width / 2 + inset, middle + width / 2 - max(inset, 6.0 + labelled)
        places: list[float] = []
        for k, index in enumerate(order):
            floor = places[-1] + rooms[order[k - 1]] if places else least
            places.append(max(floor, min(wants[index], most)))
        for k in reversed(range(len(order))):
            ceiling = places[k + 1] - rooms[order[k]] if k + 1 < len(order) else most
            places[k] = min(places[k], ceiling)
        return {links[index].number: place for index, place in zip(order, places, strict=True)}

    # -- from top to bottom -------------------------------------------------------------------------------------------

    def stack(self, x: list[float]) -> None:
        """The top and the bottom of each layer.

        Between two there is more room the further arrows run sideways, and for labels and loops.
        """
        count = len(self.layers)
        sideways = [0.0] * (count + 1)
        labels = [0.0] * (count + 1)
        turns = [0] * (count + 1)
        for tail, head, n in self.links:
            if n in self.chains:
                stations = self.stations(n, x)
                for (a, from_x), (_, to_x) in pairwise(stations):
                    sideways[self.rank[a] + 1] = max(sideways[self.rank[a] + 1], abs(to_x - from_x))
            else:
                turns[self.rank[self.items[tail]] + 1] += 1  # type: ignore[index]
                turns[self.rank[self.items[head]]] += 1  # type: ignore[index]
            if isinstance(head, str):
                level = self.rank[self.items[head]]
                labels[level] = max(labels[level], self.sizes.labels[n][1])
        self.approach = [LEAD + label for label in labels]
        if all(self.long[v] for v in self.layers[-1]):
            self.approach[count - 1] = 0.0  # no tips at the border
        self.tops, self.bottoms = [], []
        y = MARGIN / 2 if self.path else 0.0
        for level, layer in enumerate(self.layers):
            height = max([self.extents[v][1] for v in layer], default=0.0)
            if level:
                bend = self.sizes.between
                if sideways[level] > 0.5:
                    bend *= 1.6 + min(0.008 * sideways[level], 2.0)
                elif not self.approach[level]:
                    bend = 0.0
                y += self.sizes.lead + bend + self.approach[level] + 5 * turns[level]
            elif turns[0]:
                y += self.approach[0] + 5 * turns[0]
            self.tops.append(y)
            y += height
            self.bottoms.append(y)
        self.below = self.sizes.lead + 5 * turns[count] if turns[count] else 0.0

    def stations(self, number: int, x: list[float]) -> list[tuple[int, float]]:
        """The nodes of an arrow, and where it passes each."""
        first, *bends, last = self.chains[number]
        return [(first, self.leaves[number]), *[(v, x[v]) for v in bends], (last, self.meets[number])]

    # -- arrows -------------------------------------------------------------------------------------------------------

    def draw_parts(self, x: list[float]) -> None:
        """The part of each arrow that is in this frame."""
        for tail, head, n in self.links:
            if n not in self.chains:
                continue
            stations = self.stations(n, x)
            start = self.leaves[n], 0.0 if tail is None else self.floor(tail)
            steps: list[tuple[Point, ...]] = []
            for (a, from_x), (b, to_x) in pairwise(stations):
                upper = self.bottoms[self.rank[a]] + (0.0 if self.long[a] else self.sizes.lead)
                lower = self.tops[self.rank[b]] - (0.0 if self.long[b] else self.approach[self.rank[b]])
                steps.append(((from_x, upper),))
                if abs(from_x - to_x) < 0.5:
                    steps.append(((to_x, lower),))
                else:
                    middle = (upper + lower) / 2
                    steps.append(((from_x, middle), (to_x, middle), (to_x, lower)))
            steps.append(((self.meets[n], self.height if head is None else self.ceiling(head)),))
            self.parts[n] = Route(start, steps, self.beside_tip(n, steps[-1][0]))

    def floor(self, item: Item) -> float:
        """Where a box ends."""
        return self.places[item].y + self.places[item].height / 2

    def ceiling(self, item: Item) -> float:
        """Where a box begins."""
        return self.places[item].y - self.places[item].height / 2

    def beside_tip(self, number: int, tip: Point) -> Point:
        """The middle of a label on the right of an arrow's end."""
        width, height = self.sizes.labels[number]
        return tip[0] + 3 + width / 2, tip[1] - LEAD + 1 - height / 2

    def lead_loops(self, x: list[float]) -> None:
        """Arrows that lead back: below the layer of their tail, past all on the right, and in above their head."""
        reach = [max([x[v] + self.extents[v][0] / 2 for v in layer], default=0.0) for layer in self.layers]
        used = [0] * (len(self.layers) + 1)
        for tail, head, n in self.links:
            if n in self.chains or tail is None or head is None:
                continue
            from_level, to_level = self.rank[self.items[tail]], self.rank[self.items[head]]
            passed = slice(min(from_level, to_level), max(from_level, to_level) + 1)
            lane = max(reach[passed]) + self.sizes.beside / 2
            below = self.bottoms[from_level] + self.sizes.lead + 5 * used[from_level + 1]
            above = self.tops[to_level] - self.approach[to_level] - 5 * used[to_level]
            used[from_level + 1] += 1
            used[to_level] += 1
            width, _ = self.sizes.labels[n]
            reach[passed] = [lane + 3 + width] * len(reach[passed])
            start = self.leaves[n], self.floor(tail)
            corners = [(start[0], below), (lane, below), (lane, above), (self.meets[n], above)]
            steps = rounded([start, *corners, (self.meets[n], self.ceiling(head))])
            self.parts[n] = Route(start, steps, (lane + 3 + width / 2, (below + above) / 2))
        self.right = max([self.right, *reach])


def rounded(points: Sequence[Point], radius: float = 6.0) -> list[tuple[Point, ...]]:
    """The steps along some points, with round corners."""
    steps: list[tuple[Point, ...]] = []
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        ends = []
        for other in (before, after):
            length = abs(other[0] - corner[0]) + abs(other[1] - corner[1])  # along an axis
            part = min(radius, length / 2) / length if length else 0.0
            ends.append((corner[0] + part * (other[0] - corner[0]), corner[1] + part * (other[1] - corner[1])))
        steps += [(ends[0],), (corner, corner, ends[1])]
    return [*steps, (points[-1],)]
