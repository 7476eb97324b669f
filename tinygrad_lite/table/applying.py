"""NumPy's functions that apply a Python function to parts of an array: it is handed Tensors, and its work recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .arrays import values_of
from .elementwise import where
from .indexing import getitem, scatter_p
from .joining import stack
from .lists import as_array
from .registry import DISPATCH
from .shapes import broadcast_to, expand_dims, moveaxis, reshape, transpose


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """``np.apply_along_axis``: what a function makes of each line along an axis, in the axis's place.

    >>> np.apply_along_axis(lambda row: row * row.sum(), 1, tl.tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[ 3.,  6.],
            [21., 28.]])
    """
    x = as_array(arr)
    axis = normalize_axis_index(axis, x.ndim)
    lines = moveaxis(x, axis, -1)
    shape = lines.shape[:-1]
    if 0 in shape:
        raise ValueError("apply_along_axis: an axis to go along has length 0")
    results = [as_array(func1d(lines[index], *args, **kwargs)) for index in np.ndindex(*shape)]
    dtype = results[0].dtype  # which the others are written in
    results = [broadcast_to(y if y.dtype == dtype else y.astype(dtype), results[0].shape) for y in results]
    y = reshape(stack(results), (*shape, *results[0].shape))
    new = range(len(shape), y.ndim)
    return transpose(y, [*range(axis), *new, *range(axis, len(shape))])


def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """``np.apply_over_axes``: a reduction over one axis after the other, each kept with length 1.

    >>> np.apply_over_axes(np.sum, tl.tensor([[1.0, 2.0], [3.0, 4.0]]), [0, 1])
    Tensor([[10.]])
    """
    y = x = as_array(a)
    for axis in np.atleast_1d(axes).tolist():
        place = axis + x.ndim if axis < 0 else axis
        reduced = as_array(func(y, place))
        reduced = reduced if reduced.ndim == y.ndim else expand_dims(reduced, place)
        if reduced.ndim != y.ndim:
            raise ValueError("apply_over_axes: the function does not return an array of the right shape")
        y = reduced
    return y


def conditions(x: Any, condlist: Any, functions: int) -> Iterator[Any]:
    """The masks of a piecewise function, the last perhaps of what is left."""
    one = np.ndim(condlist) == 0 or (not isinstance(condlist[0], (list, np.ndarray)) and x.ndim != 0)
    given = [condlist] if one else condlist
    masks = np.asarray([values_of(as_array(c)) for c in given], dtype=bool)
    n = len(masks)
    if n == functions - 1:
        masks = np.concatenate([masks, ~np.any(masks, axis=0, keepdims=True)])
    elif n != functions:
        raise ValueError(f"piecewise: with {n} conditions, either {n} or {n + 1} functions are expected")
    yield from masks


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """``np.piecewise``: each function of the entries where its condition holds, 0 where none does.

    A function never sees the other entries, so that their derivatives do not mix.

    >>> np.piecewise(tl.tensor([-1.0, 4.0]), [np.array([False, True])], [np.sqrt, 0.0])
    Tensor([0., 2.])
    """
    x = as_array(x)
    y = np.zeros(x.shape, x.dtype)[()]
    for mask, function in zip(conditions(x, condlist, len(funclist)), funclist, strict=True):
        part = getitem(x, mask)
        if not part.size:
            continue
        value = as_array(function(part, *args, **kw) if callable(function) else function)
        value = value if value.dtype == x.dtype else value.astype(x.dtype)
        whole = np.broadcast_to(mask, x.shape + mask.shape[x.ndim :]) if mask.ndim < x.ndim else mask
        y = where(whole, scatter_p(broadcast_to(value, part.shape), index=mask, shape=x.shape), y)
    return y


DISPATCH.update({np.apply_along_axis: apply_along_axis, np.apply_over_axes: apply_over_axes, np.piecewise: piecewise})
