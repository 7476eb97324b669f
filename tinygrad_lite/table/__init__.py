"""The table of derivatives. Importing it fills the registry.

Read ``elementwise`` first: it is the back page of a calculus book.
"""

from __future__ import annotations

from . import (
    complexes,
    constants,
    convolution,
    elementwise,
    entropies,
    fourier,
    indexing,
    linalg,
    neural,
    parts,
    products,
    reductions,
    shapes,
    special,
    windows,
)

__all__ = [
    "complexes",
    "constants",
    "convolution",
    "elementwise",
    "entropies",
    "fourier",
    "indexing",
    "linalg",
    "neural",
    "parts",
    "products",
    "reductions",
    "shapes",
    "special",
    "windows",
]
