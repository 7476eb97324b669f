"""SciPy's BLAS, where it is there: what adds a multiple of one vector to another in one pass, where NumPy needs two."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

STRETCH: Final = 8192
"""Entries that are added at a time: of more than 10000 BLAS makes two threads, which wait for one another at each call.

That takes longer than the sums; and where the processors are busy with something else, some hundred times as long.
"""


def in_stretches(axpy: Any, x: Any, y: Any, n: int, a: Any) -> None:
    """y ← y + a x, of n entries in a row, by BLAS's function for their dtype."""
    for first in range(0, n, STRETCH):
        axpy(x, y, min(STRETCH, n - first), a, first, 1, first, 1)


def product(dot: Any, x: Any, y: Any) -> float:
    """x · y, by BLAS's function for their dtype, in which each stretch is summed."""
    places = range(0, x.size, STRETCH)
    return sum([float(dot(x, y, min(STRETCH, x.size - first), first, 1, first, 1)) for first in places])


@cache
def blas_for(dtype: np.dtype[Any]) -> tuple[Any, Any] | None:
    """SciPy's functions that add a multiple of one vector to another, and multiply two; None where there are none."""
    try:
        from scipy.linalg import blas
    except ImportError:
        return None
    single, double = (blas.saxpy, blas.sdot), (blas.daxpy, blas.ddot)
    return {np.dtype(np.float32): single, np.dtype(np.float64): double}.get(dtype)  # native byte order
