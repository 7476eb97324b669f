"""Wrong derivations of products and kernels: each mistake in three functions at least."""

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


STEPS = (normal(2, 3), normal(3, 3) + np.eye(3), normal(6, 2), normal(3))
"""Such that no step's relu is 0 in all entries: nothing would go through it."""
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

MISTAKES = [*PRODUCTS, *RECURRENCES, *INVERSES, *KERNELS]
