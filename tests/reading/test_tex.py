r"""TeX and Unicode mathematics as tokens: words, full stops, characters that are commands, and what is refused."""

from __future__ import annotations

import pytest

from tinygrad_lite.reading.latex import NotRead, parse_formulas, parse_latex
from tinygrad_lite.reading.printing import unicode_of


def shown(text):
    """Each formula in Unicode, or why it is not read."""
    return [str(part) if isinstance(part, NotRead) else unicode_of(part) for part in parse_formulas(text)]


@pytest.mark.parametrize(("characters", "commands"), [
    ("σ(z)ᵢ", r"\sigma(z)_i"),
    ("∑_k t_k = 1", r"\sum_k t_k = 1"),
    ("Σₖ tₖ = 1", r"\sum_k t_k = 1"),
    ("Σ⁻¹", r"\Sigma^{-1}"),
    ("∏ᵢ pᵢ", r"\prod_i p_i"),
    ("y\u0302", r"\hat{y}"),
    ("ŷ", r"\hat{y}"),
    ("a ≡ b", r"a \equiv b"),
    ("xᵀA⁻¹x", r"x^T A^{-1} x"),
    ("δᵢⱼ", r"\delta_{ij}"),
    ("√x", r"\sqrt{x}"),
    ("∂E/∂zⱼ", r"\frac{\partial E}{\partial z_j}"),
    ("w^∗", r"w^\ast"),
])  # fmt: skip
def test_characters_are_commands(characters, commands):
    assert parse_latex(characters) == parse_latex(commands)


@pytest.mark.parametrize(("text", "formulas"), [
    (r"\text{Accuracy rate} = a", ["Accuracy rate = a"]),
    (r"a = \text{some constant}", ["a = some constant"]),
    (r"\text{Softmax } y_k = a", ["yₖ = a"]),
    (r"a = b \quad \text{(by the chain rule)}", ["a = b"]),
    (r"a = b && \text{(chain)}", ["a = b"]),
    (r"a = b \text{ if $i = j$}", ["a = b, if i = j"]),
    (r"\text{If } i = j: \quad a = b", ["a = b, If i = j"]),
    (r"a = b \text{ for i = j}", ["the condition “for i = j” is in words: write it as a formula"]),
    (r"a = b, c", ["c behind a comma is neither a formula nor a condition of one"]),
    (r"x = y. z = w.", ["x = y", "z = w"]),
    (
        r"f = \left\{\begin{array}{ll} 1 & x > 0 \\ 0 & \text{otherwise}\end{array}\right.",
        ["f = { 1 x > 0; 0 otherwise }"],
    ),
    (r"a \stackrel{(a)}{=} b", ["a = b"]),
    (r"a \overset{\text{def}}{=} b", ["a := b"]),
    (r"a = b \\ = c", ["a = b", "= c"]),
    (r"\textcolor{red}{x} + y", ["x + y"]),
])  # fmt: skip
def test_words_and_signs(text, formulas):
    assert shown(text) == formulas


@pytest.mark.parametrize(("text", "said", "place"), [
    (r"z = \text{activation of unit } j", "is not expected here", r"{activation of unit }"),
    ("sin x", r"sin reads as letters side by side: write \sin", "sin"),
    ("logsoftmax(x)", "declare it as a word", "logsoftmax"),
    ("1,000", "one number or several", "1,000"),
    (r"a \% b", r"\% is not read", r"\%"),
    (r"\frac{}{b}", "nothing stands in the braces", "{}"),
    (r"\mathrm{KL}(p\|q)", "the bar ‖ is not closed", "\\"),
])  # fmt: skip
def test_what_is_refused(text, said, place):
    with pytest.raises(NotRead) as caught:
        parse_latex(text)
    assert said in str(caught.value)
    assert text[slice(*caught.value.span)] == place


def test_declared_words_are_taken_whole_also_with_hyphens():
    names = {"loss", "hidd-2-out", "x", "W^l"}
    assert unicode_of(parse_latex(r"loss = W_{hidd-2-out} x", names)) == "loss = W_{hidd-2-out} x"
    assert unicode_of(parse_latex(r"W^l", names)) == "Wˡ"
