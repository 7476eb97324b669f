"""Formulas in TeX as trees.

The grammar (``latex.lark``) gives flat sequences of items; here they become products, applications, sums with their
terms, and derivatives.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from .building import transformer_class
from .clauses import formulas_in
from .rows import Row, rows_of
from .syntax import Expr, Qualified, Span
from .tex import NotRead, Piece, Tokens, library


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
    found = rows_of(text)
    if len(found) > 1:
        raise NotRead(f"one formula is expected, here are {len(found)} rows", (found[1].start, found[-1].end))
    return parsed(found[0], names)


def parse_formulas(text: str, names: Collection[str] = ()) -> list[Expr | NotRead]:
    """The formulas of a text: one; or those of an environment's rows, with what could not be read in its place.

    A row that begins with a sign of relation goes on from the one before: its left side is that one's, and it holds
    under the same conditions. If that one is not read, neither is this.
    """
    found: list[Expr | NotRead] = []
    lost = False
    conditions: tuple[Expr, ...] = ()
    for row in rows_of(text):
        if not row.goes_on:
            lost, conditions = False, ()
        try:
            if lost:
                raise NotRead("it goes on from a row that is not read", (row.start, row.end))
            trees = formulas_in(parsed(row, names))
        except NotRead as error:
            lost = error.lost = lost or not row.goes_on
            found.append(error)
            continue
        if conditions and not isinstance(trees[0], Qualified):
            trees[0] = Qualified(trees[0], conditions, span=trees[0].span)
        conditions = trees[-1].conditions if isinstance(trees[-1], Qualified) else ()
        found += trees
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Parsing


def parsed(row: Row, names: Collection[str]) -> Expr:
    """The tree of a row."""
    if row.unclear:
        raise NotRead(row.unclear, (row.start, row.end))
    pieces = Tokens(row.text, row.start, row.end, names).all()
    if not pieces:
        raise NotRead("there is nothing here", (row.start, row.end))
    lark = library()
    try:
        tree = parser()(pieces)
    except lark.exceptions.UnexpectedToken as error:
        span = spans_of(error.token, row.text)
        shown = row.text[slice(*span)] or "the end"
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
    """The grammar's parser, which calls :class:`Assembler` as it goes."""
    lark = library()

    lexer: Any = lark.lexer.Lexer

    class Pieces(lexer):  # type: ignore[misc]
        def __init__(self, _: Any) -> None:
            pass

        def lex(self, data: list[Piece]) -> Iterator[Any]:
            for piece in data:
                yield lark.Token(piece.kind, piece.value, start_pos=piece.span[0], end_pos=piece.span[1])

    grammar = Path(__file__).with_name("latex.lark").read_text(encoding="utf-8")
    built = lark.Lark(grammar, parser="lalr", lexer=Pieces, propagate_positions=False)
    transformer = transformer_class()()

    return lambda pieces: transformer.transform(built.parse(pieces))


__all__ = ["NotRead", "parse_formulas", "parse_latex"]
