"""H. M. M. Vege, "Neural networks and Back Propagation" (3 December 2018), a file for each group of sections."""

from __future__ import annotations

from typing import Final

from ...verifying.statements import Entry
from . import (
    algorithm as training,
)
from . import (
    cost_functions as costs,
)
from . import (
    forward_pass as network,
)
from . import (
    output_layer as output,
)
from . import (
    recursion,
    sigmoids,
    softmax_output,
    softmaxes,
)
from . import (
    slopes as activations,
)

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
