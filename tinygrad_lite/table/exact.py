"""Slopes of elementwise functions, right to the last digits over the whole range of floats.

A slope as books write it, 1 − y² for tanh, loses its digits where what is subtracted is nearly equal, and its range
where squares overflow or vanish. Each primitive here computes such a formula to all digits of real numbers. The formula
itself, ``written``, is what symbols, complex numbers and derivations on paper see.

Most entries need nothing but the formula: it comes first, and what it gets wrong is mended after. Some inputs are
hints, outputs or arguments of the function whose slope it is: they bring digits, and no derivative flows to them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from .arrays import as_numbers, some
from .ducks import DuckArray
from .primitive import Primitive
from .registry import primitive
from .undefined import no_slope, off_origin


def mended(y: Any, wrong: Any, right: Callable[..., Any], *inputs: Any) -> Any:
    """``y``, a fresh result, with what another function makes of the inputs where it is wrong."""
    if type(y) is DuckArray:  # whose numbers are not looked at
        return np.where(wrong, right(*inputs), y)
    if not y.ndim:
        return y.dtype.type(right(*inputs)) if wrong else y
    (places,) = wrong.reshape(-1).nonzero()  # some times as fast as the mask itself
    if places.size:
        flat(y, y.shape)[places] = right(*[flat(x, y.shape)[places] for x in inputs])
    return y


def flat(x: Any, shape: tuple[int, ...]) -> Any:
    """The entries of an array of this shape in a row, to read and to write: a view where it can be."""
    if np.shape(x) != shape:
        x = np.broadcast_to(x, shape)
    return x.reshape(-1) if x.flags.c_contiguous else x.flat


LIMITS: Final = {
    np.dtype(kind): (np.finfo(kind).tiny, np.finfo(kind).max)
    for kind in (np.float64, np.float32, np.float16, np.longdouble)
}
"""Of floats, the smallest that has all its digits and the largest."""


def is_extreme(size: Any) -> Any:
    """Where an absolute value is beyond the range in which floats have all their digits, or is no number."""
    low, high = LIMITS[size.dtype]
    return ~((size >= low) & (size <= high))


def lost(total: Any, a: Any, b: Any) -> Any:
    """What rounding took from the sum of a and b, exactly: D. E. Knuth's two-sum."""
    b_of_it = total - a
    return (a - (total - b_of_it)) + (b - b_of_it)


# ---------------------------------------------------------------------------------------------------------------------
# Where y rounds to 1: tanh and the sigmoid

NEAR_ONE = 0.25
"""Below it, what 1 − t² of a rounded t loses is worth more than four units of its last place."""


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
    t=no_slope,
    x=lambda g, y, t: g * (-2 * (y * t)),  # not by way of t, for a large g times 2 may overflow before it meets a 0
)


def _logistic_slope(s: Any, x: Any) -> Any:
    return mended(s * (1 - s), s > 1 - NEAR_ONE, lambda s, x: s * s * np.exp(-x), s, x)


logistic_slope: Primitive = primitive(
    _logistic_slope,
    broadcasts=True,
    written=lambda s, x: s * (1 - s),
    s=lambda g, s, x: g * one_minus_twice(s, x),
    x=no_slope,
)


def _one_minus_twice(s: Any, x: Any) -> Any:
    return -np.tanh(0.5 * x) + 0 * s


one_minus_twice: Primitive = primitive(
    _one_minus_twice,
    broadcasts=True,
    written=lambda s, x: 1 - 2 * s,
    s=lambda g: g * -2,
    x=no_slope,
)

# ---------------------------------------------------------------------------------------------------------------------
# Where squares cancel, overflow or vanish: inverse functions, lengths and angles


def _one_minus_square(x: Any) -> Any:
    return (1 - x) * (1 + x)


one_minus_square = primitive(
    _one_minus_square, elementwise=True, written=lambda x: 1 - x * x, x=lambda g, x: g * (-2 * x)
)


def _inverse_root(x: Any, *, less: bool) -> Any:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if less:
            return 1 / (np.sqrt(x - 1) * np.sqrt(x + 1))
        square = x * x
        return mended(1 / np.sqrt(square + 1), np.isinf(square), lambda x: 1 / np.abs(x), x)


inverse_root = primitive(
    _inverse_root,
    elementwise=True,
    written=lambda x, *, less: 1 / np.sqrt(x * x - 1 if less else x * x + 1),
    x=lambda g, x, y: -g * (to_largest(x) * y) * y * y,
)
"""1/√(x² + 1), or 1/√(x² − 1) where it is less."""


def _to_largest(x: Any) -> Any:
    largest = LIMITS[x.dtype][1]
    return np.clip(x, -largest, largest)


to_largest: Primitive = primitive(
    _to_largest, elementwise=True, linear=True, transparent=True, written=lambda x: x, x=lambda g: g
)
"""x, and the largest number in place of an infinite one, for what is multiplied by a number that vanishes there."""


def to_scale(a: Any, b: Any) -> tuple[Any, Any, Any]:
    """a and b over a power of two 2ⁿ, so that the larger is about 1, and n."""
    _, exponent = np.frexp(np.maximum(np.abs(a), np.abs(b)))
    dtype = np.result_type(a, b)  # of a Python 1, NumPy's ldexp makes a float16
    return np.ldexp(as_numbers(a).astype(dtype), -exponent), np.ldexp(as_numbers(b).astype(dtype), -exponent), exponent


def unless_zero(x: Any) -> Any:
    """``x``, with 1 in place of 0."""
    return x + (x == 0)


def _over_root(a: Any, b: Any, h: Any) -> Any:
    wrong = is_extreme(h)
    if not some(wrong):
        return a / h
    return mended(a / np.where(wrong, 1, h).astype(h.dtype), wrong, over_root_to_scale, a, b)


def over_root_to_scale(a: Any, b: Any) -> Any:
    """a / √(a² + b²), 0 at the origin; of an infinite a ±1, and NaN where both are."""
    u, v, _ = to_scale(a, b)
    with np.errstate(invalid="ignore"):
        y = u / unless_zero(np.sqrt(u * u + v * v))
    return np.where(np.isinf(a) & np.isfinite(b), np.sign(a), y)


over_root: Primitive = primitive(
    _over_root,
    broadcasts=True,
    written=lambda a, b, h: a / h,
    a=lambda g, a, b: over_length(off_origin(g, a, b), a, b, i=0, j=2, k=3),
    b=lambda g, a, b: -over_length(off_origin(g, a, b), a, b, i=1, j=1, k=3),
    h=no_slope,
)


def _over_square(a: Any, b: Any) -> Any:
    try:
        with np.errstate(all="raise"):
            watch_squares(a, b)
            return a / (a * a + b * b)
    except ArithmeticError:
        return over_square_mended(a, b)


def watch_squares(*numbers: Any) -> None:
    """Raise FloatingPointError for squares that leave the range, also of Python's floats, which raise nothing."""
    for x in numbers:
        if type(x) is float:
            np.square(x)


def over_square_mended(a: Any, b: Any) -> Any:
    """a / (a² + b²), of numbers whose squares may leave the range."""
    with np.errstate(all="ignore"):
        total = as_numbers(a * a + b * b)
        return mended(as_numbers(a / total), is_extreme(total), over_square_to_scale, a, b)[()]


def over_square_to_scale(a: Any, b: Any) -> Any:
    """a / (a² + b²), 0 at the origin and at infinity."""
    u, v, exponent = to_scale(a, b)
    y = np.ldexp(u / unless_zero(u * u + v * v), -exponent)
    return np.where(is_infinite(a, b), np.copysign(0, a), y)


def is_infinite(a: Any, b: Any) -> Any:
    """Where one of two numbers is infinite, and the other is no NaN."""
    return (np.isinf(a) | np.isinf(b)) & ~(np.isnan(a) | np.isnan(b))


over_square: Primitive = primitive(
    _over_square,
    plain=over_square_mended,
    broadcasts=True,
    written=lambda a, b: a / (a * a + b * b),
    a=lambda g, a, b: squares_apart(off_origin(g, a, b), a, b),
    b=lambda g, a, b: -2 * over_length(off_origin(g, a, b), a, b, i=1, j=1, k=4),
)


def _squares_apart(c: Any, a: Any, b: Any) -> Any:
    u, v, exponent = to_scale(a, b)
    total = unless_zero(u * u + v * v)
    with np.errstate(over="ignore", invalid="ignore"):
        y = np.ldexp(np.ldexp(c * ((v - u) * (v + u) / (total * total)), -exponent), -exponent)
    return np.where(is_infinite(a, b), 0, y)[()].astype(y.dtype)


squares_apart: Primitive = primitive(
    _squares_apart,
    broadcasts=True,
    written=lambda c, a, b: c * (b * b - a * a) / ((a * a + b * b) * (a * a + b * b)),
    c=lambda g, a, b: squares_apart(g, a, b),
    a=lambda g, c, a, b: 2 * cubes_apart(g * c, a, b),
    b=lambda g, c, a, b: -2 * cubes_apart(g * c, b, a),
)
"""c (b² − a²) / (a² + b²)²; c is in it, for it may be small where the rest is beyond all floats."""


def cubes_apart(c: Any, a: Any, b: Any) -> Any:
    """c a (a² − 3b²) / (a² + b²)³."""
    return 8 * (over_length(c / 8, a, b, i=3, j=0, k=6) - 3 * over_length(c / 8, a, b, i=1, j=2, k=6))


def power_of_root(square: Any, k: int) -> Any:
    """The k-th power, k ≥ 2, of a number's root."""
    whole = math.prod((square,) * (k // 2 - 1), start=square)
    return whole * np.sqrt(square) if k % 2 else whole


def over_length_written(c: Any, a: Any, b: Any, *, i: int, j: int, k: int) -> Any:
    """The formula as it stands."""
    return math.prod((a,) * i + (b,) * j, start=c) / power_of_root(a * a + b * b, k)


def over_length_to_scale(c: Any, a: Any, b: Any, *, i: int, j: int, k: int) -> Any:
    """With all exponents put together last; 0 at the origin and at infinity."""
    u, v, exponent = to_scale(a, b)
    (of_a, exponent_of_a), (of_b, exponent_of_b) = np.frexp(a), np.frexp(b)
    with np.errstate(all="ignore"):
        part = math.prod((of_a,) * i + (of_b,) * j, start=c) / power_of_root(unless_zero(u * u + v * v), k)
        y = np.ldexp(part, i * exponent_of_a + j * exponent_of_b - k * exponent)
    return np.where(is_infinite(a, b), 0, y)[()].astype(np.result_type(c, a, b))


def _over_length(c: Any, a: Any, b: Any, *, i: int, j: int, k: int) -> Any:
    try:
        with np.errstate(all="raise"):
            watch_squares(a, b)
            return over_length_written(c, a, b, i=i, j=j, k=k)
    except ArithmeticError:
        return over_length_to_scale(c, a, b, i=i, j=j, k=k)


over_length: Primitive = primitive(
    _over_length,
    plain=over_length_to_scale,
    broadcasts=True,
    written=over_length_written,
    c=lambda g, a, b, i, j, k: over_length(g, a, b, i=i, j=j, k=k),
    a=lambda g, c, a, b, i, j, k: slope_over_length(g * c, a, b, i, j, k),
    b=lambda g, c, a, b, i, j, k: slope_over_length(g * c, b, a, j, i, k),
)
"""c aⁱ bʲ / √(a² + b²)ᵏ, k ≥ 2: what second derivatives of lengths and angles are, and all that follow.

Each of its factors may be subnormal, or beyond all floats, where it is a number with all its digits.
"""


def slope_over_length(c: Any, a: Any, b: Any, i: int, j: int, k: int) -> Any:
    """Its derivative by a, times c; terms of either sign are summed at an eighth, where none overflows."""
    if not i:
        return -k * over_length(c, a, b, i=1, j=j, k=k + 2)
    flatter = i * over_length(c / 8, a, b, i=i - 1, j=j, k=k)
    return 8 * (flatter - k * over_length(c / 8, a, b, i=i + 1, j=j, k=k + 2))


# ---------------------------------------------------------------------------------------------------------------------
# Where a function ends


def _over_positive(g: Any, x: Any, *, scale: float) -> Any:
    if some(x <= 0):
        x = np.where(x < 0, np.nan, np.abs(x)).astype(x.dtype)[()]
    return (g if scale == 1 else g / scale) / x  # not over a product, which may have lost digits to underflow


over_positive: Primitive = primitive(
    _over_positive,
    broadcasts=True,
    written=lambda g, x, *, scale: g / x if scale == 1 else g / (x * scale),
    g=lambda g, x, scale: over_positive(g, x, scale=scale),
    x=lambda g, y, x: -over_positive(g * y, x, scale=1),
)
"""g over x and a scale; NaN for negative x, where there is no value and so no slope; −0 is 0."""

# ---------------------------------------------------------------------------------------------------------------------
# Where exponents are rounded: sums of exponentials

FAR = 4.0
"""From this difference on, its rounding is worth more than two units of the last place of its exponential."""


def powers(scale: float) -> np.ufunc:
    """Those of the base, e or 2, that has this logarithm."""
    return np.exp if scale == 1 else np.exp2


def share_of(scale: float, a: Any, b: Any) -> Any:
    """eᵃ / (eᵃ + eᵇ), or of powers of the base whose logarithm is the scale."""
    exp = powers(scale)

    def small(a: Any, b: Any) -> Any:
        """Of what is far below the other; 0 of −∞, also where both are."""
        apart = a - b
        rest = lost(apart, a, -b)
        part = exp(apart) * (1 + scale * np.where(np.isfinite(rest), rest, 0))
        return np.where(a == -np.inf, 0, part / (1 + part))

    with np.errstate(over="ignore", invalid="ignore"):
        apart = b - a
        return mended(1 / (1 + exp(apart)), ~(apart <= FAR), small, a, b)


share_in_exp: Primitive = primitive(
    lambda a, b, s: share_of(1.0, a, b),
    name="share_in_exp",
    broadcasts=True,
    written=lambda a, b, s: np.exp(a - s),
    a=lambda g, a, b, s: g * both_shares(a, b, s, scale=1.0),
    b=lambda g, a, b, s: -g * both_shares(a, b, s, scale=1.0),
    s=no_slope,
)
"""eᵃ / (eᵃ + eᵇ), written with s = ln(eᵃ + eᵇ)."""

share_in_exp2: Primitive = primitive(
    lambda a, b, s: share_of(math.log(2), a, b),
    name="share_in_exp2",
    broadcasts=True,
    written=lambda a, b, s: np.exp2(a - s),
    a=lambda g, a, b, s: g * both_shares(a, b, s, scale=math.log(2)) * math.log(2),
    b=lambda g, a, b, s: -g * both_shares(a, b, s, scale=math.log(2)) * math.log(2),
    s=no_slope,
)


both_shares: Primitive = primitive(
    lambda a, b, s, *, scale: share_of(scale, a, b) * share_of(scale, b, a),
    name="both_shares",
    broadcasts=True,
    written=lambda a, b, s, *, scale: powers(scale)(a - s) * powers(scale)(b - s),
    a=lambda g, y, a, b, s, scale: g * y * shares_apart(a, b, s, scale=scale) * scale,
    b=lambda g, y, a, b, s, scale: -g * y * shares_apart(a, b, s, scale=scale) * scale,
    s=no_slope,
)
"""The product of the shares of a and b, of powers of the base whose logarithm is the scale."""


def difference_of_shares(scale: float, a: Any, b: Any) -> Any:
    """(eᵇ − eᵃ) / (eᵃ + eᵇ), of powers of the base whose logarithm is the scale; 0 of equal infinities."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.tanh(scale / 2 * np.where(a == b, 0, b - a)[()])


shares_apart: Primitive = primitive(
    lambda a, b, s, *, scale: difference_of_shares(scale, a, b),
    name="shares_apart",
    broadcasts=True,
    written=lambda a, b, s, *, scale: powers(scale)(b - s) - powers(scale)(a - s),
    a=lambda g, a, b, s, scale: g * -2 * both_shares(a, b, s, scale=scale) * scale,
    b=lambda g, a, b, s, scale: g * 2 * both_shares(a, b, s, scale=scale) * scale,
    s=no_slope,
)
"""The share of b less that of a, with all its digits where they are nearly equal."""
