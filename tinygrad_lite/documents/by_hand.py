"""Partial derivatives without autograd: what the printed side of a statement uses where print leaves a ∂ standing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

STEP: Final = 2.0**-60
"""Of the complex step: its square is far below the unit of rounding, and dividing by it is exact."""


def partials(f: Callable[[Any], Any], z: Any) -> Any:
    """∂f/∂zⱼ for each row of z; f takes rows to rows or to numbers, and j becomes the last axis.

    For numbers the complex step, f(z + ih).imag / h, which is exact to rounding since nothing is subtracted; f must be
    analytic. For symbols SymPy's derivative. Source: W. Squire and G. Trapp, "Using complex variables to estimate
    derivatives of real functions", SIAM Review 40 (1998).

    >>> partials(lambda z: np.exp(z).sum(axis=-1), np.array([[0.0, 1.0]]))
    array([[1.        , 2.71828183]])
    """
    if z.dtype == object:
        return symbolic_partials(f, z)
    steps = 1j * STEP * np.eye(z.shape[-1])
    return np.stack([np.imag(f(z + step)) / STEP for step in steps], axis=-1)


def column_partials(f: Callable[[Any], Any], z: Any) -> Any:
    """∂fᵢ/∂zⱼ for one column z, from columns to columns: a matrix."""
    return partials(lambda rows: f(rows.T).T, z.T)[0]


def symbolic_partials(f: Callable[[Any], Any], z: Any) -> Any:
    """∂f/∂zⱼ for symbolic scalars: differentiated in fresh symbols, for which the entries of z are put in."""
    from sympy import Dummy

    symbolic = type(z.flat[0])
    fresh = np.empty(z.shape, object)
    for place, entry in np.ndenumerate(z):
        fresh[place] = symbolic(Dummy(real=True), float(entry))
    back = {u.expr: x.expr for u, x in zip(fresh.flat, z.flat, strict=True)}
    values = np.asarray(f(fresh), object)
    found = np.empty((*values.shape, z.shape[-1]), object)
    for place, value in np.ndenumerate(values):
        for j, u in enumerate(fresh[place[0]]):
            found[(*place, j)] = symbolic(value.expr.diff(u.expr).subs(back), math.nan)
    return found


def kronecker(z: Any) -> Any:
    """δⱼₖ for the classes of z."""
    return np.eye(z.shape[-1])


def diagonal(matrices: Any) -> Any:
    """The entries j = k of each sample's matrix."""
    j = np.arange(matrices.shape[-1])
    return matrices[:, j, j]


def off_diagonal(matrices: Any) -> Any:
    """The entries j ≠ k of each sample's matrix, in one row."""
    return matrices[:, ~np.eye(matrices.shape[-1], dtype=bool)]
