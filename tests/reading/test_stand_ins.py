r"""Functions of which the kind alone is known."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_lite.reading.axes import DOWN, AxesError, Dim, Value, number
from tinygrad_lite.reading.stand_ins import stand_in

from .test_namesakes import marks

LAYER = (
    "W: matrix n × m",
    r"\mathbf{x}: vector m",
    r"\mathbf{y}: vector n",
    "σ: function vector",
    "Q: function number",
    r"define: \mathbf{z} = W \mathbf{x}",
    r"define: \mathbf{a} = \sigma(\mathbf{z})",
    r"define: C = Q(\mathbf{a}, \mathbf{y})",
    r"\mathbf{z}, \mathbf{a}: vector n",
)


def test_functions_of_columns_mix_all_entries_and_others_do_not():
    for turn in range(4):
        for kind, mixes in (("elementwise", False), ("vector", True)):
            f = stand_in(kind, turn)
            one, other = [f(Value({DOWN: Dim()}, np.array([0.3, x]))).data for x in (0.4, 0.5)]
            assert bool(one[0] != other[0]) is mixes
    with pytest.raises(AxesError, match="columns"):
        stand_in("vector", 0)(number(1.0))


def test_a_chain_rule_entry_by_entry_needs_an_elementwise_function():
    entry = (
        r"\frac{\partial C}{\partial W_{jk}} = \frac{\partial C}{\partial a_j} \frac{\partial a_j}{\partial z_j} "
        r"\frac{\partial z_j}{\partial W_{jk}}"
    )
    full = r"\frac{\partial C}{\partial z_j} = \sum_i \frac{\partial C}{\partial a_i} \frac{\partial a_i}{\partial z_j}"
    assert marks([entry, full], *LAYER) == [("holds when", "σ is elementwise"), ("holds", "")]


def test_a_prime_of_a_function_of_columns_is_the_slope_of_each_entry():
    found = marks(
        [r"\frac{\partial C}{\partial \mathbf{z}} = \frac{\partial C}{\partial \mathbf{a}} \odot \sigma'(\mathbf{z})"],
        *LAYER,
    )
    assert found == [("holds when", "σ is elementwise")]


def test_two_functions_that_may_be_one():
    declared = ("σ, τ: function vector", r"\mathbf{z}: vector n", r"define: \mathbf{a} = \sigma(\mathbf{z})")
    assert marks([r"\mathbf{a} = \tau(\mathbf{z})"], *declared)[0][0] == "misprinted"
    assert marks([r"\mathbf{a} = \tau(\mathbf{z})"], *declared, r"assume: \tau = \sigma") == [("holds when", "τ = σ")]


def test_a_prime_of_what_mixes_entries_is_refused():
    formulas = [r"f(\mathbf{x}) = A \mathbf{x}", r"\mathbf{u} = f'(\mathbf{x})", r"u_i = 1 + u_i - 1"]
    found = marks(formulas, "A: matrix n × n", r"\mathbf{x}: vector n")
    assert found[2][0] == "not read"
    assert "depend on several entries each" in found[2][1]
