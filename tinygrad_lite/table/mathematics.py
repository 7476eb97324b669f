"""The functions of Python's ``math`` and those of arrays that mean the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from . import special

SMOOTH: Final[dict[Callable[..., Any], Callable[..., Any]]] = {
    math.exp: np.exp, math.expm1: np.expm1, math.exp2: np.exp2, math.log: np.log, math.log2: np.log2,
    math.log10: np.log10, math.log1p: np.log1p, math.pow: np.power, math.sqrt: np.sqrt, math.cbrt: np.cbrt,
    math.sin: np.sin, math.cos: np.cos, math.tan: np.tan, math.asin: np.arcsin, math.acos: np.arccos,
    math.atan: np.arctan, math.atan2: np.arctan2, math.sinh: np.sinh, math.cosh: np.cosh, math.tanh: np.tanh,
    math.asinh: np.arcsinh, math.acosh: np.arccosh, math.atanh: np.arctanh, math.hypot: np.hypot,
    math.fabs: np.abs, math.degrees: np.degrees, math.radians: np.radians, math.fmod: np.fmod,
    math.copysign: np.copysign, math.dist: np.linalg.norm, math.fsum: np.sum, math.erf: special.erf,
    math.erfc: special.erfc,
}  # fmt: skip
"""What changes with its arguments."""

STEPWISE: Final[dict[Callable[..., Any], Callable[..., Any]]] = {
    math.isnan: np.isnan, math.isinf: np.isinf, math.isfinite: np.isfinite, math.isclose: np.isclose,
}  # fmt: skip
"""Truth values: no derivative is lost with them."""
