"""Macros are written out as TeX does, and lines stay where they are."""

from __future__ import annotations

import pytest

from tinygrad_lite.reading.macros import MacroError, expanded


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (r"\newcommand{\R}{\mathbb R}x \in \R", r"x \in \mathbb R"),
        (r"\newcommand\R{\mathbb R} \R^n", r"\mathbb R^n"),
        (r"\newcommand*{\v}[1]{\mathbf{#1}}\v{x}\v y\v \alpha", r"\mathbf{x}\mathbf{y}\mathbf{\alpha}"),
        (r"\newcommand{\n}[2][2]{\|#2\|_{#1}}\n{x} \n[1]{y}", r"\|x\|_{2} \|y\|_{1}"),
        (r"\def\d#1#2{\frac{#1}{#2}}\d{a}{b}\d12", r"\frac{a}{b}\frac{1}{2}"),
        (r"\DeclareMathOperator{\tr}{tr}\tr A", r"\operatorname{tr} A"),
        (r"\DeclareMathOperator*{\amin}{arg\,min}\amin_x", r"\operatorname*{arg\,min}_x"),
        (r"\newcommand{\a}{\b}\newcommand{\b}{c}\a", "c"),
        (r"\newcommand{\l}{\lambda}\l{}x and \l x", r"\lambda{}x and \lambda x"),
        (r"\newcommand{\l}{\lambda}a_\l1", r"a_\lambda1"),
        (r"\newcommand{\x}{1}\x \renewcommand{\x}{2}\x", "1 2"),
        (r"\x \newcommand{\x}{1}", r"\x"),
        (r"\newcommand{\x}{\{a\}}\x", r"\{a\}"),
        (r"\\newline \% \unknown{a}", r"\\newline \% \unknown{a}"),
        (r"\newcommand{\x}{never closed", r"\newcommand{\x}{never closed"),
    ],
)
def test_macros_are_written_out(text, written):
    assert " ".join(expanded(text).text.split()) == written


def test_lines_stay_where_they_are():
    text = "\\newcommand{\\f}[2]{#1\n#2\n#1}\n\\f{a\n}\n{b} here\nthere"
    found = expanded(text)
    assert found.text.count("\n") == text.count("\n")
    for word in ("here\nthere", "there"):
        assert found.origin(found.text.rindex(word)) == text.rindex(word)
    assert found.origin(len(found.text)) == len(text)


@pytest.mark.parametrize("text", [r"\def\a{\a}\a", r"\def\a{\b}\def\b{\a\a}\a", r"\newcommand{\a}[1]{\a{#1#1}}\a x"])
def test_a_macro_that_uses_itself_is_refused(text):
    with pytest.raises(MacroError, match="is written with itself"):
        expanded(text)
