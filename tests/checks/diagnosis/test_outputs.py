"""A factor y too many after a softmax or a logistic function is named, by z and by what z is computed of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.checks.diagnosis.outputs import FACTORS

RNG = np.random.default_rng(8)
LABELS = np.array([0, 2, 1, 1])
CLASSES = np.eye(3)[LABELS]
BITS = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
Z, X, W = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 2)), RNG.normal(size=(2, 3))


def shares(z: Any) -> Any:
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def binary(y: Any, t: Any) -> Any:
    return -np.sum(t * np.log(y) + (1 - t) * np.log(1 - y))


# the loss of scores and targets, y, and the targets
LOSSES = {
    "softmax": (lambda z, t: -np.sum(t * np.log(tl.softmax(z))), tl.softmax, CLASSES),
    "softmax of exponentials": (lambda z, t: -np.sum(t * np.log(shares(z))), tl.softmax, CLASSES),
    "cross_entropy": (lambda z, t: tl.cross_entropy(z, t, reduction="sum"), tl.softmax, CLASSES),
    "log_softmax": (lambda z, t: -np.sum(t * tl.log_softmax(z)), tl.softmax, CLASSES),
    "logistic": (lambda z, t: binary(tl.sigmoid(z), t), tl.sigmoid, BITS),
    "logistic of an exponential": (lambda z, t: binary(1 / (1 + np.exp(-z)), t), tl.sigmoid, BITS),
    "binary_cross_entropy": (
        lambda z, t: tl.binary_cross_entropy(tl.sigmoid(z), t, reduction="sum"),
        tl.sigmoid,
        BITS,
    ),
    "logistic, logarithm of a sum": (lambda z, t: np.sum(np.logaddexp(0, z) - t * z), tl.sigmoid, BITS),
}


@pytest.mark.parametrize("factor", [name for name, _ in FACTORS])
@pytest.mark.parametrize("name", LOSSES)
def test_a_factor_too_many_by_the_scores(name: str, factor: str) -> None:
    loss, output, targets = LOSSES[name]
    of = dict(FACTORS)[factor]
    report = tl.check_derivation(loss, lambda z, t: (output(z) - t) * of(output(z)), Z, targets)
    function = "softmax" if output is tl.softmax else "σ"
    form = f"({factor})" if factor == "1 − y" else factor
    expected = f"a factor {factor} too many in the derivative by z, with y = {function}(z): (y − t) ⊙ {form} for y − t"
    assert report.diagnosis.kind == "extra factor"
    assert report.diagnosis.text == expected


@pytest.mark.parametrize("factor", [name for name, _ in FACTORS])
@pytest.mark.parametrize("name", ["softmax", "cross_entropy", "logistic", "logistic, logarithm of a sum"])
def test_a_factor_too_many_by_the_weights(name: str, factor: str) -> None:
    loss, output, targets = LOSSES[name]
    of = dict(FACTORS)[factor]

    def claimed(W: Any, X: Any, t: Any) -> Any:
        y = output(X @ W)
        return X.T @ ((y - t) * of(y))

    report = tl.check_derivation(lambda W, X, t: loss(X @ W, t), claimed, W, X, targets)
    assert report.diagnosis.kind == "extra factor"
    assert report.diagnosis.text.startswith(f"a factor {factor} too many in the derivative by X @ W, with y = ")


def test_at_labels() -> None:
    def claimed(W: Any, X: Any) -> Any:
        y = tl.softmax(X @ W)
        return X.T @ ((y - CLASSES) * y)

    report = tl.check_derivation(lambda W, X: tl.cross_entropy(X @ W, LABELS, reduction="sum"), claimed, W, X)
    assert report.diagnosis.text.startswith("a factor y too many")


@pytest.mark.parametrize(
    "output",
    [tl.sigmoid, lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(z) / (1 + np.exp(z))],
)
def test_of_a_squared_error_what_is_missing_and_what_is_too_many(output: Any) -> None:
    loss = lambda z, t: np.sum((output(z) - t) ** 2) / 2
    missing = tl.check_derivation(loss, lambda z, t: output(z) - t, Z, BITS).diagnosis
    assert missing.kind == "slope missing"
    y = tl.sigmoid
    twice = tl.check_derivation(loss, lambda z, t: (y(z) - t) * (y(z) * (1 - y(z))) ** 2, Z, BITS).diagnosis
    assert twice.text == "a factor y(1 − y) too many in the derivative by z, with y = σ(z)"


def test_what_is_right_has_no_diagnosis() -> None:
    for loss, output, targets in LOSSES.values():
        assert tl.check_derivation(loss, lambda z, t, y=output: y(z) - t, Z, targets).diagnosis is None
