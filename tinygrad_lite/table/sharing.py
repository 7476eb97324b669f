"""Which arrays are memory, and which of them see the memory of others."""

from __future__ import annotations

from typing import Any

import numpy as np

from .ducks import DuckArray, kind_of
from .elsewhere import is_writable


def memory_of(x: Any) -> Any:
    """The array of NumPy's that a value is, or lies as; None for a number, and for what is never written to."""
    if type(x) is np.ndarray:
        return x
    return x.kind.memory(x.held) if type(x) is DuckArray and x.kind.writable else None


def is_view(y: Any, x: Any) -> bool:
    """Whether an array is a view of another's memory."""
    if type(y) is not np.ndarray or type(x) is not np.ndarray:
        y, x = memory_of(y), memory_of(x)
        if y is None or x is None:
            return False
    base = y.base
    if base is None:
        return False
    return base is x or base is x.base or owner_of(y) is owner_of(x)


def owner_of(y: Any) -> Any:
    """Whose memory a view sees; where NumPy's stride tricks put a stand-in between, there is more than one step."""
    while (base := getattr(y, "base", None)) is not None:
        y = base
    return y


def lifted_beside(x: Any, *beside: Any) -> Any:
    """An array of NumPy's where what is to be written to it lives; anything else as it is, and as a rule this, too."""
    if type(x) is np.ndarray:
        for other in beside:
            if type(other) is DuckArray and other.kind.writable:
                kind: Any = other.kind
                return kind.lifted(x, other)
    return x


def is_written(x: Any) -> bool:
    """Whether it is an array of a function that is being compiled, or a list that holds one."""
    return any(map(is_written, x)) if isinstance(x, (list, tuple)) else is_writable(kind_of(x))
