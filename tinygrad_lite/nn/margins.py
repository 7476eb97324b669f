"""Losses with a margin: scores or distances that shall differ by at least so much, and cost nothing once they do.

At the margin itself the derivative is PyTorch's: that of the side where the loss is not 0; of ``multi_margin_loss``, 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..table.arrays import array, floating, values
from ..table.class_labels import at_labels, class_numbers, class_weights, label_mask, weights_at
from ..table.elementwise import clip
from ..table.elsewhere import listed_beside, placed_beside
from ..table.entropies import reduce_losses
from ..table.half_precision import halves_in_single
from ..table.joining import concatenate
from ..table.neural import relu
from ..table.norms import norm
from ..table.shapes import required
from ..table.units import positive_number
from .losses import binary_cross_entropy_with_logits, check_reduction, checked_pair, rows_and_labels


def excess(x: Any) -> Any:
    """max(x, 0), with derivative 1 at 0."""
    return clip(x, 0)


def signs(name: str, target: Any) -> Any:
    """The target; raises ValueError, in the loss's name, for one that is neither 1 nor −1."""
    message = f"{name}: the target holds 1 and -1 only (for classes 0 and 1, give 2 * target - 1)"
    return required(target, np.abs(values(target)) == 1, message)


def vectors(name: str, *given: Any) -> list[Any]:
    """Inputs as arrays of one shape, with an axis of components; raises ValueError otherwise."""
    found = [floating(array(x)) for x in given]
    if len({x.shape for x in found}) > 1 or not found[0].ndim:
        raise ValueError(f"{name}: takes vectors along the last axis, in one shape; got {[x.shape for x in found]}")
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Of scores


@halves_in_single
def hinge_loss(input: Any, target: Any, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """max(0, m − y x) of scores x and signs y, the loss of support vector machines.

    Raises ValueError for a target that is neither 1 nor −1.

    Source: C. Cortes and V. Vapnik, "Support-Vector Networks" (1995), equations 10 to 12.

    >>> nn.hinge_loss(np.array([0.25, 3.0]), np.array([1, -1]), reduction="none")
    array([0.75, 4.  ])
    """
    x, y = checked_pair("hinge_loss", input, target, reduction)
    y = signs("hinge_loss", y)
    return reduce_losses(excess(margin - y * x), reduction)


@halves_in_single
def soft_margin_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """ln(1 + e^(−y x)) of scores x and signs y: the binary cross-entropy of scores, for signs.

    Raises ValueError for a target that is neither 1 nor −1.

    >>> nn.soft_margin_loss(np.array([1000.0, -1000.0]), np.array([1, 1]), reduction="none")
    array([   0., 1000.])
    """
    x, y = checked_pair("soft_margin_loss", input, target, reduction)
    y = signs("soft_margin_loss", y)
    return reduce_losses(np.logaddexp(0, -y * x), reduction)


@halves_in_single
def multilabel_soft_margin_loss(input: Any, target: Any, *, weight: Any = None, reduction: str = "mean") -> Any:
    """The mean over the classes, the last axis, of the binary cross-entropies of scores x and truths t, 0 or 1.

    Parameters
    ----------
    weight : one number for each class, by default 1
    reduction : over the samples: "mean", "sum" or "none"

    >>> nn.multilabel_soft_margin_loss(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]])).round(6)
    np.float64(0.693147)
    """
    name = "multilabel_soft_margin_loss"
    x, t = checked_pair(name, input, target, reduction)
    if not x.ndim:
        raise ValueError(f"{name}: takes scores along the last axis, got a single number")
    weights = class_weights(listed_beside(weight, x), x.shape[-1], x.dtype, name)
    losses = binary_cross_entropy_with_logits(x, t, weight=weights, reduction="none")
    return reduce_losses(losses.mean(axis=-1), reduction)


@halves_in_single
def multi_margin_loss(
    input: Any, target: Any, *, p: float = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
) -> Any:
    """w Σ max(0, m − xₖ + xⱼ)ᵖ / K over the classes j other than the label's, k.

    Parameters
    ----------
    input : x, scores of K classes along the last axis
    target : k, class numbers, of the same shape without that axis
    p : 1 or 2
    margin : m
    weight : w of the label's class, one for each class, by default 1; the mean is over the samples, whatever their w
    reduction : over the samples: "mean", "sum" or "none"

    Source: K. Crammer and Y. Singer, "On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines"
    (2001), section 3, with a sum in place of the maximum.

    >>> nn.multi_margin_loss(np.array([[0.25, 0.5, -1.0]]), [1])
    np.float64(0.25)
    """
    check_reduction("multi_margin_loss", reduction)
    if p not in (1, 2):
        raise ValueError(f"multi_margin_loss: p must be 1 or 2, got {p}")
    rows, t, samples = rows_and_labels("multi_margin_loss", input, target, -1)
    classes = rows.shape[1]
    labels = class_numbers(t, classes, "multi_margin_loss")
    weights = class_weights(listed_beside(weight, rows), classes, rows.dtype, "multi_margin_loss")
    beyond = relu(margin - at_labels(rows, labels)[:, None] + rows)
    beyond = np.where(label_mask(labels, classes), 0, beyond if p == 1 else np.square(beyond))
    losses = beyond.sum(axis=1) / classes
    losses = losses if weights is None else losses * weights_at(weights, labels)
    return reduce_losses(losses.reshape(samples), reduction)


@halves_in_single
def margin_ranking_loss(input1: Any, input2: Any, target: Any, *, margin: float = 0.0, reduction: str = "mean") -> Any:
    """max(0, m − y (x₁ − x₂)): the first score shall be larger where y = 1, the second where y = −1.

    Raises ValueError for other shapes than one, and for a target that is neither 1 nor −1.

    >>> nn.margin_ranking_loss(np.array([1.0, 1.0]), np.array([0.0, 3.0]), np.array([1, 1]), reduction="none")
    array([0., 2.])
    """
    x, y = checked_pair("margin_ranking_loss", input1, target, reduction)
    other, _ = checked_pair("margin_ranking_loss", input2, target, reduction)
    y = signs("margin_ranking_loss", y)
    return reduce_losses(excess(margin - y * (x - other)), reduction)


# ---------------------------------------------------------------------------------------------------------------------
# Of distances


@halves_in_single
def hinge_embedding_loss(input: Any, target: Any, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """d where y = 1, max(0, m − d) where y = −1, of distances d: alike shall be near, and others far.

    Raises ValueError for a target that is neither 1 nor −1.

    Source: R. Hadsell et al., "Dimensionality Reduction by Learning an Invariant Mapping" (2006), without squares.

    >>> nn.hinge_embedding_loss(np.array([0.25, 0.25]), np.array([1, -1]), reduction="none")
    array([0.25, 0.75])
    """
    d, y = checked_pair("hinge_embedding_loss", input, target, reduction)
    y = signs("hinge_embedding_loss", y)
    return reduce_losses(np.where(values(y) > 0, d, excess(margin - d)), reduction)


def bounded_length(length: Any, least: float) -> Any:
    """A length, or the least there is in its place: a choice, so that a norm at 0 has no part in second derivatives."""
    return np.where(length < least, length.dtype.type(least), length)


@halves_in_single
def cosine_similarity(x1: Any, x2: Any, *, axis: int = 1, eps: float = 1e-8) -> Any:
    """x₁ · x₂ / (‖x₁‖ ‖x₂‖) along an axis, each length at least ``eps``: of the zero vector 0.

    >>> nn.cosine_similarity(np.array([[3.0, 4.0]]), np.array([[4.0, 3.0]]))
    array([0.96])
    """
    a, b = vectors("cosine_similarity", x1, x2)
    directions = [x / bounded_length(norm(x, axis=axis, keepdims=True), eps) for x in (a, b)]
    return (directions[0] * directions[1]).sum(axis=axis)


@halves_in_single
def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, *, margin: float = 0.0, reduction: str = "mean"
) -> Any:
    """1 − c where y = 1, max(0, c − m) where y = −1, of the cosine c of two vectors along the last axis.

    As in PyTorch, c = x₁ · x₂ / √((‖x₁‖² + ε) (‖x₂‖² + ε)) with ε = 10⁻¹², so that that of the zero vector is 0.

    Raises ValueError for shapes that do not fit, and for a target that is neither 1 nor −1.

    >>> a, b = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[0.0, 2.0], [3.0, 0.0]])
    >>> nn.cosine_embedding_loss(a, b, np.array([1, -1]), reduction="none").round(6)
    array([1., 1.])
    """
    name = "cosine_embedding_loss"
    check_reduction(name, reduction)
    a, b = vectors(name, input1, input2)
    y = array(target)
    if y.shape != a.shape[:-1]:
        raise ValueError(f"{name}: vectors of shape {a.shape} take signs of {a.shape[:-1]}, got {y.shape}")
    y = signs(name, y)
    # √(‖x‖² + ε) is the length of x with one component more, √ε
    longer = [concatenate([x, placed_beside(np.full((*y.shape, 1), 1e-6, x.dtype), x)], -1) for x in (a, b)]
    directions = [x / norm(more, axis=-1, keepdims=True) for x, more in zip((a, b), longer, strict=True)]
    c = (directions[0] * directions[1]).sum(axis=-1)
    return reduce_losses(np.where(values(y) > 0, 1 - c, excess(c - margin)), reduction)


@halves_in_single
def pairwise_distance(x1: Any, x2: Any, *, p: float = 2.0, eps: float = 1e-6, keepdims: bool = False) -> Any:
    """‖x₁ − x₂ + ε‖ₚ along the last axis.

    As in PyTorch, ε is added to each difference, so that the derivative at distance 0 is not 0; with ``eps=0`` it is
    the distance itself, whose derivative is taken as 0 there.

    >>> nn.pairwise_distance(np.array([3.0, 4.0]), np.zeros(2), eps=0)
    np.float64(5.0)
    """
    a, b = vectors("pairwise_distance", x1, x2)
    return norm(a - b + eps, p, axis=-1, keepdims=keepdims)


@halves_in_single
def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """max(0, d(a, b) − d(a, n) + m): what is alike, a and b, shall be nearer by m than what is not, a and n.

    Parameters
    ----------
    anchor, positive, negative : a, b and n, of one shape, vectors along the last axis
    margin : m > 0
    p, eps : of the distances d; see :func:`pairwise_distance`
    swap : whether d(b, n) counts in place of d(a, n) where it is smaller
    reduction : over the triplets: "mean", "sum" or "none"

    Raises ValueError for other shapes than one and for a margin that is not positive.

    Source: V. Balntas et al., "Learning local feature descriptors with triplets and shallow convolutional neural
    networks" (2016), sections 3.1 and 3.3.

    >>> a, n = np.array([[0.0, 0.0]]), np.array([[0.0, 0.25]])
    >>> nn.triplet_margin_loss(a, a, n, eps=0)
    np.float64(0.75)
    """
    check_reduction("triplet_margin_loss", reduction)
    positive_number("triplet_margin_loss", margin=margin)
    a, b, n = vectors("triplet_margin_loss", anchor, positive, negative)
    near, far = pairwise_distance(a, b, p=p, eps=eps), pairwise_distance(a, n, p=p, eps=eps)
    if swap:
        far = np.minimum(far, pairwise_distance(b, n, p=p, eps=eps))
    return reduce_losses(excess(near - far + margin), reduction)
