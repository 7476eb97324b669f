"""Kinks: where a maximum ties, a relu is at 0 or a sort has equal entries, the derivative is any between two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from ..table.elementwise import absolute, fmax, fmin, maximum, minimum
from ..table.neural import relu_p, sloped_relu_p
from ..table.reductions import max_p, min_p

if TYPE_CHECKING:
    from .comparison import Claimed

ASIDE: Final = 1e-10
"""How far from the point the derivative on each side is taken, relative to the argument."""

FURTHER: Final = 1e-7
"""A second distance: what a derivative changes by over both alike is a jump; of a smooth function it shrinks."""

JUMP: Final = 1e-5
"""A change of the derivative over that distance, in units of its largest entry, that hardly any smooth function has."""

MOST_ENTRIES: Final = 200
"""Entries of an argument whose two sides are looked at; of more, as many at random."""


class Sides(NamedTuple):
    """The one-sided derivatives at a kink, the smaller and the larger; the same where there is none.

    Attributes
    ----------
    low, high : of the derivative's shape
    seen : for each entry whether both sides were looked at
    """

    low: Any
    high: Any
    seen: Any


def sides_of(
    claimed: Claimed,
    q: int,
    leaves: Sequence[Any],
    truth: Any,
    rng: np.random.Generator,
    wanted: Any = None,
    accepts: Callable[[Any, Any, Any], bool] = lambda place, low, high: True,
) -> Sides | None:
    """The one-sided derivatives with respect to each entry of an argument; None where there is no kink.

    Parameters
    ----------
    wanted : for which entries; for all unless it is given. The others count as smooth
    accepts : of a place in the derivative and what it is on both sides, whether to go on; if not, None is returned
    """
    k = claimed.quantities[q]
    x = np.asarray(leaves[k])
    step = ASIDE * (np.abs(x) + (float(np.max(np.abs(x), initial=0)) or 1.0))

    def moved(by: Any) -> Any:
        others = [np.asarray(x + by)[()] if j == k else value for j, value in enumerate(leaves)]
        return claimed.truths_at(others).derivatives[q]

    def jumps(direction: Any) -> bool:
        near, far = [np.abs(moved(by * direction) - truth) for by in (1, FURTHER / ASIDE)]
        return bool(np.any((near > JUMP * np.max(np.abs(truth) + near, initial=0)) & (near > far / 2)))

    direction = step * rng.uniform(0.5, 1.0, x.shape) * rng.choice([-1.0, 1.0], x.shape)
    if not (jumps(direction) or jumps(-direction)):
        return None
    low, high = truth.copy(), truth.copy()
    seen = np.ones(truth.shape, bool)
    entries = [entry for entry in np.ndindex(x.shape) if wanted is None or wanted[entry]]
    for entry in entries:
        seen[ellipsis_and(entry)] = False
    if len(entries) > MOST_ENTRIES:
        entries = [entries[i] for i in rng.choice(len(entries), MOST_ENTRIES, replace=False)]
    for entry in entries:
        place = ellipsis_and(entry)
        by = np.zeros(x.shape)
        for side in (1, -1):
            by[entry] = side * step[entry]
            other = moved(by)[place]
            low[place], high[place] = np.minimum(low[place], other), np.maximum(high[place], other)
        smooth = ~jumps_between(low[place], high[place], truth)
        low[place] = np.where(smooth, truth[place], low[place])
        high[place] = np.where(smooth, truth[place], high[place])
        seen[place] = True
        if not accepts(place, low[place], high[place]):
            return None
    return Sides(low, high, seen)


def ellipsis_and(entry: tuple[int, ...]) -> Any:
    """The index of all that belongs to an entry of an argument, whose axes are a derivative's last."""
    return (..., *entry)


def jumps_between(low: Any, high: Any, truth: Any) -> Any:
    """Whether two sides are farther apart than a smooth function's."""
    scale = max(float(np.max(np.abs(truth), initial=0)), float(np.max(np.abs(high - low), initial=0)))
    return high - low > JUMP * scale


def is_between(claim: Any, low: Any, high: Any, tolerance: float, scale: float) -> bool:
    """Whether a claim is between the one-sided derivatives, and the derivative itself where they are one."""
    slack = np.where(high > low, JUMP, tolerance) * scale
    return bool(np.all((claim >= low - slack) & (claim <= high + slack)))


PAIRS: Final = (maximum, minimum, fmax, fmin)


def named(nodes: Sequence[Any]) -> str:
    """What has a kink among recorded operations, in words."""
    for node in nodes:
        primitive = node.primitive
        x: Sequence[Any] = node.kept.inputs
        if primitive in PAIRS and np.any(np.equal(*x)):
            return f"{primitive.name} of two equal numbers"
        if primitive is absolute and np.any(np.equal(x[0], 0)):
            return "abs at 0"
        if primitive in (relu_p, sloped_relu_p) and np.any(np.equal(x[0], 0)):
            return "relu at 0"
        if primitive in (max_p, min_p):
            return f"{primitive.name} of equal entries"
    return "a tie, or a zero"
