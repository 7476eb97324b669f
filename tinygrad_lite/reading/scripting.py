"""Letters with scripts, styles and accents."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .commands import FUNCTIONS, SCRIPT
from .items import Loose, as_word, bare, is_letter, is_transposition, must_show, span_over
from .syntax import (
    Annotated,
    Apply,
    Big,
    Brackets,
    Dots,
    Expr,
    Fraction,
    Number,
    Partial,
    Product,
    Relation,
    Scripted,
    Span,
    Sum,
    Symbol,
    Tuple,
)
from .tex import NotRead


def scripted_of(parts: Sequence[Any]) -> Any:
    """A base with its scripts."""
    base, *scripts = parts
    lower: list[Expr] = []
    upper: list[Expr] = []
    primes = 0
    for which, said in (("below", "subscripts"), ("above", "superscripts")):
        if [kind for kind, _ in scripts].count(which) > 1:
            raise NotRead(f"two {said} one after the other: put both in one pair of braces", scripts[-1][1].span)
    for kind, node in scripts:
        if kind == "prime":
            primes += 1
            continue
        node = as_word(node)
        if kind == "below":
            lower += split(node)
        else:
            found = superscripts(node)
            if any(isinstance(part, Symbol) and part.name == "′" for part in found):
                primes += sum([isinstance(part, Symbol) and part.name == "′" for part in found])
                found = [part for part in found if not (isinstance(part, Symbol) and part.name == "′")]
            upper += found
    if isinstance(base, Loose):
        base.lower = (
            *base.lower,
            *[bare(as_word(node)) for kind, node in scripts if kind == "below"],
        )
        base.upper, base.primes = tuple(upper), primes
        return base
    if isinstance(base, Annotated) and base.how in ("underbrace", "overbrace"):
        return replace(base, note=lower[0] if len(lower) == 1 else Tuple(tuple(lower))) if lower else base
    if isinstance(base, Partial):
        if lower or upper or primes:
            raise NotRead("scripts on a derivative: write brackets", base.span)
        return base
    if not (lower or upper or primes):
        return base
    if isinstance(base, Product):
        raise NotRead("scripts on several letters of one style: set each letter for itself", base.span)
    if isinstance(base, Annotated):
        must_show(base, (Sum, Product, Big, Apply))
    if isinstance(base, Brackets) and not base.kind:
        must_show(base, (Sum, Product, Big, Apply, Relation, Tuple))
        base = base.body
    if isinstance(base, Scripted):  # {w_k}^T
        return replace(
            base,
            lower=(*base.lower, *lower),
            upper=(*base.upper, *upper),
            primes=base.primes + primes,
            span=span_over([base, *lower, *upper]),
        )
    return Scripted(base, tuple(lower), tuple(upper), primes, span=span_over([base, *lower, *upper]))


def split(node: Expr) -> list[Expr]:
    """Subscripts, one for each index: of ij two, of i,j and of 1j two, of i+1 one."""
    node = bare(node)
    if isinstance(node, Tuple):
        return [part for item in node.items for part in split(item)]
    if isinstance(node, Sum) and any(len(indices_in(term)) > 1 for _, term in node.terms):
        raise NotRead("several indices or a product: write commas between indices", node.span)
    parts = indices_in(node)
    if len(parts) > 1 and isinstance(parts[0], Number) and parts[0].text not in ("0", "1"):
        raise NotRead("two indices or a product: write a comma, or \\cdot", node.span)
    return parts or [node]


def indices_in(node: Expr) -> list[Expr]:
    """The letters and numbers that stand side by side; none of anything else."""
    factors = node.factors if isinstance(node, Product) else ()
    simple = [not sign and (is_letter(factor) or isinstance(factor, Number)) for sign, factor in factors]
    return [factor for _, factor in factors] if all(simple) else []


def superscripts(node: Expr) -> list[Expr]:
    """Superscripts one after the other: of [l−1]T a group and T, of (i) a group, of −T a sum, of 2 a number."""
    node = bare(node)
    if isinstance(node, Product) and all(sign == "" for sign, _ in node.factors):
        parts = [factor for _, factor in node.factors]
        if isinstance(parts[0], Brackets) and parts[0].kind in ("[", "(", "⟨"):
            return parts
        if is_transposition(parts[-1]) and len(parts) > 1:
            return [*([parts[0]] if len(parts) == 2 else [replace(node, factors=node.factors[:-1])]), parts[-1]]
        if any(isinstance(part, Symbol) and part.name == "′" for part in parts):
            return parts
    if isinstance(node, Tuple):
        return [part for item in node.items for part in superscripts(item)]
    return [node]


def styled_of(node: Any, style: str, span: Span) -> Any:
    """A letter in a style; of several letters a word, where the style makes words."""
    inner = bare(node) if not isinstance(node, Loose) else node
    if isinstance(inner, Loose):
        return inner
    if isinstance(inner, Symbol):
        name = inner.name
        if style == "Δ":
            return Symbol(f"Δ{name}", inner.style, span=span)
        if style == "word" and name == "d":
            return replace(inner, span=span)
        if style == "word" and name in ("T", "⊤"):
            return Symbol("⊤", span=span)
        if style == "script":  # a letter of its own: L counts layers, \\mathcal{L} is a loss
            name = SCRIPT.get(name, name)
        return Symbol(name, inner.style if style == "" else style, span=span)
    if isinstance(inner, Scripted) and isinstance(inner.base, Symbol):
        return replace(inner, base=styled_of(inner.base, style, inner.base.span), span=span)
    if isinstance(inner, Number):
        return Symbol(inner.text, style, span=span)
    if isinstance(inner, Product) and all(sign == "" and isinstance(f, Symbol) for sign, f in inner.factors):
        word = "".join([f.name for _, f in inner.factors if isinstance(f, Symbol)])
        if style == "word" and word in FUNCTIONS:
            return Loose("function", word, span)
        if style == "bold" and word not in FUNCTIONS:
            letters = [(sign, styled_of(factor, style, factor.span)) for sign, factor in inner.factors]
            return replace(inner, factors=tuple(letters), span=span)
        return Symbol(word, "word" if style in ("word", "") else style, span=span)
    if not isinstance(inner, (Apply, Partial, Fraction, Dots)):
        raise NotRead("a whole formula in one style: set its letters so", span)
    return inner


def accented_of(node: Any, accent: str, span: Span) -> Expr:
    """A letter with something above it."""
    inner = bare(node)
    if isinstance(inner, Symbol) and (len(unicodedata.normalize("NFC", inner.name)) == 1 or accent == "\u0304"):
        return Symbol(inner.name + accent, inner.style, span=span)
    if isinstance(inner, Scripted) and isinstance(inner.base, Symbol):
        return replace(inner, base=accented_of(inner.base, accent, inner.base.span), span=span)
    raise NotRead("an accent over more than a letter", span)
