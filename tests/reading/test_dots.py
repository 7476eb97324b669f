r"""Terms left out: which are the same sum, and which are not."""

from __future__ import annotations

import pytest

from tinygrad_lite.reading.dots import without_dots
from tinygrad_lite.reading.latex import parse_latex
from tinygrad_lite.reading.printing import unicode_of
from tinygrad_lite.reading.syntax import Dots, walk

SUMS = (
    (r"e^{z_1} + \dots + e^{z_K}", "Σ_{… = 1}ᴷ e^{z_…}"),
    (r"x_1 y_1 + x_2 y_2 + \cdots + x_n y_n", "Σ_{… = 1}ⁿ x_… y_…"),
    (r"p_1 p_2 \cdots p_n", "Π_{… = 1}ⁿ p_…"),
    (r"1 + 2 + \dots + n", "Σ_{… = 1}ⁿ …"),
    (r"a - x_1 - x_2 - \dots - x_n + b", "a − Σ_{… = 1}ⁿ x_… + b"),
    (r"x_0 + \ldots + x_{n-1}", "Σ_{… = 0}ⁿ⁻¹ x_…"),
)


@pytest.mark.parametrize(("text", "said"), SUMS)
def test_terms_that_differ_in_a_number_are_a_sum(text, said):
    assert unicode_of(without_dots(parse_latex(text))) == said


@pytest.mark.parametrize(
    "text",
    [
        r"x_1 + x_3 + \dots + x_n",  # the second is not the second
        r"x_1 - x_2 + \dots + x_n",  # the signs change
        r"x_1 + \dots + y_n",
        r"x_1 y_2 + \dots + x_n y_m",
        r"x_a + \dots + x_n",
        r"x_1 + x_2 + \dots",
        r"2 + \dots + 2n",  # in twos?
        r"2 + 4 + \dots + 2n",
    ],
)
def test_other_terms_are_left_as_they_are(text):
    tree = without_dots(parse_latex(text))
    assert any(isinstance(node, Dots) for node in walk(tree))
