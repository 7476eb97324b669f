"""Orders: as few arrows cross as need be, and operands stand in their order."""

from __future__ import annotations

import itertools
import random

from tinygrad_lite.drawing.output.crossings import crossing_count, untangled


def ordered(rank: list[int], links: list[tuple[int, int]]) -> tuple[list[list[int]], int]:
    """The layers, and how many links cross."""
    up: list[list[int]] = [[a for a, b in links if b == v] for v in range(len(rank))]
    down: list[list[int]] = [[b for a, b in links if a == v] for v in range(len(rank))]
    layers = untangled(rank, up, down)
    return layers, crossing_count(layers, up)


def crossing_pairs(layers: list[list[int]], links: list[tuple[int, int]]) -> int:
    """By the definition: pairs of links between the same layers whose ends are the other way round."""
    place = {v: (level, k) for level, layer in enumerate(layers) for k, v in enumerate(layer)}
    pairs = itertools.combinations([(place[a], place[b]) for a, b in links], 2)
    return sum((a[1] - c[1]) * (b[1] - d[1]) < 0 and a[0] == c[0] for (a, b), (c, d) in pairs)


def test_a_tree_has_its_operands_in_order() -> None:
    # 6 = (0 + 1) · (2 + 3), where the right sum was made first
    layers, count = ordered([0, 0, 0, 0, 1, 1, 2], [(2, 4), (3, 4), (0, 5), (1, 5), (5, 6), (4, 6)])
    assert layers == [[0, 1, 2, 3], [5, 4], [6]]
    assert count == 0


def test_a_crossing_that_can_be_undone_is() -> None:
    # f(a, b) and g(b, a) beside h(a): only the order of the operands costs a crossing
    layers, count = ordered([0, 0, 1, 1], [(0, 2), (1, 3)])
    assert (layers, count) == ([[0, 1], [2, 3]], 0)
    layers, count = ordered([0, 0, 0, 1, 1, 2], [(0, 3), (1, 4), (2, 3), (4, 5), (3, 5)])
    assert count == 0, layers


def test_random_layers_are_near_the_best_order() -> None:
    """Two layers of five, beside all their orders."""
    found = best = first = 0
    for seed in range(12):
        draws = random.Random(seed)
        links = sorted({(draws.randrange(5), 5 + draws.randrange(5)) for _ in range(8)})
        used = {v for link in links for v in link}
        links += [(v, 10) for v in range(5, 10) if v in used]
        rank = [0] * 5 + [1] * 5 + [2]
        layers, count = ordered(rank, links)
        assert count == crossing_pairs(layers, links)
        assert sorted(v for layer in layers for v in layer) == list(range(11))
        found += count
        first += crossing_pairs([list(range(5)), list(range(5, 10)), [10]], links)
        best += min(
            crossing_pairs([list(order), by_middle(order, links), [10]], links)
            for order in itertools.permutations(range(5))
        )
    assert best <= found <= best + 2 < first


def by_middle(order: tuple[int, ...], links: list[tuple[int, int]]) -> list[int]:
    """The second layer, by the mean place of what each is linked with above."""
    ends = {v: [order.index(a) for a, b in links if b == v] for v in range(5, 10)}
    return sorted(ends, key=lambda v: sum(ends[v]) / max(len(ends[v]), 1))
