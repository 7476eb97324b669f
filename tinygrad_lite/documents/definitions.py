"""What the documents' equations are about, written as they define it: with ``exp``, ``log``, sums and quotients only.

The functions take arrays and Tensors alike. They stand beside the library's own on purpose: a fused primitive (softmax,
cross_entropy, sigmoid, relu, …) carries the documents' results as its rules, so checking a document through one would
be circular.

The documents write one sample as a column; here a batch has its samples in rows, so that W x + b becomes X Wᵀ + b with
the same W.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..engine.jacobians import jacobian
from ..engine.transforms import grad

Array = np.ndarray
Function = Callable[[Any], Any]


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


def heaviside(z: Any) -> Any:
    """1 where z ≥ 0, else 0. Source: Vege (2018), equation 21."""
    return np.where(z >= 0, 1.0, 0.0)


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


QUADRATIC = Network(hidden=sigmoid, output=sigmoid, cost=quadratic_cost)
"""Vege (2018), section 6.3.1: sigmoids throughout, quadratic cost."""


SOFTMAX_WITHIN = Network(hidden=softmax, output=softmax, cost=cross_entropy)
"""Softmax in every layer."""

QUADRATIC_SOFTMAX = Network(hidden=sigmoid, output=softmax, cost=quadratic_cost)
"""Vege (2018), section 6.3.2: softmax and quadratic cost."""

CLASSIFIER = Network(hidden=np.tanh, output=softmax, cost=cross_entropy)
"""Vege (2018), section 6.3.3: softmax and cross-entropy, here with hidden layers of tanh."""


class Problem(NamedTuple):
    """What the equations are checked on.

    Attributes
    ----------
    x : inputs, a sample in each row
    y : targets, likewise; "Softmax" and the answer call them t
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
# One sample, as the documents write it


class Pass(NamedTuple):
    """The forward pass of one sample through a network of L layers, in columns: W a + b is what it says.

    Attributes
    ----------
    network : its functions
    y : the target, a column
    a : a⁰ = x, a¹, …, aᴸ, columns; so ``a[-1]`` is aᴸ and ``a[-2]`` is aᴸ⁻¹
    z : z⁰, z¹, …, zᴸ, columns; z⁰ has no meaning and is x, so that z[l] is zˡ
    W : W⁰, W¹, …, Wᴸ; W⁰ has no meaning and is 1 × 1
    b : b⁰, b¹, …, bᴸ, columns; b⁰ has no meaning and is 1 × 1
    """

    network: Network
    y: Array
    a: tuple[Array, ...]
    z: tuple[Array, ...]
    W: tuple[Array, ...]
    b: tuple[Array, ...]

    @property
    def L(self) -> int:
        """The number of layers with weights."""
        return len(self.W) - 1

    def activation(self, layer: int) -> Function:
        """σ of a layer, from columns to columns."""
        f = self.network.output if layer == self.L else self.network.hidden
        return lambda z: f(z.T).T

    def output_from(self, z: Any, layer: int) -> Any:
        """aᴸ as a function of zˡ."""
        a = self.activation(layer)(z)
        for n in range(layer + 1, self.L + 1):
            a = self.activation(n)(self.W[n] @ a + self.b[n])
        return a

    def cost(self, a: Any) -> Any:
        """C as a function of aᴸ."""
        return np.sum(self.network.cost(a.T, self.y.T))


def column_pass(network: Network, x: Any, y: Any, weights: Sequence[Any], biases: Sequence[Any]) -> Pass:
    """The pass of the first sample (row) of x and y."""
    nothing = np.zeros((1, 1))
    W, b = (nothing, *weights), (nothing, *[c.reshape(-1, 1) for c in biases])
    a, z = [x[:1].T], [x[:1].T]
    for n in range(1, len(W)):
        z.append(W[n] @ a[-1] + b[n])
        f = network.output if n == len(W) - 1 else network.hidden
        a.append(f(z[-1].T).T)
    return Pass(network, y[:1].T, tuple(a), tuple(z), W, b)


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives by autograd


def slopes(f: Function, z: Any) -> Any:
    """f′ at each entry of z, for an elementwise f: the gradient of the sum of all f(zᵢ)."""
    return grad(lambda z: np.sum(f(z)) + 0 * np.sum(z))(z)  # a step depends on nothing, and has a slope


def jacobians(f: Function, z: Any) -> Any:
    """∂fᵢ/∂zⱼ of each row of z, for an f of rows: the axes are row, i, j."""
    return np.stack([jacobian(f)(row) for row in z])


def number_of_layer(s: Pass, layer: int) -> int:
    """A layer counted from the end (−1 is L) as its number."""
    return layer if layer >= 0 else s.L + 1 + layer


def by_a(s: Pass, layer: int) -> Any:
    """∂C/∂aˡ, a column; −1 is the last layer, −2 the one before."""
    n = number_of_layer(s, layer)
    if n == s.L:
        return grad(s.cost)(s.a[n])
    return grad(lambda a: s.cost(s.output_from(s.W[n + 1] @ a + s.b[n + 1], n + 1)))(s.a[n])


def by_z(s: Pass, layer: int) -> Any:
    """δˡ = ∂C/∂zˡ, a column; −1 is the last layer, −2 the one before."""
    n = number_of_layer(s, layer)
    return grad(lambda z: s.cost(s.output_from(z, n)))(s.z[n])


def by_W(s: Pass, layer: int) -> Any:
    """∂C/∂Wˡ, of the shape of Wˡ; −1 is the last layer, −2 the one before."""
    n = number_of_layer(s, layer)
    return grad(lambda W: s.cost(s.output_from(W @ s.a[n - 1] + s.b[n], n)))(s.W[n])


def by_b(s: Pass, layer: int) -> Any:
    """∂C/∂bˡ, a column; −1 is the last layer, −2 the one before."""
    n = number_of_layer(s, layer)
    return grad(lambda b: s.cost(s.output_from(s.W[n] @ s.a[n - 1] + b, n)))(s.b[n])


def a_by_z(s: Pass, layer: int) -> Any:
    """∂aˡᵢ/∂zˡⱼ, a matrix; diagonal where the activation is elementwise."""
    n = number_of_layer(s, layer)
    return jacobian(lambda z: s.activation(n)(z))(s.z[n])[:, 0, :, 0]


def slope(s: Pass, layer: int) -> Any:
    """∂aˡᵢ/∂zˡᵢ, a column: the diagonal of :func:`a_by_z`."""
    return np.diagonal(a_by_z(s, layer)).reshape(-1, 1)


def parameter_gradients(network: Network, problem: Problem) -> tuple[list[Any], list[Any]]:
    """∂C/∂Wˡ and ∂C/∂bˡ of the mean cost, for every layer."""
    both = grad(network.mean_cost, argnums=(0, 1))
    weights, biases = both(list(problem.weights), list(problem.biases), problem.x, problem.y)
    return weights, biases
