"""Sections 4.1.1 and 4.2: the sigmoid, the activations of hidden layers, and their derivatives."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...verifying.statements import Kink
from ...verifying.verdicts import agreement
from ..definitions import Pass, by_z, heaviside, relu, sigmoid, slopes, softmax
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
