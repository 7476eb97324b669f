"""Arrays put together of others: diagonals, blocks, columns, entries put in or left out."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .arrays import HALF, array, zeros
from .diagonals import diagonal, from_diagonal_p
from .elsewhere import placed_beside, refuse_elsewhere
from .indexing import getitem, take
from .joining import concatenate
from .lists import as_array
from .registry import Sample, entry
from .shapes import broadcast_to, copy, moveaxis, ravel, reshape

# ---------------------------------------------------------------------------------------------------------------------
# Diagonals


@entry(
    np.diag,
    samples=lambda r: [
        Sample((r(3),)),
        Sample((r(2), 1)),
        Sample((r(2),), {"k": -2}),
        Sample((r(3, 2),)),
        Sample((r(2, 4),), {"k": 1}),
        Sample((r(3, 3), -1)),
    ],
)
def diag(v: Any, k: int = 0) -> Any:
    """A matrix with the vector on its k-th diagonal, zero elsewhere; of a matrix, the k-th diagonal.

    Raises ValueError for anything but a vector or a matrix.

    >>> tl.diag(tl.tensor([1.0, 2.0]))
    Tensor([[1., 0.],
            [0., 2.]])
    """
    v = array(v)
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise ValueError(f"diag: takes a vector or a matrix, got shape {v.shape}")
    n = v.shape[0] + abs(operator.index(k))
    return from_diagonal_p(v, offset=operator.index(k), shape=(n, n))


@entry(np.diagflat, samples=lambda r: [Sample((r(2),)), Sample((r(1, 2), 1)), Sample((r(),), {"k": -1})])
def diagflat(v: Any, k: int = 0) -> Any:
    """A matrix with all entries of v on its k-th diagonal, zero elsewhere.

    >>> tl.diagflat(tl.tensor([[1.0, 2.0]]), 1).shape
    (3, 3)
    """
    return diag(ravel(v), k)


# ---------------------------------------------------------------------------------------------------------------------
# Blocks


def depth_of(blocks: Any) -> int:
    """How deep the lists of blocks are nested: everywhere as deep."""
    if isinstance(blocks, tuple):
        raise TypeError("block: blocks are nested in lists; a tuple is neither a list nor an array")
    if not isinstance(blocks, list):
        return 0
    depths = {depth_of(part) for part in blocks}
    if len(depths) != 1:
        raise ValueError(
            f"block: the lists are nested to different depths, {sorted(depths)}" if depths else "block: a list is empty"
        )
    return depths.pop() + 1


def leaves_of(blocks: Any) -> list[Any]:
    """The arrays in nested lists."""
    return [leaf for part in blocks for leaf in leaves_of(part)] if isinstance(blocks, list) else [array(blocks)]


def put_together(blocks: Any, depth: int, ndim: int) -> Any:
    """Lists of blocks joined along the axis that belongs to their depth, from the last."""
    if isinstance(blocks, list):
        return concatenate([put_together(part, depth - 1, ndim) for part in blocks], -depth)
    block = array(blocks)
    return reshape(block, (1,) * (ndim - block.ndim) + block.shape)


@entry(
    np.block,
    samples=lambda r: [
        Sample(([[r(2, 2), r(2, 1)], [r(1, 2), r(1, 1)]],)),
        Sample(([r(2), r(), r(1)],)),
        Sample(([[r(2)], [r(2)]],)),
        Sample((r(2, 2),)),
    ],
)
def block(arrays: Any) -> Any:
    """A matrix of blocks: the innermost lists are joined along the last axis, those around them along the one before.

    Raises ValueError for lists that are empty or nested to different depths.

    >>> tl.block([[tl.tensor([[1.0]]), np.zeros((1, 1))], [np.zeros((1, 1)), tl.tensor([[2.0]])]])
    Tensor([[1., 0.],
            [0., 2.]])
    """
    depth = depth_of(arrays)
    if not depth:
        return copy(arrays)
    return put_together(arrays, depth, max([depth, *[x.ndim for x in leaves_of(arrays)]]))


# ---------------------------------------------------------------------------------------------------------------------
# Entries put in and left out


@entry(
    np.append,
    samples=lambda r: [
        Sample((r(2, 2), r(3))),
        Sample((r(2, 2), r(1, 2)), {"axis": 0}),
        Sample((r(2, 2), r(2, 1), -1)),
        Sample((r(), r())),
    ],
)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """The values after the array, along an axis; without one, both as vectors.

    >>> tl.append(tl.tensor([1.0]), [2.0, 3.0])
    Tensor([1., 2., 3.])
    """
    arr, values = as_array(arr), as_array(values)
    if axis is None:
        return concatenate([ravel(arr), ravel(values)])
    return concatenate([arr, values], axis)


def along(arr: Any, axis: int | None) -> tuple[Any, int]:
    """An array and the axis to go along, which of a flattened one is the only one."""
    arr = as_array(arr)
    if axis is None:
        return (arr, 0) if arr.ndim == 1 else (ravel(arr), 0)
    return arr, normalize_axis_index(axis, arr.ndim)


def places_for(obj: Any, n: int) -> Any:
    """What ``insert`` is told of where, as an array of integers."""
    if isinstance(obj, slice):
        return np.arange(*obj.indices(n))
    places = np.array(obj)
    if places.dtype == bool:
        if places.ndim != 1:
            raise ValueError(f"insert: a mask has one axis, got shape {places.shape}")
        return np.flatnonzero(places)
    if places.ndim > 1:
        raise ValueError(f"insert: places are one number or an array of one axis, got shape {places.shape}")
    return places


@entry(
    np.insert,
    samples=lambda r: [
        Sample((r(4), 1, r(2))),
        Sample((r(2, 3), 1, r(2)), {"axis": 1}),
        Sample((r(2, 3), [1], r(2, 1)), {"axis": 1}),
        Sample((r(2, 3), [0, -1], r(2, 3), 0)),
        Sample((r(2, 2), [0, 2, 2], r())),
        Sample((r(4), slice(1, 4, 2), r(2))),
        Sample((r(3), np.array([True, False, True]), r(2))),
    ],
)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """The values put in before the given places along an axis; without one, into the entries in one axis.

    Parameters
    ----------
    obj : a place, or several as integers, a slice or a mask
    values : what is put in, of the array's dtype there; broadcast to as many entries as there are places

    Raises IndexError for a place out of bounds, ValueError for values that do not fit.

    >>> tl.insert(tl.tensor([1.0, 2.0]), 1, tl.tensor(5.0))
    Tensor([1., 5., 2.])
    """
    refuse_elsewhere("insert", "places", obj)
    arr, place = along(arr, axis)
    n, added = arr.shape[place], as_array(values)
    places = places_for(obj, n)
    if added.dtype != arr.dtype:
        added = added.astype(arr.dtype)
    if places.size == 1:
        added = reshape(added, (1,) * (arr.ndim - added.ndim) + added.shape)
        if not places.ndim:
            added = moveaxis(added, 0, place)
        count = added.shape[place]
    else:
        count = places.size
    order = np.insert(np.arange(n), obj, np.arange(n, n + count))
    shape = (*arr.shape[:place], count, *arr.shape[place + 1 :])
    while added.ndim > arr.ndim and added.shape[0] == 1:
        added = reshape(added, added.shape[1:])
    return take(concatenate([arr, broadcast_to(added, shape)], place), placed_beside(order, arr), place)


@entry(
    np.delete,
    samples=lambda r: [
        Sample((r(4), 1)),
        Sample((r(2, 3), [0, -1]), {"axis": 1}),
        Sample((r(2, 3), slice(0, 4, 2))),
        Sample((r(3, 2), np.array([True, False, True]), 0)),
    ],
)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """The entries at the given places along an axis left out; without one, of the entries in one axis.

    Parameters
    ----------
    obj : a place, or several as integers, a slice or a mask

    Raises IndexError for a place out of bounds.

    >>> tl.delete(tl.tensor([1.0, 2.0, 3.0]), 1)
    Tensor([1., 3.])
    """
    refuse_elsewhere("delete", "places", obj)
    arr, place = along(arr, axis)
    stays = np.zeros(arr.shape[place], bool)
    stays[np.delete(np.arange(arr.shape[place]), obj)] = True
    return getitem(arr, (slice(None),) * place + (placed_beside(stays, arr),))


@entry(
    np.resize,
    samples=lambda r: [Sample((r(2, 2), (3, 3))), Sample((r(2, 3), 4)), Sample((r(3), (2, 3))), Sample((r(), (2,)))],
)
def resize(a: Any, new_shape: Any) -> Any:
    """The entries, in their order and again and again, in another shape.

    Raises ValueError for a negative length.

    >>> tl.resize(tl.tensor([1.0, 2.0]), (2, 2))
    Tensor([[1., 2.],
            [1., 2.]])
    """
    shape = (new_shape,) if isinstance(new_shape, (int, np.integer)) else tuple(new_shape)
    if any(n < 0 for n in shape):
        raise ValueError(f"resize: all lengths of the new shape must be non-negative, got {shape}")
    entries, size = ravel(as_array(a)), math.prod(shape)
    if not entries.size or not size:
        return reshape(concatenate([entries[:0], zeros((size,), entries.dtype, entries)]), shape)
    if entries.dtype is HALF:  # for the gradient is a sum
        return resize(entries.astype(np.float32), new_shape).astype(HALF)
    times = -(-size // entries.size)
    return reshape(concatenate([entries] * times)[:size], shape)


@entry(np.rollaxis, samples=lambda r: [Sample((r(2, 3, 4), 2)), Sample((r(2, 3, 4), 0, 3)), Sample((r(2, 3), -1))])
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """An axis moved to before another, by default to the front.

    >>> tl.rollaxis(tl.tensor([[[1.0, 2.0]]]), 2).shape
    (2, 1, 1)
    """
    a = as_array(a)
    axis = normalize_axis_index(axis, a.ndim)
    start = start + a.ndim if start < 0 else start
    if not 0 <= start <= a.ndim:
        raise np.exceptions.AxisError(f"rollaxis: start must lie between {-a.ndim} and {a.ndim}")
    return moveaxis(a, axis, start - (axis < start))
