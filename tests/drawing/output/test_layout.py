"""SVG without Graphviz: whole, the same each time, every text in its box, and on slides sixteen to nine."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest
from gallery import GALLERY, neuron, perceptron

import tinygrad_lite as tl
from tinygrad_lite.drawing.output.layout import lay_out
from tinygrad_lite.drawing.output.themes import THEMES

SVG = "{http://www.w3.org/2000/svg}"


def parts_of(drawing: str, kind: str) -> list[Any]:
    """The groups of a class: node, edge or cluster."""
    return [group for group in ElementTree.fromstring(drawing).iter(f"{SVG}g") if group.get("class") == kind]


def titled(drawing: str) -> dict[str, Any]:
    """The boxes by their titles."""
    return {part.findtext(f"{SVG}title"): part for part in parts_of(drawing, "node")}


def corners(path: str) -> list[tuple[float, float]]:
    """The points that a path of straight lines and arcs passes."""
    found, x, y = [], 0.0, 0.0
    for command, *rest in [(c[0], *c[1:].replace(",", " ").split()) for c in split_commands(path)]:
        numbers = [float(n) for n in rest]
        x = numbers[-1] if command == "H" else x if command == "V" else numbers[-2] if numbers else x
        y = numbers[-1] if numbers and command != "H" else y
        found.append((x, y))
    return found


def split_commands(path: str) -> list[str]:
    """A path's commands, each with its numbers."""
    for letter in "MHVAZLC":
        path = path.replace(letter, f"|{letter}")
    return path.split("|")[1:]


def test_every_box_and_arrow_is_there_once_under_its_title() -> None:
    picture = tl.draw(perceptron()).picture
    drawing = lay_out(picture)
    titles = [part.findtext(f"{SVG}title") for part in parts_of(drawing, "node")]
    assert sorted(titles) == sorted([*picture.vertices, *[f"t_{key}" for key in picture.frames]])
    arrows = [part.findtext(f"{SVG}title") for part in parts_of(drawing, "edge")]
    assert arrows == [f"{edge.tail}->{edge.head}" for edge in picture.edges]
    assert len(parts_of(drawing, "cluster")) == len(picture.frames) == 7
    texts = {title: [text.text for text in part.iter(f"{SVG}text")] for title, part in titled(drawing).items()}
    for key, vertex in picture.vertices.items():
        assert texts[key] == [line.text for line in vertex.lines]
    assert drawing == lay_out(tl.draw(perceptron()).picture), "the same each time"


def test_the_tip_is_at_the_end_that_the_arrow_points_to() -> None:
    picture = tl.draw(neuron(), backward=True).picture
    boxes = {title: corners(part.find(f"{SVG}path").get("d")) for title, part in titled(lay_out(picture)).items()}
    for edge, part in zip(picture.edges, parts_of(lay_out(picture), "edge"), strict=True):
        tip = float(part.find(f"{SVG}polygon").get("points").split()[-1].split(",")[1])
        at = edge.tail if edge.style == "backward" else edge.head
        border = max if edge.style == "backward" else min
        assert tip == pytest.approx(border([y for _, y in boxes[at]]), abs=0.11)


@pytest.mark.parametrize(
    ("name", "size"), [("neuron", "slide"), *[(name, "page") for name in GALLERY if name != "recurrent"]]
)
def test_no_text_leaves_its_box(name: str, size: str) -> None:
    """With the widest of the fonts that readers have, by its own widths."""
    font_of = pytest.importorskip("matplotlib.font_manager")
    image_font = pytest.importorskip("PIL.ImageFont")
    fonts = {
        weight: image_font.truetype(font_of.findfont(f"DejaVu Sans:{weight}", fallback_to_default=False), 100)
        for weight in ("normal", "bold")
    }
    drawing = lay_out(tl.draw(GALLERY[name].make(), **GALLERY[name].options).picture, legend=True, size=size)
    checked = 0
    for part in parts_of(drawing, "node"):
        shape = part.find(f"{SVG}path")
        if shape is None:
            continue
        points = corners(shape.get("d"))
        left, right = [pick([x for x, _ in points]) for pick in (min, max)]
        top, bottom = [pick([y for _, y in points]) for pick in (min, max)]
        for text in part.iter(f"{SVG}text"):
            size_of = float(text.get("font-size"))
            wide = fonts[text.get("font-weight", "normal")].getlength(text.text) * size_of / 100
            assert left + 2 <= float(text.get("x")) - wide / 2
            assert float(text.get("x")) + wide / 2 <= right - 2, text.text
            assert top + 0.7 * size_of <= float(text.get("y")) <= bottom - 0.2 * size_of
            checked += 1
    assert checked > 15


def test_labels_stand_beside_the_arrows_they_belong_to() -> None:
    x, y = (tl.tensor(2.0, requires_grad=True, name=name) for name in "xy")
    for direction, distance in (("down", 12), ("right", 30)):
        for part in parts_of(lay_out(tl.draw(x - y).picture, direction=direction), "edge"):
            tip = [float(n) for n in part.find(f"{SVG}polygon").get("points").split()[-1].split(",")]
            for text in part.iter(f"{SVG}text"):
                assert text.text in {"a", "b"}
                assert abs(float(text.get("x")) - tip[0]) < distance
                assert abs(float(text.get("y")) - tip[1]) < 20


@pytest.mark.parametrize("make", [neuron, perceptron])
def test_a_slide_is_sixteen_to_nine_and_its_letters_are_large(make: Any) -> None:
    drawing = ElementTree.fromstring(lay_out(tl.draw(make()).picture, direction="right", size="slide", legend=True))
    _, _, width, height = [float(n) for n in drawing.get("viewBox", "").split()]
    assert width / height == pytest.approx(16 / 9, abs=2e-3)
    assert (drawing.get("width"), drawing.get("height")) == ("1280", "720")
    assert min([int(text.get("font-size", "0")) for text in drawing.iter(f"{SVG}text")]) >= 16
    if make is neuron:
        assert width < 1280, "letters are larger than their number says"


@pytest.mark.parametrize(
    ("operations", "height", "without_values"), [(4, 40, 60), (7, 30, 52), (10, 25, 42), (16, 21, 36)]
)
def test_names_of_chains_are_as_high_as_the_manual_says(operations: int, height: int, without_values: int) -> None:
    x: Any = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    with tl.tracing():
        y = x
        for k in range(operations - 1):
            y = [np.exp, np.sin, np.tanh][k % 3](y)
        y = y.sum()
    y.backward(retain_graph=True)
    for values, pixels in ((True, height), (False, without_values)):
        picture = tl.draw(y, rollup=False, values=values).picture
        svg = ElementTree.fromstring(lay_out(picture, direction="right", size="slide", legend=True))
        width = float(svg.get("viewBox", "").split()[2])
        assert round(20 * 1280 / width) == pixels


def test_a_slide_that_is_too_flat_has_wider_gaps() -> None:
    x = tl.tensor(2.0, requires_grad=True, name="x")
    picture = tl.draw(np.exp(np.tanh(x) * x)).picture
    heights = {}
    for size in ("page", "slide"):
        drawing = lay_out(picture, direction="right", size=size)
        ys = [y for part in parts_of(drawing, "node") for _, y in corners(part.find(f"{SVG}path").get("d"))]
        heights[size] = (max(ys) - min(ys)) / float(ElementTree.fromstring(drawing).get("viewBox", "").split()[2])
    assert heights["slide"] > 1.3 * heights["page"]


def test_the_theme_is_in_the_text() -> None:
    picture = tl.draw(neuron()).picture
    for theme, look in THEMES.items():
        drawing = lay_out(picture, theme=theme, legend=True)
        assert f'<polygon fill="{look.paper}"' in drawing
        assert drawing.count(look.looks["operation"].fill) >= 2
        assert "parameter</text>" in drawing
        assert "parameter</text>" not in lay_out(picture, theme=theme)


def test_any_name_is_drawn_as_the_text_it_is() -> None:
    names = ['<b>"x"</b>', "&lt;&amp;", "\x00\ud800", "数 😀", "a\nb"]
    total: Any = 0.0
    for name in names:
        total = total + tl.tensor(1.0, requires_grad=True, name=name)
    drawing = lay_out(tl.draw(total, rollup=False).picture)
    texts = {text.text for text in ElementTree.fromstring(drawing).iter(f"{SVG}text")}
    assert texts >= {'<b>"x"</b>', "&lt;&amp;", "\u2400?", "数 😀", "a", "b"}


def test_notes_are_below_the_picture() -> None:
    x = tl.Tensor(np.ones(3, np.float32), name="x")
    w = tl.tensor(np.ones(3), requires_grad=True, name="w")
    drawing = lay_out(tl.draw(w * x + w).picture)
    root = ElementTree.fromstring(drawing)
    (note,) = [text for text in root.iter(f"{SVG}text") if (text.text or "").startswith("Arrays are float64")]
    boxes = [y for part in parts_of(drawing, "node") for _, y in corners(part.find(f"{SVG}path").get("d"))]
    assert max(boxes) < float(note.get("y", "0"))
