"""Diagonals of matrices, and their sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import array
from .elsewhere import placed_beside
from .leading import as_it_is
from .primitive import Primitive
from .reductions import sum as sum_of
from .registry import Sample, entry, primitive
from .shapes import moveaxis


def _diagonal(x: Any, *, offset: int) -> Any:
    return np.diagonal(x, offset, -2, -1)


diagonal_p = primitive(
    _diagonal,
    linear=True,
    view=True,
    leading=as_it_is,
    x=lambda g, offset, x_shape: from_diagonal_p(g, offset=offset, shape=x_shape[-2:]),
)


def _from_diagonal(d: Any, *, offset: int, shape: tuple[int, int]) -> Any:
    """Matrices of the given shape, zero but for the diagonal."""
    x = np.zeros((*d.shape[:-1], *shape), d.dtype)
    rows = np.arange(d.shape[-1]) - min(offset, 0)
    x[..., rows, rows + offset] = d
    return x


def from_diagonal_elsewhere(d: Any, *, offset: int, shape: tuple[int, int]) -> Any:
    """The same of arrays that are not written to: columns that are the diagonal's, where its mask is true."""
    rows, columns = shape
    start = max(offset, 0)
    after = columns - start - d.shape[-1]
    parts = [np.zeros_like(d, shape=(*d.shape[:-1], n)) for n in (start, after)]
    line = np.concatenate([parts[0], d, parts[1]], -1)
    return np.where(placed_beside(np.eye(rows, columns, offset, dtype=bool), d), line[..., None, :], 0)


from_diagonal_p: Primitive = primitive(
    _from_diagonal,
    plain=from_diagonal_elsewhere,
    linear=True,
    leading=as_it_is,
    d=lambda g, offset: diagonal_p(g, offset=offset),
)


@entry(
    np.diagonal,
    method=True,
    samples=lambda r: [
        Sample((r(3, 3),)),
        Sample((r(2, 4), 1)),
        Sample((r(4, 2), -1)),
        Sample((r(2, 3, 4),), {"axis1": 2, "axis2": 0}),
        Sample((r(0, 3),)),
    ],
)
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """x[i, i + offset] along two axes, as the last axis of the output.

    >>> tl.diagonal(tl.tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([1., 4.])
    """
    x = array(x)
    if x.ndim < 2:
        raise ValueError(f"diagonal: needs two axes or more, got shape {x.shape}")
    return diagonal_p(moveaxis(x, (axis1, axis2), (-2, -1)), offset=int(offset))


@entry(
    np.trace,
    method=True,
    samples=lambda r: [Sample((r(3, 3),)), Sample((r(2, 4), 1)), Sample((r(2, 3, 3),), {"axis1": 1, "axis2": 2})],
)
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, *, dtype: Any = None) -> Any:
    """Σᵢ x[i, i + offset];  ∂ tr X / ∂X is the identity. ``dtype`` is that to sum in.

    >>> tl.trace(tl.tensor([[1.0, 2.0], [3.0, 4.0]])).item()
    5.0
    """
    return sum_of(diagonal(x, offset, axis1, axis2), -1, dtype=dtype)
