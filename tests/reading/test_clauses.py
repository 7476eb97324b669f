"""What a row of formulas states is told from the conditions it is stated under."""

from __future__ import annotations

import pytest

from tinygrad_lite.reading.latex import parse_formulas
from tinygrad_lite.reading.printing import unicode_of
from tinygrad_lite.reading.syntax import Qualified
from tinygrad_lite.reading.tex import NotRead


def written(text: str) -> list[str]:
    """The formulas of a text, each with "|" before its conditions."""
    found = []
    for tree in parse_formulas(text):
        assert not isinstance(tree, NotRead), tree
        conditions = [unicode_of(c) for c in tree.conditions] if isinstance(tree, Qualified) else []
        body = tree.body if isinstance(tree, Qualified) else tree
        found.append(" | ".join([unicode_of(body), *conditions]))
    return found


@pytest.mark.parametrize(("text", "formulas"), [
    (r"a_i = b \text{ if } i \neq j \text{ and } j = k", ["aᵢ = b | if i ≠ j | and j = k"]),
    (r"a = b, \text{ where } c = d \text{ and } e = f", ["a = b", "c = d", "e = f"]),
    (r"a = b \quad\text{and}\quad c = d", ["a = b", "c = d"]),
    (r"a_{ij} = b, \text{ where } i \neq j", ["aᵢⱼ = b | where i ≠ j"]),
    (r"\text{If } i = j, \text{ then } a_{ij} = b", ["aᵢⱼ = b | If i = j"]),
    (r"\text{If } i = j \text{: } a_{ij} = b", ["aᵢⱼ = b | If i = j"]),
    (r"a_i = b \text{ for } i = j, c_i = d \text{ for } i \neq j", ["aᵢ = b | for i = j", "cᵢ = d | for i ≠ j"]),
    (r"a = b \text{ since } c = d", ["a = b | since c = d"]),
    (r"a = b \text{ (by the chain rule)}", ["a = b"]),
    (r"\text{so } a = b", ["a = b"]),
    (r"a_{ij} = b (i \neq j)", ["aᵢⱼ = b | i ≠ j"]),
    (r"a_{ij} = b \quad (i \neq j)", ["aᵢⱼ = b | i ≠ j"]),
    # ranges of indices: what they leave out, and nothing where that is nothing
    (r"a_i = b, \quad i = 1, \dots, N", ["aᵢ = b"]),
    (r"a_i = b \text{ for all } i = 1, \dots, N", ["aᵢ = b"]),
    (r"a_i = b, i = 1 \dots N", ["aᵢ = b"]),
    (r"a_{ij} = b \quad i, j = 1, \dots, N", ["aᵢⱼ = b"]),
    (r"a_i = b \text{ for } i = 2, \dots, N - 1", ["aᵢ = b | for i ≥ 2 | for i ≤ N − 1"]),
    # boxes, wide spaces and columns between equations
    (r"\boxed{a = b}", ["a = b"]),
    (r"\boxed{a = b} \qquad \boxed{c = d}", ["a = b", "c = d"]),
    (r"a = b \qquad c = d", ["a = b", "c = d"]),
    (r"a = b \quad + c", ["a = b + c"]),
    (r"\begin{align} a &= b & c &= d \\ e &= f \end{align}", ["a = b", "c = d", "e = f"]),
    (r"\begin{eqnarray} a &=& b \\ &=& c \end{eqnarray}", ["a = b", "= c"]),
    # rows that go on
    (r"\begin{align} a &= b \\ &\quad + c \\ &= d \end{align}", ["a = b + c", "= d"]),
    (r"\begin{align} a &= b + \\ & c \end{align}", ["a = b + c"]),
    (r"\begin{align} a &= \left( b \right. \\ &\left. \cdot c \right) \end{align}", ["a = (b · c)"]),
    (r"\begin{align} a &= b \\ -c &= d \end{align}", ["a = b", "−c = d"]),
    (r"\begin{multline} a = b \\ - c \end{multline}", ["a = b − c"]),
])  # fmt: skip
def test_what_a_row_states(text, formulas):
    assert written(text) == formulas


def test_words_that_are_not_known_are_refused():
    (found,) = parse_formulas(r"a = b \text{ notwithstanding that } c = d")
    assert isinstance(found, NotRead)
    assert "notwithstanding" in str(found)
