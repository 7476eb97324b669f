"""Section 6.3 to equation 31 and its uses: quadratic cost and sigmoids, layer by layer.

"For the derivations, we will mostly ignore that we are dealing with vectors and matrices": so a product without a sign
between its factors is read as it stands, as a product of columns and matrices, and the condition that every layer has
one neuron is the document's own.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...verifying.statements import Correction
from ...verifying.verdicts import agreement
from ..conditions import ONE_NEURON, TWO_CLASSES
from ..definitions import (
    Pass,
    a_by_z,
    by_a,
    by_b,
    by_W,
    by_z,
    cross_entropy,
    quadratic_cost,
    sigmoid,
    slope,
    slopes,
    softmax,
    z_by_a,
    z_by_b,
    z_by_W,
)
from ..families import MODERATE, SCORES, SIGMOIDS, Scores
from .document import statement

ORDER: Final = "The order and the transposes of the full form are missing; for layers of one neuron they do not matter."


def dsigma(s: Pass, layer: int) -> Any:
    """σ′ of a layer's zˡ, a column."""
    return slopes(sigmoid, s.z[layer])


def delta_L(s: Pass) -> Any:
    """δᴸ, which equation 31 names: what the formulas after it are in terms of."""
    return (s.a[-1] - s.y) * s.a[-1] * (1 - s.a[-1])


def delta_before(s: Pass) -> Any:
    """δᴸ⁻¹ in full."""
    return (s.W[-1].T @ delta_L(s)) * dsigma(s, -2)


def delta_before_that(s: Pass) -> Any:
    """δᴸ⁻² in full."""
    return (s.W[-2].T @ delta_before(s)) * dsigma(s, -3)


def row(s: Pass) -> Any:
    """∂C/∂aᴸ ∂aᴸ/∂zᴸ as a row: the first two factors of every chain."""
    return by_a(s, -1).T @ a_by_z(s, -1)


def contraction(gradient: Any, tensor: Any) -> Any:
    """Σᵢ gᵢ ∂zᵢ/∂Wⱼₖ: the last two factors of every chain."""
    return np.einsum("i,ijk->jk", gradient.reshape(-1), tensor)


# ---------------------------------------------------------------------------------------------------------------------
# 6.3: the combinations of cost and output


def delta_of(cost: Any, output: Any, s: Scores) -> Any:
    """δᴸ of each sample, by autograd, for a combination of table 1."""
    return slopes(lambda z: cost(output(z), s.t), s.z)


TABLE: Final = {
    "MSE, sigmoid": (quadratic_cost, sigmoid),
    "MSE, softmax": (quadratic_cost, softmax),
    "CE, softmax": (cross_entropy, softmax),
}


def likeness(s: Scores, row: str) -> dict[str, Any]:
    """Whether a row's δᴸ agrees with that of each row of the table."""
    own = delta_of(*TABLE[row], s)
    return {name: agreement(own, delta_of(*pair, s)) for name, pair in TABLE.items()}


def table_row(number: int, name: str) -> Any:
    """The statement of a row: that its δᴸ is that of no other row."""
    return statement(
        f"table-1-{number}",
        f"table 1, row {number}",
        {
            "MSE, sigmoid": r"\text{MSE} \quad \text{Sigmoid}",
            "MSE, softmax": r"\text{MSE} \quad \text{Softmax}",
            "CE, softmax": r"\text{CE} \quad \text{Softmax}",
        }[name],
        f"{name}: a δᴸ of its own",
        MODERATE,
        lambda s: likeness(s, name),
        lambda s: {other: float(other == name) for other in TABLE},
        kind="claim",
        note="1 for rows whose δᴸ agrees, 0 for others",
    )


def one_sigmoid_fewer(z: Any) -> Any:
    """The sigmoid of each score's lead over the last one's."""
    return sigmoid(z[:, :-1] - z[:, -1:])


COMBINATIONS: Final = (
    statement(
        "6.3-combinations",
        "§ 6.3, “four … only three”",
        r"\text{We have four different output (in reality only three)}",
        "2 costs × 2 outputs: 4, in reality 3",
        SCORES,
        lambda s: 4 - agreement(softmax(s.z)[:, :-1], one_sigmoid_fewer(s.z)),
        lambda s: 3.0,
        kind="claim",
        sizes=(),
        condition=TWO_CLASSES,
        note="one fewer where a sigmoid on the difference of the scores is a softmax",
    ),
    *[table_row(number, name) for number, name in enumerate(TABLE, 1)],
    statement(
        "6.3-footnote-2",
        "§ 6.3, footnote 2",
        r"\text{For multiclass cross entropy output, sigmoidal activation as final layer is simply as special case of "
        r"the softmax function.}",
        "softmax(z)ₖ = sigmoid(zₖ − z_K)",
        SCORES,
        lambda s: softmax(s.z)[:, :-1],
        lambda s: sigmoid(s.z[:, :-1] - s.z[:, -1:]),
        kind="claim",
        sizes=(2,),
        condition=TWO_CLASSES,
        corrected=Correction(
            r"\sigma_{\text{sm}}(z)_k = \sigma_{\text{sig}}\left(z_k - \ln \sum_{j \neq k} e^{z_j}\right)",
            "softmax(z)ₖ = sigmoid(zₖ − ln Σ_{j≠k} e^zⱼ)",
            "One sigmoid is a softmax of two classes, (z, 0). K > 2 sigmoids, each of its own score, do not sum to 1.",
            lambda s: sigmoid(s.z - np.log(np.exp(s.z) @ (1 - np.eye(s.z.shape[1]))))[:, :-1],
        ),
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# The last layer


LAST: Final = (
    statement(
        "6.3.1-W-1",
        "§ 6.3.1, ∂C/∂Wᴸ, line 1",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^L} &= \left(\frac{\partial \mathcal{C}_{\text{MSE}}}"
        r"{\partial \mathbf{a}_{\text{sig}}^L} \odot \frac{\partial \mathbf{a}_{\text{sig}}^L}"
        r"{\partial \mathbf{z}^L} \right) \frac{\partial \mathbf{z}^L}{\partial W^L}",
        "∂C/∂Wᴸ = (∂C/∂a ⊙ ∂a/∂z) ∂z/∂Wᴸ",
        SIGMOIDS,
        lambda s: by_W(s, -1),
        lambda s: contraction(by_a(s, -1) * slope(s, -1), z_by_W(s, -1, -1)),
        note="∂z/∂W is read as the array ∂zᵢ/∂Wⱼₖ, with the sum over i",
    ),
    statement(
        "6.3.1-W-2",
        "§ 6.3.1, ∂C/∂Wᴸ, line 2",
        r"&= \left(\underbrace{(\mathbf{a}^L - \mathbf{y})}_{\text{MSE}} \odot \underbrace{\mathbf{a}^L"
        r"(1 - \mathbf{a}^L)}_{\text{Sigmoid}} \right) \mathbf{a}^{L-1}.",
        "= ((aᴸ − y) ⊙ aᴸ (1 − aᴸ)) aᴸ⁻¹",
        SIGMOIDS,
        lambda s: by_W(s, -1),
        lambda s: ((s.a[-1] - s.y) * (s.a[-1] * (1 - s.a[-1]))) @ s.a[-2],
        condition=ONE_NEURON,
        corrected=Correction(
            r"\left((\mathbf{a}^L - \mathbf{y}) \odot \mathbf{a}^L \odot (1 - \mathbf{a}^L) \right) "
            r"(\mathbf{a}^{L-1})^T",
            "= ((aᴸ − y) ⊙ aᴸ ⊙ (1 − aᴸ)) (aᴸ⁻¹)ᵀ",
            ORDER,
            lambda s: ((s.a[-1] - s.y) * (s.a[-1] * (1 - s.a[-1]))) @ s.a[-2].T,
        ),
    ),
    statement(
        "6.3.1-b-1",
        "§ 6.3.1, ∂C/∂bᴸ, line 1",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial \mathbf{b}^L} &= \left(\frac{\partial "
        r"\mathcal{C}_{\text{MSE}}}{\partial \mathbf{a}_{\text{sig}}^L} \odot \frac{\partial "
        r"\mathbf{a}_{\text{sig}}^L}{\partial \mathbf{z}^L} \right) "
        r"\frac{\partial \mathbf{z}^L}{\partial \mathbf{b}^L}",
        "∂C/∂bᴸ = (∂C/∂a ⊙ ∂a/∂z) ∂z/∂bᴸ",
        SIGMOIDS,
        lambda s: by_b(s, -1),
        lambda s: z_by_b(s, -1).T @ (by_a(s, -1) * slope(s, -1)),
    ),
    statement(
        "6.3.1-b-2",
        "§ 6.3.1, ∂C/∂bᴸ, line 2",
        r"&= \left(\underbrace{(\mathbf{a}^L - \mathbf{y})}_{\text{MSE}} \odot \underbrace{\mathbf{a}^L"
        r"(1 - \mathbf{a}^L)}_{\text{Sigmoid}} \right) \times 1.",
        "= ((aᴸ − y) ⊙ aᴸ (1 − aᴸ)) × 1",
        SIGMOIDS,
        lambda s: by_b(s, -1),
        lambda s: ((s.a[-1] - s.y) * (s.a[-1] * (1 - s.a[-1]))) * 1,
    ),
    statement(
        "6.3.1-only-change",
        "§ 6.3.1, “the only change”",
        r"\text{We observe that the only change in output between the derivatives is } \mathbf{a}^{L-1}.",
        "∂C/∂Wᴸ = ∂C/∂bᴸ (aᴸ⁻¹)ᵀ",
        SIGMOIDS,
        lambda s: by_W(s, -1),
        lambda s: by_b(s, -1) @ s.a[-2].T,
        kind="claim",
        sizes=(1, 2),
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# The layer before

BEFORE: Final = (
    statement(
        "6.3.1-before-1",
        "§ 6.3.1, ∂C/∂Wᴸ⁻¹, line 1",
        r"\frac{\partial \mathcal{C}_{\text{MSE}}}{\partial W^{L-1}} &= \frac{\partial \mathcal{C}_{\text{MSE}}}"
        r"{\partial \mathbf{a}_{\text{sig}}^L} \frac{\partial \mathbf{a}_{\text{sig}}^L}{\partial \mathbf{z}^L} "
        r"\frac{\partial \mathbf{z}^L}{\partial W^{L-1}}",
        "∂C/∂Wᴸ⁻¹ = ∂C/∂aᴸ ∂aᴸ/∂zᴸ ∂zᴸ/∂Wᴸ⁻¹",
        SIGMOIDS,
        lambda s: by_W(s, -2),
        lambda s: contraction(row(s), z_by_W(s, -1, -2)),
        note="∂C/∂a is read as a row, the others as Jacobians: then the order is right",
    ),
    statement(
        "6.3.1-before-2",
        "§ 6.3.1, ∂C/∂Wᴸ⁻¹, line 2",
        r"&= \frac{\partial \mathcal{C}_{\text{MSE}}}{\partial \mathbf{a}_{\text{sig}}^L} \frac{\partial "
        r"\mathbf{a}_{\text{sig}}^L}{\partial \mathbf{z}^L} \frac{\partial \mathbf{z}^L}{\partial \mathbf{a}^{L-1}} "
        r"\frac{\partial \mathbf{a}^{L-1}}{\partial \mathbf{z}^{L-1}} "
        r"\frac{\partial \mathbf{z}^{L-1}}{\partial W^{L-1}}",
        "= … ∂zᴸ/∂aᴸ⁻¹ ∂aᴸ⁻¹/∂zᴸ⁻¹ ∂zᴸ⁻¹/∂Wᴸ⁻¹",
        SIGMOIDS,
        lambda s: by_W(s, -2),
        lambda s: contraction(row(s) @ z_by_a(s, -1) @ a_by_z(s, -2), z_by_W(s, -2, -2)),
        note="∂C/∂a is read as a row, the others as Jacobians: then the order is right",
    ),
    statement(
        "6.3.1-before-3",
        "§ 6.3.1, ∂C/∂Wᴸ⁻¹, line 3",
        r"&= (\mathbf{a}^L - \mathbf{y}) \mathbf{a}^L (1 - \mathbf{a}^L) W^L \sigma'_{\text{sig}}(\mathbf{z}^{L-1}) "
        r"\mathbf{a}^{L-2}",
        "= (aᴸ−y) aᴸ (1−aᴸ) Wᴸ σ′(zᴸ⁻¹) aᴸ⁻²",
        SIGMOIDS,
        lambda s: by_W(s, -2),
        lambda s: ((s.a[-1] - s.y) * s.a[-1] * (1 - s.a[-1])) @ s.W[-1] @ dsigma(s, -2) @ s.a[-3],
        condition=ONE_NEURON,
        corrected=Correction(
            r"\left((W^L)^T \left((\mathbf{a}^L - \mathbf{y}) \odot \mathbf{a}^L \odot (1 - \mathbf{a}^L)\right) "
            r"\odot \sigma'_{\text{sig}}(\mathbf{z}^{L-1})\right) (\mathbf{a}^{L-2})^T",
            "= ((Wᴸ)ᵀ((aᴸ−y)⊙aᴸ⊙(1−aᴸ)) ⊙ σ′) (aᴸ⁻²)ᵀ",
            ORDER,
            lambda s: delta_before(s) @ s.a[-3].T,
        ),
    ),
    statement(
        "31",
        "eq. 31",
        r"\delta^L = (\mathbf{a}^L - \mathbf{y}) \mathbf{a}^L (1 - \mathbf{a}^L)",
        "δᴸ = (aᴸ − y) aᴸ (1 − aᴸ)",
        SIGMOIDS,
        lambda s: by_z(s, -1),
        delta_L,
        note="products of columns, entry by entry",
    ),
)

STATEMENTS: Final = (*COMBINATIONS, *LAST, *BEFORE)
