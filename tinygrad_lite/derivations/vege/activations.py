"""Sections 4.1 and 4.2: activation functions and their derivatives."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..catalogue import Entry, Kink
from ..definitions import relu, sigmoid, slopes, tanh
from ..draws import NUMBERS, Numbers
from .document import VEGE

AT_ZERO: Final = Numbers(np.zeros(1))

ENTRIES: Final = (
    Entry(
        "vege-14",
        VEGE,
        "eq. 14",
        r"\sigma'_{\text{sig}}(z) = \sigma_{\text{sig}}(z)(1 - \sigma_{\text{sig}}(z))",
        "σ′(z) = σ(z) (1 − σ(z))",
        NUMBERS,
        lambda s: slopes(sigmoid, s.z),
        lambda s: sigmoid(s.z) * (1 - sigmoid(s.z)),
    ),
    Entry(
        "vege-18",
        VEGE,
        "eq. 18",
        r"\sigma'_{\text{tanh}}(z) = 1 - \tanh^2(z)",
        "tanh′(z) = 1 − tanh²(z)",
        NUMBERS,
        lambda s: slopes(tanh, s.z),
        lambda s: 1 - tanh(s.z) ** 2,
        note="autograd differentiates tanh as a quotient of exponentials",
    ),
    Entry(
        "vege-20",
        VEGE,
        "eq. 20",
        r"\sigma'_{\text{relu}}(z) = \begin{cases} 1 & \text{if } z \geq 0 \\ 0 & \text{if } z < 0 \end{cases}",
        "relu′(z) = 1 if z ≥ 0, 0 if z < 0",
        NUMBERS,
        lambda s: slopes(relu, s.z),
        lambda s: np.where(s.z >= 0, 1.0, 0.0),
        kink=Kink(relu, 0.0, AT_ZERO),
    ),
)
