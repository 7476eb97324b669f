"""Indices that stand in brackets: σ(j) for σ_j, and σ(z_j) for the same, where a page writes it so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from .declarations import Declared
from .latex import parse_latex
from .spelling import letter, plain
from .syntax import (
    Apply,
    Brackets,
    Expr,
    Fraction,
    Number,
    Product,
    Relation,
    Scripted,
    Symbol,
    Tuple,
    walk,
    with_children,
)

Forms = Mapping[str, list["Form"]]
"""By the letter before the brackets."""


@dataclass(frozen=True)
class Form:
    """What stands in the brackets, and the index in it: of σ(z_j) z_j and j."""

    argument: Expr
    index: str

    def index_in(self, argument: Expr) -> Expr | None:
        """The index that stands in brackets of this form; None in others."""
        if letter(self.argument) == self.index:
            return argument if letter(argument) is not None else None
        if not isinstance(self.argument, Scripted) or not isinstance(argument, Scripted):
            return None
        ours, theirs = replace(self.argument, lower=()), replace(argument, lower=())
        return argument.lower[0] if ours == theirs and len(argument.lower) == 1 else None


def forms_of(symbols: Iterable[Declared], words: Collection[str]) -> tuple[Forms, list[Declared]]:
    """The notations that are declared; and all declarations, with indices where these have them.

    >>> from tinygrad_lite.reading.declarations import read_declarations
    >>> forms, symbols = forms_of(read_declarations(["σ(j), σ(z_j): number, j = 1…K"]).symbols, ())
    >>> [symbol.name for symbol in symbols]
    ['σ_j']
    >>> from tinygrad_lite.reading.printing import unicode_of
    >>> unicode_of(with_indices(parse_latex("σ(k) - σ(z_i)"), forms))
    'σₖ − σᵢ'
    """
    forms: dict[str, list[Form]] = {}
    plain: list[Declared] = []
    for declared in symbols:
        found = in_brackets(parse_latex(declared.name, names=words)) if declared.of and "(" in declared.name else None
        if found is None or len(declared.of) != 1:
            plain.append(declared)
            continue
        name, argument = found
        index = declared.of[0][0]
        forms.setdefault(name, []).append(Form(argument, index))
        written = f"\\text{{{name}}}_{index}" if len(name) > 1 else f"{name}_{index}"
        if all(other.name != written for other in plain):
            plain.append(replace(declared, name=written))
    return forms, plain


def in_brackets(node: Expr) -> tuple[str, Expr] | None:
    """A letter and what stands in brackets behind it, and nothing more; None for anything else."""
    factors = [factor for _, factor in node.factors] if isinstance(node, Product) else []
    if isinstance(node, Apply):
        factors = [node.function, node.argument]
    if len(factors) != 2 or not isinstance(factors[0], Symbol) or not isinstance(factors[1], Brackets):
        return None
    return None if isinstance(factors[1].body, Tuple) else (factors[0].name, factors[1].body)


PROBABILITIES: Final = ("P", "Pr", "ℙ")
"""Letters of what is no function of numbers: P(A ∣ B) is of events."""


def with_commas(node: Expr) -> Expr:
    r"""A tree with f(x, μ) in place of f(x ∣ μ): what is behind the bar is an argument, too.

    >>> from tinygrad_lite.reading.printing import unicode_of
    >>> unicode_of(with_commas(parse_latex(r"f(x \mid m, s)")))
    'f(x, m, s)'
    """
    node = with_children(node, with_commas)
    if not isinstance(node, Product):
        return node
    factors = list(node.factors)
    for k, ((_, name), (sign, brackets)) in enumerate(pairwise(node.factors)):
        if sign or not isinstance(brackets, Brackets) or not isinstance(name, (Symbol, Scripted)):
            continue
        items = arguments_of(brackets.body)
        if items and plain(name) not in PROBABILITIES:
            factors[k + 1] = ("", replace(brackets, body=Tuple(items, span=brackets.body.span)))
    return replace(node, factors=tuple(factors))


def arguments_of(body: Expr) -> tuple[Expr, ...]:
    """What stands between commas and bars; nothing where there is no bar, or a relation besides."""
    items = body.items if isinstance(body, Tuple) else (body,)
    relations = [item for item in items if isinstance(item, Relation)]
    if not relations or any(item.first is None or {sign for sign, _ in item.rest} != {"∣"} for item in relations):
        return ()
    parts = [
        (item.first, *[side for _, side in item.rest]) if isinstance(item, Relation) else (item,) for item in items
    ]
    return tuple([part for found in parts for part in found if part is not None])


NUMBER_PI: Final = "𝜋"
"""What 3.14… is called where π_k is something else."""


def with_number_pi(trees: Sequence[Expr]) -> list[Expr]:
    """Trees in which the π of 2π is not the one of π_k, where that stands in them."""
    indexed_ones = [
        n for tree in trees for n in walk(tree) if isinstance(n, Scripted) and n.base == Symbol("π") and n.lower
    ]
    return [with_numbers(tree) for tree in trees] if indexed_ones else list(trees)


def with_numbers(node: Expr) -> Expr:
    """A tree with the number π behind and above numbers: of 2π and π/2."""
    node = with_children(node, with_numbers)
    if isinstance(node, Fraction) and isinstance(node.below, Number):
        return replace(node, above=number_pi(node.above))
    if not isinstance(node, Product):
        return node
    first, *rest = node.factors
    changed = [
        (sign, number_pi(f) if isinstance(before, Number) else f) for (_, before), (sign, f) in pairwise(node.factors)
    ]
    return replace(node, factors=(first, *changed)) if rest else node


def number_pi(node: Expr) -> Expr:
    """The number for a π without scripts."""
    return replace(node, name=NUMBER_PI) if node == Symbol("π") and isinstance(node, Symbol) else node


def with_indices(node: Expr, forms: Forms) -> Expr:
    """A tree with indices in place of brackets."""
    if not forms:
        return node
    node = with_children(node, lambda child: with_indices(child, forms))
    if isinstance(node, Apply):
        return indexed(node.function, node.argument, forms) or node
    if not isinstance(node, Product):
        return node
    factors: list[tuple[str, Expr]] = []
    for sign, factor in node.factors:
        found = indexed(factors[-1][1], factor, forms) if factors and not sign else None
        if found is None:
            factors.append((sign, factor))
        else:
            factors[-1] = (factors[-1][0], found)
    return factors[0][1] if len(factors) == 1 else replace(node, factors=tuple(factors))


def indexed(name: Expr, behind: Any, forms: Forms) -> Expr | None:
    """σ_j for σ and (j), with what stands above the brackets; None where they are something else."""
    brackets = behind.base if isinstance(behind, Scripted) and not behind.lower else behind
    if not isinstance(name, Symbol) or not isinstance(brackets, Brackets):
        return None
    for form in forms.get(name.name, ()):
        index = form.index_in(brackets.body)
        if index is not None:
            upper = behind.upper if behind is not brackets else ()
            return Scripted(name, lower=(index,), upper=upper, span=(name.span[0], behind.span[1]))
    return None
