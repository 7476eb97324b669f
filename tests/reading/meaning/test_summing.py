r"""What sums run over, and which entries of an array are meant."""

from __future__ import annotations

import pytest

from tinygrad_lite.reading.declarations import read_declarations
from tinygrad_lite.reading.equations import formulas_of
from tinygrad_lite.verifying.marking import marked


def verdicts(formulas, *declared):
    """The verdict on each formula."""
    declarations = read_declarations(declared)
    parts = [part for text in formulas for part in formulas_of(text, declarations.words)]
    return [mark.verdict for mark in marked(parts, declarations).marks]


@pytest.mark.parametrize(("formulas", "declared", "expected"), [
    (
        [r"b = \sum_{i,j=1}^n A_{ij}", r"b = \sum_{i=1}^n \sum_{j=1}^n A_{ij}", r"b = \sum_{i,j=1}^{n-1} A_{ij}"],
        ["A: matrix n × n"], ["defines", "holds", "misprinted"],
    ),
    ([r"b = \sum_{ij} A_{ij}", r"b = \sum_i \sum_j A_{ij}"], ["A: matrix n × m"], ["defines", "holds"]),
    ([r"a_k = \sum_{i=1, i \neq k}^n x_i", r"a_k = \sum_{i=1}^n x_i - x_k"], [], ["defines", "holds"]),
    ([r"\sum_{i \neq k} x_i = \sum_i x_i - x_k"], [], ["holds"]),
    ([r"c = w_{12} + w_{21}", r"c = w_{1,2} + w_{2,1}"], ["w: matrix 2 × 2"], ["defines", "holds"]),
    (
        [r"p_i = \operatorname{softmax}(z)_i", r"p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}"],
        ["z: vector K"], ["defines", "holds"],
    ),
    ([r"\mathcal{L} = L x^2", r"\frac{\partial \mathcal{L}}{\partial x} = 2 L x"], ["L: number"], ["defines", "holds"]),
])  # fmt: skip
def test_sums_and_entries(formulas, declared, expected):
    assert verdicts(formulas, *declared) == expected
