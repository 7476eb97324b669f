"""Sums, products, extremes and statistics of the entries that are numbers: NumPy's functions that leave NaNs out.

An entry that is NaN has the gradient 0.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from . import multiplication, reductions
from .arrays import HALF, some, values_of
from .deviations import constant_if_alone, norm_p, real_parts, std, taken_off, var
from .ducks import DuckArray
from .elementwise import where as choose
from .lists import as_array
from .reductions import axes_of, axis_samples, chosen_entries
from .registry import Sample, Samples, entry
from .shapes import Axes


def is_nan(x: Any) -> Any:
    """Which entries of an array are NaN; None where none can be."""
    return np.isnan(values_of(x)) if x.dtype.kind in "fc" else None


def filled(x: Any, nans: Any, value: float) -> Any:
    """``x`` with a number in place of NaNs."""
    return x if nans is None else choose(nans, np.array(value, x.dtype)[()], x)


def holed(r: Any, *shape: int) -> Any:
    """A sample's array with a NaN in it."""
    x = r(*shape)
    x.flat[1] = np.nan
    return x


MASK = np.array([True, False, True])


def nan_samples(*more: Any) -> Samples:
    """With NaNs and without, and, for keywords of one function's own, more."""
    return lambda r: [
        *axis_samples(r),
        Sample((holed(r, 2, 3),)),
        Sample((holed(r, 2, 3),), {"axis": 1, "keepdims": True}),
        *[sample(r) for sample in more],
    ]


SUM_SAMPLES = nan_samples(lambda r: Sample((holed(r, 2, 3),), {"where": MASK, "axis": 1, "initial": 1.5}))


@entry(np.nansum, samples=SUM_SAMPLES)
def nansum(
    x: Any, axis: Axes = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """Σ x of the entries that are no NaN; ∂y/∂xᵢ = 1, or 0 at NaNs. Parameters as for :func:`sum`.

    >>> tl.grad(tl.nansum)(np.array([1.0, np.nan, 3.0]))
    array([1., 0., 1.])
    """
    x = as_array(x)
    return reductions.sum(filled(x, is_nan(x), 0), axis, dtype=dtype, keepdims=keepdims, initial=initial, where=where)


@entry(np.nanprod, samples=SUM_SAMPLES)
def nanprod(
    x: Any, axis: Axes = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """Π x of the entries that are no NaN; ∂y/∂xᵢ is the product of the others, 0 at NaNs.

    Parameters as for :func:`sum`.

    >>> tl.grad(tl.nanprod)(np.array([2.0, np.nan, 3.0]))
    array([3., 0., 2.])
    """
    x = as_array(x)
    return multiplication.prod(
        filled(x, is_nan(x), 1), axis, dtype=dtype, keepdims=keepdims, initial=initial, where=where
    )


CUMULATIVE_SAMPLES: Samples = lambda r: [
    Sample((holed(r, 2, 3),)),
    Sample((holed(r, 2, 3),), {"axis": 1}),
    Sample((r(3),), {"axis": -1}),
    Sample((r(0),)),
]


@entry(np.nancumsum, samples=CUMULATIVE_SAMPLES)
def nancumsum(x: Any, axis: int | None = None, *, dtype: Any = None) -> Any:
    """Running sums in which NaNs count as 0: yₖ = Σᵢ₌₀..ₖ xᵢ. Parameters as for :func:`cumsum`.

    >>> tl.nancumsum(tl.tensor([1.0, np.nan, 3.0]))
    Tensor([1., 1., 4.])
    """
    x = as_array(x)
    return reductions.cumsum(filled(x, is_nan(x), 0), axis, dtype=dtype)


@entry(np.nancumprod, samples=CUMULATIVE_SAMPLES)
def nancumprod(x: Any, axis: int | None = None, *, dtype: Any = None) -> Any:
    """Running products in which NaNs count as 1: yₖ = Πᵢ₌₀..ₖ xᵢ. Parameters as for :func:`cumprod`.

    >>> tl.nancumprod(tl.tensor([2.0, np.nan, 3.0]))
    Tensor([2., 2., 6.])
    """
    x = as_array(x)
    return multiplication.cumprod(filled(x, is_nan(x), 1), axis, dtype=dtype)


def warn_unless_elsewhere(found: Any, message: str) -> None:
    """A warning of NumPy's about entries that were found; of numbers that are not looked at there is none."""
    if type(found) is not DuckArray:
        warnings.warn(message, RuntimeWarning, stacklevel=4)


# ---------------------------------------------------------------------------------------------------------------------
# Extremes


def nan_extreme(reduction: Any, least: float, x: Any, axis: Axes, keepdims: bool, initial: Any, where: Any) -> Any:
    """A maximum or minimum of what is no NaN, with a warning, as of NumPy's, where nothing is."""
    x = as_array(x)
    nans = is_nan(x)
    y = reduction(filled(x, nans, least), axis, keepdims=keepdims, initial=initial, where=where)
    if nans is None or initial is not None:
        return y
    nowhere = np.all(nans, axis=axes_of(x, axis), keepdims=keepdims)
    if not some(nowhere):
        return y
    warn_unless_elsewhere(nowhere, "All-NaN slice encountered")
    return choose(nowhere, np.array(np.nan, x.dtype)[()], y)


EXTREME_SAMPLES = nan_samples(
    lambda r: Sample((holed(r, 2, 3),), {"where": MASK, "initial": 0.25, "axis": 1}),
    lambda r: Sample((holed(r, 2, 3),), {"initial": 0.25, "axis": 1}),
)


@entry(np.nanmax, samples=EXTREME_SAMPLES)
def nanmax(x: Any, axis: Axes = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any:
    """The largest entry that is no NaN. The gradient goes to it; entries that tie share it equally.

    Parameters as for :func:`max`. NaN, with a warning, where all are; raises ValueError where there is no entry.

    >>> tl.grad(tl.nanmax)(np.array([1.0, np.nan, 3.0]))
    array([0., 0., 1.])
    """
    return nan_extreme(reductions.max, -np.inf, x, axis, keepdims, initial, where)


@entry(np.nanmin, samples=EXTREME_SAMPLES)
def nanmin(x: Any, axis: Axes = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any:
    """The smallest entry that is no NaN. The gradient goes to it; entries that tie share it equally.

    Parameters as for :func:`max`. NaN, with a warning, where all are; raises ValueError where there is no entry.

    >>> tl.grad(tl.nanmin)(np.array([1.0, np.nan, 3.0]))
    array([1., 0., 0.])
    """
    return nan_extreme(reductions.min, np.inf, x, axis, keepdims, initial, where)


# ---------------------------------------------------------------------------------------------------------------------
# Statistics


def in_floats(dtype: Any) -> Any:
    """The dtype asked for; floats are in arrays that may hold NaN, and integers would not hold their mean."""
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        raise TypeError(
            f"nanmean, nanvar, nanstd: the dtype of floats' statistics must be inexact, not {np.dtype(dtype)}"
        )
    return dtype


def per_count(total: Any, n: Any) -> Any:
    """A sum over how many were added, in the sum's own precision; NaN for none, without a warning of dividing by 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        y = total / n
    return y if y.dtype == total.dtype else y.astype(total.dtype)


@entry(np.nanmean, samples=nan_samples(lambda r: Sample((holed(r, 2, 3),), {"where": MASK, "axis": 1})))
def nanmean(x: Any, axis: Axes = None, *, dtype: Any = None, keepdims: bool = False, where: Any = True) -> Any:
    """Σ x / n of the n entries that are no NaN; ∂y/∂xᵢ = 1/n, or 0 at NaNs. Parameters as for :func:`mean`.

    NaN, with a warning, where n is 0.

    >>> tl.grad(tl.nanmean)(np.array([1.0, np.nan, 3.0]))
    array([0.5, 0. , 0.5])
    """
    x = as_array(x)
    nans = is_nan(x)
    if nans is None:
        return reductions.mean(x, axis, dtype=dtype, keepdims=keepdims, where=where)
    numbers = filled(x, nans, 0)
    with np.errstate(over="ignore"):
        total = reductions.sum(numbers, axis, dtype=in_floats(dtype), keepdims=keepdims, where=where)
    n: Any = np.sum(chosen_entries(~nans, where, False), axis=axes_of(x, axis), dtype=np.intp, keepdims=keepdims)
    if type(n) is DuckArray:
        y = reductions.mean(numbers, axis, dtype=dtype, keepdims=keepdims, where=chosen_entries(~nans, where, False))
        return y if y.shape else y[()]
    if np.any(n == 0):
        warnings.warn("Mean of empty slice", RuntimeWarning, stacklevel=2)
    elif np.any(np.isinf(values_of(total))):
        return reductions.mean(numbers, axis, dtype=dtype, keepdims=keepdims, where=~nans & where)
    return per_count(total, n)


def numbers_deviations(
    x: Any, nans: Any, axis: tuple[int, ...], dtype: Any, where: Any, mean: Any, ddof: Any
) -> tuple[Any, Any]:
    """The deviations from the mean, 0 where an entry is left out, and how many count, with all axes."""
    n = np.sum(chosen_entries(~nans, where, False), axis=axis, dtype=np.intp, keepdims=True)
    is_own = mean is None
    if is_own:
        mean = per_count(reductions.sum(filled(x, nans, 0), axis, dtype=dtype, keepdims=True, where=where), n)
    left_out = nans if where is True else ~chosen_entries(~nans, where, False)
    deviations = choose(left_out, np.zeros((), x.dtype)[()], x) - mean
    degrees = n - ddof
    if some(degrees <= 0):
        warn_unless_elsewhere(degrees, "Degrees of freedom <= 0 for slice.")
    deviations = choose(left_out, np.zeros((), deviations.dtype)[()], deviations).astype(x.dtype)
    return constant_if_alone(deviations, n) if is_own else deviations, degrees


def spread_of(
    x: Any, axis: Axes, dtype: Any, ddof: Any, keepdims: bool, where: Any, mean: Any, correction: Any, root: bool
) -> Any:
    """The variance of what is no NaN, or its root."""
    x = as_array(x)
    nans = is_nan(x)
    if nans is None:
        whole = std if root else var
        return whole(x, axis, dtype=dtype, ddof=ddof, keepdims=keepdims, where=where, mean=mean, correction=correction)
    if x.dtype is HALF:
        wider = None if dtype is None or np.dtype(dtype) == HALF else dtype
        y = spread_of(x.astype(np.float32), axis, wider, ddof, keepdims, where, mean, correction, root)
        return y.astype(HALF) if wider is None else y
    ddof = taken_off(ddof, correction)
    axes = axes_of(x, axis)
    deviations, degrees = numbers_deviations(x, nans, axes, in_floats(dtype), where, mean, ddof)
    deviations = real_parts(deviations, axes)
    degrees = degrees if keepdims else degrees.reshape([n for k, n in enumerate(degrees.shape) if k not in axes])[()]
    if root:
        deviations = deviations if dtype is None else deviations.astype(dtype)
        y = per_count(norm_p(deviations, axis=axes, keepdims=bool(keepdims)), np.sqrt(np.maximum(degrees, 0)))
    else:
        y = per_count(reductions.sum(np.square(deviations), axes, dtype=dtype, keepdims=keepdims), degrees)
    return choose(degrees <= 0, np.array(np.nan, y.dtype)[()], y) if some(degrees <= 0) else y


SPREAD_SAMPLES = nan_samples(
    lambda r: Sample((holed(r, 2, 3),), {"where": np.array([True, True, False]), "axis": (0, 1), "ddof": 1}),
    lambda r: Sample((holed(r, 4, 3),), {"correction": 1, "axis": 0}),
    lambda r: Sample((holed(r, 4, 3),), {"mean": np.array([[0.5, 0.25, -1.0]]), "axis": 0}),
)


@entry(np.nanvar, samples=SPREAD_SAMPLES)
def nanvar(
    x: Any,
    axis: Axes = None,
    *,
    dtype: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    """Σ (x − x̄)² / (n − ddof) of the n entries that are no NaN, x̄ their mean. Parameters as for :func:`var`.

    NaN, with a warning, where n − ddof is not positive.

    >>> tl.nanvar(tl.tensor([1.0, np.nan, 3.0]))
    Tensor(1.)
    """
    return spread_of(x, axis, dtype, ddof, keepdims, where, mean, correction, root=False)


@entry(np.nanstd, samples=SPREAD_SAMPLES)
def nanstd(
    x: Any,
    axis: Axes = None,
    *,
    dtype: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    """y = √(Σ (x − x̄)² / (n − ddof)) of the n entries that are no NaN; ∂y/∂xᵢ taken as 0 at y = 0.

    Parameters as for :func:`var`.

    >>> tl.nanstd(tl.tensor([1.0, np.nan, 3.0]))
    Tensor(1.)
    """
    return spread_of(x, axis, dtype, ddof, keepdims, where, mean, correction, root=True)
