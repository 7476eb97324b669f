"""The functions of Python's ``math`` and those of arrays that mean the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import numpy as np

from . import special
from .arrays import values
from .later import SPACES


def nearest_remainder(x: Any, y: Any) -> Any:
    """``math.remainder``: x − n y, n the integer nearest to x / y, the even one on a tie. Exact, as it is there."""
    rest = np.fmod(x, y)
    nearest = math.remainder(values(x).item(), values(y).item())
    return rest if values(rest).item() == nearest else rest - np.copysign(np.abs(y), rest)


def multiply_add(x: Any, y: Any, z: Any) -> Any:
    """``math.fma``, but for its rounding once."""
    return x * y + z


def by_halves(x: Any) -> tuple[Any, int]:
    """``math.frexp``: m and the whole number n with x = m 2ⁿ."""
    m, n = np.frexp(x)
    return m, int(n)


def of_scipys(name: str) -> Callable[..., Any]:
    """A function that stands with those of ``scipy.special``, which are loaded when it is called."""
    where = SPACES["scipy.special"]

    def function(x: Any) -> Any:
        return getattr(import_module(where), name)(x)

    function.__module__, function.__name__ = where, name
    return function


SMOOTH: Final[dict[Callable[..., Any], Callable[..., Any]]] = {
    math.exp: np.exp, math.expm1: np.expm1, math.exp2: np.exp2, math.log: np.log, math.log2: np.log2,
    math.log10: np.log10, math.log1p: np.log1p, math.pow: np.power, math.sqrt: np.sqrt, math.cbrt: np.cbrt,
    math.sin: np.sin, math.cos: np.cos, math.tan: np.tan, math.asin: np.arcsin, math.acos: np.arccos,
    math.atan: np.arctan, math.atan2: np.arctan2, math.sinh: np.sinh, math.cosh: np.cosh, math.tanh: np.tanh,
    math.asinh: np.arcsinh, math.acosh: np.arccosh, math.atanh: np.arctanh, math.hypot: np.hypot,
    math.fabs: np.abs, math.degrees: np.degrees, math.radians: np.radians, math.fmod: np.fmod,
    math.copysign: np.copysign, math.dist: np.linalg.norm, math.fsum: np.sum, math.erf: special.erf,
    math.erfc: special.erfc, math.gamma: of_scipys("gamma"), math.lgamma: of_scipys("gammaln"), math.modf: np.modf,
    math.frexp: by_halves, math.ldexp: np.ldexp, math.remainder: nearest_remainder, math.nextafter: np.nextafter,
}  # fmt: skip
"""What changes with its arguments."""

STEPWISE: Final[dict[Callable[..., Any], Callable[..., Any]]] = {
    math.isnan: np.isnan, math.isinf: np.isinf, math.isfinite: np.isfinite, math.isclose: np.isclose,
    math.ulp: np.spacing,
}  # fmt: skip
"""Truth values, and the distance between floats: no derivative is lost with them."""

if hasattr(math, "fma"):  # of Python 3.13
    SMOOTH[math.fma] = multiply_add
