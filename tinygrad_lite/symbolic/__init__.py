"""Symbols: scalars that write down what is computed with them, proofs, and derivations as people write them."""

from __future__ import annotations

from .proving import Counterexample, Proof, prove_equal
from .scalars import Symbolic, expressions, simplified, symbols

__all__ = ["Counterexample", "Proof", "Symbolic", "expressions", "prove_equal", "simplified", "symbols"]
