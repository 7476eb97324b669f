"""Where arrays and numbers are held that a compiled function changes: in Tensors, modules, optimizers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from copy import deepcopy
from operator import attrgetter, getitem, is_, itemgetter
from typing import Any

import numpy as np

from ..engine.refusals import refusal
from ..engine.tensor import Tensor
from ..table.ducks import DuckArray
from .program import Operation, Variable
from .writing_kind import WRITING
from .written_arrays import WRITTEN, StandIn


class OfTensor:
    """A Tensor's value."""

    def __init__(self, tensor: Tensor, name: str) -> None:
        self.tensor = tensor
        self.name = name
        self.key = id(tensor)

    def read(self) -> Any:
        """What is held."""
        return self.tensor._value

    def write(self, x: Any) -> None:
        """Hold something else."""
        self.tensor._value = x

    def lift(self, x: StandIn) -> None:
        """Hold a written array."""
        self.tensor._value = DuckArray(x, WRITING)


class OfItem:
    """An entry of a dict or a list: of an optimizer's state, of a module's attributes."""

    def __init__(self, container: MutableMapping[Any, Any], key: Any, name: str) -> None:
        self.container = container
        self.key = key
        self.name = name

    def read(self) -> Any:
        """What is held."""
        return self.container[self.key]

    def write(self, x: Any) -> None:
        """Hold something else."""
        self.container[self.key] = x

    lift = write


Slot = OfTensor | OfItem
Places = tuple[list[Slot], list[Slot]]
"""Of arrays, and of numbers."""


class AsItWas:
    """What a program was made for, of optimizers and Tensors, by its identity, to be looked at before each call."""

    def __init__(self, arrays: list[Slot], tensors: list[Tensor], trained: list[Any], optimizers: list[Any]) -> None:
        self.arrays = [slot.tensor for slot in arrays if isinstance(slot, OfTensor)]
        items = [slot for slot in arrays if isinstance(slot, OfItem)]
        self.containers, self.keys = [slot.container for slot in items], [slot.key for slot in items]
        self.tensors, self.trained, self.optimizers = tensors, trained, optimizers
        every = [group for x in optimizers for group in x.param_groups]
        self.settings = [(itemgetter(*keys), group) for group in every if (keys := settings_in(group))]
        self.options = deepcopy([of(group) for of, group in self.settings])
        self.kinds = [*map(type, map(GRAD, trained))]
        self.same = self.objects()

    def objects(self) -> list[Any]:
        """All that must be the same, with the sizes of dicts."""
        found = [*map(VALUE, self.arrays), *map(ORIGIN, self.tensors), *map(getitem, self.containers, self.keys)]
        for x in self.optimizers:
            found += x.state.values()
            found += map(len, x.state.values())
            for group in x.param_groups:
                found += (group, len(group))
                found += group["params"]
        return found

    def holds(self) -> bool:
        """Whether it is as it was."""
        try:
            now = self.objects()
            return (
                len(now) == len(self.same)
                and all(map(is_, now, self.same))
                and [*map(type, map(GRAD, self.trained))] == self.kinds
                and [of(group) for of, group in self.settings] == self.options
            )
        except LookupError:
            return False


VALUE, ORIGIN, GRAD = map(attrgetter, ("_value", "_origin", "grad"))

LEARNING_RATE = "lr"
"""The option that changes while a network is trained; the others decide which program is run."""


def settings_in(group: Any) -> list[str]:
    """The options of a group that a program may branch on."""
    return [key for key, o in group.items() if key != "params" and not (key == LEARNING_RATE and is_number(o))]


def options_of(optimizer: Any) -> Any:
    """What a program is made for, of an optimizer."""
    groups, states = optimizer.param_groups, [*optimizer.state.items()]
    for _, own in states:
        for key, x in own.items():
            if not (isinstance(x, (np.ndarray, str, bool, type(None))) or is_number(x)):
                raise refusal(
                    f"compile: the state of {type(optimizer).__name__} holds a {type(x).__name__} ({key!r}); arrays "
                    "and numbers are kept",
                    (),
                )
    return [
        *[([*map(id, group["params"])], [(key, group[key]) for key in settings_in(group)]) for group in groups],
        *[(place, key, x if isinstance(x, (str, bool)) else None) for place, own in states for key, x in own.items()],
    ]


def has_state(optimizer: Any, place: int, p: Tensor) -> bool:
    """Whether there is what a step needs of a parameter's state; of one without a gradient it needs none."""
    own = optimizer.state.get(place)
    if own is None:
        return p.grad is None
    group = next(group for group in optimizer.param_groups if any(p is q for q in group["params"]))
    return all(name in own for name in optimizer.arrays(group))


def slots_in(container: Any, name: str, within: tuple[int, ...] = ()) -> Iterator[Slot]:
    """The Tensors and arrays among a module's attributes, also in lists, dicts and tuples of them."""
    for key, x in [*container.items()] if isinstance(container, dict) else enumerate(container):
        called = f"{name}_{key}".strip("_")
        if type(x) is Tensor:
            yield OfTensor(x, called)
        elif isinstance(x, np.ndarray) and x.dtype.kind != "O" and not isinstance(container, tuple):
            yield OfItem(container, key, called)
        elif isinstance(x, (list, tuple, dict)) and id(x) not in within:
            yield from slots_in(x, called, (*within, id(x)))


def tensors_in(slots: Iterable[Slot]) -> list[Tensor]:
    """The Tensors among some places, each once."""
    return [*{id(slot.tensor): slot.tensor for slot in slots if isinstance(slot, OfTensor)}.values()]


def leaders(slots: list[Slot]) -> list[int]:
    """For each place of a number that of the first of the same name that holds the same."""
    first: dict[Any, int] = {}
    return [first.setdefault((slot.name, type(x := slot.read()), x), k) for k, slot in enumerate(slots)]


def computed_by(made_by: Mapping[Any, Operation], x: Any) -> Any:
    """What tells numbers apart: those that one function gives of the same arguments are one."""
    operation = made_by.get(x.variable) if type(x) in WRITTEN else None
    if operation is None or not all(isinstance(v, (Variable, int, float)) for v in operation.args) or operation.kwargs:
        return id(x)
    return operation.function, operation.args, tuple(map(type, operation.args))


def layout_of(x: np.ndarray) -> Any:
    """What a program is made for, of an array that it keeps."""
    return x.shape, x.dtype.str, x.strides, x.flags.writeable


def is_number(x: Any) -> bool:
    """Whether it is a number that changes, not a setting."""
    return type(x) in (int, float) or isinstance(x, (np.floating, np.integer))
