"""Formulas are collected, and rewritten without changing what they stand for."""

from fractions import Fraction

import numpy as np

from tinygrad_lite.formulas.algebra import (
    Formula,
    as_formula,
    constant,
    expand,
    matrix_product,
    matrix_transpose,
    multiple,
    number,
    over,
    plus,
    replace,
    sum_over_axes,
    symbol,
    times,
    to_power,
)
from tinygrad_lite.formulas.rendering import text

x, y = symbol("x", (3,)), symbol("y", (3,))
W = symbol("W", (2, 3))


def test_equal_terms_and_powers_are_collected():
    assert text(times(y, y)) == "y²"
    assert text(times(over(x, y), y)) == "x"
    assert text(plus(x, multiple(x, 2))) == "3 x"
    assert plus(x, multiple(x, -1)).terms == ()
    assert plus(x, y).key == plus(y, x).key
    assert repr(to_power(plus(x, y), Fraction(1, 2))) == "√(x + y)"


def test_what_does_not_vary_comes_out_of_a_sum():
    scalar = symbol("c")
    assert text(sum_over_axes(times(scalar, x))) == "c Σx"
    assert text(sum_over_axes(number(2, (3,)))) == "6"
    assert text(sum_over_axes(times(W, x), 1)) == "W x"
    assert sum_over_axes(times(W, x), 1, keepdims=True).shape == (2, 1)


def test_a_vector_that_is_a_product_stays_one_in_products():
    u, square = symbol("u", (2,)), symbol("A", (3, 3))
    assert text(matrix_product(matrix_product(W, x), u)) == "(W x)ᵀ u"
    assert text(matrix_product(x, matrix_product(u, W))) == "xᵀ (u W)"
    assert text(matrix_product(x, matrix_product(square, y))) == "xᵀ A y"
    assert text(matrix_product(matrix_product(x, square), y)) == "xᵀ A y"
    assert text(matrix_product(W, matrix_product(square, y))) == "W A y"


def test_numbers_come_out_of_matrix_products_and_transposes_cancel():
    product = matrix_product(multiple(W, 2), multiple(x, -3))
    assert text(product) == "−6 W x"
    assert product.shape == (2,)
    assert matrix_transpose(matrix_transpose(W)).key == W.key


def test_expanding_and_replacing():
    square = to_power(plus(x, number(1)), Fraction(2))
    assert text(expand(square)) == "x² + 2 x + 1"
    assert text(replace(square, lambda atom: y if atom.key == x.only().key else None)) == "(y + 1)²"
    assert text(replace(square, lambda atom: None if atom.head == "name" else number(5))) == "25"


def test_numbers_and_arrays_become_formulas():
    assert constant(as_formula(0.1)) == Fraction(1, 10)
    assert constant(as_formula(np.full((2, 2), 3.0))) == 3
    assert text(as_formula(np.log(2.0))) == "ln 2"
    assert text(as_formula(np.eye(3, dtype=bool))) == "t"
    assert text(as_formula(np.arange(3.0))) == "constant"
    assert as_formula(x) is x
    assert constant(Formula((), (3,))) == 0
