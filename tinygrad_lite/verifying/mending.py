"""What a wrong formula was meant to be: changes of its right side, the simplest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice, permutations
from typing import Final

from ..reading.edits import Edit, edits, edits_by
from ..reading.equations import Equation
from ..reading.pages import Paper
from ..reading.printing import unicode_of
from ..reading.spelling import bound_letters, letters_in, plain
from ..reading.syntax import Big, Brackets, Expr, Fraction, Number, Product, Root, Scripted, Sum, Symbol, walk
from ..reading.vocabulary import Entity

MOST: Final = 500
"""Changes of each kind that are tried."""


def changes(page: Paper, statement: Equation) -> Iterator[tuple[str, Expr]]:
    """The right side with one change, and the mistake that it would mend, as a clause."""
    assert statement.left is not None
    assert statement.right is not None
    right = statement.right
    bound = [name for node in walk(right) if isinstance(node, Big) for name in bound_letters(node)]
    letters = frozenset([*letters_in(statement.left), *letters_in(right)])
    symbols = Symbols(page, right, letters)
    yield from said(islice(edits(right, letters | set(bound)), MOST))
    yield "the sign is wrong", Sum((("−", right),))
    yield from constants(statement.left)
    yield from said(islice(edits_by(right, symbols.others), MOST))
    yield from said(islice(chain(symbols.missing(right), edits_by(right, symbols.missing_inside)), MOST))


def said(found: Iterator[Edit]) -> Iterator[tuple[str, Expr]]:
    """What is said of changes, and the formulas."""
    for edit in found:
        yield edit.said, edit.tree


def constants(left: Expr) -> Iterator[tuple[str, Expr]]:
    """0, 1, and δ of two indices of the left side."""
    for constant in (Number("0"), Number("1"), Symbol("I")):
        yield f"it should be {plain(constant)}", constant
    for one, other in permutations(dict.fromkeys(letters_in(left)), 2):
        yield "it should be δ", Scripted(Symbol("δ"), (Symbol(one), Symbol(other)))


class Symbols:
    """The symbols of a page, as they are written, for what may have been mistaken for one or left out."""

    def __init__(self, page: Paper, right: Expr, letters: frozenset[str]) -> None:
        self.vocabulary = page.vocabulary
        self.right, self.letters = right, letters
        self.sign = "⊙" if any(isinstance(n, Product) and "⊙" in dict(n.factors) for n in walk(right)) else ""
        self.counts = {name: count for node in walk(right) for name, count in self.counted(node)}
        self.written: dict[str, Scripted] = {}
        trees = [
            side for statement in page.statements for side in (statement.left, statement.right) if side is not None
        ]
        for node in chain.from_iterable(map(walk, trees)):
            found = self.vocabulary.spell(node) if isinstance(node, (Symbol, Scripted)) else None
            if found is not None and found.name not in self.written and self.is_array(found.name):
                whole = node if isinstance(node, Scripted) else Scripted(node)
                lower = whole.lower[: len(whole.lower) - len(found.lower)]
                upper = whole.upper[: len(whole.upper) - len(found.upper)]
                self.written[found.name] = Scripted(whole.base, lower, upper, whole.primes)

    def counted(self, node: Expr) -> Iterator[tuple[str, Expr]]:
        """The counter of a family, and the count that stands there."""
        found = self.vocabulary.spell(node) if isinstance(node, (Symbol, Scripted)) else None
        entity = self.vocabulary.entities.get(found.name) if found is not None and found.upper else None
        if found is not None and entity is not None and entity.counter:
            yield entity.counter, found.upper[0]

    def is_array(self, name: str) -> bool:
        """Whether a symbol has numbers that a formula can use."""
        entity = self.vocabulary.entities.get(name)
        return entity is not None and entity.kind in ("given", "defined") and not self.is_function(entity)

    def is_function(self, entity: Entity) -> bool:
        """Whether it applies to what stands in brackets."""
        return entity.name in self.vocabulary.functions

    def others(self, node: Expr) -> Iterator[tuple[str, str, Expr]]:
        """Another symbol with the same indices, and another member of a family."""
        found = self.vocabulary.spell(node) if isinstance(node, (Symbol, Scripted)) else None
        if found is None or found.name not in self.written:
            return
        counter = self.vocabulary.entities[found.name].counter
        for name, written in self.written.items():
            if name != found.name and self.vocabulary.entities[name].counter == counter:
                yield "symbol", f"{found.name} should be {name}", bare(
                    replace(written, lower=(*written.lower, *found.lower), upper=(*written.upper, *found.upper))
                )  # fmt: skip
        if counter and found.upper and isinstance(node, Scripted):
            kept = node.upper[: len(node.upper) - len(found.upper)]
            for other in neighbours(found.upper[0]):
                yield "symbol", "it is of another member", replace(node, upper=(*kept, other, *found.upper[1:]))

    def missing_inside(self, node: Expr) -> Iterator[tuple[str, str, Expr]]:
        """A factor more in a term, in what is summed, in brackets."""
        if isinstance(node, Sum):
            for k, (sign, term) in enumerate(node.terms):
                for edit in self.missing(term):
                    terms = (*node.terms[:k], (sign, edit.tree), *node.terms[k + 1 :])
                    yield edit.kind, edit.said, replace(node, terms=terms)
        elif isinstance(node, Big) and node.body is not None:
            for edit in self.missing(node.body, frozenset(bound_letters(node))):
                yield edit.kind, edit.said, replace(node, body=edit.tree)
        elif isinstance(node, Brackets) and node.kind in ("(", "[") and not isinstance(node.body, Sum):
            for edit in self.missing(node.body):
                yield edit.kind, edit.said, replace(node, body=edit.tree)

    def missing(self, node: Expr, bound: frozenset[str] = frozenset()) -> Iterator[Edit]:
        """A term with a factor more: a length or one divided by it, or a symbol at indices."""
        for name, entity in self.vocabulary.entities.items():
            if entity.kind == "dimension" and name.isidentifier():
                n = Symbol(name)
                lengths: tuple[Expr, ...] = (Fraction(Number("1"), n), n, Fraction(Number("1"), Root(n)), Root(n))
                for factor in lengths:
                    yield Edit("factor", f"the factor {unicode_of(factor)} is missing", times([factor, node]))
        for name, written in self.written.items():
            for factor in self.at_indices(name, written, self.letters | bound):
                for product in self.with_factor(node, factor):
                    yield Edit("factor", f"the factor {unicode_of(factor)} is missing", product)

    def at_indices(self, name: str, written: Scripted, letters: frozenset[str]) -> Iterator[Expr]:
        """A symbol at indices, or as a whole where a formula has none."""
        entity = self.vocabulary.entities[name]
        if entity.counter in self.counts:
            yield replace(written, upper=(*written.upper, self.counts[entity.counter]))
        elif entity.counter:
            return
        elif not letters:
            yield bare(written)
            if (len(entity.slots) or entity.rank) != 0 or entity.definitions:
                yield replace(written, upper=(*written.upper, Symbol("T")))
        else:
            slots = len(entity.slots) or max([len(definition.letters) for definition in entity.definitions], default=0)
            for chosen in permutations(sorted(letters), slots):
                yield bare(replace(written, lower=(*written.lower, *map(Symbol, chosen))))

    def with_factor(self, node: Expr, factor: Expr) -> Iterator[Expr]:
        """A product with a factor more: at its end, and where the order matters at each place."""
        yield times([node, factor], self.sign)
        if self.letters or self.sign or not isinstance(node, Product):
            return
        for k in range(len(node.factors)):
            factors = [*node.factors[:k], ("", factor), *node.factors[k:]]
            yield Product((("", factors[0][1]), *factors[1:]))


def bare(node: Scripted) -> Expr:
    """A symbol without scripts as itself."""
    return node if node.lower or node.upper or node.primes else node.base


def times(parts: Sequence[Expr], sign: str = "") -> Expr:
    """Factors, or products of some, as one product."""
    first, second = [part.factors if isinstance(part, Product) else (("", bracketed(part)),) for part in parts]
    return Product((*first, (sign, second[0][1]), *second[1:]))


def bracketed(part: Expr) -> Expr:
    """A factor: a sum in brackets."""
    return Brackets("(", part) if isinstance(part, Sum) else part


def neighbours(count: Expr) -> Iterator[Expr]:
    """The counts before and behind one."""
    if isinstance(count, Brackets):
        for other in neighbours(count.body):
            yield replace(count, body=other)
    elif isinstance(count, Number) and count.text.isdigit():
        for n in (int(count.text) - 1, int(count.text) + 1):
            if n >= 0:
                yield Number(str(n))
    elif isinstance(count, Symbol):
        yield Sum((("+", count), ("−", Number("1"))))
        yield Sum((("+", count), ("+", Number("1"))))
    elif isinstance(count, Sum) and len(count.terms) == 2:
        yield count.terms[0][1]
