"""Formulas with one thing changed: a sign, an index, a transpose, the end of a sum, a factor.

The same changes serve twice: to find what a wrong formula was meant to be, and to see that a right one with a mistake in
it is noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any, NamedTuple

from .names import is_word, letter
from .syntax import Big, Expr, Fraction, Group, Number, Product, Relation, Scripted, Sum, Symbol
from .vocabulary import is_transpose


class Edit(NamedTuple):
    """A change.

    Attributes
    ----------
    kind : "sign", "index", "transpose", "factor", "range", "sum", "order" or "power"
    said : the mistake, as a clause, that the formula before the change would be if the one behind it is right
    tree : the formula with the change
    """

    kind: str
    said: str
    tree: Expr


def edits(tree: Expr, letters: frozenset[str] = frozenset()) -> Iterator[Edit]:
    """Every formula that differs in one place; ``letters`` are indices that may stand instead of those that do."""
    for kind, said, changed in at_root(tree, letters):
        yield Edit(kind, said, changed)
    for entry in fields(tree):
        if entry.name == "span":
            continue
        value = getattr(tree, entry.name)
        if isinstance(tree, Scripted):  # a symbol and its scripts are one: they are changed above
            value = value if entry.name == "base" and not isinstance(value, Symbol) else inner_scripts(value)
        for kind, said, changed in in_field(value, letters):
            if entry.name == "by" and kind not in ("index", "transpose"):
                continue  # a derivative is by a symbol
            yield Edit(kind, said, replace(tree, **{entry.name: changed}))


def inner_scripts(value: Any) -> Any:
    """Of scripts those that are formulas themselves, with signs in them: an exponent, i + 1."""
    is_formula = isinstance(value, tuple) and any(isinstance(part, (Sum, Product, Fraction)) for part in value)
    return value if is_formula and not any(is_transpose(part) for part in value) else None


def in_field(value: Any, letters: frozenset[str]) -> Iterator[tuple[str, str, Any]]:
    """The changes within a field: of a node, or of one of a tuple's."""
    if isinstance(value, Expr):
        for edit in edits(value, letters):
            yield edit.kind, edit.said, edit.tree
    elif isinstance(value, tuple):
        for k, part in enumerate(value):
            for kind, said, changed in in_field(part, letters):
                yield kind, said, (*value[:k], changed, *value[k + 1 :])


def at_root(tree: Expr, letters: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """The changes of a node itself."""
    for change in CHANGES:
        yield from change(tree, letters)


def signs(tree: Expr, _: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """+ for − and − for +."""
    if isinstance(tree, Sum):
        for k, (sign, term) in enumerate(tree.terms):
            if sign in ("+", "−"):
                other = "−" if sign == "+" else "+"
                terms = (*tree.terms[:k], (other, term), *tree.terms[k + 1 :])
                if len(terms) == 1 and other == "+":
                    yield "sign", "the sign is wrong", term
                else:
                    yield "sign", "the sign of one term is wrong", replace(tree, terms=terms)


def whole_sign(tree: Expr, _: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """The other sign of a product that stands alone."""
    if isinstance(tree, Fraction):
        yield "sign", "the sign is wrong", Sum((("−", tree),))
        yield "order", "the fraction is upside down", replace(tree, above=tree.below, below=tree.above)


def indices(tree: Expr, letters: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """Another index, and two indices exchanged."""
    if not isinstance(tree, Scripted):
        return
    for k, script in enumerate(tree.lower):
        if letter(script) is None or is_word(script):
            continue
        for name in sorted(letters - {letter(script) or ""}):
            lower = (*tree.lower[:k], Symbol(name), *tree.lower[k + 1 :])
            yield "index", f"the index {letter(script)} should be {name}", replace(tree, lower=lower)
    if len(tree.lower) == 2 and tree.lower[0] != tree.lower[1]:
        yield "transpose", "the two indices are exchanged", replace(tree, lower=tree.lower[::-1])


def transposes(tree: Expr, _: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """Without a transpose, and with one."""
    if isinstance(tree, Scripted) and tree.upper and is_transpose(tree.upper[-1]):
        left = tree.upper[:-1]
        bare = replace(tree, upper=left) if left or tree.lower or tree.primes else tree.base
        yield "transpose", "a transpose too many", bare
    elif is_matrix_like(tree):
        if isinstance(tree, Scripted):
            yield "transpose", "a transpose is missing", replace(tree, upper=(*tree.upper, Symbol("⊤")))
        else:
            yield "transpose", "a transpose is missing", Scripted(tree, upper=(Symbol("⊤"),))


def is_matrix_like(tree: Expr) -> bool:
    """A symbol that may be a matrix or a vector: a letter without indices below."""
    base = tree.base if isinstance(tree, Scripted) else tree
    if not isinstance(base, Symbol) or base.style == "word":
        return False
    return not (isinstance(tree, Scripted) and (tree.lower or any(isinstance(u, Number) for u in tree.upper)))


def factors(tree: Expr, _: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """Without one factor; factors in another order; a term without its factor 2 or ½, or with it."""
    if isinstance(tree, Product) and len(tree.factors) > 1:
        for k in range(len(tree.factors)):
            left = (*tree.factors[:k], *tree.factors[k + 1 :])
            left = (("", left[0][1]), *left[1:])
            yield "factor", "a factor too many", left[0][1] if len(left) == 1 else replace(tree, factors=left)
        for k in range(len(tree.factors) - 1):
            (s, a), (t, b) = tree.factors[k : k + 2]
            if isinstance(b, Group) or isinstance(a, Number):
                continue
            swapped = (*tree.factors[:k], (s, b), (t, a), *tree.factors[k + 2 :])
            yield "order", "two factors are in the wrong order", replace(tree, factors=swapped)
    if isinstance(tree, Number) and tree.text.isdigit():
        n = int(tree.text)
        for other in (n + 1, n - 1, 2 * n):
            if other >= 0 and other != n:
                yield "factor", f"the number {n} should be {other}", Number(str(other))


def doubled(tree: Expr, _: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """Twice a product, and half of it."""
    if isinstance(tree, (Product, Scripted, Fraction, Group)):
        yield "factor", "the factor 2 is missing", Product((("", Number("2")), ("", tree)))
        yield "factor", "the factor ½ is missing", Product((("", Fraction(Number("1"), Number("2"))), ("", tree)))


def ranges(tree: Expr, _: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """A sum that leaves out or takes in one index, and the sum left out."""
    if isinstance(tree, Big) and tree.body is not None:
        below = tree.lower
        if isinstance(below, Relation) and below.rest[0][0] == "≠" and below.first is not None:
            yield "range", "the sum is over all indices", replace(tree, lower=below.first)
        if isinstance(below, Relation) and below.rest[0][0] == "=" and isinstance(below.rest[0][1], Number):
            other = Number("2" if below.rest[0][1].text in ("0", "1") else "1")
            yield (
                "range",
                f"the sum begins with {other.text}",
                replace(tree, lower=replace(below, rest=(("=", other),))),
            )
        yield "sum", "the sum is not there", tree.body


CHANGES: tuple[Callable[[Expr, frozenset[str]], Iterator[tuple[str, str, Expr]]], ...] = (
    signs,
    whole_sign,
    indices,
    transposes,
    factors,
    doubled,
    ranges,
)
