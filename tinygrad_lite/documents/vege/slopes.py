"""Sections 4.1.1 and 4.2: the sigmoid, the activations of hidden layers, and their derivatives."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...verifying.proving import indexed_proof
from ...verifying.statements import Kink
from ...verifying.verdicts import agreement
from ..definitions import Pass, by_z, heaviside, relu, sigmoid, slopes, softmax, tanh
from ..families import NUMBERS, SCORES, SIGMOIDS, Numbers
from .document import statement

AT_ZERO: Final = Numbers(np.zeros(1))


def within(a: Any) -> Any:
    """1.0 if all numbers are between 0 and 1."""
    return agreement(np.clip(a, 0, 1), a)


def recursion_holds(s: Pass) -> Any:
    """1.0 if σ(z) (1 − σ(z)) in equation 35 gives every hidden layer's δ."""
    by_hand = {str(n): (s.W[n + 1].T @ by_z(s, n + 1)) * sigmoid(s.z[n]) * (1 - sigmoid(s.z[n])) for n in range(1, s.L)}
    return agreement({n: by_z(s, int(n)) for n in by_hand}, by_hand)


SIGMOID: Final = (
    statement(
        "4-range",
        "§ 4, “between 0 and 1”",
        r"\text{the output activation function, which will in the classification case be forced to be between 0 and 1}",
        "0 ≤ σ ≤ 1: sigmoid, softmax; not tanh",
        SCORES,
        lambda s: {"sigmoid": within(sigmoid(s.z)), "softmax": within(softmax(s.z)), "tanh": within(np.tanh(s.z))},
        lambda s: {"sigmoid": 1.0, "softmax": 1.0, "tanh": float(np.all(s.z > 0))},
        kind="claim",
    ),
    statement(
        "13",
        "eq. 13",
        r"\sigma_{\text{sig}}(z) = \frac{1}{1 + e^{-z}}",
        "σ(z) = 1/(1 + e⁻ᶻ)",
        NUMBERS,
        lambda s: (1 + tanh(s.z / 2)) / 2,
        lambda s: 1 / (1 + np.exp(-s.z)),
        kind="definition",
        note="computed as ½ (1 + tanh ½z)",
    ),
    statement(
        "4.1.1-sigmoid-1",
        "§ 4.1.1, derivative, line 1",
        r"\frac{\partial}{\partial z}(\sigma_{\text{sig}}(z)) &= \frac{\partial}{\partial z} "
        r"\left(\frac{1}{1 + e^{-z}} \right)",
        "σ′(z) = ∂/∂z (1/(1 + e⁻ᶻ))",
        NUMBERS,
        lambda s: slopes(lambda z: (1 + np.tanh(z / 2)) / 2, s.z),
        lambda s: slopes(lambda z: 1 / (1 + np.exp(-z)), s.z),
        sizes=(),
    ),
    statement(
        "4.1.1-sigmoid-2",
        "§ 4.1.1, derivative, line 2",
        r"&= (-e^{-z}) \frac{-1}{(1 + e^{-z})^2}",
        "= (−e⁻ᶻ) · −1/(1 + e⁻ᶻ)²",
        NUMBERS,
        lambda s: slopes(sigmoid, s.z),
        lambda s: (-np.exp(-s.z)) * (-1 / (1 + np.exp(-s.z)) ** 2),
    ),
    statement(
        "4.1.1-sigmoid-3",
        "§ 4.1.1, derivative, line 3",
        r"&= \sigma_{\text{sig}}(z) \left(\frac{1 - 1 + e^{-z}}{1 + e^{-z}} \right)",
        "= σ(z) (1 − 1 + e⁻ᶻ)/(1 + e⁻ᶻ)",
        NUMBERS,
        lambda s: slopes(sigmoid, s.z),
        lambda s: sigmoid(s.z) * ((1 - 1 + np.exp(-s.z)) / (1 + np.exp(-s.z))),
        note="1 − 1 is 0, written out to prepare (1 + e⁻ᶻ) − 1 in the next line",
    ),
    statement(
        "4.1.1-sigmoid-4",
        "§ 4.1.1, derivative, line 4",
        r"&= \sigma_{\text{sig}}(z) \left(1 - \frac{1}{1 + e^{-z}} \right)",
        "= σ(z) (1 − 1/(1 + e⁻ᶻ))",
        NUMBERS,
        lambda s: slopes(sigmoid, s.z),
        lambda s: sigmoid(s.z) * (1 - 1 / (1 + np.exp(-s.z))),
    ),
    statement(
        "4.1.1-sigmoid-5",
        "§ 4.1.1, derivative, line 5",
        r"&= \sigma_{\text{sig}}(z) (1 - \sigma_{\text{sig}}(z))",
        "= σ(z) (1 − σ(z))",
        NUMBERS,
        lambda s: slopes(sigmoid, s.z),
        lambda s: sigmoid(s.z) * (1 - sigmoid(s.z)),
        for_all=indexed_proof("sigmoid"),
    ),
    statement(
        "14",
        "eq. 14",
        r"\sigma'_{\text{sig}}(z) = \sigma_{\text{sig}}(z)(1 - \sigma_{\text{sig}}(z))",
        "σ′(z) = σ(z) (1 − σ(z))",
        NUMBERS,
        lambda s: slopes(sigmoid, s.z),
        lambda s: sigmoid(s.z) * (1 - sigmoid(s.z)),
        for_all=indexed_proof("sigmoid"),
    ),
)
"""Sections 4 and 4.1.1."""

HIDDEN: Final = (
    statement(
        "4.2-sigmoid",
        "§ 4.2, sigmoid in hidden layers",
        r"\text{The sigmoidal activation function can also be used as a hidden layer activation function.}",
        "σ′ = σ (1 − σ) serves in hidden layers",
        SIGMOIDS,
        recursion_holds,
        lambda s: 1.0,
        kind="claim",
        note="with it equation 35 gives autograd's δ in every hidden layer; section 4.1.1 says the same",
    ),
    statement(
        "17",
        "eq. 17",
        r"\sigma_{\text{tanh}}(z) = \tanh(z)",
        "σ_tanh(z) = tanh(z)",
        NUMBERS,
        lambda s: tanh(s.z),
        lambda s: np.tanh(s.z),
        kind="definition",
        note="computed as (eᶻ − e⁻ᶻ)/(eᶻ + e⁻ᶻ)",
    ),
    statement(
        "18",
        "eq. 18",
        r"\sigma'_{\text{tanh}}(z) = 1 - \tanh^2(z)",
        "tanh′(z) = 1 − tanh²(z)",
        NUMBERS,
        lambda s: slopes(tanh, s.z),
        lambda s: 1 - np.tanh(s.z) ** 2,
        note="autograd differentiates tanh as a quotient of exponentials",
        for_all=indexed_proof("tanh"),
    ),
    statement(
        "19",
        "eq. 19",
        r"\sigma_{\text{relu}}(z) = \begin{cases} z & \text{if } z \geq 0 \\ 0 & \text{if } z < 0 \end{cases}",
        "relu(z) = z if z ≥ 0, 0 if z < 0",
        NUMBERS,
        lambda s: (s.z + abs(s.z)) / 2,
        lambda s: np.where(s.z >= 0, s.z, 0.0),
        kind="definition",
        note="computed as ½ (z + |z|)",
    ),
    statement(
        "20",
        "eq. 20",
        r"\sigma'_{\text{relu}}(z) = \begin{cases} 1 & \text{if } z \geq 0 \\ 0 & \text{if } z < 0 \end{cases}",
        "relu′(z) = 1 if z ≥ 0, 0 if z < 0",
        NUMBERS,
        lambda s: slopes(relu, s.z),
        lambda s: np.where(s.z >= 0, 1.0, 0.0),
        kink=Kink(relu, 0.0, AT_ZERO),
    ),
    statement(
        "21",
        "eq. 21",
        r"\sigma_{\text{Heaviside}}(z) = \begin{cases} 1 & \text{if } z \geq 0 \\ 0 & \text{if } z < 0 \end{cases}",
        "Heaviside(z) = 1 if z ≥ 0, 0 if z < 0",
        NUMBERS,
        lambda s: (1 + np.sign(s.z)) / 2,
        lambda s: np.where(s.z >= 0, 1.0, 0.0),
        kind="definition",
        note="computed as ½ (1 + sign z); the value 1 at 0 is the document's choice",
    ),
    statement(
        "22",
        "eq. 22",
        r"\sigma'_{\text{Heaviside}}(z) = 0",
        "Heaviside′(z) = 0",
        NUMBERS,
        lambda s: slopes(heaviside, s.z),
        lambda s: np.zeros(s.z.shape),
        kink=Kink(heaviside, 0.0, AT_ZERO),
    ),
)
"""Section 4.2."""
