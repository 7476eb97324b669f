"""Logarithms that stay finite, entropies, losses, Box and Cox's powers, and exponentials: ``scipy.special``'s."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ..table import powers
from ..table.elementwise import nonzero, zero
from ..table.exact import LIMITS, mended, over_positive, over_root
from ..table.primitive import Primitive
from .entering import of_doubles, special
from .loading import scipy_module

sp = scipy_module("scipy.special")


def _quotient(a: Any, b: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        y = np.divide(a, np.abs(b))
        y = np.where((a == 0) & ~(b > 0), 0, np.where(b < 0, np.nan, y)).astype(y.dtype)
    return y[()]


# a/b, the derivative of a ln b by b: 0 where a is, whatever b is, and NaN where b has no logarithm
quotient = Primitive(
    _quotient,
    {"a": lambda g, b: quotient(g, b), "b": lambda g, y, b: -quotient(g * y, b)},
    name="quotient",
    broadcasts=True,
)


# a itself, and NaN where it is negative: where a function ends that is infinite beyond
not_negative = Primitive(
    lambda a: np.where(a < 0, np.nan, a)[()],
    {"a": lambda g, a: g + np.where(a < 0, np.nan, 0.0).astype(g.dtype)},
    name="not_negative",
    broadcasts=True,
)


def _log_quotient(a: Any, b: Any) -> Any:
    with np.errstate(all="ignore"):
        ratio = np.divide(a, b)
        near = (ratio > 0.5) & (ratio < 2)
        usual = (ratio >= np.finfo(ratio.dtype).tiny) & np.isfinite(ratio)  # smaller ones have fewer digits
        one = np.ones_like(ratio)
        apart = sp.xlogy(one, a) - sp.xlogy(one, b)
        y = np.where(near, np.log1p((a - b) / b), np.where(usual, np.log(np.where(usual, ratio, 1)), apart))
    return y[()]


# ln(a/b), with its digits where a is nearly b, and where the quotient is no number
log_quotient = Primitive(
    _log_quotient,
    {"a": lambda g, a: quotient(g, a), "b": lambda g, b: -quotient(g, b)},
    name="log_quotient",
    broadcasts=True,
)


def _weighted_exponential(u: Any, *, n: int) -> Any:
    y = np.empty_like(u)
    near = np.abs(u) < 2 + n
    v = u[near]
    term, total = np.ones_like(v), np.full_like(v, 1 / (n + 1))
    for k in range(1, 40 + 4 * n):
        term = term * v / k
        total += term / (k + n + 1)
    y[near] = total
    v = u[~near]
    power = np.exp(v)
    r = np.expm1(v) / v
    for k in range(1, n + 1):
        r = (power - k * r) / v
    y[~near] = np.where(power == np.inf, np.inf, np.where(v == -np.inf, 0, r))
    return y


def _weighted_exponential_(u: Any, *, n: int) -> Any:
    return of_doubles(lambda u: _weighted_exponential(u, n=n))(u)


# ∫₀¹ tⁿ e^(ut) dt, the n-th derivative of (eᵘ − 1)/u
weighted_exponential = Primitive(
    _weighted_exponential_,
    {"u": lambda g, u, n: g * weighted_exponential(u, n=n + 1)},
    name="weighted_exponential",
    broadcasts=True,
)


def power_slope(logarithm: Any, exponent: Any) -> Any:
    """∂/∂λ of (x^λ − 1)/λ, by ln x: no difference, and no division by λ."""
    return logarithm * logarithm * weighted_exponential(exponent * logarithm, n=1)


def power_slope_from(x: Any, logarithm: Any, exponent: Any) -> Any:
    """:func:`power_slope`, and where x is 0, and (x^λ − 1)/λ is −1/λ, that of it."""
    at_zero = np.where(exponent > 0, 1 / nonzero(exponent) ** 2, np.nan)
    return np.where(x == 0, at_zero, power_slope(np.where(x == 0, 0, logarithm), exponent))


LEAST: Final = (math.exp(-1), -1.2428753672788363e-17)
"""1/e, where the slope of x ln x is 0: the nearest float, and what is missing."""


def _one_plus_log(c: Any, x: Any) -> Any:
    def beside_zero(c: Any, x: Any) -> Any:
        return c * np.log1p(((x - LEAST[0]) - LEAST[1]) * math.e)

    with np.errstate(all="ignore"):
        return mended(c + sp.xlogy(c, x), np.abs(x - LEAST[0]) < 0.05, beside_zero, c, x)


# c (1 + ln x), 0 where c is
one_plus_log = Primitive(
    _one_plus_log,
    {"c": lambda g, x: one_plus_log(g, x), "x": lambda g, c, x: quotient(g * c, x)},
    name="one_plus_log",
    broadcasts=True,
)


def _over_hypotenuse(a: Any, b: Any) -> Any:
    def of_sides(a: Any, b: Any) -> Any:
        small, large = np.minimum(np.abs(a), np.abs(b)), np.maximum(np.abs(a), np.abs(b))
        y = np.where(np.isinf(large) | (large == 0), small, small / np.hypot(1, small / large))
        return y * np.sign(a) * np.sign(b)

    with np.errstate(all="ignore"):
        y = a * (b / np.hypot(a, b))
        tiny, largest = LIMITS[y.dtype]
        return mended(y, ~((np.abs(y) >= tiny) & (np.abs(y) <= largest)), of_sides, a, b)


# ab/√(a² + b²), 0 at the origin, and of an infinite side the other
over_hypotenuse = Primitive(
    _over_hypotenuse,
    {"a": lambda g, a, b: g * cosine(b, a) ** 3, "b": lambda g, a, b: g * cosine(a, b) ** 3},
    name="over_hypotenuse",
    broadcasts=True,
)


def cosine(delta: Any, r: Any) -> Any:
    """δ / √(δ² + r²)."""
    return over_root(delta, r, np.hypot(delta, r))


DEGREE: Final = math.pi / 180
ABOVE: Final = (0.5, 2.0)

# fmt: off
xlogy      = special(sp.xlogy, "y = x ln y, 0 for x = 0;  ∂/∂x = ln y,  ∂/∂y = x/y (0 for x = y = 0)", domain=(ABOVE, ABOVE),
                     x=lambda g, b: xlogy(g, b), b=lambda g, x, b: quotient(g * x, b))
xlog1py    = special(sp.xlog1py, "y = x ln(1 + y), 0 for x = 0;  ∂/∂x = ln(1 + y),  ∂/∂y = x/(1 + y) (0 for 0/0)",
                     domain=(ABOVE, (-0.5, 2.0)),
                     x=lambda g, b: xlog1py(g, b), b=lambda g, x, b: quotient(g * x, 1 + b))
entr       = special(sp.entr, "y = −x ln x, 0 for x = 0;  dy/dx = −1 − ln x (∞ at 0)", domain=(ABOVE,),
                     x=lambda g, x: -one_plus_log(g, x))
rel_entr   = special(sp.rel_entr, "y = a ln(a/b);  ∂y/∂a = 1 + ln(a/b),  ∂y/∂b = −a/b (0 for a = b = 0)", domain=(ABOVE, ABOVE),
                     a=lambda g, a, b: g * (1 + log_quotient(not_negative(a), b)), b=lambda g, a, b: -quotient(g * not_negative(a), b))
kl_div     = special(sp.kl_div, "y = a ln(a/b) − a + b;  ∂y/∂a = ln(a/b),  ∂y/∂b = 1 − a/b", domain=(ABOVE, ABOVE),
                     a=lambda g, a, b: g * log_quotient(not_negative(a), b),
                     b=lambda g, a, b: g * (quotient(b - not_negative(a), b) + ((a == 0) & (b == 0))))
huber      = special(sp.huber, "y = r²/2 for |r| ≤ δ, else δ (|r| − δ/2);  ∂y/∂r = r within ±δ,  ∂y/∂δ = |r| − δ outside",
                     domain=((0.5, 1.0), (-2.0, 2.0)),
                     delta=lambda g, delta, r: g * np.maximum(np.abs(r) - delta, 0), r=lambda g, delta, r: g * np.clip(r, -delta, delta))
pseudo_huber = special(sp.pseudo_huber, "y = δ² (√(1 + (r/δ)²) − 1);  with h = √(δ² + r²), ∂y/∂r = rδ/h,  ∂y/∂δ = (h − δ)²/h = r⁴/(h (h + δ)²)",
                     domain=((0.5, 2.0), (-2.0, 2.0)),
                     delta=lambda g, delta, r: g * (r * cosine(r, delta) * (cosine(r, delta) / (1 + cosine(delta, r))) ** 2),
                     r=lambda g, delta, r: g * over_hypotenuse(delta, r))

boxcox     = special(sp.boxcox, "y = (x^λ − 1)/λ, ln x for λ = 0;  ∂y/∂x = x^(λ−1)", domain=(ABOVE, (-1.5, 2.0)),
                     x=lambda g, x, lmbda: g * x ** (lmbda - 1), lmbda=lambda g, x, lmbda: g * power_slope_from(x, np.log(x), lmbda))
boxcox1p   = special(sp.boxcox1p, "y = ((1 + x)^λ − 1)/λ, ln(1 + x) for λ = 0;  ∂y/∂x = (1 + x)^(λ−1)",
                     domain=((-0.5, 2.0), (-1.5, 2.0)),
                     x=lambda g, x, lmbda: g * np.exp((lmbda - 1) * np.log1p(x)),
                     lmbda=lambda g, x, lmbda: g * power_slope_from(1 + x, np.log1p(x), lmbda))
inv_boxcox = special(sp.inv_boxcox, "x = (1 + λy)^(1/λ), e^y for λ = 0;  ∂x/∂y = x^(1−λ)", domain=((-0.4, 0.9), (0.3, 1.5)),
                     x=lambda g, y, lmbda: g * y ** (1 - lmbda),
                     lmbda=lambda g, y, lmbda: -g * (y ** (1 - lmbda) * power_slope(np.log(y), lmbda)))
inv_boxcox1p = special(sp.inv_boxcox1p, "x = (1 + λy)^(1/λ) − 1, e^y − 1 for λ = 0;  ∂x/∂y = (1 + x)^(1−λ)",
                     domain=((-0.4, 0.9), (0.3, 1.5)),
                     x=lambda g, y, lmbda: g * np.exp((1 - lmbda) * np.log1p(y)),
                     lmbda=lambda g, y, lmbda: -g * (np.exp((1 - lmbda) * np.log1p(y)) * power_slope(np.log1p(y), lmbda)))

exp2       = special(sp.exp2, "y = 2ˣ;  dy/dx = y ln 2", x=lambda g, y: g * (y * math.log(2)))
exp10      = special(sp.exp10, "y = 10ˣ;  dy/dx = y ln 10", x=lambda g, y: g * (y * math.log(10)))
expm1      = special(sp.expm1, "y = eˣ − 1;  dy/dx = eˣ", x=lambda g, x: g * np.exp(x))
log1p      = special(sp.log1p, "y = ln(1 + x);  dy/dx = 1/(1 + x)", domain=((-0.5, 2.0),), x=lambda g, x: over_positive(g, 1 + x, scale=1))
cbrt       = special(sp.cbrt, "y = ∛x;  dy/dx = 1/(3y²)", domain=(ABOVE,), x=lambda g, y: g * (np.square(1 / y) / 3))
exprel     = special(sp.exprel, "y = (eˣ − 1)/x, 1 at 0;  dy/dx = ∫₀¹ t e^(xt) dt", x=lambda g, x: g * weighted_exponential(x, n=1))
powm1      = special(sp.powm1, "y = aᵇ − 1;  ∂y/∂a = b aᵇ⁻¹,  ∂y/∂b = aᵇ ln a", domain=(ABOVE, (-2.0, 2.0)),
                     a=lambda g, a, b: g * powers.power_slope(a, b, by_a=1, by_b=0), b=lambda g, a, b: g * powers.power_slope(a, b, by_a=0, by_b=1))
cosm1      = special(sp.cosm1, "y = cos x − 1;  dy/dx = −sin x", x=lambda g, x: -g * np.sin(x))
cosdg      = special(sp.cosdg, "y = cos x°;  dy/dx = −(π/180) sin x°", domain=((-180.0, 180.0),), x=lambda g, x: g * (-DEGREE * sindg(x)))
sindg      = special(sp.sindg, "y = sin x°;  dy/dx = (π/180) cos x°", domain=((-180.0, 180.0),), x=lambda g, x: g * (DEGREE * cosdg(x)))
tandg      = special(sp.tandg, "y = tan x°;  dy/dx = (π/180)/cos² x°", domain=((-60.0, 60.0),), x=lambda g, x: g * (DEGREE / cosdg(x) / cosdg(x)))
cotdg      = special(sp.cotdg, "y = cot x°;  dy/dx = −(π/180)/sin² x°", domain=((30.0, 150.0),), x=lambda g, x: g * (-DEGREE / sindg(x) / sindg(x)))
round_half_even = special(sp.round, "y = the integer nearest to x, halves to even;  dy/dx = 0", name="round", x=zero)
# fmt: on
