"""What came of comparing a derivation with autograd, as text and for notebooks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..consoles import console_width, legible

LABEL = 17


class Diagnosis(NamedTuple):
    """A mistake that gives the claimed numbers.

    Attributes
    ----------
    kind : "sign", "factor", "mean", "sum", "term" (one is missing), "axis" (the wrong one), "regulariser" (one too
        many); "transposed", "swapped", "wrong factor", "flipped", "order" (of entries), "updated" (a weight, too
        early), "write"; "slope missing", "slope at output", "slope elsewhere", "value for slope", "wrong slope",
        "diagonal"; "condition", "correct class", "entries", "not finite", "rounded"; or "several" for two at once
    text : the mistake, in a clause
    evidence : the test against the numbers, and how closely it came out
    quantity : the derivative that was claimed
    """

    kind: str
    text: str
    evidence: str
    quantity: str = ""

    def __str__(self) -> str:
        return legible(self.text)


class Disagreement(NamedTuple):
    """Where the claim is furthest off, at the first point where it is.

    Attributes
    ----------
    args : the arguments there
    given : whether they are the given ones, not drawn
    quantity, entry : which derivative, and which entry of it
    claimed, autograd : the two numbers
    """

    args: tuple[Any, ...]
    given: bool
    quantity: str
    entry: tuple[int, ...]
    claimed: float
    autograd: float

    def line(self) -> str:
        """In a line."""
        place = f"{self.quantity} {list(self.entry)}" if self.entry else self.quantity
        where = "at the given arguments" if self.given else "at arguments drawn at random (.counterexample.args)"
        return f"{place}: claimed {self.claimed + 0:.6g}, autograd {self.autograd + 0:.6g}, {where}"

    def __str__(self) -> str:
        return legible(self.line())


class Judgement(NamedTuple):
    """One derivative's part of a report: the largest difference, and what explains it, best first, or why not."""

    quantity: str
    holds: bool
    max_error: float
    diagnoses: tuple[Diagnosis, ...] = ()
    why_none: str | None = None


class Premise(NamedTuple):
    """What an argument must have for a claim to hold, with both sides of the evidence.

    Attributes
    ----------
    text : "A = Aᵀ"
    right : at how many points that meet all conditions the claim was compared, and right
    wrong, broken : at how many points it was wrong, of how many at which this condition was not met
    example : one of those
    """

    text: str
    right: int
    wrong: int
    broken: int
    example: Disagreement | None = None

    def line(self) -> str:
        """In a line."""
        return (
            f"{self.text}: the claim is right at {self.right} such points, "
            f"and wrong at {self.wrong} of {self.broken} others"
        )

    def __str__(self) -> str:
        return legible(self.line())


class DerivationReport:
    """What :func:`check_derivation` found. True where the derivation holds, be it under conditions.

    Attributes
    ----------
    verdict : "holds", at all points; "holds when A = Aᵀ", which the given arguments meet; "holds at the given
        arguments", and at no others that were tried, or at none were any tried; "does not hold", at the given
        arguments; "no verdict", for the function or the claim cannot be judged
    holds : the verdict is one of the first three; the report's truth value
    conditions : of a verdict "holds when …" each :class:`Premise`
    reason : why there is no verdict; None where there is one
    max_error : the largest absolute difference where the claim was found right, or of a wrong one at all; infinite
        where the shapes differ or the claim is not a number
    diagnosis : the simplest :class:`Diagnosis` that explains the claim, of the derivative that is furthest off; or None
    alternatives : others, of other kinds, that explain it as well
    counterexample : a :class:`Disagreement`; of what holds at the given arguments only, one at others; None where there
        is none, or shapes differ
    remarks : how the claim was read, what it relies on, and what could not be looked at
    results : for each derivative a :class:`Judgement`
    points : how many points were compared at
    """

    def __init__(
        self,
        results: tuple[Judgement, ...],
        counterexample: Disagreement | None,
        remarks: tuple[str, ...],
        points: int,
        tolerance: float,
        verdict: str = "",
        conditions: tuple[Premise, ...] = (),
        reason: str | None = None,
    ) -> None:
        self.results = results
        self.counterexample = counterexample
        self.remarks = remarks
        self.points = points
        self.tolerance = tolerance
        self.conditions = conditions
        self.reason = reason
        every = all(result.holds for result in results)
        self.verdict = verdict or ("no verdict" if reason else "holds" if every else "does not hold")
        self.holds = self.verdict.startswith("holds")
        self.max_error = max([result.max_error for result in results], default=0.0)
        failed = [result for result in results if result.diagnoses or not result.holds]
        worst = max(
            failed, key=lambda result: (not result.holds, bool(result.diagnoses), result.max_error), default=None
        )
        self.diagnosis = worst.diagnoses[0] if worst and worst.diagnoses else None
        self.alternatives = worst.diagnoses[1:] if worst else ()

    def __bool__(self) -> bool:
        return self.holds

    def headline(self) -> str:
        """The verdict in a line."""
        if self.reason is not None:
            return f"{', '.join([result.quantity for result in self.results])}: no verdict"
        names = [result.quantity for result in self.results if result.holds == self.holds]
        quantities = ", ".join(names)
        where = "the given point" if self.points == 1 else f"{self.points} points"
        if not self.holds:
            return f"{quantities}: the derivation does not hold (compared at {where})"
        if self.verdict == "holds at the given arguments":
            return f"{quantities}: the derivation holds at the given arguments"
        return f"{quantities}: the derivation {self.verdict}, at {where}"

    def lines(self) -> Iterator[tuple[str, str]]:
        """What there is to say, under headings."""
        if self.reason is not None:
            yield "reason", self.reason
        elif not math.isinf(self.max_error):
            yield "largest error", f"{self.max_error:.2g} (allowed: {self.tolerance:.1g} of the largest entry)"
        for condition in self.conditions:
            yield "condition", condition.line()
        several = len(self.results) > 1
        told: set[str] = set()
        for result in self.results:
            if (result.holds and not result.diagnoses) or self.reason is not None:
                continue
            prefix = f"{result.quantity}: " if several else ""
            if not result.diagnoses:
                yield "diagnosis", prefix + (result.why_none or "none of the known mistakes gives the claimed numbers")
                continue
            best, *others = result.diagnoses
            if best.text in told:
                yield "diagnosis", f"{prefix}the same"
                continue
            told.add(best.text)
            yield "diagnosis", prefix + best.text
            yield "evidence", best.evidence
            for other in others:
                yield "explains it, too", other.text
        if several and not self.holds and any(result.holds for result in self.results):
            yield "right", ", ".join([result.quantity for result in self.results if result.holds])
        if self.counterexample is not None:
            yield ("fails elsewhere" if self.holds else "counterexample"), self.counterexample.line()
        for remark in self.remarks:
            yield "remark", remark

    def __repr__(self) -> str:
        import textwrap

        width = console_width()
        text = textwrap.wrap(self.headline(), width)
        for label, said in self.lines():
            first = f"  {label:<{LABEL}} "
            text += textwrap.wrap(said, width, initial_indent=first, subsequent_indent=" " * len(first))
        return "\n".join(text)

    def __str__(self) -> str:
        """The same, in letters that the standard output has."""
        return legible(repr(self))

    def _repr_html_(self) -> str:
        """For notebooks; takes the page's own colours."""
        import html

        sign, colour = ("✓", "#2e7d32") if self.holds else ("?", "#ed6c02") if self.reason else ("✗", "#d32f2f")
        rows = "".join(
            [
                '<tr><td style="text-align:left;vertical-align:top;white-space:nowrap;opacity:.7">'
                f'{html.escape(label)}</td><td style="text-align:left">{html.escape(said)}</td></tr>'
                for label, said in self.lines()
            ]
        )
        return (
            f'<div style="border-left:3px solid {colour};padding-left:.8em"><strong><span style="color:{colour}">{sign}'
            f"</span> {html.escape(self.headline())}</strong><table>{rows}</table></div>"
        )

    def _repr_markdown_(self) -> str:
        """For what shows no HTML."""
        items = "\n".join([f"- *{label}*: {said}" for label, said in self.lines()])
        return f"**{self.headline()}**\n\n{items}\n"


def largest_entry(difference: Any) -> tuple[int, ...]:
    """Where an array of differences is largest; NaN is larger than anything."""
    size = np.where(np.isfinite(difference), np.abs(difference), math.inf)
    return tuple([int(k) for k in np.unravel_index(int(np.argmax(size)), np.shape(size))])
