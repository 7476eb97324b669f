"""Containers of arguments and results, taken apart and put together again."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final


def rebuilt(y: Any, arrays: Iterator[Any]) -> Any:
    """A result's containers with other arrays in it."""
    if isinstance(y, (tuple, list)):
        parts = [rebuilt(part, arrays) for part in y]
        return type(y)(*parts) if hasattr(y, "_fields") else type(y)(parts)
    return None if y is None else next(arrays)


CONTAINERS: Final = (tuple, list, dict, slice)


def leaves_mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same nested tuples, lists, dicts and slices with a function of each leaf."""
    kind: Any = type(tree)
    if kind is slice:
        return slice(*[leaves_mapped(function, part) for part in (tree.start, tree.stop, tree.step)])
    if isinstance(tree, dict):
        return {key: leaves_mapped(function, part) for key, part in tree.items()}
    if not isinstance(tree, (tuple, list)):
        return function(tree)
    parts = [leaves_mapped(function, x) if isinstance(x, CONTAINERS) else function(x) for x in tree]
    if isinstance(tree, list):
        return parts
    return kind(*parts) if hasattr(tree, "_fields") else tuple(parts)


def leaves_of_types(tree: Any, types: tuple[type, ...]) -> list[Any]:
    """The leaves of some types, from left to right."""
    found: list[Any] = []
    waiting = [tree]
    while waiting:
        x = waiting.pop()
        if type(x) in types:
            found.append(x)
        elif isinstance(x, (tuple, list)):
            waiting.extend(reversed(x))
        elif isinstance(x, dict):
            waiting.extend(reversed(x.values()))
        elif type(x) is slice:
            waiting += (x.step, x.stop, x.start)
    return found


def out_by_name(function: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """The arguments of one of NumPy's functions with ``out`` by its name, also where it is given by its place."""
    names = parameters(function)
    place = names.index("out") if "out" in names else len(args)
    return args[:place], {**kwargs, **dict(zip(names[place:], args[place:], strict=False))}


@cache
def parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters; none where they are not known, or are as many as one likes."""
    try:
        found = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return ()
    return () if any(p.kind is p.VAR_POSITIONAL for p in found.values()) else tuple(found)
