"""Sections 6.3.2 and 6.3.3: softmax as output, with the quadratic cost and with the cross entropy."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...verifying.proving import indexed_proof
from ...verifying.statements import Correction
from ..by_hand import diagonal, kronecker
from ..definitions import CLASSIFIER, jacobians, quadratic_cost, slopes, softmax
from ..families import PROBLEMS, SCORES, Scores
from .document import statement
from .mini_batch import all_gradients, backpropagation


def summands(cost: Any, s: Scores) -> Any:
    """∂C/∂aⱼ ∂aⱼ/∂zᵢ by autograd: the axes are sample, j, i."""
    a = softmax(s.z)
    return slopes(lambda a: cost(a, s.t), a)[:, :, None] * jacobians(softmax, s.z)


def by_scores(cost: Any, s: Scores) -> Any:
    """∂C/∂zᵢ by autograd."""
    return slopes(lambda z: cost(softmax(z), s.t), s.z)


def quadratic_summands(s: Scores) -> Any:
    """(aⱼ − yⱼ) σⱼ (δⱼᵢ − σᵢ): the axes are sample, j, i."""
    a = softmax(s.z)
    return (a - s.t)[:, :, None] * a[:, :, None] * (kronecker(a) - a[:, None, :])


QUADRATIC: Final = (
    statement(
        "6.3.2-only-change",
        "§ 6.3.2, “we need only change”",
        r"\text{For MSE and softmax as the output activation, we need only change the MSE the first two derivatives in "
        r"equation (25).}",
        "δⱼ = ∂C/∂aⱼ ∂aⱼ/∂zⱼ with softmax in it",
        SCORES,
        lambda s: by_scores(quadratic_cost, s),
        lambda s: (softmax(s.z) - s.t) * softmax(s.z) * (1 - softmax(s.z)),
        kind="claim",
        sizes=(2, 3, 4, 5, 6),
        corrected=Correction(
            r"\delta_j^L = \sum_i \frac{\partial \mathcal{C}}{\partial a_i^L} "
            r"\frac{\partial a_i^L}{\partial z_j^L}",
            "δⱼ = Σᵢ ∂C/∂aᵢ ∂aᵢ/∂zⱼ",
            "Every output of softmax depends on zⱼ: equation 25 needs a sum over all outputs, not only other factors.",
            lambda s: np.sum(quadratic_summands(s), axis=1),
            really=lambda s: diagonal(summands(quadratic_cost, s)),
        ),
        for_all=indexed_proof("mse-softmax"),
    ),
)

ENTROPY: Final = (
    statement(
        "6.3.3-network",
        "§ 6.3.3, all together",
        r"\text{eq. 39, 33–37, as corrected, for every layer}",
        "every W, b: 39 into 33–37",
        PROBLEMS,
        lambda p: all_gradients(CLASSIFIER, p),
        lambda p: backpropagation(CLASSIFIER, p, lambda a, y: a - y),
        note="layers of tanh, softmax and cross-entropy; averaged over the batch",
    ),
)

STATEMENTS: Final = (*QUADRATIC, *ENTROPY)
