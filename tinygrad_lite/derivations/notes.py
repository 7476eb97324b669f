"""The handwritten notes "Softmax": the Jacobian of softmax, and the gradient of cross-entropy through it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..transforms import grad
from .catalogue import Document, Entry
from .conditions import SUM_IS_ONE
from .definitions import cross_entropy, jacobians, softmax
from .draws import SCORES, Scores

NOTES: Final = Document("Softmax", "handwritten notes", "undated", "Notes")


def kronecker(z: Any) -> Any:
    """δⱼₖ for the classes of z."""
    return np.eye(z.shape[-1])


def jacobian_as_printed(s: Scores) -> Any:
    """The axes are sample, k, j."""
    y = softmax(s.z)
    return y[:, :, None] * (kronecker(y) - y[:, None, :])


ENTRIES: Final = (
    Entry(
        "notes-jacobian",
        NOTES,
        "boxed result",
        r"\frac{\partial y_k}{\partial z_j} = y_k (\delta_{jk} - y_j)",
        "∂yₖ/∂zⱼ = yₖ (δⱼₖ − yⱼ)",
        SCORES,
        lambda s: jacobians(softmax, s.z),
        jacobian_as_printed,
    ),
    Entry(
        "notes-gradient",
        NOTES,
        "as a vector",
        r"\frac{\partial E}{\partial \vec{z}} = \vec{y} - \vec{t}",
        "∂E/∂z = y − t",
        SCORES,
        lambda s: grad(lambda z: np.sum(cross_entropy(softmax(z), s.t)))(s.z),
        lambda s: softmax(s.z) - s.t,
        condition=SUM_IS_ONE,
    ),
)
