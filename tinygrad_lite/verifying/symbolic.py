"""Equations of a page proved: both sides computed with symbols in the place of numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from ..proofs import prove_equal, symbols
from ..proofs.scalars import DECIDING
from ..proofs.variables import expressions, parts_of
from ..reading.axes import Dim
from ..reading.equations import Equation
from ..reading.given import Arrays, Assignment, Requisite, Requisites, functions, lengths
from ..reading.meaning import Interpreter
from ..reading.meaning.interpreting import Key
from ..reading.pages import Paper
from ..reading.stand_ins import StandIn
from ..reading.vocabulary import Entity, Vocabulary
from .draws import sizes_in_words
from .proving import EXTRA
from .verdicts import NUMERICALLY, UNPROVED, Standing

SIZES: Final = (2, 3)
"""Of all axes whose lengths nothing says; a larger one is tried only where the one before had few symbols."""

FEW_SYMBOLS: Final = 16
"""So many are few: a proof with them takes well under a second."""

MOST_ENTRIES: Final = 64
"""Of an array of symbols."""

MOST_CASES: Final = 16
"""Of labels and one-hot vectors, each of which is proved by itself."""

POSITIVE: Final = frozenset({"positive", "positive definite", "between 0 and 1", "probabilities"})

KNOWN: Final = ("symmetric", "sums to 1", "probabilities", "one-hot", "positive", "between 0 and 1")
"""The structures that symbols can have; of those that are declared, others are not made use of."""

Cases = Mapping[Key, int]
"""Of labels and one-hot vectors, the number of the case that each is in."""


class NoSymbols(ValueError):
    """Why something cannot be computed with symbols."""


class SymbolArrays(Arrays):
    """Symbols for the entries of the given arrays; ``cases`` are of those that have no symbols, but few values.

    ``open`` counts the cases of those that were asked for.
    """

    def __init__(
        self, vocabulary: Vocabulary, lengths: dict[Dim, int], otherwise: str, needs: Requisites, cases: Cases
    ) -> None:
        super().__init__(vocabulary, lengths, (0,), otherwise, needs)
        self.cases = cases
        self.open: dict[Key, int] = {}

    def __missing__(self, key: Key) -> Any:
        name, count = key
        entity = self.vocabulary.entities[name]
        interpreter = Interpreter(self.vocabulary, self, self.lengths)
        shape = tuple([interpreter.length(dim) or 0 for dim in self.vocabulary.slots_of(entity, count)])
        need = self.needs.get(name) or declared(entity, shape)
        if entity.kind == "label":
            assert entity.classes is not None
            self[key] = self.one_of(key, interpreter.length(entity.classes) or 1, shape) + entity.classes.first
        elif entity.kind != "given":
            raise NoSymbols(f"{name} is a {entity.kind}")
        elif need is not None and need.kind == "one-hot at":
            self[key] = one_hot(self[need.other, None] - entity.slots[-1].first, shape[-1])
        elif need is not None and need.kind == "one-hot":
            axis = need.axis % len(shape)
            places = self.one_of(key, shape[axis], shape[:axis] + shape[axis + 1 :])
            self[key] = np.moveaxis(one_hot(places, shape[axis]), -1, axis)
        else:
            self[key] = self.symbols(key, entity, shape, need)
        return self[key]

    def in_case(self, cases: Cases) -> SymbolArrays:
        """The same symbols, with other labels."""
        return SymbolArrays(self.vocabulary, self.lengths, self.otherwise, self.needs, cases)

    def one_of(self, key: Key, classes: int, shape: tuple[int, ...]) -> Any:
        """Whole numbers from 0, as the case says that this is."""
        self.open[key] = classes ** int(np.prod(shape))
        digits = self.cases.get(key, 0) // classes ** np.arange(int(np.prod(shape))) % classes
        return digits.reshape(shape)[()]

    def symbols(self, key: Key, entity: Entity, shape: tuple[int, ...], need: Requisite | None) -> Any:
        """Symbols with a structure."""
        name, count = key
        if np.prod(shape) > MOST_ENTRIES:
            raise NoSymbols(f"{name} has too many entries")
        if need is not None and need.kind not in KNOWN:
            raise NoSymbols(f"nothing is known of symbols when {name} is {need.kind}")
        kind = "" if need is None else need.kind
        shown = f"{name}·" if count is None else f"{name}·{count}·"
        positive = is_positive(entity, shape) or bool(self.otherwise) or kind in POSITIVE
        found = symbols(shown, shape, positive=positive)
        if kind == "symmetric":
            return np.where(np.tri(len(found)) == 1, found, found.T)
        if need is not None and kind in ("sums to 1", "probabilities"):
            others = np.take(found, range(shape[need.axis] - 1), need.axis)
            return np.concatenate([others, 1 - others.sum(axis=need.axis, keepdims=True)], axis=need.axis)
        return found


def one_hot(places: Any, classes: int) -> Any:
    """1 at each place, behind all other axes, else 0."""
    return (np.arange(classes) == np.asarray(places)[..., None]).astype(float)


def declared(entity: Entity, shape: tuple[int, ...]) -> Requisite | None:
    """What is declared of an array and can be made use of."""
    kinds = [quality for quality in entity.qualities if quality in KNOWN]
    fitting = [kind for kind in kinds if len(shape) == 2 or kind != "symmetric"]
    return Requisite(fitting[0]) if fitting and shape else None


def is_positive(entity: Entity, shape: tuple[int, ...]) -> bool:
    """Whether all of a symbol's entries are known to be above 0."""
    return bool(POSITIVE.difference({"positive definite"} if shape else set()).intersection(entity.qualities))


def standing(page: Paper, equation: Equation, needs: Requisites, otherwise: str = "") -> Standing:
    """How far an equation is proved that holds.

    Parameters
    ----------
    page, equation : where it stands
    needs : the structures that symbols must have
    otherwise : not empty where it was checked with positive numbers
    """
    try:
        import sympy  # noqa: F401
    except ImportError:
        return Standing(NUMERICALLY, EXTRA)
    taken = Taken(functions(page.vocabulary, None, needs, otherwise))
    shown: list[int] = []
    for size in SIZES:
        arrays = SymbolArrays(page.vocabulary, lengths(page.vocabulary, 0, size), otherwise, needs, {})
        found = proof(page, equation, arrays, taken)
        if found != "proved":
            return Standing(taken.proved(shown)) if shown else Standing(found)
        shown.append(size)
        if sum([np.size(array) for array in arrays.values()]) > FEW_SYMBOLS:
            break
    return Standing(taken.proved(shown))


class Taken(dict[str, StandIn]):
    """The functions taken for those of which the kind alone is known, and the names of those that were asked for."""

    def __init__(self, functions: Mapping[str, StandIn]) -> None:
        super().__init__(functions)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)

    def proved(self, sizes: list[int]) -> str:
        """What a proof is called: with such functions it is one for those that were taken."""
        found = f"proved for axes of length {sizes_in_words(sizes)}"
        return found + f", for one {', one '.join(sorted(self.asked))}" * bool(self.asked)


def proof(page: Paper, equation: Equation, first: SymbolArrays, taken: Taken) -> str:
    """What comes of trying to prove an equation of such symbols: in every case of its labels and one-hot vectors."""
    found = proof_in(page, equation, first, taken)
    if found == "proved" and np.prod(list(first.open.values()), initial=1) > MOST_CASES:
        return NUMERICALLY
    for cases in every_case(first.open):
        if found != "proved":
            break
        found = proof_in(page, equation, first.in_case(cases), taken)
    return found


def every_case(numbers: Mapping[Key, int]) -> Iterator[Cases]:
    """All cases but the first."""
    found = itertools.product(*[range(number) for number in numbers.values()])
    return (dict(zip(numbers, case, strict=True)) for case in itertools.islice(found, 1, None))


def proof_in(page: Paper, equation: Equation, arrays: SymbolArrays, taken: Taken) -> str:
    """What comes of trying to prove an equation of these symbols."""
    setting = Assignment(arrays.lengths, arrays, taken)
    try:
        with np.errstate(all="ignore"):  # of the symbols' shadows
            left, right = page.sides(equation, setting.interpreter(page.vocabulary))
        entries = [entry for side in (left, right) for entry in np.ravel(expressions(side))]
        if any(not parts_of(entry).isdisjoint(DECIDING) for entry in entries):
            return NUMERICALLY  # where a comparison chose a branch, the others are not proved
        status = prove_equal(left, right).status
    except (ValueError, TypeError, ArithmeticError, AttributeError, RecursionError):
        return NUMERICALLY  # what has no value with symbols, as the determinant
    return {"proved": "proved", "unproved": UNPROVED}.get(status, NUMERICALLY)
