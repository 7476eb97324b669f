"""Where the boxes of a layer stand: long arrows straight, the rest as straight as the order allows.

Source: U. Brandes and B. Köpf, "Fast and Simple Horizontal Coordinate Assignment" (Graph Drawing 2001, LNCS 2265). The
blocks are set side by side by longest paths, which the erratum of 2020 (arXiv:2008.01252) allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

Links = Sequence[Sequence[tuple[int, float]]]
"""For each box, by its number, those linked with it, and by how much it stands to the right of each when the link is
straight."""


def coordinates(
    layers: Sequence[Sequence[int]], up: Links, down: Links, widths: Sequence[float], long: Sequence[bool], gap: float
) -> list[float]:
    """The middle of each box. Those that are ``long`` are the bends of long arrows, which take half the gap.

    Four times the boxes are set, as far left or right, and as straight from above or from below, as they go; each takes
    the mean of its two middle places.
    """
    runs: list[list[float]] = []
    for near, ordered in ((up, layers), (down, layers[::-1])):
        for sign in (1, -1):
            turned = [layer[::sign] for layer in ordered]
            root, shift = straight_blocks(turned, near, long, sign)
            x = packed(turned, root, shift, widths, long, gap)
            runs.append([sign * place for place in x])
    extents = [extent(x, widths) for x in runs]
    left, right = min(extents, key=lambda ends: ends[1] - ends[0])
    for k, (x, (start, end)) in enumerate(zip(runs, extents, strict=True)):
        move = right - end if k % 2 else left - start
        runs[k] = [place + move for place in x]
    middle = [sum(sorted(places)[1:3]) / 2 for places in zip(*runs, strict=True)]
    draw_near(middle, layers, up, down, widths, long, gap)
    start, _ = extent(middle, widths)
    return [place - start for place in middle]


def draw_near(
    x: list[float],
    layers: Sequence[Sequence[int]],
    up: Links,
    down: Links,
    widths: Sequence[float],
    long: Sequence[bool],
    gap: float,
) -> None:
    """Move what has one link as near to its other end as those beside it let it."""
    for layer in layers:
        for k, v in enumerate(layer):
            links = [*up[v], *down[v]]
            if len(links) == 1:
                ((u, right),) = links
                wanted = x[u] + right
                if k:
                    wanted = max(wanted, x[layer[k - 1]] + distance(layer[k - 1], v, widths, long, gap))
                if k + 1 < len(layer):
                    wanted = min(wanted, x[layer[k + 1]] - distance(v, layer[k + 1], widths, long, gap))
                x[v] = wanted


def distance(v: int, w: int, widths: Sequence[float], long: Sequence[bool], gap: float) -> float:
    """How far apart the middles of neighbours are at least."""
    return (widths[v] + widths[w]) / 2 + gap * (1 - 0.25 * (long[v] + long[w]))


def extent(x: Sequence[float], widths: Sequence[float]) -> tuple[float, float]:
    """From where to where the boxes reach."""
    ends = list(zip(x, widths, strict=True))
    return min([at - width / 2 for at, width in ends]), max([at + width / 2 for at, width in ends])


def straight_blocks(
    layers: Sequence[Sequence[int]], near: Links, long: Sequence[bool], sign: int
) -> tuple[list[int], list[float]]:
    """What each box is in line with, the block's first one, and how far to the right of that it stands.

    A box is set in line with the middle one of those before it, unless that would cross what is in line already; long
    arrows come first.
    """
    root = list(range(len(near)))
    shift = [0.0] * len(near)
    place: dict[int, int] = {}
    for layer in layers:
        inner: dict[int, tuple[int, float]] = {}
        last = -1
        for v in layer:
            if long[v] and near[v] and long[near[v][0][0]] and place[near[v][0][0]] > last:
                inner[v] = near[v][0]
                last = place[near[v][0][0]]
        ceilings, ceiling = [], len(place)
        for v in reversed(layer):
            ceilings.append(ceiling)
            if v in inner:
                ceiling = place[inner[v][0]]
        floor = -1
        for v, ceiling in zip(layer, reversed(ceilings), strict=True):
            ends = sorted(near[v], key=lambda link: place[link[0]])
            middle = [ends[(len(ends) - 1) // 2], ends[len(ends) // 2]] if ends else []
            for u, right in [inner[v]] if v in inner else middle:
                if floor < place[u] < ceiling:
                    root[v], shift[v], floor = root[u], shift[u] + sign * right, place[u]
                    break
        place = {v: k for k, v in enumerate(layer)}
    return root, shift


def packed(
    layers: Sequence[Sequence[int]],
    root: list[int],
    shift: list[float],
    widths: Sequence[float],
    long: Sequence[bool],
    gap: float,
) -> list[float]:
    """The blocks as far left as they go, and then each as near to what is on its right as it goes."""
    after: dict[int, list[tuple[int, float]]] = {}
    waiting: dict[int, int] = dict.fromkeys(root, 0)
    for layer in layers:
        for v, w in pairwise(layer):
            apart = distance(v, w, widths, long, gap) + shift[v] - shift[w]
            after.setdefault(root[v], []).append((root[w], apart))
            waiting[root[w]] += 1
    x = dict.fromkeys(root, 0.0)
    order = [block for block, n in waiting.items() if not n]
    for block in order:  # grows while it is walked through
        for other, apart in after.get(block, ()):
            x[other] = max(x[other], x[block] + apart)
            waiting[other] -= 1
            if not waiting[other]:
                order.append(other)
    for block in reversed(order):
        if block in after:
            x[block] = max(x[block], min([x[other] - apart for other, apart in after[block]]))
    return [x[first] + right for first, right in zip(root, shift, strict=True)]
