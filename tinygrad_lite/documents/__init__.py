"""The documents, equation by equation: each checked against autograd by computing both sides.

``CATALOGUE`` holds the entries, one file or package per document; ``verify(CATALOGUE)`` finds their verdicts.
"""

from __future__ import annotations

from typing import Final

from ..verifying import Entry
from . import answer, notes, notes_again, octave, question, vege
from .definitions import CLASSIFIER, QUADRATIC, Network, Problem, initial

__all__ = [
    "CATALOGUE",
    "CLASSIFIER",
    "QUADRATIC",
    "Network",
    "Problem",
    "initial",
]

CATALOGUE: Final[tuple[Entry, ...]] = (
    *notes.ENTRIES,
    *notes_again.ENTRIES,
    *question.ENTRIES,
    *answer.ENTRIES,
    *octave.ENTRIES,
    *vege.ENTRIES,
)
"""Every entry that is checked."""
