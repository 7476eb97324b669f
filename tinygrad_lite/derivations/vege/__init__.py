"""H. M. M. Vege, "Neural networks and Back Propagation" (3 December 2018), a file for each group of sections."""

from __future__ import annotations

from typing import Final

from ..catalogue import Entry
from . import activations, costs, network, output, recursion, sigmoids, softmax_output, softmaxes, training

ENTRIES: Final[tuple[Entry, ...]] = (
    *network.ENTRIES,
    *costs.ENTRIES,
    *activations.SIGMOID,
    *softmaxes.ENTRIES,
    *activations.HIDDEN,
    *training.ENTRIES,
    *output.ENTRIES,
    *sigmoids.ENTRIES,
    *recursion.ENTRIES,
    *softmax_output.ENTRIES,
)
