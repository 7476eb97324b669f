"""Cross Validated, question 273465: its three steps of backpropagation, and what its author saw."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from ..engine.transforms import grad
from ..proofs import symbols
from ..verifying.draws import Draw, Family
from ..verifying.statements import Condition, Correction, Document, statements_of
from ..verifying.verdicts import agreement
from .by_hand import diagonal, partials
from .definitions import CLASSIFIER, Pass, by_W, by_z, softmax
from .experiments import collapse
from .families import passes
from .notes import difference, gradient
from .settings import HARD_SCORES

QUESTION: Final = Document(
    "Neural network softmax activation", "Cross Validated, question 273465", "undated", "Question"
)

RATE: Final = 0.1
"""r, "some learning rate constant"."""


def symbolic_output_layer(classes: int) -> Pass:
    """One layer of symbols, softmax and cross-entropy; the targets sum to 1, and the bias makes z symbols."""
    h, W, z = symbols("h", (2, 1)), symbols("W", (classes, 2)), symbols("z", (classes, 1))
    some = symbols("t", (classes - 1, 1), positive=True)
    b, nothing = z - W @ h, np.zeros((1, 1))
    t = np.concatenate([some, 1 - some.sum(axis=0, keepdims=True)])
    return Pass(CLASSIFIER, t, (h, softmax(z.T).T), (h, z), (nothing, W), (nothing, b))


OUTPUT_LAYERS: Final = Family(
    "softmax and cross-entropy",
    lambda seed: passes(seed, (("softmax, cross-entropy", CLASSIFIER),)),
    symbolic_output_layer,
    (2, 3, 4),
)


# ---------------------------------------------------------------------------------------------------------------------
# By autograd


def hidden_weights(s: Pass) -> Any:
    """The weights of the hidden layer below it, after that step."""
    return (s.W[-2] - RATE * by_W(s, -2)).T


# ---------------------------------------------------------------------------------------------------------------------
# As written: columns, one sample


def by_output(s: Pass) -> Any:
    """∂E/∂oⱼ."""
    return partials(lambda o: -np.sum(s.y.T * np.log(o), axis=-1), s.a[-1].T).T


def own_slopes(f: Any, z: Any) -> Any:
    """∂oⱼ/∂zⱼ of a layer with this activation, columns."""
    return diagonal(partials(f, z.T)).T


def step_1(s: Pass) -> Any:
    """∂E/∂oⱼ ∂oⱼ/∂zⱼ."""
    return by_output(s) * own_slopes(s.network.output, s.z[-1])


def hidden_error(s: Pass, E: Any) -> Any:
    """∂oⱼ/∂zⱼ Σₖ (Eₖ w′ⱼₖ) of the hidden layer."""
    return own_slopes(s.network.hidden, s.z[-2]) * (s.W[-1].T @ E)


def step_3_as_said(s: Pass) -> Any:
    """Step 3 with E of step 1."""
    return s.W[-2].T - RATE * s.a[-3] @ hidden_error(s, step_1(s)).T


def step_3_with_right_error(s: Pass) -> Any:
    """Step 3 with E = o − t."""
    return s.W[-2].T - RATE * s.a[-3] @ hidden_error(s, s.a[-1] - s.y).T


def only_raising(s: Pass) -> Any:
    """−tⱼ (1 − oⱼ)."""
    return -s.y * (1 - s.a[-1])


def step_3_of_only_raising(s: Pass) -> Any:
    """A step of gradient descent on Σₖ Eₖ zₖ with Eₖ = −tₖ (1 − oₖ) held fixed, by autograd."""
    E = only_raising(s)

    def surrogate(V: Any) -> Any:
        return np.sum(E * (s.W[-1] @ s.activation(s.L - 1)(V @ s.a[-3] + s.b[-2]) + s.b[-1]))

    return (s.W[-2] - RATE * grad(surrogate)(s.W[-2])).T


# ---------------------------------------------------------------------------------------------------------------------
# Conditions and mistakes


SEVERAL_CLASSES: Final = Condition("K > 1", lambda s: len(s.y) > 1)


RIGHT_E: Final = Correction(
    r"w_{ij} = w'_{ij} - r{\frac{\partial o_j} {\partial z_j}} {\sum_k ((o_k - t_k) w'_{jk})} {o_i}",
    "wᵢⱼ = w′ᵢⱼ − r ∂oⱼ/∂zⱼ Σₖ ((oₖ − tₖ) w′ⱼₖ) oᵢ",
    "the formula is right, but E of step 1 is not ∂E/∂z",
    printed=step_3_with_right_error,
    really=step_3_of_only_raising,
)


# ---------------------------------------------------------------------------------------------------------------------
# What its author saw


class Training(NamedTuple):
    """A way to train, on so many images."""

    recipe: collapse.Recipe
    updates: int
    seed: int

    def means(self) -> dict[str, float]:
        """The averages of what is seen after each update of the second half."""
        return collapse.record(*self).means()


def trainings(name: str, *recipes: collapse.Recipe) -> Family:
    """Training by these recipes on scikit-learn's digits, which must be installed when a statement is checked."""

    def make(seed: int) -> list[Draw]:
        return [Draw(f"{recipe.name}, 600 images, seed {seed}", Training(recipe, 600, seed)) for recipe in recipes]

    return Family(name, make)


BOTH_STEPS: Final = (collapse.CORRECT, collapse.CORRECT_UNTIL, collapse.ELEMENTWISE, collapse.ELEMENTWISE_UNTIL)

ALL_RECIPES: Final = trainings("every suspect", *collapse.RECIPES)
WITH_EITHER: Final = trainings("the question's step 1 and the correct one", *BOTH_STEPS)
WITH_CORRECT: Final = trainings("the correct step", *BOTH_STEPS[:2])

ALWAYS_THE_LATEST: Final = Condition(
    "step 1 is elementwise and each image is repeated until it is learnt, or the learning rate is far too large",
    lambda s: (s.recipe.step is collapse.elementwise and s.recipe.until_learnt) or s.recipe.rate > 1,
)

STEP_1_ELEMENTWISE: Final = Condition("step 1 is elementwise", lambda s: s.recipe.step is collapse.elementwise)


statement: Final = statements_of(QUESTION)

STATEMENTS: Final = (
    statement(
        "step-3-as-said", "below step 3", r"E \text{ is the vector of output layer error gradients computed in Step 1}",
        "step 3 with E of step 1", OUTPUT_LAYERS, hidden_weights, step_3_as_said,
        corrected=RIGHT_E, sizes=(), note="E of step 1 is −tⱼ (1 − oⱼ)",
    ),
    statement(
        "is-this-correct", "the question",
        r"o_j - t_j \text{ where } t \text{ is a one-hot encoded target output vector. Is this correct?}",
        "oⱼ − tⱼ is right for one-hot t", HARD_SCORES, gradient, difference, kind="claim",
    ),
    statement(
        "something-wrong", "last paragraph", r"\text{There must be something wrong with the method I'm using}",
        "the method is not gradient descent", OUTPUT_LAYERS, lambda s: agreement(step_1(s), by_z(s, -1)), lambda _: 0.0,
        kind="claim", condition=SEVERAL_CLASSES, note="step 1 is compared with ∂E/∂z",
    ),
    statement(
        "collapse", "last paragraph but one",
        r"\text{the network's predictions are always whatever the most recent backpropagation label was}",
        "predictions are the most recent label", ALL_RECIPES,
        lambda s: float(s.means()["latest"] > 0.99), lambda _: 1.0, kind="claim", condition=ALWAYS_THE_LATEST,
        note="small networks learning real digits; the latest label is predicted after more than 99 % of the updates. "
        "With one update for each image the elementwise step makes every image get the same prediction too, but after "
        "about a quarter of the updates only is it the latest label",
    ),
    statement(
        "collapse-regardless", "last paragraph but one", r"\text{regardless of input}", "regardless of input",
        WITH_EITHER, lambda s: float(s.means()["same"] > 0.95), lambda _: 1.0, kind="claim",
        condition=STEP_1_ELEMENTWISE,
        note="more than 95 % of the test images share one prediction; the hidden layer is saturated",
    ),
    statement(
        "collapse-cured", "last paragraph",
        r"\text{Step 1 simply becomes } \frac{\partial E} {\partial z_j} = o_j - t_j", "oⱼ − tⱼ cures the collapse",
        WITH_CORRECT,
        lambda s: {"learns": float(s.means()["accuracy"] > 0.7), "collapses": float(s.means()["latest"] > 0.2)},
        lambda _: {"learns": 1.0, "collapses": 0.0}, kind="claim",
        note="the same networks, images, order and learning rate: more than 70 % of the test images are right",
    ),
)  # fmt: skip
"""The three steps, the question, and the phenomenon."""
