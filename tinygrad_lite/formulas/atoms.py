"""What formulas are made of: terms, each a number times a product of powers of atoms."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol

Shape = tuple[int, ...]


class Atom:
    """What products are made of.

    Attributes
    ----------
    head : "name", "call", "sum", "matmul", "transpose", "group" (a sum in parentheses), "shaped" (the same entries in
        another shape), "bracket" (1 where a condition holds, else 0), "index" (a part), "replaced" (with a
        part replaced), "put" (zeros with a part added to), "partial" (a derivative of two names), "entry" (of a
        name, at letters for indices)
    args : names, and formulas as operands
    shape : of its value
    """

    __slots__ = ("args", "head", "key", "shape")

    def __init__(self, head: str, args: tuple[Any, ...], shape: Shape) -> None:
        self.head = head
        self.args = args
        self.shape = shape
        self.key: tuple[Any, ...] = (head, *[getattr(a, "key", a) for a in args])
        if head in ("shaped", "put"):
            self.key = (*self.key, shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


Monomial = Mapping[Atom, Fraction]
"""A product: the powers of its atoms."""

Term = tuple[Any, Monomial]
"""A coefficient and a product."""


class Terms(Protocol):
    """A sum of terms; all that showing it takes."""

    @property
    def terms(self) -> tuple[Term, ...]: ...


def monomial_product(a: Monomial, b: Monomial) -> Monomial:
    """The product of two products: powers of the same atom add up, and vanish at 0."""
    product = dict(a)
    for atom, power in b.items():
        product[atom] = product.get(atom, Fraction(0)) + power
        if not product[atom]:
            del product[atom]
    return product


def is_single(monomial: Monomial) -> bool:
    """Whether a product is one atom, to the power 1."""
    return list(monomial.values()) == [1]
