"""The methods of NumPy's ufuncs, ``np.add.reduce`` and its kin, by functions of the table."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np

from . import joining, multiplication, neural, reductions, shapes
from .arrays import array, values_of
from .lists import as_array
from .registry import DISPATCH


def is_default(keyword: str, value: Any) -> bool:
    """Whether a ufunc's keyword asks for nothing."""
    if value is None or value is np._NoValue:
        return keyword != "axis"  # where None is all axes
    return isinstance(value, (str, bool)) and DEFAULTS.get(keyword) == value


DEFAULTS = {"where": True, "casting": "same_kind", "order": "K", "subok": True, "keepdims": False}


def ufunc_served(ufunc: np.ufunc, method: str) -> Callable[..., Any] | None:
    """The table's function for a ufunc, or for a method of one."""
    if method == "__call__":
        return DISPATCH.get(ufunc)
    if method == "outer" and ufunc in DISPATCH:
        return outer_of(ufunc, DISPATCH[ufunc])
    served = METHODS.get((ufunc, method))
    if served is None and method in FOLDS and ufunc in DISPATCH and ufunc.nin == 2 and ufunc.nout == 1:
        return FOLDS[method](ufunc)
    return served


def called_with(ufunc: np.ufunc, served: Callable[..., Any], inputs: tuple[Any, ...], options: Any) -> Any:
    """A ufunc with keywords, by the function of the table that stands for it; NotImplemented for what it cannot do.

    Its inputs are converted to what NumPy would compute with (``dtype``, ``signature``, ``casting``), of gufuncs the
    axes are put where they belong (``axes``, ``axis``, ``keepdims``), and the result is laid out (``order``).
    """
    rest = dict(options)
    order = rest.pop("order", "K")
    rest.pop("subok", None)
    types = {key: rest.pop(key) for key in ("dtype", "signature", "casting") if key in rest}
    if types:
        inputs = converted(ufunc, inputs, **types)
    given = {key: rest.pop(key) for key in ("axes", "axis", "keepdims") if key in rest and ufunc.signature}
    if rest:
        return NotImplemented
    y = along_axes(ufunc, served, inputs, **given) if given else served(*inputs)
    if isinstance(y, tuple):
        return tuple([shapes.laid_out(part, order, *inputs) for part in y])
    return shapes.laid_out(y, order, *inputs)


def converted(
    ufunc: np.ufunc, inputs: tuple[Any, ...], dtype: Any = None, signature: Any = None, casting: Any = "same_kind"
) -> tuple[Any, ...]:
    """Inputs in the types that NumPy computes with; raises its TypeError where its casting rule does not let them."""
    if signature is None and dtype is not None:
        signature = (None,) * ufunc.nin + (np.dtype(dtype),) * ufunc.nout
    given = {} if signature is None else {"signature": signature}
    weak = (int, float, complex)
    of_inputs = [type(x) if type(x) in weak else as_array(x).dtype for x in inputs]
    loop = ufunc.resolve_dtypes((*of_inputs, *[None] * ufunc.nout), casting=casting, **given)
    arrays = [as_array(x) for x in inputs]
    return tuple([x if x.dtype == to else x.astype(to) for x, to in zip(arrays, loop, strict=False)])


def along_axes(
    ufunc: np.ufunc, served: Callable[..., Any], inputs: Any, axes: Any = None, axis: Any = None, keepdims: bool = False
) -> Any:
    """A function of the last axes, as gufuncs are, along others."""
    cores = [len([name for name in part.strip("()").split(",") if name]) for part in split_signature(ufunc)]
    if axis is not None or keepdims:
        if set(cores[: ufunc.nin]) != {1} or cores[-1]:
            raise TypeError(f"{ufunc.__name__}: takes axis= and keepdims= for one shared axis only")
        axes = axes or [(-1 if axis is None else axis,)] * ufunc.nin
    if len(axes) not in (len(cores), ufunc.nin if not cores[-1] else len(cores)):
        raise ValueError(f"{ufunc.__name__}: axes must name those of all inputs and of the output, got {axes}")
    places = [(part,) if isinstance(part, (int, np.integer)) else tuple(part) for part in axes]
    if any(len(place) != n for place, n in zip(places, cores, strict=False) if not (keepdims and n == 0)):
        raise ValueError(f"{ufunc.__name__}: axes must have {cores} entries, got {axes}")
    moved = [
        shapes.moveaxis(as_array(x), place, tuple(range(-n, 0)))
        for x, place, n in zip(inputs, places, cores, strict=False)
    ]
    y = served(*moved)
    if keepdims:
        return shapes.expand_dims(y, places[-1] if len(places) > ufunc.nin and places[-1] else places[0])
    return shapes.moveaxis(y, tuple(range(-cores[-1], 0)), places[-1]) if cores[-1] else y


def split_signature(ufunc: np.ufunc) -> list[str]:
    """The core axes of inputs and output: ``(m,n),(n)->(m)`` in its parts."""
    return str(ufunc.signature).replace("->", ",").replace("?", "").replace("),(", ")|(").split("|")


def in_dtype(x: Any, dtype: Any) -> Any:
    """An array in the dtype that was asked for, if one was."""
    x = array(x)
    return x if dtype is None or x.dtype == dtype else x.astype(dtype)


def axis_of(x: Any, axis: Any) -> Any:
    """The axes to reduce: NumPy's ufuncs take 0 for a number too."""
    return () if not x.ndim and type(axis) is int and axis in (0, -1) else axis


def reduce_with(function: Callable[..., Any], takes_dtype: bool = False) -> Callable[..., Any]:
    """A ufunc's ``reduce`` by a reduction of the table: over the first axis unless told otherwise."""

    def reduce(
        x: Any, *, axis: Any = 0, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
    ) -> Any:
        options = {key: value for key, value in (("initial", initial), ("where", where)) if not is_default(key, value)}
        if takes_dtype:
            options["dtype"] = dtype
        else:
            x = in_dtype(x, dtype)
        return function(x, axis_of(array(x), axis), keepdims=keepdims, **options)

    return reduce


def accumulate_with(function: Callable[..., Any]) -> Callable[..., Any]:
    """A ufunc's ``accumulate`` by a cumulative function of the table."""

    def accumulate(x: Any, *, axis: int = 0, dtype: Any = None) -> Any:
        return function(x, axis, dtype=dtype)

    return accumulate


def outer_of(ufunc: np.ufunc, function: Callable[..., Any]) -> Callable[..., Any]:
    """A ufunc's ``outer``: the function of every pair of entries."""

    def outer(a: Any, b: Any, **options: Any) -> Any:
        a, b = array(a), array(b)
        options = {key: value for key, value in options.items() if not is_default(key, value)}
        y = called_with(ufunc, function, (shapes.reshape(a, a.shape + (1,) * b.ndim), b), options)
        if y is NotImplemented:
            raise TypeError(f"{ufunc.__name__}.outer: takes no {', '.join(options)} when recorded")
        return y

    return outer


# ---------------------------------------------------------------------------------------------------------------------
# Of any ufunc of two arguments, by itself


ASSOCIATIVE: Final = frozenset(
    {np.maximum, np.minimum, np.fmax, np.fmin, np.hypot, np.logaddexp, np.logaddexp2, np.add, np.multiply}
)
"""Ufuncs that may be taken in pairs: their folds need few operations, of whole arrays."""


def refuse_as_numpy(ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> None:
    """Raise what NumPy raises: for axes and masks that do not fit, an axis without entries, and the like."""
    with np.errstate(all="ignore"):
        getattr(ufunc, method)(*args, **{key: value for key, value in kwargs.items() if not is_default(key, value)})


def in_pairs(function: Callable[..., Any], x: Any) -> Any:
    """An associative function of all entries along the first axis."""
    while (n := x.shape[0]) > 1:
        pairs = function(x[: n - n % 2 : 2], x[1::2])
        x = joining.concatenate([pairs, x[-1:]]) if n % 2 else pairs
    return x[0]


def in_order(function: Callable[..., Any], x: Any, y: Any, mask: Any) -> Any:
    """A function of what it made of the entries before and the next one along the first axis, from ``y`` if given."""
    for k in range(x.shape[0]):
        y = x[k] if y is None else chosen(mask, k, function, y, x[k])
    return y


def chosen(mask: Any, k: int, function: Callable[..., Any], y: Any, part: Any) -> Any:
    """The next step of a fold, where the mask is true."""
    return function(y, part) if mask is None else np.where(mask[k], function(y, part), y)


@cache
def fold(ufunc: np.ufunc) -> Callable[..., Any]:
    """The ``reduce`` of a ufunc: f(f(x₀, x₁), x₂) and so on."""
    function = DISPATCH[ufunc]

    def reduce(
        x: Any, *, axis: Any = 0, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
    ) -> Any:
        first = None if initial is None else values_of(array(initial))
        options = {"axis": axis, "dtype": dtype, "keepdims": keepdims, "initial": first, "where": where}
        refuse_as_numpy(ufunc, "reduce", values_of(array(x)), **options)
        x = in_dtype(x, dtype)
        axes = reductions.axes_of(x, axis_of(x, axis))
        kept = [n for k, n in enumerate(x.shape) if k not in axes]
        mask = None if where is True else in_front(np.broadcast_to(where, x.shape), axes, kept)
        lines = in_front(x, axes, kept)
        if initial is None and (mask is not None or not lines.shape[0]):
            initial = ufunc.identity
        if initial is None and mask is None and ufunc in ASSOCIATIVE:
            y = in_pairs(function, lines)
        else:
            start = None if initial is None else shapes.broadcast_to(array(initial), tuple(kept))
            if start is not None and start.dtype != x.dtype:
                start = start.astype(x.dtype)
            y = in_order(function, lines, start, mask)
        y = shapes.copy(y) if lines.shape[0] == 1 and y.ndim else y
        return reductions.with_axes(y, axes, x.ndim) if keepdims else y

    return reduce


def in_front(x: Any, axes: tuple[int, ...], kept: list[int]) -> Any:
    """The axes that are reduced as one, in front."""
    return shapes.reshape(shapes.moveaxis(x, axes, range(len(axes))), (reductions.count(x.shape, axes), *kept))


@cache
def running_fold(ufunc: np.ufunc) -> Callable[..., Any]:
    """The ``accumulate`` of a ufunc: all that its ``reduce`` has on the way."""
    function = DISPATCH[ufunc]

    def accumulate(x: Any, *, axis: int = 0, dtype: Any = None) -> Any:
        refuse_as_numpy(ufunc, "accumulate", values_of(array(x)), axis=axis, dtype=dtype)
        x = in_dtype(x, dtype)
        lines = shapes.moveaxis(x, axis, 0)
        if ufunc in ASSOCIATIVE:
            step = 1
            while step < lines.shape[0]:
                lines = joining.concatenate([lines[:step], function(lines[:-step], lines[step:])])
                step *= 2
        elif lines.shape[0]:
            parts = [lines[0]]
            for k in range(1, lines.shape[0]):
                parts.append(function(parts[-1], lines[k]))
            lines = joining.stack([part.astype(parts[-1].dtype) for part in parts])
        y = shapes.moveaxis(lines, 0, axis)
        return shapes.copy(y) if x.shape[axis] <= 1 else y

    return accumulate


@cache
def fold_in_parts(ufunc: np.ufunc) -> Callable[..., Any]:
    """The ``reduceat`` of a ufunc: its ``reduce`` of parts along an axis, or the entry where a part ends first."""
    served = ufunc_served(ufunc, "reduce")
    reduce: Callable[..., Any] = fold(ufunc) if served is None else served

    def reduceat(x: Any, indices: Any, *, axis: int = 0, dtype: Any = None) -> Any:
        x = array(x)
        starts = values_of(array(indices))
        refuse_as_numpy(ufunc, "reduceat", values_of(x), starts, axis=axis, dtype=dtype)
        axis = axis % x.ndim
        before = (slice(None),) * axis
        if not starts.size:
            return in_dtype(x[(*before, slice(0, 0))], dtype)
        stops = [*starts[1:].tolist(), x.shape[axis]]
        parts = [
            reduce(x[(*before, slice(a, max(b, a + 1)))], axis=axis, dtype=dtype, keepdims=True)
            for a, b in zip(starts.tolist(), stops, strict=True)
        ]
        return joining.concatenate(parts, axis)

    return reduceat


FOLDS: Final[dict[str, Callable[[np.ufunc], Callable[..., Any]]]] = {
    "reduce": fold,
    "accumulate": running_fold,
    "reduceat": fold_in_parts,
}


def reduce_logarithms(
    x: Any, *, axis: Any = 0, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """``np.logaddexp.reduce``: by the closed form where it applies."""
    if initial is None and where is True and array(x).size:
        return neural.logsumexp(in_dtype(x, dtype), axis_of(array(x), axis), keepdims=keepdims)
    return fold(np.logaddexp)(x, axis=axis, dtype=dtype, keepdims=keepdims, initial=initial, where=where)


METHODS: dict[tuple[np.ufunc, str], Callable[..., Any]] = {
    (np.add, "reduce"): reduce_with(reductions.sum, takes_dtype=True),
    (np.multiply, "reduce"): reduce_with(multiplication.prod, takes_dtype=True),
    (np.maximum, "reduce"): reduce_with(reductions.max),
    (np.minimum, "reduce"): reduce_with(reductions.min),
    (np.logaddexp, "reduce"): reduce_logarithms,
    (np.add, "accumulate"): accumulate_with(reductions.cumsum),
    (np.multiply, "accumulate"): accumulate_with(multiplication.cumprod),
}
