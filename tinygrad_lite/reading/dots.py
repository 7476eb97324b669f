"""What stands for the terms left out: e^{z_1} + … + e^{z_K} as the sum over an index."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from .syntax import (
    Apply,
    Big,
    Brackets,
    Dots,
    Expr,
    Number,
    Product,
    Relation,
    Scripted,
    Sum,
    Symbol,
    Tuple,
    contents,
    with_children,
)

INDEX: Final = Symbol("…")
"""The index of what is left out: no page has one of that name."""


def without_dots(node: Expr) -> Expr:
    r"""A tree with a sum over an index in place of terms that differ in one number only, and go on to a last one.

    >>> from tinygrad_lite.reading.latex import parse_latex
    >>> from tinygrad_lite.reading.printing import unicode_of
    >>> unicode_of(without_dots(parse_latex(r"e^{z_1} + e^{z_2} + \dots + e^{z_K}")))
    'Σ_{… = 1}ᴷ e^{z_…}'
    """
    node = with_children(node, without_dots)
    if isinstance(node, Apply):
        return diagonal_listed(node) or node
    if isinstance(node, Sum):
        parts, operator = list(node.terms), "∑"
    elif isinstance(node, Product):
        parts, operator = list(node.factors), "∏"
    else:
        return node
    where = next((k for k, (_, part) in enumerate(parts) if isinstance(part, Dots)), None)
    if where is None or not 0 < where < len(parts) - 1:
        return node
    sign, last = parts[where + 1]
    first = where - 1
    while first and common(parts[first - 1][1], last) is not None and parts[first][0] == sign:
        first -= 1
    found = common(parts[first][1], last)
    if (
        found is None
        or not is_end(found[1])
        or not follow(parts[first:where], last, found)
        or parts[where][0] not in (sign, "", "+")
    ):
        return node
    begin, end, term = found
    big: Expr = Big(operator, Relation(INDEX, (("=", begin),)), end, term, span=node.span)
    signs = ("+", "−") if operator == "∑" else ("", "·", "×")
    if sign not in signs or parts[first][0] not in signs or (first and parts[first][0] != sign):
        return node
    left = [*parts[:first], (parts[first][0], big), *parts[where + 2 :]]
    if len(left) == 1 and left[0][0] in ("", "+"):
        return big
    return replace(node, terms=tuple(left)) if isinstance(node, Sum) else replace(node, factors=tuple(left))


def diagonal_listed(node: Apply) -> Expr | None:
    """diag(a_1, …, a_n) as the matrix with a_… on its diagonal, … from 1 to n; None for anything else."""
    brackets = node.argument
    items = brackets.body.items if isinstance(brackets, Brackets) and isinstance(brackets.body, Tuple) else ()
    if node.function != Symbol("diag", "word") or len(items) < 3 or not isinstance(items[-2], Dots):
        return None
    first, *_ = before = [("+", item) for item in items[:-2]]
    found = common(first[1], items[-1])
    if found is None or not is_end(found[1]) or not follow(before, items[-1], found):
        return None
    begin, end, term = found
    return Big("diag", Relation(INDEX, (("=", begin),)), end, term, span=node.span)


def is_end(last: Expr) -> bool:
    """Whether what the terms go on to may be counted to in ones: n, n − 1, 9; to 2n it may be in twos."""
    if isinstance(last, Sum):
        return all(isinstance(term, (Symbol, Number)) for _, term in last.terms)
    return isinstance(last, (Symbol, Scripted, Number))


def follow(parts: list[tuple[str, Expr]], last: Expr, found: tuple[Number, Expr, Expr]) -> bool:
    """Whether terms are the first, the second and so on of what goes on to the last one."""
    start = int(found[0].text)
    for k, (_, part) in enumerate(parts):
        one = common(part, last)
        if one is None or one[0].text != str(start + k) or one[2] != found[2]:
            return False
    return True


def common(first: Any, last: Any) -> tuple[Number, Expr, Any] | None:
    """Two trees that differ in a number alone: it, what the other has there, and both with the index there instead."""
    if isinstance(first, Number) and isinstance(last, Expr) and first != last and first.text.isdigit():
        return first, last, INDEX
    if isinstance(first, tuple) and isinstance(last, tuple) and len(first) == len(last):
        return joined(list(zip(first, last, strict=True)), tuple)
    if type(first) is not type(last) or not isinstance(first, Expr):
        return None
    names = contents(first)
    pairs = [(getattr(first, name), getattr(last, name)) for name in names]
    return joined(pairs, lambda values: replace(first, **dict(zip(names, values, strict=True))))


def joined(pairs: list[tuple[Any, Any]], build: Any) -> tuple[Number, Expr, Any] | None:
    """The parts of two trees put together, if those that differ all differ in the same way."""
    ends: tuple[Number, Expr] | None = None
    values = []
    for one, other in pairs:
        if one == other:
            values.append(one)
            continue
        found = common(one, other)
        if found is None or (ends is not None and ends != found[:2]):
            return None
        ends = found[:2]
        values.append(found[2])
    return None if ends is None else (*ends, build(values))
