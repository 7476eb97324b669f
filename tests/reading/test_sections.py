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


def test_a_symbol_declared_anew_is_another_however_it_is_indexed():
    text = "$$p_i = a_i$$\n$$q = a_k$$\ntwo $$r^l = a^l$$"
    given = ("a_i: vector K, i = 1…N", "[q =]", "a_k: number, k = 1…K", "[two]", "l: layer 1…3", "a^l: vector n^l")
    first, second, third = pages(text, *given)
    assert [len(page.vocabulary.entities["a"].dims) for page in (first, second, third)] == [2, 1, 1]


def test_sections_may_begin_at_formulas_one_behind_the_other():
    text = r"$$\begin{aligned} b &= a \\ a^2 &= b a \end{aligned}$$ then $$a = 3 b$$ and $$b = a$$"
    given = ("[b &= a]", "c: number", "[a^2]", "d: number", "[b = a]", "e: number")
    found = sections_of(contents(text, "markdown"), given)
    assert [section.start for section in found] == [(0, 0, 0), (0, 1, 3), (0, 1, 79)]
    assert {symbol.name for symbol in found[1].new.symbols} == {"c", "d"}


def test_arguments_of_functions_are_not_what_is_declared_anew():
    text = r"$$f(z) = z^2$$ two $$w = f(3)$$"
    _, second = pages(text, "z: number", "[two]", "z: vector n")
    assert kinds(second) == ["definition"]


def test_an_index_that_was_a_label_and_lengths_that_are_equal():
    text = r"$$c = a_i$$ two $$d_i = a_i$$ and $$e = \sum_{k=1}^K b_k a_k$$"
    _, second = pages(text, "a: vector N", "i: label in N", "[two]", "i: index", "K = N", "b: vector N")
    assert kinds(second) == ["definition", "definition"]
    assert not any(statement.mistake for statement in second.statements)
    assert "c was defined by i" in second.declarations.outdated["c"]


def test_what_is_wrong_in_a_definition_is_not_a_mistake_of_what_uses_it():
    (page,) = pages(r"$$s = \sum_{k=0}^K a_k$$ and $$\frac{\partial s}{\partial a_k} = 1$$", "a: vector K")
    definition, claim = page.statements
    assert definition.mistake.startswith("the sum from 0 to K has one term more")
    assert (claim.kind, claim.mistake) == ("not read", "")
    assert claim.reason.startswith("in the definition of s: ")


def test_a_definition_with_a_mistake_may_be_made_anew():
    text = r"$$s = \sum_{k=0}^K a_k$$ two $$r = s$$ and $$s = \sum_{k=1}^K a_k$$"
    _, second = pages(text, "a: vector K", "[two]", "b: vector K")
    assert kinds(second) == ["definition", "definition"]
    assert not any(statement.mistake for statement in second.statements)
    _, second = pages(text.rpartition(" and")[0], "a: vector K", "[two]", "b: vector K")
    assert second.statements[-1].reason.startswith("the definition of s is wrong: the sum from 0 to K")
