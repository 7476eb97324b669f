"""A training's steps as compiled source, once that has proved itself: bit for bit what the steps are without.

A proof is one step made twice, from the same state: every parameter, every array of the optimizer's state and the loss
must come out with the same bits. A network of one's own may do other things when it is called than compute (count,
print), which source does not; so only the networks of this library are compiled unasked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ..compiling.compiled import Compiled
from ..engine.hooks import HOOKED
from ..engine.recording import recording
from ..engine.refusals import line_of
from ..engine.tensor import Tensor
from ..nn import Module
from ..optim import Optimizer
from ..table.ducks import DuckArray
from .objective import Objective, hits

WORTH_IT: Final = 3000
"""Steps to come from which on compiling, which takes a tenth of a second or two, is worth it unasked."""

SMALL: Final = 200_000
"""Entries of all parameters up to which steps of source are the quicker ones; beyond, products of matrices decide."""

NOT_FINITE: Final = "the loss is not finite"


class CompiledSteps:
    """The steps of one training.

    Parameters
    ----------
    model, goal, optimizer : what is trained, and how
    wanted : whether it was asked for: what cannot be compiled is then an error
    """

    def __init__(self, model: Module, goal: Objective, optimizer: Optimizer, wanted: bool) -> None:
        self.model, self.goal, self.optimizer, self.wanted = model, goal, optimizer, wanted
        self.step = Compiled(self.both, [model, optimizer])
        self.proved: set[Any] = set()
        self.given_up = False

    def both(self, x: Any, y: Any, weights: Any) -> tuple[Any, Any]:
        """One step: the loss, and how many samples got their class right."""
        goal = self.goal
        outputs = goal.outputs(x)
        loss = goal.loss(outputs, y, weights)
        if goal.penalty is not None:
            loss = loss + goal.penalty() / (len(x) if weights is None else weights.sum(dtype=np.float64))
        must_be_finite(loss)
        loss.backward()
        self.optimizer.step()
        for p in self.optimizer.parameters:
            p.grad = None
        right = hits(goal, outputs, y)
        return loss, None if right is None else right.sum()

    def can(self, x: Any) -> bool:
        """Whether a batch is trained on by compiled source, or will be once that has proved itself."""
        return (
            not self.given_up
            and type(x) is np.ndarray
            and recording.get() is True
            and not HOOKED
            and self.step.state.is_ready()  # type: ignore[union-attr]
        )

    def take(
        self, x: Any, y: Any, weights: Any, eager: Callable[[], tuple[float, int | None]]
    ) -> tuple[float, int | None]:
        """One step, and its loss and count; by ``eager`` where the source is not proved, and found to be equal."""
        shape = x.shape, y.shape
        if shape in self.proved:
            return numbers_of(self.step(x, y, weights))
        before = self.snapshot()
        found = eager()
        after = self.snapshot()
        self.put_back(before)
        try:
            again = numbers_of(self.step(x, y, weights))
        except Exception as error:
            self.put_back(after)
            self.given_up = True
            if self.wanted:
                where = f" [{line_of(error)}]" if line_of(error) else ""
                raise TypeError(f"fit: the step cannot be compiled: {error}{where}") from error
            return found
        if again == found and all(map(same, self.snapshot()[0], after[0])):
            self.proved.add(shape)
        else:
            self.put_back(after)
            self.given_up = True
        return found

    def snapshot(self) -> tuple[list[Any], list[Any]]:
        """All arrays and numbers of the state, and the generators'."""
        slots = self.step.state.every()  # type: ignore[union-attr]
        held = [np.copy(x) if isinstance(x := slot.read(), np.ndarray) else x for slot in slots]
        return held, [g.bit_generator.state for _, g in self.model.named_generators()]

    def put_back(self, snapshot: tuple[list[Any], list[Any]]) -> None:
        """Bring the state back to what it was."""
        held, states = snapshot
        for slot, x in zip(self.step.state.every(), held, strict=True):  # type: ignore[union-attr]
            if isinstance(x, np.ndarray):
                slot.read()[...] = x
            else:
                slot.write(x)
        for (_, g), state in zip(self.model.named_generators(), states, strict=True):
            g.bit_generator.state = state


def same(a: Any, b: Any) -> bool:
    """Whether two parts of a state have the same bits."""
    return bool(np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f"))


def numbers_of(found: tuple[Any, Any]) -> tuple[float, int | None]:
    """What a step gave, as Python's numbers."""
    loss, right = found
    return loss.item(), None if right is None else int(right)


def must_be_finite(loss: Tensor) -> None:
    """Of a program that is being compiled: raise ValueError, when it runs, where the loss is not finite."""
    value = loss._value
    if type(value) is DuckArray:
        finite: Any = np.isfinite(value)
        value.kind.asserted(finite, NOT_FINITE)


def is_small(model: Module) -> bool:
    """Whether steps of source are quicker than those without."""
    return sum(p.size for p in model.parameters()) <= SMALL


def is_of_this_library(model: Module) -> bool:
    """Whether all parts of a network are the library's own, whose calls do nothing but compute."""
    package = __name__.partition(".")[0]
    return all(type(module).__module__.partition(".")[0] == package for module in model.modules())
