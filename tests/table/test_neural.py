"""Layers and activations: kinks and extreme logits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinygrad_lite as tl

steady = settings(deadline=None, derandomize=True)
logits = hnp.arrays(float, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5), elements=st.floats(-1e4, 1e4))


@pytest.mark.parametrize("slope", [0.0, 0.25, 0.5, 1.0])
def test_relu_at_zero(slope: float) -> None:
    f = lambda x: tl.relu(x, slope_at_zero=slope)
    assert [tl.grad(f)(x) for x in (-1.0, 0.0, -0.0, 2.0)] == [0.0, slope, slope, 1.0]


def test_relu_at_zero_by_default() -> None:
    assert tl.grad(tl.relu)(0.0) == 0.0


@pytest.mark.parametrize("x", [700.0, 1e4, 1e300, np.inf])
def test_sigmoid_saturates(x: float) -> None:
    assert tl.sigmoid(x) == 1.0
    assert tl.sigmoid(-x) < 1e-300
    assert tl.grad(tl.sigmoid)(x) == np.exp(-x)
    assert 0.0 <= tl.grad(tl.sigmoid)(-x) < 1e-300


def test_sigmoid_far_to_the_left_keeps_its_digits() -> None:
    assert tl.sigmoid(-700.0) == pytest.approx(math.exp(-700), rel=1e-12)
    assert tl.grad(tl.sigmoid)(-700.0) == pytest.approx(math.exp(-700), rel=1e-12)
    assert tl.sigmoid(np.float32(-80.0)) == pytest.approx(math.exp(-80), rel=1e-5)


@given(logits)
@steady
def test_softmax_and_its_relatives_are_finite_and_agree(z: np.ndarray) -> None:
    y = tl.softmax(z)
    assert ((y >= 0) & (y <= 1)).all()
    np.testing.assert_allclose(y.sum(axis=-1), 1.0, rtol=1e-12)
    log_y = tl.log_softmax(z)
    assert np.isfinite(log_y).all()
    np.testing.assert_allclose(np.exp(log_y), y, rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(log_y, z - tl.logsumexp(z, axis=-1, keepdims=True), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("f", [tl.softmax, tl.log_softmax])
@pytest.mark.parametrize("scale", [700.0, 1e4, 1e300])
def test_derivatives_at_extreme_logits(f: Any, scale: float) -> None:
    z = np.array([scale, -scale, scale])
    y = tl.softmax(z)
    expected = np.diag(y) - np.outer(y, y) if f is tl.softmax else np.eye(3) - y
    np.testing.assert_array_equal(tl.jacobian(f)(z), expected)


@pytest.mark.parametrize("f", [tl.softmax, tl.log_softmax, tl.logsumexp])
def test_an_axis_without_entries_is_refused_by_name(f: Any) -> None:
    with pytest.raises(ValueError, match=f.__name__):
        f(tl.Tensor(np.zeros((2, 0)), requires_grad=True), axis=1)


@pytest.mark.parametrize("f", [tl.softmax, tl.log_softmax])
def test_axes_out_of_range_or_twice_are_refused(f: Any) -> None:
    z = tl.Tensor(np.zeros((2, 3)), requires_grad=True)
    with pytest.raises(ValueError, match="axis 2 is out of bounds"):
        f(z, axis=2)
    with pytest.raises(ValueError, match="repeated axis"):
        f(z, axis=(1, -1))


def test_integers_are_taken_as_floats() -> None:
    whole = np.array([[0, 1, 2]])
    for f in (tl.softmax, tl.log_softmax, tl.sigmoid, tl.logsumexp):
        np.testing.assert_array_equal(f(whole), f(whole.astype(float)))
    assert tl.relu(np.array([-1, 2])).tolist() == [0, 2]
