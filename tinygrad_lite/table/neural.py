"""Layers and activations of neural networks, in stable closed forms.

Each closed form is the hand-derived result of a document: it is fast, and it is accepted because differentiating its
*definition* through ``exp``, ``sum`` and ``divide`` gives the same, not the other way round
(tests/table/test_licences.py).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from .arrays import HALF, array, floating, max_over, min_over, sum_over, summed, values_of
from .ducks import DuckArray
from .elementwise import keep
from .exact import logistic_slope, mended
from .leading import counting_axes, instead
from .primitive import Primitive
from .reals import number_alone
from .reductions import axes_of, axis_samples, with_axes
from .reductions import sum as sum_of
from .registry import Sample, entry, primitive
from .shapes import Axes, as_rows, matrix_transpose

# ---------------------------------------------------------------------------------------------------------------------
# Layers


def rows_of_each(g: Any) -> Any:
    """All axes but the last in one, of each along the leading axis."""
    return g.reshape((len(g), math.prod(g.shape[1:-1]), g.shape[-1]))


def _linear(x: Any, weight: Any, bias: Any) -> Any:
    y = x @ weight.mT
    if y.dtype != bias.dtype:
        return y + bias
    y += bias
    return y


linear_p = primitive(
    _linear,
    definition=lambda x, weight, bias: x @ weight.mT + bias,
    products=lambda y_shape, x_shape: math.prod(y_shape) * x_shape[-1],
    leading={
        "x": instead(lambda g, weight: (as_rows(g) @ weight).reshape((*g.shape[:-1], weight.shape[1]))),
        "weight": instead(lambda g, x: rows_of_each(g).mT @ as_rows(x)),
        "bias": instead(lambda g: summed(rows_of_each(g), 1)),
    },
    x=lambda g, weight: g @ weight,
    weight=lambda g, x: as_rows(g).mT @ as_rows(x),
    bias=lambda g: summed(as_rows(g), 0),
)


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
    if bias is None:
        return x @ (weight.mT if hasattr(type(weight), "mT") else matrix_transpose(weight))
    return linear_p(x, weight, bias)


# ---------------------------------------------------------------------------------------------------------------------
# Activations


def _sigmoid(x: Any) -> Any:
    try:
        with np.errstate(over="raise"):
            return 1 / (1 + np.exp(-x))
    except FloatingPointError:
        with np.errstate(over="ignore"):
            y = 1 / (1 + np.exp(-x))
        return mended(y, y == 0, np.exp, x)  # where e⁻ˣ is infinite, and eˣ a number yet


def sigmoid_plain(x: Any) -> Any:
    """Both forms, of numbers that are not looked at."""
    y = 1 / (1 + np.exp(-x))
    return np.where(y == 0, np.exp(x), y)


sigmoid_p = primitive(
    _sigmoid,
    plain=sigmoid_plain,
    elementwise=True,
    symbol="σ",
    definition=lambda x: 1 / (1 + np.exp(-x)),
    x=lambda g, y, x: g * logistic_slope(y, number_alone(x)),
)


@entry(name="sigmoid", method=True, samples=lambda r: [Sample((r(2, 3),)), Sample((r(),)), Sample((r(0, 3),))])
def sigmoid(x: Any) -> Any:
    """σ(x) = 1/(1 + e⁻ˣ);  σ' = σ (1 − σ). Never overflows.

    Source: H. M. M. Vege, "Neural networks and Back Propagation" (2018), equations 13 and 14.

    >>> tl.grad(tl.sigmoid)(0.0)
    np.float64(0.25)
    """
    return sigmoid_p(floating(array(x)))


def _relu(x: Any) -> Any:
    return np.maximum(x, 0)


relu_p = primitive(_relu, elementwise=True, definition=lambda x: np.where(x > 0, x, 0), x=lambda g, y: keep(g, y > 0))


def _sloped_relu(x: Any, *, slope_at_zero: float) -> Any:  # noqa: ARG001 (the rule wants it)
    return _relu(x)


sloped_relu_p = primitive(
    _sloped_relu,
    elementwise=True,
    symbol="relu",
    definition=lambda x, *, slope_at_zero: np.where(x > 0, x, np.where(x == 0, slope_at_zero * x, 0)),
    x=lambda g, x, slope_at_zero: keep(g, x > 0) + keep(g, x == 0) * slope_at_zero,
)


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


CLOSE: Final = 1.001
"""The logarithm of a number below this has lost digits when the number was rounded."""


def exponentials(x: Any, axis: Any) -> tuple[Any, Any]:
    """x − max x along the axis, of which no exponential overflows, and its exponentials."""
    shifted = x - max_over(x, axis, None, None, True)
    return shifted, np.exp(shifted)


def shifted_exponentials(x: Any, axis: Any) -> tuple[Any, Any, Any]:
    """:func:`exponentials`, and their sum along the axis."""
    shifted, e = exponentials(x, axis)
    return shifted, e, sum_over(e, axis, None, None, True)


def logarithm_of_sum(e: Any, total: Any, axis: Any) -> Any:
    """ln Σ e of exponentials, the largest of which is 1, or all 0: where the others are small, ln(1 + their sum)."""
    if not any_sure(total):
        return np.log(total)
    others = sum_over(np.where(e == 1, 0, e), axis, None, None, True)
    return np.where((total >= 1) & (total < CLOSE), np.log1p(others), np.log(total))


def any_sure(total: Any) -> Any:
    """Whether some sum of exponentials, the largest of which is 1, is hardly more than that one."""
    if type(total) is DuckArray:
        return True
    return total.dtype.kind != "O" and np.fmin.reduce(total, None, initial=CLOSE) < CLOSE  # quicker than any


def _softmax(x: Any, *, axis: tuple[int, ...]) -> Any:
    _, e, total = shifted_exponentials(x, axis)
    return e / total


def softmax_definition(x: Any, *, axis: tuple[int, ...]) -> Any:
    """eˣ / Σ eˣ."""
    e = np.exp(x)
    return e / np.sum(e, axis=axis, keepdims=True)


def line_sum(x: Any, axis: Any) -> Any:
    """The sum along the axis, which is kept, of a rule's numbers."""
    return sum_over(x, axis, None, None, True)


def any_certain(p: Any) -> Any:
    """Whether some probability is so nearly 1 that 1 less it has lost digits."""
    return p.dtype.kind == "f" and np.fmax.reduce(p, None, initial=0) * CLOSE >= 1  # quicker than any


def _less_mean(g_of_p: Any, p: Any, *, axis: tuple[int, ...]) -> Any:
    if any_certain(p):  # what is taken off all changes nothing
        certain = line_sum(np.where(p * CLOSE >= 1, g_of_p, 0), axis)
        g_of_p = g_of_p - np.where(np.isfinite(certain), certain, 0)
    return g_of_p - line_sum(g_of_p * p, axis)


def _less_share(g_of_x: Any, p: Any, *, axis: tuple[int, ...]) -> Any:
    d = g_of_x - p * line_sum(g_of_x, axis)
    if not any_certain(p):
        return d
    certain = p * CLOSE >= 1
    others, g_of_others = [line_sum(np.where(certain, 0, x), axis) for x in (p, g_of_x)]
    return np.where(certain, g_of_x * others - p * g_of_others, d)


less_mean: Primitive = primitive(
    _less_mean,
    broadcasts=True,
    elementwise=False,
    written=(mean_taken_off := lambda g_of_p, p, *, axis: g_of_p - summed(g_of_p * p, axis, True)),
    plain=mean_taken_off,
    g_of_p=lambda g, p, axis: less_share(g, p, axis=axis),
    p=lambda g, g_of_p, axis: -g_of_p * summed(g, axis, True),
)
"""gₖ − Σ gⱼ pⱼ of probabilities. Where a p is nearly 1, of 1 − p, the others' sum, no digit is lost."""

less_share: Primitive = primitive(
    _less_share,
    broadcasts=True,
    elementwise=False,
    written=(share_taken_off := lambda g_of_x, p, *, axis: g_of_x - p * summed(g_of_x, axis, True)),
    plain=share_taken_off,
    g_of_x=lambda g, p, axis: less_mean(g, p, axis=axis),
    p=lambda g, g_of_x, axis: -g * summed(g_of_x, axis, True),
)
"""gₖ − pₖ Σ gⱼ of probabilities, the transpose of :func:`less_mean`, and as exact."""


softmax_p = primitive(
    _softmax,
    definition=softmax_definition,
    leading=counting_axes,
    x=lambda g, y, axis: y * less_mean(g, y, axis=axis),
)


def _softmax_less_one(x: Any, *, axis: tuple[int, ...]) -> Any:
    return np.expm1(_log_softmax(x, axis=axis))


softmax_less_one = primitive(
    _softmax_less_one,
    written=lambda x, *, axis: softmax_p(x, axis=axis) - 1,
    leading=counting_axes,
    x=lambda g, x, axis: (y := softmax_p(x, axis=axis)) * less_mean(g, y, axis=axis),
)
"""y − 1 of y = softmax(x), with all its digits where y rounds to 1."""


@entry(
    name="softmax", method=True, samples=lambda r: [Sample((r(*shape),), options) for shape, options in SOFTMAX_SAMPLES]
)
def softmax(x: Any, axis: Axes = -1) -> Any:
    """yₖ = e^(xₖ) / Σⱼ e^(xⱼ);  ∂yₖ/∂xⱼ = yₖ (δⱼₖ − yⱼ). Never overflows.

    An entry −∞ is not there: its y is 0 whatever is added to it, and no gradient flows through it, were it infinite as
    that of the entropy −Σ y ln y (``scipy.special.entr(y).sum()``). Entries that are all −∞ give NaN.

    Source: H. M. M. Vege, "Neural networks and Back Propagation" (2018), equations 15 and 16.

    >>> z = np.array([0.0, np.log(3.0)])
    >>> tl.softmax(z)
    array([0.25, 0.75])
    >>> tl.jacobian(tl.softmax)(z)
    array([[ 0.1875, -0.1875],
           [-0.1875,  0.1875]])
    """
    x = floating(array(x))
    if x.dtype is HALF:
        return softmax(x.astype(np.float32), axis).astype(HALF)
    y = softmax_p(x, axis=axes_of(x, axis))
    numbers = values_of(x)
    if numbers.dtype.kind != "f" or (type(numbers) is not DuckArray and min_over(numbers, None, initial=0.0) > -np.inf):
        return y
    return keep(y, (numbers > -np.inf) | np.isnan(values_of(y)))


def _log_softmax(x: Any, *, axis: tuple[int, ...]) -> Any:
    shifted, e, total = shifted_exponentials(x, axis)
    return shifted - logarithm_of_sum(e, total, axis)


log_softmax_p = primitive(
    _log_softmax,
    definition=lambda x, *, axis: np.log(softmax_definition(x, axis=axis)),
    leading=counting_axes,
    x=lambda g, y, axis: less_share(g, np.exp(y), axis=axis),
)


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
    if x.dtype is HALF:
        return log_softmax(x.astype(np.float32), axis).astype(HALF)
    return log_softmax_p(x, axis=axes_of(x, axis))


@np.errstate(divide="ignore")  # ln 0 is −∞, which is right
def shifted_logarithm(x: Any, axis: tuple[int, ...]) -> Any:
    """ln Σ eˣ, of which no exponential overflows, with the axes kept."""
    top = max_over(x, axis, None, None, True)
    if x.dtype != object:
        top = np.where(np.isfinite(top), top, 0)  # ∞ − ∞ is no number
    e = np.exp(x - top)
    return logarithm_of_sum(e, sum_over(e, axis, None, None, True), axis) + top


def _logsumexp(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    y = shifted_logarithm(x, axis)
    return y if keepdims else y.squeeze(axis)


logsumexp_p = primitive(
    _logsumexp,
    definition=lambda x, *, axis, keepdims: np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims)),
    leading=counting_axes,
    x=lambda g, x, axis: with_axes(g, axis, x.ndim) * softmax_p(x, axis=axis),
)


@entry(
    name="logsumexp",
    method=True,
    samples=lambda r: axis_samples(r),
)
def logsumexp(x: Any, axis: Axes = None, *, keepdims: bool = False) -> Any:
    """ln Σ eˣ over the given axes, without overflow; ∂y/∂xᵢ = e^(xᵢ − y), the softmax; 0 where all entries are −∞,
    and 1 for an entry that alone is ∞.

    A closed form for speed: the same derivative follows from ``exp``, ``sum`` and ``log``.

    >>> tl.logsumexp(np.array([1000.0, 1000.0]))
    np.float64(1000.6931471805599)
    """
    x = floating(array(x))
    if x.dtype is HALF:
        return logsumexp(x.astype(np.float32), axis, keepdims=keepdims).astype(HALF)
    axes = axes_of(x, axis)
    y = logsumexp_p(x, axis=axes, keepdims=bool(keepdims))
    numbers = values_of(y)
    ends = abs(numbers) == np.inf
    if type(ends) is not DuckArray and not np.any(ends):
        return y
    infinite = values_of(x) == np.inf
    # of one infinite entry it is that entry; of several it is none of them, and has no slope
    there = with_axes(ends, axes, x.ndim) & (sum_over(infinite, axes, None, None, True) < 2)
    at_end = np.where(numbers > 0, sum_of(np.where(infinite, x, 0), axes, keepdims=keepdims), -np.inf)
    within = logsumexp_p(np.where(there, 0, x), axis=axes, keepdims=bool(keepdims))
    return np.where(there.reshape(numbers.shape), at_end, within)[()]
