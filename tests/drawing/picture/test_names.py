"""Where the names of arrays come from."""

from __future__ import annotations

from typing import Any

import numpy as np

import tinygrad_lite as tl
from tinygrad_lite.nn import Linear, Sequential, Tanh


def boxes(graph: Any) -> dict[str, list[str]]:
    """The lines of each box, by its first."""
    found = {}
    for vertex in graph.picture.vertices.values():
        first, *rest = [line.text for line in vertex.lines]
        found[first] = rest
    return found


def test_names_come_from_the_caller() -> None:
    W = tl.tensor(np.ones((2, 2)), requires_grad=True)
    x = np.ones(2)
    with tl.tracing():
        h = W @ x
        loss = h.sum()
    loss.name = "its own"
    given = {"W": W, "x": x, "h": h, "loss": loss}
    assert {"W", "x", "h", "its own"} <= set(boxes(tl.draw(loss, names=given)))
    assert not {"W", "x", "h"} & set(boxes(tl.draw(loss)))
    b = tl.tensor(1.0, requires_grad=True)
    layer = Linear(2, 2, rng=0)
    y = layer(x.astype(np.float32)).sum() * b
    drawn = boxes(tl.draw(y, names={"layers": [layer], "more": {"b": b}, "_private": y}))
    assert {"layers.0.weight", "layers.0.bias", "more.b"} <= set(drawn)
    assert "_private" not in drawn


def test_names_come_from_modules() -> None:
    net = Sequential(Linear(2, 3, rng=0), Tanh(), Linear(3, 1, rng=1))
    with tl.tracing():
        y = net(np.ones((4, 2), np.float32)).sum()
    assert {"0.weight", "0.bias", "2.weight", "2.bias"} <= set(boxes(tl.draw(y)))
    assert net[0].weight.name is None, "the names are the picture's alone"
