"""How parameters begin. An initialiser draws a layer's weights and biases from a random generator.

The draws are made in float64 and then rounded: the same seed gives the same network, in float32 rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..engine.tensor import Tensor
from ..table import foreign, habits, network_names
from . import filling
from .filling import (
    calculate_gain,
    constant_,
    eye_,
    kaiming_normal_,
    kaiming_uniform_,
    normal_,
    ones_,
    orthogonal_,
    trunc_normal_,
    uniform_,
    xavier_normal_,
    xavier_uniform_,
    zeros_,
)
from .module import parameter

Shape = tuple[int, ...]
Draw = Callable[[np.random.Generator, Shape, int, int], np.ndarray]
"""``draw(rng, shape, inputs, outputs)``: float64 numbers for neurons with so many inputs and outputs."""


class Initialiser(NamedTuple):
    """How a layer's weights and biases are drawn."""

    weight: Draw
    bias: Draw


def generator(rng: Any) -> np.random.Generator:
    """A random generator: itself, one seeded with an integer, or for None one that differs each time.

    >>> nn.init.generator(0).integers(100)
    np.int64(85)
    """
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise TypeError(f"rng: takes a seed, a Generator or None, not {rng!r}") from None


def at_least_one(what: str, **sizes: Any) -> None:
    """Raises ValueError, naming the layer, for a size that is not a whole number of at least 1."""
    for name, n in sizes.items():
        if not isinstance(n, (int, np.integer)) or n < 1:
            raise ValueError(f"{what}: {name} must be a whole number of at least 1, got {n!r}")


def normal(variance: Callable[[int, int], float]) -> Draw:
    """Normal numbers with mean 0 and the variance a function of inputs and outputs."""
    return lambda rng, shape, m, n: rng.standard_normal(shape) * math.sqrt(variance(m, n))


def uniform(variance: Callable[[int, int], float]) -> Draw:
    """Uniform numbers with mean 0 and the variance a function of inputs and outputs: in ±√(3 variance)."""
    return lambda rng, shape, m, n: rng.uniform(-1, 1, shape) * math.sqrt(3 * variance(m, n))


def zeros(rng: np.random.Generator, shape: Shape, inputs: int, outputs: int) -> np.ndarray:  # noqa: ARG001
    """Zeros."""
    return np.zeros(shape)


def large() -> Initialiser:
    """Weights and biases N(0, 1). Source: H. M. M. Vege, "Neural networks and Back Propagation" (2018), section 5.2.

    >>> nn.Linear(2, 2, init="large", rng=0).bias.data.dtype
    dtype('float32')
    """
    return Initialiser(normal(lambda m, n: 1.0), normal(lambda m, n: 1.0))


def default(n_train: int | None = None) -> Initialiser:
    """Weights N(0, 1/N), biases N(0, 1/N) for N training samples; without N, the usual reading.

    H. M. M. Vege, "Neural networks and Back Propagation" (2018), section 5.2, divides by the number of training
    samples. What usually bears the name divides by the number of inputs of the neuron: weights N(0, 1/inputs), biases
    N(0, 1) (M. Nielsen, "Neural Networks and Deep Learning", 2015, chapter 3).

    >>> nn.init.default(n_train=100).weight(np.random.default_rng(0), (1000,), 7, 7).std().round(1)
    np.float64(0.1)
    """
    if n_train is None:
        return Initialiser(normal(lambda m, n: 1 / m), normal(lambda m, n: 1.0))
    if n_train < 1:
        raise ValueError(f"default: n_train must be 1 or more, got {n_train}")
    return Initialiser(normal(lambda m, n: 1 / n_train), normal(lambda m, n: 1 / n_train))


def xavier_uniform(gain: float = 1.0) -> Initialiser:
    """Weights of variance gain² · 2/(inputs + outputs), uniform; biases 0.

    Source: X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
    """
    return Initialiser(uniform(lambda m, n: gain**2 * 2 / (m + n)), zeros)


def xavier_normal(gain: float = 1.0) -> Initialiser:
    """Weights N(0, gain² · 2/(inputs + outputs)); biases 0. As :func:`xavier_uniform`."""
    return Initialiser(normal(lambda m, n: gain**2 * 2 / (m + n)), zeros)


def he_uniform() -> Initialiser:
    """Weights of variance 2/inputs, uniform; biases 0: for relu.

    Source: K. He et al., "Delving Deep into Rectifiers" (2015), equation 10.
    """
    return Initialiser(uniform(lambda m, n: 2 / m), zeros)


def he_normal() -> Initialiser:
    """Weights N(0, 2/inputs); biases 0: for relu. As :func:`he_uniform`."""
    return Initialiser(normal(lambda m, n: 2 / m), zeros)


def fan_in() -> Initialiser:
    """Weights and biases uniform in ±1/√inputs, as PyTorch's layers begin.

    Source: Y. LeCun et al., "Efficient BackProp" (1998), section 4.6, with a third of its variance.
    """
    draw = uniform(lambda m, n: 1 / (3 * m))
    return Initialiser(draw, draw)


INITIALISERS: dict[str, Callable[[], Initialiser]] = {
    "large": large,
    "default": default,
    "xavier": xavier_uniform,
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "he": he_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "fan_in": fan_in,
}


def suited_to(activation: str) -> str:
    """The name of the initialiser that suits layers followed by an activation: "he" for relu, "xavier" for others.

    >>> nn.init.suited_to("relu"), nn.init.suited_to("tanh")
    ('he', 'xavier')
    """
    return "he" if activation == "relu" else "xavier"


def initialiser(init: str | Initialiser) -> Initialiser:
    """An initialiser by name, or itself. Raises ValueError for a name that is none."""
    if isinstance(init, Initialiser):
        return init
    if init not in INITIALISERS:
        raise ValueError(f"init: takes {', '.join(INITIALISERS)} or an Initialiser, not {init!r}")
    return INITIALISERS[init]()


def weight_and_bias(
    shape: Shape,
    inputs: int,
    outputs: int,
    *,
    init: str | Initialiser,
    rng: Any,
    dtype: Any,
    bias: bool = True,
    biases: int | None = None,
) -> tuple[Tensor, Tensor | None]:
    """A layer's weight of the given shape, and its bias (None without) of ``biases`` entries, or one for each row."""
    draw, rng = initialiser(init), generator(rng)
    weight = parameter(draw.weight(rng, shape, inputs, outputs), dtype)
    return weight, parameter(draw.bias(rng, (biases or shape[0],), inputs, outputs), dtype) if bias else None


__all__ = [
    "INITIALISERS",
    "Initialiser",
    "calculate_gain",
    "constant_",
    "default",
    "eye_",
    "fan_in",
    "generator",
    "he_normal",
    "he_uniform",
    "initialiser",
    "kaiming_normal_",
    "kaiming_uniform_",
    "large",
    "normal_",
    "ones_",
    "orthogonal_",
    "suited_to",
    "trunc_normal_",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros_",
]

if not TYPE_CHECKING:
    globals().update({name: habits.knowing_habits(getattr(filling, name)) for name in filling.__all__})

    def __getattr__(name):
        raise foreign.absent(f"module {__name__!r}", name, network_names.INIT)
