"""A function's run on arrays that write down what is done to them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from threading import get_ident
from typing import Any, NamedTuple

import numpy as np

from ..engine.recording import recording_arrays
from ..engine.refusals import Attempt, attempt, line_of, lost, running
from ..engine.tensor import Tensor
from ..engine.trees import flatten, paths, unflatten
from ..table.ducks import DuckArray, handed_back
from ..table.parts import own_copy
from .captured import Captured
from .generators import recording_draws
from .holding import KeptState, State
from .inputs import Aliases, Inputs, objects_in, with_inputs_kept
from .program import Program
from .returning import refuse_result
from .written_arrays import WRITTEN, Recorder


class Traced(NamedTuple):
    """A function, written down.

    Attributes
    ----------
    program : what it did
    result : of the call in which it was traced
    kept : what it keeps and changes, if anything
    captured : what else it took from outside
    taken : which of the arguments' leaves the program takes
    writes, shared : whether it wrote to an argument, or asked which share memory, and which of them do
    donated : which of the arguments' leaves it may write to
    """

    program: Program
    result: Any
    kept: KeptState | None
    captured: Captured
    taken: list[bool]
    writes: bool
    shared: Aliases
    donated: Collection[int]


class Tracing(Attempt):
    """The run of a function that is being compiled: what it goes on after makes another program of it."""

    derives = False

    def __init__(self) -> None:
        super().__init__(())
        self.thread = get_ident()

    def concerns(self, nodes: Any) -> bool:  # noqa: ARG002 (others look at them)
        return get_ident() == self.thread

    def raise_swallowed(self, what: str) -> None:
        for message, line in self.noted:
            raise lost(
                f"{what}: the function went on after something was refused, so that it would be another program: "
                f"{message.removeprefix(f'{what}: ')}",
                line,
            )
        for message, line in self.errors:
            raise lost(
                f"{what}: the function went on after an error, and would be another program where there is none: "
                f"{message} [{line}]. np.where chooses between arrays",
                line,
            )


def written_down(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    state: State | None = None,
    shared: Aliases = (),
    donated: Collection[int] = (),
    kernels: str = "large",
) -> Traced:
    """The program of a function of arguments of these shapes, of which some share memory, and some are given away.

    Raises a refusal for what would need numbers, and for what would happen when it is compiled and not again.
    """
    flat, structure = flatten((args, kwargs))
    recorder = Recorder(kernels)
    inputs = Inputs(recorder, flat, argument_names(function, args, kwargs), shared, donated)
    roots = [function, *objects_in(flat), *([] if state is None else state.modules)]
    captured = Captured(roots, () if state is None else state.looked_after())
    own, keywords = unflatten(structure, inputs.given)
    run = Tracing()
    running.append(run)
    token = attempt.set(run)
    holding = nullcontext(None) if state is None else state.lifted(recorder)
    rngs = [*[rng for _, _, rng in captured.drawing], *[x for x in flat if type(x) is np.random.Generator]]
    bits = [] if state is None else [(rng.bit_generator, rng.bit_generator.state) for rng in rngs]
    try:
        with recording_draws(captured.drawing, recorder), holding as kept, recording_arrays():
            result = function(*own, **keywords)
            inputs.refuse_other_draws()
            found, structure = flatten(result)
            if kept is not None:
                found, structure = flatten((result, *kept.finish(recorder, found)))
        run.raise_swallowed("compile")
    except Exception as error:
        if run.noted and line_of(error) is None and run.behind(error) is None:
            run.raise_swallowed("compile")
        message, line = run.behind(error) or (str(error), line_of(error))
        if line is None or (message == str(error) and line in message):
            raise
        raise lost(message if line in message else f"{message} [{line}]", line) from error
    finally:
        attempt.reset(token)
        running.remove(run)
        for source, before in bits:  # what changes state is run once more, as source
            source.state = before
    captured.look_again()
    captured.watch_what_was_read([x for _, x, _ in recorder.every_constant()])
    written = inputs.written(recorder, flat, captured)
    for y in found:
        refuse_result(y)
    outputs = [owned(output_of(y), recorder, captured) for y in found]
    takes = zip(recorder.inputs, [x for x, taken in zip(flat, inputs.taken, strict=True) if taken], strict=False)
    as_given = {v: x for v, x in takes if v not in written}
    values = [as_given.get(y.variable, y.value) if type(y) in WRITTEN else y for y in outputs]
    program = with_inputs_kept(recorder.program(outputs, structure).changed(donated=tuple(inputs.donated)))
    return Traced(
        program,
        unflatten(structure, values),
        kept,
        captured,
        inputs.taken,
        bool(written) or recorder.asks_sharing,
        shared,
        donated,
    )


def owned(y: Any, recorder: Recorder, captured: Captured) -> Any:
    """A result that is the caller's own: a copy of an array that would be the same one in each call."""
    if type(y) in WRITTEN or not isinstance(y, np.ndarray) or captured.is_seen_in(y):
        return y
    return recorder.record(own_copy, (y,), {})


def output_of(y: Any) -> Any:
    """What a program returns at a leaf of its result."""
    if type(y) is Tensor:
        y = y._value
        return y.held if type(y) is DuckArray else y
    return handed_back(y)


def argument_names(function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> list[str]:
    """For each leaf of the arguments how programs call it: ``x``, ``weights[0]``."""
    try:
        positional = [*inspect.signature(function).bind(*args).arguments]
        names = positional if len(positional) == len(args) else None
    except (TypeError, ValueError):
        names = None
    if names is None:
        names = [f"argument_{k}" for k in range(len(args))]
    _, structure = flatten((tuple(args), kwargs))
    positions, keywords = structure.children
    return [*paths(positions, names), *paths(keywords, keywords.keys)]
