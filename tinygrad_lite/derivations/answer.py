"""Cross Validated, answer 280048: the gradient of the negative log likelihood of the right class through softmax."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..transforms import grad
from .catalogue import Document, Equation
from .definitions import Problem, Quantities, softmax

ANSWER: Final = Document('Answer 280048 to "Neural network softmax activation"', "Cross Validated", "undated", "Answer")


def likelihood_gradients(p: Problem) -> Quantities:
    """∂E/∂zⱼ of each sample, by autograd: E = −ln σ(t), where t is the number of the right class."""
    samples, right = np.arange(len(p.y)), np.argmax(p.y, axis=1)
    return {"∂E/∂z": grad(lambda z: np.sum(-np.log(softmax(z)[samples, right])))(p.scores())}


def written_gradients(p: Problem) -> Quantities:
    """σ(j) − δⱼₜ."""
    sigma = softmax(p.scores())
    delta = np.eye(sigma.shape[1])[np.argmax(p.y, axis=1)]
    return {"∂E/∂z": sigma - delta}


EQUATIONS: Final = (
    Equation(
        "answer-gradient",
        ANSWER,
        "gradient",
        "∂E/∂zⱼ = σ(j) − δⱼₜ",
        likelihood_gradients,
        written_gradients,
        note="E is the negative log likelihood of the one right class t",
    ),
)
