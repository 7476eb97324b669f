"""Gradients kept from becoming too large."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import reduce
from numbers import Real
from typing import Any, Final

import numpy as np

from ..engine.tensor import Tensor
from ..table.ducks import ArrayKind, duck, kind_of
from .on_devices import is_compiled
from .optimizer import listed_parameters, shortened


def clip_grad_norm(parameters: Tensor | Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients by one factor so that their common norm √(Σ |g|²) is at most ``max_norm``; returns the norm.

    All is computed in float64, whatever the gradients' dtypes. Raises ValueError for a gradient with an infinite entry
    or a NaN, which no factor helps, and where the norm is beyond float64; the gradients are as they were.

    Source: R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks" (2013).

    >>> w = tl.tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w / 2).sum().backward()
    >>> tl.optim.clip_grad_norm([w], 1.0)
    5.0
    >>> w.grad
    array([0.6, 0.8])
    """
    held = with_gradients("clip_grad_norm", parameters, "max_norm", max_norm)
    if (kind := kind_compiled(held)) is not None:
        return clipped_when_run(kind, held, float(max_norm))  # type: ignore[no-any-return]  # a number when it runs
    norm = norm_of([p.grad for _, p in held])
    if not math.isfinite(norm):
        for place, p in held:
            if not np.isfinite(p.grad).all():
                raise ValueError(
                    f"clip_grad_norm: {place_of(place, p)} is not finite, so that no factor helps; {SEARCH}"
                )
        raise ValueError("clip_grad_norm: the gradients' norm is beyond float64, though all are finite; scale the loss")
    if norm > max_norm:
        for _, p in held:
            p.grad = widened(p.grad) / norm * float(max_norm)  # not by a factor, which may be 0 where this is not
    return norm


def clip_grad_value(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Bring every entry of every gradient into −clip_value … clip_value.

    Infinite entries come to the bound on their side, as in PyTorch. Raises ValueError for a NaN, which has no side, and
    TypeError for complex gradients, which have no order; all gradients are then as they were.

    >>> w = tl.tensor([3.0, -0.25], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> tl.optim.clip_grad_value([w], 1.0)
    >>> w.grad
    array([ 1. , -0.5])
    """
    held = with_gradients("clip_grad_value", parameters, "clip_value", clip_value)
    if any(p.dtype.kind == "c" for _, p in held):
        raise TypeError("clip_grad_value: complex gradients have no order; clip_grad_norm scales them")
    if (kind := kind_compiled(held)) is not None:
        for place, p in held:
            kind.asserted(duck(~np.isnan(p.grad).any()), f"clip_grad_value: {place_of(place, p)} has a NaN; {SEARCH}")
    elif sum([np.isnan(p.grad).any() for _, p in held]):  # of gradients on a device one number is fetched
        place, p = next((place, p) for place, p in held if np.isnan(p.grad).any())
        raise ValueError(f"clip_grad_value: {place_of(place, p)} has a NaN, which no bound helps; {SEARCH}")
    for _, p in held:
        bound = min(float(clip_value), float(np.finfo(p.dtype).max)) if np.isfinite(clip_value) else np.inf
        p.grad = np.clip(p.grad, -bound, bound)


SEARCH: Final = "tl.detect_anomaly() finds where it arose"


def kind_compiled(held: list[tuple[int, Tensor]]) -> ArrayKind | None:
    """The kind of the gradients where a program is being compiled, which has no numbers before it runs."""
    return next((kind for _, p in held if is_compiled(kind := kind_of(p.grad))), None)


def clipped_when_run(kind: ArrayKind, held: list[tuple[int, Tensor]], max_norm: float) -> Any:
    """:func:`clip_grad_norm` without a look at numbers, to the same last bit: both are computed, and one is chosen."""
    sizes = [np.abs(widened(p.grad)) for _, p in held]
    largest = reduce(np.maximum, [np.max(size, initial=0.0) for size in sizes])
    unit = np.where(largest > 0, largest, 1.0)
    norm = largest * np.sqrt(sum([np.sum(np.square(size / unit)) for size in sizes]))
    kind.asserted(
        duck(np.isfinite(norm)),
        f"clip_grad_norm: a gradient is not finite, or the gradients' norm is beyond float64; {SEARCH}",
    )
    clips = norm > max_norm
    divisor = np.where(clips, norm, 1.0)
    for _, p in held:
        p.grad = np.where(clips, (widened(p.grad) / divisor * max_norm).astype(p.dtype), p.grad)
    return norm


def norm_of(gradients: list[Any]) -> float:
    """√(Σ |g|²), by parts of the largest, as squares may be beyond float64 where the norm is not.

    Infinite or NaN where an entry is. Of gradients on a device one number is fetched.
    """
    here = [g for g in gradients if kind_of(g) is None]
    there = [g for g in gradients if kind_of(g) is not None and g.size]
    return math.hypot(norm_here(here), norm_there(there)) if there else norm_here(here)


def norm_here(gradients: list[np.ndarray]) -> float:
    """The norm of NumPy's arrays."""
    sizes = [np.abs(widened(g)) for g in gradients]
    largest = max((float(np.max(size, initial=0)) for size in sizes), default=0.0)
    if not 0 < largest < math.inf:
        return largest
    return largest * math.sqrt(sum(float(np.sum(np.square(size / largest))) for size in sizes))


def norm_there(gradients: list[Any]) -> float:
    """The norm of a device's arrays, computed there to its end."""
    sizes = np.concatenate([np.abs(widened(g)).ravel() for g in gradients])
    largest = np.max(sizes)
    unit = np.where(largest > 0, largest, 1)
    return float(unit * np.sqrt(np.sum(np.square(sizes / unit))))


def widened(g: Any) -> Any:
    """A gradient in float64, or in complex128."""
    return g.astype(np.result_type(g.dtype, np.float64))


def place_of(place: int, p: Tensor) -> str:
    """Which gradient is meant."""
    return f"the gradient of parameter {place}, of shape {p.shape},"


def with_gradients(what: str, parameters: Any, bound: str, value: Any) -> list[tuple[int, Tensor]]:
    """The parameters that have a gradient, with their places.

    Raises ValueError and TypeError for what are none, and for the bound.
    """
    if not isinstance(value, Real):
        raise TypeError(f"{what}: {bound} is a number, not {shortened(value)}")
    if not float(value) >= 0:
        raise ValueError(f"{what}: {bound} must be 0 or more, got {value}")
    listed = listed_parameters(what, parameters)
    for p in listed:
        if not isinstance(p, Tensor):
            raise TypeError(f"{what}: parameters are Tensors, not {shortened(p)}")
    return [(place, p) for place, p in enumerate(listed) if p.grad is not None]
