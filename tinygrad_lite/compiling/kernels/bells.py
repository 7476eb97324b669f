"""The error function and its slope."""

from __future__ import annotations

import math
from typing import Any

from .exponentials import exp, exp_with_rest
from .precision import P, at_least, at_most, nearest, polynomial


def erf(x: Any) -> Any:
    """Up to 1 x and a multiple of it, beyond 1 − e^p, with polynomials of x² and of x."""
    size = abs(x)
    square = size * size
    near = size + size * polynomial(square, P.erf_near)
    bounded = at_most(size, P.erf_end)
    far = 1.0 - exp(polynomial(bounded, P.erf_far))
    return math.copysign(near if size < 1.0 else far, x)


def bell(x: Any, times: Any) -> Any:
    """e^(−t x²) for t = 1 or ½: x² in two parts, for its rounding error would be multiplied by x²."""
    x = at_most(at_least(x, -40.0), 40.0)
    coarse = nearest(x * 16.0) * 0.0625
    square, more = times * coarse * coarse, times * (x - coarse) * (x + coarse)
    total = square + more
    return exp_with_rest(-total, -(more - (total - square)))


def within_bell(x: Any) -> Any:
    """``x``, or the bound beyond which the bell is 0: no power of it overflows."""
    return at_most(at_least(x, -40.0), 40.0)


ROOT_HALF = 0.7071067811865476


def normal_below(x: Any) -> Any:
    """The share of a standard normal distribution that lies below x.

    About 0 it is ½ (1 + erf(x/√2)), beyond ½ e^(−x²/2) times a polynomial of 1/(1 + |x|/5), or 1 less that.
    """
    z = x * ROOT_HALF
    near = 0.5 + 0.5 * (z + z * polynomial(z * z, P.erf_near))
    t = 1.0 / (1.0 + 0.2 * abs(within_bell(x)))
    y = 0.5 * bell(x, 0.5) * polynomial(t, P.complement)
    far = y if x < 0.0 else 1.0 - y
    return near if abs(x) < 0.7 else far
