r"""A row of formulas taken apart: what it states, and under which conditions.

``a = b \text{ if } i \neq j, \quad c = d \text{ and } \boxed{e = f}`` is three formulas, the first with a condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple, TypeGuard

from .spelling import ends_before, letters_in, plain
from .syntax import (
    NOWHERE,
    Annotated,
    Brackets,
    Dots,
    Expr,
    Number,
    Product,
    Qualified,
    Relation,
    Scripted,
    Span,
    Sum,
    Symbol,
    Tuple,
    Words,
)
from .tex import NotRead

CONDITIONAL: Final = (
    "if", "for", "when", "whenever", "wherever", "provided", "assuming", "on", "only if", "since", "because", "as",
    "using", "by", "subject to", "s.t", "under the constraint",
)  # fmt: skip
"""Words before what must be true for a statement to be made; of "for all i ≠ j" the inequality is."""

RESTRICTING: Final = ("if", "for", "when", "whenever", "wherever", "provided", "assuming", "only if", "unless")
"""Words before a condition that a statement holds under only."""

UNRESTRICTED: Final = ("for all", "for every", "for each", "for any", "for example", "for short", "for simplicity")
"""Words that restrict nothing, whatever follows."""

JOINING: Final = (
    "and", "or", "so", "thus", "hence", "therefore", "then", "where", "with", "while", "whereas", "but", "as well as",
    "i.e.", "that is", "which", "giving", "such that", "for which", "meaning",
)  # fmt: skip
"""Words between statements; those behind a condition go on with it."""

STATED: Final = ("=", ":=", "≡")
"""Signs of what is stated."""


class Clause(NamedTuple):
    """A relation, or whatever else stands between commas, with the words before it."""

    said: str
    tree: Expr | None
    after_comma: bool = True
    span: Span = NOWHERE

    @property
    def word(self) -> str:
        """The words, however they are set."""
        return " ".join(self.said.split()).strip(",.:;() ").lower()


def formulas_in(tree: Expr) -> list[Expr]:
    """The formulas of a row, each with the conditions that it is stated under."""
    found: list[Expr] = []
    leading: list[Expr] = []
    conditional = False
    for clause in without_ranges(list(clauses(tree))):
        if is_condition(clause, conditional, found[-1] if found else None):
            condition = clause.tree if not clause.said and clause.tree is not None else words_of(clause)
            conditional = True
            if found:
                found[-1] = with_condition(found[-1], condition)
            else:
                leading.append(condition)
        elif clause.tree is not None:
            conditional = False
            found.append(Qualified(clause.tree, tuple(leading), span=clause.tree.span) if leading else clause.tree)
    return [with_last_brackets(formula) for formula in found] or [tree]


def with_last_brackets(formula: Expr) -> Expr:
    """A formula with a condition in brackets at its end, as (j ≠ k), as one with that condition."""
    inner = formula.body if isinstance(formula, Qualified) else formula
    if not isinstance(inner, Relation) or not inner.rest:
        return formula
    sign, side = inner.rest[-1]
    found = without_last_brackets(side)
    if found is None or not isinstance(found[1], Relation) or not is_about_indices(found[1], inner):
        return formula
    shorter = replace(inner, rest=(*inner.rest[:-1], (sign, found[0])))
    return with_condition(replace(formula, body=shorter) if isinstance(formula, Qualified) else shorter, found[1])


def without_last_brackets(side: Expr) -> tuple[Expr, Expr] | None:
    """A side without the brackets it ends with, and what stands in them; None where there are none."""
    if isinstance(side, Sum):
        sign, term = side.terms[-1]
        found = without_last_brackets(term)
        return None if found is None else (replace(side, terms=(*side.terms[:-1], (sign, found[0]))), found[1])
    if not isinstance(side, Product) or side.factors[-1][0]:
        return None
    last = side.factors[-1][1]
    if not isinstance(last, Brackets) or last.kind != "(":
        return None
    left = side.factors[0][1] if len(side.factors) == 2 else replace(side, factors=side.factors[:-1])
    return left, last.body


def clauses(tree: Expr) -> Iterator[Clause]:
    """The clauses of a row, out of their boxes, commas and words."""
    if isinstance(tree, Tuple):
        for item in tree.items:
            yield from clauses(item)
    elif isinstance(tree, Product) and all(not sign and is_wrapping(factor) for sign, factor in tree.factors):
        for _, factor in tree.factors:  # two boxes side by side
            yield from clauses(factor)
    elif is_wrapping(tree):
        yield from clauses(tree.body)
    elif isinstance(tree, Brackets) and tree.kind == "(" and isinstance(tree.body, Relation):
        yield Clause("if", tree.body, False)
    elif isinstance(tree, Qualified):
        yield from clauses(tree.body)
        for condition in tree.conditions:
            yield from [clause._replace(after_comma=False) for clause in clauses(condition)]
    elif isinstance(tree, Words):
        yield from clauses_of_words(tree)
    else:
        yield Clause("", tree)


def is_wrapping(tree: Expr) -> TypeGuard[Annotated | Brackets]:
    """Whether a row, or a part of it, stands in a box or in braces."""
    if isinstance(tree, Annotated):
        return tree.how in ("boxed", "fbox")
    return isinstance(tree, Brackets) and not tree.kind and isinstance(tree.body, (Relation, Tuple, Annotated))


def clauses_of_words(node: Words) -> Iterator[Clause]:
    """The clauses of "if i ≠ j and j = k": two."""
    said = ""
    for part in node.parts:
        if isinstance(part, str):
            if said:
                yield Clause(said, None, span=node.span)
            said = part
        else:
            inner = list(clauses(part))
            yield inner[0]._replace(said=said)
            yield from inner[1:]
            said = ""
    if said:
        yield Clause(said, None, span=node.span)


def is_condition(clause: Clause, conditional: bool, formula: Expr | None) -> bool:
    """Whether a clause says where a formula before it holds; ``conditional``: whether the clause before it did."""
    tree, word = clause.tree, clause.word
    if tree is None:
        if is_among(word, RESTRICTING) and not is_among(word, UNRESTRICTED):
            raise NotRead(f"the condition “{clause.said.strip()}” is in words: write it as a formula", clause.span)
        return word in ("otherwise", "else", "elsewhere")
    if not word:
        if (
            formula is not None
            and is_stated(formula.body if isinstance(formula, Qualified) else formula, None)
            and not isinstance(tree, (Relation, Brackets, Tuple))
        ):
            raise NotRead(f"{plain(tree)} behind a comma is neither a formula nor a condition of one", tree.span)
        return formula is not None and not is_stated(tree, formula)
    if formula is None and not is_among(word, CONDITIONAL):
        return False  # "Softmax y_k = …"
    if is_among(word, JOINING) and is_stated(tree, formula):
        return conditional and word in ("and", "or") and not clause.after_comma
    if is_among(word, (*CONDITIONAL, *JOINING)):
        return isinstance(tree, Relation) or formula is not None
    if not isinstance(tree, Relation):
        return formula is not None
    raise NotRead(f"whether what follows {word!r} is a condition, or stated, is not clear", tree.span)


def is_among(word: str, words: tuple[str, ...]) -> bool:
    """Whether a clause begins with one of these."""
    return any(word == known or word.startswith(f"{known} ") for known in words)


def is_stated(tree: Expr, formula: Expr | None) -> bool:
    """Whether something is said to be equal to something, and not only i = j of the indices of a formula."""
    return (
        isinstance(tree, Relation)
        and any(sign in STATED for sign, _ in tree.rest)
        and not (formula is not None and is_about_indices(tree, formula))
    )


def is_about_indices(relation: Relation, formula: Expr) -> bool:
    """Whether a relation is one of indices of a formula, as i = j or k = 1: it says where that holds."""
    if relation.first is None:
        return False
    sides = [relation.first, *[side for _, side in relation.rest]]
    indices = set(letters_in(formula))
    return all(isinstance(side, (Symbol, Number)) for side in sides) and any(plain(side) in indices for side in sides)


def words_of(clause: Clause) -> Expr:
    """The words with what follows them."""
    if clause.tree is None:
        return Words((clause.said,))
    return Words((clause.said, clause.tree), span=clause.tree.span)


def with_condition(formula: Expr, condition: Expr) -> Expr:
    """A formula with one condition more."""
    if isinstance(formula, Qualified):
        return replace(formula, conditions=(*formula.conditions, condition))
    return Qualified(formula, (condition,), span=formula.span)


# ---------------------------------------------------------------------------------------------------------------------
# i = 1, …, N


def without_ranges(found: list[Clause]) -> list[Clause]:
    """The clauses, with what "i = 2, …, n − 1" leaves out in inequalities; of "i = 1, …, N" nothing is left."""
    for k, clause in enumerate(found):
        inner = ellipsis_inside(clause.tree)
        start: Expr | None
        last: Expr | None
        if inner is not None:
            start, last = inner
            rest = found[k + 1 :]
        elif isinstance(clause.tree, Dots):
            start, last = None, found[k + 1].tree if k + 1 < len(found) else None
            rest = found[k + 2 :]
        else:
            continue
        begins = max([j for j in range(k + 1) if isinstance(found[j].tree, Relation)], default=-1)
        if begins < 0:
            continue
        head = found[begins]
        relation = head.tree
        assert isinstance(relation, Relation)
        if start is None:
            start = relation.rest[-1][1]
        if not isinstance(start, Number) or not isinstance(relation.first, Symbol) or len(relation.rest) != 1:
            continue
        while begins and isinstance(found[begins - 1].tree, Symbol) and begins - 1 and not found[begins].word:
            begins -= 1  # i, j = 1, …, N
            head = found[begins]
        left_out = outside(relation.first, start, last)
        said = head.said or "for"
        return [*found[:begins], *[Clause(said, tree) for tree in left_out], *without_ranges(rest)]
    return found


def ellipsis_inside(tree: Expr | None) -> tuple[Expr, Expr] | None:
    """The ends of 1…N, where nothing else is between them."""
    if isinstance(tree, Relation) and len(tree.rest) == 1 and isinstance(product := tree.rest[0][1], Product):
        parts = [factor for _, factor in product.factors]
        if len(parts) == 3 and isinstance(parts[1], Dots):
            return parts[0], parts[2]
    return None


def outside(index: Expr, start: Number, last: Expr | None) -> list[Expr]:
    """Inequalities for the ends of a range that are not the ends of an axis."""
    found: list[Expr] = []
    if start.text not in ("0", "1"):
        found.append(Relation(index, (("≥", start),), span=index.span))
    if last is not None and not isinstance(last, (Symbol, Scripted)) and not (start.text == "0" and ends_before(last)):
        found.append(Relation(index, (("≤", last),), span=index.span))
    return found
