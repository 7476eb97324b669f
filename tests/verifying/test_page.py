"""The page with the findings: complete, well formed, the same every time, and in need of nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.verifying import Finding, Standing, check, verify
from tinygrad_lite.verifying.markup import typeset
from tinygrad_lite.verifying.page import VERDICTS, page, sentence
from tinygrad_lite.verifying.verdicts import UNPROVED

pytest.importorskip("latex2mathml")

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;</p>"


@pytest.fixture(scope="module")
def whole(findings: list[Finding]) -> str:
    return page(findings, 0)


@pytest.fixture(scope="module")
def parsed(whole: str, read: Any) -> Any:
    return read(whole)


def found(id: str) -> Finding:
    return check(next(statement for statement in CATALOGUE if statement.id == id))


# ---------------------------------------------------------------------------------------------------------------------
# The whole catalogue


def test_every_finding_is_there_once_and_in_the_contents(findings: list[Finding], parsed: Any) -> None:
    cards = parsed.all("article", "entry")
    assert [card["id"] for card in cards] == [statement.id for statement in CATALOGUE]
    assert [card["data-verdict"] for card in cards] == [f.verdict for f in findings]
    assert [card["data-kind"] for card in cards] == [statement.kind for statement in CATALOGUE]
    ids = [a["id"] for _, a in parsed.elements if "id" in a]
    assert len(ids) == len(set(ids))
    links = [a["href"] for a in parsed.all("a") if "data-of" in a]
    assert links == [f"#{statement.id}" for statement in CATALOGUE]
    assert all(a["href"][1:] in ids for a in parsed.all("a"))


def test_every_formula_is_set(parsed: Any, read: Any) -> None:
    """As MathML, as a sentence or as a line of a program; nowhere is LaTeX left."""
    shown = len(parsed.all("div", "formula")) + len(parsed.all("p", "prose")) + len(parsed.all("pre", "code"))
    corrected = [e for e in CATALOGUE if e.corrected is not None]
    assert shown == len(CATALOGUE) + len(corrected)
    assert not parsed.all("code")
    for statement in CATALOGUE:
        for latex in (statement.latex, *([statement.corrected.latex] if statement.corrected else [])):
            set_ = read(typeset(latex))
            assert "\\" not in set_.text
            assert "&" not in set_.text
            assert set_.all("math") or set_.all("p") or set_.all("pre"), latex


def test_the_filters_offer_what_there_is(findings: list[Finding], parsed: Any) -> None:
    offered = {a["value"] for a in parsed.all("option")}
    for card in parsed.all("article"):
        assert {card[f"data-{name}"] for name in ("document", "kind", "verdict", "proof")} <= offered
    assert {a["name"] for a in parsed.all("select")} == {"document", "kind", "verdict", "proof"}
    pressed = {a["data-verdict"] for a in parsed.all("button") if "data-verdict" in a}
    assert pressed == {f.verdict for f in findings}
    for verdict in pressed:
        assert f"{VERDICTS[verdict].sign} {sum(f.verdict == verdict for f in findings)} " in parsed.text


def test_nothing_is_fetched(whole: str, parsed: Any) -> None:
    assert "//" not in whole.replace("</", "")
    assert not {"link", "img", "iframe", "object"} & {tag for tag, _ in parsed.elements}
    assert not any({"src", "srcset", "style"} & a.keys() for _, a in parsed.elements)
    assert "url(" not in whole
    assert "@import" not in whole
    policy = [a["content"] for a in parsed.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy[0].startswith("default-src 'none'")


def test_the_same_findings_make_the_same_page(findings: list[Finding], whole: str) -> None:
    assert page(list(verify(CATALOGUE[:20])), 0) == page(findings[:20], 0)
    assert page(findings, 0) == whole
    assert page(findings, 1) != whole


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
