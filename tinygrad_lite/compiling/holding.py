"""What a compiled function keeps and changes: parameters, an optimizer's state, running statistics.

Arrays stay where they are and are written to in place. Numbers (the count of steps, a learning rate) are handed in and
taken back with every call. Everything else of an optimizer, and which parameters are trained, a program is made for:
:meth:`State.layout` tells it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from operator import attrgetter, getitem, is_, itemgetter
from typing import Any

import numpy as np

from ..engine.refusals import refusal
from ..engine.tensor import Tensor
from ..engine.writing import leave, own_memory
from ..table.ducks import DuckArray, handed_back
from .left_gradients import KINDS_OF_GRADIENTS, Gradients, LeftGradient, node_of
from .program import Operation, Variable
from .writing_kind import WRITING
from .written_arrays import Recorder, WrittenArray


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

    def lift(self, x: WrittenArray) -> None:
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


class State:
    """All that is kept.

    Parameters
    ----------
    given : modules, optimizers, Tensors

    Attributes
    ----------
    carried : identities of Tensors to whose gradients the function adds
    owned : identity of a Tensor → its array, which is nobody else's
    """

    def __init__(self, given: Iterable[Any]) -> None:
        self.given = list(given)
        for x in self.given:
            if not (type(x) is Tensor or hasattr(x, "param_groups") or hasattr(x, "named_buffers")):
                raise TypeError(f"compile: state is made of modules, optimizers and Tensors, not {type(x).__name__}")
        self.optimizers = [x for x in self.given if hasattr(x, "param_groups")]
        self.modules = [x for x in self.given if hasattr(x, "named_parameters")]
        self.carried: set[int] = set()
        self.owned: dict[int, Any] = {}

    def is_ready(self) -> bool:
        """Whether all optimizers have made their state."""
        return all(
            x.state and all(has_state(x, place, p) for place, p in enumerate(x.parameters)) for x in self.optimizers
        )

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
        return [*arrays.values()], sorted(numbers, key=lambda slot: isinstance(slot, OfTensor))

    def every(self) -> Iterator[Slot]:
        """All places, arrays' and others'."""
        names: dict[int, str] = {}
        for x in self.modules:
            names |= {id(p): name.replace(".", "_") for name, p in x.named_parameters()}
        for n, x in enumerate(self.given):
            if type(x) is Tensor:
                yield OfTensor(x, x.name or f"tensor_{n}")
            elif hasattr(x, "param_groups"):
                for group in x.param_groups:
                    yield from [OfItem(group, LEARNING_RATE, LEARNING_RATE)] if LEARNING_RATE in group else []
                for place, p in enumerate(x.parameters):
                    name = names.get(id(p)) or p.name or f"w{place}"
                    yield OfTensor(p, name)
                    own = x.state.get(place, {})
                    yield from [OfItem(own, key, key if key == "step" else f"{key}_{name}") for key in own]
            else:
                for module_name, module in x.named_modules():
                    yield from slots_in(vars(module), module_name.replace(".", "_"))

    def looked_after(self) -> list[Any]:
        """What changes as it should: of the rest of modules and of what they hold, others look at every bit."""
        found = [slot.tensor if isinstance(slot, OfTensor) else slot.read() for slot in self.every()]
        return [*self.optimizers, *[x for x in found if isinstance(x, (Tensor, np.ndarray))]]

    def settle(self) -> None:
        """Let all Tensors have memory of their own, which can be written to."""
        for slot in self.every():
            if isinstance(slot, OfTensor) and self.owned.get(id(slot.tensor)) is not slot.read():
                own_memory(slot.tensor)
                leave(slot.tensor)
                self.owned[id(slot.tensor)] = slot.read()

    def layout(self) -> tuple[str, list[bool | None]]:
        """What a program is made for, of optimizers, of arrays, of numbers; and how gradients are."""
        arrays, numbers = self.slots()
        tensors = tensors_in([*arrays, *numbers])
        found: list[Any] = [options_of(x) for x in self.optimizers]
        found += [(slot.name, slot.key, layout_of(slot.read())) for slot in arrays]
        found += [
            (slot.name, type(slot.read()), leader) for slot, leader in zip(numbers, leaders(numbers), strict=True)
        ]
        found.append([p.requires_grad for p in tensors])
        kinds = [KINDS_OF_GRADIENTS.get(type(node_of(p).grad), True) for p in tensors if p.requires_grad]
        return repr([*found, [kind is None for kind in kinds]]), kinds

    @contextmanager
    def lifted(self, recorder: Recorder) -> Iterator[KeptState]:
        """Within the block, written arrays are held in place of all arrays and numbers."""
        kept = KeptState(self)
        before = [(slot, slot.read()) for slot in (*kept.arrays, *kept.numbers)]
        made_for = [*map(options_of, self.optimizers)], [p.requires_grad for p in kept.tensors()]
        try:
            kept.lift(recorder)
            yield kept
        finally:
            for slot, x in before:
                slot.write(x)
            kept.gradients.put_back()
        if made_for != ([*map(options_of, self.optimizers)], [p.requires_grad for p in kept.tensors()]):
            raise refusal(
                "compile: the function changes an option of an optimizer, its parameters, or requires_grad of one: "
                "that would happen when it is compiled, and not again. Do it between calls",
                (),
            )


class KeptState:
    """The places of one program's state.

    Attributes
    ----------
    arrays, numbers : places
    written : for each place of an array what stood for it while the program was written down
    together : for each number that the program takes, the numbers of the places that hold it: they go on together
    changing : for each number that the program gives, those of the places that hold it afterwards
    gradients : of the Tensors that are trained
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.arrays, self.numbers = state.slots()
        self.written: list[WrittenArray] = []
        self.leaders = leaders(self.numbers)
        self.together = [[k for k, own in enumerate(self.leaders) if own == j] for j in dict.fromkeys(self.leaders)]
        self.changing: list[list[int]] = []
        self.numbers_written: list[WrittenArray] = []
        self.reuses = False
        self.gradients = Gradients([p for p in self.tensors() if p.requires_grad], state.carried)

    @property
    def variables(self) -> list[Variable]:
        return [x.variable for x in self.written]

    def tensors(self) -> list[Tensor]:
        """The Tensors among the places."""
        return tensors_in([*self.arrays, *self.numbers])

    def lift(self, recorder: Recorder) -> None:
        """Hold written arrays, those of equal numbers in common."""
        for slot in self.arrays:
            self.written.append(recorder.held(slot.read(), slot.name))
            slot.lift(self.written[-1])
        for places in self.together:
            slots = [self.numbers[k] for k in places]
            self.numbers_written.append(recorder.given(slots[0].read(), slots[0].name))
            for slot in slots:
                slot.lift(self.numbers_written[-1])
        self.gradients.lift(recorder)

    def finish(self, recorder: Recorder, result: list[Any]) -> tuple[list[Any], list[Any]]:
        """Write down what replaced arrays; returns the numbers that are others after the program, and gradients."""
        for slot, own in zip(self.arrays, self.written, strict=True):
            new = handed_back(slot.read())
            if new is not own:
                own[...] = new
        made_by = {operation.result: operation for operation in recorder.operations}
        changed: dict[Any, tuple[Any, list[int]]] = {}
        for places, own in zip(self.together, self.numbers_written, strict=True):
            for k in places:
                x = handed_back(self.numbers[k].read())
                if x is not own:
                    changed.setdefault(computed_by(made_by, x), (x, []))[1].append(k)
        self.changing = [places for _, places in changed.values()]
        new = [x for x, _ in changed.values()]
        return new, self.gradients.finish(recorder, [*result, *new])

    def names(self) -> list[str]:
        """Of what the program takes beside the arguments: numbers, and gradients."""
        numbers = [self.numbers[places[0]].name for places in self.together]
        names = {id(slot.tensor): slot.name for slot in (*self.arrays, *self.numbers) if isinstance(slot, OfTensor)}
        return [*numbers, *[f"d_{names[id(self.gradients.tensors[k])]}" for k in self.gradients.given]]

    # -- calls

    def follow(self) -> None:
        """Find all places where they are now, which are laid out as they were, and note what :meth:`holds` looks at."""
        self.arrays, self.numbers = self.state.slots()
        self.values = [slot.read() for slot in self.arrays]
        tensors = self.tensors()
        self.gradients.tensors = [p for p in tensors if p.requires_grad]
        self.trained = [node_of(p) for p in self.gradients.tensors]
        self.as_it_was = AsItWas(self.arrays, tensors, self.trained, self.state.optimizers)
        items = [slot for slot in self.numbers if isinstance(slot, OfItem)]  # they come before Tensors
        self.containers, self.keys = [slot.container for slot in items], [slot.key for slot in items]
        self.single = [slot.tensor for slot in self.numbers if isinstance(slot, OfTensor)]
        self.kinds = [type(slot.read()) for slot in self.numbers]
        left = {k: LeftGradient(p.shape, p.dtype) for k, p in enumerate(self.gradients.tensors)}
        becomes = {k: left[k] for k in self.gradients.left} | dict.fromkeys(self.gradients.cleared)
        self.becoming = [
            (node, becomes[k])
            for k, node in enumerate(self.trained)
            if k in becomes and type(node.grad) is not type(becomes[k])
        ]

    def holds(self) -> bool:
        """Whether all is as it was when it was followed last, but for the numbers."""
        return self.as_it_was.holds()

    def taken(self) -> list[Any] | None:
        """What to hand in, numbers and gradients; None where some numbers that went together no longer do."""
        numbers = [*map(getitem, self.containers, self.keys), *map(VALUE, self.single)]
        if [*map(type, numbers)] != self.kinds or numbers != [numbers[k] for k in self.leaders]:
            return None
        return [
            *[numbers[places[0]] for places in self.together],
            *[self.trained[k].grad for k in self.gradients.given],
        ]

    def take(self, numbers: Iterable[Any], gradients: Sequence[Any]) -> None:
        """Hold the numbers and gradients that a run of the program left."""
        for places, x in zip(self.changing, numbers, strict=True):
            for k in places:
                self.numbers[k].write(x)
        for node, g in self.becoming:
            node.grad = g
        if gradients:
            self.take_gradients(gradients)

    def take_gradients(self, gradients: Sequence[Any]) -> None:
        """Hold gradients, each in memory of its own."""
        seen: set[int] = set()
        for k, g in zip(self.gradients.kept, gradients, strict=True):
            fresh = type(g) is np.ndarray and g.base is None and id(g) not in seen
            self.trained[k].grad = g if fresh and not self.reuses else np.array(g)
            seen.add(id(g))


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
    operation = made_by.get(x.variable) if type(x) is WrittenArray else None
    if operation is None or not all(isinstance(v, (Variable, int, float)) for v in operation.args) or operation.kwargs:
        return id(x)
    return operation.function, operation.args, tuple(map(type, operation.args))


def layout_of(x: np.ndarray) -> Any:
    """What a program is made for, of an array that it keeps."""
    return x.shape, x.dtype, x.strides, x.flags.writeable


def is_number(x: Any) -> bool:
    """Whether it is a number that changes, not a setting."""
    return type(x) in (int, float) or isinstance(x, (np.floating, np.integer))
