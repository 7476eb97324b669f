"""Integrals with names, elliptic and hypergeometric functions, Lambert's W: ``scipy.special``'s."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ..engine.protocols import constant
from ..table.exact import mended, to_largest
from ..table.primitive import Primitive
from ..table.registry import Sample
from ..table.undefined import no_slope
from .bessel import part_of, spherical_in, spherical_jn
from .entering import enter, of_doubles, special
from .gaussian import bell, erf
from .loading import scipy_module

sp = scipy_module("scipy.special")

POSITIVE: Final = (0.5, 3.0)
ROOT: Final = math.sqrt(2 * math.pi)

# ---------------------------------------------------------------------------------------------------------------------
# Sine and cosine integrals


def pair(name: str, first: Primitive, second: Primitive, mathematics: str, low: float) -> Any:
    """A function of SciPy's with two outputs."""

    def public(x: Any) -> Any:
        return first(x), second(x)

    public.__name__ = public.__qualname__ = name
    public.__doc__ = f"""{mathematics}

    >>> import tinygrad_lite.scipy.special as special
    >>> tl.check_gradients(lambda x: special.{name}(x)[1], 0.7)
    """
    samples = ((2, 3), (), (0, 3))
    return enter(
        name, public, lambda r: [Sample((r(*shape, low=low, high=3.0),)) for shape in samples], getattr(sp, name)
    )


def _modulo_four(x: Any) -> Any:
    wide = np.asarray(x, np.float64)
    with np.errstate(all="ignore"):
        head = wide.astype(np.float32).astype(np.float64)  # its square has no more digits than a double
        tail = wide - head
        y = np.fmod(np.fmod(head * head, 4) + np.fmod(2 * head * tail, 4) + tail * tail, 4)
    given = np.asarray(x).dtype
    return y.astype(given if given.kind == "f" else np.float64)[()]


# x² less multiples of 4, whose sine is the same to the last digits
square_modulo_four = Primitive(
    _modulo_four, {"x": lambda g, x: g * (2 * x)}, name="square_modulo_four", broadcasts=True
)

QUARTER: Final = math.pi / 2

# fmt: off
sici_s = Primitive(part_of(sp.sici, 0), {"x": lambda g, x: g * spherical_jn(x, n=np.asarray(0))}, name="sici_s", broadcasts=True)
sici_c = Primitive(part_of(sp.sici, 1), {"x": lambda g, x: g * (np.cos(to_largest(x)) / x)}, name="sici_c", broadcasts=True)
shichi_s = Primitive(part_of(sp.shichi, 0), {"x": lambda g, x: g * spherical_in(x, n=np.asarray(0))}, name="shichi_s", broadcasts=True)
shichi_c = Primitive(part_of(sp.shichi, 1), {"x": lambda g, x: g * (np.cosh(x) / to_largest(x))}, name="shichi_c", broadcasts=True)
fresnel_s = Primitive(part_of(sp.fresnel, 0), {"x": lambda g, x: g * np.sin(QUARTER * square_modulo_four(x))},
                      name="fresnel_s", broadcasts=True)
fresnel_c = Primitive(part_of(sp.fresnel, 1), {"x": lambda g, x: g * np.cos(QUARTER * square_modulo_four(x))},
                      name="fresnel_c", broadcasts=True)
sici       = pair("sici", sici_s, sici_c, "Si(x) and Ci(x);  Si′ = sin x/x,  Ci′ = cos x/x", 0.5)
shichi     = pair("shichi", shichi_s, shichi_c, "Shi(x) and Chi(x);  Shi′ = sinh x/x,  Chi′ = cosh x/x", 0.5)
fresnel    = pair("fresnel", fresnel_s, fresnel_c, "S(x) and C(x);  S′ = sin(πx²/2),  C′ = cos(πx²/2)", -2.0)
# fmt: on

# ---------------------------------------------------------------------------------------------------------------------
# Dilogarithm


def _logarithmic_mean(z: Any, *, n: int) -> Any:
    w, y = z - 1, np.empty_like(z)
    near = np.abs(w) < 0.5
    v = -w[near]
    term, total = np.ones_like(v), np.full_like(v, 1 / (n + 1))
    for k in range(1, 80 + 10 * n):
        term = term * v * ((n + k) / k)
        total += term / (n + k + 1)
    y[near] = total
    w, z = w[~near], z[~near]
    r = np.log(z) / w
    for k in range(1, n + 1):
        power = z ** -float(k)
        r = np.where(power == np.inf, np.inf, (r - power / k) / w)
    y[~near] = np.where(z == np.inf, 0, r)
    return y


def _logarithmic_mean_(z: Any, *, n: int) -> Any:
    return of_doubles(lambda z: _logarithmic_mean(z, n=n))(z)


# ∫₀¹ tⁿ/(1 + (z − 1)t)ⁿ⁺¹ dt, for n = 0 ln z/(z − 1): without a quotient of differences where z is nearly 1
logarithmic_mean = Primitive(
    _logarithmic_mean_,
    {"z": lambda g, z, n: -g * (n + 1) * logarithmic_mean(z, n=n + 1)},
    name="logarithmic_mean",
    broadcasts=True,
)

spence = special(
    sp.spence,
    "y = ∫ ln t/(1 − t) dt from 1 to z;  dy/dz = ln z/(1 − z), which is −1 at z = 1",
    domain=((0.2, 3.0),),
    z=lambda g, z: -g * logarithmic_mean(z, n=0),
)


def _exponential_over(x: Any) -> Any:
    root = np.exp(0.5 * x)
    return root * (root / to_largest(x))


def exponential_over_slope(x: Any, y: Any) -> Any:
    """y (x − 1)/x, which is 0 at 1, where y − y/x would be a difference."""
    x = to_largest(x)
    return y * ((x - 1) / x)


# eˣ/x
exponential_over = Primitive(
    _exponential_over,
    {"x": lambda g, x, y: g * exponential_over_slope(x, y)},
    name="exponential_over",
    broadcasts=True,
)

# ---------------------------------------------------------------------------------------------------------------------
# Elliptic


def first_elliptic_slope(p: Any, kind: str) -> Any:
    """dK/dm or dE/dm, by Carlson's integral."""
    return sp.elliprd(0, 1, p) / 6 if kind == "k" else -sp.elliprd(0, p, 1) / 6


def elliptic_series(p: Any, n: int, kind: str) -> Any:
    """The n-th derivative by a series in 1 − p, that of ₂F₁."""
    half = [math.prod([c + k for k in range(n)]) for c in (0.5, -0.5)]
    if kind == "k":
        factor = half[0] * half[0] / math.factorial(n)
        y = p ** -float(n) * sp.hyp2f1(0.5, 0.5, 1 + n, 1 - p)
    else:
        factor = half[0] * half[1] / math.factorial(n)
        y = p ** (1 - float(n)) * sp.hyp2f1(1.5, 0.5, 1 + n, 1 - p)
    return math.pi / 2 * factor * y


def elliptic_recurrence(p: Any, n: int, kind: str) -> Any:
    """The n-th derivative from the two before, by the differential equation; near p = 1 that would cancel."""
    before = sp.ellipkm1(p) if kind == "k" else sp.ellipe(1 - p)
    now = first_elliptic_slope(p, kind)
    for k in range(n - 1):
        if kind == "k":
            of_now, of_before = (k + 1) * (2 * p - 1), -((k + 0.5) ** 2)
        else:
            of_now, of_before = k * (2 * p - 1) + p, 0.25 - k * k
        before, now = now, (of_now / p * now + of_before * before / p) / (p - 1)
    return now


def _elliptic_slope(p: Any, *, n: int, kind: str) -> Any:
    if n == 1:
        return first_elliptic_slope(p, kind)
    apart = ((p > 0) & (p < 0.1)) | (p > 10)
    y = np.empty_like(p)
    y[apart], y[~apart] = elliptic_recurrence(p[apart], n, kind), elliptic_series(p[~apart], n, kind)
    return np.where(p == np.inf, 0, y)


def _elliptic_slope_(p: Any, *, n: int, kind: str) -> Any:
    return of_doubles(lambda p: _elliptic_slope(p, n=n, kind=kind))(p)


# the n-th derivative of K or E by m, in terms of p = 1 − m: the power is taken out so that the series converges at p = 0
elliptic_slope = Primitive(
    _elliptic_slope_,
    {"p": lambda g, p, n, kind: -g * elliptic_slope(p, n=n + 1, kind=kind)},
    name="elliptic_slope",
    broadcasts=True,
)


def mean_slope(y: Any, a: Any, b: Any) -> Any:
    """∂/∂b of the mean of a and b, π a/2K at the complement (b/a)²; for b > a from ∂/∂a, for a ∂y/∂a + b ∂y/∂b = y."""
    low = b <= a
    ratio = np.where(low, b, a) / np.where(low, a, b)
    p = ratio * ratio
    part = 2 * y * p * elliptic_slope(p, n=1, kind="k") / ellipkm1(p)
    return np.where(low, part, y - part) / b


def next_integral(n: Any, x: Any, y: Any) -> Any:
    """E_{n−1}(x): for n ≥ 2 itself; below, where SciPy's ends, by a sum from E_n."""
    n = np.asarray(n)
    ends = n < 2
    if not ends.any():
        return expn(n - 1, x)
    return np.where(ends, (np.exp(-x) + (1 - n) * y) / np.where(ends, x, 1.0), expn(np.maximum(n - 1, 1), x))


# fmt: off
expi       = special(sp.expi, "y = ∫ eᵗ/t dt up to x;  dy/dx = eˣ/x", domain=(POSITIVE,), x=lambda g, x: g * exponential_over(x))
exp1       = special(sp.exp1, "y = ∫ e⁻ᵗ/t dt from x on;  dy/dx = −e⁻ˣ/x", domain=(POSITIVE,), x=lambda g, x: -g * (np.exp(-x) / x))
expn       = special(sp.expn, "y = ∫ e^(−xt)/tⁿ dt from 1 on;  ∂y/∂x = −E_{n−1}(x)", domain=(2, POSITIVE),
                     n=None, x=lambda g, n, x, y: -g * next_integral(n, x, y))
owens_t    = special(sp.owens_t, "y = T(h, a);  ∂y/∂h = −e^(−h²/2) erf(ah/√2)/(2√(2π)),  ∂y/∂a = e^(−h²(1+a²)/2)/(2π (1 + a²))",
                     domain=((-2.0, 2.0), (-2.0, 2.0)),
                     h=lambda g, h, a: g * (bell(h, 0.5) * erf(a * h * math.sqrt(0.5)) * (-0.5 / ROOT)),
                     a=lambda g, h, a: g * (bell(h * np.hypot(1.0, a), 0.5) / np.hypot(1.0, a) / np.hypot(1.0, a) * (0.5 / math.pi)))

ellipk     = special(sp.ellipk, "y = K(m);  dy/dm = (E(m) − (1 − m) y)/(2m (1 − m))", domain=((-1.0, 0.8),),
                     m=lambda g, m: g * elliptic_slope(1 - m, n=1, kind="k"))
ellipkm1   = special(sp.ellipkm1, "y = K(1 − p);  dy/dp = −dK/dm", domain=((0.2, 1.8),),
                     p=lambda g, p: -g * elliptic_slope(p, n=1, kind="k"))
ellipe     = special(sp.ellipe, "y = E(m);  dy/dm = (y − K(m))/(2m)", domain=((-1.0, 0.8),),
                     m=lambda g, m: g * elliptic_slope(1 - m, n=1, kind="e"))
ellipkinc  = special(sp.ellipkinc, "y = F(φ, m);  ∂y/∂φ = 1/√(1 − m sin²φ)", domain=((-1.0, 1.0), 0.4),
                     phi=lambda g, phi, m: g / np.sqrt(1 - m * np.sin(phi) ** 2), m=None)
ellipeinc  = special(sp.ellipeinc, "y = E(φ, m);  ∂y/∂φ = √(1 − m sin²φ)", domain=((-1.0, 1.0), 0.4),
                     phi=lambda g, phi, m: g * np.sqrt(1 - m * np.sin(phi) ** 2), m=None)
agm        = special(sp.agm, "y = the arithmetic-geometric mean;  its derivatives by elliptic integrals", domain=(POSITIVE, POSITIVE),
                     a=lambda g, y, a, b: g * mean_slope(y, b, a), b=lambda g, y, a, b: g * mean_slope(y, a, b))

hyp0f1     = special(sp.hyp0f1, "y = ₀F₁(v; z);  ∂y/∂z = ₀F₁(v + 1; z)/v", domain=(1.5, (-1.0, 2.0)),
                     v=None, z=lambda g, v, z: g * (hyp0f1(v + 1, z) / v))
hyp1f1     = special(sp.hyp1f1, "y = ₁F₁(a; b; x);  ∂y/∂x = (a/b) ₁F₁(a + 1; b + 1; x)", domain=(1.5, 2.5, (-1.0, 2.0)),
                     a=None, b=None, x=lambda g, a, b, x: g * (a / b * hyp1f1(a + 1, b + 1, x)))
hyperu     = special(sp.hyperu, "y = U(a, b, x);  ∂y/∂x = −a U(a + 1, b + 1, x)", domain=(1.5, 2.5, POSITIVE),
                     a=None, b=None, x=lambda g, a, b, x: g * (-a * hyperu(a + 1, b + 1, x)))
# fmt: on

# ---------------------------------------------------------------------------------------------------------------------
# Lambert's W


def _lambertw(x: Any, *, k: Any, tol: float) -> Any:
    y = sp.lambertw(x, k, tol).real
    return np.asarray(y, np.asarray(x).dtype if np.asarray(x).dtype.kind == "f" else np.float64)[()]


def _power_of_root(root: Any, z: Any) -> Any:
    with np.errstate(all="ignore"):
        return mended(np.exp(-root), np.abs(root) > 1, lambda root, z: np.where(z == np.inf, 0, root / z), root, z)


# e^(−W) of the W that solves W e^W = z: where it is large, what rounding took from W would be multiplied by it
power_of_root = Primitive(
    _power_of_root, {"root": lambda g, y: -g * y, "z": no_slope}, name="power_of_root", broadcasts=True
)

lambertw_p = Primitive(
    _lambertw, {"x": lambda g, y, x: g * (power_of_root(y, x) / (1 + y))}, name="lambertw", broadcasts=True
)


def lambertw(z: Any, k: Any = 0, tol: float = 1e-8) -> Any:
    """W with W e^W = z;  dW/dz = e^(−W)/(1 + W).

    Of a real Tensor a real one, on the two branches where W is real: k = 0 for z ≥ −1/e, and k = −1 for −1/e ≤ z < 0;
    elsewhere, ValueError. Of an array what SciPy gives, complex numbers.

    >>> import tinygrad_lite.scipy.special as special
    >>> tl.grad(lambda z: special.lambertw(z).real)(0.0)
    np.float64(1.0)
    """
    if not hasattr(type(z), "__record__"):
        return sp.lambertw(z, k, tol)
    k = np.asarray(constant(k, "scipy.special.lambertw", "k"))
    if not np.all(((k == 0) | ((k == -1) & (z < 0))) & (z >= -math.exp(-1))):
        raise ValueError("lambertw: of Tensors real values alone: k = 0 and z ≥ −1/e, or k = −1 and −1/e ≤ z < 0")
    return lambertw_p(z, k=k, tol=tol)


enter("lambertw", lambertw, lambda r: (), sp._ufuncs._lambertw)
