"""Documents are read whole: from texts and files, with declarations in them and given; and tests can ask for them."""

from __future__ import annotations

import json

import pytest

import tinygrad_lite as tl
from tinygrad_lite.reading.declarations import DeclarationError
from tinygrad_lite.verifying.papers import PageReport, read_file

SOFTMAX = r"y_k = \frac{e^{z_k}}{\sum_j e^{z_j}}"
SLOPES = r"\frac{\partial y_k}{\partial z_j} = y_k (\delta_{jk} - y_j)"
WRONG = SLOPES.replace("-", "+")


def verdicts(report: PageReport) -> list[str]:
    return [mark.verdict for mark in report.marks]


@pytest.mark.parametrize(
    "text",
    [
        f"Let ${SOFTMAX}$; then $${SLOPES}$$",
        f"\\begin{{align}} {SOFTMAX} \\\\ {SLOPES} \\end{{align}}",
        f"\\begin{{aligned}} {SOFTMAX} \\\\ {SLOPES} \\end{{aligned}}",
        f"{SOFTMAX}\n\n{SLOPES}\n",
        f"    Let ${SOFTMAX}$:\n\n    $${SLOPES}$$",
        f"\\documentclass{{article}}\n\\begin{{document}}\n\\[{SOFTMAX}\\] % $no$\n\\({SLOPES}\\)\n\\end{{document}}",
        f"<!-- declare\nz: vector K\n-->\n${SOFTMAX}$, so\n$${SLOPES}$$",
    ],
)
def test_texts_of_all_kinds(text):
    report = tl.read(text, z="vector K")
    assert verdicts(report) == ["defines", "holds"]
    assert report
    tl.assert_page(text, "z: vector K")


def test_declarations_in_many_forms():
    text = f"${SOFTMAX}$ and ${SLOPES}$"
    for given in ("z: vector K\nt: vector K", ["z: vector K"]):
        assert tl.read(text, given)
    assert tl.read(r"$\frac{\partial a^T x}{\partial x} = a^T$", a="vector n", x="vector n", layout="numerator")
    assert tl.read("$b = 2 a$ and $c = 6$", a="number", define=["a = 3", "c = 2 a"])
    with pytest.raises(DeclarationError, match="nothing that a symbol can be"):
        tl.read(text, z="thing")


def test_what_is_wrong_is_said_and_the_rest_is_read():
    report = tl.read(f"${SOFTMAX}$\n\n$${WRONG}$$\n\n$$\\oddity = a$$\n\n$${SLOPES}$$", z="vector K")
    assert verdicts(report) == ["defines", "misprinted", "not read", "holds"]
    assert report.verdict == "misprinted"
    assert not report
    assert report.marks[1].mended
    assert [mark.statement.formula.line for mark in report.marks] == [1, 3, 5, 7]


def test_what_is_not_read_is_no_page_that_holds():
    with pytest.raises(tl.PageMismatch, match="oddity") as caught:
        tl.assert_page("$a = \\oddity$")
    assert caught.value.report.verdict == "not read"
    assert isinstance(caught.value, AssertionError)


@pytest.mark.parametrize("text", ["", "\n ", "<!-- declare\nz: vector K\n-->", "`$x$` costs $5"])
def test_a_text_without_formulas_is_refused(text, tmp_path):
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="there is no formula in it"):
        read_file(path)
    if "$" not in text.replace("`$x$`", ""):
        with pytest.raises(ValueError, match="there is no formula in it"):
            tl.read(text.partition("-->")[2])


def test_names_alone_state_nothing():
    report = tl.read("The vector $z$ and $f(x)$.")
    assert report
    assert repr(report) == "Nothing is stated: there is no equation."


def test_files(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(f"${SOFTMAX}$ and ${WRONG}$", encoding="utf-8")
    for given in (path, str(path)):
        with pytest.raises(tl.PageMismatch, match="line 1"):
            tl.assert_page(given, z="vector K")
    with pytest.raises(FileNotFoundError):
        tl.assert_page(str(tmp_path / "other.md"))
    notebook = tmp_path / "page.ipynb"
    cells = [{"cell_type": "markdown", "source": [f"\n${f}$"]} for f in (SOFTMAX, SLOPES)]
    notebook.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    report = read_file(notebook, z="vector K")
    assert report
    assert "cell 2, line 2" in repr(report)


def test_a_primed_symbol_is_not_silently_taken_for_another():
    assert "no derivative" in repr(tl.read("$y = x^2$ and $y' = 3 x$"))
    assert "no derivative" not in repr(tl.read("$f(x) = x^2$ and $f'(x) = 2 x$"))


def test_the_seed_draws_other_numbers_and_finds_the_same():
    text = f"${SOFTMAX}$ and ${WRONG}$"
    one, other = [tl.read(text, z="vector K", seed=seed).marks[1] for seed in (0, 1)]
    assert one.verdict == other.verdict == "misprinted"
    assert one.counterexample != other.counterexample


def test_a_page_in_sections():
    text = f"$${SOFTMAX}$$\n\n# Part two\n\n$$f(w) = z w^2$$\n$$f'(w) = 2 z w$$"
    report = tl.read(text, "z: vector K\n[part two]\nz: number")
    assert verdicts(report) == ["defines", "defines", "holds"]
    assert len(report.markings) == 2
    assert "symbols from line 5 on" in repr(report)
