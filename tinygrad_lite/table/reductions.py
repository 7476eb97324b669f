"""Sums, products, extremes and statistics over axes.

The primitives are narrow: axes come as a sorted tuple, ``keepdims`` says what shape the output has, and nothing else.
The public functions bring their arguments to that form, and compose what has no rule of its own.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .arrays import (
    HALF,
    add_over,
    array,
    as_dtype_of,
    as_numbers,
    floating,
    max_over,
    min_over,
    real_dtype,
    some,
    sum_over,
    values,
)
from .ducks import DuckArray, duck
from .elementwise import keep
from .elsewhere import placed_beside
from .leading import axes_further, counting_axes, instead
from .primitive import Primitive
from .registry import Sample, Samples, entry, primitive
from .shapes import EVERY, Axes, is_number_axis, line_and_axis, reverse, spread


def axes_of(x: Any, axis: Axes) -> tuple[int, ...]:
    """``axis`` as a tuple of axes from 0; all of them for None. Of a number, which has none, 0 and −1 are taken too."""
    ndim = x.ndim
    if axis is None or (not ndim and is_number_axis(axis)):
        return EVERY[ndim]
    if type(axis) is int and -ndim <= axis < ndim:
        return (axis % ndim,)
    if isinstance(axis, (float, np.floating)):
        raise TypeError(f"axis is a whole number, or several, not {axis}")
    return tuple(sorted(normalize_axis_tuple(axis, x.ndim)))


def entry_axes(x: Any, axis: Axes, where: Any = True) -> tuple[int, ...]:
    """:func:`axes_of` for what counts the entries along axes: of a number NumPy takes none, unless it counts a mask."""
    if not x.ndim and axis is not None and where is True:
        normalize_axis_tuple(axis, 0)  # which raises AxisError
    return axes_of(x, axis)


def chosen_entries(x: Any, where: Any, instead: Any) -> Any:
    """``x`` with another value where ``where`` is false; raises ValueError for a mask that does not fit."""
    return x if where is True else np.where(np.broadcast_to(as_numbers(where), x.shape), x, instead)


def with_axes(y: Any, axis: tuple[int, ...], ndim: int) -> Any:
    """A reduction's output, or its cotangent, with the reduced axes back, of ``ndim``, as axes of length 1."""
    lengths = iter(y.shape)
    return y if y.ndim == ndim else y.reshape(tuple([1 if k in axis else next(lengths) for k in range(ndim)]))


def count(shape: tuple[int, ...], axis: tuple[int, ...]) -> int:
    """How many entries are reduced to one."""
    return math.prod([shape[k] for k in axis])


def to_entries(g: Any, axis: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    """A reduction's cotangent at each of the entries that were summed to one."""
    return spread(with_axes(g, axis, len(shape)), shape)


def axis_samples(r: Any) -> Any:
    """All axes, one, several, negative, kept; empty along an axis that stays; 0-d."""
    yield Sample((r(2, 3),))
    yield Sample((r(2, 3),), {"axis": 0})
    yield Sample((r(2, 3, 2),), {"axis": (0, -1)})
    yield Sample((r(2, 3),), {"axis": -1, "keepdims": True})
    yield Sample((r(2, 3),), {"keepdims": True})
    yield Sample((r(),))
    yield Sample((r(0, 3),), {"axis": 1})


def with_samples(*more: Any) -> Samples:
    """The common samples and, for keywords of one function's own, more."""
    return lambda r: [*axis_samples(r), *[sample(r) for sample in more]]


WHERE = np.array([True, False, True])


def in_asked(y: Any, dtype: Any) -> Any:
    """A sum or product in the dtype asked for: small integers and truth values stay so, as NumPy's do."""
    return y if dtype is None or y.dtype == dtype else y.astype(dtype)


def as_initial(initial: Any, y: Any) -> Any:
    """``initial=`` in the dtype of ``y``.

    One number, put there as NumPy puts it: raises where there is no such number, as there is no infinite integer.
    """
    value = values(initial)
    if value.ndim:
        raise ValueError(f"initial= is one number, and not of shape {value.shape}")
    np.empty((), y.dtype)[()] = value.item()
    return as_dtype_of(initial, y)


# ---------------------------------------------------------------------------------------------------------------------
# Sums and products


def _sum(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    return add_over(x, axis, None, None, keepdims) if x.dtype is not HALF else sum_over(x, axis, keepdims=keepdims)


sum_p = primitive(_sum, linear=True, leading=counting_axes, x=lambda g, x_shape, axis: to_entries(g, axis, x_shape))


@entry(
    np.sum,
    method=True,
    samples=with_samples(
        lambda r: Sample((r(2, 3),), {"where": WHERE, "axis": 1}),
        lambda r: Sample((r(2, 3),), {"initial": 1.5}),
        lambda r: Sample((r(0, 3),)),
    ),
)
def sum(
    x: Any, axis: Axes = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """Σ x over the given axes; ∂y/∂xᵢ = 1, or 0 where ``where`` is false.

    Parameters
    ----------
    axis : int, tuple of ints, or None for all
    dtype : to sum in, as ``x.astype(dtype)``
    keepdims : keep the reduced axes, with length 1
    initial : added to the sum
    where : boolean mask that broadcasts with x

    >>> x = tl.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> tl.sum(x, axis=0)
    Tensor([4., 6.], made_by='sum')
    """
    x = array(x) if dtype is None else array(x).astype(dtype)
    y = sum_p.on((chosen_entries(x, where, 0),), {"axis": axes_of(x, axis), "keepdims": bool(keepdims)})
    y = in_asked(y, dtype)
    return y if initial is None else y + as_initial(initial, y)


def _cumsum(x: Any, *, axis: int) -> Any:
    return np.cumsum(x, axis) if x.dtype is not HALF else np.cumsum(x, axis, np.float32).astype(HALF)


cumsum_p: Primitive = primitive(
    _cumsum, linear=True, leading=counting_axes, x=lambda g, axis: cumsum_p(g[reverse(axis)], axis=axis)[reverse(axis)]
)


@entry(
    np.cumsum,
    method=True,
    samples=lambda r: [Sample((r(2, 3),)), Sample((r(2, 3),), {"axis": 1}), Sample((r(0),)), Sample((r(),))],
)
def cumsum(x: Any, axis: int | None = None, *, dtype: Any = None) -> Any:
    """Running sums along an axis, or of ``ravel(x)``: yₖ = Σᵢ₌₀..ₖ xᵢ. The gradient is the running sum from the end.

    >>> tl.cumsum(tl.tensor([1.0, 2.0, 3.0]))
    Tensor([1., 3., 6.])
    """
    x, axis = line_and_axis(x, axis)
    if dtype is not None:
        x = x.astype(dtype)
    return in_asked(cumsum_p.on((x,), {"axis": axis}), dtype)


# ---------------------------------------------------------------------------------------------------------------------
# Extremes


def to_extreme(g: Any, x: Any, y: Any, axis: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    """The cotangent, in this shape, to the entry that is the extreme; in equal parts to those that tie, or are NaN."""
    chosen, dtype = duck(x == with_axes(y, axis, x.ndim)), np.result_type(g.dtype, np.float32)
    winners = sum_over(chosen, axis, dtype, None, True)
    if issubclass(type(chosen), (np.ndarray, np.bool, DuckArray)) and some(winners == 0):
        chosen = chosen | ((winners == 0) & np.isnan(duck(x)))
        winners = sum_over(chosen, axis, dtype, None, True)
    return keep(spread(with_axes(g, axis, x.ndim) / np.maximum(winners, 1), shape), chosen)


def each_to_extreme(g: Any, x: Any, y: Any, axis: tuple[int, ...]) -> Any:
    """:func:`to_extreme` of cotangents along a leading axis."""
    return to_extreme(g, x[None], y[None], axes_further(axis), (len(g), *x.shape))


def extreme(reduction: Any, x: Any, axis: Axes, keepdims: bool, initial: Any, where: Any) -> Any:
    """A maximum or minimum; ``initial`` is one more entry, and what stands where ``where`` is false."""
    x = array(x)
    axes = axes_of(x, axis)
    if where is True and initial is None and x.size:  # nearly always
        return reduction.on((x,), {"axis": axes, "keepdims": bool(keepdims)})
    if where is not True:
        if initial is None:
            raise ValueError(f"{reduction.name}: where= needs initial=, the value of an empty selection")
        x = chosen_entries(x, where, as_initial(initial, x))
    initial = None if initial is None else as_initial(initial, x)
    if initial is not None and not count(x.shape, axes):
        empty = placed_beside(np.zeros([1 if k in axes else n for k, n in enumerate(x.shape)], x.dtype), x) + initial
        return empty if keepdims else empty.squeeze(axes)
    if not count(x.shape, axes):
        raise ValueError(f"{reduction.name}: shape {x.shape} has no entries along axis {axis}; give initial=")
    y = reduction(x, axis=axes, keepdims=bool(keepdims))
    larger = np.maximum if reduction is max_p else np.minimum
    return y if initial is None else larger(y, initial)


EXTREME_SAMPLES = with_samples(
    lambda r: Sample((r(2, 3),), {"where": WHERE, "initial": 0.25, "axis": 1}),
    lambda r: Sample((r(2, 3),), {"initial": 0.25, "axis": 1}),
)


def _max(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    return max_over(x, axis, None, None, keepdims)


max_p = primitive(_max, leading=instead(each_to_extreme), x=lambda g, x, y, axis: to_extreme(g, x, y, axis, x.shape))


@entry(np.max, method=True, samples=EXTREME_SAMPLES)
def max(x: Any, axis: Axes = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any:
    """The largest entry along the axes. The gradient goes to it; entries that tie share it equally.

    Parameters as for :func:`sum`; ``initial`` is one more entry. Raises ValueError where there is no entry.

    >>> tl.grad(tl.max)(np.array([1.0, 3.0, 3.0]))
    array([0. , 0.5, 0.5])
    """
    return extreme(max_p, x, axis, keepdims, initial, where)


def _min(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    return min_over(x, axis, None, None, keepdims)


min_p = primitive(_min, leading=instead(each_to_extreme), x=lambda g, x, y, axis: to_extreme(g, x, y, axis, x.shape))


@entry(np.min, method=True, samples=EXTREME_SAMPLES)
def min(x: Any, axis: Axes = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any:
    """The smallest entry along the axes. The gradient goes to it; entries that tie share it equally.

    Parameters as for :func:`max`.

    >>> tl.grad(tl.min)(np.array([1.0, 3.0, 3.0]))
    array([1., 0., 0.])
    """
    return extreme(min_p, x, axis, keepdims, initial, where)


amax = entry(np.amax, name="amax", method=True, samples=EXTREME_SAMPLES)(max)
amin = entry(np.amin, name="amin", method=True, samples=EXTREME_SAMPLES)(min)


# ---------------------------------------------------------------------------------------------------------------------
# Statistics


def entry_counts(x: Any, axes: tuple[int, ...], where: Any, keepdims: bool) -> Any:
    """How many entries each mean is over: a number, or an array where a mask says which."""
    if where is True:
        return count(x.shape, axes)
    dtype = real_dtype(x.dtype) if x.dtype.kind in "fc" else np.float64  # truth values and bytes do not count far
    return sum_over(np.broadcast_to(as_numbers(where), x.shape), axes, dtype, None, keepdims)


@np.errstate(over="ignore", invalid="ignore")
def averaged(x: Any, n: int, axis: tuple[int, ...], keepdims: bool) -> Any:
    """Σ x / n, also where the sum is too large for a number: there of x over a power of two, which rounds nothing."""
    y = sum_over(x, axis, None, None, keepdims) / n
    is_elsewhere = type(y) is DuckArray
    if x.dtype.kind != "f" or (not is_elsewhere and (np.isfinite(y).all() if y.ndim else math.isfinite(y))):
        return y
    exponent = n.bit_length()
    of_large = np.ldexp(sum_over(np.ldexp(x, -exponent), axis, None, None, keepdims) / n, exponent)
    return np.where(np.isfinite(y), y, of_large) if is_elsewhere else of_large


def _mean(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    n = count(x.shape, axis)
    return averaged(x, n, axis, keepdims) if n else sum_over(x, axis, None, None, keepdims) / n


mean_p = primitive(
    _mean,
    linear=True,
    definition=lambda x, *, axis, keepdims: np.sum(x, axis=axis, keepdims=keepdims) / count(x.shape, axis),
    leading=counting_axes,
    x=lambda g, x_shape, axis: to_entries(g / count(x_shape, axis), axis, x_shape),
)


@entry(np.mean, method=True, samples=with_samples(lambda r: Sample((r(2, 3),), {"where": WHERE, "axis": 1})))
def mean(x: Any, axis: Axes = None, *, dtype: Any = None, keepdims: bool = False, where: Any = True) -> Any:
    """Σ x / n over the given axes; ∂y/∂xᵢ = 1/n. Parameters as for :func:`sum`.

    >>> tl.grad(tl.mean)(np.array([1.0, 2.0, 3.0, 4.0]))
    array([0.25, 0.25, 0.25, 0.25])
    """
    x = floating(array(x)) if dtype is None else array(x).astype(dtype)
    if x.dtype == HALF:  # whose largest number is 65504: sums and counts are taken in single precision
        return mean(x.astype(np.float32), axis, keepdims=keepdims, where=where).astype(np.float16)
    axes = entry_axes(x, axis, where)
    if where is True:
        y = mean_p.on((x,), {"axis": axes, "keepdims": bool(keepdims)})
    else:
        n, rest = entry_counts(x, axes, where, keepdims), chosen_entries(x, where, 0)
        with np.errstate(over="ignore"):
            y = sum(rest, axes, keepdims=keepdims) / n
        beyond = ~np.isfinite(values(y))
        if some(beyond) and (type(beyond) is DuckArray or np.all(n > 0)):  # of all entries the sum is not taken
            large = mean_p(rest, axis=axes, keepdims=bool(keepdims)) * (count(x.shape, axes) / n)
            y = np.where(beyond, large, y) if type(beyond) is DuckArray else large
    return as_dtype_of(y, x)  # integers, if they were asked for
