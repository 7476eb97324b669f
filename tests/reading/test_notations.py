r"""Indices in brackets."""

from __future__ import annotations

from tinygrad_lite.reading.declarations import read_declarations
from tinygrad_lite.reading.latex import parse_latex
from tinygrad_lite.reading.notations import forms_of, with_indices
from tinygrad_lite.reading.printing import unicode_of

from .test_namesakes import marks

DECLARED = ("z_j: number, j = 1…K", "t: label in K", "σ(j), σ(z_j): number, j = 1…K")


def test_forms_are_found_and_others_are_left():
    forms, symbols = forms_of(read_declarations([*DECLARED, "z_j: positive", "z_j: nonzero"]).symbols, ())
    assert [symbol.name for symbol in symbols] == ["z_j", "t", "σ_j", "z_j", "z_j"]
    read = {
        text: unicode_of(with_indices(parse_latex(text), forms))
        for text in (r"\sigma(t)^2", r"\sigma(z_t)", r"\sigma(x_t)")
    }
    assert list(read.values()) == ["σₜ²", "σₜ", "σ(xₜ)"]


def test_a_derivation_with_indices_in_brackets():
    formulas = [
        r"\sigma(j) = \frac{e^{z_j}}{\sum_k e^{z_k}}",
        r"E = -\log \sigma(t)",
        r"\frac{\partial E}{\partial z_j} = \frac{-1}{\sigma(t)} \frac{\partial}{\partial z_j} \sigma(t)",
        r"\frac{\partial E}{\partial z_j} = \frac{-1}{\sigma(t)} \frac{\partial}{\partial z_j} \sigma(z_j)",
        r"\frac{\partial E}{\partial z_j} = \sigma(j) - \delta_{jt}",
    ]
    found = [verdict for verdict, _ in marks(formulas, *DECLARED)]
    assert found == ["defines", "defines", "holds", "misprinted", "holds"]
