"""Sorting, and sets of numbers: the same entries in another order, or some of them; the order itself is constant."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from .arrays import array, values_of
from .ducks import DuckArray
from .elsewhere import elsewhere, is_lazy, listed_beside
from .indexing import getitem, take
from .joining import concatenate
from .leading import axes_further, moving
from .lists import as_array
from .primitive import Primitive
from .registry import DISPATCH, Sample, entry, primitive
from .shapes import ravel


def inverse_order(order: Any, axis: int) -> Any:
    """The indices that undo an order of the entries along an axis."""
    if type(order) is DuckArray:
        return np.argsort(order, axis=axis)
    back = np.empty_like(order)
    np.put_along_axis(back, order, np.arange(order.shape[axis]).reshape([-1] + [1] * (order.ndim - 1 - axis)), axis)
    return back


def _rearranged(x: Any, *, order: Any, axis: int) -> Any:
    return np.take_along_axis(x, order, axis)


rearranged_p: Primitive = primitive(
    _rearranged,
    linear=True,
    leading=moving(order=lambda order: order[None], axis=axes_further),
    x=lambda g, order, axis: rearranged_p(g, order=inverse_order(order, axis), axis=axis),
)


def in_sorted_order(x: Any, axis: int) -> Any:
    """An array's entries along an axis from 0, sorted, NaNs last; equal entries stay in their order."""
    return rearranged_p(x, order=np.argsort(values_of(x), axis, kind="stable"), axis=axis)


@entry(
    np.sort,
    samples=lambda r: [
        Sample((r(5),)),
        Sample((r(3, 4),)),
        Sample((r(3, 4), 0)),
        Sample((r(2, 3), None)),
        Sample((r(2, 3, 2), -2), {"kind": "mergesort"}),
        Sample((r(4),), {"stable": True}),
        Sample((r(0, 3),)),
    ],
)
def sort(x: Any, axis: int | None = -1, *, kind: Any = None, order: Any = None, stable: bool | None = None) -> Any:
    """The entries along an axis in ascending order, NaNs last; each takes its gradient along.

    Entries that tie keep their order, whatever ``kind`` says, so that each has a gradient of its own.

    Parameters
    ----------
    axis : which axis, or None for ``ravel(x)``
    kind, order, stable : as for :func:`numpy.sort`, and refused as there; they make no difference to numbers

    Raises AxisError for an array without axes, as NumPy does.

    >>> tl.grad(lambda x: tl.sort(x) @ np.array([1.0, 2.0, 3.0]))(np.array([0.5, -1.0, 2.0]))
    array([2., 1., 3.])
    """
    x = ravel(x) if axis is None else array(x)
    np.sort(np.empty(0, x.dtype), kind=kind, order=order, stable=stable)
    return in_sorted_order(x, normalize_axis_index(-1 if axis is None else axis, x.ndim))


@entry(
    np.partition,
    samples=lambda r: [
        Sample((r(5), 2)),
        Sample((r(3, 4), 1), {"axis": 0}),
        Sample((r(3, 4), (0, -1))),
        Sample((r(2, 3), 3, None)),
        Sample((r(4), 1), {"kind": "introselect"}),
    ],
)
def partition(x: Any, kth: Any, axis: int | None = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """The entries along an axis in the order of :func:`numpy.partition`: those before the kth are not larger.

    Each takes its gradient along. Parameters as for :func:`sort`; raises ValueError for a kth out of bounds.

    >>> tl.partition(tl.tensor([3.0, 1.0, 2.0]), 0)[0]
    Tensor(1.)
    """
    x = ravel(x) if axis is None else array(x)
    values = values_of(x)
    parted = np.partition(values, kth, -1 if axis is None else axis, kind=kind, order=order)
    place = normalize_axis_index(-1 if axis is None else axis, x.ndim)
    # np.argpartition may put equals, and what it does not sort, elsewhere: so both are sorted, and the ranks compared
    ranks = inverse_order(np.argsort(parted, place, kind="stable"), place)
    order = np.take_along_axis(np.argsort(values, place, kind="stable"), ranks, place)
    return rearranged_p(x, order=order, axis=place)


def sort_complex(x: Any) -> Any:
    """``np.sort_complex``: sorted along the last axis, in complex numbers."""
    y = sort(x)
    if y.dtype.kind == "c":
        return y
    return y.astype("F" if y.dtype.char in "bhBH" else "G" if y.dtype.char == "g" else "D")


DISPATCH[np.sort_complex] = sort_complex


# ---------------------------------------------------------------------------------------------------------------------
# Sets


def first_occurrences(x: Any, axis: int | None, *found: Any) -> Any:
    """The entries at the first of the arrays found with them, or all arrays in that one's place."""
    index, *others = found
    chosen = take(x, index, axis)
    return (chosen, *others) if others else chosen


def ordered_as(found: Any, index: Any) -> Any:
    """Places of entries in ascending order, in the order that they were found in."""
    places = np.empty_like(index)
    places[np.argsort(found, kind="stable")] = index
    return places


# Samples have no two entries alike: moved a little, they would be different ones, and more of them


@entry(
    np.unique,
    samples=lambda r: [
        Sample((r(5),)),
        Sample((r(2, 3),)),
        Sample((r(3, 2),), {"axis": 0}),
        Sample((r(3, 2),), {"axis": -1, "equal_nan": False}),
        Sample((r(4),), {"sorted": True}),
        Sample((r(0),)),
    ],
)
def unique(
    x: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    """The different entries, or parts along an axis, in ascending order: the first of each that is found.

    The first receives the gradient of all that are equal to it. With ``return_index``, ``return_inverse`` and
    ``return_counts`` a tuple, of the entries and of arrays of integers, as of :func:`numpy.unique`.

    Parameters
    ----------
    equal_nan : whether all NaNs are one
    sorted : False allows any order: that is NumPy's

    >>> tl.grad(lambda x: tl.unique(x).sum())(np.array([2.0, 1.0, 2.0]))
    array([1., 1., 0.])
    """
    x = as_array(x)
    values = values_of(x)
    numpys: Any = np.unique  # older stubs do not know all its keywords
    _, index, *others = numpys(values, True, return_inverse, return_counts, axis, equal_nan=equal_nan)
    if not (sorted or return_index or others):
        found = numpys(values, axis=axis, equal_nan=equal_nan, sorted=False)
        index = ordered_as(found, index) if found.ndim == 1 else index
    return first_occurrences(x, axis, index, *([index] if return_index else []), *others)


class UniqueAll(NamedTuple):
    """What ``np.unique_all`` gives."""

    values: Any
    indices: Any
    inverse_indices: Any
    counts: Any


class UniqueCounts(NamedTuple):
    """What ``np.unique_counts`` gives."""

    values: Any
    counts: Any


class UniqueInverse(NamedTuple):
    """What ``np.unique_inverse`` gives."""

    values: Any
    inverse_indices: Any


def unique_all(x: Any) -> UniqueAll:
    """``np.unique_all``: the different entries, and where and how often they are."""
    return UniqueAll(*unique(x, True, True, True, equal_nan=False))


def unique_counts(x: Any) -> UniqueCounts:
    """``np.unique_counts``: the different entries, and how often they are there."""
    return UniqueCounts(*unique(x, return_counts=True, equal_nan=False))


def unique_inverse(x: Any) -> UniqueInverse:
    """``np.unique_inverse``: the different entries, and which of them each entry is."""
    return UniqueInverse(*unique(x, return_inverse=True, equal_nan=False))


@entry(np.unique_values, samples=lambda r: [Sample((r(3),)), Sample((r(2, 3),))])
def unique_values(x: Any) -> Any:
    """The different entries in NumPy's order, each NaN for itself; otherwise as :func:`unique`.

    >>> tl.unique_values(tl.tensor([2.0, 1.0, 2.0]))
    Tensor([1., 2.])
    """
    x = as_array(x)
    values = values_of(x)
    _, index = np.unique(values, True, equal_nan=False)
    return first_occurrences(x, None, ordered_as(np.unique_values(values), index))


DISPATCH.update({np.unique_all: unique_all, np.unique_counts: unique_counts, np.unique_inverse: unique_inverse})


@entry(np.union1d, samples=lambda r: [Sample((r(3), r(2))), Sample((r(2, 2), r(2))), Sample((r(0), r(2)))])
def union1d(a: Any, b: Any) -> Any:
    """y = P(x) x: the different entries of both arrays in ascending order; of equals, the first of a has the gradient.

    >>> tl.union1d(tl.tensor([2.0, 1.0]), [2.0, 3.0])
    Tensor([1., 2., 3.])
    """
    return unique(concatenate([as_array(a), as_array(b)], None))


def intersect1d(a: Any, b: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """``np.intersect1d``: the different entries that are in both arrays, sorted; the first in ``a`` has the gradient.

    Parameters
    ----------
    assume_unique : that no array has an entry twice, which saves time
    return_indices : also where the entries are first in ``ravel(a)`` and ``ravel(b)``: arrays of integers

    >>> np.intersect1d(tl.tensor([2.0, 1.0]), [2.0, 3.0])
    Tensor([2.])
    """
    a, b = as_array(a), as_array(b)
    _, at, also = np.intersect1d(values_of(a), values_of(b), assume_unique, return_indices=True)
    # joined, so that the result's dtype is that of both
    common = getitem(concatenate([a, b], None), at)
    return (common, at, also) if return_indices else common


DISPATCH[np.intersect1d] = intersect1d


@entry(np.setdiff1d, samples=lambda r: [Sample((r(3), [5, 6])), Sample((r(3), [5]), {"assume_unique": True})])
def setdiff1d(a: Any, b: Any, assume_unique: bool = False) -> Any:
    """The different entries of ``a`` that are not in ``b``, in ascending order; the derivative by ``b`` is 0.

    With ``assume_unique``, all entries of ``a`` that are not in ``b``, in their order.

    >>> tl.setdiff1d(tl.tensor([2.0, 1.0]), [2.0, 3.0])
    Tensor([1.])
    """
    a = as_array(a)
    b = as_array(listed_beside(b, a))
    a = ravel(a) if assume_unique else unique(a)
    return getitem(a, np.isin(values_of(a), values_of(b), assume_unique=assume_unique, invert=True))


@entry(
    np.setxor1d,
    samples=lambda r: [
        Sample((r(3), r(2))),
        Sample((r(3), r(2)), {"assume_unique": True}),
        Sample((r(0), r(0))),
    ],
)
def setxor1d(a: Any, b: Any, assume_unique: bool = False) -> Any:
    """y = P(x) x: the different entries that are in one of the arrays only, in ascending order.

    >>> tl.setxor1d(tl.tensor([2.0, 1.0]), [2.0, 3.0])
    Tensor([1., 3.])
    """
    a, b = as_array(a), as_array(b)
    if not assume_unique:
        a, b = unique(a), unique(b)
    joined = sort(concatenate([a, b], None))
    values = values_of(joined)
    differs = np.concatenate([[True], values[1:] != values[:-1], [True]])[: values.size + 1]
    return getitem(joined, differs[1:] & differs[:-1])


@entry(
    np.trim_zeros,
    samples=lambda r: [
        Sample((r(3),)),
        Sample((r(2, 3), "f")),
        Sample((r(3), "B"), {"axis": -1}),
    ],
)
def trim_zeros(x: Any, trim: str = "fb", axis: Any = None) -> Any:
    """y = P(x) x: the array without the zeros at its ends: at the front ("f"), at the back ("b") or at both.

    What is cut off is constant there, so its derivative is 0.

    Parameters
    ----------
    axis : along which axes to cut, by default all

    >>> tl.trim_zeros(tl.tensor([0.0, 1.0, 0.0, 2.0, 0.0]))
    Tensor([1., 0., 2.])
    """
    x = as_array(x)
    if is_lazy(x):
        raise elsewhere("trim_zeros, whose shape its numbers say", x)
    values = values_of(x)
    if trim.lower() not in ("f", "b", "fb", "bf"):
        raise ValueError(f"trim_zeros: trim must be of 'f' and 'b', not {trim!r}")
    axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
    places = np.argwhere(values)
    start = places.min(axis=0) if places.size else np.zeros(x.ndim, int)
    stop = places.max(axis=0) + 1 if places.size else start
    if places.size and "f" not in trim.lower():
        start = np.zeros(x.ndim, int)
    if places.size and "b" not in trim.lower():
        stop = np.array(x.shape)
    index = [slice(int(start[k]), int(stop[k])) if k in axes else slice(None) for k in range(x.ndim)]
    return getitem(x, tuple(index)) if axes else x
