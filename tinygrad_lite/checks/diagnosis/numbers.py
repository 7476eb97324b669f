"""A claimed derivative that does not hold, and how hypotheses about it are set against the numbers, at every point."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import permutations, product
from typing import Any, Final, NamedTuple

import numpy as np

from .backward import Backward
from .mistakes import Mistake, mistakes

MOST_VISITS: Final = 200_000
"""Nodes that the search for an explanation visits at most: a second or so."""


class Budget:
    """Work that may still be done, in visits of nodes; once it is spent, the search was cut."""

    def __init__(self, visits: int) -> None:
        self.visits = visits
        self.is_spent = False

    def spend(self, visits: int) -> bool:
        """Whether there is as much left, which is then gone."""
        self.is_spent = self.is_spent or visits > self.visits
        if not self.is_spent:
            self.visits -= visits
        return not self.is_spent


@dataclass(frozen=True, eq=False)
class Case:
    """A claimed derivative that does not hold, and all there is to test explanations with.

    Attributes
    ----------
    name : the derivative's
    points : at each point the leaves of the arguments
    names : the leaves'
    leaf : which of them the derivative is with respect to
    variables : the leaves that any claimed derivative is with respect to
    call : the function of the leaves
    y_shape : the output's; one number has a gradient, anything else a Jacobian
    truths : at each point the derivative by autograd, of the shape of the variable, or of output and variable
    claims : at each point the claim, in whatever shape it came
    fitted_claims : the claims in the derivative's shape; None where they do not fit
    again : derivatives and claims at other points; None where the claim is of numbers
    tolerance : in units of the largest entry
    budget : how many nodes may be visited, all in all, to find an explanation
    """

    name: str
    points: list[list[Any]]
    names: list[str]
    leaf: int
    variables: frozenset[int]
    call: Callable[[Sequence[Any]], Any]
    y_shape: tuple[int, ...]
    truths: list[Any]
    claims: list[Any]
    fitted_claims: list[Any] | None
    again: Callable[[list[list[Any]]], tuple[list[Any], list[Any]]] | None
    tolerance: float
    budget: Budget = field(default_factory=lambda: Budget(MOST_VISITS))

    @property
    def is_jacobian(self) -> bool:
        return math.prod(self.y_shape) != 1

    @property
    def x_shape(self) -> tuple[int, ...]:
        return np.shape(self.points[0][self.leaf])

    @cached_property
    def passes(self) -> list[Backward] | None:
        """The function's backward pass at every point; None where there is none, or another computation somewhere."""
        found = []
        for point in self.points:

            def of(x: Any, point: list[Any] = point) -> Any:
                return self.call([x if k == self.leaf else value for k, value in enumerate(point)])

            try:
                found.append(Backward.of(of, point[self.leaf]))
            except Exception:  # what f does when it is recorded is its own affair
                return None
        return found if len({backward.pattern for backward in found}) == 1 else None

    @cached_property
    def chain(self) -> ClaimedChain | None:
        """The claim against these passes; None where they cannot be gone through, or do not give the derivative."""
        if self.fitted_claims is None or self.passes is None:
            return None
        chain = ClaimedChain.of(self, self.passes, self.fitted_claims)
        right = Mistake("", "", 0, lambda backward: {})
        return chain if chain.multiple(right, chain.truths) == 1 else None


class ClaimedChain(NamedTuple):
    """The backward passes of a function at every point, the mistakes that can be made there, the claim to compare with.

    Of a Jacobian, a random combination of rows is compared: that takes one sweep, and no two have the same by chance.
    """

    case: Case
    passes: list[Backward]
    seeds: list[Any]
    claims: list[Any]
    truths: list[Any]
    mistakes: list[Mistake]

    @classmethod
    def of(cls, case: Case, passes: list[Backward], fitted_claims: list[Any]) -> ClaimedChain:
        """Of a case whose claims have the derivative's shape."""
        rng = np.random.default_rng(0)
        n = len(case.y_shape)
        seeds = [rng.uniform(0.5, 1.5, case.y_shape) if case.is_jacobian else np.ones(case.y_shape) for _ in passes]
        claims, truths = [
            [np.tensordot(u, a, n) if case.is_jacobian else a for u, a in zip(seeds, arrays, strict=True)]
            for arrays in (fitted_claims, case.truths)
        ]
        named = [(case.names[case.leaf], None), *zip(case.names, case.points[0], strict=True)]
        return cls(case, passes, seeds, claims, truths, mistakes(passes[0], named))

    def gradient(self, p: int, mistake: Mistake) -> Any:
        """What the mistake makes of the derivative at a point; raises ValueError where no work may be done any more."""
        if not self.case.budget.spend(len(self.passes[p].nodes)):
            raise ValueError("the search was cut")
        return self.passes[p].sweep(self.seeds[p][()], mistake.fault(self.passes[p]))

    def multiple(self, mistake: Mistake, claims: list[Any] | None = None) -> float | None:
        """By which number the claim is a multiple of what the mistake gives."""
        try:
            return multiple(self.case, claims or self.claims, lambda p: self.gradient(p, mistake))
        except (ValueError, ArithmeticError):  # a mistake that shapes or numbers do not allow
            return None

    def is_factor(self, mistake: Mistake) -> bool:
        """Whether all it makes is a factor, so that any other factor is not this mistake."""
        return self.multiple(mistake, self.truths) is not None

    def evidence(self, mistake: Mistake, what: str, k: float = 1.0) -> str:
        """How closely it gives the claim."""
        what = f"autograd's backward pass with {what} in it gives the claim"
        return evidence(self.case, self.claims, lambda p: self.gradient(p, mistake), what, k)


# ---------------------------------------------------------------------------------------------------------------------
# Comparing


def agree(a: Any, b: Any, tolerance: float) -> bool:
    """Whether rounding explains the difference; not if there are entries that are no numbers."""
    size = max(float(np.max(np.abs(a), initial=0)), float(np.max(np.abs(b), initial=0)))
    return bool(np.max(np.abs(a - b), initial=0) <= tolerance * size) if np.isfinite(size) else False


def multiple(case: Case, claims: Sequence[Any], candidate: Callable[[int], Any]) -> float | None:
    """The number by which the candidate, at every point, is multiplied in the claim; None if there is none."""
    k: float | None = None
    for p, claim in enumerate(claims):
        v = candidate(p)
        if np.shape(v) != np.shape(claim) or not np.all(np.isfinite(v)):
            return None
        if k is None and np.any(v):
            place = np.unravel_index(int(np.argmax(np.abs(v))), np.shape(v))
            k = float(np.asarray(claim)[place] / np.asarray(v)[place])
            k = 1.0 if abs(k - 1) <= case.tolerance else k
            if k == 0:
                return None
        if not agree(claim, (k or 0.0) * v, case.tolerance):
            return None
    return k


def is_telling(case: Case) -> bool:
    """Whether the claim has enough different numbers to tell mistakes apart: a few agree with much, by chance."""
    if count_distinct(case.claims) >= ENOUGH or len({claim.tobytes() for claim in case.claims}) > ENOUGH:
        return True
    return len(case.points) > 1 and count_distinct(case.truths) == 1  # there is one number, always


ENOUGH = 3


def count_distinct(arrays: Sequence[Any]) -> int:
    """How many different numbers there are, up to rounding."""
    numbers = np.concatenate([np.ravel(a) for a in arrays])
    size = np.max(np.abs(numbers), initial=0) or 1.0
    return len(np.unique(np.round(numbers / size, 8)))


def evidence(case: Case, claims: Sequence[Any], candidate: Callable[[int], Any], what: str, k: float = 1.0) -> str:
    """How closely k times the candidate is the claim; ``what`` says so in words."""
    off = max([float(np.max(np.abs(c - k * candidate(p)), initial=0)) for p, c in enumerate(claims)])
    numbers = sum([np.size(c) for c in case.claims])
    where = "the given point" if len(claims) == 1 else f"all {len(claims)} points"
    return f"{what} at {where} ({numbers} numbers), off by {off:.1g} at most"


def lengths(case: Case) -> dict[int, str]:
    """Lengths that factors may come from: of the arguments' axes, the variable's first, and numbers of entries."""
    named = [*zip(case.names, case.points[0], strict=True), ("the output", np.zeros(case.y_shape))]
    order = [named[case.leaf], *named]
    found: dict[int, str] = {}
    for name, x in order:
        for axis, n in enumerate(np.shape(x)):
            found.setdefault(n, f"the length of axis {axis} of {name}")
    for name, x in order:
        found.setdefault(np.size(x), f"the number of entries of {name}")
    return {n: text for n, text in found.items() if n > 1}


def factor_in_words(case: Case, k: float) -> str | None:
    """A factor that people make mistakes by: a sign, 2, ½, N or 1/N, or several of them; M/N, (N − 1)/N; else None."""
    known = lengths(case)
    for factor, text in SIMPLE.items():
        if abs(factor / k - 1) <= SAME:
            return text + (f" ({known[2]} is 2, too)" if abs(factor) in (2, 0.5) and 2 in known else "")
    for (factor, text), (n, name) in product(SIMPLE.items(), known.items()):
        times, over = text.replace("1", "") + " × " if abs(factor) != 1 else text.replace("1", ""), text
        if abs(factor * n / k - 1) <= SAME:
            return f"{times}{n}, with {n} {name}"
        if abs(factor / n / k - 1) <= SAME:
            return f"{over}/{n}, with {n} {name}"
    for (m, length), (n, name) in permutations(known.items(), 2):
        if abs(m / n / k - 1) <= SAME:
            return f"{m}/{n}, with {m} {length} and {n} {name}"
    for n, name in known.items():
        for factor, text in (((n - 1) / n, f"{n - 1}/{n}"), (n / (n - 1), f"{n}/{n - 1}")):
            if n > 2 and abs(factor / k - 1) <= SAME:
                return f"{text}, with {n} {name}"
    return None


SIMPLE: Final = {1.0: "1", -1.0: "−1", 2.0: "2", -2.0: "−2", 0.5: "½", -0.5: "−½"}
"""Factors that need no reason."""

SAME = 1e-7
"""Relative difference of factors that are the same: they are quotients of single entries."""
