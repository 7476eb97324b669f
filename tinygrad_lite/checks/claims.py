"""What users pass in many forms, in one: arguments, claimed arrays, and the shapes these may have."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.protocols import plain
from ..engine.tensor import Tensor, number_array
from ..engine.transforms import argument_number
from .points import is_floating


def argument_names(f: Callable[..., Any], n: int) -> list[str]:
    """What f calls its arguments; by number where it does not say."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [named[k] if k < len(named) else f"argument {k}" for k in range(n)]


def argument_place(key: Any, parameters: list[str]) -> int:
    """An argument's number, from that or from its name."""
    if isinstance(key, str):
        if key not in parameters:
            raise ValueError(f"check_derivation: f has no argument {key!r}, it has {', '.join(parameters)}")
        return parameters.index(key)
    return argument_number("check_derivation", int(key), len(parameters))


def plain_argument(x: Any) -> Any:
    """An argument in plain NumPy and double precision; a list of numbers as an array."""
    x = plain(x, Tensor)
    if isinstance(x, (list, tuple)) and not hasattr(x, "_fields"):
        if x and all(isinstance(part, (int, float, list)) for part in x) and is_numeric(x):
            return plain_argument(np.asarray(x))
        return type(x)([plain_argument(part) for part in x])
    if isinstance(x, dict):
        return {key: plain_argument(part) for key, part in x.items()}
    if is_floating(x):
        return np.asarray(x, np.float64)[()]
    return x


def is_numeric(x: Any) -> bool:
    """Whether nested lists are those of an array of numbers."""
    try:
        return np.asarray(x).dtype.kind in "iuf"
    except ValueError:
        return False


def claimed_array(claim: Any, name: str) -> Any:
    """A claim as an array of floating-point numbers."""
    try:
        value = np.asarray(number_array(plain(claim, Tensor)))
    except (TypeError, ValueError):
        value = np.asarray("")
    if value.dtype.kind not in "fiub":
        raise TypeError(
            f"check_derivation: the claim for {name} must be an array of real numbers, got {type_and_shape(claim)}"
        )
    return value.astype(np.float64)


def type_and_shape(x: Any) -> str:
    """A value's type, and its shape or length."""
    if isinstance(x, np.ndarray):
        return f"{x.dtype} of shape {x.shape}"
    return f"{type(x).__name__}" + (f" of length {len(x)}" if hasattr(x, "__len__") else "")


def in_derivatives_shape(claim: Any, truth: Any, y_shape: tuple[int, ...], x_shape: tuple[int, ...]) -> Any:
    """A claim in the derivative's shape: as it is; a Jacobian given by its diagonal or by its blocks; or None."""
    if claim.shape == truth.shape:
        return claim
    if math.prod(y_shape) == 1:
        return claim.reshape(x_shape) if claim.shape == y_shape + x_shape else None
    if y_shape == x_shape == claim.shape:
        return np.diag(claim.ravel()).reshape(truth.shape)
    if y_shape and x_shape and y_shape[0] == x_shape[0] and claim.shape == y_shape + x_shape[1:]:
        whole = np.zeros(truth.shape)
        for k, block in enumerate(claim):
            place: Any = (k, ..., k, *[slice(None)] * (len(x_shape) - 1))
            whole[place] = block
        return whole
    return None
