"""e^x, and what is made of it: x = n ln 2 + r, with r between halves of ln 2, and a polynomial of r."""

from __future__ import annotations

import math
from typing import Any

from .precision import P, at_least, at_most, bits, nearest, of_bits, polynomial


def power_of_two(n: Any) -> Any:
    """2ⁿ for whole n whose power has all its digits: n, put where exponents are."""
    return of_bits(bits(n + P.exponent_magic) << P.mantissa)


def scaled(y: Any, n: Any) -> Any:
    """2ⁿ y, by two powers: 2ⁿ itself may be no float where this is one. It is rounded once."""
    half = nearest(n * 0.5)
    return y * power_of_two(half) * power_of_two(n - half)


def exponential_of(r: Any) -> tuple[Any, Any]:
    """e^r − 1 for |r| ≤ ½ ln 2, and what rounding took from it."""
    tail = r * r * polynomial(r, P.exp_tail)
    e = r + tail
    return e, tail - (e - r)


def split_exp(x: Any) -> tuple[Any, Any, Any]:
    """The n and e of e^x = 2ⁿ (1 + e), and what rounding took from e."""
    n = nearest(x * P.log2_e)
    first = x - n * P.ln2_high
    r = first - n * P.ln2_low
    e, lost = exponential_of(r)
    return n, e, lost + ((first - r) - n * P.ln2_low)


def exp(x: Any) -> Any:
    """e^x."""
    n, e, _ = split_exp(at_most(at_least(x, P.least_exp), P.most_exp))
    return scaled(1.0 + e, n)


def exp2(x: Any) -> Any:
    """2^x."""
    x = at_most(at_least(x, P.least_exp / P.ln2), P.most_exp / P.ln2)
    n = nearest(x)
    e, _ = exponential_of((x - n) * P.ln2)
    return scaled(1.0 + e, n)


def expm1(x: Any) -> Any:
    """e^x − 1."""
    n, e, lost = split_exp(at_most(at_least(x, P.least_expm1), P.most_exp))
    half = nearest(n * 0.5)
    low = power_of_two(n - half)
    y, more = added(low - power_of_two(-half), low * e)
    return x if x == 0.0 else (y + (more + low * lost)) * power_of_two(half)


def exp_with_rest(x: Any, rest: Any) -> Any:
    """e^(x + rest) for a rest of about the last place of x."""
    n, e, _ = split_exp(at_most(at_least(x, P.least_exp), P.most_exp))
    return scaled(1.0 + (e + (rest + rest * e)), n)


def added(a: Any, b: Any) -> tuple[Any, Any]:
    """a + b, and what rounding took from it, for the larger a."""
    y = a + b
    return y, b - (y - a)


# ---------------------------------------------------------------------------------------------------------------------
# tanh, the sigmoid and their slopes, by exponentials of negative numbers, which do not overflow


def less_one(n: Any, e: Any, lost: Any) -> tuple[Any, Any]:
    """2ⁿ (1 + e) − 1 for n ≤ 0, and what rounding took from it."""
    s = power_of_two(at_least(n, P.least_power))
    y, more = added(s - 1.0, s * e)
    return y, more + s * lost


def tanh(x: Any) -> Any:
    """−m/(2 + m) with m = e^(−2|x|) − 1; 1/(2 + m) is ½ (1 + tanh |x|), which what rounding took is multiplied by."""
    n, e, lost = split_exp(at_least(-2.0 * abs(x), P.least_exp - 4.0))
    m, more = less_one(n, e, lost)
    d, rest = added(2.0, m)
    y = m / d
    return math.copysign(y + (more - y * (rest + more)) * (0.5 - 0.5 * y), x)


def sech_square(x: Any) -> Any:
    """1 − tanh² x as 4 e^(−2|x|) / (1 + e^(−2|x|))²."""
    n, e, lost = split_exp(at_least(-2.0 * abs(x), P.least_exp - 4.0))
    m, _ = less_one(n, e, lost)
    d = 2.0 + m
    return scaled(4.0 * (1.0 + e) / (d * d), n)


def sigmoid(x: Any) -> Any:
    """1/d or e^(−|x|)/d with d = 1 + e^(−|x|), 1/d being what the first gives, or one minus the second."""
    n, e, lost = split_exp(at_least(-abs(x), P.least_exp))
    s = power_of_two(at_least(n, P.least_power))
    u, more = added(1.0, e)
    more = more + lost
    d, rest = added(1.0, s * u)
    rest = rest + s * more
    is_positive = x >= 0.0
    y = (1.0 if is_positive else u) / d
    inverse = y if is_positive else 1.0 - s * y
    y = y + ((0.0 if is_positive else more) - y * rest) * inverse
    return y if is_positive else scaled(y, n)


def logistic_slope(x: Any) -> Any:
    """σ (1 − σ) as e^(−|x|) / (1 + e^(−|x|))²."""
    n, e, lost = split_exp(at_least(-abs(x), P.least_exp))
    m, _ = less_one(n, e, lost)
    d = 2.0 + m
    return scaled((1.0 + e) / (d * d), n)


def one_minus_twice(x: Any) -> Any:
    """1 − 2σ."""
    return -tanh(0.5 * x)


def share_in_exp(a: Any, b: Any) -> Any:
    """eᵃ / (eᵃ + eᵇ), the sigmoid of a − b, with what rounding takes from that; 0 of −∞."""
    apart = a - b
    other = apart - a  # Knuth's two-sum
    rest = (a - (apart - other)) - (b + other)
    rest = rest if abs(rest) < P.infinity else 0.0
    y = sigmoid(apart)
    y = y + y * rest * (1.0 - y)
    return 0.0 if a == -P.infinity else y
