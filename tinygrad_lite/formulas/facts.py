"""What is known of the symbols of a derivation, and how formulas become shorter by it.

Products that have a symbol are written by it (e/s is y), constants that add up to 1 are 1, and denominators are
cancelled by what the chain rule brings: the derivative of −t ln y − (1 − t) ln(1 − y) with y = σ(z) is y − t.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

import numpy as np

from ..engine.graph import Node
from ..table.elementwise import logaddexp, negative
from ..table.neural import log_softmax_p, softmax_p
from .algebra import (
    Formula,
    as_formula,
    as_term,
    atoms_of,
    call,
    cancelled,
    constant,
    exact_fraction,
    expand,
    in_shape,
    is_symbol,
    minus,
    multiple,
    number,
    replace,
    single,
    sum_over_axes,
    symbol,
)
from .atoms import Atom, Monomial, is_single, monomial_product
from .conventions import name_parts, spelled
from .notation import of_primitive
from .rendering import latex, text
from .results import Note
from .selections import carried_in, sum_of_part, unit
from .words import TakenNames, content, word_of
from .written import Written

CONSTANTS: Final[tuple[tuple[Callable[[Any], Any], Callable[[Formula], Formula]], ...]] = (
    (lambda x: x, lambda x: x),
    (lambda x: 1 - x, lambda x: minus(number(1), x)),
    (lambda x: -x, lambda x: multiple(x, -1)),
)
"""What an array without a name may be of another one, as 1 − t is of t, and how it is written."""


class Facts:
    """What is known of symbols: what they stand for, what is assumed of them, and what their values tell."""

    def __init__(self, taken: TakenNames, assuming: Mapping[str, Any], digits: str) -> None:
        self.taken = taken
        self.digits = digits
        self.assuming = {key.replace(" ", ""): as_formula(value) for key, value in assuming.items()}
        self.unused = set(self.assuming)
        self.conditions: dict[str, Note] = {}
        self.definitions: dict[Atom, Note] = {}  # of symbols that are no node's
        self.numbers: dict[str, np.ndarray] = {}
        self.constants: dict[Any, Formula] = {}  # what is known to have these entries
        self.complements: dict[Any, Formula] = {}  # 1 − t, of constants of one entry
        self.whole: dict[Atom, Formula] = {}  # what a function's value is called, by the value
        self.functions: dict[Atom, tuple[Formula, Formula]] = {}  # what is σ or softmax of a formula, written otherwise
        self.negated: dict[Atom, Formula] = {}  # of what a symbol is the negative
        self.opposites: dict[Atom, Formula] = {}  # what is σ of a negative, by what that is of
        self.products: list[tuple[Monomial, Formula]] = []  # products of symbols that have a symbol
        self.automatic: dict[Atom, Formula] = {}  # sums that nobody gave a name: results spell them out
        self.slopes: dict[Atom, Formula] = {}
        self.units: dict[Atom, Formula] = {}  # vectors that are 1 at one index

    # -- what is learnt -----------------------------------------------------------------------------------------------

    def named(self, name: str, like: Formula | Node | Atom) -> Formula:
        """A symbol for an array of another one's shape, its digits as asked for."""
        return symbol(spelled(name, self.digits), like.shape)

    def first_free(self, names: Iterable[str]) -> str:
        """The first name that is not taken, or the last one with primes; it is taken from now on."""
        *_, last = options = list(names)
        name = next((name for name in options if name not in self.taken), last)
        while name in self.taken:
            name += "′"
        self.taken.add(name)
        return name

    def known_constant(self, value: Any, shape: tuple[int, ...], weight: bool = False) -> Formula | None:
        """A constant without a name in terms of one that is known: t again, or 1 − t.

        Plain numbers do not come here. One entry may be computed of others: it is 1 − t where it weights what was
        computed and may be that, else no number, which would hold for this t alone.
        """
        if value is None or np.shape(value) != shape or np.asarray(value).dtype.kind not in "fiub":
            return None
        x = np.asarray(value)
        if weight and x.size == 1 and entries(x) in self.complements:
            return self.complements[entries(x)]
        if x.size > 1 and (x == x.flat[0]).all():
            return number(exact_fraction(x.flat[0].item()), shape)
        return None if x.size == 1 else self.constants.get(entries(x))

    def keep_constant(self, made: Formula, value: Any) -> None:
        """Remember a constant's value."""
        if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "fiub":
            x = value.astype(float) if value.dtype.kind in "ub" else np.asarray(value)
            self.numbers[text(made)] = x
            for computed, written in CONSTANTS if x.shape == made.shape else ():
                self.constants.setdefault(entries(computed(x)), written(made))
            if x.shape == made.shape and x.size == 1:
                self.complements.setdefault(entries(1 - x), minus(number(1), made))

    def define(self, operation: Formula, made: Formula) -> None:
        """Remember that ``made`` is a name for this formula, a single term."""
        ((coefficient, monomial),) = operation.terms
        if coefficient != 1 or not monomial:
            return
        if len(monomial) > 1 or list(monomial.values()) == [-1]:
            if all(atom.head == "name" for atom in monomial):
                self.products.append((monomial, made))
                self.define_share(monomial, made)
        elif is_single(monomial) and operation.only().head in ("call", "sum", "matmul", "index"):
            self.whole[operation.only()] = made

    def define_share(self, monomial: Monomial, made: Formula) -> None:
        """Remember of y = 1/(1 + e) that e/(1 + e) and y e are 1 − y."""
        ((whole, power), *others) = monomial.items()
        terms = self.automatic[whole].terms if power == -1 and whole in self.automatic and not others else ()
        if len(terms) == 2 and all(coefficient == 1 for coefficient, _ in terms) and {} in [part for _, part in terms]:
            (part,) = [part for _, part in terms if part]
            for product in (monomial, {made.only(): Fraction(1)}):
                self.products.append((monomial_product(part, product), minus(number(1, made.shape), made)))

    def learn(self, node: Node, operands: list[Formula], made: Formula) -> None:
        """What an operation's rule writes otherwise than people do: σ(z), softmax(z)."""
        if node.primitive is negative and is_symbol(operands[0]):
            self.negated[made.only()] = operands[0]
        if node.primitive is logaddexp:
            for z, other in (operands, operands[::-1]):
                if constant(other) == 0:
                    share = np.exp(Written.of(z) - Written.of(made)).only()
                    if is_symbol(z) and z.only() in self.negated:
                        self.opposites[share] = self.negated[z.only()]
                    else:
                        self.functions[share] = call("σ", z), z
        if node.primitive is log_softmax_p:
            softmax = of_primitive(softmax_p, tuple(operands), node.params, node.shape)
            self.functions[np.exp(Written.of(made)).only()] = softmax, operands[0]

    def slope(self, function: str, z: Formula, value: Formula, shown: Formula) -> Formula:
        """σ′(z) as a symbol, for what the rule says it is."""
        made = call(f"{function}′", z)
        self.slopes[made.only()] = value
        self.definitions[made.only()] = Note.of(made, shown)._replace(value=value)
        return made

    # -- simplification -----------------------------------------------------------------------------------------------

    def simplify(self, x: Formula) -> Formula:
        """The shortest of the formula and its expansions, in terms of the nodes' symbols."""
        x = replace(x, self.known_value)
        expanded = self.with_names(expand(x))
        forms = [self.with_names(x), expanded, self.with_names(self.gathered(expanded))]
        spelt = replace(forms[0], self.meaning)
        best = min(forms, key=lambda form: len(text(form)))
        if spelt.key != forms[0].key:  # slopes and sums spelt out, if that makes something cancel
            known = replace(spelt, self.known_value)
            short = self.with_names(self.gathered(self.with_names(expand(cancelled(known)))))
            if len(text(short)) < min(len(text(best)), len(text(known))):
                return short
        return best

    def gathered(self, x: Formula) -> Formula:
        """With what is known of sums and parts, also of those that expanding made."""
        return replace(carried_in(replace(x, self.known_value)), self.known_value)

    def meaning(self, atom: Atom) -> Formula | None:
        """What a slope, or a sum without a name, stands for."""
        return self.slopes[atom] if atom in self.slopes else self.automatic.get(atom)

    def known_value(self, atom: Atom) -> Formula | None:
        """What is known to equal an atom: a node's symbol, an assumed number, the sum 1 of constants."""
        if atom in self.whole:
            return in_shape(self.whole[atom], atom.shape)
        if atom in self.functions:
            return self.name_function(atom, *self.functions[atom])
        if atom in self.opposites:  # σ(−z) is 1 − σ(z)
            value = call("σ", self.opposites[atom])
            return minus(number(1, atom.shape), self.name_function(value.only(), value, self.opposites[atom]))
        if atom.head == "call" and atom.args[0] == softmax_p.symbol:
            return self.name_function(atom, single(atom), atom.args[1])
        shown = text(single(atom))
        written = shown.replace(" ", "")
        for assumed in (written, written.replace("Σₖ", "Σ")):  # over classes, which one may leave out
            if assumed in self.assuming:
                value = self.assuming[assumed]
                self.unused.discard(assumed)
                self.conditions[shown] = Note(f"{shown} = {text(value)}", f"{latex(single(atom))} = {latex(value)}")
                return Formula(value.terms, atom.shape)
        if atom.head == "sum":
            for known in (sum_of_part, self.sum_of_shares, self.constant_sum):
                found = known(atom)
                if found is not None:
                    return found
        return None

    def sum_of_shares(self, atom: Atom) -> Formula | None:
        """1 for the sum of y = e/Σe, which appears where the shift of a stable softmax is derived, too."""
        inner, axes, _ = atom.args
        for product, made in self.products:
            if made.key == inner.key:
                total = replace(
                    sum_over_axes(Formula([(1, product)], inner.shape), axes, keepdims=True), self.known_value
                )
                return Formula(total.terms, atom.shape) if constant(total) == 1 else None
        return None

    def constant_sum(self, atom: Atom) -> Formula | None:
        """1 for a sum of constants whose values add up to it."""
        inner, axes, _ = atom.args
        values = self.numbers.get(text(inner))
        if values is None or values.size != inner.size:
            return None
        if not np.allclose(values.reshape(inner.shape).sum(axis=axes), 1, rtol=0, atol=1e-12):
            return None
        shown = text(single(atom))
        self.conditions[shown] = Note(f"{shown} = 1", f"{latex(single(atom))} = 1")
        return number(1, atom.shape)

    def name_function(self, atom: Atom, value: Formula, z: Formula) -> Formula:
        """A name for what a fused loss computes within, its softmax or σ: y or p, or of the layer's z₂ a₂.

        ``atom`` is how the rule writes the value; one that has a name keeps it.
        """
        if value.only() in self.whole:
            return self.whole[value.only()]
        layer = layer_number(z.only().args[0]) if is_symbol(z) else ""
        name = self.first_free([*([f"a{layer}"] if layer else []), "y", "p", "q", f"{value.only().args[0]}"])
        made = self.named(name, atom)
        self.whole[atom] = self.whole[value.only()] = made
        self.definitions[made.only()] = Note.of(made, value)
        return made

    def with_names(self, x: Formula) -> Formula:
        """With products of symbols that have a symbol replaced by it: e/s is y."""
        found = []
        for coefficient, monomial in x.terms:
            for product, made in reversed(self.products):
                while all(
                    atom in monomial and (monomial[atom] > 0) == (power > 0) and abs(monomial[atom]) >= abs(power)
                    for atom, power in product.items()
                ):
                    inverse = {atom: -power for atom, power in product.items()}
                    monomial = monomial_product(monomial_product(monomial, as_term(made)[1]), inverse)
            found.append((coefficient, monomial))
        return Formula(found, x.shape)

    # -- what is shown ------------------------------------------------------------------------------------------------

    def in_full(self, x: Formula) -> Formula:
        """A formula with sums that have no name of their own spelt out."""
        return self.with_units(replace(x, self.automatic.get))

    def with_units(self, x: Formula) -> Formula:
        """With zeros that hold ones beside other terms called by a name: y − e_k, and of a batch Y − t."""
        parts = {atom for atom in atoms_of(x) if atom.head == "put"}
        if len(x.terms) < 2 or len(parts) != 1:
            return x
        (atom,) = parts
        value, part = constant(atom.args[0]), unit(atom)
        if value is None or part is None:
            return x
        if isinstance(part, np.ndarray):
            made = symbol(word_of("t", part), atom.shape)
            note = label_note(made)
            self.conditions[note.text] = note
        else:
            made = self.unit_vector(Atom("put", (number(1), atom.args[1]), atom.shape), part)
        return replace(x, lambda other: multiple(made, value) if other == atom else None)

    def unit_vector(self, ones: Atom, index: int) -> Formula:
        """A symbol for the vector that is 1 at one index."""
        if ones in self.units:
            return self.units[ones]
        letter = next((letter for letter in "eui" if letter not in self.taken), "e")  # e_k is an entry of an array e
        made = self.units[ones] = self.named(self.first_free([f"{letter}_{k}" for k in "kji"]), ones)
        self.definitions[made.only()] = Note(
            f"{text(made)} is 1 at index {index}, 0 elsewhere",
            rf"{latex(made)} \text{{ is 1 at index {index}, 0 elsewhere}}",
            made,
            single(ones),
        )
        return made

    def notes_for(self, x: Formula, said: set[Atom]) -> Iterator[Note]:
        """What is to be said before a formula is shown: definitions of symbols in it that were not given yet."""
        for atom in atoms_of(x):
            note = self.definitions.get(atom)
            if note is not None and atom not in said:
                said.add(atom)
                assert note.value is not None
                yield from self.notes_for(note.value, said)
                yield note


def entries(x: np.ndarray) -> Any:
    """What tells an array's entries from others', whatever their dtype and the sign of 0."""
    return content(x.astype(float) + 0.0)


def layer_number(name: str) -> str:
    """The number at the end of a name, which is its layer's."""
    _, above, below = name_parts(str(name))
    return above[1:].partition("]")[0] if above.startswith("[") else below if below.isdigit() else ""


def label_note(t: Formula) -> Note:
    """What the one-hot rows of labels are."""
    return Note(f"{text(t)} is 1 at the label, 0 elsewhere", rf"{latex(t)} \text{{ is 1 at the label, 0 elsewhere}}")
