"""NumPy's functions that write into an array they are given, for Tensors: each is assignments to parts of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from . import indexing, shapes
from .arrays import array as as_array
from .arrays import as_numbers
from .elementwise import where as chosen
from .elsewhere import is_elsewhere
from .lists import as_argument
from .shapes import required

Writer = Callable[..., Any]


def can_cast(v: Any, to: Any, casting: Any, what: str) -> None:
    """Raise TypeError where NumPy's casting rule does not let one dtype's numbers into the other's array."""
    dtype = getattr(v, "dtype", None)
    if dtype is not None and not np.can_cast(dtype, to, casting):
        raise TypeError(f"{what}: cannot cast from {dtype} to {to} by the rule {casting!r}")


def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    """``np.copyto``: all entries, or those where a mask is true."""
    can_cast(src, dst.dtype, casting, "copyto")
    if where is True:
        dst[...] = src
        return
    if is_elsewhere(where):
        dst[...] = chosen(where, src, dst)
        return
    mask = np.broadcast_to(np.asarray(where, bool), dst.shape)
    src = as_array(src)
    if src.ndim > dst.ndim:  # leading axes of length 1, as an assignment takes them
        src = shapes.reshape(src, src.shape[src.ndim - dst.ndim :])
    dst[mask] = shapes.broadcast_to(src, dst.shape)[mask]


def deliver(out: Any, result: Any, what: str, casting: Any = "same_kind", where: Any = True, exact: bool = True) -> Any:
    """Write a result into ``out=``, and give that: of the result's shape, or of one that it is broadcast to."""
    shape = np.shape(result)
    if out.shape != shape and (exact or np.broadcast_shapes(out.shape, shape) != out.shape):
        raise ValueError(f"{what}: a result of shape {shape} cannot be written to out= of shape {out.shape}")
    if hasattr(type(out), "__record__"):
        copyto(out, result, casting, where)
    else:
        np.copyto(out, result, casting=casting, where=where)
    return out


def repeated(values: Any, n: int) -> Any:
    """The first n of the values, again and again."""
    flat = shapes.ravel(as_array(values))
    return flat if flat.shape == (n,) else flat[np.arange(n) % max(flat.shape[0], 1)]


def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """``np.put``: at places counted through all entries."""
    places = as_numbers(ind).reshape(-1)
    if places.size and np.size(v):
        size = a.size
        if is_elsewhere(places) and mode == "raise":
            required(places, (places >= -size) & (places < size), f"put: a place is out of bounds for {size} entries")
            places = places % size
        elif mode == "raise":
            if places.min() < -size or places.max() >= size:
                raise IndexError(f"put: a place is out of bounds for {size} entries")
            places = places % size
        else:
            places = places % size if mode == "wrap" else places.clip(0, size - 1)
        a[np.unravel_index(places, a.shape)] = repeated(v, places.size)


def place(arr: Any, mask: Any, vals: Any) -> None:
    """``np.place``: the values one after the other to where the mask is true."""
    if np.ndim(vals):
        can_cast(vals, arr.dtype, "safe", "place")
    if is_elsewhere(mask) and np.size(vals) == 1:
        arr[mask.reshape(arr.shape)] = as_array(vals).reshape(())
        return
    mask = np.asarray(mask, bool).reshape(arr.shape)
    if mask.any() and not np.size(as_array(vals)):
        raise ValueError("place: cannot insert from an empty array")
    if hasattr(vals, "flags") and vals.flags.c_contiguous and np.may_share_memory(arr, vals):
        Flat(arr)[np.flatnonzero(mask)] = vals
    else:
        arr[mask] = repeated(vals, int(mask.sum()))


def putmask(a: Any, mask: Any, values: Any) -> None:
    """``np.putmask``: each entry's value is that of its own place, the values repeated over all entries."""
    if np.ndim(values):
        can_cast(values, a.dtype, "safe", "putmask")
    if is_elsewhere(mask) and np.size(values):
        a[...] = chosen(mask.reshape(a.shape), repeated(values, a.size).reshape(a.shape), a)
        return
    mask = np.asarray(mask, bool).reshape(a.shape)
    if np.size(values) or not a.flags.writeable:
        a[mask] = repeated(values, a.size)[mask.reshape(-1)]


def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    """``np.put_along_axis``: along lines of an axis, at a place for each."""
    if axis is None:
        put(arr, indices, values)
        return
    indices = as_numbers(indices)
    axis = axis % arr.ndim
    index = [
        indices if k == axis else np.arange(n).reshape([-1 if m == k else 1 for m in range(arr.ndim)])
        for k, n in enumerate(arr.shape)
    ]
    arr[tuple(index)] = values


def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """``np.fill_diagonal``: the entries whose indices are all equal."""
    if a.ndim < 2:
        raise ValueError("fill_diagonal: the array must have two axes or more")
    end = None
    if a.ndim == 2:
        step = a.shape[1] + 1
        if not wrap:
            end = a.shape[1] * a.shape[1]
    else:
        if len(set(a.shape)) > 1:
            raise ValueError("fill_diagonal: all axes must have the same length")
        step = 1 + int(np.cumprod(a.shape[:-1]).sum())
    Flat(a)[:end:step] = val


WRITERS: Final[dict[Callable[..., Any], Writer]] = {
    np.copyto: copyto,
    np.put: put,
    np.place: place,
    np.putmask: putmask,
    np.put_along_axis: put_along_axis,
    np.fill_diagonal: fill_diagonal,
}
"""NumPy function → what serves it where its first argument is a Tensor."""


def ufunc_at(ufunc: np.ufunc, a: Any, indices: Any, *operands: Any) -> None:
    """``np.add.at`` and its kin: entry by entry in order, so that a place named twice is changed twice."""
    index = indexing.plain_index(indices)
    shape = np.empty(a.shape, bool)[index].shape
    numbers = np.arange(a.size).reshape(a.shape)[index].reshape(-1)
    # copies: what has been written is not read
    others = [shapes.copy(shapes.reshape(shapes.broadcast_to(as_array(b), shape), -1)) for b in operands]
    # the first naming of each place, then the second ones, …: within one of these rounds no place comes twice
    order = np.argsort(numbers, kind="stable")
    sorted_numbers = numbers[order]
    first = np.concatenate([[True], sorted_numbers[1:] != sorted_numbers[:-1]]) if numbers.size else np.zeros(0, bool)
    starts = np.maximum.accumulate(np.where(first, np.arange(numbers.size), 0))
    rank = np.empty(numbers.size, int)
    rank[order] = np.arange(numbers.size) - starts
    for turn in range(int(rank.max(initial=-1)) + 1):
        here = np.flatnonzero(rank == turn)
        at = np.unravel_index(numbers[here], a.shape)
        a[at] = ufunc(a[at], *[b[here] for b in others])


class Flat:
    """``t.flat``: all entries in the order of C, to read, to write and to go through."""

    def __init__(self, t: Any) -> None:
        self.t = t

    def __len__(self) -> int:
        return int(self.t.size)

    def __getitem__(self, index: Any) -> Any:
        part = self.t.reshape(-1)[index]
        return part.copy() if part.shape else part  # NumPy's are copies

    def __setitem__(self, index: Any, value: Any) -> None:
        value = as_argument(value)
        places = np.arange(self.t.size)[index]
        if not np.ndim(places) and np.size(value) != 1:
            raise ValueError(f"flat: one entry cannot be set to an array of shape {np.shape(value)}")
        if np.size(places) > 1 and np.ndim(value) and np.may_share_memory(self.t, value):
            for k, place in enumerate(places.reshape(-1)):  # NumPy reads one after the other what it has written
                put(self.t, place, value.reshape(-1)[k % value.size])
        else:
            put(self.t, places, value)

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.t.reshape(-1), dtype=dtype, copy=copy)
