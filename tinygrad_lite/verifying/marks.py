"""What came of an equation of a page."""

from __future__ import annotations

from dataclasses import dataclass

from ..reading.equations import Equation
from .verdicts import Comparison


@dataclass(frozen=True)
class Marked:
    """What came of a statement.

    Attributes
    ----------
    statement : its two sides, and where it stands
    verdict : "holds", "holds when", "misprinted", "defines", "not a claim" or "not read"
    why : the condition, the mistake, or the reason
    counterexample : where both sides differ, and by how much; None where they do not
    mended : the right side as it should be, in LaTeX
    remarks : how it was read
    """

    statement: Equation
    verdict: str
    why: str = ""
    counterexample: Comparison | None = None
    mended: str = ""
    remarks: tuple[str, ...] = ()
