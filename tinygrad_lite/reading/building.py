"""From the grammar's trees to ours: entries, chains of relations, and sums."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from .commands import BIG
from .items import Loose, bare, is_atom, must_show, span_over
from .quotients import fraction_of
from .reaching import product_of
from .scripting import accented_of, scripted_of, styled_of
from .syntax import (
    Annotated,
    Brackets,
    Cases,
    Dots,
    Expr,
    Matrix,
    Number,
    Partial,
    Qualified,
    Relation,
    Root,
    Span,
    Sum,
    Symbol,
    Tuple,
    Words,
)
from .tex import NotRead, library


@cache
def transformer_class() -> Any:
    """From lark's trees to ours, bottom up."""
    transformer: Any = library().Transformer

    class Assembler(transformer):  # type: ignore[misc]
        """Each method is called by the name of a rule with what its parts have become."""

        def start(self, parts: Any) -> Any:
            return parts[0]

        def entries(self, parts: Any) -> Expr:
            items = [part for part in parts if isinstance(part, Expr)]
            return items[0] if len(items) == 1 else Tuple(tuple(items), span=span_over(parts))

        def entry(self, parts: Any) -> Expr:
            return entry_of(parts)

        def relation(self, parts: Any) -> Expr:
            return chain_of(list(parts))

        def continued(self, parts: Any) -> Expr:
            return chain_of([None, *parts])

        def sum(self, parts: Any) -> Expr:
            return sum_of(parts)

        def sequence(self, parts: Any) -> Any:
            return list(parts)

        def scripted(self, parts: Any) -> Any:
            return scripted_of(parts)

        def below(self, parts: Any) -> Any:
            return ("below", parts[-1])

        def above(self, parts: Any) -> Any:
            return ("above", parts[-1])

        def prime(self, parts: Any) -> Any:
            return ("prime", parts[0])

        def letter(self, parts: Any) -> Expr:
            return Symbol(unicodedata.normalize("NFD", str(parts[0])), span=span_over(parts))

        def number(self, parts: Any) -> Expr:
            return Number(str(parts[0]), span=span_over(parts))

        def word(self, parts: Any) -> Expr:
            return Symbol(str(parts[0]), "word", span=span_over(parts))

        def function(self, parts: Any) -> Any:
            return Loose("function", str(parts[0]), span_over(parts))

        def big(self, parts: Any) -> Any:
            return Loose("big", str(parts[0]), span_over(parts))

        def nabla(self, parts: Any) -> Any:
            return Loose("nabla", "∇", span_over(parts))

        def dots(self, parts: Any) -> Expr:
            return Dots(span=span_over(parts))

        def braces(self, parts: Any) -> Expr:
            inner = next((part for part in parts if isinstance(part, Expr)), None)
            if inner is None:
                raise NotRead("nothing stands in the braces", span_over(parts))
            return inner if is_atom(inner) else Brackets("", inner, span=span_over(parts))

        def given(self, parts: Any) -> Expr:
            inner = next(part for part in parts if isinstance(part, Expr))
            return Brackets("", inner, span=span_over(parts))

        def brackets(self, parts: Any) -> Expr:
            inner = next((part for part in parts if isinstance(part, Expr)), None)
            if inner is None:
                raise NotRead("nothing stands in the brackets", span_over(parts))
            return Brackets(str(parts[0]), inner, span=span_over(parts))

        def frac(self, parts: Any) -> Any:
            return fraction_of(bare(parts[1]), bare(parts[2]), span_over(parts))

        def root(self, parts: Any) -> Expr:
            return Root(bare(parts[1]), span=span_over(parts))

        def root_of_degree(self, parts: Any) -> Expr:
            return Root(bare(parts[4]), bare(parts[2]), span=span_over(parts))

        def styled(self, parts: Any) -> Any:
            return styled_of(parts[1], str(parts[0]), span_over(parts))

        def accented(self, parts: Any) -> Expr:
            return accented_of(parts[1], str(parts[0]), span_over(parts))

        def noted(self, parts: Any) -> Expr:
            return Annotated(str(parts[0]), bare(parts[1]), span=span_over(parts))

        def underset(self, parts: Any) -> Any:
            inner = parts[2].body if isinstance(parts[2], Brackets) else parts[2]
            if isinstance(inner, Loose):
                inner.lower = (bare(parts[1]),)
                return inner
            name = inner.name if isinstance(inner, Symbol) else ""
            if name in BIG:
                loose = Loose("big", BIG[name], span_over(parts))
                loose.lower = (bare(parts[1]),)
                return loose
            raise NotRead("what is set below this is not read", span_over(parts))

        def cases(self, parts: Any) -> Expr:
            return Cases(tuple([part for part in parts if isinstance(part, tuple)]), span=span_over(parts))

        def case(self, parts: Any) -> Any:
            trees = [part for part in parts if isinstance(part, Expr)]
            body, condition = trees[0], trees[1] if len(trees) > 1 else None
            if condition is None and isinstance(body, Qualified):
                return (body.body, body.conditions[0])
            if condition is None and isinstance(body, Tuple) and len(body.items) == 2:
                return body.items
            if isinstance(body, Tuple) and len(body.items) == 1:
                body = body.items[0]
            return (body, condition)

        def matrix(self, parts: Any) -> Expr:
            kind = {"pmatrix": "(", "vmatrix": "|", "Vmatrix": "‖"}.get(str(parts[0]), "[")
            return Matrix(tuple([p for p in parts if isinstance(p, tuple)]), kind, span=span_over(parts))

        def row(self, parts: Any) -> Any:
            return tuple([part for part in parts if isinstance(part, Expr)])

    return Assembler


def entry_of(parts: Sequence[Any]) -> Expr:
    """A relation with the words before and behind it."""
    words = [part for part in parts if not isinstance(part, Expr)]
    if not words:
        if len(parts) > 1:
            raise NotRead("two formulas without a sign between", span_over(parts[1:]))
        return parts[0]  # type: ignore[no-any-return]
    if isinstance(parts[0], Expr):
        said = tuple([part if isinstance(part, Expr) else str(part) for part in parts[1:]])
        return Qualified(parts[0], (Words(said, span=span_over(parts[1:])),), span=span_over(parts))
    said = tuple([part if isinstance(part, Expr) else str(part) for part in parts])
    return Words(said, span=span_over(parts))


IMPLICATIONS: Final = ("⟹", "⟺")


def chain_of(parts: list[Any]) -> Expr:
    """Sides with signs between; statements with ⟹ between are its sides, and a ⟹ at the beginning is passed over."""
    signs = parts[1::2]
    cut = max([k for k, sign in enumerate(signs) if str(sign) in IMPLICATIONS], default=None)
    if cut is None:
        rest = tuple([(str(sign), side) for sign, side in zip(signs, parts[2::2], strict=True)])
        return Relation(parts[0], rest, span=span_over(parts)) if rest else parts[0]
    behind = chain_of(parts[2 * cut + 2 :])
    before = parts[: 2 * cut + 1]
    if before == [None]:
        return behind
    return Relation(chain_of(before), ((str(signs[cut]), behind),), span=span_over(parts))


def sum_of(parts: Sequence[Any]) -> Expr:
    """Terms with their signs; an operator at the end of one takes the next, with its sign."""
    terms: list[tuple[str, Any]] = []
    sign = ""
    for part in parts:
        if isinstance(part, list):
            terms.append((sign or "+", part))
            sign = ""
        else:
            sign = str(part)
    return sum_from(terms, span_over([p for part in parts for p in (part if isinstance(part, list) else [part])]))


def sum_from(terms: list[tuple[str, Any]], span: Span) -> Expr:
    """A sum of sequences."""
    built: list[tuple[str, Expr]] = []
    k = 0
    while k < len(terms):
        sign, items = terms[k]
        k += 1
        last = items[-1]
        if waits(last) and k < len(terms):  # Σ −p y, ∂/∂z −log σ: the sign is what follows'
            signed, following = terms[k]
            operand = sum_from([(signed, following)], span_over(following))
            if signed != "−":
                raise NotRead(f"a {signed} behind what is waiting for its argument", span_over([last, operand]))
            k += 1
            items = [*items, Brackets("", operand, span=operand.span)]
        term = product_of(items)
        if sign != "+":
            must_show(term, (Sum,))
        built.append((sign, term))
    if len(built) == 1 and built[0][0] == "+":
        return built[0][1]
    return Sum(tuple(built), span=span)


def waits(item: Any) -> bool:
    """Whether an item takes what follows."""
    return (isinstance(item, Loose) and item.kind in ("big", "function", "nabla")) or (
        isinstance(item, Partial) and item.of is None and item.applied
    )
