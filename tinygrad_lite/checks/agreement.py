"""Whether a claim agrees with the derivative at a point: to rounding, in one of its readings, or at a kink."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from .comparison import Claimed, Pair
from .diagnosis.numbers import agree
from .kinks import is_between, sides_of
from .layouts import WHOLE, Reading, declared, in_every_entry, parts
from .points import is_floating

TOLERANCE: Final = {np.dtype(np.float64): 1e-9, np.dtype(np.float32): 1e-4, np.dtype(np.float16): 1e-2}
"""What rounding may do, in units of the largest entry: far above it, and far below any mistake."""

LAST_PLACES: Final = 4e-16
"""What a formula such as 1 − y² may lose where it cancels, in units of the largest entry at the given arguments."""

FAINT: Final = 1e-13
"""Differences that rounding makes anywhere, in units of the largest entry."""

APART: Final = 1e-6
"""A difference of an entry, in units of its own size, at which it is asked whether rounding explains it."""

TINY: Final = 1e-10
"""Differences that may be of rounding alone, in units of the largest number that there is in arguments and results."""

LOOKS: Final = 8
"""Points at which kinks are looked for, and at which rounding is measured."""


class Agreement:
    """Compares claims with derivatives, point by point.

    Attributes
    ----------
    readings : for each quantity the ways to read the claim that hold so far, the usual one first
    tolerance : in units of the largest entry
    kinks : for each quantity what there is between, the smallest and the largest, where it was claimed at a kink
    """

    def __init__(
        self, claimed: Claimed, part: Any, tolerance: float | None, given: Pair, rng: np.random.Generator
    ) -> None:
        self.claimed = claimed
        self.rng = rng
        self.part = None if part is None else declared(part)
        dtype = np.asarray(given.y).dtype
        if tolerance is None:
            tolerance = max(TOLERANCE.get(dtype, 1e-4 if dtype.kind == "f" else 1e-9), TOLERANCE[claimed.precision])
        self.tolerance = tolerance
        self.readings: list[list[Reading]] = []
        self.kinks: dict[int, tuple[float, float]] = {}
        self.looks = self.measures = LOOKS
        sizes = [float(np.max(np.abs(x), initial=0)) for x in (*claimed.leaves, given.y) if is_floating(x)]
        self.largest = max(sizes, default=0.0)
        self.lost = [LAST_PLACES * float(np.max(np.abs(truth), initial=0)) for truth in given.truths]

    def begin(self, q: int, leaves: Sequence[Any], pair: Pair) -> bool:
        """Find the ways to read a claim that agree at the given arguments; whether there is one."""
        whole = [self.part] if self.part else list(WHOLE)
        fitting = [reading for reading in whole if self.paired(reading, q, leaves, pair) is not None]
        found = [reading for reading in fitting if self.is_close(reading, q, leaves, pair)]
        if not found and not self.part:
            found = list(parts(pair.claims[q], pair.truths[q], self.tolerance))
        usual = [reading for reading in fitting if reading.pair is not in_every_entry][:1]
        if not found:
            found = [reading for reading in usual if self.at_a_kink(reading, q, leaves, pair)]
        self.readings.append(found[:1] if found[:1] == usual else found or usual)
        return bool(found)

    def holds(self, q: int, leaves: Sequence[Any], pair: Pair) -> bool:
        """Whether one of the readings that held so far holds at another point; those that do not are forgotten."""
        found = [reading for reading in self.readings[q] if self.is_close(reading, q, leaves, pair)]
        if not found and self.kinks:
            found = [reading for reading in self.readings[q][:1] if self.at_a_kink(reading, q, leaves, pair)]
        if found:
            self.readings[q] = found
        return bool(found)

    def reading(self, q: int) -> Reading | None:
        """How the claim is read."""
        return self.readings[q][0] if self.readings[q] else None

    def paired(self, reading: Reading, q: int, leaves: Sequence[Any], pair: Pair, truth: Any = None) -> Any:
        """Both sides in one shape; None where they do not fit."""
        x_shape = np.shape(leaves[self.claimed.quantities[q]])
        truth = pair.truths[q] if truth is None else truth
        return reading.pair(pair.claims[q], truth, np.shape(pair.y), x_shape)

    def is_close(self, reading: Reading, q: int, leaves: Sequence[Any], pair: Pair) -> bool:
        """Whether the claim, so read, is the derivative at a point, to rounding."""
        both = self.paired(reading, q, leaves, pair)
        if both is None:
            return False
        a, b = both
        off, most = np.max(np.abs(a - b), initial=0), np.max(np.abs(b), initial=0)
        if off <= FAINT * most < math.inf or off <= self.lost[q] < math.inf:
            return True
        if agree(a, b, self.tolerance):
            return self.in_every_scale(reading, q, leaves, a, b)
        return self.is_of_rounding(reading, q, leaves, a, b)

    # -- rounding, where there is little or much of it ----------------------------------------------------------------

    def is_of_rounding(self, reading: Reading, q: int, leaves: Sequence[Any], a: Any, b: Any) -> bool:
        """Whether both sides are of rounding alone, as at a minimum, where all that they are made of cancels."""
        off = float(np.max(np.abs(a - b), initial=0))
        if not self.measures or not np.isfinite(off) or off > TINY * max(self.largest, 1.0):
            return False
        self.measures -= 1
        return off <= 100 * float(np.max(self.noise(reading, q, leaves, a, b), initial=0))

    def in_every_scale(self, reading: Reading, q: int, leaves: Sequence[Any], a: Any, b: Any) -> bool:
        """Whether entries that are much smaller than the largest agree, too, as far as rounding lets them."""
        off, own = np.abs(a - b), np.maximum(np.abs(a), np.abs(b))
        loose = max(self.tolerance / 1e-9, 1.0)
        suspicious = (off > APART * loose * own) & (off > FAINT * loose * np.max(own, initial=0))
        if loose > 1 or not np.any(suspicious) or not self.measures:
            return True
        self.measures -= 1
        return not np.any(suspicious & (off > 100 * self.noise(reading, q, leaves, a, b)))

    def noise(self, reading: Reading, q: int, leaves: Sequence[Any], a: Any, b: Any) -> Any:
        """By how much both sides change where the last digits of the arguments do; small whole numbers are exact."""
        found = np.zeros(np.shape(a))
        for _ in range(3):
            moved = [self.with_other_digits(x) if is_floating(x) else x for x in leaves]
            try:
                other = self.paired(reading, q, moved, self.claimed.both_at(moved))
            except Exception:  # a function of these numbers alone
                return found
            found = np.maximum(found, np.maximum(np.abs(other[0] - a), np.abs(other[1] - b)))
        return found

    def with_other_digits(self, x: Any) -> Any:
        """Numbers that rounding cannot tell from these."""
        moved = x * (1 + 4e-16 * self.rng.standard_normal(np.shape(x)))
        return np.where((x == np.rint(x)) & (np.abs(x) < 1e4), x, moved)[()]

    # -- kinks --------------------------------------------------------------------------------------------------------

    def at_a_kink(self, reading: Reading, q: int, leaves: Sequence[Any], pair: Pair) -> bool:
        """Whether the claim is between the one-sided derivatives."""
        both = self.paired(reading, q, leaves, pair)
        if both is None or not self.looks or not np.all(np.isfinite(both[0])):
            return False
        self.looks -= 1
        a, b = both
        scale = float(max(np.max(np.abs(pair.truths[q]), initial=0), np.max(np.abs(a), initial=0)))
        wanted = None
        if reading.is_whole:
            off = np.abs(a - b) > self.tolerance * np.max(np.abs(b), initial=0)
            wanted = np.any(off, axis=tuple(range(np.ndim(off) - np.ndim(leaves[self.claimed.quantities[q]]))))

        def accepts(place: Any, low: Any, high: Any) -> bool:
            return not reading.is_whole or is_between(a[place], low, high, self.tolerance, scale)

        try:
            with np.errstate(all="ignore"):
                sides = sides_of(self.claimed, q, leaves, pair.truths[q], self.rng, wanted, accepts)
        except Exception:  # a step aside is outside of where the function is defined
            return False
        if sides is None:
            return False
        _, low = self.paired(reading, q, leaves, pair, sides.low)
        _, high = self.paired(reading, q, leaves, pair, sides.high)
        _, seen = self.paired(reading, q, leaves, pair, sides.seen)
        if not is_between(a[seen], low[seen], high[seen], self.tolerance, scale):
            return False
        wide = int(np.argmax(high - low))
        self.kinks.setdefault(q, (float(low.flat[wide]), float(high.flat[wide])))
        return True
