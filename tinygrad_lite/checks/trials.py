"""Points at which a claim is tried, beside the given one: drawn like it, without its structure, on other branches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from ..engine.trees import flatten
from .agreement import Agreement
from .branches import Coverage, branches, divisors
from .claims import plain_argument
from .comparison import Claimed, ClaimFails, Pair, Truths
from .points import Likeness

ATTEMPTS: Final = 20
"""Draws for a point at which everything is a finite number."""

SCALES: Final = (-1.0, 3.0, 10.0, 0.1, 100.0, -10.0, 0.01, 1000.0)
"""What arguments are multiplied by to get to branches that no point met."""


class Trial(NamedTuple):
    """A point, and what came of comparing there.

    Attributes
    ----------
    leaves : the arguments'
    pair : both sides; None where the claim failed with an error
    wrong : the quantities whose claim is wrong there
    error : the claim's error
    """

    leaves: list[Any]
    pair: Pair | None
    wrong: tuple[int, ...]
    error: str = ""


class Trials:
    """Draws points and compares at them.

    Attributes
    ----------
    coverage : the branches of f that the points met
    """

    def __init__(self, claimed: Claimed, agreement: Agreement, given: Truths, rng: np.random.Generator) -> None:
        self.claimed = claimed
        self.agreement = agreement
        self.rng = rng
        self.given = given
        self.likenesses = [Likeness(x, k in claimed.quantities) for k, x in enumerate(claimed.leaves)]
        self.coverage = Coverage()
        self.coverage.add(branches(given.nodes, claimed.leaves))
        self.labels = [k for k, x in enumerate(claimed.leaves) if is_of_labels(x)]

    @property
    def has_traits(self) -> bool:
        """Whether an argument has a structure that draws can keep or not."""
        return any(like.has_traits for like in self.likenesses)

    @property
    def has_more_than_targets(self) -> bool:
        """Whether there is more to keep than labels and probabilities."""
        return any(len(like.kept_traits) > len(like.targets) for like in self.likenesses)

    # -- at one point -------------------------------------------------------------------------------------------------

    def truths(self, leaves: Sequence[Any], strict: bool = False, traced: bool = False) -> Truths | None:
        """Autograd's derivatives at a point; None where they are no finite numbers, or the function fails."""
        with np.errstate(all="ignore"):
            try:
                truths = self.claimed.truths_at(leaves, traced or bool(self.coverage.unmet()))
            except Exception:  # outside of where the function is defined
                if strict:
                    raise
                return None
        return truths if all(np.all(np.isfinite(value)) for value in (truths.y, *truths.derivatives)) else None

    def at(self, leaves: list[Any], strict: bool = False) -> Trial | None:
        """Compare at a point; None where there is nothing to compare with."""
        truths = self.truths(leaves, strict)
        return None if truths is None else self.compared(leaves, truths)

    def compared(self, leaves: list[Any], truths: Truths) -> Trial:
        """Compare with the derivatives at a point."""
        self.coverage.add(branches(truths.nodes, leaves))
        every = range(len(self.claimed.quantities))
        try:
            pair = self.claimed.with_claims(leaves, truths)
        except ClaimFails as error:
            return Trial(leaves, None, tuple(every), str(error))
        return Trial(leaves, pair, tuple([q for q in every if not self.agreement.holds(q, leaves, pair)]))

    # -- draws --------------------------------------------------------------------------------------------------------

    def kept(self) -> list[Any]:
        """A point like the given one."""
        return [like.kept(self.rng) for like in self.likenesses]

    def as_targets(self) -> list[Any]:
        """A point like the given one in its ranges, labels and probabilities alone."""
        return [like.as_target(self.rng) for like in self.likenesses]

    def near(self) -> list[Any]:
        """A point close to the given one."""
        return [like.near(self.rng) for like in self.likenesses]

    def loose(self) -> list[Any]:
        """A point in the same ranges, with no structure, and with other labels."""
        found = [like.loose(self.rng) for like in self.likenesses]
        for k in self.labels:
            found[k] = other_labels(self.rng, found[k], self.claimed.leaves)
        return found

    def moved(self) -> list[Any]:
        """A point close to the given one, with no structure."""
        return [like.moved(self.rng) if like.has_traits else like.kept(self.rng) for like in self.likenesses]

    def wild(self, k: int) -> Callable[[], list[Any]]:
        """Points like the given one but for one argument, which is outside of its range."""

        def draw() -> list[Any]:
            return [like.wild(self.rng) if j == k else like.kept(self.rng) for j, like in enumerate(self.likenesses)]

        return draw

    def drawn_by(self, draw: Callable[[np.random.Generator], Any]) -> list[Any]:
        """A point that the user's function draws."""
        args = draw(self.rng)
        if not isinstance(args, (tuple, list)):
            args = (args,)
        leaves, structure = flatten(tuple([plain_argument(x) for x in args]))
        if structure != self.claimed.arguments.structure:
            raise ValueError(
                "check_derivation: draw must return a tuple of arguments as the given ones, in the same containers"
            )
        return leaves

    # -- many points --------------------------------------------------------------------------------------------------

    def alike(
        self,
        points: int,
        draw: Callable[[np.random.Generator], Any] | None = None,
        kind: Callable[[], list[Any]] | None = None,
    ) -> list[Trial]:
        """Points like the given one; fewer where there are hardly any at which everything is finite.

        They are the user's, or of a kind, or keep all that is seen of the given one.
        """
        first = kind or self.kept
        found: list[Trial] = []
        for attempt in range(ATTEMPTS * points):
            if len(found) == points:
                break
            if draw is not None:
                leaves = self.drawn_by(draw)
            else:
                leaves = self.near() if attempt > ATTEMPTS * points // 2 else first()
            trial = self.at(leaves, strict=draw is not None)
            if trial is not None:
                found.append(trial)
        return found

    def various(self, points: int) -> Iterator[Trial]:
        """As many points: without structure, outside of ranges, and the rest like the given one."""
        others: list[Callable[[], list[Any]]] = []
        ranged = [k for k, like in enumerate(self.likenesses) if like.range is not None]
        if self.labels or self.has_traits:
            others += [self.loose] * 3
        for k in ranged[:3]:
            if self.is_defined(outside := self.wild(k)()):
                others.append(lambda outside=outside: outside)  # type: ignore[misc]
        count = 0
        for draw in others[: max(points - 1, 0)]:
            trial = self.at(draw()) or self.at(self.moved())
            if trial is not None:
                count += 1
                yield trial
        yield from self.alike(points - count)

    def is_defined(self, leaves: list[Any]) -> bool:
        """Whether f has a finite value at a point."""
        try:
            return bool(np.all(np.isfinite(self.claimed.value_at(leaves))))
        except Exception:  # outside of where the function is defined
            return False

    def on_other_branches(self, draw: Callable[[], list[Any]]) -> Iterator[tuple[Trial, str]]:
        """Points on branches that none was on, and what always was the case before."""
        for scale in SCALES:
            unmet = self.coverage.unmet()
            if not unmet:
                return
            leaves = [
                np.asarray(x * scale)[()] if like.x is not None and (like.is_variable or not like.has_traits) else x
                for x, like in zip(draw(), self.likenesses, strict=True)
            ]
            truths = self.truths(leaves)
            found = branches(truths.nodes, leaves) if truths is not None else {}
            if truths is not None and self.coverage.is_met_by(found):
                met = [was for key, (_, was) in unmet.items() if key in found and len({*self.sides_of(key, found)}) > 1]
                yield self.compared(leaves, truths), " and ".join(met)

    def sides_of(self, key: tuple[int, str], found: Any) -> set[bool]:
        """The sides of a condition that points met, with those of one more."""
        return self.coverage.sides[key] | {side for side in (True, False) if np.any(found[key].mask == side)}

    def with_longer_axes(self, draw: Callable[[], list[Any]]) -> tuple[Trial, str] | None:
        """A point with three samples where the given one has one; and which axis was longer.

        An axis of length 1 may be one of samples in the data alone, or in all arguments; of the ways that f takes, a
        claim that holds in one is right.
        """
        hidden = divisors(self.given.nodes)
        if not hidden:
            return None
        failed: tuple[Trial, str] | None = None
        for axis in (0, -1):
            alone = [
                k
                for k, like in enumerate(self.likenesses)
                if isinstance(like.given, np.ndarray) and like.given.ndim and like.given.shape[axis] == 1
            ]
            for chosen in ([k for k in alone if not self.likenesses[k].is_variable], alone):
                if not chosen:
                    continue
                leaves = draw()
                for k in chosen:
                    longer = Likeness(np.repeat(leaves[k], 3, axis=axis), self.likenesses[k].is_variable)
                    leaves[k] = np.asarray(longer.kept(self.rng))
                truths = self.truths(leaves, traced=True)
                if truths is None or np.shape(truths.y) != np.shape(self.given.y) or divisors(truths.nodes) == hidden:
                    continue
                trial = self.compared(leaves, truths)
                if not trial.wrong:
                    return trial, ""
                first = self.claimed.names[chosen[0]]
                failed = failed or (
                    trial,
                    f"{first} has length 1 along axis {axis % self.likenesses[chosen[0]].given.ndim}",
                )
        return failed


def is_of_labels(x: Any) -> bool:
    """Whether it is an array of whole numbers that may be the numbers of classes, or ±1."""
    return isinstance(x, np.ndarray) and x.dtype.kind in "iu" and x.size > 0 and x.min() >= -1 and x.max() < 1000


def other_labels(rng: np.random.Generator, x: Any, leaves: Sequence[Any], more: bool = True) -> Any:
    """Labels of all classes: of those that an axis of the other arguments has room for, or of those that there were."""
    if x.min() < 0:
        return rng.choice(np.array([-1, 1], x.dtype), x.shape)
    top = int(x.max())
    lengths = sorted({n for leaf in leaves if np.asarray(leaf).dtype.kind == "f" for n in np.shape(leaf) if n > top})
    count = lengths[0] if lengths and more else top + 1
    return rng.integers(count, size=x.shape).astype(x.dtype)
