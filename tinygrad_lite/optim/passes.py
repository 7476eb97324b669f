"""Passes over arrays that optimizers make, in place; SciPy's BLAS makes some of them in one, where NumPy needs two.

An array of another library has its own operators, which work in place as NumPy's do. Of NumPy's, what
is written to is one-dimensional, contiguous and in native byte order: BLAS would work on a copy of anything else.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..table import blas
from ..table.ducks import kind_of


def add_multiple(y: np.ndarray, a: float, x: np.ndarray, s: np.ndarray) -> None:
    """y ← y + a x, in place; ``s`` is for intermediate results, and may be x. BLAS may round once, and NumPy twice."""
    kind = kind_of(y)
    if kind is not None:
        kind.add_multiple(y, a, x, s)
        return
    functions = blas.blas_for(y.dtype)
    if functions is None:
        y += x if a == 1 else np.multiply(x, a, s)
    else:
        blas.in_stretches(functions[0], x, y, y.size, a)


def running(mean: np.ndarray, x: np.ndarray, decay: float, s: np.ndarray) -> None:
    """mean ← decay · mean + (1 − decay) x, in place; ``s`` is for intermediate results, and may be x.

    By the difference where decay is near 1: the two factors, each rounded to float32, do not add up to 1.
    """
    if decay < 0.5:
        mean *= decay
        add_multiple(mean, 1 - decay, x, s)
    else:
        np.subtract(x, mean, s)
        add_multiple(mean, 1 - decay, s, s)


def take_over(master: np.ndarray, values: np.ndarray) -> None:
    """Let a copy of higher precision have the values that are not its rounding: they were written since."""
    with np.errstate(over="ignore"):
        np.copyto(master, values, where=master.astype(values.dtype) != values)


def sum_of_squares(x: np.ndarray) -> Any:
    """Σ xᵢ² of real numbers: infinite or NaN where their dtype does not hold a part of the sum, without a warning.

    On a device it is an array of one number, which stays there, and of float16 in float32.
    """
    x = x.ravel()
    if type(x) is not np.ndarray:
        x = x.astype(np.result_type(x.dtype, np.float32), copy=False)
        return np.dot(x, x)
    functions = blas.blas_for(x.dtype)
    if functions is not None and x.size:
        return blas.product(functions[1], x, x)
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.dot(x, x))
