"""Where public functions are entered: arrays of other libraries go in as rules see them, and come out as they were.

A primitive does so itself. A function that computes with NumPy's functions beside primitives needs a door.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import numpy as np

from .ducks import DuckArray, duck, handed_back, kind_of


def among(given: Any) -> bool:
    """Whether there is an array as rules see it among arguments, which may be lists."""
    if isinstance(given, (list, tuple)):
        return any(among(x) for x in given)
    return type(given) is DuckArray


def each(function: Callable[[Any], Any], given: Any) -> Any:
    """A function of everything in an argument or a result, which may be a list or a tuple."""
    if not isinstance(given, (list, tuple)):
        return function(given)
    parts = [each(function, x) for x in given]
    return type(given)(*parts) if hasattr(given, "_fields") else type(given)(parts)


def carried(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A public function to which arrays of other libraries come as rules see them, and whose results go back."""

    def public(*args: Any, **kwargs: Any) -> Any:
        for x in args:
            if type(x) is not np.ndarray and kind_of(x) is not None:
                settings = {key: each(duck, setting) for key, setting in kwargs.items()}
                return each(handed_back, function(*each(duck, args), **settings))
        return function(*args, **kwargs)

    update_wrapper(public, function)
    public.__module__, public.__qualname__ = __name__.partition(".")[0], name  # where pickle finds it
    return public
