"""The documents, equation by equation: each checked against autograd by computing both sides.

``CATALOGUE`` holds the statements, one file or package per document; ``verify(CATALOGUE)`` finds their verdicts.
"""

from __future__ import annotations

from typing import Final

from ..verifying import Statement
from . import answer, notes, octave, question, vege
from .definitions import CLASSIFIER, QUADRATIC, Network, Problem, initial

__all__ = [
    "CATALOGUE",
    "CLASSIFIER",
    "QUADRATIC",
    "Network",
    "Problem",
    "initial",
]

CATALOGUE: Final[tuple[Statement, ...]] = (
    *notes.STATEMENTS,
    *question.STATEMENTS,
    *answer.STATEMENTS,
    *octave.STATEMENTS,
    *vege.STATEMENTS,
)
"""Every statement that is checked."""
