"""H. M. M. Vege, "Neural networks and Back Propagation" (3 December 2018): activations, costs, and the δ recursion.

The document writes one sample as a column and its cost as C. Here a batch is a matrix with a sample in each column
wherever the document's formula is evaluated, so it reads as printed; costs are averaged over the batch (equations 7
and 9), and so are the gradients of weights and biases: δ (aˡ⁻¹)ᵀ of a batch is the sum over its samples.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..transforms import jacobian
from .catalogue import Document, Equation
from .definitions import (
    CLASSIFIER,
    QUADRATIC,
    Array,
    Network,
    Problem,
    Quantities,
    cross_entropy,
    delta,
    parameter_gradients,
    quadratic_cost,
    relu,
    sigmoid,
    slopes,
    softmax,
    tanh,
)

VEGE: Final = Document("Neural networks and Back Propagation", "H. M. M. Vege", "2018", "Vege")


# ---------------------------------------------------------------------------------------------------------------------
# By autograd


def softmax_jacobians(p: Problem) -> Quantities:
    """∂σᵢ/∂zⱼ: the axes are sample, i, j."""
    return {"∂σ/∂z": np.stack([jacobian(softmax)(z) for z in p.scores()])}


def output_gradients(p: Problem) -> Quantities:
    """∂C/∂z of softmax and cross-entropy."""
    return {"∂C/∂z": delta(CLASSIFIER, p, len(p.weights))}


def output_delta(p: Problem) -> Quantities:
    """δᴸ of quadratic cost and sigmoids."""
    return {"δᴸ": delta(QUADRATIC, p, len(p.weights))}


def hidden_deltas(p: Problem) -> Quantities:
    """δˡ of the layers before the last."""
    return {f"δ{layer}": delta(QUADRATIC, p, layer) for layer in range(1, len(p.weights))}


def all_gradients(network: Network, p: Problem) -> Quantities:
    """∂C/∂Wˡ and ∂C/∂bˡ of every layer, named W1, W2, …, b1, b2, …"""
    weights, biases = parameter_gradients(network, p)
    named = {f"W{layer}": g for layer, g in enumerate(weights, 1)}
    return named | {f"b{layer}": g for layer, g in enumerate(biases, 1)}


def of_last(kind: str, p: Problem, gradients: Quantities) -> Quantities:
    """Those of the last layer's weights (kind W) or biases (kind b)."""
    name = f"{kind}{len(p.weights)}"
    return {name: gradients[name]}


def of_others(kind: str, p: Problem, gradients: Quantities) -> Quantities:
    """Those of every other layer's."""
    names = [f"{kind}{layer}" for layer in range(1, len(p.weights))]
    return {name: gradients[name] for name in names}


# ---------------------------------------------------------------------------------------------------------------------
# As printed


def sigmoid_slope(z: Any) -> Any:
    """Equation 14."""
    return sigmoid(z) * (1 - sigmoid(z))


def tanh_slope(z: Any) -> Any:
    """Equation 18."""
    return 1 - tanh(z) ** 2


def relu_slope(z: Any) -> Any:
    """Equation 20."""
    return np.where(z >= 0, 1.0, 0.0)


def softmax_slope(p: Problem) -> Quantities:
    """Equation 16, σⱼ (δⱼᵢ − σᵢ): the axes are sample, i, j."""
    sigma = softmax(p.scores())
    kronecker = np.eye(sigma.shape[1])
    return {"∂σ/∂z": sigma[:, None, :] * (kronecker - sigma[:, :, None])}


def columns(network: Network, p: Problem) -> tuple[list[Array], list[Array]]:
    """The forward pass of equation 4 with samples in columns: a⁰ = x, a¹, …, and z¹, z², … after an unused z⁰."""
    a, z = [p.x.T], [p.x.T]
    for W, b in zip(p.weights, p.biases, strict=True):
        activation = network.output if W is p.weights[-1] else network.hidden
        z.append(W @ a[-1] + b[:, None])
        a.append(activation(z[-1].T).T)
    return a, z


def printed_output_delta(p: Problem) -> Any:
    """Equation 31: δᴸ = (aᴸ − y) aᴸ (1 − aᴸ)."""
    a, _ = columns(QUADRATIC, p)
    return (a[-1] - p.y.T) * a[-1] * (1 - a[-1])


def general_output_delta(p: Problem) -> Any:
    """Equation 32 with equation 29 for the cost: δᴸ = ∇ₐC ⊙ σ′(zᴸ)."""
    a, z = columns(QUADRATIC, p)
    return (a[-1] - p.y.T) * sigmoid_slope(z[-1])


def classifier_output_delta(p: Problem) -> Any:
    """Equation 39: aᴸ − y."""
    a, _ = columns(CLASSIFIER, p)
    return a[-1] - p.y.T


def printed_deltas(network: Network, p: Problem) -> dict[int, Array]:
    """δˡ for every layer l: equation 31 or 39 for the last one, and equation 35 down to the first."""
    _, z = columns(network, p)
    slope = sigmoid_slope if network is QUADRATIC else tanh_slope
    top = len(p.weights)
    found = {top: printed_output_delta(p) if network is QUADRATIC else classifier_output_delta(p)}
    for layer in range(top, 1, -1):
        W = p.weights[layer - 1]
        found[layer - 1] = (W.T @ found[layer]) * slope(z[layer - 1])
    return found


def averaged(d: Array, a: Array) -> Any:
    """δˡ (aˡ⁻¹)ᵀ, averaged over the batch. Source: equations 33 and 36."""
    return d @ a.T / d.shape[1]


def output_gradients_of_quadratic(p: Problem) -> tuple[Any, Any]:
    """Equations 33 and 34, averaged over the batch: for Wᴸ and bᴸ."""
    a, _ = columns(QUADRATIC, p)
    d = printed_output_delta(p)
    return averaged(d, a[-2]), d.mean(axis=1)


def printed_weight_gradients(network: Network, p: Problem) -> dict[str, Array]:
    """Equation 36, which is 33 for the last layer, averaged over the batch."""
    a, _ = columns(network, p)
    return {f"W{layer}": averaged(d, a[layer - 1]) for layer, d in printed_deltas(network, p).items()}


def printed_bias_gradients(network: Network, p: Problem) -> dict[str, Array]:
    """Equation 37, which is 34 for the last layer, averaged over the batch."""
    return {f"b{layer}": d.mean(axis=1) for layer, d in printed_deltas(network, p).items()}


# ---------------------------------------------------------------------------------------------------------------------
# The entries


def hidden(p: Problem) -> Any:
    """Numbers to evaluate an activation at: what the first layer makes of the batch."""
    return p.pre_activations(QUADRATIC)[0]


EQUATIONS: Final = (
    Equation(
        "vege-14",
        VEGE,
        "eq. 14",
        "σ′(z) = σ(z) (1 − σ(z))",
        lambda p: {"σ′": slopes(sigmoid, hidden(p))},
        lambda p: {"σ′": sigmoid_slope(hidden(p))},
    ),
    Equation("vege-16", VEGE, "eq. 16", "∂σᵢ/∂zⱼ = σⱼ (δⱼᵢ − σᵢ)", softmax_jacobians, softmax_slope),
    Equation(
        "vege-18",
        VEGE,
        "eq. 18",
        "tanh′(z) = 1 − tanh²(z)",
        lambda p: {"tanh′": slopes(tanh, hidden(p))},
        lambda p: {"tanh′": tanh_slope(hidden(p))},
        note="autograd differentiates tanh as a quotient of exponentials",
    ),
    Equation(
        "vege-20",
        VEGE,
        "eq. 20",
        "relu′(z) = 1 if z > 0, 0 if z < 0",
        lambda p: {"relu′": slopes(relu, hidden(p))},
        lambda p: {"relu′": relu_slope(hidden(p))},
        note="at z = 0 there is no derivative; the document's choice is 1",
    ),
    Equation(
        "vege-29",
        VEGE,
        "eq. 29",
        "∂C/∂a = a − y (quadratic)",
        lambda p: {"∂C/∂a": slopes(lambda a: quadratic_cost(a, p.y), sigmoid(p.scores()))},
        lambda p: {"∂C/∂a": sigmoid(p.scores()) - p.y},
    ),
    Equation(
        "vege-30",
        VEGE,
        "eq. 30",
        "∂C/∂a = −y/a (cross-entropy)",
        lambda p: {"∂C/∂a": slopes(lambda a: cross_entropy(a, p.y), softmax(p.scores()))},
        lambda p: {"∂C/∂a": -p.y / softmax(p.scores())},
    ),
    Equation(
        "vege-31",
        VEGE,
        "eq. 31",
        "δᴸ = (a − y) a (1 − a)",
        output_delta,
        lambda p: {"δᴸ": printed_output_delta(p)},
        note="for sigmoids, whose σ′(z) is a (1 − a)",
    ),
    Equation(
        "vege-32",
        VEGE,
        "eq. 32",
        "δᴸ = ∇ₐC ⊙ σ′(zᴸ)",
        output_delta,
        lambda p: {"δᴸ": general_output_delta(p)},
        note="printed with σ′(aᴸ); checked with σ′(zᴸ), as in equation 35",
    ),
    Equation(
        "vege-33",
        VEGE,
        "eq. 33",
        "∂C/∂Wᴸ = δᴸ (aᴸ⁻¹)ᵀ",
        lambda p: of_last("W", p, all_gradients(QUADRATIC, p)),
        lambda p: {f"W{len(p.weights)}": output_gradients_of_quadratic(p)[0]},
        note="averaged over the batch",
    ),
    Equation(
        "vege-34",
        VEGE,
        "eq. 34 (b)",
        "∂C/∂bᴸ = δᴸ",
        lambda p: of_last("b", p, all_gradients(QUADRATIC, p)),
        lambda p: {f"b{len(p.weights)}": output_gradients_of_quadratic(p)[1]},
        note="printed as ∂C/∂Wˡ; checked for bᴸ, averaged over the batch",
    ),
    Equation(
        "vege-35",
        VEGE,
        "eq. 35",
        "δˡ⁻¹ = ((Wˡ)ᵀ δˡ) ⊙ σ′(zˡ⁻¹)",
        hidden_deltas,
        lambda p: {f"δ{layer}": d for layer, d in printed_deltas(QUADRATIC, p).items() if layer < len(p.weights)},
    ),
    Equation(
        "vege-36",
        VEGE,
        "eq. 36",
        "∂C/∂Wˡ = δˡ (aˡ⁻¹)ᵀ",
        lambda p: of_others("W", p, all_gradients(QUADRATIC, p)),
        lambda p: of_others("W", p, printed_weight_gradients(QUADRATIC, p)),
        note="printed without the transpose; checked with it, averaged over the batch",
    ),
    Equation(
        "vege-37",
        VEGE,
        "eq. 37 (b)",
        "∂C/∂bˡ = δˡ",
        lambda p: of_others("b", p, all_gradients(QUADRATIC, p)),
        lambda p: of_others("b", p, printed_bias_gradients(QUADRATIC, p)),
        note="printed as ∂C/∂Wˡ; checked for bˡ, averaged over the batch",
    ),
    Equation(
        "vege-39",
        VEGE,
        "eq. 39",
        "∂C/∂z = a − y (softmax)",
        output_gradients,
        lambda p: {"∂C/∂z": classifier_output_delta(p)},
        note="for targets that sum to 1",
    ),
    Equation(
        "vege-6.3.3-network",
        VEGE,
        "§ 6.3.3",
        "every W, b: 39 into 33–37",
        lambda p: all_gradients(CLASSIFIER, p),
        lambda p: printed_weight_gradients(CLASSIFIER, p) | printed_bias_gradients(CLASSIFIER, p),
        note="three layers with tanh, softmax and cross-entropy; averaged over the batch",
    ),
)
