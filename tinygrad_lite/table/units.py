"""Activations of networks beside the classical ones: units that are linear, bent, gated or cut off.

Each is written in functions of the table, so that derivatives of every order follow; no branch that is not taken
overflows. NaN stays NaN. At a kink the derivative is PyTorch's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .arrays import array, floating
from .exact import to_largest
from .gates import _hardswish, _mish, _silu, gated, gelu_by_tanh, is_array_of_floats
from .neural import away_from_0, sigmoid, sigmoid_p
from .registry import Draw, Sample, Samples, entry, primitive
from .special import normal_below


def numbers(x: Any) -> Any:
    """``x`` as an array of floating-point numbers."""
    return floating(array(x))


def positive_number(name: str, **given: float) -> None:
    """Raise ValueError, in the function's name, for a parameter that is not positive, TypeError for no number."""
    for parameter, value in given.items():
        if value is None or isinstance(value, (str, bytes)):
            raise TypeError(f"{name}: {parameter} is a number, not {value!r}")
        if not value > 0:
            raise ValueError(f"{name}: {parameter} must be positive, got {value}")


def smooth(*options: dict[str, Any]) -> Samples:
    """Samples of a function without kinks, with these options."""
    return lambda r: [Sample((r(2, 3),)), Sample((r(),)), Sample((r(0, 3),)), *[Sample((r(4),), o) for o in options]]


def bent(*options: dict[str, Any], scale: float = 1.0) -> Samples:
    """Samples away from 0, and so, in units of ``scale``, between kinks at whole numbers; with these options."""

    def samples(r: Draw) -> list[Sample]:
        beside_kinks = scale * np.array([-2.6, -1.4, -0.6, -0.3, 0.4, 0.7, 1.6, 2.3])
        return [Sample((away_from_0(r(2, 3, low=-0.8, high=0.8)),)), Sample((beside_kinks,)), Sample((r(0, 3),)),
                *[Sample((beside_kinks,), o) for o in options]]  # fmt: skip

    return samples


# ---------------------------------------------------------------------------------------------------------------------
# Exponential on the left


@entry(name="elu", samples=bent({"alpha": 0.5}))
def elu(x: Any, alpha: float = 1.0) -> Any:
    """y = x for x > 0, else α (eˣ − 1);  dy/dx = 1 for x > 0, else α eˣ.

    Source: D.-A. Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units" (2015),
    equation 15.

    >>> tl.elu(np.array([-np.log(2.0), 2.0]))
    array([-0.5,  2. ])
    """
    x = numbers(x)
    return np.where(x > 0, x, alpha * np.expm1(np.where(x > 0, 0, x)))


ALPHA = 1.6732632423543772
SCALE = 1.0507009873554805


@entry(name="selu", samples=bent())
def selu(x: Any) -> Any:
    """y = s x for x > 0, else s α (eˣ − 1), with s = 1.0507… and α = 1.6732…, which keep mean 0 and variance 1.

    Source: G. Klambauer et al., "Self-Normalizing Neural Networks" (2017), equations 2 and 14.

    >>> tl.selu(np.array([-1.0, 1.0])).round(4)
    array([-1.1113,  1.0507])
    """
    return SCALE * elu(x, ALPHA)


@entry(name="celu", samples=bent({"alpha": 0.5}))
def celu(x: Any, alpha: float = 1.0) -> Any:
    """y = x for x > 0, else α (e^(x/α) − 1);  dy/dx = 1 for x > 0, else e^(x/α): continuous for every α.

    Raises ValueError for an ``alpha`` that is not positive.

    Source: J. T. Barron, "Continuously Differentiable Exponential Linear Units" (2017), equation 2.

    >>> tl.grad(tl.celu)(0.0, alpha=2.0)
    np.float64(1.0)
    """
    positive_number("celu", alpha=alpha)
    x = numbers(x)
    return np.where(x > 0, x, alpha * np.expm1(np.where(x > 0, 0, x) / alpha))


# ---------------------------------------------------------------------------------------------------------------------
# Two slopes


@entry(name="leaky_relu", samples=bent({"negative_slope": 0.3}))
def leaky_relu(x: Any, negative_slope: float = 0.01) -> Any:
    """y = x for x > 0, else s x;  dy/dx = 1 for x > 0, else s, the ``negative_slope``.

    Source: A. L. Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models" (2013), section 2.

    >>> tl.leaky_relu(np.array([-1.0, 2.0]), 0.1)
    array([-0.1,  2. ])
    """
    x = numbers(x)
    if isinstance(negative_slope, str):
        raise TypeError(f"leaky_relu: negative_slope is a number, not {negative_slope!r}")
    return np.where(x > 0, x, negative_slope * x)


@entry(
    name="prelu",
    samples=lambda r: [
        Sample((away_from_0(r(2, 3)), r(3))),
        Sample((away_from_0(r(2, 3, 2)), r(3))),
        Sample((away_from_0(r(4)), r(1))),
    ],
)
def prelu(x: Any, weight: Any) -> Any:
    """y = x for x > 0, else a x, with a learned slope for each channel;  ∂y/∂x = 1 or a,  ∂y/∂a = x for x ≤ 0.

    Parameters
    ----------
    x : channels along axis 1
    weight : a, of shape (1,) for all channels, or (channels,)

    Raises ValueError for a weight of another shape.

    Source: K. He et al., "Delving Deep into Rectifiers" (2015), equation 1.

    >>> tl.prelu(np.array([[-1.0, -1.0]]), np.array([0.5, 0.25]))
    array([[-0.5 , -0.25]])
    """
    x, slope = numbers(x), numbers(weight)
    channels = x.shape[1] if x.ndim > 1 else 1
    if slope.shape not in ((1,), (channels,)):
        raise ValueError(
            f"prelu: x of shape {x.shape} takes a weight of shape (1,) or ({channels},), got {slope.shape}"
        )
    return np.where(x > 0, x, (slope.reshape((-1, *[1] * (x.ndim - 2))) if x.ndim > 1 else slope) * x)


# ---------------------------------------------------------------------------------------------------------------------
# Smooth


@entry(name="softplus", samples=smooth({"beta": 2.5}, {"beta": 2.0, "threshold": 0.1}))
def softplus(x: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """y = ln(1 + e^(βx)) / β, a smooth maximum of x and 0;  dy/dx = σ(βx).

    Where βx is above the threshold, y is x itself, as in PyTorch, and off by up to e^(−threshold)/β;
    ``threshold=np.inf`` is the function to all its digits: it needs no threshold against overflow.

    Raises ValueError for a ``beta`` that is not positive.

    >>> tl.softplus(np.array([-1000.0, 1000.0])), tl.softplus(0.0).round(6)
    (array([   0., 1000.]), np.float64(0.693147))
    """
    positive_number("softplus", beta=beta)
    x = numbers(x)
    scaled = beta * x
    curved = np.logaddexp(0, scaled) / beta
    return curved if threshold == np.inf else np.where(scaled > threshold, x, curved)


@entry(name="logsigmoid", samples=smooth())
def logsigmoid(x: Any) -> Any:
    """y = ln σ(x) = −ln(1 + e⁻ˣ);  dy/dx = σ(−x). Exact where the sigmoid rounds to 0 or 1.

    >>> tl.logsigmoid(np.array([-1000.0, 1000.0]))
    array([-1000.,    -0.])
    """
    return -np.logaddexp(0, -numbers(x))


@entry(name="silu", samples=smooth())
def silu(x: Any) -> Any:
    """y = x σ(x), also called swish;  dy/dx = σ(x) (1 + x (1 − σ(x))).

    Source: S. Elfwing et al., "Sigmoid-Weighted Linear Units" (2017), equation 2.

    >>> tl.grad(tl.silu)(0.0)
    np.float64(0.5)
    """
    if is_array_of_floats(x):
        return _silu(x)
    x = numbers(x)
    return gated(x, sigmoid_p(x))


@entry(name="mish", samples=smooth())
def mish(x: Any) -> Any:
    """y = x tanh(ln(1 + eˣ)).

    Source: D. Misra, "Mish: A Self Regularized Non-Monotonic Activation Function" (2019), equation 2.

    >>> tl.mish(1.0).round(6)
    np.float64(0.865098)
    """
    if is_array_of_floats(x):
        return _mish(x)
    x = numbers(x)
    return gated(x, np.tanh(np.logaddexp(0, x)))


@entry(name="gelu", samples=smooth({"approximate": "tanh"}))
def gelu(x: Any, *, approximate: str = "none") -> Any:
    """y = x Φ(x), with the normal distribution function Φ(x) = ½ (1 + erf(x/√2)).

    Parameters
    ----------
    approximate : "none" for Φ itself; "tanh" for ½ (1 + tanh(√(2/π) (x + 0.044715 x³))) in its place

    Source: D. Hendrycks and K. Gimpel, "Gaussian Error Linear Units" (2016), section 2.

    >>> tl.gelu(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.1587,  0.    ,  0.8413])
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', not {approximate!r}")
    x = numbers(x)
    if approximate == "tanh":
        return gelu_by_tanh(x)
    return gated(x, normal_below(x))


def softsign_written(x: Any) -> Any:
    """The formula as it stands."""
    return x / (1 + np.abs(x))


def softsign_of_largest(x: Any) -> Any:
    """That with the largest numbers in place of infinite ones, of which it is ±1."""
    return softsign_written(to_largest(x))


@np.errstate(invalid="raise")
def softsign_of_finite(x: Any) -> Any:
    """That, unless it is ∞/∞."""
    return softsign_written(x)


def _softsign(x: Any) -> Any:
    try:
        return softsign_of_finite(x)
    except FloatingPointError:
        return softsign_of_largest(x)


softsign_p = primitive(
    _softsign,
    elementwise=True,
    plain=softsign_of_largest,
    definition=softsign_written,
    x=lambda g, x: g * np.square(1 / (1 + np.abs(x))),
)


@entry(name="softsign", samples=bent())
def softsign(x: Any) -> Any:
    """y = x / (1 + |x|);  dy/dx = 1/(1 + |x|)².

    >>> tl.softsign(np.array([-1.0, 3.0]))
    array([-0.5 ,  0.75])
    """
    x = numbers(x)
    return softsign_written(x) if x.dtype.kind == "c" else softsign_p(x)


def _tanhshrink(x: Any) -> Any:
    return x - np.tanh(x)


tanhshrink_p = primitive(
    _tanhshrink, elementwise=True, definition=_tanhshrink, x=lambda g, x: g * np.square(np.tanh(x))
)


@entry(name="tanhshrink", samples=smooth())
def tanhshrink(x: Any) -> Any:
    """y = x − tanh x;  dy/dx = tanh² x.

    >>> tl.tanhshrink(1.0).round(6)
    np.float64(0.238406)
    """
    return tanhshrink_p(numbers(x))


@entry(name="glu", samples=lambda r: [Sample((r(2, 4),)), Sample((r(4, 3),), {"axis": 0}), Sample((r(0, 2),))])
def glu(x: Any, axis: int = -1) -> Any:
    """y = a σ(b), where a and b are the first and the second half of x along an axis;  ∂y/∂a = σ(b).

    Raises ValueError for an axis of odd length.

    Source: Y. N. Dauphin et al., "Language Modeling with Gated Convolutional Networks" (2016), equation 1.

    >>> tl.glu(np.array([2.0, 4.0, 0.0, 0.0]))
    array([1., 2.])
    """
    x = numbers(x)
    place = normalize_axis_index(axis, x.ndim)
    half, odd = divmod(x.shape[place], 2)
    if odd:
        raise ValueError(f"glu: axis {axis} of shape {x.shape} has no two halves")
    before = (slice(None),) * place
    return x[(*before, slice(half))] * sigmoid(x[(*before, slice(half, None))])


# ---------------------------------------------------------------------------------------------------------------------
# Cut off


@entry(name="hardtanh", samples=bent({"min_val": -0.5, "max_val": 2.0}))
def hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """y = min(max(x, min_val), max_val);  dy/dx = 1 between the bounds, else 0 (0 at the bounds, too).

    ``clip`` has the derivative 1 at the bounds. Raises ValueError unless min_val < max_val.

    >>> tl.hardtanh(np.array([-2.0, 0.5, 3.0]))
    array([-1. ,  0.5,  1. ])
    """
    if not min_val < max_val:
        raise ValueError(f"hardtanh: min_val must be below max_val, got {min_val} and {max_val}")
    x = numbers(x)
    return np.where(x <= min_val, min_val, np.where(x >= max_val, max_val, x))


@entry(name="relu6", samples=bent(scale=4.0))
def relu6(x: Any) -> Any:
    """y = min(max(x, 0), 6);  dy/dx = 1 between the bounds, else 0 (0 at the bounds, too).

    >>> tl.relu6(np.array([-2.0, 5.0, 8.0]))
    array([0., 5., 6.])
    """
    return hardtanh(x, 0.0, 6.0)


@entry(name="hardsigmoid", samples=bent(scale=2.0))
def hardsigmoid(x: Any) -> Any:
    """y = min(max(x + 3, 0), 6) / 6;  dy/dx = 1/6 for |x| < 3, else 0 (0 at the bounds, too).

    Source: M. Courbariaux et al., "BinaryConnect" (2015), equation 3, with PyTorch's slope.

    >>> tl.hardsigmoid(np.array([-4.0, 0.0, 3.0]))
    array([0. , 0.5, 1. ])
    """
    return relu6(numbers(x) + 3) / 6


@entry(name="hardswish", samples=bent(scale=2.0))
def hardswish(x: Any) -> Any:
    """y = x min(max(x + 3, 0), 6) / 6;  dy/dx = 0 for x ≤ −3, 1 for x ≥ 3, else x/3 + ½.

    Source: A. Howard et al., "Searching for MobileNetV3" (2019), section 5.2.

    >>> tl.hardswish(np.array([-4.0, 1.0, 4.0])).round(4)
    array([-0.    ,  0.6667,  4.    ])
    """
    if is_array_of_floats(x):
        return _hardswish(x)
    x = numbers(x)
    return gated(x, hardsigmoid(x))


def beyond(x: Any, lambd: float, name: str) -> Any:
    """Where |x| > λ, or x is NaN. Raises ValueError, in the function's name, for a negative λ."""
    if not lambd >= 0:
        raise ValueError(f"{name}: lambd must not be negative, got {lambd}")
    return ~(np.abs(x) <= lambd)


@entry(name="softshrink", samples=bent({"lambd": 1.0}))
def softshrink(x: Any, lambd: float = 0.5) -> Any:
    """y = x − λ sign x for |x| > λ, else 0;  dy/dx = 1 for |x| > λ, else 0 (0 at the bounds, too).

    Raises ValueError for a negative ``lambd``.

    >>> tl.softshrink(np.array([-2.0, 0.25, 1.0]))
    array([-1.5,  0. ,  0.5])
    """
    x = numbers(x)
    return np.where(beyond(x, lambd, "softshrink"), x - lambd * np.sign(x), 0)


@entry(name="hardshrink", samples=bent({"lambd": 1.0}))
def hardshrink(x: Any, lambd: float = 0.5) -> Any:
    """y = x for |x| > λ, else 0;  dy/dx = 1 for |x| > λ, else 0 (0 at the bounds, too).

    Raises ValueError for a negative ``lambd``.

    >>> tl.hardshrink(np.array([-2.0, 0.25, 1.0]))
    array([-2.,  0.,  1.])
    """
    x = numbers(x)
    return np.where(beyond(x, lambd, "hardshrink"), x, 0)
