"""Formulas on paper: an operation's local derivative, and derivations written out as people write them."""

from __future__ import annotations

from .deriving import derive
from .local import Local, local_derivative
from .results import Derivation, Derivative, Step

__all__ = ["Derivation", "Derivative", "Local", "Step", "derive", "local_derivative"]
