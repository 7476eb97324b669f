"""Differences that do not settle: of a function with a kink, a jump, a pole or an end of its domain within the step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

SHRINKING: Final = (1e-1, 1e-2, 1e-3)
"""Smaller steps, in parts of the first."""

APART: Final = 1e-5
"""What one-sided derivatives differ by, in parts of the larger or of 1, that are two."""


USUAL: Final = (1e-5, 1e3)
"""Sizes of arguments that the usual step is for."""

PROPORTION: Final = 1e-3
"""The step for arguments of other sizes, in parts of them."""

LOST: Final = 1e6
"""Beside an argument of this size the usual step has lost too many digits."""

NOISE: Final = 8 * 2.0**-52
"""What central differences are off by through rounding, in parts of the value over the step."""


class OneSided(NamedTuple):
    """A derivative from one side: its value, and whether quotients are finite and settle as the step shrinks."""

    slope: float
    finite: bool
    settles: bool


def central_difference(value: Callable[[float], float], h: float) -> float:
    """The derivative at 0, from two steps, with Richardson's extrapolation."""
    coarse = (value(h) - value(-h)) / (2 * h)
    fine = (value(h / 2) - value(-h / 2)) / h
    return (4 * fine - coarse) / 3


def one_sided(value: Callable[[float], float], h: float) -> OneSided:
    """The derivative at 0 on the side of h. Quotients of a smooth function come closer by the step's ratio."""
    at = value(0.0)
    first, second, third = [(value(part * h) - at) / (part * h) for part in SHRINKING]
    if not (math.isfinite(first) and math.isfinite(second) and math.isfinite(third)):
        return OneSided(third, False, False)
    moved, before = third - second, second - first
    if abs(moved) <= 1e-7 * max(1.0, abs(third)):
        return OneSided(third, True, True)
    settles = abs(moved) <= 0.5 * abs(before)
    return OneSided(third + moved**2 / (before - moved) if settles else third, True, settles)  # as a geometric series


def is_unusual(size: float) -> bool:
    """Whether an argument of this size wants a step in proportion to it."""
    return size != 0 and not USUAL[0] <= size <= USUAL[1]


def agrees_in_proportion(
    value: Callable[[float], float], got: float, size: float, close: Callable[[float, float], bool]
) -> bool:
    """Whether a derivative is the central difference with a step in proportion to a tiny or huge argument of this size.

    The usual step is lost in the rounding of the one, and beyond where a function is smooth around the other. Also of
    what is no number by either.
    """
    if not is_unusual(size):
        return False
    h = size * PROPORTION
    with np.errstate(all="ignore"):
        if math.isinf(got):
            return (value(h) - value(-h)) / (2 * h) == got
        return close(got, central_difference(value, h))


def settled_in_proportion(value: Callable[[float], float], size: float) -> float | None:
    """The central difference with a step in proportion to an argument of this size; None where it has not settled."""
    with np.errstate(all="ignore"):
        coarse, fine = [central_difference(value, part * size * PROPORTION) for part in (1, 1 / 8)]
    return fine if abs(fine - coarse) <= PROPORTION * abs(fine) else None


def why_not_compared(
    value: Callable[[float], float], got: float, h: float, close: Callable[[float, float], bool]
) -> str | None:
    """Why a derivative at 0 that is not the central difference with the step h need not be wrong; None where it is.

    It agrees with smaller steps; or it is between two one-sided derivatives, or the only one; or there is none.
    """
    if math.isnan(got):
        return None
    with np.errstate(all="ignore"):
        for part in SHRINKING:
            if close(got, central_difference(value, part * h)):
                return f"the function is not smooth within a step of {h:.0e}; with one of {part * h:.0e} they agree"
        right, left = one_sided(value, h), one_sided(value, -h)
        edge = math.isfinite(value(h)) != math.isfinite(value(-h))
        size, difference = max(abs(value(h)), abs(value(-h))), central_difference(value, h)
    if abs(got - difference) <= NOISE * size / h:
        return (
            f"the gradient cannot be decided on at this point, because the function is {size:.3g} there, whose "
            f"rounding is more than what a step of {h:.0e} changes it by; autograd's is {got:.6g}"
        )
    low, high = sorted([left.slope, right.slope])
    if left.settles and right.settles:
        slack = APART * max(1.0, abs(low), abs(high))
        kink = high - low > slack and low - slack <= got <= high + slack
        return f"a kink, whose slopes are {low:.6g} and {high:.6g}; autograd's {got:.6g} is between" if kink else None
    if left.settles or right.settles:
        slope = left.slope if left.settles else right.slope
        other = "the domain ends" if edge else "the function jumps or rises vertically"
        agrees = abs(got - slope) <= APART * max(1.0, abs(slope))
        return f"on one side {other}; autograd's {got:.6g} is the slope on the other" if agrees else None
    if left.finite or right.finite or edge:
        return f"a jump or a pole, where there is no derivative; autograd's is {got:.6g}"
    return None
