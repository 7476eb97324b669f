"""Formulas as text and as LaTeX."""

import re

import numpy as np

import tinygrad_lite as tl
from tinygrad_lite.formulas.algebra import symbol
from tinygrad_lite.formulas.rendering import latex, text
from tinygrad_lite.formulas.written import placeholder


def test_names():
    shape = (2,)
    for name, as_text, as_latex in (
        ("W1", "W₁", "W_{1}"),
        ("W¹", "W₁", "W_{1}"),
        ("W^12", "W₁₂", "W_{12}"),
        ("W^[2]", "W^[2]", "W^{[2]}"),
        ("x₁²", "x₁^[2]", "x_{1}^{[2]}"),
        ("y2⁽¹⁾", "y₂⁽¹⁾", "y_{2}^{(1)}"),
        ("x2′", "x′₂", "x'_{2}"),
        ("x_1", "x₁", "x_{1}"),
        ("x₁", "x₁", "x_{1}"),
        ("y", "y", "y"),
        ("δ2", "δ₂", r"\delta_{2}"),
        ("loss", "loss", r"\mathrm{loss}"),
        ("hidden_bias", "hidden_bias", r"\mathrm{hidden}_{\mathrm{bias}}"),
        ("learning rate", "learning rate", r"\mathrm{learning\ rate}"),
        ("learning  rate\n", "learning rate", r"\mathrm{learning\ rate}"),
        ("layers.0.weight", "layers.0.weight", r"\mathrm{layers.0.weight}"),
        ("ŷ", "ŷ", r"\hat{y}"),
        ("x̄_i", "x̄_i", r"\bar{x}_{i}"),
        ("Δw", "Δw", r"\mathrm{\Delta w}"),
        ("100%", "100%", r"\mathrm{100\%}"),
    ):
        assert text(symbol(name, shape)) == as_text
        assert latex(symbol(name, shape)) == as_latex


def test_a_prime_has_no_superscript_beside_it_in_latex():
    first, second = (tl.tensor([2.0, 1.0], requires_grad=True, name="v1") for _ in range(2))
    W = tl.tensor([[1.0, 2.0]], requires_grad=True, name="δ₁")
    shown = tl.derive((first * second**3).sum()).latex() + tl.derive(np.tanh(W @ W.T @ W @ second).sum()).latex()
    assert r"\left(v'_{1}\right)^{2}" in shown
    assert not re.search(r"'_\{\w+\}\^", shown), "a double superscript"
    assert latex(symbol("y2′⁽¹⁾")) == "y_{2}'^{(1)}"


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
