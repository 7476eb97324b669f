"""Conditions that several entries share."""

from __future__ import annotations

from typing import Final

import numpy as np

from .catalogue import Condition
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
