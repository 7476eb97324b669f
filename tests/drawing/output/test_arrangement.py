"""Places: nothing covers anything else, arrows keep off what they do not join, frames hold what is theirs."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from gallery import GALLERY, recurrent
from hypothesis import example, given
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite.drawing.output.arrangement import Arrangement, arrange
from tinygrad_lite.drawing.output.levels import Point, Rect, Route, Sizes
from tinygrad_lite.drawing.output.wrapping import wrappings
from tinygrad_lite.drawing.picture.model import Edge, Line, Picture, Vertex


def placed(picture: Picture, direction: str = "down", rows: int = 1) -> Arrangement:
    """A picture with boxes of different sizes, titles, and labels as they come, in rows if it can be cut."""
    boxes = {key: (30.0 + 17 * (k % 5), 20.0 + 11 * (k % 3)) for k, key in enumerate(picture.vertices)}
    titles = dict.fromkeys(picture.frames, (70.0, 30.0))
    labels = [(7.0 * len(edge.label), 12.0 * bool(edge.label)) for edge in picture.edges]
    sizes = Sizes(boxes, titles, labels, 18, 14, 8)
    whole = arrange(picture, sizes, direction)
    found = [wrapping for wrapping in wrappings(whole, sizes) if len(wrapping.cuts) == rows - 1]
    return found[-1].arrangement() if found else whole


def sides(box: Rect) -> tuple[float, float, float, float]:
    x, y, width, height = box
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def within(inner: Rect, outer: Rect) -> bool:
    a, b = sides(inner), sides(outer)
    return a[0] >= b[0] - 0.01 and a[1] >= b[1] - 0.01 and a[2] <= b[2] + 0.01 and a[3] <= b[3] + 0.01


def apart(one: Rect, other: Rect) -> bool:
    a, b = sides(one), sides(other)
    return a[2] <= b[0] + 0.01 or b[2] <= a[0] + 0.01 or a[3] <= b[1] + 0.01 or b[3] <= a[1] + 0.01


def points_along(route: Route) -> list[Point]:
    """Points on an arrow, a few for each step."""
    found = [route.start]
    for step in route.steps:
        a, *controls, b = (found[-1], *step)
        p, q = controls or (a, b)
        for t in np.linspace(0, 1, 9)[1:]:
            weights = np.array([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3])
            found.append(tuple(weights @ np.array([a, p, q, b])))
    return found


def assert_clean(picture: Picture, direction: str, rows: int = 1) -> None:
    """Everything that a good drawing has."""
    drawn = placed(picture, direction, rows)
    whole = Rect(drawn.width / 2, drawn.height / 2, drawn.width, drawn.height)
    names = list(picture.vertices)
    assert list(drawn.boxes) == names
    for a, b in itertools.combinations(names, 2):
        assert apart(drawn.boxes[a], drawn.boxes[b]), (a, b)
    titles = {}
    for key, (x, y) in drawn.titles.items():
        titles[key] = Rect(x + 35, y + 15, 70, 30)
        assert within(titles[key], drawn.frames[key])
    for name, vertex in picture.vertices.items():
        box = drawn.boxes[name]
        for key, frame in drawn.frames.items():
            pieces = [frame, *drawn.continued.get(key, ())]
            found = [within(box, piece) or not apart(box, piece) for piece in pieces]
            assert sum(found) == (key in vertex.frames), (name, key)
            assert any(within(box, piece) for piece in pieces) == (key in vertex.frames), (name, key)
            assert apart(box, titles[key])
        assert within(drawn.boxes[name], whole)
    down = direction == "down"
    for edge, route in zip(picture.edges, drawn.routes, strict=True):
        tail, head = sides(drawn.boxes[edge.tail]), sides(drawn.boxes[edge.head])
        end = route.steps[-1][-1]
        for (x, y), box, border in ((route.start, tail, 3 if down else 2), (end, head, 1 if down else 0)):
            assert (y if down else x) == pytest.approx(box[border])
            assert box[0 if down else 1] < (x if down else y) < box[2 if down else 3]
        for x, y in points_along(route)[1:-1]:
            assert within(Rect(x, y, 0, 0), whole)
            for key, box in [*drawn.boxes.items(), *titles.items()]:
                left, top, right, bottom = sides(box)
                assert not (left + 0.01 < x < right - 0.01 and top + 0.01 < y < bottom - 0.01), (edge, key)


@pytest.mark.parametrize("direction", ["down", "right"])
@pytest.mark.parametrize("name", list(GALLERY))
def test_the_gallery_is_clean(name: str, direction: str) -> None:
    assert_clean(tl.draw(GALLERY[name].make(), **GALLERY[name].options).picture, direction)


@pytest.mark.parametrize("rows", [2, 4])
@pytest.mark.parametrize("name", list(GALLERY))
def test_the_gallery_is_clean_in_rows(name: str, rows: int) -> None:
    assert_clean(tl.draw(GALLERY[name].make(), **GALLERY[name].options).picture, "right", rows)


@pytest.mark.parametrize("options", [{"depth": 0}, {"depth": 1}, {"rollup": False, "limit": 12}, {"backward": True}])
def test_folded_pictures_are_clean(options: dict[str, Any]) -> None:
    assert_clean(tl.draw(recurrent(6), **options).picture, "down")


PAIRS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=24)


@given(
    count=st.integers(1, 12),
    pairs=PAIRS,
    frames=st.lists(st.sampled_from(["", "a", "ab", "c", "abd"]), min_size=12, max_size=12),
    rows=st.integers(0, 4),
)
@example(2, [(0, 0), (0, 0), (0, 0), (0, 0), (0, 1), (0, 0), (0, 1)], [""] * 12, 3)  # a bend over a whole row
def test_random_pictures_are_clean(count: int, pairs: list[tuple[int, int]], frames: list[str], rows: int) -> None:
    picture = Picture()
    for k in range(count):
        picture.add(Vertex(f"v{k}", "input", [Line("title", "v")], frames=tuple(frames[k])))
        picture.frames.update({key: [Line("title", "f")] for key in frames[k]})
    for k, (a, b) in enumerate(pairs):
        if a < count and b < count:
            picture.edges.append(Edge(f"v{a}", f"v{b}", "abc"[: k % 4], "again" if k % 7 == 6 else "forward"))
    assert_clean(picture, "right" if rows else "down", rows)
