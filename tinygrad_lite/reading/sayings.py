"""What an equation is about, by its form: entries, indices, events."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Final

from .spelling import letter, plain
from .syntax import Brackets, Expr, Product, Relation, Scripted, Symbol, Tuple, walk

NO_PROBABILITY: Final = "the probability of an event is not read"


def probability(side: Expr) -> Expr | None:
    """P(l = k, x) in a formula, a P of what happens; None where there is none."""
    for node in walk(side):
        for (_, name), (sign, brackets) in pairwise(node.factors if isinstance(node, Product) else ()):
            inner = brackets.body if isinstance(brackets, Brackets) and not sign else None
            events = inner.items if isinstance(inner, Tuple) else (inner,)
            if plain(name) in ("P", "Pr", "p") and any(isinstance(event, Relation) for event in events):
                return node
    return None


def indices_in(tree: Expr) -> Iterator[str]:
    """The letters that stand as indices, of sums too."""
    for node in walk(tree):
        for script in node.lower if isinstance(node, Scripted) else ():
            if (name := letter(script)) is not None:
                yield name


def is_of_indices(left: Expr, right: Expr, letters: Collection[str]) -> bool:
    """j = k, of two letters that are indices elsewhere."""
    return isinstance(left, Symbol) and isinstance(right, Symbol) and {left.name, right.name} <= set(letters)


def is_in_words(side: Expr, known: Collection[str]) -> bool:
    """A word that is no symbol of the page, as in η = constant."""
    return isinstance(side, Symbol) and side.style == "word" and side.name not in known
