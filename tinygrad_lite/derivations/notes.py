"""The handwritten notes "Softmax": the Jacobian of softmax, and the gradient of cross-entropy through it."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..transforms import grad, jacobian
from .catalogue import Document, Equation
from .definitions import Problem, Quantities, cross_entropy, softmax

NOTES: Final = Document("Softmax", "handwritten notes", "undated", "Notes")


# ---------------------------------------------------------------------------------------------------------------------
# By autograd


def jacobians(p: Problem) -> Quantities:
    """∂yₖ/∂zⱼ of each sample."""
    return {"∂y/∂z": np.stack([jacobian(softmax)(z) for z in p.scores()])}


def gradients(p: Problem) -> Quantities:
    """∂E/∂zⱼ of each sample."""
    return {"∂E/∂z": grad(lambda z: np.sum(cross_entropy(softmax(z), p.y)))(p.scores())}


# ---------------------------------------------------------------------------------------------------------------------
# As written


def written_jacobians(p: Problem) -> Quantities:
    """yₖ (δⱼₖ − yⱼ): the axes are sample, k, j."""
    y = softmax(p.scores())
    delta = np.eye(y.shape[1])
    return {"∂y/∂z": y[:, :, None] * (delta - y[:, None, :])}


def written_gradients(p: Problem) -> Quantities:
    """yⱼ − tⱼ."""
    return {"∂E/∂z": softmax(p.scores()) - p.y}


EQUATIONS: Final = (
    Equation("notes-jacobian", NOTES, "boxed result", "∂yₖ/∂zⱼ = yₖ (δⱼₖ − yⱼ)", jacobians, written_jacobians),
    Equation(
        "notes-gradient",
        NOTES,
        "as a vector",
        "∂E/∂z = y − t",
        gradients,
        written_gradients,
        note="for targets that sum to 1",
    ),
)
