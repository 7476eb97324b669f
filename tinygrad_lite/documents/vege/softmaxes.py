"""Section 4.1.2: softmax and its derivative."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...verifying.statements import Correction
from ...verifying.verdicts import agreement
from ..definitions import SOFTMAX_WITHIN, Pass, a_by_z, by_z, slope
from ..families import network_family
from .document import statement

SOFTMAX_HIDDEN: Final = network_family(
    "a network of softmax layers", ("softmax in every layer", SOFTMAX_WITHIN), narrow=False
)


def hidden_deltas(s: Pass) -> dict[str, Any]:
    """δ of the hidden layers by autograd."""
    return {f"δ{n}": by_z(s, n) for n in range(1, s.L)}


def recursion(s: Pass, jacobian: Any) -> dict[str, Any]:
    """Equation 35 with a product with a Jacobian for σ′."""
    return {f"δ{n}": jacobian(s, n).T @ (s.W[n + 1].T @ by_z(s, n + 1)) for n in range(1, s.L)}


def diagonal_of(s: Pass, layer: int) -> Any:
    """The Jacobian without what is off its diagonal: all that a Hadamard product sees."""
    return np.diag(slope(s, layer)[:, 0])


STATEMENTS: Final = (
    statement(
        "4.1.2-only-output",
        "§ 4.1.2, “only … in the output layer”",
        r"\text{The softmax activation function can only be used in the output layer.}",
        "softmax in a hidden layer: no gradient",
        SOFTMAX_HIDDEN,
        lambda s: agreement(hidden_deltas(s), recursion(s, a_by_z)),
        lambda s: 0.0,
        kind="claim",
        corrected=Correction(
            r"\delta^{l-1} = \left(\frac{\partial \mathbf{a}^{l-1}}{\partial \mathbf{z}^{l-1}}\right)^T "
            r"(W^l)^T \delta^l",
            "δˡ⁻¹ = (∂aˡ⁻¹/∂zˡ⁻¹)ᵀ (Wˡ)ᵀ δˡ",
            "Softmax is uncommon in hidden layers, as the footnote says, but can be used there: backpropagation goes "
            "through its Jacobian. Only equation 35 with its Hadamard product does not serve for it.",
            lambda s: 1.0,
            really=lambda s: agreement(hidden_deltas(s), recursion(s, diagonal_of)),
        ),
        note="1 if δ of the hidden layers is what the formula says, 0 if not",
    ),
)
