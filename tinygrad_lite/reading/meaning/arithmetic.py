"""Sums, products, quotients and what stands in brackets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from ..axes import DOWN, FROM, PLACES, Value, elementwise, ordered, reduced, union
from ..functions import absolute, norm
from ..latex import NotRead
from ..multiplying import chained, multiply_by_type, unlinked
from ..spelling import bound_letters, letters_in
from ..syntax import (
    Annotated,
    Big,
    Brackets,
    Differential,
    Dots,
    Expr,
    Fraction,
    Matrix,
    Number,
    Partial,
    Product,
    Relation,
    Root,
    Scripted,
    Sum,
    Symbol,
    Tuple,
    Words,
)
from .calls import apply_function, is_function
from .interpreting import Interpreter, Scope, means
from .lookups import powers
from .truths import indicator, mask_named


@means(Number)
def of_number(interpreter: Interpreter, node: Number, _: Scope) -> Value:
    """The number that is printed."""
    return interpreter.constant(float(node.text) if not node.text.isdigit() else int(node.text))


@means(Brackets)
def of_group(interpreter: Interpreter, node: Brackets, scope: Scope) -> Value:
    """What stands in brackets: bars are a length, a norm or a determinant."""
    if node.kind == "|" and (mask := mask_named(interpreter, node.body)) is not None:
        return reduced(np.sum, mask, list(mask.axes))
    if node.kind == "|":
        return absolute(interpreter.value(node.body, scope), node)
    if node.kind == "‖":
        return norm(interpreter.value(node.body, scope), "", node)
    if isinstance(node.body, Relation):
        if node.kind != "[":
            raise NotRead("a condition where a value is expected", node.span)
        return indicator(interpreter, node, scope)
    if isinstance(node.body, Tuple) and node.kind == "[":
        return concatenated(interpreter, node.body, scope)
    return interpreter.value(node.body, scope)


@means(Annotated)
def of_annotated(interpreter: Interpreter, node: Annotated, scope: Scope) -> Value:
    """What is underbraced or boxed."""
    return interpreter.value(node.body, scope)


@means(Fraction)
def of_fraction(interpreter: Interpreter, node: Fraction, scope: Scope) -> Value:
    """A quotient."""
    return divided(interpreter.value(node.above, scope), interpreter.value(node.below, scope), node)


def divided(a: Value, b: Value, node: Expr) -> Value:
    """A quotient: by a number, or entry by entry of two columns."""
    if b.kind != "number" and (a.kind not in ("number", b.kind) or b.kind == "matrix"):
        raise NotRead(f"a {a.kind} is divided by a {b.kind}", node.span)
    return elementwise(np.true_divide, a, b)


@means(Root)
def of_root(interpreter: Interpreter, node: Root, scope: Scope) -> Value:
    """A square root, or one of another degree."""
    body = interpreter.value(node.body, scope)
    if node.degree is None:
        return elementwise(np.sqrt, body)
    degree = interpreter.value(node.degree, scope)
    return elementwise(lambda x, n: x ** (1 / n), body, degree)


@means(Sum)
def of_sum(interpreter: Interpreter, node: Sum, scope: Scope) -> Value:
    """Terms added: of one kind, or numbers."""
    terms = in_scope_of_sums(interpreter, list(node.terms), scope)
    total: Value | None = None
    for sign, term in terms:
        if sign == "±":
            raise NotRead("± is two formulas in one", node.span)
        if isinstance(term, Dots):
            raise NotRead("the terms left out at … are not known", term.span)
        found = interpreter.value(term, scope)
        if sign == "−":
            found = elementwise(np.negative, found)
        if total is None:
            total = found
        else:
            if "number" not in (total.kind, found.kind) and total.kind != found.kind:
                raise NotRead(f"a {total.kind} and a {found.kind} are added", node.span)
            total = elementwise(np.add, total, found)
    assert total is not None
    return total


def in_scope_of_sums(interpreter: Interpreter, terms: list[tuple[str, Expr]], scope: Scope) -> list[tuple[str, Expr]]:
    """Terms; one that uses the index of a sum before it, and nothing else gives that index a meaning, is in the sum."""
    for k, (sign, term) in enumerate(terms[:-1]):
        big = trailing_sum(term)
        later = terms[k + 1 :]
        if big is None or big.body is None:
            continue
        unbound = [name for name in bound_letters(big) if name not in scope.letters and name not in scope.left]
        used = [name for name in unbound if any(name in letters_in(t) for _, t in later)]
        if used:
            interpreter.remark(
                f"the sum over {used[0]} is read to the end of its brackets: what follows has the index, too"
            )
            last = max(j for j, (_, t) in enumerate(later) if used[0] in letters_in(t)) + 1
            if sign == "−":
                raise NotRead(f"which terms the sum over {used[0]} takes in is not clear; write brackets", term.span)
            body = Sum((("+", big.body), *later[:last]))
            whole_sum = with_trailing_sum(term, replace(big, body=body))
            return in_scope_of_sums(interpreter, [*terms[:k], (sign, whole_sum), *later[last:]], scope)
    return terms


@means(Product)
def of_product(interpreter: Interpreter, node: Product, scope: Scope) -> Value:
    """Factors multiplied by their types, functions applied to what stands in brackets behind them."""
    factors = list(node.factors)
    first = factors[0][1]
    if (
        isinstance(first, Symbol)
        and first.name == "d"
        and not first.style
        and "d" not in interpreter.vocabulary.entities
    ):
        raise NotRead(IN_DIFFERENTIALS, node.span)
    total: Value | None = None
    divides = False
    seen: list[str] = []
    k = 0
    while k < len(factors):
        sign, factor = factors[k]
        if isinstance(factor, Dots):
            raise NotRead("the factors left out at … are not known", factor.span)
        linked = is_linked(interpreter, factors, k)
        found, used = factor_at(replace(interpreter, linked=linked), factors, k, scope)
        k += used
        seen += found.indices
        if total is None:
            total = found
            continue
        if divides and sign == "":
            raise NotRead("what / divides by can be read in two ways; write \\frac or brackets", node.span)
        divides = sign == "/"
        if divides:
            total = divided(total, found, node)
        elif FROM in total.axes or FROM in found.axes:
            total = chained(total, found, node)
        else:
            total = multiply_by_type(total, found, sign, interpreter.vocabulary.options.get("vectors"), node)
    assert total is not None
    total = unlinked(total, interpreter.vocabulary.options.get("layout"), node)
    if interpreter.vocabulary.options.get("sums") == "einstein":
        twice = [name for name in dict.fromkeys(seen) if seen.count(name) == 2]
        total = reduced(np.sum, total, [name for name in twice if name not in scope.left and "#" not in name])
    return total


def is_linked(interpreter: Interpreter, factors: list[tuple[str, Expr]], k: int) -> bool:
    """Whether a factor is a derivative that is multiplied by the chain rule: not where ⊙ stands beside it."""
    if interpreter.vocabulary.options.get("products of derivatives") != "chain rule":
        return False
    signs = [factors[k][0], factors[k + 1][0] if k + 1 < len(factors) else ""]
    return isinstance(factors[k][1], Partial) and not any(sign in ("⊙", "∘", "/") for sign in signs)


def factor_at(interpreter: Interpreter, factors: list[tuple[str, Expr]], k: int, scope: Scope) -> tuple[Value, int]:
    """The factor at a place, with the brackets behind it where it is a function; and how many factors that takes."""
    node = factors[k][1]
    behind = factors[k + 1] if k + 1 < len(factors) else ("", None)
    if behind[0] == "" and isinstance(behind[1], Brackets) and behind[1].kind in ("(", "[", "{"):
        applied = apply_function(interpreter, node, behind[1], scope)
        if applied is not None:
            return applied, 2
    second = behind[1]
    if (
        behind[0] == ""
        and isinstance(second, Scripted)
        and isinstance(second.base, Brackets)
        and second.base.kind == "("
    ):
        only_upper = second.upper and not (second.lower or second.primes)
        applied = (
            apply_function(interpreter, node, second.base, scope)
            if only_upper and is_function(interpreter, node)
            else None
        )
        if applied is not None:  # σ(z)²
            return powers(interpreter, applied, second.upper, second, scope), 2
    return interpreter.value(node, scope), 1


def concatenated(interpreter: Interpreter, node: Tuple, scope: Scope) -> Value:
    """[a, b]: columns one below the other."""
    values = [interpreter.value(item, scope) for item in node.items]
    if any(value.kind != "column" for value in values):
        raise NotRead("[a, b] puts columns one below the other; these are not columns", node.span)
    key = "+".join([str(value.axes[DOWN]) for value in values])
    dim = interpreter.vocabulary.dim(("joined", *[id(value.axes[DOWN].root) for value in values], key))
    others = union([value._replace(axes={k: d for k, d in value.axes.items() if k != DOWN}) for value in values])
    axes = {**others, DOWN: dim}
    uses = frozenset().union(*[value.uses for value in values])
    interpreter.vocabulary.joined[dim.root] = [value.axes[DOWN] for value in values]
    if any(value.data is None for value in values):
        return Value(axes, None, uses)
    parts = []
    for value in values:
        shape = [interpreter.length(d) or 0 for d in others.values()] + [interpreter.length(value.axes[DOWN]) or 0]
        parts.append(np.broadcast_to(ordered(value, list(axes)), shape))
    return Value(axes, np.concatenate(parts, axis=-1), uses)


@means(Matrix)
def of_matrix(interpreter: Interpreter, node: Matrix, scope: Scope) -> Value:
    """Entries written out."""
    rows = [[interpreter.value(entry, scope) for entry in row] for row in node.rows]
    if any(isinstance(entry, Dots) for row in node.rows for entry in row):
        raise NotRead("the entries left out at … are not known", node.span)
    if len({len(row) for row in rows}) != 1 or any(value.axes for row in rows for value in row):
        raise NotRead("a matrix whose entries are not numbers in rows of one length", node.span)
    dims = (interpreter.vocabulary.length(str(len(rows))), interpreter.vocabulary.length(str(len(rows[0]))))
    uses = frozenset().union(*[value.uses for row in rows for value in row])
    if any(value.data is None for row in rows for value in row):
        return Value(dict(zip(PLACES, dims, strict=True)) if len(rows[0]) > 1 else {DOWN: dims[0]}, None, uses)
    data = np.stack([np.stack([value.data for value in row]) for row in rows])
    if len(rows[0]) == 1:
        return Value({DOWN: dims[0]}, data[:, 0], uses)
    return Value(dict(zip(PLACES, dims, strict=True)), data, uses)


IN_DIFFERENTIALS: Final = (
    "a differential outside of a quotient: write the derivative as a quotient, or, where it is one symbol, as the "
    "name dW of a gradient, declare it, for instance: words: dW"
)

NO_VALUE: Final[Mapping[type[Expr], str]] = {
    Tuple: "several things with commas between, where one is expected",
    Words: "text where a formula is expected",
    Relation: "a relation where a value is expected",
    Differential: IN_DIFFERENTIALS,
    Dots: "what is left out at … is not known: write the formula with indices",
}
"""What stands in formulas and denotes nothing, with what is said of it."""


@means(*NO_VALUE)
def of_nothing(_: Interpreter, node: Expr, _scope: Scope) -> Value:
    """What has no value."""
    raise NotRead(NO_VALUE[type(node)], node.span)


def trailing_sum(term: Expr) -> Big | None:
    """The sum that a term ends with, which takes in what follows it."""
    if isinstance(term, Big) and term.operator == "∑":
        return term
    if isinstance(term, Product):
        return trailing_sum(term.factors[-1][1])
    return None


def with_trailing_sum(term: Expr, big: Big) -> Expr:
    """The term with another sum at its end."""
    if isinstance(term, Product):
        sign, last = term.factors[-1]
        return replace(term, factors=(*term.factors[:-1], (sign, with_trailing_sum(last, big))))
    return big
