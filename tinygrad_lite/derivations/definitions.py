"""What the documents' equations are about, written as they define it: with ``exp``, ``log``, sums and quotients only.

The functions take arrays and Tensors alike. None uses a fused primitive (softmax, cross_entropy, sigmoid, …): those
carry the documents' results as their rules, so checking a document through them would be circular.

The documents write one sample as a column; here a batch has its samples in rows, so that W x + b becomes X Wᵀ + b with
the same W.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..transforms import grad

Array = np.ndarray
Function = Callable[[Any], Any]

Quantities = Mapping[str, Array]
"""Arrays by name: one for most equations, one for each weight and bias for those about a network."""


# ---------------------------------------------------------------------------------------------------------------------
# Activations and costs


def sigmoid(z: Any) -> Any:
    """1/(1 + e⁻ᶻ). Source: Vege (2018), equation 13."""
    return 1 / (1 + np.exp(-z))


def tanh(z: Any) -> Any:
    """(eᶻ − e⁻ᶻ)/(eᶻ + e⁻ᶻ), which Vege (2018), equation 17, calls tanh z."""
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


def relu(z: Any) -> Any:
    """z where z ≥ 0, else 0. Source: Vege (2018), equation 19."""
    return np.where(z >= 0, z, 0.0)


def softmax(z: Any) -> Any:
    """e^(zₖ) / Σⱼ e^(zⱼ), for each row. Source: Vege (2018), equation 15; "Softmax", first line."""
    e = np.exp(z)
    return e / np.sum(e, axis=-1, keepdims=True)


def quadratic_cost(a: Any, y: Any) -> Any:
    """½ ‖a − y‖², for each row. Source: Vege (2018), equation 8."""
    return np.sum((a - y) ** 2, axis=-1) / 2


def cross_entropy(a: Any, y: Any) -> Any:
    """−Σₖ yₖ ln aₖ, for each row. Source: Vege (2018), equation 10; "Softmax", "For cross-entropy"."""
    return -np.sum(y * np.log(a), axis=-1)


# ---------------------------------------------------------------------------------------------------------------------
# A network and a batch


class Network(NamedTuple):
    """The functions of a multilayer perceptron. Source: Vege (2018), equations 4 and 5."""

    hidden: Function
    output: Function
    cost: Callable[[Any, Any], Any]

    def forward(self, x: Any, weights: Sequence[Any], biases: Sequence[Any]) -> Any:
        """aᴸ for each row of x, from aˡ = σ(Wˡ aˡ⁻¹ + bˡ). Source: equation 6."""
        *hidden, (W, b) = zip(weights, biases, strict=True)
        a = x
        for V, c in hidden:
            a = self.hidden(a @ V.T + c)
        return self.output(a @ W.T + b)

    def mean_cost(self, weights: Sequence[Any], biases: Sequence[Any], x: Any, y: Any) -> Any:
        """The cost averaged over the batch. Source: equations 7 and 9."""
        return np.mean(self.cost(self.forward(x, weights, biases), y))

    def cost_from(self, z: Any, layer: int, problem: Problem) -> Any:
        """The costs of the batch, added up, as a function of the pre-activations zˡ of one layer (counted from 1)."""
        if layer == len(problem.weights):
            return np.sum(self.cost(self.output(z), problem.y))
        later = self.forward(self.hidden(z), problem.weights[layer:], problem.biases[layer:])
        return np.sum(self.cost(later, problem.y))


QUADRATIC = Network(hidden=sigmoid, output=sigmoid, cost=quadratic_cost)
"""Vege (2018), section 6.3.1: sigmoids throughout, quadratic cost."""

CLASSIFIER = Network(hidden=np.tanh, output=softmax, cost=cross_entropy)
"""Vege (2018), section 6.3.3: softmax and cross-entropy, here with hidden layers of tanh."""


class Problem(NamedTuple):
    """What the equations are checked on.

    Attributes
    ----------
    x : inputs, a sample in each row
    y : targets, the same; "Softmax" and the answer call them t
    weights : W¹, W², …, Wˡ of shape (neurons of layer l, neurons of layer l − 1), as in the documents
    biases : b¹, b², …
    """

    x: Array
    y: Array
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]

    def pre_activations(self, network: Network) -> list[Array]:
        """z¹, z², … of the batch, samples in rows."""
        found, a = [], self.x
        for W, b in zip(self.weights, self.biases, strict=True):
            found.append(a @ W.T + b)
            a = network.hidden(found[-1])
        return found

    def scores(self) -> Array:
        """The classifier's zᴸ: what softmax is applied to."""
        return self.pre_activations(CLASSIFIER)[-1]


def initial(rng: np.random.Generator, sizes: Sequence[int]) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Weights and biases for layers of these sizes, normal with variance 1/inputs."""
    pairs = list(pairwise(sizes))
    weights = tuple([rng.standard_normal((outputs, inputs)) / np.sqrt(inputs) for inputs, outputs in pairs])
    biases = tuple([rng.standard_normal(outputs) / np.sqrt(inputs) for inputs, outputs in pairs])
    return weights, biases


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives by autograd


def slopes(f: Function, z: Array) -> Any:
    """f′ at each entry of z, for an elementwise f: the gradient of the sum of all f(zᵢ)."""
    return grad(lambda z: np.sum(f(z)))(z)


def delta(network: Network, problem: Problem, layer: int) -> Any:
    """δˡ = ∂C/∂zˡ of each sample, samples in columns as the documents have them."""
    z = problem.pre_activations(network)[layer - 1]
    return grad(lambda z: network.cost_from(z, layer, problem))(z).T


def parameter_gradients(network: Network, problem: Problem) -> tuple[list[Any], list[Any]]:
    """∂C/∂Wˡ and ∂C/∂bˡ of the mean cost, for every layer."""
    both = grad(network.mean_cost, argnums=(0, 1))
    weights, biases = both(list(problem.weights), list(problem.biases), problem.x, problem.y)
    return weights, biases
