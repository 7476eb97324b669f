"""What rules ask of arrays of other libraries, and what they put beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import values_of
from .ducks import ArrayKind, DuckArray, duck, handed_back, kind_of


def is_elsewhere(x: Any) -> bool:
    """Whether an array, or the value of what is recorded, is another library's, whose numbers are not looked at."""
    if type(x) is np.ndarray:
        return False
    if hasattr(type(x), "__record__"):
        return type(getattr(x, "_value", x)) is DuckArray
    return type(x) is DuckArray or kind_of(x) is not None


def is_writable(kind: ArrayKind | None) -> bool:
    """Whether arrays of a kind are written to in place, wherever they are computed with."""
    return kind is not None and kind.writable


def is_lazy(x: Any) -> bool:
    """Whether its numbers, or those of the value of what is recorded, are not computed yet."""
    return is_elsewhere(x) and bool(values_of(x).kind.lazy)


def placed_beside(constant: Any, x: Any) -> Any:
    """A constant of a rule's own, an array of NumPy's, where another array lives."""
    if not is_elsewhere(x):
        return constant
    there = values_of(x).kind.constant(constant)
    return there if kind_of(x) is None else handed_back(there)  # beside a library's own array another one


def with_spellings(x: Any) -> Any:
    """An operand with ndarray's spellings, ``.mT`` among them, which arrays of other libraries lack."""
    return x if type(x) is np.ndarray or hasattr(type(x), "__record__") else duck(x)


def listed_beside(given: Any, x: Any) -> Any:
    """A list of numbers that a caller gives beside an array, where that one lives; what has a shape stays."""
    plain = isinstance(given, (list, tuple)) and is_elsewhere(x)
    return placed_beside(np.asarray(given), x) if plain else given


def elsewhere(what: str, *xs: Any) -> NotImplementedError:
    """The error for what is not done with an array of another library, the first of these that is one."""
    kind = next(values_of(x).kind for x in xs if is_elsewhere(x))
    return kind.lacks(what)  # type: ignore[no-any-return]


def refuse_elsewhere(name: str, what: str, *given: Any) -> None:
    """Raise TypeError for places or numbers of entries that are not at hand."""
    if any(is_elsewhere(duck(x)) for x in given):
        raise TypeError(f"{name}: {what} must be numbers that are at hand, in a list or an array of NumPy's")


def at_hand(xs: list[Any]) -> list[Any]:
    """Arrays with the lazy ones among them computed, all at once."""
    kinds = [kind_of(x) for x in xs]
    found = list(xs)
    for kind in {kind for kind in kinds if kind is not None and kind.lazy}:
        places = [n for n, own in enumerate(kinds) if own is kind]
        for n, numbers in zip(places, kind.fetched([xs[n] for n in places]), strict=True):
            found[n] = numbers
    return found
