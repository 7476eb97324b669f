"""Checks: autograd against central differences, and derivations made by hand against autograd."""

from .derivation import DerivationMismatch, assert_derivation, check_derivation
from .gradients import GradientMismatch, check_gradients

__all__ = ["DerivationMismatch", "GradientMismatch", "assert_derivation", "check_derivation", "check_gradients"]
