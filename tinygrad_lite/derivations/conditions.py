"""Conditions that several entries share."""

from __future__ import annotations

from typing import Final

import numpy as np

from .catalogue import Condition
from .definitions import Pass, a_by_z
from .draws import Scores, symbolic_scores


def normalised_symbols(classes: int) -> Scores:
    """Scores and targets of symbols, the last target being 1 minus the others."""
    z, t = symbolic_scores(classes)
    rest = t[:, :-1]
    return Scores(z, np.concatenate([rest, 1 - rest.sum(axis=-1, keepdims=True)], axis=-1))


SUM_IS_ONE: Final = Condition("Σt = 1", lambda s: bool(np.all(abs(s.t.sum(axis=-1) - 1) < 1e-12)), normalised_symbols)
"""The targets of each sample sum to 1."""

ONE_HOT: Final = Condition("t is one-hot", lambda s: bool(np.all((s.t == 0) | (s.t == 1)) and np.all(s.t.sum(-1) == 1)))
"""Exactly one target of each sample is 1, the others are 0."""


ONE_NEURON: Final = Condition("every layer has one neuron", lambda s: all([a.shape == (1, 1) for a in s.a]))
"""Where vectors and matrices are numbers, and their order and transposes do not matter."""


def acts_elementwise(s: Pass) -> bool:
    """Whether the Jacobian of the output's activation is diagonal."""
    jacobian = a_by_z(s, -1)
    return not np.any(jacobian - np.diag(np.diagonal(jacobian)))


ELEMENTWISE_OUTPUT: Final = Condition("the output activation is elementwise", acts_elementwise)
"""Each output depends on its own score only; so do sigmoids, and softmax does not."""
