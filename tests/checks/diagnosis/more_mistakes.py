"""Wrong derivations of products, sums and kernels: each mistake in three functions at least."""

from __future__ import annotations

from typing import Any

import numpy as np

import tinygrad_lite as tl

from .common_mistakes import Wrong, normal, sigmoid

# ---------------------------------------------------------------------------------------------------------------------
# Products

ATTENTION = (normal(2, 3, 3), normal(2, 3, 3), normal(2, 3, 3))


def scores(q: Any, k: Any, u: Any) -> Any:
    return np.sum(u * np.tanh(q @ np.swapaxes(k, 1, 2)))


def batched(q: Any, k: Any, u: Any) -> Any:
    return np.sum(u * np.tanh(q @ k))


def g_of(q: Any, k: Any, u: Any) -> Any:
    return u * (1 - np.tanh(q @ k) ** 2)


def g_of_scores(q: Any, k: Any, u: Any) -> Any:
    return g_of(q, np.swapaxes(k, 1, 2), u)


PRODUCTS = [
    Wrong(
        "x for w",
        "swapped",
        "",
        lambda w, x: np.tanh(w @ x),
        lambda w, x: w * (1 - np.tanh(w @ x) ** 2),
        (normal(4), normal(4)),
    ),
    Wrong(
        "x for w",
        "swapped",
        "is taken for",
        lambda w, x: np.sum(np.sin(w * x)),
        lambda w, x: np.cos(w * x) * w,
        (normal(4), normal(4)),
    ),
    Wrong(
        "x for w",
        "swapped",
        "",
        lambda w, x, t: np.sum((x * w - t) ** 2),
        lambda w, x, t: (2 * (x * w - t) * w).sum(axis=0),
        (normal(3), normal(5, 3), normal(5, 3)),
    ),
    Wrong(
        "batched transpose",
        "transposed",
        "a transpose is missing",
        batched,
        lambda q, k, u: g_of(q, k, u) @ k,
        ATTENTION,
    ),
    Wrong(
        "batched transpose",
        "transposed",
        "a transpose is missing",
        batched,
        lambda q, k, u: q @ g_of(q, k, u),
        ATTENTION,
        {"wrt": "k"},
    ),
    Wrong(
        "batched transpose",
        "transposed",
        "a transpose is missing",
        scores,
        lambda q, k, u: g_of_scores(q, k, u) @ q,
        ATTENTION,
        {"wrt": "k"},
    ),
    Wrong(
        "batched transpose",
        "transposed",
        "a transpose is missing",
        lambda q, k, u: np.sum((q @ k @ u) ** 2),
        lambda q, k, u: 2 * np.swapaxes(q, 1, 2) @ (q @ k @ u) @ u,
        ATTENTION,
        {"wrt": "k"},
    ),
    Wrong(
        "batched transpose",
        "transposed",
        "a transpose is missing",
        scores,
        lambda q, k, u: np.swapaxes(g_of_scores(q, k, u), 1, 2) @ k,
        ATTENTION,
    ),
]


def recurrence(cell: Any) -> Any:
    def loss(U: Any, W: Any, xs: Any, t: Any) -> Any:
        h = np.zeros(len(W))
        for x in xs:
            h = cell(h @ W + x @ U)
        return 0.5 * np.sum((h - t) ** 2)

    return loss


def recurrence_by_hand(cell: Any, slope: Any, step: Any) -> Any:
    """The gradient to U."""

    def gradient(U: Any, W: Any, xs: Any, t: Any) -> Any:
        hs = [np.zeros(len(W))]
        for x in xs:
            hs.append(cell(hs[-1] @ W + x @ U))
        d, total = hs[-1] - t, np.zeros_like(U)
        for x, h in zip(xs[::-1], hs[:0:-1], strict=True):
            d = d * slope(h)
            total += np.outer(x, d)
            d = step(d, W)
        return total

    return gradient


STEPS = (normal(2, 3), normal(3, 3), normal(6, 2), normal(3))
CELLS = (
    (np.tanh, lambda h: 1 - h * h),
    (sigmoid, lambda h: h * (1 - h)),
    (lambda z: np.maximum(z, 0), lambda h: h > 0),
)
RECURRENCES = [
    *[
        Wrong(
            "W for Wᵀ",
            "transposed",
            "every product A B with B = W",
            recurrence(cell),
            recurrence_by_hand(cell, slope, lambda d, W: W.T @ d),
            STEPS,
        )
        for cell, slope in CELLS
    ],
    Wrong(
        "W for Wᵀ",
        "transposed",
        "every product A B with A = W",
        lambda x, W: np.sum((W @ (W @ (W @ x))) ** 2),
        lambda x, W: 2 * W @ (W @ (W @ (W @ (W @ (W @ x))))),
        (normal(3), normal(3, 3)),
    ),
    *[
        Wrong(
            "no way through time",
            "term",
            "u was treated as a constant in every product u @ W",
            recurrence(cell),
            recurrence_by_hand(cell, slope, lambda d, W: 0 * d),
            STEPS,
        )
        for cell, slope in CELLS
    ],
]

# ---------------------------------------------------------------------------------------------------------------------
# Inverses

COVARIANCE = (normal(3, 3) + 4 * np.eye(3), normal(3, 3))
inv = np.linalg.inv

INVERSES = [
    Wrong(
        "order of a product",
        "swapped",
        "the order of the factors",
        lambda S, A: np.trace(A @ inv(S)),
        lambda S, A: -inv(S) @ inv(S) @ A,
        COVARIANCE,
    ),
    Wrong(
        "order of a product",
        "swapped",
        "the order of the factors",
        lambda S, A: np.sum(A * inv(S)),
        lambda S, A: -A @ inv(S).T @ inv(S).T,
        COVARIANCE,
    ),
    Wrong(
        "order of a product",
        "swapped",
        "the order of the factors",
        lambda S, A: np.sum(np.sin(inv(S))),
        lambda S, A: -inv(S) @ inv(S) @ np.cos(inv(S)),
        COVARIANCE,
    ),
    Wrong(
        "order of a product",
        "swapped",
        "",
        lambda S, A: np.sum(A * np.linalg.solve(S, A)),
        lambda S, A: np.linalg.solve(S, A).T @ -np.linalg.solve(S.T, A),
        COVARIANCE,
    ),
    Wrong(
        "order of a product",
        "transposed",
        "a transpose is missing",
        lambda S, A: np.sum(A * inv(S)),
        lambda S, A: -inv(S) @ A @ inv(S),
        COVARIANCE,
    ),
]

# ---------------------------------------------------------------------------------------------------------------------
# Kernels

SIGNAL = (normal(8), normal(3), normal(6))


def correlate(x: Any, w: Any) -> Any:
    return np.stack([np.sum(x[i : i + 3] * w) for i in range(6)])


def correlation(x: Any, w: Any, u: Any) -> Any:
    return np.sum(u * np.tanh(correlate(x, w)))


def correlation_by_hand(x: Any, w: Any, u: Any) -> Any:
    """The kernel turned about."""
    g = u * (1 - np.tanh(correlate(x, w)) ** 2)
    return np.convolve(g, w[::-1])


def kernel_by_hand(x: Any, w: Any, u: Any) -> Any:
    g = u * (1 - np.tanh(correlate(x, w)) ** 2)
    return np.stack([g @ x[i : i + 6] for i in range(3)])[::-1]


def image(x: Any, w: Any, u: Any) -> Any:
    return np.sum(u * tl.conv2d(x, w) ** 2)


def image_by_hand(x: Any, w: Any, u: Any) -> Any:
    """With flipped kernels."""
    g = 2 * u * tl.conv2d(x, w)
    return tl.grad(lambda x: np.sum(g * tl.conv2d(x, w[:, :, ::-1, ::-1])))(x)


IMAGE = (normal(1, 2, 5, 5), normal(3, 2, 3, 3), normal(1, 3, 3, 3))

KERNELS = [
    Wrong("flipped kernel", "flipped", "w is flipped", correlation, correlation_by_hand, SIGNAL),
    Wrong(
        "flipped kernel",
        "flipped",
        "the claim is the derivative flipped",
        correlation,
        kernel_by_hand,
        SIGNAL,
        {"wrt": "w"},
    ),
    Wrong(
        "flipped kernel",
        "flipped",
        "w is flipped",
        lambda x, w, u: np.sum(u * np.convolve(x, w, "valid") ** 2),
        lambda x, w, u: np.convolve(2 * u * np.convolve(x, w, "valid"), w),
        SIGNAL,
    ),
    Wrong("flipped kernel", "flipped", "w is flipped along axes 2, 3", image, image_by_hand, IMAGE),
]

# ---------------------------------------------------------------------------------------------------------------------
# Terms and sums

DATA = (normal(3), normal(6, 3), normal(6))
BIASED = (normal(3), np.float64(0.3), normal(6, 3), normal(6))


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


TERMS = [
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

MISTAKES = [*PRODUCTS, *RECURRENCES, *INVERSES, *KERNELS, *TERMS]
