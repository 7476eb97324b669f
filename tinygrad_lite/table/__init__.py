"""The table of derivatives. Importing it fills the registry.

Read ``elementwise`` first: it is the back page of a calculus book.
"""

from __future__ import annotations

from . import constants, elementwise, indexing, linalg, neural, reductions, shapes

__all__ = ["constants", "elementwise", "indexing", "linalg", "neural", "reductions", "shapes"]
