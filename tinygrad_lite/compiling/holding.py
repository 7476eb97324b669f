"""What a compiled function keeps and changes: parameters, an optimizer's state, running statistics.

Arrays stay where they are and are written to in place. Numbers (the count of steps, a learning rate) are handed in and
taken back with every call. Everything else of an optimizer, and which parameters are trained, a program is made for:
:meth:`State.layout` tells it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import getitem
from sys import getrefcount
from typing import Any

import numpy as np

from ..engine.hooks import HOOKED
from ..engine.refusals import refusal
from ..engine.tensor import Tensor
from ..engine.writing import leave, own_memory
from ..table.ducks import handed_back
from .left_gradients import KINDS_OF_GRADIENTS, Gradients, LeftGradient, node_of
from .program import Variable
from .slots import (
    LEARNING_RATE,
    VALUE,
    AsItWas,
    OfItem,
    OfTensor,
    Places,
    Slot,
    computed_by,
    has_state,
    is_number,
    layout_of,
    leaders,
    options_of,
    slots_in,
    tensors_in,
)
from .written_arrays import Recorder, StandIn


class State:
    """All that is kept.

    Parameters
    ----------
    given : modules, optimizers, Tensors

    Attributes
    ----------
    carried : identities of Tensors to whose gradients the function adds
    tensors, memories, references : Tensors, their arrays, and how many know of each
    """

    def __init__(self, given: Iterable[Any]) -> None:
        self.given = list(given)
        for x in self.given:
            if not (type(x) is Tensor or hasattr(x, "param_groups") or hasattr(x, "named_buffers")):
                raise TypeError(f"compile: state is made of modules, optimizers and Tensors, not {type(x).__name__}")
        self.optimizers = [x for x in self.given if hasattr(x, "param_groups")]
        self.modules = [x for x in self.given if hasattr(x, "named_parameters")]
        self.carried: set[int] = set()
        self.tensors: list[Tensor] = []
        self.memories: list[Any] = []
        self.references: list[int] = []

    def is_ready(self) -> bool:
        """Whether all optimizers have made their state."""
        return all(
            x.state and all(has_state(x, place, p) for place, p in enumerate(x.parameters)) for x in self.optimizers
        )

    def slots(self) -> Places:
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

    def settled(self) -> Places:
        """Where arrays and numbers are held, when all Tensors have memory of their own, which can be written to."""
        places = self.slots()
        now = [*map(getrefcount, self.memories)]
        saved = {id(p) for p, n, before in zip(self.tensors, now, self.references, strict=True) if n > before}
        known = dict(zip(map(id, self.tensors), self.memories, strict=True))
        moved = False
        for p in tensors_in([*places[0], *places[1]]):
            before = id(p._value)
            if known.get(id(p)) is not p._value:
                own_memory(p)
                leave(p)
            elif id(p) in saved and type(p._value) is np.ndarray:  # by a graph, since
                p._value = p._value.copy(order="K")
            moved |= id(p._value) != before
        return self.slots() if moved else places

    def note(self, tensors: list[Tensor]) -> None:
        """Note, after a call, how many know of the memory of Tensors: who does from then on is to keep what it is."""
        self.tensors, self.memories = tensors, [*map(VALUE, tensors)]
        self.references = [*map(getrefcount, self.memories)]

    def is_known_to_others(self) -> bool:
        """Whether more, or fewer, know of it now."""
        return [*map(getrefcount, self.memories)] != self.references

    def is_hooked(self) -> bool:
        """Whether somebody is to be called with a gradient, which a program of a step does not do."""
        return any(p._node in HOOKED for x in self.optimizers for p in x.parameters if p._node is not None)

    def layout(self, places: Places) -> tuple[str, list[bool | None]]:
        """What a program is made for, of optimizers, of arrays, of numbers; and how gradients are."""
        arrays, numbers = places
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
        origins: list[tuple[Tensor, Any]] = []
        try:
            kept.lift(recorder)
            origins = [(p, p._origin) for p in kept.tensors()]
            yield kept
        finally:
            for p, origin in origins:  # views share memory with what was held meanwhile
                leave(p)
                p._origin = origin
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
        self.written: list[StandIn] = []
        self.leaders = leaders(self.numbers)
        self.together = [[k for k, own in enumerate(self.leaders) if own == j] for j in dict.fromkeys(self.leaders)]
        self.changing: list[list[int]] = []
        self.numbers_written: list[StandIn] = []
        self.reuses = False
        self.as_it_was: AsItWas | None = None
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

    def follow(self, places: Places) -> None:
        """Take all places from where they are now, laid out as they were, and note what :meth:`holds` looks at."""
        self.arrays, self.numbers = places
        self.is_noted = False
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

    def note(self) -> None:
        """Note, after a call, who knows of the arrays."""
        self.is_noted = True
        self.state.note(self.tensors())

    def holds(self) -> bool:
        """Whether all is as it was when it was followed last, but for the numbers."""
        return (
            self.as_it_was is not None
            and not self.state.is_known_to_others()
            and self.as_it_was.holds()
            and not (HOOKED and self.state.is_hooked())
        )

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
