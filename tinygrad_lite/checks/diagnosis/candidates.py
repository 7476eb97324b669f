"""All mistakes that can be made in a backward pass, the simplest first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from .alterations import Alteration, alterations
from .backward import Backward
from .known_derivatives import in_jacobians, in_powers, in_slopes
from .mistakes import Mistake, Scaling
from .operands import in_arguments, in_factors_of, in_inverses, in_products
from .outputs import in_outputs
from .regions import regions_of
from .terms import in_factors, in_paths, in_reads, in_sums, in_writes
from .wording import Wording


def candidates(
    backward: Backward, names: Sequence[str], leaves: Sequence[Any], variable: int
) -> list[Mistake | Scaling | Alteration]:
    """What may have been done, with the arguments' names for the texts; the variable is one of the leaves."""
    parts = regions_of(backward)
    named = [(names[variable], None), *zip(names, leaves, strict=True)]
    words = Wording(backward, parts, named, names)
    found: list[Mistake | Scaling | Alteration] = [
        *in_slopes(backward, parts, words),
        *in_jacobians(backward, parts, words),
        *in_outputs(backward, words),
        *in_products(backward, words),
        *in_paths(backward, words),
        *in_arguments(backward, words, variable),
        *alterations(backward, words),
    ]
    for k in range(1, len(backward.nodes)):
        for family in (in_factors, in_powers, in_factors_of, in_inverses, in_sums, in_reads, in_writes):
            found += family(backward, k, words)
    # a mistake is tried alone and then with others: what it needs of a backward pass is computed once
    kept = [m._replace(fault=cache(m.fault)) if isinstance(m, Mistake) else m for m in found]
    return sorted(kept, key=lambda mistake: mistake.rank)
