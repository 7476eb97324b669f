"""A plain layered layout, for the page that plays the passes where no Graphviz is at hand.

Sources: K. Sugiyama, S. Tagawa and M. Toda, "Methods for Visual Understanding of Hierarchical System Structures" (IEEE
Transactions on Systems, Man, and Cybernetics 11, 1981): layers by longest path, order within layers by barycentres.
"""

from __future__ import annotations

from collections import Counter
from html import escape

from ..picture.labels import drawable
from ..picture.model import Picture, Vertex

LINE, GAP, ROW = 14, 24, 44
"""Heights of a line of text, and the room between neighbours and between layers, in pixels."""


def lay_out(picture: Picture) -> str:
    """The picture as SVG, with the classes and titles that Graphviz gives its own."""
    layers = untangled(picture, layers_of(picture))
    sizes = {key: box_size(vertex) for key, vertex in picture.vertices.items()}
    widths = [sum([sizes[key][0] + GAP for key in layer]) for layer in layers]
    width, y = max(widths, default=0) + GAP, float(GAP)
    places: dict[str, tuple[float, float]] = {}
    for layer, wide in zip(layers, widths, strict=True):
        height = max([sizes[key][1] for key in layer])
        x = (width - wide + GAP) / 2
        for key in layer:
            places[key] = x + sizes[key][0] / 2, y + height / 2
            x += sizes[key][0] + GAP
        y += height + ROW
    bottom_edge = y
    boxes = {key: (x - sizes[key][0] / 2, x + sizes[key][0] / 2, y) for key, (x, y) in places.items()}
    level = {key: place for place, layer in enumerate(layers) for key in layer}
    alike = Counter([(edge.tail, edge.head) for edge in picture.edges])
    drawn_arrows: Counter[tuple[str, str]] = Counter()
    parts = []
    for edge in picture.edges:
        ends = edge.tail, edge.head
        (x1, y1), (x2, y2) = places[edge.tail], places[edge.head]
        aside = 12 * (drawn_arrows[ends] - (alike[ends] - 1) / 2)  # of arrows between the same two, each is seen
        drawn_arrows[ends] += 1
        x1, y1, x2, y2 = x1 + aside, y1 + sizes[edge.tail][1] / 2, x2 + aside, y2 - sizes[edge.head][1] / 2
        between = [key for layer in layers[level[edge.tail] + 1 : level[edge.head]] for key in layer]
        crossed = [key for key in between if boxes[key][0] < max(x1, x2) and boxes[key][1] > min(x1, x2)]
        if crossed:
            side = max(x1, x2)
            for left, right in sorted([boxes[key][:2] for key in between]):
                if left < side + GAP / 2:
                    side = max(side, right + GAP / 2 + aside)
            top = min([boxes[key][2] - sizes[key][1] / 2 for key in between])
            bottom = max([boxes[key][2] + sizes[key][1] / 2 for key in between])
            path = f"M{x1:.1f},{y1:.1f}{bend(x1, y1, side, top)}V{bottom:.1f}{bend(side, bottom, x2, y2)}"
            width = max(width, side + GAP)
        else:
            path = f"M{x1:.1f},{y1:.1f}{bend(x1, y1, x2, y2)}"
        tip = f"{x2 - 3:.1f},{y2 - 7:.1f} {x2 + 3:.1f},{y2 - 7:.1f} {x2:.1f},{y2:.1f}"
        title = escape(f"{edge.tail}->{edge.head}")
        parts.append(
            f'<g class="edge"><title>{title}</title><path fill="none" d="{path}"/><polygon points="{tip}"/></g>'
        )
    parts.insert(
        0, f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {bottom_edge:.0f}"><g class="graph">'
    )
    parts += [box_svg(vertex, *places[key], *sizes[key]) for key, vertex in picture.vertices.items()]
    return "".join([*parts, "</g></svg>"])


def bend(x1: float, y1: float, x2: float, y2: float) -> str:
    """A curve between two points that begins and ends upright."""
    middle = (y1 + y2) / 2
    return f"C{x1:.1f},{middle:.1f} {x2:.1f},{middle:.1f} {x2:.1f},{y2:.1f}"


def layers_of(picture: Picture) -> list[list[str]]:
    """The vertices by their longest path from a source; arrows that go back are passed over."""
    into: dict[str, list[str]] = {key: [] for key in picture.vertices}
    out: dict[str, list[str]] = {key: [] for key in picture.vertices}
    for edge in picture.edges:
        if edge.style == "forward" and edge.tail != edge.head:
            into[edge.head].append(edge.tail)
            out[edge.tail].append(edge.head)
    waiting = {key: len(tails) for key, tails in into.items()}
    ready = [key for key, n in waiting.items() if not n]
    depth = dict.fromkeys(picture.vertices, 0)
    for key in ready:  # grows while it is walked through
        for head in out[key]:
            depth[head] = max(depth[head], depth[key] + 1)
            waiting[head] -= 1
            if not waiting[head]:
                ready.append(head)
    for key in picture.vertices:  # leaves stand just above what they are for
        if not into[key] and out[key]:
            depth[key] = max(0, min([depth[head] for head in out[key]]) - 1)
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for key, level in depth.items():
        layers[level].append(key)
    return [layer for layer in layers if layer]


def untangled(picture: Picture, layers: list[list[str]]) -> list[list[str]]:
    """Each layer sorted by where its neighbours stand, a few times over."""
    near: dict[str, list[str]] = {key: [] for key in picture.vertices}
    for edge in picture.edges:
        near[edge.head].append(edge.tail)
        near[edge.tail].append(edge.head)
    for _ in range(4):
        place = {key: (k + 0.5) / len(layer) for layer in layers for k, key in enumerate(layer)}
        layers = [
            sorted(layer, key=lambda key: sum([place[n] for n in near[key]]) / (len(near[key]) or 1))
            for layer in layers
        ]
    return layers


def box_size(vertex: Vertex) -> tuple[float, float]:
    """Width and height of a box that holds its lines."""
    lines = text_lines(vertex)
    return max([len(text) for text in lines], default=1) * 6.6 + 22, len(lines) * LINE + 12


def text_lines(vertex: Vertex) -> list[str]:
    """The lines of a box, broken where their text is."""
    return [part for line in vertex.lines for part in drawable(line.text).split("\n")]


def box_svg(vertex: Vertex, x: float, y: float, width: float, height: float) -> str:
    """A vertex as SVG."""
    left, top, right, bottom = x - width / 2, y - height / 2, x + width / 2, y + height / 2
    outline = f"M{left:.1f},{top:.1f}H{right:.1f}V{bottom:.1f}H{left:.1f}Z"
    lines = text_lines(vertex)
    words = "".join([
        f'<text text-anchor="middle" font-size="11" font-family="Helvetica,Arial,sans-serif" x="{x:.1f}" '
        f'y="{top + 16 + k * LINE:.1f}">{escape(text)}</text>'
        for k, text in enumerate(lines)
    ])  # fmt: skip
    return f'<g class="node"><title>{escape(vertex.key)}</title><path d="{outline}"/>{words}</g>'
