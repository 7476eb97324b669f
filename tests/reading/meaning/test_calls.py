r"""Functions with powers behind their brackets, and how far those without brackets reach."""

from __future__ import annotations

import pytest

import tinygrad_lite as tl
from tinygrad_lite.reading.declarations import read_declarations
from tinygrad_lite.reading.equations import formulas_of
from tinygrad_lite.verifying.marking import marked

SIGMOID = r"\sigma(u) = \frac{1}{1 + e^{-u}}"


def marks(formulas, *declared):
    """The verdict on each formula, with the reason."""
    declarations = read_declarations(declared)
    parts = [part for text in formulas for part in formulas_of(text, declarations.words)]
    return [(mark.verdict, mark.why) for mark in marked(parts, declarations).marks]


def test_a_power_behind_a_functions_brackets_is_of_its_value():
    formulas = [SIGMOID, r"a_i = \sigma(z_i)^2", r"a_i = (\sigma(z_i))^2", r"a_i = z_i (1 - z_i)^2"]
    found = marks(formulas, "z: vector n")
    assert [verdict for verdict, _ in found] == ["defines", "defines", "holds", "misprinted"]


def test_a_function_without_brackets_ends_before_those_of_a_factor():
    ((verdict, why),) = marks([r"c = \ln y_1 (2 - y_2)"], "y: vector 2, positive")
    assert (verdict, why.split(",")[0]) == ("not read", "whether ln is of (2−y_2)")
    assert marks([SIGMOID, r"c = \ln \sigma(x)", r"c = -\ln(1 + e^{-x})"], "x: number")[2][0] == "holds"


@pytest.mark.parametrize(("text", "verdict"), [
    (r"$f(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$, $f'(z) = 0$", "not read"),
    (r"$f(z)_i = z_i \sum_j z_j$, $f'(z)_i = 3 z_i$", "not read"),
    (r"$f(u) = u a$, $f'(c) = \sum_i a_i$", "not read"),
    (r"$f(u) = u \cdot u$, $f'(z) = 2 z$", "holds"),
    (r"$f(u) = u^3$, $f'(c) = 3 c^2$, $f''(z_i) = 6 z_i$", "holds"),
])  # fmt: skip
def test_a_prime_of_what_mixes_entries_is_refused(text, verdict):
    """The gradient of the sum of all values is the derivative only where each depends on its own entry."""
    marks = tl.read(text, z="vector K", a="vector n", c="number").marks
    assert {mark.verdict for mark in marks[1:]} == {verdict}


@pytest.mark.parametrize(("text", "verdict"), [
    (r"$\tanh'(x) = 1 - \tanh^2 x$", "holds"),
    (r"$\exp''(x) = \exp(x)$", "holds"),
    (r"$\cos'(x) = \sin x$", "misprinted"),
    (r"$(x^2)' = 2 x$", "not read"),
    (r"$(x^2)' = x^2$", "not read"),
    (r"$|x|' = |x|$", "not read"),
])  # fmt: skip
def test_a_prime_is_of_functions_and_of_nothing_else(text, verdict):
    assert tl.read(text, x="number").marks[-1].verdict == verdict


@pytest.mark.parametrize(("text", "verdict"), [
    (r"$\sum_{i \ne j} x_i x_j = (\sum_i x_i)^2 - \sum_i x_i^2$", "holds"),
    (r"$(\sum_i x_i)^2 = \sum_i x_i^2 + \sum_{i \ne j} x_i x_j$", "holds"),
    (r"$\sum_{i \ne j} x_i x_j = (\sum_i x_i)^2$", "misprinted"),
    (r"$\sum_{i \ne k} x_i x_k = x_k \sum_i x_i - x_k^2$", "holds"),
    (r"$\sum_k \sum_{i \ne k} x_i x_k = (\sum_i x_i)^2 - \sum_i x_i^2$", "holds"),
])  # fmt: skip
def test_a_sum_over_two_that_differ_runs_over_both_where_neither_is_an_index(text, verdict):
    assert tl.read(text, x="vector n").marks[-1].verdict == verdict


@pytest.mark.parametrize(("text", "verdict"), [
    (r"$\sum_{i=1}^{n-1} x_{i+1} = \sum_{i=2}^{n} x_i$", "holds"),
    (r"$\sum_{i=1}^{n-1} x_{i+1} = \sum_{i=1}^{n} x_i$", "misprinted"),
    (r"$x_{i+1} = x_i$", "not read"),
])  # fmt: skip
def test_a_sum_on_the_left_may_shift_its_index(text, verdict):
    assert tl.read(text, x="vector n").marks[-1].verdict == verdict


def test_an_exponent_may_be_differentiated_by():
    report = tl.read(r"$\frac{\partial}{\partial x} x^x = x^x (\ln x + 1)$", x="number, positive")
    assert report
    (mark,) = tl.read("$A^{-1} = A^T$", A="matrix n × n").marks
    assert mark.verdict in ("holds when", "misprinted")
