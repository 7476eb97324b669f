"""Formulas on paper: an operation's local derivative, and derivations written out as people write them."""

from __future__ import annotations

from .deriving import Derivation, Result, Step, derive
from .local import Local, local_derivative, local_derivatives

__all__ = ["Derivation", "Local", "Result", "Step", "derive", "local_derivative", "local_derivatives"]
