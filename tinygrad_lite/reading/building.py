"""From flat sequences of items to trees: what functions, sums and derivatives take of what follows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any, Final

from .names import bound_letters, is_coefficient, plain
from .syntax import (
    Annotated,
    Apply,
    Big,
    Cases,
    Derivative,
    Dots,
    Expr,
    Fraction,
    Group,
    Matrix,
    Number,
    Product,
    Qualified,
    Relation,
    Root,
    Scripted,
    Span,
    Sum,
    Symbol,
    Tuple,
    Words,
    walk,
)
from .tex import BIG, FUNCTIONS, SCRIPT, NotRead, library


def span_over(parts: Sequence[Any]) -> Span:
    """From the first to the last of nodes and tokens."""
    spans = [
        part.span if isinstance(part, (Expr, Loose)) else (part.start_pos, part.end_pos)
        for part in parts
        if isinstance(part, (Expr, Loose)) or getattr(part, "start_pos", None) is not None
    ]
    return (min([a for a, _ in spans]), max([b for _, b in spans])) if spans else (0, 0)


class Loose:
    """An item of a sequence that takes what follows it: a function, a big operator, ∇; or an operator between factors."""

    def __init__(self, kind: str, value: str, span: Span) -> None:
        self.kind, self.value, self.span = kind, value, span
        self.lower: tuple[Expr, ...] = ()
        self.upper: tuple[Expr, ...] = ()
        self.primes = 0


@cache
def transformer_class() -> Any:
    """From lark's trees to ours, bottom up."""
    lark = library()

    class Builder(lark.Transformer):  # type: ignore[misc]
        """Each method is called by the name of a rule with what its parts have become."""

        def start(self, parts: Any) -> Expr:
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
                return Group("", Tuple((), span=span_over(parts)), span=span_over(parts))
            return inner if is_atom(inner) else Group("", inner, span=span_over(parts))

        def given(self, parts: Any) -> Expr:
            inner = next(part for part in parts if isinstance(part, Expr))
            return Group("", inner, span=span_over(parts))

        def brackets(self, parts: Any) -> Expr:
            inner = next((part for part in parts if isinstance(part, Expr)), Tuple((), span=span_over(parts)))
            return Group(str(parts[0]), inner, span=span_over(parts))

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
            inner = parts[2].body if isinstance(parts[2], Group) else parts[2]
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

    return Builder


# ---------------------------------------------------------------------------------------------------------------------
# From flat sequences to trees


def bare(node: Any) -> Expr:
    """What stands in braces that TeX alone sees."""
    if isinstance(node, Loose):
        raise NotRead(f"{node.value} without what it is of", node.span)
    return node.body if isinstance(node, Group) and not node.kind else node  # type: ignore[no-any-return]


def is_atom(node: Expr) -> bool:
    """What braces around make no difference to."""
    return isinstance(node, (Symbol, Number, Scripted, Fraction, Group, Root, Annotated, Dots)) or (
        isinstance(node, Tuple) and False
    )


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
        return Relation(parts[0], rest, span=span_over(parts)) if rest else parts[0]  # type: ignore[no-any-return]
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
            k += 1
            items = [*items, operand if signed == "+" else Group("", operand, span=operand.span)]
        if isinstance(last, Loose) and last.kind == "operator" and k < len(terms):  # a · −b
            signed, following = terms[k]
            operand = sum_from([(signed, following)], span_over(following))
            k += 1
            items = [*items, operand if signed == "+" else Group("", operand, span=operand.span)]
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
        isinstance(item, Derivative) and item.of is None and item.applied
    )


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
        if isinstance(node, Loose):
            node = Symbol(node.value, "word", span=node.span)
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
            *[bare(node) if not isinstance(node, Loose) else node for kind, node in scripts if kind == "below"],
        )
        base.upper, base.primes = tuple(upper), primes
        return base
    if isinstance(base, Annotated) and base.how in ("underbrace", "overbrace"):
        return replace(base, note=lower[0] if len(lower) == 1 else Tuple(tuple(lower))) if lower else base
    if isinstance(base, Derivative):
        if lower or upper or primes:
            raise NotRead("scripts on a derivative: write brackets", base.span)
        return base
    if not (lower or upper or primes):
        return base
    if isinstance(base, Annotated):
        must_show(base, (Sum, Product, Big, Apply))
    if isinstance(base, Group) and not base.kind:
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
        if isinstance(parts[0], Group) and parts[0].kind in ("[", "(", "⟨"):
            return parts
        if is_transposition(parts[-1]) and len(parts) > 1:
            return [*([parts[0]] if len(parts) == 2 else [replace(node, factors=node.factors[:-1])]), parts[-1]]
        if any(isinstance(part, Symbol) and part.name == "′" for part in parts):
            return parts
    if isinstance(node, Tuple):
        return [part for item in node.items for part in superscripts(item)]
    return [node]


def is_transposition(node: Expr) -> bool:
    """T."""
    return isinstance(node, Symbol) and node.name in ("T", "⊤")


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
    if style == "bold" and isinstance(inner, (Product, Group, Sum)):
        raise NotRead("a whole formula in bold: set the letters in bold", span)
    return inner


def accented_of(node: Any, accent: str, span: Span) -> Expr:
    """A letter with something above it."""
    inner = bare(node)
    if isinstance(inner, Symbol) and (len(unicodedata.normalize("NFC", inner.name)) == 1 or accent == "\u0304"):
        return Symbol(inner.name + accent, inner.style, span=span)
    if isinstance(inner, Scripted) and isinstance(inner.base, Symbol):
        return replace(inner, base=accented_of(inner.base, accent, inner.base.span), span=span)
    raise NotRead("an accent over more than a letter", span)


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
        elif not sign and isinstance(previous, Derivative) and not previous.applied and is_argument(node):
            raise NotRead("whether the derivative is taken there, or multiplied, is not clear", span_over([node]))
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


def must_show(node: Expr, hidden: tuple[type[Expr], ...]) -> None:
    """Raise NotRead for what is read as one only for braces, which do not show, or a brace below or above it."""
    annotated = isinstance(node, Annotated) and node.how not in ("boxed", "fbox")
    body = node.body if isinstance(node, Annotated) or (isinstance(node, Group) and not node.kind) else None
    several = isinstance(body, Sum) and (len(body.terms) > 1 or not annotated)
    if body is not None and isinstance(body, hidden) and (several or not isinstance(body, Sum)):
        raise NotRead("this is one thing only in braces, which do not show: write brackets", node.span)


def is_argument(node: Expr) -> bool:
    """(x), (x, y): brackets with a letter in them, as arguments have."""
    if not isinstance(node, Group) or node.kind != "(":
        return False
    items = node.body.items if isinstance(node.body, Tuple) else (node.body,)
    return all(is_letter(item) and not (isinstance(item, Scripted) and item.upper) for item in items)


def is_call(previous: Expr | None, node: Scripted) -> bool:
    """σ(z)_i: brackets with an index directly behind a symbol."""
    base = previous.base if isinstance(previous, Scripted) else previous
    return isinstance(base, Symbol) and base.name != "∂" and isinstance(node.base, Group) and node.base.kind == "("


def operand(items: Sequence[Any], k: int) -> tuple[Expr, int]:
    """The factor at a place, and where the next one begins."""
    item = items[k]
    if isinstance(item, Loose):
        if item.kind == "big":
            return big_of(item, items[k + 1 :]), len(items)
        if item.kind == "nabla":
            return nabla(items, k)
        return function(items, k)
    if isinstance(item, Derivative) and item.of is None and item.applied:
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


def differentiated(derivative: Derivative, following: list[Any]) -> int:
    """How many items a derivative takes of those behind it: brackets, or all; refused where that is not clear."""
    first = following[0]
    scripted = isinstance(first, Scripted) and isinstance(first.base, Group)
    alone = isinstance(first, Group) or (scripted and not any(map(is_transposition, first.upper)))  # (x − μ)ᵀ …
    others = following[1:] if not alone or getattr(following[1:2], "type", None) != "OPERATOR" else []
    bases = [part.base if isinstance(part, Scripted) else part for part in derivative.by]
    for other in others:
        chained = isinstance(other, Derivative)
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
    if isinstance(first, Group) and first.kind in ("(", "[", "{"):
        return Apply(word, first, span=span_over([item, first])), k + 2
    if isinstance(first, Group) and not first.kind:  # in braces
        if len(following) > 1 and not ends_argument(following[1]):
            raise NotRead(f"whether {item.value} is of what follows, too, is not clear: write brackets", first.span)
        return Apply(word, first.body, span=span_over([item, first])), k + 2
    if isinstance(first, Scripted) and isinstance(first.base, Group) and first.base.kind in ("(", "["):
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
        if not sign and is_letter(first) and isinstance(second, Group) and first in walk(second.body):
            return True
    return False


def is_tuple(node: Any) -> bool:
    """(a, b)."""
    return isinstance(node, Group) and isinstance(node.body, Tuple)


def nabla(items: Sequence[Any], k: int) -> tuple[Expr, int]:
    """∇ with what it is by, and the factor that follows."""
    item = items[k]
    by = tuple([part for node in item.lower for part in by_of(node)])
    if k + 1 >= len(items):
        return Derivative("∇", None, by, item.upper, True, span=item.span), k + 1
    if getattr(items[k + 1], "type", None) == "OPERATOR":
        raise NotRead(f"∇ {items[k + 1]}, a divergence, is not read", span_over(items[k : k + 2]))
    of, after = operand(items, k + 1)
    if after < len(items) and isinstance(of, Scripted) and any(map(is_transposition, of.upper)):
        raise NotRead(
            "whether the gradient is transposed, or what stands behind ∇, is not clear: write brackets", of.span
        )
    if is_coefficient(of) and after < len(items):  # ∇ ½ ‖x‖²
        factor, after = operand(items, after)
        of = Product((("", of), ("", factor)), span=span_over([of, factor]))
    if (
        after < len(items)
        and isinstance(items[after], Group)
        and isinstance(of, (Symbol, Scripted))
        and items[after].kind == "("
    ):
        of = Product((("", of), ("", items[after])), span=span_over([of, items[after]]))
        after += 1
    return Derivative("∇", of, by, item.upper, True, span=span_over([item, of])), after


def by_of(node: Expr) -> list[Expr]:
    """What ∇ is by: of w_{y_i} one, of j,W two."""
    node = bare(node)
    return list(node.items) if isinstance(node, Tuple) else [node]


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives


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
    inner = product_of(of) if of else None
    return Derivative(sign, inner, tuple(by), applied=inner is None, span=span)


def after_sign(node: Expr) -> tuple[str, int, list[Any]] | None:
    """∂ or d at the front of a product, its order, and what follows; None for anything else."""
    node = node.body if isinstance(node, Group) and not node.kind else node
    factors = list(node.factors) if isinstance(node, Product) else [("", node)]
    _sign, first = factors[0]
    base = first.base if isinstance(first, Scripted) else first
    if not isinstance(base, Symbol) or base.name not in ("∂", "d") or base.style:
        return None
    order = 1
    if isinstance(first, Scripted):
        if first.lower or len(first.upper) != 1 or not isinstance(first.upper[0], Number):
            return None
        order = int(first.upper[0].text)
    rest: list[Any] = []
    for operator, factor in factors[1:]:
        if operator:
            rest.append(Operator(operator, factor.span))
        rest.append(factor)
    return base.name, order, rest


class Operator(str):
    """An operator's token."""

    type = "OPERATOR"

    def __new__(cls, sign: str, span: Span) -> Operator:
        found = super().__new__(cls, sign)
        found.start_pos, found.end_pos = span  # type: ignore[attr-defined]
        return found


def variables(sign: str, items: list[Any], order: int) -> list[Expr]:
    """What a derivative is by, each once for its order: of ∂²f/∂x² x twice, of ∂f/∂W² the second W once."""
    single: list[Expr] = []
    expecting = True
    for item in items:
        if isinstance(item, Symbol) and item.name == sign and not item.style:
            expecting = True
        elif expecting and isinstance(item, (Symbol, Scripted)):
            single.append(item)
            expecting = False
        else:
            several = isinstance(item, (Symbol, Scripted)) and not expecting
            why = "several letters side by side: declare them as one word" if several else "what is no symbol"
            raise NotRead(f"a derivative by {why}", span_over(items))
    found = single if len(single) == order else [part for item in single for part in repeated(item)]
    if len(found) != order or expecting:
        raise NotRead(f"{sign} stands {order} times above and {len(found)} times below", span_over(items))
    return found


def repeated(item: Expr) -> list[Expr]:
    """x² as x twice."""
    if not isinstance(item, Scripted) or not item.upper or not isinstance(item.upper[-1], Number):
        return [item]
    left = item.upper[:-1]
    base = replace(item, upper=left) if left or item.lower or item.primes else item.base
    return [base] * int(item.upper[-1].text)


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
            of = product_of([f for _, f in factors[k + 1 : slash]])
            found = Derivative(sign, of, (below[1][1],), span=span_over([factor, below[1][1]]))
            rest = [*factors[:k], (operator, found), *factors[slash + 2 :]]
            return inline_derivative(replace(product, factors=tuple(rest)) if len(rest) > 1 else found)
    return product


def is_letter(node: Expr) -> bool:
    """A letter or word, with scripts or without."""
    return isinstance(node, Symbol) or (isinstance(node, Scripted) and isinstance(node.base, Symbol))
