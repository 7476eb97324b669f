"""What a gate lets through, x s; and GELU by tanh, x s(v) with the sigmoid s and v = p x + q x³, to the last digits.

Source: D. Hendrycks and K. Gimpel, "Gaussian Error Linear Units" (2016), section 2.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .arrays import as_numbers
from .elementwise import CLIP, keep
from .exact import mended
from .neural import _sigmoid
from .primitive import Primitive
from .registry import primitive

# ---------------------------------------------------------------------------------------------------------------------
# Gates

SHUT = 1000.0
"""From this size of x on, gates are open or closed, and have no slope, in any of the floats."""


FLOATS = (np.float64, np.float32, np.float16, np.longdouble)
LOWEST = {np.dtype(kind): np.array(-SHUT, kind) for kind in FLOATS}
NOTHING = {np.dtype(kind): np.array(0.0, kind) for kind in FLOATS}
"""Numbers as arrays, which NumPy makes of Python's each time they are met."""


def _gated(x: Any, s: Any) -> Any:
    return np.maximum(x, LOWEST[x.dtype]) * s


gated_p: Primitive = primitive(
    _gated,
    plain=lambda x, s: np.maximum(x, -SHUT) * s,
    broadcasts=True,
    written=lambda x, s: x * s,
    x=lambda g, s: g * s,
    s=lambda g, x: _times_bounded(g, x) if is_array_of_floats(g) else times_bounded(g, x),
)


def _times_bounded(c: Any, x: Any) -> Any:
    return c * CLIP(x, -SHUT, SHUT)


times_bounded: Primitive = primitive(
    _times_bounded,
    plain=lambda c, x: c * np.clip(x, -SHUT, SHUT),
    broadcasts=True,
    written=lambda c, x: c * x,
    c=lambda g, x: times_bounded(g, x),
    x=lambda g, c: g * c,  # beyond the bounds all that it meets is 0
)
"""c x, for what is multiplied by the slope of a gate: an infinite x is as good as one of this size."""


def is_array_of_floats(x: Any) -> bool:
    """Whether it is one of NumPy's own, for which a primitive's forward function can be called."""
    return type(x) is np.ndarray and x.dtype in LOWEST


def gated(x: Any, s: Any) -> Any:
    """x times its gate s, a function of x from 0, far below, to 1, far above: with all limits, of derivatives too."""
    return _gated(x, s) if is_array_of_floats(x) else gated_p(x, s)


def _silu(x: Any) -> Any:
    try:
        with np.errstate(over="raise", invalid="raise"):
            return x * (1 / (1 + np.exp(-x)))
    except FloatingPointError:
        return _gated(x, _sigmoid(x))


def _mish(x: Any) -> Any:
    return _gated(x, np.tanh(np.logaddexp(NOTHING[x.dtype], x)))


def _hardswish(x: Any) -> Any:
    return _gated(x, CLIP(x + 3, 0.0, 6.0) / 6)


# ---------------------------------------------------------------------------------------------------------------------
# GELU by tanh

ROOT = math.sqrt(2 / math.pi)
CUBIC = 0.044715
P, Q = 2 * ROOT, 2 * ROOT * CUBIC
DIGITS = (1.595768928527832, 1.930778986805098e-07), (0.07135486602783203, -4.975523178247366e-08)
"""P and Q in two parts each: a multiple of 2⁻²⁰, and what is left."""

GATE_FAR = 4.0
"""From this size of v on, its rounding is worth more than some units of the last place of its exponential."""

GATE_CLOSED = 25
"""From this x on e^(−v) is 0."""


def tanh_argument(x: Any) -> Any:
    """v/2, as it stands in books."""
    return ROOT * (x + CUBIC * x * x * x)


def _within_gate(x: Any) -> Any:
    return np.clip(x, -GATE_CLOSED, GATE_CLOSED)


within_gate: Primitive = primitive(
    _within_gate,
    elementwise=True,
    written=lambda x: x,
    x=lambda g, x: keep(g, ~(np.abs(x) > GATE_CLOSED)),  # NaN is within
)
"""x, or the bound beyond which s(v) is 0 or 1 as it is there: no power of it overflows."""


def incline(x: Any) -> Any:
    """dv/dx."""
    return ROOT * (2 + x * x * CUBIC * 6)


def _root_gate(x: Any) -> Any:
    given = as_numbers(x)
    size = np.abs(_within_gate(given.astype(np.float64)))
    coarse = np.trunc(size * 64) / 64  # of so few digits that its products with the first digits of p and q are exact
    cube, fine = coarse * coarse * coarse, size - coarse
    (p, more_of_p), (q, more_of_q) = DIGITS
    rest = more_of_p * coarse + more_of_q * cube + fine * (P + Q * (3 * coarse * size + fine * fine))
    # e^(−v/2), in three factors, for the rounding error of v would be multiplied by v
    e = np.exp(-0.5 * p * coarse) * np.exp(-0.5 * q * cube) * np.exp(-0.5 * rest)
    return (np.where(given < 0, e, 1) / np.sqrt(1 + e * e)).astype(given.dtype)[()]


root_gate: Primitive = primitive(
    _root_gate,
    elementwise=True,
    written=lambda x: np.sqrt(0.5 * (1 + np.tanh(tanh_argument(x)))),
    x=lambda g, y, x: g * (0.5 * y * incline(x) * np.square(root_gate(-x))),
)
"""√s(v) to the last digits, also where s is nearly 0, and by derivatives of every order for x within the gate.

Of its root, s is made last: itself it may be subnormal, and have few digits to be multiplied.
"""


def _gelu_slope(x: Any) -> Any:
    with np.errstate(over="ignore", invalid="ignore"):
        v = x * (P + Q * (x * x))
        e = np.exp(-v)
        s = 1 / (1 + e)
        return mended(s * (1 + e * s * x * incline(x)), (v < -GATE_FAR) | (v == np.inf), slope_by_gates, x)


def slope_by_gates(x: Any) -> Any:
    """s + x s (1 − s) dv/dx, with 1 − s as the gate of −x."""
    x = _within_gate(as_numbers(x).astype(np.float64))
    root = _root_gate(x)
    return (root + root * np.square(_root_gate(-x)) * x * incline(x)) * root


def gelu_bend(x: Any) -> Any:
    """The second derivative, s (1 − s) (2v' + x v'' + x v'² (1 − 2s)), in functions that have all others.

    No power of v' is taken before it meets a root of s (1 − s), for float16 would not hold it.
    """
    x = within_gate(x)
    above, below, slope = root_gate(x), root_gate(-x), incline(x)
    root = above * below
    steep = root * slope
    turn = steep * slope * (np.square(below) - np.square(above))
    return (2 * steep + x * (root * (x * ROOT * CUBIC * 12) + turn)) * root


def gelu_slope_written(x: Any) -> Any:
    """The slope with s as it stands in books."""
    s = 0.5 * (1 + np.tanh(tanh_argument(x)))
    return s + x * s * (1 - s) * incline(x)


gelu_slope: Primitive = primitive(
    _gelu_slope, elementwise=True, written=gelu_slope_written, x=lambda g, x: g * gelu_bend(x)
)


def _gelu_by_tanh(x: Any) -> Any:
    return _gated(0.5 * x, 1 + np.tanh(tanh_argument(x)))


gelu_by_tanh = primitive(
    _gelu_by_tanh,
    elementwise=True,
    symbol="GELU",
    definition=lambda x: 0.5 * x * (1 + np.tanh(tanh_argument(x))),
    x=lambda g, x: g * gelu_slope(x),
)
