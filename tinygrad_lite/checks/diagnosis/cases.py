"""A claimed derivative that does not hold, and how a hypothesis about it is set against the numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import permutations, product
from typing import Any, Final, NamedTuple

import numpy as np


class Case(NamedTuple):
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
    fitted : the same in the derivative's shape; None where it does not fit
    again : derivatives and claims at other points; None where the claim is of numbers
    tolerance : in units of the largest entry
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
    fitted: list[Any] | None
    again: Callable[[list[list[Any]]], tuple[list[Any], list[Any]]] | None
    tolerance: float

    @property
    def is_jacobian(self) -> bool:
        return math.prod(self.y_shape) != 1

    @property
    def x_shape(self) -> tuple[int, ...]:
        return np.shape(self.points[0][self.leaf])


# ---------------------------------------------------------------------------------------------------------------------
# Comparing


def close(a: Any, b: Any, tolerance: float) -> bool:
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
        if not close(claim, (k or 0.0) * v, case.tolerance):
            return None
    return k


def telling(case: Case) -> bool:
    """Whether the claim has enough different numbers to tell mistakes apart: a few agree with much, by chance."""
    if distinct(case.claims) >= ENOUGH or len({claim.tobytes() for claim in case.claims}) > ENOUGH:
        return True
    return len(case.points) > 1 and distinct(case.truths) == 1  # there is one number, always


ENOUGH = 3


def distinct(arrays: Sequence[Any]) -> int:
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


def sizes(case: Case) -> dict[int, str]:
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


def in_words(case: Case, k: float) -> str | None:
    """A factor that people make mistakes by: a sign, 2, ½, N or 1/N, or several of them; M/N, (N − 1)/N; else None."""
    known = sizes(case)
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
