"""Evenly spaced numbers between ends that may be differentiated, and arrays filled with one value."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .arrays import as_numbers, values
from .ducks import duck, handed_back
from .elementwise import keep, where
from .elsewhere import is_elsewhere, is_lazy, placed_beside
from .joining import concatenate
from .lists import as_array
from .registry import DISPATCH, Sample, entry
from .shapes import broadcast_to, copy, expand_dims, moveaxis, required, reshape


def weak_type(*ends: Any) -> np.dtype[Any]:
    """The floating-point type of some numbers together, Python's giving way to NumPy's."""
    kinds: Any = [x if type(x) in (int, float, complex) else as_array(x).dtype for x in ends]
    return np.result_type(*kinds, 1.0)


@entry(
    np.linspace,
    samples=lambda r: [
        Sample((r(), r())),
        Sample((r(), r(), 4), {"endpoint": False}),
        Sample((r(2), r(2), 3), {"axis": -1}),
        Sample((r(2, 1), r(3)), {"num": 3, "axis": 1}),
        Sample((r(2), 1.0, 1)),
        Sample((r(), r(2), 0)),
    ],
)
def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    """yₖ = a + k (b − a) / (n − 1): n evenly spaced numbers; ∂yₖ/∂a = 1 − k/(n − 1),  ∂yₖ/∂b = k/(n − 1).

    Parameters
    ----------
    start, stop : the ends, numbers or arrays that broadcast
    num : how many
    endpoint : whether the last of them is ``stop``; otherwise the division is by n
    retstep : give the step too
    dtype : of the result; integers are rounded down
    axis : of the result, along which the numbers lie
    device : None or "cpu"

    >>> tl.linspace(tl.tensor(0.0), 1.0, 3)
    Tensor([0. , 0.5, 1. ])
    """
    if device not in (None, "cpu"):
        raise ValueError(f"linspace: device must be 'cpu' or None, not {device!r}")
    num = operator.index(num)
    if num < 0:
        raise ValueError(f"linspace: the number of samples must be non-negative, got {num}")
    div = num - 1 if endpoint else num
    dt = weak_type(start, stop)
    first, last = as_array(start), as_array(stop)
    delta = last.astype(dt) - first.astype(dt)
    y = placed_beside(np.arange(num, dtype=dt).reshape((-1,) + (1,) * delta.ndim), delta)
    step = delta / div if div > 0 else np.nan
    if div > 0 and is_lazy(step):
        y = where(np.all(values(step) != 0), y * step, y / div * delta)
    else:  # also where a step is too small for a number
        y = y * step if div > 0 and np.all(values(step) != 0) else y / max(div, 1) * delta
    y = y + first
    if endpoint and num > 1:
        end = broadcast_to(last.astype(y.dtype), y.shape[1:])
        y = concatenate([y[:-1], reshape(end, (1, *y.shape[1:]))])
    if axis != 0:
        y = moveaxis(y, 0, axis)
    to = dt if dtype is None else np.dtype(dtype)
    if to.kind in "iu":
        y = np.floor(y)
    y = y if y.dtype == to else y.astype(to)
    return (y, step) if retstep else y


@entry(
    np.logspace,
    samples=lambda r: [
        Sample((r(), r(), 4)),
        Sample((r(), r(), 3), {"endpoint": False, "base": 2.0}),
        Sample((r(2), r(2), 3), {"axis": 1}),
        Sample((r(), r(), 3, True, r(low=1.5, high=3.0))),
        Sample((r(), r(), 3, True, r(2, low=1.5, high=3.0)), {"axis": -1}),
    ],
)
def logspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    """y = base^t for evenly spaced t from ``start`` to ``stop``, as :func:`linspace` gives them.

    >>> tl.logspace(tl.tensor(0.0), 2.0, 3)
    Tensor([  1.,  10., 100.])
    """
    if np.ndim(base):
        start, stop, base = [as_array(x) for x in (start, stop, base)]
        ndim = max(x.ndim for x in (start, stop, base))
        start, stop, base = [reshape(x, (1,) * (ndim - x.ndim) + x.shape) for x in (start, stop, base)]
        base = expand_dims(base, axis)
    y = np.power(base, linspace(start, stop, num, endpoint, axis=axis))
    return y if dtype is None else y.astype(dtype)


@entry(
    np.geomspace,
    samples=lambda r: [
        Sample((r(low=0.5, high=1.0), r(low=3.0, high=9.0), 4)),
        Sample((-r(2, low=0.5, high=1.0), -r(2, low=3.0, high=9.0), 3), {"axis": -1, "endpoint": False}),
        Sample((r(low=0.5, high=1.0), r(low=3.0, high=9.0)), {"num": 2, "endpoint": False}),
    ],
)
def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """yₖ = a (b/a)^(k/(n − 1)): numbers each of which is the one before times the same.

    Parameters as for :func:`linspace`. Raises ValueError for an end that is 0.

    >>> tl.geomspace(tl.tensor(1.0), 4.0, 3).round(12)
    Tensor([1., 2., 4.])
    """
    first, last = as_array(start), as_array(stop)
    first, last = [
        required(x, as_numbers(values(x) != 0), "geomspace: a geometric sequence cannot include zero")
        for x in (first, last)
    ]
    dt = np.result_type(weak_type(first, last), np.dtype(dtype))  # NumPy's: float64 where no dtype is asked for
    first, last = first.astype(dt), last.astype(dt)
    sign = np.sign(values(first))
    first, last = first / sign, last / sign
    num = operator.index(num)
    shape = np.broadcast_shapes(first.shape, last.shape)
    ends = [reshape(broadcast_to(x, shape), (1, *shape)) for x in (first, last)]
    before, after = ends[: min(num, 1)], ends[1:] if endpoint and num > 1 else []
    between = num - len(before) - len(after)
    if between > 0 or not num:  # the ends are not computed: of opposite signs nothing else need be
        y = logspace(np.log10(first), np.log10(last), num, endpoint, dtype=dt)
        before.append(y[1 : 1 + between])
    y = concatenate([*before, *after]) * sign
    if axis != 0:
        y = moveaxis(y, 0, axis)
    return y if dtype is None else y.astype(dtype)


def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: Any = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    """``np.full_like``: of an array's shape and dtype, and one value that may be differentiated."""
    if device not in (None, "cpu"):
        raise ValueError(f"full_like: device must be 'cpu' or None, not {device!r}")
    made = np.zeros_like(a, dtype, order, subok, shape)
    value = as_array(fill_value)
    if not hasattr(type(value), "__record__"):
        if is_elsewhere(made):  # which is not written to
            there = duck(made)
            return handed_back((there + placed_beside(np.broadcast_to(value, made.shape), there)).astype(made.dtype))
        np.copyto(made, value, casting="unsafe")
        return made
    filled = copy(broadcast_to(value, made.shape), order if order in ("C", "F") else "K")
    return filled if filled.dtype == made.dtype else filled.astype(made.dtype)


DISPATCH[np.full_like] = full_like


@entry(
    np.nan_to_num,
    samples=lambda r: [
        Sample((np.array([1.5, np.nan, -0.5]),)),
        Sample((r(2, 3),), {"nan": 1.5}),
        Sample((r(), True, 0.5, 2.0, -2.0)),
        Sample((np.array([1.5 + 1j, np.nan - 2j, 0.5 + np.nan * 1j]),)),
    ],
)
def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """y = x, with other numbers for NaN and infinities; what was replaced receives no gradient, its replacement does.

    Of complex numbers both parts, each for itself.

    Parameters
    ----------
    copy : False writes the result into x
    nan : in place of NaN
    posinf, neginf : in place of ∞ and −∞, by default the largest and the smallest number of the dtype

    >>> tl.nan_to_num(tl.tensor([np.nan, 1.0]), nan=2.0)
    Tensor([2., 1.])
    """
    x = as_array(x)
    if x.dtype.kind == "c":
        y = nan_to_num(np.real(x), True, nan, posinf, neginf) + 1j * nan_to_num(np.imag(x), True, nan, posinf, neginf)
        return written(x, y, copy)
    if x.dtype.kind != "f":
        return x if not copy or hasattr(type(x), "__record__") else x.copy()[()]
    limits = np.finfo(x.dtype)
    y = keep(x, ~np.isnan(x)) if type(nan) in (int, float) and nan == 0 else np.where(np.isnan(x), nan, x)
    y = np.where(np.isposinf(x), limits.max if posinf is None else posinf, y)
    y = np.where(np.isneginf(x), limits.min if neginf is None else neginf, y)
    return written(x, y if y.dtype == x.dtype else y.astype(x.dtype), copy)


def written(x: Any, y: Any, copy: bool) -> Any:
    """``y``; or ``x``, with y written into it, if no copy is asked for."""
    if copy or not x.ndim:
        return y
    x[...] = y
    return x
