"""Places: in order, apart, and in line."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_lite.drawing.output.coordinates import coordinates


def placed(layers: list[list[int]], links: list[tuple[int, int]], widths: list[float], long: set[int]) -> list[float]:
    """The places, with links from and to the middles."""
    up = [[(a, 0.0) for a, b in links if b == v] for v in range(len(widths))]
    down = [[(b, 0.0) for a, b in links if a == v] for v in range(len(widths))]
    return coordinates(layers, up, down, widths, [v in long for v in range(len(widths))], 10.0)


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=20),
    st.lists(st.floats(0, 50), min_size=16, max_size=16),
    st.sets(st.integers(0, 15)),
)
def test_boxes_keep_their_order_and_distance(
    counts: list[int], pairs: list[tuple[int, int]], widths: list[float], long: set[int]
) -> None:
    numbers = itertools.count()
    layers = [[next(numbers) for _ in range(n)] for n in counts]
    level = {v: k for k, layer in enumerate(layers) for v in layer}
    links = [(a, b) for a, b in pairs if a in level and b in level and level[b] == level[a] + 1]
    widths = widths[: len(level)]
    x = placed(layers, links, widths, long)
    assert min(at - width / 2 for at, width in zip(x, widths, strict=True)) == pytest.approx(0, abs=1e-6)
    for layer in layers:
        for v, w in itertools.pairwise(layer):
            gap = 10 * (1 - 0.25 * ((v in long) + (w in long)))
            assert x[w] - x[v] >= (widths[v] + widths[w]) / 2 + gap - 1e-6


def test_long_arrows_are_straight_and_parents_are_in_the_middle() -> None:
    # 0 → 1, 2, 3 → 4 beside a long arrow 0 → 5 → 6 → 4, whose bends are 5 and 6
    layers = [[0], [1, 5], [2, 6], [4]]
    x = placed(layers, [(0, 1), (0, 5), (1, 2), (5, 6), (2, 4), (6, 4)], [40, 60, 30, 0, 40, 0, 0], {5, 6})
    assert x[5] == pytest.approx(x[6])
    assert x[1] == pytest.approx(x[2])
    assert x[1] <= x[0] <= x[5]
    assert x[1] <= x[4] <= x[5]


def test_a_link_that_meets_a_box_off_its_middle_is_straight_too() -> None:
    x = coordinates([[0], [1]], [[], [(0, 25.0)]], [[(1, -25.0)], []], [10, 100], [False, False], 10.0)
    assert x[1] - x[0] == pytest.approx(25)


def test_a_leaf_stands_near_what_it_is_for() -> None:
    # 1 is a leaf of 4, and there is room
    x = placed([[0, 1, 2], [3, 4, 5]], [(0, 3), (1, 4), (2, 5)], [20, 20, 20, 90, 90, 90], set())
    assert x[1] == pytest.approx(x[4])
