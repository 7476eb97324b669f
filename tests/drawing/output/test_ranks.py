"""Layers: every link goes down, and none is longer than it must be."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tinygrad_lite.drawing.output.ranks import ranks_of


def length(ranks: list[int], links: list[tuple[int, int]]) -> int:
    return sum([ranks[b] - ranks[a] for a, b in links])


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=10))
def test_links_go_down(pairs: list[tuple[int, int]]) -> None:
    links = [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    ranks = ranks_of(7, links, {})
    assert all(ranks[a] < ranks[b] for a, b in links)
    assert set(ranks) == set(range(max(ranks) + 1)), "no layer is empty"


def test_what_one_operation_takes_stands_just_above_it() -> None:
    # a chain 0 → 1 → 2 → 3, and leaves 4 → 5 → 3 that are needed late
    links = [(0, 1), (1, 2), (2, 3), (4, 5), (5, 3)]
    assert ranks_of(6, links, {}) == [0, 1, 2, 3, 1, 2]


def test_branches_that_are_alike_are_level() -> None:
    # two neurons on x = 0: products 1 and 2 with weights 3 and 4, added up one after the other: 5, 6 with 7
    links = [(0, 1), (3, 1), (0, 2), (4, 2), (1, 5), (2, 5), (5, 6), (7, 6), (0, 8), (8, 7)]
    ranks = ranks_of(9, links, {})
    assert ranks[1] == ranks[2]
    assert ranks[3] == ranks[4] == ranks[1] - 1


def test_small_graphs_are_as_short_as_can_be() -> None:
    """Beside all ways to set them, of graphs in which an operation takes two of what is there."""
    for first, second, third in itertools.product([(0, 1), (0, 0)], [(0, 2), (1, 2)], [(0, 3), (1, 3), (2, 3)]):
        links = [(first[0], 2), (first[1], 2), (second[0], 3), (second[1], 3), (third[0], 4), (third[1], 4)]
        best = min(
            length(list(ranks), links)
            for ranks in itertools.product(range(4), repeat=5)
            if all(ranks[a] < ranks[b] for a, b in links)
        )
        assert length(ranks_of(5, links, {}), links) == best


def test_some_stand_level_with_others() -> None:
    ranks = ranks_of(5, [(0, 1), (1, 2), (3, 4)], {3: 1, 4: 2})
    assert (ranks[3], ranks[4]) == (ranks[1], ranks[2])


def test_in_a_circle_one_link_goes_up() -> None:
    ranks = ranks_of(3, [(0, 1), (1, 2), (2, 0)], {})
    assert ranks == [0, 1, 2]
