"""Formulas as trees, as they stand on the page: nothing is said here of what they mean.

A tree keeps what is printed: juxtaposition is a product with the operator ``""``, for whether ``σ(z)`` applies a
function or multiplies depends on what σ is; a superscript ``2`` may be a power, a layer or part of a name. Every node
knows the place it was read from, ``span``, which does not count when nodes are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Final

Span = tuple[int, int]
"""Where it begins in the formula's text, and where it ends."""

NOWHERE: Span = (0, 0)


@dataclass(frozen=True)
class Expr:
    """Anything a formula consists of."""

    span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)

    @cached_property
    def directly_below(self) -> tuple[Expr, ...]:
        """What :func:`children` gives, for trees are gone through again and again."""
        return tuple([child for name in contents(self) for child in nodes_in(getattr(self, name))])


@dataclass(frozen=True)
class Number(Expr):
    """A number as printed: 2, 0.044715."""

    text: str


@dataclass(frozen=True)
class Symbol(Expr):
    r"""A letter or a word.

    Attributes
    ----------
    name : in Unicode: z, σ, ŷ for ``\hat y``, ℓ; a word, as of ``\text{CE}`` or ``\operatorname{tr}``
    style : "" or "bold", of ``\mathbf``, ``\boldsymbol``, ``\vec``, ``\overrightarrow``: a vector or a matrix;
        "blackboard" of ``\mathbb``, "script" of ``\mathcal``, "word" of what is set upright or as text
    """

    name: str
    style: str = ""


@dataclass(frozen=True)
class Scripted(Expr):
    r"""A base with what stands below, above, and behind it.

    Attributes
    ----------
    lower : the subscripts, one for each index: of ``w_{ij}`` i and j, of ``x_{i,j}`` too; of ``\sigma_{\text{sig}}`` a
        word;
        of ``a_{y_i}`` one that has a subscript itself
    upper : the superscripts, as they stand one after the other: of ``A^{[l-1]T}`` a group [l−1] and the symbol T
    primes : how many
    """

    base: Expr
    lower: tuple[Expr, ...] = ()
    upper: tuple[Expr, ...] = ()
    primes: int = 0


@dataclass(frozen=True)
class Brackets(Expr):
    """What stands in brackets; ``kind`` is the opening one: ( [ { | ‖ ⟨, or "" for braces that TeX alone sees."""

    kind: str
    body: Expr


@dataclass(frozen=True)
class Tuple(Expr):
    """Expressions with commas between, as arguments or in brackets."""

    items: tuple[Expr, ...]


@dataclass(frozen=True)
class Sum(Expr):
    """Terms with their signs, "+", "−" or "±"; a single negative term, too."""

    terms: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class Product(Expr):
    r"""Factors, each with the operator before it.

    Attributes
    ----------
    factors : the operator is "" for the first and for what is juxtaposed; else "·" ``\cdot``, "×" ``\times``, "⊙"
        ``\odot``, "∘" ``\circ``, "⊗" ``\otimes``, "*", "/", ":"
    """

    factors: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class Fraction(Expr):
    """A numerator above a denominator."""

    above: Expr
    below: Expr


@dataclass(frozen=True)
class Root(Expr):
    """A square root; or another, with its degree."""

    body: Expr
    degree: Expr | None = None


@dataclass(frozen=True)
class Apply(Expr):
    r"""A function that TeX has a command for, with its argument: ``\ln y_k``, ``\tanh^2(z)``.

    Attributes
    ----------
    function : a Symbol of style "word", or Scripted with that as its base
    argument : what it is applied to: Brackets where it stands in brackets, and else the factors that follow up to
        the next sign, operator, function or big operator
    """

    function: Expr
    argument: Expr


@dataclass(frozen=True)
class Big(Expr):
    """A sum, a product, a maximum over something, with what it runs over and the term behind it.

    Attributes
    ----------
    operator : "∑", "∏", "max", "min", "argmax", "argmin", "lim", "∫" or "𝔼"
    lower, upper : below and above: ``k=1`` is a Relation, ``K`` alone a Symbol; None where nothing stands
    body : the term that follows, up to the next + or − that is not in brackets; a sign right behind the operator is
        part of it; None where it ends the formula
    """

    operator: str
    lower: Expr | None
    upper: Expr | None
    body: Expr | None


@dataclass(frozen=True)
class Partial(Expr):
    r"""A derivative with respect to something.

    Attributes
    ----------
    sign : "∂" or "d" of a quotient, "∇" of a gradient
    of : what is differentiated; None where nothing follows (``\nabla_W`` alone)
    by : with respect to what, one for each ∂ below: of ``\frac{\partial^2 f}{\partial x \partial y}`` two; of ∇ its
        subscripts, none where it has none
    upper : superscripts of ∇, as Vege's ``\nabla_{\mathbf a}^L``
    applied : whether what is differentiated stands behind the quotient, ``\frac{\partial}{\partial z} f``
    """

    sign: str
    of: Expr | None
    by: tuple[Expr, ...]
    upper: tuple[Expr, ...] = ()
    applied: bool = False


@dataclass(frozen=True)
class Differential(Expr):
    """``dX`` alone, outside of a quotient: ``df = 2 M : dM``."""

    of: Expr


@dataclass(frozen=True)
class Words(Expr):
    r"""Text in a formula, as ``\text{if }``: parts of it may be formulas."""

    parts: tuple[str | Expr, ...]

    @property
    def formula(self) -> Expr | None:
        """The formula among the words, where there is one and no other."""
        found = [part for part in self.parts if isinstance(part, Expr)]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class Cases(Expr):
    """One of several expressions, each with its condition; None for "otherwise"."""

    rows: tuple[tuple[Expr, Expr | None], ...]


@dataclass(frozen=True)
class Matrix(Expr):
    """Entries in rows, in brackets of a kind: [ ( |."""

    rows: tuple[tuple[Expr, ...], ...]
    kind: str = "["


@dataclass(frozen=True)
class Relation(Expr):
    """Sides with signs between: a chain of equalities, a condition.

    Attributes
    ----------
    first : the left side; None where the line goes on from the one before
    rest : each sign with the side behind it: = ≠ < > ≤ ≥ ∈ ≈ ∝ := → ~ ≡ ⟹ ⟺
    """

    first: Expr | None
    rest: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class Qualified(Expr):
    r"""A relation with conditions: ``…, \quad i = j``, ``… \text{ for } z > 0``, ``… \text{ if } …``."""

    body: Expr
    conditions: tuple[Expr, ...]


@dataclass(frozen=True)
class Annotated(Expr):
    r"""What is underbraced or boxed, with what is said of it; ``how`` is the command."""

    how: str
    body: Expr
    note: Expr | None = None


@dataclass(frozen=True)
class Dots(Expr):
    r"""``\dots`` between terms or factors: what stands for those left out."""


# ---------------------------------------------------------------------------------------------------------------------
# Going through trees


CONTENTS: Final[dict[type[Expr], tuple[str, ...]]] = {}


def contents(node: Expr) -> tuple[str, ...]:
    """The names of what a node consists of: its fields, but for where it stands."""
    kind = type(node)
    if kind not in CONTENTS:  # which fields() takes long to find
        CONTENTS[kind] = tuple([entry.name for entry in fields(node) if entry.name != "span"])
    return CONTENTS[kind]


def children(node: Expr) -> tuple[Expr, ...]:
    """The nodes directly below one, in the order they are printed in."""
    return node.directly_below


def nodes_in(value: Any) -> Iterator[Expr]:
    """The nodes in a field's value: itself, or in tuples."""
    if isinstance(value, Expr):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from nodes_in(part)


def walk(node: Expr) -> Iterator[Expr]:
    """A node and all below it, each before what it consists of."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += reversed(children(found))


def with_parents(node: Expr, parent: Expr | None = None) -> Iterator[tuple[Expr, Expr | None]]:
    """Every node with the one it is directly below."""
    yield node, parent
    for child in children(node):
        yield from with_parents(child, node)


def with_children(node: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """The node with each of those directly below it changed."""

    def changed(value: Any) -> Any:
        if isinstance(value, Expr):
            return change(value)
        if isinstance(value, tuple):
            return tuple([changed(part) for part in value])
        return value

    return replace(node, **{name: changed(getattr(node, name)) for name in contents(node)})
