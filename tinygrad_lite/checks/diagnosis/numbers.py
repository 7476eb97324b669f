"""A claimed derivative that does not hold, and how hypotheses about it are set against the numbers, at every point."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations, product
from typing import Any, Final, NamedTuple

import numpy as np

from ..points import is_floating
from ..reports import Diagnosis
from .alterations import Alteration
from .backward import Backward, Fault
from .candidates import candidates
from .mistakes import SAME, Mistake, Scaling


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
    share : of all the work that searches may take, where several derivatives are wrong
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
    share: float = 1.0

    @property
    def is_jacobian(self) -> bool:
        return math.prod(self.y_shape) != 1

    @property
    def x_shape(self) -> tuple[int, ...]:
        return np.shape(self.points[0][self.leaf])

    @cached_property
    def passes(self) -> list[Backward] | None:
        """The function's backward pass at every point; None where there is none, or another computation somewhere.

        With all arguments recorded, so that what is computed of others can be named; where f does not take that, with
        the variable alone.
        """
        others = [
            k
            for k, values in enumerate(zip(*self.points, strict=True))
            if k != self.leaf and all(map(is_floating, values))
        ]
        return self.passes_with(others) or (self.passes_with([]) if others else None)

    def passes_with(self, others: list[int]) -> list[Backward] | None:
        """Those with some other arguments recorded."""
        try:
            found = [Backward.of_leaves(self.call, point, self.leaf, others) for point in self.points]
        except Exception:  # what f does when it is recorded is its own affair
            return None
        return found if len({backward.pattern for backward in found}) == 1 else None

    @cached_property
    def chain(self) -> ClaimedChain | None:
        """The claim against these passes; None where they cannot be gone through, or do not give the derivative.

        Nor do they where a part of it is claimed, of which there is no output to begin at.
        """
        if self.fitted_claims is None or self.passes is None or self.passes[0].nodes[-1].shape != self.y_shape:
            return None
        chain = ClaimedChain(self, self.passes, self.fitted_claims)
        return chain if chain.is_right else None


class Explanation(NamedTuple):
    """An explanation, and how simple it is: the smaller the rank, the simpler."""

    rank: float
    diagnosis: Diagnosis


class ClaimedChain:
    """The backward passes of a function at every point, the mistakes that can be made there, the claim to compare with.

    Of a Jacobian, a random combination of rows is compared: that takes one sweep, and no two have the same by chance.

    Attributes
    ----------
    seeds, claims, truths : at each point the output's cotangent, and what is claimed and right for it
    candidates : the mistakes, the simplest first
    was_cut : whether some were not tried, for lack of time
    """

    def __init__(self, case: Case, passes: list[Backward], fitted_claims: list[Any]) -> None:
        """Of a case whose claims have the derivative's shape."""
        rng = np.random.default_rng(0)
        n = len(case.y_shape)
        self.case, self.passes = case, passes
        self.seeds = [
            rng.uniform(0.5, 1.5, case.y_shape) if case.is_jacobian else np.ones(case.y_shape) for _ in passes
        ]
        self.claims, self.truths = [
            [np.tensordot(u, a, n) if case.is_jacobian else a for u, a in zip(self.seeds, arrays, strict=True)]
            for arrays in (fitted_claims, case.truths)
        ]
        self.was_cut = False

    @cached_property
    def candidates(self) -> list[Mistake | Scaling | Alteration]:
        """What may have been done."""
        return candidates(self.passes[0], self.case.names, self.case.points[0], self.case.leaf)

    @cached_property
    def is_right(self) -> bool:
        """Whether the passes give the derivative."""
        return multiple(self.case, self.truths, lambda p: self.cotangents(p)[0]) == 1

    def cotangents(self, p: int) -> Any:
        """At a point, what arrives at each node when nothing is mistaken."""
        if p not in self._cotangents:
            self._cotangents[p] = self.passes[p].cotangents(self.seeds[p][()])
        return self._cotangents[p]

    @cached_property
    def _cotangents(self) -> dict[int, dict[int, Any]]:
        return {}

    @property
    def entries(self) -> int:
        """How many numbers all operations compute."""
        return sum([math.prod(node.shape) for node in self.passes[0].nodes])

    @property
    def spent(self) -> float:
        """The work of the search, counted in operations gone through."""
        return sum([backward.spent for backward in self.passes])

    def gradient(self, p: int, mistake: Mistake | Alteration) -> Any:
        """What the mistake makes of the derivative at a point."""
        backward, seed = self.passes[p], self.seeds[p][()]
        if isinstance(mistake, Alteration):
            return mistake.gradient(backward, seed)
        return self.with_fault(p, mistake.fault(backward))

    def with_fault(self, p: int, fault: Fault) -> Any:
        """What a fault makes of the derivative at a point; of a single node's only the difference is carried on."""
        backward = self.passes[p]
        if len(fault) == 1:
            return self.cotangents(p)[0] + backward.change(self.cotangents(p), fault)
        return backward.sweep(self.seeds[p][()], fault)

    def multiple(self, mistake: Mistake | Alteration, claims: list[Any] | None = None) -> float | None:
        """By which number the claim is a multiple of what the mistake gives."""
        try:
            return multiple(self.case, claims or self.claims, lambda p: self.gradient(p, mistake))
        except (ValueError, TypeError, ArithmeticError, IndexError):  # a mistake that shapes or numbers do not allow
            return None

    def is_factor(self, mistake: Mistake | Alteration) -> bool:
        """Whether all it makes is a factor, so that any other factor is not this mistake."""
        return self.multiple(mistake, self.truths) is not None

    def evidence(self, mistake: Mistake | Alteration, what: str, k: float = 1.0) -> str:
        """How closely it gives the claim."""
        what = f"autograd's backward pass with {what} in it gives the claim"
        return evidence(self.case, self.claims, lambda p: self.gradient(p, mistake), what, k)

    # -- parts that are multiplied ------------------------------------------------------------------------------------

    def factors(self, scaling: Scaling) -> tuple[float, float] | None:
        """By what a part is multiplied in the claim, and by what all of that; the one or the other is 1 or simple."""
        found: tuple[float, float] | None = None
        try:
            for p, (claim, right) in enumerate(zip(self.claims, self.truths, strict=True)):
                without = self.with_fault(p, scaling.fault(0.0)(self.passes[p]))
                if found is None and not agree(without, right, self.case.tolerance):
                    found = self.factors_at(claim, without, right)
                    if found is None:
                        return None
                factor, k = found or (1.0, 1.0)
                if not agree(claim, k * (without + factor * (right - without)), self.case.tolerance):
                    return None
        except (ValueError, TypeError, ArithmeticError, IndexError):  # what shapes or numbers do not allow
            return None
        return found

    def factors_at(self, claim: Any, without: Any, right: Any) -> tuple[float, float] | None:
        """From the claim at a point, what there is without the part, and what is right."""
        tolerance = self.case.tolerance
        part = right - without
        if not np.all(np.isfinite(part)):
            return None
        if agree(part, right, tolerance):
            without = 0 * part  # there is nothing but this part
        place = np.unravel_index(int(np.argmax(np.abs(part))), np.shape(part))
        factor = rounded(float(np.asarray(claim - without)[place] / np.asarray(part)[place]), tolerance)
        if agree(claim, without + factor * part, tolerance):
            return factor, 1.0
        both = np.stack([np.ravel(without), np.ravel(part)], axis=1)
        (k, times), _, rank, _ = np.linalg.lstsq(both, np.ravel(claim), rcond=1e-9)
        simple = next((known for known in SIMPLE if known != 1 and rank == 2 and abs(known / k - 1) <= SAME), None)
        return None if simple is None else (rounded(float(times / k), tolerance), simple)


def rounded(factor: float, tolerance: float) -> float:
    """0 and 1 exactly, where rounding explains the difference."""
    return next((whole for whole in (0.0, 1.0) if abs(factor - whole) <= 100 * tolerance), factor)


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
