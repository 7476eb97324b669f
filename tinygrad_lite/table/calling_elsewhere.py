"""How NumPy's functions are called where other libraries have them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final

import numpy as np


class LaidOut(tuple[int, ...]):
    """A shape that knows into which chunks its array is cut, so that others can be cut alike."""

    chunks: tuple[tuple[int, ...], ...]


def name_of_function(function: Callable[..., Any]) -> str:
    """A function of NumPy's as programs write it."""
    return f"{function.__module__}.{function.__name__}"


def without_defaults(function: Callable[..., Any], args: Any, kwargs: Any) -> dict[str, Any]:
    """All arguments but the first by their names, without those that ask for nothing: other libraries lack some."""
    try:
        signature = inspect.signature(function)
        given = signature.bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        return {**kwargs, **dict.fromkeys(map(str, range(1, len(args))))}
    defaults = {name: p.default for name, p in signature.parameters.items()}
    return {name: x for name, x in [*given.items()][1:] if not (x is defaults[name] or same_number(x, defaults[name]))}


def same_number(x: Any, default: Any) -> bool:
    """Whether a setting is the default one."""
    return type(x) is type(default) and type(x) in (bool, int, float, str) and x == default


REDUCTIONS: Final[dict[tuple[np.ufunc, str], Callable[..., Any]]] = {
    (np.add, "reduce"): np.sum,
    (np.multiply, "reduce"): np.prod,
    (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min,
    (np.logical_or, "reduce"): np.any,
    (np.logical_and, "reduce"): np.all,
    (np.add, "accumulate"): np.cumsum,
    (np.multiply, "accumulate"): np.cumprod,
}
"""Methods of ufuncs that are functions of NumPy's, too, which other libraries have."""

WITH_INITIAL: Final[dict[Callable[..., Any], np.ufunc]] = {
    np.sum: np.add,
    np.prod: np.multiply,
    np.max: np.maximum,
    np.min: np.minimum,
}
"""Reductions that may begin from a number, and what puts that in."""
