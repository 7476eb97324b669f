"""Losses, as functions and as modules."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..table.neural import REDUCTIONS, cross_entropy
from ..table.shapes import array
from .module import Module

__all__ = ["CrossEntropyLoss", "MSELoss", "cross_entropy", "mse_loss"]

CONVENTIONS = ("mean", "half")


def reduced(losses: Any, reduction: str) -> Any:
    """The losses themselves ("none"), their "sum" or their "mean"."""
    if reduction == "mean":
        return losses.mean()
    return losses.sum() if reduction == "sum" else losses


def checked(name: str, input: Any, target: Any, reduction: str) -> tuple[Any, Any]:
    """Input and target as arrays of one shape; raises ValueError otherwise, for broadcasting hides mistakes here."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"{name}: reduction must be one of {', '.join(REDUCTIONS)}, not {reduction!r}")
    input, target = array(input), array(target)
    if input.shape != target.shape:
        raise ValueError(f"{name}: input and target need the same shape, got {input.shape} and {target.shape}")
    return input, target


def mse_loss(input: Any, target: Any, *, convention: str = "mean", reduction: str = "mean") -> Any:
    """The squared error, in one of two conventions.

    Parameters
    ----------
    input, target : a and y, of one shape
    convention : "mean": the loss of an entry is (a − y)², as in PyTorch, and the mean is over all entries;
        "half": the loss of a sample is ½ ‖a − y‖², and the mean is over the samples, the first axis
    reduction : "mean", "sum" or "none"

    Source of "half": H. M. M. Vege, "Neural networks and Back Propagation" (2018), equations 7 and 8, whose derivative
    is a − y (equation 29).

    >>> a, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros((2, 2))
    >>> nn.mse_loss(a, y), nn.mse_loss(a, y, convention="half")
    (np.float64(7.5), np.float64(7.5))
    >>> tl.grad(nn.mse_loss)(a, y, convention="half", reduction="sum")
    array([[1., 2.],
           [3., 4.]])
    """
    a, y = checked("mse_loss", input, target, reduction)
    if convention not in CONVENTIONS:
        raise ValueError(f"mse_loss: convention must be one of {', '.join(CONVENTIONS)}, not {convention!r}")
    losses = np.square(a - y)
    if convention == "half":
        losses = 0.5 * losses.reshape((len(losses), -1)).sum(axis=1) if losses.ndim else 0.5 * losses
    return reduced(losses, reduction)


class MSELoss(Module):
    """:func:`mse_loss` with its options chosen.

    >>> nn.MSELoss()(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    np.float64(2.0)
    """

    def __init__(self, *, convention: str = "mean", reduction: str = "mean") -> None:
        self.convention, self.reduction = convention, reduction

    def forward(self, input: Any, target: Any) -> Any:
        return mse_loss(input, target, convention=self.convention, reduction=self.reduction)


class CrossEntropyLoss(Module):
    """:func:`tinygrad_lite.cross_entropy` of scores and class numbers or probabilities, with its options chosen.

    >>> nn.CrossEntropyLoss()(np.array([[0.0, np.log(3.0)]]), [1]).round(6)
    np.float64(0.287682)
    """

    def __init__(self, *, axis: int = -1, reduction: str = "mean") -> None:
        self.axis, self.reduction = axis, reduction

    def forward(self, input: Any, target: Any) -> Any:
        return cross_entropy(input, target, axis=self.axis, reduction=self.reduction)
