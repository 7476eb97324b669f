"""Formulas as text and as LaTeX."""

import re

import tinygrad_lite as tl
from tinygrad_lite.formulas.algebra import symbol
from tinygrad_lite.formulas.rendering import latex, text
from tinygrad_lite.formulas.written import placeholder


def test_names():
    shape = (2,)
    for name, as_text, as_latex in (
        ("W1", "W¹", "W^{1}"),
        ("W¹", "W¹", "W^{1}"),
        ("W^12", "W¹²", "W^{12}"),
        ("x_1", "x₁", "x_{1}"),
        ("x₁", "x₁", "x_{1}"),
        ("y", "y", "y"),
        ("δ2", "δ²", r"\delta^{2}"),
        ("loss", "loss", r"\mathrm{loss}"),
        ("hidden_bias", "hidden_bias", r"\mathrm{hidden}_{bias}"),
        ("100%", "100%", r"\mathrm{100\%}"),
    ):
        assert text(symbol(name, shape)) == as_text
        assert latex(symbol(name, shape)) == as_latex


def test_sums_of_sums_are_in_parentheses():
    x = placeholder("x", (3,))
    assert text(((x + 1) * 1).reshape(1, 3).sum()) == "Σx + 3"
    assert text((x / (x + 1)).sum()) == "Σ(x / (x + 1))"
    assert text((1 / x).sum()) == "Σ(1 / x)"
    assert text((x * x).sum()) == "Σ(x²)"


def test_any_name_makes_balanced_latex():
    z = tl.tensor([0.1, 0.2, 0.3], requires_grad=True, name="%$#&{x}}\\^~_")
    shown = re.sub(r"\\[{}]", "", tl.derive((z**2).sum(), wrt=z).results[-1].latex)
    assert shown.count("{") == shown.count("}")
