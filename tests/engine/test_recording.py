"""What a trace keeps, and for how long."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np

import tinygrad_lite as tl


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
