"""The handwritten notes "Softmax": the Jacobian of softmax, and the gradient of cross-entropy through it.

The gradient comes twice: by the chain rule, and, as "Alternative Solution", by putting softmax into the loss first.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..engine.transforms import grad
from ..verifying.statements import Condition, Correction, Document, statements_of
from ..verifying.verdicts import agreement
from .by_hand import diagonal
from .conditions import SUM_IS_ONE
from .definitions import cross_entropy, jacobians, softmax
from .families import MODERATE, SCORES, Scores
from .settings import CHOSEN, JOINT, Joint, of_right

NOTES: Final = Document("Softmax", "handwritten notes", "undated", "Notes")


# ---------------------------------------------------------------------------------------------------------------------
# By autograd


def jacobian(s: Scores) -> Any:
    """∂yₖ/∂zⱼ of each sample: the axes are sample, k, j."""
    return jacobians(softmax, s.z)


def loss(z: Any, t: Any) -> Any:
    """E of each sample as a function of the scores."""
    return cross_entropy(softmax(z), t)


def gradient(s: Scores) -> Any:
    """∂E/∂zⱼ of each sample."""
    return grad(lambda z: np.sum(loss(z, s.t)))(s.z)


def smallest_change(s: Scores) -> Any:
    """Whether each of y₁ … y_K changes with each of z₁ … z_K."""
    return float(np.all(jacobian(s) != 0))


# ---------------------------------------------------------------------------------------------------------------------
# As written


def difference(s: Scores) -> Any:
    """yⱼ − tⱼ."""
    return softmax(s.z) - s.t


def kronecker_cases(n: int) -> Any:
    """1 if j = k, 0 if j ≠ k."""
    j, k = np.indices((n, n))
    return np.where(j == k, 1.0, 0.0)


# ---------------------------------------------------------------------------------------------------------------------
# "Alternative Solution", which puts softmax into the loss first: what stands behind ∂/∂zⱼ, a number for each sample


# ---------------------------------------------------------------------------------------------------------------------
# Mistakes, and what is meant


def conditional_probability(s: Joint) -> Any:
    """P(l = k | x) = P(l = k, x) / P(x)."""
    return s.p / np.sum(s.p, axis=-1, keepdims=True)


CONDITIONAL: Final = Correction(
    r"y_k = P(l=k \mid \vec{x})",
    "yₖ = P(l=k | x)",
    "the comma makes it the joint probability, whose sum over k is P(x); the yₖ of softmax add up to 1, as the "
    "conditional probabilities do",
    printed=conditional_probability,
    right_when=Condition("P(x) = 1", lambda s: bool(np.all(abs(s.p.sum(axis=-1) - 1) < 1e-12))),
)


RIGHT_CLASS: Final = Condition(
    "j is the correct class", lambda s: bool(np.all(of_right(kronecker_cases(s.t.shape[-1])[s.j], s.t)))
)

A_NOTE_ON_WHY: Final = (
    "the reason given is not the reason: that one target is 1 is more than is needed, and what is needed is that the "
    "targets add up to 1, Σₖ tₖ yⱼ = yⱼ; soft targets will do"
)

# ---------------------------------------------------------------------------------------------------------------------
# The statements

statement: Final = statements_of(NOTES)


STATEMENTS: Final = (
    statement(
        "probability", "first line", r"\text{Softmax } y_k = P(l=k, \vec{x})", "yₖ = P(l=k, x)",
        JOINT, lambda s: softmax(s.z), lambda s: s.p, kind="definition", corrected=CONDITIONAL,
        note="checked with scores ln P(l = k, x), by Bayes' theorem",
    ),
    statement(
        "probability-of-scores", "note", r"y_k = P(l=k, z_1, \dots, z_K)", "yₖ = P(l=k, z₁, …, z_K)",
        JOINT, lambda s: softmax(s.z), lambda s: s.p, kind="definition",
        corrected=CONDITIONAL._replace(
            latex=r"y_k = P(l=k \mid z_1, \dots, z_K)", formula="yₖ = P(l=k | z₁, …, z_K)"
        ),
    ),
    statement(
        "depends-on-all", "thus", r"\text{Thus, } y_k \text{ depends on } z_1, \dots, z_K", "yₖ depends on z₁, …, z_K",
        MODERATE, smallest_change, lambda _: 1.0, kind="claim", sizes=(),
        note="every ∂yₖ/∂zⱼ is compared with 0",
    ),
    statement(
        "two-cases", "beside j = k", r"\text{Two indices, so two cases}", "two indices, so two cases",
        MODERATE, lambda s: {
            "yₖ (1 − yₖ) for j = k": agreement(diagonal(jacobian(s)), softmax(s.z) * (1 - softmax(s.z))),
            "−yₖ yₖ for j = k": agreement(diagonal(jacobian(s)), -softmax(s.z) ** 2),
        },
        lambda _: {"yₖ (1 − yₖ) for j = k": 1.0, "−yₖ yₖ for j = k": 0.0}, kind="claim", sizes=(),
        note="the formula for j ≠ k does not do for j = k",
    ),
    statement(
        "since", "the reason given", r"\text{since } t_k = 1 \text{ only for the correct class}",
        "since tₖ = 1 only for the correct class",
        SCORES, lambda s: agreement(gradient(s), difference(s)), lambda _: 1.0, kind="claim",
        condition=SUM_IS_ONE, sizes=(), note=A_NOTE_ON_WHY,
    ),
    statement(
        "since-j", "the reason given", r"\text{the correct class, which we call } j \text{ here}",
        "the correct class, which we call j here",
        CHOSEN, lambda s: agreement(np.take_along_axis(gradient(s), s.j[:, None], 1)[:, 0],
                            np.take_along_axis(softmax(s.z), s.j[:, None], 1)[:, 0] - 1),
        lambda _: 1.0, kind="claim", condition=RIGHT_CLASS,
        note="with j for the correct class, tⱼ = 1, and the result is one component of the gradient, yⱼ − 1; that "
        "yⱼ − tⱼ is right for every j has another reason, Σₖ tₖ = 1",
    ),
)  # fmt: skip
