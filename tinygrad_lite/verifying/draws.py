"""The settings that statements are checked on, drawn at random from seeds, and made of symbols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..engine.trees import flatten


class Draw(NamedTuple):
    """A setting and how it is called; on an extreme one, what float64 cannot hold is left out."""

    name: str
    setting: Any
    extreme: bool = False

    @property
    def size(self) -> int:
        """How many numbers it is made of: the smallest counterexample is the most readable."""
        return sum([int(np.size(x)) for x in flatten(tuple(self.setting))[0]])


def sizes_in_words(sizes: Sequence[int]) -> str:
    """2…6 for three consecutive numbers and more, else 2, 4."""
    if len(sizes) > 2 and list(sizes) == list(range(sizes[0], sizes[-1] + 1)):
        return f"{sizes[0]}…{sizes[-1]}"
    return ", ".join(map(str, sizes))


class Family(NamedTuple):
    """Settings of one kind.

    Attributes
    ----------
    name : what they are
    make : the draws for a seed
    symbolic : a setting of symbols of a given size; None where there is none
    sizes : of symbols, for proofs
    proved : what a proof for sizes is called, in words
    """

    name: str
    make: Callable[[int], Sequence[Draw]]
    symbolic: Callable[[int], Any] | None = None
    sizes: tuple[int, ...] = ()
    proved: Callable[[Sequence[int]], str] = lambda sizes: f"proved for K = {sizes_in_words(sizes)}"

    def draws(self, seed: int) -> Sequence[Draw]:
        """The draws for a seed; made once, for all the statements that share them, and read-only."""
        return frozen_draws(self.make, seed)


@lru_cache(maxsize=64)
def frozen_draws(make: Callable[[int], Sequence[Draw]], seed: int) -> tuple[Draw, ...]:
    """The draws, with all arrays read-only."""
    draws = tuple(make(seed))
    for draw in draws:
        for x in flatten(tuple(draw.setting))[0]:
            if isinstance(x, np.ndarray):
                x.setflags(write=False)
    return draws
