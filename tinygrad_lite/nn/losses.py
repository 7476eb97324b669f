"""Losses, as functions and as modules."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..table.arrays import array, floating
from ..table.entropies import (
    REDUCTIONS,
    binary_cross_entropy,
    class_numbers,
    classes_last,
    cross_entropy,
    reduce_losses,
)
from .module import Module

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "HuberLoss",
    "MSELoss",
    "NLLLoss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "huber_loss",
    "mse_loss",
    "nll_loss",
    "one_hot",
]


def one_hot(labels: Any, classes: int | None = None, dtype: Any = np.float64) -> np.ndarray:
    """Rows with a 1 at the label and 0 elsewhere, for class numbers 0 … K−1 of any shape.

    Raises TypeError for labels that are not integers, ValueError for labels out of range.

    >>> nn.one_hot([2, 0])
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    numbers = np.asarray(labels)
    if numbers.dtype.kind not in "iub":
        raise TypeError(f"one_hot: labels are whole numbers, not {numbers.dtype}")
    numbers = numbers.astype(np.intp)
    largest = int(numbers.max(initial=-1))
    classes = largest + 1 if classes is None else int(classes)
    if numbers.min(initial=0) < 0 or largest >= classes:
        raise ValueError(f"one_hot: labels must lie in 0 … {classes - 1}, got {numbers.min()} … {largest}")
    rows = np.zeros((*numbers.shape, classes), dtype)
    np.put_along_axis(rows, numbers[..., None], 1, axis=-1)
    return rows


CONVENTIONS = ("mean", "half")


def checked_pair(name: str, input: Any, target: Any, reduction: str) -> tuple[Any, Any]:
    """Input and target as arrays of one shape; raises ValueError otherwise, for broadcasting hides mistakes here.

    Targets that are integers take the input's dtype: float32 stays float32.
    """
    if reduction not in REDUCTIONS:
        raise ValueError(f"{name}: reduction must be one of {', '.join(REDUCTIONS)}, not {reduction!r}")
    input, target = floating(array(input)), array(target)
    if input.shape != target.shape:
        raise ValueError(f"{name}: input and target need the same shape, got {input.shape} and {target.shape}")
    return input, target.astype(input.dtype) if target.dtype.kind in "iub" else target


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
    a, y = checked_pair("mse_loss", input, target, reduction)
    if convention not in CONVENTIONS:
        raise ValueError(f"mse_loss: convention must be one of {', '.join(CONVENTIONS)}, not {convention!r}")
    losses = np.square(a - y)
    if convention == "half":
        losses = 0.5 * losses.reshape((len(losses), -1)).sum(axis=1) if losses.ndim else 0.5 * losses
    return reduce_losses(losses, reduction)


def nll_loss(log_probabilities: Any, target: Any, *, axis: int = -1, reduction: str = "mean") -> Any:
    """E = −ln y at the label's class: of ``log_softmax``'s output what ``cross_entropy`` is of the scores.

    Parameters
    ----------
    log_probabilities : ln y, classes along ``axis``
    target : class numbers, of the same shape without ``axis``
    reduction : over the samples: "mean", "sum" or "none"

    >>> nn.nll_loss(np.log(np.array([[0.25, 0.75], [0.5, 0.5]])), [1, 0], reduction="none").round(4)
    array([0.2877, 0.6931])
    """
    if reduction not in REDUCTIONS:
        raise ValueError(f"nll_loss: reduction must be one of {', '.join(REDUCTIONS)}, not {reduction!r}")
    x, t = array(log_probabilities), array(target)
    place = normalize_axis_index(axis, x.ndim)
    samples = x.shape[:place] + x.shape[place + 1 :]
    if t.shape != samples:
        raise ValueError(f"nll_loss: {x.shape} with classes along axis {axis} take labels of {samples}, got {t.shape}")
    labels = class_numbers(t, x.shape[place], "nll_loss")
    picked = classes_last(x, place)[np.arange(len(labels)), labels] if samples else x[int(labels[0])]
    return reduce_losses(-picked.reshape(samples), reduction)


def binary_cross_entropy_with_logits(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """E = ln(1 + eᶻ) − t z, the binary cross-entropy of p = σ(z), without rounding p;  ∂E/∂z = σ(z) − t.

    Parameters
    ----------
    input, target : z and t, of one shape
    reduction : over all entries: "mean", "sum" or "none"

    >>> tl.grad(nn.binary_cross_entropy_with_logits)(0.0, 1.0)
    np.float64(-0.5)
    """
    z, t = checked_pair("binary_cross_entropy_with_logits", input, target, reduction)
    return reduce_losses(np.logaddexp(0, z) - t * z, reduction)


def huber_loss(input: Any, target: Any, *, delta: float = 1.0, reduction: str = "mean") -> Any:
    """½ d² for |d| = |a − y| ≤ delta, else delta (|d| − ½ delta).

    Source: P. J. Huber, "Robust Estimation of a Location Parameter" (1964), section 4.

    >>> nn.huber_loss(np.array([0.5, 3.0]), np.zeros(2), reduction="none")
    array([0.125, 2.5  ])
    """
    a, y = checked_pair("huber_loss", input, target, reduction)
    if not delta > 0:
        raise ValueError(f"huber_loss: delta must be positive, got {delta}")
    d = a - y
    far = np.abs(d) > delta
    return reduce_losses(np.where(far, delta * (np.abs(d) - 0.5 * delta), 0.5 * d * d), reduction)


# ---------------------------------------------------------------------------------------------------------------------
# As modules


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


class NLLLoss(CrossEntropyLoss):
    """:func:`nll_loss` with its options chosen.

    >>> nn.NLLLoss()(np.log(np.array([[0.25, 0.75]])), [1]).round(6)
    np.float64(0.287682)
    """

    def forward(self, input: Any, target: Any) -> Any:
        return nll_loss(input, target, axis=self.axis, reduction=self.reduction)


class BCELoss(Module):
    """:func:`tinygrad_lite.binary_cross_entropy` with its reduction chosen.

    >>> nn.BCELoss()(np.array([0.5]), np.array([1.0])).round(6)
    np.float64(0.693147)
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        return binary_cross_entropy(input, target, reduction=self.reduction)


class BCEWithLogitsLoss(BCELoss):
    """:func:`binary_cross_entropy_with_logits` with its reduction chosen.

    >>> nn.BCEWithLogitsLoss()(np.array([0.0]), np.array([1.0])).round(6)
    np.float64(0.693147)
    """

    def forward(self, input: Any, target: Any) -> Any:
        return binary_cross_entropy_with_logits(input, target, reduction=self.reduction)


class HuberLoss(Module):
    """:func:`huber_loss` with its options chosen.

    >>> nn.HuberLoss(delta=2.0)(np.array([3.0]), np.array([0.0]))
    np.float64(4.0)
    """

    def __init__(self, *, delta: float = 1.0, reduction: str = "mean") -> None:
        self.delta, self.reduction = delta, reduction

    def forward(self, input: Any, target: Any) -> Any:
        return huber_loss(input, target, delta=self.delta, reduction=self.reduction)
