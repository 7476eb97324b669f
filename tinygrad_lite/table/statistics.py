"""Weighted means, ranges and covariances."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .arrays import HALF, array, some, values_of
from .complexes import conjugate
from .diagonals import diagonal
from .elementwise import sqrt
from .elsewhere import is_elsewhere
from .exact import LIMITS
from .joining import concatenate
from .lists import as_array
from .reductions import axis_samples, entry_axes, mean
from .reductions import max as max_of
from .reductions import min as min_of
from .reductions import sum as sum_of
from .registry import Sample, entry
from .shapes import Axes, broadcast_to, copy, required, reshape, squeeze, transpose


def as_dtype(x: Any, dtype: Any) -> Any:
    """``x`` in a dtype; itself if it is in that one."""
    return x if x.dtype == dtype else x.astype(dtype)


def along_axes(weights: Any, x: Any, axis: Axes) -> Any:
    """Weights for each entry, or for each along the axes, in a shape that broadcasts to the array's."""
    if weights.shape == x.shape:
        return weights
    if axis is None:
        raise TypeError("average: weights of another shape than the array's need an axis")
    axes = normalize_axis_tuple(axis, x.ndim)
    if weights.shape != tuple([x.shape[k] for k in axes]):
        raise ValueError(f"average: weights of shape {weights.shape} do not fit axis {axis} of shape {x.shape}")
    weights = transpose(weights, tuple(np.argsort(axes).tolist()))
    return reshape(weights, tuple([n if k in axes else 1 for k, n in enumerate(x.shape)]))


@entry(
    np.average,
    samples=lambda r: [
        Sample((r(2, 3),)),
        Sample((r(2, 3, 2), (0, -1)), {"keepdims": True}),
        Sample((r(),)),
        Sample((r(3), None, r(3, low=0.5))),
        Sample((r(2, 3), 1, r(3, low=0.5))),
        Sample((r(2, 3), -1, r(2, 3, low=0.5)), {"keepdims": True}),
        Sample((r(2, 3, 4), (2, 0), r(4, 2, low=0.5))),
        Sample((r(2, 3), 0, r(2, low=0.5)), {"returned": True}),
    ],
)
def average(x: Any, axis: Axes = None, weights: Any = None, *, returned: bool = False, keepdims: bool = False) -> Any:
    """Σ w x / Σ w over the given axes;  ∂y/∂xᵢ = wᵢ / Σ w,  ∂y/∂wᵢ = (xᵢ − y) / Σ w.

    Parameters
    ----------
    axis : int, tuple of ints, or None for all
    weights : one for each entry, or for each along the axes; None for all alike
    returned : also the sums of weights, in a tuple
    keepdims : keep the reduced axes, with length 1

    Raises ZeroDivisionError for weights whose sum is 0 and where there is no mean to give, TypeError or ValueError for
    weights that do not fit.

    >>> tl.grad(tl.average, 2)(np.array([1.0, 5.0]), None, np.array([3.0, 1.0]))
    array([-0.25,  0.75])
    """
    x = as_array(x)
    if weights is None:
        y = mean(x, axis, keepdims=keepdims)
        total = np.broadcast_to(y.dtype.type(x.size / y.size), y.shape).copy()[()]
        return (y, total) if returned else y
    weights = as_array(weights)
    dtypes = (x.dtype, weights.dtype, np.float64) if x.dtype.kind in "iub" else (x.dtype, weights.dtype)
    dtype = np.result_type(*dtypes)
    entry_axes(x, axis)  # which raises for a number's
    if dtype == HALF:  # whose sums of weights are no numbers soon
        wide, wide_weights = as_dtype(x, np.float32), as_dtype(weights, np.float32)
        y, total = average(wide, axis, wide_weights, returned=True, keepdims=keepdims)
        return (y.astype(HALF), total.astype(HALF)) if returned else y.astype(HALF)
    weights = along_axes(as_dtype(weights, dtype), x, axis)
    total = sum_of(weights, axis, keepdims=keepdims)
    if is_elsewhere(total):
        total = required(total, values_of(total) != 0, "average: weights sum to zero")
    elif np.any(values_of(total) == 0):
        raise ZeroDivisionError("average: weights sum to zero")
    y = sum_of(as_dtype(x, dtype) * weights, axis, keepdims=keepdims) / total
    if not returned:
        return y
    return y, total if total.shape == y.shape else copy(broadcast_to(total, y.shape))


@entry(np.ptp, samples=axis_samples)
def ptp(x: Any, axis: Axes = None, *, keepdims: bool = False) -> Any:
    """y = max x − min x over the given axes; entries that tie share it equally.

    >>> tl.grad(tl.ptp)(np.array([1.0, 5.0, 2.0]))
    array([-1.,  1.,  0.])
    """
    x = as_array(x)
    return max_of(x, axis, keepdims=keepdims) - min_of(x, axis, keepdims=keepdims)


# ---------------------------------------------------------------------------------------------------------------------
# Covariances


def rows_of(x: Any, rowvar: bool, dtype: Any, is_first: bool) -> Any:
    """Variables in rows and observations in columns."""
    if x.ndim > 2:
        raise ValueError("cov: takes arrays of one axis or two")
    rows = as_dtype(x if x.ndim == 2 else reshape(x, (1, -1)), dtype)
    if not rowvar and (x.ndim != 1 if is_first else rows.shape[0] != 1):
        return transpose(rows)
    return rows


def variables(x: Any, y: Any, rowvar: bool, dtype: Any) -> Any:
    """All variables in rows, in the dtype asked for, at least float64 if none is."""
    x, y = as_array(x), None if y is None else as_array(y)
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        raise TypeError(f"cov: the dtype of covariances must be inexact, not {np.dtype(dtype)}")
    if dtype is None:
        dtype = np.result_type(x.dtype, np.float64, *([] if y is None else [y.dtype]))
    rows = rows_of(x, rowvar, dtype, is_first=True)
    if y is None or rows.shape[0] == 0:
        return rows
    return concatenate([rows, rows_of(y, rowvar, dtype, is_first=False)])


def of_observations(weights: Any, n: int, name: str) -> Any:
    """Weights of the n observations, checked as NumPy does."""
    weights = as_dtype(as_array(weights), np.dtype(float))
    values = values_of(weights)
    if name == "fweights" and not np.all(values == np.around(values)):
        raise TypeError("cov: fweights must be integers")
    if values.ndim > 1 or values.shape[0] != n:
        raise RuntimeError(f"cov: {name} must be a vector with one entry for each of the {n} observations")
    if np.any(values < 0):
        raise ValueError(f"cov: {name} cannot be negative")
    return weights


def degrees(total: Any, w: Any, aweights: Any, n: int, ddof: int) -> Any:
    """What the sum of products of deviations is divided by."""
    if w is None:
        factor = n - ddof
    elif ddof == 0:
        factor = total
    elif aweights is None:
        factor = total - ddof
    else:
        factor = total - ddof * sum_of(w * aweights) / total
    if values_of(factor) <= 0:
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=4)
        return 0.0
    return factor


WEIGHTS = np.array([1.0, 0.5, 2.0, 1.5])
COUNTS = np.array([1, 2, 1, 3])


@entry(
    np.cov,
    samples=lambda r: [
        Sample((r(3, 4),)),
        Sample((r(4),)),
        Sample((r(4), r(4))),
        Sample((r(2, 4), r(4)), {"bias": True}),
        Sample((r(4, 2), r(4, 1), False)),
        Sample((r(2, 4),), {"ddof": 0, "fweights": COUNTS}),
        Sample((r(2, 4),), {"aweights": WEIGHTS}),
        Sample((r(2, 4),), {"aweights": WEIGHTS, "fweights": COUNTS, "ddof": 2}),
        Sample((r(2, 4),), {"fweights": COUNTS}),
    ],
)
def cov(
    x: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """The covariances of variables, which are rows: (X − X̄) (X − X̄)ᵀ / (n − 1) for n observations in columns.

    The gradient flows to both arrays and to ``aweights``.

    Parameters
    ----------
    y : more variables
    rowvar : whether variables are rows; if not, columns
    bias : divide by n
    ddof : divide by n − ddof, whatever ``bias`` says
    fweights : how often each observation was made, integers
    aweights : how much each observation counts
    dtype : of the result, at least float64 if not given

    Raises ValueError, TypeError or RuntimeError, as NumPy does, for weights that cannot be and more than two axes.

    >>> tl.cov(tl.tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]))
    Tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if ddof is not None and ddof != int(ddof):
        raise ValueError("cov: ddof must be an integer")
    rows = variables(x, y, rowvar, dtype)
    if rows.shape[0] == 0:
        return np.array([]).reshape(0, 0)
    n = rows.shape[1]
    given = [(w, name) for w, name in ((fweights, "fweights"), (aweights, "aweights")) if w is not None]
    checked = [of_observations(w, n, name) for w, name in given]
    w = None if not checked else checked[0] if len(checked) == 1 else checked[0] * checked[1]
    if ddof is None:
        ddof = 0 if bias else 1
    centre, total = average(rows, 1, w, returned=True)
    factor = degrees(total[0], w, None if aweights is None else checked[-1], n, ddof)
    rows = rows - reshape(centre, (-1, 1))
    others = transpose(rows if w is None else rows * w)
    c = rows @ conjugate(others)
    return squeeze(c * as_dtype(np.true_divide(array(1), factor), c.dtype))


@entry(
    np.corrcoef,
    composed=True,
    samples=lambda r: [
        Sample((r(3, 4),)),
        Sample((r(4), r(4))),
        Sample((r(4, 2), r(4, 1), False)),
        Sample((r(2, 4),), {"dtype": np.float64}),
    ],
)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """yᵢⱼ = cᵢⱼ / √(cᵢᵢ cⱼⱼ) of the covariances c of variables: from −1 to 1, and 1 of each with itself.

    Parameters as for :func:`cov`. NaN for a variable that is constant, as NumPy's.

    >>> np.round(tl.corrcoef(tl.tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])))
    Tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        c = cov(x, y, rowvar, dtype=dtype)
    if are_squares_lost(values_of(c)):
        c = cov(to_size_one(variables(x, y, rowvar, dtype)), dtype=dtype)
    if not c.ndim:
        return c / c
    deviation = sqrt(np.real(diagonal(c)) if c.dtype.kind == "c" else diagonal(c))
    c = c / reshape(deviation, (-1, 1)) / deviation
    if c.dtype.kind == "c":
        return within(np.real(c)) + 1j * within(np.imag(c))
    return within(c)


DIGITS = 2.0**64
"""What a number may be above the smallest and its parts have lost digits."""


def are_squares_lost(c: Any) -> bool:
    """Whether the variances among covariances are beyond the range in which they have all their digits."""
    low, high = LIMITS[c.real.dtype]
    variances = (c.diagonal() if c.ndim else c).real
    return bool(some(~((variances > low * DIGITS) & (variances <= high))))


def to_size_one(rows: Any) -> Any:
    """Variables over powers of two, which rounds nothing, so that the largest entry of each is about 1."""
    limits = np.finfo(rows.dtype)
    _, exponents = np.frexp(np.max(np.abs(values_of(rows)), axis=1, keepdims=True))
    return rows * np.ldexp(limits.dtype.type(1), np.clip(-exponents, 1 - limits.maxexp, limits.maxexp - 1))


def within(c: Any) -> Any:
    """``c`` without what rounding brings beyond −1 and 1, where its derivatives are those within."""
    numbers = values_of(c)
    return c - (numbers - np.clip(numbers, -1, 1))
