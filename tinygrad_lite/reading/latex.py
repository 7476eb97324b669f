"""Formulas in TeX as trees.

The grammar (``latex.lark``) gives flat sequences of items; here they become products, applications, sums with their
terms, and derivatives.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from .building import transformer_class
from .clauses import formulas_in
from .syntax import Expr, Span
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
            found += formulas_in(parsed(text, start, end, names))
        except NotRead as error:
            found.append(error)
    return found


def rows(text: str) -> Iterator[Span]:
    """Where the rows of an environment are, those that go on with a term joined; the whole text where there is none."""
    begin = end = -1
    for start, stop in lines(text):
        if begin >= 0 and not goes_on(text[begin:end], text[start:stop]):
            yield begin, end
            begin = start
        begin, end = start if begin < 0 else begin, stop
    if begin >= 0:
        yield begin, end


def goes_on(row: str, following: str) -> bool:
    """Whether a row is only a part: the one behind it begins with a further term, or brackets are still open."""
    if ENDING.search(row) or any(row.count(opening) > row.count(closing) for opening, closing in PAIRS):
        return True
    match = CONTINUING.match(following)
    return match is not None and (bool(match[1]) or RELATION.search(following) is None)


PAIRS: Final = (("(", ")"), ("\\left", "\\right"))
CONTINUING: Final = re.compile(
    r"\s*(&?)(?:\s|&|\\q?quad|\\[,;:! ]|\\hspace\{[^}]*\}|\\phantom\{[^}]*\}|\{\s*\}|\\left\.)*"
    r"(?:[+−·×)\]-]|\\(?:cdot|times|odot|pm|right)(?![A-Za-z]))"
)
"""A row that begins with a sign, behind its & or without one."""
ENDING: Final = re.compile(r"(?:[-+−·×=]|\\(?:cdot|times|odot))\s*(?:\\nonumber|\\notag)?\s*$")
RELATION: Final = re.compile(r"[=<>]|\\(?:leq?|geq?|neq?|approx|in|sim|propto|equiv)(?![A-Za-z])")


def lines(text: str) -> Iterator[Span]:
    r"""What stands between the \\ of an environment."""
    match = ROWS.match(text)
    if match is None:
        yield 0, len(text)
        return
    start, end = match.span(2)
    if match[1].startswith(("alignat",)):
        start = text.index("}", start) + 1
    depth, at, begin = 0, start, start
    while at < end:
        if text.startswith("\\begin", at):
            depth += 1
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
