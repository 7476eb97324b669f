"""Numbers beyond the range of floats: pairs of mantissas m and exponents n, for m 2ⁿ with 0.5 ≤ |m| < 1 or m = 0.

They lie along the last axis. Functions of pairs, and no class, so that compiled programs can have their text.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .joining import concatenate

Pair = tuple[Any, Any]

FARTHEST: Final = 2**15
"""What is so many powers of 2 smaller than another adds nothing to it, in any dtype."""

OF_ZERO: Final = -(2**40)
"""The exponent of 0, which is smaller than any number."""


def normalized(m: Any, n: Any) -> Pair:
    """m 2ⁿ of any m."""
    m, shift = np.frexp(m)
    return m, np.where(m == 0, OF_ZERO, n + shift.astype(np.int64))


def to_floats(x: Pair) -> Any:
    """As floats; infinite, or 0, where they are beyond the range."""
    return np.ldexp(x[0], np.clip(x[1], -FARTHEST, FARTHEST))


def products_of(x: Pair, y: Pair) -> Pair:
    """Entry by entry."""
    return normalized(x[0] * y[0], x[1] + y[1])


def sums_of(x: Pair, y: Pair) -> Pair:
    """Entry by entry."""
    top = np.maximum(x[1], y[1])
    return normalized(
        np.ldexp(x[0], np.maximum(x[1] - top, -FARTHEST)) + np.ldexp(y[0], np.maximum(y[1] - top, -FARTHEST)), top
    )


def parts_of(x: Pair, start: int | None, stop: int | None) -> Pair:
    """Those of a slice."""
    return x[0][..., start:stop], x[1][..., start:stop]


def joined(x: Pair, y: Pair) -> Pair:
    """These, and then those."""
    return concatenate([x[0], y[0]], -1), concatenate([x[1], y[1]], -1)


def running(x: Pair) -> Pair:
    """The running products, by doubling."""
    step = 1
    while step < x[0].shape[-1]:
        x = joined(parts_of(x, None, step), products_of(parts_of(x, step, None), parts_of(x, None, -step)))
        step *= 2
    return x


def weighted_rest(weights: Pair, factors: Pair) -> Pair:
    """sᵢ = wᵢ + fᵢ sᵢ₊₁, from the last on, which is w: by doubling."""
    step = 1
    while step < weights[0].shape[-1]:
        near = parts_of(factors, None, -step)
        changed = sums_of(parts_of(weights, None, -step), products_of(near, parts_of(weights, step, None)))
        weights = joined(changed, parts_of(weights, -step, None))
        factors = joined(products_of(near, parts_of(factors, step, None)), parts_of(factors, -step, None))
        step *= 2
    return weights
