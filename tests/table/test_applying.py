"""Functions applied to parts of arrays: NumPy's results, and gradients through the function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

X = np.arange(24.0).reshape(2, 3, 4) % 7 + 0.5


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize(
    "f",
    [np.sum, lambda v: v[::-1] * v, lambda v: np.outer(v, v), lambda v, k=2: v[:k], lambda _: 1, np.argmax],
    ids=["sum", "vector", "matrix", "part", "constant", "index"],
)
def test_apply_along_axis(f: Any, axis: int) -> None:
    expected = np.apply_along_axis(f, axis, X)
    got = np.apply_along_axis(f, axis, tl.tensor(X, requires_grad=True))
    got = got.data if isinstance(got, tl.Tensor) else got
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)


def test_apply_along_axis_hands_on_what_else_it_is_given() -> None:
    def f(v: Any, k: int, *, by: float = 1.0, other: Any = 0) -> Any:
        assert other is None
        return v[:k] * by

    for x in (X, tl.tensor(X)):
        y = np.apply_along_axis(f, 1, x, 2, by=3.0, other=None)
        np.testing.assert_array_equal(y.data if isinstance(y, tl.Tensor) else y, 3 * X[:, :2])
    tl.check_gradients(lambda x: np.apply_along_axis(lambda v: v * v.sum(), 1, x), X, order=2)


def test_apply_along_axis_of_nothing() -> None:
    with pytest.raises(ValueError, match="length 0"):
        np.apply_along_axis(np.sum, 0, tl.tensor(np.ones((3, 0))))


@pytest.mark.parametrize("axes", [0, [0, 2], (-1, 1)])
@pytest.mark.parametrize("f", [np.sum, np.cumsum, lambda x, axis: np.max(x, axis=axis, keepdims=True)])
def test_apply_over_axes(f: Any, axes: Any) -> None:
    got = np.apply_over_axes(f, tl.tensor(X, requires_grad=True), axes)
    np.testing.assert_array_equal(got.data, np.apply_over_axes(f, X, axes))
    tl.check_gradients(lambda x: np.apply_over_axes(np.sum, x * x, axes), X)


def test_piecewise() -> None:
    x = np.array([-2.0, -0.5, 1.0, 4.0])
    for conditions, functions in (
        ([x < 0, x >= 0], [lambda v: v * v, np.sqrt]),
        ([x < 0], [lambda v: -v, np.sqrt]),
        (x < 0, [3.0, np.sqrt]),
        ([x < 0, x > -1], [lambda v: v * v, lambda v: v**3]),
        ([x < -1, x > 2], [np.cos, np.sin]),
    ):
        expected = np.piecewise(x, conditions, functions)
        np.testing.assert_array_equal(np.piecewise(tl.tensor(x), conditions, functions).data, expected)
        tl.check_gradients(lambda x, c=conditions, f=functions: np.piecewise(x, c, f), x, order=2)


def test_what_piecewise_leaves_out_does_not_reach_a_function() -> None:
    x = np.array([-1.0, 0.0, 4.0])
    f = lambda x: np.piecewise(x, [x > 0], [np.sqrt, 0.0]).sum()
    np.testing.assert_array_equal(tl.grad(f)(x), [0.0, 0.0, 0.25])


def test_piecewise_of_a_number_of_integers_and_with_arguments() -> None:
    f = lambda v, k, by=1.0: v * k * by
    number = np.float64(2.0)
    got = np.piecewise(tl.tensor(number), [number > 0, number <= 0], [f, 0.0], 3.0, by=2.0)
    assert got.item() == np.piecewise(number, [number > 0, number <= 0], [f, 0.0], 3.0, by=2.0) == 12.0
    whole = np.array([1, 2, 3])
    np.testing.assert_array_equal(
        np.piecewise(tl.tensor(whole), [whole > 1], [lambda v: v * 0.5, 7]).data,
        np.piecewise(whole, [whole > 1], [lambda v: v * 0.5, 7]),
    )
    x = np.array([[1.0, -1.0], [2.0, -3.0]])
    np.testing.assert_array_equal(tl.grad(lambda c: np.piecewise(tl.tensor(x), [x > 0], [c, 0.0]).sum())(1.5), 2.0)


def test_piecewise_counts_functions() -> None:
    x = tl.tensor([1.0])
    with pytest.raises(ValueError, match="expected"):
        np.piecewise(x, [np.array([True])], [1.0, 2.0, 3.0])
