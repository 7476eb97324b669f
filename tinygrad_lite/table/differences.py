"""Differences between neighbours and sums over them: discrete derivatives and integrals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from . import multiplication, reductions
from .arrays import array, functions, values_of
from .columns import atleast_1d
from .ducks import DuckArray
from .elementwise import where
from .elsewhere import placed_beside
from .joining import concatenate
from .lists import as_array
from .reductions import sum as sum_of
from .registry import DISPATCH, Sample, entry
from .shapes import Axes, broadcast_to, ravel, reshape


def cut(axis: int, start: int | None, stop: int | None) -> tuple[slice, ...]:
    """The index of a part along an axis."""
    return (slice(None),) * axis + (slice(start, stop),)


def at_end(end: Any, x: Any, axis: int) -> Any:
    """What is joined to an end of an array: a number as a part of length 1."""
    end = as_array(end)
    if end.ndim:
        return end
    return placed_beside(broadcast_to(end, tuple([1 if k == axis else n for k, n in enumerate(x.shape)])), x)


@entry(
    np.diff,
    samples=lambda r: [
        Sample((r(4),)),
        Sample((r(3, 4), 2)),
        Sample((r(3, 4), 1, 0)),
        Sample((r(3), 0)),
        Sample((r(2, 3), 1, -1, r(2, 2), r())),
        Sample((r(2, 3),), {"axis": 0, "prepend": np.float32(0.5), "append": np.ones((1, 3), np.float32)}),
        Sample((r(2), 3)),
    ],
)
def diff(x: Any, n: int = 1, axis: int = -1, prepend: Any = np._NoValue, append: Any = np._NoValue) -> Any:
    """xₖ₊₁ − xₖ along an axis, n times; the gradient is the difference of gradients the other way round.

    Parameters
    ----------
    prepend, append : what is joined to the ends first, an array or a number

    Raises ValueError for a negative n and for an array without axes.

    >>> tl.diff(tl.tensor([1.0, 2.0, 4.0]))
    Tensor([1., 2.])
    """
    if n == 0:
        return x
    if n < 0:
        raise ValueError(f"diff: n must not be negative, got {n}")
    x = as_array(x)
    if not x.ndim:
        raise ValueError("diff: needs an array with at least one axis")
    axis = normalize_axis_index(axis, x.ndim)
    parts = [at_end(prepend, x, axis)] if prepend is not np._NoValue else []
    parts += [x]
    parts += [at_end(append, x, axis)] if append is not np._NoValue else []
    if len(parts) > 1:
        x = concatenate(parts, axis)
    for _ in range(n):
        after, before = x[cut(axis, 1, None)], x[cut(axis, None, -1)]
        x = after != before if x.dtype == bool else after - before
    return x


def end_part(end: Any, x: Any, name: str) -> Any:
    """An end of :func:`ediff1d`'s result."""
    end = as_array(end)
    if not np.can_cast(end.dtype, x.dtype, casting="same_kind"):
        raise TypeError(f"ediff1d: {name} of {end.dtype} does not go with an array of {x.dtype}")
    end = ravel(end) if end.ndim else placed_beside(ravel(end), x)
    return end if end.dtype == x.dtype else end.astype(x.dtype)


@entry(
    np.ediff1d,
    samples=lambda r: [
        Sample((r(4),)),
        Sample((r(2, 3),)),
        Sample((r(3), r(2), r())),
        Sample((r(3),), {"to_begin": np.float32(0.5)}),
        Sample((r(1), r(1))),
    ],
)
def ediff1d(x: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """xₖ₊₁ − xₖ of all entries in one line.

    Parameters
    ----------
    to_end, to_begin : arrays or numbers that are joined to the differences

    Raises TypeError for ends whose dtype does not go with the array's.

    >>> tl.ediff1d(tl.tensor([1.0, 2.0, 4.0]), to_begin=0.0)
    Tensor([0., 1., 2.])
    """
    x = ravel(as_array(x))
    parts = [end_part(to_begin, x, "to_begin")] if to_begin is not None else []
    parts += [x[1:] - x[:-1]]
    parts += [end_part(to_end, x, "to_end")] if to_end is not None else []
    return concatenate(parts) if len(parts) > 1 else parts[0]


# ---------------------------------------------------------------------------------------------------------------------
# Slopes


def is_number(h: Any) -> bool:
    """Whether a spacing is one for all points: a number, which computes in the precision of what it meets, or 0-d."""
    return not (getattr(h, "ndim", 0) or isinstance(h, (list, tuple)))


def spacing(h: Any, n: int) -> Any:
    """The distances of n points along an axis: a number, or an array where they differ."""
    if is_number(h):
        return h
    h = as_array(h)
    if h.ndim > 1:
        raise ValueError("gradient: a spacing is a number or a vector of coordinates")
    if h.shape[0] != n:
        raise ValueError(f"gradient: {h.shape[0]} coordinates for an axis of length {n}")
    steps = diff(h.astype(np.float64) if h.dtype.kind in "iu" else h)
    values = values_of(steps)
    # equal steps count as one number, as NumPy counts; but not on the graph, where each coordinate has a gradient
    return steps[0] if type(steps) is np.ndarray and (values == values[0]).all() else steps


def inner_slopes(f: Any, axis: int, h: Any) -> Any:
    """Slopes at all points but the ends: by the parabola through the neighbours."""
    before, here, after = f[cut(axis, None, -2)], f[cut(axis, 1, -1)], f[cut(axis, 2, None)]
    if is_number(h):
        return (after - before) / (2.0 * h)
    shape = tuple([-1 if k == axis else 1 for k in range(f.ndim)])
    h1, h2 = h[:-1], h[1:]
    values = values_of(h)
    if (
        type(values) is not DuckArray and (values == values[0]).all()
    ):  # the same numbers as for one step; its derivatives are those for any steps
        return equal_steps(before, here, after, reshape(h1, shape), reshape(h2, shape))
    a = reshape(-h2 / (h1 * (h1 + h2)), shape)
    b = reshape((h2 - h1) / (h1 * h2), shape)
    c = reshape(h1 / (h2 * (h1 + h2)), shape)
    return a * before + b * here + c * after


def equal_steps(before: Any, here: Any, after: Any, h1: Any, h2: Any) -> Any:
    """The slope where two steps are equal, written so that it has the right derivatives by each."""
    left, right = (here - before) / h1, (after - here) / h2
    return (after - before) / (h1 + h2) + (h2 - h1) * (left - right) / (h1 + h2)


def end_slopes(f: Any, axis: int, h: Any, edge_order: int) -> tuple[Any, Any]:
    """Slopes at both ends: by the line through two points, or the parabola through three."""
    first = [f[cut(axis, k, k + 1)] for k in range(edge_order + 1)]
    last = [f[cut(axis, -1 - k, -k or None)] for k in range(edge_order + 1)]
    if edge_order == 1:
        h0, h1 = (h, h) if is_number(h) else (h[0], h[-1])
        return (first[1] - first[0]) / h0, (last[0] - last[1]) / h1
    if is_number(h):
        return (
            -1.5 / h * first[0] + 2.0 / h * first[1] + -0.5 / h * first[2],
            0.5 / h * last[2] + -2.0 / h * last[1] + 1.5 / h * last[0],
        )
    h1, h2 = h[0], h[1]
    start = (
        -(2.0 * h1 + h2) / (h1 * (h1 + h2)) * first[0]
        + (h1 + h2) / (h1 * h2) * first[1]
        + -h1 / (h2 * (h1 + h2)) * first[2]
    )
    h1, h2 = h[-2], h[-1]
    end = (
        h2 / (h1 * (h1 + h2)) * last[2]
        + -(h2 + h1) / (h1 * h2) * last[1]
        + (2.0 * h2 + h1) / (h2 * (h1 + h2)) * last[0]
    )
    return start, end


@entry(
    np.gradient,
    samples=lambda r: [
        Sample((r(4),)),
        Sample((r(5), np.array([0.0, 0.5, 0.75, 2.0, 2.5]))),
        Sample((r(5), np.array([0.0, 0.5, 0.75, 2.0, 2.5])), {"edge_order": 2}),
        Sample((r(4), np.array(0.5)), {"edge_order": 2}),
        Sample((r(3, 4),)),
        Sample((r(3, 4), np.array(0.5)), {"edge_order": 2}),
        Sample((r(3, 4), np.array(0.5), np.array([0.0, 0.5, 0.75, 2.0]))),
        Sample((r(3, 4), np.array([0.0, 0.5, 0.75, 2.0])), {"axis": -1}),
        Sample((r(3, 2, 4), np.array(2.0), np.array(0.5)), {"axis": (2, 0)}),
    ],
)
def gradient(f: Any, *varargs: Any, axis: Axes = None, edge_order: int = 1) -> Any:
    """Slopes of sampled values along each axis, a tuple of them for several; the gradient flows to the coordinates too.

    Within, from the parabola through both neighbours; at the ends, from the line through two points or, with
    ``edge_order=2``, the parabola through three.

    Parameters
    ----------
    varargs : the distance of samples, one number for all axes, or for each axis a number or a vector of coordinates
    axis : which axes, by default all
    edge_order : 1 or 2

    Raises ValueError or TypeError, as NumPy does, for spacings that do not fit and axes that are too short.

    >>> tl.gradient(tl.tensor([0.0, 1.0, 4.0, 9.0]))
    Tensor([1., 2., 4., 5.])
    """
    f = as_array(f)
    axes = tuple(range(f.ndim)) if axis is None else normalize_axis_tuple(axis, f.ndim)
    steps: list[Any]
    if not varargs:
        steps = [1.0] * len(axes)
    elif len(varargs) == 1 and is_number(varargs[0]):
        steps = [varargs[0]] * len(axes)
    elif len(varargs) == len(axes):
        steps = [spacing(h, f.shape[k]) for h, k in zip(varargs, axes, strict=True)]
    else:
        raise TypeError(f"gradient: {len(varargs)} spacings for {len(axes)} axes")
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order must be 1 or 2, not {edge_order}")
    dtype = f.dtype if f.dtype.kind in "fc" else np.dtype(np.float64)
    f = f.astype(np.float64) if f.dtype.kind in "iu" else f
    slopes = []
    for place, h in zip(axes, steps, strict=True):
        if f.shape[place] < edge_order + 1:
            raise ValueError(f"gradient: axis {place} of shape {f.shape} needs {edge_order + 1} entries or more")
        start, end = end_slopes(f, place, h, edge_order)
        parts = [start, inner_slopes(f, place, h), end]
        slopes.append(concatenate([part if part.dtype == dtype else part.astype(dtype) for part in parts], place))
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


# ---------------------------------------------------------------------------------------------------------------------
# Sums


@entry(
    np.trapezoid,
    samples=lambda r: [
        Sample((r(4),)),
        Sample((r(4), np.array([0.0, 0.5, 0.75, 2.0]))),
        Sample((r(3, 4), np.array([0.0, 0.5, 0.75]), 1.0, 0)),
        Sample((r(3, 4), r(3, 4))),
        Sample((r(3, 4), None, np.array(0.5))),
        Sample((r(3, 4),), {"dx": 0.5, "axis": 0}),
        Sample((r(1),)),
    ],
)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Σ (xₖ₊₁ − xₖ) (yₖ + yₖ₊₁) / 2 along an axis: the integral of y by straight lines.

    The gradient flows to x and dx too.

    Parameters
    ----------
    x : coordinates, a vector or an array of the shape of y
    dx : their distance where there are none

    >>> tl.trapezoid(tl.tensor([1.0, 2.0, 3.0]), dx=0.5)
    Tensor(2.)
    """
    y = as_array(y)
    place = normalize_axis_index(axis, y.ndim)
    if x is None:
        d = dx
    else:
        x = as_array(x)
        d = diff(x, axis=place if x.ndim == y.ndim else axis) if x.ndim != 1 else diff(x)
        if x.ndim == 1:
            d = reshape(d, tuple([d.shape[0] if k == place else 1 for k in range(y.ndim)]))
    # coordinates with more axes than y give it more, and an axis is then another
    return sum_of(d * (y[cut(place, 1, None)] + y[cut(place, None, -1)]) / 2.0, axis)


DISPATCH.update(dict.fromkeys(functions("trapz"), trapezoid))


def cumulative(x: Any, running: Any, identity: int, axis: int | None, dtype: Any, include_initial: bool) -> Any:
    """Running sums or products along an axis, if asked for with what they begin from."""
    x = atleast_1d(as_array(x))
    if axis is None:
        if x.ndim > 1:
            raise ValueError(f"cumulative_sum, cumulative_prod: an array of shape {x.shape} needs an axis")
        axis = 0
    axis = normalize_axis_index(axis, x.ndim)
    y = running(x, axis, dtype=dtype)
    if not include_initial:
        return y
    first = placed_beside(np.full([1 if k == axis else n for k, n in enumerate(x.shape)], identity, y.dtype), y)
    return concatenate([first, y], axis)


CUMULATIVE: list[Callable[[Any], Sample]] = [
    lambda r: Sample((r(4),)),
    lambda r: Sample((r(2, 3),), {"axis": 1}),
    lambda r: Sample((r(2, 3),), {"axis": -2, "include_initial": True}),
    lambda r: Sample((r(3),), {"include_initial": True}),
    lambda r: Sample((r(),)),
]


@entry(*functions("cumulative_sum"), samples=lambda r: [sample(r) for sample in CUMULATIVE])
def cumulative_sum(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
    """Running sums along an axis, as :func:`cumsum`; an axis must be given where there are several.

    Parameters
    ----------
    include_initial : begin with the 0 before the first entry

    >>> tl.cumulative_sum(tl.tensor([1.0, 2.0, 3.0]), include_initial=True)
    Tensor([0., 1., 3., 6.])
    """
    return cumulative(x, reductions.cumsum, 0, axis, dtype, include_initial)


@entry(*functions("cumulative_prod"), samples=lambda r: [sample(r) for sample in CUMULATIVE])
def cumulative_prod(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
    """Running products along an axis: yₖ = Πᵢ₌₀..ₖ xᵢ; an axis must be given where there are several.

    Parameters
    ----------
    include_initial : begin with the 1 before the first entry

    >>> tl.cumulative_prod(tl.tensor([1.0, 2.0, 3.0]), include_initial=True)
    Tensor([1., 1., 2., 6.])
    """
    return cumulative(x, multiplication.cumprod, 1, axis, dtype, include_initial)


@entry(
    np.unwrap,
    samples=lambda r: [
        Sample((np.array([0.0, 1.0, 5.0, 6.5, 0.5]),)),
        Sample((np.array([[0.0, 0.4, 1.3], [2.9, 0.1, 0.3]]),), {"period": 1.0}),
        Sample((np.array([[0.0, 0.4, 1.3], [2.9, 0.1, 0.3]]),), {"period": 1.0, "axis": 0, "discont": 0.6}),
    ],
)
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    """``p`` with whole periods added so that neighbours differ by half of one at most; ∂y/∂p = 1.

    Parameters
    ----------
    discont : the least jump that is taken for one, by default half the period
    period : of the values; the gradient flows to it too

    >>> tl.unwrap(tl.tensor([0.0, 0.75, 0.25]), period=0.5)
    Tensor([0.  , 0.25, 0.25])
    """
    p = as_array(p)
    d = diff(p, axis=axis)
    axis = normalize_axis_index(axis, p.ndim)
    discont = period / 2 if discont is None else discont
    dtype = np.result_type(d.dtype, period if isinstance(period, (int, float)) else period.dtype)
    high, is_half = (period // 2, period % 2 == 0) if dtype.kind in "iu" else (period / 2, True)
    within = np.remainder(d - -high, period) + -high
    if is_half:
        within = where((values_of(within) == -values_of(array(high))) & (values_of(d) > 0), high, within)
    correction = where(np.abs(values_of(d)) < values_of(array(discont)), 0, within - d)
    p = p if p.dtype == dtype else p.astype(dtype)
    return concatenate([p[cut(axis, None, 1)], p[cut(axis, 1, None)] + reductions.cumsum(correction, axis)], axis)
