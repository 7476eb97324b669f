"""Proofs that two arrays of expressions are equal: the difference, entry by entry, is brought to zero.

Every exponential eᶻ becomes a symbol of its own, which makes rational functions of softmax, sigmoid, tanh and all that
is made of them; ``cancel`` then decides. What cannot be brought to zero is *unproved*. It is
called wrong only with a counterexample: numbers for the symbols where the two sides differ.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ..consoles import legible
from .scalars import DECIDING, SHADOWS, number, sympy
from .variables import expressions, parts_of

POINTS: Final = 4
"""At how many random points the two sides are compared before a proof is tried."""

TOLERANCE: Final = 1e-8
"""What rounding can explain there, relative to the size of the numbers."""


@dataclass(frozen=True)
class Proof:
    """What trying to prove two arrays equal found.

    Attributes
    ----------
    status : "proved", "unproved" or "counterexample"
    entries : how many pairs of entries were compared
    open : for "unproved", the index of the first entry that is open, and the difference that is left there
    counterexample : the symbols' values, the index of the entry, and the two sides there
    seconds : how long it took
    """

    status: str
    entries: int
    open: tuple[tuple[int, ...], Any] | None = None
    counterexample: Counterexample | None = None
    seconds: float = 0.0

    def __bool__(self) -> bool:
        return self.status == "proved"

    def __str__(self) -> str:
        if self.open is not None:
            return legible(f"unproved: entry {self.open[0]} leaves {self.open[1]}")
        if self.counterexample is not None:
            return f"counterexample: {self.counterexample}"
        return f"proved, {self.entries} entr{'y' if self.entries == 1 else 'ies'}"


@dataclass(frozen=True)
class Counterexample:
    """Where two sides differ."""

    values: Mapping[str, float]
    index: tuple[int, ...]
    left: float
    right: float

    def __str__(self) -> str:
        point = ", ".join([f"{name} = {value:.3g}" for name, value in self.values.items()])
        where = f" at {point}" if point else ""
        return legible(f"entry {self.index} is {self.left:.6g} on the left and {self.right:.6g} on the right{where}")


def prove_equal(a: Any, b: Any, *, assuming: Mapping[Any, Any] | None = None) -> Proof:
    """Prove that two arrays of symbolic scalars are equal, for all real values of the symbols.

    A proof, like a counterexample, covers the formulas in real numbers, without rounding; on the branch that was taken
    where the symbols' shadows decided a comparison; for the number of symbols there are. Values where either side is
    not defined are left out.

    Parameters
    ----------
    a, b : arrays of symbolic scalars, numbers or SymPy expressions, of shapes that broadcast; Tensors of such
    assuming : equations that hold, expression → value, such as ``{t.sum(): 1}``; each must be linear in some symbol

    Returns
    -------
    a :class:`Proof`, true if they were proved equal. ``status`` tells apart *unproved*, where no conclusion was
    reached, and *counterexample*, where they differ.

    >>> z = tl.symbols("z", 3)
    >>> y = np.exp(z) / np.exp(z).sum()
    >>> print(tl.prove_equal(tl.jacobian(tl.softmax)(z), y[:, None] * (np.eye(3) - y)))
    proved, 9 entries
    >>> tl.prove_equal(tl.jacobian(tl.softmax)(z), np.diag(y * (1 - y))).status
    'counterexample'
    """
    started = time.perf_counter()
    left, right = np.broadcast_arrays(expressions(a), expressions(b))
    given = substitutions(assuming or {})
    places: list[tuple[int, ...]] = list(np.ndindex(*left.shape))
    pairs = {place: (left[place].subs(given), right[place].subs(given)) for place in places}
    pairs = {place: pair for place, pair in pairs.items() if pair[0] != pair[1] or undefined(pair)}
    defined = {place: pair for place, pair in pairs.items() if not undefined(pair)}
    found = counterexample(defined) if defined else None
    remains = None
    if found is None:
        for place, (x, y) in pairs.items():
            rest = sympy().nan if undefined((x, y)) else shown_zero(x - y)
            if rest != 0:
                remains = place, rest
                break
    status = "counterexample" if found else "unproved" if remains else "proved"
    return Proof(status, left.size, remains, found, time.perf_counter() - started)


def substitutions(assuming: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    """For each assumed equation a symbol that it gives, and what it gives for it."""
    s = sympy()
    found: list[tuple[Any, Any]] = []
    for one_side, other in assuming.items():
        equation = s.expand((number(one_side).expr - number(other).expr).subs(found))
        for symbol in sorted(equation.free_symbols, key=str, reverse=True):
            slope = equation.diff(symbol)
            if not slope.has(symbol) and slope.is_nonzero:
                found.append((symbol, s.expand(symbol - equation / slope)))
                break
        else:
            if equation != 0:
                raise ValueError(f"prove_equal: the assumption {one_side} = {other} is linear in no symbol")
    return found


# ---------------------------------------------------------------------------------------------------------------------
# By numbers


def undefined(pair: tuple[Any, Any]) -> bool:
    """Whether one of two sides has 0/0 or a division by 0 in it: then it equals nothing, not even itself."""
    s = sympy()
    return any(not parts_of(side).isdisjoint((s.nan, s.zoo)) for side in pair)


NEAR: Final = 1e-3
"""How far from its shadow a symbol is moved whose shadow chose a branch, so that the branch stays the same."""


def value_of(symbol: Any, u: float) -> float:
    """A value for a symbol from a normal deviate: of the symbol's sign, and on the branch that was taken."""
    if symbol in DECIDING and symbol in SHADOWS:
        return SHADOWS[symbol] * (1 + NEAR * u) + (0 if symbol.is_positive else NEAR**2 * u)
    return abs(u) + 0.25 if symbol.is_positive else u


def counterexample(pairs: Mapping[tuple[int, ...], tuple[Any, Any]]) -> Counterexample | None:
    """A point and an entry where the sides differ by more than rounding, if there is one among some random points."""
    names = sorted({name for pair in pairs.values() for side in pair for name in side.free_symbols}, key=str)
    if len({str(name) for name in names}) < len(names):
        twice = next(str(name) for name, after in itertools.pairwise(names) if str(name) == str(after))
        raise ValueError(
            f"prove_equal: two different symbols are called {twice}, such as one that is positive and one "
            "that is not; use the same, or other names"
        )
    sides = list(itertools.chain.from_iterable(pairs.values()))
    function = sympy().lambdify(names, sides, modules="numpy", cse=True)
    rng = np.random.default_rng(0)
    tried = 0
    for _ in range(5 * POINTS):
        if tried == POINTS:
            break
        point = [value_of(name, float(u)) for name, u in zip(names, rng.normal(size=len(names)), strict=True)]
        with np.errstate(all="ignore"):
            try:
                numbers = [float(value) for value in function(*[np.float64(u) for u in point])]
            except (TypeError, ValueError, ZeroDivisionError, NameError):
                continue  # not a real number here, or a function NumPy lacks
        tried += all(map(math.isfinite, numbers))
        for place, left, right in zip(pairs, numbers[::2], numbers[1::2], strict=True):
            scale = 1 + max(abs(left), abs(right))
            if math.isfinite(scale) and abs(left - right) > TOLERANCE * scale:
                values = {str(name): u for name, u in zip(names, point, strict=True)}
                return Counterexample(values, place, left, right)
    return None


# ---------------------------------------------------------------------------------------------------------------------
# By algebra

SMALL: Final = 120
"""Up to how many operations SymPy's general ``simplify`` is tried too; it can take minutes on more."""


def shown_zero(difference: Any) -> Any:
    """0 if the expression can be shown to be, else what is left of it."""
    s = sympy()
    if difference == 0:
        return difference
    rest = lowest_terms(difference)
    if rest != 0 and difference.has(s.sinh, s.cosh, s.tanh):
        rest = lowest_terms(difference.rewrite(s.exp))
    if rest != 0 and difference.count_ops() <= SMALL:
        rest = s.simplify(difference)
    return rest


def lowest_terms(expression: Any) -> Any:
    """A quotient of polynomials in lowest terms, of exponentials and of whatever else occurs."""
    s = sympy()
    rest = s.cancel(rational(expression))
    return rest if rest == 0 else s.cancel(s.expand_log(s.expand(rest), force=True))


def rational(expression: Any) -> Any:
    """The expression with a symbol e > 0 for each eᵘ: e^(2u − v) is e_u²/e_v, a rational function."""
    s = sympy()

    def product(exponential: Any) -> Any:
        found = s.Integer(1)
        for term in s.Add.make_args(s.expand(exponential.exp)):
            times, u = term.as_coeff_Mul()
            found *= s.exp(times) if u == 1 else s.Symbol(f"e_{u}", positive=True) ** times
        return found

    return s.expand_log(expression.replace(lambda e: isinstance(e, s.exp), product), force=True)
