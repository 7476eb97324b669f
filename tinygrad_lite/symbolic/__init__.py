"""Symbols: scalars that write down what is computed with them, proofs, and derivations as people write them."""

from __future__ import annotations

from .derivation import Derivation, Result, Step, derive
from .local import Local, local_derivative, local_derivatives
from .proving import Counterexample, Proof, prove_equal
from .scalars import Symbolic, expressions, simplified, symbols

__all__ = [
    "Counterexample",
    "Derivation",
    "Local",
    "Proof",
    "Result",
    "Step",
    "Symbolic",
    "derive",
    "expressions",
    "local_derivative",
    "local_derivatives",
    "prove_equal",
    "simplified",
    "symbols",
]
