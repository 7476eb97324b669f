"""Gradients kept from becoming too large."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np

from ..engine.tensor import Tensor
from .optimizer import listed_parameters, shortened


def clip_grad_norm(parameters: Tensor | Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients by one factor so that their common norm √(Σ |g|²) is at most ``max_norm``; returns the norm.

    The sum is taken in float64. Raises ValueError where the norm is not finite, for no factor helps then; the gradients
    are as they were.

    Source: R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks" (2013).

    >>> w = tl.tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w / 2).sum().backward()
    >>> tl.optim.clip_grad_norm([w], 1.0)
    5.0
    >>> w.grad
    array([0.6, 0.8])
    """
    held = with_gradients("clip_grad_norm", parameters, "max_norm", max_norm)
    norm = float(sum(np.sum(np.square(np.abs(p.grad), dtype=np.float64)) for p in held) ** 0.5)
    if not np.isfinite(norm):
        raise ValueError(f"clip_grad_norm: the gradients' norm is {norm}")
    if norm > max_norm:
        for p in held:
            p.grad = p.grad * (max_norm / norm)
    return norm


def clip_grad_value(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Bring every entry of every gradient into −clip_value … clip_value.

    Raises TypeError for complex gradients, which have no order; all gradients are then as they were.

    >>> w = tl.tensor([3.0, -0.25], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> tl.optim.clip_grad_value([w], 1.0)
    >>> w.grad
    array([ 1. , -0.5])
    """
    held = with_gradients("clip_grad_value", parameters, "clip_value", clip_value)
    if any(p.dtype.kind == "c" for p in held):
        raise TypeError("clip_grad_value: complex gradients have no order; clip_grad_norm scales them")
    for p in held:
        p.grad = np.clip(p.grad, -clip_value, clip_value)


def with_gradients(what: str, parameters: Any, bound: str, value: Any) -> list[Tensor]:
    """The parameters that have a gradient. Raises ValueError and TypeError for what are none, and for the bound."""
    if not isinstance(value, Real):
        raise TypeError(f"{what}: {bound} is a number, not {shortened(value)}")
    if not float(value) >= 0:
        raise ValueError(f"{what}: {bound} must be 0 or more, got {value}")
    listed = listed_parameters(what, parameters)
    for p in listed:
        if not isinstance(p, Tensor):
            raise TypeError(f"{what}: parameters are Tensors, not {shortened(p)}")
    return [p for p in listed if p.grad is not None]
