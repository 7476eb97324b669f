"""Rows: as many as asked for, as even as can be, and arrows that do not cross between them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from tinygrad_lite.drawing.output.arrangement import Arrangement, arrange
from tinygrad_lite.drawing.output.levels import MARGIN, Route, Sizes
from tinygrad_lite.drawing.output.wrapping import LANE, Cut, filling_cuts, rows_between, wrappings
from tinygrad_lite.drawing.picture.model import Edge, Line, Picture, Vertex


def picture_of(count: int, pairs: list[tuple[int, int]]) -> Picture:
    picture = Picture()
    for k in range(count):
        picture.add(Vertex(f"v{k}", "result", [Line("title", "v")]))
    picture.edges.extend([Edge(f"v{a}", f"v{b}") for a, b in pairs])
    return picture


def in_rows(picture: Picture, rows: int) -> Arrangement | None:
    sizes = Sizes(dict.fromkeys(picture.vertices, (40.0, 20.0)), {}, [(0.0, 0.0)] * len(picture.edges), 18, 14, 2)
    return wrapped(arrange(picture, sizes, "right"), sizes, rows)


def wrapped(whole: Arrangement, sizes: Sizes, rows: int) -> Arrangement | None:
    """In so many rows, of which the widest is as narrow as it can be."""
    found = [wrapping for wrapping in wrappings(whole, sizes) if len(wrapping.cuts) == rows - 1]
    return found[-1].arrangement() if found else None


CHAIN = [(k, k + 1) for k in range(8)]
SKIPS = [*CHAIN, (0, 4), (1, 8), (2, 6), (3, 7)]


def tops(places: Arrangement) -> list[float]:
    """The heights at which boxes are, each once."""
    return sorted({round(box.y, 3) for box in places.boxes.values()})


@pytest.mark.parametrize("rows", [2, 3, 5, 9])
def test_a_chain_stands_in_as_many_rows_as_asked(rows: int) -> None:
    places = in_rows(picture_of(9, CHAIN), rows)
    assert places is not None
    assert len(tops(places)) == rows
    order = sorted(places.boxes, key=lambda key: (places.boxes[key].y, places.boxes[key].x))
    assert order == [f"v{k}" for k in range(9)], "it is read as a text is"
    counts = [sum(round(box.y, 3) == top for box in places.boxes.values()) for top in tops(places)]
    assert max(counts) == -(-9 // rows)
    firsts = [min(box.x for box in places.boxes.values() if round(box.y, 3) == top) for top in tops(places)]
    assert firsts == pytest.approx([firsts[0]] * rows)


def test_what_cannot_be_cut_is_not() -> None:
    assert in_rows(picture_of(9, CHAIN), 10) is None
    assert in_rows(picture_of(3, []), 2) is None


def test_a_long_frame_goes_on_in_the_next_row() -> None:
    framed = picture_of(3, CHAIN[:2])
    framed.vertices.update({key: replace(vertex, frames=("f",)) for key, vertex in framed.vertices.items()})
    framed.frames["f"] = [Line("title", "f")]
    sizes = Sizes(dict.fromkeys(framed.vertices, (40.0, 20.0)), {"f": (30.0, 20.0)}, [(0.0, 0.0)] * 2, 18, 14, 2)
    places = wrapped(arrange(framed, sizes, "right"), sizes, 2)
    assert places is not None
    (first, second), (piece,) = [(places.boxes["v1"], places.boxes["v2"]), places.continued["f"]]
    assert places.frames["f"].y + places.frames["f"].height / 2 < piece.y - piece.height / 2
    assert first.x + first.width / 2 + MARGIN == pytest.approx(places.frames["f"].x + places.frames["f"].width / 2)
    assert (piece.y, piece.height) == pytest.approx((second.y, second.height + 2 * MARGIN)), "no taller than it must be"


def corners(route: Route) -> list[tuple[float, float]]:
    """Where an arrow's steps end, with the corners that curves only round."""
    found = [route.start]
    for step in route.steps:
        found += [step[0], step[-1]] if len(step) == 3 and step[0] == step[1] else [step[-1]]
    return found


@pytest.mark.parametrize("rows", [2, 3, 5])
@pytest.mark.parametrize("pairs", [CHAIN, SKIPS, [*SKIPS, (8, 2), (7, 7)]], ids=["chain", "skips", "loops"])
def test_no_two_arrows_run_on_each_other(pairs: list[tuple[int, int]], rows: int) -> None:
    places = in_rows(picture_of(9, pairs), rows)
    assert places is not None
    lines = [
        (number, (a, b))
        for number, route in enumerate(places.routes)
        for a, b in itertools.pairwise(corners(route))
        if (a[0] == b[0]) != (a[1] == b[1])
    ]
    for (one, (a, b)), (other, (c, d)) in itertools.combinations(lines, 2):
        for across, along in ((0, 1), (1, 0)):
            if one != other and a[across] == b[across] and c[across] == d[across]:
                apart = abs(a[across] - c[across]) > 1.0
                ends = (
                    max(min(a[along], b[along]), min(c[along], d[along])),
                    min(max(a[along], b[along]), max(c[along], d[along])),
                )
                assert apart or ends[0] >= ends[1] - 0.01, (pairs[one], pairs[other])


def test_the_arrows_of_a_cut_do_not_cross_between_its_rows() -> None:
    places = in_rows(picture_of(6, [(0, 3), (1, 4), (2, 5)]), 2)
    assert places is not None
    paths = [corners(route) for route in places.routes]
    heights = [path[0][1] for path in paths]
    right, left = [max(x for x, _ in path) for path in paths], [min(x for x, _ in path) for path in paths]
    outermost = np.argsort(heights)
    assert list(np.argsort(right))[::-1] == list(outermost)
    assert list(np.argsort(left))[::-1] == list(outermost)
    assert np.diff(sorted(right)) == pytest.approx([LANE, LANE])


def test_a_row_is_filled_before_the_next_begins() -> None:
    possible = [Cut(10.0 * k, 10.0 * k + 2) for k in (1, 4, 5, 6, 9)]
    assert filling_cuts(possible, 100.0, 100.0) == []
    assert filling_cuts(possible, 100.0, 70.0) == [Cut(60.0, 62.0)]
    assert filling_cuts(possible, 100.0, 50.0) == [Cut(50.0, 52.0)]
    assert filling_cuts(possible, 100.0, 40.0) == [Cut(40.0, 42.0), Cut(60.0, 62.0)]
    assert filling_cuts(possible, 100.0, 20.0) is None
    for longest in (40.0, 50.0, 70.0):
        cuts = filling_cuts(possible, 100.0, longest)
        assert cuts is not None
        assert max(end - begin for begin, end in rows_between(cuts, 100.0)) <= longest


def test_a_label_goes_with_the_arrows_tip() -> None:
    picture = picture_of(2, [(0, 1)])
    picture.edges[0] = replace(picture.edges[0], label="operand")
    sizes = Sizes(dict.fromkeys(picture.vertices, (40.0, 20.0)), {}, [(200.0, 12.0)], 18, 14, 2)
    places = wrapped(arrange(picture, sizes, "right"), sizes, 2)
    assert places is not None
    tip, (x, y) = places.routes[0].steps[-1][-1], places.routes[0].label
    assert y > places.boxes["v0"].y + 10
    assert x + 100 < tip[0]


def test_the_same_each_time() -> None:
    picture = picture_of(9, SKIPS)
    assert in_rows(picture, 3) == in_rows(picture, 3)
