"""Gradients before a compiled step and after it.

A backward pass adds to the gradients that are there. So those are inputs of a step's program where it reads them, and
those that it leaves are results, which the next call may add to. Where a step forgets what the last one left, as it
does with ``zero_grad`` at its beginning, nobody but the program around it could see them: they are not kept then, and a
:class:`LeftGradient` says so to whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, NoReturn

import numpy as np

from ..engine.refusals import refusal
from ..engine.tensor import Tensor
from ..table.ducks import handed_back
from ..table.parts import own_copy
from .methods_as_calls import check
from .program import Memory, Operation, Variable
from .written_arrays import Recorder, StandIn, WrittenArray


class LeftGradient(np.lib.mixins.NDArrayOperatorsMixin):
    """What ``grad`` of a parameter is after a compiled step that does not keep it: its shape, and no numbers."""

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.shape, self.dtype = shape, dtype

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=int))

    def copy(self) -> LeftGradient:
        return self

    def refuse(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002 (whatever is asked)
        raise TypeError(
            f"grad: the gradient of shape {self.shape} that a compiled step left is not kept, as the step begins with "
            "zero_grad(). Let the step return it (return loss, p.grad), or zero_grad() before it is added to"
        )

    __array__ = __array_ufunc__ = __getitem__ = __setitem__ = __iter__ = __len__ = __bool__ = __float__ = refuse
    __complex__ = __int__ = __contains__ = refuse

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        if function is np.zeros_like and not kwargs and args == (self,):
            return np.zeros(self.shape, self.dtype)
        return self.refuse()

    def __getattr__(self, name: str) -> Any:
        if hasattr(np.ndarray, name) and not name.startswith("__"):
            self.refuse()
        raise AttributeError(f"'LeftGradient' object has no attribute {name!r}")

    def __repr__(self) -> str:
        return f"<gradient of shape {self.shape}, left by a compiled step and not kept>"


class Gradients:
    """The gradients of a program's Tensors that are trained, each as it is found and as it is left.

    Parameters
    ----------
    tensors : that require a gradient
    carried : identities of those to whose gradients some program of the function adds; grows

    Attributes
    ----------
    given : the numbers of those whose gradients the program takes
    lost : of those to whose gradients it adds, which were not kept, and nothing else depends on
    kept : of those whose gradients are among its results
    left, cleared : of those whose gradients are not kept, or forgotten
    """

    def __init__(self, tensors: Sequence[Tensor], carried: set[int]) -> None:
        self.tensors, self.carried = tensors, carried
        self.before: list[Any] = [node_of(p).grad for p in tensors]
        self.found: dict[int, StandIn] = {}
        self.given: list[int] = []
        self.lost: list[int] = []
        self.kept: list[int] = []
        self.left: list[int] = []
        self.cleared: list[int] = []

    def fit(self, kinds: Sequence[bool | None]) -> bool:
        """Whether those that it depends on are there, or are not, as they were; see :data:`KINDS_OF_GRADIENTS`."""
        return all(kinds[k] is True for k in self.given) and all(kinds[k] is False for k in self.lost)

    def lift(self, recorder: Recorder) -> None:
        """Hold written arrays in place of gradients."""
        for k, (p, g) in enumerate(zip(self.tensors, self.before, strict=True)):
            if g is not None:
                numbers = np.zeros(g.shape, g.dtype) if type(g) is LeftGradient else own_copy(g)
                self.found[k] = node_of(p).grad = recorder.given(numbers, "gradient")

    def put_back(self) -> None:
        """Hold what was there before."""
        for p, g in zip(self.tensors, self.before, strict=True):
            node_of(p).grad = g

    def finish(self, recorder: Recorder, results: Iterable[Any]) -> list[Any]:
        """Find out what becomes of each; returns those that are results, beside the others that are given."""
        recorder.operations[:] = [zeros_alone(operation, self.found.values()) for operation in recorder.operations]
        reached = {k: Reached(recorder.operations, x.variable) for k, x in self.found.items()}
        now = [node_of(p).grad for p in self.tensors]
        made = [
            k
            for k, g in enumerate(now)
            if g is not None and (g is not self.found.get(k) or reached[k].written)  # others are as they were
        ]
        gradients, others = [variable_of(now[k]) for k in made], [*map(variable_of, results)]
        needed = [k for k, it in reached.items() if it.effect or any(map(it.is_in, others))]
        added_to = [k for k, it in reached.items() if k in needed or any(map(it.is_in, gradients))]
        self.carried.update(id(self.tensors[k]) for k in added_to)
        self.lost = [k for k in added_to if type(self.before[k]) is LeftGradient]
        for k in set(self.lost).intersection(needed):
            raise refusal(
                f"compile: the function adds to a gradient, of shape {self.before[k].shape}, that a call before left "
                "and did not keep, as all calls until then began with zero_grad(). Call zero_grad() before it; from "
                "now on gradients are kept",
                (),
            )
        self.given = [k for k in added_to if k not in self.lost]
        self.cleared = [k for k, g in enumerate(now) if g is None and self.before[k] is not None]
        incomplete = {k for k in made if any(reached[j].is_in(variable_of(now[k])) for j in self.lost)}
        forgotten = {k for k in made if self.before[k] is not None and id(self.tensors[k]) not in self.carried}
        self.left = [k for k in made if k in incomplete | forgotten]
        self.kept = [k for k in made if k not in self.left]
        unread = {x.variable for k, x in self.found.items() if k not in self.given}
        recorder.inputs[:] = [v for v in recorder.inputs if v not in unread]
        return [copied(now[k], recorder) for k in self.kept]


def node_of(p: Tensor) -> Any:
    """Where a Tensor's gradient is."""
    return p._node


def copied(g: Any, recorder: Recorder) -> Any:
    """A gradient in memory of its own."""
    g = handed_back(g)
    fresh = type(g) is WrittenArray and g.variable.memory.origin == "operation"
    return g if fresh else recorder.record(own_copy, (g,), {})


def variable_of(y: Any) -> Any:
    """The variable of what a function leaves or returns; None for what has none."""
    y = handed_back(y._value if type(y) is Tensor else y)
    return y.variable if type(y) is WrittenArray else None


def zeros_alone(operation: Operation, gradients: Iterable[StandIn]) -> Operation:
    """Zeros in the form of a gradient without it: of that ``zero_grad(set_to_none=False)`` wants but the shape."""
    if operation.function is not np.zeros_like or len(operation.args) != 1 or operation.kwargs:
        return operation
    (v,) = operation.args
    if not any(v is x.variable for x in gradients):
        return operation
    return replace(operation, function=np.zeros, args=(v.shape, v.dtype))


class Reached:
    """What depends on a variable.

    Attributes
    ----------
    written : whether its own memory is written to
    effect : whether anything does that stays: what is kept is written to, or something is checked
    """

    def __init__(self, operations: Iterable[Operation], start: Variable) -> None:
        self.variables = {start}
        self.memories: set[Memory] = {start.memory}
        self.written = self.effect = False
        for operation in operations:
            if operation.writes is start.memory:
                self.written = True
            if not any(map(self.is_in, operation.operands())):
                continue
            self.variables.update(v for v in operation.results if v is not None)
            if operation.writes is not None:
                self.memories.add(operation.writes)
                self.effect |= operation.writes.origin not in ("operation", "made") and (
                    operation.writes is not start.memory
                )
            self.effect |= operation.function is check

    def is_in(self, v: Any) -> bool:
        """Whether a variable does."""
        return v is not None and (v in self.variables or v.memory in self.memories)


KINDS_OF_GRADIENTS: Final = {type(None): None, np.ndarray: True, LeftGradient: False}
"""Type of what ``grad`` is → whether there are numbers; None where there is none."""
