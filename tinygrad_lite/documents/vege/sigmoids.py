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
from ..conditions import TWO_CLASSES
from ..definitions import (
    Pass,
    a_by_z,
    by_a,
    by_b,
    by_W,
    cross_entropy,
    quadratic_cost,
    sigmoid,
    slopes,
    softmax,
)
from ..families import MODERATE, SCORES, SIGMOIDS, Scores
from .document import statement


def dsigma(s: Pass, layer: int) -> Any:
    """σ′ of a layer's zˡ, a column."""
    return slopes(sigmoid, s.z[layer])


def delta_L(s: Pass) -> Any:
    """δᴸ, which equation 31 names: what the formulas after it are in terms of."""
    return (s.a[-1] - s.y) * s.a[-1] * (1 - s.a[-1])


def delta_before(s: Pass) -> Any:
    """δᴸ⁻¹ in full."""
    return (s.W[-1].T @ delta_L(s)) * dsigma(s, -2)


def row(s: Pass) -> Any:
    """∂C/∂aᴸ ∂aᴸ/∂zᴸ as a row: the first two factors of every chain."""
    return by_a(s, -1).T @ a_by_z(s, -1)


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

BEFORE: Final = ()

STATEMENTS: Final = (*COMBINATIONS, *LAST, *BEFORE)
