"""How far functions, sums and derivatives reach in a sequence of factors; refused where that is not clear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

from .commands import FUNCTIONS
from .items import Loose, bare, is_letter, is_transposition, must_show, span_over
from .quotients import inline_derivative
from .scripting import split
from .spelling import bound_letters, is_coefficient, plain
from .syntax import Apply, Big, Brackets, Expr, Partial, Product, Relation, Scripted, Sum, Symbol, Tuple, walk
from .tex import NotRead


def product_of(items: Sequence[Any]) -> Expr:
    """Factors with the operators between; functions, sums and derivatives with what they take of what follows."""
    factors: list[tuple[str, Expr]] = []
    sign = ""
    k = 0
    while k < len(items):
        item = items[k]
        if getattr(item, "type", None) == "OPERATOR":
            if sign or not factors:
                raise NotRead(f"{item} has nothing before it", (item.start_pos, item.end_pos))
            sign = str(item)
            k += 1
            continue
        node, k = operand(items, k)
        previous = factors[-1][1] if factors else None
        if not sign and isinstance(node, Scripted) and node.lower and is_call(previous, node):
            called = Product((("", previous), ("", node.base)), span=span_over([previous, node.base]))  # type: ignore[arg-type]
            factors[-1] = (factors[-1][0], replace(node, base=called, span=span_over([called, node])))
        elif not sign and isinstance(previous, Partial) and not previous.applied and is_argument(node):
            raise NotRead("whether the derivative is taken there, or multiplied, is not clear", span_over([node]))
        elif isinstance(node, Product):  # letters of one style
            factors += [(sign if not n else operator, factor) for n, (operator, factor) in enumerate(node.factors)]
        else:
            factors.append((sign, node))
        sign = ""
    if sign:
        raise NotRead(f"{sign} has nothing behind it", span_over(items))
    if len(factors) > 1:
        for _, factor in factors:
            must_show(factor, (Sum,))
    product = factors[0][1] if len(factors) == 1 else Product(tuple(factors), span=span_over([f for _, f in factors]))
    return inline_derivative(product)


def is_argument(node: Expr) -> bool:
    """(x), (x, y): brackets with a letter in them, as arguments have."""
    if not isinstance(node, Brackets) or node.kind != "(":
        return False
    items = node.body.items if isinstance(node.body, Tuple) else (node.body,)
    return all(is_letter(item) and not (isinstance(item, Scripted) and item.upper) for item in items)


def is_call(previous: Expr | None, node: Scripted) -> bool:
    """σ(z)_i: brackets with an index directly behind a symbol."""
    base = previous.base if isinstance(previous, Scripted) else previous
    return isinstance(base, Symbol) and base.name != "∂" and isinstance(node.base, Brackets) and node.base.kind == "("


def operand(items: Sequence[Any], k: int) -> tuple[Expr, int]:
    """The factor at a place, and where the next one begins."""
    item = items[k]
    if isinstance(item, Loose):
        if item.kind == "big":
            return big_of(item, items[k + 1 :]), len(items)
        if item.kind == "nabla":
            return nabla(items, k)
        return function(items, k)
    if isinstance(item, Partial) and item.of is None and item.applied:
        following = list(items[k + 1 :])
        if not following:
            return item, k + 1
        taken = differentiated(item, following)
        of = product_of(following[:taken])
        return replace(item, of=of, span=span_over([item, of])), k + 1 + taken
    if isinstance(item, Symbol) and item.style == "word" and item.name in FUNCTIONS and k + 1 < len(items):
        return function([*items[:k], Loose("function", item.name, item.span), *items[k + 1 :]], k)
    return item, k + 1


def big_of(item: Loose, following: Sequence[Any]) -> Big:
    """A sum, product or maximum of what follows; refused where a factor behind it may be meant to be outside."""
    body = product_of(following) if following else None
    lower = runs_over(bare(item.lower[0])) if len(item.lower) == 1 else Tuple(item.lower) if item.lower else None
    upper = bare(item.upper[0]) if item.upper else None
    big = Big(item.value, lower, upper, body, span=span_over([item, *([body] if body is not None else [])]))
    letters = set(bound_letters(big))
    if item.value in ("∏", "max", "min") and isinstance(body, Product) and letters:
        inside = [any(isinstance(n, Symbol) and n.name in letters for n in walk(factor)) for _, factor in body.factors]
        if any(inside) and not inside[-1]:
            last = body.factors[-1][1]
            raise NotRead(
                f"whether {plain(last)} is in what {item.value} is of, is not clear: write brackets", last.span
            )
    return big


def runs_over(lower: Expr) -> Expr:
    """What a sum runs over: ij as i, j, and i, j = 1 as one relation of both."""
    if isinstance(lower, Product) and all(not sign and isinstance(factor, Symbol) for sign, factor in lower.factors):
        return Tuple(tuple([factor for _, factor in lower.factors]), span=lower.span)
    if isinstance(lower, Tuple) and len(lower.items) > 1:
        *letters, last = lower.items
        if isinstance(last, Relation) and last.first is not None and all(map(is_letter, letters)):
            return replace(
                last, first=Tuple((*letters, last.first), span=span_over([*letters, last.first])), span=lower.span
            )
    return lower


def differentiated(derivative: Partial, following: list[Any]) -> int:
    """How many items a derivative takes of those behind it: brackets, or all; refused where that is not clear."""
    first = following[0]
    scripted = isinstance(first, Scripted) and isinstance(first.base, Brackets)
    alone = isinstance(first, Brackets) or (scripted and not any(map(is_transposition, first.upper)))  # (x − μ)ᵀ …
    others = following[1:] if not alone or getattr(following[1:2], "type", None) != "OPERATOR" else []
    bases = [part.base if isinstance(part, Scripted) else part for part in derivative.by]
    for other in others:
        chained = isinstance(other, Partial)
        mentioned = isinstance(other, Expr) and any(node in bases for node in walk(other))
        if (chained and not alone) or (mentioned and alone and not chained):
            raise NotRead("whether this is differentiated, too, is not clear: write brackets", span_over([other]))
        if chained:
            break
    return 1 if alone else len(following)


def function(items: Sequence[Any], k: int) -> tuple[Expr, int]:
    """A function with its argument: brackets, or what follows up to the next operator, function or sum."""
    item = items[k]
    word: Expr = Symbol(item.value, "word", span=item.span)
    following = items[k + 1 :]
    if item.lower and item.value in ("max", "min") and not (following and is_tuple(following[0])):
        return big_of(item, following), len(items)
    if item.lower or item.upper or item.primes:
        lower = tuple([part for node in item.lower for part in split(node)])
        word = Scripted(word, lower, item.upper, item.primes, span=item.span)
    if not following:
        return word, k + 1
    first = following[0]
    if isinstance(first, Brackets) and first.kind in ("(", "[", "{"):
        return Apply(word, first, span=span_over([item, first])), k + 2
    if isinstance(first, Brackets) and not first.kind:  # in braces
        if len(following) > 1 and not ends_argument(following[1]):
            raise NotRead(f"whether {item.value} is of what follows, too, is not clear: write brackets", first.span)
        return Apply(word, first.body, span=span_over([item, first])), k + 2
    if isinstance(first, Scripted) and isinstance(first.base, Brackets) and first.base.kind in ("(", "["):
        if not first.lower and item.value in OF_NUMBERS:
            raise NotRead(
                "a power behind a function's brackets: of the function, or of what stands in them?", first.span
            )
        applied = Apply(word, first.base, span=span_over([item, first.base]))
        return replace(first, base=applied, span=span_over([item, first])), k + 2
    taken = 0
    for other in following:
        if getattr(other, "type", None) == "OPERATOR" or (taken and ends_argument(other)):
            break
        taken += 1
        if isinstance(other, Loose):
            taken = len(following)
            break
    if not taken:
        raise NotRead(f"{item.value} without an argument", item.span)
    argument = product_of(following[:taken])
    if multiplies(argument):
        raise NotRead(f"whether {item.value} is of the brackets, too, is not clear: write more of them", argument.span)
    return Apply(word, argument, span=span_over([item, argument])), k + 1 + taken


OF_NUMBERS: Final = frozenset(FUNCTIONS) - {"max", "min", "det", "tr", "Tr", "trace", "diag", "softmax"}
"""Functions whose powers are written in two ways."""


def ends_argument(item: Any) -> bool:
    """Whether a function's argument without brackets ends before an item: an operator, a function, a sum."""
    is_word = isinstance(item, Symbol) and item.style == "word" and item.name in FUNCTIONS
    return is_word or isinstance(item, Loose) or getattr(item, "type", None) == "OPERATOR"


def multiplies(argument: Expr) -> bool:
    """y(1 − y): a letter beside brackets that hold it, too, which is no function of itself."""
    factors = argument.factors if isinstance(argument, Product) else ()
    for (_, first), (sign, second) in pairwise(factors):
        if not sign and is_letter(first) and isinstance(second, Brackets) and first in walk(second.body):
            return True
    return False


def is_tuple(node: Any) -> bool:
    """(a, b)."""
    return isinstance(node, Brackets) and isinstance(node.body, Tuple)


def nabla(items: Sequence[Any], k: int) -> tuple[Expr, int]:
    """∇ with what it is by, and the factor that follows."""
    item = items[k]
    by = tuple([part for node in item.lower for part in by_of(node)])
    if k + 1 >= len(items):
        return Partial("∇", None, by, item.upper, True, span=item.span), k + 1
    if getattr(items[k + 1], "type", None) == "OPERATOR":
        raise NotRead(f"∇ {items[k + 1]}, a divergence, is not read", span_over(items[k : k + 2]))
    of, after = operand(items, k + 1)
    if after < len(items) and isinstance(of, Scripted) and any(map(is_transposition, of.upper)):
        raise NotRead(
            "whether the gradient is transposed, or what stands behind ∇, is not clear: write brackets", of.span
        )
    if is_coefficient(of) and after < len(items) and getattr(items[after], "type", None) != "OPERATOR":  # ∇ ½ ‖x‖²
        factor, after = operand(items, after)
        of = Product((("", of), ("", factor)), span=span_over([of, factor]))
    if (
        after < len(items)
        and isinstance(items[after], Brackets)
        and isinstance(of, (Symbol, Scripted))
        and items[after].kind == "("
    ):
        of = Product((("", of), ("", items[after])), span=span_over([of, items[after]]))
        after += 1
    if after < len(items) and isinstance(of, (Symbol, Scripted)) and is_transposed_argument(items[after]):  # ∇f(x)ᵀ
        called = Product((("", of), ("", items[after].base)), span=span_over([of, items[after]]))
        found = Partial("∇", called, by, item.upper, True, span=span_over([item, called]))
        return replace(items[after], base=Brackets("(", found, span=found.span)), after + 1
    return Partial("∇", of, by, item.upper, True, span=span_over([item, of])), after


def is_transposed_argument(item: Any) -> bool:
    """(x)ᵀ: brackets with a T, and nothing else, above."""
    return (
        isinstance(item, Scripted)
        and is_argument(item.base)
        and not (item.lower or item.primes)
        and all(map(is_transposition, item.upper))
    )


def by_of(node: Expr) -> list[Expr]:
    """What ∇ is by: of w_{y_i} one, of j,W two."""
    node = bare(node)
    return list(node.items) if isinstance(node, Tuple) else [node]
