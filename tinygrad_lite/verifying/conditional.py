"""What may be asked of a symbol so that a claim holds: which structures, in which order, along which axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from ..reading.axes import Dim
from ..reading.given import STRUCTURES, Requisites
from ..reading.vocabulary import Entity
from .verdicts import Outcome


class Needed(NamedTuple):
    """A condition that a claim holds under: in words, and the structures that meet it."""

    said: str
    needs: Requisites
    outcomes: tuple[Outcome, ...]


NATURAL_CONDITIONS: Final = ("sums to 1", "symmetric", "unit", "one-hot", "orthogonal", "probabilities")
OTHER_CONDITIONS: Final = ("positive", "0/1", "±1", "between 0 and 1", "positive definite")
"""What is tried as a condition where no mended form is found, those that derivations are made under first."""

STRONGER: Final[Mapping[str, Sequence[str]]] = {
    "positive": ("probabilities", "between 0 and 1"),
    "between 0 and 1": ("probabilities",),
    "0/1": ("one-hot",),
    "symmetric": ("positive definite",),
}
"""What may be asked, further, of a symbol of which this is said already."""


def may_be(entity: Entity, kind: str) -> bool:
    """Whether a symbol can have a structure, and still be what is declared of it."""
    said = [quality for quality in entity.qualities if quality in STRUCTURES]
    return all(kind in STRONGER.get(quality, ()) for quality in said)


OF_VARIABLES: Final = ("symmetric", "orthogonal", "positive definite")
"""What may be asked of a symbol that is differentiated by: a derivative at such a point, not an identity on a line."""


def axes_for(slots: Sequence[Any], axes: str) -> list[int]:
    """The axes that a structure can be along; none where it cannot be."""
    if axes == "each":
        return list(range(len(slots)))
    if axes == "square":
        return [-1] if len(slots) == 2 and slots[0].root is slots[1].root else []
    return [-1]


def same_lengths(some: Sequence[Dim | None], others: Sequence[Dim | None]) -> bool:
    """Whether axes have the same lengths, whatever these are."""
    roots = [[None if dim is None else dim.root for dim in dims] for dims in (some, others)]
    return roots[0] == roots[1]
