"""Squares that are symbols, as the variance σ²: pages define them, and differentiate by them; σ is then their root."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final, TypeGuard

from .meaning.lookups import CONSTANTS
from .spelling import items_of, letter, plain
from .syntax import Brackets, Expr, Number, Partial, Product, Relation, Root, Scripted, Symbol, walk
from .vocabulary import Definition, Entity, Vocabulary

LETTERS: Final = ("①", "②", "③")
"""Indices of a root: no page has any of these names."""


def take_squares(vocabulary: Vocabulary, formulas: Sequence[Expr]) -> None:
    """Make symbols of the squares of a page that are such: x² = … defines it, where nothing else is said of x."""
    nodes = [node for formula in formulas for node in walk(formula)]
    others = {name for node in nodes if (name := with_other_script(node)) is not None}
    lefts = {name for node in nodes if isinstance(node, Relation) and (name := plain_base(node.first)) is not None}
    by = {plain_base(part) for node in nodes if isinstance(node, Partial) for part in node.by}
    for node, how in squares_in(nodes):
        found = vocabulary.spell(node)
        if found is None or found.name in vocabulary.entities or found.name in (*others, *lefts, *CONSTANTS):
            continue
        square = f"{found.name}^2"
        if how == "defined":
            vocabulary.entities[square] = Entity(square, "defined", how="defined on the page")
        elif square not in vocabulary.entities and found.name not in by:
            count = max([len(node.lower) for node in nodes if is_square(node) and plain(node.base) == found.name])
            slots = [vocabulary.dim((square, k)) for k in range(count)]
            entity = Entity(square, "given", slots, qualities=("positive",), rank=len(slots))
            entity.how = f"inferred: {how}"
            vocabulary.entities[square] = entity


def squares_in(nodes: Sequence[Expr]) -> Iterator[tuple[Scripted, str]]:
    """The squares of small letters that are defined, and then those that are differentiated by."""
    for node in nodes:
        if isinstance(node, Relation) and is_square(node.first) and node.rest[0][0] in ("=", ":=", "≡"):
            side = node.rest[0][1]
            assert isinstance(node.first.base, Symbol)
            if not isinstance(side, Number) and node.first.base.name not in bases_in(side):
                yield node.first, "defined"
    for node in nodes:
        for by in node.by if isinstance(node, Partial) else ():
            if is_square(by):
                yield by, "derivatives are taken by it"
        for argument in arguments_defined(node):
            if is_square(argument):
                yield argument, "a function is defined for it"


def arguments_defined(node: Expr) -> tuple[Expr, ...]:
    """What a function is defined for: of f(x, σ²) = … both."""
    left = node.first if isinstance(node, Relation) and node.rest[0][0] in ("=", ":=", "≡") else None
    if not isinstance(left, Product) or len(left.factors) != 2 or not isinstance(left.factors[1][1], Brackets):
        return ()
    return items_of(left.factors[1][1].body)


def is_square(node: Expr | None) -> TypeGuard[Scripted]:
    """σ² or σ_j²."""
    if not isinstance(node, Scripted) or not isinstance(node.base, Symbol) or node.primes:
        return False
    small = node.base.style == "" and node.base.name[:1].islower()
    return small and node.upper == (Number("2"),) and all(is_index(part) for part in node.lower)


def is_index(part: Expr) -> bool:
    """A letter or a number."""
    return letter(part) is not None or isinstance(part, Number)


def with_other_script(node: Expr) -> str | None:
    """The letter that something stands above which may count: 1, or a letter; then its 2 may count, too."""
    if not isinstance(node, Scripted) or not isinstance(node.base, Symbol):
        return None
    above = [part for part in node.upper if isinstance(part, Symbol) or part == Number("1")]
    return node.base.name if any(plain(part) not in "T⊤⊺*′" for part in above) else None


def plain_base(node: Expr | None) -> str | None:
    """The letter of a symbol that nothing stands above; None for anything else."""
    if isinstance(node, Scripted):
        return node.base.name if isinstance(node.base, Symbol) and not node.upper else None
    return node.name if isinstance(node, Symbol) else None


def bases_in(side: Expr) -> Collection[str]:
    """The letters of a side."""
    return {node.name for node in walk(side) if isinstance(node, Symbol)}


def take_roots(vocabulary: Vocabulary) -> None:
    """Say what σ is where σ² is a symbol, and σ is none."""
    for entity in list(vocabulary.entities.values()):
        name = entity.name.removesuffix("^2")
        if name == entity.name or name in vocabulary.entities or entity.kind not in ("given", "defined"):
            continue
        count = len(entity.definitions[0].letters) if entity.definitions else len(entity.slots)
        letters = LETTERS[:count]
        square = Scripted(Symbol(name), tuple(map(Symbol, letters)), (Number("2"),))
        root = Entity(name, "defined", how=f"the root of {entity.name}")
        root.definitions.append(Definition(Root(square), letters))
        vocabulary.entities[name] = root
