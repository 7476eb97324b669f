"""What an equation is about, by its form: entries, indices, events."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Final
from unicodedata import combining, normalize

from .spelling import letter, plain
from .syntax import Brackets, Expr, Number, Partial, Product, Relation, Scripted, Symbol, Tuple, walk
from .vocabulary import BY_DEFAULT, Entity, Vocabulary


def why_unstated(
    left: Expr, right: Expr, vocabulary: Vocabulary, letters: Collection[str], used: Collection[str]
) -> tuple[str, str] | None:
    """What an equation is that states nothing which can be computed, and why; None for any other.

    ``letters`` stand as indices on the page, ``used`` are the symbols that were spoken of before.
    """
    if probability(left) or probability(right):
        return "not read", "the probability of an event is not read"
    if is_in_words(right, vocabulary.entities):
        return "not a claim", f"what it is is said in words: {plain(right)}"
    if is_of_indices(left, right, letters):
        return "not a claim", "it is said of indices"
    if is_of_some_entries(left, right, vocabulary, used):
        return "not read", f"whether {plain(left)} = {plain(right)} for every index or for some is not said"
    return None


def probability(side: Expr) -> bool:
    """Whether P(l = k, x) stands in a formula, a P of what happens."""
    for node in walk(side):
        for (_, name), (sign, brackets) in pairwise(node.factors if isinstance(node, Product) else ()):
            inner = brackets.body if isinstance(brackets, Brackets) and not sign else None
            events = inner.items if isinstance(inner, Tuple) else (inner,)
            if plain(name) in ("P", "Pr", "p") and any(isinstance(event, Relation) for event in events):
                return True
    return False


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


def is_of_some_entries(left: Expr, right: Expr, vocabulary: Vocabulary, used: Collection[str]) -> bool:
    """Whether the entries of something that has been spoken of are said to be a number, as in "where t_k = 1"."""
    found = vocabulary.spell(left)
    entity = None if found is None else vocabulary.entities.get(found.name)
    if found is None or not isinstance(right, Number) or (entity is not None and entity.kind != "given"):
        return False
    known = entity is not None or found.name in used
    return known and any(letter(index) is not None for index in found.lower)


CONDITION: Final = "it holds for some values of what is given, and not for all: say it as a definition of one of them"


def is_of_given(left: Expr | None, right: Expr | None, vocabulary: Vocabulary) -> bool:
    """Whether an equation is of given symbols alone, each side with one that the other has not: A x = b.

    An identity has the same symbols on both sides; this is a condition on them.
    """
    nodes = [list(walk(side)) if side is not None else [] for side in (left, right)]
    if any(isinstance(node, Partial) for side in nodes for node in side):
        return False
    symbols = [[found for node in side if (found := vocabulary.spell(node)) is not None] for side in nodes]
    known = [{symbol.name for symbol in side if symbol.name in vocabulary.entities} for side in symbols]
    kinds = {vocabulary.entities[name].kind for side in known for name in side}
    return kinds == {"given"} and bool(known[0] - known[1]) and bool(known[1] - known[0])


def unexplained(left: Expr | None, right: Expr | None, vocabulary: Vocabulary) -> str:
    """A symbol on one side alone of which nothing is said, though it is something known: x̄, ŷ, i; "" for none."""
    found = [[vocabulary.spell(node) for node in walk(side)] if side is not None else [] for side in (left, right)]
    ours, theirs = [{symbol.name for symbol in side if symbol is not None} for side in found]
    defaults = [name for name in sorted(ours ^ theirs) if is_by_default(vocabulary.entities.get(name))]
    marked = [name for name in defaults if any(map(combining, normalize("NFD", name)))]
    return next(iter([*marked, *[name for name in defaults if name in ("i", "j")]]), "")


def is_by_default(entity: Entity | None) -> bool:
    """Whether something is a number since nothing says what it is."""
    return entity is not None and entity.how == BY_DEFAULT


NAMED: Final = ("I", "1", "0", "𝟙", "𝟏", "e", "δ")
"""Symbols that mean something of themselves."""


def is_name_of(left: Expr, right: Expr, used: Collection[str], vocabulary: Vocabulary) -> bool:
    """Whether a right side is a symbol that was not ``used`` before, as π_k in ∂A/∂θ_k = π_k: a derivative's name."""
    return isinstance(left, Partial) and is_name(right, used, vocabulary)


def is_name(side: Expr, used: Collection[str], vocabulary: Vocabulary) -> bool:
    """Whether a side is a symbol alone, that was not ``used`` before and means nothing of itself."""
    found = vocabulary.spell(side) if isinstance(side, (Symbol, Scripted)) else None
    if found is None or found.name in (*NAMED, *used):
        return False
    return found.name != "π" or bool(found.lower)


def is_of_a_length(left: Expr | None, right: Expr | None, vocabulary: Vocabulary) -> bool:
    """K = 2 of the length of an axis."""
    entity = vocabulary.entities.get(letter(left) or "") if left is not None else None
    return entity is not None and entity.kind == "dimension" and isinstance(right, Number)
