"""Losses as functions: of numbers, of classes, and of distributions. As modules they are in ``criteria``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..table.arrays import array, floating, some, values
from ..table.class_labels import at_labels, class_weights, kept_numbers, shares_of, weights_at
from ..table.elsewhere import listed_beside
from ..table.entropies import (
    REDUCTIONS,
    binary_cross_entropy,
    classes_last,
    cross_entropy,
    kl_div,
    reduce_by_shares,
    reduce_losses,
    weighted,
)
from ..table.half_precision import halves_in_single
from ..table.shapes import required
from ..table.units import positive_number

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "gaussian_nll_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "poisson_nll_loss",
    "smooth_l1_loss",
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
    if classes is not None and (not isinstance(classes, (int, np.integer)) or classes < 0):
        raise ValueError(f"one_hot: classes is how many there are, or None for the largest label + 1; got {classes!r}")
    classes = largest + 1 if classes is None else int(classes)
    if numbers.min(initial=0) < 0 or largest >= classes:
        raise ValueError(f"one_hot: labels must lie in 0 … {classes - 1}, got {numbers.min()} … {largest}")
    rows = np.zeros((*numbers.shape, classes), dtype)
    np.put_along_axis(rows, numbers[..., None], 1, axis=-1)
    return rows


CONVENTIONS = ("mean", "half")


def check_reduction(name: str, reduction: str) -> None:
    """Raise ValueError, in the loss's name, for a reduction that is none."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"{name}: reduction must be one of {', '.join(REDUCTIONS)}, not {reduction!r}")


def checked_pair(name: str, input: Any, target: Any, reduction: str) -> tuple[Any, Any]:
    """Input and target as arrays of one shape; raises ValueError otherwise, for broadcasting hides mistakes here.

    Targets that are integers take the input's dtype: float32 stays float32.
    """
    check_reduction(name, reduction)
    input, target = floating(array(input)), array(target)
    if input.shape != target.shape:
        raise ValueError(f"{name}: input and target need the same shape, got {input.shape} and {target.shape}")
    return input, target.astype(input.dtype) if target.dtype.kind in "iub" else target


def rows_and_labels(name: str, input: Any, target: Any, axis: int) -> tuple[Any, Any, tuple[int, ...]]:
    """Numbers of classes along the rows of a matrix, labels, and the samples' shape.

    Raises ValueError, in the loss's name, for shapes that do not fit.
    """
    x = floating(array(input))
    t = array(listed_beside(target, x))
    if not x.ndim:
        raise ValueError(f"{name}: the input is a single number; it needs an axis of classes")
    place = normalize_axis_index(axis, x.ndim)
    samples = x.shape[:place] + x.shape[place + 1 :]
    if t.shape != samples:
        raise ValueError(f"{name}: {x.shape} with classes along axis {axis} take labels of {samples}, got {t.shape}")
    return classes_last(x, place), t, samples


def part_of(share: Any, losses: Any) -> Any:
    """A share of losses; of infinite ones the share 0, which is constant, is 0."""
    nothing = np.isinf(values(losses)) & (values(share) == 0)
    if not some(nothing) or getattr(share, "requires_grad", False):
        return share * losses
    return np.where(nothing, 0, share * losses)


@halves_in_single
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


@halves_in_single
def l1_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """|a − y|, whose derivative is the sign of a − y, 0 where they are equal.

    >>> nn.l1_loss(np.array([1.0, -3.0]), np.zeros(2))
    np.float64(2.0)
    """
    a, y = checked_pair("l1_loss", input, target, reduction)
    return reduce_losses(np.abs(a - y), reduction)


@halves_in_single
def huber_loss(input: Any, target: Any, *, delta: float = 1.0, reduction: str = "mean") -> Any:
    """½ d² for |d| = |a − y| ≤ delta, else delta (|d| − ½ delta).

    Source: P. J. Huber, "Robust Estimation of a Location Parameter" (1964), section 4.

    >>> nn.huber_loss(np.array([0.5, 3.0]), np.zeros(2), reduction="none")
    array([0.125, 2.5  ])
    """
    a, y = checked_pair("huber_loss", input, target, reduction)
    positive_number("huber_loss", delta=delta)
    d = a - y
    far = np.abs(d) > delta
    return reduce_losses(np.where(far, delta * (np.abs(d) - 0.5 * delta), 0.5 * d * d), reduction)


@halves_in_single
def smooth_l1_loss(input: Any, target: Any, *, beta: float = 1.0, reduction: str = "mean") -> Any:
    """½ d²/beta for |d| = |a − y| < beta, else |d| − ½ beta: the Huber loss over its delta; for beta = 0, |d|.

    Source: R. Girshick, "Fast R-CNN" (2015), equation 3.

    >>> nn.smooth_l1_loss(np.array([0.5, 3.0]), np.zeros(2), beta=2.0, reduction="none")
    array([0.0625, 2.    ])
    """
    a, y = checked_pair("smooth_l1_loss", input, target, reduction)
    if type(beta) in (int, float) and beta == 0:
        return reduce_losses(np.abs(a - y), reduction)
    positive_number("smooth_l1_loss", beta=beta)
    d = a - y
    near = np.abs(d) < beta
    return reduce_losses(np.where(near, 0.5 * d * d / beta, np.abs(d) - 0.5 * beta), reduction)


# ---------------------------------------------------------------------------------------------------------------------
# Of classes


@halves_in_single
def nll_loss(
    log_probabilities: Any,
    target: Any,
    *,
    axis: int = -1,
    weight: Any = None,
    ignore_index: int | None = None,
    reduction: str = "mean",
) -> Any:
    """E = −w ln y at the label's class: of ``log_softmax``'s output what ``cross_entropy`` is of the scores.

    Parameters
    ----------
    log_probabilities : ln y, classes along ``axis``
    target : class numbers, of the same shape without ``axis``
    weight : w, one for each class, by default 1; the mean is Σ E / Σ w
    ignore_index : a label whose samples cost nothing, get no gradient and do not count in the mean
    reduction : over the samples: "mean", "sum" or "none"

    Raises ValueError for labels out of range, shapes that do not fit and a mean of samples that all count nothing,
    TypeError for labels that are not integers.

    >>> nn.nll_loss(np.log(np.array([[0.25, 0.75], [0.5, 0.5]])), [1, 0], reduction="none").round(4)
    array([0.2877, 0.6931])
    """
    check_reduction("nll_loss", reduction)
    rows, t, samples = rows_and_labels("nll_loss", log_probabilities, target, axis)
    labels, kept = kept_numbers(t, rows.shape[1], ignore_index, "nll_loss")
    weights = class_weights(listed_beside(weight, rows), rows.shape[1], rows.dtype, "nll_loss")
    losses = -at_labels(rows, labels)
    if kept is not None:  # whatever the numbers of ignored samples are
        losses = np.where(kept, losses, 0)
    if weights is not None:
        losses = losses * weights_at(weights, labels)
    shares = shares_of(labels, kept, weights, rows.dtype)
    return reduce_by_shares(losses.reshape(samples), shares, reduction, "nll_loss")


@halves_in_single
def binary_cross_entropy_with_logits(
    input: Any, target: Any, *, weight: Any = None, pos_weight: Any = None, reduction: str = "mean"
) -> Any:
    """E = −c t ln p − (1 − t) ln(1 − p) with p = σ(z), without rounding p;  for c = 1, ∂E/∂z = σ(z) − t.

    Parameters
    ----------
    input, target : z and t, of one shape
    weight : what each loss is multiplied with, of a shape that broadcasts to z's
    pos_weight : c, of a shape that broadcasts to z's, by default 1: how much more the positive class counts
    reduction : over all entries: "mean", "sum" or "none"

    >>> tl.grad(nn.binary_cross_entropy_with_logits)(0.0, 1.0)
    np.float64(-0.5)
    """
    name = "binary_cross_entropy_with_logits"
    z, t = checked_pair(name, input, target, reduction)
    # each logarithm by itself: ln(1 + eᶻ) − t z would subtract two large numbers
    losses = weighted(part_of(t, np.logaddexp(0, -z)), pos_weight, name) + part_of(1 - t, np.logaddexp(0, z))
    return reduce_losses(weighted(losses, weight, name), reduction)


# ---------------------------------------------------------------------------------------------------------------------
# Of distributions


@halves_in_single
def poisson_nll_loss(
    input: Any,
    target: Any,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Any:
    """λ − t ln λ, the negative logarithm of a Poisson distribution's probability for t, but for ln t!.

    Parameters
    ----------
    input : ln λ, or λ itself
    target : t, of the same shape
    log_input : whether the input is ln λ
    full : whether ln t! is added, for t > 1, by Stirling's formula: t ln t − t + ½ ln(2πt)
    eps : what is added to λ in ln λ where the input is λ
    reduction : over all entries: "mean", "sum" or "none"

    >>> tl.grad(nn.poisson_nll_loss)(0.0, 3.0)
    np.float64(-2.0)
    """
    x, t = checked_pair("poisson_nll_loss", input, target, reduction)
    losses = np.exp(x) - t * x if log_input else x - part_of(t, np.log(x + eps))
    if full:
        several = values(t) > 1
        n = np.where(several, t, 1)
        losses = losses + np.where(several, n * np.log(n) - n + 0.5 * np.log(2 * np.pi * n), 0)
    return reduce_losses(losses, reduction)


@halves_in_single
def gaussian_nll_loss(
    input: Any, target: Any, var: Any, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    """½ (ln v + (x − t)²/v), the negative logarithm of a normal density at t, but for ½ ln 2π.

    Parameters
    ----------
    input, target : the mean x, and t, of one shape
    var : the variance v: of the same shape, with 1 for the last axis, or a number
    full : whether ½ ln 2π is added
    eps : what v is at least; below it, the loss does not depend on v, and the derivative is 0
    reduction : over all entries: "mean", "sum" or "none"

    Raises ValueError for a negative variance. (PyTorch's derivative below ``eps`` is that at ``eps``.)

    Source: D. A. Nix and A. S. Weigend, "Estimating the mean and variance of the target probability distribution"
    (1994), equation 5.

    >>> nn.gaussian_nll_loss(np.array([1.0]), np.array([3.0]), np.array([4.0])).round(6)
    np.float64(1.193147)
    """
    x, t = checked_pair("gaussian_nll_loss", input, target, reduction)
    positive_number("gaussian_nll_loss", eps=eps)
    v = array(var).astype(x.dtype)
    if v.shape not in ((), x.shape, (*x.shape[:-1], 1)):
        raise ValueError(
            f"gaussian_nll_loss: var is a number, of the input's shape {x.shape}, or that with 1 for the last axis; "
            f"got {v.shape}"
        )
    v = required(v, ~(values(v) < 0), "gaussian_nll_loss: var holds negative numbers, which are no variances")
    v = np.clip(v, eps, None)
    deviation = x - t
    losses = 0.5 * (np.log(v) + deviation / v * deviation)  # whose square may be no number
    return reduce_losses(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)
