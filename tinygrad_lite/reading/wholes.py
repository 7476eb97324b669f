"""Whole numbers that are written with letters, and texts that are numbers."""

from __future__ import annotations

from .axes import AxesError
from .spelling import plain
from .syntax import Brackets, Expr, Number, Product, Relation, Scripted, Sum, Symbol


def is_number(text: str) -> bool:
    """Whether a text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def whole(node: Expr, letters: dict[str, int]) -> int:
    """A whole number written with letters: l − 1, L, 2; raises AxesError for anything else."""
    if isinstance(node, Brackets):
        return whole(node.body, letters)
    if isinstance(node, Number) and node.text.isdigit():
        return int(node.text)
    if isinstance(node, (Symbol, Scripted)) and plain(node) in letters:
        return letters[plain(node)]
    if isinstance(node, Sum):
        return sum([whole(term, letters) * (-1 if sign == "−" else 1) for sign, term in node.terms])
    if isinstance(node, Product):
        found = 1
        for sign, factor in node.factors:
            if sign not in ("", "·", "×"):
                raise AxesError(f"{plain(node)} is no whole number here")
            found *= whole(factor, letters)
        return found
    if isinstance(node, Relation) and node.first is None:
        return whole(node.rest[0][1], letters)
    raise AxesError(f"{plain(node)} is no whole number here")
