"""Section 6, to the end of 6.2: the chain rule for the output layer, and the costs' derivatives."""

from __future__ import annotations

from typing import Final

from ...verifying.verdicts import agreement
from ..conditions import ELEMENTWISE_OUTPUT
from ..definitions import (
    by_a,
    by_z,
    slope,
)
from ..families import NETWORKS
from .document import statement

CHAIN: Final = (
    statement(
        "6-hadamard",
        "§ 6, before eq. 26",
        r"\text{two of the products are component-wise, such that we actually are multiplying by the Hadamard product}",
        "∂C/∂a ⊙ ∂a/∂z is ∂C/∂z",
        NETWORKS,
        lambda s: agreement(by_z(s, -1), by_a(s, -1) * slope(s, -1)),
        lambda s: 1.0,
        kind="claim",
        condition=ELEMENTWISE_OUTPUT,
        sizes=(),
        note="1 if they agree, 0 if not",
    ),
)

COSTS: Final = ()


BINARY: Final = ()

STATEMENTS: Final = (*CHAIN, *COSTS, *BINARY)
