"""The order of the boxes within each layer: few arrows cross, and operands stand in their order where that costs none.

Sources: K. Sugiyama, S. Tagawa and M. Toda, "Methods for Visual Understanding of Hierarchical System Structures" (IEEE
Transactions on Systems, Man, and Cybernetics 11, 1981), for the barycentres; E. R. Gansner, E. Koutsofios, S. C. North
and K.-P. Vo, "A Technique for Drawing Directed Graphs" (IEEE Transactions on Software Engineering 19, 1993), for the
exchange of neighbours.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise

SWEEPS = 8
"""How often all layers are sorted."""

SMALL = 3000
"""Boxes and bends up to which there is time for more than one beginning."""

Near = Sequence[Sequence[int]]
"""For each box, by its number, those in the next layer that it is linked with."""


def untangled(rank: Sequence[int], up: Near, down: Near) -> list[list[int]]:
    """The layers, with the boxes in order. Links join neighbouring layers; ``up`` names operands in their order.

    Small pictures are sorted from three beginnings; what has fewest crossings is taken, the operands' order first.
    """
    named = layers_by_operands(rank, up, down)
    first = {v: k for k, v in enumerate([v for layer in named for v in layer])}
    best, fewest = named, crossing_count(named, up)
    begins = [named, [layer[::-1] for layer in named], [sorted(layer) for layer in named]]
    for begin, layers in enumerate(begins if len(rank) <= SMALL else begins[:1]):
        for sweep in range(SWEEPS):
            if not fewest:
                return best
            layers = [list(layer) for layer in layers]
            downwards = (sweep + begin) % 2 == 0
            sort_layers(layers if downwards else layers[::-1], up if downwards else down)
            exchange_neighbours(layers, up, down, first)
            count = crossing_count(layers, up)
            if count < fewest:
                best, fewest = layers, count
    pairs = [first[v] < first[w] for layer in best for v, w in pairwise(layer)]
    return best if 2 * sum(pairs) >= len(pairs) else [layer[::-1] for layer in best]


def layers_by_operands(rank: Sequence[int], up: Near, down: Near) -> list[list[int]]:
    """The layers as one meets the boxes on the way from the results to their operands, the first operand first."""
    layers: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
    seen = [False] * len(rank)
    for sink in range(len(rank)):
        stack = [sink] if not down[sink] else []
        while stack:
            v = stack.pop()
            if not seen[v]:
                seen[v] = True
                layers[rank[v]].append(v)
                stack.extend(reversed(up[v]))
    return layers


def sort_layers(layers: list[list[int]], near: Near) -> None:
    """Sort each layer by the mean place of the linked ones in the layer before; what has none stays where it is."""
    for before, layer in pairwise(layers):
        place = {v: k for k, v in enumerate(before)}
        middle = {v: sum([place[u] for u in near[v]]) / len(near[v]) for v in layer if near[v]}
        moving = iter(sorted(middle, key=middle.__getitem__))
        layer[:] = [next(moving) if v in middle else v for v in layer]


def crossing_count(layers: list[list[int]], up: Near) -> int:
    """How many pairs of links cross."""
    count = 0
    for before, layer in pairwise(layers):
        place = {v: k for k, v in enumerate(before)}
        passed: list[int] = []
        for v in layer:
            ends = sorted([place[u] for u in up[v]])
            count += sum([len(passed) - bisect_right(passed, end) for end in ends])
            for end in ends:
                insort(passed, end)
    return count


def exchange_neighbours(layers: list[list[int]], up: Near, down: Near, first: dict[int, int]) -> None:
    """Exchange two that stand side by side if fewer links cross then, or as many and the two are in order then."""
    place = {v: k for layer in layers for k, v in enumerate(layer)}
    for layer in layers:
        if len(layer) > 1:
            ends = {v: [sorted([place[u] for u in near[v]]) for near in (up, down)] for v in layer}
            for k in range(len(layer) - 1):
                v, w = layer[k : k + 2]
                crossed, exchanged = pairs_above(ends[v], ends[w]), pairs_above(ends[w], ends[v])
                if exchanged < crossed or (exchanged == crossed and first[w] < first[v]):
                    layer[k : k + 2] = w, v
            place.update([(v, k) for k, v in enumerate(layer)])


def pairs_above(a: list[list[int]], b: list[list[int]]) -> int:
    """How many pairs have the larger number in the first, of two pairs of sorted lists."""
    count = 0
    for one, other in zip(a, b, strict=True):
        if one and other and one[-1] > other[0]:
            count += sum([len(one) - bisect_right(one, end) for end in other])
    return count
