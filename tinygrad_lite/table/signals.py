"""Sequences of samples: convolution, correlation, interpolation between them, and weighted counts of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .arrays import array, some, values_of
from .columns import atleast_1d
from .complexes import conjugate
from .elementwise import nonzero, remainder, where
from .elsewhere import elsewhere, is_lazy
from .indexing import flip, getitem, getitem_p
from .joining import concatenate
from .leading import index_further, moving
from .lists import as_array
from .primitive import Primitive
from .ranges import linspace
from .reductions import sum as sum_of
from .registry import DISPATCH, Sample, entry, primitive
from .shapes import broadcast_to, ravel, required, reshape

# ---------------------------------------------------------------------------------------------------------------------
# Convolution


def _full(a: Any, b: Any) -> Any:
    return np.convolve(a, b)


full_p: Primitive = primitive(
    _full,
    name="convolve_full",
    symmetric=True,
    a=lambda g, b: inside_p(g, flip(b)),
    b=lambda g, a: inside_p(g, flip(a)),
)


def _inside(a: Any, b: Any) -> Any:
    return np.convolve(a, b, "valid")


inside_p: Primitive = primitive(
    _inside,
    name="convolve_inside",
    a=lambda g, b: full_p(g, flip(b)),
    b=lambda g, a: flip(inside_p(a, flip(g))),
)


def convolution(name: str, a: Any, b: Any, mode: Any) -> Any:
    """The convolution of two sequences, the first as long as the second or longer."""
    one = np.ones(1)
    np.convolve(one, one, mode)  # which refuses other modes
    mode = {"v": 0, "s": 1, "f": 2}[mode[0].lower()] if isinstance(mode, str) else int(mode)
    if a.ndim > 1 or b.ndim > 1:
        raise ValueError(f"{name}: takes sequences, arrays of one axis, not of shapes {a.shape} and {b.shape}")
    if mode == 0:
        return inside_p(a, b)
    y = full_p(a, b)
    if mode == 2:
        return y
    before = (b.shape[0] - 1) // 2
    return y[before : before + a.shape[0]]


def pair_of(name: str, a: Any, b: Any) -> tuple[Any, Any]:
    """Two sequences that are not empty."""
    a, b = atleast_1d(as_array(a)), atleast_1d(as_array(b))
    if not a.shape[0] or not b.shape[0]:
        raise ValueError(f"{name}: needs sequences that are not empty")
    return a, b


PAIRS: list[Callable[[Any, str], Sample]] = [
    lambda r, mode: Sample((r(5), r(3), mode)),
    lambda r, mode: Sample((r(2), r(5), mode)),
    lambda r, mode: Sample((r(4), r(4), mode)),
]


@entry(
    np.convolve,
    samples=lambda r: [Sample((r(3), r())), *[f(r, mode) for f in PAIRS for mode in ("full", "same", "valid")]],
)
def convolve(a: Any, v: Any, mode: Any = "full") -> Any:
    """yₖ = Σᵢ aᵢ vₖ₋ᵢ of two sequences;  ∂E/∂a is the correlation of g with v, and ∂E/∂v of g with a.

    Parameters
    ----------
    mode : "full", wherever they overlap; "same", the middle of that, as long as the longer; "valid", where they
        overlap wholly

    Raises ValueError for empty sequences, more than one axis and unknown modes.

    >>> tl.convolve(tl.tensor([1.0, 2.0, 3.0]), [1.0, -1.0])
    Tensor([ 1.,  1.,  1., -3.])
    """
    a, v = pair_of("convolve", a, v)
    return convolution("convolve", v, a, mode) if v.shape[0] > a.shape[0] else convolution("convolve", a, v, mode)


@entry(
    np.correlate,
    samples=lambda r: [Sample((r(5), r(3))), *[f(r, mode) for f in PAIRS for mode in ("full", "same", "valid")]],
)
def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    """yₖ = Σᵢ aᵢ₊ₖ v̄ᵢ of two sequences. Parameters as for :func:`convolve`.

    >>> tl.correlate(tl.tensor([1.0, 2.0, 3.0]), [1.0, -1.0])
    Tensor([-1., -1.])
    """
    a, v = pair_of("correlate", a, v)
    if v.shape[0] > a.shape[0]:
        return conjugate(flip(correlate(v, a, mode)))
    return convolution("correlate", a, conjugate(flip(v)), mode)


# ---------------------------------------------------------------------------------------------------------------------
# Interpolation


def in_double(x: Any) -> Any:
    """An array in the precision that NumPy interpolates in."""
    x = as_array(x)
    if x.dtype.kind == "c":
        raise TypeError("interp: coordinates are real numbers")
    return x if x.dtype == np.float64 else x.astype(np.float64)


def periodic(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any, Any]:
    """Coordinates within one period, and the points with one more at either end."""
    if values_of(array(period)) == 0:
        raise ValueError("interp: the period must not be zero")
    period = np.abs(period)
    x, xp = remainder(x, period), remainder(xp, period)
    order = np.argsort(values_of(xp))
    xp, fp = getitem(xp, order), getitem(fp, order)
    return x, concatenate([xp[-1:] - period, xp, xp[:1] + period]), concatenate([fp[-1:], fp, fp[:1]])


def straight(x: Any, xp: Any, fp: Any) -> Any:
    """The values on the lines between the points; those of x beyond them are not used."""
    at, knots = values_of(x), values_of(xp)
    last = knots.size - 1
    if not last:
        return broadcast_to(fp[0], x.shape)
    j = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, last - 1)
    start, end = getitem(fp, j), getitem(fp, j + 1)
    slope = (end - start) / nonzero(getitem(xp, j + 1) - getitem(xp, j))
    from_end = slope * (x - getitem(xp, j + 1)) + end
    y = where(at >= knots[-1], from_end, slope * (x - getitem(xp, j)) + start)  # exact at the points
    lost = np.isnan(values_of(y)) & ~np.isnan(at)
    if some(lost):  # from a point that is infinite
        y = where(lost, where(at == knots[j], start, from_end), y)
        y = where(np.isnan(values_of(y)) & (values_of(start) == values_of(end)) & ~np.isnan(at), start, y)
    return y


KNOTS = np.array([0.0, 0.5, 1.5, 2.0])
POINTS = np.array([-0.5, 0.2, 0.7, 1.9, 2.5, 1.0])


@entry(
    np.interp,
    samples=lambda r: [
        Sample((POINTS, KNOTS, r(4))),
        Sample((POINTS.reshape(2, 3), KNOTS, r(4)), {"left": -1.0, "right": 2.0}),
        Sample((np.array(0.7), KNOTS, r(4))),
        Sample((POINTS, KNOTS[::-1].copy(), r(4)), {"period": 2.25}),
        Sample((POINTS[:0], KNOTS, r(4))),
    ],
)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """y = a + (b − a) (x − c) / (d − c) on the straight line through the points (c, a) and (d, b) beside x.

    The points are (xp, fp); the gradient flows to all three.

    At a point, the derivative by x is the slope to its right, at the last one that to its left.

    Parameters
    ----------
    xp : coordinates in ascending order, unless there is a period
    left, right : the values beyond the ends, by default those at the ends; the gradient flows to them too
    period : of the coordinates; ``left`` and ``right`` make no difference then

    Computes in double precision. Raises ValueError for sequences of different lengths, empty ones, a period of 0 and,
    where NumPy does not look, points that are not in ascending order.

    >>> tl.grad(tl.interp)(0.25, np.array([0.0, 1.0]), np.array([3.0, 5.0]))
    np.float64(2.0)
    """
    x, xp, fp = in_double(x), in_double(xp), as_array(fp)
    dtype = np.dtype(np.complex128 if fp.dtype.kind == "c" else np.float64)
    fp = fp if fp.dtype == dtype else fp.astype(dtype)
    if xp.ndim != 1 or fp.ndim != 1 or xp.shape != fp.shape or not xp.shape[0]:
        raise ValueError(
            f"interp: xp and fp are two vectors of the same length, not of shapes {xp.shape} and {fp.shape}"
        )
    if period is not None:
        x, xp, fp = periodic(x, xp, fp, period)
        left = right = None
    at, knots = values_of(x), values_of(xp)
    if any(is_lazy(part) and not values_of(part).kind.writable for part in (x, xp, fp)):
        raise elsewhere("interp, which looks up where its numbers lie", x, xp, fp)
    ascending = "interp: xp must be in ascending order; in any other, NumPy's numbers mean nothing"
    if is_lazy(xp):
        required(xp, ~(knots[1:] < knots[:-1]), ascending)
    elif np.any(knots[1:] < knots[:-1]):
        raise ValueError(ascending)
    y = where(at < knots[0], fp[0] if left is None else left, straight(x, xp, fp))
    return where(at > knots[-1], fp[-1] if right is None else right, y)


# ---------------------------------------------------------------------------------------------------------------------
# Counts


def _weighted_counts(weights: Any, *, places: Any, length: int) -> Any:
    return np.bincount(places, weights, length)


weighted_counts_p = primitive(
    _weighted_counts,
    linear=True,
    leading=moving(places=index_further),
    weights=lambda g, places: getitem_p(g, index=places),
)


@entry(
    np.bincount,
    samples=lambda r: [
        Sample((np.array([0, 2, 2, 1]), r(4))),
        Sample((np.array([0, 2, 2, 1]), r(4), 5)),
    ],
)
def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """yₖ = Σ of the weights wᵢ at xᵢ = k, for integers xᵢ ≥ 0;  ∂y/∂wᵢ = 1 at k = xᵢ. In double precision.

    Without weights, how often each integer is there: an array of integers, which has no derivative.

    Parameters
    ----------
    minlength : how many entries the output has at least

    Raises ValueError for negative integers and weights of another length, TypeError for what is no integer.

    >>> tl.bincount(np.array([0, 2, 2]), tl.tensor([1.0, 2.0, 3.0]))
    Tensor([1., 0., 5.])
    """
    places = values_of(as_array(x))
    if weights is None:
        return np.bincount(places, minlength=minlength)
    weights = as_array(weights)
    counted = np.bincount(places, values_of(weights), minlength)  # which refuses what cannot be
    if not places.size:
        return counted  # integers, of nothing
    weights = weights if weights.dtype == np.float64 else weights.astype(np.float64)
    return weighted_counts_p(weights, places=places.astype(np.intp), length=counted.size)


def per_bin(values: Any, edges: Any) -> Any:
    """The bin that each value falls in, counted from 1; the first and the one after the last are outside."""
    values = values.astype(np.result_type(values, edges), copy=False)
    return np.searchsorted(edges, values, side="right") - (values == edges[-1])


def edges_between(a: Any, bins: Any, range: Any, found: Any) -> Any:
    """The edges of a histogram's bins: those given, or evenly spaced ones from the least value to the largest.

    Parameters
    ----------
    bins, range : as NumPy's function takes them
    found : the edges that it finds, of which there are as many
    """
    if np.ndim(bins) and not isinstance(bins, str):
        return as_array(bins)
    if range is not None:
        first, last = range
    elif a.size:
        first, last = np.min(a), np.max(a)
    else:
        return found
    if values_of(as_array(first)) == values_of(as_array(last)):
        first, last = first - 0.5, last + 0.5
    edges = linspace(first, last, found.size)
    return edges if edges.dtype == found.dtype else edges.astype(found.dtype)


def numbers(ends: Any) -> Any:
    """Two ends as Python's numbers, if there are any."""
    return None if ends is None else tuple([values_of(as_array(x)).item() for x in ends])


def edges_of(a: Any, bins: Any, range: Any, weights: Any) -> tuple[Any, Any]:
    """The edges of the bins for a vector, and their values as NumPy computes them."""
    plain = bins if isinstance(bins, str) else values_of(as_array(bins))[()]
    weights = None if weights is None else values_of(weights)
    found = np.histogram_bin_edges(values_of(a), plain, numbers(range), weights)
    return edges_between(a, bins, range, found), found


def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """``np.histogram_bin_edges``: the gradient flows to the least and the largest value, or to the edges given."""
    return edges_of(ravel(as_array(a)), bins, range, None if weights is None else as_array(weights))[0]


def histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """``np.histogram``: the gradient flows to the weights and to the edges; counts are constant."""
    a = as_array(a)
    weights = None if weights is None else as_array(weights)
    if weights is not None and weights.shape != a.shape:
        raise ValueError("histogram: weights need the shape of the array")
    a = ravel(a)
    edges, found = edges_of(a, bins, range, weights)
    if weights is None:
        n = np.histogram(values_of(a), found)[0]
    else:
        n = bincount(per_bin(values_of(a), found), ravel(weights), found.size + 1)[1:-1]
        n = n if n.dtype == weights.dtype else n.astype(weights.dtype)
    return (n / np.diff(edges).astype(float) / sum_of(n) if density else n), edges


def histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """``np.histogramdd``: the gradient flows to the weights and to the edges; counts are constant."""
    if isinstance(sample, (list, tuple)):
        columns = [ravel(as_array(x)) for x in sample]
    else:
        sample = as_array(sample)
        columns = list((sample if sample.ndim == 2 else reshape(sample, (-1, 1))).T)
    values = np.stack([values_of(x) for x in columns], axis=1)
    listed = isinstance(bins, (list, tuple)) or np.ndim(bins)
    plain_bins = [values_of(as_array(b))[()] for b in bins] if listed else bins
    ends: Any = None if range is None else [numbers(r) for r in range]
    weights = None if weights is None else as_array(weights)
    _, found = np.histogramdd(values, plain_bins, ends, density, None if weights is None else values_of(weights))
    edges = tuple(
        [
            edges_between(x, bins[k] if listed else bins, None if range is None else range[k], e)
            for k, (x, e) in enumerate(zip(columns, found, strict=True))
        ]
    )
    shape = tuple([e.size + 1 for e in found])
    places = np.ravel_multi_index(tuple([per_bin(x, e) for x, e in zip(values.T, found, strict=True)]), shape)
    counted = np.ones(len(values)) if weights is None else weights
    n = reshape(bincount(places, counted, int(np.prod(shape))), shape)[(slice(1, -1),) * len(shape)]
    if density:
        total = sum_of(n)
        for k, e in enumerate(edges):
            n = n / np.diff(e).reshape([-1 if k == axis else 1 for axis in np.arange(len(edges))])
        n = n / total
    return n, edges


def histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """``np.histogram2d``: the gradient flows to the weights and to the edges; counts are constant."""
    x, y = as_array(x), as_array(y)
    if len(x) != len(y):
        raise ValueError("histogram2d: x and y need the same length")
    if hasattr(bins, "__len__") and len(bins) not in (1, 2):
        bins = [as_array(bins)] * 2
    n, edges = histogramdd([x, y], bins, range, density, weights)
    return n, edges[0], edges[1]


DISPATCH.update(
    {
        np.histogram: histogram,
        np.histogram2d: histogram2d,
        np.histogramdd: histogramdd,
        np.histogram_bin_edges: histogram_bin_edges,
    }
)
