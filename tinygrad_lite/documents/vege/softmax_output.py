"""Sections 6.3.2 and 6.3.3: softmax as output, with the quadratic cost and with the cross entropy."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...verifying.proving import indexed_proof
from ...verifying.statements import Correction
from ..by_hand import diagonal, kronecker
from ..conditions import SUM_IS_ONE
from ..definitions import CLASSIFIER, cross_entropy, jacobians, quadratic_cost, slopes, softmax
from ..families import NORMALISED, PROBLEMS, SCORES, Scores
from .document import statement
from .mini_batch import all_gradients, backpropagation


def summands(cost: Any, s: Scores) -> Any:
    """∂C/∂aⱼ ∂aⱼ/∂zᵢ by autograd: the axes are sample, j, i."""
    a = softmax(s.z)
    return slopes(lambda a: cost(a, s.t), a)[:, :, None] * jacobians(softmax, s.z)


def by_scores(cost: Any, s: Scores) -> Any:
    """∂C/∂zᵢ by autograd."""
    return slopes(lambda z: cost(softmax(z), s.t), s.z)


def unequal_classes(z: Any) -> Any:
    """1 where k ≠ i, else 0: what a sum over k ≠ i runs over."""
    return np.where(np.eye(z.shape[1], dtype=bool), 0, 1)


def quadratic_summands(s: Scores) -> Any:
    """(aⱼ − yⱼ) σⱼ (δⱼᵢ − σᵢ): the axes are sample, j, i."""
    a = softmax(s.z)
    return (a - s.t)[:, :, None] * a[:, :, None] * (kronecker(a) - a[:, None, :])


def entropy_sum(s: Scores) -> Any:
    """Σₖ (−yₖ/aₖ) aᵢ (δᵢₖ − aₖ): the axes are sample, i, and k until it is summed over."""
    a = softmax(s.z)
    return np.sum((-s.t / a)[:, None, :] * a[:, :, None] * (kronecker(a) - a[:, None, :]), axis=2)


def split_1(s: Scores) -> Any:
    """−yᵢ/aᵢ aᵢ (1 − aᵢ) − Σ_{k≠i} yₖ/aₖ (−aᵢ aₖ)."""
    a, y = softmax(s.z), s.t
    others = (y / a)[:, None, :] * (-a[:, :, None] * a[:, None, :]) * unequal_classes(a)
    return -y / a * a * (1 - a) - np.sum(others, axis=2)


def split_2(s: Scores) -> Any:
    """−yᵢ + yᵢ aᵢ − Σ_{k≠i} yₖ (−aᵢ)."""
    a, y = softmax(s.z), s.t
    return -y + y * a - np.sum(y[:, None, :] * (-a[:, :, None]) * unequal_classes(a), axis=2)


SUM: Final = r"\sum_k \left(-\frac{y_k}{a_k^L} \right) a_i^L (\delta_{ik} - a_k^L)"
LEFT: Final = (
    r"\frac{\partial \mathcal{C}_{\text{CE}}}{\partial a_{j,\text{SM}}^L} "
    r"\frac{\partial a_{j,\text{SM}}^L}{\partial z_j^L}"
)
SUMMED_LEFT: Final = (
    r"\frac{\partial \mathcal{C}_{\text{CE}}}{\partial z_i^L} = \sum_j \frac{\partial \mathcal{C}_{\text{CE}}}"
    r"{\partial a_{j,\text{SM}}^L} \frac{\partial a_{j,\text{SM}}^L}{\partial z_i^L}"
)

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
    statement(
        "6.3.2-product",
        "§ 6.3.2, first equation",
        r"\frac{\partial \mathcal{C}}{\partial a_j^L} \frac{\partial a_j^L}{\partial z_j^L} = (a_j^L - y_j) "
        r"\sigma_{\text{sm}}(z)_j (\delta_{ji} - \sigma_{\text{sm}}(z)_i)",
        "∂C/∂aⱼ ∂aⱼ/∂zⱼ = (aⱼ − yⱼ) σⱼ (δⱼᵢ − σᵢ)",
        SCORES,
        lambda s: diagonal(summands(quadratic_cost, s)),
        quadratic_summands,
        corrected=Correction(
            r"\frac{\partial \mathcal{C}}{\partial a_j^L} \frac{\partial a_j^L}{\partial z_i^L} = (a_j^L - y_j) "
            r"\sigma_{\text{sm}}(z)_j (\delta_{ji} - \sigma_{\text{sm}}(z)_i)",
            "∂C/∂aⱼ ∂aⱼ/∂zᵢ = (aⱼ − yⱼ) σⱼ (δⱼᵢ − σᵢ)",
            "The right side has an index i that the left has not: it is the derivative by zᵢ.",
            computed=lambda s: summands(quadratic_cost, s),
            really=lambda s: summands(quadratic_cost, s),
        ),
    ),
    statement(
        "38",
        "eq. 38",
        r"\delta_j^L = (a_j^L - y_j) \sigma_{\text{sm}}(z)_j (\delta_{ji} - \sigma_{\text{sm}}(z)_i)",
        "δⱼ = (aⱼ − yⱼ) σⱼ (δⱼᵢ − σᵢ)",
        SCORES,
        lambda s: by_scores(quadratic_cost, s),
        quadratic_summands,
        corrected=Correction(
            r"\delta_i^L = \sum_j (a_j^L - y_j) \sigma_{\text{sm}}(z)_j (\delta_{ji} - \sigma_{\text{sm}}(z)_i)",
            "δᵢ = Σⱼ (aⱼ − yⱼ) σⱼ (δⱼᵢ − σᵢ)",
            "The sum over all classes j is missing: every output depends on zᵢ. Without it the index i is free.",
            lambda s: np.sum(quadratic_summands(s), axis=1),
            really=lambda s: summands(quadratic_cost, s),
        ),
        for_all=indexed_proof("mse-softmax"),
    ),
)

ENTROPY: Final = (
    statement(
        "6.3.3-start",
        "§ 6.3.3, first equation",
        LEFT + r" = \sum_k \left(-\frac{y_k}{a_k^L} \right) a_i^L (\delta_{ik} - a_k^L)",
        "∂C/∂aⱼ ∂aⱼ/∂zⱼ = Σₖ (−yₖ/aₖ) aᵢ (δᵢₖ − aₖ)",
        SCORES,
        lambda s: diagonal(summands(cross_entropy, s)),
        entropy_sum,
        corrected=Correction(
            SUMMED_LEFT + r" = \sum_k \left(-\frac{y_k}{a_k^L} \right) a_i^L (\delta_{ik} - a_k^L)",
            "∂C/∂zᵢ = Σₖ (−yₖ/aₖ) aᵢ (δᵢₖ − aₖ)",
            "The left side is one product, of the index j; the right side is the sum of all of them, the derivative by "
            "zᵢ.",
            computed=lambda s: by_scores(cross_entropy, s),
            really=lambda s: by_scores(cross_entropy, s),
        ),
        note="with i = j",
    ),
    statement(
        "6.3.3-split-1",
        "§ 6.3.3, splitting, line 1",
        SUM + r" &= -\frac{y_i}{a_i^L} a_i^L (1 - a_i^L) - \sum_{k \neq i} \frac{y_k}{a_k^L} (-a_i^L a_k^L)",
        "= −yᵢ/aᵢ aᵢ(1−aᵢ) − Σ_{k≠i} yₖ/aₖ (−aᵢaₖ)",
        SCORES,
        lambda s: by_scores(cross_entropy, s),
        split_1,
    ),
    statement(
        "6.3.3-split-2",
        "§ 6.3.3, splitting, line 2",
        r"&= -y_i + y_i a_i^L - \sum_{k \neq i} y_k (-a_i^L)",
        "= −yᵢ + yᵢ aᵢ − Σ_{k≠i} yₖ (−aᵢ)",
        SCORES,
        lambda s: by_scores(cross_entropy, s),
        split_2,
    ),
    statement(
        "6.3.3-split-3",
        "§ 6.3.3, splitting, line 2 (end)",
        r"= -y_i + \left(\sum_k y_k \right) a_i^L",
        "= −yᵢ + (Σₖ yₖ) aᵢ",
        SCORES,
        lambda s: by_scores(cross_entropy, s),
        lambda s: -s.t + np.sum(s.t, axis=1, keepdims=True) * softmax(s.z),
        for_all=indexed_proof("cross-entropy"),
    ),
    statement(
        "6.3.3-split-4",
        "§ 6.3.3, splitting, line 3",
        r"&= a_i^L - y_i",
        "= aᵢ − yᵢ",
        SCORES,
        lambda s: by_scores(cross_entropy, s),
        lambda s: softmax(s.z) - s.t,
        condition=SUM_IS_ONE,
        corrected=Correction(
            r"a_i^L \sum_k y_k - y_i",
            "= aᵢ Σₖ yₖ − yᵢ",
            "The targets must sum to 1, as section 3.2 asks.",
            lambda s: softmax(s.z) * np.sum(s.t, axis=1, keepdims=True) - s.t,
        ),
        for_all=indexed_proof("cross-entropy-normalised"),
    ),
    statement(
        "39",
        "eq. 39",
        LEFT + r" = a_i^L - y_i",
        "∂C/∂aⱼ ∂aⱼ/∂zⱼ = aᵢ − yᵢ",
        NORMALISED,
        lambda s: diagonal(summands(cross_entropy, s)),
        lambda s: softmax(s.z) - s.t,
        corrected=Correction(
            SUMMED_LEFT + r" = a_i^L - y_i",
            "∂C/∂zᵢ = aᵢ − yᵢ",
            "The left side is one product, of the index j, which for a one-hot target is right for the correct class "
            "only; the right side is the sum of all of them, the derivative by zᵢ.",
            computed=lambda s: by_scores(cross_entropy, s),
            really=lambda s: by_scores(cross_entropy, s),
        ),
        note="with i = j, for targets that sum to 1",
        for_all=indexed_proof("cross-entropy-normalised"),
    ),
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
