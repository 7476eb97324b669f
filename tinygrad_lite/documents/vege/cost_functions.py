"""Section 3: the quadratic cost and the cross entropy."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from ...proofs import symbols
from ...verifying.draws import Draw, Family
from ...verifying.statements import Condition, Correction
from ..conditions import SUM_IS_ONE
from ..definitions import Array, cross_entropy, quadratic_cost, softmax
from ..families import ODDS, SCORES
from .document import statement


class Outputs(NamedTuple):
    """The outputs and targets of training samples 1 … N in rows, below those of a sample 0, which sums from 0 count."""

    a: Array
    y: Array


def training_sets(seed: int) -> list[Draw]:
    """Sets of 1, 2, 5 and 40 samples; with a sample 0 that costs something, and with one that costs nothing."""
    draws = []
    for samples, classes in ((1, 2), (2, 3), (5, 10), (40, 3), (2, 100)):
        rng = np.random.default_rng([seed, 30, samples, classes])
        a = softmax(rng.standard_normal((samples + 1, classes)))
        y = np.eye(classes)[rng.integers(classes, size=samples + 1)]
        name = f"{samples} samples of {classes} classes"
        draws.append(Draw(f"{name}, sample 0 another, seed {seed}", Outputs(a, y)))
        free_a, free_y = a.copy(), y.copy()
        free_a[0] = free_y[0] = np.eye(classes)[0]
        draws.append(Draw(f"{name}, sample 0 without cost, seed {seed}", Outputs(free_a, free_y)))
    return draws


def symbolic_training_set(classes: int) -> Outputs:
    """Two samples, and the sample 0."""
    return Outputs(symbols("a", (3, classes), positive=True), symbols("y", (3, classes), positive=True))


TRAINING_SETS: Final = Family("a training set", training_sets, symbolic_training_set, (2, 3))

FREE: Final = Condition("sample 0 costs nothing", lambda s: np.array_equal(s.a[0], s.y[0]))


class Labels(NamedTuple):
    """Targets y₁ … y_K that sum to 1, after a y₀ that sums from 0 count."""

    y: Array


def labels(seed: int) -> list[Draw]:
    """Targets that sum to 1 after a y₀ that is 0 or not."""
    draws = []
    for classes in (2, 3, 10, 100):
        rng = np.random.default_rng([seed, 31, classes])
        y = rng.dirichlet(np.ones(classes), 3)
        for first in (0.0, 0.5):
            padded = np.concatenate([np.full((3, 1), first), y], axis=1)
            draws.append(Draw(f"K = {classes}, y₀ = {first:g}, seed {seed}", Labels(padded)))
    return draws


LABELS: Final = Family("targets with an index 0", labels)


def power_form(a: Any, y: Any) -> Any:
    """−ln Πₖ aₖ^yₖ, for each row: the negative log likelihood."""
    return -np.log(np.prod(a**y, axis=-1))


def both(first: Any) -> Any:
    """The probabilities of both classes in columns, from the first's."""
    return np.stack([first, 1 - first], axis=-1)


def safe_log(a: Any) -> Any:
    """ln a, and 0 where a is 0: its factor y is 0 there."""
    return np.log(np.where(a > 0, a, 1.0))


STATEMENTS: Final = (
    statement(
        "7",
        "eq. 7",
        r"\mathcal{C}_{\text{MSE}} = \frac{1}{2N} \sum_{i=0}^N \|\mathbf{a}_i - \mathbf{y}_i\|_2^2,",
        "C = 1/2N Σᵢ₌₀ᴺ ‖aᵢ − yᵢ‖²",
        TRAINING_SETS,
        lambda s: np.mean(quadratic_cost(s.a[1:], s.y[1:])),
        lambda s: np.sum((s.a - s.y) ** 2) / (2 * len(s.a[1:])),
        kind="definition",
        corrected=Correction(
            r"\mathcal{C}_{\text{MSE}} = \frac{1}{2N} \sum_{i=1}^N \|\mathbf{a}_i - \mathbf{y}_i\|_2^2",
            "C = 1/2N Σᵢ₌₁ᴺ ‖aᵢ − yᵢ‖²",
            "From 0 to N the sum has N + 1 terms: one more than there are samples, and than it is divided by.",
            lambda s: np.sum((s.a[1:] - s.y[1:]) ** 2) / (2 * len(s.a[1:])),
            right_when=FREE,
            really=lambda s: np.sum(quadratic_cost(s.a, s.y)) / len(s.a[1:]),
        ),
    ),
    statement(
        "3.1-mse",
        "§ 3.1, “or mean square error”",
        r"\text{The quadratic cost, or mean square error (MSE) cost function}",
        "C = mean of ‖aᵢ − yᵢ‖²",
        TRAINING_SETS,
        lambda s: np.mean(np.sum((s.a - s.y) ** 2, axis=1)),
        lambda s: np.sum((s.a - s.y) ** 2) / (2 * len(s.a)),
        kind="claim",
        corrected=Correction(
            r"\mathcal{C}_{\text{MSE}} = \frac{1}{2} \cdot \text{mean square error}",
            "C = ½ mean of ‖aᵢ − yᵢ‖²",
            "The quadratic cost is half the mean of the squared errors; ½ makes its derivative a − y.",
            computed=lambda s: np.mean(np.sum((s.a - s.y) ** 2, axis=1)) / 2,
            really=lambda s: np.mean(quadratic_cost(s.a, s.y)),
        ),
        note="table 1 says so too; the document means the quadratic cost wherever it writes MSE",
    ),
    statement(
        "8",
        "eq. 8",
        r"\mathcal{C}_{\text{MSE}} = \frac{1}{2} \|\mathbf{a}_i - \mathbf{y}_i\|_2^2,",
        "C = ½ ‖a − y‖²",
        SCORES,
        lambda s: np.sum(s.z**2, axis=1) / 2 - np.sum(s.z * s.t, axis=1) + np.sum(s.t**2, axis=1) / 2,
        lambda s: np.sum((s.z - s.t) ** 2, axis=1) / 2,
        kind="definition",
        note="a is any output; computed as ½ a·a − a·y + ½ y·y",
    ),
    statement(
        "9",
        "eq. 9",
        r"\mathcal{C}_{\text{CE}} = -\frac{1}{N} \sum_{i=0}^N \sum_{k=1}^K y_{ik} \ln a_{ik}",
        "C = −1/N Σᵢ₌₀ᴺ Σₖ yᵢₖ ln aᵢₖ",
        TRAINING_SETS,
        lambda s: np.mean(power_form(s.a[1:], s.y[1:])),
        lambda s: -np.sum(s.y * safe_log(s.a)) / len(s.a[1:]),
        kind="definition",
        corrected=Correction(
            r"\mathcal{C}_{\text{CE}} = -\frac{1}{N} \sum_{i=1}^N \sum_{k=1}^K y_{ik} \ln a_{ik}",
            "C = −1/N Σᵢ₌₁ᴺ Σₖ yᵢₖ ln aᵢₖ",
            "From 0 to N the sum has N + 1 terms: one more than there are samples, and than it is divided by.",
            lambda s: -np.sum(s.y[1:] * np.log(s.a[1:])) / len(s.a[1:]),
            right_when=FREE,
            really=lambda s: np.sum(power_form(s.a, s.y)) / len(s.a[1:]),
        ),
        note="“the average over all the samples N”",
    ),
    statement(
        "10",
        "eq. 10",
        r"\mathcal{C}_{\text{CE}} = -\sum_{k=1}^K y_k \ln a_k",
        "C = −Σₖ yₖ ln aₖ",
        SCORES,
        lambda s: power_form(softmax(s.z), s.t),
        lambda s: -np.sum(s.t * np.log(softmax(s.z)), axis=1),
        kind="definition",
        sizes=(),
        note="computed as the negative logarithm of the likelihood Πₖ aₖ^yₖ",
    ),
    statement(
        "3.2-sum",
        "§ 3.2, sum of y",
        r"\sum_{k=0}^K y_k = 1,",
        "Σₖ₌₀ᴷ yₖ = 1",
        LABELS,
        lambda s: np.ones(len(s.y)),
        lambda s: np.sum(s.y, axis=1),
        corrected=Correction(
            r"\sum_{k=1}^K y_k = 1",
            "Σₖ₌₁ᴷ yₖ = 1",
            "The K classes are numbered from 1, as in equations 9 and 10; from 0 to K there are K + 1.",
            lambda s: np.sum(s.y[:, 1:], axis=1),
            right_when=Condition("y₀ = 0", lambda s: not np.any(s.y[:, 0])),
            really=lambda s: 1 + s.y[:, 0],
        ),
    ),
    statement(
        "3.2-binary-1",
        "§ 3.2, K = 2",
        r"\mathcal{C}_{\text{CE}}^2 = - \sum_{k=1}^{K=2} y_k \ln a_k.",
        "C² = −Σₖ₌₁² yₖ ln aₖ",
        ODDS,
        lambda s: power_form(both(s.a), both(s.y)),
        lambda s: -np.sum(both(s.y) * np.log(both(s.a)), axis=1),
        kind="definition",
        sizes=(),
        note="a₂ = 1 − a₁ and y₂ = 1 − y₁",
    ),
    statement(
        "3.2-binary-2",
        "§ 3.2, K = 2, written out",
        r"\mathcal{C}_{\text{CE}}^2 = -y_1 \ln a_1 - y_2 \ln a_2",
        "C² = −y₁ ln a₁ − y₂ ln a₂",
        ODDS,
        lambda s: cross_entropy(both(s.a), both(s.y)),
        lambda s: -s.y * np.log(s.a) - both(s.y)[:, 1] * np.log(both(s.a)[:, 1]),
    ),
    statement(
        "3.2-complement",
        "§ 3.2, “rewrite y₂”",
        r"y_2 = 1 - y_1",
        "K = 2: y₂ = 1 − y₁",
        SCORES,
        lambda s: s.t[:, 1:].sum(axis=1),
        lambda s: 1 - s.t[:, 0],
        condition=SUM_IS_ONE,
        note="for more classes 1 − y₁ is the sum of all the others",
    ),
    statement(
        "11",
        "eq. 11",
        r"\mathcal{C}_{\text{CE}}^2 = -y \ln a - (1 - y) \ln(1 - a).",
        "C² = −y ln a − (1 − y) ln(1 − a)",
        ODDS,
        lambda s: cross_entropy(both(s.a), both(s.y)),
        lambda s: -s.y * np.log(s.a) - (1 - s.y) * np.log(1 - s.a),
        note="the number 12 stands below it, beside nothing",
    ),
)
