"""Focal losses against their formulas, and where p rounds to 0 and 1."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn

Z = np.random.default_rng(0).standard_normal((4, 3))
LABELS = np.array([0, 2, 1, 1])
REDUCE: dict[str, Any] = {"none": lambda x: x, "sum": np.sum, "mean": np.mean}


@pytest.mark.parametrize("reduction", REDUCE)
@pytest.mark.parametrize("gamma", [0, 0.5, 2])
def test_focal_losses_are_their_formulas(gamma: float, reduction: str) -> None:
    t = np.random.default_rng(1).uniform(0, 1, (4, 3))
    options: dict[str, Any] = {"gamma": gamma, "reduction": reduction}
    p, y = 1 / (1 + np.exp(-Z)), np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    yes, no = -((1 - p) ** gamma) * np.log(p), -(p**gamma) * np.log(1 - p)
    for alpha, a, b in ((0.25, 0.25, 0.75), (None, 1, 1), (1.0, 1, 0)):
        expected = REDUCE[reduction](a * t * yes + b * (1 - t) * no)
        binary = lambda z, t, alpha=alpha: nn.sigmoid_focal_loss(z, t, alpha=alpha, **options)
        np.testing.assert_allclose(binary(Z, t), expected, rtol=1e-13)
        if reduction == "mean":
            tl.check_gradients(binary, Z[:2], t[:2])
        np.testing.assert_array_equal(nn.SigmoidFocalLoss(alpha=alpha, **options)(Z, t), binary(Z, t))
    picked = y[np.arange(4), LABELS]
    for weights in (None, np.array([0.5, 2.0, 0.0])):
        each = -((1 - picked) ** gamma) * np.log(picked) * (1 if weights is None else weights[LABELS])
        several = lambda z, w=weights: nn.focal_loss(z, LABELS, alpha=w, **options)
        np.testing.assert_allclose(several(Z), REDUCE[reduction](each), rtol=1e-12)
        if reduction == "mean":
            tl.check_gradients(several, Z)
        np.testing.assert_array_equal(nn.FocalLoss(alpha=weights, **options)(Z, LABELS), several(Z))


def test_with_gamma_0_they_are_cross_entropies() -> None:
    t = nn.one_hot(LABELS, 3)
    binary = nn.sigmoid_focal_loss(Z, t, alpha=None, gamma=0)
    assert binary == pytest.approx(nn.binary_cross_entropy_with_logits(Z, t), rel=1e-15)
    assert nn.focal_loss(Z, LABELS, gamma=0) == pytest.approx(nn.cross_entropy(Z, LABELS), rel=1e-14)


def test_of_two_classes_it_is_the_binary_one() -> None:
    z = np.array([[0.3, -1.1], [40.0, -60.0]])
    for labels in ([0, 1], [1, 0]):
        binary = nn.sigmoid_focal_loss(z[:, 1] - z[:, 0], labels, alpha=None)
        assert nn.focal_loss(z, labels) == pytest.approx(binary, rel=1e-14)


def exact(s: float, order: int, gamma: float = 2.0) -> float:
    """−(1 − p)^γ ln p, p = σ(s), or its derivative, for large |s|, to the leading term in e^(−|s|)."""
    if s > 0:  # e^(−(γ + 1) s)
        return float((-(gamma + 1)) ** order * math.exp(-(gamma + 1) * s))
    return [-s, -1.0, 0.0][order]


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("s", [-700.0, -100.0, 50.0, 100.0, 230.0])
def test_certainty_keeps_its_digits(s: float, order: int) -> None:
    binary = lambda z: nn.sigmoid_focal_loss(z, 1.0, alpha=None)
    several = lambda z: nn.focal_loss(np.stack([z, 0 * z]), 0)
    for function in (binary, several):
        for _ in range(order):
            function = tl.grad(function)
        assert function(s) == pytest.approx(exact(s, order), rel=1e-12, abs=1e-40 if s < 0 else 0.0)


def test_classes_ruled_out_by_minus_infinity() -> None:
    z = np.array([[1.0, -np.inf, 1.0]])
    value, gradient = tl.value_and_grad(nn.focal_loss)(z, [0])
    assert value == pytest.approx(0.25 * math.log(2), rel=1e-15)
    slope = -0.5 * (0.25 + 0.5 * math.log(2))  # of −(1 − p)² ln p by s at p = ½
    np.testing.assert_allclose(gradient, [[slope, 0, -slope]], rtol=1e-14)


def test_any_axis() -> None:
    z = np.random.default_rng(2).standard_normal((2, 3, 4))
    labels = np.array([[0, 2, 1, 1], [2, 2, 0, 1]])
    each = nn.focal_loss(z, labels, axis=1, reduction="none")
    np.testing.assert_allclose(each, nn.focal_loss(np.moveaxis(z, 1, 2), labels, reduction="none"), rtol=1e-15)
    assert each.shape == (2, 4)
    assert nn.focal_loss(z[0, :, 0], 2).shape == ()


@pytest.mark.parametrize(("call", "said"), [
    (lambda: nn.sigmoid_focal_loss(Z, Z[0]), "sigmoid_focal_loss: input and target need the same shape"),
    (lambda: nn.sigmoid_focal_loss(Z, Z, alpha=2), "sigmoid_focal_loss: alpha is a share"),
    (lambda: nn.sigmoid_focal_loss(Z, Z, gamma=-1), "sigmoid_focal_loss: gamma must not be negative, got -1"),
    (lambda: nn.focal_loss(Z, LABELS, gamma=math.nan), "focal_loss: gamma must not be negative, got nan"),
    (lambda: nn.focal_loss(Z, LABELS[:2]), "focal_loss: .* take labels"),
    (lambda: nn.focal_loss(Z, LABELS + 1), "focal_loss: labels must lie in 0 … 2"),
    (lambda: nn.focal_loss(Z[:, :1], LABELS), "focal_loss: takes scores of two classes or more along axis -1; there"),
    (lambda: nn.focal_loss(1.0, 0), "focal_loss: the input is a single number"),
    (lambda: nn.focal_loss(Z, LABELS, alpha=[1.0]), "focal_loss: alpha is one number for each of the 3 classes"),
    (lambda: nn.focal_loss(Z, LABELS, reduction="max"), "focal_loss: reduction must be one of"),
])  # fmt: skip
def test_what_is_refused(call: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()
