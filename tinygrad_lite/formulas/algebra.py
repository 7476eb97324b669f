"""Formulas for whole arrays, and how they are added, multiplied, summed and rewritten.

A :class:`Formula` is a sum of products of names, function values, sums and matrix products, in the notation of
textbooks. Entry by entry, arrays multiply as numbers do, so products are collected (y · y is y², t/y · y is t); matrix
products keep their order; what does not vary along an axis comes out of the sum over it. No SymPy is needed.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any, Final

import numpy as np

from .atoms import Atom, Monomial, Shape, Term, is_single, monomial_product
from .rendering import text
from .words import Setting, word_of


class Formula:
    """A formula for an array: a sum of terms. Two formulas are compared by ``.key``."""

    __slots__ = ("key", "shape", "terms")

    def __init__(self, terms: Iterable[Term], shape: Shape) -> None:
        collected: dict[Any, Term] = {}
        for coefficient, monomial in terms:
            known = frozenset(monomial.items())
            if known in collected:
                coefficient = collected[known][0] + coefficient
            collected[known] = (coefficient, monomial)
        remaining = [(known, term) for known, term in collected.items() if term[0] != 0]
        self.terms: tuple[Term, ...] = tuple([term for _, term in remaining])
        self.shape = shape
        self.key = frozenset([(coefficient, known) for known, (coefficient, _) in remaining])

    def __repr__(self) -> str:
        return text(self)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def only(self) -> Atom:
        """The one atom that this formula is."""
        ((_, monomial),) = self.terms
        (atom,) = monomial
        return atom


# ---------------------------------------------------------------------------------------------------------------------
# Making formulas


def symbol(name: str, shape: Shape = ()) -> Formula:
    """A name for an array."""
    return single(Atom("name", (name,), shape))


def single(atom: Atom, coefficient: Any = 1) -> Formula:
    """An atom alone, or a multiple of it."""
    return Formula([(coefficient, {atom: Fraction(1)})], atom.shape)


def number(value: Any, shape: Shape = ()) -> Formula:
    """One number in every entry."""
    return Formula([(Fraction(value) if isinstance(value, int) else value, {})], shape)


def call(function: str, *operands: Formula | Setting, shape: Shape | None = None) -> Formula:
    """A function's value, with settings as its last operands; elementwise unless told the shape."""
    if shape is None:
        shape = np.broadcast_shapes(*[x.shape for x in operands if isinstance(x, Formula)])
    return single(Atom("call", (function, *operands), shape))


COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "≠": operator.ne,
    "<": operator.lt,
    "≤": operator.le,
    ">": operator.gt,
    "≥": operator.ge,
}


def bracket(sign: str, a: Formula, b: Formula) -> Formula:
    """Iverson's bracket: 1 where the comparison holds; of two numbers, 1 or 0."""
    left, right = constant(a), constant(b)
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return number(int(COMPARISONS[sign](left, right)), np.broadcast_shapes(a.shape, b.shape))
    return single(Atom("bracket", (sign, a, b), np.broadcast_shapes(a.shape, b.shape)))


LOGARITHMS: Final = {math.log(2): "ln 2", math.log(10): "ln 10"}


def as_formula(x: Any) -> Formula:
    """A number or an array as a formula; a formula itself."""
    if isinstance(x, Formula):
        return x
    if isinstance(x, np.ndarray) and x.ndim:
        if x.size and (x == x.flat[0]).all():
            return number(exact_fraction(x.flat[0].item()), x.shape)
        rows = x.reshape(-1, x.shape[-1])
        onehot = x.dtype == bool and (rows.sum(axis=-1) == 1).all()
        return symbol(word_of("t" if onehot else "constant", x), x.shape)
    value = x.item() if isinstance(x, (np.generic, np.ndarray)) else x
    if isinstance(value, float) and value in LOGARITHMS:
        return symbol(LOGARITHMS[value])
    return number(exact_fraction(value))


def exact_fraction(x: Any) -> Any:
    """A number as an exact fraction, if it is a simple one."""
    if isinstance(x, float):
        if not math.isfinite(x):
            return x
        near = Fraction(x).limit_denominator(1000)
        return near if float(near) == x else x
    return Fraction(x)


def constant(x: Formula) -> Any:
    """The number that a formula is, or None."""
    if not x.terms:
        return Fraction(0)
    if len(x.terms) == 1 and not x.terms[0][1]:
        return x.terms[0][0]
    return None


# ---------------------------------------------------------------------------------------------------------------------
# Sums and products


def plus(a: Formula, b: Formula) -> Formula:
    """a + b; the guard of x + (x = 0), which only keeps a denominator from 0, is not written."""
    if is_guard("=", a, b):
        return a
    return Formula([*a.terms, *b.terms], np.broadcast_shapes(a.shape, b.shape))


def sum_of_formulas(parts: Iterable[Formula], shape: Shape) -> Formula:
    """The sum of many formulas as :func:`plus` adds them, in time in proportion to their number."""
    terms: list[Term] = []
    for part in parts:
        mask = len(part.terms) == 1 and all(atom.head == "bracket" for atom in part.terms[0][1])
        if not (mask and is_guard("=", Formula(terms, shape), part)):
            terms += part.terms
    return Formula(terms, shape)


def minus(a: Formula, b: Formula) -> Formula:
    """a − b; in the exponent b − (b ≠ 0) of a derivative, b − 1."""
    return plus(a, multiple(number(1) if is_guard("≠", a, b) else b, -1))


def is_guard(sign: str, x: Formula, mask: Formula) -> bool:
    """Whether a mask only guards x against 0, as in x + (x == 0), or there where something else is 0 too: that is not
    written, for where x is 0 there is no derivative to write.
    """
    if len(mask.terms) != 1:
        return False
    atoms = list(mask.terms[0][1])
    compared = [a.args[1].key for a in atoms if a.head == "bracket" and a.args[0] == sign and not a.args[2].terms]
    return len(compared) == len(atoms) and x.key in compared


def multiple(x: Formula, factor: Any) -> Formula:
    """A formula times a number."""
    return Formula([(factor * c, m) for c, m in x.terms], x.shape)


def as_term(x: Formula) -> Term:
    """A formula as one term; a sum becomes one in parentheses."""
    if len(x.terms) == 1:
        return x.terms[0]
    return 1, {Atom("group", (x,), x.shape): Fraction(1)}


def times(a: Formula, b: Formula) -> Formula:
    """A product entry by entry; sums stay in parentheses."""
    shape = np.broadcast_shapes(a.shape, b.shape)
    if not a.terms or not b.terms:
        return Formula((), shape)
    for x, y in ((a, b), (b, a)):
        value = constant(x)
        if value is not None:
            return Formula([(value * c, m) for c, m in y.terms], shape)
    (c, m), (d, n) = as_term(a), as_term(b)
    return Formula([(c * d, monomial_product(m, n))], shape)


def over(a: Formula, b: Formula) -> Formula:
    """A quotient entry by entry."""
    return times(a, to_power(b, Fraction(-1)))


def to_power(x: Formula, power: Fraction) -> Formula:
    """An integer or fractional power."""
    if power == 1:
        return x
    if not power:
        return number(Fraction(1), x.shape)
    c, monomial = as_term(x)
    exact = Fraction(c) if isinstance(c, int) else c
    scale = exact if c == 1 else exact**power if power.denominator > 1 else exact ** int(power)
    return Formula([(scale, {atom: p * power for atom, p in monomial.items()})], x.shape)


def matrix_product(a: Formula, b: Formula) -> Formula:
    """a @ b; numbers come out, products are written without parentheses, unless A x is one side of wᵀ (A x)."""
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    shape = (*lead, *a.shape[-2:-1], *(b.shape[-1:] if b.ndim > 1 else ()))
    (c, m), (d, n) = as_term(a), as_term(b)
    if not a.terms or not b.terms:
        return Formula((), shape)
    parts: list[Any] = []
    for monomial, whole, joint in ((m, a, -1), (n, b, 0)):
        ((atom, power), *others) = monomial.items() or [(None, Fraction(0))]
        if atom is not None and atom.head == "matmul" and not others and power == 1 and atom.args[joint].ndim > 1:
            parts.extend(atom.args)
        else:
            parts.append(Formula([(1, monomial)], whole.shape))
    return single(Atom("matmul", tuple(parts), shape), c * d)


# ---------------------------------------------------------------------------------------------------------------------
# Shapes


def in_shape(x: Formula, shape: Shape) -> Formula:
    """The entries in order, in another shape; where axes still line up from the right, nothing needs to be written."""
    if shape == x.shape:
        return x
    short, long = sorted((x.shape, shape), key=len)
    lined_up = long[len(long) - len(short) :] == short and set(long[: len(long) - len(short)]) <= {1}
    if lined_up and not (x.shape == (1,) and shape == (1, 1)):  # a column of one entry is one: δ xᵀ
        return Formula(x.terms, shape)
    if len(x.terms) == 1:
        coefficient, monomial = x.terms[0]
        if not monomial:
            return Formula(x.terms, shape)
        ((atom, power), *others) = monomial.items()
        if atom.head == "shaped" and not others and power == 1 and atom.args[0].shape == shape:
            return multiple(atom.args[0], coefficient)
        return single(Atom("shaped", (Formula([(1, monomial)], x.shape),), shape), coefficient)
    return single(Atom("shaped", (x,), shape))


def matrix_transpose(x: Formula) -> Formula:
    """The last two axes exchanged: of a product of numbers none, of Aᵀ the matrix A itself."""
    shape = (*x.shape[:-2], x.shape[-1], x.shape[-2])
    if len(x.terms) == 1:
        coefficient, monomial = x.terms[0]
        ((atom, power), *others) = monomial.items() or [(None, 0)]
        if atom is not None and not others and power == 1:
            if atom.head == "transpose":
                return multiple(atom.args[0], coefficient)
            return single(Atom("transpose", (single(atom),), shape), coefficient)
    return single(Atom("transpose", (x,), shape)) if any(m for _, m in x.terms) else Formula(x.terms, shape)


def permute(x: Formula, axes: tuple[int, ...]) -> Formula:
    """The axes in another order."""
    if x.ndim < 2:
        return x
    return matrix_transpose(x) if axes == (1, 0) else call("transpose", x, shape=tuple([x.shape[k] for k in axes]))


# ---------------------------------------------------------------------------------------------------------------------
# Sums over axes


def sum_over_axes(x: Formula, axis: Any = None, keepdims: bool = False) -> Formula:
    """Sums over axes: linear, with factors that do not vary along them taken out."""
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(sorted([k % x.ndim for k in axes])) if x.ndim else ()
    if not axes:
        return x
    kept = tuple([1 if k in axes else n for k, n in enumerate(x.shape)])
    found = sum_of_formulas([sum_of_term(c, monomial, axes, x.shape, kept) for c, monomial in x.terms], kept)
    return found if keepdims else in_shape(found, tuple([n for k, n in enumerate(x.shape) if k not in axes]))


def sum_of_term(coefficient: Any, monomial: Monomial, axes: tuple[int, ...], shape: Shape, kept: Shape) -> Formula:
    """One term, summed with axes kept: what does not vary is a factor, vectors and matrices make a matrix product."""
    ndim = len(shape)
    inner = {atom: power for atom, power in monomial.items() if varies(atom, axes, ndim)}
    outer = Formula([(coefficient, {a: p for a, p in monomial.items() if a not in inner})], kept)
    covered = {k for k in axes if any(varies(atom, (k,), ndim) for atom in inner)}
    outer = multiple(outer, math.prod([shape[k] for k in axes if k not in covered]))
    if not covered:
        return outer
    product = contraction(inner, axes, kept)
    if product is None:
        within = np.broadcast_shapes(*[atom.shape for atom in inner])
        offset = ndim - len(within)
        along = tuple([k - offset for k in axes if k >= offset])
        total = Atom("sum", (Formula([(1, inner)], within), along, len(within)), kept[offset:])
        product = Formula([(1, {total: Fraction(1)})], kept)
    return Formula(times(outer, product).terms, kept)


def varies(atom: Atom, axes: tuple[int, ...], ndim: int) -> bool:
    """Whether an atom in a product with ``ndim`` axes has different values along any of the axes."""
    start = ndim - len(atom.shape)
    return any(k >= start and atom.shape[k - start] != 1 for k in axes)


def contraction(inner: Monomial, axes: tuple[int, ...], kept: Shape) -> Formula | None:
    """Σᵢ vᵢ Mᵢⱼ as Mᵀ v, and Σⱼ Mᵢⱼ vⱼ as M v: the product of a matrix and a vector, summed over one axis."""
    if len(inner) != 2 or len(axes) != 1 or any(power != 1 for power in inner.values()) or len(kept) != 2:
        return None
    vector, matrix = sorted(inner, key=lambda atom: math.prod(atom.shape) if len(atom.shape) > 1 else -1)
    if len(matrix.shape) != 2 or 1 in matrix.shape:
        return None
    if vector.head == "shaped" and vector.shape[1:] == (1,) and axes == (0,):
        column: Formula = vector.args[0]
        return in_shape(matrix_product(matrix_transpose(single(matrix)), column), kept)
    if len(vector.shape) == 1 and axes == (1,):
        return in_shape(matrix_product(single(matrix), single(vector)), kept)
    return None


# ---------------------------------------------------------------------------------------------------------------------
# Rewriting


def expand(x: Formula) -> Formula:
    """With parentheses multiplied out, where their power is a small whole number."""
    found = []
    for coefficient, monomial in x.terms:
        product = Formula([(coefficient, {a: p for a, p in monomial.items() if not opens(a, p)})], x.shape)
        for atom, power in monomial.items():
            if opens(atom, power):
                for _ in range(int(power)):
                    inner = expand(atom.args[0])
                    product = Formula(
                        [(c * d, monomial_product(m, n)) for c, m in product.terms for d, n in inner.terms], x.shape
                    )
        found.append(product)
    return sum_of_formulas(found, x.shape)


def cancelled(x: Formula) -> Formula:
    """With those parentheses multiplied out whose denominators are factors beside them: (a/v + b) v is a + b v."""
    found = []
    for coefficient, monomial in x.terms:
        opened = next((atom for atom, power in monomial.items() if power == 1 and divides(atom, monomial)), None)
        if opened is None:
            found.append(Formula([(coefficient, monomial)], x.shape))
            continue
        rest = {atom: power for atom, power in monomial.items() if atom != opened}
        terms = [(coefficient * c, monomial_product(rest, m)) for c, m in opened.args[0].terms]
        found.append(cancelled(Formula(terms, x.shape)))
    return sum_of_formulas(found, x.shape)


def divides(group: Atom, factors: Monomial) -> bool:
    """Whether parentheses have a denominator that is among the factors."""
    if group.head != "group":
        return False
    below = [atom for _, monomial in group.args[0].terms for atom, power in monomial.items() if power < 0]
    return any(factors.get(atom, 0) > 0 for atom in below)


def opens(atom: Atom, power: Fraction) -> bool:
    """Whether a power of parentheses is to be multiplied out."""
    return atom.head == "group" and power.denominator == 1 and 0 < power <= 3


def replace(x: Formula, rule: Callable[[Atom], Formula | None]) -> Formula:
    """With each atom replaced by what the rule gives for it, from the inside out; None leaves it."""
    return sum_of_formulas([replaced_term(term, x.shape, rule) for term in x.terms], x.shape)


def replaced_term(term: Term, shape: Shape, rule: Callable[[Atom], Formula | None]) -> Formula:
    """One term with each of its atoms replaced."""
    coefficient, monomial = term
    product = number(coefficient, shape)
    for atom, power in monomial.items():
        if atom.head == "partial":  # its names say by what it is, and are no values
            new = rule(atom)
            product = times(product, to_power(single(atom) if new is None else new, power))
            continue
        args = tuple([replace(a, rule) if isinstance(a, Formula) else a for a in atom.args])
        if atom.head == "shaped":
            inside = in_shape(args[0], atom.shape)  # of a number that an atom was found to be nothing is to be said
        else:
            inside = args[0] if atom.head == "group" else single(Atom(atom.head, args, atom.shape))
        alone = len(inside.terms) == 1 and inside.terms[0][0] == 1 and is_single(inside.terms[0][1])
        new = rule(atom) if atom.head == "group" else rule(inside.only()) if alone else None
        product = times(product, to_power(inside if new is None else new, power))
    return product


def atoms_of(x: Formula) -> Iterator[Atom]:
    """The atoms of a formula and of their operands, but for the names that derivatives are called by."""
    for _, monomial in x.terms:
        for atom in monomial:
            yield atom
            for operand in atom.args if atom.head != "partial" else ():
                if isinstance(operand, Formula):
                    yield from atoms_of(operand)


def is_symbol(x: Formula) -> bool:
    """Whether a formula is but a name."""
    return len(x.terms) == 1 and x.terms[0][0] == 1 and is_single(x.terms[0][1]) and x.only().head == "name"
