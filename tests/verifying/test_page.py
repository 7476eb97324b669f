"""The page with the findings: complete, well formed, the same every time, and in need of nothing else."""

from __future__ import annotations

import os
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tinygrad_lite.cli import main
from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.verifying import Finding, verify
from tinygrad_lite.verifying.markup import Markup, element, typeset
from tinygrad_lite.verifying.page import VERDICTS, page, sentence
from tinygrad_lite.verifying.proving import UNPROVED, Proof

pytest.importorskip("latex2mathml")

VOID = {"meta", "input", "link", "br"}
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;</p>"


class Page(HTMLParser):
    """Elements with their attributes, and texts; complains about elements that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.texts.append(data)

    def all(self, tag: str, class_: str = "") -> list[dict[str, Any]]:
        """The attributes of each such element."""
        return [a for t, a in self.elements if t == tag and class_ in ["", *(a.get("class") or "").split()]]

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    return list(verify(CATALOGUE))


@pytest.fixture(scope="module")
def whole(findings: list[Finding]) -> str:
    return page(findings, 0)


@pytest.fixture(scope="module")
def parsed(whole: str) -> Page:
    return Page(whole)


def found(id: str) -> Finding:
    return next(entry for entry in CATALOGUE if entry.id == id).check()


# ---------------------------------------------------------------------------------------------------------------------
# The whole catalogue


def test_every_finding_is_there_once_and_in_the_contents(findings: list[Finding], parsed: Page) -> None:
    cards = parsed.all("article", "entry")
    assert [card["id"] for card in cards] == [entry.id for entry in CATALOGUE]
    assert [card["data-verdict"] for card in cards] == [f.verdict for f in findings]
    assert [card["data-kind"] for card in cards] == [entry.kind for entry in CATALOGUE]
    ids = [a["id"] for _, a in parsed.elements if "id" in a]
    assert len(ids) == len(set(ids))
    links = [a["href"] for a in parsed.all("a") if "data-of" in a]
    assert links == [f"#{entry.id}" for entry in CATALOGUE]
    assert all(a["href"][1:] in ids for a in parsed.all("a"))


def test_every_formula_is_set(parsed: Page) -> None:
    """As MathML, as a sentence or as a line of a program; nowhere is LaTeX left."""
    shown = len(parsed.all("div", "formula")) + len(parsed.all("p", "prose")) + len(parsed.all("pre", "code"))
    corrected = [e for e in CATALOGUE if e.corrected is not None]
    assert shown == len(CATALOGUE) + len(corrected)
    assert not parsed.all("code")
    for entry in CATALOGUE:
        for latex in (entry.latex, *([entry.corrected.latex] if entry.corrected else [])):
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


# ---------------------------------------------------------------------------------------------------------------------
# A card


def test_a_misprint_stands_beside_its_right_form() -> None:
    finding = found("vege-38")
    shown = Page(page([finding._replace(proof=Proof("proved for all K", "by sums"))], 7, None))
    assert finding.entry.corrected is not None
    assert finding.counterexample is not None
    assert len(shown.all("math")) == 2
    for text in (
        "✗ misprinted", "eq. 38", finding.entry.corrected.wrong, finding.counterexample.worst.detail,
        finding.counterexample.draw.name, "proved for all K (by sums)", "on 22 draws; tolerance 2.3 × 10⁻¹³",
        finding.entry.latex, finding.entry.formula, finding.entry.corrected.latex, "1 entry", "with seed 7",
    ):  # fmt: skip
        assert text in shown.text
    assert shown.all("article")[0]["data-proof"] == "proved for all sizes"


def test_a_condition_a_reason_and_a_note_are_shown() -> None:
    shown = Page(page([found("notes-difference"), found("vege-20"), found("vege-13")], 0))
    assert "◐ holds when Σt = 1" in shown.text
    assert "in general" in shown.text
    assert "at 0 the difference quotients are 0 from the left and 1 from the right" in shown.text
    assert "Computed as ½ (1 + tanh ½z)." in shown.text
    assert "the right form" not in Page(page([found("vege-13")], 0)).text


def test_what_turns_out_right_needs_no_right_form() -> None:
    entry = found("vege-38").entry
    assert entry.corrected is not None
    finding = entry._replace(printed=entry.corrected.printed).check()
    shown = Page(page([finding], 0))
    assert finding.verdict == "holds"
    assert len(shown.all("math")) == 1
    assert entry.corrected.wrong not in shown.text


def test_what_fails_is_shown_too() -> None:
    right = found("vege-14").entry
    for factor in (-1.0, float("nan")):
        wrong = right._replace(printed=lambda s, factor=factor: factor * right.printed(s)).check()
        shown = Page(page([wrong._replace(proof=Proof(UNPROVED))], 0))
        assert "! fails" in shown.text
        assert shown.all("article")[0]["data-proof"] == "unproved"


def test_training_is_mentioned_where_there_was_some() -> None:
    training = {"epochs": 3, "accuracy": 0.875, "test": 40}
    assert "for 3 epochs reads 87.5 % of 40" in Page(page([found("vege-14")], 0, training)).text
    assert "epochs" not in Page(page([found("vege-14")], 0)).text


@pytest.mark.parametrize(
    "latex", ["{}", r"\text{{{}}}", r"\texttt{{{}}}", r"\text{{a b c d {}}} x^2", r"\frac{{1}}{{{}}}"]
)
def test_everything_is_escaped(latex: str) -> None:
    finding = found("vege-38")
    entry = finding.entry
    assert entry.corrected is not None
    assert finding.counterexample is not None
    hostile = entry._replace(
        id=HOSTILE, latex=latex.format(HOSTILE), formula=HOSTILE, place=HOSTILE, note=HOSTILE, kind=HOSTILE,
        document=entry.document._replace(title=HOSTILE, author=HOSTILE, year=HOSTILE, short=HOSTILE),
        corrected=entry.corrected._replace(latex=HOSTILE, formula=HOSTILE, wrong=HOSTILE),
    )  # fmt: skip
    draw = finding.counterexample.draw._replace(name=HOSTILE)
    example = finding.counterexample._replace(draw=draw)
    text = page(
        [finding._replace(entry=hostile, counterexample=example, reason=HOSTILE, proof=Proof(HOSTILE, HOSTILE))], 0
    )
    shown = Page(text)
    assert len(shown.all("script")) == 1
    assert not shown.all("img")
    assert not any(name.startswith("on") for _, a in shown.elements for name in a)
    assert shown.all("article")[0]["id"] == HOSTILE
    assert " ".join(HOSTILE.split()) in shown.text


# ---------------------------------------------------------------------------------------------------------------------
# Markup and formulas


def test_elements() -> None:
    assert element("p", "a < b", element("b", "&"), class_="x", hidden=False) == '<p class="x">a &lt; b<b>&amp;</b></p>'
    assert element("input", name="a") == '<input name="a">'
    assert isinstance(element("p"), Markup)


@pytest.mark.parametrize(("latex", "kind", "text"), [
    (r"\frac{a}{b}", "div", "ab"),
    (r"&= \begin{cases} 1 & \text{if } a < b \\ 0 & \text{if } b \leq a \end{cases}", "div", "={1if a<b0if b≤a"),
    (r"\text{for } i", "div", "for i"),
    (r"\text{Shuffle data.}", "p", "Shuffle data."),
    (r"\text{this is 100\,\% right for } x_1 \text{ and } x_2", "p", "this is 100\\,% right for x1 and x2"),
    (r"\text{one two three four } \left(\text{in } x\right)", "p", "one two three four (in x)"),
    (r"\texttt{a\_b = c <- \%d';}", "pre", "a_b = c <- %d';"),
    (r"\text{<b>t</b> \& 'u'} = x", "div", "<b>t</b> & 'u'=x"),
    (r"\unknown{x}", "div", r"\unknown{x}"),
    (r"\frac{", "div", r"\frac{"),
    (r"\href{javascript:x}{y}", "div", r"\href{javascript:x}{y}"),
    (r"W:=W-1", "div", "W:=W−1"),
])  # fmt: skip
def test_formulas_sentences_and_programs(latex: str, kind: str, text: str) -> None:
    shown = Page(typeset(latex))
    assert shown.elements[0][0] == kind
    assert shown.text.replace("\xa0", " ") == text
    assert ("code" in [tag for tag, _ in shown.elements]) == (text == latex)


@pytest.mark.parametrize(("latex", "expected"), [
    (r"= -x", '<mo>=</mo><mo form="prefix">−</mo>'),
    (r"(a) - x", '<mo stretchy="false">)</mo><mo>−</mo>'),
    (r"a + \dots + b", "<mo>…</mo><mo>+</mo>"),
    (r"a \ln x", '<mi>a</mi><mspace width="0.1667em"></mspace><mi>ln</mi><mspace width="0.1667em"></mspace><mi>x</mi>'),
    (r"-\ln(x)", '<mo>−</mo><mi>ln</mi><mo stretchy="false">('),
    (r"\ln \left(x\right)", "<mi>ln</mi><mrow>"),
    (r"\left(\sum_k x\right)", "<munder><mo>∑</mo><mi>k</mi></munder>"),
    (r"\begin{bmatrix}0&1\end{bmatrix}^\top", "<msup><mrow><mo>[</mo><mtable>"),
    (r"\mathbf w", "<mi>𝐰</mi>"),
])  # fmt: skip
def test_spaces_and_limits_as_tex_has_them(latex: str, expected: str) -> None:
    assert expected in typeset(latex)


def test_sentences() -> None:
    assert [sentence(t) for t in ("as it is", "y is the output.", "γ is", "mini-batches")] == [
        "As it is.", "y is the output.", "γ is.", "Mini-batches.",
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# The command


def test_the_option_writes_the_page(tmp_path: Path) -> None:
    pages = [tmp_path / "one.html", tmp_path / "two.html"]
    for file in pages:
        file.write_text("old")
        assert main(["verify", "--no-proofs", "--id", "vege-14", "--html", str(file)]) == 0
    first, second = [file.read_bytes() for file in pages]
    assert first == second
    assert [a["id"] for a in Page(first.decode()).all("article")] == ["vege-14"]
    assert sorted(tmp_path.iterdir()) == pages


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(["verify", "--no-proofs", "--id", "vege-14", *arguments])
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    return err


def test_refusals_come_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.html"
    missing = tmp_path / "missing" / "report.html"
    assert f"cannot write {missing}" in refused(capsys, "--html", str(missing))
    assert f"{file} cannot hold two reports" in refused(capsys, "--html", str(file), "--json", str(file))
    monkeypatch.setitem(sys.modules, "latex2mathml.converter", None)
    said = refused(capsys, "--html", str(file))
    assert "latex2mathml" in said
    assert "pip install 'tinygrad-lite[verify]'" in said
    assert not file.exists()
    with pytest.raises(ImportError, match=r"tinygrad-lite\[verify\]"):
        page([found("vege-14")], 0)


def test_a_page_that_cannot_be_written_whole_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.html"
    file.write_text("old")

    def full(path: Path, data: bytes) -> int:
        path.open("wb").close()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SystemExit):
        main(["verify", "--no-proofs", "--id", "vege-14", "--html", str(file)])
    assert "No space left" in capsys.readouterr().err
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "report.html", tmp_path / "latest.html"
    link.symlink_to(file)
    assert main(["verify", "--no-proofs", "--id", "vege-14", "--html", str(link)]) == 0
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
