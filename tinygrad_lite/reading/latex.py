"""Formulas in TeX as trees.

The grammar (``latex.lark``) gives flat sequences of items; here they become products, applications, sums with their
terms, and derivatives.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from .building import transformer_class
from .names import letters_in, plain
from .syntax import (
    Expr,
    Qualified,
    Relation,
    Span,
    Symbol,
    Tuple,
)
from .tex import NotRead, Piece, library, tokens

ROWS: Final = re.compile(
    r"^\s*\\begin\{(aligned|align\*?|alignat\*?|eqnarray\*?|gather\*?|gathered|split|multline\*?|equation\*?)\}"
    r"(.*)\\end\{\1\}\s*[.,;]?\s*$",
    re.DOTALL,
)
NUMBERED: Final = re.compile(r"(?:\\q?quad|~|\s)\s*\((\d+[a-z]?)\)\s*$")
"""An equation's number at the end of its line."""


def parse_latex(text: str, names: Collection[str] = ()) -> Expr:
    r"""A formula's tree.

    Parameters
    ----------
    text : TeX, without dollar signs; Unicode letters and signs will do as well
    names : words of several letters that are one symbol

    Raises NotRead, with the place, for what is no formula; ImportError without lark.

    >>> from tinygrad_lite.reading.latex import parse_latex
    >>> parse_latex(r"\frac{1}{2}")
    Fraction(above=Number(text='1'), below=Number(text='2'))
    """
    return parsed(text, 0, len(text), names)


def parse_formulas(text: str, names: Collection[str] = ()) -> list[Expr | NotRead]:
    """The formulas of a text: one; or those of an environment's rows, with what could not be read in its place.

    A row that begins with a sign of relation goes on from the one before, whose last side it follows.
    """
    found: list[Expr | NotRead] = []
    for start, end in rows(text):
        try:
            tree = parsed(text, start, end, names)
        except NotRead as error:
            found.append(error)
            continue
        found += apart(tree)
    return found


def rows(text: str) -> Iterator[Span]:
    """Where the rows of an environment are; the whole text where there is none."""
    match = ROWS.match(text)
    if match is None:
        yield 0, len(text)
        return
    start, end = match.span(2)
    if match[1].startswith(("alignat",)):
        start = text.index("}", start) + 1
    depth, at, begin = 0, start, start
    while at < end:
        if text.startswith(("\\begin", "\\left"), at):
            depth += text.startswith("\\begin", at)
        elif text.startswith("\\end", at):
            depth -= 1
        elif text.startswith("\\\\", at) and not depth:
            yield begin, at
            skipped = re.compile(r"\\\\\*?(?:\s*\[[^\]]*\])?").match(text, at)
            assert skipped is not None
            at = begin = skipped.end()
            continue
        elif text[at] == "\\":
            at += 1
        at += 1
    if text[begin:end].strip():
        yield begin, end


def apart(tree: Expr) -> list[Expr]:
    """A formula, or several with commas between, each with the conditions behind it."""
    if not isinstance(tree, Tuple):
        return [tree]
    found: list[Expr] = []
    for item in tree.items:
        inner = item.body if isinstance(item, Qualified) else item
        is_claim = isinstance(inner, Relation) and any(sign in ("=", ":=", "≡") for sign, _ in inner.rest)
        if found and (not is_claim or is_about_indices(inner, found[-1])):
            last = found[-1]
            if isinstance(last, Qualified):
                found[-1] = replace(last, conditions=(*last.conditions, item))
            else:
                found[-1] = Qualified(last, (item,), span=last.span)
        else:
            found.append(item)
    return found


def is_about_indices(relation: Expr, formula: Expr) -> bool:
    """Whether a relation is one of indices of a formula, as i = j: it says where that holds, and claims nothing."""
    if not isinstance(relation, Relation) or relation.first is None:
        return False
    sides = [relation.first, *[side for _, side in relation.rest]]
    indices = set(letters_in(formula))
    return all(isinstance(side, Symbol) for side in sides) and any(plain(side) in indices for side in sides)


# ---------------------------------------------------------------------------------------------------------------------
# Parsing


def parsed(text: str, start: int, end: int, names: Collection[str]) -> Expr:
    """The tree of a part of a text."""
    numbered = NUMBERED.search(text, start, end)
    if numbered is not None:
        end = numbered.start()
    pieces = list(tokens(text, start, end, names))
    if not pieces:
        raise NotRead("there is nothing here", (start, end))
    lark = library()
    try:
        tree = parser().parse(pieces)
    except lark.exceptions.UnexpectedToken as error:
        span = spans_of(error.token, text)
        shown = text[slice(*span)] or "the end"
        raise NotRead(f"{shown} is not expected here", span) from None
    except lark.exceptions.VisitError as error:
        raise error.orig_exc from None
    return tree  # type: ignore[no-any-return]


def spans_of(token: Any, text: str) -> Span:
    """Where a token is."""
    start, end = getattr(token, "start_pos", None), getattr(token, "end_pos", None)
    return (len(text), len(text)) if start is None or end is None else (start, end)


@cache
def parser() -> Any:
    """The grammar's parser, which calls :class:`Builder` as it goes."""
    lark = library()

    class Pieces(lark.lexer.Lexer):  # type: ignore[misc]
        def __init__(self, _: Any) -> None:
            pass

        def lex(self, data: list[Piece]) -> Iterator[Any]:
            for piece in data:
                yield lark.Token(piece.kind, piece.value, start_pos=piece.span[0], end_pos=piece.span[1])

    grammar = Path(__file__).with_name("latex.lark").read_text(encoding="utf-8")
    built = lark.Lark(grammar, parser="lalr", lexer=Pieces, propagate_positions=False)
    transformer = transformer_class()()

    class Parser:
        def parse(self, pieces: list[Piece]) -> Any:
            return transformer.transform(built.parse(pieces))

    return Parser()


__all__ = ["NotRead", "parse_formulas", "parse_latex"]
