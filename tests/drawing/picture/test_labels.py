"""Values, gradients, names: what the boxes say, and what a trace keeps for them."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.drawing.picture import labels
from tinygrad_lite.nn import Linear, Sequential, Tanh


def boxes(graph: Any) -> dict[str, list[str]]:
    """The lines of each box, by its first."""
    found = {}
    for vertex in graph.picture.vertices.values():
        first, *rest = [line.text for line in vertex.lines]
        found[first] = rest
    return found


@pytest.mark.parametrize(("x", "lines"), [
    (np.float64(1.5), ["1.5"]),
    (np.float64("nan"), ["NaN"]),
    (-np.inf, ["−∞"]),
    (np.float32(-0.0), ["0"]),
    (np.array([1.0, -2.0]), ["[1, −2]"]),
    (np.array([[1.0, 2.0], [3.0, 4.0]]), ["[1, 2]", "[3, 4]"]),
    (np.array([[1.0], [2.0]]), ["[1, 2]ᵀ"]),
    (np.array([True, False]), ["[True, False]"]),
    (np.arange(9.0), ["min 0  mean 4  max 8"]),
    (np.array([np.nan, np.inf, -np.inf, *range(9)]), ["min 0  mean 4  max 8", "⚠ 1 NaN, 2 ∞"]),
    (np.full(9, np.nan), ["⚠ 9 NaN"]),
    (np.zeros((0, 3)), ["no entries"]),
    (np.arange(9), ["min 0  mean 4  max 8"]),
])  # fmt: skip
def test_values_in_short(x: Any, lines: list[str]) -> None:
    assert labels.values(x) == lines


def test_a_trace_keeps_values_and_gradients() -> None:
    x = tl.tensor([0.5, -1.0], requires_grad=True, name="x")
    with tl.tracing():
        y = np.tanh(x * 2.0)
        y.name = "y"
        loss = y.sum()
    assert not any("grad" in line for lines in boxes(tl.draw(loss)).values() for line in lines)
    loss.backward()
    drawn = boxes(tl.draw(loss))
    assert drawn["y"] == ["(2,) float64", "[0.7616, −0.964]", "grad [1, 1]"]
    assert drawn["x"] == ["(2,) float64", "[0.5, −1]", f"grad {labels.row(2 * (1 - np.tanh([1.0, -2.0]) ** 2))}"]


def test_a_gradient_that_has_not_arrived_is_a_dash() -> None:
    a, b = (tl.tensor(2.0, requires_grad=True, name=name) for name in "ab")
    (a * 3.0).backward()
    with tl.tracing():
        c = a * b
    c.name = "c"
    drawn = boxes(tl.draw(c))
    assert drawn["a"][-1] == "grad 3"
    assert drawn["b"][-1] == "grad —"
    assert drawn["c"][-1] == "grad —"


def test_without_a_trace_what_the_rules_saved_is_shown() -> None:
    x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    y = np.exp(x)
    y.name = "y"
    loss = (y * y).sum()
    drawn = boxes(tl.draw(loss))
    assert drawn["y"] == ["(2,) float64", "[2.718, 7.389]"]
    assert drawn["x"] == ["(2,) float64"], "exp saves its output alone"
    drawn = boxes(tl.draw(loss, names={"other": x}))
    assert drawn["x"] == ["(2,) float64", "[1, 2]"], "its own name comes first, and the caller's Tensor tells the value"
    loss.backward()
    assert boxes(tl.draw(loss))["y"] == ["(2,) float64"], "released"


def test_a_trace_and_the_rest_of_recording() -> None:
    x = tl.tensor(2.0, requires_grad=True)
    seen: list[bool] = []
    with tl.tracing():
        with tl.no_grad():
            assert not (x * x).requires_grad
        inner = tl.grad(lambda v: v * v)(3.0)
        with tl.tracing():
            y = x * x
        z = x * y
        thread = threading.Thread(target=lambda: seen.append(hasattr((x * x)._node, "kept")))
        thread.start()
        thread.join()
    assert inner == 6.0
    assert hasattr(y._node, "kept")
    assert hasattr(z._node, "kept")
    assert not hasattr((x * x)._node, "kept")
    assert seen == [False]
    with tl.no_grad(), tl.tracing():
        assert not (x * x).requires_grad
    assert tl.trace(np.eye(3)) == 3.0
    assert tl.trace(np.eye(3), offset=1) == 0.0


def test_what_a_trace_keeps_dies_with_the_graph() -> None:
    gc.collect()
    gc.disable()
    try:
        x = tl.tensor(np.ones(3), requires_grad=True)
        with tl.tracing():
            loss = np.exp(x).sum()
            loss.backward()
        kept = weakref.ref(loss._node.parents[0].kept.output)
        assert kept() is not None
        del loss
        assert kept() is None
    finally:
        gc.enable()


def test_gradients_are_the_same_inside_a_trace() -> None:
    def gradient(traced: bool) -> np.ndarray:
        w = tl.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
        with tl.tracing() if traced else tl.scope("none"):
            y = np.tanh(w @ w.T) / (1 + np.exp(w).sum())
            (y * y).sum().backward()
        return w.grad

    np.testing.assert_array_equal(gradient(True), gradient(False))


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


def test_costs_on_request() -> None:
    W = tl.tensor(np.ones((3, 5)), requires_grad=True)
    x = tl.tensor(np.ones((7, 3)), requires_grad=True)
    y = (x @ W).sum()
    assert boxes(tl.draw(y, costs=True))["matmul"] == ["saves 288 B", "105 multiply-adds"]
    assert not any("saves" in line for lines in boxes(tl.draw(y)).values() for line in lines)
    z = np.einsum("ij,jk->ik", x, W)
    assert "105 multiply-adds" in boxes(tl.draw(z, costs=True))["einsum"]
    y.backward()
    assert boxes(tl.draw(y, costs=True))["matmul"][0] == "saved values released"


def test_leaves_with_many_uses_are_drawn_once_for_each() -> None:
    w = tl.tensor(2.0, requires_grad=True, name="w")
    few = tl.draw(sum([w * float(k) for k in range(8)]))
    many = tl.draw(sum([w * float(k) for k in range(9)]), rollup=False)
    assert sum(v.lines[0].text == "w" for v in few.picture.vertices.values()) == 1
    copies = [v for v in many.picture.vertices.values() if v.lines[0].text == "w"]
    assert len(copies) == 9
    assert all(v.dashed for v in copies)
