r"""Equations that state nothing which can be computed."""

from __future__ import annotations

import pytest

import tinygrad_lite as tl

from .test_namesakes import marks


@pytest.mark.parametrize(
    ("formula", "verdict", "why"),
    [
        (r"y_k = P(l = k, x)", "not read", "probability"),
        (r"\eta = \text{constant}", "not a claim", "in words"),
        (r"j = k", "not a claim", "indices"),
        (r"t_k = 1", "not read", "for every index or for some"),
        (r"K = 2", "not a claim", "a length"),
    ],
)
def test_what_is_stated_otherwise(formula, verdict, why):
    found = marks([r"a_{jk} = z_j t_k", r"s = \sum_{k=1}^K t_k", formula], "z, t: vector K")
    assert found[2][0] == verdict
    assert why in found[2][1]


def test_an_equation_of_a_number_defines_where_nothing_was_said_before():
    assert marks([r"b_i = 1", r"c_i = b_i x_i", r"c_i = x_i"], "x: vector n")[2][0] == "holds"


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        (r"\sum_{i=1}^n x_i = n \bar{x}", "what x̄ is, is not said"),
        (r"e^{i \pi} = -1", "what i is, is not said"),
    ],
)
def test_what_is_known_elsewhere_is_asked_for(formula, why):
    (mark,) = tl.read(f"${formula}$", x="vector n").marks
    assert (mark.verdict, mark.why) == ("not read", why)


def test_a_logarithm_is_differentiated_where_it_has_a_value():
    report = tl.read(r"$\frac{\partial \ln \det X}{\partial X} = X^{-T}$", X="matrix n × n")
    assert report
    (mark,) = tl.read(r"$\frac{\partial}{\partial x} \ln(-x) = \frac{1}{x}$", x="number, positive").marks
    assert mark.verdict == "not read"
    assert "not finite" in mark.why
