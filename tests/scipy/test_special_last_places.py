"""Slopes of ``scipy.special``'s functions at hard points, in units in the last place, beside mpmath's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

from ..table.hard_cases import BESIDE_ZERO, LIMITS
from ..table.true_derivatives import last_places

special = pytest.importorskip("tinygrad_lite.scipy.special")
mp = pytest.importorskip("mpmath").mp

Formula = Callable[[Any], Any]


def erf_slope() -> Any:
    return 2 / mp.sqrt(mp.pi)


def hypergeometric(a: float, b: float, of_m: Formula, factor: int) -> Formula:
    """A second derivative of an elliptic integral: factor · π/64 · ₂F₁(a, b; 3; m)."""
    return lambda x: factor * mp.pi / 64 * mp.hyp2f1(a, b, 3, of_m(x))


def turns(x: Any) -> Any:
    return x * mp.pi / 180


TRUE: dict[str, tuple[tuple[float, float], list[Formula]]] = {
    "psi": ((-300, 1e300), [lambda x: mp.psi(1, x), lambda x: mp.psi(2, x)]),
    "gammaln": ((-300, 1e300), [lambda x: mp.psi(0, x), lambda x: mp.psi(1, x)]),
    "loggamma": ((0, 1e300), [lambda x: mp.psi(0, x), lambda x: mp.psi(1, x)]),
    "gamma": (
        (-160, 171),
        [lambda x: mp.gamma(x) * mp.psi(0, x), lambda x: mp.gamma(x) * (mp.psi(0, x) ** 2 + mp.psi(1, x))],
    ),
    "rgamma": (
        (-160, 171),
        [lambda x: -mp.rgamma(x) * mp.psi(0, x), lambda x: mp.rgamma(x) * (mp.psi(0, x) ** 2 - mp.psi(1, x))],
    ),
    "erfcx": ((-26, 1e150), [lambda x: 2 * x * mp.exp(x * x) * mp.erfc(x) - erf_slope()]),
    "erfinv": (
        (-1, 1),
        [
            lambda x: mp.exp(mp.erfinv(x) ** 2) / erf_slope(),
            lambda x: 2 * mp.erfinv(x) * mp.exp(2 * mp.erfinv(x) ** 2) / erf_slope() ** 2,
        ],
    ),
    "erfcinv": (
        (0, 2),
        [
            lambda x: -mp.exp(mp.erfinv(1 - x) ** 2) / erf_slope(),
            lambda x: 2 * mp.erfinv(1 - x) * mp.exp(2 * mp.erfinv(1 - x) ** 2) / erf_slope() ** 2,
        ],
    ),
    "ndtri": ((0, 1), [lambda x: mp.sqrt(2 * mp.pi) * mp.exp(mp.erfinv(2 * x - 1) ** 2)]),
    "ndtri_exp": ((-40, 0), [lambda x: mp.sqrt(2 * mp.pi) * mp.exp(x + mp.erfinv(2 * mp.exp(x) - 1) ** 2)]),
    "entr": ((0, 1e308), [lambda x: -1 - mp.log(x), lambda x: -1 / x]),
    "expi": ((-740, 709), [lambda x: mp.exp(x) / x, lambda x: mp.exp(x) * (x - 1) / x**2]),
    "exp1": ((0, 740), [lambda x: -mp.exp(-x) / x, lambda x: mp.exp(-x) * (x + 1) / x**2]),
    "lambertw": ((-0.3, 1e300), [lambda x: mp.exp(-mp.lambertw(x)) / (1 + mp.lambertw(x))]),
    "ellipk": (
        (-1e120, 1),
        [lambda m: mp.pi / 8 * mp.hyp2f1(1.5, 1.5, 2, m), hypergeometric(2.5, 2.5, lambda m: m, 9)],
    ),
    "ellipkm1": (
        (0, 1e120),
        [lambda p: -mp.pi / 8 * mp.hyp2f1(1.5, 1.5, 2, 1 - p), hypergeometric(2.5, 2.5, lambda p: 1 - p, 9)],
    ),
    "ellipe": (
        (-1e120, 1),
        [lambda m: -mp.pi / 8 * mp.hyp2f1(0.5, 1.5, 2, m), hypergeometric(1.5, 2.5, lambda m: m, -3)],
    ),
    "tandg": (
        (-1e4, 1e4),
        [
            lambda x: turns(1) / mp.cos(turns(x)) ** 2,
            lambda x: 2 * turns(1) ** 2 * mp.tan(turns(x)) / mp.cos(turns(x)) ** 2,
        ],
    ),
    "cotdg": (
        (-1e4, 1e4),
        [
            lambda x: -turns(1) / mp.sin(turns(x)) ** 2,
            lambda x: 2 * turns(1) ** 2 * mp.cot(turns(x)) / mp.sin(turns(x)) ** 2,
        ],
    ),
    "k0": ((0, 700), [lambda x: -mp.besselk(1, x), lambda x: (mp.besselk(0, x) + mp.besselk(2, x)) / 2]),
    "i0": ((-700, 700), [lambda x: mp.besseli(1, x), lambda x: (mp.besseli(0, x) + mp.besseli(2, x)) / 2]),
    "np.i0": ((-700, 700), [lambda x: mp.besseli(1, x), lambda x: (mp.besseli(0, x) + mp.besseli(2, x)) / 2]),
    "j0": ((-1000, 1000), [lambda x: -mp.besselj(1, x)]),
    "y0": ((0, 1000), [lambda x: -mp.bessely(1, x)]),
    "dawsn": ((-1e8, 1e8), [lambda x: 1 - x * mp.sqrt(mp.pi) * mp.exp(-x * x) * mp.erfi(x)]),
    "i0e": ((0, 1e4), [lambda x: mp.exp(-x) * (mp.besseli(1, x) - mp.besseli(0, x))]),
    "k0e": ((0, 1e4), [lambda x: mp.exp(x) * (mp.besselk(0, x) - mp.besselk(1, x))]),
}
"""The open interval of points, and the first derivatives, as mpmath computes them."""

SCIPYS = "a difference of, or itself, a value of SciPy's that has no more digits there"
NAMED: dict[tuple[str, int], tuple[float, str]] = {
    **dict.fromkeys([("gammaln", 1), ("gamma", 1), ("rgamma", 1), ("rgamma", 2)], (np.inf, BESIDE_ZERO)),
    ("psi", 2): (1e3, BESIDE_ZERO),
    **dict.fromkeys([("j0", 1), ("y0", 1)], (np.inf, f"{SCIPYS}: beside the zeros, as far as from 0 to 1,000")),
    ("i0", 1): (16, SCIPYS),
    ("erfcx", 1): (16, f"{SCIPYS}: y (2x − …) from 0.7 to 1.5"),
    ("dawsn", 1): (np.inf, f"1 − 2xy as far as 7, where {SCIPYS}: {BESIDE_ZERO}"),
    **dict.fromkeys([("i0e", 1), ("k0e", 1)], (300, f"as far as 30 {SCIPYS}")),
}
"""Exceptions: how far off a derivative of that order may be, and why."""


def hard_points_between(low: float, high: float) -> np.ndarray:
    """Sizes of all orders, landmarks of these functions, and both sides of poles, in an open interval."""
    rng = np.random.default_rng(11)
    root = np.exp(-1.0)
    few = [1e-300, 1e-100, 1e-16, 1e-10, 1e-3, 0.25, 0.5, 0.75, 1.0, 1.5, 5.0, 8.0, 30.0, 45.0, 150.0, 1e5, 1e16, 1e30]
    few += [1e50, 1e100, root, root * (1 + 1e-10), root * (1 + 1e-5), 1 - 1e-6, 1 - 1e-10, 1 - 1e-15, 270.56, 268.87]
    poles = [k + d for k in (-1, -2, -3, -50) for d in (1e-3, -1e-6, 1e-10)]
    drawn = [*rng.uniform(-10, 10, 40), *rng.uniform(-1, 1, 40), *rng.uniform(-300, 300, 20)]
    found = np.unique([0.0, *few, *[-x for x in few], *poles, *drawn])
    return found[(found > low) & (found < high)]


def by_many_digits(formula: Formula, x: float) -> Any:
    """With twice as many until they stay; None where there is none."""
    before, digits = None, 50
    while digits < 2000:
        with mp.workdps(digits):
            try:
                y = mp.re(formula(mp.mpf(x)))
            except (ZeroDivisionError, ValueError, OverflowError):  # a pole, or beyond mpmath's series
                return None
        if before is not None and abs(y - before) <= abs(y) * mp.mpf(10) ** -30:
            return y
        before, digits = y, 2 * digits
    return None


def units_off(name: str, order: int) -> list[tuple[float, float]]:
    """By how many units in the last place a derivative is off, and where."""
    (low, high), formulas = TRUE[name]
    x = hard_points_between(low, high)
    f = tl.i0 if name == "np.i0" else getattr(special, name)
    for _ in range(order):
        f = tl.grad(lambda x, f=f: f(x).sum())
    with np.errstate(all="ignore"):
        got = f(x)
    found = []
    for at, slope in zip(x.tolist(), got, strict=True):
        true = by_many_digits(formulas[order - 1], at)
        if true is not None and mp.isfinite(true) and abs(true) > 1e-305:  # below, factors are subnormal
            found.append((last_places(slope, true, np.float64), at))
    return found


CASES = [(name, order) for name, (_, formulas) in TRUE.items() for order in range(1, len(formulas) + 1)]


@pytest.mark.parametrize(("name", "order"), CASES)
def test_slopes_are_right_to_the_last_places(name: str, order: int) -> None:
    found = units_off(name, order)
    limit, _ = NAMED.get((name, order), (LIMITS[order], ""))
    assert len(found) > 25
    assert [(units, at) for units, at in found if not units <= limit] == []
    assert np.isfinite([units for units, _ in found]).all()


@pytest.mark.parametrize("name", ["beta", "betaln", "poch"])
def test_pairs_beside_poles(name: str) -> None:
    """Also where the sum of the two is rounded, as it is not in ψ(a + b) of the slope."""
    a, b = np.array([-1 + 1e-10, -0.3, -2.5, -1.5]), np.array([0.7, -0.7 + 1e-9, 1e-9, 0.5 + 1e-10])
    got = tl.grad(lambda a: getattr(special, name)(a, b).sum())(a)
    y = np.ones(4) if name == "betaln" else getattr(special, name)(a, b)
    with mp.workdps(60):
        apart = [
            mp.psi(0, mp.mpf(x)) - mp.psi(0, mp.mpf(x) + mp.mpf(z)) for x, z in zip(a.tolist(), b.tolist(), strict=True)
        ]
        slopes = [float(d) * (-1 if name == "poch" else 1) for d in apart]
    np.testing.assert_allclose(got, y * slopes, rtol=3e-15)
