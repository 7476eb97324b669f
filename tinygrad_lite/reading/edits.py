"""Formulas with one thing changed: a sign, an index, a transpose, the end of a sum, a factor.

The same changes serve twice: to find what a wrong formula was meant to be, and to see that a right one with a mistake
in it is noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from .spelling import bound_letters, is_word, letter, letters_in, plain
from .syntax import (
    Apply,
    Big,
    Brackets,
    Expr,
    Fraction,
    Number,
    Partial,
    Product,
    Relation,
    Scripted,
    Sum,
    Symbol,
    Tuple,
    contents,
)
from .usage import is_transpose


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


Change = Callable[[Expr], Iterator[tuple[str, str, Expr]]]
"""The changes of a node itself: their kind, what is said of them, and the node with the change."""


def edits(tree: Expr, letters: frozenset[str] = frozenset()) -> Iterator[Edit]:
    """Every formula that differs in one place; ``letters`` are indices that may stand instead of those that do."""

    def changes(node: Expr) -> Iterator[tuple[str, str, Expr]]:
        for change in CHANGES:
            yield from change(node, letters)

    yield from edits_by(tree, changes)


def edits_by(tree: Expr, changes: Change) -> Iterator[Edit]:
    """Every formula in which one node has one of its changes."""
    for kind, said, changed in changes(tree):
        yield Edit(kind, said, changed)
    for name in contents(tree):
        value = getattr(tree, name)
        if isinstance(tree, Scripted):  # a symbol and its scripts are one: they are changed above
            value = value if name == "base" and not isinstance(value, Symbol) else inner_scripts(value)
        inner = value.body if isinstance(tree, Apply) and isinstance(value, Brackets) else value  # its brackets stay
        for kind, said, changed in in_field(inner, changes):
            changed = replace(value, body=changed) if inner is not value else changed
            if name == "by" and kind not in ("index", "transpose"):
                continue  # a derivative is by a symbol
            yield Edit(kind, said, replace(tree, **{name: changed}))


def inner_scripts(value: Any) -> Any:
    """Of scripts those that are formulas themselves, with signs in them: an exponent, i + 1."""
    is_formula = isinstance(value, tuple) and any(isinstance(part, (Sum, Product, Fraction)) for part in value)
    return value if is_formula and not any(is_transpose(part) for part in value) else None


def in_field(value: Any, changes: Change) -> Iterator[tuple[str, str, Any]]:
    """The changes within a field: of a node, or of one of a tuple's."""
    if isinstance(value, Expr):
        for edit in edits_by(value, changes):
            yield edit.kind, edit.said, edit.tree
    elif isinstance(value, tuple):
        for k, part in enumerate(value):
            for kind, said, changed in in_field(part, changes):
                yield kind, said, (*value[:k], changed, *value[k + 1 :])


def signs(tree: Expr, _: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """+ for − and − for +; all of them, as of t − y for y − t."""
    if isinstance(tree, Sum):
        other_way = [({"+": "−", "−": "+"}.get(sign, sign), term) for sign, term in tree.terms]
        turned = sorted(other_way, key=lambda part: part[0] != "+")
        if len(turned) > 1 and turned[0][0] == "+":
            yield "sign", "the sign is wrong", replace(tree, terms=tuple(turned))
        for k, (sign, term) in enumerate(tree.terms):
            if sign in ("+", "−"):
                other = "−" if sign == "+" else "+"
                terms = (*tree.terms[:k], (other, term), *tree.terms[k + 1 :])
                if len(terms) == 1 and other == "+":
                    yield "sign", "the sign is wrong", term
                else:
                    yield "sign", "the sign of one term is wrong", replace(tree, terms=terms)


def whole_sign(tree: Expr, _: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """The other sign of a fraction, or of what stands in brackets."""
    if isinstance(tree, Fraction):
        yield "sign", "the sign is wrong", Sum((("−", tree),))
        yield "order", "the fraction is upside down", replace(tree, above=tree.below, below=tree.above)
    elif isinstance(tree, Brackets) and tree.kind == "(" and not isinstance(tree.body, (Sum, Relation, Tuple)):
        yield "sign", "the sign is wrong", replace(tree, body=Sum((("−", tree.body),)))


def indices(tree: Expr, letters: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """Another index, and two indices exchanged."""
    if not isinstance(tree, Scripted):
        return
    for k, script in enumerate(tree.lower):
        if isinstance(script, Sum):
            for other in other_terms(script, letters):
                lower = (*tree.lower[:k], other, *tree.lower[k + 1 :])
                yield "index", f"the index {plain(script)} should be {plain(other)}", replace(tree, lower=lower)
        if letter(script) is None or is_word(script):
            continue
        for name in sorted(letters - {letter(script) or ""}):
            lower = (*tree.lower[:k], Symbol(name), *tree.lower[k + 1 :])
            yield "index", f"the index {letter(script)} should be {name}", replace(tree, lower=lower)
    if len(tree.lower) == 2 and tree.lower[0] != tree.lower[1]:
        yield "transpose", "the two indices are exchanged", replace(tree, lower=tree.lower[::-1])


def other_terms(script: Sum, letters: frozenset[str]) -> Iterator[Sum]:
    """An index such as i + a − 1 with another letter for one of its letters."""
    for k, (sign, term) in enumerate(script.terms):
        for name in sorted(letters - {letter(term) or ""}) if letter(term) is not None else ():
            yield replace(script, terms=(*script.terms[:k], (sign, Symbol(name)), *script.terms[k + 1 :]))


def transposes(tree: Expr, _: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """Without a transpose, and with one; with an inverse and without; xᵀ y for y xᵀ."""
    upper = tree.upper if isinstance(tree, Scripted) else ()
    if upper and is_transpose(upper[-1]):
        for kind, said, above in OTHERS[kind_of(upper[-1])]:
            yield kind, said, without_last(tree) if above is None else with_last(tree, above)
    elif is_matrix_like(tree):
        yield "transpose", "a transpose is missing", scripted(tree, TRANSPOSED)
        yield "power", "an inverse is missing", scripted(tree, INVERSE)
    if isinstance(tree, Product):
        yield "transpose", "a transpose is missing", scripted(tree, TRANSPOSED)
        for k in range(len(tree.factors) - 1):
            (s, a), (t, b) = tree.factors[k : k + 2]
            if t == "" and (is_transposed(a) or is_transposed(b)):
                swapped = (*tree.factors[:k], (s, transposed(b)), ("", transposed(a)), *tree.factors[k + 2 :])
                yield "order", "two factors are in the wrong order", replace(tree, factors=swapped)


TRANSPOSED: Final = Symbol("T")
INVERSE: Final = Sum((("−", Number("1")),))
INVERSE_TRANSPOSED: Final = Sum((("−", Symbol("T")),))
OTHERS: Final[Mapping[str, Sequence[tuple[str, str, Expr | None]]]] = {
    "T": (
        ("transpose", "a transpose too many", None),
        ("power", "an inverse is missing", INVERSE_TRANSPOSED),
    ),
    "−1": (
        ("transpose", "a transpose is missing", INVERSE_TRANSPOSED),
        ("power", "an inverse too many", None),
    ),
    "−T": (
        ("transpose", "a transpose too many", INVERSE),
        ("power", "an inverse too many", TRANSPOSED),
    ),
}
"""What may be meant where one of these stands above."""


def kind_of(script: Expr) -> str:
    """T, −1 or −T."""
    if isinstance(script, Sum):
        return "−1" if isinstance(script.terms[0][1], Number) else "−T"
    return "T"


def is_transposed(tree: Expr) -> bool:
    """Whether it is xᵀ."""
    last = tree.upper[-1] if isinstance(tree, Scripted) and tree.upper else None
    return last is not None and is_transpose(last) and kind_of(last) == "T"


def transposed(tree: Expr) -> Expr:
    """xᵀ; of xᵀ x."""
    return without_last(tree) if is_transposed(tree) else scripted(tree, TRANSPOSED)


def scripted(tree: Expr, above: Expr) -> Expr:
    """With something above it, in brackets where it has to be."""
    if isinstance(tree, Scripted):
        return replace(tree, upper=(*tree.upper, above))
    if isinstance(tree, (Partial, Product, Sum, Fraction)):
        tree = Brackets("(", tree)
    return Scripted(tree, upper=(above,))


def with_last(tree: Expr, above: Expr) -> Expr:
    """With another one for the last of its superscripts."""
    assert isinstance(tree, Scripted)
    return replace(tree, upper=(*tree.upper[:-1], above))


def without_last(tree: Expr) -> Expr:
    """Without the last of its superscripts."""
    assert isinstance(tree, Scripted)
    left = tree.upper[:-1]
    return replace(tree, upper=left) if left or tree.lower or tree.primes else tree.base


def is_matrix_like(tree: Expr) -> bool:
    """What may be a matrix or a vector: a letter with at most one index, brackets, a derivative."""
    if isinstance(tree, (Brackets, Partial)):
        return isinstance(tree, Partial) or tree.kind == "("
    base = tree.base if isinstance(tree, Scripted) else tree
    if not isinstance(base, Symbol) or base.style == "word":
        return False
    return not (isinstance(tree, Scripted) and (len(tree.lower) > 1 or any(isinstance(u, Number) for u in tree.upper)))


def powers(tree: Expr, _: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """With a square, and without; with the next power, and the one before."""
    last = tree.upper[-1] if isinstance(tree, Scripted) and tree.upper else None
    if isinstance(last, Number) and last.text.isdigit():
        n = int(last.text)
        for other in (n + 1, n - 1):
            changed = without_last(tree) if other == 1 else with_last(tree, Number(str(other)))
            yield "power", f"the power {n} should be {other}", changed
    elif isinstance(tree, (Symbol, Scripted, Brackets)) and not (isinstance(tree, Scripted) and tree.upper):
        yield "power", "the square is missing", scripted(tree, Number("2"))
    elif isinstance(tree, Apply) and isinstance(tree.function, Symbol):
        yield "power", "the square is missing", replace(tree, function=Scripted(tree.function, upper=(Number("2"),)))


def upside_down(tree: Expr, _: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """A derivative of what it is by."""
    if isinstance(tree, Partial) and len(tree.by) == 1 and isinstance(tree.of, (Symbol, Scripted)):
        yield "order", "the derivative is upside down", replace(tree, of=tree.by[0], by=(tree.of,))


def factors(tree: Expr, _: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """Without one factor; factors in another order; a term without its factor 2 or ½, or with it."""
    if isinstance(tree, Product) and len(tree.factors) > 1:
        for k in range(len(tree.factors)):
            left = (*tree.factors[:k], *tree.factors[k + 1 :])
            left = (("", left[0][1]), *left[1:])
            yield "factor", "a factor too many", left[0][1] if len(left) == 1 else replace(tree, factors=left)
        for k in range(len(tree.factors) - 1):
            (s, a), (t, b) = tree.factors[k : k + 2]
            if isinstance(b, Brackets) or isinstance(a, Number):
                continue
            swapped = (*tree.factors[:k], (s, b), (t, a), *tree.factors[k + 2 :])
            yield "order", "two factors are in the wrong order", replace(tree, factors=swapped)
    if isinstance(tree, Number) and tree.text.isdigit():
        n = int(tree.text)
        for other in dict.fromkeys((n + 1, n - 1, 2 * n, n + 2, n // 2)):
            if other >= 0 and other != n:
                yield "factor", f"the number {n} should be {other}", Number(str(other))


def doubled(tree: Expr, _: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """Twice a product, and half of it."""
    if isinstance(tree, (Product, Scripted, Fraction, Brackets)):
        yield "factor", "the factor 2 is missing", Product((("", Number("2")), ("", tree)))
        yield "factor", "the factor ½ is missing", Product((("", Fraction(Number("1"), Number("2"))), ("", tree)))


def ranges(tree: Expr, letters: frozenset[str]) -> Iterator[tuple[str, str, Expr]]:
    """A sum that leaves out or takes in one index, one over another index, and the sum left out."""
    if not isinstance(tree, Big) or tree.body is None:
        return
    below = tree.lower
    if isinstance(below, Relation) and below.rest[0][0] == "≠" and below.first is not None:
        yield "range", "the sum is over all indices", replace(tree, lower=below.first)
    if isinstance(below, Relation) and below.rest[0][0] == "=" and isinstance(below.rest[0][1], Number):
        other = Number("2" if below.rest[0][1].text in ("0", "1") else "1")
        yield "range", f"the sum begins with {other.text}", replace(tree, lower=replace(below, rest=(("=", other),)))
    yield "sum", "the sum is not there", tree.body
    bound = bound_letters(tree)
    for name in sorted({*letters, *letters_in(tree.body)} - {*bound}) if len(bound) == 1 else ():
        yield "range", f"the sum over {bound[0]} should be over {name}", replace(tree, lower=Symbol(name), upper=None)


CHANGES: tuple[Callable[[Expr, frozenset[str]], Iterator[tuple[str, str, Expr]]], ...] = (
    signs,
    whole_sign,
    indices,
    transposes,
    powers,
    factors,
    doubled,
    ranges,
    upside_down,
)
