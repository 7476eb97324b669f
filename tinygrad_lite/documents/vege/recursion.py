"""Section 6.3.1 from equation 31: the gradients in terms of δ, and its recursion; equations 32 to 37."""

from __future__ import annotations

from typing import Any, Final

from ...verifying.statements import Correction
from ...verifying.verdicts import agreement
from ..conditions import ELEMENTWISE_OUTPUT
from ..definitions import QUADRATIC, Pass, a_by_z, by_a, by_W, by_z, slope
from ..families import NETWORKS, PROBLEMS, SIGMOIDS
from .document import statement
from .mini_batch import all_gradients, backpropagation
from .sigmoids import delta_before, delta_L


def layer_of(s: Pass, formula: Any) -> float:
    """The number of the layer whose ∂C/∂W a formula gives."""
    return float(next(n for n in range(1, s.L + 1) if agreement(by_W(s, n), formula)))


def label(said: int, formula: Any, of: str) -> Any:
    """The claim that a formula belongs to the layer that the text announces, L − said."""
    right = "L" if said == 1 else f"L - {said - 1}"
    return statement(
        f"6.3.1-label-{said}",
        f"§ 6.3.1, “for the L − {said} layer”",
        rf"\text{{for the }} L - {said} \text{{ layer}}",
        f"{of} is the L − {said} layer's",
        SIGMOIDS,
        lambda s: layer_of(s, formula(s)),
        lambda s: float(s.L - said),
        kind="claim",
        corrected=Correction(
            rf"\text{{for the }} {right} \text{{ layer}}",
            f"{of} is layer {right.replace('-', '−')}'s",
            "The label counts the layer that a comes from; W, b and δ are of the layer above it, as their own "
            "superscripts say.",
            lambda s: float(s.L + 1 - said),
            really=lambda s: layer_of(s, formula(s)) - 1,
        ),
    )


IN_TERMS_OF_DELTA: Final = (
    statement(
        "6.3.1-first-layer",
        "§ 6.3.1, “what we had for the first layer”",
        r"\text{Here, we recognize the first second as what we had for the first layer}",
        "δᴸ is what we had for layer 1",
        SIGMOIDS,
        lambda s: layer_of(s, delta_L(s) @ s.a[-2].T),
        lambda s: 1.0,
        kind="claim",
        corrected=Correction(
            r"\text{Here, we recognize the first two factors as what we had for the last layer}",
            "δᴸ is what we had for layer L",
            "What came before was the output layer's: the first in the derivation, the last of the network.",
            lambda s: float(s.L),
            really=lambda s: layer_of(s, delta_L(s) @ s.a[-2].T) - (s.L - 1),
        ),
    ),
    label(1, lambda s: delta_L(s) @ s.a[-2].T, "δᴸ aᴸ⁻¹"),
    label(2, lambda s: delta_before(s) @ s.a[-3].T, "δᴸ Wᴸ σ′(zᴸ⁻¹) aᴸ⁻²"),
)

# ---------------------------------------------------------------------------------------------------------------------
# The summary, which "will now include the full expression"

SUMMARY: Final = (
    statement(
        "6.3.1-any-activation",
        "§ 6.3.1, before eq. 32",
        r"\text{Without specifying the sigmoidal function as the layer activation}",
        "δᴸ = ∇ₐC ⊙ σ′(zᴸ) for any activation",
        NETWORKS,
        lambda s: by_z(s, -1),
        lambda s: by_a(s, -1) * slope(s, -1),
        kind="claim",
        condition=ELEMENTWISE_OUTPUT,
        sizes=(1, 2),
        corrected=Correction(
            r"\delta^L = \left(\frac{\partial \mathbf{a}^L}{\partial \mathbf{z}^L}\right)^T "
            r"\nabla_{\mathbf{a}}^L \mathcal{C}",
            "δᴸ = (∂aᴸ/∂zᴸ)ᵀ ∇ₐC",
            "For softmax the Jacobian takes the place of the Hadamard product.",
            lambda s: a_by_z(s, -1).T @ by_a(s, -1),
        ),
    ),
    statement(
        "6.3.1-network",
        "§ 6.3.1, all together",
        r"\text{eq. 31, 33–37, as corrected, for every layer}",
        "every W, b: 31 into 33–37",
        PROBLEMS,
        lambda p: all_gradients(QUADRATIC, p),
        lambda p: backpropagation(QUADRATIC, p, lambda a, y: (a - y) * a * (1 - a)),
        note="averaged over the batch",
    ),
)

STATEMENTS: Final = (*IN_TERMS_OF_DELTA, *SUMMARY)
