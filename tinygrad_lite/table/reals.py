"""What a formula is computed of: numbers that floats hold, or what it has to be written for."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

REAL: Final = frozenset({np.float64, np.float32, float, int})
"""Types of real numbers that are no arrays."""


def kinds(inputs: tuple[Any, ...]) -> str:
    """Letter f for arrays of floats and real numbers alone, O where complex numbers or symbols are among them.

    No letter for others: what records, placeholders, and arrays of other numbers.
    """
    for x in inputs:
        kind = type(x)
        if kind is np.ndarray:
            if x.dtype.char not in "fd":
                break
        elif kind not in REAL:
            break
    else:
        return "f"
    return "O" if any(x.dtype.kind in "cO" for x in inputs if hasattr(x, "dtype")) else ""


def is_float(x: Any) -> bool:
    """Whether it is, or holds, floating-point numbers."""
    return isinstance(x, float) or (hasattr(x, "dtype") and x.dtype.kind == "f")


def number_alone(x: Any) -> Any:
    """A hint for digits, of which nothing depends; formulas as they are."""
    return x.detach() if hasattr(x, "detach") and is_float(x) else x


def in_double(x: Any) -> Any:
    """``x`` in double precision at least."""
    return x.astype(np.float64) if is_float(x) and hasattr(x, "astype") and x.dtype.itemsize < 8 else x
