"""What programs do to arrays otherwise than by calling NumPy's functions, as functions: methods, attributes, checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..table.blas import STRETCH, blas_for, in_stretches
from ..table.calling_elsewhere import name_of_function
from ..table.primitive import Primitive


class Attribute:
    """``x.T``, ``x.real``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, x: Any) -> Any:
        return getattr(x, self.name)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.name == self.name

    def __hash__(self) -> int:
        return hash((type(self), self.name))

    def __repr__(self) -> str:
        return f".{self.name}"


class Method(Attribute):
    """``x.reshape(…)``."""

    def __call__(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(x, self.name)(*args, **kwargs)


class Forward:
    """What a primitive computes, as one call: where it looks at numbers on its way, or is longer than a line."""

    def __init__(self, primitive: Primitive) -> None:
        self.primitive = primitive

    def __call__(self, *inputs: Any, **params: Any) -> Any:
        y = self.primitive.forward(*inputs, **params)
        return (as_scalar(y[0]), *y[1:]) if self.primitive.remembers else as_scalar(y)

    def __eq__(self, other: object) -> bool:
        return type(other) is Forward and other.primitive is self.primitive

    def __hash__(self) -> int:
        return hash((Forward, self.primitive))

    def __repr__(self) -> str:
        return self.primitive.name


def as_scalar(y: Any) -> Any:
    """An array without axes as a NumPy scalar, as Tensors keep it."""
    return y[()] if getattr(y, "shape", None) == () else y


class AddMultiple:
    """``y += a * x`` of flat arrays, in one pass where SciPy is there, whose BLAS rounds once."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self.name = "saxpy" if dtype == np.float32 else "daxpy"

    def __call__(self, x: Any, y: Any, n: int, a: Any) -> None:
        blas = blas_for(self.dtype)
        if blas is None:
            y += a * x
        else:
            in_stretches(blas[0], x, y, n, a)

    @property
    def text(self) -> str:
        """The function as source that runs without SciPy, too."""
        return (
            f"try:\n    from scipy.linalg.blas import {self.name} as blas_{self.name}\n\n"
            f"    def {self.name}(x, y, n, a):\n        for k in range(0, n, {STRETCH}):\n"
            f"            blas_{self.name}(x, y, min({STRETCH}, n - k), a, k, 1, k, 1)\nexcept ImportError:\n"
            f"    def {self.name}(x, y, n, a):\n        y += a * x"
        )


def check(holds: Any, message: str) -> None:
    """Raise ValueError unless all are true."""
    if not holds.all():
        raise ValueError(message)


def name_of_call(function: Callable[..., Any]) -> str:
    """A call as programs write it."""
    return repr(function) if isinstance(function, (Attribute, Forward)) else name_of_function(function)
