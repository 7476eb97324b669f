"""HTML in which everything is escaped, and LaTeX as MathML."""

from __future__ import annotations

from typing import Any

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
])  # fmt: skip
def test_spaces_and_limits_as_tex_has_them(latex: str, expected: str) -> None:
    assert expected in typeset(latex)
