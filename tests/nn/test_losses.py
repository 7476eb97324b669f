"""Losses against their formulas, at extremes, and what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite import nn

REDUCE = {"none": lambda x: x, "sum": np.sum, "mean": np.mean}


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


A, Y = normal(4, 3), normal(4, 3, seed=1)
P, T = np.random.default_rng(0).uniform(0.05, 0.95, (2, 4, 3))
LABELS = np.array([0, 2, 1, 1])
CASES: dict[str, Any] = {
    "mse": (nn.mse_loss, nn.MSELoss, {}, A, Y, (A - Y) ** 2),
    "half mse": (nn.mse_loss, nn.MSELoss, {"convention": "half"}, A, Y, 0.5 * ((A - Y) ** 2).sum(axis=1)),
    "huber": (
        nn.huber_loss,
        nn.HuberLoss,
        {"delta": 0.7},
        A,
        Y,
        np.where(abs(A - Y) <= 0.7, 0.5 * (A - Y) ** 2, 0.7 * (abs(A - Y) - 0.35)),
    ),
    "bce": (nn.binary_cross_entropy, nn.BCELoss, {}, P, T, -T * np.log(P) - (1 - T) * np.log(1 - P)),
    "bce with logits": (
        nn.binary_cross_entropy_with_logits,
        nn.BCEWithLogitsLoss,
        {},
        np.log(P / (1 - P)),
        T,
        -T * np.log(P) - (1 - T) * np.log(1 - P),
    ),
    "nll": (nn.nll_loss, nn.NLLLoss, {}, np.log(P), LABELS, -np.log(P)[np.arange(4), LABELS]),
    "cross entropy": (
        nn.cross_entropy,
        nn.CrossEntropyLoss,
        {},
        A,
        LABELS,
        np.log(np.exp(A).sum(axis=1)) - A[np.arange(4), LABELS],
    ),
}


@pytest.mark.parametrize("reduction", REDUCE)
@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name: str, reduction: str) -> None:
    function, module, options, a, y, each = CASES[name]
    expected = REDUCE[reduction](each)
    np.testing.assert_allclose(function(a, y, reduction=reduction, **options), expected, rtol=1e-13)
    np.testing.assert_array_equal(
        module(reduction=reduction, **options)(a, y), function(a, y, reduction=reduction, **options)
    )
    tl.check_gradients(lambda a: function(a, y, reduction=reduction, **options), a)
    if y.dtype.kind == "f":
        tl.check_gradients(lambda y: function(a, y, reduction=reduction, **options), y)


@pytest.mark.parametrize("name", [name for name in CASES if name != "nll"])
def test_other_shapes_and_reductions_are_refused(name: str) -> None:
    function, _, options, a, y, _ = CASES[name]
    with pytest.raises(ValueError, match=rf"{function.__name__}: reduction must be one of mean, sum, none, not 'max'"):
        function(a, y, reduction="max", **options)
    with pytest.raises(ValueError, match=rf"{function.__name__}.*\(2, 3\)"):
        function(a[:2], y, **options)


def test_a_column_is_no_row() -> None:
    """Broadcasting (n,) against (n, 1) would give n² differences."""
    with pytest.raises(ValueError, match=r"same shape, got \(3, 1\) and \(3,\)"):
        nn.mse_loss(np.zeros((3, 1)), np.zeros(3))


@pytest.mark.parametrize(
    "loss", [nn.mse_loss, nn.huber_loss, nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits, nn.cross_entropy]
)
def test_float32_with_integer_targets_stays_float32(loss: Any) -> None:
    x, y = np.full((2, 2), 0.5, np.float32), np.array([[0, 1], [1, 0]])
    assert loss(x, y[0] if loss is nn.cross_entropy else y).dtype == np.float32
    assert tl.grad(loss)(x, y[0] if loss is nn.cross_entropy else y).dtype == np.float32


def test_the_two_conventions_of_mse() -> None:
    assert nn.mse_loss(A, Y) == pytest.approx(((A - Y) ** 2).mean())
    assert nn.mse_loss(A, Y, convention="half") == pytest.approx(((A - Y) ** 2).sum() / (2 * 4))  # equation 7
    np.testing.assert_allclose(tl.grad(nn.mse_loss)(A, Y, convention="half", reduction="sum"), A - Y)  # equation 29
    assert nn.mse_loss(3.0, 1.0, convention="half") == 2.0
    with pytest.raises(ValueError, match="convention must be one of mean, half, not 'double'"):
        nn.mse_loss(A, Y, convention="double")


def test_binary_cross_entropy_is_the_documents_derivative() -> None:
    """(a − y)/(a (1 − a)), section 6.2, and σ(z) − y for scores."""
    np.testing.assert_allclose(
        tl.grad(nn.binary_cross_entropy)(P, T, reduction="sum"), (P - T) / (P * (1 - P)), rtol=1e-14
    )
    np.testing.assert_allclose(
        tl.grad(nn.binary_cross_entropy_with_logits)(A, T, reduction="sum"), 1 / (1 + np.exp(-A)) - T, rtol=1e-13
    )


def test_certainty_costs_no_infinity() -> None:
    p, t = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0])
    x = tl.Tensor(p, requires_grad=True)
    losses = nn.binary_cross_entropy(x, t, reduction="none")
    assert losses.tolist() == [0.0, 0.0, 100.0, 100.0]
    losses.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, -1e12, 1e12]
    with pytest.raises(ValueError, match="between 0 and 1"):
        nn.binary_cross_entropy(np.array([1.5]), np.array([1.0]))


@settings(deadline=None, derandomize=True)
@given(st.floats(-1e6, 1e6), st.floats(0, 1))
def test_scores_of_any_size(z: float, t: float) -> None:
    loss, slope = tl.value_and_grad(nn.binary_cross_entropy_with_logits)(z, t)
    assert loss == pytest.approx(max(z, 0.0) - t * z + math.log1p(math.exp(-abs(z))), rel=1e-14, abs=1e-14)
    assert slope == pytest.approx(tl.sigmoid(z) - t, rel=1e-9, abs=1e-9)


@given(st.floats(-5, 5), st.floats(0.1, 3))
@settings(deadline=None, derandomize=True)
def test_huber_is_smooth_and_linear_outside(d: float, delta: float) -> None:
    loss, slope = tl.value_and_grad(lambda a: nn.huber_loss(a, 0.0, delta=delta))(d)
    assert slope == pytest.approx(min(max(d, -delta), delta))
    assert loss == pytest.approx(d * slope - 0.5 * slope * slope)


def test_delta_is_positive() -> None:
    with pytest.raises(ValueError, match="delta must be positive, got 0"):
        nn.huber_loss(A, Y, delta=0)


def test_nll_takes_labels_only_and_any_axis() -> None:
    logs = tl.log_softmax(normal(2, 3, 4), axis=1)
    labels = np.array([[0, 2, 1, 1], [2, 2, 0, 1]])
    each = nn.nll_loss(logs, labels, axis=1, reduction="none")
    np.testing.assert_array_equal(each, [[-logs[n, labels[n, i], i] for i in range(4)] for n in range(2)])
    np.testing.assert_array_equal(nn.nll_loss(logs[0, :, 0], 2), -logs[0, 2, 0])
    for wrong, kind in ((labels[0], ValueError), (labels + 3, ValueError), (labels + 0.5, TypeError)):
        with pytest.raises(kind, match="nll_loss"):
            nn.nll_loss(logs, wrong, axis=1)
    with pytest.raises(ValueError, match="nll_loss: reduction"):
        nn.nll_loss(logs, labels, reduction="max")


class TestOneHot:
    @given(st.lists(st.integers(0, 6), min_size=1))
    def test_rows(self, labels: list[int]) -> None:
        rows = nn.one_hot(labels, 7, np.float32)
        assert rows.dtype == np.float32
        assert rows.shape == (len(labels), 7)
        np.testing.assert_array_equal(rows.argmax(axis=1), labels)
        np.testing.assert_array_equal(rows.sum(axis=1), 1)

    def test_any_shape(self) -> None:
        assert nn.one_hot(np.array([[0, 1, 1], [1, 0, 0]])).shape == (2, 3, 2)
        assert nn.one_hot(2).tolist() == [0, 0, 1]
        assert nn.one_hot(np.array([], int), 3).shape == (0, 3)

    @pytest.mark.parametrize(("labels", "error"), [([0, 3], ValueError), ([-1, 0], ValueError), ([0.5], TypeError)])
    def test_what_is_no_class(self, labels: Any, error: Any) -> None:
        with pytest.raises(error, match="one_hot: labels"):
            nn.one_hot(labels, 3)
