"""Findings as lines for a terminal, and as figures."""

from __future__ import annotations

import json

import pytest

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.verifying import Finding, Standing, check, listing
from tinygrad_lite.verifying.proving import EXTRA
from tinygrad_lite.verifying.verdicts import NUMERICALLY, UNPROVED

BY_ID = {statement.id: statement for statement in CATALOGUE}


def finding(id: str, proof: Standing | None = None) -> Finding:
    found = check(BY_ID[id])
    return found if proof is None else found._replace(proof=proof)


@pytest.mark.parametrize(("proof", "sign"), [
    (Standing("proved for all K"), "∀"),
    (Standing("proved for K = 2"), "✓"),
    (Standing(UNPROVED), "?"),
    (Standing(NUMERICALLY), "·"),
])  # fmt: skip
def test_marks(proof: Standing, sign: str) -> None:
    assert listing.mark(finding("vege-14", proof)) == sign


def test_a_table() -> None:
    lines = list(listing.lines([finding("notes-difference"), finding("vege-38")]))
    texts = [text for text, _ in lines]
    assert max(map(len, texts)) <= 80
    assert [style for text, style in lines if text.startswith(("notes-", "vege-"))] == ["yellow", "yellow"]
    assert "    when Σ t = 1" in texts
    assert "    in full: ∂E/∂zⱼ = yⱼ Σₖ tₖ − tⱼ" in texts
    assert "    right: δᵢᴸ = Σⱼ (aⱼᴸ − yⱼ) (σₛₘ(z))ⱼ (δⱼᵢ − (σₛₘ(z))ᵢ)" in texts
    assert texts[-1] == listing.LEGEND
    assert [text for text, style in lines if style == "bold"] == [
        "Softmax (handwritten notes, undated)",
        "Neural networks and Back Propagation (H. M. M. Vege, 2018)",
    ]


@pytest.mark.parametrize("width", [40, 60])
def test_a_narrow_console(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table takes more lines, in which nothing is left out."""
    found = [finding("notes-difference"), finding("vege-38")]
    wide = " ".join([text for text, _ in listing.lines(found)])
    monkeypatch.setenv("COLUMNS", str(width))
    for lines in (listing.lines, listing.digest):
        assert max([len(text) for text, _ in lines(found)]) <= width
    narrow = " ".join([text for text, _ in listing.lines(found)])
    assert sorted("".join(narrow.split())) == sorted("".join(wide.split()))


def test_a_digest() -> None:
    proved = Standing("proved for K = 2")
    right = finding("answer-error-deriv", proved)
    wrong = check(right.statement._replace(printed=lambda s: -right.statement.printed(s)))
    found = [finding("notes-difference"), right, finding("vege-38", proved), finding("vege-20")]
    texts = [text for text, _ in listing.digest(found)]
    rows = [text.split()[-5:] for text in texts if text.endswith(tuple("0123456789"))]
    assert rows == [["1", "0", "1", "0", "0"], ["1", "1", "0", "0", "1"], ["2", "1", "0", "1", "1"],
                    ["4", "2", "1", "1", "2"], ["vege-38"]]  # fmt: skip
    texts = [text for text, _ in listing.digest([right, wrong])]
    assert "Not explained:" in texts
    assert str(wrong.counterexample) in " ".join(" ".join(texts).split())
    assert not [text for text in texts if text.startswith(("all", "Wrong"))]


def test_what_is_missing_for_proofs_is_said_once() -> None:
    lines = [text for text, _ in listing.lines([finding("vege-14", Standing(NUMERICALLY, EXTRA))] * 2)]
    assert [line for line in lines if "pip install" in line] == [EXTRA[0].upper() + EXTRA[1:]]


def test_a_summary() -> None:
    right = finding("answer-error-deriv")
    wrong = check(right.statement._replace(printed=lambda s: -right.statement.printed(s)))
    assert listing.summary([right]) == "1 entry checked: 1 holds; every disagreement is explained."
    assert listing.summary([right, wrong, right]) == "3 entries checked: 2 holds, 1 fails; 1 unexplained."


def test_figures_can_be_written_as_json() -> None:
    right = finding("answer-error-deriv")
    infinite = check(right.statement._replace(printed=lambda s: float("nan") * right.statement.printed(s)))
    figures = [listing.figures(f) for f in (right, infinite, finding("vege-38"), finding("vege-27"))]
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert (figures[0]["difference"] is None, figures[1]["difference"]) == (False, None)
    assert figures[2]["corrected"]["formula"] == "δᵢᴸ = Σⱼ (aⱼᴸ − yⱼ) (σₛₘ(z))ⱼ (δⱼᵢ − (σₛₘ(z))ᵢ)"
    assert figures[3]["counterexample"] is None
