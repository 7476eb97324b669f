"""H. M. M. Vege, "Neural networks and Back Propagation" (3 December 2018), a file for each group of sections."""

from __future__ import annotations

from typing import Final

from ...verifying.statements import Statement
from . import (
    algorithm,
    cost_functions,
    forward_pass,
    output_layer,
    recursion,
    sigmoids,
    slopes,
    softmax_output,
    softmaxes,
)
from .document import VEGE

__all__ = ["STATEMENTS", "VEGE"]

STATEMENTS: Final[tuple[Statement, ...]] = (
    *forward_pass.STATEMENTS,
    *cost_functions.STATEMENTS,
    *slopes.SIGMOID,
    *softmaxes.STATEMENTS,
    *slopes.HIDDEN,
    *algorithm.STATEMENTS,
    *output_layer.STATEMENTS,
    *sigmoids.STATEMENTS,
    *recursion.STATEMENTS,
    *softmax_output.STATEMENTS,
)
"""In the order of the document."""
