"""True derivatives of elementwise functions, by SymPy, Arb and mpmath, and points where floats make them hard."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import mpmath
import numpy as np
import sympy

from .enclosures import enclosure, is_finite, is_settled, midpoint, of_balls

FEWEST_BITS = 1200
"""More than the exponents of float64 span: what cancels to 0 in them is 0 in floats."""


class Truth:
    """A function of SymPy's and its derivatives, as functions of floats to as many bits as it takes.

    They are computed with proven bounds where those come near enough to each other. Elsewhere, as where there is no
    derivative or no real value, mpmath computes them to more and more bits, until they stay.
    """

    def __init__(self, counterpart: Callable[..., Any], arity: int) -> None:
        self.symbols = sympy.symbols([f"x{k}" for k in range(arity)], real=True)
        self.value = counterpart(*self.symbols)

    @cache  # noqa: B019 (kept as long as the tests run)
    def compiled(self, places: tuple[int, ...]) -> tuple[Callable[..., Any], Callable[..., Any] | None]:
        """The derivative by the arguments at these places, one after another: of mpmath's numbers, and of balls."""
        derivative = sympy.diff(self.value, *[self.symbols[k] for k in places]) if places else self.value
        derivative = derivative.replace(sympy.DiracDelta, lambda *_: sympy.Integer(0)).doit()
        shared = not derivative.has(sympy.Piecewise)  # what pieces share would be computed where none of them is taken
        return (
            sympy.lambdify(self.symbols, derivative, "mpmath", cse=shared),
            of_balls(derivative, self.symbols, shared),
        )

    @cache  # noqa: B019
    def is_real(self, point: tuple[float, ...]) -> bool:
        """Whether the function has a real value, or is infinite, as ln 0 is, or beyond mpmath."""
        value, ball = self.compiled(())
        if enclosure(ball, point, is_finite) is not None:
            return True
        try:
            with mpmath.workprec(FEWEST_BITS):
                return bool(mpmath.im(value(*map(mpmath.mpf, point))) == 0)
        except (ZeroDivisionError, OverflowError):
            return True

    def at(self, places: tuple[int, ...], point: Sequence[float]) -> Any:
        """The derivative; NaN where the function has no real value, None where there is no derivative."""
        if not self.is_real(tuple([float(x) for x in point])):
            return mpmath.nan
        derivative, ball = self.compiled(places)
        known = enclosure(ball, point, is_settled)
        if known is not None:
            return midpoint(known)
        try:
            return mpmath.re(exactly(derivative, point))
        except (ZeroDivisionError, OverflowError):
            return None


def exactly(function: Callable[..., Any], point: Sequence[float]) -> Any:
    """A function's value, with twice as many bits until it stays."""
    before, bits = None, FEWEST_BITS
    while True:
        with mpmath.workprec(bits):
            found = mpmath.mpmathify(function(*[mpmath.mpf(float(x)) for x in point]))
            if not mpmath.isfinite(found):
                raise ZeroDivisionError(f"infinite at {point}")
            if before is not None and abs(found - before) <= abs(found) * mpmath.mpf(2) ** -90:
                return found
        if bits > 16 * FEWEST_BITS:
            return found * 0  # it vanishes to whatever precision
        before, bits = found, 2 * bits


class Format(NamedTuple):
    """Floats: their digits, and exponents of 2: of the smallest, and of the number after the largest."""

    digits: int
    lowest: int
    highest: int


@cache
def format_of(dtype: Any) -> Format:
    limits = np.finfo(dtype)
    return Format(limits.nmant + 1, int(limits.minexp) - limits.nmant, int(limits.maxexp))


def rounded(x: Any, dtype: Any) -> Any:
    """A real number to the nearest of the floats, or infinite."""
    x = mpmath.mpmathify(x)
    if not mpmath.isfinite(x):
        return dtype(float(x))
    negative, mantissa, exponent, bits = x._mpf_
    digits, lowest, highest = format_of(dtype)
    e = exponent + bits
    if not mantissa or e < lowest:  # not half of the smallest, and how many places it has may be beyond all memory
        return dtype(-0.0 if negative else 0.0)
    if e > highest:
        return dtype(-np.inf if negative else np.inf)
    step = max(e - digits, lowest)  # of the last place
    places = step - exponent
    whole = int(mantissa) << -places if places < 0 else nearest_multiple(int(mantissa), places)
    size = math.inf if whole.bit_length() + step > highest else math.ldexp(whole, step)
    return dtype(-size if negative else size)


def nearest_multiple(n: int, places: int) -> int:
    """How many times 2 to the power of the places is in n, rounded; half of one to an even number."""
    whole, rest = n >> places, n & ((1 << places) - 1)
    half = 1 << places >> 1
    return whole + (rest > half or (rest == half and bool(places) and whole & 1))


def last_places(got: Any, truth: Any, dtype: Any, beside: Any = 0) -> float:
    """How many units in the last place of the truth a float is off; infinity counts as the float after the largest.

    The unit is that of another number, if that is larger.
    """
    nearest, other = rounded(truth, dtype), rounded(beside, dtype) if beside else dtype(0)
    if np.isnan(got) or np.isnan(nearest):
        return 0.0 if np.isnan(got) and np.isnan(nearest) else np.inf
    digits, lowest, highest = format_of(dtype)
    edge = mpmath.ldexp(1, highest)
    found = mpmath.mpf(float(got)) if np.isfinite(got) else edge * int(np.sign(got))
    true = mpmath.mpmathify(truth) if np.isfinite(nearest) else edge * int(np.sign(nearest))
    size = max(abs(float(nearest)), abs(float(other)))
    e = highest if math.isinf(size) else math.frexp(size)[1] if size else lowest
    return float(mpmath.ldexp(abs(found - true), -max(e - digits, lowest)))


def neighbours(x: Any) -> list[Any]:
    """A float, the one before and the one after."""
    return [np.nextafter(x, x.dtype.type(-np.inf)), x, np.nextafter(x, x.dtype.type(np.inf))]


LANDMARKS = (
    0.0, 0.25, 0.5, 0.75, 1.0, 1.3169, 1.5, 2.0, 3.0, 4.0, 8.0, 9.0, 18.0, 19.1, 26.5, 27.3, 36.8, 44.0, 45.0, 87.3,
    88.7, 104.0, 372.0, 373.0, 709.0, 709.8, 745.0, 746.0, 0.3535533905932738, 0.46875,
    1.0986, 16.6, 17.4, 1e8, 1e16, 2.0**24, 2.0**53, 1e5, 1e22,
)  # fmt: skip
"""Where functions saturate, formulas change, or rounding of the argument begins to tell."""


@np.errstate(all="ignore")
def hard_points(dtype: Any, count: int, seed: int = 0) -> np.ndarray:
    """Floats of all sizes and both signs, and those at and around the landmarks, the largest and smallest."""
    limits, rng = np.finfo(dtype), np.random.default_rng(seed)
    few = [np.float64(x).astype(dtype) for x in (*LANDMARKS, limits.max, limits.tiny, limits.smallest_subnormal)]
    few += [dtype(np.sqrt(limits.max)), dtype(np.sqrt(limits.tiny)), dtype(limits.eps)]
    few += [dtype(1) - dtype(limits.eps) * dtype(k) for k in (8.0, 1e3)]
    powers = range(int(limits.minexp) - limits.nmant, int(limits.maxexp))
    few += [np.ldexp(dtype(1), int(k)) for k in rng.permutation(powers)[: max(count // 8, 4)]]
    around = [y for x in few for y in neighbours(x)]
    drawn = [
        *rng.uniform(-1, 1, count // 4), *rng.uniform(-45, 45, count // 4), *rng.uniform(-800, 800, count // 8),
        *(np.exp2(rng.uniform(powers.start, powers.stop - 1, count // 8)) * rng.choice([-1.0, 1.0], count // 8)),
    ]  # fmt: skip
    found = np.concatenate([around, -np.array(around), np.asarray(drawn).astype(dtype)])
    found = np.unique(found[np.isfinite(found)])  # ±0 is one of them
    kept = rng.permutation(len(found))[:count] if len(found) > count else np.arange(len(found))
    return np.asarray(found[np.sort(kept)])


def multi_indices(arity: int, order: int) -> Iterator[tuple[int, ...]]:
    """By which arguments to differentiate, in any order: each choice once."""
    if order == 0:
        yield ()
        return
    for k in range(arity):
        for rest in multi_indices(arity, order - 1):
            if not rest or k <= rest[0]:
                yield (k, *rest)
