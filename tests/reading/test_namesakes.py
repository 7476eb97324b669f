r"""Letters that are several symbols."""

from __future__ import annotations

from tinygrad_lite.reading.declarations import read_declarations
from tinygrad_lite.reading.equations import formulas_of
from tinygrad_lite.verifying.marking import marked


def marks(formulas, *declared):
    """The verdict on each formula, with the reason."""
    declarations = read_declarations(declared)
    parts = [part for text in formulas for part in formulas_of(text, declarations.words)]
    return [(mark.verdict, mark.why) for mark in marked(parts, declarations).marks]


def test_a_letter_with_an_index_may_be_another_than_without():
    formulas = [r"z = \sum_j e^{z_j}", r"y_k = \frac{e^{z_k}}{z}", r"\frac{\partial z}{\partial z_k} = e^{z_k}"]
    found = marks(
        [*formulas, r"\frac{\partial y_k}{\partial z_k} = y_k (1 - y_k)"], "z_k: number, k = 1…K", "z: number"
    )
    assert [verdict for verdict, _ in found] == ["defines", "defines", "holds", "holds"]


def test_an_index_may_say_which_layer_is_meant():
    declared = ["o_i: number, i = 1…n", "o_j: number, j = 1…m", "w_{ij}: number, i = 1…n, j = 1…m"]
    formulas = [r"o_j = \tanh \sum_i w_{ij} o_i", r"E = \frac{1}{2} \sum_j o_j^2"]
    right = r"\frac{\partial E}{\partial w_{ij}} = o_j (1 - o_j^2) o_i"
    wrong = r"\frac{\partial E}{\partial w_{ij}} = o_j (1 - o_i^2) o_j"
    found = marks([*formulas, right, wrong], *declared)
    assert [verdict for verdict, _ in found] == ["defines", "defines", "holds", "misprinted"]
    assert "which is meant of oᵢ, oⱼ is not said" in marks(["2 o_k = o_k + o_k"], *declared)[0][1]


def test_a_condition_of_one_at_the_place_of_a_label():
    formulas = [r"y_k = \frac{e^{z_k}}{\sum_j e^{z_j}}", r"E = -\ln y_c", r"E = -\sum_k t_k \ln y_k"]
    found = marks(formulas, "z, t: vector K", "c: label in K")
    assert found[2] == ("holds when", "t is one-hot, with its 1 at c")
