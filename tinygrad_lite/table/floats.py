"""Elementwise functions beside those of calculus: parts of numbers, units of angles, and two with a limit at 0."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from .arrays import array, as_numbers, floating, values
from .ducks import DuckArray
from .elementwise import zero
from .elsewhere import placed_beside
from .exact import share_in_exp2
from .primitive import Primitive
from .reals import number_alone
from .registry import DISPATCH, Sample, entry, primitive
from .ufuncs import elementwise

# fmt: off
fmod        = elementwise(np.fmod, "y = a − b trunc(a/b), of the sign of a;  ∂y/∂a = 1,  ∂y/∂b = −trunc(a/b)",
                          domain=((-2.0, 2.0), (0.3, 0.9)),
                          a=lambda g: g, b=lambda g, a, b: -g * np.trunc(a / b))
copysign    = elementwise(np.copysign, "y = |a| with the sign of b;  ∂y/∂a = sign a sign b (0 at a = 0),  ∂y/∂b = 0",
                          domain=((-2.0, 2.0), (-2.0, 2.0)),
                          a=lambda g, a, b: g * (np.sign(a) * np.copysign(1.0, b)), b=zero)
nextafter   = elementwise(np.nextafter, "y = the number after a in the direction of b;  ∂y/∂a = 1,  ∂y/∂b = 0",
                          linear=True, a=lambda g: g, b=zero)
logaddexp2  = elementwise(np.logaddexp2, "y = log₂(2ᵃ + 2ᵇ);  ∂y/∂a = 2ᵃ⁻ʸ,  ∂y/∂b = 2ᵇ⁻ʸ",
                          symmetric=True, definition=lambda a, b: np.log2(np.exp2(a) + np.exp2(b)),
                          a=lambda g, y, a, b: g * share_in_exp2(a, b, number_alone(y)),
                          b=lambda g, y, a, b: g * share_in_exp2(b, a, number_alone(y)))
fabs        = elementwise(np.fabs, "y = |x|, of floats;  dy/dx = sign x (0 at 0)", x=lambda g, x: g * np.sign(x))
degrees     = elementwise(np.degrees, "y = 180 x / π;  dy/dx = 180/π", linear=True, x=lambda g: np.degrees(g))
rad2deg     = elementwise(np.rad2deg, "y = 180 x / π;  dy/dx = 180/π", linear=True, x=lambda g: np.rad2deg(g))
radians     = elementwise(np.radians, "y = π x / 180;  dy/dx = π/180", linear=True, x=lambda g: np.radians(g))
deg2rad     = elementwise(np.deg2rad, "y = π x / 180;  dy/dx = π/180", linear=True, x=lambda g: np.deg2rad(g))
# fmt: on


@entry(np.fix, samples=lambda r: [Sample((r(2, 3),)), Sample((r(),))])
def fix(x: Any) -> Any:
    """y = x without its fraction, as :func:`numpy.trunc`; dy/dx = 0.

    >>> tl.fix(tl.tensor([-1.5, 1.5]))
    Tensor([-1.,  1.])
    """
    return np.trunc(array(x))


# ---------------------------------------------------------------------------------------------------------------------
# Mantissas, exponents and fractions


def _ldexp(x: Any, *, exponent: Any) -> Any:
    return np.ldexp(x, exponent)


ldexp_p: Primitive = primitive(
    _ldexp, broadcasts=True, linear=True, x=lambda g, exponent: ldexp_p(g, exponent=exponent)
)


@entry(
    np.ldexp,
    samples=lambda r: [
        Sample((r(2, 3), 2)),
        Sample((r(3), np.array([[-1], [3]]))),
        Sample((r(), 1)),
    ],
)
def ldexp(x: Any, exponent: Any) -> Any:
    """y = x 2ⁿ for whole exponents n;  dy/dx = 2ⁿ.

    Raises TypeError for an exponent that is not of integers.

    >>> tl.ldexp(tl.tensor([1.0, 3.0]), 2)
    Tensor([ 4., 12.])
    """
    return ldexp_p(array(x), exponent=exponent)


def mantissa_and_exponent(x: Any) -> tuple[Any, Any]:
    """``np.frexp``: m and n with x = m 2ⁿ and 0.5 ≤ |m| < 1;  dm/dx = 2⁻ⁿ, the exponent is an array of integers."""
    x = array(x)
    _, exponent = np.frexp(values(x))
    return ldexp(x, -exponent), exponent


DISPATCH[np.frexp] = mantissa_and_exponent


def _fraction(x: Any) -> Any:
    return np.modf(x)[0]


fraction_p = primitive(_fraction, elementwise=True, x=lambda g: g)


@entry(np.modf, samples=lambda r: [Sample((r(2, 3),)), Sample((r(),)), Sample((r(0),))])
def modf(x: Any) -> tuple[Any, Any]:
    """The fraction y = x − trunc x, dy/dx = 1, and the whole part trunc x, whose derivative is 0.

    >>> tl.modf(tl.tensor([1.5, -0.25]))
    (Tensor([ 0.5 , -0.25]), Tensor([ 1., -0.]))
    """
    x = array(x)
    x = floating(x)
    return fraction_p(x), np.trunc(x)


# ---------------------------------------------------------------------------------------------------------------------
# Functions whose derivatives, written with quotients, cancel near 0: each a family, with one more order for one more
# derivative


def sinc_series(x: Any, order: int) -> Any:
    """Σₖ (−1)ᵏ π²ᵏ x²ᵏ⁻ⁿ / ((2k + 1) (2k − n)!), which is good for small x."""
    first = (order + 1) // 2
    terms = [
        (-1) ** k * math.pi ** (2 * k) / ((2 * k + 1) * math.factorial(2 * k - order))
        for k in range(first, first + 24 + order)
    ]
    square, total = x * x, 0.0
    for term in reversed(terms):
        total = total * square + term
    return total * x if order % 2 else total


def sine_of_half_turns(x: Any, quarters: int) -> Any:
    """sin(πx + nπ/2); x is reduced to a quarter of a turn before it is multiplied by π, which is rounded."""
    if x.dtype.kind == "c":
        return np.sin(math.pi * x + quarters * math.pi / 2)
    x = np.fmod(x, 2)
    nearest = np.rint(2 * x)
    angle = math.pi * (x - nearest / 2)
    k = np.remainder(nearest + quarters, 4)
    along = np.where(k % 2 == 0, np.sin(angle), np.cos(angle))
    return np.where(k < 2, along, -along)


def _sinc(x: Any, *, order: int) -> Any:
    if not order:
        return np.sinc(x)
    wide = x.astype(np.result_type(x.dtype, np.float64))
    far = np.where(abs(wide) > 1, wide, 1)
    y = sine_of_half_turns(wide, 0) / (math.pi * far)
    for n in range(1, order + 1):  # of x y = sin(πx)/π, differentiated n times
        y = (math.pi ** (n - 1) * sine_of_half_turns(wide, n) - n * y) / far
    near = abs(wide) <= 1 + order / 4
    return np.where(near, sinc_series(np.where(near, wide, 0), order), y).astype(x.dtype)[()]


sinc_p: Primitive = primitive(_sinc, elementwise=True, x=lambda g, x, order: g * sinc_p(x, order=order + 1))


@entry(np.sinc, samples=lambda r: [Sample((r(2, 3),)), Sample((np.zeros(1),)), Sample((r(),)), Sample((r(3) * 1e-5,))])
def sinc(x: Any) -> Any:
    """y = sin(πx) / (πx), 1 at 0;  dy/dx = (cos(πx) − y) / x (0 at 0).

    >>> tl.grad(tl.grad(tl.sinc))(0.0).round(12)  # −π²/3
    np.float64(-3.289868133696)
    """
    return sinc_p(floating(array(x)), order=0)


BEYOND: Final = 720.0
"""A number of which eˣ is infinite."""


def _i0(x: Any, *, order: int) -> Any:
    if not order:
        return np.i0(x).astype(x.dtype, copy=False)[()]
    wide = as_numbers(x).astype(np.float64)
    size = np.minimum(np.abs(wide), BEYOND)
    largest = BEYOND if type(wide) is DuckArray else np.fmax.reduce(size, axis=None, initial=0.0)
    # the midpoint rule: of what is periodic it is exact to rounding from so many points on, of which half will do
    n = 8 + order + int(2.5 * math.sqrt(largest))
    angles = (np.arange(n) + 0.5) * (math.pi / (2 * n))
    shape = (n,) + (1,) * wide.ndim
    less = 2 * np.square(np.sin(angles / 2))  # 1 − cos θ: the exponents x cos θ would be rounded where they are large
    less, across, along = [
        placed_beside(a.reshape(shape), wide) for a in (less, np.cos(angles), np.cos(order * angles))
    ]
    with np.errstate(over="ignore", invalid="ignore"):
        # sinh for odd orders and cosh − 1 for even ones, over eˣ, so that nothing cancels near 0
        odd = order % 2
        bent = -0.5 * np.expm1(-2 * size * across) if odd else 0.5 * np.square(np.expm1(-size * across))
        y = np.exp(size) * (np.exp(-size * less) * bent * along).mean(axis=0)
    return (np.copysign(y, wide) if odd else y).astype(x.dtype)[()]


i0_p: Primitive = primitive(
    _i0,
    name="bessel",
    elementwise=True,
    symbol="I",
    x=lambda g, x, order: g * (0.5 * (i0_p(x, order=abs(order - 1)) + i0_p(x, order=order + 1))),
)


@entry(np.i0, samples=lambda r: [Sample((r(2, 3),)), Sample((np.zeros(1),)), Sample((r(2, low=5.0, high=9.0),))])
def i0(x: Any) -> Any:
    """y = I₀(x) = (1/π) ∫₀^π exp(x cos θ) dθ, the modified Bessel function of order 0;  dy/dx = I₁(x).

    The derivatives Iₙ by the midpoint rule for Iₙ(x) = (1/π) ∫₀^π exp(x cos θ) cos nθ dθ.

    >>> tl.grad(tl.i0)(1.0).round(12)
    np.float64(0.565159103992)
    """
    x = array(x)
    if x.dtype.kind == "c":
        raise TypeError("i0: not implemented for complex values")
    return i0_p(floating(x), order=0)


@entry(name="kaiser", samples=lambda r: [Sample((7, r(low=1.0, high=5.0))), Sample((4, r(low=1.0, high=5.0)))])
def kaiser(M: int, beta: Any) -> Any:
    """Kaiser's window, y = I₀(β √(1 − t²)) / I₀(β) at M points t from −1 to 1, differentiable by β.

    As :func:`numpy.kaiser`, which takes no Tensors.

    >>> tl.kaiser(3, tl.tensor(0.0))
    Tensor([1., 1., 1.])
    """
    beta = array(beta)
    if M == 1:
        return placed_beside(np.ones(1, floating(beta).dtype), beta) + 0 * beta
    half = (M - 1) / 2.0
    root = np.sqrt(1 - ((np.arange(M) - half) / half) ** 2.0)
    return i0(beta * placed_beside(root.astype(floating(beta).dtype), beta)) / i0(beta)
