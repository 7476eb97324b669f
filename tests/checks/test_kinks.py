"""Where a function has no derivative, every number between the one-sided ones is right, and no other."""

import numpy as np
import pytest

import tinygrad_lite as tl

RNG = np.random.default_rng(9)
X = RNG.normal(size=(4, 3))
BLACK = np.vstack([np.zeros(3), X[1:]])
V = RNG.normal(size=3)


def relu_layer(w, b, x):
    return np.sum(np.maximum(x @ w + b, 0))


def relu_by_hand(step):
    def gradient(w, b, x):
        on = step(x @ w + b) * 1.0
        return x.T @ on, on.sum(axis=0)

    return gradient


STRICT, LOOSE, HALF = lambda z: z > 0, lambda z: z >= 0, lambda z: (z > 0) + 0.5 * (z == 0)

KINKS = [
    *[
        (relu_layer, relu_by_hand(step), (np.zeros((3, 2)), np.zeros(2), X), ("w", "b"))
        for step in (STRICT, LOOSE, HALF)
    ],
    *[(relu_layer, relu_by_hand(step), (X[:3, :2], np.zeros(2), BLACK), ("w", "b")) for step in (STRICT, LOOSE)],
    *[
        (lambda x: np.sum(np.abs(x)), claim, (np.array([0.0, 2.0, -1.0]),), None)
        for claim in (
            np.sign,
            lambda x: np.where(x >= 0, 1, -1),
            lambda x: np.where(x > 0, 1, -1),
            lambda x: np.sign(x) + 0.3 * (x == 0),
        )
    ],
    (lambda x: np.max(x), lambda x: np.eye(3)[np.argmax(x)], (np.array([2.0, 2.0, 1.0]),), None),
    (lambda x: np.max(x), lambda x: (x == x.max()) / (x == x.max()).sum(), (np.array([2.0, 2.0, 1.0]),), None),
    (lambda x: np.max(x), lambda x: (x == x.max()) * 1.0, (np.array([2.0, 2.0, 1.0]),), None),
    (
        lambda x, w: np.sum(w * np.sort(x)),
        lambda x, w: w[np.argsort(np.argsort(x, kind="stable"))],
        (np.array([1.0, 1.0, 0.2]), V),
        None,
    ),
    (lambda x, y: np.sum(np.maximum(x, y)), lambda x, y: (x > y) * 1.0, (V, V.copy()), None),
    (lambda x, y: np.sum(np.minimum(x, y)), lambda x, y: (x <= y) * 1.0, (V[:, None], V[:, None].copy()), None),
    (
        lambda x: np.sqrt(np.sum(x * x)) if np.any(np.asarray(value(x))) else 0 * np.sum(x),
        np.sign,
        (np.array([2.0]),),
        None,
    ),
    (lambda x: np.maximum(x, 0), lambda x: np.diag((x > 0) * 1.0), (np.array([0.0, 1.0, -1.0]),), None),
    (lambda x: tl.relu(x).sum(), lambda x: (x >= 0) * 1.0, (np.zeros((2, 2)),), None),
    (lambda x: np.sum(np.clip(x, -1, 1)), lambda x: (np.abs(x) < 1) * 1.0, (np.array([1.0, 0.5, -1.0]),), None),
    (lambda x: np.sum(np.where(x > 0, x, 0.1 * x)), lambda x: np.where(x >= 0, 1, 0.1), (np.zeros(3),), None),
    (
        lambda w, x, y: np.sum(np.maximum(0, 1 - y * (x @ w))),
        lambda w, x, y: -x.T @ (y * (1 - y * (x @ w) >= 0)),
        (np.array([1.0, 0.0]), np.array([[1.0, 0.5], [2.0, -1.0]]), np.array([1.0, -1.0])),
        None,
    ),
]


def value(x):
    return x.data if isinstance(x, tl.Tensor) else x


STEEP = [
    (lambda x: np.sum(np.sin(1e3 * x)), lambda x: 1e3 * np.cos(1e3 * x) + 1e-3, V),
    (lambda x: np.sum(np.sin(1e5 * x)), lambda x: 1e5 * np.cos(1e5 * x) * (1 + 1e-3), V),
    (lambda x: np.sum(np.tanh(1e4 * (x - V))), lambda x: 1e4 + 0 * x - 1e2, V),
    (lambda x: np.sum(np.exp(50 * x)), lambda x: 49 * np.exp(50 * x), V),
    (lambda x: np.sum(np.sqrt(x)), lambda x: 0.51 / np.sqrt(x), np.array([1e-12, 1.0])),
]


@pytest.mark.parametrize(("f", "claimed", "x"), STEEP)
def test_a_curve_is_no_kink(f, claimed, x):
    assert tl.check_derivation(f, claimed, x).verdict == "does not hold"


@pytest.mark.parametrize(("f", "claimed", "args", "wrt"), KINKS)
def test_any_number_between_is_right(f, claimed, args, wrt):
    report = tl.check_derivation(f, claimed, *args, wrt=wrt)
    assert report, report


@pytest.mark.parametrize(
    ("f", "claimed", "args", "words"),
    [
        (relu_layer, lambda w, b, x: x.T @ ((x @ w + b > 0) * 1.0), (np.zeros((3, 2)), np.zeros(2), X), "two equal"),
        (lambda x: np.sum(np.abs(x)), lambda x: np.where(x >= 0, 1, -1), (np.zeros(3),), "abs at 0"),
        (lambda x: np.max(x), lambda x: np.eye(3)[np.argmax(x)], (np.ones(3),), "equal entries"),
        (lambda x: tl.relu(x).sum(), lambda x: (x >= 0) * 1.0, (np.zeros(3),), "relu at 0"),
    ],
)
def test_the_kink_is_named(f, claimed, args, words):
    report = tl.check_derivation(f, claimed, *args)
    assert report.verdict == "holds"
    assert "any between is right" in " ".join(report.remarks)
    assert words in " ".join(report.remarks)


@pytest.mark.parametrize(
    ("f", "claimed", "x"),
    [
        (lambda x: np.sum(np.abs(x)), lambda x: np.where(x == 0, 1.1, np.sign(x)), np.array([0.0, 2.0])),
        (lambda x: np.sum(np.abs(x)), lambda x: np.where(x == 0, 0.5, -np.sign(x)), np.array([0.0, 2.0])),
        (lambda x: np.sum(np.maximum(x, 0)), lambda x: np.where(x == 0, -0.1, x > 0), np.array([0.0, 2.0])),
        (lambda x: np.max(x), lambda x: np.ones(3), np.array([2.0, 2.0, 1.0])),
        (lambda x: np.sum(x * x), lambda x: 2 * x + 0.1, np.zeros(3)),
        (lambda x: np.sum(np.abs(x)) + np.sum(np.exp(x)), np.sign, np.array([0.0, 1.0])),
    ],
)
def test_no_other_number_is(f, claimed, x):
    assert tl.check_derivation(f, claimed, x).verdict == "does not hold"
