"""Cross Validated, answer 280048: the gradient of the negative log likelihood of the right class through softmax."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..transforms import grad
from .catalogue import Document, Entry
from .definitions import softmax
from .draws import SCORES, Scores

ANSWER: Final = Document('Answer 280048 to "Neural network softmax activation"', "Cross Validated", "undated", "Answer")


def likelihood_gradients(s: Scores) -> Any:
    """∂E/∂zⱼ of each sample, by autograd: E = −ln σ(t), where t is the number of the right class."""
    samples, right = np.arange(len(s.t)), np.argmax(s.t, axis=1)
    return grad(lambda z: np.sum(-np.log(softmax(z)[samples, right])))(s.z)


ENTRIES: Final = (
    Entry(
        "answer-gradient",
        ANSWER,
        "gradient",
        r"= \sigma(j) - \delta_{jt}",
        "∂E/∂zⱼ = σ(j) − δⱼₜ",
        SCORES,
        likelihood_gradients,
        lambda s: softmax(s.z) - np.eye(s.z.shape[1])[np.argmax(s.t, axis=1)],
        note="E is the negative log likelihood of the one right class t",
    ),
)
