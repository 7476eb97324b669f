"""Random numbers: drawn anew in each call, from the caller's generator.

While a function is traced, it gets a :class:`RecordingGenerator` for each generator that is given to it or that it
holds. That draws from the same stream, and each draw is an operation of the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import get_ident
from typing import Any, Final

import numpy as np

from ..engine.refusals import refusal
from .captured import Place, put_at
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
        if name is None:
            recorder.constants[id(rng)] = [(self.variable, rng, None)]

    def shuffle(self, x: Any, axis: int = 0) -> None:  # noqa: ARG002 (NumPy's)
        raise unknown("shuffle, which changes a list or an array in place,", "rng.permutation gives another")

    def __deepcopy__(self, memo: Any) -> Any:
        return self


def drawing(name: str) -> Callable[..., Any]:
    """A method that draws."""
    plain = getattr(np.random.Generator, name)

    def method(self: RecordingGenerator, *args: Any, **kwargs: Any) -> Any:
        if get_ident() != self.thread:  # somebody else's, who has the same generator
            return plain(self, *args, **kwargs)
        return self.recorder.drawn(Method(name), self.rng, self.variable, args, kwargs)

    method.__name__ = name
    method.__doc__ = f"``rng.{name}``, written down."
    return method


for _name in DRAWING:
    setattr(RecordingGenerator, _name, drawing(_name))


@contextmanager
def recording_draws(places: Sequence[Place], recorder: Recorder) -> Iterator[None]:
    """Within the block, generators that a function holds write down what is drawn.

    Raises a refusal for draws of NumPy's own generator, which has no place.
    """
    recording = {id(rng): RecordingGenerator(rng, recorder) for _, _, rng in places}
    before = state()
    for holder, name, rng in places:
        put_at(holder, name, recording[id(rng)])
    try:
        yield
    finally:
        for holder, name, rng in places:
            put_at(holder, name, rng)
    if state() != before:
        raise refusal(
            "compile: the function drew from NumPy's own generator (np.random.rand and kin): the same numbers would "
            "come in each call. Draw from a generator, rng = np.random.default_rng(seed), that is an argument or that "
            "the function holds",
            (),
        )


def state() -> tuple[Any, ...]:
    """What NumPy's own generator is in."""
    name, key, *rest = np.random.get_state(legacy=True)  # noqa: NPY002 (which it is about)
    return name, key.tobytes(), *rest  # type: ignore[union-attr]
