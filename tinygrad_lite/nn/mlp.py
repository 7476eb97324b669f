"""The multilayer perceptron."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from . import activations
from .init import Initialiser, at_least_one, generator
from .layers import Linear
from .module import Module


class MLP(Module):
    """aˡ = σ(Wˡ aˡ⁻¹ + bˡ) from a⁰ = x to aᴸ, with its own σ in the last layer.

    Parameters
    ----------
    sizes : neurons of each layer, the inputs first
    activation : σ of the hidden layers: a name ("sigmoid", "tanh", "relu", "heaviside", …) or a Module
    output : σ of the last layer: "softmax", "sigmoid", …; None leaves the scores zᴸ as they are
    init : how weights and biases begin: "large", "default", "xavier", "he", "fan_in" or an ``Initialiser``
    rng : a seed or a Generator; the same seed gives the same network
    dtype : of weights and biases

    Source: H. M. M. Vege, "Neural networks and Back Propagation" (2018), equations 4 to 6, with samples in rows.

    >>> net = nn.MLP([64, 32, 10], "tanh", "softmax", rng=0)
    >>> net
    MLP([64, 32, 10], tanh, softmax): 2,410 parameters
      (layers.0) Linear(64, 32): weight (32, 64), bias (32,), 2,080 parameters
      (layers.1) Linear(32, 10): weight (10, 32), bias (10,), 330 parameters
      (activation) Tanh()
      (output) Softmax(axis=-1)
    >>> net(np.zeros((5, 64), np.float32)).sum(axis=1).data.round(6)
    array([1., 1., 1., 1., 1.], dtype=float32)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Module | None = "tanh",
        output: str | Module | None = None,
        *,
        init: str | Initialiser = "fan_in",
        rng: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        if isinstance(sizes, (int, np.integer)):
            more = [n for n in (activation, output) if isinstance(n, (int, np.integer))]
            raise TypeError(f"MLP: sizes are one list, as in nn.MLP({[sizes, *more]}), not several numbers")
        sizes = list(sizes)
        if len(sizes) < 2:
            raise ValueError(f"MLP: sizes are the neurons of two or more layers, got {sizes}")
        at_least_one("MLP", **{f"sizes[{k}]": n for k, n in enumerate(sizes)})
        rng = generator(rng)
        self.sizes = tuple([int(n) for n in sizes])
        self.layers = [Linear(m, n, init=init, rng=rng, dtype=dtype) for m, n in pairwise(self.sizes)]
        self.activation = activations.activation(activation)
        self.output = activations.activation(output)

    def scores(self, x: Any) -> Any:
        """zᴸ: what the last activation is applied to."""
        *hidden, last = self.layers
        for layer in hidden:
            x = self.activation(layer(x))
        return last(x)

    def forward(self, x: Any) -> Any:
        return self.output(self.scores(x))

    def describe(self) -> str:
        names = [type(part).__name__.lower() for part in (self.activation, self.output)]
        return ", ".join([str(list(self.sizes)), *names])
