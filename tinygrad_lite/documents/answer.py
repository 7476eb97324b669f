"""Cross Validated, answer 280048: the gradient of the negative log likelihood of the right class through softmax.

The answer stands in two copies that differ in markup only: in the second, two lines of the chain of equalities have
lost the command that opens a group, so that their braces do not balance. They are checked as the first copy has them.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..engine.transforms import grad
from ..verifying.statements import Condition, Correction, Document, statements_of
from .by_hand import diagonal, partials
from .definitions import cross_entropy, jacobians, softmax
from .families import MODERATE, SCORES, Scores
from .notes import by_log_total, difference, shares, total
from .settings import HARD_SCORES, LAYERS, ONE_HOT, Layer, delta, of_right, right, symbolic_layer

ANSWER: Final = Document('Answer 280048 to "Neural network softmax activation"', "Cross Validated", "undated", "Answer")


# ---------------------------------------------------------------------------------------------------------------------
# By autograd


def likelihood(z: Any, t: Any) -> Any:
    """E of each sample: −ln σ(t), where t is the number of the right class."""
    return -np.log(softmax(z)[np.arange(len(t)), right(t)])


def gradient(s: Scores) -> Any:
    """∂E/∂zⱼ of each sample."""
    return grad(lambda z: np.sum(likelihood(z, s.t)))(s.z)


# ---------------------------------------------------------------------------------------------------------------------
# As written


def sigma_right(s: Any) -> Any:
    """σ(t), a column."""
    return of_right(softmax(s.z), s.t)[:, None]


def line_1(s: Scores) -> Any:
    """∂/∂zⱼ of −log σ(t)."""
    return partials(lambda z: -np.log(of_right(softmax(z), s.t)), s.z)


def line_2(s: Scores) -> Any:
    """−1/σ(t) ∂/∂zⱼ σ(t)."""
    return -1 / sigma_right(s) * partials(lambda z: of_right(softmax(z), s.t), s.z)


def line_3(s: Scores) -> Any:
    """−1/σ(t) ∂/∂zⱼ σ(zⱼ)."""
    return -1 / sigma_right(s) * diagonal(partials(softmax, s.z))


def line_4(s: Scores) -> Any:
    """−1/σ(t) ∂/∂zⱼ (e^z_t / Σₖ e^zₖ)."""
    return -1 / sigma_right(s) * partials(lambda z: of_right(np.exp(z) / total(z), s.t), s.z)


def line_5(s: Scores) -> Any:
    """−1/σ(t) [∂e^z_t/∂zⱼ / Σₖ e^zₖ − e^z_t ∂Σₖe^zₖ/∂zⱼ / [Σₖ e^zₖ]²]."""
    e_t = of_right(np.exp(s.z), s.t)[:, None]
    of_e_t = partials(lambda z: of_right(np.exp(z), s.t), s.z)
    of_sum = partials(lambda z: np.sum(np.exp(z), axis=-1), s.z)
    return -1 / sigma_right(s) * (of_e_t / total(s.z) - e_t * of_sum / total(s.z) ** 2)


def line_6(s: Scores) -> Any:
    """−1/σ(t) [δⱼₜ e^z_t / Σₖ e^zₖ − e^z_t / Σₖ e^zₖ · e^zⱼ / Σₖ e^zₖ]."""
    e, e_t = np.exp(s.z), of_right(np.exp(s.z), s.t)[:, None]
    return -1 / sigma_right(s) * (delta(s.t) * e_t / total(s.z) - e_t / total(s.z) * e / total(s.z))


def line_7(s: Scores) -> Any:
    """−1/σ(t) (δⱼₜ σ(t) − σ(t) σ(j))."""
    return -1 / sigma_right(s) * (delta(s.t) * sigma_right(s) - sigma_right(s) * softmax(s.z))


# ---------------------------------------------------------------------------------------------------------------------
# Conditions and mistakes


WRONG_SCORE: Final = Correction(
    r"= \frac{-1}{\sigma(t)}\quad\frac{\partial}{\partial z_j}\sigma(z_t)",
    "= −1/σ(t) ∂/∂zⱼ σ(z_t)",
    "σ(zⱼ) stands for σ(z_t): by the answer's own notation σ(zⱼ) is oⱼ, and its derivative with respect to zⱼ gives "
    "the component j = t alone",
    printed=line_2,
    really=lambda s: -1 / sigma_right(s) * diagonal(jacobians(softmax, s.z)),
)

NO_BIAS: Final = Condition(
    "there is no bias",
    lambda s: not np.any(s.b),
    lambda n: symbolic_layer(n)._replace(b=np.zeros((n, 1))),
)

MORE_THAN_TWO: Final = Condition("K > 2", lambda s: s.z.shape[-1] > 2)


def majority(s: Scores) -> Any:
    """Whether error_deriv = σ(j) in more than half of each sample's neurons."""
    same = np.abs(gradient(s) - softmax(s.z)) < 1e-12
    return float(np.all(np.mean(same, axis=-1) > 0.5))


def products(s: Layer) -> Any:
    """wⱼᵀ x for each neuron j and each sample, in columns."""
    return np.stack([s.W[:, j] @ s.hidden for j in range(s.W.shape[1])])


statement: Final = statements_of(ANSWER)

STATEMENTS: Final = (
    statement(
        "yes", "first line", r"\text{Is this correct? Yes.}", "∂E/∂zⱼ = oⱼ − tⱼ is correct",
        HARD_SCORES, lambda s: grad(lambda z: np.sum(cross_entropy(softmax(z), s.t)))(s.z), difference,
        kind="claim", sizes=(2, 3, 4), note="for one-hot targets, as the question says",
    ),
    statement(
        "softmax", "notation",
        r"o_j=\sigma(j)=\sigma(z_j)=\text{softmax}(j)=\text{softmax (neuron }j)="
        r"\frac{e^{z_j}}{\displaystyle\sum_K e^{z_k}}",
        "oⱼ = σ(j) = e^zⱼ / Σₖ e^zₖ", SCORES, by_log_total, shares, kind="definition",
        note="compared with ∂/∂zⱼ ln Σₖ e^zₖ; the letter under the sum is that of the number of classes, K, and stands "
        "for the index k; σ(zⱼ) depends on all of z, not on zⱼ alone",
    ),
    statement(
        "preactivation", "notation, second line",
        r"z_j = \mathbf w_j^\top \mathbf x = \text{preactivation (neuron }j)", "zⱼ = wⱼᵀ x",
        LAYERS, lambda s: s.z, products, kind="definition", condition=NO_BIAS,
        corrected=Correction(
            r"z_j = \mathbf w_j^\top \mathbf x + b_j", "zⱼ = wⱼᵀ x + bⱼ", "the bias is left out",
            printed=lambda s: products(s) + s.b,
        ),
        note="the program further down has a bias, output_bias",
    ),
    statement(
        "loss", "the loss", r"E = -\log \sigma(t) = -\log \left(\text{softmax}(t)\right)", "E = −log σ(t)",
        MODERATE, lambda s: -np.log(np.prod(softmax(s.z) ** delta(s.t), axis=-1)),
        lambda s: -np.log(of_right(softmax(s.z), s.t)),
        kind="definition", sizes=(2, 3),
        note="compared with −ln Πⱼ oⱼ^δⱼₜ, the negative logarithm of the likelihood; t is a class here, not a vector",
    ),
    statement(
        "two-names", "below the loss",
        r"\text{The negative log likelihood is also known as the multiclass cross-entropy}",
        "−log σ(t) = −Σⱼ tⱼ log oⱼ", MODERATE, lambda s: cross_entropy(softmax(s.z), s.t),
        lambda s: -np.log(of_right(softmax(s.z), s.t)), kind="claim", condition=ONE_HOT,
        note="for soft targets, t being the likeliest class, the cross-entropy is another number",
    ),
    statement(
        "line-1", "gradient, line 1",
        r"\frac{\partial E}{\partial z_j}=\frac{\partial}{\partial z_j}\,-\log\left( \sigma(t)\right)",
        "∂E/∂zⱼ = ∂/∂zⱼ −log σ(t)", SCORES, gradient, line_1,
    ),
    statement(
        "line-2", "gradient, line 2", r"= \frac{-1}{\sigma(t)}\quad\frac{\partial}{\partial z_j}\sigma(t)",
        "= −1/σ(t) ∂σ(t)/∂zⱼ", SCORES, gradient, line_2,
        note="log is the natural logarithm, as the results below have it, too",
    ),
    statement(
        "line-3", "gradient, line 3", r"= \frac{-1}{\sigma(t)}\quad\frac{\partial}{\partial z_j}\sigma(z_j)",
        "= −1/σ(t) ∂σ(zⱼ)/∂zⱼ", SCORES, gradient, line_3, corrected=WRONG_SCORE,
    ),
    statement(
        "line-4", "gradient, line 4",
        r"= \frac{-1}{\sigma(t)}\quad\frac{\partial}{\partial z_j}\frac{e^{z_t}}{\displaystyle\sum_k e^{z_k}}",
        "= −1/σ(t) ∂/∂zⱼ (e^z_t / Σₖ e^zₖ)", SCORES, gradient, line_4,
    ),
    statement(
        "line-5", "gradient, line 5",
        r"= \frac{-1}{\sigma(t)}\quad\left[ \frac{\frac{\partial }{\partial z_j }e^{z_t}}{\displaystyle \sum_K e^{z_k}}"
        r" \quad - \quad \frac{e^{z_t}\quad \frac{\partial}{\partial z_j}\displaystyle \sum_K e^{z_k}}"
        r"{\left[\displaystyle\sum_K e^{z_k}\right]^2}\right]",
        "= −1/σ(t) [(∂e^z_t/∂zⱼ)/Σ − e^z_t (∂Σ/∂zⱼ)/Σ²]", SCORES, gradient, line_5,
        note="one copy has lost a {\\displaystyle here; Σ is short for Σₖ e^zₖ",
    ),
    statement(
        "line-6", "gradient, line 6",
        r"= \frac{-1}{\sigma(t)}\quad\left[ \frac{\delta_{jt}\;e^{z_t}}{\displaystyle \sum_K e^{z_k}} \quad - \quad "
        r"\frac{e^{z_t}}{\displaystyle\sum_K e^{z_k}} \frac{e^{z_j}}{\displaystyle\sum_K e^{z_k}}\right]",
        "= −1/σ(t) [δⱼₜ e^z_t/Σ − e^z_t/Σ · e^zⱼ/Σ]", SCORES, gradient, line_6,
        note="one copy has lost a {\\displaystyle here; Σ is short for Σₖ e^zₖ",
    ),
    statement(
        "line-7", "gradient, line 7",
        r"= \frac{-1}{\sigma(t)}\quad\left(\delta_{jt}\sigma(t) - \sigma(t)\sigma(j) \right)",
        "= −1/σ(t) (δⱼₜ σ(t) − σ(t) σ(j))", SCORES, gradient, line_7,
    ),
    statement(
        "line-8", "gradient, line 8", r"= - (\delta_{jt} - \sigma(j))", "= −(δⱼₜ − σ(j))", SCORES, gradient,
        lambda s: -(delta(s.t) - softmax(s.z)),
    ),
    statement(
        "gradient", "gradient, line 9", r"= \sigma(j) - \delta_{jt}", "= σ(j) − δⱼₜ", SCORES, gradient,
        lambda s: softmax(s.z) - delta(s.t), note="E is the negative log likelihood of the one right class t",
    ),
    statement(
        "practically-identical", "below the gradient",
        r"\text{it does become identical if … } t_j \text{ becomes the one-hot encoded vector}",
        "σ(j) − δⱼₜ = oⱼ − tⱼ for one-hot t", SCORES, lambda s: softmax(s.z) - delta(s.t), difference,
        kind="claim", condition=ONE_HOT,
    ),
    statement(
        "one-hot-vector", "below the gradient",
        r"\begin{bmatrix}0&0&0&\cdots&1&0&0&0_K\end{bmatrix}^\top", "t = (0, 0, 0, …, 1, 0, 0, 0)ᵀ",
        HARD_SCORES, lambda s: s.t, lambda s: np.where(np.arange(s.t.shape[-1]) == right(s.t)[:, None], 1.0, 0.0),
        kind="definition", note="the 1 stands at the right class, wherever that is among the K",
    ),
    statement(
        "all-neurons", "below the gradient",
        r"\text{we are really calculating the gradient … to the preactivation of all output neurons}",
        "oⱼ − tⱼ is the gradient for all j", HARD_SCORES, gradient, difference,
        kind="claim", sizes=(2, 3, 4),
    ),
    statement(
        "equivalent-to-delta", "below the gradient",
        r"t_j \text{ will contain a } 1 \text{ only in the neuron corresponding to the correct category, "
        r"which is equivalent to } \delta_{jt}",
        "tⱼ = δⱼₜ", SCORES, lambda s: s.t, lambda s: delta(s.t), kind="claim", condition=ONE_HOT,
    ),
    statement(
        "delta-is-1", "below the gradient",
        r"\delta_{jt} \text{, which is } 1 \text{ only when differentiating with respect to the pre-activation of the "
        r"output neuron of the correct category}",
        "∂z_t/∂zⱼ = δⱼₜ", SCORES, lambda s: grad(lambda z: np.sum(z[np.arange(len(s.t)), right(s.t)]))(s.z),
        lambda s: delta(s.t), kind="claim", sizes=(2, 3, 4),
    ),
    statement(
        "majority", "below the program's first line",
        r"\text{in the majority of the output neurons, the error\_deriv = output\_layer\_state } (\sigma(j))",
        "∂E/∂zⱼ = σ(j) in the majority of neurons", MODERATE, majority, lambda _: 1.0, kind="claim",
        condition=MORE_THAN_TWO, note="of two neurons one is not a majority",
    ),
    statement(
        "one-subtracted", "below the program's first line",
        r"\text{except for the neuron corresponding to the correct classification, in which case, a } 1 "
        r"\text{ is going to be subtracted from } \sigma(j)",
        "∂E/∂z_t = σ(t) − 1", SCORES, lambda s: gradient(s)[np.arange(len(s.t)), right(s.t)],
        lambda s: of_right(softmax(s.z), s.t) - 1, kind="claim", sizes=(2, 3, 4),
    ),
)  # fmt: skip
"""The answer's derivation; its program and what follows are in ``octave``."""
