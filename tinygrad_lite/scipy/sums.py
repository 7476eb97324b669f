"""Sums in log space: ``scipy.special``'s logsumexp, softmax and log_softmax, with SciPy's arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.protocols import plain
from ..engine.tensor import Tensor
from ..table import neural
from ..table.arrays import array, floating
from ..table.lists import as_array
from ..table.registry import Sample
from .entering import enter
from .loading import scipy_module

sp = scipy_module("scipy.special")


def recorded(*xs: Any) -> bool:
    """Whether any of these is a Tensor."""
    return any(hasattr(type(x), "__record__") for x in xs)


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """y = ln Σ b eᵃ over the given axes, without overflow;  ∂y/∂a = b e^(a−y),  ∂y/∂b = e^(a−y).

    An entry of a that alone is ∞ is the sum, y = a + ln b; of several, the derivatives are NaN.

    Parameters
    ----------
    a, b : array_like or Tensor, which broadcast
    axis : an axis, several, or None for all
    keepdims : whether these stay, with length 1
    return_sign : gives ln |Σ b eᵃ| and the sign of the sum

    >>> import tinygrad_lite.scipy.special as special
    >>> tl.grad(lambda b: special.logsumexp(np.zeros(2), b=b))(np.array([1.0, 3.0]))
    array([0.25, 0.25])
    """
    if not recorded(a, b):
        return sp.logsumexp(a, axis=axis, b=b, keepdims=keepdims, return_sign=return_sign)
    a = floating(as_array(a))
    a = a.reshape((1,)) if not a.shape else a
    if b is None:
        y = neural.logsumexp(a, axis, keepdims=keepdims)
        return (y, np.ones_like(plain(y, Tensor))) if return_sign else y
    b = array(b)
    a, b = np.broadcast_arrays(a, b) if not recorded(a, b) else broadcast(a, b)
    a = np.where(plain(b, Tensor) == 0, -np.inf, a) if not isinstance(b, Tensor) else a
    infinite = plain(a, Tensor) == np.inf
    infinite &= np.sum(infinite, axis=axis, keepdims=True) == 1
    infinite &= plain(b, Tensor) != 0 if return_sign else plain(b, Tensor) > 0
    if infinite.any():
        return where_one_is_infinite(a, b, infinite, axis, keepdims, return_sign)
    nothing = np.all(plain(a, Tensor) == -np.inf, axis=axis, keepdims=True)
    a = np.where(nothing, 0, a) if nothing.any() else a
    top = np.max(plain(a, Tensor), axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)  # any number gives the same sum: it is a constant
    total = np.sum(b * np.exp(a - top), axis=axis, keepdims=True)
    sign = np.sign(plain(total, Tensor))
    y = np.log(np.abs(total) if return_sign else total) + top
    if nothing.any():
        y, sign = np.where(nothing, -np.inf, y), np.where(nothing, 0, sign)
    if not keepdims:
        y, sign = np.squeeze(y, axis=axis), np.squeeze(sign, axis=axis)
    return (y, sign) if return_sign else y


def where_one_is_infinite(a: Any, b: Any, infinite: Any, axis: Any, keepdims: bool, return_sign: bool) -> Any:
    """:func:`logsumexp` of sums, some of which are one of their summands, which is infinite."""
    here = np.any(infinite, axis=axis, keepdims=True)
    found = logsumexp(np.where(here, 0, a), axis, np.where(here, 1, b), True, return_sign)
    y, sign = found if return_sign else (found, None)
    share = np.sum(np.where(infinite, b, 0), axis=axis, keepdims=True) + ~here
    power = np.sum(np.where(infinite, a, 0), axis=axis, keepdims=True)
    found = [np.where(here, power + np.log(np.abs(share) if return_sign else share), y)]
    if return_sign:
        found.append(np.where(here, np.sign(plain(share, Tensor)), sign))
    found = found if keepdims else [np.squeeze(x, axis=axis) for x in found]
    return tuple(found) if return_sign else found[0]


def broadcast(a: Any, b: Any) -> tuple[Any, Any]:
    """Both in the shape that they broadcast to."""
    shape = np.broadcast_shapes(a.shape, b.shape)
    return np.broadcast_to(a, shape), np.broadcast_to(b, shape)


def softmax(x: Any, axis: Any = None) -> Any:
    """yᵢ = e^xᵢ/Σ e^xⱼ over the given axes, by default all;  ∂yᵢ/∂xⱼ = yᵢ (δᵢⱼ − yⱼ).

    >>> import tinygrad_lite.scipy.special as special
    >>> tl.check_gradients(special.softmax, np.array([0.5, 1.0, -2.0]))
    """
    return neural.softmax(x, axis) if recorded(x) else sp.softmax(x, axis=axis)


def log_softmax(x: Any, axis: Any = None) -> Any:
    """yᵢ = xᵢ − ln Σ e^xⱼ over the given axes, by default all;  ∂yᵢ/∂xⱼ = δᵢⱼ − e^yⱼ.

    >>> import tinygrad_lite.scipy.special as special
    >>> tl.check_gradients(special.log_softmax, np.array([0.5, 1.0, -2.0]))
    """
    return neural.log_softmax(x, axis) if recorded(x) else sp.log_softmax(x, axis=axis)


enter(
    "logsumexp",
    logsumexp,
    lambda r: [
        Sample((r(2, 3),)),
        Sample((r(2, 3),), {"axis": 0}),
        Sample((r(2, 3), 1, r(3, low=0.5))),
        Sample((r(2, 3, 2), (0, 2), r(3, 1, low=0.5), True)),
        Sample((r(2, 3), -1, np.array([1.0, -3.0, 0.5])), {"return_sign": True}),
    ],
)
enter("softmax", softmax, lambda r: [Sample((r(2, 3),)), Sample((r(2, 3),), {"axis": 0})])
enter("log_softmax", log_softmax, lambda r: [Sample((r(2, 3),)), Sample((r(2, 3),), {"axis": 0})])
