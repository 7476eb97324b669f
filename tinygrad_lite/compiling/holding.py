"""What a compiled function keeps and changes: parameters, an optimizer's state, running statistics.

Arrays stay where they are and are written to in place. Numbers (the count of steps, a learning rate) are handed in and
taken back with every call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..engine.tensor import Tensor
from ..engine.writing import leave, own_memory
from ..table.ducks import DuckArray, handed_back
from .program import Variable
from .writing_kind import WRITING
from .written_arrays import Recorder, StandIn


class OfTensor:
    """A Tensor's value."""

    def __init__(self, tensor: Tensor, name: str) -> None:
        self.tensor = tensor
        self.name = name

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
    """An entry of a dict: of an optimizer's state, of a module's attributes."""

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


class State:
    """All that is kept.

    Parameters
    ----------
    given : modules, optimizers, Tensors
    """

    def __init__(self, given: Iterable[Any]) -> None:
        self.given = list(given)
        for x in self.given:
            if not (type(x) is Tensor or hasattr(x, "param_groups") or hasattr(x, "named_buffers")):
                raise TypeError(f"compile: state is made of modules, optimizers and Tensors, not {type(x).__name__}")
        self.names: dict[int, str] = {}
        for x in self.given:
            if hasattr(x, "named_parameters"):
                self.names |= {id(p): name.replace(".", "_") for name, p in x.named_parameters()}

    def is_ready(self) -> bool:
        """Whether all optimizers have made their state."""
        return all(
            place in x.state or p.grad is None
            for x in self.given
            if hasattr(x, "param_groups")
            for place, p in enumerate(x.parameters)
        ) and all(x.state for x in self.given if hasattr(x, "param_groups"))

    def settings(self) -> Any:
        """What the program may branch on: options, modes."""
        return [settings_of(x) for x in self.given]

    def watched(self) -> list[tuple[Any, Any, Any]]:
        """What the program was found to be by: dicts, keys and what was there."""
        found: list[tuple[Any, Any, Any]] = []
        for x in self.given:
            groups = getattr(x, "param_groups", ())
            found += [(group, key, o) for group in groups for key, o in group.items() if key != LEARNING_RATE]
            if hasattr(x, "modules"):
                for module in x.modules():
                    found.append((vars(module), LENGTH, len(vars(module))))
                    found += [(vars(module), key, part) for key, part in vars(module).items()]
        return found

    def slots(self) -> tuple[list[Slot], list[Slot]]:
        """Where arrays are held, each once, and where numbers are."""
        arrays: dict[int, Slot] = {}
        numbers: list[Slot] = []
        for slot in self.every():
            x = slot.read()
            if isinstance(x, np.ndarray):
                arrays.setdefault(id(x), slot)
            elif is_number(x) or isinstance(slot, OfTensor):
                numbers.append(slot)
        return [*arrays.values()], numbers

    def every(self) -> Iterator[Slot]:
        """All places, arrays' and others'."""
        for n, x in enumerate(self.given):
            if type(x) is Tensor:
                yield OfTensor(x, x.name or f"tensor_{n}")
            elif hasattr(x, "param_groups"):
                for group in x.param_groups:
                    yield OfItem(group, LEARNING_RATE, LEARNING_RATE)
                for place, p in enumerate(x.parameters):
                    name = self.name_of(p, place)
                    yield OfTensor(p, name)
                    own = x.state.get(place, {})
                    yield from [OfItem(own, key, key if key == "step" else f"{key}_{name}") for key in own]
            else:
                for module_name, module in x.named_modules():
                    for key, value in vars(module).items():
                        name = "_".join([*module_name.split("."), key]).strip("_")
                        if type(value) is Tensor:
                            yield OfTensor(value, name)
                        elif isinstance(value, np.ndarray):
                            yield OfItem(vars(module), key, name)

    def name_of(self, p: Tensor, place: int) -> str:
        """What a parameter is called."""
        return self.names.get(id(p)) or p.name or f"w{place}"

    @contextmanager
    def lifted(self, recorder: Recorder) -> Iterator[KeptState]:
        """Within the block, written arrays are held in place of all arrays and numbers."""
        kept = KeptState(*self.slots())
        before = [(slot, slot.read()) for slot in (*kept.arrays, *kept.numbers)]
        gradients = [(p, p.grad) for p in kept.tensors() if p.requires_grad]
        try:
            kept.lift(recorder)
            yield kept
        finally:
            for slot, x in before:
                slot.write(x)
            for p, g in gradients:
                p.grad = g


class KeptState:
    """The places of one program's state.

    Attributes
    ----------
    arrays, numbers : places
    written : for each place of an array what stood for it while the program was written down
    together : for each number that the program takes, the places that hold it: they go on together
    changing : those of them that the program changes
    variables : of the arrays
    """

    def __init__(self, arrays: list[Slot], numbers: list[Slot]) -> None:
        self.arrays, self.numbers = arrays, numbers
        self.written: list[StandIn] = []
        self.together: list[list[Slot]] = []
        self.changing: list[list[Slot]] = []
        self.trained: list[Tensor] = []
        self.numbers_written: dict[int, StandIn] = {}

    @property
    def variables(self) -> list[Variable]:
        return [x.variable for x in self.written]

    def tensors(self) -> list[Tensor]:
        """The Tensors among the places."""
        return [slot.tensor for slot in self.arrays if isinstance(slot, OfTensor)]

    def lift(self, recorder: Recorder) -> None:
        """Hold written arrays, those of equal numbers in common."""
        self.trained = [p for p in self.tensors() if p.requires_grad]
        for p in self.tensors():
            own_memory(p)
            leave(p)
        for slot in self.arrays:
            self.written.append(recorder.held(slot.read(), slot.name))
            slot.lift(self.written[-1])
        alike: dict[Any, list[Slot]] = {}
        for slot in self.numbers:
            alike.setdefault((slot.name, slot.read()), []).append(slot)
        self.together = [*alike.values()]
        for slots in self.together:
            number = self.numbers_written[id(slots)] = recorder.given(slots[0].read(), slots[0].name)
            for slot in slots:
                slot.lift(number)

    def finish(self) -> list[Any]:
        """Write down what replaced arrays; returns the numbers that are others after the program."""
        for slot, own in zip(self.arrays, self.written, strict=True):
            new = handed_back(slot.read())
            if new is not own:
                own[...] = new
        after = [(slots, handed_back(slots[0].read())) for slots in self.together]
        self.changing = [slots for slots, x in after if x is not self.numbers_written[id(slots)]]
        return [x for slots, x in after if x is not self.numbers_written[id(slots)]]

    def values(self) -> list[Any] | None:
        """The numbers to hand in; None where some that went together no longer do."""
        found = []
        if not all(p.requires_grad for p in self.trained):
            return None
        for slots in self.together:
            x = slots[0].read()
            if any(slot.read() != x for slot in slots[1:]):
                return None
            found.append(x)
        return found

    def take(self, numbers: Iterable[Any]) -> None:
        """Hold the numbers that a run of the program left."""
        for slots, x in zip(self.changing, numbers, strict=True):
            for slot in slots:
                slot.write(x)


LENGTH = object()
"""In place of a key: how many entries there are."""

LEARNING_RATE = "lr"
"""The option that changes while a network is trained; the others decide which program is run."""


def holds(watched: list[tuple[Any, Any, Any]]) -> bool:
    """Whether all is there as it was."""
    try:
        return all(len(container) == x if key is LENGTH else container[key] is x for container, key, x in watched)
    except KeyError:
        return False


def settings_of(x: Any) -> Any:
    """What a program may branch on of one holder."""
    if hasattr(x, "param_groups"):
        return [
            (len(group["params"]), {key: o for key, o in group.items() if key not in ("params", LEARNING_RATE)})
            for group in x.param_groups
        ]
    return [module.training for module in x.modules()] if hasattr(x, "modules") else None


def is_number(x: Any) -> bool:
    """Whether it is a number that changes, not a setting."""
    return type(x) in (int, float) or isinstance(x, (np.floating, np.integer))
