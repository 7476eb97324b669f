"""Section 6, to the end of 6.2: the chain rule for the output layer, and the costs' derivatives."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...verifying.statements import Condition, Correction
from ...verifying.verdicts import agreement
from ..by_hand import column_partials
from ..conditions import ELEMENTWISE_OUTPUT, symbolic_sigmoids
from ..definitions import (
    Pass,
    a_by_z,
    by_a,
    by_W,
    by_z,
    cross_entropy,
    quadratic_cost,
    slope,
    slopes,
    softmax,
    z_by_W,
)
from ..families import NETWORKS, ODDS, SCORES, Odds, Scores
from .document import statement


def same_neuron(s: Pass) -> Any:
    """∂zᴸⱼ/∂Wᴸⱼₖ, for axes j, k."""
    tensor = z_by_W(s, -1, -1)
    return np.array([tensor[j, j] for j in range(len(tensor))])


def quadratic_slopes(s: Scores) -> Any:
    """∂C/∂a of the quadratic cost, by autograd; a is any output."""
    return slopes(lambda a: quadratic_cost(a, s.t), s.z)


def entropy_slopes(s: Scores) -> Any:
    """∂C/∂a of the cross entropy, by autograd; a is softmax's output."""
    return slopes(lambda a: cross_entropy(a, s.t), softmax(s.z))


def identity(s: Pass) -> Any:
    """δᵢⱼ for the neurons of layer L."""
    return np.eye(len(s.z[-1]))


CHAIN: Final = (
    statement(
        "25",
        "eq. 25",
        r"\frac{\partial \mathcal{C}}{\partial W_{jk}^L} = \frac{\partial \mathcal{C}}{\partial a_j^L} "
        r"\frac{\partial a_j^L}{\partial z_j^L} \frac{\partial z_j^L}{\partial W_{jk}^L}",
        "∂C/∂Wⱼₖ = ∂C/∂aⱼ ∂aⱼ/∂zⱼ ∂zⱼ/∂Wⱼₖ",
        NETWORKS,
        lambda s: by_W(s, -1),
        lambda s: by_a(s, -1) * slope(s, -1) * same_neuron(s),
        condition=ELEMENTWISE_OUTPUT,
        corrected=Correction(
            r"\frac{\partial \mathcal{C}}{\partial W_{jk}^L} = \sum_i \frac{\partial \mathcal{C}}{\partial a_i^L} "
            r"\frac{\partial a_i^L}{\partial z_j^L} \frac{\partial z_j^L}{\partial W_{jk}^L}",
            "∂C/∂Wⱼₖ = Σᵢ ∂C/∂aᵢ ∂aᵢ/∂zⱼ ∂zⱼ/∂Wⱼₖ",
            "Every output of a softmax depends on zⱼ, so the chain rule adds up the ways through all of them.",
            lambda s: (a_by_z(s, -1).T @ by_a(s, -1)) * same_neuron(s),
        ),
    ),
    statement(
        "26",
        "eq. 26",
        r"\frac{\partial \mathcal{C}}{\partial W^L} = \left(\frac{\partial \mathcal{C}}{\partial \mathbf{a}^L} \odot "
        r"\frac{\partial \mathbf{a}^L}{\partial \mathbf{z}^L} \right) "
        r"\frac{\partial \mathbf{z}^L}{\partial W^L}",
        "∂C/∂W = (∂C/∂a ⊙ ∂a/∂z) ∂z/∂W",
        NETWORKS,
        lambda s: by_W(s, -1),
        lambda s: np.einsum("i,ijk->jk", (by_a(s, -1) * slope(s, -1))[:, 0], z_by_W(s, -1, -1)),
        condition=ELEMENTWISE_OUTPUT,
        corrected=Correction(
            r"\frac{\partial \mathcal{C}}{\partial W^L} = \left(\left(\frac{\partial \mathbf{a}^L}{\partial "
            r"\mathbf{z}^L}\right)^T \frac{\partial \mathcal{C}}{\partial \mathbf{a}^L} \right) "
            r"\frac{\partial \mathbf{z}^L}{\partial W^L}",
            "∂C/∂W = ((∂a/∂z)ᵀ ∂C/∂a) ∂z/∂W",
            "The Hadamard product sees only the diagonal of ∂a/∂z, and softmax has more.",
            lambda s: np.einsum("i,ijk->jk", (a_by_z(s, -1).T @ by_a(s, -1))[:, 0], z_by_W(s, -1, -1)),
        ),
        note="∂z/∂W is read as the array ∂zᵢ/∂Wⱼₖ, with the sum over i",
    ),
    statement(
        "6-hadamard",
        "§ 6, before eq. 26",
        r"\text{two of the products are component-wise, such that we actually are multiplying by the Hadamard product}",
        "∂C/∂a ⊙ ∂a/∂z is ∂C/∂z",
        NETWORKS,
        lambda s: agreement(by_z(s, -1), by_a(s, -1) * slope(s, -1)),
        lambda s: 1.0,
        kind="claim",
        condition=ELEMENTWISE_OUTPUT,
        sizes=(),
        note="1 if they agree, 0 if not",
    ),
    statement(
        "27",
        "eq. 27",
        r"\frac{\partial \mathbf{a}^L}{\partial \mathbf{z}^L} = \frac{\partial}{\partial \mathbf{z}^L} "
        r"(\sigma(\mathbf{z}^L))",
        "∂aᴸ/∂zᴸ = ∂/∂zᴸ σ(zᴸ)",
        NETWORKS,
        lambda s: a_by_z(s, -1),
        lambda s: column_partials(s.activation(s.L), s.z[-1]),
        kind="definition",
        sizes=(),
        note="the right side by complex steps",
    ),
    statement(
        "28",
        "eq. 28",
        r"\frac{\partial \mathbf{z}^L}{\partial W^L} = \mathbf{a}^{L-1}",
        "∂zᴸ/∂Wᴸ = aᴸ⁻¹",
        NETWORKS,
        lambda s: z_by_W(s, -1, -1),
        lambda s: np.ones((*identity(s).shape, 1)) * s.a[-2][:, 0],
        condition=Condition("layer L has one neuron", lambda s: s.a[-1].shape == (1, 1), symbolic_sigmoids, (1,)),
        corrected=Correction(
            r"\frac{\partial z_i^L}{\partial W_{jk}^L} = \delta_{ij} a_k^{L-1}",
            "∂zᵢ/∂Wⱼₖ = δᵢⱼ aₖ",
            "A vector by a matrix has three indices. Each zᵢ depends on its own row of W only: 0 for i ≠ j.",
            lambda s: identity(s)[:, :, None] * s.a[-2][:, 0],
        ),
        note="aₖ for all i and j; for i = j, as in equation 25, it is right",
    ),
)

COSTS: Final = (
    statement(
        "6.1-quadratic-1",
        "§ 6.1, line 1",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial \mathbf{a}^L} &= \frac{\partial}{\partial \mathbf{a}^L} "
        r"\left(\frac{1}{2} (\mathbf{a}^L - \mathbf{y})^2 \right)",
        "∂C/∂a = ∂/∂a (½ (a − y)²)",
        SCORES,
        quadratic_slopes,
        lambda s: slopes(lambda a: (a - s.t) ** 2 / 2, s.z),
        note="a is any output; the square of a vector is that of its norm",
    ),
    statement(
        "6.1-quadratic-2",
        "§ 6.1, line 2",
        r"&= \mathbf{a}^L - \mathbf{y},",
        "= a − y",
        SCORES,
        quadratic_slopes,
        lambda s: s.z - s.t,
    ),
    statement(
        "29",
        "eq. 29",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial \mathbf{a}^L} = \mathbf{a}^L - \mathbf{y}.",
        "∂C/∂a = a − y (quadratic)",
        SCORES,
        quadratic_slopes,
        lambda s: s.z - s.t,
    ),
    statement(
        "6.2-ce-1",
        "§ 6.2, line 1",
        r"\frac{\partial \mathcal{C}_{\text{CE}}}{\partial \mathbf{a}^L} &= \frac{\partial}{\partial \mathbf{a}^L} "
        r"(-\mathbf{y} \ln \mathbf{a}^L)",
        "∂C/∂a = ∂/∂a (−y ln a)",
        SCORES,
        entropy_slopes,
        lambda s: slopes(lambda a: -s.t * np.log(a), softmax(s.z)),
        note="y ln a stands for Σₖ yₖ ln aₖ",
    ),
    statement(
        "6.2-ce-2",
        "§ 6.2, line 2",
        r"&= -\frac{\mathbf{y}}{\mathbf{a}^L}.",
        "= −y/a",
        SCORES,
        entropy_slopes,
        lambda s: -s.t / softmax(s.z),
        note="entry by entry",
    ),
    statement(
        "30",
        "eq. 30",
        r"\frac{\partial \mathcal{C}_{\text{CE}}}{\partial \mathbf{a}^L} = -\frac{\mathbf{y}}{\mathbf{a}^L}.",
        "∂C/∂a = −y/a (cross-entropy)",
        SCORES,
        entropy_slopes,
        lambda s: -s.t / softmax(s.z),
        note="entry by entry",
    ),
)


def binary_cost(s: Odds) -> Any:
    """∂/∂a of the cross entropy of both classes, by autograd."""
    return slopes(lambda a: cross_entropy(np.stack([a, 1 - a], -1), np.stack([s.y, 1 - s.y], -1)), s.a)


BINARY: Final = (
    statement(
        "6.2-binary-1",
        "§ 6.2, K = 2, line 1",
        r"\frac{\partial \mathcal{C}_{\text{CE}}^2}{\partial a^L} &= -\frac{\partial}{\partial a^L} "
        r"(y \ln a^L - (1 - y) \ln(1 - a^L))",
        "∂C²/∂a = −∂/∂a (y ln a − (1−y) ln(1−a))",
        ODDS,
        binary_cost,
        lambda s: -slopes(lambda a: s.y * np.log(a) - (1 - s.y) * np.log(1 - a), s.a),
        corrected=Correction(
            r"\frac{\partial \mathcal{C}_{\text{CE}}^2}{\partial a^L} = -\frac{\partial}{\partial a^L} "
            r"(y \ln a^L + (1 - y) \ln(1 - a^L))",
            "∂C²/∂a = −∂/∂a (y ln a + (1−y) ln(1−a))",
            "By equation 11 both terms have the same sign; the next line is right again.",
            lambda s: -slopes(lambda a: s.y * np.log(a) + (1 - s.y) * np.log(1 - a), s.a),
            right_when=Condition("y = 1", lambda s: bool(np.all(s.y == 1))),
            really=lambda s: -(s.y / s.a) - (1 - s.y) / (1 - s.a),
        ),
    ),
    statement(
        "6.2-binary-2",
        "§ 6.2, K = 2, line 2",
        r"&= \frac{1 - y}{1 - a^L} - \frac{y}{a^L}",
        "= (1 − y)/(1 − a) − y/a",
        ODDS,
        binary_cost,
        lambda s: (1 - s.y) / (1 - s.a) - s.y / s.a,
    ),
    statement(
        "6.2-binary-3",
        "§ 6.2, K = 2, line 3",
        r"&= \frac{a^L - y}{a^L(1 - a^L)}",
        "= (a − y)/(a (1 − a))",
        ODDS,
        binary_cost,
        lambda s: (s.a - s.y) / (s.a * (1 - s.a)),
    ),
)

STATEMENTS: Final = (*CHAIN, *COSTS, *BINARY)
