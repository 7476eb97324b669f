"""What chooses between numbers, and other functions of a line, as NumPy has them of signs, zeros and NaN."""

from __future__ import annotations

from typing import Any

from .precision import P


def reciprocal(x: Any) -> Any:
    """1/x."""
    return 1.0 / x


def square(x: Any) -> Any:
    """x²."""
    return x * x


def cube(x: Any) -> Any:
    """x³."""
    return x * x * x


def fourth(x: Any) -> Any:
    """x⁴."""
    y = x * x
    return y * y


def plus_multiple(y: Any, a: Any, x: Any) -> Any:
    """y + a x."""
    return y + a * x


def maximum(a: Any, b: Any) -> Any:
    """The larger, NaN where one is."""
    return a if (a >= b) | (a != a) else b


def minimum(a: Any, b: Any) -> Any:
    """The smaller, NaN where one is."""
    return a if (a <= b) | (a != a) else b


def fmax(a: Any, b: Any) -> Any:
    """The larger, or the one that is not NaN."""
    return a if (a >= b) | (b != b) else b


def fmin(a: Any, b: Any) -> Any:
    """The smaller, or the one that is not NaN."""
    return a if (a <= b) | (b != b) else b


def clip(x: Any, low: Any, high: Any) -> Any:
    """x between two bounds."""
    return minimum(maximum(x, low), high)


def sign(x: Any) -> Any:
    """−1, 0 or 1; NaN of NaN."""
    y = -1.0 if x < 0.0 else x
    y = 1.0 if x > 0.0 else y
    return 0.0 if x == 0.0 else y


def over_positive(g: Any, x: Any) -> Any:
    """g over x, NaN for negative x; −0 is 0."""
    return g / (P.nan if x < 0.0 else abs(x))
