"""A report in a terminal's 80 columns, as figures, as a page and in a notebook."""

from __future__ import annotations

import json
from typing import Any

import pytest

import tinygrad_lite as tl
from tinygrad_lite.verifying.sheet import LOOKS, source

TEXT = r"""
$$y_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \qquad E = -\sum_k t_k \ln y_k$$

$$\frac{\partial y_k}{\partial z_j} = y_k (\delta_{jk} - y_j)$$
$$\frac{\partial y_k}{\partial z_j} = y_k (\delta_{jk} + y_j)$$
$$\frac{\partial E}{\partial z_j} = y_j - t_j$$
$$a < \oddity = b$$

Since $\sum_k t_k = 1$, and <script>alert(1)</script> $x = \text{<script>}$.
"""
HOSTILE = "\"'><script>alert(1)</script>&amp;"


@pytest.fixture(scope="module")
def report() -> Any:
    return tl.read(TEXT, "z, t: vector K")


def test_lines_fit_a_terminal(report):
    lines = [line for line, _ in report.lines()]
    assert max(map(len, lines)) <= 80
    text = repr(report)
    assert text == "\n".join(lines)
    assert [line.split() for line in lines[:2]] == [["symbols"], ["z", "a", "vector", "of", "K", "(declared)"]]
    for part in (
        "≔ line 2  yₖ = e^{zₖ}/(Σⱼ e^{zⱼ})", "✓ line 4  ∂yₖ/∂zⱼ = yₖ(δⱼₖ − yⱼ)", "✗ line 5", "mended: … = yₖ(δⱼₖ − yⱼ)",
        "for example, ", "holds when Σ t = 1", "? line 7", "◐ line 9  Σₖ tₖ = 1", "8 statements: ",
    ):  # fmt: skip
        assert part in text


def test_every_verdict_has_a_look(report):
    assert {mark.verdict for mark in report.marks} <= set(LOOKS)
    assert len({sign for sign, _, _ in LOOKS.values()}) == len(LOOKS)


def test_figures(report):
    figures = json.loads(report.to_json())
    assert figures["schema"] == 1
    assert figures["verdict"] == "misprinted"
    assert {"name": "z", "reading": "a vector of K (declared)", "line": None, "cell": None} in figures["symbols"]
    assert [s["verdict"] for s in figures["statements"]] == [mark.verdict for mark in report.marks]
    wrong = figures["statements"][3]
    assert (wrong["line"], wrong["cell"]) == (5, None)
    assert wrong["mended"] == report.marks[3].mended
    assert wrong["difference"] > 0
    assert wrong["detail"]
    assert figures["statements"][0]["mended"] is None


def test_the_page(report, read):
    pytest.importorskip("latex2mathml")
    text = report.to_html()
    shown = read(text)
    cards = shown.all("article", "entry")
    assert [card["id"] for card in cards] == [f"s{k}" for k in range(1, len(report.marks) + 1)]
    ids = {a["id"] for _, a in shown.elements if "id" in a}
    assert {a["href"][1:] for a in shown.all("a")} <= ids
    assert not shown.all("script")
    assert "//" not in text.replace("</", "")
    for part in ("✗ misprinted", "mended", "How the symbols were read", "a vector of K (declared)", "line 5"):
        assert part in shown.text
    assert len(shown.all("div", "right")) == sum(mark.right is not None for mark in report.marks)
    assert report.to_html() == text


def test_what_differs_in_the_mended_form_is_marked(report, read):
    pytest.importorskip("latex2mathml")
    shown = read(report.to_html())
    assert [tag for tag, a in shown.elements if a.get("class") == "changed"] == ["mo", "mo"]  # + and −


def test_of_what_is_not_read_the_line_is_shown_with_the_place(read):
    pytest.importorskip("latex2mathml")
    rows = r"a &= b \\" + "\n" + r"c &= \oddity{b} \\" + "\n" + r"&= d"
    report = tl.read("$$\n\\begin{align}\n" + rows + "\n\\end{align}\n$$")
    lost = [mark for mark in report.marks if mark.verdict == "not read"]
    assert [(mark.statement.formula.line, *source(mark)) for mark in lost] == [
        (4, "c &= ", r"\oddity", "{b} \\\\"),
        (5, "", "&= d", ""),
    ]
    assert r"? line 4  c &= \oddity{b}" in repr(report)
    text = report.to_html()
    assert r'<pre class="code form">c &amp;= <mark>\oddity</mark>{b} \\</pre>' in text
    assert read(text).all("mark")


def test_what_is_no_number_of_a_list_is_it():
    report = tl.read("$E = x^2 + 7 x$ and $E = x^3 + e^x$", "x: number")
    assert "misprinted: it is " in repr(report)


def test_in_a_notebook(report, read):
    shown = read(report._repr_html_())
    assert not shown.all("script")
    assert len(shown.all("tr")) == len(report.marks)
    assert "∂yₖ/∂zⱼ" in shown.text


def test_the_name_of_a_file_is_escaped(tmp_path, read):
    pytest.importorskip("latex2mathml")
    from tinygrad_lite.verifying.papers import PageReport

    report = tl.read("$a = b$")
    shown = read(PageReport(report.markings, HOSTILE).to_html())
    assert not shown.all("script")
    assert HOSTILE in shown.text
