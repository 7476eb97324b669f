"""Declarations hold from where they say on, and letters that mean something else there bring nothing along."""

from __future__ import annotations

import pytest

from tinygrad_lite.reading.containers import contents
from tinygrad_lite.reading.declarations import DeclarationError
from tinygrad_lite.reading.pages import Paper
from tinygrad_lite.reading.sections import pages_of, sections_of

TEXT = r"""<!-- declare
z, t: vector K
layout: numerator
define: g = 2 c
[part two]
z: number
layout: denominator
-->
$$y_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$
$$s = \sum_k t_k$$

# Part two

$$f(x) = z x^2$$
"""


def pages(text: str, *given: str) -> list[Paper]:
    return list(pages_of(contents(text, "markdown"), given))


def kinds(page: Paper) -> list[str]:
    return [statement.kind for statement in page.statements if statement.formula.line]


def test_sections_know_what_was_said_before():
    first, second = sections_of(contents(TEXT, "markdown"))
    assert (first.start, second.start) == ((0, 0, 0), (0, 12, 3))
    assert [(s.name, s.kind) for s in first.declared.symbols] == [("z", "vector"), ("t", "vector")]
    assert [(s.name, s.kind) for s in second.declared.symbols] == [("t", "vector"), ("z", "number")]
    assert first.declared.options == {"layout": "numerator"}
    assert second.declared.options == {"layout": "denominator"}


def test_each_section_is_a_page_of_its_own():
    first, second = pages(TEXT)
    assert kinds(first) == ["definition", "definition"]
    assert kinds(second) == ["definition"]
    assert second.vocabulary.entities["s"].kind == "defined"
    assert "y" not in second.vocabulary.entities


def test_what_was_defined_by_a_letter_that_is_declared_anew_must_be_defined_anew():
    (_, second) = pages(TEXT + "$$w = s + 1$$ and $$v = y_k$$")
    assert kinds(second) == ["definition", "definition", "not read"]
    assert "y was defined by z, which is declared anew: define y anew, too" in second.statements[-1].reason
    (_, second) = pages(TEXT + "$$y = 3 z$$ and $$v = y$$")
    assert kinds(second) == ["definition"] * 3


def test_given_lines_may_have_sections_too():
    first, second, third = pages(TEXT + "\n\nAppendix $a = z$", "n: number", "[Appendix]", "z: vector M")
    assert {"n"} <= set(first.vocabulary.entities) & set(third.vocabulary.entities)
    assert [str(dim) for dim in third.vocabulary.entities["z"].slots] == ["M"]
    assert kinds(second) == ["definition"]


def test_definitions_that_are_declared_are_replaced_too():
    text = "<!-- declare\ndefine: g = 2 c\n[two]\ndefine: g = 3 c\n-->\n$$h = g$$\ntwo\n$$g = 3 c$$"
    first, second = pages(text)
    assert kinds(first) == ["definition"]
    assert kinds(second) == ["claim"]


def test_sections_of_a_notebook_begin_in_a_cell():
    cells = [
        {"cell_type": "markdown", "source": s}
        for s in ("<!-- declare\n[two]\nz: number\n-->\n$$a = b$$", "# Two\n$$c = z$$")
    ]
    import json

    first, second = pages_of(contents(json.dumps({"cells": cells}), "notebook"))
    assert kinds(first) == kinds(second) == ["definition"]
    assert "z" not in first.vocabulary.entities


def test_words_that_stand_nowhere_are_refused():
    with pytest.raises(DeclarationError, match=r"\[part three\]: these words stand nowhere"):
        pages(TEXT, "[part three]", "z: number")
