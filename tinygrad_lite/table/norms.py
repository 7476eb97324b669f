"""Lengths of vectors and matrices, and condition numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from .arrays import HALF, array, floating, max_over, min_over, some, sum_over, values_of
from .deviations import direction_p, norm_p, real_parts
from .eigenvalues import square
from .elsewhere import placed_beside
from .inverses import inv, regular
from .leading import counting_axes
from .reductions import axes_of, with_axes
from .reductions import max as max_of
from .reductions import min as min_of
from .reductions import sum as sum_of
from .registry import Sample, complex_of, entry, primitive
from .shapes import Axes, moveaxis, reshape
from .singular import elongated, matrices, svdvals


def power_norm(x: Any, p: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """The norms of vectors but the Euclidean one."""
    if p == 0:
        return sum_of(np.abs(np.sign(x)), axes, keepdims=keepdims)
    if p in (np.inf, -np.inf):
        if p > 0:
            return max_of(np.abs(x), axes, keepdims=keepdims, initial=0 if not x.size else None)
        return min_of(np.abs(x), axes, keepdims=keepdims)
    if p == 1:
        return sum_of(np.abs(x), axes, keepdims=keepdims)
    return power_norm_p(np.abs(x), p=float(p), axis=axes, keepdims=bool(keepdims))


@np.errstate(over="ignore", divide="ignore")  # 0 to a negative power, and what vanishes beside the largest
def power_length(a: Any, p: float, axis: tuple[int, ...], keepdims: bool) -> Any:
    """(Σ aᵖ)^(1/p) of a ≥ 0, where powers may be too large or too small for numbers of a over a power of two."""
    if a.dtype.kind != "f" or not a.size:
        return sum_over(a**p, axis, None, None, keepdims) ** (1 / p)
    _, exponent = np.frexp((max_over if p > 0 else min_over)(a, axis, None, None, True))
    exponent = np.where(np.abs(exponent * p) > np.finfo(a.dtype).maxexp // 2, exponent, 0)
    y = np.ldexp(sum_over(np.ldexp(a, -exponent) ** p, axis, None, None, True) ** (1 / p), exponent)
    return y if keepdims else y.squeeze(axis)[()]


def _power_norm(a: Any, *, p: float, axis: tuple[int, ...], keepdims: bool) -> Any:
    return power_length(a, p, axis, keepdims)


def power_slope(a: Any, y: Any, p: float) -> Any:
    """(a/y)^(p − 1), taken as 0 at 0, where it may be infinite.

    Of powers below 1 the quotient of powers, of others the power of the quotient: neither overflows on the way.
    """
    above, below, power = (a, y, p - 1.0) if p > 1 else (y, a, 1.0 - p)
    if power < 1:
        return direction_p(above**power, below**power, at_zero=0.0, p=0.0)
    return direction_p(above, below, at_zero=0.0, p=p if p > 1 else 0.0) ** power


power_norm_p = primitive(
    _power_norm,
    definition=lambda a, *, p, axis, keepdims: np.sum(a**p, axis=axis, keepdims=keepdims) ** (1 / p),
    leading=counting_axes,
    a=lambda g, a, y, p, axis: with_axes(g, axis, a.ndim) * power_slope(a, with_axes(y, axis, a.ndim), p),
)


def spectral_norm(x: Any, ord: Any, axes: tuple[int, int], keepdims: bool) -> Any:
    """The matrix norms that are functions of the singular values: the largest, the smallest, their sum."""
    s = np.abs(svdvals(moveaxis(x, axes, (-2, -1))))  # of slope 0 at 0: those of singular value 0 are no direction
    if ord == "nuc":
        y = sum_of(s, -1)
    else:
        y = max_of(s, -1, initial=None if s.shape[-1] else 0) if ord == 2 else min_of(s, -1)
    return reshape(y, [1 if k in axes else n for k, n in enumerate(x.shape)]) if keepdims else y


def line_norm(x: Any, ord: Any, axes: tuple[int, int], keepdims: bool) -> Any:
    """The largest or smallest of the columns' or rows' sums of |x|."""
    lines = sum_of(np.abs(x), axes[0] if abs(ord) == 1 else axes[1], keepdims=True)
    if ord < 0:
        return min_of(lines, axes, keepdims=keepdims)
    return max_of(lines, axes, keepdims=keepdims, initial=None if x.size else 0)


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
        Sample((r(3), -1.5)),
        Sample((r(3), 1.5)),
        Sample((r(2, 3), 0.5), {"axis": 0}),
        Sample((r(2, 3), 1)),
        Sample((r(2, 3), np.inf)),
        Sample((r(2, 3), -1)),
        Sample((r(2, 3), 1), {"axis": 0}),
        Sample((r(2, 3, 2),), {"keepdims": True}),
        Sample((elongated(r(2, 3)), 2)),
        Sample((elongated(r(2, 3)), -2)),
        Sample((elongated(r(2, 2, 2)), "nuc"), {"axis": (2, 1), "keepdims": True}),
        Sample((complex_of(r)(2, 3),)),
        Sample((complex_of(r)(3), 3)),
        Sample((complex_of(r)(2, 3), np.inf)),
        Sample((elongated(complex_of(r)(2, 2)), "nuc")),
    ],
)
def norm(x: Any, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> Any:
    """Length: √Σ |x|² (``ord`` None, 2 for vectors, "fro" for matrices); ∂y/∂x = x/y, taken as 0 at 0.

    Parameters
    ----------
    ord : for vectors p, giving (Σ |x|ᵖ)^(1/p), 0 (how many entries are not 0) or ±inf (the largest or smallest |x|);
        for matrices "fro", ±1 (columns' sums of |x|), ±inf (rows'), 2 or −2 (the largest or smallest singular value)
        or "nuc" (their sum)
    axis : an axis for vectors, two for matrices; by default all of x

    Entries that tie for the largest or smallest share the gradient equally. At 0 there is no second derivative: it is
    NaN; ``norm(x)**2`` has one, 2 I. One infinite entry is the length, and of two the gradient is NaN.

    >>> tl.grad(tl.norm)(np.array([3.0, 4.0]))
    array([0.6, 0.8])
    """
    x = array(x)
    dtype = x.dtype
    if dtype is HALF:
        return norm(x.astype(np.float32), ord, axis, keepdims).astype(HALF)
    x = x if dtype.kind in "fc" else floating(x)
    if axis is None:
        axes = tuple(range(x.ndim))
        if ord is None or (ord in ("f", "fro") and x.ndim == 2) or (ord == 2 and x.ndim == 1):
            return norm_p.on((real_parts(x, axes),), {"axis": axes, "keepdims": bool(keepdims)})
    else:
        axes = axes_of(x, axis)
    if len(axes) == 1:
        if isinstance(ord, str):
            raise ValueError(f"norm: no order {ord!r} of vectors")
        if ord is None or ord == 2:
            return norm_p(real_parts(x, axes), axis=axes, keepdims=bool(keepdims))
        return power_norm(x, ord, axes, keepdims)
    if len(axes) != 2:
        raise ValueError(f"norm: ord={ord!r} is over one axis or two, not over {len(axes)} of shape {x.shape}")
    if ord in (None, "f", "fro"):
        return norm_p(real_parts(x, axes), axis=axes, keepdims=bool(keepdims))
    # NumPy takes the two axes in the order given: rows first
    given: Any = (0, 1) if axis is None else axis
    rows, columns = [normalize_axis_index(k, x.ndim) for k in given]
    if ord in (1, -1, np.inf, -np.inf):
        return line_norm(x, ord, (rows, columns), bool(keepdims))
    if ord in (2, -2, "nuc"):
        return spectral_norm(x, ord, (rows, columns), bool(keepdims))
    raise ValueError(
        f"norm: no order {ord!r} of matrices, of shape {x.shape}; there are None, 'fro', 'nuc', ±1, ±2, ±inf"
    )


@entry(
    np.linalg.vector_norm,
    samples=lambda r: [
        Sample((r(3),)),
        Sample((r(2, 3),), {"axis": 1}),
        Sample((r(2, 3),), {"ord": 1, "keepdims": True}),
        Sample((r(2, 3, 2),), {"axis": (2, 0), "ord": 3}),
        Sample((r(2, 3, 2),), {"axis": (0, 2), "ord": np.inf, "keepdims": True}),
        Sample((complex_of(r)(3),), {"ord": 1}),
    ],
)
def vector_norm(x: Any, *, axis: Axes = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The length of vectors, y = (Σ |x|ᵖ)^(1/p), along one axis or several, by default all; see :func:`norm`.

    >>> tl.vector_norm(tl.tensor([[3.0, 4.0]])).item()
    5.0
    """
    x = floating(array(x))
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    last = moveaxis(x, axes, tuple(range(x.ndim - len(axes), x.ndim)))
    y = norm(reshape(last, (*last.shape[: x.ndim - len(axes)], -1 if x.size else 0)), ord, -1)
    return reshape(y, [1 if k in axes else n for k, n in enumerate(x.shape)]) if keepdims else y


@entry(
    np.linalg.matrix_norm,
    samples=lambda r: [
        Sample((r(2, 3),)),
        Sample((r(2, 2, 3),), {"ord": 1, "keepdims": True}),
        Sample((elongated(r(2, 2, 2)),), {"ord": "nuc"}),
        Sample((elongated(complex_of(r)(2, 3)),), {"ord": 2}),
    ],
)
def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """The norm of matrices in the last two axes, by default y = √Σ |x|²: :func:`norm`.

    >>> tl.matrix_norm(tl.tensor([[3.0, 0.0], [0.0, 4.0]]), ord="nuc").item()
    7.0
    """
    return norm(x, ord, (-2, -1), keepdims)


@entry(
    np.linalg.cond,
    composed=True,
    samples=lambda r: [
        Sample((elongated(r(3, 2)),)),
        Sample((elongated(r(2, 2)), 2)),
        Sample((elongated(r(2, 2)), -2)),
        Sample((regular(r(2, 3, 3)), "fro")),
        Sample((regular(r(3, 3)), 1)),
        Sample((regular(r(3, 3)), -1)),
        Sample((regular(r(3, 3)),), {"p": np.inf}),
        Sample((regular(r(3, 3)), -np.inf)),
        Sample((elongated(r(3, 3)), "nuc")),
        Sample((elongated(complex_of(r)(2, 2)),)),
        Sample((regular(complex_of(r)(2, 2)), 1)),
    ],
)
def cond(x: Any, p: Any = None) -> Any:
    """The condition number |A| |A⁻¹| in the norm ``p`` of :func:`norm`; by default the largest singular value by the
    smallest, also of matrices that are not square. Of singular matrices it is inf, and has no derivative.

    >>> tl.cond(tl.tensor([[2.0, 0.0], [0.0, 1.0]])).item()
    2.0
    """
    x = matrices("cond", x)
    if 0 in x.shape[-2:]:
        raise np.linalg.LinAlgError(f"cond: not defined on empty matrices, of shape {x.shape}")
    if p is None or p in (2, -2):
        s = svdvals(x)
        with np.errstate(divide="ignore", invalid="ignore"):
            y = s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    else:
        x = square("cond", x)
        singular = values_of(np.linalg.slogdet(x)[0]) == 0
        if some(singular):
            x = np.where(singular[..., None, None], placed_beside(np.eye(x.shape[-1], dtype=x.dtype), x), x)
        y = norm(x, p, (-2, -1)) * norm(inv(x), p, (-2, -1))
        return np.where(singular, np.inf, y)[()] if some(singular) else y
    undefined = np.isnan(values_of(y)) & ~np.isnan(values_of(x)).any(axis=(-2, -1))
    return np.where(undefined, np.inf, y)[()] if some(undefined) else y
