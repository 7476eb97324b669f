"""A real number of all entries, complex ones too: what reaches every rule when it is differentiated twice."""

from __future__ import annotations

from typing import Any

import numpy as np


def squared_moduli(y: Any) -> Any:
    """Σ |y|²."""
    return np.real(y * np.conj(y)).sum() if y.dtype.kind == "c" else (y * y).sum()
