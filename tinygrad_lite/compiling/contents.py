"""What is in containers, and how far iterators and sources of random numbers are, as it was and as it is now."""

from __future__ import annotations

import array
import itertools
import operator
import random
from collections import deque
from collections.abc import Iterable, Iterator
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
        """Whether something else is in it now. Numbers and texts that are equal are the same."""
        x = self.container
        if count(x) != self.size:
            return True
        if all(map(self.same, entries(x), self.held)):
            return False
        now = tuple(entries(x))
        if not all(map(is_equal, now, self.held)):
            return True
        self.held = now
        return False

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


class TogetherUnchanged:
    """Many containers, looked at in one pass."""

    def __init__(self, every: Iterable[HeldEntries]) -> None:
        alike: dict[type, list[HeldEntries]] = {dict: [], list: []}
        self.others: list[HeldEntries] = []
        for each in every:
            alike.get(type(each.container), self.others).append(each)
        self.dicts, self.lists = [[each.container for each in own] for own in alike.values()]
        self.plain = [*alike[dict], *alike[list]]
        self.note()

    def note(self) -> None:
        """Put together what was in each."""
        self.held = [*[each.size for each in self.plain], *[x for each in self.plain for x in each.held]]

    def changed(self) -> bool:
        """Whether something else is in one of them now."""
        now: list[Any] = [*map(len, self.dicts), *map(len, self.lists)]
        for x in self.dicts:
            now += x
            now += x.values()
        for entries_of_list in self.lists:
            now += entries_of_list
        if len(now) != len(self.held) or not all(map(operator.is_, now, self.held)):
            if any(each.changed() for each in self.plain):
                return True
            self.note()
        return any(each.changed() for each in self.others)


def is_equal(a: Any, b: Any) -> bool:
    """Whether two objects are the same, or numbers or texts of one type, written alike (0.0 and -0.0 are not)."""
    return a is b or (type(a) is type(b) and isinstance(a, PLAIN_VALUES) and repr(a) == repr(b))


PLAIN_VALUES: Final = (int, float, complex, str, bytes, np.generic)


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
