"""NumPy's ``np.emath``: functions that give complex numbers of real ones outside their domain.

They are the functions of the same names, of numbers made complex where one of them is outside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .arrays import values_of
from .lists import as_array
from .registry import DISPATCH


def negative(x: Any) -> Any:
    """Where a root or a logarithm is not real."""
    return x < 0


def beyond_one(x: Any) -> Any:
    """Where no real sine or hyperbolic tangent is."""
    return abs(x) > 1


def widened(x: Any, outside: Callable[[Any], Any]) -> Any:
    """An array; complex, as NumPy chooses the type, where one of its real numbers is outside."""
    x = as_array(x)
    if x.dtype.kind == "c" or not np.any(outside(values_of(x))):
        return x
    return x.astype(np.complex64 if x.dtype == np.float32 else np.complex128)


def extended(function: np.ufunc, outside: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of one array that goes on outside its domain."""
    return lambda x: function(widened(x, outside))


def logn(n: Any, x: Any) -> Any:
    """The logarithm to the base n: log x / log n."""
    return np.log(widened(x, negative)) / np.log(widened(n, negative))


def power(x: Any, p: Any) -> Any:
    """xᵖ."""
    p = as_array(p)
    return np.power(widened(x, negative), p * 1.0 if np.any(values_of(p) < 0) else p)


OUTSIDE = {
    np.sqrt: negative,
    np.log: negative,
    np.log2: negative,
    np.log10: negative,
    np.arccos: beyond_one,
    np.arcsin: beyond_one,
    np.arctanh: beyond_one,
}
DISPATCH.update({getattr(np.emath, f.__name__): extended(f, outside) for f, outside in OUTSIDE.items()})
DISPATCH.update({np.emath.logn: logn, np.emath.power: power})
