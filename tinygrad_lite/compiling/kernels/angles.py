"""sin and cos: x less the nearest multiple of π/2, and polynomials of what is left, r.

Multiples up to 2¹⁵ are exact, part by part of π/2; so r has all its digits for |x| ≤ 32768. Kernels note in which
blocks an entry is beyond, and compute those again with the functions of the C library, in a loop that is compiled only
then.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .precision import P, bits, in_double, polynomial

BOUND = 32768.0


def is_beyond(x: Any) -> Any:
    """Whether a number is too large; NaN and infinities are not."""
    return (abs(x) > BOUND) & (abs(x) < P.infinity)


def turned(x: Any) -> tuple[Any, Any, Any]:
    """How many multiples of π/2 are nearest, as an integer whose last two bits count; r; what rounding took from r."""
    whole = x * P.two_over_pi + P.magic
    n = whole - P.magic
    first = x - n * P.half_pi_1  # exact, as the products with the first two parts are
    part = n * P.half_pi_2
    second = first - part
    rest = n * P.half_pi_3 - ((first - second) - part)
    r = second - rest
    return bits(whole), r, (second - r) - rest


def sine_of(r: Any, lost: Any) -> Any:
    """sin(r + lost) for |r| ≤ π/4."""
    z = r * r
    return r + (z * r * polynomial(z, P.sin_tail) + lost * (1.0 - 0.5 * z))


def cosine_of(r: Any, lost: Any) -> Any:
    """cos(r + lost) for |r| ≤ π/4."""
    z = r * r
    half = 0.5 * z
    y = 1.0 - half
    return y + (((1.0 - y) - half) + (z * z * polynomial(z, P.cos_tail) - r * lost))


def sin(x: Any) -> Any:
    """sin x, for x up to the bound."""
    n, r, lost = turned(x)
    y = cosine_of(r, lost) if n & 1 != 0 else sine_of(r, lost)
    y = -y if n & 2 != 0 else y
    return x if x == 0.0 else y


def cos(x: Any) -> Any:
    """cos x, for x up to the bound."""
    n, r, lost = turned(x)
    y = sine_of(r, lost) if n & 1 != 0 else cosine_of(r, lost)
    return -y if (n + 1) & 2 != 0 else y


# ---------------------------------------------------------------------------------------------------------------------
# In single precision: the difference in double precision, of which two parts are enough


@in_double
def widely_turned(x: Any) -> tuple[Any, Any]:
    """How many multiples of π/2 are nearest, as an integer whose last two bits count, and r."""
    whole = x * P.two_over_pi + P.magic
    n = whole - P.magic
    return bits(whole), (x - n * P.half_pi_high) - n * P.half_pi_low


@in_double
def short_sine(r: Any) -> Any:
    """sin r for |r| ≤ π/4, to the digits of single precision."""
    z = r * r
    return r + z * r * polynomial(z, P.sin_short)


@in_double
def short_cosine(r: Any) -> Any:
    """cos r for |r| ≤ π/4, to the digits of single precision."""
    z = r * r
    return (1.0 - 0.5 * z) + z * z * polynomial(z, P.cos_short)


@in_double
def wide_sin(x: Any) -> Any:
    """sin x."""
    n, r = widely_turned(x)
    y = short_cosine(r) if n & 1 != 0 else short_sine(r)
    y = -y if n & 2 != 0 else y
    return x if x == 0.0 else y


@in_double
def wide_cos(x: Any) -> Any:
    """cos x."""
    n, r = widely_turned(x)
    y = short_sine(r) if n & 1 != 0 else short_cosine(r)
    return -y if (n + 1) & 2 != 0 else y


def sin_of_single(x: Any) -> Any:
    """sin x of a number in single precision."""
    return P.kind(wide_sin(np.float64(x)))


def cos_of_single(x: Any) -> Any:
    """cos x of a number in single precision."""
    return P.kind(wide_cos(np.float64(x)))
