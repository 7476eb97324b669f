"""Statements of a document set against autograd: their verdicts, as a listing and as a page. It knows no document."""

from __future__ import annotations

from .proving import Proof
from .statements import Condition, Correction, Document, Entry, Finding, Kink, verify

__all__ = ["Condition", "Correction", "Document", "Entry", "Finding", "Kink", "Proof", "verify"]
