"""What is claimed, for which arguments, and in which shape: what users pass in many forms, in one."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..engine.protocols import plain
from ..engine.tensor import Tensor, number_array
from ..engine.transforms import argument_number
from ..engine.trees import Structure
from .points import is_floating


def argument_names(f: Callable[..., Any], n: int) -> list[str]:
    """What f calls its arguments; by number where it does not say."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [named[k] if k < len(named) else f"argument {k}" for k in range(n)]


def arguments_and_claims(claimed: Any, wrt: Any, parameters: list[str]) -> tuple[list[int], list[Any]]:
    """The numbers of the arguments to differentiate, and the claims: one for each, or one for all."""
    is_by_argument = isinstance(claimed, Mapping) and (
        any(callable(part) for part in claimed.values()) or all(key in parameters for key in claimed)
    )
    if is_by_argument:
        keys: Any = list(claimed) if wrt is None else wrt
    else:
        keys = 0 if wrt is None else wrt
    if isinstance(keys, (int, np.integer, str)):
        keys = [keys]
    numbers = [argument_place(key, parameters) for key in keys]
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(f"check_derivation: wrt names no argument, or one twice: {keys!r}")
    if is_by_argument:
        claims = in_order(claimed, parameters, numbers)
    elif isinstance(claimed, (tuple, list)) and any(callable(part) for part in claimed):
        claims = list(claimed)
        if wrt is None:
            numbers = list(range(len(claims)))
        if len(claims) != len(numbers) or len(claims) > len(parameters):
            raise ValueError(f"check_derivation: {len(claims)} claims for {len(numbers)} arguments")
    else:
        claims = [claimed]
    for part in claims:
        if isinstance(part, str) or part is None:
            raise TypeError(
                "check_derivation: the claim must be a function of f's arguments, or an array; got "
                + type(part).__name__
            )
    return numbers, claims


def in_order(parts: Mapping[Any, Any], parameters: list[str], numbers: list[int]) -> list[Any]:
    """The entries of a dict by arguments' names or numbers, in the order of these numbers."""
    numbered = {argument_place(key, parameters): part for key, part in parts.items()}
    if numbered.keys() != set(numbers):
        asked = ", ".join([parameters[n] for n in numbers])
        raise ValueError(
            f"check_derivation: derivatives are claimed for {', '.join(map(str, parts))}, asked for {asked}"
        )
    return [numbered[n] for n in numbers]


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


def claimed_leaves(structure: Structure, claim: Any, name: str) -> list[Any]:
    """A claim's arrays, in the order of the leaves of the argument it is for."""
    if structure.kind is None:
        return [claimed_array(claim, name)]
    if structure.kind is type(None):
        return []
    parts: Any = None
    if isinstance(claim, Mapping) and set(claim) == set(structure.keys):
        parts = [claim[key] for key in structure.keys]
    elif isinstance(claim, (tuple, list)) and len(claim) == len(structure.children):
        parts = list(claim)
    if parts is None:
        raise ValueError(
            f"check_derivation: the claim for {name} must be in the containers of that argument; "
            f"got {type_and_shape(claim)}"
        )
    return [x for child, part in zip(structure.children, parts, strict=True) for x in claimed_leaves(child, part, name)]


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
