"""Cross-entropies, the losses of classification: fused, so that no logarithm is taken of what rounds to 0.

Each is accepted because differentiating its *definition* through ``exp``, ``sum``, ``divide`` and ``log`` gives the
same (tests/table/test_licences.py), not the other way round.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .arrays import HALF, add_over, array, floating, some, sum_over, values
from .class_labels import class_weights, kept_numbers, label_mask, shares_of
from .ducks import DuckArray
from .elsewhere import listed_beside, placed_beside
from .half_precision import halves_in_single, in_half
from .neural import (
    exponentials,
    log_softmax_p,
    logarithm_of_sum,
    shifted_exponentials,
    softmax_definition,
    softmax_less_one,
    softmax_p,
)
from .registry import Sample, entry, primitive
from .shapes import required

REDUCTIONS = ("mean", "sum", "none")


def reduce_losses(losses: Any, reduction: str) -> Any:
    """The losses themselves ("none"), their "sum" or their "mean"."""
    if reduction == "mean":
        return losses.mean()
    return losses.sum() if reduction == "sum" else losses


def over_batch(losses: Any, reduction: str) -> Any:
    """What :func:`reduce_losses` gives for one loss for each sample, in an array: without NumPy's detours."""
    if reduction == "none":
        return losses
    if reduction == "sum":
        return sum_over(losses)
    return add_over(losses) / len(losses) if losses.dtype is not HALF else losses.mean()


def per_sample(g: Any, n: int, reduction: str) -> Any:
    """What each sample's gradient is multiplied by: a column, or one number for all."""
    if reduction == "none":
        return g.reshape((n, 1))
    return g / n if reduction == "mean" else g


def classes_last(x: Any, axis: int) -> Any:
    """``x`` as a matrix with the given axis along its rows."""
    if x.ndim == 2 and axis == 1:
        return x
    if axis != x.ndim - 1:
        x = np.moveaxis(x, axis, -1)
    return x.reshape((-1, x.shape[-1]))


# ---------------------------------------------------------------------------------------------------------------------
# Cross-entropy


def cross_entropy_definition(z: Any, t: Any, *, reduction: str) -> Any:
    """−Σₖ tₖ ln yₖ with y = softmax(z)."""
    return reduce_losses(-np.sum(t * np.log(softmax_definition(z, axis=(1,))), axis=1), reduction)


def _cross_entropy(z: Any, t: Any, *, reduction: str) -> Any:
    shifted, e, total = shifted_exponentials(z, 1)
    logarithms = shifted - logarithm_of_sum(e, total, 1)
    # 0 ln 0 is 0, as its limit
    losses = -over_batch(sum_over(t * np.where(t == 0, 0, logarithms), 1), reduction)
    y = np.exp(logarithms)
    return losses, y, np.expm1(logarithms) if y.dtype.kind != "O" else y - 1


def of_those_that_count(d: Any, t: Any) -> Any:
    """``d``, and 0 in place of NaN for samples whose t are all 0, whatever their scores are."""
    if type(d) is not np.ndarray or d.dtype.kind != "f" or not np.isnan(d).any():
        return d
    return np.where(t.any(axis=1, keepdims=True), d, 0)


# y and y − t are at hand when the loss is known; the rules name z and labels for their definitions' sake
cross_entropy_p = primitive(
    _cross_entropy,
    definition=cross_entropy_definition,
    remembers={"p": lambda z: softmax_p(z, axis=(1,)), "less": lambda z: softmax_less_one(z, axis=(1,))},
    # p Σ t − t, of which no digit is lost where p is nearly 1, nor of its derivative by t: less is p − 1
    z=lambda g, p, less, z, t, reduction: (
        of_those_that_count(t * less + p * (t.sum(axis=1, keepdims=True) - t), t) * per_sample(g, len(t), reduction)
    ),
    t=lambda g, z, reduction: -log_softmax_p(z, axis=(1,)) * per_sample(g, len(z), reduction),
)


def _cross_entropy_of_labels(z: Any, *, labels: Any, reduction: str) -> Any:
    shifted, e = exponentials(z, 1)
    at = (np.arange(len(labels)), labels)
    score, e[at] = shifted[at], 0
    others = sum_over(e, 1)  # of which no digit is lost, as of 1 − y where y is nearly 1
    e[at] = -others
    if e.dtype.kind == "O":
        total = others + np.exp(score)
        losses = np.log(total) - score
    else:
        total = np.expm1(score)
        total += others  # less 1: nothing but the others where the label's exponential is the largest, 1
        losses = np.log1p(total)
        losses -= score
        total += 1
    e /= total[:, None]
    return over_batch(losses, reduction), e


def labels_by_masks(z: Any, *, labels: Any, reduction: str) -> Any:
    """The same for labels whose numbers are not looked at."""
    shifted, e, total = shifted_exponentials(z, 1)
    at = label_mask(labels, z.shape[1])
    score = sum_over(np.where(at, shifted, 0), 1)
    others = sum_over(np.where(at, 0, e), 1)
    losses = np.where(score == 0, np.log1p(others), np.log(total[:, 0]) - score)
    losses = np.where(at.any(1), losses, np.nan)  # of a label that is none
    return over_batch(losses, reduction), np.where(at, -others[:, None] / total, e / total)


cross_entropy_of_labels_p = primitive(
    _cross_entropy_of_labels,
    plain=labels_by_masks,
    definition=lambda z, *, labels, reduction: cross_entropy_definition(
        z, label_mask(labels, z.shape[1]).astype(z.dtype), reduction=reduction
    ),
    remembers={"d": lambda z, labels: softmax_p(z, axis=(1,)) - label_mask(labels, z.shape[1])},
    z=lambda g, d, z, labels, reduction: d * per_sample(g, len(labels), reduction),
)


def reduce_by_shares(losses: Any, shares: Any, reduction: str, name: str) -> Any:
    """As :func:`reduce_losses`, of losses that count by shares: their mean is their sum over the shares'."""
    if reduction != "mean" or shares is None:
        return reduce_losses(losses, reduction)
    total = shares.sum()
    if type(values(total)) is not DuckArray and values(total) == 0:
        raise ValueError(
            f"{name}: there is no mean of losses that do not count: the weights of the {losses.size} samples add up "
            "to 0, those ignored counting 0; leave the batch out, or take reduction='sum'"
        )
    return losses.sum() / total


@entry(
    name="cross_entropy",
    samples=lambda r: [
        Sample((r(4, 3), np.array([0, 2, 1, 1]))),
        Sample((r(4, 3), np.array([0, 2, 1, 1])), {"reduction": "none"}),
        Sample((r(4, 3), np.array([0, 2, 1, 1])), {"reduction": "sum"}),
        Sample((r(4, 3), r(4, 3, low=0.1, high=1.0))),
        Sample((r(4, 3), r(4, 3, low=0.1, high=1.0)), {"reduction": "none"}),
        Sample((r(2, 3, 4), np.array([[0, 2, 1, 1], [2, 2, 0, 1]])), {"axis": 1}),
        Sample((r(2, 3, 4), r(2, 3, 4)), {"axis": 1, "reduction": "none"}),
        Sample((r(3), 2)),
        Sample((r(4, 3), np.array([0, 2, 1, 1])), {"weight": [0.5, 2.0, 0.0]}),
        Sample((r(4, 3), np.array([0, -1, 1, 1])), {"ignore_index": -1, "label_smoothing": 0.25}),
        Sample((r(4, 3), r(4, 3, low=0.1, high=1.0)), {"weight": [0.5, 2.0, 1.0], "label_smoothing": 0.1}),
    ],
)
def cross_entropy(
    logits: Any,
    target: Any,
    *,
    axis: int = -1,
    weight: Any = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Any:
    """E = −Σₖ tₖ ln yₖ with y = softmax(z);  ∂E/∂z = y Σₖ tₖ − t, which is y − t where Σₖ tₖ = 1.

    Softmax and logarithm in one, so that no logit overflows or rounds to ln 0.

    Parameters
    ----------
    logits : z, the scores before softmax, classes along ``axis``
    target : class numbers 0 … K−1, of the logits' shape without ``axis``; or t, of the logits' shape
    weight : wₖ, one for each class: E = −Σₖ wₖ tₖ ln yₖ. The mean over labels is Σ E / Σ w, of the labels' weights,
        that over probabilities is over the samples, as in PyTorch
    ignore_index : a label whose samples cost nothing, get no gradient and do not count in the mean; by default there
        is none (PyTorch's is −100)
    label_smoothing : ε, from 0 to 1: (1 − ε) tₖ + ε/K in place of tₖ
    reduction : over the samples: "mean", "sum" or "none"

    Raises ValueError for labels out of range, shapes that do not fit and a mean of samples that all count nothing,
    TypeError for labels that are not integers.

    Source: H. M. M. Vege, "Neural networks and Back Propagation" (2018), equations 10 and 39; of label smoothing,
    C. Szegedy et al., "Rethinking the Inception Architecture for Computer Vision" (2015), section 7.

    >>> z = np.array([[0.0, np.log(3.0)]])
    >>> tl.grad(tl.cross_entropy)(z, [1])
    array([[ 0.25, -0.25]])
    """
    if reduction not in REDUCTIONS:
        raise ValueError(f"cross_entropy: reduction must be one of {', '.join(REDUCTIONS)}, not {reduction!r}")
    z = floating(array(logits))
    t = array(listed_beside(target, z))
    if z.dtype is HALF:
        options = {"axis": axis, "weight": weight, "ignore_index": ignore_index, "label_smoothing": label_smoothing}
        return in_half(cross_entropy(z.astype(np.float32), t, reduction=reduction, **options), t)
    shape = z.shape
    if not shape:
        raise ValueError("cross_entropy: the logits are a single number; they need an axis of classes")
    if isinstance(label_smoothing, str) or not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing is a share, from 0 to 1; got {label_smoothing}")
    place = normalize_axis_index(axis, len(shape))
    samples, classes = shape[:place] + shape[place + 1 :], shape[place]
    rows, weights = classes_last(z, place), class_weights(listed_beside(weight, z), classes, z.dtype, "cross_entropy")
    if t.shape == samples:
        labels, kept = kept_numbers(t, classes, ignore_index, "cross_entropy")
        labels = labels if t.shape else placed_beside(labels, z)
        shares = shares_of(labels, kept, weights, z.dtype)
        if shares is None and not label_smoothing:
            losses = cross_entropy_of_labels_p(rows, labels=labels, reduction=reduction)
        else:
            targets = expected_of(label_mask(labels, classes).astype(z.dtype), weights, label_smoothing)
            if kept is not None:  # whatever the scores of ignored samples are
                rows, targets = np.where(kept[:, None], rows, 0), np.where(kept[:, None], targets, 0)
            losses = cross_entropy_p(rows, targets, reduction="none")
            losses = reduce_by_shares(losses, shares, reduction, "cross_entropy")
    elif t.shape == shape and t.dtype.kind not in "iub":
        if ignore_index is not None:
            raise ValueError("cross_entropy: ignore_index is a label; probabilities are left out by t = 0")
        targets = expected_of(classes_last(t, place), weights, label_smoothing)
        losses = cross_entropy_p(rows, targets, reduction=reduction)
    else:
        raise ValueError(
            f"cross_entropy: logits of shape {shape} with classes along axis {axis} take integer labels of shape "
            f"{samples} or floating-point probabilities of shape {shape}; got {t.dtype} of shape {t.shape}"
        )
    return losses.reshape(samples) if reduction == "none" and len(shape) != 2 else losses


def expected_of(t: Any, weights: Any, smoothing: float) -> Any:
    """wₖ ((1 − ε) tₖ + ε/K)."""
    if smoothing:
        t = (1 - smoothing) * t + smoothing / t.shape[1]
    return t if weights is None else t * weights


# ---------------------------------------------------------------------------------------------------------------------
# Binary cross-entropy


def broadcasts_to(shape: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    """Whether an array of one shape can stand for one of another."""
    ends = zip(shape[::-1], whole[::-1], strict=False)
    return len(shape) <= len(whole) and all(n in (1, m) for n, m in ends)


def weighted(losses: Any, weight: Any, name: str) -> Any:
    """Each loss times its weight, which broadcasts to their shape."""
    if weight is None:
        return losses
    w = array(listed_beside(weight, losses))
    if w.dtype.kind not in "biuf":
        raise TypeError(f"{name}: weights hold {w.dtype}, which are no numbers")
    if not broadcasts_to(w.shape, losses.shape):
        raise ValueError(f"{name}: weights of shape {w.shape} do not broadcast to losses of shape {losses.shape}")
    return losses * w.astype(losses.dtype)


def _binary_cross_entropy(p: Any, t: Any) -> Any:
    with np.errstate(divide="ignore"):  # ln 0 is cut off
        return -(t * np.maximum(np.log(p), -100) + (1 - t) * np.maximum(np.log1p(-p), -100))


def not_cut_off(p: Any) -> Any:
    """``p``, with PyTorch's 10⁻¹² where ln p is cut off, or 1/p is no number: a denominator."""
    if p.dtype == object:
        return p
    smallest = float(np.finfo(p.dtype).tiny)
    return np.where(p < max(math.exp(-100), smallest), max(1e-12, smallest), p)


def _binary_slope(p: Any, t: Any) -> Any:
    q, rest = not_cut_off(p), not_cut_off(1 - p)
    quotient = (p - t) / (q * rest)  # which cancels nothing; at p = 0 and 1 it is 0/0 where the target is met
    ends = (q != p) | (rest != 1 - p)
    return np.where(ends, (1 - t) / rest - t / q, quotient)[()] if some(ends) else quotient


binary_slope_p = primitive(
    _binary_slope,
    elementwise=True,
    definition=lambda p, t: (p - t) / (p * (1 - p)),
    p=lambda g, p, t: g * (t / not_cut_off(p) ** 2 + (1 - t) / not_cut_off(1 - p) ** 2),
    t=lambda g, p: -g * (1 / not_cut_off(p) + 1 / not_cut_off(1 - p)),
)

binary_cross_entropy_p = primitive(
    _binary_cross_entropy,
    elementwise=True,
    definition=lambda p, t: -(t * np.log(p) + (1 - t) * np.log(1 - p)),
    p=lambda g, p, t: g * binary_slope_p(p, t),
    t=lambda g, p: g * (np.maximum(np.log1p(-p), -100) - np.maximum(np.log(p), -100)),
)


@entry(
    name="binary_cross_entropy",
    composed=True,
    samples=lambda r: [
        Sample((r(4, 3, low=0.1, high=0.9), r(4, 3, low=0.0, high=1.0))),
        Sample((r(4, low=0.1, high=0.9), np.array([0, 1, 1, 0])), {"reduction": "none"}),
        Sample((r(2, 3, low=0.1, high=0.9), r(2, 3, low=0.0, high=1.0)), {"reduction": "sum"}),
        Sample((r(2, 3, low=0.1, high=0.9), r(2, 3, low=0.0, high=1.0)), {"weight": [0.5, 2.0, 0.0]}),
    ],
)
def binary_cross_entropy(p: Any, target: Any, *, weight: Any = None, reduction: str = "mean") -> Any:
    """E = −t ln p − (1 − t) ln(1 − p);  ∂E/∂p = (p − t)/(p (1 − p)). As in PyTorch, no logarithm is below −100;
    where it would be, at p = 0 or 1 against the target, the slope is ∓10¹².

    Parameters
    ----------
    p : probabilities, from 0 to 1
    target : t, of the same shape
    weight : what each loss is multiplied with, of a shape that broadcasts to p's
    reduction : over all entries: "mean", "sum" or "none"

    Raises ValueError for other shapes and for numbers that are no probabilities.

    Source: H. M. M. Vege, "Neural networks and Back Propagation" (2018), equation 11 and section 6.2.

    >>> tl.grad(tl.binary_cross_entropy)(0.25, 1.0)
    np.float64(-4.0)
    """
    p, t = floating(array(p)), array(target)
    if reduction not in REDUCTIONS:
        raise ValueError(f"binary_cross_entropy: reduction must be one of {', '.join(REDUCTIONS)}, not {reduction!r}")
    if p.shape != t.shape:
        raise ValueError(f"binary_cross_entropy: p and target need the same shape, got {p.shape} and {t.shape}")
    p = required(
        p,
        ~((p < 0) | (p > 1)),
        "binary_cross_entropy: p must lie between 0 and 1; for scores, see nn.binary_cross_entropy_with_logits",
    )
    losses = binary_cross_entropy_p(p, t.astype(p.dtype) if t.dtype.kind in "iub" else t)
    return reduce_losses(weighted(losses, weight, "binary_cross_entropy"), reduction)


# ---------------------------------------------------------------------------------------------------------------------
# Divergence


def _kl_div(x: Any, t: Any) -> Any:
    there = np.where(t == 0, 1, t)
    return np.where(t == 0, 0, there * (np.log(there) - x))


kl_div_p = primitive(
    _kl_div,
    elementwise=True,
    definition=lambda x, t: t * (np.log(t) - x),
    x=lambda g, t: -g * t,
    t=lambda g, x, t: g * (np.log(t) + 1 - x),
)


@entry(
    name="kl_div",
    composed=True,
    samples=lambda r: [
        Sample((r(4, 3), r(4, 3, low=0.1, high=1.0))),
        Sample((r(4), np.array([1, 1, 2, 1])), {"reduction": "none"}),
        Sample((r(2, 3), r(2, 3, low=0.1, high=1.0)), {"reduction": "batchmean"}),
        Sample((r(2, 3), r(2, 3)), {"log_target": True, "reduction": "sum"}),
    ],
)
@halves_in_single
def kl_div(input: Any, target: Any, *, log_target: bool = False, reduction: str = "mean") -> Any:
    """E = t (ln t − x), the summands of the Kullback–Leibler divergence of q from t, where x = ln q;  ∂E/∂x = −t.

    Parameters
    ----------
    input, target : x = ln q, and t, of one shape
    log_target : whether the target is ln t
    reduction : over all entries: "mean", "sum" or "none"; "batchmean" is the sum over the length of the first axis,
        and so the mean divergence of distributions in rows

    0 ln 0 is 0, as its limit. Raises ValueError for other shapes and for a negative t, which is no probability.

    Source: S. Kullback and R. A. Leibler, "On Information and Sufficiency" (1951), equation 2.4.

    >>> q, t = np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]])
    >>> tl.kl_div(np.log(q), t, reduction="batchmean").round(6)
    np.float64(0.693147)
    """
    if reduction not in (*REDUCTIONS, "batchmean"):
        raise ValueError(f"kl_div: reduction must be one of {', '.join(REDUCTIONS)}, batchmean, not {reduction!r}")
    x, t = floating(array(input)), array(target)
    if x.shape != t.shape:
        raise ValueError(f"kl_div: input and target need the same shape, got {x.shape} and {t.shape}")
    t = t.astype(x.dtype) if t.dtype.kind in "iub" else t
    if log_target:
        there = values(t) != -np.inf  # e^t (t − x) is 0 at its end
        t, x = np.where(there, t, 0), np.where(there, x, 0)
        losses = np.where(there, np.exp(t) * (t - x), 0)
    else:
        what = "kl_div: the target has negative entries, which are no probabilities; is it log_target=True?"
        losses = kl_div_p(x, required(t, ~(values(t) < 0), what))
    if reduction == "batchmean":
        return losses.sum() / (len(losses) if losses.ndim else 1)
    return reduce_losses(losses, reduction)
