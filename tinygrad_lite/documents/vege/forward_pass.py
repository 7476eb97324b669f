"""Section 2: the forward pass, and what its gradients are."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from ...verifying.draws import Draw, Family
from ...verifying.statements import Condition, Correction
from ..conditions import symbolic_sigmoids
from ..definitions import Pass
from ..families import NETWORKS, SIGMOIDS
from .document import statement


def neurons(s: Pass, layer: int) -> Any:
    """What each neuron of a layer takes in, as the text has it: outputs times weights, added up, and a bias."""
    W, a, b = s.W[layer], s.a[layer - 1], s.b[layer]
    rows, columns = W.shape
    return np.array([[b[j, 0] + sum([W[j, k] * a[k, 0] for k in range(columns)])] for j in range(rows)])


def layers(s: Pass) -> range:
    """Their numbers."""
    return range(1, s.L + 1)


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
