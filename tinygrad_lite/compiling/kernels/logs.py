"""Logarithms: x = 2ᵏ (1 + f), with 1 + f between √½ and √2, and a polynomial of f/(2 + f)."""

from __future__ import annotations

from typing import Any

from .exponentials import exp
from .precision import P, bits, of_bits, polynomial


def split(x: Any) -> tuple[Any, Any]:
    """The k and f of a positive number, both floats."""
    is_small = x < P.least  # and has not all its digits
    n = bits(x * P.raising if is_small else x) - P.root_half_bits
    k = of_bits((n >> P.mantissa) + P.magic_bits) - P.magic
    f = of_bits((n & P.mantissa_mask) + P.root_half_bits) - 1.0
    return k - P.raised if is_small else k, f


def log_sum(k: Any, f: Any, rest: Any) -> Any:
    """k ln 2 + ln(1 + f) + rest, the large first and exact: ln(1 + f) is f − f²/2 + s (f²/2 + …) with s = f/(2 + f)."""
    s = f / (2.0 + f)
    z = s * s
    half = 0.5 * f * f
    tail = s * (half + z * polynomial(z, P.log_tail))
    return k * P.ln2_high - ((half - (tail + (k * P.ln2_low + rest))) - f)


def at_edges(y: Any, x: Any) -> Any:
    """A logarithm of x, which is right for positive numbers, of all: NaN of negative ones, ∞ of ∞, −∞ of 0."""
    y = y if x < P.infinity else x
    y = P.nan if x < 0.0 else y
    return -P.infinity if x == 0.0 else y


def log(x: Any) -> Any:
    """ln x."""
    k, f = split(x)
    return at_edges(log_sum(k, f, 0.0), x)


def log1p(x: Any) -> Any:
    """k and f of 1 + x as it is rounded, and what it lost, over it; but f is x itself where it can be."""
    u = 1.0 + x
    k, f = split(u)
    lost = 1.0 - (u - x) if x >= 1.0 else x - (u - 1.0)
    y = log_sum(k, x if k == 0.0 else f, 0.0 if k == 0.0 else lost / u)
    y = at_edges(y, u)
    return x if x == 0.0 else y


def logaddexp(a: Any, b: Any) -> Any:
    """The larger, plus ln(1 + e^(−|a − b|)); of equal infinities they themselves."""
    larger = a if (a >= b) | (a != a) else b
    apart = 0.0 if a == b else -abs(a - b)
    return larger + log1p(exp(apart))
