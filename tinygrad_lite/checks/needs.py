"""What a claim needs of the arguments that it holds at: a structure, a range, or just these numbers.

Argument by argument, each is first let be anything, and then given back what it had, the weaker first, until the claim
holds again with all that was let go before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np

from .points import Likeness
from .traits import Trait
from .trials import Trial, Trials, other_labels

MOST: Final = 120
"""Points that a search tries at all."""

AT_EACH: Final = 2
"""Points at which a claim holds before an argument is let go."""


class Level(NamedTuple):
    """What an argument may be.

    Attributes
    ----------
    traits : what it must have; none where it may be anything
    draw : another one
    words : what is said of it where ``traits`` are not the words
    """

    traits: tuple[Trait, ...]
    draw: Callable[[], Any]
    words: str = ""

    def close_to(self, like: Likeness, rng: np.random.Generator) -> Level:
        """The same, close to the given one."""

        def draw() -> Any:
            x = like.moved(rng)
            for trait in self.traits:
                x = trait.impose(x)
            return np.asarray(x)[()]

        return self._replace(draw=draw)

    def said(self, name: str) -> str:
        """In words, of an argument of this name."""
        return self.words.format(name) or " and ".join([trait.name.format(name) for trait in self.traits])


class Need(NamedTuple):
    """What the arguments must have: in words, and at how many points without it the claim is wrong, of how many."""

    text: str
    wrong: int
    broken: int
    example: Trial | None = None


class Search:
    """Finds what a claim needs.

    Attributes
    ----------
    conditions : what arguments must have
    fixed : the arguments that must be as they were given
    is_cut : whether there was more to try
    """

    def __init__(self, trials: Trials) -> None:
        self.trials = trials
        self.claimed = trials.claimed
        self.rng = trials.rng
        self.chosen: dict[int, Level] = {}
        self.conditions: list[Need] = []
        self.fixed: list[int] = []
        self.count = 0
        self.is_cut = False

    def run(self) -> None:
        """Let go of one argument after the other, the variables first."""
        others = [k for k in range(len(self.claimed.leaves)) if k not in self.claimed.quantities]
        for k in [*dict.fromkeys(self.claimed.quantities), *others]:
            like = self.trials.likenesses[k]
            if like.x is not None or k in self.trials.labels:
                self.let_go(k, like)

    def let_go(self, k: int, like: Likeness) -> None:
        """Find the weakest of what an argument has that the claim needs."""
        failed: Level | None = None
        for level in self.levels(like):
            found = self.probe({**self.chosen, k: level}, k)
            if found is None and like.x is not None and len(level.traits) < 2:  # nothing like it is in f's domain
                level = level.close_to(like, self.rng)
                found = self.probe({**self.chosen, k: level}, k)
                found = found if level.traits or not found else None
            if found:
                self.chosen[k] = level
                if failed is not None:
                    self.conditions.append(self.condition(k, level, failed))
                return
            if found is False:
                failed = failed or level
        if failed is None:
            return  # nothing else than the given numbers could be tried
        if k not in self.claimed.quantities and (words := value_in_words(self.claimed.leaves[k])):
            self.conditions.append(Need(f"{self.claimed.names[k]} = {words}", 1, 1))
        else:
            self.fixed.append(k)

    def levels(self, like: Likeness) -> Iterator[Level]:
        """What an argument may be, from anything to all that it has."""
        if like.x is None:
            leaves = self.claimed.leaves
            yield Level((), lambda: other_labels(self.rng, like.given, leaves))
            names = "{0} is 0 or 1" if like.given.max() == 1 else f"{{0}} < {int(like.given.max()) + 1}"
            yield Level((), lambda: other_labels(self.rng, like.given, leaves, more=False), names)
            if is_permutation(like.given):
                yield Level((), lambda: self.rng.permutation(like.given), "{0} is a permutation")
            return
        yield Level((), lambda: like.wild(self.rng))
        range_and_traits = [*([like.range] if like.range else []), *like.traits]
        for trait in range_and_traits:
            yield Level((trait,), lambda trait=trait: like.having(self.rng, [trait]))  # type: ignore[misc]
        for first in range(len(like.traits)):
            for second in range(first + 1, len(like.traits)):
                both = (like.traits[first], like.traits[second])
                yield Level(both, lambda both=both: like.having(self.rng, both))  # type: ignore[misc]

    def draw(self, chosen: dict[int, Level]) -> list[Any]:
        """A point with these arguments drawn, and the others as given."""
        return [chosen[k].draw() if k in chosen else x for k, x in enumerate(self.claimed.leaves)]

    def probe(self, chosen: dict[int, Level], k: int) -> bool | None:
        """Whether the claim holds with these arguments drawn, one of them anew; None where no point can be had."""
        held = 0
        for _ in range(3 * AT_EACH):
            if self.count >= MOST:
                self.is_cut = True
                return None
            leaves = self.draw(chosen)
            if np.array_equal(leaves[k], self.claimed.leaves[k]):
                continue  # a label drawn again
            self.count += 1
            trial = self.trials.at(leaves)
            if trial is None:
                continue
            if trial.wrong:
                return False
            held += 1
            if held == AT_EACH:
                return True
        return True if held else None

    def condition(self, k: int, level: Level, failed: Level) -> Need:
        """A condition, with what comes of breaking it and nothing else."""
        like = self.trials.likenesses[k]
        wrong = count = 0
        example: Trial | None = None
        for _ in range(3):
            if level.traits:
                broken = np.asarray(level.traits[-1].broken(self.rng, np.asarray(like.x)))[()]
            else:
                broken = failed.draw()
            leaves = self.draw(self.chosen)
            leaves[k] = broken
            trial = self.trials.at(leaves)
            if trial is not None:
                count += 1
                wrong += bool(trial.wrong)
                example = example or (trial if trial.wrong else None)
        return Need(level.said(self.claimed.names[k]), wrong, count, example)

    def points(self, count: int) -> list[Trial]:
        """Points at which all conditions are met."""
        found = (self.trials.at(self.draw(self.chosen)) for _ in range(6 * count))
        return list(islice((trial for trial in found if trial is not None), count))


def is_permutation(x: Any) -> bool:
    """Whether it has each of the numbers from 0 on once."""
    return bool(np.ndim(x) == 1 and np.array_equal(np.sort(x), np.arange(len(x))))


def value_in_words(x: Any) -> str:
    """A number, or an array of one number, or the identity; "" for any other."""
    x = np.asarray(x)
    if x.size and np.all(x == x.flat[0]):
        return f"{x.flat[0]:g}"
    return "I" if x.ndim == 2 and x.shape[0] == x.shape[1] and np.array_equal(x, np.eye(len(x))) else ""
