"""Bessel functions, Airy's and Struve's: ``scipy.special``'s, with derivatives in the argument, not in the order."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ..engine.protocols import constant
from ..table.primitive import Primitive
from ..table.registry import Sample
from .entering import enter, of_doubles, special
from .loading import scipy_module

sp = scipy_module("scipy.special")

ABOVE: Final = (0.5, 4.0)
ORDER: Final = 1.5

# ---------------------------------------------------------------------------------------------------------------------
# Scaled by an exponential, where the derivative by recurrence is a difference of what is nearly equal


def asymptotic_slope(x: Any, v: Any, n: int, sign: int) -> Any:
    """The n-th derivative of x^(−½) Σₖ signᵏ aₖ(v)/xᵏ for large x."""
    factor = (-1.0) ** n * math.prod([k + 0.5 for k in range(n)])
    term = factor * x ** (-0.5 - n)
    total = term.copy()
    for k in range(1, 24):
        term = term * sign * (4 * v * v - (2 * k - 1) ** 2) / (8 * k) / x * (k + n - 0.5) / (k - 0.5)
        total += term
    return total


def recurrent_slope(f: Callable[..., Any], x: Any, v: Any, n: int, sign: int) -> Any:
    """The n-th derivative by (f(v−1) + f(v+1))/2 − f(v), or its negative."""
    total = np.zeros_like(x)
    for j in range(n + 1):
        for i in range(j + 1):
            weight = math.comb(n, j) * math.comb(j, i) * (-1) ** (n - j) * 0.5**j * sign**n
            total += weight * f(v - j + 2 * i, x)
    return total


def _scaled_slope(x: Any, *, v: Any, n: int, kind: str) -> Any:
    def computed(x: Any, *, v: Any) -> Any:
        size = np.abs(x) if kind == "i" else x
        far = size > 30 + v * v
        y = np.empty_like(x)
        f, sign = (sp.ive, 1) if kind == "i" else (sp.kve, -1)
        y[~far] = recurrent_slope(f, size[~far], v[~far], n, sign)
        scale = 1 / math.sqrt(2 * math.pi) if kind == "i" else math.sqrt(math.pi / 2)
        y[far] = scale * asymptotic_slope(size[far], v[far], n, -1 if kind == "i" else 1)
        if kind == "i":
            y = np.where((x < 0) & ((v + n) % 2 == 1), -y, np.where((x < 0) & (v % 1 != 0), np.nan, y))
            # at the kink at 0, e^(−|x|) counts with slope 0
            y = np.where((x == 0) & (n == 1), 0.5 * (sp.ive(v - 1, x) + sp.ive(v + 1, x)), y)
        return y

    return of_doubles(computed)(x, v=v)


scaled_slope = Primitive(
    _scaled_slope,
    {"x": lambda g, x, v, n, kind: g * scaled_slope(x, v=v, n=n + 1, kind=kind)},
    name="scaled_slope",
    broadcasts=True,
)


def ive_slope(x: Any, v: Any) -> Any:
    """d/dx of e^(−|x|) I_v(x)."""
    return scaled_slope(x, v=np.asarray(v), n=1, kind="i")


def kve_slope(x: Any, v: Any) -> Any:
    """d/dx of eˣ K_v(x)."""
    return scaled_slope(x, v=np.asarray(v), n=1, kind="k")


def struve_slope(x: Any, y: Any, v: Any, f: Any, sign: int) -> Any:
    """f(v−1) − v/x f(v); at 0, where that has no value, the other form, which cancels where x is large."""
    below, v = f(v - 1, x), np.asarray(v)
    first = (0.5 * x) ** v * (sp.rgamma(v + 1.5) / (2 * math.sqrt(math.pi)))
    at_zero = 0.5 * (below + sign * f(v + 1, x)) + first
    return np.where(x == 0, at_zero, below - v / np.where(x == 0, 1.0, x) * y)


# fmt: off
jv         = special(sp.jv, "y = J_v(x);  ∂y/∂x = (J_{v−1} − J_{v+1})/2", also=("jn",), domain=(ORDER, ABOVE),
                     v=None, x=lambda g, v, x: g * (0.5 * (jv(v - 1, x) - jv(v + 1, x))))
j0         = special(sp.j0, "y = J₀(x);  dy/dx = −J₁", x=lambda g, x: -g * j1(x))
j1         = special(sp.j1, "y = J₁(x);  dy/dx = (J₀ − J₂)/2", x=lambda g, x: g * (0.5 * (j0(x) - jv(2, x))))
yv         = special(sp.yv, "y = Y_v(x);  ∂y/∂x = (Y_{v−1} − Y_{v+1})/2", domain=(ORDER, ABOVE),
                     v=None, x=lambda g, v, x: g * (0.5 * (yv(v - 1, x) - yv(v + 1, x))))
yn         = special(sp.yn, "y = Y_n(x);  ∂y/∂x = (Y_{n−1} − Y_{n+1})/2", domain=(2, ABOVE),
                     n=None, x=lambda g, n, x: g * (0.5 * (yn(n - 1, x) - yn(n + 1, x))))
y0         = special(sp.y0, "y = Y₀(x);  dy/dx = −Y₁", domain=(ABOVE,), x=lambda g, x: -g * y1(x))
y1         = special(sp.y1, "y = Y₁(x);  dy/dx = (Y₀ − Y₂)/2", domain=(ABOVE,), x=lambda g, x: g * (0.5 * (y0(x) - yv(2, x))))
iv         = special(sp.iv, "y = I_v(x);  ∂y/∂x = (I_{v−1} + I_{v+1})/2", domain=(ORDER, ABOVE),
                     v=None, x=lambda g, v, x: g * (0.5 * (iv(v - 1, x) + iv(v + 1, x))))
i0         = special(sp.i0, "y = I₀(x);  dy/dx = I₁", x=lambda g, x: g * i1(x))
i1         = special(sp.i1, "y = I₁(x);  dy/dx = (I₀ + I₂)/2", x=lambda g, x: g * (0.5 * (i0(x) + iv(2, x))))
kv         = special(sp.kv, "y = K_v(x);  ∂y/∂x = −(K_{v−1} + K_{v+1})/2", domain=(ORDER, ABOVE),
                     v=None, x=lambda g, v, x: g * (-0.5 * (kv(v - 1, x) + kv(v + 1, x))))
kn         = special(sp.kn, "y = K_n(x);  ∂y/∂x = −(K_{n−1} + K_{n+1})/2", domain=(2, ABOVE),
                     n=None, x=lambda g, n, x: g * (-0.5 * (kn(abs(n - 1), x) + kn(n + 1, x))))
k0         = special(sp.k0, "y = K₀(x);  dy/dx = −K₁", domain=(ABOVE,), x=lambda g, x: -g * k1(x))
k1         = special(sp.k1, "y = K₁(x);  dy/dx = −(K₀ + K₂)/2", domain=(ABOVE,), x=lambda g, x: g * (-0.5 * (k0(x) + kv(2, x))))
ive        = special(sp.ive, "y = e^(−|x|) I_v(x);  ∂y/∂x = (y_{v−1} + y_{v+1})/2 − y sign x", domain=(ORDER, ABOVE),
                     v=None, x=lambda g, v, x: g * ive_slope(x, v))
i0e        = special(sp.i0e, "y = e^(−|x|) I₀(x);  dy/dx = i1e(x) − y sign x", domain=(ABOVE,), x=lambda g, x: g * ive_slope(x, 0))
i1e        = special(sp.i1e, "y = e^(−|x|) I₁(x);  dy/dx = (i0e(x) + ive(2, x))/2 − y sign x", domain=(ABOVE,), x=lambda g, x: g * ive_slope(x, 1))
kve        = special(sp.kve, "y = eˣ K_v(x);  ∂y/∂x = y − (y_{v−1} + y_{v+1})/2", domain=(ORDER, ABOVE),
                     v=None, x=lambda g, v, x: g * kve_slope(x, v))
k0e        = special(sp.k0e, "y = eˣ K₀(x);  dy/dx = y − k1e(x)", domain=(ABOVE,), x=lambda g, x: g * kve_slope(x, 0))
k1e        = special(sp.k1e, "y = eˣ K₁(x);  dy/dx = y − (k0e(x) + kve(2, x))/2", domain=(ABOVE,), x=lambda g, x: g * kve_slope(x, 1))
struve     = special(sp.struve, "y = H_v(x);  ∂y/∂x = H_{v−1} − v y/x", domain=(ORDER, ABOVE),
                     v=None, x=lambda g, v, x, y: g * struve_slope(x, y, v, struve, -1))
modstruve  = special(sp.modstruve, "y = L_v(x);  ∂y/∂x = L_{v−1} − v y/x", domain=(ORDER, ABOVE),
                     v=None, x=lambda g, v, x, y: g * struve_slope(x, y, v, modstruve, 1))
# fmt: on

# ---------------------------------------------------------------------------------------------------------------------
# Spherical, which are Python functions in SciPy


def spherical(name: str, letter: str, below: float, above: float) -> Any:
    """A spherical Bessel function f_n with (2n + 1) f_n' = below · n f_{n−1} + above · (n + 1) f_{n+1}."""
    original = getattr(sp, name)

    def slope(x: Any, n: Any) -> Any:
        first = below * n / (2 * n + 1) * made(x, n=np.maximum(n - 1, 0))
        return first + above * (n + 1) / (2 * n + 1) * made(x, n=n + 1)

    made = Primitive(of_float(original), {"x": lambda g, x, n: g * slope(x, n)}, name=name, broadcasts=True)

    def public(n: Any, z: Any, derivative: bool = False) -> Any:
        if not hasattr(type(z), "__record__") and not hasattr(type(n), "__record__"):
            return original(n, z, derivative)
        n = np.asarray(constant(n, f"scipy.special.{name}", "n"))
        return slope(z, n) if derivative else made(z, n=n)

    public.__name__ = public.__qualname__ = name
    public.__doc__ = f"""y = {letter}_n(z), the spherical Bessel function, or with derivative=True dy/dz, by recurrence.

    There is no derivative with respect to n.

    >>> import tinygrad_lite.scipy.special as special
    >>> tl.check_gradients(lambda z: special.{name}(2, z), 1.5)
    """
    samples = [2, np.array([[0], [3]])]
    enter(
        name,
        public,
        lambda r: [
            *[Sample((n, r(2, 3, low=0.5, high=4.0))) for n in samples],
            Sample((1, r(3, low=0.5, high=4.0)), {"derivative": True}),
        ],
    )
    return made


def of_float(original: Callable[..., Any]) -> Callable[..., Any]:
    """A function of n and z as one of z, whose dtype is z's."""

    def computed(z: Any, *, n: Any) -> Any:
        y = original(n, z)
        return y.astype(np.asarray(z).dtype)[()] if np.asarray(z).dtype.kind == "f" else y

    return computed


spherical_jn = spherical("spherical_jn", "j", 1, -1)
spherical_yn = spherical("spherical_yn", "y", 1, -1)
spherical_in = spherical("spherical_in", "i", 1, 1)
spherical_kn = spherical("spherical_kn", "k", -1, -1)

# ---------------------------------------------------------------------------------------------------------------------
# Airy


def part_of(ufunc: Callable[..., Any], place: int) -> Callable[..., Any]:
    """One of several outputs."""

    def part(x: Any) -> Any:
        return ufunc(x)[place]

    return part


airy_ai = Primitive(part_of(sp.airy, 0), {"x": lambda g, x: g * airy_aip(x)}, name="airy_ai", broadcasts=True)
airy_aip = Primitive(part_of(sp.airy, 1), {"x": lambda g, x: g * (x * airy_ai(x))}, name="airy_aip", broadcasts=True)
airy_bi = Primitive(part_of(sp.airy, 2), {"x": lambda g, x: g * airy_bip(x)}, name="airy_bi", broadcasts=True)
airy_bip = Primitive(part_of(sp.airy, 3), {"x": lambda g, x: g * (x * airy_bi(x))}, name="airy_bip", broadcasts=True)


def airy(z: Any) -> Any:
    """Ai, Ai′, Bi and Bi′ at z;  Ai″ = z Ai,  Bi″ = z Bi.

    >>> import tinygrad_lite.scipy.special as special
    >>> tl.check_gradients(lambda z: special.airy(z)[2], 0.7)
    """
    return airy_ai(z), airy_aip(z), airy_bi(z), airy_bip(z)


enter("airy", airy, lambda r: [Sample((r(2, 3),)), Sample((r(),)), Sample((r(0, 3),))], sp.airy)
