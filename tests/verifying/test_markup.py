"""HTML in which everything is escaped, and LaTeX as MathML."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from tinygrad_lite.verifying.markup import Markup, element, typeset

pytest.importorskip("latex2mathml")


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
def test_formulas_sentences_and_programs(latex: str, kind: str, text: str, read: Any) -> None:
    shown = read(typeset(latex))
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
    (r"\partial E/z", '<mi>∂</mi><mi>E</mi><mo lspace="0" rspace="0">/</mo>'),
    (r"= \operatorname{tr}(X)", '<mo>=</mo><mo lspace="0" rspace="0">tr</mo><mo stretchy="false">('),
    (r"2 \det X", '<mspace width="0.1667em"></mspace><mo movablelimits="true" lspace="0" rspace="0">det</mo><mspace'),
    (r"\sin^2 x", '<msup><mi>sin</mi><mn>2</mn></msup><mspace width="0.1667em"></mspace><mi>x</mi>'),
])  # fmt: skip
def test_spaces_and_limits_as_tex_has_them(latex: str, expected: str) -> None:
    assert expected in typeset(latex)


# ---------------------------------------------------------------------------------------------------------------------
# Long formulas, and formulas beside each other

SUM = r"\frac{\partial E}{\partial w} = \left(a + b\right) c + |d - e| - (f + g) - \left(-h\right) + k"


def test_a_long_formula_may_be_broken_before_signs_outside_all_brackets(read: Any) -> None:
    text = typeset(SUM)
    shown = read(text)
    pieces = ["".join(ElementTree.fromstring(piece).itertext()) for piece in re.findall("<math.*?</math>", text)]
    assert pieces == ["∂E∂w", "=(a+b)c", "+|d−e|", "−(f+g)", "−(−h)", "+k"]
    assert text.count("</math><wbr><math") == 5
    assert len(shown.all("math")) == 6
    assert {piece["displaystyle"] for piece in shown.all("math")} == {"true"}
    assert [mo.get("form") for mo in shown.all("mo")].count("infix") == 5


@pytest.mark.parametrize("latex", ["a = b + c", r"\left(a + b + c + d + e + f + g + h + i + j + k + l + m + n\right)"])
def test_what_is_short_or_has_no_place_to_break_stays_whole(latex: str, read: Any) -> None:
    assert len(read(typeset(latex)).all("math")) == 1
    assert "<wbr>" not in typeset(latex)


@pytest.mark.parametrize(("latex", "beside", "changed"), [
    ("a = b + c", "a = b - c", ["+"]),
    ("a = b c", "a = b", ["c"]),
    ("a = b", "a = b c", []),
    ("x_{jk}", "x_{ji}", ["k"]),
    (r"\frac{a}{b c}", r"\frac{a}{b d}", ["c"]),
    (r"A^T x", "A x", ["AT"]),
    ("a", "a", []),
    ("a", r"\unknown", []),
])  # fmt: skip
def test_what_stands_otherwise_in_the_formula_beside_is_marked(latex: str, beside: str, changed: list[str]) -> None:
    found = ElementTree.fromstring(typeset(latex, beside))
    marked = [node for node in found.iter() if node.get("class") == "changed"]
    assert ["".join(node.itertext()) for node in marked] == changed
