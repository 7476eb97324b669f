"""A slide as DOT: every part in the place that its SVG has."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from gallery import GALLERY

import tinygrad_lite as tl
from tinygrad_lite.drawing import render
from tinygrad_lite.drawing.output.layout import Drawing
from tinygrad_lite.drawing.output.placed import placed


def statements(source: str) -> dict[str, str]:
    """The statements by what they are of."""
    return dict(re.findall(r"^\t(.+?) \[(.*)\]$", source, re.MULTILINE))


def numbers(pos: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", pos)]


@pytest.mark.parametrize("options", [{}, {"backward": True}, {"signs": True}])
@pytest.mark.parametrize("name", ["neuron", "softmax", "perceptron"])
def test_boxes_and_arrows_are_where_the_svg_has_them(name: str, options: dict[str, Any]) -> None:
    picture = tl.draw(GALLERY[name].make(), size="slide", **options)
    source = placed(picture.picture, theme="light", direction=picture.direction, legend=True)
    sheet = Drawing(picture.picture, "light", "slide").sheet(picture.direction, True)
    found = statements(source)
    (left, top), (width, height) = sheet.corner, sheet.size
    for key, box in sheet.places.boxes.items():
        x, y = numbers(found[key].split('pos="')[1].split('"')[0])
        assert (x + left - sheet.shift, height - y + top) == pytest.approx((box.x, box.y), abs=0.01)
        size = [float(n) * 72 for n in re.findall(r"(?:width|height)=([\d.]+)", found[key].split("pos=")[1])]
        assert size == pytest.approx(box[2:], abs=0.01)
    arrows = re.findall(r'^\t\w+ -> \w+ \[.*?pos="(\w),(.*?)"', source, re.MULTILINE)
    assert len(arrows) == len(picture.edges)
    for edge, route, (end, pos) in zip(picture.edges, sheet.places.routes, arrows, strict=True):
        tip = route.start if end == "s" else route.steps[-1][-1]
        assert (end == "s") == (edge.style == "backward")
        x, y, *line = numbers(pos)
        assert (x + left - sheet.shift, height - y + top) == pytest.approx(tip, abs=0.01)
        assert len(line) % 6 == 2, "a first point, and three for each curve"
    assert numbers(found["corner_high"].split("pos=")[1]) == pytest.approx((width, height), abs=0.01)


def test_graphviz_moves_nothing() -> None:
    x = tl.tensor([0.1, 0.5], requires_grad=True, name="x")
    picture = tl.draw(np.exp(np.tanh(x * x)).sum(), size="slide", legend=False)
    source = placed(picture.picture, theme="dark", direction="right", legend=False)
    drawing = render(source, "svg", engine="nop2").decode()
    sheet = Drawing(picture.picture, "dark", "slide").sheet("right", False)
    (left, top), (_, height) = sheet.corner, sheet.size
    nodes = dict(
        re.findall(r'class="node">\n<title>(\w+)</title>\n<(?:path|polygon) [^>]*?(?:d|points)="([^"]+)"', drawing)
    )
    assert list(nodes) == list(sheet.places.boxes)
    for key, box in sheet.places.boxes.items():
        shape = numbers(nodes[key])
        x, y = [(min(side) + max(side)) / 2 for side in (shape[::2], shape[1::2])]
        assert (x + left - sheet.shift, height + y + top) == pytest.approx((box.x, box.y), abs=0.5)
    assert drawing.count('class="edge"') == len(sheet.places.routes)
