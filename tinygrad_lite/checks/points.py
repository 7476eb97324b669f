"""Random arguments of the kind of given ones: targets stay targets, positive numbers positive, integers as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Draw = Callable[[Any, Any], Any]
"""Of a generator and an array, another one of the same kind and shape."""


def random_like(rng: np.random.Generator, x: Any, is_variable: bool) -> Any:
    """A random array of the kind of ``x``; what is not of floating-point numbers stays as it is.

    Variables are never taken for targets or masks: a bias of zeros, or a matrix that begins as the identity, is not.
    """
    if not is_floating(x):
        return x
    x = np.asarray(x)
    return np.asarray(draw_for(x, is_variable)(rng, x))[()]


def is_floating(x: Any) -> bool:
    """Whether it is an array or a number that can change by a little."""
    return isinstance(x, (float, np.floating)) or (isinstance(x, np.ndarray) and x.dtype.kind == "f")


def draw_for(x: Any, is_variable: bool) -> Draw:
    """How to draw another one."""
    if not x.size:
        return lambda rng, x: x
    if not is_variable and x.ndim:
        if is_one_hot(x):
            return one_hot_rows
        if np.all((x == 0) | (x == 1)) and x.min() < x.max():
            return zeros_and_ones
    if sums_to_one(x):
        return rows_of_probabilities
    if np.all(x > 0):
        return numbers_below_one if np.all(x < 1) else positive_numbers
    if np.all(x < 0):
        return lambda rng, x: -draw_for(-x, True)(rng, -x)
    if np.all(np.abs(x) < 1) and np.any(x != 0):
        return lambda rng, x: rng.uniform(-0.95, 0.95, x.shape)
    return normal_numbers


def is_one_hot(x: Any) -> bool:
    """Rows with a single 1 and else 0."""
    return has_classes(x) and bool(np.all((x == 0) | (x == 1)) and np.all(x.sum(axis=-1) == 1))


def sums_to_one(x: Any) -> bool:
    """Rows of numbers that are not negative and sum to one."""
    return has_classes(x) and bool(np.all(x >= 0) and np.allclose(x.sum(axis=-1), 1, rtol=0, atol=1e-9))


def has_classes(x: Any) -> bool:
    """Whether the last axis has classes to choose from."""
    return isinstance(x, np.ndarray) and x.ndim > 0 and x.shape[-1] > 1 and x.size > 0


def one_hot_rows(rng: np.random.Generator, x: Any) -> Any:
    """A 1 in each row, at a random place."""
    return np.eye(x.shape[-1])[rng.integers(x.shape[-1], size=x.shape[:-1])]


def zeros_and_ones(rng: np.random.Generator, x: Any) -> Any:
    """With equal chances."""
    return rng.integers(2, size=x.shape).astype(float)


def rows_of_probabilities(rng: np.random.Generator, x: Any) -> Any:
    """Rows that sum to one."""
    return normalised_rows(rng.uniform(0.1, 1.0, x.shape))


def normalised_rows(x: Any) -> Any:
    """Rows divided by their sums."""
    return x / x.sum(axis=-1, keepdims=True)


def numbers_below_one(rng: np.random.Generator, x: Any) -> Any:
    """Between 0 and 1."""
    return rng.uniform(0.05, 0.95, x.shape)


def positive_numbers(rng: np.random.Generator, x: Any) -> Any:
    """Of the size of the given ones."""
    return np.exp(np.log(x).mean() + 0.5 * rng.standard_normal(x.shape))


def normal_numbers(rng: np.random.Generator, x: Any) -> Any:
    """Normally distributed, as large as the given ones."""
    size = np.sqrt(np.mean(x * x))
    return (size if size else 1.0) * rng.standard_normal(x.shape)


def random_near(rng: np.random.Generator, x: Any, is_variable: bool) -> Any:
    """Close to ``x``, for functions that are defined there and hardly elsewhere."""
    if not is_floating(x) or (not is_variable and draw_for(np.asarray(x), False) in (one_hot_rows, zeros_and_ones)):
        return random_like(rng, x, is_variable)
    moved = x * (1 + 0.1 * rng.uniform(-1, 1, np.shape(x)))
    return normalised_rows(moved) if sums_to_one(np.asarray(x)) else moved
