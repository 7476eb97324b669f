"""The optimizers' formulas by hand, with BLAS and without. PyTorch's are among the oracles."""

import sys
import tracemalloc
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite import optim
from tinygrad_lite.optim import algorithms


def parameter(*shape, seed=0, dtype=np.float64):
    values = np.random.default_rng(seed).standard_normal(shape).astype(dtype)
    return tl.Tensor(values, requires_grad=True)


def descend(optimizer, parameters, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        sum([(p * p * (1 + p * p)).sum() for p in parameters]).backward()
        optimizer.step()


W = tl.tensor([1.0], requires_grad=True)


@given(st.floats(0, 0.99), st.floats(1e-3, 1.0), st.lists(st.floats(-3, 3), min_size=1, max_size=5))
def test_momentum_is_the_octave_codes(momentum, rate, gradients):
    w = tl.tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([w], rate, momentum=momentum)
    weights, delta = 1.0, 0.0
    for gradient in gradients:
        w.grad = [gradient]
        optimizer.step()
        delta = momentum * delta + gradient
        weights = weights - rate * delta
        assert w.data[0] == pytest.approx(weights, rel=1e-14, abs=1e-15)


def test_adam_by_hand():
    w = tl.tensor([2.0], requires_grad=True)
    optimizer = optim.Adam([w], lr=0.1, betas=(0.5, 0.75), eps=0.25)
    theta, m, v = 2.0, 0.0, 0.0
    for t, g in enumerate([1.0, -0.5, 3.0], 1):
        w.grad = [g]
        optimizer.step()
        m, v = 0.5 * m + 0.5 * g, 0.75 * v + 0.25 * g * g
        theta -= 0.1 * (m / (1 - 0.5**t)) / (sqrt(v / (1 - 0.75**t)) + 0.25)
        assert w.data[0] == pytest.approx(theta, rel=1e-14)


def test_every_optimizer_descends(make):
    p = parameter(5)
    start = float((p.data**2).sum())
    descend(make([p]), [p], 100)
    assert float((p.data**2).sum()) < 0.1 * start


def test_no_memory_is_taken_once_it_runs(make):
    p = parameter(300, 300)
    p.grad = np.ones((300, 300))
    optimizer = make([p])
    optimizer.step()
    tracemalloc.start()
    try:
        optimizer.step()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000


def test_betas_are_below_one():
    for betas in ((0.9, 1.0), (0.9, 0.9, 0.9), 0.9):
        with pytest.raises(ValueError, match="betas"):
            optim.Adam([W], betas=betas)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (1,), (3, 5), (2**16 + 7,)])
def test_plain_steps_are_the_same_with_and_without_blas(dtype, shape, monkeypatch):
    def stepped():
        p = parameter(*shape, dtype=dtype)
        if len(shape) == 2:
            p.data = p.data.T.copy().T  # not contiguous
        descend(optim.SGD([p], 0.001), [p], 3)  # small enough for the largest of them
        return p.data

    with_blas = stepped()
    monkeypatch.setattr(algorithms, "one_pass", lambda dtype: None)
    without = stepped()
    assert with_blas.dtype == without.dtype == dtype
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(with_blas, without, rtol=16 * eps, atol=16 * eps)
    assert not np.array_equal(without, parameter(*shape, dtype=dtype).data)


def test_plain_steps_of_what_blas_cannot_take():
    """Nothing at all, the other byte order, and numbers that do not lie on their own boundaries."""
    packed = np.zeros(3, np.dtype([("pad", "i1"), ("x", "f8")]))["x"]
    for values in (np.zeros((0, 3)), np.zeros(3, np.dtype(float).newbyteorder()), packed):
        p = tl.Tensor(values, requires_grad=True)
        p.grad = np.ones_like(p.data)
        optim.SGD([p], 0.5).step()
        assert p.shape == values.shape
        assert np.all(p.data == -0.5)


def test_without_scipy_steps_are_numpys(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.linalg", None)
    algorithms.one_pass.cache_clear()
    try:
        assert algorithms.one_pass(np.dtype(np.float32)) is None
    finally:
        algorithms.one_pass.cache_clear()


def test_every_optimizer_has_its_name():
    assert {"sgd", "adam", "adamw", "rmsprop", "adagrad"} <= set(optim.BY_NAME)
    for name, algorithm in optim.BY_NAME.items():
        assert algorithm.__name__.lower() == name
        assert algorithm is getattr(optim, algorithm.__name__)
        assert algorithm.first_lr > 0
