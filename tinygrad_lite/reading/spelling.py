"""What a letter with its scripts is called, and what its scripts are: parts of the name, indices, powers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final, NamedTuple, TypeGuard

from .syntax import (
    Big,
    Brackets,
    Expr,
    Fraction,
    Number,
    Partial,
    Product,
    Relation,
    Scripted,
    Sum,
    Symbol,
    Tuple,
    children,
    walk,
)

MARKS = {"*": "*", "⋆": "*", "∗": "*", "†": "†", "+": "⁺"}
"""Superscripts that are part of a name."""


BLACKBOARD: Final = {"E": "𝔼", "R": "ℝ", "N": "ℕ", "Z": "ℤ", "P": "ℙ", "1": "𝟙", "I": "𝟙", "V": "𝕍"}
"""Letters that mean something else when they are set so."""


class Spelled(NamedTuple):
    """A symbol taken apart.

    Attributes
    ----------
    name : the letter or word, with what belongs to it: σ_sig, d_k where that is declared, w′
    lower, upper : what is left of the scripts
    primes : those of a function: of anything else they are part of the name
    bold, capital : how it is set, which says whether it is a vector or a matrix where nothing else does
    """

    name: str
    lower: tuple[Expr, ...]
    upper: tuple[Expr, ...]
    primes: int
    bold: bool
    capital: bool


def spelled(node: Expr, known: Collection[str], functions: Collection[str]) -> Spelled | None:
    """A symbol taken apart, given the names that are known; None for anything else."""
    node = out_of_brackets(node)
    base = node.base if isinstance(node, Scripted) else node
    if not isinstance(base, Symbol):
        return None
    lower = list(node.lower) if isinstance(node, Scripted) else []
    upper = list(node.upper) if isinstance(node, Scripted) else []
    primes = node.primes if isinstance(node, Scripted) else 0
    name = BLACKBOARD.get(base.name, base.name) if base.style == "blackboard" else base.name
    while lower:
        longer = f"{name}_{plain(lower[0])}"
        if is_word(lower[0]) or longer in known:
            name = longer
            lower.pop(0)
        else:
            break
    words = [part for part in lower if is_word(part)]  # a_{j,SM}
    name += "".join([f"_{plain(word)}" for word in words])
    lower = [part for part in lower if part not in words]
    if upper and f"{name}^{plain(upper[0])}" in known:
        name = f"{name}^{plain(upper.pop(0))}"
    if upper and name != "e" and is_word(upper[0]) and plain(upper[0]) not in known:  # w^new
        name = f"{name}^{plain(upper.pop(0))}"
    if upper and isinstance(upper[0], Symbol) and upper[0].name in MARKS:
        name += MARKS[upper.pop(0).name]  # type: ignore[attr-defined]
    if primes and name not in functions:
        name, primes = name + "′" * primes, 0
    return Spelled(name, tuple(lower), tuple(upper), primes, base.style == "bold", base.name[:1].isupper())


def unmarked(name: str) -> str:
    """The letter of θ*, of θ̂ and θ̃, and of θ^new; "" for a name without such a mark, and for x̄, which is a mean."""
    bare = name.partition("^")[0].rstrip("*†⁺\u0302\u0303")
    return bare if bare != name and not name.endswith("^2") else ""


def out_of_brackets(node: Expr) -> Expr:
    """(W_2)_{jk} as W with three subscripts: the known names say which are one."""
    if not isinstance(node, Scripted) or not isinstance(node.base, Brackets) or node.base.kind != "(" or node.upper:
        return node
    inner = node.base.body
    if isinstance(inner, Symbol):
        return replace(node, base=inner)
    if isinstance(inner, Scripted) and isinstance(inner.base, Symbol) and not inner.upper:
        return replace(inner, lower=(*inner.lower, *node.lower), span=node.span)
    return node


def is_word(node: Expr) -> bool:
    """Whether a script is a word, as of σ_sig: never an index."""
    return isinstance(node, Symbol) and (node.style == "word" or len(node.name.rstrip("′̂̄̃̇")) > 1)


def plain(node: Expr) -> str:
    """A formula's text, without regard to how it is set: what names are made of."""
    if isinstance(node, Symbol):
        return node.name
    if isinstance(node, Number):
        return node.text
    if isinstance(node, Scripted):
        lower = "_" + ",".join(map(plain, node.lower)) if node.lower else ""
        upper = "^" + "".join(map(plain, node.upper)) if node.upper else ""
        return plain(node.base) + lower + upper + "′" * node.primes
    if isinstance(node, Sum):
        return "".join(
            [("" if not k and sign == "+" else sign) + plain(term) for k, (sign, term) in enumerate(node.terms)]
        )
    if isinstance(node, Product):
        return "".join([sign + plain(factor) for sign, factor in node.factors])
    if isinstance(node, Brackets):
        return plain(node.body) if not node.kind else node.kind + plain(node.body)
    return " ".join(map(plain, children(node)))


# ---------------------------------------------------------------------------------------------------------------------
# Indices


def letters_in(node: Expr) -> Iterator[str]:
    """The letters that stand as indices anywhere in a formula, those of sums inside it left out."""
    if isinstance(node, Scripted):
        for script in node.lower:
            yield from [part.name for part in walk(script) if isinstance(part, Symbol) and not is_word(part)]
    bound = set(bound_letters(node)) if isinstance(node, Big) else set()
    parts = (*node.by, *([node.of] if node.of is not None else [])) if isinstance(node, Partial) else children(node)
    for child in parts:
        yield from [letter for letter in letters_in(child) if letter not in bound]


def names_in_scripts(node: Expr) -> Iterator[str]:
    """The names in subscripts and superscripts, but for those that a sum around runs over."""
    for script in (*node.upper, *node.lower) if isinstance(node, Scripted) else ():
        yield from [part.name for part in walk(script) if isinstance(part, Symbol)]
    bound = set(bound_letters(node)) if isinstance(node, Big) else set()
    for child in children(node):
        yield from [name for name in names_in_scripts(child) if name not in bound]


def letters_in_limits(node: Expr) -> Iterator[str]:
    """The letters in what stands below sums, but for those that the sums run over: of Σ_{i ≠ k} k."""
    for big in walk(node):
        if isinstance(big, Big) and isinstance(big.lower, (Relation, Tuple)):
            bound = bound_letters(big)
            yield from [part.name for part in walk(big.lower) if isinstance(part, Symbol) and part.name not in bound]


def bound_letters(big: Big) -> list[str]:
    """The letters that a sum may run over: in what stands below it, before the first sign of relation."""
    below = big.lower
    if isinstance(below, Relation):
        if below.first is None:
            return []
        sign = below.rest[0][0] if below.rest else "="
        sides = [below.first, *[side for _, side in below.rest]] if sign in ("<", ">", "≤", "≥") else [below.first]
    else:
        sides = [] if below is None else [below]
    found: list[str] = []
    for side in sides:
        items = items_of(side)
        found += [name for item in items if (name := letter(item)) is not None]
    return found


def partner(big: Big) -> str | None:
    """j of Σ_{i ≠ j}, which the sum runs over, too, where nothing else says what it is; None for any other sum."""
    below = big.lower
    if not isinstance(below, Relation) or below.first is None or [sign for sign, _ in below.rest] != ["≠"]:
        return None
    return letter(below.rest[0][1]) if letter(below.first) is not None else None


def items_of(node: Expr) -> tuple[Expr, ...]:
    """What stands between commas, in brackets or not; of anything else itself."""
    inner = node.body if is_tuple_in_brackets(node) else node
    return inner.items if isinstance(inner, Tuple) else (inner,)


def is_tuple_in_brackets(node: Expr) -> TypeGuard[Brackets]:
    """(d, n)."""
    return isinstance(node, Brackets) and isinstance(node.body, Tuple)


def letter(node: Expr) -> str | None:
    """The letter that an index is, with its primes; None for anything else."""
    if isinstance(node, Symbol):
        return node.name
    if (
        isinstance(node, Scripted)
        and isinstance(node.base, Symbol)
        and node.primes
        and not node.lower
        and not node.upper
    ):
        return node.base.name + "′" * node.primes
    return None


def number_of(node: Expr | None) -> int | None:
    """A whole number as printed."""
    return int(node.text) if isinstance(node, Number) and node.text.isdigit() else None


def ends_before(last: Expr | None) -> bool:
    """n − 1."""
    return (
        isinstance(last, Sum) and len(last.terms) == 2 and last.terms[1][0] == "−" and number_of(last.terms[1][1]) == 1
    )


def is_coefficient(node: Expr) -> bool:
    """A number, or a quotient of numbers: what is differentiated stands behind it."""
    return isinstance(node, Number) or (
        isinstance(node, Fraction) and isinstance(node.above, Number) and isinstance(node.below, Number)
    )


def stands_above_signs(node: Scripted) -> bool:
    """Whether the last superscript would read as a part of those before it, as the T of (a^{L − 1})^T."""
    return any(isinstance(part, (Sum, Product, Fraction)) for part in node.upper[:-1])
