"""Where the names of arrays come from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.drawing.picture.names import ArrayNames
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


def test_states_of_an_array_bear_its_name_and_a_number() -> None:
    x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    y = x * 2.0
    y.name = "y"
    y[0] = x[1]
    y += x
    assert [name for name in boxes(tl.draw(y)) if name[0] == "y"] == ["y", "y⁽¹⁾", "y⁽²⁾"]
    y.name = "z"
    assert [name for name in boxes(tl.draw(y * 1.0)) if name[0] in "yz"] == ["y", "y⁽¹⁾", "z"]


def test_the_callers_name_is_that_of_earlier_states_too() -> None:
    x = tl.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2.0
    alias = y
    part = y[:1]
    alias[0] = x[1]
    part *= 2.0
    out = y.sum()
    assert [name for name in boxes(tl.draw(out, names={"y": y, "part": part})) if name[0] == "y"] == [
        "y", "y⁽¹⁾", "y⁽²⁾",
    ]  # fmt: skip
    z = tl.tensor(np.zeros(2), name="z")
    z[0] = x[1]
    assert [name for name in boxes(tl.draw(z)) if name[0] == "z"] == ["z", "z⁽¹⁾"]


def test_two_arrays_made_of_one_by_setitem_are_told_apart() -> None:
    x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    drawn = boxes(tl.draw(tl.setitem(x, 0, 5.0) * tl.setitem(x, 1, 5.0)))
    assert {"x", "x⁽¹⁾", "x⁽²⁾"} <= set(drawn)


@pytest.mark.parametrize("name", ["v1", "v_1", "v₁"])
def test_a_made_name_is_no_given_one_however_that_is_written(name: str) -> None:
    x, v = tl.Tensor(3.0, requires_grad=True, name="x"), tl.Tensor(4.0, requires_grad=True, name=name)
    product = x * v
    total = product + v
    nodes = [x._node, v._node, product._node, total._node]
    names = ArrayNames(nodes, {}, numbered=True)
    assert [names[node] for node in nodes] == ["x", name, "v₂", "v₃"]
