"""Section 2: the forward pass, and what its gradients are."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from ...verifying.draws import Draw, Family
from ...verifying.statements import Condition, Correction
from ..by_hand import partials
from ..conditions import symbolic_sigmoids
from ..definitions import Function, Pass, by_b, by_W
from ..families import CLASSIFIERS, NETWORKS, SIGMOIDS
from .document import statement


def neurons(s: Pass, layer: int) -> Any:
    """What each neuron of a layer takes in, as the text has it: outputs times weights, added up, and a bias."""
    W, a, b = s.W[layer], s.a[layer - 1], s.b[layer]
    rows, columns = W.shape
    return np.array([[b[j, 0] + sum([W[j, k] * a[k, 0] for k in range(columns)])] for j in range(rows)])


def layers(s: Pass) -> range:
    """Their numbers."""
    return range(1, s.L + 1)


def by_first_row(cost: Function, parameter: Any) -> Any:
    """∂C/∂ each component of a parameter's first row, by complex steps."""
    return partials(lambda row: cost(np.concatenate([row, parameter[1:]])), parameter[:1])


def cost_of_W(s: Pass, layer: int) -> Function:
    """C as a function of a layer's weights."""
    return lambda W: s.cost(s.output_from(W @ s.a[layer - 1] + s.b[layer], layer))


def cost_of_b(s: Pass, layer: int) -> Function:
    """C as a function of a layer's biases."""
    return lambda b: s.cost(s.output_from(s.W[layer] @ s.a[layer - 1] + b, layer))


def composition(s: Pass) -> Any:
    """Equation 6 from the inside out."""
    a = s.a[0]
    for n in layers(s):
        a = s.network.hidden((s.W[n] @ a + s.b[n]).T).T
    return a


SAME_ACTIVATION: Final = Condition(
    "the output layer has the hidden layers' activation",
    lambda s: s.network.output is s.network.hidden,
    symbolic_sigmoids,
)


class Layers(NamedTuple):
    """The widths of a network, input first, and whether the input is counted as a layer."""

    widths: tuple[int, ...]
    input_counts: bool


def layouts(seed: int) -> list[Draw]:
    """Networks with no hidden layer, and with up to five; the input counted or not."""
    rng = np.random.default_rng([seed, 20])
    widths = [tuple([int(n) for n in rng.integers(1, 9, depth)]) for depth in (2, 3, 4, 7)]
    return [Draw(f"widths {w}, input counted: {c}", Layers(w, c)) for w in widths for c in (False, True)]


LAYOUTS: Final = Family("numbers of layers", layouts)


def hidden_layers(s: Pass) -> int:
    """How many layers lie between input and output."""
    return len(s.a[1:-1])


STATEMENTS: Final = (
    statement(
        "1",
        "eq. 1",
        r"\mathbf{a}^1 = \sigma(\mathbf{z}^1) = \sigma(W^1 \mathbf{x} + \mathbf{b}^1)",
        "a¹ = σ(W¹ x + b¹)",
        CLASSIFIERS,
        lambda s: s.activation(1)(neurons(s, 1)),
        lambda s: s.activation(1)(s.W[1] @ s.a[0] + s.b[1]),
        kind="definition",
        sizes=(1, 2),
        note="computed neuron by neuron, as the text before it describes",
    ),
    statement(
        "2",
        "eq. 2",
        r"\hat{\mathbf{y}} = \sigma_f(\mathbf{z}^2) = \sigma_f(W^2 \mathbf{a}^1 + \mathbf{b}^2)",
        "ŷ = σ_f(W² a¹ + b²)",
        NETWORKS,
        lambda s: s.activation(s.L)(neurons(s, s.L)),
        lambda s: s.activation(s.L)(s.W[s.L] @ s.a[s.L - 1] + s.b[s.L]),
        kind="definition",
        note="2 is the number L of the last layer",
    ),
    statement(
        "2-output",
        "§ 2, ŷ is equivalent to aᴸ",
        r"\hat{\mathbf{y}} \text{ will be the output of the neural network, and is equivalent to } \mathbf{a}^L",
        "ŷ is aᴸ",
        NETWORKS,
        lambda s: s.activation(s.L)(neurons(s, s.L)),
        lambda s: +s.a[s.L],
        kind="claim",
    ),
    statement(
        "3",
        "eq. 3",
        r"\mathbf{z} = W\mathbf{x} + \mathbf{b}",
        "z = W x + b",
        CLASSIFIERS,
        lambda s: neurons(s, 1),
        lambda s: s.W[1] @ s.a[0] + s.b[1],
        kind="definition",
        sizes=(1, 2, 3),
    ),
    statement(
        "4",
        "eq. 4",
        r"\mathbf{a}^l = \sigma(\mathbf{z}^l) = \sigma(W^l \mathbf{a}^{l-1} + \mathbf{b}^l)",
        "aˡ = σ(Wˡ aˡ⁻¹ + bˡ)",
        NETWORKS,
        lambda s: {f"a{n}": s.activation(n)(neurons(s, n)) for n in layers(s)},
        lambda s: {f"a{n}": s.activation(n)(s.W[n] @ s.a[n - 1] + s.b[n]) for n in layers(s)},
        kind="definition",
        note="σ is the layer's own activation",
    ),
    statement(
        "5",
        "eq. 5",
        r"\mathbf{a}^L = \sigma(W^L \mathbf{a}^{L-1} + \mathbf{b}^L)",
        "aᴸ = σ(Wᴸ aᴸ⁻¹ + bᴸ)",
        NETWORKS,
        lambda s: s.activation(s.L)(neurons(s, s.L)),
        lambda s: s.network.hidden((s.W[s.L] @ s.a[s.L - 1] + s.b[s.L]).T).T,
        kind="definition",
        condition=SAME_ACTIVATION,
        corrected=Correction(
            r"\mathbf{a}^L = \sigma_f(W^L \mathbf{a}^{L-1} + \mathbf{b}^L)",
            "aᴸ = σ_f(Wᴸ aᴸ⁻¹ + bᴸ)",
            "The last layer's activation may differ from the others', as in equation 2.",
            lambda s: s.activation(s.L)(s.W[s.L] @ s.a[s.L - 1] + s.b[s.L]),
        ),
    ),
    statement(
        "6",
        "eq. 6",
        r"\mathbf{a}^L = \sigma(W^L \sigma(W^{L-1} \sigma(\dots \sigma(W^1 \mathbf{x} + \mathbf{b}^1) \dots) "
        r"+ \mathbf{b}^{L-1}) + \mathbf{b}^L)",
        "aᴸ = σ(Wᴸ σ(… σ(W¹x + b¹) …) + bᴸ)",
        NETWORKS,
        lambda s: s.a[-1],
        composition,
        condition=SAME_ACTIVATION,
        corrected=Correction(
            r"\mathbf{a}^L = \sigma_f(W^L \sigma(W^{L-1} \sigma(\dots \sigma(W^1 \mathbf{x} + \mathbf{b}^1) \dots) "
            r"+ \mathbf{b}^{L-1}) + \mathbf{b}^L)",
            "aᴸ = σ_f(Wᴸ σ(… σ(W¹x + b¹) …) + bᴸ)",
            "The last layer's activation may differ from the others', as in equation 2.",
            lambda s: s.output_from(s.W[1] @ s.a[0] + s.b[1], 1),
        ),
        note="the composition of equation 4, layer by layer",
    ),
    statement(
        "2-gradient-W",
        "§ 2, first gradient",
        r"\nabla_{j,W}^l \mathcal{C} = \frac{\partial \mathcal{C}}{\partial W_j^l}",
        "∇ˡ_{j,W} C = ∂C/∂Wˡⱼ",
        NETWORKS,
        lambda s: {f"W{n}": by_W(s, n)[0] for n in layers(s)},
        lambda s: {f"W{n}": by_first_row(cost_of_W(s, n), s.W[n]) for n in layers(s)},
        kind="definition",
        sizes=(),
        note="row j = 1, component by component (by complex steps)",
    ),
    statement(
        "2-gradient-b",
        "§ 2, second gradient",
        r"\nabla_{j,b}^l \mathcal{C} = \frac{\partial \mathcal{C}}{\partial b_j^l}",
        "∇ˡ_{j,b} C = ∂C/∂bˡⱼ",
        NETWORKS,
        lambda s: {f"b{n}": by_b(s, n)[0] for n in layers(s)},
        lambda s: {f"b{n}": by_first_row(cost_of_b(s, n), s.b[n]) for n in layers(s)},
        kind="definition",
        sizes=(),
        note="component j = 1 (by a complex step)",
    ),
    statement(
        "2-parameters",
        "§ 2, “two weights and two biases”",
        r"\text{For a simple neural network with just an input layer one hidden layer we will have two weights and "
        r"two biases.}",
        "one hidden layer: two W and two b",
        SIGMOIDS,
        lambda s: {"W": float(len(s.W[1:])), "b": float(len(s.b[1:]))},
        lambda s: {"W": float(1 + hidden_layers(s)), "b": float(1 + hidden_layers(s))},
        kind="claim",
        note="counting matrices and vectors: one W and one b for the output, and for each hidden layer",
    ),
    statement(
        "2-layers",
        "§ 2, “L is the total number of layers”",
        r"\text{an input layer, and } L - 1 \text{ hidden layers, where } L \text{ is the total number of layers}",
        "hidden layers = layers − 1",
        LAYOUTS,
        lambda s: float(len(s.widths[1:-1])),
        lambda s: float(len(s.widths[0 if s.input_counts else 1 :]) - 1),
        kind="claim",
        condition=Condition("the input is not counted as a layer", lambda s: not s.input_counts),
        corrected=Correction(
            r"\text{an input layer, } L - 1 \text{ hidden layers and an output layer: } L + 1 \text{ layers in all}",
            "hidden layers = L − 1, with Wᴸ last",
            "An input, L − 1 hidden and an output layer are L + 1 layers; L counts those with weights.",
            lambda s: float(len(s.widths[1:]) - 1),
        ),
    ),
)
