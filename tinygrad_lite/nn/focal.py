"""Focal losses: cross-entropies in which samples that are classified well count less."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..table.class_labels import at_labels, class_numbers, class_weights, label_mask, weights_at
from ..table.elsewhere import listed_beside
from ..table.entropies import reduce_losses
from ..table.half_precision import halves_in_single
from ..table.neural import logsumexp
from .losses import check_reduction, checked_pair, rows_and_labels


def focused(s: Any, gamma: float) -> Any:
    """−(1 − p)^γ ln p with p = σ(s), written in logarithms, which round neither p nor 1 − p to 0 or 1."""
    surprise = np.logaddexp(0, -s)
    return surprise if gamma == 0 else np.exp(-gamma * np.logaddexp(0, s)) * surprise


def check_gamma(name: str, gamma: float) -> None:
    """Raise ValueError, in the loss's name, for a γ that is negative or NaN."""
    if not gamma >= 0:
        raise ValueError(f"{name}: gamma must not be negative, got {gamma}")


@halves_in_single
def sigmoid_focal_loss(
    input: Any, target: Any, *, alpha: float | None = 0.25, gamma: float = 2.0, reduction: str = "mean"
) -> Any:
    """E = −α (1 − p)^γ ln p for t = 1 and −(1 − α) p^γ ln(1 − p) for t = 0, with p = σ(z).

    Parameters
    ----------
    input, target : z and t, of one shape; for t between 0 and 1, E is the mean of the two, t and 1 − t their weights
    alpha : α, from 0 to 1, how much the positive class counts; None: both classes count 1
    gamma : γ ≥ 0: 0 is the binary cross-entropy
    reduction : over all entries: "mean", "sum" or "none"

    The name and the defaults of α and γ are torchvision's, whose default reduction is "none". Value and derivatives of
    every order keep their digits for scores of any size.

    Source: T.-Y. Lin et al., "Focal Loss for Dense Object Detection" (2017), equation 5.

    >>> nn.sigmoid_focal_loss(np.array([0.0, 40.0]), np.array([1.0, 1.0]), reduction="none").round(6)
    array([0.043322, 0.      ])
    """
    z, t = checked_pair("sigmoid_focal_loss", input, target, reduction)
    check_gamma("sigmoid_focal_loss", gamma)
    if alpha is not None and not 0 <= alpha <= 1:
        raise ValueError(f"sigmoid_focal_loss: alpha is a share, from 0 to 1, or None; got {alpha}")
    yes, no = (1, 1) if alpha is None else (alpha, 1 - alpha)
    return reduce_losses(yes * t * focused(z, gamma) + no * (1 - t) * focused(-z, gamma), reduction)


@halves_in_single
def focal_loss(
    input: Any, target: Any, *, gamma: float = 2.0, alpha: Any = None, axis: int = -1, reduction: str = "mean"
) -> Any:
    """E = −αₖ (1 − yₖ)^γ ln yₖ at the label's class k, with y = softmax(z).

    Parameters
    ----------
    input : z, the scores of two classes or more, along ``axis``
    target : class numbers, of the same shape without ``axis``
    gamma : γ ≥ 0: 0 is the cross-entropy
    alpha : one number for each class, by default 1; the mean is over the samples, whatever their α
    reduction : over the samples: "mean", "sum" or "none"

    With s = zₖ − ln Σ e^(zⱼ) over the other classes, yₖ = σ(s): the loss is the binary one's, and keeps its digits for
    scores of any size.

    Source: T.-Y. Lin et al., "Focal Loss for Dense Object Detection" (2017), equations 4 and 5, of several classes.

    >>> z = np.array([[0.0, np.log(3.0)]])
    >>> nn.focal_loss(z, [1]).round(6)
    np.float64(0.01798)
    """
    check_reduction("focal_loss", reduction)
    check_gamma("focal_loss", gamma)
    rows, t, samples = rows_and_labels("focal_loss", input, target, axis)
    classes = rows.shape[1]
    if classes < 2:
        raise ValueError(f"focal_loss: takes scores of two classes or more along axis {axis}; there is {classes}")
    labels = class_numbers(t, classes, "focal_loss")
    weights = class_weights(listed_beside(alpha, rows), classes, rows.dtype, "focal_loss", "alpha")
    others = logsumexp(np.where(label_mask(labels, classes), -np.inf, rows), axis=1)
    losses = focused(at_labels(rows, labels) - others, gamma)
    losses = losses if weights is None else losses * weights_at(weights, labels)
    return reduce_losses(losses.reshape(samples), reduction)
