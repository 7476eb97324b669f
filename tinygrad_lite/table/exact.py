"""Slopes of elementwise functions, right to the last digits over the whole range of floats.

A slope as books write it, 1 − y² for tanh, loses its digits where what is subtracted is nearly equal, and its range
where squares overflow or vanish. Each primitive here computes such a formula to all digits of real numbers. The formula
itself, ``written``, is what symbols, complex numbers and derivations on paper see; and rules are derived from it.

Most entries need nothing but the formula. So it comes first, and what it gets wrong is mended after.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .registry import primitive


def zero(g: Any) -> Any:
    """The rule of what does not change with an input: the derivative is 0 wherever there is one."""
    return np.zeros_like(g)


def mended(y: Any, wrong: Any, right: Callable[..., Any], *inputs: Any) -> Any:
    """``y``, a fresh result, with what another function makes of the inputs where it is wrong."""
    if not wrong.any():
        return y
    if not y.ndim:
        return y.dtype.type(right(*inputs))
    y[wrong] = right(*[np.broadcast_to(x, y.shape)[wrong] for x in inputs])
    return y


# ---------------------------------------------------------------------------------------------------------------------
# Where a saturated y has no digits left: x is a hint, of which nothing depends

NEAR_ONE = 0.25
"""Below it, what 1 − y² of a rounded y loses is worth more than four units of its last place."""


def _sech_square(t: Any, x: Any) -> Any:
    s = 1 - t * t
    return mended(s, s < NEAR_ONE, sech_square_by_exponentials, x)


def sech_square_by_exponentials(x: Any) -> Any:
    """4 e^(−2|x|) / (1 + e^(−2|x|))²."""
    e = np.exp(-2 * np.abs(x))
    return 4 * e / ((1 + e) * (1 + e))


sech_square = primitive(
    _sech_square,
    broadcasts=True,
    written=lambda t, x: 1 - t * t,
    t=lambda g, t: g * (-2 * t),
    x=zero,
)
