"""Section 6.3.1 from equation 31: the gradients in terms of δ, and its recursion; equations 32 to 37."""

from __future__ import annotations

from typing import Any, Final

from ...engine.transforms import grad
from ...verifying.statements import Condition, Correction
from ...verifying.verdicts import agreement
from ..conditions import ELEMENTWISE_HIDDEN, ELEMENTWISE_OUTPUT, ONE_NEURON
from ..definitions import QUADRATIC, Pass, a_by_z, by_a, by_b, by_W, by_z, linear, slope, slopes, z_by_a, z_by_W
from ..families import ELEMENTWISE, HIDDEN, NETWORKS, PROBLEMS, SIGMOIDS
from .document import statement
from .mini_batch import all_gradients, backpropagation
from .sigmoids import ORDER, contraction, delta_before, delta_before_that, delta_L, dsigma, row


def layer_of(s: Pass, formula: Any) -> float:
    """The number of the layer whose ∂C/∂W a formula gives."""
    return float(next(n for n in range(1, s.L + 1) if agreement(by_W(s, n), formula)))


def layers_before(s: Pass) -> range:
    """The numbers of all layers but the last."""
    return range(1, s.L)


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
    statement(
        "6.3.1-delta-W-L",
        "§ 6.3.1, “for the L − 1 layer”, W",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^L} &= \delta^L \mathbf{a}^{L-1}",
        "∂C/∂Wᴸ = δᴸ aᴸ⁻¹",
        SIGMOIDS,
        lambda s: by_W(s, -1),
        lambda s: delta_L(s) @ s.a[-2],
        condition=ONE_NEURON,
        corrected=Correction(
            r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^L} = \delta^L (\mathbf{a}^{L-1})^T",
            "∂C/∂Wᴸ = δᴸ (aᴸ⁻¹)ᵀ",
            ORDER,
            lambda s: delta_L(s) @ s.a[-2].T,
        ),
    ),
    statement(
        "6.3.1-delta-b-L",
        "§ 6.3.1, “for the L − 1 layer”, b",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial \mathbf{b}^L} &= \delta^L",
        "∂C/∂bᴸ = δᴸ",
        SIGMOIDS,
        lambda s: by_b(s, -1),
        delta_L,
    ),
    label(2, lambda s: delta_before(s) @ s.a[-3].T, "δᴸ Wᴸ σ′(zᴸ⁻¹) aᴸ⁻²"),
    statement(
        "6.3.1-delta-W-before",
        "§ 6.3.1, “for the L − 2 layer”, W",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^{L-1}} &= \delta^L W^L "
        r"\sigma'_{\text{sig}}(\mathbf{z}^{L-1}) \mathbf{a}^{L-2}",
        "∂C/∂Wᴸ⁻¹ = δᴸ Wᴸ σ′(zᴸ⁻¹) aᴸ⁻²",
        SIGMOIDS,
        lambda s: by_W(s, -2),
        lambda s: delta_L(s) @ s.W[-1] @ dsigma(s, -2) @ s.a[-3],
        condition=ONE_NEURON,
        corrected=Correction(
            r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^{L-1}} = \left((W^L)^T \delta^L \odot "
            r"\sigma'_{\text{sig}}(\mathbf{z}^{L-1})\right) (\mathbf{a}^{L-2})^T",
            "∂C/∂Wᴸ⁻¹ = ((Wᴸ)ᵀ δᴸ ⊙ σ′(zᴸ⁻¹)) (aᴸ⁻²)ᵀ",
            ORDER,
            lambda s: delta_before(s) @ s.a[-3].T,
        ),
    ),
    statement(
        "6.3.1-delta-b-before",
        "§ 6.3.1, “for the L − 2 layer”, b",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial \mathbf{b}^{L-1}} &= \delta^L W^L "
        r"\sigma'_{\text{sig}}(\mathbf{z}^{L-1}).",
        "∂C/∂bᴸ⁻¹ = δᴸ Wᴸ σ′(zᴸ⁻¹)",
        SIGMOIDS,
        lambda s: by_b(s, -2),
        lambda s: delta_L(s) @ s.W[-1] @ dsigma(s, -2),
        condition=ONE_NEURON,
        corrected=Correction(
            r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial \mathbf{b}^{L-1}} = (W^L)^T \delta^L \odot "
            r"\sigma'_{\text{sig}}(\mathbf{z}^{L-1})",
            "∂C/∂bᴸ⁻¹ = (Wᴸ)ᵀ δᴸ ⊙ σ′(zᴸ⁻¹)",
            ORDER,
            delta_before,
        ),
    ),
    statement(
        "6.3.1-third-1",
        "§ 6.3.1, ∂C/∂Wᴸ⁻², line 1",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^{L-2}} &= \frac{\partial \mathcal{C}_{\text{MSE}}}"
        r"{\partial \mathbf{a}_{\text{sig}}^L} \frac{\partial \mathbf{a}_{\text{sig}}^L}{\partial \mathbf{z}^L} "
        r"\frac{\partial \mathbf{z}^L}{\partial \mathbf{a}^{L-1}} \frac{\partial \mathbf{a}^{L-1}}"
        r"{\partial \mathbf{z}^{L-1}} \frac{\partial \mathbf{z}^{L-1}}{\partial \mathbf{a}^{L-2}} "
        r"\frac{\partial \mathbf{a}^{L-2}}{\partial \mathbf{z}^{L-2}} "
        r"\frac{\partial \mathbf{z}^{L-2}}{\partial W^{L-2}}",
        "∂C/∂Wᴸ⁻² = ∂C/∂aᴸ … ∂zᴸ⁻²/∂Wᴸ⁻²",
        SIGMOIDS,
        lambda s: by_W(s, -3),
        lambda s: contraction(
            row(s) @ z_by_a(s, -1) @ a_by_z(s, -2) @ z_by_a(s, -2) @ a_by_z(s, -3), z_by_W(s, -3, -3)
        ),
        note="∂C/∂a is read as a row, the others as Jacobians: then the order is right",
    ),
    statement(
        "6.3.1-third-2",
        "§ 6.3.1, ∂C/∂Wᴸ⁻², line 2",
        r"&= \delta^L W^L \sigma'_{\text{sig}}(\mathbf{z}^{L-1}) W^{L-1} \sigma'_{\text{sig}}(\mathbf{z}^{L-2}) "
        r"\mathbf{a}^{L-3}",
        "= δᴸ Wᴸ σ′(zᴸ⁻¹) Wᴸ⁻¹ σ′(zᴸ⁻²) aᴸ⁻³",
        SIGMOIDS,
        lambda s: by_W(s, -3),
        lambda s: delta_L(s) @ s.W[-1] @ dsigma(s, -2) @ s.W[-2] @ dsigma(s, -3) @ s.a[-4],
        condition=ONE_NEURON,
        corrected=Correction(
            r"\left((W^{L-1})^T \left((W^L)^T \delta^L \odot \sigma'_{\text{sig}}(\mathbf{z}^{L-1})\right) \odot "
            r"\sigma'_{\text{sig}}(\mathbf{z}^{L-2})\right) (\mathbf{a}^{L-3})^T",
            "= ((Wᴸ⁻¹)ᵀ((Wᴸ)ᵀδᴸ ⊙ σ′) ⊙ σ′) (aᴸ⁻³)ᵀ",
            ORDER,
            lambda s: delta_before_that(s) @ s.a[-4].T,
        ),
    ),
    statement(
        "6.3.1-update-1",
        "§ 6.3.1, δᴸ⁻¹",
        r"\delta^{L-1} &= \delta^L W^L \sigma'_{\text{sig}}(\mathbf{z}^{L-1})",
        "δᴸ⁻¹ = δᴸ Wᴸ σ′(zᴸ⁻¹)",
        SIGMOIDS,
        lambda s: by_z(s, -2),
        lambda s: delta_L(s) @ s.W[-1] @ dsigma(s, -2),
        condition=ONE_NEURON,
        corrected=Correction(
            r"\delta^{L-1} = (W^L)^T \delta^L \odot \sigma'_{\text{sig}}(\mathbf{z}^{L-1})",
            "δᴸ⁻¹ = (Wᴸ)ᵀ δᴸ ⊙ σ′(zᴸ⁻¹)",
            ORDER,
            delta_before,
        ),
    ),
    statement(
        "6.3.1-update-2",
        "§ 6.3.1, δᴸ⁻²",
        r"\delta^{L-2} &= \delta^{L-1} W^{L-1} \sigma'_{\text{sig}}(\mathbf{z}^{L-2}).",
        "δᴸ⁻² = δᴸ⁻¹ Wᴸ⁻¹ σ′(zᴸ⁻²)",
        SIGMOIDS,
        lambda s: by_z(s, -3),
        lambda s: by_z(s, -2) @ s.W[-2] @ dsigma(s, -3),
        condition=ONE_NEURON,
        corrected=Correction(
            r"\delta^{L-2} = (W^{L-1})^T \delta^{L-1} \odot \sigma'_{\text{sig}}(\mathbf{z}^{L-2})",
            "δᴸ⁻² = (Wᴸ⁻¹)ᵀ δᴸ⁻¹ ⊙ σ′(zᴸ⁻²)",
            ORDER,
            delta_before_that,
        ),
    ),
    statement(
        "6.3.1-organized-1",
        "§ 6.3.1, ∂C/∂Wᴸ⁻¹ organized",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^{L-1}} &= \delta^{L-1} \mathbf{a}^{L-2}",
        "∂C/∂Wᴸ⁻¹ = δᴸ⁻¹ aᴸ⁻²",
        SIGMOIDS,
        lambda s: by_W(s, -2),
        lambda s: delta_before(s) @ s.a[-3],
        condition=ONE_NEURON,
        corrected=Correction(
            r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^{L-1}} = \delta^{L-1} (\mathbf{a}^{L-2})^T",
            "∂C/∂Wᴸ⁻¹ = δᴸ⁻¹ (aᴸ⁻²)ᵀ",
            ORDER,
            lambda s: delta_before(s) @ s.a[-3].T,
        ),
    ),
    statement(
        "6.3.1-organized-2",
        "§ 6.3.1, ∂C/∂Wᴸ⁻² organized",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^{L-2}} &= \delta^{L-2} \mathbf{a}^{L-3}.",
        "∂C/∂Wᴸ⁻² = δᴸ⁻² aᴸ⁻³",
        SIGMOIDS,
        lambda s: by_W(s, -3),
        lambda s: delta_before_that(s) @ s.a[-4],
        condition=ONE_NEURON,
        corrected=Correction(
            r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^{L-2}} = \delta^{L-2} (\mathbf{a}^{L-3})^T",
            "∂C/∂Wᴸ⁻² = δᴸ⁻² (aᴸ⁻³)ᵀ",
            ORDER,
            lambda s: delta_before_that(s) @ s.a[-4].T,
        ),
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# The summary, which "will now include the full expression"

SUMMARY: Final = (
    statement(
        "32",
        "eq. 32",
        r"\delta^L = \nabla_{\mathbf{a}}^L \mathcal{C} \odot \sigma'(\mathbf{a}^L)",
        "δᴸ = ∇ₐC ⊙ σ′(aᴸ)",
        ELEMENTWISE,
        lambda s: by_z(s, -1),
        lambda s: by_a(s, -1) * slopes(s.network.output, s.a[-1]),
        corrected=Correction(
            r"\delta^L = \nabla_{\mathbf{a}}^L \mathcal{C} \odot \sigma'(\mathbf{z}^L)",
            "δᴸ = ∇ₐC ⊙ σ′(zᴸ)",
            "σ′ is taken at zᴸ, as in equation 35; at aᴸ it differs unless the output has no activation.",
            lambda s: by_a(s, -1) * slopes(s.network.output, s.z[-1]),
            right_when=Condition("σ(z) = z in the last layer", lambda s: s.network.output is linear),
            really=lambda s: grad(s.cost)(s.a[-1]) * slope(s._replace(z=s.a), -1),
        ),
    ),
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
        "33",
        "eq. 33",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^L} = \delta^L (\mathbf{a}^{L-1})^T",
        "∂C/∂Wᴸ = δᴸ (aᴸ⁻¹)ᵀ",
        SIGMOIDS,
        lambda s: by_W(s, -1),
        lambda s: delta_L(s) @ s.a[-2].T,
    ),
    statement(
        "34",
        "eq. 34",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^l} = \delta^L",
        "∂C/∂Wˡ = δᴸ",
        SIGMOIDS,
        lambda s: by_W(s, -1),
        delta_L,
        corrected=Correction(
            r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial \mathbf{b}^L} = \delta^L",
            "∂C/∂bᴸ = δᴸ",
            "The left side is labelled Wˡ; the right side is the derivative by the bias bᴸ.",
            computed=lambda s: by_b(s, -1),
            really=lambda s: by_b(s, -1),
        ),
        note="l = L",
    ),
    statement(
        "35",
        "eq. 35",
        r"\delta^{l-1} = \left((W^l)^T \delta^l \right) \odot \sigma'(\mathbf{z}^{l-1})",
        "δˡ⁻¹ = ((Wˡ)ᵀ δˡ) ⊙ σ′(zˡ⁻¹)",
        HIDDEN,
        lambda s: {f"δ{n}": by_z(s, n) for n in layers_before(s)},
        lambda s: {f"δ{n}": (s.W[n + 1].T @ by_z(s, n + 1)) * slope(s, n) for n in layers_before(s)},
        condition=ELEMENTWISE_HIDDEN,
        corrected=Correction(
            r"\delta^{l-1} = \left(\frac{\partial \mathbf{a}^{l-1}}{\partial \mathbf{z}^{l-1}}\right)^T "
            r"(W^l)^T \delta^l",
            "δˡ⁻¹ = (∂aˡ⁻¹/∂zˡ⁻¹)ᵀ (Wˡ)ᵀ δˡ",
            "For softmax in a hidden layer the Jacobian takes the place of the Hadamard product.",
            lambda s: {f"δ{n}": a_by_z(s, n).T @ (s.W[n + 1].T @ by_z(s, n + 1)) for n in layers_before(s)},
        ),
        note="the output may be a softmax; the document has none in hidden layers",
    ),
    statement(
        "36",
        "eq. 36",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^l} = \delta^l \mathbf{a}^{l-1}",
        "∂C/∂Wˡ = δˡ aˡ⁻¹",
        SIGMOIDS,
        lambda s: {f"W{n}": by_W(s, n) for n in layers_before(s)},
        lambda s: {f"W{n}": by_z(s, n) @ s.a[n - 1] for n in layers_before(s)},
        corrected=Correction(
            r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^l} = \delta^l (\mathbf{a}^{l-1})^T",
            "∂C/∂Wˡ = δˡ (aˡ⁻¹)ᵀ",
            "The transpose is missing, though this is the full expression; equation 33 has it.",
            lambda s: {f"W{n}": by_z(s, n) @ s.a[n - 1].T for n in layers_before(s)},
            right_when=ONE_NEURON,
        ),
    ),
    statement(
        "37",
        "eq. 37",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^l} = \delta^l",
        "∂C/∂Wˡ = δˡ",
        SIGMOIDS,
        lambda s: {f"{n}": by_W(s, n) for n in layers_before(s)},
        lambda s: {f"{n}": (s.W[n + 1].T @ by_z(s, n + 1)) * dsigma(s, n) for n in layers_before(s)},
        corrected=Correction(
            r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial \mathbf{b}^l} = \delta^l",
            "∂C/∂bˡ = δˡ",
            "The left side is labelled Wˡ; the right side is the derivative by the bias bˡ.",
            computed=lambda s: {f"{n}": by_b(s, n) for n in layers_before(s)},
            really=lambda s: {f"{n}": by_b(s, n) for n in layers_before(s)},
        ),
        note="δˡ by equation 35",
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
