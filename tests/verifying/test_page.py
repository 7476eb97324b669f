"""The page with the findings: complete, well formed, the same every time, and in need of nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.verifying import Finding, Standing, check
from tinygrad_lite.verifying.page import page, sentence
from tinygrad_lite.verifying.verdicts import UNPROVED

pytest.importorskip("latex2mathml")

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;</p>"


def found(id: str) -> Finding:
    return check(next(statement for statement in CATALOGUE if statement.id == id))


# ---------------------------------------------------------------------------------------------------------------------
# A card


def test_a_misprint_stands_beside_its_right_form(read: Any) -> None:
    finding = found("vege-38")
    shown = read(page([finding._replace(proof=Standing("proved for all K", "by sums"))], 7, None))
    assert finding.statement.corrected is not None
    assert finding.counterexample is not None
    assert len(shown.all("div", "formula")) == 2
    for text in (
        "✗ misprinted", "eq. 38", finding.statement.corrected.wrong, finding.counterexample.worst.detail,
        finding.counterexample.draw.name, "proved for all K (by sums)", "on 4 draws; tolerance",
        finding.statement.latex, finding.statement.formula, finding.statement.corrected.latex, "1 entry", "with seed 7",
    ):  # fmt: skip
        assert text in shown.text
    assert shown.all("article")[0]["data-proof"] == "proved for all sizes"


def test_a_condition_a_reason_and_a_note_are_shown(read: Any) -> None:
    shown = read(page([found("notes-difference"), found("vege-20"), found("vege-13")], 0))
    assert "◐ holds when Σ t = 1" in shown.text
    assert "in general" in shown.text
    assert "at 0 the difference quotients are 0 from the left and 1 from the right" in shown.text
    assert "Computed as ½ (1 + tanh ½z)." in shown.text
    assert "the right form" not in read(page([found("vege-13")], 0)).text


def test_what_turns_out_right_needs_no_right_form(read: Any) -> None:
    statement = found("notes-probability").statement
    assert statement.corrected is not None
    finding = check(statement._replace(printed=statement.corrected.printed))
    shown = read(page([finding], 0))
    assert finding.verdict == "holds"
    assert len(shown.all("div", "formula")) == 1
    assert statement.corrected.wrong not in shown.text


def test_what_fails_is_shown_too(read: Any) -> None:
    right = found("answer-error-deriv").statement
    for factor in (-1.0, float("nan")):
        wrong = check(right._replace(printed=lambda s, factor=factor: factor * right.printed(s)))
        shown = read(page([wrong._replace(proof=Standing(UNPROVED))], 0))
        assert "! fails" in shown.text
        assert shown.all("article")[0]["data-proof"] == "unproved"


def test_training_is_mentioned_where_there_was_some(read: Any) -> None:
    training = {"epochs": 3, "accuracy": 0.875, "test": 40}
    assert "for 3 epochs reads 87.5 % of 40" in read(page([found("vege-14")], 0, training)).text
    assert "epochs" not in read(page([found("vege-14")], 0)).text


@pytest.mark.parametrize(
    "latex", ["{}", r"\text{{{}}}", r"\texttt{{{}}}", r"\text{{a b c d {}}} x^2", r"\frac{{1}}{{{}}}"]
)
def test_everything_is_escaped(latex: str, read: Any) -> None:
    finding = found("notes-probability")
    statement = finding.statement
    assert statement.corrected is not None
    assert finding.counterexample is not None
    hostile = statement._replace(
        id=HOSTILE, latex=latex.format(HOSTILE), formula=HOSTILE, place=HOSTILE, note=HOSTILE, kind=HOSTILE,
        document=statement.document._replace(title=HOSTILE, author=HOSTILE, year=HOSTILE, short=HOSTILE),
        corrected=statement.corrected._replace(latex=HOSTILE, formula=HOSTILE, wrong=HOSTILE),
    )  # fmt: skip
    draw = finding.counterexample.draw._replace(name=HOSTILE)
    example = finding.counterexample._replace(draw=draw)
    text = page(
        [finding._replace(statement=hostile, counterexample=example, reason=HOSTILE, proof=Standing(HOSTILE, HOSTILE))],
        0,
    )
    shown = read(text)
    assert len(shown.all("script")) == 1
    assert not shown.all("img")
    assert not any(name.startswith("on") for _, a in shown.elements for name in a)
    assert shown.all("article")[0]["id"] == HOSTILE
    assert " ".join(HOSTILE.split()) in shown.text


def test_sentences() -> None:
    assert [sentence(t) for t in ("as it is", "y is the output.", "γ is", "mini-batches")] == [
        "As it is.", "y is the output.", "γ is.", "Mini-batches.",
    ]  # fmt: skip
