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


# ---------------------------------------------------------------------------------------------------------------------
# Entries that are not there: −∞

NONE = -np.inf
MASKED = np.array([0.0, 1.0, NONE])
COUNTED = np.array([0.0, 1.0])


def entropy(z: Any) -> Any:
    return -(tl.softmax(z) * tl.log_softmax(z)).sum()


@pytest.mark.filterwarnings("ignore")  # of 0 · ∞
@pytest.mark.parametrize(
    "f",
    [
        tl.logsumexp,
        lambda z: tl.softmax(z)[0],
        lambda z: tl.log_softmax(z)[1],
        lambda z: tl.cross_entropy(z, 0),
        lambda z: tl.cross_entropy(z, np.where(np.arange(len(z)) < 2, 0.5, 0.0)),
        entropy,
        lambda z: np.logaddexp.reduce(z),
    ],
)
def test_an_entry_that_is_not_there_changes_no_derivative(f: Any) -> None:
    gradient, hessian = tl.grad(f)(MASKED), tl.hessian(f)(MASKED)
    np.testing.assert_allclose(gradient, [*tl.grad(f)(COUNTED), 0.0], rtol=1e-15)
    np.testing.assert_allclose(hessian[:2, :2], tl.hessian(f)(COUNTED), rtol=1e-14)
    assert not hessian[2].any()
    assert not hessian[:, 2].any()


@pytest.mark.filterwarnings("ignore")  # of 0 · ∞
def test_a_probability_that_rounds_to_0_is_there() -> None:
    """ln softmax, with slope 1/0: the truth depends on how small it is, and 0 would be wrong."""
    assert np.isnan(tl.grad(lambda z: np.log(tl.softmax(z)).sum())(np.array([0.0, 1.0, -800.0]))).all()
    np.testing.assert_allclose(tl.grad(entropy)(np.array([0.0, 1.0, -800.0])), tl.grad(entropy)(MASKED), rtol=1e-15)


def test_a_sum_of_nothing_does_not_move() -> None:
    x = np.array([[NONE, NONE], [0.0, 1.0]])
    np.testing.assert_array_equal(tl.logsumexp(np.full(2, NONE)), NONE)
    np.testing.assert_array_equal(tl.grad(tl.logsumexp)(x[0]), [0.0, 0.0])
    np.testing.assert_array_equal(tl.grad(np.logaddexp.reduce)(x[0]), [0.0, 0.0])
    for options in ({"axis": 1}, {"axis": 1, "keepdims": True}, {"axis": (1,)}):
        gradient = tl.grad(lambda x, options=options: tl.logsumexp(x, **options).sum())(x)
        np.testing.assert_allclose(gradient, [[0.0, 0.0], tl.softmax(x[1])], rtol=1e-15)
    hessian = tl.hessian(lambda x: tl.logsumexp(x, axis=1).sum())(x)
    assert np.isfinite(hessian).all()
    assert not hessian[0].any()


@pytest.mark.filterwarnings("ignore")  # of ∞ − ∞
def test_shares_of_nothing_are_no_numbers() -> None:
    y = tl.softmax(tl.tensor([[NONE, NONE], [0.0, NONE]]))
    np.testing.assert_array_equal(y.data, [[np.nan, np.nan], [1.0, 0.0]])
