"""Which entries of a cotangent are 0 because they were not chosen, whatever slope they meet.

``np.where`` hands a cotangent of 0 to the branch that it did not choose. The slope there may be infinite, as that of
``np.where(x > 0, np.sqrt(x), 0)`` at 0, and 0 · ∞ is NaN, though nothing depends on such an entry. So a sweep carries
the mask of the chosen entries along, as far as it can be told what they depend on, and sets the others to 0 after each
rule. A 0 that is no choice stays what it is: of ``np.sqrt(x) ** 2`` at 0, whose slope is 1, 0 · ∞ is NaN, and rightly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from .arrays import unbroadcast
from .elementwise import keep, where, where_p
from .entropies import cross_entropy_of_labels_p, cross_entropy_p
from .indexing import getitem_p
from .leading import Saved
from .neural import less_mean, less_share, linear_p, log_softmax_p, softmax_p
from .primitive import Primitive, Rule
from .products import matmul
from .reductions import to_entries
from .shapes import broadcast_to_p, reshape_p, transpose_p

CHOOSERS: Final[frozenset[Primitive | None]] = frozenset({where_p})
"""What hands on one of its inputs, each entry, and lets it be heard alone. Not ``maximum`` and its kin, though they
choose, too: relu is one, and to follow what it chooses through the layers below would cost a third of a step."""

REARRANGING: Final = frozenset({reshape_p, transpose_p, broadcast_to_p})
"""What lays entries out in another way: their masks go back as cotangents do."""

ALONG: Final = frozenset({softmax_p, log_softmax_p, less_mean, less_share})
"""Functions of each line along the axes, to as many numbers."""

PRODUCTS: Final = frozenset({matmul, linear_p})
"""What multiplies each row of its first input with all of its second."""

OF_ROWS: Final = frozenset({cross_entropy_p, cross_entropy_of_labels_p})
"""Functions of each row, to one number where ``reduction`` is "none"."""

Pulled = tuple[Any, Rule, Saved]
"""An input's node, its rule, and what the rule saved."""


def only(x: Any, mask: Any) -> Any:
    """``x`` where the mask is true, else 0; recorded as a choice, for derivatives of the next order."""
    return where(mask, x, 0) if hasattr(type(x), "__record__") else keep(x, mask)


class Hearing(NamedTuple):
    """What is to be heard of a rule.

    Attributes
    ----------
    mask : the chosen entries of what it gives; None for all
    rows : the chosen rows of the operand that it saved, of which it adds up products; None for all
    """

    mask: Any = None
    rows: Any = None

    def hear(self, rule: Callable[[Any, Saved], Any], g: Any, saved: Saved) -> Any:
        """What the rule gives, 0 where nothing was chosen."""
        if self.mask is None and self.rows is None:
            return rule(g, saved)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if self.rows is not None:
                saved = (only(saved[0], self.rows), *saved[1:])
            d = rule(g, saved)
            return d if self.mask is None else only(d, self.mask)

    def of(self, rule: Rule) -> Rule:
        """A rule of which no more is heard; itself where all is, for a sweep knows some rules by what they are."""
        if self.mask is None and self.rows is None:
            return rule
        return lambda g, *saved: self.hear(lambda g, saved: rule(g, *saved), g, saved)


ALL_OF_IT: Final = Hearing()


def chosen_entries_of(
    primitive: Primitive, params: Mapping[str, Any], shape: tuple[int, ...], pull: Pulled, mask: Any
) -> tuple[Any, Hearing]:
    """The mask of an input's chosen entries, None where it cannot be told or all are, and what to hear of its rule.

    Parameters
    ----------
    shape : the output's
    mask : the output's, or None
    """
    parent, rule, saved = pull
    if primitive in CHOOSERS:
        taken = params["condition"] if rule is where_p.pulls[0].rule else ~params["condition"]
        mask = taken if mask is None else taken & mask
    if mask is None:
        return None, ALL_OF_IT
    mask = np.broadcast_to(mask, shape)
    if primitive in PRODUCTS and rule is not primitive.pulls[0].rule:
        rows = len(shape) > 1 and rule is primitive.pulls[1].rule and saved[0].ndim > 1
        return None, Hearing(rows=mask.any(axis=-1, keepdims=True)) if rows else ALL_OF_IT
    own = mask_of_input(primitive, params, parent.shape, pull, mask)
    heard = ALL_OF_IT if primitive.linear else Hearing(mask if primitive.elementwise else own)
    return own, heard


def mask_of_input(
    primitive: Primitive, params: Mapping[str, Any], wanted: tuple[int, ...], pull: Pulled, mask: Any
) -> Any:
    """The entries, in the input's shape, that the output's chosen ones depend on; None where it cannot be told."""
    _, rule, saved = pull
    if primitive.elementwise:
        return unbroadcast(mask, wanted) > 0
    if primitive in REARRANGING or (primitive is getitem_p and 2 * mask.size >= math.prod(wanted)):
        return rule(mask.astype(float), *saved) > 0
    if "keepdims" in primitive.params:  # a reduction: what it makes of a line depends on all of it
        return to_entries(mask, params["axis"], wanted)
    if primitive in ALONG:
        return np.broadcast_to(mask.any(axis=params["axis"], keepdims=True), wanted)
    if primitive in OF_ROWS and params["reduction"] == "none":
        return np.broadcast_to(mask[:, None], wanted)
    if primitive in PRODUCTS and min(mask.ndim, len(wanted)) > 1:
        rows = np.broadcast_to(mask.any(axis=-1, keepdims=True), (*mask.shape[:-1], wanted[-1]))
        return unbroadcast(rows, wanted) > 0
    return None


def chosen_by_either(a: Any, b: Any) -> Any:
    """The mask of entries that one of two uses chose; None, for all, where a use chose all."""
    return None if a is None or b is None else a | b
