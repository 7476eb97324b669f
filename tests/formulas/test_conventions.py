"""Digits in names: shown as asked for, never as a power, and never two names alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_lite.formulas.algebra import symbol, times
from tinygrad_lite.formulas.conventions import DIGITS, SUPERSCRIPTS, Verbatim, name_parts, spelled
from tinygrad_lite.formulas.rendering import latex, text
from tinygrad_lite.formulas.words import TakenNames


@pytest.mark.parametrize(
    ("name", "subscript", "layer", "plain"),
    [
        ("x2", ("x₂", "x_{2}"), ("x₂", "x_{2}"), ("x2", r"\mathrm{x2}")),
        ("W2", ("W₂", "W_{2}"), ("W^[2]", "W^{[2]}"), ("W2", r"\mathrm{W2}")),
        ("W²", ("W₂", "W_{2}"), ("W^[2]", "W^{[2]}"), ("W2", r"\mathrm{W2}")),
        ("δ_2", ("δ₂", r"\delta_{2}"), ("δ^[2]", r"\delta^{[2]}"), ("δ2", r"\mathrm{\delta 2}")),
        ("b10′", ("b′₁₀", "b'_{10}"), ("b′^[10]", "b'^{[10]}"), ("b10′", r"\mathrm{b10}'")),
        ("a1⁽³⁾", ("a₁⁽³⁾", "a_{1}^{(3)}"), ("a^[1]⁽³⁾", "a^{[1](3)}"), ("a1⁽³⁾", r"\mathrm{a1}^{(3)}")),
        ("x_i", ("x_i", "x_{i}"), ("x_i", "x_{i}"), ("x_i", "x_{i}")),
        ("layer 2", *3 * [("layer 2", r"\mathrm{layer\ 2}")]),
        ("z", *3 * [("z", "z")]),
    ],
)
def test_a_name_is_shown_as_asked_for(name, subscript, layer, plain):
    for digits, shown in zip(DIGITS, (subscript, layer, plain), strict=True):
        x = symbol(spelled(name, digits), (2,))
        assert (text(x), latex(x)) == shown


def test_powers_and_products_of_what_bears_digits_are_told_from_its_name():
    for digits, square in (("subscript", "W₂²"), ("layer", "(W^[2])²"), ("plain", "(W2)²")):
        x = symbol(spelled("W2", digits), (2, 2))
        assert text(times(x, x)) == square


LETTERS = st.sampled_from(["W", "x", "δ", "ab", "w.", "a b", "v′"])
ENDS = ["{}", "_{}", "^{}", "^[{}]", "_{{{}}}", "{}′", "′{}", " {}"]  # what stands around a number
NUMBERS = st.sampled_from(["", "1", "2", "12", "₁", "¹", "₁₂", "1²", "⁽¹⁾", "2⁽¹⁾", "_1^2", "i"])
NAMES = st.builds(lambda stem, end, number: stem + end.format(number), LETTERS, st.sampled_from(ENDS), NUMBERS)


@settings(max_examples=150, deadline=None)
@given(NAMES, NAMES)
def test_two_names_that_are_not_taken_for_one_are_never_shown_alike(first, second):
    if second in TakenNames([first]):
        return
    for digits in DIGITS:
        shown = [(text(x), latex(x)) for x in [symbol(spelled(name, digits)) for name in (first, second)]]
        assert shown[0][0] != shown[1][0]
        assert shown[0][1] != shown[1][1]


@settings(max_examples=80, deadline=None)
@given(NAMES)
def test_no_number_is_shown_as_a_power(name):
    for digits in DIGITS:
        for shown in (text(symbol(spelled(name, digits))), latex(symbol(spelled(name, digits)))):
            bare = shown.replace("⁽¹⁾", "")
            assert not set(bare) & set("0123456789".translate(SUPERSCRIPTS))
            assert "^{1" not in bare
            assert "^{2" not in bare


def test_what_stands_as_it_is_equals_its_name():
    assert symbol(Verbatim("W2")).key == symbol("W2").key
    assert name_parts(Verbatim("W2")) == ("W2", "", "")
    assert np.all([spelled(name, "subscript") == name for name in ("W2", "W_2", "loss")])
