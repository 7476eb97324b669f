"""The documents, equation by equation: each checked against autograd by computing both sides.

``CATALOGUE`` holds the statements: formulas, read from the LaTeX in printed/ with what declarations/ say of their
symbols, and, in a file or package per document, what is no formula to read, computed in Python. ``verify(CATALOGUE)``
finds their verdicts.
"""

from __future__ import annotations

from typing import Final

from ..verifying import Quoted, Statement
from . import answer, notes, octave, question, vege
from .definitions import CLASSIFIER, QUADRATIC, Network, Problem, initial
from .printed import document

__all__ = [
    "CATALOGUE",
    "CLASSIFIER",
    "QUADRATIC",
    "Network",
    "Problem",
    "initial",
]

CATALOGUE: Final[tuple[Statement | Quoted, ...]] = (
    *document("notes", notes.NOTES, notes.STATEMENTS),
    *document("question", question.QUESTION, question.STATEMENTS),
    *document("answer", answer.ANSWER, [*answer.STATEMENTS, *octave.STATEMENTS]),
    *document("vege", vege.VEGE, vege.STATEMENTS),
)
"""Every statement that is checked."""
