"""Named placeholders for whole arrays: what a derivative rule does to them is the formula that it stands for.

A rule is written in operators, methods and NumPy functions that dispatch. Handed placeholders it gives a
:class:`Written`: a sum of products of names, function values, sums and matrix products, in the notation of textbooks.
Entry by entry, arrays multiply as numbers do, so products are collected (y · y is y², t/y · y is t); matrix products
keep their order. No SymPy is needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any, Final

import numpy as np

from ..table.primitive import Primitive

Shape = tuple[int, ...]


class Atom:
    """What products are made of.

    Attributes
    ----------
    head : "name", "call", "sum", "matmul", "transpose", "group" (a sum in parentheses), "shaped" (the same entries in
        another shape), "bracket" (1 where a condition holds, else 0), "index", "partial" (a derivative of two names)
    args : names, and :class:`Written` operands
    shape : of its value
    """

    __slots__ = ("args", "head", "key", "shape")

    def __init__(self, head: str, args: tuple[Any, ...], shape: Shape) -> None:
        self.head = head
        self.args = args
        self.shape = shape
        self.key: tuple[Any, ...] = (head, *[a.key if isinstance(a, Written) else a for a in args])
        if head == "shaped":
            self.key = (*self.key, shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


Monomial = Mapping[Atom, Fraction]
Term = tuple[Any, Monomial]
"""A coefficient and the powers of the atoms."""


class Written:
    """A formula for an array: a sum of terms.

    Comparisons give formulas too, so that masks can be written; two formulas are compared by ``.key``.
    """

    __slots__ = ("key", "shape", "terms")

    dtype: Final = np.dtype(float)

    def __init__(self, terms: Iterable[Term], shape: Shape) -> None:
        collected: dict[Any, Term] = {}
        for coefficient, monomial in terms:
            known = frozenset(monomial.items())
            if known in collected:
                coefficient = collected[known][0] + coefficient
            collected[known] = (coefficient, monomial)
        self.terms: tuple[Term, ...] = tuple([term for term in collected.values() if term[0] != 0])
        self.shape = shape
        self.key = frozenset([(coefficient, frozenset(monomial.items())) for coefficient, monomial in self.terms])

    # -- as an array --------------------------------------------------------------------------------------------------

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        from .rendering import text

        return text(self)

    def __bool__(self) -> bool:
        raise TypeError("a formula has no truth value: a rule must not branch on values")

    __hash__ = object.__hash__

    def astype(self, _dtype: Any) -> Written:
        return self

    @property
    def mT(self) -> Written:
        """The last two axes exchanged."""
        shape = (*self.shape[:-2], self.shape[-1], self.shape[-2])
        if len(self.terms) == 1:
            coefficient, monomial = self.terms[0]
            ((atom, power), *others) = monomial.items() or [(None, 0)]
            if atom is not None and not others and power == 1:
                if atom.head == "transpose":
                    return scaled(atom.args[0], coefficient)
                return one(Atom("transpose", (single(atom),), shape), coefficient)
        return one(Atom("transpose", (self,), shape)) if any(m for _, m in self.terms) else Written(self.terms, shape)

    @property
    def T(self) -> Written:
        """All axes reversed."""
        return self.mT if self.ndim == 2 else self if self.ndim < 2 else one(call("transpose", self).only(), 1)

    def reshape(self, *shape: Any) -> Written:
        new: Shape = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else tuple(shape)
        if -1 in new:
            new = tuple([self.size // -math.prod(new) if n == -1 else n for n in new])
        return self.in_shape(new)

    def in_shape(self, new: Shape) -> Written:
        """The same entries in another shape; where axes still line up from the right, nothing needs to be written."""
        if new == self.shape:
            return self
        short, long = sorted((self.shape, new), key=len)
        if long[len(long) - len(short) :] == short and set(long[: len(long) - len(short)]) <= {1}:
            return Written(self.terms, new)
        if len(self.terms) == 1:
            coefficient, monomial = self.terms[0]
            if not monomial:
                return Written(self.terms, new)
            ((atom, power), *others) = monomial.items()
            if atom.head == "shaped" and not others and power == 1 and atom.args[0].shape == new:
                return scaled(atom.args[0], coefficient)
            return one(Atom("shaped", (Written([(1, monomial)], self.shape),), new), coefficient)
        return one(Atom("shaped", (self,), new))

    def squeeze(self, axis: Any = None) -> Written:
        gone = (
            range(self.ndim)
            if axis is None
            else {k % self.ndim for k in (axis if isinstance(axis, tuple) else (axis,))}
        )
        return self.in_shape(tuple([n for k, n in enumerate(self.shape) if not (k in gone and n == 1)]))

    def transpose(self, axes: Any = None) -> Written:
        if self.ndim == 2 and (axes is None or tuple(axes) == (1, 0)):
            return self.mT
        return self if self.ndim < 2 else call("transpose", self, shape=tuple([self.shape[k] for k in axes]))

    def __getitem__(self, index: Any) -> Written:
        from .notation import entries

        return entries(self, index)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Written:
        """Sums over axes: linear, with factors that do not vary along them taken out."""
        axes = tuple(range(self.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        axes = tuple(sorted([k % self.ndim for k in axes])) if self.ndim else ()
        from .summation import summed

        kept = tuple([1 if k in axes else n for k, n in enumerate(self.shape)])
        shape = kept if keepdims else tuple([n for k, n in enumerate(self.shape) if k not in axes])
        if not axes:
            return self
        found = Written((), kept)
        for coefficient, monomial in self.terms:
            found = found + summed(coefficient, monomial, axes, self.shape, kept)
        return found if keepdims else found.in_shape(shape)

    # -- operators ----------------------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Written:
        other = lifted(other)
        if is_guard("=", self, other):
            return self
        return Written([*self.terms, *other.terms], np.broadcast_shapes(self.shape, other.shape))

    def __radd__(self, other: Any) -> Written:
        return lifted(other) + self

    def __neg__(self) -> Written:
        return scaled(self, -1)

    def __pos__(self) -> Written:
        return self

    def __sub__(self, other: Any) -> Written:
        other = lifted(other)
        return self - 1 if is_guard("≠", self, other) else self + -other

    def __rsub__(self, other: Any) -> Written:
        return lifted(other) + -self

    def __mul__(self, other: Any) -> Written:
        return multiplied(self, lifted(other))

    def __rmul__(self, other: Any) -> Written:
        return multiplied(lifted(other), self)

    def __truediv__(self, other: Any) -> Written:
        return multiplied(self, raised(lifted(other), Fraction(-1)))

    def __rtruediv__(self, other: Any) -> Written:
        return multiplied(lifted(other), raised(self, Fraction(-1)))

    def __pow__(self, other: Any) -> Written:
        exponent = lifted(other)
        value = constant(exponent)
        if isinstance(value, Fraction):
            return raised(self, value)
        return call("power", self, exponent)

    def __rpow__(self, other: Any) -> Written:
        return call("power", lifted(other), self)

    def __matmul__(self, other: Any) -> Written:
        return matrix_product(self, lifted(other))

    def __rmatmul__(self, other: Any) -> Written:
        return matrix_product(lifted(other), self)

    def __floordiv__(self, other: Any) -> Written:
        return call("floor", self / other)

    def __mod__(self, other: Any) -> Written:
        return call("mod", self, lifted(other))

    def __abs__(self) -> Written:
        return call("abs", self)

    # -- conditions ---------------------------------------------------------------------------------------------------

    def __eq__(self, other: Any) -> Any:
        return bracket("=", self, other)

    def __ne__(self, other: Any) -> Any:
        return bracket("≠", self, other)

    def __lt__(self, other: Any) -> Any:
        return bracket("<", self, other)

    def __le__(self, other: Any) -> Any:
        return bracket("≤", self, other)

    def __gt__(self, other: Any) -> Any:
        return bracket(">", self, other)

    def __ge__(self, other: Any) -> Any:
        return bracket("≥", self, other)

    def __and__(self, other: Any) -> Any:
        return self * other

    def __or__(self, other: Any) -> Any:
        return 1 - ~self * ~lifted(other)

    def __invert__(self) -> Any:
        if len(self.terms) == 1 and len(self.terms[0][1]) == 1 and self.only().head == "bracket":
            sign, a, b = self.only().args
            return bracket(OPPOSITE[sign], a, b)
        return 1 - self

    # -- NumPy's protocols --------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "reduce" and ufunc is np.add:
            _, axis, *rest = (*inputs, 0)[:2] if len(inputs) < 2 else inputs
            return self.sum(kwargs.get("axis", axis), kwargs.get("keepdims", rest[2] if len(rest) > 2 else False))
        if method != "__call__":
            return NotImplemented
        from .notation import OPERATORS

        operands = [lifted(x) for x in inputs]
        if ufunc in OPERATORS:
            return OPERATORS[ufunc](*operands)
        return call(ufunc.__name__, *operands)

    def __array_function__(self, function: Callable[..., Any], _types: Any, args: Any, kwargs: Any) -> Any:
        if function is np.where:
            condition, a, b = args
            return lifted(a) * condition + lifted(b) * (1 - lifted(condition))
        if function is np.zeros_like:
            return Written((), self.shape)
        if function is np.broadcast_to:
            return Written(self.terms, tuple(args[1]))
        if function is np.sum:
            return self.sum(*args[1:], **kwargs)
        return NotImplemented

    @staticmethod
    def __record__(primitive: Primitive, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Written:
        from .notation import applied

        return applied(primitive, inputs, params)

    # -- rewriting ----------------------------------------------------------------------------------------------------

    def only(self) -> Atom:
        """The one atom that this formula is."""
        ((_, monomial),) = self.terms
        (atom,) = monomial
        return atom

    def expanded(self) -> Written:
        """With parentheses multiplied out, where their power is a small whole number."""
        found = Written((), self.shape)
        for coefficient, monomial in self.terms:
            product = Written([(coefficient, {a: p for a, p in monomial.items() if not opens(a, p)})], self.shape)
            for atom, power in monomial.items():
                if opens(atom, power):
                    for _ in range(int(power)):
                        inner = atom.args[0].expanded()
                        product = Written(
                            [(c * d, merged(m, n)) for c, m in product.terms for d, n in inner.terms], self.shape
                        )
            found = found + product
        return found

    def replaced(self, rule: Callable[[Atom], Written | None]) -> Written:
        """With each atom replaced by what the rule gives for it, from the inside out; None leaves it."""
        found = Written((), self.shape)
        for coefficient, monomial in self.terms:
            product = Written([(coefficient, {})], self.shape)
            for atom, power in monomial.items():
                args = tuple([a.replaced(rule) if isinstance(a, Written) else a for a in atom.args])
                inside = args[0] if atom.head == "group" else single(Atom(atom.head, args, atom.shape))
                new = rule(atom if atom.head == "group" else inside.only())
                product = multiplied(product, raised(inside if new is None else new, power))
            found = found + product
        return Written(found.terms, self.shape)


def opens(atom: Atom, power: Fraction) -> bool:
    """Whether a power of parentheses is to be multiplied out."""
    return atom.head == "group" and power.denominator == 1 and 0 < power <= 3


# ---------------------------------------------------------------------------------------------------------------------
# Making formulas


def named(name: str, shape: Shape = ()) -> Written:
    """A placeholder for an array."""
    return single(Atom("name", (name,), shape))


def single(atom: Atom) -> Written:
    """An atom alone."""
    return one(atom, 1)


def one(atom: Atom, coefficient: Any = 1) -> Written:
    """A formula of one atom."""
    return Written([(coefficient, {atom: Fraction(1)})], atom.shape)


def call(function: str, *operands: Written, shape: Shape | None = None) -> Written:
    """A function's value; elementwise unless told the shape."""
    shape = np.broadcast_shapes(*[x.shape for x in operands]) if shape is None else shape
    return single(Atom("call", (function, *operands), shape))


def bracket(sign: str, a: Any, b: Any) -> Written:
    """Iverson's bracket: 1 where the comparison holds."""
    a, b = lifted(a), lifted(b)
    return single(Atom("bracket", (sign, a, b), np.broadcast_shapes(a.shape, b.shape)))


OPPOSITE: Final = {"=": "≠", "≠": "=", "<": "≥", "≥": "<", ">": "≤", "≤": ">"}


def is_guard(sign: str, x: Written, mask: Written) -> bool:
    """Whether a mask only guards x against 0, as in x + (x == 0): that is not written, for where x is 0 there is no
    derivative to write.
    """
    if len(mask.terms) != 1 or len(mask.terms[0][1]) != 1:
        return False
    atom = mask.only()
    return atom.head == "bracket" and atom.args[0] == sign and atom.args[1].key == x.key and not atom.args[2].terms


LOGARITHMS: Final = {math.log(2): "ln 2", math.log(10): "ln 10"}


def lifted(x: Any) -> Written:
    """A number or an array as a formula."""
    if isinstance(x, Written):
        return x
    if isinstance(x, np.ndarray) and x.ndim:
        if x.size and (x == x.flat[0]).all():
            return Written([(coefficient(x.flat[0].item()), {})], x.shape)
        rows = x.reshape(-1, x.shape[-1])
        onehot = x.dtype == bool and (rows.sum(axis=-1) == 1).all()
        return named("t" if onehot else "constant", x.shape)
    value = x.item() if isinstance(x, (np.generic, np.ndarray)) else x
    if isinstance(value, float) and value in LOGARITHMS:
        return named(LOGARITHMS[value])
    return Written([(coefficient(value), {})], ())


def coefficient(x: Any) -> Any:
    """A number as an exact fraction, if it is a simple one."""
    if isinstance(x, float):
        if not math.isfinite(x):
            return x
        near = Fraction(x).limit_denominator(1000)
        return near if float(near) == x else x
    return Fraction(x)


def constant(x: Written) -> Any:
    """The number that a formula is, or None."""
    if not x.terms:
        return Fraction(0)
    if len(x.terms) == 1 and not x.terms[0][1]:
        return x.terms[0][0]
    return None


def scaled(x: Written, factor: Any) -> Written:
    """A formula times a number."""
    return Written([(factor * c, m) for c, m in x.terms], x.shape)


def merged(a: Monomial, b: Monomial) -> Monomial:
    """The product of two monomials."""
    product = dict(a)
    for atom, power in b.items():
        product[atom] = product.get(atom, Fraction(0)) + power
        if not product[atom]:
            del product[atom]
    return product


def factor(x: Written) -> Term:
    """A formula as one term; a sum becomes one in parentheses."""
    if len(x.terms) == 1:
        return x.terms[0]
    return 1, {Atom("group", (x,), x.shape): Fraction(1)}


def multiplied(a: Written, b: Written) -> Written:
    """A product entry by entry; sums stay in parentheses."""
    shape = np.broadcast_shapes(a.shape, b.shape)
    if not a.terms or not b.terms:
        return Written((), shape)
    for x, y in ((a, b), (b, a)):
        value = constant(x)
        if value is not None:
            return Written([(value * c, m) for c, m in y.terms], shape)
    (c, m), (d, n) = factor(a), factor(b)
    return Written([(c * d, merged(m, n))], shape)


def raised(x: Written, power: Fraction) -> Written:
    """An integer or fractional power."""
    if power == 1:
        return x
    if not power:
        return Written([(Fraction(1), {})], x.shape)
    c, monomial = factor(x)
    exact = Fraction(c) if isinstance(c, int) else c
    scale = exact if c == 1 else exact**power if power.denominator > 1 else exact ** int(power)
    return Written([(scale, {atom: p * power for atom, p in monomial.items()})], x.shape)


def matrix_product(a: Written, b: Written) -> Written:
    """a @ b; numbers come out, products are written without parentheses."""
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    shape = (*lead, *a.shape[-2:-1], *(b.shape[-1:] if b.ndim > 1 else ()))
    (c, m), (d, n) = factor(a), factor(b)
    if not a.terms or not b.terms:
        return Written((), shape)
    parts: list[Any] = []
    for monomial, whole in ((m, a), (n, b)):
        ((atom, power), *others) = monomial.items() or [(None, Fraction(0))]
        if atom is not None and atom.head == "matmul" and not others and power == 1:
            parts.extend(atom.args)
        else:
            parts.append(Written([(1, monomial)], whole.shape))
    return one(Atom("matmul", tuple(parts), shape), c * d)
