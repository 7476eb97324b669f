"""Arithmetic of single numbers as Python's."""

from __future__ import annotations

import math
import operator
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite.compiling.improving.buffers import NOTHING
from tinygrad_lite.compiling.improving.python_numbers import can_raise, with_python_floats
from tinygrad_lite.compiling.program import Operation

from .conftest import names, program_of
from .test_loops import assert_compiled, lotka_volterra, same

X = np.array([1.5, -0.25, 3.0])


def test_chains_of_numbers_are_pythons(improve):
    def f(x):
        a, b, c = x
        return a * b + c * a - b / c + np.sqrt(a * a)

    program = improve(f, X, by=[with_python_floats])
    called = [operation.function for operation in program.operations]
    assert {operator.mul, operator.add, operator.sub, operator.truediv, math.sqrt} <= {*called}
    assert not any(isinstance(function, np.ufunc) for function in called)
    assert called[-1] is np.float64
    source = assert_compiled(f, X)
    assert "x_0, x_1, x_2 = x.tolist()" in source
    assert "math.sqrt" in source


def test_a_single_operation_is_not_worth_it(improve):
    program = improve(lambda x: x[0] * x[1], X, by=[with_python_floats])
    assert names(program) == ["getitem", "getitem", "multiply"]


def test_short_arrays_are_taken_apart(improve):
    def f(x):
        y = x * 2 + 1
        y[1] = y[0] * y[2]
        z = np.stack([y[1], y[2], y[0]]) * y
        return np.sum(z), z - x

    program = improve(f, X, by=[with_python_floats])
    assert not any(isinstance(operation.function, np.ufunc) for operation in program.operations)
    assert_compiled(f, X)


def test_what_was_read_before_an_assignment_stays(improve):
    def f(x):
        y = x * 2
        a = y[0] + 1
        z = y.copy()
        b = np.outer(y, y)
        y[0] = 5.0
        return a, b, z * 1.5 + y, y[0] * a * 2

    improve(f, X, by=[with_python_floats])
    assert_compiled(f, X)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sin(x[0]) * x[1] + np.exp(x[2] * x[1]) - x[0],
        lambda x: np.where(x[0] * x[1] < x[2] - 1, x[0] * 3, x[1] * 2) * x[2],
        lambda x: (x[0] * x[1] + x[2]) * np.ones(7) - x[1] * 2,
        lambda x: np.maximum(x[0] * x[1] - 3, x[2] * 2 + 1) * x[0],
        lambda x: (x[0] * 2 + x[1] * 3) ** 2 + abs(x[2] * x[1]) ** 3,
        lambda x: x[:2] * (x[0] * x[1] * 2 - 1),
        lambda x: np.reciprocal(x[0] * 2 + 1) + np.square(x[1] - x[2]) + np.cos(x[0]),
        lambda x: (np.sum(x * 3 - 1) * x[0], x * 3 - 1, x),
    ],
)
def test_results_and_their_types_are_the_same(f):
    assert_compiled(f, X)
    assert_compiled(f, X.astype(np.float32))
    assert_compiled(lambda x: f(np.append(x, x)), X)


def test_numbers_of_single_precision_are_rounded_as_they_were(improve):
    def f(x):
        return (x[0] * x[1] + x[2]) * x[0] / x[1] - x[2]

    program = improve(f, X.astype(np.float32), by=[with_python_floats])
    assert operator.mul not in [operation.function for operation in program.operations]


def test_numbers_among_arrays_of_single_precision_stay_of_double():
    def f(x, y):
        s = x[0] * x[1] + x[2] * x[0] - x[1] * x[2]
        return y * s, np.add(y, s * 2), s

    assert_compiled(f, X, np.ones(5, np.float32))
    assert_compiled(f, X, np.arange(5))


@pytest.mark.parametrize("numbers", [(0.0, 0.0, 1.0), (1.0, 0.0, -1.0), (np.inf, 1.0, 2.0), (1e200, 1e-200, 3.0)])
def test_where_python_raises_numpys_numbers_are_computed(numbers):
    def f(x):
        a, b, c = x
        return a / b + c, np.sqrt(c) * a * a, a * a * a / (b * b), np.sin(a / b)

    x = np.array(numbers)
    given = x.copy()
    compiled = tl.compile(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled(X)
        assert same(compiled(x), f(x))
        assert same(compiled(X), f(X))
    assert np.array_equal(x, given)


def test_where_python_raises_one_hears_of_it_as_from_numpy():
    compiled = tl.compile(lambda x: (x[0] / x[1] + x[2]) * x[0] - x[1] * x[2] * 2)
    compiled(X)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert compiled(np.array([1.0, 0.0, 1.0])) == np.inf


def test_what_python_raises_for_leaves_arguments_as_they_were():
    def f(x):
        x = x.copy()
        x[0] = x[1] * x[2] + x[0] * x[1] - x[2] * 3
        return x[0] / x[1] + x[2], x

    compiled = tl.compile(f)
    compiled(X)
    zeros = np.array([1.0, 0.0, 2.0])
    with pytest.warns(RuntimeWarning):
        found = compiled(zeros)
    with pytest.warns(RuntimeWarning):
        assert same(found, f(zeros))
    assert np.array_equal(zeros, [1.0, 0.0, 2.0])


def test_programs_that_write_to_what_is_given_stay_as_they_are():
    def f(a, b):
        return (a[0] / a[1] + a[2]) * a[0] - b[0] / b[1] * b[2] + a[0] * b[0] - a[1] * b[1]

    program = program_of(f, X, X + 1)
    assert can_raise(with_python_floats(program))
    x = program.inputs[0]
    write = Operation(operator.setitem, (x, 0, 1.0), {}, (), NOTHING, x.memory)
    writing = program.changed(operations=(write, *program.operations))
    assert with_python_floats(writing) is writing


def test_the_gradient_of_a_differential_equation_needs_no_array():
    f = tl.value_and_grad(lambda rates, state: lotka_volterra(rates, state, 30))
    source = assert_compiled(f, np.array([1.1, 0.4, 0.1, 0.4]), np.array([2.0, 1.0]))
    loops = source[source.index("for ") : source.index("return (")]
    assert "np." not in loops[: loops.rindex("for ")]
    assert source.count("np.array") == 1


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6))
@settings(max_examples=50, deadline=None)
def test_sums_are_in_numpys_order(numbers):
    x = np.array(numbers)
    assert_compiled(lambda x: np.sum(x * 3.0 - 1.0) * np.sum(x / 7.0), x)
