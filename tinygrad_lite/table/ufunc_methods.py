"""The methods of NumPy's ufuncs, ``np.add.reduce`` and its kin, by functions of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import neural, reductions, shapes
from .arrays import array
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
        return outer_of(DISPATCH[ufunc])
    return METHODS.get((ufunc, method))


def reduce_with(function: Callable[..., Any]) -> Callable[..., Any]:
    """A ufunc's ``reduce`` by a reduction of the table: over the first axis unless told otherwise."""

    def reduce(x: Any, *, axis: Any = 0, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any:
        options = {key: value for key, value in (("initial", initial), ("where", where)) if not is_default(key, value)}
        return function(x, axis, keepdims=keepdims, **options)

    return reduce


def accumulate_with(function: Callable[..., Any]) -> Callable[..., Any]:
    """A ufunc's ``accumulate`` by a cumulative function of the table."""

    def accumulate(x: Any, *, axis: int = 0) -> Any:
        return function(x, axis)

    return accumulate


def outer_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """A ufunc's ``outer``: the function of every pair of entries."""

    def outer(a: Any, b: Any) -> Any:
        a, b = array(a), array(b)
        return function(shapes.reshape(a, a.shape + (1,) * b.ndim), b)

    return outer


METHODS: dict[tuple[np.ufunc, str], Callable[..., Any]] = {
    (np.add, "reduce"): reduce_with(reductions.sum),
    (np.multiply, "reduce"): reduce_with(reductions.prod),
    (np.maximum, "reduce"): reduce_with(reductions.max),
    (np.minimum, "reduce"): reduce_with(reductions.min),
    (np.logaddexp, "reduce"): reduce_with(neural.logsumexp),
    (np.add, "accumulate"): accumulate_with(reductions.cumsum),
    (np.multiply, "accumulate"): accumulate_with(reductions.cumprod),
}
