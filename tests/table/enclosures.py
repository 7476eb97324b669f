"""Values of expressions between proven bounds: balls of Arb's, by python-flint, where that is installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import mpmath
import sympy
from mpmath.libmp import from_man_exp

try:
    import flint
except ModuleNotFoundError:  # then all is computed by mpmath, which takes some hundred times as long
    flint = None

BITS: Final = (128, 640, 2560, 10240)
"""Of precision, tried in turn. A ball is no wrong number at any of them, but may be too large to be of use."""

ACCURATE: Final = 90
NOTHING: Final = -1300
"""The bits to which a number is to be known, and the power of two below which all are 0, to any of the floats."""

METHODS: Final = (
    "exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh", "acosh",
    "atanh", "erf", "erfc",
)  # fmt: skip


def names() -> dict[str, Callable[..., Any]]:
    """What the functions that SymPy prints for mpmath are of balls."""
    arb = flint.arb

    def of_balls(method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x: method(arb(x))

    found = {name: of_balls(getattr(arb, name)) for name in METHODS}
    return {**found, "sign": of_balls(arb.sgn), "atan2": lambda a, b: arb.atan2(arb(a), arb(b)), "mpf": arb}


def of_balls(expression: Any, symbols: Sequence[Any], shared: bool) -> Callable[..., Any] | None:
    """An expression as a function of balls, of which the last is π, which has as many digits as are asked for."""
    if flint is None:
        return None
    circle = sympy.Dummy("circle")
    of_circle = expression.subs(sympy.pi, circle)
    return sympy.lambdify([*symbols, circle], of_circle, [names(), "mpmath"], cse=shared)  # type: ignore[no-any-return]


def enclosure(function: Callable[..., Any] | None, point: Sequence[float], enough: Callable[[Any], bool]) -> Any:
    """A ball around a function's value that is known well enough; None where there is none."""
    if function is None:
        return None
    for bits in BITS:
        with flint.ctx.workprec(bits):
            ball = flint.arb(function(*[flint.arb(float(x)) for x in point], flint.arb.pi()))
            if enough(ball):
                return ball
    return None


def is_finite(ball: Any) -> bool:
    return bool(ball.is_finite())


def is_settled(ball: Any) -> bool:
    """Whether any number in a ball will do for all of them."""
    return is_finite(ball) and (ball.rel_accuracy_bits() >= ACCURATE or ball.abs_upper() < flint.arb(2) ** NOTHING)


def midpoint(ball: Any) -> Any:
    """The number in the middle of a ball, exactly."""
    mantissa, exponent = ball.mid().man_exp()
    return mpmath.mp.make_mpf(from_man_exp(int(mantissa), int(exponent)))
