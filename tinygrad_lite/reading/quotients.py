"""Quotients, and those that are derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .items import is_letter, span_over
from .syntax import Brackets, Expr, Fraction, Number, Partial, Product, Scripted, Span, Symbol
from .tex import NotRead


def fraction_of(above: Expr, below: Expr, span: Span) -> Expr:
    """A quotient, or a derivative where ∂ or d stands above and below."""
    over = after_sign(above)
    under = after_sign(below)
    if over is None or under is None or not under[2]:
        return Fraction(above, below, span=span)
    sign, order, of = over
    if under[0] != sign:
        raise NotRead(f"{sign} stands above, {under[0]} below", span)
    by = variables(sign, under[2], order)
    inner = beside(of) if of else None
    return Partial(sign, inner, tuple(by), applied=inner is None, span=span)


Factors = Sequence[tuple[str, Expr]]
"""Factors, each with the operator before it."""


def after_sign(node: Expr) -> tuple[str, int, Factors] | None:
    """∂ or d at the front of a product, its order, and what follows; None for anything else."""
    node = node.body if isinstance(node, Brackets) and not node.kind else node
    (_, first), *rest = node.factors if isinstance(node, Product) else [("", node)]
    base = first.base if isinstance(first, Scripted) else first
    if not isinstance(base, Symbol) or base.name not in ("∂", "d") or base.style:
        return None
    if not isinstance(first, Scripted):
        return base.name, 1, rest
    if first.lower or len(first.upper) != 1 or not isinstance(first.upper[0], Number):
        return None
    return base.name, int(first.upper[0].text), rest


def variables(sign: str, factors: Factors, order: int) -> list[Expr]:
    """What a derivative is by, each once for its order: of ∂²f/∂x² x twice, of ∂f/∂W² the second W once."""
    single: list[Expr] = []
    expecting = True
    span = span_over([factor for _, factor in factors])
    for operator, item in factors:
        if not operator and isinstance(item, Symbol) and item.name == sign and not item.style:
            expecting = True
        elif expecting and not operator and isinstance(item, (Symbol, Scripted)):
            single.append(item)
            expecting = False
        else:
            several = isinstance(item, (Symbol, Scripted)) and not expecting
            why = "several letters side by side: declare them as one word" if several else "what is no symbol"
            raise NotRead(f"a derivative by {why}", span)
    found = single if len(single) == order else [part for item in single for part in repeated(item)]
    if len(found) != order or expecting:
        raise NotRead(f"{sign} stands {order} times above and {len(found)} times below", span)
    return found


def repeated(item: Expr) -> list[Expr]:
    """x² as x twice."""
    if not isinstance(item, Scripted) or not item.upper or not isinstance(item.upper[-1], Number):
        return [item]
    left = item.upper[:-1]
    base = replace(item, upper=left) if left or item.lower or item.primes else bare_symbol(item.base)
    return [base] * int(item.upper[-1].text)


def bare_symbol(base: Expr) -> Expr:
    """σ² of (σ²); anything but a symbol in brackets as it is."""
    inside = base.body if isinstance(base, Brackets) and base.kind == "(" else None
    return inside if isinstance(inside, (Symbol, Scripted)) else base


def inline_derivative(product: Expr) -> Expr:
    """A product with ∂E/∂z_j or dy/dx, written in a line, as derivatives."""
    if not isinstance(product, Product):
        return product
    factors = list(product.factors)
    for k, (operator, factor) in enumerate(factors):
        sign = factor.name if isinstance(factor, Symbol) and factor.name in ("∂", "d") and not factor.style else ""
        slash = next((j for j in range(k + 1, len(factors)) if factors[j][0]), len(factors))
        below = factors[slash : slash + 2]
        if not sign or slash == k + 1 or (sign == "d" and slash != k + 2):
            continue
        if len(below) == 2 and below[0] == ("/", factor) and not below[1][0] and is_letter(below[1][1]):
            of = beside(factors[k + 1 : slash])
            found = Partial(sign, of, (below[1][1],), span=span_over([factor, below[1][1]]))
            rest = [*factors[:k], (operator, found), *factors[slash + 2 :]]
            return inline_derivative(replace(product, factors=tuple(rest)) if len(rest) > 1 else found)
    return product


def beside(factors: Factors) -> Expr:
    """Factors that were part of a product, as one; a single one by itself."""
    (_, first), *others = factors
    return Product((("", first), *others), span=span_over([factor for _, factor in factors])) if others else first
