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
from tinygrad_lite.table import blas


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
    monkeypatch.setattr(blas, "blas_for", lambda dtype: None)
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
    blas.blas_for.cache_clear()
    try:
        assert blas.blas_for(np.dtype(np.float32)) is None
    finally:
        blas.blas_for.cache_clear()


def test_every_optimizer_has_its_name():
    assert {"sgd", "adam", "adamw", "rmsprop", "adagrad"} <= set(optim.BY_NAME)
    for name, algorithm in optim.BY_NAME.items():
        assert algorithm.__name__.lower() == name
        assert algorithm is getattr(optim, algorithm.__name__)
        assert algorithm.first_lr > 0


STEADY = {
    "sgd": {},
    "sgd momentum": {"momentum": 0.9},
    "adam": {},
    "adam long memory": {"betas": (0.9, 0.99999)},
    "adam no memory": {"betas": (0.0, 0.1)},
    "adamw": {"lr": 1e-4},
    "rmsprop": {},
    "rmsprop long memory": {"alpha": 0.9999},
    "adagrad": {},
    "adagrad decaying": {"lr_decay": 0.01},
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("setting", STEADY)
def test_steady_gradients_for_5000_steps_in_single_precision(setting):
    """State is right to a few ulps per step of memory, the parameter to its own rounding, 5000 times half an ulp."""
    g = np.array([1.3, -0.7, 3e-4], np.float32)

    def run(dtype):
        p = tl.tensor(np.array([0.3, -0.2, 1.0], dtype), requires_grad=True)
        optimizer = optim.BY_NAME[setting.split()[0]]([p], **{"lr": 1e-3} | STEADY[setting])
        p.grad = g
        for _ in range(5000):
            optimizer.step()
        return p.data, optimizer.state[0]

    (single, state), (double, exact) = run(np.float32), run(np.float64)
    for name in exact.keys() - {"step"}:
        np.testing.assert_allclose(state[name], exact[name], rtol=1e-4 if name == "sum" else 1e-5, err_msg=name)
    np.testing.assert_allclose(single - double, 0, atol=2e-4 * np.abs(double - [0.3, -0.2, 1.0]).max())


def test_slow_decay_is_not_that_of_a_rounded_factor():
    """1 − lr λ = 1 − 10⁻⁶ is 1 − 1.013 · 10⁻⁶ in float32: the mean over many parameters was 1.3 % too far."""
    start = np.linspace(1, 2, 1001, dtype=np.float32)
    p = tl.tensor(start.copy(), requires_grad=True)
    optimizer = optim.AdamW([p], lr=1e-4, weight_decay=1e-2)
    p.grad = np.zeros(1001, np.float32)
    for _ in range(100):
        optimizer.step()
    decayed = (start.astype(float) - p.data).sum() / start.sum(dtype=float)
    assert decayed == pytest.approx(1e-4, rel=4e-3)


def test_the_centered_variance_is_not_below_zero():
    """It was NaN, as PyTorch's is: the mean of squares less the square of the mean, of a gradient that stays."""
    for dtype, rtol in ((np.float32, 2e-2), (np.float64, 1e-9)):
        p = tl.tensor(np.zeros(3, dtype), requires_grad=True)
        optimizer = optim.RMSprop([p], lr=1e-3, centered=True)
        p.grad = np.array([1.3, -0.7, 3e-2])
        for _ in range(500):
            optimizer.step()
        weight = 0.99**500  # of the start from zero
        np.testing.assert_allclose(optimizer.state[0]["variance"], p.grad**2 * weight * (1 - weight), rtol=rtol)
    for _ in range(4500):
        optimizer.step()
    assert np.all(np.isfinite(p.data))


def test_the_centered_state_of_others_is_read():
    p = tl.tensor(np.zeros(2), requires_grad=True)
    optimizer = optim.RMSprop([p], centered=True)
    groups = optimizer.state_dict()["param_groups"]
    state = {"step": 3, "square_avg": np.array([5.0, 1.0]), "grad_avg": np.array([2.0, 1.0 + 1e-12])}
    optimizer.load_state_dict({"state": {0: state}, "param_groups": groups})
    assert optimizer.state[0]["variance"].tolist() == [1.0, 0.0]
    with pytest.raises(ValueError, match=r"is square_avg float64\[3\], grad_avg float64\[2\], where variance"):
        optimizer.load_state_dict({"state": {0: state | {"square_avg": np.ones(3)}}, "param_groups": groups})


def test_a_mean_of_short_memory_forgets_what_was_large():
    """By the difference from 10⁴ the gradient 10⁻⁵ would be lost to rounding; without memory it is the mean."""
    p = tl.tensor(np.zeros(1, np.float32), requires_grad=True)
    optimizer = optim.Adam([p], betas=(0.0, 0.0))
    for g in (1e4, 1e-5):
        p.grad = np.array([g], np.float32)
        optimizer.step()
    np.testing.assert_allclose(optimizer.state[0]["exp_avg"], p.grad)
    np.testing.assert_allclose(optimizer.state[0]["exp_avg_sq"], p.grad**2)
