"""Half precision, computed in single where sums, counts or squares are formed: its largest number is 65504."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from .arrays import HALF

F = TypeVar("F", bound=Callable[..., Any])


def is_half(x: Any) -> bool:
    """Whether it is an array, or records one, of half precision."""
    return getattr(x, "dtype", None) is HALF


def in_single(x: Any) -> Any:
    """``x``, half precision as single."""
    return x.astype(np.float32) if is_half(x) else x


def in_half(y: Any, *operands: Any) -> Any:
    """What was computed in single precision in place of half, rounded once; as it is if an operand has more digits."""
    more = any(getattr(x, "dtype", None) == np.float32 for x in operands)
    return y if more or y.dtype != np.float32 else y.astype(HALF)


def halves_in_single(function: F) -> F:
    """Decorator: compute in single precision what is called with half, and round the result alone."""

    @wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        first = args[0] if args else next(iter(options.values()), None)
        if not is_half(first):
            return function(*args, **options)
        y = function(*map(in_single, args), **{name: in_single(x) for name, x in options.items()})
        return in_half(y, *args, *options.values())

    return call  # type: ignore[return-value]
