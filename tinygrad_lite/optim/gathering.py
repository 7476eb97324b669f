"""Small parameters side by side in one array: what a pass costs however short it is, it then costs once for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from ..engine.tensor import Tensor
from ..engine.writing import own_memory

SMALL: Final = 1 << 13
"""Entries up to which a parameter is quicker to copy than to update on its own."""


class Gathered:
    """Parameters of one dtype, by their places, that have made as many steps with the same options.

    Their states' arrays, of these ``names``, are parts of one array for each name from then on. Values and gradients
    are copied here for each step, and the values back.
    """

    __slots__ = ("arrays", "gradient", "names", "params", "states", "values", "views")

    def __init__(
        self, params: Mapping[int, Tensor], names: Iterable[str], states: Mapping[int, dict[str, Any]]
    ) -> None:
        self.names = [*names]
        self.params = [*params.values()]
        self.states = {place: states[place] for place in params}
        total = sum([p.size for p in self.params])
        self.values, self.gradient, *self.arrays = [
            np.empty(total, self.params[0].dtype) for _ in range(2 + len(self.names))
        ]
        self.views = []
        first = 0
        for p, state in zip(self.params, self.states.values(), strict=True):
            stretch = slice(first, first + p.size)
            self.views.append(self.values[stretch].reshape(p.shape))
            for name, whole in zip(self.names, self.arrays, strict=True):
                part = whole[stretch].reshape(p.shape)
                part[...] = state[name]
                state[name] = part
            first += p.size

    def holds(self, states: Mapping[int, Mapping[str, Any]]) -> bool:
        """Whether the states are as they were left: parts of the arrays here, and all after one number of steps."""
        steps = next(iter(self.states.values()))["step"]
        for place, own in self.states.items():
            if states.get(place) is not own or own["step"] != steps:
                return False
            for name, whole in zip(self.names, self.arrays, strict=True):
                if own[name].base is not whole:
                    return False
        return True

    def take(self) -> int:
        """Copy values and gradients here, for the next step; returns its number."""
        np.concatenate([own_memory(p).ravel() for p in self.params], out=self.values)
        np.concatenate([p.grad.ravel() for p in self.params], out=self.gradient)
        for state in self.states.values():
            state["step"] += 1
        count: int = state["step"]
        return count

    def give_back(self) -> None:
        """Copy values back."""
        for p, view in zip(self.params, self.views, strict=True):
            own_memory(p)[...] = view


class StepPlan(NamedTuple):
    """Which of a group's parameters are updated together, and which alone; made of ``due`` and these ``names``."""

    due: list[Tensor]
    names: list[str]
    gathered: list[Gathered]
    alone: dict[int, Tensor]

    def holds(self, due: Mapping[int, Tensor], names: Iterable[str], states: Mapping[int, Mapping[str, Any]]) -> bool:
        """Whether it still is right: for the same parameters, with states that nobody else has put elsewhere."""
        return (
            [*map(id, due.values())] == [*map(id, self.due)]
            and [*names] == self.names
            and all(together.holds(states) for together in self.gathered)
        )


def planned(
    due: Mapping[int, Tensor], names: Iterable[str], states: Mapping[int, dict[str, Any]], most: int
) -> StepPlan:
    """A plan for parameters by their places, with not more than so many entries updated together."""
    alone: dict[int, Tensor] = {}
    filling: dict[Any, dict[int, Tensor]] = {}
    full: list[dict[int, Tensor]] = []
    for place, p in due.items():
        if not p.ndim or p.size > SMALL or p.dtype.itemsize < 4 or not p.dtype.isnative:
            alone[place] = p
            continue
        key = p.dtype, states[place]["step"]
        if sum([q.size for q in filling.get(key, {}).values()]) + p.size > most:
            full.append(filling.pop(key, {}))
        filling.setdefault(key, {})[place] = p
    gathered = []
    for params in [*full, *filling.values()]:
        if len(params) > 1:
            gathered.append(Gathered(params, names, states))
        else:
            alone |= params
    return StepPlan([*due.values()], [*names], gathered, alone)
