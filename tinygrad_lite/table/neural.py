"""Activations and losses of neural networks, in stable closed forms.

Each closed form is the hand-derived result of a document: it is fast, and it is accepted because differentiating its
*definition* through ``exp``, ``sum`` and ``divide`` gives the same (tests/test_licences.py), not the other way round.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .arrays import max_over, sum_over
from .elementwise import keep
from .reductions import axes_of, axis_samples, floating, kept
from .registry import Sample, entry, primitive
from .shapes import Axes, array

# ---------------------------------------------------------------------------------------------------------------------
# The primitives


def _sigmoid(x: Any) -> Any:
    with np.errstate(over="ignore"):  # e⁻ˣ = ∞ gives 0, which is right
        return 1 / (1 + np.exp(-x))


def _relu(x: Any) -> Any:
    return np.maximum(x, 0)


def _sloped_relu(x: Any, *, slope_at_zero: float) -> Any:  # noqa: ARG001 (the rule wants it)
    return np.maximum(x, 0)


def _logsumexp(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    top = max_over(x, axis, None, None, True)
    if x.dtype != object:
        top = np.where(np.isfinite(top), top, 0)  # ∞ − ∞ is no number
    y = np.log(sum_over(np.exp(x - top), axis, None, None, True)) + top
    return y if keepdims else y.squeeze(axis)


def _softmax(x: Any, *, axis: tuple[int, ...]) -> Any:
    e = np.exp(x - max_over(x, axis, None, None, True))
    return e / sum_over(e, axis, None, None, True)


def _log_softmax(x: Any, *, axis: tuple[int, ...]) -> Any:
    shifted = x - max_over(x, axis, None, None, True)
    return shifted - np.log(sum_over(np.exp(shifted), axis, None, None, True))


sigmoid_p = primitive(_sigmoid, x=lambda g, y: g * (y * (1 - y)))
relu_p = primitive(_relu, x=lambda g, y: keep(g, y > 0))
sloped_relu_p = primitive(
    _sloped_relu,
    x=lambda g, x, slope_at_zero: keep(g, x > 0) + keep(g, x == 0) * slope_at_zero,
)
softmax_p = primitive(_softmax, x=lambda g, y, axis: y * (g - (g * y).sum(axis=axis, keepdims=True)))
logsumexp_p = primitive(_logsumexp, x=lambda g, x, axis: kept(g, axis, x.shape) * softmax_p(x, axis=axis))
log_softmax_p = primitive(_log_softmax, x=lambda g, y, axis: g - np.exp(y) * g.sum(axis=axis, keepdims=True))


def _cross_entropy(z: Any, t: Any, *, reduction: str) -> Any:
    logarithms = _log_softmax(z, axis=(1,))
    # 0 ln 0 is 0, as its limit
    return reduced(-sum_over(t * np.where(t == 0, 0, logarithms), 1), reduction), np.exp(logarithms)


def _cross_entropy_of_labels(z: Any, *, labels: Any, reduction: str) -> Any:
    shifted = z - max_over(z, 1, None, None, True)
    e = np.exp(shifted)
    sums = sum_over(e, 1, None, None, True)
    at = (np.arange(len(labels)), labels)
    losses = np.log(sums[:, 0]) - shifted[at]
    d = e / sums
    d[at] -= 1
    return reduced(losses, reduction), d


def reduced(losses: Any, reduction: str) -> Any:
    """The losses of a batch, or their sum or mean."""
    if reduction == "none":
        return losses
    total = sum_over(losses)
    return total / len(losses) if reduction == "mean" else total


def weights(g: Any, n: int, reduction: str) -> Any:
    """What each sample's gradient is multiplied by: a column, or one number for all."""
    if reduction == "none":
        return g.reshape((n, 1))
    return g / n if reduction == "mean" else g


# y and y − t are at hand when the loss is known; the rules name z and labels for their definitions' sake
cross_entropy_p = primitive(
    _cross_entropy,
    remembers={"p": lambda z: softmax_p(z, axis=(1,))},
    z=lambda g, p, z, t, reduction: (p * t.sum(axis=1, keepdims=True) - t) * weights(g, len(t), reduction),
    t=lambda g, z, reduction: -log_softmax_p(z, axis=(1,)) * weights(g, len(z), reduction),
)
cross_entropy_of_labels_p = primitive(
    _cross_entropy_of_labels,
    remembers={"d": lambda z, labels: softmax_p(z, axis=(1,)) - one_hot(labels, z.shape[1])},
    z=lambda g, d, z, labels, reduction: d * weights(g, len(labels), reduction),
)


def one_hot(labels: Any, classes: int) -> Any:
    """A row of booleans for each label, true at the label."""
    return labels[:, None] == np.arange(classes)


def _linear(x: Any, weight: Any, bias: Any) -> Any:
    y = x @ weight.mT
    if y.dtype != bias.dtype:
        return y + bias
    y += bias
    return y


linear_p = primitive(
    _linear,
    x=lambda g, weight: g @ weight,
    weight=lambda g, x: as_matrix(g).mT @ as_matrix(x),
    bias=lambda g: as_matrix(g).sum(axis=0),
)


def as_matrix(x: Any) -> Any:
    """All axes but the last in one."""
    return x if x.ndim == 2 else x.reshape((math.prod(x.shape[:-1]), x.shape[-1]))


@entry(
    name="linear",
    samples=lambda r: [
        Sample((r(4, 3), r(2, 3), r(2))),
        Sample((r(3), r(2, 3), r(2))),
        Sample((r(2, 4, 3), r(2, 3), r(2))),
        Sample((r(4, 3), r(2, 3))),
        Sample((r(0, 3), r(2, 3), r(2))),
    ],
)
def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """y = x Wᵀ + b for each row of x;  ∂E/∂x = g W,  ∂E/∂W = gᵀ x,  ∂E/∂b = Σ g.

    Parameters
    ----------
    x : of shape (…, inputs)
    weight : W, of shape (outputs, inputs)
    bias : b, of shape (outputs,), or None

    Raises ValueError for shapes that do not fit.

    Source: H. M. M. Vege, "Neural networks and Back Propagation" (2018), equations 3, 36 and 37, with samples in rows.

    >>> tl.linear(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]), np.array([0.5]))
    array([[11.5]])
    """
    x, weight = array(x), array(weight)
    bias = None if bias is None else array(bias)
    outputs, inputs = weight.shape if weight.ndim == 2 else (None, None)
    if x.shape[-1:] != (inputs,) or (bias is not None and bias.shape != (outputs,)):
        raise ValueError(
            f"linear: takes x of shape (…, inputs), weight (outputs, inputs) and bias (outputs,); got {x.shape}, "
            f"{weight.shape} and {None if bias is None else bias.shape}"
        )
    return x @ weight.mT if bias is None else linear_p(x, weight, bias)


# ---------------------------------------------------------------------------------------------------------------------
# Activations


@entry(name="sigmoid", method=True, samples=lambda r: [Sample((r(2, 3),)), Sample((r(),)), Sample((r(0, 3),))])
def sigmoid(x: Any) -> Any:
    """σ(x) = 1/(1 + e⁻ˣ);  σ' = σ (1 − σ). Never overflows.

    Source: H. M. M. Vege, "Neural networks and Back Propagation" (2018), equations 13 and 14.

    >>> tl.grad(tl.sigmoid)(0.0)
    np.float64(0.25)
    """
    return sigmoid_p(floating(array(x)))


def away_from_0(x: Any) -> Any:
    """Entries at least 0.1 from the kink, for central differences."""
    return x + np.copysign(0.1, x)


@entry(
    name="relu",
    method=True,
    samples=lambda r: [
        Sample((r(2, 3),)),
        Sample((away_from_0(r(33, 32)),)),
        Sample((r(),)),
        Sample((r(0, 3),)),
        Sample((r(4),), {"slope_at_zero": 0.5}),
    ],
)
def relu(x: Any, *, slope_at_zero: float = 0.0) -> Any:
    """max(x, 0); the derivative is 1 for x > 0, 0 for x < 0, and ``slope_at_zero`` at 0, where there is none.

    0 is PyTorch's and JAX's choice; H. M. M. Vege, "Neural networks and Back Propagation" (2018), equation 20, takes 1.

    >>> [tl.grad(tl.relu)(0.0).item(), tl.grad(lambda x: tl.relu(x, slope_at_zero=1.0))(0.0).item()]
    [0.0, 1.0]
    """
    return relu_p(x) if slope_at_zero == 0 else sloped_relu_p(array(x), slope_at_zero=float(slope_at_zero))


SOFTMAX_SAMPLES: list[tuple[tuple[int, ...], dict[str, Any]]] = [
    ((2, 3), {}),
    ((2, 3), {"axis": 0}),
    ((2, 3, 2), {"axis": (0, -1)}),
    ((3,), {"axis": None}),
    ((0, 3), {}),
]


@entry(
    name="softmax", method=True, samples=lambda r: [Sample((r(*shape),), options) for shape, options in SOFTMAX_SAMPLES]
)
def softmax(x: Any, axis: Axes = -1) -> Any:
    """yₖ = e^(xₖ) / Σⱼ e^(xⱼ);  ∂yₖ/∂xⱼ = yₖ (δⱼₖ − yⱼ). Never overflows.

    Source: H. M. M. Vege, "Neural networks and Back Propagation" (2018), equations 15 and 16.

    >>> z = np.array([0.0, np.log(3.0)])
    >>> tl.softmax(z)
    array([0.25, 0.75])
    >>> tl.jacobian(tl.softmax)(z)
    array([[ 0.1875, -0.1875],
           [-0.1875,  0.1875]])
    """
    x = floating(array(x))
    return softmax_p(x, axis=axes_of(x, axis))


@entry(
    name="log_softmax",
    method=True,
    samples=lambda r: [Sample((r(*shape),), options) for shape, options in SOFTMAX_SAMPLES],
)
def log_softmax(x: Any, axis: Axes = -1) -> Any:
    """yₖ = xₖ − ln Σⱼ e^(xⱼ);  ∂yₖ/∂xⱼ = δⱼₖ − e^(yⱼ). Exact where softmax rounds to 0.

    >>> tl.log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    x = floating(array(x))
    return log_softmax_p(x, axis=axes_of(x, axis))


@entry(
    name="logsumexp",
    method=True,
    samples=lambda r: axis_samples(r),
)
def logsumexp(x: Any, axis: Axes = None, *, keepdims: bool = False) -> Any:
    """ln Σ eˣ over the given axes, without overflow; ∂y/∂xᵢ = e^(xᵢ − y), the softmax.

    A closed form for speed: the same derivative follows from ``exp``, ``sum`` and ``log`` (tests/test_licences.py).

    >>> tl.logsumexp(np.array([1000.0, 1000.0]))
    np.float64(1000.6931471805599)
    """
    x = floating(array(x))
    return logsumexp_p(x, axis=axes_of(x, axis), keepdims=bool(keepdims))


# ---------------------------------------------------------------------------------------------------------------------
# Losses

REDUCTIONS = ("mean", "sum", "none")


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
    ],
)
def cross_entropy(logits: Any, target: Any, *, axis: int = -1, reduction: str = "mean") -> Any:
    """E = −Σₖ tₖ ln yₖ with y = softmax(z);  ∂E/∂z = y Σₖ tₖ − t, which is y − t where Σₖ tₖ = 1.

    Softmax and logarithm in one, so that no logit overflows or rounds to ln 0.

    Parameters
    ----------
    logits : z, the scores before softmax, classes along ``axis``
    target : class numbers 0 … K−1, of the logits' shape without ``axis``; or t, of the logits' shape
    reduction : over the samples: "mean", "sum" or "none"

    Raises ValueError for labels out of range and shapes that do not fit, TypeError for labels that are not integers.

    Source: H. M. M. Vege, "Neural networks and Back Propagation" (2018), equations 10 and 39.

    >>> z = np.array([[0.0, np.log(3.0)]])
    >>> tl.grad(tl.cross_entropy)(z, [1])
    array([[ 0.25, -0.25]])
    """
    if reduction not in REDUCTIONS:
        raise ValueError(f"cross_entropy: reduction must be one of {', '.join(REDUCTIONS)}, not {reduction!r}")
    z, t = floating(array(logits)), array(target)
    shape = z.shape
    if not shape:
        raise ValueError("cross_entropy: the logits are a single number; they need an axis of classes")
    place = normalize_axis_index(axis, len(shape))
    samples = shape[:place] + shape[place + 1 :]
    if t.shape == samples:
        labels = class_numbers(t, shape[place])
        losses = cross_entropy_of_labels_p(rows(z, place), labels=labels, reduction=reduction)
    elif t.shape == shape and t.dtype.kind not in "iub":
        losses = cross_entropy_p(rows(z, place), rows(t, place), reduction=reduction)
    else:
        raise ValueError(
            f"cross_entropy: logits of shape {shape} with classes along axis {axis} take integer labels of shape "
            f"{samples} or floating-point probabilities of shape {shape}; got {t.dtype} of shape {t.shape}"
        )
    return losses.reshape(samples) if reduction == "none" and len(shape) != 2 else losses


def rows(x: Any, axis: int) -> Any:
    """``x`` as a matrix with the given axis along its rows."""
    if x.ndim == 2 and axis == 1:
        return x
    if axis != x.ndim - 1:
        x = np.moveaxis(x, axis, -1)
    return x.reshape((-1, x.shape[-1]))


def class_numbers(labels: Any, classes: int, name: str = "cross_entropy") -> Any:
    """Labels as a checked vector of integers."""
    numbers = np.asarray(labels).reshape(-1)
    if numbers.dtype.kind not in "iu":
        raise TypeError(f"{name}: labels must be integers, got {numbers.dtype}; probabilities need an axis of classes")
    numbers = numbers.astype(np.intp, copy=False)
    # seen as unsigned, a negative label is a huge one: one pass finds both
    if numbers.size and max_over(numbers.view(np.uintp)) >= classes:
        raise ValueError(f"{name}: labels must lie in 0 … {classes - 1}, got {numbers.min()} … {numbers.max()}")
    return numbers


def _binary_cross_entropy(p: Any, t: Any) -> Any:
    with np.errstate(divide="ignore"):  # ln 0 is cut off
        return -(t * np.maximum(np.log(p), -100) + (1 - t) * np.maximum(np.log1p(-p), -100))


binary_cross_entropy_p = primitive(
    _binary_cross_entropy,
    p=lambda g, p, t: g * (p - t) / np.maximum(p * (1 - p), 1e-12),
    t=lambda g, p: g * (np.maximum(np.log1p(-p), -100) - np.maximum(np.log(p), -100)),
)


@entry(
    name="binary_cross_entropy",
    samples=lambda r: [
        Sample((r(4, 3, low=0.1, high=0.9), r(4, 3, low=0.0, high=1.0))),
        Sample((r(4, low=0.1, high=0.9), np.array([0, 1, 1, 0])), {"reduction": "none"}),
        Sample((r(2, 3, low=0.1, high=0.9), r(2, 3, low=0.0, high=1.0)), {"reduction": "sum"}),
    ],
)
def binary_cross_entropy(p: Any, target: Any, *, reduction: str = "mean") -> Any:
    """E = −t ln p − (1 − t) ln(1 − p);  ∂E/∂p = (p − t)/(p (1 − p)). As in PyTorch, no logarithm is below −100.

    Parameters
    ----------
    p : probabilities, from 0 to 1
    target : t, of the same shape
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
    if np.any((p < 0) | (p > 1)):
        raise ValueError(
            "binary_cross_entropy: p must lie between 0 and 1; for scores, see nn.binary_cross_entropy_with_logits"
        )
    losses = binary_cross_entropy_p(p, t.astype(p.dtype) if t.dtype.kind in "iub" else t)
    return losses if reduction == "none" else losses.mean() if reduction == "mean" else losses.sum()
