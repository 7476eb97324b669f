"""Whether to record, and how much: the switch, per thread and per asynchronous task."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from functools import wraps
from itertools import count
from types import TracebackType
from typing import Any, Final, ParamSpec, TypeVar

import numpy as np

from ..table.requests import program_line
from .graph import NO_PARAMS, Call, Constant, Kept, Node
from .watching import Check, check_output, operation, watch_all


class Trace:
    """In place of True: record, and note more of each operation on its node.

    Attributes
    ----------
    scope : the calls that operations are made in
    module : the one whose call is outermost
    values : whether to keep what operations compute
    watches : whether to note all that rules save, so that the backward pass can tell whether it was changed
    checks : what it looks for in results and derivatives
    deriving : within a rule, the operation it is of; what rules compute on their way may be anything
    """

    def __init__(
        self,
        scope: tuple[Call, ...] = (),
        module: Any = None,
        numbers: Iterator[int] | None = None,
        *,
        values: bool = True,
        watches: bool = False,
        checks: tuple[Check, ...] = (),
        deriving: str = "",
    ) -> None:
        self.scope = scope
        self.module = module
        self.numbers: Iterator[int] = count() if numbers is None else numbers
        self.values = values
        self.watches = watches
        self.checks = checks
        self.deriving = deriving

    def keep(self, node: Node, inputs: tuple[Any, ...], output: Any, changing: Sequence[Any] = ()) -> None:
        """Note down what an operation computed; of arrays that may be written to later, what they hold now."""
        if self.values:
            held = tuple([x.copy() if any(x is y for y in changing) else x for x in inputs])
            if any(np.may_share_memory(output, x) for x in changing):
                output = output.copy()
            sources: dict[Node, Any] = {
                p: x for p, x in zip(node.parents, inputs, strict=True) if isinstance(p, Constant)
            }
            node.kept = Kept(held, output, self.scope, sources)
        if self.watches:
            watch_all(node, self.deriving or program_line(), self.checks)
            if not self.deriving:
                check_output(node, inputs, output, self.checks)

    def inside(self, name: str, kind: str = "", module: Any = None, names: Mapping[Node, str] = NO_PARAMS) -> Trace:
        """The trace one level further down."""
        call = Call(name, kind, next(self.numbers), names)
        return self.changed(scope=(*self.scope, call), module=module or self.module)

    def changed(self, **changes: Any) -> Trace:
        """A trace that is another in some respect."""
        return Trace(**(vars(self) | changes))


recording: Final[ContextVar[bool | Trace]] = ContextVar("recording", default=True)
"""Whether operations are recorded, and whether more is kept of them; per thread and per asynchronous task."""

arrays_recorded: Final[ContextVar[bool]] = ContextVar("arrays_recorded", default=False)
"""Whether ``tinygrad_lite.numpy`` makes Tensors."""


@contextmanager
def recording_arrays() -> Iterator[None]:
    """Within the block, what makes arrays in ``tinygrad_lite.numpy`` makes Tensors, which can be written to.

    Transforms run functions so; with ``backward`` one says it.

    >>> import tinygrad_lite.numpy as tnp
    >>> x = tl.tensor(3.0, requires_grad=True)
    >>> with tl.recording_arrays():
    ...     y = tnp.zeros(2)
    ...     y[0] = x * x
    >>> y.sum().backward()
    >>> x.grad
    array(6.)
    """
    token = arrays_recorded.set(True)
    try:
        yield
    finally:
        arrays_recorded.reset(token)


def making_tensors() -> bool:
    """Whether arrays are to be made as Tensors here."""
    return arrays_recorded.get()


P = ParamSpec("P")
R = TypeVar("R")


class set_recording:  # lower case: it is used as a statement and a decorator
    """Record, or do not, within a ``with`` block or a decorated function; nests, and is restored on exceptions."""

    def __init__(self, on: bool) -> None:
        self.on = on
        self.tokens: list[Token[bool | Trace]] = []

    def __enter__(self) -> None:
        self.tokens.append(recording.set(self.on and (recording.get() or True)))  # a trace goes on

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        recording.reset(self.tokens.pop())

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        if any(
            is_kind(function)
            for is_kind in (inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction)
        ):
            raise TypeError(
                f"{function.__name__} is a generator or coroutine function: its body would run after the block ended. "
                "Write the with statement inside it, around the computation and without a yield in it"
            )

        @wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            with set_recording(self.on):
                return function(*args, **kwargs)

        return wrapped


class no_grad(set_recording):
    """Within the block, or the decorated function, nothing is recorded and results require no gradient.

    >>> w = tl.tensor([1.0, 2.0], requires_grad=True)
    >>> with tl.no_grad():
    ...     y = w * 2
    >>> y.requires_grad
    False
    """

    def __init__(self) -> None:
        super().__init__(False)


@contextmanager
def tracing() -> Iterator[None]:
    """``with tl.tracing():`` keeps every intermediate's value, gradient and module, for drawing.

    They live as long as the graph does. Operations outside the block keep what their derivatives need, as ever. Inside
    another trace it goes on with that one; where recording is off it stays off.

    >>> with tl.tracing():
    ...     x = tl.tensor([0.5, -1.0], requires_grad=True, name="x")
    ...     loss = (np.tanh(x) * 2.0).sum()
    >>> "−0.7616" in tl.draw(loss).source  # tanh(−1)
    True
    """
    on = recording.get()
    token = recording.set(Trace() if on is True else on.changed(values=True) if on else on)
    try:
        yield
    finally:
        recording.reset(token)


@contextmanager
def detect_anomaly(check_nan: bool = True, check_inf: bool = True) -> Iterator[None]:
    """``with tl.detect_anomaly():`` makes a program say where it goes wrong, at the cost of time and memory.

    Errors name the operation, what it got, and the line of the program, where among what is recorded within the block

    - an operation gives NaN, or infinity, and got none; at once. Constants that are infinite are meant: what is
      computed with them (``np.where(mask, x, -np.inf)``) may be infinite.
    - its derivative has NaN, or infinity, and the gradient that it was computed from has none; in any backward pass.
    - an array that a derivative needs was written to since the operation, were it one entry of a large one. (Without
      the block small arrays are copied, and of a large one a sample is compared.)

    Parameters
    ----------
    check_nan, check_inf : whether to look for NaN and for infinity

    Raises FloatingPointError for numbers, RuntimeError for arrays that changed.

    >>> x = tl.tensor(np.ones(3), requires_grad=True)
    >>> with tl.detect_anomaly():
    ...     loss = np.sqrt(x - 1.0).sum()
    >>> with np.errstate(divide="ignore"):
    ...     loss.backward()
    Traceback (most recent call last):
    ...
    FloatingPointError: sqrt [...]: its derivative is infinite, at 3 of 3 entries, ... x = np.where(x > 0, x, 1.0), ...
    """
    on = recording.get()
    if on:
        checks = (np.isnan,) * check_nan + (np.isinf,) * check_inf
        on = (Trace(values=False) if on is True else on).changed(watches=True, checks=checks)
    token = recording.set(on)
    try:
        yield
    finally:
        recording.reset(token)


@contextmanager
def deriving(node: Node) -> Iterator[None]:
    """Within a node's rule: what it records, being recorded itself, belongs to the node's line of the program."""
    on = recording.get()
    token = recording.set(on if isinstance(on, bool) else on.changed(deriving=f"derivative of {operation(node)}"))
    try:
        yield
    finally:
        recording.reset(token)


@contextmanager
def scope(name: str) -> Iterator[None]:
    """Draw what is computed within the block inside a frame of this name; without a trace it does nothing.

    >>> with tl.tracing(), tl.scope("encoder"):
    ...     y = np.exp(tl.tensor(1.0, requires_grad=True))
    >>> "encoder" in tl.draw(y).source
    True
    """
    on = recording.get()
    token = recording.set(on if isinstance(on, bool) else on.inside(str(name)))
    try:
        yield
    finally:
        recording.reset(token)


@contextmanager
def call(module: Any) -> Iterator[None]:
    """:func:`scope` for a module's call: its name within the module that calls it, its class, its parameters' names."""
    on = recording.get()
    assert isinstance(on, Trace)
    kind = type(module).__name__
    if on.module is None:
        names = {p._node: name for name, p in module.named_parameters() if p._node is not None}
        inner = on.inside(kind, kind, module, names)
    else:
        path = next((name for name, part in on.module.named_modules() if part is module and name), kind)
        inner = on.inside(path, kind, module)
    token = recording.set(inner)
    try:
        yield
    finally:
        recording.reset(token)
