"""What is in containers, and how far iterators and sources of random numbers are, as it was and as it is now."""

from __future__ import annotations

import array
import itertools
import operator
import random
from collections import deque
from collections.abc import Iterator
from gc import get_referents
from io import IOBase
from types import GeneratorType
from typing import Any, Final

import numpy as np

MISSING: Final = object()

CONTAINERS: Final = (list, dict, set, deque, bytearray, array.array, np.ndarray)
"""Of arrays those of objects."""

NUMBERS_ALONE: Final = (bytearray, array.array)


def entries(x: Any) -> Iterator[Any]:
    """What is in a container, keys before values."""
    if isinstance(x, dict):
        return itertools.chain(x, x.values())
    if isinstance(x, NUMBERS_ALONE):
        return iter([bytes(x)])
    return iter(x.flat) if isinstance(x, np.ndarray) else iter(x)


def count(x: Any) -> int:
    """How many entries it has."""
    return x.size if isinstance(x, np.ndarray) else len(x)


class HeldEntries:
    """A container, and what was in it."""

    def __init__(self, container: Any) -> None:
        self.container = container
        self.size = count(container)
        self.same = operator.eq if isinstance(container, NUMBERS_ALONE) else operator.is_
        self.held = tuple(entries(container))

    def changed(self) -> bool:
        """Whether something else is in it now."""
        x = self.container
        return count(x) != self.size or not all(map(self.same, entries(x), self.held))

    def has_grown(self) -> bool:
        """Whether it has all that it had, at the same places, and more."""
        x = self.container
        if isinstance(x, dict):
            keys, values = self.held[: self.size], self.held[self.size :]
            return len(x) > self.size and all(x.get(k, MISSING) is v for k, v in zip(keys, values, strict=True))
        ordered = isinstance(x, (list, deque))
        return ordered and len(x) > self.size and all(map(operator.is_, x, self.held))

    def places(self) -> Iterator[tuple[Any, Any, Any]]:
        """Where its entries can be replaced: the container, a key or a number, the entry."""
        if isinstance(self.container, dict):
            return ((self.container, key, value) for key, value in self.container.items())
        if isinstance(self.container, (list, deque)):
            return ((self.container, k, value) for k, value in enumerate(self.container))
        return iter(())

    def what(self) -> str:
        """How one calls it: an attribute or an entry that is another now, by its name."""
        x = self.container
        if isinstance(x, dict):
            keys, values = self.held[: self.size], self.held[self.size :]
            for key, value in zip(keys, values, strict=True):
                if x.get(key, MISSING) is not value:
                    return f"{key!r}"
        return f"a {type(x).__name__}"


class Turns:
    """What goes on with each use, and how far it was."""

    def __init__(self, x: Any) -> None:
        self.x = x
        self.before = how_far(x)
        self.inside = get_referents(x) if type(x) is GeneratorType else []

    def went_on(self) -> bool:
        """Whether it was used since."""
        if how_far(self.x) != self.before:
            return True
        now = get_referents(self.x) if self.inside else []
        return len(now) != len(self.inside) or not all(map(operator.is_, now, self.inside))

    def what(self) -> str:
        """How one calls it."""
        return f"a {type(self.x).__name__}"


def turns_of(x: Any) -> Turns | None:
    """How far an object is that goes on; None of one that does not."""
    return None if how_far(x) is None else Turns(x)


def how_far(x: Any) -> Any:
    """What tells how often something was used; None of what does not go on."""
    if isinstance(x, random.Random):
        return x.getstate()
    if isinstance(x, np.random.RandomState):
        _, key, *rest = x.get_state(legacy=True)
        return key.tobytes(), *rest  # type: ignore[union-attr]
    if isinstance(x, (np.random.Generator, np.random.BitGenerator)):
        source: Any = getattr(x, "bit_generator", x)
        return repr(source.state)
    if isinstance(x, np.random.SeedSequence):
        return x.n_children_spawned
    if type(x) is GeneratorType:
        return -1 if x.gi_frame is None else x.gi_frame.f_lasti
    if isinstance(x, (itertools.count, itertools.repeat)):
        return repr(x)
    if isinstance(x, Iterator) and not isinstance(x, IOBase):
        return operator.length_hint(x, -1)
    return None
