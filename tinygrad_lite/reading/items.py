"""What the grammar makes of a sequence: nodes, and items that take what follows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .syntax import Annotated, Brackets, Dots, Expr, Fraction, Number, Root, Scripted, Span, Sum, Symbol
from .tex import NotRead


def span_over(parts: Sequence[Any]) -> Span:
    """From the first to the last of nodes and tokens."""
    spans = [
        part.span if isinstance(part, (Expr, Loose)) else (part.start_pos, part.end_pos)
        for part in parts
        if isinstance(part, (Expr, Loose)) or getattr(part, "start_pos", None) is not None
    ]
    return (min([a for a, _ in spans]), max([b for _, b in spans])) if spans else (0, 0)


class Loose:
    """An item of a sequence that takes what follows it: a function, a big operator, ∇."""

    def __init__(self, kind: str, value: str, span: Span) -> None:
        self.kind, self.value, self.span = kind, value, span
        self.lower: tuple[Expr, ...] = ()
        self.upper: tuple[Expr, ...] = ()
        self.primes = 0


def bare(node: Any) -> Expr:
    """What stands in braces that TeX alone sees."""
    if isinstance(node, Loose):
        raise NotRead(f"{node.value} without what it is of", node.span)
    assert isinstance(node, Expr)
    return node.body if isinstance(node, Brackets) and not node.kind else node


def is_atom(node: Expr) -> bool:
    """What braces around make no difference to."""
    return isinstance(node, (Symbol, Number, Scripted, Fraction, Brackets, Root, Annotated, Dots))


def as_word(node: Any) -> Any:
    """A function without an argument, as of λ_max, as a word."""
    return Symbol(node.value, "word", span=node.span) if isinstance(node, Loose) else node


def is_letter(node: Expr) -> bool:
    """A letter or word, with scripts or without."""
    return isinstance(node, Symbol) or (isinstance(node, Scripted) and isinstance(node.base, Symbol))


def is_transposition(node: Expr) -> bool:
    """T."""
    return isinstance(node, Symbol) and node.name in ("T", "⊤", "⊺")


def must_show(node: Expr, hidden: tuple[type[Expr], ...]) -> None:
    """Raise NotRead for what is read as one only for braces, which do not show, or a brace below or above it."""
    annotated = isinstance(node, Annotated) and node.how not in ("boxed", "fbox")
    body = node.body if isinstance(node, Annotated) or (isinstance(node, Brackets) and not node.kind) else None
    several = isinstance(body, Sum) and (len(body.terms) > 1 or not annotated)
    if body is not None and isinstance(body, hidden) and (several or not isinstance(body, Sum)):
        raise NotRead("this is one thing only in braces, which do not show: write brackets", node.span)
