"""Conditions that several statements share."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..verifying.statements import Condition
from .definitions import QUADRATIC, Pass, a_by_z
from .families import normalised_symbols, symbolic_pass, symbolic_scores

SUM_IS_ONE: Final = Condition("Σt = 1", lambda s: bool(np.all(abs(s.t.sum(axis=-1) - 1) < 1e-12)), normalised_symbols)
"""The targets of each sample sum to 1."""

ONE_HOT: Final = Condition("t is one-hot", lambda s: bool(np.all((s.t == 0) | (s.t == 1)) and np.all(s.t.sum(-1) == 1)))
"""Exactly one target of each sample is 1, the others are 0."""


def symbolic_sigmoids(width: int) -> Pass:
    """One sample through three layers of sigmoids, with quadratic cost."""
    return symbolic_pass(QUADRATIC, (width,) * 4)


def acts_elementwise(s: Pass) -> bool:
    """Whether the Jacobian of the output's activation is diagonal."""
    jacobian = a_by_z(s, -1)
    return not np.any(jacobian - np.diag(np.diagonal(jacobian)))


ELEMENTWISE_OUTPUT: Final = Condition("the output activation is elementwise", acts_elementwise, symbolic_sigmoids)
"""Each output depends on its own score only; so do sigmoids, and softmax does not."""


TWO_CLASSES: Final = Condition("K = 2", lambda s: s.z.shape[1] == 2, symbolic_scores, (2,))
"""There are two classes."""
