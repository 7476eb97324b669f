"""The handwritten notes "Softmax": the Jacobian of softmax, and the gradient of cross-entropy through it.

The gradient comes twice: by the chain rule, and, as "Alternative Solution", by putting softmax into the loss first.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..engine.transforms import grad
from ..verifying.proving import indexed_proof
from ..verifying.statements import Condition, Correction, Document, statements_of
from ..verifying.verdicts import agreement
from .by_hand import diagonal, kronecker, off_diagonal, partials
from .conditions import SUM_IS_ONE
from .definitions import cross_entropy, jacobians, softmax
from .families import MODERATE, SCORES, Scores
from .settings import CHOSEN, JOINT, ONE_HOT, Joint, of_right, right

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


def by_log_total(s: Scores) -> Any:
    """∂/∂zₖ ln Σⱼ e^zⱼ."""
    return grad(lambda z: np.sum(np.log(total(z))))(s.z)


def likelihood(s: Scores) -> Any:
    """−ln Πₖ yₖ^tₖ: the negative logarithm of the likelihood, from its definition."""
    return -np.log(np.prod(softmax(s.z) ** s.t, axis=-1))


def smallest_change(s: Scores) -> Any:
    """Whether each of y₁ … y_K changes with each of z₁ … z_K."""
    return float(np.all(jacobian(s) != 0))


# ---------------------------------------------------------------------------------------------------------------------
# As written


def total(z: Any) -> Any:
    """Σᵢ e^zᵢ, which the notes call z."""
    return np.sum(np.exp(z), axis=-1, keepdims=True)


def shares(s: Scores) -> Any:
    """e^zₖ / Σⱼ e^zⱼ."""
    return np.exp(s.z) / total(s.z)


def written_loss(s: Scores) -> Any:
    """−Σₖ tₖ ln yₖ."""
    return -np.sum(s.t * np.log(softmax(s.z)), axis=-1)


def difference(s: Scores) -> Any:
    """yⱼ − tⱼ."""
    return softmax(s.z) - s.t


def kronecker_cases(n: int) -> Any:
    """1 if j = k, 0 if j ≠ k."""
    j, k = np.indices((n, n))
    return np.where(j == k, 1.0, 0.0)


def quotient_on_diagonal(s: Scores) -> Any:
    """(e^zₖ z − e^zₖ e^zₖ)/z²."""
    e, z = np.exp(s.z), total(s.z)
    return (e * z - e * e) / z**2


def split_on_diagonal(s: Scores) -> Any:
    """e^zₖ/z − (e^zₖ/z)²."""
    e, z = np.exp(s.z), total(s.z)
    return e / z - (e / z) ** 2


def quotient_off_diagonal(s: Scores) -> Any:
    """(0 − e^zₖ e^zⱼ)/z²."""
    e, z = np.exp(s.z), total(s.z)
    return off_diagonal((0 - e[:, :, None] * e[:, None, :]) / z[:, :, None] ** 2)


def product_off_diagonal(s: Scores) -> Any:
    """−yₖ yⱼ."""
    y = softmax(s.z)
    return off_diagonal(-y[:, :, None] * y[:, None, :])


def boxed_form(s: Scores) -> Any:
    """yₖ (δⱼₖ − yⱼ)."""
    y = softmax(s.z)
    return y[:, :, None] * (kronecker(y) - y[:, None, :])


def chain_rule(s: Scores) -> Any:
    """Σₖ ∂E/∂yₖ ∂yₖ/∂zⱼ."""
    by_y = partials(lambda y: cross_entropy(y, s.t), softmax(s.z))
    return np.sum(by_y[:, :, None] * partials(softmax, s.z), axis=1)


def inserted_factors(s: Scores) -> Any:
    """Σₖ −tₖ/yₖ · yₖ (δⱼₖ − yⱼ)."""
    y = softmax(s.z)
    return np.sum((-s.t / y)[:, :, None] * y[:, :, None] * (kronecker(y) - y[:, None, :]), axis=1)


def sum_over_targets(s: Scores) -> Any:
    """−Σₖ tₖ (δⱼₖ − yⱼ)."""
    y = softmax(s.z)
    return -np.sum(s.t[:, :, None] * (kronecker(y) - y[:, None, :]), axis=1)


def general(s: Scores) -> Any:
    """yⱼ Σₖ tₖ − tⱼ, whatever the targets' sum."""
    return softmax(s.z) * np.sum(s.t, axis=-1, keepdims=True) - s.t


# ---------------------------------------------------------------------------------------------------------------------
# "Alternative Solution", which puts softmax into the loss first: what stands behind ∂/∂zⱼ, a number for each sample


def log_total(z: Any) -> Any:
    """ln Σᵢ e^zᵢ, a column."""
    return np.log(total(z))


def logarithm_of_quotient(s: Scores) -> Any:
    """∂/∂zⱼ of −Σₖ tₖ ln(e^zₖ / Σᵢ e^zᵢ)."""
    return partials(lambda z: -np.sum(s.t * np.log(np.exp(z) / total(z)), axis=-1), s.z)


def difference_of_logarithms(s: Scores) -> Any:
    """∂/∂zⱼ of −Σₖ tₖ (zₖ − ln Σᵢ e^zᵢ)."""
    return partials(lambda z: -np.sum(s.t * (z - log_total(z)), axis=-1), s.z)


def sign_inside(s: Scores) -> Any:
    """∂/∂zⱼ of Σₖ tₖ (ln Σᵢ e^zᵢ − zₖ)."""
    return partials(lambda z: np.sum(s.t * (log_total(z) - z), axis=-1), s.z)


def separate_products(s: Scores) -> Any:
    """∂/∂zⱼ of Σₖ (tₖ ln Σᵢ e^zᵢ − tₖ zₖ)."""
    return partials(lambda z: np.sum(s.t * log_total(z) - s.t * z, axis=-1), s.z)


def one_derivative_left(s: Scores) -> Any:
    """∂/∂zⱼ of Σₖ tₖ ln Σᵢ e^zᵢ, minus tⱼ."""
    return partials(lambda z: np.sum(s.t * log_total(z), axis=-1), s.z) - s.t


def sum_of_fractions(s: Scores) -> Any:
    """Σₖ (tₖ e^zⱼ / Σᵢ e^zᵢ) − tⱼ: the axes of the sum are sample, k, j."""
    return np.sum(s.t[:, :, None] * np.exp(s.z)[:, None, :] / total(s.z)[:, :, None], axis=1) - s.t


def with_y(s: Scores) -> Any:
    """Σₖ tₖ yⱼ − tⱼ."""
    return np.sum(s.t[:, :, None] * softmax(s.z)[:, None, :], axis=1) - s.t


def by_cases(s: Scores) -> Any:
    """yⱼ if j ≠ γ, yⱼ − 1 if j = γ."""
    y, j = softmax(s.z), np.arange(s.z.shape[-1])
    return np.where(j != right(s.t)[:, None], y, y - 1)


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

GENERAL: Final = Correction(
    r"\frac{\partial E}{\partial z_j} = y_j \sum_k t_k - t_j",
    "∂E/∂zⱼ = yⱼ Σₖ tₖ − tⱼ",
    "the targets' sum is taken to be 1",
    printed=general,
)

ONE_HOT_TAKEN: Final = GENERAL._replace(wrong="the targets are taken to be one-hot")

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

AGAIN: Final = "Alternative Solution"

STATEMENTS: Final = (
    statement(
        "probability", "first line", r"\text{Softmax } y_k = P(l=k, \vec{x})", "yₖ = P(l=k, x)",
        JOINT, lambda s: softmax(s.z), lambda s: s.p, kind="definition", corrected=CONDITIONAL,
        note="checked with scores ln P(l = k, x), by Bayes' theorem",
    ),
    statement(
        "softmax", "second line", r"= \frac{e^{z_k}}{\sum_j e^{z_j}}", "yₖ = e^zₖ / Σⱼ e^zⱼ",
        SCORES, by_log_total, shares, kind="definition",
        note="the same as ∂/∂zₖ ln Σⱼ e^zⱼ, which is what it is compared with",
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
        "quotient", "third line",
        r"\frac{\partial y_k}{\partial z_j} = \frac{\partial}{\partial z_j} "
        r"\left(\frac{e^{z_k}}{e^{z_1} + \dots + e^{z_K}} \right)",
        "∂yₖ/∂zⱼ = ∂/∂zⱼ (e^zₖ / (e^z₁ + … + e^z_K))",
        SCORES, jacobian, lambda s: partials(lambda z: np.exp(z) / total(z), s.z),
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
        "diagonal-quotient", "case j = k",
        r"\frac{\partial y_k}{\partial z_k} = \frac{e^{z_k} z - (e^{z_k}) e^{z_k}}{(z)^2}",
        "∂yₖ/∂zₖ = (e^zₖ z − e^zₖ e^zₖ) / z²", SCORES, lambda s: diagonal(jacobian(s)), quotient_on_diagonal,
    ),
    statement(
        "diagonal-split", "case j = k, second line", r"= \frac{e^{z_k}}{z} - \left(\frac{e^{z_k}}{z} \right)^2",
        "= e^zₖ/z − (e^zₖ/z)²", SCORES, lambda s: diagonal(jacobian(s)), split_on_diagonal,
    ),
    statement(
        "diagonal", "case j = k, result", r"= y_k (1 - y_k)", "= yₖ (1 − yₖ)",
        SCORES, lambda s: diagonal(jacobian(s)), lambda s: softmax(s.z) * (1 - softmax(s.z)),
    ),
    statement(
        "z", "beside it", r"z = \sum_j e^{z_j}", "z = Σⱼ e^zⱼ",
        MODERATE, lambda s: np.exp(s.z) / softmax(s.z), lambda s: total(s.z) * np.ones(s.z.shape[-1]),
        kind="definition", note="the letter of the scores is used again for the sum of their exponentials",
    ),
    statement(
        "off-diagonal-quotient", "case j ≠ k",
        r"\frac{\partial y_k}{\partial z_j} = \frac{0 - (e^{z_k})(e^{z_j})}{(z)^2}", "∂yₖ/∂zⱼ = (0 − e^zₖ e^zⱼ) / z²",
        SCORES, lambda s: off_diagonal(jacobian(s)), quotient_off_diagonal,
    ),
    statement(
        "off-diagonal", "case j ≠ k, result", r"= -y_k y_j", "= −yₖ yⱼ",
        SCORES, lambda s: off_diagonal(jacobian(s)), product_off_diagonal,
    ),
    statement(
        "jacobian", "boxed result", r"\frac{\partial y_k}{\partial z_j} = y_k (\delta_{jk} - y_j)",
        "∂yₖ/∂zⱼ = yₖ (δⱼₖ − yⱼ)", SCORES, jacobian, boxed_form, for_all=indexed_proof("softmax-jacobian"),
    ),
    statement(
        "kronecker", "below the box",
        r"\delta_{jk} = \begin{cases} 1 & \text{if } j=k \\ 0 & \text{if } j \neq k \end{cases}",
        "δⱼₖ = 1 if j = k, 0 if j ≠ k",
        SCORES, lambda s: jacobians(lambda z: z * 1, s.z)[0], lambda s: kronecker_cases(s.z.shape[-1]),
        kind="definition", note="compared with ∂zⱼ/∂zₖ",
    ),
    statement(
        "cross-entropy", "for cross-entropy", r"E(\vec{y}, \vec{t}) = - \sum_{k=1}^K t_k \ln y_k", "E = −Σₖ tₖ ln yₖ",
        MODERATE, likelihood, written_loss, kind="definition", sizes=(2, 3),
        note="compared with −ln Πₖ yₖ^tₖ, the negative logarithm of the likelihood",
    ),
    statement(
        "chain", "chain rule",
        r"\frac{\partial E}{\partial z_j} = \sum_{k=1}^K \frac{\partial E}{\partial y_k} "
        r"\frac{\partial y_k}{\partial z_j}",
        "∂E/∂zⱼ = Σₖ ∂E/∂yₖ ∂yₖ/∂zⱼ", SCORES, gradient, chain_rule,
    ),
    statement(
        "by-y", "✓ below it", r"\frac{\partial E}{\partial y_k} = \frac{-t_k}{y_k}", "∂E/∂yₖ = −tₖ/yₖ",
        MODERATE, lambda s: grad(lambda y: np.sum(cross_entropy(y, s.t)))(softmax(s.z)), lambda s: -s.t / softmax(s.z),
    ),
    statement(
        "inserted", "therefore",
        r"\therefore \frac{\partial E}{\partial z_j} = \sum_{k=1}^K \frac{-t_k}{y_k} y_k (\delta_{jk} - y_j)",
        "∂E/∂zⱼ = Σₖ −tₖ/yₖ yₖ (δⱼₖ − yⱼ)", SCORES, gradient, inserted_factors,
    ),
    statement(
        "summed", "second line", r"= - \sum_{k=1}^K t_k (\delta_{jk} - y_j)", "= −Σₖ tₖ (δⱼₖ − yⱼ)",
        SCORES, gradient, sum_over_targets,
    ),
    statement(
        "minus", "simplify", r"= - (t_j - y_j)", "= −(tⱼ − yⱼ)", SCORES, gradient, lambda s: -(s.t - softmax(s.z)),
        condition=SUM_IS_ONE, corrected=GENERAL, for_all=indexed_proof("cross-entropy-normalised"),
    ),
    statement(
        "difference", "simplify, second line", r"= y_j - t_j", "= yⱼ − tⱼ", SCORES, gradient, difference,
        condition=SUM_IS_ONE, corrected=GENERAL, for_all=indexed_proof("cross-entropy-normalised"),
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
    statement(
        "gradient", "as a vector", r"\frac{\partial E}{\partial \vec{z}} = \vec{y} - \vec{t}", "∂E/∂z = y − t",
        SCORES, gradient, difference, condition=SUM_IS_ONE, corrected=GENERAL,
        for_all=indexed_proof("cross-entropy-normalised"),
    ),
    statement(
        "again-softmax", AGAIN, r"y_k = \frac{e^{z_k}}{\sum_{i=1}^K e^{z_i}}", "yₖ = e^zₖ / Σᵢ e^zᵢ",
        SCORES, by_log_total, shares, kind="definition",
        note="compared with ∂/∂zₖ ln Σᵢ e^zᵢ",
    ),
    statement(
        "again-loss", AGAIN, r"E(\vec{y}, \vec{t}) = - \sum_k^K t_k \ln(y_k)", "E = −Σₖ tₖ ln yₖ",
        MODERATE, likelihood, written_loss, kind="definition", sizes=(2, 3),
    ),
    statement(
        "again-inserted", AGAIN,
        r"E(\vec{y}, \vec{t}) = - \sum_k^K t_k \ln \left(\frac{e^{z_k}}{\sum_{i=1}^K e^{z_i}} \right)",
        "E = −Σₖ tₖ ln(e^zₖ / Σᵢ e^zᵢ)",
        SCORES, lambda s: cross_entropy(softmax(s.z), s.t),
        lambda s: -np.sum(s.t * np.log(np.exp(s.z) / total(s.z)), axis=-1),
    ),
    statement(
        "again-1", f"{AGAIN}, line 1",
        r"\frac{\partial E}{\partial z_j} = \frac{\partial}{\partial z_j} \left[- \sum_k^K t_k \ln "
        r"\left(\frac{e^{z_k}}{\sum_{i=1}^K e^{z_i}} \right) \right]",
        "∂E/∂zⱼ = ∂/∂zⱼ [−Σₖ tₖ ln(e^zₖ / Σᵢ e^zᵢ)]", SCORES, gradient, logarithm_of_quotient,
    ),
    statement(
        "again-2", f"{AGAIN}, line 2",
        r"= \frac{\partial}{\partial z_j} \left[- \sum_k^K t_k \left(z_k - \ln \left(\sum_{i=1}^K e^{z_i} \right) "
        r"\right) \right]",
        "= ∂/∂zⱼ [−Σₖ tₖ (zₖ − ln Σᵢ e^zᵢ)]", SCORES, gradient, difference_of_logarithms,
    ),
    statement(
        "again-3", f"{AGAIN}, line 3",
        r"= \frac{\partial}{\partial z_j} \left[\sum_k^K t_k \left(\ln \left(\sum_{i=1}^K e^{z_i} \right) - z_k "
        r"\right) \right]",
        "= ∂/∂zⱼ [Σₖ tₖ (ln Σᵢ e^zᵢ − zₖ)]", SCORES, gradient, sign_inside,
    ),
    statement(
        "again-4", f"{AGAIN}, line 4",
        r"= \frac{\partial}{\partial z_j} \left[\sum_k^K t_k \ln \left(\sum_{i=1}^K e^{z_i} \right) - t_k z_k \right]",
        "= ∂/∂zⱼ [Σₖ tₖ ln Σᵢ e^zᵢ − tₖ zₖ]", SCORES, gradient, separate_products,
        note="the parentheses of the line above are lost: k is bound in −tₖ zₖ only if the sum is over both terms, and "
        "so it is read; in the last lines a sum that is written the same way ends before −tⱼ",
    ),
    statement(
        "again-5", f"{AGAIN}, line 5",
        r"= \frac{\partial}{\partial z_j} \left[\sum_k^K t_k \ln \left(\sum_{i=1}^K e^{z_i} \right) \right] - t_j",
        "= ∂/∂zⱼ [Σₖ tₖ ln Σᵢ e^zᵢ] − tⱼ", SCORES, gradient, one_derivative_left,
    ),
    statement(
        "again-6", f"{AGAIN}, line 6", r"= \sum_k^K \left(\frac{t_k e^{z_j}}{\sum_{i=1}^K e^{z_i}} \right) - t_j",
        "= Σₖ (tₖ e^zⱼ / Σᵢ e^zᵢ) − tⱼ", SCORES, gradient, sum_of_fractions,
    ),
    statement(
        "again-7", f"{AGAIN}, line 7", r"= \sum_k t_k y_j - t_j", "= Σₖ tₖ yⱼ − tⱼ", SCORES, gradient, with_y,
        note="the sum ends before −tⱼ",
    ),
    statement(
        "again-8", f"{AGAIN}, line 8", r"= y_j \left(\sum_k t_k \right) - t_j", "= yⱼ (Σₖ tₖ) − tⱼ",
        SCORES, gradient, general, note="true whatever the targets' sum",
        for_all=indexed_proof("cross-entropy"),
    ),
    statement(
        "again-9", f"{AGAIN}, line 9", r"= y_j - t_j", "= yⱼ − tⱼ", SCORES, gradient, difference,
        condition=SUM_IS_ONE, corrected=GENERAL, for_all=indexed_proof("cross-entropy-normalised"),
    ),
    statement(
        "again-cases", f"{AGAIN}, cases",
        r"= \begin{cases} y_j & \text{if } j \neq \gamma \\ y_j - 1 & \text{if } j = \gamma \end{cases}",
        "= yⱼ if j ≠ γ, yⱼ − 1 if j = γ", SCORES, gradient, by_cases, condition=ONE_HOT, corrected=ONE_HOT_TAKEN,
        note="γ, which the notes do not introduce, is the correct class",
    ),
    statement(
        "again-vector", f"{AGAIN}, as a vector", r"\frac{\partial E}{\partial \vec{z}} = \vec{y} - \vec{t}",
        "∂E/∂z = y − t", SCORES, gradient, difference,
        condition=SUM_IS_ONE, corrected=GENERAL, for_all=indexed_proof("cross-entropy-normalised"),
    ),
)  # fmt: skip
