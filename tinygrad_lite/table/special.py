"""The error function and its complement, which NumPy lacks.

W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23 (1969) 631–637:
quotients of polynomials for |x| ≤ 0.46875, up to 4, and above, each good to 18 digits. The coefficients are those of
his Fortran function CALERF (1990).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .arrays import as_numbers
from .ducks import DuckArray
from .exact import LIMITS, mended
from .primitive import Primitive
from .registry import primitive
from .ufuncs import elementwise

# ---------------------------------------------------------------------------------------------------------------------
# The slope

SQUARE_LOST = 4.0
"""From this square on, its rounding is worth more than two units of the last place of its exponential."""

FARTHEST = 40
"""From here on e^(−x²/2) is 0, and so are its products with powers of x."""


def _gaussian(x: Any, *, times: float, degree: int) -> Any:
    square = x * x
    right = lambda x: exp_of_minus_square(x, times)
    bell = mended(np.exp(-times * square), square > SQUARE_LOST, right, x)
    if not degree:
        return bell
    product = np.clip(x, -FARTHEST, FARTHEST) ** degree * bell
    return mended(product, bell < LIMITS[bell.dtype][0], lambda x: small_gaussian(x, times, degree), x)


def small_gaussian(x: Any, times: float, degree: int) -> Any:
    """xⁿ e^(−t x²) by the root of the exponential, which itself is subnormal, and has few digits to be multiplied."""
    x = np.clip(x, -FARTHEST, FARTHEST)
    root = exp_of_minus_square(x, times / 2)
    return x**degree * root * root


def exp_of_minus_square(x: Any, times: float = 1.0) -> Any:
    """e^(−t x²) to the last digits: x² is split, for its rounding error would be multiplied by x²."""
    x = np.clip(x, -FARTHEST, FARTHEST)
    coarse = np.trunc(x * 16) / 16
    return np.exp(-times * coarse * coarse) * np.exp(-times * (x - coarse) * (x + coarse))


def gaussian_slope(x: Any, times: float, degree: int) -> Any:
    """n xⁿ⁻¹ e^(−t x²) − 2t xⁿ⁺¹ e^(−t x²), with n the degree: no factor x can overflow beside its exponential."""
    falling = -2 * times * gaussian(x, times=times, degree=degree + 1)
    return degree * gaussian(x, times=times, degree=degree - 1) + falling if degree else falling


gaussian: Primitive = primitive(
    _gaussian,
    elementwise=True,
    written=lambda x, *, times, degree: (x**degree if degree else 1) * np.exp(-x * x if times == 1 else -times * x * x),
    x=lambda g, x, times, degree: g * gaussian_slope(x, times, degree),
)
"""xⁿ e^(−t x²), the n being the ``degree``, the t ``times``."""

# ---------------------------------------------------------------------------------------------------------------------
# The function

# the highest power first, as in Horner's scheme
SMALL = (
    (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)
MIDDLE = (
    (
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594,
        6.61191906371416295e1,
        2.98635138197400131e2,
        8.81952221241769090e2,
        1.71204761263407058e3,
        2.05107837782607147e3,
        1.23033935479799725e3,
    ),
    (
        1.0,
        1.57449261107098347e1,
        1.17693950891312499e2,
        5.37181101862009858e2,
        1.62138957456669019e3,
        3.29079923573345963e3,
        4.36261909014324716e3,
        3.43936767414372164e3,
        1.23033935480374942e3,
    ),
)
LARGE = (
    (
        1.63153871373020978e-2,
        3.05326634961232344e-1,
        3.60344899949804439e-1,
        1.25781726111229246e-1,
        1.60837851487422766e-2,
        6.58749161529837803e-4,
    ),
    (
        1.0,
        2.56852019228982242,
        1.87295284992346725,
        5.27905102951428412e-1,
        6.05183413124413191e-2,
        2.33520497626869185e-3,
    ),
)


def quotient(polynomials: tuple[tuple[float, ...], tuple[float, ...]], x: Any) -> Any:
    """P(x)/Q(x) by Horner's scheme."""
    above, below = [np.full_like(x, p[0]) for p in polynomials]
    for p, q in zip(polynomials[0][1:], polynomials[1][1:], strict=True):
        above *= x
        above += p
        below *= x
        below += q
    above /= below
    return above


def complement(x: Any, exponential: Any) -> Any:
    """erfc x for a vector of numbers at least 0.46875, given e^(−x²)."""
    scaled = np.empty_like(x)  # erfc x · e^(x²)
    near = x <= 4
    scaled[near] = quotient(MIDDLE, x[near])
    far = x[~near]
    with np.errstate(over="ignore"):
        inverse_square = 1 / (far * far)
        scaled[~near] = (1 / math.sqrt(math.pi) - inverse_square * quotient(LARGE, inverse_square)) / far
        return scaled * exponential


def by_regions(x: Any, outside: Any, inside: Any, unit: float = 1.0, times: float = 1.0) -> Any:
    """A function of x made of two: ``inside`` of z for |z| ≤ 0.46875, ``outside`` of x and erfc |z| elsewhere.

    z is x times a unit whose square is ``times``: e^(−z²) is taken of x, which is not rounded.
    """
    given = as_numbers(x)
    if given.dtype.kind not in "biuf":
        raise TypeError(f"erf, erfc: takes real numbers, got {given.dtype}")
    if type(given) is DuckArray:
        y = everywhere(given.astype(np.float64), outside, inside, unit, times)
        return y if given.dtype not in (np.float32, np.float16) else y.astype(given.dtype)
    wide = given.astype(np.float64).ravel()
    size = np.abs(wide) * unit
    y = np.empty_like(wide)
    small = size <= 0.46875
    other = ~small
    y[small] = inside(wide[small] * unit)
    y[other] = outside(wide[other], complement(size[other], exp_of_minus_square(wide[other], times)))
    dtype = given.dtype if given.dtype in (np.float32, np.float16) else np.float64
    return y.astype(dtype).reshape(given.shape)[()]


def everywhere(x: Any, outside: Any, inside: Any, unit: float, times: float) -> Any:
    """The same, of numbers that are not looked at: all three quotients, of numbers that are in their range."""
    size = np.abs(x) * unit
    middle, large = np.where(size > 0.46875, np.minimum(size, 4), 1), np.where(size > 4, size, 4)
    inverse_square = 1 / (large * large)
    far = (1 / math.sqrt(math.pi) - inverse_square * quotient(LARGE, inverse_square)) / large
    scaled = np.where(size <= 4, quotient(MIDDLE, middle), far)
    inner = np.where(size <= 0.46875, x * unit, 0)
    y = np.where(size <= 0.46875, inside(inner), outside(x, scaled * exp_of_minus_square(x, times)))
    return np.where(np.isnan(x), x, y)


def erf_of_small(x: Any) -> Any:
    """erf x for |x| ≤ 0.46875."""
    return x * quotient(SMALL, x * x)


def _erf(x: Any) -> Any:
    return by_regions(x, lambda x, c: np.copysign(1 - c, x), erf_of_small)


def _erfc(x: Any) -> Any:
    return by_regions(x, lambda x, c: np.where(x < 0, 2 - c, c), lambda x: 1 - erf_of_small(x))


def _normal_below(x: Any) -> Any:
    return by_regions(
        x, lambda x, c: np.where(x < 0, c, 2 - c) / 2, lambda z: (1 + erf_of_small(z)) / 2, math.sqrt(0.5), 0.5
    )


normal_below = primitive(
    _normal_below,
    elementwise=True,
    symbol="Φ",
    x=lambda g, x: g * (gaussian(x, times=0.5, degree=0) / math.sqrt(2 * math.pi)),
)
"""The share of a standard normal distribution that lies below x, ½ erfc(−x/√2), with all its digits far below 0."""

SLOPE = 2 / math.sqrt(math.pi)

# fmt: off
erf  = elementwise(_erf, "y = (2/√π) ∫₀ˣ e^(−t²) dt;  dy/dx = (2/√π) e^(−x²)", name="erf",
                   x=lambda g, x: g * (SLOPE * gaussian(x, times=1.0, degree=0)))
erfc = elementwise(_erfc, "y = 1 − erf x, with all its digits for large x;  dy/dx = −(2/√π) e^(−x²)", name="erfc",
                   x=lambda g, x: -g * (SLOPE * gaussian(x, times=1.0, degree=0)))
# fmt: on
