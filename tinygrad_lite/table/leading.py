"""Many cotangents at once, along an axis before all others: how a derivative rule takes them.

A rule gets a cotangent of the output's shape. Of K cotangents in one array, of shape ``(K, *y.shape)``, it gives K
gradients in one, as it is, where it is elementwise or works on the last axes alone: NumPy broadcasts from the right.
Where it counts axes from the first, it does with its parameters told of one axis more. Any other rule has its turn for
each cotangent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import Any, Final

import numpy as np

from .arrays import unbroadcast

Rule = Callable[..., Any]
Saved = tuple[Any, ...]

Way = Callable[[Rule, Sequence[str], Any, Saved], Any]
"""Carries K cotangents through a rule: the rule, the names of what it saved, the cotangents, and what it saved."""


def as_it_is(rule: Rule, names: Sequence[str], g: Any, saved: Saved) -> Any:  # noqa: ARG001 (as every way)
    """The rule, of all cotangents at once: it broadcasts from the right, and works on the last axes alone."""
    return rule(g, *saved)


def one_by_one(rule: Rule, names: Sequence[str], g: Any, saved: Saved) -> Any:  # noqa: ARG001
    """The rule, of each cotangent by itself."""
    return np.stack([rule(g[k], *saved) for k in range(len(g))])


def alone(rule: Rule, names: Sequence[str], g: Any, saved: Saved) -> Any:  # noqa: ARG001
    """None: the cotangent is no array, and whoever has many goes back with each by itself."""
    raise TypeError("this rule takes one cotangent at a time, and so does all that leads to it")


def moving(**moves: Callable[[Any], Any]) -> Way:
    """The rule of an array with one axis more in front: values have it with length 1, shapes with length K.

    Parameters
    ----------
    moves : for each parameter that counts axes, what becomes of it
    """

    def moved(name: str, value: Any, count: int) -> Any:
        if name in moves:
            return moves[name](value)
        if name.endswith("_shape"):
            return (count, *value)
        return value[None] if hasattr(value, "shape") else value

    def way(rule: Rule, names: Sequence[str], g: Any, saved: Saved) -> Any:
        return rule(g, *[moved(name, value, len(g)) for name, value in zip(names, saved, strict=True)])

    return way


def instead(of_many: Rule, allowed: Callable[[Saved], bool] | None = None) -> Way:
    """Another rule, that asks for the same and takes a leading axis; where that is not allowed, one by one."""

    def way(rule: Rule, names: Sequence[str], g: Any, saved: Saved) -> Any:
        if allowed is not None and not allowed(saved):
            return one_by_one(rule, names, g, saved)
        return of_many(g, *saved)

    return way


def unbroadcast_each(g: Any, shape: tuple[int, ...]) -> Any:
    """:func:`unbroadcast` to ``shape`` of each along the leading axis."""
    count = len(g)
    added = (1,) * (g.ndim - 1 - len(shape))
    return unbroadcast(g, (count, *added, *shape)).reshape((count, *shape))


# ---------------------------------------------------------------------------------------------------------------------
# What becomes of parameters


def axes_further(axis: Any) -> Any:
    """An axis, or several, counted with one more in front."""
    if isinstance(axis, tuple):
        return tuple([axes_further(k) for k in axis])
    return axis + 1 if axis >= 0 else axis


def permuted_further(axes: tuple[int, ...] | None) -> Any:
    """A permutation of axes that leaves the new one in front; None, for none, as it is."""
    return None if axes is None else (0, *[k + 1 for k in axes])


def index_further(index: Any) -> Any:
    """An index that takes all along the leading axis."""
    return (slice(None), *(index if isinstance(index, tuple) else (index,)))


def is_index_movable(index: Any) -> bool:
    """Whether :func:`index_further` gives what it should: not where arrays of indices stand apart.

    NumPy puts the axes that such arrays make in front of all others, and the leading axis would come behind them.
    """
    parts = index if isinstance(index, tuple) else (index,)
    basic = [isinstance(part, (slice, type(None), EllipsisType)) for part in parts]
    if all(flag or isinstance(part, int) for flag, part in zip(basic, parts, strict=True)):
        return True
    advanced = [k for k, flag in enumerate(basic) if not flag]
    return advanced == list(range(advanced[0], advanced[-1] + 1))


counting_axes: Final = moving(axis=axes_further)
"""The way of rules with one parameter that counts axes, ``axis``."""
