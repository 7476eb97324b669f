"""The handwritten notes "Softmax": the Jacobian of softmax, and the gradient of cross-entropy through it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import numpy as np

from ..engine.transforms import grad
from ..verifying.statements import Condition, Correction, Document, Entry, agreement
from .by_hand import diagonal, off_diagonal, partials
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


def total(z: Any) -> Any:
    """Σᵢ e^zᵢ, which the notes call z."""
    return np.sum(np.exp(z), axis=-1, keepdims=True)


def kronecker(z: Any) -> Any:
    """δⱼₖ for the classes of z."""
    return np.eye(z.shape[-1])


def cases(n: int) -> Any:
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


def boxed(s: Scores) -> Any:
    """yₖ (δⱼₖ − yⱼ)."""
    y = softmax(s.z)
    return y[:, :, None] * (kronecker(y) - y[:, None, :])


def chain(s: Scores) -> Any:
    """Σₖ ∂E/∂yₖ ∂yₖ/∂zⱼ."""
    by_y = partials(lambda y: cross_entropy(y, s.t), softmax(s.z))
    return np.sum(by_y[:, :, None] * partials(softmax, s.z), axis=1)


def inserted(s: Scores) -> Any:
    """Σₖ −tₖ/yₖ · yₖ (δⱼₖ − yⱼ)."""
    y = softmax(s.z)
    return np.sum((-s.t / y)[:, :, None] * y[:, :, None] * (kronecker(y) - y[:, None, :]), axis=1)


def summed(s: Scores) -> Any:
    """−Σₖ tₖ (δⱼₖ − yⱼ)."""
    y = softmax(s.z)
    return -np.sum(s.t[:, :, None] * (kronecker(y) - y[:, None, :]), axis=1)


def general(s: Scores) -> Any:
    """yⱼ Σₖ tₖ − tⱼ, whatever the targets' sum."""
    return softmax(s.z) * np.sum(s.t, axis=-1, keepdims=True) - s.t


# ---------------------------------------------------------------------------------------------------------------------
# Mistakes, and what is meant


def conditional(s: Joint) -> Any:
    """P(l = k | x) = P(l = k, x) / P(x)."""
    return s.p / np.sum(s.p, axis=-1, keepdims=True)


CONDITIONAL: Final = Correction(
    r"y_k = P(l=k \mid \vec{x})",
    "yₖ = P(l=k | x)",
    "the comma makes it the joint probability, whose sum over k is P(x); the yₖ of softmax add up to 1, as the "
    "conditional probabilities do",
    printed=conditional,
    right_when=Condition("P(x) = 1", lambda s: bool(np.all(abs(s.p.sum(axis=-1) - 1) < 1e-12))),
)

GENERAL: Final = Correction(
    r"\frac{\partial E}{\partial z_j} = y_j \sum_k t_k - t_j",
    "∂E/∂zⱼ = yⱼ Σₖ tₖ − tⱼ",
    "the targets' sum is taken to be 1",
    printed=general,
)

RIGHT_CLASS: Final = Condition(
    "j is the correct class", lambda s: bool(np.all(of_right(cases(s.t.shape[-1])[s.j], s.t)))
)

A_NOTE_ON_WHY: Final = (
    "the reason given is not the reason: that one target is 1 is more than is needed, and what is needed is that the "
    "targets add up to 1, Σₖ tₖ yⱼ = yⱼ; soft targets will do"
)


def for_all(name: str) -> Callable[[], bool]:
    """The proof of this name for every K; imported when it is called, since it needs SymPy."""
    return lambda: bool(import_module("..proofs.indexed", __package__).PROOFS[name]())


def entry(id: str, place: str, latex: str, formula: str, computed: Any, printed: Any, **more: Any) -> Entry:
    """An entry of the notes, about scores and targets unless said otherwise."""
    return Entry(f"notes-{id}", NOTES, place, latex, formula, more.pop("on", SCORES), computed, printed, **more)


ENTRIES: Final = (
    entry(
        "probability", "first line", r"\text{Softmax } y_k = P(l=k, \vec{x})", "yₖ = P(l=k, x)",
        lambda s: softmax(s.z), lambda s: s.p, on=JOINT, kind="definition", corrected=CONDITIONAL,
        note="checked with scores ln P(l = k, x), by Bayes' theorem",
    ),
    entry(
        "softmax", "second line", r"= \frac{e^{z_k}}{\sum_j e^{z_j}}", "yₖ = e^zₖ / Σⱼ e^zⱼ",
        lambda s: grad(lambda z: np.sum(np.log(total(z))))(s.z), lambda s: np.exp(s.z) / total(s.z), kind="definition",
        note="the same as ∂/∂zₖ ln Σⱼ e^zⱼ, which is what it is compared with",
    ),
    entry(
        "probability-of-scores", "note", r"y_k = P(l=k, z_1, \dots, z_K)", "yₖ = P(l=k, z₁, …, z_K)",
        lambda s: softmax(s.z), lambda s: s.p, on=JOINT, kind="definition",
        corrected=CONDITIONAL._replace(
            latex=r"y_k = P(l=k \mid z_1, \dots, z_K)", formula="yₖ = P(l=k | z₁, …, z_K)"
        ),
    ),
    entry(
        "depends-on-all", "thus", r"\text{Thus, } y_k \text{ depends on } z_1, \dots, z_K", "yₖ depends on z₁, …, z_K",
        smallest_change, lambda _: 1.0, on=MODERATE, kind="claim", sizes=(),
        note="every ∂yₖ/∂zⱼ is compared with 0",
    ),
    entry(
        "quotient", "third line",
        r"\frac{\partial y_k}{\partial z_j} = \frac{\partial}{\partial z_j} "
        r"\left(\frac{e^{z_k}}{e^{z_1} + \dots + e^{z_K}} \right)",
        "∂yₖ/∂zⱼ = ∂/∂zⱼ (e^zₖ / (e^z₁ + … + e^z_K))",
        jacobian, lambda s: partials(lambda z: np.exp(z) / total(z), s.z),
    ),
    entry(
        "two-cases", "beside j = k", r"\text{Two indices, so two cases}", "two indices, so two cases",
        lambda s: {
            "yₖ (1 − yₖ) for j = k": agreement(diagonal(jacobian(s)), softmax(s.z) * (1 - softmax(s.z))),
            "−yₖ yₖ for j = k": agreement(diagonal(jacobian(s)), -softmax(s.z) ** 2),
        },
        lambda _: {"yₖ (1 − yₖ) for j = k": 1.0, "−yₖ yₖ for j = k": 0.0}, on=MODERATE, kind="claim", sizes=(),
        note="the formula for j ≠ k does not do for j = k",
    ),
    entry(
        "diagonal-quotient", "case j = k",
        r"\frac{\partial y_k}{\partial z_k} = \frac{e^{z_k} z - (e^{z_k}) e^{z_k}}{(z)^2}",
        "∂yₖ/∂zₖ = (e^zₖ z − e^zₖ e^zₖ) / z²", lambda s: diagonal(jacobian(s)), quotient_on_diagonal,
    ),
    entry(
        "diagonal-split", "case j = k, second line", r"= \frac{e^{z_k}}{z} - \left(\frac{e^{z_k}}{z} \right)^2",
        "= e^zₖ/z − (e^zₖ/z)²", lambda s: diagonal(jacobian(s)), split_on_diagonal,
    ),
    entry(
        "diagonal", "case j = k, result", r"= y_k (1 - y_k)", "= yₖ (1 − yₖ)",
        lambda s: diagonal(jacobian(s)), lambda s: softmax(s.z) * (1 - softmax(s.z)),
    ),
    entry(
        "z", "beside it", r"z = \sum_j e^{z_j}", "z = Σⱼ e^zⱼ",
        lambda s: np.exp(s.z) / softmax(s.z), lambda s: total(s.z) * np.ones(s.z.shape[-1]),
        on=MODERATE, kind="definition",
        note="the letter of the scores is used again for the sum of their exponentials",
    ),
    entry(
        "off-diagonal-quotient", "case j ≠ k",
        r"\frac{\partial y_k}{\partial z_j} = \frac{0 - (e^{z_k})(e^{z_j})}{(z)^2}", "∂yₖ/∂zⱼ = (0 − e^zₖ e^zⱼ) / z²",
        lambda s: off_diagonal(jacobian(s)), quotient_off_diagonal,
    ),
    entry(
        "off-diagonal", "case j ≠ k, result", r"= -y_k y_j", "= −yₖ yⱼ",
        lambda s: off_diagonal(jacobian(s)), product_off_diagonal,
    ),
    entry(
        "jacobian", "boxed result", r"\frac{\partial y_k}{\partial z_j} = y_k (\delta_{jk} - y_j)",
        "∂yₖ/∂zⱼ = yₖ (δⱼₖ − yⱼ)", jacobian, boxed, for_all=for_all("softmax-jacobian"),
    ),
    entry(
        "kronecker", "below the box",
        r"\delta_{jk} = \begin{cases} 1 & \text{if } j=k \\ 0 & \text{if } j \neq k \end{cases}",
        "δⱼₖ = 1 if j = k, 0 if j ≠ k",
        lambda s: jacobians(lambda z: z * 1, s.z)[0], lambda s: cases(s.z.shape[-1]), kind="definition",
        note="compared with ∂zⱼ/∂zₖ",
    ),
    entry(
        "cross-entropy", "for cross-entropy", r"E(\vec{y}, \vec{t}) = - \sum_{k=1}^K t_k \ln y_k", "E = −Σₖ tₖ ln yₖ",
        lambda s: -np.log(np.prod(softmax(s.z) ** s.t, axis=-1)),
        lambda s: -np.sum(s.t * np.log(softmax(s.z)), axis=-1), kind="definition", on=MODERATE, sizes=(2, 3),
        note="compared with −ln Πₖ yₖ^tₖ, the negative logarithm of the likelihood",
    ),
    entry(
        "chain", "chain rule",
        r"\frac{\partial E}{\partial z_j} = \sum_{k=1}^K \frac{\partial E}{\partial y_k} "
        r"\frac{\partial y_k}{\partial z_j}",
        "∂E/∂zⱼ = Σₖ ∂E/∂yₖ ∂yₖ/∂zⱼ", gradient, chain,
    ),
    entry(
        "by-y", "✓ below it", r"\frac{\partial E}{\partial y_k} = \frac{-t_k}{y_k}", "∂E/∂yₖ = −tₖ/yₖ",
        lambda s: grad(lambda y: np.sum(cross_entropy(y, s.t)))(softmax(s.z)), lambda s: -s.t / softmax(s.z),
        on=MODERATE,
    ),
    entry(
        "inserted", "therefore",
        r"\therefore \frac{\partial E}{\partial z_j} = \sum_{k=1}^K \frac{-t_k}{y_k} y_k (\delta_{jk} - y_j)",
        "∂E/∂zⱼ = Σₖ −tₖ/yₖ yₖ (δⱼₖ − yⱼ)", gradient, inserted,
    ),
    entry(
        "summed", "second line", r"= - \sum_{k=1}^K t_k (\delta_{jk} - y_j)", "= −Σₖ tₖ (δⱼₖ − yⱼ)", gradient, summed,
    ),
    entry(
        "minus", "simplify", r"= - (t_j - y_j)", "= −(tⱼ − yⱼ)", gradient, lambda s: -(s.t - softmax(s.z)),
        condition=SUM_IS_ONE, corrected=GENERAL, for_all=for_all("cross-entropy-normalised"),
    ),
    entry(
        "difference", "simplify, second line", r"= y_j - t_j", "= yⱼ − tⱼ", gradient, lambda s: softmax(s.z) - s.t,
        condition=SUM_IS_ONE, corrected=GENERAL, for_all=for_all("cross-entropy-normalised"),
    ),
    entry(
        "since", "the reason given", r"\text{since } t_k = 1 \text{ only for the correct class}",
        "since tₖ = 1 only for the correct class",
        lambda s: agreement(gradient(s), softmax(s.z) - s.t), lambda _: 1.0, kind="claim",
        condition=SUM_IS_ONE, sizes=(), note=A_NOTE_ON_WHY,
    ),
    entry(
        "since-j", "the reason given", r"\text{the correct class, which we call } j \text{ here}",
        "the correct class, which we call j here",
        lambda s: agreement(np.take_along_axis(gradient(s), s.j[:, None], 1)[:, 0],
                            np.take_along_axis(softmax(s.z), s.j[:, None], 1)[:, 0] - 1),
        lambda _: 1.0, on=CHOSEN, kind="claim", condition=RIGHT_CLASS,
        note="with j for the correct class, tⱼ = 1, and the result is one component of the gradient, yⱼ − 1; that "
        "yⱼ − tⱼ is right for every j has another reason, Σₖ tₖ = 1",
    ),
    entry(
        "gradient", "as a vector", r"\frac{\partial E}{\partial \vec{z}} = \vec{y} - \vec{t}", "∂E/∂z = y − t",
        gradient, lambda s: softmax(s.z) - s.t, condition=SUM_IS_ONE, corrected=GENERAL,
        for_all=for_all("cross-entropy-normalised"),
    ),
)  # fmt: skip
"""The notes up to "Alternative Solution"."""
