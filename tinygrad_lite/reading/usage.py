"""How symbols are used on a page, which says what they are where nothing else does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from .items import is_transposition
from .spelling import Spelled, is_word, plain
from .syntax import Big, Brackets, Expr, Number, Product, Relation, Scripted, Sum, Symbol, walk, with_parents


@dataclass
class Usage:
    """How a symbol is used.

    Attributes
    ----------
    most_indices : with which it stands
    bare : whether it stands without
    bold, capital : how it is set
    matrix : whether it is a capital letter that is transposed or inverted
    behind : the letters that it stands right behind, as a matrix that it is multiplied by may
    column : the most indices with which it is still a column: it is bold, or transposed; -1 where it never is
    """

    most_indices: int = 0
    bare: bool = False
    bold: bool = False
    capital: bool = False
    matrix: bool = False
    column: int = -1
    behind: set[str] = field(default_factory=set)

    def note(self, found: Spelled) -> None:
        """Take in a place where it stands."""
        self.most_indices = max(self.most_indices, len(found.lower))
        self.bare |= not found.lower
        self.bold |= found.bold
        self.capital |= found.capital
        self.matrix |= found.capital and not found.lower and any(is_transpose(part) for part in found.upper)
        if found.bold and not found.capital:
            self.note_column(found)

    def note_column(self, found: Spelled) -> None:
        """Take in a place where it is a column."""
        self.column = max(self.column, len(found.lower))

    @property
    def is_family(self) -> bool:
        """Whether it is a column for each of its indices, as x_i of x_iᵀ w: it never stands with one more."""
        return self.column >= max(self.most_indices, 1)


def transposed_symbols(node: Expr, known: Collection[str]) -> Iterator[Symbol | Scripted]:
    """The symbols that a T, which is none of those known, stands behind: of (x_i − μ)ᵀ both, for numbers have none."""
    parts = node.upper if isinstance(node, Scripted) else ()
    if not isinstance(node, Scripted) or not any(is_transposition(p) and plain(p) not in known for p in parts):
        return
    if isinstance(node.base, Symbol):
        yield node
    elif isinstance(node.base, Brackets):
        body = node.base.body
        terms = [term for _, term in body.terms] if isinstance(body, Sum) else [body]
        yield from [term for term in terms if isinstance(term, (Symbol, Scripted))]


def lengths_with_indices(formulas: Sequence[Expr], known: Mapping[str, Any]) -> set[str]:
    """The letters of lengths that are other symbols with indices, of which the page says what they are: N_k = …"""
    nodes = [node for formula in formulas for node in walk(formula)]
    ends = {node.upper.name for node in nodes if isinstance(node, Big) and isinstance(node.upper, Symbol)}
    lengths = ends | {name for name, entity in known.items() if entity.kind == "dimension"}
    lefts = [node.first for node in nodes if isinstance(node, Relation) and node.rest[0][0] in ("=", ":=", "≡")]
    return {
        left.base.name
        for left in lefts
        if isinstance(left, Scripted) and isinstance(left.base, Symbol) and left.base.name in lengths
        if left.lower and not left.upper and plain(left) not in known
        if all(isinstance(part, Symbol) and not is_word(part) for part in left.lower)
    }


def numbered_names(formulas: Sequence[Expr], entities: Mapping[str, Any]) -> Iterator[str]:
    """The names with a number, as h_1, of what a page defines by it: no entry of h, which never stands otherwise.

    A function that is defined with a number, as f_2(x), is one of its own.
    """
    nodes = [node for formula in formulas for node in with_parents(formula)]
    bases: dict[str, set[bool]] = {}
    for node, parent in nodes:
        if isinstance(node, Symbol) and not (isinstance(parent, Scripted) and parent.base is node):
            bases.setdefault(node.name, set()).add(False)
        elif isinstance(node, Scripted) and isinstance(node.base, Symbol):
            bases.setdefault(node.base.name, set()).add(is_numbered(node))
    for node, _ in nodes:
        left = node.first if isinstance(node, Relation) and node.rest[0][0] in ("=", ":=", "≡") else None
        if (function := numbered_function(left)) is not None:
            yield plain(function)
        if isinstance(left, Scripted) and isinstance(left.base, Symbol) and is_numbered(left) and not left.upper:
            entity = entities.get(left.base.name)
            if bases[left.base.name] == {True} if entity is None else entity.kind == "dimension":
                yield plain(left)


def is_numbered(node: Scripted) -> bool:
    """Whether its first subscript is a number."""
    return bool(node.lower) and isinstance(node.lower[0], Number)


def numbered_function(left: Expr | None) -> Scripted | None:
    """f_2 of f_2(x); None for anything else."""
    if not isinstance(left, Product) or len(left.factors) != 2 or left.factors[1][0]:
        return None
    (_, function), (_, brackets) = left.factors
    alone = isinstance(function, Scripted) and isinstance(function.base, Symbol) and not function.upper
    if not alone or not isinstance(function, Scripted) or not isinstance(brackets, Brackets):
        return None
    return function if len(function.lower) == 1 and is_numbered(function) else None


def behind_capitals(node: Expr) -> Iterator[tuple[Symbol, Expr]]:
    """The small letters in a product that stand right behind capital ones, each with that: of Xᵀ y this pair."""
    for (_, first), (sign, second) in pairwise(node.factors if isinstance(node, Product) else ()):
        base = first.base if isinstance(first, Scripted) else first
        if not sign and isinstance(second, Symbol) and isinstance(base, Symbol) and base.name[:1].isupper():
            yield second, first


def is_transpose(node: Expr) -> bool:
    """T or ⊤ above, or −T or −1."""
    return is_inverse(node) or is_transposition(node)


def is_inverse(node: Expr) -> bool:
    """−1 above, or −T."""
    if not isinstance(node, Sum) or len(node.terms) != 1 or node.terms[0][0] != "−":
        return False
    inner = node.terms[0][1]
    return is_transposition(inner) or (isinstance(inner, Number) and inner.text == "1")
