"""The documents, equation by equation: each checked against autograd by computing both sides.

``CATALOGUE`` holds the equations, one file per document; ``verify(problem, CATALOGUE)`` finds their verdicts.
"""

from __future__ import annotations

from typing import Final

from . import answer, notes, vege
from .catalogue import Comparison, Document, Equation, Finding, verify
from .definitions import CLASSIFIER, QUADRATIC, Network, Problem, initial

__all__ = [
    "CATALOGUE",
    "CLASSIFIER",
    "QUADRATIC",
    "Comparison",
    "Document",
    "Equation",
    "Finding",
    "Network",
    "Problem",
    "initial",
    "verify",
]

CATALOGUE: Final[tuple[Equation, ...]] = (*notes.EQUATIONS, *answer.EQUATIONS, *vege.EQUATIONS)
"""Every equation that is checked."""
