"""Functions that move entries about: their transposes move the gradient back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from .arrays import array, as_numbers, functions, unbroadcast, values_of
from .calling_elsewhere import LaidOut
from .ducks import DuckArray
from .leading import instead, moving, permuted_further, unbroadcast_each
from .registry import DISPATCH, Sample, entry, primitive

Axes = int | Sequence[int] | None

EVERY: Final = tuple([tuple(range(ndim)) for ndim in range(65)])
"""By number of axes, of which NumPy has 64 at most, all of them."""

REVERSED: Final = tuple([axes[::-1] for axes in EVERY])
"""By number of axes, all of them from the last to the first."""


def _copy(x: Any, *, order: Any) -> Any:
    return np.array(x, order=order)


copy_p = primitive(
    _copy, plain=lambda x, *, order: x.copy(), elementwise=True, linear=True, transparent=True, x=lambda g: g
)


@entry(np.copy, samples=lambda r: [Sample((r(2, 3),)), Sample((r(2, 3), "F")), Sample((r(),))])
def copy(x: Any, order: str = "K") -> Any:
    """An array of its own with the same values, laid out as :func:`numpy.copy` does; the gradient passes through.

    >>> x = tl.tensor([1.0, 2.0])
    >>> y = tl.copy(x)
    >>> y[0] = 5.0
    >>> x
    Tensor([1., 2.])
    """
    return copy_p(array(x), order=order)


def laid_out(y: Any, order: str, *inputs: Any) -> Any:
    """A function's result in the memory layout that was asked for with ``order=``, as NumPy's ufuncs have it."""
    if order == "K":
        return y
    arrays = [x for x in [array(x) for x in inputs if x is not None] if x.ndim]
    is_fortran = order == "F" or (order == "A" and bool(arrays) and all(x.flags.fnc for x in arrays))
    return copy(y, "F" if is_fortran else "C")


identity_p = primitive(lambda x: x, name="identity", elementwise=True, linear=True, transparent=True, x=lambda g: g)


def required(x: Any, holds: Any, message: str) -> Any:
    """``x``, of which something must hold everywhere; else ValueError; of lazy arrays once they are computed.

    On a device, whose numbers are not waited for, the entries of which it does not hold are NaN.
    """
    holds = as_numbers(holds)
    if type(holds) is DuckArray:
        if holds.kind.writable:
            holds.kind.asserted(holds, message)
            return x
        return np.where(holds.kind.asserted(holds, message), x, x.dtype.type(np.nan) if x.dtype.kind in "fc" else x)
    if not holds.all():
        raise ValueError(message)
    return x


def _astype(x: Any, *, dtype: Any) -> Any:
    return x.astype(dtype)


astype_p = primitive(_astype, elementwise=True, linear=True, transparent=True, x=lambda g: g)


def in_dtype(x: Any, dtype: Any, *, copy: bool = True, device: Any = None) -> Any:
    """``np.astype``."""
    if device not in (None, "cpu"):
        raise ValueError(f"astype: device must be 'cpu' or None, not {device!r}")
    return x.astype(dtype, copy=copy)


DISPATCH.update(dict.fromkeys(functions("astype"), in_dtype))


def wide(x: Any) -> Any:
    """``x``, small integers and booleans in the integers that NumPy multiplies them in."""
    if x.dtype.kind in "iub":
        return x.astype(np.result_type(x.dtype, np.uint if x.dtype.kind == "u" else np.int_))
    return x


# ---------------------------------------------------------------------------------------------------------------------
# Shapes


def new_shape(old: tuple[int, ...], new: Any) -> tuple[int, ...]:
    """The shape asked for, with -1 worked out; raises ValueError as NumPy does."""
    if type(new) is tuple and is_shape(new) and math.prod(new) == math.prod(old):  # nearly always
        return new
    if type(new) is int and new == -1:
        return (math.prod(old),)
    shape = (int(new),) if isinstance(new, (int, np.integer)) else tuple([int(n) for n in new])
    size = math.prod(old)
    if shape.count(-1) == 1 and (rest := -math.prod(shape)) and size % rest == 0:
        shape = tuple([size // rest if n == -1 else n for n in shape])
    if math.prod(shape) != size or min(shape, default=0) < 0:
        raise ValueError(f"reshape: an array of shape {old}, {size} entries, cannot have shape {shape}")
    return shape


def is_shape(lengths: tuple[Any, ...]) -> bool:
    """Whether these are Python's whole numbers, none of them negative."""
    for n in lengths:  # noqa: SIM110 (every reshape passes here)
        if type(n) is not int or n < 0:
            return False
    return True


def index_order(name: str, x: Any, order: str, *more: tuple[int, ...], layouts: tuple[str, ...] = ("A",)) -> str:
    """Which index runs fastest, "C" or "F".

    ``layouts`` ask the memory layout, which operations do not promise here: refused unless it makes no difference.
    """
    if order in layouts and all(sum([n != 1 for n in shape]) <= 1 for shape in (x.shape, *more)):
        return "C"
    if order not in ("C", "F"):
        why = (
            ", which goes by the memory layout, and no number here depends on it: give 'C', row by row, as NumPy does "
            "with arrays that it makes itself, or 'F', column by column, as it does with their transposes"
        )
        if isinstance(order, int):  # PyTorch's first axis to flatten
            why = "; x.reshape(len(x), -1) makes each sample one row, and so does nn.Flatten()"
        elif order not in ("A", "K"):
            why = ""
        raise ValueError(f"{name}: order must be 'C' or 'F' for shape {x.shape}, not {order!r}{why}")
    return order


def _reshape(x: Any, *, shape: tuple[int, ...]) -> Any:
    return x.reshape(shape)


reshape_p = primitive(
    _reshape,
    linear=True,
    transparent=True,
    view=True,
    leading=moving(),
    x=lambda g, x_shape: g.reshape(x_shape),
)


@entry(
    np.reshape,
    samples=lambda r: [
        Sample((r(2, 3), (3, 2))),
        Sample((r(2, 3), -1)),
        Sample((r(), (1, 1))),
        Sample((r(2, 3), (3, 2)), {"order": "F"}),
        Sample((r(1), ())),
        Sample((r(0, 2), (2, 0))),
    ],
)
def reshape(x: Any, shape: Any, *, order: str = "C", copy: bool | None = None) -> Any:
    """The entries, in their order, in another shape; one entry of ``shape`` may be −1. The gradient is reshaped back.

    Parameters
    ----------
    order : "C", last index fastest, or "F", first index fastest; "A", which NumPy takes as either by the memory layout,
        where both are the same
    copy : whether the result has memory of its own; False refuses to copy

    >>> tl.reshape(tl.tensor([1.0, 2.0, 3.0, 4.0]), (2, 2))
    Tensor([[1., 2.],
            [3., 4.]])
    """
    x = array(x)
    new = new_shape(x.shape, shape)
    if copy is False:
        values_of(x).reshape(new, order=order, copy=False)  # which refuses where it must
    if order != "C" and index_order("reshape", x, order, new) == "F":
        y = transpose(reshape_p(transpose(x), shape=new[::-1]))
    else:
        y = reshape_p.on((x,), {"shape": new})
    return y.copy() if copy else y


@entry(
    np.ravel,
    method=True,
    also=("flatten",),
    samples=lambda r: [Sample((r(2, 3),)), Sample((r(),)), Sample((r(2, 3),), {"order": "F"})],
)
def ravel(x: Any, order: str = "C") -> Any:
    """All entries in one axis. ``order`` as for :func:`reshape`; "K" is as "A".

    >>> tl.ravel(tl.tensor([[1.0, 2.0]]))
    Tensor([1., 2.])
    """
    x = array(x)
    order = index_order("ravel", x, order, layouts=("A", "K"))
    y = reshape(x, -1, order=order)
    flags = getattr(x, "flags", None)  # which arrays of other libraries lack, and give no views
    return y if flags is None or (flags.c_contiguous if order == "C" else flags.f_contiguous) else y.copy()


def as_rows(x: Any) -> Any:
    """All axes but the last in one."""
    return x if x.ndim == 2 else x.reshape((math.prod(x.shape[:-1]), x.shape[-1]))


def inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The permutation that undoes ``axes``."""
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))


def _transpose(x: Any, *, axes: tuple[int, ...]) -> Any:
    return x.transpose(axes)


transpose_p = primitive(
    _transpose,
    linear=True,
    view=True,
    leading=moving(axes=permuted_further),
    x=lambda g, axes: g.transpose(inverse(axes)),
)


def reverse(axis: int) -> tuple[slice, ...]:
    """The index that reverses one axis."""
    return (slice(None),) * axis + (slice(None, None, -1),)


def is_number_axis(axis: Any) -> bool:
    """Whether NumPy takes an axis for that of a number."""
    return isinstance(axis, (int, np.integer)) and axis in (0, -1)


def line_and_axis(x: Any, axis: Any) -> tuple[Any, int]:
    """What to go along, and along which axis: ``ravel(x)`` for None, and of a number, as NumPy does."""
    x = array(x)
    ndim = x.ndim
    if axis is None or (not ndim and is_number_axis(axis)):
        return (x if ndim == 1 else ravel(x)), 0
    return x, normalize_axis_index(axis, ndim)


@entry(
    np.transpose,
    np.permute_dims,
    samples=lambda r: [
        Sample((r(2, 3),)),
        Sample((r(2, 3, 4), (1, 2, 0))),
        Sample((r(2, 3, 4), (-1, 0, 1))),
        Sample((r(),)),
        Sample((r(0, 2),)),
    ],
)
def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """Axes in another order, reversed by default: y[i, j] = x[j, i]. The gradient is transposed back.

    >>> tl.transpose(tl.tensor([[1.0, 2.0]])).shape
    (2, 1)
    """
    x = array(x)
    if axes is None:
        return transpose_p.on((x,), {"axes": REVERSED[x.ndim]})
    order = normalize_axis_tuple(axes, x.ndim, "axes")
    if len(order) != x.ndim:
        raise ValueError(f"transpose: axes {tuple(axes)} do not match an array of shape {x.shape}")
    return transpose_p(x, axes=order)


@entry(
    np.swapaxes,
    method=True,
    samples=lambda r: [Sample((r(2, 3, 4), 0, 2)), Sample((r(2, 3), -1, 0)), Sample((r(2, 0, 3), 1, 2))],
)
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged.

    >>> tl.swapaxes(tl.tensor([[[1.0, 2.0]]]), 0, 2).shape
    (2, 1, 1)
    """
    x = array(x)
    axes = list(range(x.ndim))
    i, j = normalize_axis_index(axis1, x.ndim, "axis1"), normalize_axis_index(axis2, x.ndim, "axis2")
    axes[i], axes[j] = axes[j], axes[i]
    return transpose_p(x, axes=tuple(axes))


@entry(
    np.matrix_transpose,
    samples=lambda r: [Sample((r(2, 3),)), Sample((r(2, 3, 4),))],
)
def matrix_transpose(x: Any) -> Any:
    """The last two axes exchanged, ``x.mT``.

    >>> tl.matrix_transpose(tl.tensor([[[1.0, 2.0]]])).shape
    (1, 2, 1)
    """
    x = array(x)
    if x.ndim < 2:
        raise ValueError(f"matrix_transpose: needs two axes or more, got shape {x.shape}")
    return swapaxes(x, -1, -2)


@entry(
    np.moveaxis,
    method=True,
    samples=lambda r: [Sample((r(2, 3, 4), 0, -1)), Sample((r(2, 3, 4), (0, 1), (2, 0)))],
)
def moveaxis(x: Any, source: Axes, destination: Axes) -> Any:
    """Axes moved to new places, the others kept in order.

    >>> tl.moveaxis(tl.tensor([[[1.0, 2.0]]]), -1, 0).shape
    (2, 1, 1)
    """
    x = array(x)
    take = normalize_axis_tuple(source, x.ndim, "source")  # type: ignore[arg-type]
    put = normalize_axis_tuple(destination, x.ndim, "destination")  # type: ignore[arg-type]
    if len(take) != len(put):
        raise ValueError(f"moveaxis: {len(take)} source axes and {len(put)} destinations")
    axes = [axis for axis in range(x.ndim) if axis not in take]
    for to, axis in sorted(zip(put, take, strict=True)):
        axes.insert(to, axis)
    return transpose_p(x, axes=tuple(axes))


@entry(np.expand_dims, method=True, samples=lambda r: [Sample((r(2, 3), 0)), Sample((r(3), (0, -1))), Sample((r(), 0))])
def expand_dims(x: Any, axis: int | Sequence[int]) -> Any:
    """New axes of length 1, at the places they will have.

    >>> tl.expand_dims(tl.tensor([1.0, 2.0]), 1).shape
    (2, 1)
    """
    x = array(x)
    if type(axis) is int and 0 <= axis <= x.ndim:  # nearly always
        shape = x.shape
        return reshape_p.on((x,), {"shape": (*shape[:axis], 1, *shape[axis:])})
    ndim = x.ndim + (1 if isinstance(axis, (int, np.integer)) else len(axis))
    new = normalize_axis_tuple(axis, ndim, "axis")
    old = iter(x.shape)
    return reshape_p(x, shape=tuple([1 if k in new else next(old) for k in range(ndim)]))


@entry(
    np.squeeze,
    method=True,
    samples=lambda r: [Sample((r(1, 3, 1),)), Sample((r(1, 3, 1), 0)), Sample((r(1, 3, 1), (0, -1))), Sample((r(1),))],
)
def squeeze(x: Any, axis: Axes = None) -> Any:
    """Axes of length 1 left out: all of them, or those given.

    >>> tl.squeeze(tl.tensor([[1.0, 2.0]])).shape
    (2,)
    """
    x = array(x)
    shape = x.shape
    if axis is None or (not shape and is_number_axis(axis)):
        return reshape_p.on((x,), {"shape": tuple([n for n in shape if n != 1])})
    gone = normalize_axis_tuple(axis, len(shape), "axis")
    if any(shape[k] != 1 for k in gone):
        raise ValueError(f"squeeze: axis {axis} of shape {shape} is not of length 1")
    return reshape_p(x, shape=tuple([n for k, n in enumerate(shape) if k not in gone]))


SMALL = 4096  # entries; below this, filling an array is faster than making a broadcast view of one


def _broadcast_to(x: Any, *, shape: tuple[int, ...]) -> Any:
    return np.broadcast_to(x, shape)


broadcast_to_p = primitive(
    _broadcast_to,
    linear=True,
    transparent=True,
    view=True,
    leading=instead(unbroadcast_each),
    x=lambda g, x_shape: unbroadcast(g, x_shape),
)


@entry(
    np.broadcast_to,
    method=True,
    samples=lambda r: [
        Sample((r(3), (2, 3))),
        Sample((r(2, 1), (2, 3))),
        Sample((r(), (2, 3))),
        Sample((r(2, 3), (2, 3))),
        Sample((r(1, 3), (0, 3))),
    ],
)
def broadcast_to(x: Any, shape: Any) -> Any:
    """``x`` repeated along new axes and axes of length 1. The gradient is the sum over the copies.

    >>> tl.broadcast_to(tl.tensor(1.0), (2,))
    Tensor([1., 1.])
    """
    x = array(x)
    if type(shape) is not LaidOut and not (type(shape) is tuple and is_shape(shape)):
        shape = (int(shape),) if isinstance(shape, (int, np.integer)) else tuple([int(n) for n in shape])
    if not (is_shape(shape) and is_broadcast(x.shape, shape)) and np.broadcast_shapes(x.shape, shape) != shape:
        raise ValueError(f"broadcast_to: shape {x.shape} does not broadcast to {shape}")
    return broadcast_to_p.on((x,), {"shape": shape})


def is_broadcast(old: tuple[int, ...], new: tuple[int, ...]) -> bool:
    """Whether an array of one shape can be repeated to have the other."""
    added = len(new) - len(old)
    return added >= 0 and (old == new[added:] or all(n in (1, m) for n, m in zip(old, new[added:], strict=True)))


def spread(x: Any, shape: tuple[int, ...]) -> Any:
    """:func:`broadcast_to` for cotangents, which nobody takes for a view: small ones are filled, which is quicker."""
    if type(x) is not np.ndarray or math.prod(shape) > SMALL:
        return broadcast_to(x, shape)
    y = np.empty(shape, x.dtype)
    y[...] = x
    return y
