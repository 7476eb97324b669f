"""Activation functions as modules."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.tensor import Tensor
from ..table import neural, units
from .init import at_least_one
from .module import Module, parameter


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
    """x for x > 0, else ``negative_slope`` · x; see :func:`tinygrad_lite.leaky_relu`.

    >>> nn.LeakyReLU(0.1)(np.array([-1.0, 2.0]))
    array([-0.1,  2. ])
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Any:
        return units.leaky_relu(x, self.negative_slope)

    def describe(self) -> str:
        return f"{self.negative_slope}"


class GELU(Module):
    """x Φ(x), with Φ the normal distribution function; see :func:`tinygrad_lite.gelu`.

    Parameters
    ----------
    approximate : "none" for Φ itself; "tanh" for its approximation by the hyperbolic tangent

    >>> nn.GELU()(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.1587,  0.    ,  0.8413])
    """

    def __init__(self, approximate: str = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise ValueError(f"GELU: approximate must be 'none' or 'tanh', not {approximate!r}")
        self.approximate = approximate

    def forward(self, x: Any) -> Any:
        return units.gelu(x, approximate=self.approximate)

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


class ELU(Module):
    """x for x > 0, else α (eˣ − 1); see :func:`tinygrad_lite.elu`.

    >>> nn.ELU()(np.array([-np.log(2.0), 2.0]))
    array([-0.5,  2. ])
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Any) -> Any:
        return units.elu(x, self.alpha)

    def describe(self) -> str:
        return f"{self.alpha}"


class CELU(ELU):
    """x for x > 0, else α (e^(x/α) − 1); see :func:`tinygrad_lite.celu`.

    >>> nn.CELU(2.0)(np.array([-np.log(4.0), 2.0]))
    array([-1.,  2.])
    """

    def forward(self, x: Any) -> Any:
        return units.celu(x, self.alpha)


class SELU(Module):
    """s x for x > 0, else s α (eˣ − 1), which keeps mean 0 and variance 1; see :func:`tinygrad_lite.selu`.

    >>> nn.SELU()(np.array([0.0, 1.0])).round(4)
    array([0.    , 1.0507])
    """

    def forward(self, x: Any) -> Any:
        return units.selu(x)


class PReLU(Module):
    """x for x > 0, else ``weight`` · x, of learned slopes; see :func:`tinygrad_lite.prelu`.

    Parameters
    ----------
    num_parameters : 1, or as many as there are channels, along axis 1
    init : the slopes at first

    >>> nn.PReLU()
    PReLU(1): weight (1,), 1 parameter
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25, *, dtype: Any = np.float32) -> None:
        at_least_one("PReLU", num_parameters=num_parameters)
        self.weight = parameter(np.full(num_parameters, float(init)), dtype)

    def forward(self, x: Any) -> Any:
        return units.prelu(x, self.weight)

    def describe(self) -> str:
        return f"{self.weight.size}"


class Softplus(Module):
    """ln(1 + e^(βx)) / β; see :func:`tinygrad_lite.softplus`.

    >>> nn.Softplus()(np.array([0.0])).round(6)
    array([0.693147])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold

    def forward(self, x: Any) -> Any:
        return units.softplus(x, self.beta, self.threshold)

    def describe(self) -> str:
        return f"{self.beta}, {self.threshold}"


class LogSigmoid(Module):
    """ln σ(x); see :func:`tinygrad_lite.logsigmoid`.

    >>> nn.LogSigmoid()(np.array([-1000.0]))
    array([-1000.])
    """

    def forward(self, x: Any) -> Any:
        return units.logsigmoid(x)


class SiLU(Module):
    """x σ(x); see :func:`tinygrad_lite.silu`.

    >>> nn.SiLU()(np.array([0.0, 100.0]))
    array([  0., 100.])
    """

    def forward(self, x: Any) -> Any:
        return units.silu(x)


class Mish(Module):
    """x tanh(ln(1 + eˣ)); see :func:`tinygrad_lite.mish`.

    >>> nn.Mish()(np.array([0.0, 100.0]))
    array([  0., 100.])
    """

    def forward(self, x: Any) -> Any:
        return units.mish(x)


class Softsign(Module):
    """x / (1 + |x|); see :func:`tinygrad_lite.softsign`.

    >>> nn.Softsign()(np.array([-1.0, 3.0]))
    array([-0.5 ,  0.75])
    """

    def forward(self, x: Any) -> Any:
        return units.softsign(x)


class Tanhshrink(Module):
    """x − tanh x; see :func:`tinygrad_lite.tanhshrink`.

    >>> nn.Tanhshrink()(np.array([0.0, 100.0]))
    array([ 0., 99.])
    """

    def forward(self, x: Any) -> Any:
        return units.tanhshrink(x)


class Hardtanh(Module):
    """min(max(x, min_val), max_val); see :func:`tinygrad_lite.hardtanh`.

    >>> nn.Hardtanh()(np.array([-2.0, 0.5, 3.0]))
    array([-1. ,  0.5,  1. ])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        self.min_val, self.max_val = min_val, max_val

    def forward(self, x: Any) -> Any:
        return units.hardtanh(x, self.min_val, self.max_val)

    def describe(self) -> str:
        return f"{self.min_val}, {self.max_val}"


class ReLU6(Module):
    """min(max(x, 0), 6); see :func:`tinygrad_lite.relu6`.

    >>> nn.ReLU6()(np.array([-2.0, 5.0, 8.0]))
    array([0., 5., 6.])
    """

    def forward(self, x: Any) -> Any:
        return units.relu6(x)


class Hardsigmoid(Module):
    """min(max(x + 3, 0), 6) / 6; see :func:`tinygrad_lite.hardsigmoid`.

    >>> nn.Hardsigmoid()(np.array([-4.0, 0.0, 3.0]))
    array([0. , 0.5, 1. ])
    """

    def forward(self, x: Any) -> Any:
        return units.hardsigmoid(x)


class Hardswish(Module):
    """x min(max(x + 3, 0), 6) / 6; see :func:`tinygrad_lite.hardswish`.

    >>> nn.Hardswish()(np.array([0.0, 4.0]))
    array([0., 4.])
    """

    def forward(self, x: Any) -> Any:
        return units.hardswish(x)


class Softshrink(Module):
    """x − λ sign x for |x| > λ, else 0; see :func:`tinygrad_lite.softshrink`.

    >>> nn.Softshrink()(np.array([-2.0, 0.25, 1.0]))
    array([-1.5,  0. ,  0.5])
    """

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = lambd

    def forward(self, x: Any) -> Any:
        return units.softshrink(x, self.lambd)

    def describe(self) -> str:
        return f"{self.lambd}"


class Hardshrink(Softshrink):
    """x for |x| > λ, else 0; see :func:`tinygrad_lite.hardshrink`.

    >>> nn.Hardshrink()(np.array([-2.0, 0.25, 1.0]))
    array([-2.,  0.,  1.])
    """

    def forward(self, x: Any) -> Any:
        return units.hardshrink(x, self.lambd)


class GLU(Module):
    """a σ(b), where a and b are the halves of x along an axis; see :func:`tinygrad_lite.glu`.

    >>> nn.GLU()(np.array([[2.0, 4.0, 0.0, 0.0]]))
    array([[1., 2.]])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        return units.glu(x, self.axis)

    def describe(self) -> str:
        return f"axis={self.axis}"


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
    "elu": ELU,
    "celu": CELU,
    "selu": SELU,
    "prelu": PReLU,
    "softplus": Softplus,
    "logsigmoid": LogSigmoid,
    "silu": SiLU,
    "mish": Mish,
    "softsign": Softsign,
    "tanhshrink": Tanhshrink,
    "hardtanh": Hardtanh,
    "relu6": ReLU6,
    "hardsigmoid": Hardsigmoid,
    "hardswish": Hardswish,
    "softshrink": Softshrink,
    "hardshrink": Hardshrink,
}
"""Those that keep the shape, which GLU does not."""


def activation(what: str | Module | None) -> Module:
    """An activation by name, or itself; None is the identity. Raises ValueError for a name that is none."""
    if isinstance(what, Module):
        return what
    if what is None:
        return Identity()
    if what not in ACTIVATIONS:
        raise ValueError(f"activation: takes {', '.join(ACTIVATIONS)} or a Module, not {what!r}")
    return ACTIVATIONS[what]()
