"""Elementwise functions: the back page of a calculus book.

Each line is a NumPy function and, per input, what turns the cotangent ``g`` of the output ``y`` into the input's.
"""

from __future__ import annotations

import math
import operator
from typing import Any, Final

import numpy as np

from .arrays import array, as_numbers
from .exact import (
    inverse_root,
    one_minus_square,
    over_positive,
    over_root,
    over_square,
    sech_square,
    share_in_exp,
)
from .joining import converted
from .powers import power_logarithm, power_slope
from .reals import in_double, number_alone
from .registry import DISPATCH, Sample, entry, primitive
from .shapes import laid_out
from .ufuncs import elementwise

SMALL = 1024  # entries; below this np.where is the faster one
SAME_SIZE_INTEGER = {np.dtype(np.float32): np.int32, np.dtype(np.float64): np.int64}


def _keep(g: Any, *, mask: Any) -> Any:
    if type(g) is np.ndarray and g.size > SMALL and type(mask) is np.ndarray and g.shape == mask.shape:
        bits = SAME_SIZE_INTEGER.get(g.dtype)
        if bits is not None:
            return (g.view(bits) & -mask.view(np.int8)).view(g.dtype)
    chosen = np.where(mask, g, 0)
    return chosen if chosen.ndim else chosen[()]


keep_p = primitive(
    _keep,
    elementwise=True,
    linear=True,
    definition=lambda g, *, mask: np.where(mask, g, 0),
    g=lambda g, mask: keep(g, mask),
)


def keep(g: Any, mask: Any) -> Any:
    """``g`` where the mask is true and 0 elsewhere, exactly: also where ``g`` is infinite or NaN.

    ``g * mask`` gives NaN there, and ``np.where`` takes ten times as long on masks that branch prediction cannot guess.
    So the mask is spread to all bits of a number (True is -1, all ones) and laid over the bits of ``g``.
    """
    return _keep(g, mask=mask) if type(g) is np.ndarray else keep_p(g, mask=mask)


def zero(g: Any) -> Any:
    """The rule of piecewise constant functions: their derivative is 0 wherever there is one."""
    return np.zeros_like(g)


def share(g: Any, mine: Any, theirs: Any) -> Any:
    """``g`` to the operand that was chosen, half of it to each on a tie."""
    half = g * 0.5
    return keep(half, mine) + keep(half, mine & ~theirs)


COMPLEX = Sample((np.array([1.0 + 2.0j, -0.5 + 0.3j, 0.2 - 1.0j]),))
# beside the cuts of inverse functions, where √(1 − x²) may be on the other branch
ON_CUTS = Sample((np.array([2.4 + 0.2j, 2.4 - 0.2j, -3.0 + 0.1j, 0.3j]),))
ABOVE_CUTS = Sample((np.array([0.2 + 2.4j, -0.2 + 2.4j, 0.1 - 3.0j, 0.3]),))
ZEROTH_POWERS = Sample((np.array([1.5, 0.5]), np.array([0.0, 2.0])))
COMPLEX_POWERS = Sample((np.array([0.5, -1.5]), np.array([1.0 + 2.0j, 0.5 - 1.0j])))

# fmt: off
add         = elementwise(np.add, "y = a + b;  ∂y/∂a = 1,  ∂y/∂b = 1", sign="+",
                          linear=True, symmetric=True, forward=operator.add,
                          a=lambda g: g, b=lambda g: g)
subtract    = elementwise(np.subtract, "y = a − b;  ∂y/∂a = 1,  ∂y/∂b = −1", sign="−",
                          linear=True, forward=operator.sub,
                          a=lambda g: g, b=lambda g: -g)
multiply    = elementwise(np.multiply, "y = a b;  ∂y/∂a = b,  ∂y/∂b = a", sign="·",
                          symmetric=True, forward=operator.mul,
                          a=lambda g, b: g * b, b=lambda g, a: g * a)
divide      = elementwise(np.divide, "y = a / b;  ∂y/∂a = 1/b,  ∂y/∂b = −y/b",
                          sign="/", forward=operator.truediv, domain=(0.5, 2.0),
                          a=lambda g, b: g / b, b=lambda g, y, b: -g * y / b)
power       = elementwise(np.power, "y = aᵇ;  ∂y/∂a = b aᵇ⁻¹ (0 for b = 0),  ∂y/∂b = y ln a (0 for a = 0 ≤ b)",
                          sign="^", more=(COMPLEX_POWERS, ZEROTH_POWERS),
                          forward=operator.pow, also=("pow",), domain=((0.5, 2.0), (-2.0, 2.0)),
                          a=lambda g, a, b: g * power_slope(a, b, by_a=1, by_b=0), b=lambda g, y, a, b: g * power_logarithm(a, b, s=number_alone(y)))
float_power = elementwise(np.float_power, "y = aᵇ, in double precision at least;  ∂y/∂a = b aᵇ⁻¹,  ∂y/∂b = y ln a",
                          more=(ZEROTH_POWERS,),
                          domain=((0.5, 2.0), (-2.0, 2.0)),
                          a=lambda g, a, b: g * power_slope(in_double(a), in_double(b), by_a=1, by_b=0),
                          b=lambda g, y, a, b: g * power_logarithm(in_double(a), in_double(b), s=number_alone(y)))
remainder   = elementwise(np.remainder, "y = a − b ⌊a/b⌋;  ∂y/∂a = 1,  ∂y/∂b = −⌊a/b⌋", name="mod", also=("remainder",), forward=operator.mod,
                          domain=((-2.0, 2.0), (0.3, 0.9)),
                          a=lambda g: g, b=lambda g, a, b: -g * (a // b))
floor_divide = elementwise(np.floor_divide, "y = ⌊a/b⌋;  ∂y/∂a = ∂y/∂b = 0", forward=operator.floordiv, domain=(0.3, 2.0),
                          a=zero, b=zero)

positive    = elementwise(np.positive, "y = x;  dy/dx = 1", linear=True, forward=operator.pos, x=lambda g: g)
negative    = elementwise(np.negative, "y = −x;  dy/dx = −1", linear=True, forward=operator.neg, x=lambda g: -g)
absolute    = elementwise(np.absolute, "y = |x|;  dy/dx = sign x (0 at 0), of complex numbers x̄/y", name="abs", also=("absolute",), forward=operator.abs,
                          x=lambda g, x: g * inward(x), more=(COMPLEX,))
square      = elementwise(np.square, "y = x²;  dy/dx = 2x", x=lambda g, x: g * (2 * x))
sqrt        = elementwise(np.sqrt, "y = √x;  dy/dx = 1/(2y)", domain=(0.5, 2.0), x=lambda g, y: over_positive(g, y, scale=2))
cbrt        = elementwise(np.cbrt, "y = ∛x;  dy/dx = 1/(3y²)", domain=(0.5, 2.0), x=lambda g, y: g * (np.square(1 / y) / 3))
reciprocal  = elementwise(np.reciprocal, "y = 1/x;  dy/dx = −y²", domain=(0.5, 2.0), x=lambda g, y: -g * y * y)

exp         = elementwise(np.exp, "y = eˣ;  dy/dx = y", x=lambda g, y: g * y)
exp2        = elementwise(np.exp2, "y = 2ˣ;  dy/dx = y ln 2", x=lambda g, y: g * y * math.log(2))
expm1       = elementwise(np.expm1, "y = eˣ − 1;  dy/dx = eˣ",
                          definition=lambda x: np.exp(x) - 1, x=lambda g, x: g * np.exp(x))
log         = elementwise(np.log, "y = ln x;  dy/dx = 1/x", symbol="ln", domain=(0.5, 2.0), x=lambda g, x: over_positive(g, x, scale=1))
log2        = elementwise(np.log2, "y = log₂ x;  dy/dx = 1/(x ln 2)", domain=(0.5, 2.0), x=lambda g, x: over_positive(g, x, scale=math.log(2)))
log10       = elementwise(np.log10, "y = log₁₀ x;  dy/dx = 1/(x ln 10)", domain=(0.5, 2.0),
                          x=lambda g, x: over_positive(g, x, scale=math.log(10)))
log1p       = elementwise(np.log1p, "y = ln(1 + x);  dy/dx = 1/(1 + x)",
                          definition=lambda x: np.log(1 + x), domain=(-0.5, 2.0), x=lambda g, x: over_positive(g, 1 + x, scale=1))
logaddexp   = elementwise(np.logaddexp, "y = ln(eᵃ + eᵇ);  ∂y/∂a = eᵃ⁻ʸ,  ∂y/∂b = eᵇ⁻ʸ",
                          symmetric=True, definition=lambda a, b: np.log(np.exp(a) + np.exp(b)),
                          a=lambda g, y, a, b: g * share_in_exp(a, b, number_alone(y)), b=lambda g, y, a, b: g * share_in_exp(b, a, number_alone(y)))

sin         = elementwise(np.sin, "y = sin x;  dy/dx = cos x", x=lambda g, x: g * np.cos(x))
cos         = elementwise(np.cos, "y = cos x;  dy/dx = −sin x", x=lambda g, x: -g * np.sin(x))
tan         = elementwise(np.tan, "y = tan x;  dy/dx = 1 + y²", domain=(-1.0, 1.0), x=lambda g, y: g * (1 + y * y))
arcsin      = elementwise(np.arcsin, "y = arcsin x;  dy/dx = 1/√(1 − x²)", domain=(-0.8, 0.8),
                          x=lambda g, x: g / (np.cos(np.arcsin(x)) if x.dtype.kind == "c" else np.sqrt(one_minus_square(x))), more=(ON_CUTS,))
arccos      = elementwise(np.arccos, "y = arccos x;  dy/dx = −1/√(1 − x²)", domain=(-0.8, 0.8),
                          x=lambda g, x: -g / (np.sin(np.arccos(x)) if x.dtype.kind == "c" else np.sqrt(one_minus_square(x))), more=(ON_CUTS,))
arctan      = elementwise(np.arctan, "y = arctan x;  dy/dx = 1/(1 + x²)", x=lambda g, x: g * over_square(1, x))
arctan2     = elementwise(np.arctan2, "y = arctan(a/b) in the quadrant of (b, a);  ∂y/∂a = b/r²,  ∂y/∂b = −a/r²,  "
                          "r² = a² + b² (0 at the origin)", domain=(0.3, 2.0),
                          a=lambda g, a, b: g * over_square(b, a), b=lambda g, a, b: -g * over_square(a, b))
hypot       = elementwise(np.hypot, "y = √(a² + b²);  ∂y/∂a = a/y,  ∂y/∂b = b/y (0 at the origin)",
                          symmetric=True, definition=lambda a, b: np.sqrt(a * a + b * b), domain=(0.3, 2.0),
                          a=lambda g, y, a, b: g * over_root(a, b, number_alone(y)), b=lambda g, y, a, b: g * over_root(b, a, number_alone(y)))
sinh        = elementwise(np.sinh, "y = sinh x;  dy/dx = cosh x", x=lambda g, x: g * np.cosh(x))
cosh        = elementwise(np.cosh, "y = cosh x;  dy/dx = sinh x", x=lambda g, x: g * np.sinh(x))
tanh        = elementwise(np.tanh, "y = tanh x;  dy/dx = 1 − y²", x=lambda g, y, x: g * sech_square(y, x))
arcsinh     = elementwise(np.arcsinh, "y = arsinh x;  dy/dx = 1/√(x² + 1)",
                          symbol="arsinh", x=lambda g, x: g / np.cosh(np.arcsinh(x)) if x.dtype.kind == "c" else g * inverse_root(x, less=False), more=(ABOVE_CUTS,))
arccosh     = elementwise(np.arccosh, "y = arcosh x;  dy/dx = 1/√(x² − 1)", symbol="arcosh", domain=(1.2, 3.0),
                          x=lambda g, x: g / np.sinh(np.arccosh(x)) if x.dtype.kind == "c" else g * inverse_root(x, less=True),
                          more=(COMPLEX,))
arctanh     = elementwise(np.arctanh, "y = artanh x;  dy/dx = 1/(1 − x²)",
                          symbol="artanh", domain=(-0.8, 0.8), x=lambda g, x: over_positive(g, one_minus_square(x), scale=1))

maximum     = elementwise(np.maximum, "y = max(a, b);  the gradient goes to the larger, half to each on a tie", symbol="max",
                          symmetric=True,
                          a=lambda g, a, b: share(g, a >= b, b >= a), b=lambda g, a, b: share(g, b >= a, a >= b))
minimum     = elementwise(np.minimum, "y = min(a, b);  the gradient goes to the smaller, half to each on a tie", symbol="min",
                          symmetric=True,
                          a=lambda g, a, b: share(g, a <= b, b <= a), b=lambda g, a, b: share(g, b <= a, a <= b))
fmax        = elementwise(np.fmax, "y = max(a, b), or the one that is not NaN;  the gradient goes to it, half to each on a tie",
                          symmetric=True,
                          a=lambda g, y, a, b: share(g, a == y, b == y), b=lambda g, y, a, b: share(g, b == y, a == y))
fmin        = elementwise(np.fmin, "y = min(a, b), or the one that is not NaN;  the gradient goes to it, half to each on a tie",
                          symmetric=True,
                          a=lambda g, y, a, b: share(g, a == y, b == y), b=lambda g, y, a, b: share(g, b == y, a == y))

sign        = elementwise(np.sign, "y = −1, 0 or 1;  dy/dx = 0;  of complex numbers y = x/|x|",
                          x=lambda g, y, x: turning(g, y, x), more=(COMPLEX,))
floor       = elementwise(np.floor, "y = ⌊x⌋;  dy/dx = 0", x=zero)
ceil        = elementwise(np.ceil, "y = ⌈x⌉;  dy/dx = 0", x=zero)
trunc       = elementwise(np.trunc, "y = x without its fraction;  dy/dx = 0", x=zero)
rint        = elementwise(np.rint, "y = the integer nearest to x;  dy/dx = 0", x=zero)
heaviside   = elementwise(np.heaviside, "y = 0 for x < 0, h at 0, 1 for x > 0;  ∂y/∂x = 0,  ∂y/∂h = 1 at x = 0, else 0",
                          x=zero, h=lambda g, x: keep(g, x == 0), more=(Sample((np.array([0, -1, 2], np.int8), np.ones(3))),))
# fmt: on


def divide_with_remainder(a: Any, b: Any) -> tuple[Any, Any]:
    """``np.divmod``: ⌊a/b⌋ and a − b ⌊a/b⌋."""
    return floor_divide(a, b), remainder(a, b)


DISPATCH[np.divmod] = divide_with_remainder


def inward(x: Any) -> Any:
    """The slope of |x|: the sign, of complex numbers its conjugate."""
    return np.conj(np.sign(x)) if x.dtype.kind == "c" else np.sign(x)


def turning(g: Any, y: Any, x: Any) -> Any:
    """The rule of x/|x|, which turns as x does: (g − Re(g y) ȳ) / |x|, of which there is none at 0; of real numbers 0."""
    if x.dtype.kind != "c":
        return zero(g)
    return np.where(x != 0, (g - (g * y).real * np.conj(y)) / nonzero(np.abs(x)), np.nan)


def nonzero(x: Any) -> Any:
    """``x``, with 1 in place of 0: a denominator where the numerator is 0 too."""
    return x + (x == 0)


# ---------------------------------------------------------------------------------------------------------------------
# With arguments that are not differentiated


BOOLEAN: Final = np.dtype(bool)
MASK = np.array([True, False, True])


def _where(a: Any, b: Any, *, condition: Any) -> Any:
    return np.where(condition, a, b)


where_p = primitive(
    _where,
    broadcasts=True,
    linear=True,
    fresh=("condition",),
    a=lambda g, condition: keep(g, condition),
    b=lambda g, condition: keep(g, ~condition),
)


@entry(
    np.where,
    samples=lambda r: [
        Sample((MASK, r(3), r(3))),
        Sample((MASK, r(2, 3), r())),
        Sample((MASK[:, None], r(3), r(1, 3))),
        Sample((True, r(), r(2))),
    ],
)
def where(condition: Any, a: Any = None, b: Any = None) -> Any:
    """``a`` where the condition is true, ``b`` elsewhere; each receives the gradient where it was chosen, 0 elsewhere.

    What is not chosen has no part in any derivative, infinite or NaN as it may be: it is told from a 0 of another making
    through what is elementwise, reductions, softmax, changes of shape and, for whole rows, products of matrices.
    With the condition alone, ``np.nonzero``: the indices where it is true.

    >>> tl.where(np.array([True, False]), tl.tensor([1.0, 2.0]), 0.0)
    Tensor([1., 0.])
    """
    if a is None and b is None:
        return np.nonzero(condition)
    if a is None or b is None:
        raise ValueError("where: needs both a and b, or neither")
    mask = as_numbers(condition)
    chosen = mask.copy() if type(mask) is np.ndarray and mask.dtype is BOOLEAN else mask != 0
    return where_p.on((a, b), {"condition": chosen})


CLIP: Final[np.ufunc] = np._core.umath.clip  # type: ignore[attr-defined]
"""The ufunc that ``np.clip`` and ``ndarray.clip`` call."""


def _clip(x: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(x, low), high)


clip_p = primitive(
    _clip,
    broadcasts=True,
    x=lambda g, x, low, high: keep(g, (x >= low) & (x <= high)),
    low=lambda g, x, low, high: keep(g, (x < low) & (low <= high)),
    high=lambda g, x, low, high: keep(g, (x > high) | (low > high)),
)


@entry(
    np.clip,
    CLIP,
    method=True,
    samples=lambda r: [
        Sample((r(6), -0.5, 0.5)),
        Sample((r(6), None, 0.5)),
        Sample((r(6), -0.5, None)),
        Sample((r(2, 6), r(6, low=-1.5, high=-0.5), r(1, low=0.5, high=1.5))),
        Sample((r(), -0.5, 0.5)),
        Sample((r(0), -0.5, 0.5)),
    ],
)
def clip(
    x: Any,
    a_min: Any = None,
    a_max: Any = None,
    *,
    min: Any = None,
    max: Any = None,
    dtype: Any = None,
    casting: Any = "same_kind",
    order: str = "K",
) -> Any:
    """min(max(x, a_min), a_max); None is no bound. The gradient goes to x within the bounds, at them too, else to the bound.

    Parameters
    ----------
    min, max : other names of ``a_min`` and ``a_max``
    dtype, casting, order : what all three are converted to first, NumPy's rule for that, and the result's layout; of no
        effect without a bound

    >>> tl.clip(tl.tensor([-2.0, 0.5, 2.0]), -1, 1)
    Tensor([-1. ,  0.5,  1. ])
    """
    if (a_min is not None and min is not None) or (a_max is not None and max is not None):
        raise ValueError("clip: min and a_min, max and a_max are the same thing: give one of each")
    low, high = a_min if min is None else min, a_max if max is None else max
    if low is None and high is None:
        return positive(array(x))
    if dtype is not None or casting != "same_kind":
        items = iter(converted("clip", [array(v) for v in (x, low, high) if v is not None], dtype, casting))
        x, low, high = [None if v is None else next(items) for v in (x, low, high)]
    return laid_out(clipped(x, low, high), order, x, low, high)


def clipped(x: Any, low: Any, high: Any) -> Any:
    """``x`` between the bounds there are."""
    if low is None or high is None:
        x = array(x)
        if x.dtype.kind in "iub":  # an infinity would make floats of integers
            return np.maximum(x, low) if high is None else np.minimum(x, high)
    return clip_p.on((x, -math.inf if low is None else low, math.inf if high is None else high), {})


def _round(x: Any, *, decimals: int) -> Any:
    return np.round(x, decimals)


round_p = primitive(_round, elementwise=True, x=zero)


@entry(
    np.round,
    np.around,
    method=True,
    samples=lambda r: [Sample((r(2, 3),)), Sample((r(3),), {"decimals": 1}), Sample((r(),))],
)
def round(x: Any, decimals: int = 0) -> Any:
    """x rounded to so many decimals, halves to even; dy/dx = 0.

    >>> tl.round(tl.tensor([0.5, 1.26]), 1)
    Tensor([0.5, 1.3])
    """
    return round_p(array(x), decimals=decimals)
