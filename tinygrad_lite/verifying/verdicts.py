"""Verdicts on statements: found by computing both sides, never by being told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from .draws import Draw
from .statements import Condition, Correction, Quoted, Side, Statement

ROUNDINGS: Final = 1024
"""The tolerance, in units of rounding of the largest number compared, or of 1 where all are smaller.

Factors like 1 − σ(z) are rounded as 1 is, however small what they multiply. The sums behind a statement have up to some
thousand terms of mixed sign, whose rounding errors grow like the square root of their number. A wrong sign there is off
by twice the number: some 10¹³ times the tolerance.
"""

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "equation": {},
    "definition": {},
    "claim": {"holds": "true", "holds when": "true when", "misprinted": "false"},
}
"""The kinds of statements, and what each calls its verdicts where it differs."""

UNEXPLAINED: Final = "fails"
"""The verdict on a statement that disagrees and has no right form."""


# ---------------------------------------------------------------------------------------------------------------------
# Both sides of it on a draw


class Comparison(NamedTuple):
    """A quantity computed and as printed: the largest absolute difference, where it is, and what rounding explains."""

    name: str
    shape: tuple[int, ...]
    difference: float
    tolerance: float
    detail: str

    @property
    def holds(self) -> bool:
        return self.difference <= self.tolerance  # false for NaN

    def excess(self) -> float:
        """The difference in units of the tolerance; infinite for NaN."""
        if not math.isfinite(self.difference):
            return math.inf
        return self.difference / self.tolerance if self.tolerance else 0.0


NOTHING_COMPARED: Final = Comparison("", (), 0.0, 0.0, "")
"""Of a definition: there is nothing that its sides could differ in."""


class Outcome(NamedTuple):
    """What a draw showed; ``met`` tells whether the statement's condition is satisfied there."""

    draw: Draw
    comparisons: tuple[Comparison, ...]
    met: bool = True

    @property
    def holds(self) -> bool:
        return all(c.holds for c in self.comparisons)

    @property
    def worst(self) -> Comparison:
        """The quantity that is furthest off, measured by its tolerance."""
        return max(self.comparisons, key=Comparison.excess)

    def __str__(self) -> str:
        return f"{self.draw.name}: {self.worst.detail}"


def quantities(side: Any) -> Mapping[str, Any]:
    """Arrays by name; a single array has the name ''."""
    return side if isinstance(side, Mapping) else {"": side}


def compare(computed: Any, printed: Any) -> tuple[Comparison, ...]:
    """Compare quantity by quantity; raise ValueError where the two sides are not of the same quantities."""
    ours, theirs = quantities(computed), quantities(printed)
    if not ours or ours.keys() != theirs.keys():
        raise ValueError(f"one side gives {sorted(ours)}, the other {sorted(theirs)}")
    return tuple([comparison(name, np.asarray(ours[name]), np.asarray(theirs[name])) for name in ours])


def comparison(name: str, ours: Any, theirs: Any) -> Comparison:
    """Two arrays' largest difference, and the tolerance for numbers of their size; arrays of other shapes differ."""
    label = f"{name}: " if name else ""
    if ours.shape != theirs.shape:
        detail = f"{label}the printed form is of shape {theirs.shape}, the quantity of shape {ours.shape}"
        return Comparison(name, ours.shape, math.inf, 0.0, detail)
    scale = max([1.0, *[float(np.max(np.abs(a), initial=0.0)) for a in (ours, theirs)]])
    off = np.abs(ours - theirs)
    worst = np.unravel_index(np.argmax(off), off.shape) if off.size else ()
    where = f"[{', '.join(map(str, worst))}] " if worst else ""
    detail = f"{label}{where}is {ours[worst] + 0.0:.6g}, printed {theirs[worst] + 0.0:.6g}" if off.size else "empty"
    tolerance = ROUNDINGS * float(np.finfo(np.float64).eps) * scale
    return Comparison(name, ours.shape, float(np.max(off, initial=0.0)), tolerance, detail)


def outcome(draw: Draw, computed: Side, printed: Side, condition: Condition | None = None) -> Outcome | None:
    """Compare two sides on a draw; None where the draw is extreme and float64 cannot hold one of them.

    A printed form that NumPy refuses since the shapes do not fit is not well formed, and so differs; so does one that
    divides by zero on an ordinary draw.
    """
    met = condition is None or bool(condition.test(draw.setting))
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        try:
            ours = computed(draw.setting)
        except FloatingPointError:
            if draw.extreme:
                return None
            raise
        try:
            theirs = printed(draw.setting)
        except ArithmeticError as error:
            return None if draw.extreme else Outcome(draw, (impossible(f"not finite: {error}"),), met)
        except ValueError as error:
            return Outcome(draw, (impossible(f"not well formed: {error}"),), met)
    return Outcome(draw, compare(ours, theirs), met)


def impossible(why: str) -> Comparison:
    """The comparison with a formula that has no value."""
    return Comparison("", (), math.inf, 0.0, f"the printed form is {why.partition(' (')[0].rstrip('.')}")


def outcomes(draws: Iterable[Draw], computed: Side, printed: Side, condition: Condition | None = None) -> list[Outcome]:
    """Those of all draws that float64 can hold."""
    found = [outcome(draw, computed, printed, condition) for draw in draws]
    return [o for o in found if o is not None]


# ---------------------------------------------------------------------------------------------------------------------
# The verdict


class Standing(NamedTuple):
    """How far a statement is proved: in words, and what there is to say about it."""

    status: str
    detail: str = ""

    @property
    def proved(self) -> bool:
        return self.status.startswith("proved")


NUMERICALLY: Final = "checked numerically"
UNPROVED: Final = "unproved"
NOT_ASKED: Final = Standing(NUMERICALLY)


class Finding(NamedTuple):
    """What checking a statement found.

    Attributes
    ----------
    verdict : "holds", "holds when", "misprinted", "convention" or "fails"; for claims "true", "true when", "false"
    relied_on : the outcomes that the verdict needs to agree: those under the condition, or those of the corrected form
    counterexample : the smallest draw on which the printed form differs
    reason : for "fails", why nothing better can be said; for "convention", the difference quotients
    condition : what "when" refers to
    """

    statement: Statement | Quoted
    verdict: str
    relied_on: tuple[Outcome, ...]
    counterexample: Outcome | None = None
    reason: str = ""
    proof: Standing = NOT_ASKED
    condition: str = ""

    @property
    def explained(self) -> bool:
        """Whether the printed form is right, or known to be wrong and put right."""
        return self.verdict != UNEXPLAINED

    @property
    def worst(self) -> Comparison:
        """The quantity that is furthest off where the verdict needs agreement, measured by its tolerance."""
        return max([o.worst for o in self.relied_on], key=Comparison.excess, default=NOTHING_COMPARED)

    @property
    def difference(self) -> float:
        """The largest absolute difference in the worst quantity."""
        return self.worst.difference

    @property
    def tolerance(self) -> float:
        """What rounding explains there."""
        return self.worst.tolerance

    @property
    def phrase(self) -> str:
        """The verdict, with the condition where there is one."""
        return f"{self.verdict} {self.condition}" if self.condition else self.verdict


def judge(statement: Statement, draws: Iterable[Draw]) -> Finding:
    """The verdict on a statement from these draws."""
    draws = list(draws)
    seen = outcomes(draws, statement.computed, statement.printed, statement.condition)
    if not seen:
        raise ValueError(f"{statement.id}: no draw to check it on")
    with_condition = [o for o in seen if o.met]
    wrong = [o for o in seen if not o.holds]
    counterexample = min(wrong, key=lambda o: o.draw.size, default=None)
    correction = statement.corrected
    mended = [] if correction is None else outcomes(draws, *statement.right_sides)

    def finding(verdict: str, relied_on: list[Outcome], reason: str = "") -> Finding:
        word = WORDS[statement.kind].get(verdict, verdict)
        condition = statement.condition.text if statement.condition is not None and word.endswith("when") else ""
        return Finding(statement, word, tuple(relied_on), counterexample, reason, condition=condition)

    if any(not o.holds for o in mended):
        return finding(UNEXPLAINED, mended, "the corrected form does not hold either")
    if not wrong:
        quotients = no_derivative(statement)
        return finding("convention" if quotients else "holds", seen, quotients)
    if statement.condition is not None:
        if not with_condition:
            return finding(UNEXPLAINED, seen, f"no draw with {statement.condition.text}")
        if any(not o.holds for o in with_condition):
            return finding(UNEXPLAINED, with_condition, f"it differs even when {statement.condition.text}")
        return finding("holds when", with_condition)
    if correction is None:
        return finding(UNEXPLAINED, seen)
    reason = doubt(statement, correction, draws)
    return finding(UNEXPLAINED, seen, reason) if reason else finding("misprinted", mended)


def doubt(statement: Statement, correction: Correction, draws: list[Draw]) -> str:
    """Why the mistake in print is not the one the correction names; empty where it is."""
    special, really = correction.right_when, correction.really
    if special is None and really is None:
        return "nothing says where the printed form is right, or what it is"
    if special is not None:
        there = [o for o in outcomes(draws, statement.computed, statement.printed, special) if o.met]
        if not there or any(not o.holds for o in there):
            return f"the printed form is not right when {special.text}"
    if really is not None and any(not o.holds for o in outcomes(draws, really, statement.printed)):
        return "the printed form is not what the correction says it is"
    return ""


def no_derivative(statement: Statement) -> str:
    """The difference quotients from both sides of the statement's kink where they differ, else an empty string.

    They are taken with steps of 10⁻³ and 10⁻⁶: a derivative's agree ever better, a kink's never do.
    """
    if statement.kink is None:
        return ""
    f, at, setting = statement.kink
    left, right = [[float((f(at) - f(at - h)) / h) + 0.0 for h in (s * 1e-3, s * 1e-6)] for s in (1, -1)]
    if abs(left[1] - right[1]) <= 0.1 * abs(left[0] - right[0]):
        return ""
    taken = float(np.max(next(iter(quantities(statement.printed(setting)).values()))))
    return (
        f"at {at:g} the difference quotients are {left[1]:.6g} from the left and {right[1]:.6g} from the right, so "
        f"there is no derivative; printed: {taken:g}"
    )


def agreement(a: Any, b: Any) -> Any:
    """1.0 where two arrays agree to rounding, else 0.0: what claims about agreeing and differing are compared by."""
    return float(all(c.holds for c in compare(a, b)))
