"""One interpreter for all formulas of a page: it goes through a tree with numbers, or without.

Without them it finds a formula's indices, their lengths, and what is wrong with them; with them its values. What a node
means is said by the function registered for its class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..axes import AxesError, Dim, Value, number
from ..latex import NotRead
from ..namesakes import without_indices
from ..spelling import Spelled
from ..stand_ins import StandIn
from ..syntax import Expr, Number
from ..vocabulary import IndexMistake, Vocabulary

Meaning = Callable[["Interpreter", Any, "Scope"], Value]
"""What a node denotes."""

MEANINGS: Final[dict[type[Expr], Meaning]] = {}


def means(*kinds: type[Expr]) -> Callable[[Meaning], Meaning]:
    """Register what nodes of these classes denote."""

    def register(meaning: Meaning) -> Meaning:
        MEANINGS.update(dict.fromkeys(kinds, meaning))
        return meaning

    return register


@dataclass(frozen=True)
class Letter:
    """An index: the axis it stands for, and its length."""

    axis: str
    dim: Dim


@dataclass(frozen=True)
class Scope:
    """What letters stand for at a place of a formula.

    Attributes
    ----------
    letters : indices; by letter
    parameters : of the function that is being applied, its arguments
    counters : superscripts that count, and their numbers
    path : where it is: the statement and the applications on the way, which keeps indices of one name apart
    """

    path: tuple[Any, ...]
    letters: Mapping[str, Letter] = field(default_factory=dict)
    parameters: Mapping[str, Value] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)
    left: frozenset[str] = frozenset()


Key = tuple[str, int | None]
"""A symbol, and which member of its family."""


@dataclass
class Interpreter:
    """The meaning of formulas, for one setting of the page's symbols.

    Attributes
    ----------
    vocabulary : the page's symbols
    arrays : the given ones' values; None to look at axes only
    lengths : of the axes, for the values
    instances : the functions taken for those of which the kind alone is known
    cuts : symbols that stand for other values, as derivatives are taken
    linked : whether the derivative that is looked at is multiplied by the chain rule
    """

    vocabulary: Vocabulary
    arrays: Mapping[Key, Any] | None = None
    lengths: dict[Dim, int] | None = None
    instances: Mapping[str, StandIn] = field(default_factory=dict)
    cuts: Mapping[Key, Value] = field(default_factory=dict)
    found: dict[Key, Value] = field(default_factory=dict)
    open: tuple[Key, ...] = ()
    masked: int = 0
    linked: bool = False

    # -- numbers ------------------------------------------------------------------------------------------------------

    def length(self, dim: Dim) -> int | None:
        """An axis's length; None where only axes are looked at."""
        if self.arrays is None:
            return None
        assert self.lengths is not None
        if dim.size is not None:
            return dim.size
        known = next((self.lengths[other] for other in dim.members if other in self.lengths), None)
        if known is None:  # an index that nothing says the length of
            known = self.lengths[dim.root] = 3
        return known

    def constant(self, x: float) -> Value:
        """A number."""
        return number(None if self.arrays is None else x)

    def spell(self, node: Expr, scope: Scope) -> Spelled | None:
        """A symbol taken apart; the argument of a function is one symbol, with indices and without."""
        found = self.vocabulary.spell(node)
        if found is not None and (name := without_indices(found.name)) in scope.parameters:
            return found._replace(name=name)
        if found is not None and not found.lower and found.upper[:1] == (Number("2"),):
            square = f"{found.name}^2"
            return found._replace(name=square, upper=found.upper[1:]) if square in scope.parameters else found
        return found

    # -- going through a tree -----------------------------------------------------------------------------------------

    def value(self, node: Expr, scope: Scope) -> Value:
        """What a formula denotes."""
        meaning = MEANINGS.get(type(node))
        if meaning is None:
            raise NotRead(f"{type(node).__name__.lower()} has no value here", node.span)
        try:
            return meaning(self, node, scope)
        except AxesError as error:
            raise IndexMistake(str(error), node.span) from None

    def remark(self, text: str) -> None:
        """Say something of how the page is read, once."""
        if text not in self.vocabulary.remarks:
            self.vocabulary.remarks.append(text)
