"""Linear algebra of one matrix or vector: diagonals, traces, norms."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .arrays import array, floating
from .elementwise import nonzero
from .primitive import Primitive
from .reductions import axes_of, norm_p
from .reductions import max as max_of
from .reductions import min as min_of
from .reductions import sum as sum_of
from .registry import Sample, entry, primitive
from .shapes import Axes, moveaxis


def _diagonal(x: Any, *, offset: int) -> Any:
    return np.diagonal(x, offset, -2, -1)


diagonal_p = primitive(
    _diagonal,
    linear=True,
    view=True,
    x=lambda g, offset, x_shape: from_diagonal_p(g, offset=offset, shape=x_shape[-2:]),
)


def _from_diagonal(d: Any, *, offset: int, shape: tuple[int, int]) -> Any:
    """Matrices of the given shape, zero but for the diagonal."""
    x = np.zeros((*d.shape[:-1], *shape), d.dtype)
    rows = np.arange(d.shape[-1]) - min(offset, 0)
    x[..., rows, rows + offset] = d
    return x


from_diagonal_p: Primitive = primitive(_from_diagonal, linear=True, d=lambda g, offset: diagonal_p(g, offset=offset))


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
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Σᵢ x[i, i + offset];  ∂ tr X / ∂X is the identity.

    >>> tl.trace(tl.tensor([[1.0, 2.0], [3.0, 4.0]])).item()
    5.0
    """
    return sum_of(diagonal(x, offset, axis1, axis2), -1)


def vector_norm(x: Any, p: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """The norms of vectors but the Euclidean one."""
    if p == 0:
        return sum_of(np.abs(np.sign(x)), axes, keepdims=keepdims)
    if p in (np.inf, -np.inf):
        return (max_of if p > 0 else min_of)(np.abs(x), axes, keepdims=keepdims)
    if p == 1:
        return sum_of(np.abs(x), axes, keepdims=keepdims)
    return shielded_power(sum_of(shielded_power(np.abs(x), p), axes, keepdims=keepdims), 1 / p)


def shielded_power(x: Any, p: float) -> Any:
    """``x**p`` for x ≥ 0, with derivative 0 at 0, where it may be infinite."""
    return np.where(x == 0, 0.0**p if p > 0 else np.inf, nonzero(x) ** p)


@entry(
    np.linalg.norm,
    method=True,
    samples=lambda r: [
        Sample((r(3),)),
        Sample((r(2, 3),)),
        Sample((r(2, 3), "fro")),
        Sample((r(2, 3),), {"axis": 1}),
        Sample((r(2, 3),), {"axis": (0, 1), "keepdims": True}),
        Sample((r(3), 1)),
        Sample((r(3), 3)),
        Sample((r(3), np.inf)),
        Sample((r(3), -np.inf)),
        Sample((r(3), 0)),
        Sample((r(2, 3), 1)),
        Sample((r(2, 3), np.inf)),
        Sample((r(2, 3), -1)),
        Sample((r(2, 3), 1), {"axis": 0}),
        Sample((r(2, 3, 2),), {"keepdims": True}),
    ],
)
def norm(x: Any, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> Any:
    """Length: √Σ x² (``ord`` None, 2 for vectors, "fro" for matrices); ∂y/∂x = x/y, taken as 0 at 0.

    Parameters
    ----------
    ord : for vectors p, giving (Σ |x|ᵖ)^(1/p), 0 (how many entries are not 0) or ±inf (the largest or smallest |x|);
        for matrices "fro", ±1 (columns' sums of |x|) or ±inf (rows')
    axis : an axis for vectors, two for matrices; by default all of x

    Raises ValueError for the matrix norms 2, −2 and "nuc", which need singular values.

    >>> tl.grad(tl.norm)(np.array([3.0, 4.0]))
    array([0.6, 0.8])
    """
    x = floating(array(x))
    if x.dtype.kind == "c":
        raise TypeError("norm: complex numbers are not supported; take the norm of real and imaginary parts")
    axes = tuple(range(x.ndim)) if axis is None else axes_of(x, axis)
    if ord is None or (len(axes) == 1 and ord == 2) or (len(axes) == 2 and ord == "fro"):
        return norm_p(x, axis=axes, keepdims=bool(keepdims))
    if len(axes) == 1 and not isinstance(ord, str):
        return vector_norm(x, ord, axes, keepdims)
    if len(axes) == 2 and ord in (1, -1, np.inf, -np.inf):
        # NumPy takes the two axes in the order given: rows first
        given: Any = (0, 1) if axis is None else axis
        rows, columns = [normalize_axis_index(k, x.ndim) for k in given]
        lines = sum_of(np.abs(x), rows if abs(ord) == 1 else columns, keepdims=True)
        return (max_of if ord > 0 else min_of)(lines, axes, keepdims=keepdims)
    raise ValueError(f"norm: no derivative here for ord={ord!r} over {len(axes)} axes of shape {x.shape}")
