"""Random arguments like given ones: targets stay targets, symmetric matrices symmetric, integers what they are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np

from .structures import is_binary, one_hot_along, range_of, sums_to_one_along, traits_of
from .traits import Trait, normal_numbers

TRIES: Final = 3
"""Draws for an array that has several structures at once."""


class Likeness:
    """What arrays are like one: of its shape, in its range, with its trait.

    Parameters
    ----------
    x : the array or number; what is not of floating-point numbers is like itself only
    is_variable : whether derivatives are taken with respect to it. Variables are never taken for targets or masks: a
        bias of zeros, or a matrix that begins as the identity, is not
    """

    def __init__(self, x: Any, is_variable: bool) -> None:
        self.given = x
        self.x = np.asarray(x) if is_floating(x) else None
        self.is_variable = is_variable

    @cached_property
    def range(self) -> Trait | None:
        """The range of the numbers, if it is one of those that are kept."""
        return None if self.x is None else range_of(self.x)

    @cached_property
    def traits(self) -> list[Trait]:
        """What the array has, the weaker first."""
        return [] if self.x is None else traits_of(self.x)

    @cached_property
    def kept_traits(self) -> list[Trait]:
        """Those that draws keep unless told otherwise."""
        if self.x is None or is_constant(self.x, 0.0):
            return []
        if self.is_variable:
            begins = np.all((self.x == 0) | (self.x == 1))
            return [] if begins else [trait for trait in self.traits if trait.deliberate]
        return self.targets if self.targets and "one-hot" in self.targets[-1].name else self.traits

    @cached_property
    def targets(self) -> list[Trait]:
        """Those of labels and probabilities, or the strongest of them where it is one-hot."""
        found = [trait for trait in self.traits if trait.is_target]
        if self.is_variable and (self.x is None or np.all((self.x == 0) | (self.x == 1))):
            return []
        return found[-1:] if found and "one-hot" in found[-1].name else found

    @property
    def has_traits(self) -> bool:
        """Whether :meth:`kept` and :meth:`loose` draw from different kinds."""
        return bool(self.kept_traits)

    def kept(self, rng: np.random.Generator) -> Any:
        """Another with the same trait, in the same range."""
        if self.x is None or not self.x.size:
            return self.given
        if not self.kept_traits:
            return self.loose(rng)
        return self.given if self.is_of_one_class() else self.having(rng, self.kept_traits)

    def as_target(self, rng: np.random.Generator) -> Any:
        """Another that is still of labels or probabilities, and has no other structure."""
        if not self.targets or self.is_of_one_class():
            return self.kept(rng) if self.targets else self.loose(rng)
        return self.having(rng, self.targets)

    def is_of_one_class(self) -> bool:
        """Whether it may be labels of one class, or what a mask leaves: nobody can tell which."""
        return not self.is_variable and (is_constant(self.x, 1.0) or is_constant(self.x, -1.0))

    def having(self, rng: np.random.Generator, traits: Sequence[Trait]) -> Any:
        """One with these structures, the weaker first, in the same range if that can be."""
        strongest = traits[-1]
        bases = [strongest] if self.range is None or strongest.is_target else [strongest, self.range]
        for base in bases * TRIES:
            x = base.draw(rng, self.x)
            for trait in traits:
                x = trait.impose(x)
            if all(trait.holds(x) for trait in (*traits, *bases)):
                return np.asarray(x)[()]
        return np.asarray(strongest.draw(rng, self.x))[()]

    def loose(self, rng: np.random.Generator) -> Any:
        """One in the same range, without trait."""
        if self.x is None or not self.x.size:
            return self.given
        return np.asarray(normal_numbers(rng, self.x) if self.range is None else self.range.draw(rng, self.x))[()]

    def wild(self, rng: np.random.Generator) -> Any:
        """One of any numbers as large as these."""
        return self.given if self.x is None else np.asarray(normal_numbers(rng, self.x))[()]

    def moved(self, rng: np.random.Generator) -> Any:
        """One close by, without structure."""
        return self.given if self.x is None else (self.x * (1 + 0.1 * rng.uniform(-1, 1, self.x.shape)))[()]

    def near(self, rng: np.random.Generator) -> Any:
        """One close by, for functions that are defined there and hardly elsewhere."""
        if self.x is None or (not self.is_variable and is_binary(self.x)):
            return self.kept(rng)
        moved = np.asarray(self.moved(rng))
        for trait in self.kept_traits[-1:]:
            moved = trait.impose(moved)
        return moved[()]


def random_like(rng: np.random.Generator, x: Any, is_variable: bool) -> Any:
    """A random array of the kind of ``x``; what is not of floating-point numbers stays as it is."""
    return Likeness(x, is_variable).kept(rng)


def is_floating(x: Any) -> bool:
    """Whether it is an array or a number that can change by a little."""
    return isinstance(x, (float, np.floating)) or (isinstance(x, np.ndarray) and x.dtype.kind == "f")


def is_constant(x: Any, value: float) -> bool:
    """Whether all entries are one number."""
    return bool(np.all(x == value))


def has_classes(x: Any) -> bool:
    """Whether there is an axis of classes to choose from."""
    return isinstance(x, np.ndarray) and x.size > 0 and any(n > 1 for n in x.shape)


def class_axes(x: Any) -> list[int]:
    """The axes that classes may lie along, the last one first."""
    return [axis for axis in range(np.ndim(x) - 1, -1, -1) if np.shape(x)[axis] > 1]


def is_one_hot(x: Any) -> bool:
    """Rows with a single 1 and else 0, or columns, along any axis."""
    return has_classes(x) and any(one_hot_along(x, axis) for axis in class_axes(x))


def sums_to_one(x: Any) -> bool:
    """Rows of numbers that are not negative and sum to one, or columns, along any axis."""
    return has_classes(x) and bool(np.all(x >= 0)) and any(sums_to_one_along(x, axis) for axis in class_axes(x))
