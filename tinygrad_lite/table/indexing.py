"""Taking entries, and everything that is a way of taking entries: flipping, rolling, repeating, padding.

Indexing and scattering are each other's transpose: what is read twice receives the sum of two gradients.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Sequence
from types import EllipsisType
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from .arrays import HALF, array, as_numbers, zeros
from .ducks import DuckArray, duck
from .elsewhere import placed_beside, refuse_elsewhere
from .joining import concatenate
from .leading import index_further, instead, is_index_movable
from .primitive import Primitive
from .registry import Sample, entry, primitive
from .shapes import Axes, broadcast_to, copy, line_and_axis, ravel, reshape

BASIC = (int, slice, type(None), EllipsisType)


def names_once(index: Any) -> bool:
    """Whether an index cannot name an entry twice: slices and integers, with at most one boolean array."""
    if type(index) in BASIC:
        return True
    parts = index if isinstance(index, tuple) else (index,)
    for part in parts:
        if type(part) not in BASIC:
            break
    else:
        return True
    arrays = [part for part in parts if type(part) not in BASIC]
    return not arrays or (len(arrays) == 1 and arrays[0].dtype == bool)


def plain_index(index: Any) -> Any:
    """An index of integers, slices, None, Ellipsis and arrays only."""
    if type(index) in BASIC:
        return index
    if type(index) is tuple:
        for part in index:
            if type(part) not in BASIC:
                break
        else:
            return index
    return tuple([plain_part(part) for part in index]) if isinstance(index, tuple) else plain_part(index)


def plain_part(part: Any) -> Any:
    """One of the parts that an index has between its commas; a sequence there is an array of indices."""
    if type(part) in BASIC:
        return part
    if issubclass(type(part), np.integer):
        return operator.index(part)
    if type(part := duck(part)) is DuckArray:
        return part.kind.index(part)
    indices = np.array(part)  # a copy: the caller may change theirs
    if indices.dtype.kind not in "iub" and indices.size:
        raise IndexError(f"getitem: an index must be of integers or booleans, got {indices.dtype}")
    return indices if indices.size else indices.astype(np.intp) if indices.dtype != bool else indices


def _getitem(x: Any, *, index: Any) -> Any:
    return x[index]


getitem_p: Primitive = primitive(
    _getitem,
    linear=True,
    view=True,
    leading=instead(
        lambda g, x_shape, index: scatter_p(g, index=index_further(index), shape=(len(g), *x_shape)),
        lambda saved: is_index_movable(saved[1]),
    ),
    x=lambda g, x_shape, index: scatter_p(g, index=index, shape=x_shape),
)


def _scatter(g: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of the given shape, with ``g`` added at the index, as often as an entry is named there."""
    if names_once(index):
        y = np.zeros(shape, g.dtype)
        y[index] = g
        return y[()]
    y = np.zeros(shape, g.dtype if g.dtype is not HALF else np.float32)
    np.add.at(y, index, g)
    return (y if g.dtype is not HALF else y.astype(HALF))[()]


def _scatter_elsewhere(g: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    """The same, of arrays of another library."""
    if names_once(index):
        return g.scattered(index, shape)
    y = zeros(shape, g.dtype, g)
    y.add_at(index, g)
    return y


scatter_p: Primitive = primitive(
    _scatter,
    plain=_scatter_elsewhere,
    linear=True,
    leading=instead(
        lambda g, index: getitem_p(g, index=index_further(index)), lambda saved: is_index_movable(saved[0])
    ),
    g=lambda g, index: getitem_p(g, index=index),
)


@entry(
    name="getitem",
    samples=lambda r: [
        Sample((r(4), 1)),
        Sample((r(4, 3), (slice(None, None, -2), None, 1))),
        Sample((r(4, 3), (Ellipsis, slice(1)))),
        Sample((r(4, 3), np.array([0, 2, 0]))),
        Sample((r(4, 3), (np.array([[0], [2]]), np.array([1, 1, 0])))),
        Sample((r(4, 3, 2), (np.array([0, 0]), slice(1, None), np.array([1, 1])))),
        Sample((r(2, 3), np.array([[True, False, True], [False, False, True]]))),
        Sample((r(2, 3), (np.array([True, False]), np.array([1])))),
        Sample((r(2, 3), np.zeros(0, int))),
        Sample((r(), ())),
    ],
)
def getitem(x: Any, index: Any) -> Any:
    """``x[index]``: NumPy's basic, integer, boolean and mixed indexing. The gradient is added where it was read.

    Raises IndexError for an index out of bounds or not of integers or booleans.

    >>> x = tl.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> x[[0, 0, 2]].sum().backward()
    >>> x.grad
    array([2., 0., 1.])
    """
    return getitem_p(x, index=plain_index(index))


# ---------------------------------------------------------------------------------------------------------------------
# Splitting


@entry(
    np.array_split,
    samples=lambda r: [Sample((r(5, 2), 3)), Sample((r(5), [1, 3])), Sample((r(2, 5), 2), {"axis": 1})],
)
def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """A list of pieces along an axis: so many, of lengths as equal as can be, or cut at the given indices.

    >>> [part.shape for part in tl.array_split(tl.tensor([1.0, 2.0, 3.0]), 2)]
    [(2,), (1,)]
    """
    x = array(x)
    axis = normalize_axis_index(axis, x.ndim)
    n = x.shape[axis]
    if np.ndim(indices_or_sections):
        cuts = [None, *[int(k) for k in indices_or_sections], None]
    else:
        if indices_or_sections < 1:
            raise ValueError(f"array_split: the number of pieces must be 1 or more, got {indices_or_sections}")
        longer, length = n % indices_or_sections, n // indices_or_sections
        cuts = [k * length + min(k, longer) for k in range(indices_or_sections + 1)]
    before = (slice(None),) * axis
    return [x[(*before, slice(a, b))] for a, b in itertools.pairwise(cuts)]


@entry(
    np.split,
    method=True,
    samples=lambda r: [Sample((r(4, 2), 2)), Sample((r(5), [1, 3])), Sample((r(2, 4), 2), {"axis": 1})],
)
def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """A list of pieces along an axis: so many of equal length, or cut at the given indices.

    >>> [part.shape for part in tl.split(tl.tensor([1.0, 2.0, 3.0, 4.0]), 2)]
    [(2,), (2,)]
    """
    x = array(x)
    n = x.shape[normalize_axis_index(axis, x.ndim)]
    if not np.ndim(indices_or_sections) and n % max(indices_or_sections, 1):
        raise ValueError(
            f"split: {n} entries along axis {axis} do not divide into {indices_or_sections} equal pieces; "
            "array_split takes unequal ones"
        )
    pieces: list[Any] = array_split(x, indices_or_sections, axis)
    return pieces


# ---------------------------------------------------------------------------------------------------------------------
# Taking along an axis


@entry(
    np.take,
    method=True,
    samples=lambda r: [
        Sample((r(4, 3), np.array([2, 0, 2]))),
        Sample((r(4, 3), np.array([[2, 0], [-1, 1]])), {"axis": 1}),
        Sample((r(4, 3), np.array([5, -7])), {"axis": 0, "mode": "wrap"}),
        Sample((r(4, 3), 1), {"axis": -1}),
    ],
)
def take(x: Any, indices: Any, axis: int | None = None, *, mode: str = "raise") -> Any:
    """Entries at integer indices along an axis, or of ``ravel(x)``.

    Parameters
    ----------
    mode : for indices out of bounds: "raise", "wrap" (modulo the length) or "clip" (to the ends)

    >>> tl.take(tl.tensor([1.0, 2.0]), [1, 1, 0])
    Tensor([2., 2., 1.])
    """
    x, place = line_and_axis(x, axis)
    where = as_numbers(indices)
    if where.dtype == bool:  # np.take counts with them, indexing would select
        where = where.astype(np.intp)
    if mode == "wrap":
        where = where % x.shape[place]
    elif mode == "clip":
        where = where.clip(0, x.shape[place] - 1)
    elif mode != "raise":
        raise ValueError(f"take: mode must be 'raise', 'wrap' or 'clip', not {mode!r}")
    return getitem(x, (slice(None),) * place + (where,))


@entry(
    np.take_along_axis,
    method=True,
    samples=lambda r: [
        Sample((r(4, 3), np.array([[2, 0, 1], [0, 0, 3]]), 0)),
        Sample((r(2, 3), np.array([[2], [0]])), {"axis": 1}),
        Sample((r(4), np.array([1, 1])), {"axis": None}),
    ],
)
def take_along_axis(x: Any, indices: Any, axis: int | None = -1) -> Any:
    """For each line along the axis, the entries at that line's own indices: what ``argsort`` and ``argmax`` give.

    >>> tl.take_along_axis(tl.tensor([[1.0, 2.0], [3.0, 4.0]]), np.array([[1], [0]]), axis=1)
    Tensor([[2.],
            [3.]])
    """
    x, where = array(x), as_numbers(indices)
    if axis is None:
        x, axis = ravel(x), 0
    if where.dtype.kind not in "iu":
        raise IndexError(f"take_along_axis: indices must be integers, got {where.dtype}")
    if where.ndim != x.ndim:
        raise ValueError(f"take_along_axis: indices of shape {where.shape} need as many axes as the array's {x.shape}")
    place = normalize_axis_index(axis, x.ndim)
    lines = np.ogrid[tuple([slice(n) for n in x.shape])]
    return getitem(x, tuple([where if k == place else placed_beside(line, x) for k, line in enumerate(lines)]))


# ---------------------------------------------------------------------------------------------------------------------
# Rearranging


@entry(
    np.flip,
    method=True,
    samples=lambda r: [Sample((r(2, 3),)), Sample((r(2, 3), 1)), Sample((r(2, 3, 2), (0, -1)))],
)
def flip(x: Any, axis: Axes = None) -> Any:
    """The entries in reverse order along every axis, or those given.

    >>> tl.flip(tl.tensor([1.0, 2.0]))
    Tensor([2., 1.])
    """
    x = array(x)
    axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
    return getitem(x, tuple([slice(None, None, -1) if k in axes else slice(None) for k in range(x.ndim)]))


@entry(
    np.roll,
    method=True,
    samples=lambda r: [
        Sample((r(2, 3), 2)),
        Sample((r(2, 3), -1), {"axis": 1}),
        Sample((r(3, 4), (1, 2)), {"axis": (0, 1)}),
        Sample((r(0), 1)),
    ],
)
def roll(x: Any, shift: int | Sequence[int], axis: Axes = None) -> Any:
    """Entries moved along an axis, those that fall off the end coming back at the start.

    >>> tl.roll(tl.tensor([1.0, 2.0, 3.0]), 1)
    Tensor([3., 1., 2.])
    """
    x = array(x)
    if axis is None:
        return reshape(roll(ravel(x), shift, 0), x.shape)
    shifts, axes = np.broadcast_arrays(shift, normalize_axis_tuple(axis, x.ndim, allow_duplicate=True))
    for by, place in zip(shifts.tolist(), axes.tolist(), strict=True):
        n = x.shape[place]
        cut = n - by % n if n else 0
        before = (slice(None),) * place
        x = concatenate([x[(*before, slice(cut, None))], x[(*before, slice(cut))]], axis=place)
    return x


@entry(
    np.repeat,
    method=True,
    samples=lambda r: [
        Sample((r(2, 3), 2)),
        Sample((r(2, 3), 2), {"axis": 1}),
        Sample((r(3), np.array([0, 2, 1])), {"axis": 0}),
    ],
)
def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each entry along the axis so many times, one after the other.

    >>> tl.repeat(tl.tensor([1.0, 2.0]), [1, 2])
    Tensor([1., 2., 2.])
    """
    refuse_elsewhere("repeat", "repeats", repeats)
    x, place = line_and_axis(x, axis)
    return take(x, placed_beside(np.repeat(np.arange(x.shape[place]), repeats), x), place)


@entry(
    np.tile, method=True, samples=lambda r: [Sample((r(2, 3), 2)), Sample((r(3), (2, 2))), Sample((r(2, 3), (2, 1, 1)))]
)
def tile(x: Any, reps: int | Sequence[int]) -> Any:
    """The whole array side by side, so many times along each axis.

    >>> tl.tile(tl.tensor([1.0, 2.0]), 2)
    Tensor([1., 2., 1., 2.])
    """
    x = array(x)
    times = (int(reps),) if isinstance(reps, (int, np.integer)) else tuple([int(n) for n in reps])
    ndim = max(x.ndim, len(times))
    times = (1,) * (ndim - len(times)) + times
    shape = (1,) * (ndim - x.ndim) + x.shape
    # a new axis before each old one, repeated, then merged with it
    apart = reshape(x, tuple([n for length in shape for n in (1, length)]))
    copies = broadcast_to(apart, tuple([n for pair in zip(times, shape, strict=True) for n in pair]))
    tiled = reshape(copies, tuple([t * n for t, n in zip(times, shape, strict=True)]))
    is_view = x.size * math.prod(times) == 0 or all(n == 1 or t == 1 for t, n in zip(times, shape, strict=True))
    return copy(tiled) if is_view else tiled


def on_and_below(name: str, x: Any, k: int) -> Any:
    """A mask of the entries on and below the k-th diagonal; a vector is taken for every row of a square matrix."""
    if not x.ndim:
        raise ValueError(f"{name}: takes a matrix, got a number")
    return placed_beside(np.tri(x.shape[-2:][0], x.shape[-1], k, dtype=bool), x)


@entry(np.tril, method=True, samples=lambda r: [Sample((r(3, 3),)), Sample((r(2, 3, 4), 1)), Sample((r(2), -1))])
def tril(x: Any, k: int = 0) -> Any:
    """The entries on and below the k-th diagonal, 0 above it.

    >>> tl.tril(tl.tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[1., 0.],
            [3., 4.]])
    """
    x = array(x)
    return np.where(on_and_below("tril", x, k), x, x.dtype.type(0))


@entry(np.triu, method=True, samples=lambda r: [Sample((r(3, 3),)), Sample((r(2, 3, 4), 1)), Sample((r(2), -1))])
def triu(x: Any, k: int = 0) -> Any:
    """The entries on and above the k-th diagonal, 0 below it.

    >>> tl.triu(tl.tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[1., 2.],
            [0., 4.]])
    """
    x = array(x)
    return np.where(on_and_below("triu", x, k - 1), x.dtype.type(0), x)
