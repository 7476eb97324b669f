"""The gamma function and what is made of it: ``scipy.special``'s digamma, beta, binomials, incomplete gamma and beta."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ..engine.protocols import constant
from ..table.elementwise import zero
from ..table.exact import lost, mended, to_largest
from ..table.primitive import Primitive
from ..table.registry import Sample
from .entering import enter, of_doubles, special, unreachable
from .loading import scipy_module

sp = scipy_module("scipy.special")

BERNOULLI: Final = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
"""B₂, B₄, …, B₁₆."""

SHIFT: Final = 25
"""From here on the asymptotic series give all digits."""

# ---------------------------------------------------------------------------------------------------------------------
# Derivatives of ln Γ


def _polygamma(x: Any, *, n: Any) -> Any:
    y = sp.polygamma(n, x)
    return y.astype(np.asarray(x).dtype)[()] if np.asarray(x).dtype.kind == "f" else y[()]


polygamma_p = Primitive(
    _polygamma, {"x": lambda g, x, n: g * polygamma_p(x, n=n + 1)}, name="polygamma", broadcasts=True
)


def polygamma(n: Any, x: Any) -> Any:
    """ψ⁽ⁿ⁾(x), the n-th derivative of digamma;  ∂y/∂x = ψ⁽ⁿ⁺¹⁾(x).

    There is no derivative with respect to n. float32 stays float32, where SciPy gives float64.

    >>> import tinygrad_lite.scipy.special as special
    >>> tl.grad(lambda x: special.polygamma(1, x))(1.0).round(4)  # −2 ζ(3)
    np.float64(-2.4041)
    """
    return polygamma_p(x, n=np.asarray(constant(n, "scipy.special.polygamma", "n")))


enter(
    "polygamma",
    polygamma,
    lambda r: [Sample((1, r(2, 3, low=0.5, high=3.0))), Sample((np.array([[0], [2]]), r(3, low=0.5, high=3.0)))],
)


def sine_of_turns(x: Any, rest: Any = 0.0) -> Any:
    """sin π(x + rest), counted from the nearest zero, so that it has all digits beside each; the rest is small."""
    whole = np.round(x)
    return np.sin(math.pi * (x - whole + rest)) * (1 - 2 * (whole % 2))


def is_beside_root(x: Any) -> Any:
    """Whether x is near −0.504, the one root of ψ below 0 beside which SciPy's has all digits."""
    return np.abs(x + 0.504083) <= 0.06


def digamma_below_zero(x: Any) -> Any:
    """ψ(1 − x) − π/tan πx, with x counted from the nearest pole, which is exact; at a pole NaN."""
    wide = np.asarray(x, np.float64)
    beside = wide - np.round(wide)
    with np.errstate(all="ignore"):
        y = np.where(beside == 0, np.nan, sp.psi(1 - wide) - math.pi / np.tan(math.pi * beside))
    return np.where(is_beside_root(wide), sp.psi(wide), y)


def _digamma(x: Any) -> Any:
    low = np.less(x, 0)
    return mended(sp.psi(x), low, digamma_below_zero, x) if low.any() else sp.psi(x)


# ψ(x), also beside its poles below 0, where SciPy's has fewer digits
digamma = Primitive(_digamma, {"x": lambda g, x: g * polygamma_p(x, n=1)}, name="digamma", broadcasts=True)


def of_power(a: Any, ratio: Any, p: float) -> Any:
    """b^(−p) − a^(−p) for ln(b/a) = ratio."""
    return a**-p * np.expm1(-p * ratio)


def shifted_difference(a: Any, d: Any, n: int) -> Any:
    """ψ⁽ⁿ⁾(a + d) − ψ⁽ⁿ⁾(a) for positive a and a + d, term by term: no digits are lost where d is small."""
    total = np.zeros_like(a)
    sign, factor = (-1) ** n, math.factorial(n)
    low = np.minimum(a, a + d) < SHIFT
    shift = np.where(low, SHIFT, 0)
    if low.any():
        for k in range(SHIFT):
            term = of_power(a + k, np.log1p(d / (a + k)), n + 1)
            total += np.where(low, -sign * factor * term, 0)
    a = a + shift
    ratio = np.log1p(d / a)
    leading = -ratio if n == 0 else math.factorial(n - 1) * of_power(a, ratio, n)
    series = leading + factor / 2 * of_power(a, ratio, n + 1)
    for k, b in enumerate(BERNOULLI, 1):
        series += b * math.factorial(2 * k + n - 1) / math.factorial(2 * k) * of_power(a, ratio, 2 * k + n)
    return total - sign * series


def reflected_difference(a: Any, d: Any) -> Any:
    """ψ(a + d) − ψ(a) for a and a + d below 1, by what it is of 1 − a, and a difference of cotangents as a quotient."""
    end = a + d
    sines = sine_of_turns(a) * sine_of_turns(end, lost(end, a, d))
    return shifted_difference(1 - a, -d, 0) + math.pi * sine_of_turns(d) / np.where(sines == 0, np.nan, sines)


def apart(a: Any, d: Any, n: int) -> Any:
    """ψ⁽ⁿ⁾(a + d) − ψ⁽ⁿ⁾(a) as it stands."""
    return _digamma(a + d) - _digamma(a) if n == 0 else sp.polygamma(n, a + d) - sp.polygamma(n, a)


def _polygamma_difference(a: Any, d: Any, *, n: int) -> Any:
    def computed(a: Any, d: Any) -> Any:
        positive = (a > 0) & (a + d > 0)
        low = ~positive & (a < 1) & (a + d < 1) & np.isfinite(a + d) if n == 0 else np.zeros_like(positive)
        rest = ~(positive | low)
        y = np.empty_like(a)
        y[positive] = shifted_difference(a[positive], d[positive], n)
        if low.any():
            y[low] = reflected_difference(a[low], d[low])
        if rest.any():
            y[rest] = apart(a[rest], d[rest], n)
        return y

    return of_doubles(computed)(a, d)


polygamma_difference = Primitive(
    _polygamma_difference,
    {
        "a": lambda g, a, d, n: g * polygamma_difference(a, d, n=n + 1),
        "d": lambda g, a, d, n: g * polygamma_p(a + d, n=n + 1),
    },
    name="polygamma_difference",
    broadcasts=True,
)


def over_turns(f: Any, x: Any) -> Any:
    """The sine or cosine of πx, whose argument keeps its digits."""
    return f(math.pi * (x - 2 * np.round(0.5 * x)))


def rgamma_slope(x: Any, y: Any) -> Any:
    """−y ψ(x), and beside and below its poles what that is by reflection: 1/Γ has none."""
    low = (x < 0.5) & ~is_beside_root(x)
    above, below = np.where(low, 1.0, x), np.where(low, x, 0.0)
    reflected = over_turns(np.cos, below) - psi(1 - below) * over_turns(np.sin, below) * (1 / math.pi)
    return np.where(low, gamma(1 - below) * reflected, -np.where(low, 0.0, y) * psi(to_largest(above)))


# fmt: off
psi        = special(sp.psi, "y = ψ(x) = d ln Γ(x)/dx;  dy/dx = ψ′(x)", name="psi", also=("digamma",), domain=((0.5, 3.0),),
                     x=lambda g, x: g * polygamma_p(x, n=1))
gamma      = special(sp.gamma, "y = Γ(x);  dy/dx = y ψ(x)", domain=((0.5, 3.0),), x=lambda g, x, y: g * (y * digamma(to_largest(x))))
gammaln    = special(sp.gammaln, "y = ln |Γ(x)|;  dy/dx = ψ(x)", domain=((0.5, 3.0),), x=lambda g, x: g * digamma(x))
loggamma   = special(sp.loggamma, "y = ln Γ(x);  dy/dx = ψ(x)", domain=((0.5, 3.0),), x=lambda g, x: g * digamma(x))
gammasgn   = special(sp.gammasgn, "y = the sign of Γ(x);  dy/dx = 0", domain=((-0.9, 2.0),), x=zero)
rgamma     = special(sp.rgamma, "y = 1/Γ(x);  dy/dx = −y ψ(x)", domain=((-1.5, 3.0),),
                     x=lambda g, x, y: g * rgamma_slope(x, y))
poch       = special(sp.poch, "y = Γ(z + m)/Γ(z);  ∂y/∂z = y (ψ(z + m) − ψ(z)),  ∂y/∂m = y ψ(z + m)",
                     domain=((0.5, 3.0), (0.5, 3.0)),
                     z=lambda g, y, z, m: g * (y * polygamma_difference(z, m, n=0)), m=lambda g, y, z, m: g * (y * digamma(to_largest(z + m))))
beta       = special(sp.beta, "y = Γ(a) Γ(b)/Γ(a + b);  ∂y/∂a = y (ψ(a) − ψ(a + b)),  ∂y/∂b likewise",
                     domain=((0.5, 3.0), (0.5, 3.0)),
                     a=lambda g, y, a, b: g * (-y * to_largest(polygamma_difference(a, b, n=0))),
                     b=lambda g, y, a, b: g * (-y * to_largest(polygamma_difference(b, a, n=0))))
betaln     = special(sp.betaln, "y = ln |B(a, b)|;  ∂y/∂a = ψ(a) − ψ(a + b),  ∂y/∂b likewise",
                     domain=((0.5, 3.0), (0.5, 3.0)),
                     a=lambda g, a, b: -g * polygamma_difference(a, b, n=0),
                     b=lambda g, a, b: -g * polygamma_difference(b, a, n=0))
binom      = special(sp.binom, "y = Γ(n + 1)/(Γ(k + 1) Γ(n − k + 1));  ∂y/∂n = y (ψ(n + 1) − ψ(n − k + 1)),  "
                     "∂y/∂k = y (ψ(n − k + 1) − ψ(k + 1)), NaN for whole k > n", domain=((3.0, 5.0), (0.5, 2.0)),
                     n=lambda g, y, n, k: g * (y * polygamma_difference(n - k + 1, k, n=0)),
                     k=lambda g, y, n, k: g * (y * polygamma_difference(k + 1, n - 2 * k, n=0)))

# fmt: on

hurwitz_p = Primitive(
    sp._ufuncs._zeta,
    {"x": unreachable, "q": lambda g, x, q: g * (-x * hurwitz_p(x + 1, q))},
    name="zeta",
    broadcasts=True,
)


def zeta(x: Any, q: Any = None, out: Any = None) -> Any:
    """ζ(x, q) = Σₖ (k + q)^(−x), k = 0, 1, …;  ∂y/∂q = −x ζ(x + 1, q). Without q, Riemann's.

    There is no derivative with respect to x: Tensors that require one are refused.

    >>> import tinygrad_lite.scipy.special as special
    >>> tl.check_gradients(lambda q: special.zeta(2.5, q), 1.5)
    """
    x = constant(x, "scipy.special.zeta", "x")
    return sp.zeta(x, q, out) if q is None or out is not None else hurwitz_p(x, q)


enter(
    "zeta",
    zeta,
    lambda r: [Sample((2.5, r(2, 3, low=0.5, high=3.0))), Sample((np.array([[2], [4]]), r(low=0.5)))],
    sp._ufuncs._zeta,
)


def multigammaln(a: Any, d: Any) -> Any:
    """ln Γ_d(a) = d (d − 1)/4 ln π + Σⱼ ln Γ(a + (1 − j)/2), j = 1 … d;  dy/da = Σⱼ ψ(a + (1 − j)/2).

    Raises ValueError as SciPy does, for d that is no whole number and a ≤ (d − 1)/2.

    >>> import tinygrad_lite.scipy.special as special
    >>> tl.check_gradients(lambda a: special.multigammaln(a, 3), 2.5)
    """
    if not hasattr(type(a), "__record__"):
        return sp.multigammaln(a, d)
    d = np.asarray(constant(d, "scipy.special.multigammaln", "d"))[()]
    if np.ndim(d) or np.floor(d) != d:
        raise ValueError("multigammaln: d should be a positive integer (dimension)")
    if np.any(a <= 0.5 * (d - 1)):
        raise ValueError(f"multigammaln: condition a > 0.5 * (d-1) not met; d is {d}")
    total = gammaln(a) + (d * (d - 1) * 0.25) * math.log(math.pi)
    for j in range(2, int(d) + 1):
        total = total + gammaln(a - 0.5 * (j - 1))
    return total


enter("multigammaln", multigammaln, lambda r: [Sample((r(2, 3, low=2.0, high=4.0), 3)), Sample((r(low=1.0), 1))])

# ---------------------------------------------------------------------------------------------------------------------
# Incomplete


def stirling(a: Any) -> Any:
    """ln Γ(a) − (a − ½) ln a + a − ½ ln 2π, from 10 on."""
    return sum(b / (2 * k * (2 * k - 1) * a ** (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1))


def _gamma_density(x: Any, *, a: Any) -> Any:
    y = np.empty_like(x)
    small = a < 10
    v, s = x[small], a[small]
    factor = sp.rgamma(s)
    y[small] = np.where((factor == 0) | (v == np.inf), 0, np.exp(sp.xlogy(s - 1, v) - v) * factor)
    v, s = x[~small], a[~small]
    t = (v - s) / s  # the powers of large numbers in terms of where they are largest
    exponent = s * (np.log1p(t) - t) - stirling(s)
    y[~small] = np.where((v == 0) | (v == np.inf) | (s == np.inf), 0, np.exp(exponent) * np.sqrt(s / (2 * math.pi)) / v)
    return y


def _gamma_density_(x: Any, *, a: Any) -> Any:
    return of_doubles(_gamma_density)(x, a=a)


# x^(a−1) e⁻ˣ/Γ(a), whose derivative is the difference of two such, or for large a the value times a quotient
gamma_density = Primitive(
    _gamma_density_,
    {
        "x": lambda g, x, y, a: (
            g * np.where(a < 10, gamma_density(x, a=a - 1) - y, y * ((a - 1 - x) / np.where(x == 0, 1.0, x)))
        )
    },
    name="gamma_density",
    broadcasts=True,
)


def _beta_density(x: Any, *, a: Any, b: Any) -> Any:
    y = np.empty_like(x)
    small = np.minimum(a, b) < 10
    v, s, t = x[small], a[small], b[small]
    y[small] = np.exp(sp.xlogy(s - 1, v) + sp.xlog1py(t - 1, -v) - sp.betaln(s, t))
    v, s, t = x[~small], a[~small], b[~small]
    u = v * (s + t) - s
    exponent = s * np.log1p(u / s) + t * np.log1p(-u / t) - stirling(s) - stirling(t) + stirling(s + t)
    inside = np.exp(exponent) * np.sqrt(s / (2 * math.pi) * (t / (s + t))) / (v * (1 - v))
    y[~small] = np.where((v == 0) | (v == 1), 0, inside)
    return y


def _beta_density_(x: Any, *, a: Any, b: Any) -> Any:
    return of_doubles(_beta_density)(x, a=a, b=b)


beta_density = Primitive(
    _beta_density_,
    {
        # at the ends a factor 0 counts where the exponent is 0; elsewhere there the quotient is no number
        "x": lambda g, x, y, a, b: (
            g * (y * ((a - 1) / (x + ((x == 0) & (a == 1))) - (b - 1) / (1 - x + ((x == 1) & (b == 1)))))
        )
    },
    name="beta_density",
    broadcasts=True,
)

POSITIVE: Final = (0.5, 3.0)
INSIDE: Final = (0.1, 0.9)

# fmt: off
gammainc   = special(sp.gammainc, "y = ∫₀ˣ t^(a−1) e⁻ᵗ dt/Γ(a);  ∂y/∂x = x^(a−1) e⁻ˣ/Γ(a)", domain=(1.5, POSITIVE),
                     a=None, x=lambda g, x, a: g * gamma_density(x, a=a))
gammaincc  = special(sp.gammaincc, "y = 1 − gammainc(a, x);  ∂y/∂x = −x^(a−1) e⁻ˣ/Γ(a)", domain=(1.5, POSITIVE),
                     a=None, x=lambda g, x, a: -g * gamma_density(x, a=a))
gammaincinv = special(sp.gammaincinv, "y = gammainc(a, x), solved for x;  dx/dy = Γ(a) eˣ x^(1−a)", domain=(1.5, INSIDE),
                     a=None, x=lambda g, y, a: g / gamma_density(y, a=a))
gammainccinv = special(sp.gammainccinv, "y = gammaincc(a, x), solved for x;  dx/dy = −Γ(a) eˣ x^(1−a)", domain=(1.5, INSIDE),
                     a=None, x=lambda g, y, a: -g / gamma_density(y, a=a))
betainc    = special(sp.betainc, "y = ∫₀ˣ t^(a−1) (1−t)^(b−1) dt/B(a, b);  ∂y/∂x = x^(a−1) (1−x)^(b−1)/B(a, b)",
                     domain=(1.5, 2.5, INSIDE), a=None, b=None, x=lambda g, x, a, b: g * beta_density(x, a=a, b=b))
betaincc   = special(sp.betaincc, "y = 1 − betainc(a, b, x);  ∂y/∂x = −x^(a−1) (1−x)^(b−1)/B(a, b)",
                     domain=(1.5, 2.5, INSIDE), a=None, b=None, x=lambda g, x, a, b: -g * beta_density(x, a=a, b=b))
betaincinv = special(sp.betaincinv, "y = betainc(a, b, x), solved for x;  dx/dy = B(a, b) x^(1−a) (1−x)^(1−b)",
                     domain=(1.5, 2.5, INSIDE), a=None, b=None, x=lambda g, y, a, b: g / beta_density(y, a=a, b=b))
betainccinv = special(sp.betainccinv, "y = betaincc(a, b, x), solved for x;  dx/dy = −B(a, b) x^(1−a) (1−x)^(1−b)",
                     domain=(1.5, 2.5, INSIDE), a=None, b=None, x=lambda g, y, a, b: -g / beta_density(y, a=a, b=b))

chdtr      = special(sp.chdtr, "y = gammainc(v/2, x/2), the χ² distribution's;  ∂y/∂x its density", domain=(3.0, POSITIVE),
                     v=None, x=lambda g, x, v: g * (0.5 * gamma_density(0.5 * x, a=0.5 * np.asarray(v))))
chdtrc     = special(sp.chdtrc, "y = 1 − chdtr(v, x);  ∂y/∂x = −the density", domain=(3.0, POSITIVE),
                     v=None, x=lambda g, x, v: g * (-0.5 * gamma_density(0.5 * x, a=0.5 * np.asarray(v))))
pdtr       = special(sp.pdtr, "y = Σⱼ mʲ e⁻ᵐ/j!, j = 0 … k;  ∂y/∂m = −mᵏ e⁻ᵐ/k!", domain=(2.0, POSITIVE),
                     k=None, m=lambda g, m, k: -g * gamma_density(m, a=np.floor(k) + 1))
pdtrc      = special(sp.pdtrc, "y = 1 − pdtr(k, m);  ∂y/∂m = mᵏ e⁻ᵐ/k!", domain=(2.0, POSITIVE),
                     k=None, m=lambda g, m, k: g * gamma_density(m, a=np.floor(k) + 1))
stdtr      = special(sp.stdtr, "y = Student's distribution function;  ∂y/∂t its density", domain=(3.0, (-2.0, 2.0)),
                     df=None, t=lambda g, t, df: g * np.exp(student_log_density(to_largest(t), np.asarray(df))))
# fmt: on


def student_log_density(t: Any, df: Any) -> Any:
    """−ln(√ν B(½, ν/2)) − (ν + 1)/2 ln(1 + t²/ν)."""
    return -0.5 * np.log(df) - betaln(0.5, 0.5 * df) - 0.5 * (df + 1) * np.log1p(t * t / df)
