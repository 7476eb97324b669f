"""Activation functions as modules."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.tensor import Tensor
from ..table import neural
from ..table.arrays import array
from ..table.special import erfc
from .module import Module


class ReLU(Module):
    """max(x, 0), with derivative 0 at 0 unless ``slope_at_zero`` says otherwise; see :func:`tinygrad_lite.relu`.

    >>> nn.ReLU()(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    def __init__(self, *, slope_at_zero: float = 0.0) -> None:
        self.slope_at_zero = slope_at_zero

    def forward(self, x: Any) -> Any:
        return neural.relu(x, slope_at_zero=self.slope_at_zero)


class LeakyReLU(Module):
    """x for x > 0, else ``negative_slope`` · x.

    >>> nn.LeakyReLU(0.1)(np.array([-1.0, 2.0]))
    array([-0.1,  2. ])
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Any:
        x = array(x)
        return np.where(x > 0, x, self.negative_slope * x)

    def describe(self) -> str:
        return f"{self.negative_slope}"


class GELU(Module):
    """x Φ(x), with Φ the normal distribution function, ½ (1 + erf(x/√2)).

    Parameters
    ----------
    approximate : "none" for Φ itself; "tanh" for ½ (1 + tanh(√(2/π) (x + 0.044715 x³))) in its place

    Source: D. Hendrycks and K. Gimpel, "Gaussian Error Linear Units" (2016), section 2.

    >>> nn.GELU()(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.1587,  0.    ,  0.8413])
    """

    def __init__(self, approximate: str = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise ValueError(f"GELU: approximate must be 'none' or 'tanh', not {approximate!r}")
        self.approximate = approximate

    def forward(self, x: Any) -> Any:
        x = array(x)
        if self.approximate == "tanh":
            return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))
        return 0.5 * x * erfc(x * -math.sqrt(0.5))  # exact for large negative x, where 1 + erf is rounded

    def describe(self) -> str:
        return "" if self.approximate == "none" else "approximate='tanh'"


class Tanh(Module):
    """tanh x. Source: H. M. M. Vege, "Neural networks and Back Propagation" (2018), equation 17.

    >>> nn.Tanh()(np.array([0.0]))
    array([0.])
    """

    def forward(self, x: Any) -> Any:
        return np.tanh(x)


class Sigmoid(Module):
    """1/(1 + e⁻ˣ). Source: H. M. M. Vege, "Neural networks and Back Propagation" (2018), equation 13.

    >>> nn.Sigmoid()(np.array([0.0]))
    array([0.5])
    """

    def forward(self, x: Any) -> Any:
        return neural.sigmoid(x)


class Identity(Module):
    """x itself.

    >>> nn.Identity()(2)
    2
    """

    def forward(self, x: Any) -> Any:
        return x


class Softmax(Module):
    """e^(xₖ) / Σⱼ e^(xⱼ) along an axis. Source: H. M. M. Vege, "Neural networks …" (2018), equation 15.

    >>> nn.Softmax()(np.array([[0.0, np.log(3.0)]]))
    array([[0.25, 0.75]])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        return neural.softmax(x, self.axis)

    def describe(self) -> str:
        return f"axis={self.axis}"


class LogSoftmax(Softmax):
    """xₖ − ln Σⱼ e^(xⱼ) along an axis.

    >>> nn.LogSoftmax()(np.array([[0.0, 1000.0]]))
    array([[-1000.,     0.]])
    """

    def forward(self, x: Any) -> Any:
        return neural.log_softmax(x, self.axis)


class Heaviside(Module):
    """1 for x ≥ 0, else 0; the derivative is 0 everywhere, so that nothing before it learns.

    Warns, once, when a gradient is about to go through it. Source: H. M. M. Vege, "Neural networks and Back
    Propagation" (2018), equations 21 and 22.

    >>> nn.Heaviside()(np.array([-1.0, 0.0, 2.0]))
    array([0., 1., 1.])
    """

    def __init__(self) -> None:
        self._warned = False

    def forward(self, x: Any) -> Any:
        if self.training and isinstance(x, Tensor) and x.requires_grad and not self._warned:
            self._warned = True
            warnings.warn(
                "Heaviside: its derivative is 0 everywhere, so the layers before it receive no gradient and do not "
                "learn; Sigmoid is its smooth counterpart",
                stacklevel=3,
            )
        return np.heaviside(x, 1.0)


ACTIVATIONS: dict[str, Callable[[], Module]] = {
    "identity": Identity,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "gelu": GELU,
    "softmax": Softmax,
    "log_softmax": LogSoftmax,
    "heaviside": Heaviside,
}


def activation(what: str | Module | None) -> Module:
    """An activation by name, or itself; None is the identity. Raises ValueError for a name that is none."""
    if isinstance(what, Module):
        return what
    if what is None:
        return Identity()
    if what not in ACTIVATIONS:
        raise ValueError(f"activation: takes {', '.join(ACTIVATIONS)} or a Module, not {what!r}")
    return ACTIVATIONS[what]()
