"""Section 3: the quadratic cost and the cross entropy."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from ...proofs import symbols
from ...verifying.draws import Draw, Family
from ...verifying.statements import Correction
from ..definitions import Array, quadratic_cost, softmax
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


STATEMENTS: Final = (
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
)
