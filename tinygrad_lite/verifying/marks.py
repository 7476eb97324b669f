"""What came of an equation of a page."""

from __future__ import annotations

from dataclasses import dataclass

from ..reading.equations import Equation
from ..reading.printing import latex_of
from ..reading.syntax import Expr
from .verdicts import NOT_ASKED, Comparison, Outcome, Standing


@dataclass(frozen=True)
class Marked:
    """What came of a statement.

    Attributes
    ----------
    statement : its two sides, and where it stands
    verdict : "holds", "holds when", "misprinted", "defines", "not a claim" or "not read"
    why : the condition, the mistake, or the reason
    counterexample : where both sides differ, and by how much; None where they do not
    right : the right side as it should be; None where there is nothing to mend, or no way to is known
    remarks : how it was read
    proof : how far what holds is proved
    outcomes : of the settings on which it holds
    """

    statement: Equation
    verdict: str
    why: str = ""
    counterexample: Comparison | None = None
    right: Expr | None = None
    remarks: tuple[str, ...] = ()
    proof: Standing = NOT_ASKED
    outcomes: tuple[Outcome, ...] = ()

    @property
    def mended(self) -> str:
        """The right side as it should be, in LaTeX; empty where there is none."""
        return "" if self.right is None else latex_of(self.right)
