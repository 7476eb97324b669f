"""Slopes of powers aᵇ by base and exponent, to the last digits where the power itself leaves the range of floats."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any, Final

import numpy as np

from .arrays import as_numbers, some
from .exact import is_extreme, lost, mended, unless_zero
from .primitive import Primitive
from .reals import is_float
from .registry import primitive
from .undefined import no_slope


def base_of(a: Any, b: Any) -> Any:
    """``a``, with 1 in place of 0 where b is 0 too: b aᵇ⁻¹ is 0 there."""
    at_zero = b == 0
    if isinstance(at_zero, (bool, np.bool_)) and not at_zero:  # one exponent, as mostly
        return a
    mask = (a == 0) * at_zero
    return np.where(mask, 1, a) if a.dtype.kind == "c" else a + mask  # signs of zeros choose a branch of complex powers


def log_of_base(a: Any, y: Any) -> Any:
    """ln a, with 0 for a = 0; complex where the power is, which negative bases may have."""
    if y.dtype.kind != "c":
        return np.log(unless_zero(a))
    return np.log(np.where(a == 0, 1, a) if np.iscomplexobj(a) else unless_zero(a) + 0j)


def falling(b: Any, n: int, k: int = 0) -> Any:
    """The k-th derivative of b (b − 1) … (b − n + 1): k! times the sum of all products of n − k of the factors."""
    factors = [b - m if m else b for m in range(n)]
    return math.factorial(k) * sum(map(math.prod, combinations(factors, n - k)))


def rest_of(exponent: Any, b: Any, n: int) -> Any:
    """What b − n lost to rounding; whole numbers lose nothing."""
    return lost(exponent, b, -n) if is_float(b) else np.zeros(())


LEAST: Final = 8
"""Up to this exponent a power that underflows is off by its last place times at most so many."""


def _power_slope(a: Any, b: Any, *, by_a: int, by_b: int) -> Any:
    if not by_b and type(b) in (int, float, np.float64) and by_a <= b <= LEAST and not lost(b - by_a, b, -by_a):
        return falling(b, by_a) * a ** (b - by_a)
    if by_b:
        with np.errstate(all="ignore"):
            a, b = np.broadcast_arrays(a, b)
            return power_slope_in_halves(a, b, by_a, by_b)[()]
    exponent = b - by_a
    try:
        with np.errstate(all="raise"):
            power = a**exponent
            y = falling(b, by_a) * power
            # NumPy's powers in single precision do not tell that they underflow
            wrong = is_extreme(np.abs(power)) if power.dtype == np.float32 else np.zeros(y.shape, bool)[()]
    except FloatingPointError:
        with np.errstate(all="ignore"):
            power = a**exponent
            y = falling(b, by_a) * power
            wrong = is_extreme(np.abs(y)) | is_extreme(np.abs(power))
    rest = rest_of(exponent, b, by_a)
    with np.errstate(all="ignore"):
        if some(rest != 0):  # |ln a| is at most the binary exponent, or one more than that of a number below 1
            size = np.abs(np.frexp(a)[1] - 0.5) + 0.5
            wrong = wrong | ~(np.abs(rest * size) <= 2 * np.finfo(y.dtype).eps)
        return mended(y, wrong, lambda a, b: power_slope_in_halves(a, b, by_a, 0), a, b)


def power_slope_plain(a: Any, b: Any, *, by_a: int, by_b: int) -> Any:
    """In halves everywhere, of numbers that are not looked at."""
    return power_slope_in_halves(as_numbers(a), as_numbers(b), by_a, by_b)


def power_slope_in_halves(a: Any, b: Any, by_a: int, by_b: int) -> Any:
    """∂ⁿ⁺ᵐ aᵇ/∂aⁿ∂bᵐ with aᵇ⁻ⁿ as two equal factors, which leave the range only together, and with what b − n lost.

    0 where the coefficient is, whatever the power; so is the logarithm of 0 beside a positive power of it, and at 0⁰.
    """
    dtype = np.result_type(a, b, np.float16)
    a, b = as_numbers(a).astype(dtype), as_numbers(b).astype(dtype)
    exponent = b - by_a
    size = np.abs(a)
    plain = (a == 0) & ((exponent > 0) | ((b == 0) & (by_a == 0)))
    logarithm = np.log(np.where(plain, 1, a)) if by_b else a
    rest = lost(exponent, b, -by_a)  # which matters beside exponents that are small enough to have one
    rest = np.where(np.isfinite(a) & (a != 0), size, 1) ** np.where(np.abs(rest) < 1, rest, 0)
    total = np.zeros_like(size)
    for k in range(min(by_a, by_b) + 1):
        coefficient = math.comb(by_b, k) * falling(b, by_a, k)
        total += np.where(coefficient == 0, 0, coefficient * rest * logarithm ** (by_b - k))
    half = size ** (exponent / 2)
    y = np.where((total == 0) | (half == 0), 0, total * half * half)
    whole = b == np.trunc(b)
    of_negative = np.where(whole, np.where(exponent % 2 == 1, -y, y), np.nan)
    return np.where((a < 0) | (np.signbit(a) & whole), of_negative, y).astype(dtype, copy=False)


def power_slope_written(a: Any, b: Any, *, by_a: int, by_b: int) -> Any:
    """The sum over k of C(m, k) (ln a)ᵐ⁻ᵏ times the k-th derivative of b (b − 1) … (b − n + 1), times aᵇ⁻ⁿ."""
    terms = [falling(b, by_a)] if not by_b else [
        math.comb(by_b, k) * falling(b, by_a, k) * np.log(a) ** (by_b - k) for k in range(min(by_a, by_b) + 1)
    ]  # fmt: skip
    return sum(terms[1:], terms[0]) * base_of(a, b) ** (b - by_a)


def _times_slope(c: Any, s: Any, a: Any) -> Any:
    with np.errstate(invalid="ignore", over="ignore"):
        y = c * s
        return y if not some(np.isnan(y)) else np.where((c == 0) & np.isinf(s) & (a != 0) & np.isfinite(a), 0, y)[()]


times_slope: Primitive = primitive(
    _times_slope,
    broadcasts=True,
    written=lambda c, s, a: c * s,
    c=lambda g, s, a: times_slope(g, s, a),
    s=lambda g, c, a: times_slope(g, c, a),
    a=no_slope,
)
"""c times a slope at a: 0 where c is 0 and the slope is a number too large for a float, which at a = 0 it is not."""


power_slope: Primitive = primitive(
    _power_slope,
    plain=power_slope_plain,
    broadcasts=True,
    written=power_slope_written,
    a=lambda g, a, b, by_a, by_b: times_slope(g, power_slope(a, b, by_a=by_a + 1, by_b=by_b), a),
    b=lambda g, a, b, by_a, by_b: times_slope(g, power_slope(a, b, by_a=by_a, by_b=by_b + 1), a),
)


def _power_logarithm(a: Any, b: Any, *, s: Any) -> Any:
    try:
        with np.errstate(all="raise"):
            y, wrong = s * np.log(a), is_extreme(s)  # of a positive base
    except FloatingPointError:
        with np.errstate(all="ignore"):
            y = s * np.log(a)
            wrong = is_extreme(np.abs(s)) | is_extreme(np.abs(y))
    return mended(y, wrong, lambda a, b: _power_slope(a, b, by_a=0, by_b=1), a, b)


def power_logarithm_plain(a: Any, b: Any, *, s: Any) -> Any:
    """Mended wherever it may be wrong, of numbers that are not looked at."""
    y = s * np.log(a)
    wrong = is_extreme(np.abs(s)) | is_extreme(np.abs(y))
    return mended(y, wrong, lambda a, b: power_slope_plain(a, b, by_a=0, by_b=1), a, b)


def power_logarithm_written(a: Any, b: Any, *, s: Any) -> Any:
    """s ln a, where s, the power, is a formula itself."""
    s = a**b if type(s) is np.ndarray and s.dtype.kind == "f" else s
    return s * log_of_base(a, s)


power_logarithm = primitive(
    _power_logarithm,
    plain=power_logarithm_plain,
    broadcasts=True,
    written=power_logarithm_written,
    a=lambda g, a, b: times_slope(g, power_slope(a, b, by_a=1, by_b=1), a),
    b=lambda g, a, b: times_slope(g, power_slope(a, b, by_a=0, by_b=2), a),
)
