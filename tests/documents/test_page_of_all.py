"""The page with all findings: complete, well formed, and in need of nothing else."""

from __future__ import annotations

import pytest

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.verifying import Finding, verify
from tinygrad_lite.verifying.markup import typeset
from tinygrad_lite.verifying.page import VERDICTS, page

from ..verifying.conftest import Page

pytest.importorskip("latex2mathml")


@pytest.fixture(scope="module")
def whole(findings: list[Finding]) -> str:
    return page(findings, 0)


@pytest.fixture(scope="module")
def parsed(whole: str) -> Page:
    return Page(whole)


def test_every_finding_is_there_once_and_in_the_contents(findings: list[Finding], parsed: Page) -> None:
    cards = parsed.all("article", "entry")
    assert [card["id"] for card in cards] == [statement.id for statement in CATALOGUE]
    assert [card["data-verdict"] for card in cards] == [f.verdict for f in findings]
    assert [card["data-kind"] for card in cards] == [statement.kind for statement in CATALOGUE]
    ids = [a["id"] for _, a in parsed.elements if "id" in a]
    assert len(ids) == len(set(ids))
    links = [a["href"] for a in parsed.all("a") if "data-of" in a]
    assert links == [f"#{statement.id}" for statement in CATALOGUE]
    assert all(a["href"][1:] in ids for a in parsed.all("a"))


def test_every_formula_is_set(parsed: Page) -> None:
    """As MathML, as a sentence or as a line of a program; nowhere is LaTeX left."""
    shown = len(parsed.all("div", "formula")) + len(parsed.all("p", "prose")) + len(parsed.all("pre", "code"))
    corrected = [e for e in CATALOGUE if e.corrected is not None]
    assert shown == len(CATALOGUE) + len(corrected)
    assert not parsed.all("code")
    for statement in CATALOGUE:
        for latex in (statement.latex, *([statement.corrected.latex] if statement.corrected else [])):
            set_ = Page(typeset(latex))
            assert "\\" not in set_.text
            assert "&" not in set_.text
            assert set_.all("math") or set_.all("p") or set_.all("pre"), latex


def test_the_filters_offer_what_there_is(findings: list[Finding], parsed: Page) -> None:
    offered = {a["value"] for a in parsed.all("option")}
    for card in parsed.all("article"):
        assert {card[f"data-{name}"] for name in ("document", "kind", "verdict", "proof")} <= offered
    assert {a["name"] for a in parsed.all("select")} == {"document", "kind", "verdict", "proof"}
    pressed = {a["data-verdict"] for a in parsed.all("button") if "data-verdict" in a}
    assert pressed == {f.verdict for f in findings}
    for verdict in pressed:
        assert f"{VERDICTS[verdict].sign} {sum(f.verdict == verdict for f in findings)} " in parsed.text


def test_nothing_is_fetched(whole: str, parsed: Page) -> None:
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
