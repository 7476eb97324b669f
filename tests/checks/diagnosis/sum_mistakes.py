"""Wrong derivations of sums: each mistake in three functions at least."""

from __future__ import annotations

from typing import Any

import numpy as np

from .common_mistakes import Wrong, normal, sigmoid

SIGNAL = (normal(8), normal(3), normal(6))

DATA = (normal(3), normal(6, 3), normal(6))
BIASED = (normal(3), np.float64(0.3), normal(6, 3), normal(6))


READ = np.array([0, 1, 1, 3])
TABLE = (normal(4, 2), normal(4, 2))


def written(shape: tuple[int, ...], index: Any, g: Any) -> Any:
    """Where it should be added."""
    d = np.zeros(shape)
    d[index] = g
    return d


def ridge(w: Any, X: Any, t: Any) -> Any:
    return np.mean((X @ w - t) ** 2) + 0.5 * np.sum(w * w)


def gauss(s: Any, x: Any) -> Any:
    return np.sum(np.log(s) + (x - 1) ** 2 / (2 * s**2))


def looped(w: Any, X: Any, t: Any) -> Any:
    total = 0.0
    for x, y in zip(X, t, strict=True):
        total = total + (x @ w - y) ** 2
    return total


def last_row(w: Any, X: Any, t: Any) -> Any:
    return 2 * X[-1] * (X[-1] @ w - t[-1])


def scaled_fit(w: Any, c: Any, X: Any, t: Any) -> Any:
    return np.sum((X @ w + c - t) ** 2) + 0.1 * np.sum(w**2)


def theta(w: Any, X: Any, t: Any) -> Any:
    """The first entry is a bias."""
    return np.mean((X @ w - t) ** 2) + 0.5 * np.sum(w[1:] ** 2)


def two_layers(b: Any, V: Any, x: Any) -> Any:
    return np.sum(np.tanh(x @ V + b)) + 0.25 * np.sum(V**2)


MISTAKES = [
    Wrong(
        "read more than once",
        "sum",
        "must be added",
        lambda E, u: np.sum(u * np.tanh(E[READ])),
        lambda E, u: written(E.shape, READ, u * (1 - np.tanh(E[READ]) ** 2)),
        TABLE,
    ),
    Wrong(
        "read more than once",
        "sum",
        "must be added",
        lambda E, u: np.sum((u @ E[:, [0, 1, 1]]) ** 2),
        lambda E, u: written(E.shape, (slice(None), [0, 1, 1]), 2 * u.T @ u @ E[:, [0, 1, 1]]),
        (normal(4, 2), normal(5, 4)),
    ),
    Wrong(
        "read more than once",
        "sum",
        "must be added",
        lambda x, u: np.sum(u * x[[2, 2, 0]] ** 3),
        lambda x, u: written(x.shape, [2, 2, 0], 3 * u * x[[2, 2, 0]] ** 2),
        (normal(4), normal(3)),
    ),
    Wrong("1/m in one term", "factor", "6", ridge, lambda w, X, t: 2 * X.T @ (X @ w - t) / 6 + w / 6, DATA),
    Wrong("1/m in one term", "mean", "6", ridge, lambda w, X, t: 2 * X.T @ (X @ w - t) + w, DATA),
    Wrong(
        "1/m in one term",
        "mean",
        "6",
        lambda w, X, t: np.sum((X @ w - t) ** 2) / 6 + np.mean(np.abs(X) @ np.exp(w)),
        lambda w, X, t: 2 * X.T @ (X @ w - t) / 6 + np.abs(X).sum(0) * np.exp(w),
        DATA,
    ),
    Wrong(
        "1/m in one term",
        "mean",
        "6",
        lambda w, X, t: np.sum(np.exp(w)) / 6 + np.mean((X @ w - t) ** 2),
        lambda w, X, t: np.exp(w) + 2 * X.T @ (X @ w - t) / 6,
        DATA,
    ),
    Wrong(
        "one term off",
        "factor",
        "−½",
        lambda x, u: np.sum(np.sin(x) * u + np.exp(x)),
        lambda x, u: u * np.cos(x) - np.exp(x) / 2,
        SIGNAL[1:2] * 2,
    ),
    Wrong(
        "one term off",
        "factor",
        "multiplied by 2",
        lambda x, u: np.sum(np.sin(x) * u + np.exp(x)),
        lambda x, u: u * np.cos(x) + 2 * np.exp(x),
        SIGNAL[1:2] * 2,
    ),
    Wrong(
        "one term off",
        "factor",
        "multiplied by 0.3",
        lambda x, u: np.sum(np.tanh(x) + u * x**3),
        lambda x, u: 0.3 * (1 - np.tanh(x) ** 2) + 3 * u * x * x,
        SIGNAL[1:2] * 2,
    ),
    Wrong(
        "broadcast's sum",
        "sum",
        "the sum over a broadcast is missing",
        gauss,
        lambda s, x: 1 / s - np.sum((x - 1) ** 2) / s**3,
        (np.float64(0.7), normal(5)),
    ),
    Wrong(
        "broadcast's sum",
        "sum",
        "the sum over a broadcast is missing",
        lambda s, x: np.sum(s**2 + np.sin(s * x)),
        lambda s, x: 2 * s + np.sum(x * np.cos(s * x)),
        (np.float64(0.7), normal(5)),
    ),
    Wrong(
        "broadcast's sum",
        "sum",
        "counts 4 times",
        lambda s, x: np.sum(np.exp(s) + s * x),
        lambda s, x: np.exp(s) + x.sum(0),
        (normal(3), normal(4, 3)),
    ),
    Wrong("overwritten sum", "sum", "overwritten", looped, last_row, DATA),
    Wrong("overwritten sum", "sum", "only entry 5", lambda w, X, t: np.sum((X @ w - t) ** 2), last_row, DATA),
    Wrong("overwritten sum", "sum", "only entry 5", lambda w, X, t: np.mean((X @ w - t) ** 2), last_row, DATA),
    Wrong(
        "overwritten sum",
        "sum",
        "only entry 5",
        lambda w, X, t: np.sum(np.log(1 + np.exp(-t * (X @ w)))),
        lambda w, X, t: -X[-1] * t[-1] * sigmoid(-t[-1] * (X[-1] @ w)),
        DATA,
    ),
    Wrong(
        "regulariser of biases",
        "regulariser",
        "of w is taken for one of c",
        scaled_fit,
        lambda w, c, X, t: np.sum(2 * (X @ w + c - t)) + 0.2 * c,
        BIASED,
        {"wrt": "c"},
    ),
    Wrong(
        "regulariser of biases", "regulariser", "all of w", theta, lambda w, X, t: 2 * X.T @ (X @ w - t) / 6 + w, DATA
    ),
    Wrong(
        "regulariser of biases",
        "regulariser",
        "of V",
        two_layers,
        lambda b, V, x: np.sum(1 - np.tanh(x @ V + b) ** 2, axis=0) + 0.5 * b,
        (normal(4), normal(3, 4), normal(5, 3)),
    ),
    Wrong(
        "lost minus",
        "sign",
        "log(σ(−u)) is lost",
        lambda u: -np.sum(np.log(sigmoid(-u))),
        lambda u: sigmoid(u) - 1,
        SIGNAL[:1],
    ),
    Wrong("lost minus", "sign", "−x", lambda x, u: np.sum(u * np.exp(-x)), lambda x, u: u * np.exp(x), SIGNAL[1:2] * 2),
    Wrong(
        "lost minus",
        "sign",
        "the minus of",
        lambda x, u: np.sum(np.tanh(np.exp(-x * u))),
        lambda x, u: u * np.exp(x * u) * (1 - np.tanh(np.exp(x * u)) ** 2),
        SIGNAL[1:2] * 2,
    ),
]
