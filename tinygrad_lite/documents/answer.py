"""Cross Validated, answer 280048: the gradient of the negative log likelihood of the right class through softmax.

The answer stands in two copies that differ in markup only: in the second, two lines of the chain of equalities have
lost the command that opens a group, so that their braces do not balance. They are checked as the first copy has them.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..engine.transforms import grad
from ..verifying.statements import Condition, Correction, Document, statements_of
from .definitions import cross_entropy, softmax
from .families import MODERATE, SCORES, Scores
from .notes import difference
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


# ---------------------------------------------------------------------------------------------------------------------
# Conditions and mistakes


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
        "two-names", "below the loss",
        r"\text{The negative log likelihood is also known as the multiclass cross-entropy}",
        "−log σ(t) = −Σⱼ tⱼ log oⱼ", MODERATE, lambda s: cross_entropy(softmax(s.z), s.t),
        lambda s: -np.log(of_right(softmax(s.z), s.t)), kind="claim", condition=ONE_HOT,
        note="for soft targets, t being the likeliest class, the cross-entropy is another number",
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
