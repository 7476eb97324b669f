r"""Rows of environments: which go on, which end, and what stands side by side in one."""

from __future__ import annotations

import pytest

from tinygrad_lite.reading.declarations import read_declarations
from tinygrad_lite.reading.equations import formulas_of
from tinygrad_lite.reading.latex import NotRead, parse_formulas, parse_latex
from tinygrad_lite.reading.pages import Paper
from tinygrad_lite.reading.printing import unicode_of

LOST = "it goes on from a row that is not read"
UNCLEAR = "how this goes on in the next row is not clear"


def shown(text):
    """Each formula in Unicode, or why it is not read."""
    return [str(part) if isinstance(part, NotRead) else unicode_of(part) for part in parse_formulas(text)]


def align(*rows, name="align"):
    """The rows in an environment."""
    return rf"\begin{{{name}}}" + r" \\ ".join(rows) + rf"\end{{{name}}}"


@pytest.mark.parametrize(("text", "formulas"), [
    (align("a &= b", "&= c"), ["a = b", "= c"]),
    (align("a &= b", "c &= d", name="gather*"), ["a = b", "c = d"]),
    (align("a &=& b", "&=& c", name="eqnarray"), ["a = b", "= c"]),
    (r"\begin{alignat}{2} a &= b \quad & c &= e \end{alignat}", ["a = b", "c = e"]),
    (r"\begin{equation}\label{eq:1}\begin{split} a &= b \\[2ex] &= c \end{split}\end{equation}.", ["a = b", "= c"]),
    (r"\begin{align} a &= b \nonumber\\ &= c \tag{3} \end{align}", ["a = b", "= c"]),
    (r"\begin{align} a &= b \\ &= c \end{align", ["a = b", "= c"]),
    # a row that is a part of a formula
    (align("a &= b", r"&\quad + c", "&= d"), ["a = b + c", "= d"]),
    (align("a &= b", "+ c"), ["a = b + c"]),
    (align("a &= b +", "c"), ["a = b + c"]),
    (align("a &=", "& b + c"), ["a = b + c"]),
    (align("& f + g", "&= b"), ["f + g = b"]),
    (align("a &= b", r"&{}\cdot c"), ["a = b · c"]),
    (align(r"a &= \left( b \right.", r"&\hspace{1cm} \left. + c \right)"), ["a = (b + c)"]),
    (align("a &= b", "-c &= d"), ["a = b", "−c = d"]),
    (align("a &= b", "& (c + d)"), [UNCLEAR, UNCLEAR]),
    # several formulas in a row
    (r"a = b \qquad c = d", ["a = b", "c = d"]),
    (r"a = b \quad = c", ["a = b = c"]),
    (r"a = \frac{1}{b} \quad \frac{\partial}{\partial z} c", ["a = 1/b ∂/∂z c"]),
    (align("a &= b & c &= d"), ["a = b", "c = d"]),
    (align("a &= b, & c &= d"), ["a = b", "c = d"]),
    # an equation's number
    (r"a = b \quad (12)", ["a = b"]),
    (r"a = g (2)", ["a = g(2)"]),
    # implications
    (r"\Rightarrow a = b", ["a = b"]),
    (r"a = b \quad\Rightarrow\quad c = d", ["a = b ⟹ c = d"]),
])  # fmt: skip
def test_rows(text, formulas):
    assert shown(text) == formulas


def test_nothing_goes_on_from_a_left_side_that_is_not_read():
    assert shown(align("a &= b", r"c &= \frac{x", "&= e", "f &= g"))[2:] == [LOST, "f = g"]
    assert shown(align("a &= b", r"&= \frac{x", "&= e"))[2] == "= e"


def test_what_goes_on_holds_under_the_same_conditions():
    assert shown(align(r"a_i &= b \text{ if } i = j", "&= c", r"&= d \text{ if } i > j", "&= e", "f &= g")) == [
        "aᵢ = b, if i = j", "= c, if i = j", "= d, if i > j", "= e, if i > j", "f = g",
    ]  # fmt: skip


def test_one_formula_is_expected():
    with pytest.raises(NotRead, match="one formula is expected, here are 2 rows"):
        parse_latex(align("a &= b", "c &= d"))


def test_places_are_those_in_the_text():
    text = align("a &= b", r"&\quad + \foo", "c &= d")
    error = parse_formulas(text)[0]
    assert isinstance(error, NotRead)
    assert text[slice(*error.span)] == r"\foo"


def test_a_row_begins_on_its_own_line():
    text = align(r"\oddity &= a", "&= b", "&= c")
    lost = [error for error in parse_formulas(text) if isinstance(error, NotRead)]
    assert [text[slice(*error.span)].strip() for error in lost[1:]] == ["&= b", "&= c"]
    assert all(not text[error.span[0]].isspace() for error in lost)


def claims(*texts):
    """Left and right side of each statement of a page."""
    parts = [part for text in texts for part in formulas_of(text, ())]
    page = Paper(parts, read_declarations([]))
    return [(s.left and unicode_of(s.left), s.right and unicode_of(s.right), s.kind) for s in page.statements]


def test_a_page_claims_nothing_across_other_signs():
    assert claims(r"a \leq b = 2 b")[1] == ("b", "2 b", "claim")
    assert claims(r"a = b \implies c = d")[0][2] == "not a claim"


def test_a_formula_does_not_go_on_from_one_that_is_not_read():
    assert [kind for *_, kind in claims("a = 2", r"c = \frac{x", "= 3")] == ["definition", "not read", "not read"]
