"""Symbols and proofs: arrays of expressions that run through NumPy and the tape, and equality for all numbers."""

from __future__ import annotations

from .equality import Counterexample, Proof, prove_equal
from .scalars import Symbolic
from .simplifying import simplified
from .variables import expressions, symbols

__all__ = ["Counterexample", "Proof", "Symbolic", "expressions", "prove_equal", "simplified", "symbols"]
