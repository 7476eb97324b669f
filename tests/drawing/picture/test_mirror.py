"""The backward pass as the mirror image has every gradient, and every sum."""

from __future__ import annotations

from typing import Any

import numpy as np
from gallery import neuron

import tinygrad_lite as tl


def test_the_backward_pass_mirrors_the_forward_one() -> None:
    graph = tl.draw(neuron(), backward=True, derivatives=True)
    of_kind: dict[str, list[Any]] = {}
    for vertex in graph.picture.vertices.values():
        of_kind.setdefault(vertex.kind, []).append(vertex)
    forward = [v for v in graph.picture.vertices.values() if v.kind in {"parameter", "intermediate", "output"}]
    assert len(of_kind["gradient"]) == len(forward)
    assert len(of_kind["pullback"]) == len(of_kind["operation"]) == 5
    shown = {v.lines[0].text: v.lines[1].text for v in of_kind["gradient"] if len(v.lines) == 2}
    assert {k: shown[f"∂o/∂{k}"] for k in ("x1", "w1", "x2", "w2", "b")} == {
        "x1": "−1.5", "w1": "1", "x2": "0.5", "w2": "0", "b": "0.5",
    }  # fmt: skip
    assert "dir=back" in graph.source
    assert "{rank=same d0 bd0}" in graph.source


def test_sums_at_fan_outs_are_drawn() -> None:
    x = tl.tensor(2.0, requires_grad=True, name="x")
    y = x * x + np.exp(x)
    graph = tl.draw(y, backward=True)
    sums = [v for v in graph.picture.vertices.values() if v.kind == "sum"]
    assert [v.key for v in sums] == ["sd0"]
    assert sum(e.tail == "sd0" and e.style == "backward" for e in graph.edges) == 3
    assert sum(e.head == "sd0" for e in graph.edges) == 1


def test_constants_have_no_gradient_boxes() -> None:
    x = tl.tensor(2.0, requires_grad=True)
    graph = tl.draw(tl.Tensor(np.ones(3), name="t") * x - 1.0, backward=True)
    assert len([key for key in graph.picture.vertices if key.startswith("b")]) == 5
    assert not tl.draw(tl.tensor([1.0]), backward=True).edges
