"""Parts of arrays in formulas: reading them, replacing them, and zeros that hold one.

``y[1:, 0]`` is a part, ``y[1:, 0 ← v]`` the array with that part replaced, ``0[1:, 0 ← g]`` zeros but for it; ``+=`` in
place of ← adds as often as an entry is named. A part that several steps lead to, as ``y.T[0]``, is replaced as
``y[.T[0] ← v]``. Which entries a part has is known, so that what was just written is not read back by its index.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import numpy as np

from ..table.indexing import getitem_p, plain_index
from ..table.parts import Order, Steps, names_once_in, reach, zeros_laid_out
from .algebra import (
    Formula,
    call,
    constant,
    in_shape,
    multiple,
    plus,
    single,
    sum_of_formulas,
    sum_over_axes,
    times,
    to_power,
)
from .atoms import Atom, Shape, Term, is_single
from .words import index_key, steps_text

COMPARED: Final = 10_000
"""Parts of arrays of more entries are told apart by how they are written, not by the entries they have."""


class Selection:
    """The part of an array that some steps lead to.

    Attributes
    ----------
    text : the steps as they are written
    shape : of the part
    once : whether it has no entry twice
    numbers : the entries' numbers in the whole array, in the part's shape; None if they are too many to compare
    key : what tells it from others
    """

    def __init__(self, steps: Steps, whole: Shape, order: Order = None) -> None:
        self.steps = steps
        self.whole = whole
        self.order = order
        self.key = tuple([(step.name, *[index_key(x) for x in params.values()]) for step, params in steps])
        self.text = steps_text(steps)
        self.shape: Shape = reach(zeros_laid_out(whole, np.bool, order), steps).shape

    @cached_property
    def numbers(self) -> Any:
        size = math.prod(self.whole)
        if size > COMPARED:
            return None
        x = zeros_laid_out(self.whole, np.intp, self.order)
        x[...] = np.arange(size).reshape(self.whole)
        return np.asarray(reach(x, self.steps))

    @cached_property
    def once(self) -> bool:
        return names_once_in(self.steps) or (
            self.numbers is not None and len(set(self.numbers.flat)) == self.numbers.size
        )

    @property
    def everything(self) -> bool:
        """Whether it is the whole array, perhaps with leading axes added."""
        if self.numbers is None:
            return self.adds_axes and lines_up(self.shape, self.whole)
        in_order = np.array_equal(self.numbers.ravel(), np.arange(math.prod(self.whole)))
        return in_order and lines_up(self.shape, self.whole)

    @property
    def adds_axes(self) -> bool:
        """Whether the steps do no more than to add axes."""
        return all(
            step is getitem_p
            and all(part is None or part is Ellipsis or (type(part) is slice and part == slice(None)) for part in parts)
            for step, parts in [(step, index_parts(params.get("index"))) for step, params in self.steps]
        )

    def same(self, other: Selection) -> bool:
        """Whether another part has the same entries, in the same order."""
        if self.key == other.key and self.whole == other.whole:
            return True
        return self.numbers is not None and np.array_equal(self.numbers, other.numbers)

    def within(self, other: Selection) -> bool:
        """Whether another part is known to have all its entries."""
        if self.same(other):
            return True
        return self.numbers is not None and bool(np.isin(self.numbers, other.numbers).all())

    def apart(self, other: Selection) -> bool:
        """Whether another part is known to have none of its entries."""
        return self.numbers is not None and not np.isin(self.numbers, other.numbers).any()


def index_parts(index: Any) -> tuple[Any, ...]:
    """What an index has between its commas."""
    return index if isinstance(index, tuple) else (index,)


def lines_up(a: Shape, b: Shape) -> bool:
    """Whether shapes differ by leading axes of length 1 alone."""
    short, long = sorted((a, b), key=len)
    extra = len(long) - len(short)
    return long[extra:] == short and set(long[:extra]) <= {1}


# ---------------------------------------------------------------------------------------------------------------------
# Formulas


def linear(x: Formula, shape: Shape, of_atom: Callable[[Atom], Formula | None], otherwise: str, *more: Any) -> Formula:
    """A linear function of a formula that selects or replaces entries: term by term where that makes it simpler.

    ``of_atom`` simplifies the function of one atom, or gives None; what is left is written with the head ``otherwise``.
    """
    found = Formula((), shape)
    left = Formula((), x.shape)
    for coefficient, monomial in x.terms:
        atom = next(iter(monomial)) if is_single(monomial) else None
        simpler = None if atom is None or atom.shape != x.shape else of_atom(atom)
        if simpler is None:
            left = plus(left, Formula([(coefficient, monomial)], x.shape))
        else:
            found = plus(found, multiple(simpler, coefficient))
    if len(left.terms) == 1 and left.terms[0][1]:
        ((coefficient, monomial),) = left.terms
        alone = of_full_shape(Formula([(1, monomial)], x.shape))
        found = plus(found, single(Atom(otherwise, (alone, *more), shape), coefficient))
    elif left.terms:
        found = plus(found, single(Atom(otherwise, (of_full_shape(left), *more), shape)))
    return Formula(found.terms, shape)


def of_full_shape(x: Formula) -> Formula:
    """A formula whose entries can be named: if it is of fewer entries, they are said to be repeated."""
    own = np.broadcast_shapes(*[atom.shape for _, monomial in x.terms for atom in monomial])
    return x if lines_up(own, x.shape) else call("broadcast", Formula(x.terms, own), shape=x.shape)


def part_of(x: Formula, part: Selection) -> Formula:
    """A part of an array; of what was just written there, that."""

    def of_atom(atom: Atom) -> Formula | None:
        if atom.head == "replaced":
            before, other, v = atom.args
            if part.same(other) and other.once:
                return Formula(v.terms, part.shape)
            return part_of(before, part) if part.apart(other) else None
        if atom.head == "put":
            g, other = atom.args
            if part.same(other) and other.once:
                return in_shape(g, part.shape)
            return Formula((), part.shape) if part.apart(other) else None
        return None

    if part.everything or part.adds_axes:
        return in_shape(x, part.shape)
    if constant(x) is not None:
        return Formula(x.terms, part.shape)
    return linear(x, part.shape, of_atom, "index", part)


def replaced(x: Formula, part: Selection, v: Formula) -> Formula:
    """An array with a part replaced; what stood there before is not written any more."""

    def of_atom(atom: Atom) -> Formula | None:
        if atom.head == "replaced" and atom.args[1].within(part):
            return replaced(atom.args[0], part, v)
        if atom.head == "put" and not v.terms:
            if atom.args[1].within(part):
                return Formula((), x.shape)
            return single(atom) if part.apart(atom.args[1]) else None
        return None

    if part.everything:
        return Formula(v.terms, x.shape)
    if constant(x) is not None and constant(x) == constant(v):
        return x
    if not v.terms:
        return linear(x, x.shape, of_atom, "replaced", part, v)
    if len(x.terms) == 1 and x.terms[0][0] == 1 and is_single(x.terms[0][1]):
        simpler = of_atom(x.only())
        if simpler is not None:
            return simpler
    return single(Atom("replaced", (of_full_shape(x) if x.terms and constant(x) is None else x, part, v), x.shape))


def zeros_with(g: Formula, part: Selection) -> Formula:
    """Zeros, and a formula added to a part of them."""
    if part.everything or part.adds_axes:
        return in_shape(g, part.whole)
    return single(Atom("put", (g, part), part.whole)) if g.terms else Formula((), part.whole)


def carried_in(x: Formula) -> Formula:
    """With the factors of zeros that hold a part taken into it: y ⊙ 0[1 ← v] is 0[1 ← y[1] v]."""
    return sum_of_formulas([carried_in_term(term, x.shape) for term in x.terms], x.shape)


def carried_in_term(term: Term, shape: Shape) -> Formula:
    """One term with the factors of zeros that hold a part taken into it."""
    coefficient, monomial = term
    zeros = [a for a, p in monomial.items() if a.head == "put" and p == 1 and a.shape == shape and a.args[1].once]
    if len(zeros) != 1 or is_single(monomial):
        return Formula([term], shape)
    g, part = zeros[0].args
    inside = Formula(g.terms, part.shape)
    for atom, power in monomial.items():
        if atom != zeros[0]:
            inside = times(inside, to_power(part_of(Formula(single(atom).terms, shape), part), power))
    return multiple(zeros_with(inside, part), coefficient)


def sum_of_part(atom: Atom) -> Formula | None:
    """The sum of zeros that hold a part, over all of them or over rows that hold one entry each: it is the part's."""
    inner, axes, ndim = atom.args
    if not any(factor.head == "put" for _, monomial in inner.terms for factor in monomial):
        return None
    inner = carried_in(inner)
    if len(inner.terms) != 1 or not is_single(inner.terms[0][1]) or next(iter(inner.terms[0][1])).head != "put":
        return None
    ((coefficient, monomial),) = inner.terms
    g, part = next(iter(monomial)).args
    held = multiple(Formula(g.terms, part.shape), coefficient)
    if len(axes) == ndim:
        return Formula(sum_over_axes(held).terms, atom.shape)
    return in_shape(held, atom.shape) if axes == (1,) and one_in_each_row(part) else None


def one_in_each_row(part: Selection) -> bool:
    """Whether a part of a matrix is one entry of each row, in their order."""
    rows, columns = part.whole if len(part.whole) == 2 else (-1, 1)
    return (
        part.shape == (rows,) and part.numbers is not None and np.array_equal(part.numbers // columns, np.arange(rows))
    )


def unit(atom: Atom) -> Any:
    """The index at which zeros with a part of one entry hold that; of a matrix that holds one in each row a mask."""
    part = atom.args[1]
    if part.numbers is not None and part.shape == () and len(part.whole) == 1:
        return int(part.numbers)
    if not one_in_each_row(part):
        return None
    mask = np.zeros(part.whole, bool)
    mask.flat[part.numbers] = True
    return mask


def at_index(index: Any, whole: Shape) -> Selection:
    """The part that an index names."""
    return Selection(((getitem_p, {"index": plain_index(index)}),), whole)
