"""A kind of structure that arrays have, as one record, and the random numbers that others of the kind are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Draw = Callable[[Any, Any], Any]
"""Of a generator and an array, another one of the same shape, and of the same size in the mean."""


class Trait(NamedTuple):
    """One kind of trait.

    Attributes
    ----------
    name : as a report says it, with ``{0}`` for the array's name: "{0} = {0}ᵀ"
    holds : whether an array has it
    impose : of an array, one that has it
    base : of a generator and an array, random numbers to impose it on
    broken : of a generator and an array that has it, one that has not, and as much else as can be
    deliberate : whether nobody has it without meaning it; else a variable may, where a computation begins
    is_target : whether targets have it, labels and probabilities
    """

    name: str
    holds: Callable[[Any], bool]
    impose: Callable[[Any], Any]
    base: Draw
    broken: Draw
    deliberate: bool = True
    is_target: bool = False

    def draw(self, rng: np.random.Generator, x: Any) -> Any:
        """Another array that has it, like ``x``, which has."""
        return self.impose(self.base(rng, x))


NEAR = 1e-9
"""What rounding may do to sums and products of numbers of order 1."""


def size_of(x: Any) -> float:
    """How large the numbers are: the square root of their squares' mean; 1 for zeros."""
    return float(np.sqrt(np.mean(np.square(x)))) or 1.0


def normal_numbers(rng: np.random.Generator, x: Any) -> Any:
    """Normally distributed, as large as the given ones."""
    return size_of(x) * rng.standard_normal(np.shape(x))


def numbers_below_one(rng: np.random.Generator, x: Any) -> Any:
    """Between 0 and 1."""
    return rng.uniform(0.05, 0.95, np.shape(x))


def numbers_about_zero(rng: np.random.Generator, x: Any) -> Any:
    """Between −1 and 1."""
    return rng.uniform(-0.95, 0.95, np.shape(x))


def positive_numbers(rng: np.random.Generator, x: Any) -> Any:
    """Positive, and of the size of the given ones."""
    logarithms = np.log(np.abs(x)[np.asarray(x) != 0]) if np.any(x) else np.zeros(1)
    return np.exp(logarithms.mean() + 0.5 * rng.standard_normal(np.shape(x)))


def signed_like(rng: np.random.Generator, x: Any) -> Any:
    """Positive numbers where none is negative, else of either sign."""
    return rng.uniform(0.1, 1.0, np.shape(x)) if np.all(np.asarray(x) >= 0) else normal_numbers(rng, x)


def unlike(rng: np.random.Generator, x: Any) -> Any:
    """Numbers of either sign, none of them small."""
    return size_of(x) * rng.choice([-1.0, 1.0], np.shape(x)) * rng.uniform(0.3, 1.7, np.shape(x))
