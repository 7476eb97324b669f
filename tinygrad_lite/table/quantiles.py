"""Medians and quantiles, by every method of NumPy's: sorted entries at constant places, and what lies between two."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .arrays import as_numbers, counted, some, values_of, zeros
from .ducks import DuckArray
from .elementwise import where
from .elsewhere import is_elsewhere, placed_beside
from .indexing import getitem
from .joining import stack
from .lists import as_array
from .reductions import axes_of, count, entry_axes, mean
from .reductions import sum as sum_of
from .registry import Sample, Samples, entry
from .shapes import Axes, moveaxis, required, reshape
from .sorting import rearranged_p

# ---------------------------------------------------------------------------------------------------------------------
# The lines, sorted


class Lines(NamedTuple):
    """Lines of an array along its first axis, and the indices that sort each, NaNs last."""

    x: Any
    order: Any

    def at(self, ranks: Any) -> Any:
        """The entries of these ranks: of each line, along the ranks' last axes, its own."""
        if type(self.order) is DuckArray and not self.order.kind.writable:
            return of_ranks(self, ranks)
        rest = self.order.shape[1:]
        ranks = np.broadcast_to(ranks, (*ranks.shape[: ranks.ndim - len(rest)], *rest))
        places = np.ogrid[tuple([slice(n) for n in rest])]
        return getitem(self.x, (self.order[(ranks, *places)], *places))


def of_ranks(lines: Lines, ranks: Any) -> Any:
    """The entries of these ranks where numbers are not looked at: of each line the sum of what stands at the rank."""
    ordered = rearranged_p(lines.x, order=lines.order, axis=0)
    n, *rest = ordered.shape
    ranks = placed_beside(as_numbers(ranks) % max(n, 1), lines.order)
    places = counted(n, lines.order).reshape((n,) + (1,) * max(ranks.ndim, len(rest)))
    return sum_of(
        np.where(places == ranks, ordered.reshape((n,) + (1,) * (places.ndim - 1 - len(rest)) + tuple(rest)), 0), 0
    )


def lines_of(x: Any, axis: Axes) -> Lines:
    """The axes that are reduced as one, in front, and sorted."""
    axes = entry_axes(x, axis)
    rest = [n for k, n in enumerate(x.shape) if k not in axes]
    x = reshape(moveaxis(x, axes, range(len(axes))), (count(x.shape, axes), *rest))
    return Lines(x, np.argsort(values_of(x), 0, kind="stable"))


def with_nans(y: Any, lines: Lines) -> Any:
    """NaN for the lines that have one, which is sorted to the end."""
    if lines.x.dtype.kind not in "fc" or not lines.x.shape[0]:
        return y
    last = lines.at(np.full((1,) * lines.order[0].ndim, -1))
    found = np.isnan(values_of(last))
    if some(found):
        return where(found, last.astype(y.dtype), y) if y.ndim or type(found) is DuckArray else last
    return y


def numbers_in(lines: Lines) -> Any:
    """How many entries of each line are numbers."""
    values = values_of(lines.x)
    return (values == values).sum(axis=0) if values.dtype.kind in "fc" else np.full(values.shape[1:], values.shape[0])


def lengths_of(lines: Lines) -> Any:
    """How many entries each line has: of arrays of another library as one number for all."""
    return np.full((1,) * (lines.x.ndim - 1) if is_elsewhere(lines.x) else lines.x.shape[1:], lines.x.shape[0])


# ---------------------------------------------------------------------------------------------------------------------
# Medians


def middle(lines: Lines, n: Any) -> Any:
    """The mean of the two entries in the middle of n, or the one."""
    lower, upper = np.maximum(n - 1, 0) // 2, n // 2
    odd = lines.at(lower)
    if type(lower) is not DuckArray and np.array_equal(lower, upper):
        return mean(stack([odd]), 0)  # the mean for its dtype
    return where(placed_beside(lower == upper, odd), odd, mean(stack([odd, lines.at(upper)]), 0))


def kept(y: Any, x: Any, axis: Axes, keepdims: bool) -> Any:
    """A reduction of all of x's lines with the reduced axes back, if that was asked for; before them are others."""
    if not keepdims:
        return y
    axes = axes_of(x, axis)
    more = y.shape[: y.ndim - (x.ndim - len(axes))]
    return reshape(y, (*more, *[1 if k in axes else n for k, n in enumerate(x.shape)]))


MEDIAN_SAMPLES: list[Callable[[Any], Sample]] = [
    lambda r: Sample((r(5),)),
    lambda r: Sample((r(2, 4),)),
    lambda r: Sample((r(3, 4), 0)),
    lambda r: Sample((r(3, 4), -1), {"keepdims": True}),
    lambda r: Sample((r(2, 3, 2), (0, -1)), {"overwrite_input": True}),
    lambda r: Sample((r(2, 3),), {"keepdims": True}),
    lambda r: Sample((r(),)),
]


@entry(np.median, samples=lambda r: [*[sample(r) for sample in MEDIAN_SAMPLES], Sample((r(0, 3), 1))])
def median(
    x: Any,
    axis: Axes = None,
    *,
    overwrite_input: bool = False,  # noqa: ARG001 (NumPy's, and nothing is overwritten)
    keepdims: bool = False,
) -> Any:
    """The entry in the middle of the sorted ones, or the mean of the two there; NaN where an entry is.

    The gradient goes to the one, or half to each of the two; of entries that tie to the first in sorted order.

    Parameters
    ----------
    axis : int, tuple of ints, or None for all
    overwrite_input : allows that ``x`` is written to, which is not made use of
    keepdims : keep the reduced axes, with length 1

    >>> tl.grad(tl.median)(np.array([3.0, 1.0, 2.0, 7.0]))
    array([0.5, 0. , 0.5, 0. ])
    """
    x = as_array(x)
    if not x.size:  # a warning and NaN, from NumPy
        return kept(mean(lines_of(x, axis).x, 0), x, axis, keepdims)
    lines = lines_of(x, axis)
    return kept(with_nans(middle(lines, lengths_of(lines)), lines), x, axis, keepdims)


@entry(np.nanmedian, samples=lambda r: [sample(r) for sample in MEDIAN_SAMPLES])
def nanmedian(
    x: Any,
    axis: Axes = None,
    *,
    overwrite_input: bool = False,  # noqa: ARG001 (NumPy's, and nothing is overwritten)
    keepdims: bool = False,
) -> Any:
    """The median of the entries that are no NaN, of each line; the others have the gradient 0. NaN where none is one.

    Parameters as for :func:`median`.

    >>> tl.nanmedian(tl.tensor([3.0, np.nan, 1.0]))
    Tensor(2.)
    """
    x = as_array(x)
    if not x.size:
        return median(x, axis, keepdims=keepdims)
    lines = lines_of(x, axis)
    n = numbers_in(lines)
    warn_of_nans(n)
    return kept(middle(lines, n), x, axis, keepdims)


def warn_of_nans(n: Any) -> None:
    """NumPy's warning where a line has no number."""
    if type(n) is not DuckArray and not np.all(n):
        warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=3)


# ---------------------------------------------------------------------------------------------------------------------
# Quantiles


def between(alpha: float, beta: float) -> Callable[[Any, Any], Any]:
    """Where a continuous method finds the quantile among n sorted entries, counted from 0, by its two constants."""
    return lambda n, q: n * q + (alpha + q * (1 - alpha - beta)) - 1


def steps(index: Any, stays: Callable[[Any, Any], Any]) -> Any:
    """The next rank above an index, or that of the index itself where it stays there."""
    below = np.floor(index)
    return np.maximum(np.where(stays(index - below, below), below, below + 1).astype(np.intp), 0)


RANKS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "inverted_cdf": lambda n, q: steps(n * q - 1, lambda gamma, _: gamma == 0),
    "closest_observation": lambda n, q: steps(n * q - 1 - 0.5, lambda gamma, below: (gamma == 0) & (below % 2 == 1)),
    "lower": lambda n, q: np.floor((n - 1) * q).astype(np.intp),
    "higher": lambda n, q: np.ceil((n - 1) * q).astype(np.intp),
    "nearest": lambda n, q: np.around((n - 1) * q).astype(np.intp),
}
"""Methods that choose one of the entries: the rank, of n entries at the quantile q."""

PLACES: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "linear": lambda n, q: (n - 1) * q,
    "interpolated_inverted_cdf": between(0, 1),
    "hazen": between(0.5, 0.5),
    "weibull": between(0, 0),
    "median_unbiased": between(1 / 3, 1 / 3),
    "normal_unbiased": between(3 / 8, 3 / 8),
    "averaged_inverted_cdf": lambda n, q: n * q - 1,
    "midpoint": lambda n, q: 0.5 * (np.floor((n - 1) * q) + np.ceil((n - 1) * q)),
}
"""Methods that interpolate between two of the entries: the place among n sorted ones, from 0, at the quantile q."""


def fraction(method: str, place: Any, below: Any) -> Any:
    """How far a place is from the rank below to the next: a constant for the methods that take means."""
    if method == "averaged_inverted_cdf":
        return np.where(values_of(place) == below, 0.5, 1.0).astype(place.dtype)
    if method == "midpoint":
        return np.where(values_of(place) % 1 == 0, 0.0, 0.5).astype(place.dtype)
    return place - below


def interpolated(a: Any, b: Any, t: Any, dtype: Any) -> Any:
    """a + t (b − a), from the nearer end, as NumPy's quantiles compute it; t counts in the dtype."""
    t = placed_beside(t, a)
    if is_elsewhere(a):
        return 2 * from_nearer_end(0.5 * a, 0.5 * b, 0.5 * b - 0.5 * a, t, dtype)
    with np.errstate(over="ignore"):
        rise = b - a
    if np.any(np.isinf(values_of(rise)) & np.isfinite(values_of(a)) & np.isfinite(values_of(b))):
        return 2 * interpolated(0.5 * a, 0.5 * b, t, dtype)
    return from_nearer_end(a, b, rise, t, dtype)


def from_nearer_end(a: Any, b: Any, rise: Any, t: Any, dtype: Any) -> Any:
    """a + t (b − a), given b − a."""
    return where(values_of(t) >= 0.5, b - rise * (1 - t).astype(dtype), a + rise * t.astype(dtype))


def at_quantiles(lines: Lines, n: Any, q: Any, method: str, weak: bool) -> Any:
    """The quantiles of the first n entries of each sorted line; those of q are the first axes."""
    if method not in RANKS and method not in PLACES:
        raise ValueError(f"quantile: {method!r} is no method; there are {', '.join([*RANKS, *PLACES])}")
    q = reshape(q, q.shape + (1,) * (lines.x.ndim - 1))
    q, n = placed_beside(q, lines.x), placed_beside(n, lines.x)
    n = n.astype(q.dtype) if q.dtype.kind == "f" else n  # as a number of Python's, in the precision of q
    if method in RANKS or (method == "linear" and q.dtype.kind in "iub"):
        rank = RANKS.get(method, PLACES["linear"])(n, values_of(q))
        return lines.at(np.minimum(rank, n - 1).astype(np.intp))
    place = PLACES[method](n, q)
    values = values_of(place)
    below = np.where(values >= n - 1, n - 1, np.maximum(np.floor(values), 0))
    above = np.where((values >= n - 1) | (values < 0), below, below + 1)
    lower, upper = lines.at(below.astype(np.intp)), lines.at(above.astype(np.intp))
    gamma = fraction(method, place, below)  # beyond the ends it makes no difference: both entries are one there
    weak_dtype = (
        lower.dtype if lower.dtype.kind == "f" else np.float64
    )  # in which NumPy counts with a float of Python's
    return interpolated(lower, upper, gamma, weak_dtype if weak else gamma.dtype)


def at_weighted(lines: Lines, q: Any, weights: Any) -> Any:
    """The quantiles of weighted lines: the first entries where the sum of weights reaches the share q of all."""
    is_lazy = type(lines.order) is DuckArray
    if is_lazy and not lines.order.kind.writable:
        raise lines.order.kind.lacks("numpy.quantile with weights")
    weights = np.take_along_axis(weights, lines.order, 0)
    share = weights.cumsum(axis=0, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = share / share[-1]
    required(share, ~np.isnan(share[-1]), "Weights included NaN, inf or were all zero.")
    share = share.astype(q.dtype) if q.dtype.kind == "f" else share
    share = np.where(share == 0, -1, share)  # the first that has a weight, also at q = 0
    ranks = zeros((*q.shape, *share.shape[1:]), np.intp, share)
    for line in np.ndindex(share.shape[1:]):
        ranks[(..., *line)] = np.searchsorted(share[(slice(None), *line)], q, side="left")
    return lines.at(np.minimum(ranks, share.shape[0] - 1))


def lines_of_weights(x: Any, axis: Axes, weights: Any, method: str) -> Any:
    """The weights of the lines' entries: constant, for a quantile stays where it is as they change a little."""
    if method != "inverted_cdf":
        raise ValueError(f"quantile: only the method 'inverted_cdf' takes weights, not {method!r}")
    given = values_of(as_array(weights))
    if given.shape != x.shape:
        if axis is None:
            raise TypeError("quantile: weights of another shape than the array's need an axis")
        axes = normalize_axis_tuple(axis, x.ndim)
        if given.shape != tuple([x.shape[k] for k in axes]):
            raise ValueError(f"quantile: weights of shape {given.shape} do not fit axis {axis} of shape {x.shape}")
        given = given.transpose(np.argsort(axes))
        given = given.reshape([n if k in axes else 1 for k, n in enumerate(x.shape)])
    if np.any(given < 0):
        raise ValueError("quantile: weights must not be negative")
    return lines_of(np.broadcast_to(given, x.shape), axis).x


def of_quantiles(
    x: Any, q: Any, axis: Axes, method: str, keepdims: bool, weights: Any, weak: bool, skips_nans: bool
) -> Any:
    """Quantiles, once all arguments are as :func:`quantile`'s."""
    x, q = as_array(x), as_array(q)
    if x.dtype.kind == "c":
        raise TypeError("quantile: complex numbers have no order")
    shares = values_of(q)
    message = "quantile: q must be a number or a vector, from 0 to 1, or to 100 as a percentage"
    if q.ndim > 2:
        raise ValueError(message)
    q = required(q, (shares >= 0) & (shares <= 1), message)
    if skips_nans and q.ndim > 1 and isinstance(axis, tuple) and len(axis) > 1:
        raise ValueError("nanquantile: with several axes q is a number or a vector; NumPy mixes up the axes of others")
    if skips_nans and not x.size:
        return kept(mean(lines_of(x, axis).x, 0), x, axis, keepdims)
    lines = lines_of(x, axis)
    n = numbers_in(lines) if skips_nans else lengths_of(lines)
    if weights is not None:
        weights = lines_of_weights(x, axis, weights, method)
        if skips_nans:
            weights = np.where(np.isnan(values_of(lines.x)), 0, weights)
        y = at_weighted(lines, shares, weights)
    elif not lines.x.shape[0]:
        raise IndexError(f"quantile: shape {x.shape} has no entries along axis {axis}")
    else:
        y = at_quantiles(lines, np.maximum(n, 1), q, method, weak)
    if skips_nans:
        warn_of_nans(n)
        return kept(y, x, axis, keepdims)
    return kept(with_nans(y, lines), x, axis, keepdims)


APART = np.array([0.3, -1.2, 1.9, 0.8, -0.4, 1.4])


def quantile_samples(percent: int) -> Samples:
    """Every method, q of no axes and of one, every keyword."""

    def samples(r: Any) -> Any:
        some = np.array([0.15, 0.55, 0.85]) * percent
        yield Sample((r(5), 0.3 * percent))
        yield Sample((r(2, 4), some))
        yield Sample((r(3, 4), some[:2]), {"axis": 0})
        yield Sample((r(3, 4), 0.7 * percent), {"axis": -1, "keepdims": True, "overwrite_input": True})
        yield Sample((r(2, 3, 2), some[1:]), {"axis": (0, -1), "keepdims": True})
        yield Sample((r(4), percent))
        for method in (*RANKS, *PLACES):
            yield Sample((APART, 0.37 * percent), {"method": method})
        weights = np.array([0.5, 1.0, 0.0, 2.0])
        each = np.broadcast_to(weights, (3, 4))
        yield Sample((r(3, 4), 0.4 * percent), {"axis": 1, "method": "inverted_cdf", "weights": each})
        yield Sample((r(4), [0.1 * percent]), {"method": "inverted_cdf", "weights": weights})

    return samples


@entry(np.quantile, samples=quantile_samples(1))
def quantile(
    x: Any,
    q: Any,
    axis: Axes = None,
    *,
    overwrite_input: bool = False,  # noqa: ARG001 (NumPy's, and nothing is overwritten)
    method: str = "linear",
    keepdims: bool = False,
    weights: Any = None,
) -> Any:
    """The value below which the share q of the entries lies: y = a + t (b − a) between neighbours in sorted order.

    The gradient goes to that entry, or to both by their parts; of entries that tie to the first in sorted order. It
    flows to q too, by the methods that interpolate: ∂y/∂q is the distance of the two entries times the number of steps
    from one to the next within 1, and 0 at both ends. NaN where an entry is.

    Parameters
    ----------
    q : a number from 0 to 1, or a vector of them, whose axis is then the first of the output
    axis : int, tuple of ints, or None for all
    overwrite_input : allows that ``x`` is written to, which is not made use of
    method : any of NumPy's
    keepdims : keep the reduced axes, with length 1
    weights : how much each entry counts, for the method "inverted_cdf"; the derivative by them is 0

    Raises ValueError for a q out of bounds and an unknown method, TypeError for complex numbers.

    >>> tl.grad(lambda x: tl.quantile(x, 0.75))(np.array([3.0, 1.0, 2.0]))
    array([0.5, 0. , 0.5])
    """
    return of_quantiles(x, q, axis, method, keepdims, weights, type(q) in (int, float), skips_nans=False)


@entry(np.percentile, samples=quantile_samples(100))
def percentile(
    x: Any,
    q: Any,
    axis: Axes = None,
    *,
    overwrite_input: bool = False,  # noqa: ARG001 (NumPy's, and nothing is overwritten)
    method: str = "linear",
    keepdims: bool = False,
    weights: Any = None,
) -> Any:
    """y = a + t (b − a) as in :func:`quantile`, with q from 0 to 100.

    >>> tl.percentile(tl.tensor([3.0, 1.0, 2.0]), 25)
    Tensor(1.5)
    """
    weak = type(q) in (int, float)
    return of_quantiles(x, np.true_divide(as_array(q), 100), axis, method, keepdims, weights, weak, skips_nans=False)


@entry(np.nanquantile, samples=quantile_samples(1))
def nanquantile(
    x: Any,
    q: Any,
    axis: Axes = None,
    *,
    overwrite_input: bool = False,  # noqa: ARG001 (NumPy's, and nothing is overwritten)
    method: str = "linear",
    keepdims: bool = False,
    weights: Any = None,
) -> Any:
    """y = a + t (b − a) as in :func:`quantile`, of each line's entries that are no NaN; the others have gradient 0.

    NaN, with a warning, where none is one.

    Parameters as for :func:`quantile`.

    >>> tl.nanquantile(tl.tensor([3.0, np.nan, 1.0]), 0.75)
    Tensor(2.5)
    """
    return of_quantiles(x, q, axis, method, keepdims, weights, type(q) in (int, float), skips_nans=True)


@entry(np.nanpercentile, samples=quantile_samples(100))
def nanpercentile(
    x: Any,
    q: Any,
    axis: Axes = None,
    *,
    overwrite_input: bool = False,  # noqa: ARG001 (NumPy's, and nothing is overwritten)
    method: str = "linear",
    keepdims: bool = False,
    weights: Any = None,
) -> Any:
    """y = a + t (b − a) as in :func:`nanquantile`, with q from 0 to 100.

    >>> tl.nanpercentile(tl.tensor([3.0, np.nan, 1.0]), 50)
    Tensor(2.)
    """
    weak = type(q) in (int, float)
    return of_quantiles(x, np.true_divide(as_array(q), 100), axis, method, keepdims, weights, weak, skips_nans=True)
