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
W = np.array([0.5, 2.0, 0.0])
V = np.random.default_rng(3).uniform(0.5, 2.0, (4, 1))
SURPRISE = np.log(np.exp(A).sum(axis=1, keepdims=True)) - A  # −ln softmax
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
    "l1": (nn.l1_loss, nn.L1Loss, {}, A, Y, abs(A - Y)),
    "smooth l1": (
        nn.smooth_l1_loss,
        nn.SmoothL1Loss,
        {"beta": 0.7},
        A,
        Y,
        np.where(abs(A - Y) < 0.7, (A - Y) ** 2 / 1.4, abs(A - Y) - 0.35),
    ),
    "smooth l1 that is l1": (nn.smooth_l1_loss, nn.SmoothL1Loss, {"beta": 0}, A, Y, abs(A - Y)),
    "kl": (nn.kl_div, nn.KLDivLoss, {}, np.log(P), T, T * np.log(T / P)),
    "kl of logarithms": (nn.kl_div, nn.KLDivLoss, {"log_target": True}, np.log(P), np.log(T), T * np.log(T / P)),
    "poisson": (nn.poisson_nll_loss, nn.PoissonNLLLoss, {}, A, 3 * T, np.exp(A) - 3 * T * A),
    "poisson of rates": (
        nn.poisson_nll_loss,
        nn.PoissonNLLLoss,
        {"log_input": False, "full": True, "eps": 0.125},
        P,
        3 * T,
        P
        - 3 * T * np.log(P + 0.125)
        + np.where(3 * T > 1, 3 * T * np.log(3 * T) - 3 * T + 0.5 * np.log(6 * np.pi * T), 0),
    ),
    "bce with weights": (
        nn.binary_cross_entropy,
        nn.BCELoss,
        {"weight": W},
        P,
        T,
        W * (-T * np.log(P) - (1 - T) * np.log(1 - P)),
    ),
    "bce with logits and weights": (
        nn.binary_cross_entropy_with_logits,
        nn.BCEWithLogitsLoss,
        {"weight": V, "pos_weight": [3.0, 0.0, 0.5]},
        np.log(P / (1 - P)),
        T,
        V * (-np.array([3.0, 0.0, 0.5]) * T * np.log(P) - (1 - T) * np.log(1 - P)),
    ),
    "cross entropy of probabilities with weights": (
        nn.cross_entropy,
        nn.CrossEntropyLoss,
        {"weight": W, "label_smoothing": 0.25},
        A,
        T,
        (W * (0.75 * T + 0.25 / 3) * SURPRISE).sum(axis=1),
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


@pytest.mark.parametrize("name", [name for name in CASES if name != "nll" and not name.startswith("kl")])
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
    "loss",
    [
        *(nn.mse_loss, nn.l1_loss, nn.huber_loss, nn.smooth_l1_loss, nn.kl_div, nn.poisson_nll_loss),
        *(nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits, nn.cross_entropy, nn.sigmoid_focal_loss),
        lambda x, y: nn.gaussian_nll_loss(x, y, 0.5),
        lambda x, y: nn.binary_cross_entropy(x, y, weight=[1.0, 2.0]),
        lambda x, y: nn.binary_cross_entropy_with_logits(x, y, weight=[1.0, 2.0], pos_weight=2.0),
        lambda x, y: nn.multilabel_soft_margin_loss(x, y, weight=[1.0, 2.0]),
    ],
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
    assert x.grad.tolist() == [1.0, -1.0, -1e12, 1e12]
    with pytest.raises(ValueError, match="between 0 and 1"):
        nn.binary_cross_entropy(np.array([1.5]), np.array([1.0]))


@pytest.mark.parametrize("p", [1e-43, 1e-30, 1e-13, 1e-6, 0.25, 1 - 1e-6, 1 - 1e-12, 1 - 2.0**-53])
def test_the_slope_at_small_probabilities_is_not_cut_off(p: float) -> None:
    for t in (0.0, 0.25, 1.0):
        slope, curvature = (d(tl.binary_cross_entropy)(p, t) for d in (tl.grad, tl.hessian))
        assert slope == pytest.approx((p - t) / (p * (1 - p)), rel=1e-15)
        assert curvature == pytest.approx(t / p**2 + (1 - t) / (1 - p) ** 2, rel=1e-15)


def test_the_slope_below_the_cut_is_that_of_the_other_logarithm() -> None:
    for p in (5e-324, 1e-60):
        assert tl.grad(tl.binary_cross_entropy)(p, 0.0) == 1.0
        assert tl.grad(tl.binary_cross_entropy)(p, 1.0) == 1.0 - 1e12 - 1.0
    for dtype in (np.float16, np.float32):
        slopes = tl.grad(tl.binary_cross_entropy)(np.array([0, 1], dtype), np.array([1, 0], dtype), reduction="sum")
        assert np.isfinite(slopes).all()
        assert slopes[0] < -1e4
        assert slopes[1] > 1e4


@settings(deadline=None, derandomize=True)
@given(st.floats(-1e6, 1e6), st.floats(0, 1))
def test_scores_of_any_size(z: float, t: float) -> None:
    loss, slope = tl.value_and_grad(nn.binary_cross_entropy_with_logits)(z, t)
    assert loss == pytest.approx(max(z, 0.0) - t * z + math.log1p(math.exp(-abs(z))), rel=1e-14, abs=1e-14)
    assert slope == pytest.approx(tl.sigmoid(z) - t, rel=1e-9, abs=1e-9)


@pytest.mark.filterwarnings("ignore")  # of 0 · ∞
def test_certain_scores_cost_nothing_where_they_are_right() -> None:
    for z, t in ((math.inf, 1.0), (-math.inf, 0.0)):
        assert tl.value_and_grad(nn.binary_cross_entropy_with_logits)(z, t) == (0.0, 0.0)
        assert nn.binary_cross_entropy_with_logits(z, 1 - t) == math.inf
        assert not np.isfinite(tl.grad(nn.binary_cross_entropy_with_logits, 1)(z, t))


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


# ---------------------------------------------------------------------------------------------------------------------
# Weights, labels that are ignored, smoothing


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
class TestWeightsAndIgnoredLabels:
    """Both losses of labels: that of scores, and that of their logarithms."""

    def inputs(self, name: str) -> tuple[Any, np.ndarray]:
        return (nn.cross_entropy, A) if name == "cross_entropy" else (nn.nll_loss, -SURPRISE)

    @pytest.mark.parametrize("ignored", [None, 1, -100])
    @pytest.mark.parametrize("weight", [None, W])
    def test_the_mean_is_weighted(self, name: str, weight: Any, ignored: int | None) -> None:
        loss, x = self.inputs(name)
        labels = np.where(LABELS == 1, ignored, LABELS) if ignored == -100 else LABELS
        labels = labels.astype(int)
        kept = labels != ignored
        weights = np.where(kept, (np.ones(3) if weight is None else weight)[np.where(kept, labels, 0)], 0)
        each = weights * SURPRISE[np.arange(4), np.where(kept, labels, 0)]
        expected = {"none": each, "sum": each.sum(), "mean": each.sum() / weights.sum()}
        for reduction, value in expected.items():
            options: dict[str, Any] = {"weight": weight, "ignore_index": ignored, "reduction": reduction}
            np.testing.assert_allclose(loss(x, labels, **options), value, rtol=1e-14)
        tl.check_gradients(lambda x: loss(x, labels, weight=weight, ignore_index=ignored), x)

    def test_what_is_ignored_may_be_anything(self, name: str) -> None:
        loss, x = self.inputs(name)
        spoiled = x.copy()
        spoiled[1], spoiled[3] = np.nan, -np.inf
        options: dict[str, Any] = {"ignore_index": -1}
        value, gradient = tl.value_and_grad(lambda x: loss(x, [0, -1, 1, -1], **options))(spoiled)
        assert value == pytest.approx(loss(x[[0, 2]], [0, 1]), rel=1e-15)
        np.testing.assert_allclose(gradient[[0, 2]], tl.grad(loss)(x[[0, 2]], [0, 1]), rtol=1e-14)
        np.testing.assert_array_equal(gradient[[1, 3]], np.zeros((2, 3)))

    def test_nothing_has_no_mean(self, name: str) -> None:
        loss, x = self.inputs(name)
        for labels, options in (([7] * 4, {"ignore_index": 7}), ([2] * 4, {"weight": W}),
                                ([2, 7, 7, 2], {"weight": W, "ignore_index": 7})):  # fmt: skip
            with pytest.raises(ValueError, match=f"{name}: there is no mean .* the 4 samples .* reduction='sum'"):
                loss(x, labels, **options)
            assert loss(x, labels, reduction="sum", **options) == 0
            assert loss(x, labels, reduction="none", **options).tolist() == [0] * 4
            assert not tl.grad(loss)(x, labels, reduction="sum", **options).any()
        with pytest.raises(ValueError, match=f"{name}: there is no mean .* the 1 samples"):
            loss(x[0], 7, ignore_index=7)

    def test_ignoring_nothing_changes_nothing(self, name: str) -> None:
        loss, x = self.inputs(name)
        assert loss(x, LABELS, ignore_index=-100) == loss(x, LABELS)
        assert loss(x, LABELS.astype(np.uint8), ignore_index=-100) == loss(x, LABELS)

    def test_weights_have_gradients_too(self, name: str) -> None:
        loss, x = self.inputs(name)
        tl.check_gradients(lambda w: loss(x, LABELS, weight=w), W + 0.5)
        tl.check_gradients(lambda x, w: loss(x, [0, 7, 1, 1], weight=w, ignore_index=7), x, W + 0.5)

    def test_float32_stays(self, name: str) -> None:
        loss, x = self.inputs(name)
        options: dict[str, Any] = {"weight": [1.0, 2.0, 3.0], "ignore_index": 2}
        for reduction in REDUCE:
            assert loss(x.astype(np.float32), LABELS, reduction=reduction, **options).dtype == np.float32

    def test_what_is_refused(self, name: str) -> None:
        loss, x = self.inputs(name)
        with pytest.raises(ValueError, match=rf"{name}: weight is one number for each of the 3 classes, got .*\(2,\)"):
            loss(x, LABELS, weight=[1.0, 2.0])
        with pytest.raises(ValueError, match=f"{name}: labels must lie .* got -100 … 1; ignore_index=-100 leaves"):
            loss(x, [0, -100, 1, 1])
        with pytest.raises(TypeError, match=f"{name}: labels must be integers"):
            loss(x, LABELS * 1.0, ignore_index=1)
        with pytest.raises(TypeError, match="integer"):
            loss(x, LABELS, ignore_index=0.5)


def test_several_axes_of_samples_are_ignored_alike() -> None:
    z, labels = normal(2, 3, 4), np.array([[0, 9, 1, 1], [9, 2, 0, 9]])
    each = nn.cross_entropy(z, labels, axis=1, ignore_index=9, weight=W + 1, reduction="none")
    assert each.shape == (2, 4)
    assert (each == 0).tolist() == (labels == 9).tolist()
    logs = tl.log_softmax(z, axis=1)
    for reduction in REDUCE:
        options: dict[str, Any] = {"axis": 1, "ignore_index": 9, "weight": W + 1, "reduction": reduction}
        np.testing.assert_allclose(
            nn.cross_entropy(z, labels, **options), nn.nll_loss(logs, labels, **options), rtol=1e-14
        )


def test_smoothing_of_labels_is_that_of_their_probabilities() -> None:
    t = nn.one_hot(LABELS, 3)
    for reduction in REDUCE:
        options: dict[str, Any] = {"label_smoothing": 0.3, "reduction": reduction}
        np.testing.assert_allclose(
            nn.cross_entropy(A, LABELS, **options), nn.cross_entropy(A, t, **options), rtol=1e-14
        )
        np.testing.assert_allclose(
            nn.cross_entropy(A, LABELS, **options),
            nn.cross_entropy(A, 0.7 * t + 0.1, reduction=reduction), rtol=1e-14,
        )  # fmt: skip
    np.testing.assert_allclose(
        nn.cross_entropy(A, LABELS, label_smoothing=1), nn.cross_entropy(A, np.full((4, 3), 1 / 3)), rtol=1e-14
    )
    for share in (-0.1, 1.5, math.nan):
        with pytest.raises(ValueError, match="cross_entropy: label_smoothing is a share, from 0 to 1; got"):
            nn.cross_entropy(A, LABELS, label_smoothing=share)


def test_second_derivatives_of_a_weighted_smoothed_cross_entropy() -> None:
    y, w = tl.softmax(A[0]), W + 0.5
    t = w * (0.75 * nn.one_hot(2, 3) + 0.25 / 3)
    hessian = tl.hessian(lambda z: nn.cross_entropy(z, 2, weight=w, label_smoothing=0.25, reduction="sum"))(A[0])
    np.testing.assert_allclose(hessian, t.sum() * (np.diag(y) - np.outer(y, y)), rtol=1e-13)


def test_classes_ruled_out_by_minus_infinity() -> None:
    """They cost nothing where they are not asked for; smoothing asks for all."""
    z = np.array([[1.0, -np.inf, 1.0], [0.0, -np.inf, -np.inf]])
    value, gradient = tl.value_and_grad(lambda z: nn.cross_entropy(z, [0, 0], weight=[2.0, 1.0, 1.0]))(z)
    assert value == pytest.approx(math.log(2) / 2)
    np.testing.assert_allclose(gradient, [[-0.25, 0, 0.25], [0, 0, 0]], rtol=1e-15)
    assert nn.cross_entropy(z, [0, 1], ignore_index=1) == pytest.approx(math.log(2))
    assert nn.cross_entropy(z, [0, 0], label_smoothing=0.1) == np.inf


def test_ignored_probabilities_are_refused() -> None:
    with pytest.raises(ValueError, match="cross_entropy: ignore_index is a label; probabilities are left out by t = 0"):
        nn.cross_entropy(A, T, ignore_index=0)


def test_weights_that_do_not_broadcast_are_refused() -> None:
    for call, name in (
        (lambda: nn.binary_cross_entropy(P, T, weight=np.ones((2, 4, 3))), "binary_cross_entropy"),
        (lambda: nn.binary_cross_entropy_with_logits(A, T, weight=np.ones((2, 4, 3))), "with_logits"),
        (lambda: nn.binary_cross_entropy_with_logits(A[0], T[0], pos_weight=np.ones((4, 3))), "with_logits"),
    ):
        with pytest.raises(ValueError, match=rf"{name}: weights of shape .* do not broadcast to losses of shape"):
            call()


def test_binary_weights_have_gradients_too() -> None:
    tl.check_gradients(
        lambda z, w, c: nn.binary_cross_entropy_with_logits(z, T, weight=w, pos_weight=c), A, W + 0.5, V
    )  # fmt: skip


@pytest.mark.parametrize("t", [0.0, 1.0])
def test_certain_scores_keep_their_digits(t: float) -> None:
    """e^(−z) far beyond where 1 − σ(z) is 0."""
    z = np.array([30.0, 300.0, 700.0]) * (2 * t - 1)
    losses = nn.binary_cross_entropy_with_logits(z, np.full(3, t), reduction="none")
    np.testing.assert_allclose(losses, np.log1p(np.exp(-abs(z))), rtol=1e-14)


# ---------------------------------------------------------------------------------------------------------------------
# Of numbers and of distributions


def test_where_the_losses_of_numbers_bend() -> None:
    for loss, d, slope in (
        (nn.l1_loss, 0.0, 0.0),
        (nn.smooth_l1_loss, 1.0, 1.0),
        (nn.smooth_l1_loss, -1.0, -1.0),
        (nn.smooth_l1_loss, 0.0, 0.0),
        (nn.huber_loss, 1.0, 1.0),
    ):
        assert tl.grad(loss)(d, 0.0) == slope
    assert tl.grad(lambda d: nn.smooth_l1_loss(d, 0.0, beta=0))(0.0) == 0
    with pytest.raises(ValueError, match="smooth_l1_loss: beta must be positive, got -1"):
        nn.smooth_l1_loss(A, Y, beta=-1)


def test_a_divergence_of_what_is_impossible() -> None:
    """0 ln 0 is 0, also where the other one is 0 too."""
    with np.errstate(divide="ignore"):
        x, t = np.log(np.array([[0.5, 0.5, 0.0]])), np.array([[0.25, 0.75, 0.0]])
        log_t = np.log(t)
    expected = 0.25 * math.log(0.5) + 0.75 * math.log(1.5)
    for target, logs in ((t, False), (log_t, True)):
        assert nn.kl_div(x, target, log_target=logs, reduction="sum") == pytest.approx(expected, rel=1e-15)
        gradient = tl.grad(lambda x, a=target, b=logs: nn.kl_div(x, a, log_target=b, reduction="sum"))(x)
        np.testing.assert_allclose(gradient, -t, rtol=1e-15)
    assert nn.kl_div(x[:, :2], t[:, :2] * 0, reduction="sum") == 0


def test_divergences_of_distributions_in_rows() -> None:
    x, t = tl.log_softmax(A), tl.softmax(Y)
    each = (t * (np.log(t) - x)).sum(axis=1)
    assert nn.kl_div(x, t, reduction="batchmean") == pytest.approx(each.mean(), rel=1e-14)
    assert nn.KLDivLoss(reduction="batchmean")(x, t) == nn.kl_div(x, t, reduction="batchmean")
    assert nn.kl_div(0.0, 1.0, reduction="batchmean") == 0
    with pytest.raises(ValueError, match="kl_div: reduction must be one of mean, sum, none, batchmean, not 'max'"):
        nn.kl_div(x, t, reduction="max")
    with pytest.raises(ValueError, match="kl_div: the target has negative entries"):
        nn.kl_div(x, np.log(t))
    with pytest.raises(ValueError, match=r"kl_div: input and target need the same shape, got \(4, 3\) and \(3,\)"):
        nn.kl_div(x, t[0])


@pytest.mark.parametrize("shape", [(4, 3), (4, 1), ()])
def test_gaussian(shape: tuple[int, ...]) -> None:
    v = np.random.default_rng(2).uniform(0.5, 2, shape)
    each = 0.5 * (np.log(2 * np.pi * v) + (A - Y) ** 2 / v)
    for reduction, reduce in REDUCE.items():
        loss = lambda *x, r=reduction: nn.gaussian_nll_loss(*x, full=True, reduction=r)
        np.testing.assert_allclose(loss(A, Y, v), reduce(each), rtol=1e-14)
    tl.check_gradients(nn.gaussian_nll_loss, A[:2], Y[:2], v[:2] if shape else v)
    assert nn.GaussianNLLLoss(full=True)(A, Y, v) == nn.gaussian_nll_loss(A, Y, v, full=True)
    assert nn.gaussian_nll_loss(A, Y, v) == pytest.approx(each.mean() - 0.5 * math.log(2 * math.pi), rel=1e-14)


def test_small_variances_are_no_smaller_than_eps() -> None:
    value, gradient = tl.value_and_grad(lambda v: nn.gaussian_nll_loss(1.0, 0.0, v, eps=0.5))(0.25)
    assert value == 0.5 * (math.log(0.5) + 2)
    assert gradient == 0
    for v, said in ((-1.0, "negative numbers, which are no variances"), (np.ones(4), r"or that with 1 for the last")):
        with pytest.raises(ValueError, match=f"gaussian_nll_loss: .*{said}"):
            nn.gaussian_nll_loss(A, Y, v)
    with pytest.raises(ValueError, match="gaussian_nll_loss: eps must be positive"):
        nn.gaussian_nll_loss(A, Y, 1.0, eps=0)


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


def test_no_event_at_rate_0_costs_nothing() -> None:
    with np.errstate(divide="ignore", invalid="ignore"):
        loss, slope = tl.value_and_grad(nn.poisson_nll_loss)(
            np.array([0.0, 2.0]), np.zeros(2), log_input=False, eps=0.0
        )
    assert loss == 1.0
    assert slope.tolist() == [0.5, 0.5]
