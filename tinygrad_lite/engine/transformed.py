"""What a transform makes of a function: called as a function is, and sent to other processes as one is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial, reduce, update_wrapper
from types import MethodType
from typing import Any


class Transformed:
    """A function made of another. Its pickle says by what transform, of what function, with what settings.

    One that was put in the place of the other, as a decorator does, is found by its name, as functions are.
    """

    def __init__(
        self, made: Callable[..., Any], transform: Callable[..., Any], f: Any, settings: dict[str, Any]
    ) -> None:
        update_wrapper(self, f)
        self.__call, self.__origin = made, (transform, f, settings)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__call(*args, **kwargs)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> Any:
        transform, f, settings = self.__origin
        name = getattr(self, "__qualname__", "")
        module: Any = sys.modules.get(getattr(self, "__module__", ""))
        if reduce(lambda held, part: getattr(held, part, None), name.split("."), module) is self:
            return name
        return partial(transform, **settings), (f,)

    def __repr__(self) -> str:
        return f"<{self.__origin[0].__name__} of {self.__origin[1]!r}>"


def transformed(transform: Callable[..., Any], f: Any, **settings: Any) -> Callable[..., Transformed]:
    """A decorator for the function that a transform makes of f, with these settings.

    Raises TypeError where f is no function.
    """
    if not callable(f):
        raise TypeError(f"{transform.__name__}: takes a function, not {f!r}")
    return lambda made: Transformed(made, transform, f, settings)
