"""What an equation of a document is here, and how its verdict is found."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import numpy as np

from .definitions import Array, Problem, Quantities

ROUNDINGS: Final = 1024
"""The tolerance, in units of rounding of the largest number compared.

The sums behind an entry have up to some thousand terms of mixed sign, whose rounding errors grow like the square root
of their number. A wrong sign there is off by twice the number: some 10¹³ times the tolerance.
"""


class Document(NamedTuple):
    """Where equations come from."""

    title: str
    author: str
    year: str
    short: str
    """How tables call it."""


class Equation(NamedTuple):
    """An equation of a document: both sides of it, as functions of a problem.

    Attributes
    ----------
    id : stable, for commands and reports
    document, place : where it stands
    formula : the equation in Unicode mathematics, as it is checked
    autograd : the derivative by differentiating definitions, through primitive operations only
    printed : the document's formula for it, in plain NumPy
    note : how the formula is to be read, where print and mathematics differ
    """

    id: str
    document: Document
    place: str
    formula: str
    autograd: Callable[[Problem], Quantities]
    printed: Callable[[Problem], Quantities]
    note: str = ""

    @property
    def source(self) -> str:
        """Document and place, short."""
        return f"{self.document.short}, {self.place}"

    def check(self, problem: Problem) -> Finding:
        """Compute both sides and compare them."""
        return Finding(self, compare(self.autograd(problem), self.printed(problem)))


class Comparison(NamedTuple):
    """One quantity by autograd and as printed: the largest absolute difference, and what rounding explains."""

    name: str
    shape: tuple[int, ...]
    difference: float
    tolerance: float

    @property
    def holds(self) -> bool:
        return self.difference <= self.tolerance  # false for NaN

    def excess(self) -> float:
        """The difference in units of the tolerance; infinite for NaN."""
        if not np.isfinite(self.difference):
            return math.inf
        return self.difference / self.tolerance if self.tolerance else 0.0


class Finding(NamedTuple):
    """What checking an equation found."""

    equation: Equation
    comparisons: tuple[Comparison, ...]

    @property
    def holds(self) -> bool:
        return all(c.holds for c in self.comparisons)

    @property
    def verdict(self) -> str:
        """In a word: "holds" or "fails"."""
        return "holds" if self.holds else "fails"

    @property
    def worst(self) -> Comparison:
        """The quantity that is furthest off, measured by its tolerance."""
        return max(self.comparisons, key=Comparison.excess)

    @property
    def difference(self) -> float:
        """The largest absolute difference in the worst quantity."""
        return self.worst.difference

    @property
    def tolerance(self) -> float:
        """What rounding explains there."""
        return self.worst.tolerance


def compare(autograd: Quantities, printed: Quantities) -> tuple[Comparison, ...]:
    """Compare quantity by quantity; raise ValueError where the two sides are not of the same quantities and shapes."""
    if not autograd or autograd.keys() != printed.keys():
        raise ValueError(f"autograd gives {sorted(autograd)}, the formula gives {sorted(printed)}")
    return tuple([compared(name, np.asarray(autograd[name]), np.asarray(printed[name])) for name in autograd])


def compared(name: str, ours: Array, theirs: Array) -> Comparison:
    """Two arrays' largest difference, and the tolerance for numbers of their size."""
    if ours.shape != theirs.shape:
        raise ValueError(f"{name}: autograd gives shape {ours.shape}, the formula gives {theirs.shape}")
    scale = max(float(np.max(np.abs(a), initial=0.0)) for a in (ours, theirs))
    difference = float(np.max(np.abs(ours - theirs), initial=0.0))
    return Comparison(name, ours.shape, difference, ROUNDINGS * float(np.finfo(np.float64).eps) * scale)


def verify(problem: Problem, equations: Iterable[Equation]) -> list[Finding]:
    """Check equations on a problem.

    >>> from tinygrad_lite.derivations import CATALOGUE, Problem, initial
    >>> rng = np.random.default_rng(0)
    >>> problem = Problem(rng.random((5, 4)), np.eye(3)[[0, 2, 1, 1, 0]], *initial(rng, (4, 6, 5, 3)))
    >>> {finding.verdict for finding in verify(problem, CATALOGUE)}
    {'holds'}
    """
    return [equation.check(problem) for equation in equations]
