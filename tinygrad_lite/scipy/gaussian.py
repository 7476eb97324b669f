"""The error function, the normal distribution and the logistic function: ``scipy.special``'s, with their kin."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ..table.exact import logistic_slope, mended
from ..table.primitive import Primitive
from ..table.special import exp_of_minus_square, gaussian
from ..table.undefined import no_slope
from .entering import of_doubles, special
from .loading import scipy_module

sp = scipy_module("scipy.special")

SLOPE = 2 / math.sqrt(math.pi)
HALF = math.sqrt(0.5)
ROOT = math.sqrt(2 * math.pi)


def bell(x: Any, times: float = 1.0) -> Any:
    """e^(−t x²), which from 40 on is 0 with all its derivatives, or infinite: so that no square overflows."""
    return gaussian(np.clip(x, -40, 40), times=times, degree=0)


def normal_density(x: Any) -> Any:
    """e^(−x²/2)/√(2π)."""
    return bell(x, 0.5) * (1 / ROOT)


TAIL: Final = 0.05
"""Of a share that is smaller, e^(y²) keeps its digits as a quotient by it, which y itself, being rounded, lacks."""


def _over_bell(root: Any, share: Any, *, times: float) -> Any:
    def of_share(root: Any, share: Any) -> Any:
        return np.where(share == 0, np.inf, sp.erfcx(math.sqrt(times) * np.abs(root)) / (2 * share))

    with np.errstate(all="ignore"):
        return mended(np.exp(times * root * root), share < TAIL, of_share, root, share)


# e^(t y²) of a y that was solved for, ½ erfc(√t |y|) being the share
over_bell = Primitive(
    _over_bell,
    {"root": lambda g, y, root, times: g * (2 * times * root * y), "share": no_slope},
    name="over_bell",
    broadcasts=True,
)


def _over_hazard(root: Any, x: Any) -> Any:
    def beside_one(root: Any, x: Any) -> Any:
        return ROOT * np.exp(x) * _over_bell(root, -np.expm1(x), times=0.5)

    with np.errstate(all="ignore"):
        return mended(1 / _hazard(root), x > -TAIL, beside_one, root, x)


# Φ(y)/φ(y) of the y with Φ(y) = eˣ
over_hazard = Primitive(
    _over_hazard,
    {"root": lambda g, y, root: g * (-y * (y * hazard_slope(root, hazard(root)))), "x": no_slope},
    name="over_hazard",
    broadcasts=True,
)


def _whole_scaled(rounded: Any, x: Any) -> Any:
    right = lambda x: 2 * exp_of_minus_square(x, -1.0) - sp.erfcx(-x)
    with np.errstate(all="ignore"):
        return mended(+rounded, (x < -2) & (x > -27), right, x)


# y = e^(x²) erfc x with all digits, which SciPy's lacks far below 0, where it rounds x²
whole_scaled = Primitive(
    _whole_scaled,
    {"rounded": no_slope, "x": lambda g, y, x: g * (-2 * y * repeated_ratio(x, n=1))},
    name="whole_scaled",
    broadcasts=True,
)


def _repeated_ratio(u: Any, *, n: int) -> Any:
    y = np.empty_like(u)
    near = u <= 1.5
    v = u[near]
    r = SLOPE / sp.erfcx(v) / 2 - v
    for k in range(2, n + 1):
        r = (1 / r - 2 * v) / (2 * k)
    y[near] = r
    v = u[~near]
    r = np.zeros_like(v)
    for k in range(n + 100, n - 1, -1):  # from far enough for all digits at 1.5
        r = 1 / (2 * v + 2 * (k + 1) * r)
    y[~near] = r
    return y


def _repeated_ratio_(u: Any, *, n: int) -> Any:
    return of_doubles(lambda u: _repeated_ratio(u, n=n))(u)


# iⁿerfc, the n-th repeated integral of erfc, over the one before: never a difference of what is nearly equal
repeated_ratio = Primitive(
    _repeated_ratio_,
    {"u": lambda g, u, y, n: g * (y * (2 * n * y - 2 * (n + 1) * repeated_ratio(u, n=n + 1)))},
    name="repeated_ratio",
    broadcasts=True,
)


def _hazard(x: Any) -> Any:
    with np.errstate(all="ignore"):
        below = math.sqrt(2 / math.pi) / sp.erfcx(-HALF * x)
        return np.where(x > 1, exp_of_minus_square(x, 0.5) / (ROOT * sp.ndtr(x)), below).astype(x.dtype)[()]


STRAIGHT = 1e18
"""From as far below 0 on, φ(x)/Φ(x) is −x to all digits, and its slope −1."""


def hazard_slope(x: Any, y: Any) -> Any:
    """−y (x + y), where x + y is written without a difference."""
    apart = math.sqrt(2) * repeated_ratio(np.clip(-HALF * x, -40, HALF * STRAIGHT), n=1)
    return -np.minimum(y, STRAIGHT) * apart


# φ(x)/Φ(x)
hazard = Primitive(
    _hazard,
    {"x": lambda g, x, y: g * hazard_slope(x, y)},
    name="hazard",
    broadcasts=True,
)


def _dawson_slope(x: Any, *, n: int) -> Any:
    y = np.empty_like(x)
    near = np.abs(x) < 7
    v = x[near]
    before, now = sp.dawsn(v), 1 - 2 * v * sp.dawsn(v)
    for k in range(1, n):
        before, now = now, -2 * v * now - 2 * k * before
    y[near] = now
    v = 1 / x[~near]
    term = 0.5 * math.factorial(n) * (-1) ** n * v ** (n + 1)
    total = term.copy()
    for k in range(30):  # the asymptotic series, of which 1 − 2xy would be the remainder
        term = term * ((2 * k + n + 1) * (2 * k + n + 2) / (2.0 * (2 * k + 2))) * v * v
        total += term
    y[~near] = total
    return y


def _dawson_slope_(x: Any, *, n: int) -> Any:
    return of_doubles(lambda x: _dawson_slope(x, n=n))(x)


dawson_slope = Primitive(
    _dawson_slope_,
    {"x": lambda g, x, n: g * dawson_slope(x, n=n + 1)},
    name="dawson_slope",
    broadcasts=True,
)


def _logit_slope(x: Any) -> Any:
    with np.errstate(divide="ignore", over="ignore"):
        return np.where((x < 0) | (x > 1), np.nan, 1 / np.abs(x * (1 - x))).astype(x.dtype)[()]


# 1/(x (1 − x)), NaN where there is no logit
logit_slope = Primitive(
    _logit_slope,
    {"x": lambda g, x, y: g * (y * (2 * x - 1) * y)},
    name="logit_slope",
    broadcasts=True,
)

# fmt: off
erf        = special(sp.erf, "y = (2/√π) ∫₀ˣ e^(−t²) dt;  dy/dx = (2/√π) e^(−x²)", x=lambda g, x: g * (SLOPE * bell(x)))
erfc       = special(sp.erfc, "y = 1 − erf x;  dy/dx = −(2/√π) e^(−x²)", x=lambda g, x: g * (-SLOPE * bell(x)))
erfcx      = special(sp.erfcx, "y = e^(x²) erfc x;  dy/dx = 2xy − 2/√π",
                     x=lambda g, x, y: g * (-2 * whole_scaled(y, x) * repeated_ratio(x, n=1)))
erfi       = special(sp.erfi, "y = −i erf(ix);  dy/dx = (2/√π) e^(x²)", x=lambda g, x: g * (SLOPE * bell(x, -1.0)))
dawsn      = special(sp.dawsn, "y = e^(−x²) ∫₀ˣ e^(t²) dt;  dy/dx = 1 − 2xy", x=lambda g, x: g * dawson_slope(x, n=1))
erfinv     = special(sp.erfinv, "x = erf y;  dy/dx = (√π/2) e^(y²)", domain=((-0.8, 0.8),),
                     x=lambda g, y, x: g * (over_bell(y, 0.5 * (1 - np.abs(x)), times=1.0) / SLOPE))
erfcinv    = special(sp.erfcinv, "x = erfc y;  dy/dx = −(√π/2) e^(y²)", domain=((0.2, 1.8),),
                     x=lambda g, y, x: g * (over_bell(y, 0.5 * np.minimum(x, 2 - x), times=1.0) / -SLOPE))

ndtr       = special(sp.ndtr, "y = Φ(x), the normal distribution's;  dy/dx = e^(−x²/2)/√(2π)",
                     x=lambda g, x: g * normal_density(x))
log_ndtr   = special(sp.log_ndtr, "y = ln Φ(x);  dy/dx = φ(x)/Φ(x)", x=lambda g, x: g * hazard(x))
ndtri      = special(sp.ndtri, "x = Φ(y);  dy/dx = √(2π) e^(y²/2)", domain=((0.1, 0.9),),
                     x=lambda g, y, x: g * (over_bell(y, np.minimum(x, 1 - x), times=0.5) * ROOT))
ndtri_exp  = special(sp.ndtri_exp, "eˣ = Φ(y);  dy/dx = Φ(y)/φ(y)", domain=((-3.0, -0.2),),
                     x=lambda g, y, x: g * over_hazard(y, x))

expit      = special(sp.expit, "y = 1/(1 + e⁻ˣ);  dy/dx = y (1 − y)", x=lambda g, x, y: g * logistic_slope(y, x))
log_expit  = special(sp.log_expit, "y = −ln(1 + e⁻ˣ);  dy/dx = 1/(1 + eˣ)", x=lambda g, x: g * expit(-x))
logit      = special(sp.logit, "y = ln(x/(1 − x));  dy/dx = 1/(x (1 − x))", domain=((0.1, 0.9),),
                     x=lambda g, x: g * logit_slope(x))
# fmt: on
