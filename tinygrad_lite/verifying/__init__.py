"""Statements of a document set against autograd: their verdicts, as a listing and as a page. It knows no document."""

from __future__ import annotations

from .draws import Draw, Family
from .statements import Condition, Correction, Document, Kink, Quoted, Statement, statements_of
from .verdicts import Finding, Standing
from .verification import check, verify

__all__ = [
    "Condition",
    "Correction",
    "Document",
    "Draw",
    "Family",
    "Finding",
    "Kink",
    "Quoted",
    "Standing",
    "Statement",
    "check",
    "statements_of",
    "verify",
]
