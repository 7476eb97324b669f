"""Which entries of a cotangent are 0 because they were not chosen, whatever slope they meet.

``np.where`` hands a cotangent of 0 to the branch that it did not choose, and so do ``maximum`` and ``clip``. The slope
there may be infinite, as that of ``np.where(x > 0, np.sqrt(x), 0)`` at 0, and 0 · ∞ is NaN, though nothing depends on
such an entry. So a sweep carries the mask of the chosen entries along, as far as it can be told what they depend on,
and sets the others to 0 after each rule. A 0 that is no choice stays what it is: of ``np.sqrt(x) ** 2`` at 0, whose
slope is 1, 0 · ∞ is NaN, and rightly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from .arrays import unbroadcast, values_of
from .elementwise import clip_p, fmax, fmin, keep, keep_p, maximum, minimum, where_p
from .indexing import getitem_p
from .neural import log_softmax_p, softmax_p
from .primitive import Primitive, Rule
from .reductions import to_entries
from .shapes import broadcast_to_p, reshape_p, transpose_p

CHOOSERS: Final[frozenset[Primitive | None]] = frozenset({where_p, keep_p, clip_p, maximum, minimum, fmax, fmin})
"""What hands on one of its inputs, each entry, and lets it be heard alone."""

REARRANGING: Final = frozenset({reshape_p, transpose_p, broadcast_to_p})
"""What lays entries out in another way: their masks go back as cotangents do."""
ALONG: Final = frozenset({softmax_p, log_softmax_p})
"""Functions of each line along the axes, to as many numbers."""


def chosen_entries_of(
    primitive: Primitive,
    params: Mapping[str, Any],
    shape: tuple[int, ...],
    pull: tuple[Any, Rule, tuple[Any, ...]],
    mask: Any,
) -> Any:
    """The mask of an input's chosen entries, given that of the output; None where it cannot be told, or all are.

    Parameters
    ----------
    shape : the output's
    pull : the input's node, the rule and what it saved
    mask : the output's, or None
    """
    parent, rule, saved = pull
    if primitive in CHOOSERS:
        taken = entries_taken(primitive, params, shape, rule, saved)
        mask = taken if mask is None else taken & mask
    if mask is None:
        return None
    if primitive in REARRANGING or (primitive is getitem_p and 2 * math.prod(shape) >= math.prod(parent.shape)):
        return rule(np.broadcast_to(mask, shape).astype(float), *saved) > 0
    if "keepdims" in primitive.params:  # a reduction: what it makes of a line depends on all of it
        return to_entries(mask, params["axis"], parent.shape)
    if primitive in ALONG:
        return np.broadcast_to(mask.any(axis=params["axis"], keepdims=True), mask.shape)
    return unbroadcast(np.broadcast_to(mask, shape), parent.shape) > 0 if primitive.elementwise else None


def entries_taken(
    primitive: Primitive, params: Mapping[str, Any], shape: tuple[int, ...], rule: Rule, saved: tuple[Any, ...]
) -> Any:
    """The mask of the entries that a primitive takes of the input with this rule."""
    if primitive is where_p:
        return params["condition"] if rule is where_p.pulls[0].rule else ~params["condition"]
    if primitive is keep_p:
        return params["mask"]
    return values_of(rule(np.ones(shape), *saved)) != 0


def chosen_by_either(a: Any, b: Any) -> Any:
    """The mask of entries that one of two uses chose; None, for all, where a use chose all."""
    return None if a is None or b is None else a | b


def at_chosen(rule: Rule, mask: Any) -> Rule:
    """A rule that gives 0 at the entries that were not chosen; itself where all were."""
    if mask is None:
        return rule

    def kept(g: Any, *saved: Any) -> Any:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return keep(rule(g, *saved), mask)

    return kept
