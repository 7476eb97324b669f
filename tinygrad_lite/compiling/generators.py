"""Random numbers: drawn anew in each call, from the caller's generator.

While a function is traced, it gets a :class:`RecordingGenerator` for each generator that is given to it or that it
holds. That draws from the same stream, and each draw is an operation of the program.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import get_ident
from typing import Any, Final

import numpy as np
from numpy.random import bit_generator

from ..engine.refusals import refusal
from .captured import Place, put_at
from .contents import how_far
from .methods_as_calls import Method
from .program import Memory, Variable
from .unknown_numbers import unknown
from .written_arrays import Recorder

DRAWING: Final = tuple(
    name
    for name in dir(np.random.Generator)
    if not name.startswith("_") and callable(getattr(np.random.Generator, name)) and name not in ("spawn", "shuffle")
)
"""The methods of a generator that return what they draw."""


class RecordingGenerator(np.random.Generator):
    """A generator whose draws are written down.

    Parameters
    ----------
    rng : whose stream it draws from
    recorder : where
    name : of an argument; a generator that the function holds has none
    """

    def __init__(self, rng: np.random.Generator, recorder: Recorder, name: str | None = None) -> None:
        super().__init__(rng.bit_generator)
        self.rng = rng
        self.recorder = recorder
        self.thread = get_ident()
        self.variable = Variable(rng, Memory("generator"), name or "rng")
        self.bits = id(rng.bit_generator)
        recorder.streams[self.bits] = how_far(rng)
        if name is None:
            recorder.constants[id(rng)] = [(self.variable, rng, None)]

    def shuffle(self, x: Any, axis: int = 0) -> None:  # noqa: ARG002 (NumPy's)
        raise unknown("shuffle, which changes a list or an array in place,", "rng.permutation gives another")

    def spawn(self, n_children: int) -> Any:  # noqa: ARG002 (NumPy's)
        raise unknown("spawn, which makes generators,", "They can be arguments, or what the function holds")

    def __reduce__(self) -> Any:
        raise unknown("a copy of a generator", "Its methods draw from it")

    def look_again(self) -> None:
        """Raise where somebody else has drawn: who made a generator or a copy of the same bits."""
        if how_far(self.rng) != self.recorder.streams[self.bits]:
            raise refusal(
                f"compile: something other than {self.variable.name} itself draws from its stream, which would happen "
                "once; draw from it by its methods",
                (),
            )


def drawing(name: str) -> Callable[..., Any]:
    """A method that draws."""
    plain = getattr(np.random.Generator, name)

    def method(self: RecordingGenerator, *args: Any, **kwargs: Any) -> Any:
        if get_ident() != self.thread:  # somebody else's, who has the same generator
            return plain(self, *args, **kwargs)
        self.look_again()
        try:
            return self.recorder.drawn(Method(name), self.rng, self.variable, args, kwargs)
        finally:
            self.recorder.streams[self.bits] = how_far(self.rng)

    method.__name__ = name
    method.__doc__ = f"``rng.{name}``, written down."
    return method


for _name in DRAWING:
    setattr(RecordingGenerator, _name, drawing(_name))


@contextmanager
def recording_draws(places: Sequence[Place], recorder: Recorder) -> Iterator[None]:
    """Within the block, generators that a function holds write down what is drawn.

    Raises a refusal for draws of the generators of NumPy and Python, which have no place, and of one that nobody gave
    a seed, for each call would have to make another.
    """
    recording = {id(rng): RecordingGenerator(rng, recorder) for _, _, rng in places}
    before = {whose: state() for whose, state in COMMON.items()}
    for holder, name, rng in places:
        put_at(holder, name, recording[id(rng)])
    try:
        with refusing_entropy():
            yield
    finally:
        for holder, name, rng in places:
            put_at(holder, name, rng)
    for rng in recording.values():
        rng.look_again()
    for whose, state in COMMON.items():
        if state() != before[whose]:
            raise drawn_once(f"drew from {whose}")


COMMON: Final[dict[str, Callable[[], Any]]] = {
    "NumPy's own generator (np.random.rand and kin)": lambda: how_far(np.random.mtrand._rand),
    "Python's own generator (random.random and kin)": random.getstate,
}
"""The generators that are everybody's, with what they are in."""


def drawn_once(what: str) -> Exception:
    """The refusal of random numbers that would be the same in each call."""
    return refusal(
        f"compile: the function {what}: the same numbers would come in each call. Draw from a generator, "
        "rng = np.random.default_rng(seed), that is an argument or that the function holds",
        (),
    )


tracing_threads: Final[list[int]] = []
entropy: Final = bit_generator.randbits  # type: ignore[attr-defined]


@contextmanager
def refusing_entropy() -> Iterator[None]:
    """Within the block, in this thread, no generator is made without a seed."""
    tracing_threads.append(get_ident())
    bit_generator.randbits = entropy_unless_tracing  # type: ignore[attr-defined]
    try:
        yield
    finally:
        tracing_threads.remove(get_ident())
        if not tracing_threads:
            bit_generator.randbits = entropy  # type: ignore[attr-defined]


def entropy_unless_tracing(bits: int) -> int:
    """Random bits of the system's."""
    if get_ident() in tracing_threads:
        raise drawn_once("makes a random generator without a seed")
    return int(entropy(bits))
