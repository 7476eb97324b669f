"""Derivatives of a vector by a vector, entry by entry: ∂yₖ/∂zⱼ = yₖ (δⱼₖ − yⱼ), which the graph's numbers must confirm.

Operations entry by entry, sums, softmax and one product with a matrix are written; what else there is, is not.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np

from ..engine.graph import Node, known_values, leading_to
from ..engine.sweep import sweep
from ..table.neural import log_softmax_p, softmax_p
from ..table.products import matmul
from ..table.reductions import mean_p, sum_p
from ..table.registry import PRIMITIVES
from .algebra import (
    COMPARISONS,
    Formula,
    atoms_of,
    call,
    expand,
    is_symbol,
    matrix_transpose,
    minus,
    multiple,
    number,
    over,
    plus,
    replace,
    single,
    symbol,
    times,
)
from .atoms import Atom, Monomial, Term, is_single
from .local import operands_of, pullback
from .rendering import latex, text
from .results import Note

ROWS: Final = 64
"""So many rows of a Jacobian at most are set against numbers."""

WHOLE: Final = frozenset({"sum", "matmul", "transpose", "shaped", "index", "replaced", "put"})
"""Atoms whose entries are not the formula of their operands' entries."""


class UnwrittenError(Exception):
    """What the entries of cannot be written, or not confirmed."""


def entry(x: Formula, indices: str) -> Formula:
    """One entry of an array that has a symbol."""
    return single(Atom("entry", (x, indices), ()))


class Entries:
    """The derivatives of a vector's entries by those of a target, in formulas.

    Attributes
    ----------
    row, column : the letters for the places in the vector and in the target, unless that has one entry
    one : the entries of the identity matrix, and 1 for a target of one entry
    """

    def __init__(
        self, root: Node, target: Node, symbols: Mapping[Node, Formula], indices: Sequence[str], unit: str
    ) -> None:
        vectors = len(root.shape) == 1 >= len(target.shape) and root.shape[0]
        if not vectors or "c" in root.dtype.kind + target.dtype.kind:
            raise UnwrittenError
        self.root = root
        self.target = target
        self.symbols = symbols
        self.row, self.column = indices[:2]
        self.delta = Atom("entry", (symbol(unit), self.column + self.row), ())
        self.one = number(1) if math.prod(target.shape) == 1 else single(self.delta)
        self.path = leading_to({root}, {target})

    def formula(self) -> Formula:
        """∂(root)ₖ/∂(target)ⱼ."""
        found: dict[Node, Formula] = {self.target: self.one}
        for node in sorted(self.path - {self.target}, key=lambda node: -node.age):
            found[node] = self.of(node, found)
        return found[self.root]

    def of(self, node: Node, found: Mapping[Node, Formula]) -> Formula:
        """The derivative of a node's entries, by those of what it is computed from."""
        primitive = node.primitive
        inner = [(place, parent) for place, parent in enumerate(node.parents) if parent in self.path]
        assert primitive is not None
        if primitive.elementwise:
            total = Formula((), ())
            for place, parent in inner:
                if parent.shape != node.shape and math.prod(parent.shape) != 1:
                    raise UnwrittenError
                total = plus(total, times(self.slope(node, place), found[parent]))
            return total
        ((place, parent),) = inner if len(inner) == 1 else [(0, None)]
        if parent is None:
            raise UnwrittenError
        before = found[parent]
        if primitive in (sum_p, mean_p) and len(parent.shape) == 1:
            return multiple(self.summed(before, parent), Fraction(1, parent.shape[0] if primitive is mean_p else 1))
        if primitive in (softmax_p, log_softmax_p) and len(parent.shape) == 1:
            y = self.at(self.symbols[node], self.row, node)
            share = y if primitive is softmax_p else call("exp", y)
            less = minus(before, self.summed(times(share, before), parent))
            return times(share, less) if primitive is softmax_p else less
        if primitive is matmul and len(parent.shape) == 1:
            return self.through_matrix(node, place, before)
        if primitive.transparent and node.shape == parent.shape:
            return before
        raise UnwrittenError

    def slope(self, node: Node, place: int) -> Formula:
        """The derivative of an elementwise operation's entry by its operand's."""
        assert node.primitive is not None
        if any(isinstance(x, np.ndarray) for x in node.params.values()):
            raise UnwrittenError
        operands = [self.at(x, self.row, node) for x in operands_of(node, self.symbols)]
        y = self.at(self.symbols[node], self.row, node)
        found = pullback(node.primitive, place, number(1), y, operands, node.params)
        return Formula(found.terms, ())

    def at(self, x: Formula, index: str, like: Node) -> Formula:
        """An entry of a formula for an array of a node's shape; numbers as they are."""

        def of_atom(atom: Atom) -> Formula | None:
            if atom.head in WHOLE:
                raise UnwrittenError
            if atom.head != "name" or math.prod(atom.shape) == 1 != math.prod(like.shape):
                return None
            if atom.shape != like.shape:
                raise UnwrittenError
            return entry(single(atom), index) if atom.shape else None

        return Formula(replace(Formula(x.terms, ()), of_atom).terms, ())

    def summed(self, x: Formula, like: Node) -> Formula:
        """Σₖ: of δⱼₖ times what is at k, what is at j; of what has no k, as often as there are entries."""
        total = Formula((), ())
        for coefficient, rest, met in self.met(x):
            if not met:
                if any(self.row in atom.args[1] for atom in atoms_of(rest) if atom.head == "entry"):
                    raise UnwrittenError
                coefficient *= math.prod(like.shape)
            total = plus(total, multiple(rest, coefficient))
        return total

    def met(self, x: Formula) -> Iterator[tuple[Any, Formula, bool]]:
        """The terms of a formula as coefficient and product, with j for k where a term has δⱼₖ, and whether it has."""
        for coefficient, monomial in expand(x).terms:
            rest = {atom: power for atom, power in monomial.items() if atom != self.delta}
            met = len(rest) < len(monomial)
            product = Formula([(1, rest)], ())
            yield coefficient, replace(product, self.moved) if met else product, met

    def moved(self, atom: Atom) -> Formula | None:
        """An entry at j for one at k."""
        if atom.head != "entry":
            return None
        return entry(atom.args[0], atom.args[1].replace(self.row, self.column))

    def through_matrix(self, node: Node, place: int, before: Formula) -> Formula:
        """Σᵢ Aₖᵢ times what is before, for A x, and Σᵢ Aᵢₖ for x A."""
        matrix = operands_of(node, self.symbols)[1 - place]
        indices = (self.row + self.column)[:: 1 if place else -1]
        if len(matrix.shape) != 2 or len(matrix.terms) != 1 or node.parents[1 - place] in self.path:
            raise UnwrittenError
        ((scale, monomial),) = matrix.terms
        ((atom, power), *others) = monomial.items() or [(None, 0)]
        if atom is not None and atom.head == "transpose" and is_symbol(atom.args[0]):
            atom, indices = atom.args[0].only(), indices[::-1]
        if atom is None or atom.head != "name" or power != 1 or others:
            raise UnwrittenError
        total = Formula((), ())
        for coefficient, rest, met in self.met(before):
            if not met:
                raise UnwrittenError
            total = plus(total, times(multiple(entry(single(atom), indices), scale * coefficient), rest))
        return total

    # -- simplified, and confirmed ------------------------------------------------------------------------------------

    def known_products(self, products: Collection[tuple[Monomial, Formula]]) -> list[tuple[Monomial, Formula]]:
        """Products that have a symbol, entry by entry: of e/s, which is y, also eₖ/s and eⱼ/s."""
        found: list[tuple[Monomial, Formula]] = []
        for monomial, made in products:
            for index in self.row + self.column if made.shape == self.root.shape else "":
                parts = {
                    entry(single(atom), index).only() if atom.shape == made.shape else atom: power
                    for atom, power in monomial.items()
                }
                found.append((parts, entry(made, index)))
        return found

    def shortest(self, *forms: Formula) -> Formula:
        """The form that is shortest as text, of these and those with common factors taken out."""
        return min(map(self.tidied, forms), key=lambda form: len(text(form)))

    def note(self) -> Note:
        """What δ is."""
        delta = single(self.delta)
        said = f"is 1 where {self.column} = {self.row}, 0 elsewhere"
        return Note(f"{text(delta)} {said}", rf"{latex(delta)} \text{{ {said}}}")

    def as_matrix(self, x: Formula) -> Formula | None:
        """The matrix A that this formula, Aₖⱼ, has the entries of; Aᵀ for Aⱼₖ; else None."""
        if len(x.terms) != 1 or not is_single(x.terms[0][1]):
            return None
        coefficient, monomial = x.terms[0]
        (atom,) = monomial
        if atom.head != "entry" or len(atom.args[1]) != 2 or atom == self.delta:
            return None
        matrix = atom.args[0] if atom.args[1][0] == self.row else matrix_transpose(atom.args[0])
        return multiple(matrix, coefficient)

    def tidied(self, x: Formula) -> Formula:
        """With factors that all terms share before parentheses, and δ before others."""
        terms = x.terms
        if len(terms) > 1:
            common = dict(terms[0][1])
            for _, monomial in terms[1:]:
                common = {
                    atom: min(power, monomial[atom], key=abs)
                    for atom, power in common.items()
                    if monomial.get(atom, 0) * power > 0
                }
            sizes = {abs(coefficient) for coefficient, _ in terms}
            scale = sizes.pop() if len(sizes) == 1 else 1
            shared = Formula([(scale, common)], ())
            if common or scale != 1:
                return self.tidied(times(shared, self.divided(x, shared)))
        return Formula([self.ordered(term) for term in terms], ())

    @staticmethod
    def divided(x: Formula, factor: Formula) -> Formula:
        """A sum without a factor of each of its terms."""
        total = Formula((), ())
        for term in x.terms:
            total = plus(total, over(Formula([term], ()), factor))
        return total

    def ordered(self, term: Term) -> Term:
        """A term with δ as its first factor and parentheses last."""
        atoms = sorted(term[1], key=lambda atom: (atom != self.delta) + (atom.head == "group"))
        return term[0], {atom: term[1][atom] for atom in atoms}

    def confirm(self, x: Formula, values: Mapping[Node, Any]) -> None:
        """Set a formula against the numbers of the graph; raises UnwrittenError where these are not its values."""
        size = self.root.shape[0]
        rows = np.unique(np.linspace(0, size - 1, min(size, ROWS)).astype(int))
        known = {node: value for one in self.path for node, value in known_values(one).items()} | dict(values)
        numbers = {self.symbols[node].key: np.asarray(value) for node, value in known.items() if node in self.symbols}
        expected = []
        for row in rows:
            cotangent = np.zeros(self.root.shape, self.root.dtype)
            cotangent[row] = 1
            expected.append(sweep({self.root: cotangent}, {self.target}, relevant=self.path)[self.target])
        exact = np.stack(expected)
        with np.errstate(all="ignore"):
            claimed = np.broadcast_to(self.value(x, numbers, rows), (len(rows), math.prod(self.target.shape)))
        eps = float(np.finfo(np.result_type(self.root.dtype, self.target.dtype)).eps)
        scale = float(np.max(np.abs(exact), initial=0))
        if not np.allclose(claimed.reshape(exact.shape), exact, rtol=eps**0.5, atol=eps**0.5 * scale):
            raise UnwrittenError

    def value(self, x: Formula, numbers: Mapping[Any, np.ndarray], rows: np.ndarray) -> Any:
        """What a formula is in numbers, in some rows and all columns."""
        total: Any = 0.0
        for coefficient, monomial in x.terms:
            product: Any = float(coefficient)
            for atom, power in monomial.items():
                product = product * self.atom_value(atom, numbers, rows) ** float(Fraction(power))
            total = total + product
        return total

    def atom_value(self, atom: Atom, numbers: Mapping[Any, np.ndarray], rows: np.ndarray) -> Any:
        """What an atom is in numbers."""
        if atom == self.delta:
            return (rows[:, None] == np.arange(self.target.shape[0])).astype(float)
        if atom.head in ("name", "entry"):
            x, indices = (single(atom), "") if atom.head == "name" else atom.args
            if x.key not in numbers or numbers[x.key].dtype.kind not in "fiub":
                raise UnwrittenError
            known = numbers[x.key].astype(float)
            if len(indices) == 2:
                return known[rows] if indices[0] == self.row else known.T[rows]
            return known.reshape(()) if not indices else known[rows, None] if indices == self.row else known[None, :]
        if atom.head == "group":
            return self.value(atom.args[0], numbers, rows)
        operands = [self.value(part, numbers, rows) for part in atom.args[1:] if isinstance(part, Formula)]
        if atom.head == "bracket":
            return np.asarray(COMPARISONS[atom.args[0]](*operands), float)
        if atom.head != "call" or atom.args[0] not in FUNCTIONS_IN_NUMBERS or len(operands) < len(atom.args) - 1:
            raise UnwrittenError
        return FUNCTIONS_IN_NUMBERS[atom.args[0]](*operands)


FUNCTIONS_IN_NUMBERS: Final = {
    made.symbol: made.forward for made in PRIMITIVES.values() if made.elementwise and made.simple
}
"""Elementwise functions by what formulas call them."""
