"""Equations of a page proved: both sides computed with symbols in the place of numbers."""

from __future__ import annotations

import time
from typing import Any, Final

import numpy as np

from ..proofs import prove_equal, symbols
from ..proofs.scalars import DECIDING
from ..proofs.variables import expressions
from ..reading.equations import Equation
from ..reading.given import Arrays, Assignment, lengths
from ..reading.meaning import Interpreter
from ..reading.meaning.interpreting import Key
from ..reading.pages import Paper
from ..reading.vocabulary import Entity
from .draws import sizes_in_words
from .proving import EXTRA
from .verdicts import NOT_ASKED, NUMERICALLY, UNPROVED, Standing

SIZES: Final = (2, 3)
"""Of all axes whose lengths nothing says; a larger one is tried only where the one before took little time."""

SOON: Final = 1.0
"""So many seconds are little time."""

MOST_ENTRIES: Final = 64
"""Of an array of symbols."""

POSITIVE: Final = frozenset({"positive", "positive definite", "between 0 and 1", "probabilities"})


class NoSymbols(ValueError):
    """Why something cannot be computed with symbols."""


class SymbolArrays(Arrays):
    """Symbols for the entries of the given arrays; of their qualities, symmetry and signs alone are known."""

    def __missing__(self, key: Key) -> Any:
        name, count = key
        entity = self.vocabulary.entities[name]
        if entity.kind != "given":
            raise NoSymbols(f"{name} is a {entity.kind}")
        interpreter = Interpreter(self.vocabulary, self, self.lengths)
        shape = tuple([interpreter.length(dim) or 0 for dim in self.vocabulary.slots_of(entity, count)])
        if np.prod(shape) > MOST_ENTRIES:
            raise NoSymbols(f"{name} has too many entries")
        shown = f"{name}·" if count is None else f"{name}·{count}·"
        self[key] = symbols(shown, shape, positive=is_positive(entity, shape) or bool(self.otherwise))
        if "symmetric" in entity.qualities and len(shape) == 2:
            self[key] = np.where(np.tri(*shape, dtype=bool), self[key], self[key].T)
        return self[key]


def is_positive(entity: Entity, shape: tuple[int, ...]) -> bool:
    """Whether all of a symbol's entries are known to be above 0."""
    return bool(POSITIVE.difference({"positive definite"} if shape else set()).intersection(entity.qualities))


def standing(page: Paper, equation: Equation, otherwise: str = "") -> Standing:
    """How far an equation is proved that holds.

    Parameters
    ----------
    page, equation : where it stands
    otherwise : not empty where it was checked with positive numbers
    """
    try:
        import sympy  # noqa: F401
    except ImportError:
        return Standing(NUMERICALLY, EXTRA)
    if any(entity.kind == "elementwise" for entity in page.vocabulary.entities.values()):
        return NOT_ASKED  # what is known of them does not go into a proof
    shown: list[int] = []
    for size in SIZES:
        started = time.perf_counter()
        found = proof(page, equation, size, otherwise)
        if found != "proved":
            return Standing(found) if not shown else Standing(said(shown))
        shown.append(size)
        if time.perf_counter() - started > SOON:
            break
    return Standing(said(shown))


def said(sizes: list[int]) -> str:
    """What a proof is called."""
    return f"proved for axes of length {sizes_in_words(sizes)}"


def proof(page: Paper, equation: Equation, size: int, otherwise: str) -> str:
    """What comes of trying to prove an equation for one size."""
    sizes = lengths(page.vocabulary, 0, size)
    setting = Assignment(sizes, SymbolArrays(page.vocabulary, sizes, (0,), otherwise, {}), {})
    try:
        left, right = page.sides(equation, setting.interpreter(page.vocabulary))
        used = {
            symbol for side in (left, right) for entry in np.ravel(expressions(side)) for symbol in entry.free_symbols
        }
        if used & DECIDING:
            return NUMERICALLY  # where a comparison chose a branch, the others are not proved
        status = prove_equal(left, right).status
    except (ValueError, TypeError, ArithmeticError, AttributeError, RecursionError):
        return NUMERICALLY  # what has no value with symbols, as the determinant
    return {"proved": "proved", "unproved": UNPROVED}.get(status, NUMERICALLY)
