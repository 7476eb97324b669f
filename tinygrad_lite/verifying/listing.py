"""Findings as lines of text for a terminal, and as figures for JSON."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from ..consoles import console_width
from .proving import EXTRA
from .verdicts import UNPROVED, Comparison, Finding

COLUMNS: Final = (10, 7, 3)
"""Of verdict, largest difference and proof; id and formula, before them, share the rest of the console."""

MARKS: Final = {"all": "∀", "some": "✓", UNPROVED: "?", "": "·"}
LEGEND: Final = "∎ proved: ∀ for all sizes, ✓ for some, ? tried in vain, · checked numerically."

GOOD: Final = frozenset({"holds", "true", "convention"})
WRONG: Final = frozenset({"misprinted", "false"})


def mark(finding: Finding) -> str:
    """One sign for how far a statement is proved."""
    if finding.proof.proved:
        return MARKS["all" if "for all" in finding.proof.status else "some"]
    return MARKS[UNPROVED if finding.proof.status == UNPROVED else ""]


def lines(findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    """The findings as a table, with the conditions and corrections below their rows; each line with a style."""
    for document, group in by_document(findings):
        heading = f"{document.title} ({document.author}, {document.year})"
        yield from [("", ""), *paragraph(heading, style="bold"), ("", "")]
        yield from cells(("id", "formula", "verdict", "error", "∎"), "dim")
        for finding in group:
            yield from row(finding)
    yield from [("", ""), *paragraph(summary(findings)), *paragraph(LEGEND, style="dim")]
    yield from missing(findings)


def missing(findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    """What is not installed and would prove more."""
    if any(finding.proof.detail == EXTRA for finding in findings):
        yield from paragraph(EXTRA[0].upper() + EXTRA[1:], style="yellow")


def paragraph(text: str, indent: str = "", style: str = "") -> Iterator[tuple[str, str]]:
    """A text in lines as long as the console is wide."""
    for line in textwrap.wrap(text, console_width(), initial_indent=indent, subsequent_indent=indent):
        yield line, style


def digest(findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    """The findings on less than a screen: how many of each kind every document has, and which are wrong in print.

    What disagrees and is not explained comes with everything that there is to say about it.
    """
    counts = [counted(document.title, list(group)) for document, group in by_document(findings)]
    yield from [("", ""), (aligned(("document", "entries", "right", "if …", "wrong", "proved")), "dim")]
    yield from [(aligned(row), "") for row in counts]
    if len(counts) > 1:
        yield aligned(counted("all", findings)), "bold"
    wrong = [finding.statement.id for finding in findings if finding.verdict in WRONG]
    if wrong:
        yield from [("", ""), *paragraph("Wrong in print, each with its right form found:", style="bold")]
        for line in textwrap.wrap(", ".join(wrong), console_width() - 2, break_on_hyphens=False):
            yield f"  {line}", "yellow"
    unexplained = [finding for finding in findings if not finding.explained]
    if unexplained:
        yield from [("", ""), ("Not explained:", "bold")]
    for finding in unexplained:
        yield from row(finding)
    yield from missing(findings)


def counted(name: str, findings: Sequence[Finding]) -> tuple[str, ...]:
    """A row of the digest: how many entries there are, of each kind and proved."""
    verdicts = [finding.verdict for finding in findings]
    right, wrong = [sum([verdict in kind for verdict in verdicts]) for kind in (GOOD, WRONG)]
    if_met = sum([verdict.endswith("when") for verdict in verdicts])
    proved = sum([finding.proof.proved for finding in findings])
    return (name, *[str(count) for count in (len(findings), right, if_met, wrong, proved)])


def aligned(texts: Sequence[str]) -> str:
    """A row of the digest: a name, shortened where it has to be, and numbers."""
    name, *numbers = texts
    room = console_width() - 7 * len(numbers) - 1
    return f"{textwrap.shorten(name, room, placeholder=' …'):<{room}} " + "".join([f"{x:>7}" for x in numbers])


def by_document(findings: Sequence[Finding]) -> Iterator[tuple[Any, Iterator[Finding]]]:
    """The findings of each document."""
    return groupby(findings, lambda finding: finding.statement.document)


def row(finding: Finding) -> Iterator[tuple[str, str]]:
    """A statement, and what there is to say about it."""
    statement = finding.statement
    style = "green" if finding.verdict in GOOD else "yellow" if finding.explained else "bold red"
    yield from cells(
        (statement.id, statement.formula, finding.verdict, e_notation(finding.difference), mark(finding)), style
    )
    for remark in remarks(finding):
        yield from paragraph(remark, "    ", "dim")


def remarks(finding: Finding) -> Iterator[str]:
    """The condition, the reason, the right form and what is wrong, as far as there are such."""
    statement = finding.statement
    if finding.phrase != finding.verdict:
        yield finding.phrase.removeprefix(finding.verdict.removesuffix("when"))
    if finding.reason:
        yield finding.reason
    if not finding.explained and finding.counterexample is not None:
        yield str(finding.counterexample)
    if statement.corrected is not None and finding.verdict not in GOOD:
        yield f"{'in full' if finding.condition else 'right'}: {statement.corrected.formula.removeprefix('= ')}"
        yield statement.corrected.wrong


def cells(texts: Sequence[str], style: str) -> Iterator[tuple[str, str]]:
    """A row of the table; what is too long for its column goes on below."""
    room = console_width() - sum(COLUMNS) - len(COLUMNS) - 1
    widths = (room * 2 // 5, room - room * 2 // 5, *COLUMNS)
    folded = [fold(text, width) for text, width in zip(texts, widths, strict=True)]
    for n in range(max(map(len, folded))):
        parts = [(cell[n] if n < len(cell) else "").ljust(width) for cell, width in zip(folded, widths, strict=True)]
        yield " ".join(parts).rstrip(), style


def fold(text: str, width: int) -> list[str]:
    """The text in lines of a width, broken at spaces or hyphens where possible."""
    return textwrap.wrap(text, width, subsequent_indent="  ") or [""]


def e_notation(number: float) -> str:
    """The number with two digits."""
    return f"{number:.1e}" if number else "0"


def summary(findings: Sequence[Finding]) -> str:
    """How many statements there are of each verdict."""
    counts = Counter([finding.verdict for finding in findings])
    parts = [f"{count} {verdict.replace(' when', ' on a condition')}" for verdict, count in counts.most_common()]
    failed = sum([not finding.explained for finding in findings])
    conclusion = f"{failed} unexplained" if failed else "every disagreement is explained"
    checked = "1 entry" if len(findings) == 1 else f"{len(findings)} entries"
    return f"{checked} checked: {', '.join(parts)}; {conclusion}."


# ---------------------------------------------------------------------------------------------------------------------
# Figures


def figures(finding: Finding) -> dict[str, Any]:
    """A finding as JSON can hold it.

    ::

        id, title, author, year, place, latex, formula, kind, note   what is printed, and where
        verdict      holds, holds when, misprinted, convention, fails; of claims true, true when, false
        condition    what "when" refers to, or null
        corrected    latex, formula, wrong: the right form and what is wrong in print, or null
        counterexample    draw, detail: where the printed form differs, or null
        reason       why nothing better can be said, and for a convention the difference quotients
        difference, tolerance    the largest absolute difference where the verdict needs agreement, and what rounding
                     explains, both of the quantity furthest off; a difference that is not finite is null
        draws        on how many draws they agree as the verdict needs
        quantities   for each array compared its name, shape, largest difference and tolerance, on the worst draw
        proof        status, detail
    """
    statement = finding.statement
    worst = max(finding.relied_on, key=lambda outcome: outcome.worst.excess(), default=None)
    correction, counterexample = statement.corrected, finding.counterexample
    return {
        "id": statement.id,
        **{key: getattr(statement.document, key) for key in ("title", "author", "year")},
        **{key: getattr(statement, key) for key in ("place", "latex", "formula", "kind", "note")},
        "verdict": finding.verdict,
        "condition": finding.condition or None,
        "corrected": correction and {key: getattr(correction, key) for key in ("latex", "formula", "wrong")},
        "counterexample": counterexample and {"draw": counterexample.draw.name, "detail": counterexample.worst.detail},
        "reason": finding.reason,
        "difference": finite(finding.difference),
        "tolerance": finite(finding.tolerance),
        "draws": len(finding.relied_on),
        "quantities": [quantity(comparison) for comparison in (worst.comparisons if worst else ())],
        "proof": {"status": finding.proof.status, "detail": finding.proof.detail},
    }


def quantity(comparison: Comparison) -> dict[str, Any]:
    """One array's comparison."""
    return {
        "name": comparison.name,
        "shape": list(comparison.shape),
        "difference": finite(comparison.difference),
        "tolerance": finite(comparison.tolerance),
    }


def finite(number: float) -> float | None:
    """A number as JSON can hold it."""
    return number if math.isfinite(number) else None
