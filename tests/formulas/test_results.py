"""Derivations are shown as text of 80 columns, as LaTeX and as a notebook's table."""

import numpy as np

import tinygrad_lite as tl


def test_it_prints_in_80_columns_and_in_notebooks():
    w = tl.tensor(np.random.default_rng(0).standard_normal(6), requires_grad=True, name="w")
    derivation = tl.derive(np.prod(np.tanh(w) * np.exp(w)) + tl.logsumexp(w) * np.max(w))
    assert max(map(len, str(derivation).splitlines())) <= 80
    assert repr(derivation) == str(derivation)
    assert derivation._repr_latex_().startswith("$$\n\\begin{aligned}")
    table = derivation._repr_markdown_()
    assert table.startswith("given $w \\in \\mathbb{R}^{6}$\n\n$$\n\\begin{aligned}\nv_{1} &= ")
    assert "\n\n| cotangent | local derivatives |\n" in table
    assert table.count("|---|---|") == 1
    for source in (derivation.latex(), table):
        assert source.count("{") == source.count("}")
        assert source.count(r"\left") == source.count(r"\right")
