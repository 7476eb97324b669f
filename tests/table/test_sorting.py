"""Sorting and sets: NumPy's results, and each entry's gradient at the entry it came from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl

quick = settings(deadline=None, derandomize=True, max_examples=30)
NUMBERS = [-1.5, 0.0, 0.25, 0.25, 1.0, 3.0, np.inf, np.nan]


def leaf(x: Any) -> tl.Tensor:
    return tl.Tensor(np.asarray(x), requires_grad=np.asarray(x).dtype.kind == "f")


def same(got: Any, expected: Any) -> None:
    if isinstance(expected, tuple):
        assert len(got) == len(expected)
        for a, b in zip(got, expected, strict=True):
            same(a, b)
        return
    got = got.data if isinstance(got, tl.Tensor) else got
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)


def random(seed: int, shape: tuple[int, ...], dtype: Any = float) -> Any:
    numbers = NUMBERS if np.dtype(dtype).kind == "f" else NUMBERS[:-2]
    return np.random.default_rng(seed).choice(numbers, shape).astype(dtype)


@given(seed=st.integers(0, 10**6), dtype=st.sampled_from(["f8", "f4", "f2", "i4", "?"]))
@quick
def test_sorting_is_numpys(seed: int, dtype: str) -> None:
    x = random(seed, (3, 4), dtype)
    for axis in (0, 1, -1, None):
        for options in ({}, {"kind": "heapsort"}, {"stable": True}, {"kind": "stable"}):
            same(np.sort(leaf(x), axis, **options), np.sort(x, axis, **options))
        for kth in (0, 1, -1, [0, 2]):
            same(np.partition(leaf(x), kth, axis), np.partition(x, kth, axis))


def test_orders_are_undone_along_any_axis() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4, 2))
    for axis in range(3):
        w = np.random.default_rng(1).normal(size=x.shape)
        expected = np.empty_like(x)
        np.put_along_axis(expected, np.argsort(x, axis), w, axis)
        np.testing.assert_array_equal(tl.grad(lambda x, w=w, axis=axis: (np.sort(x, axis) * w).sum())(x), expected)
        np.testing.assert_array_equal(tl.grad(lambda x, axis=axis: np.partition(x, 1, axis).sum())(x), np.ones_like(x))


def test_entries_that_tie_keep_their_order() -> None:
    w = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(tl.grad(lambda x: np.sort(x) @ w)(np.array([2.0, 1.0, 1.0])), [3.0, 1.0, 2.0])


def test_in_place() -> None:
    x = np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 4.0]])

    def f(x: Any) -> Any:
        y = x * 1.0
        y.sort(axis=0, kind="stable")
        y.partition(1)
        return y

    same(f(leaf(x)), f(x))
    tl.check_gradients(f, x)


def test_what_numpy_refuses_is_refused() -> None:
    for call in (
        lambda x: np.sort(x, kind="bogo"),
        lambda x: np.sort(x, 2),
        lambda x: np.sort(x, order="a"),
        lambda x: np.sort(x[0, 0]),
        lambda x: np.partition(x, 9),
        lambda x: np.unique(x, axis=5),
        lambda x: np.trim_zeros(x, "x"),
        lambda x: np.sort(x, kind="stable", stable=True),
    ):
        for x in (np.ones((2, 2)), leaf(np.ones((2, 2)))):
            with pytest.raises((ValueError, np.exceptions.AxisError)):
                call(x)


# ---------------------------------------------------------------------------------------------------------------------
# Sets


@given(seed=st.integers(0, 10**6), dtype=st.sampled_from(["f8", "f4", "i4"]), equal_nan=st.booleans())
@quick
def test_unique_is_numpys(seed: int, dtype: str, equal_nan: bool) -> None:
    x = random(seed, (3, 4), dtype)
    for axis in (None, 0, 1):
        for flags in (
            {},
            {"return_index": True},
            {"return_inverse": True, "return_counts": True},
            {"return_index": True, "return_inverse": True, "return_counts": True},
        ):
            options = {**flags, "axis": axis, "equal_nan": equal_nan}
            same(np.unique(leaf(x), **options), np.unique(x, **options))
    for name in ("unique_all", "unique_counts", "unique_inverse"):
        got, expected = getattr(np, name)(leaf(x)), getattr(np, name)(x)
        assert got._fields == expected._fields
        same(tuple(got), tuple(expected))
    same(np.unique_values(leaf(x)), np.unique_values(x))


@given(seed=st.integers(0, 10**6))
@quick
def test_sets_are_numpys(seed: int) -> None:
    a, b = random(seed, (2, 3)), random(seed + 1, (4,), "f4")
    for name in ("union1d", "intersect1d", "setdiff1d", "setxor1d"):
        same(getattr(np, name)(leaf(a), leaf(b)), getattr(np, name)(a, b))
        same(getattr(np, name)(leaf(a), b), getattr(np, name)(a, b))
    once, twice = np.unique(a)[::-1].copy(), np.unique(b)[::-1].copy()
    for name in ("intersect1d", "setdiff1d", "setxor1d"):
        same(getattr(np, name)(leaf(once), twice, True), getattr(np, name)(once, twice, True))
    same(np.intersect1d(leaf(a), b, return_indices=True), np.intersect1d(a, b, return_indices=True))


def test_the_first_of_equals_has_the_gradient() -> None:
    x = np.array([2.0, 1.0, 2.0, 3.0])
    np.testing.assert_array_equal(tl.grad(lambda x: (np.unique(x) * [1.0, 10.0, 100.0]).sum())(x), [10, 1, 0, 100])
    both = tl.grad(lambda a, b: (np.intersect1d(a, b) ** 2).sum(), (0, 1))(x, x[2:])
    np.testing.assert_array_equal(both[0], [4, 0, 0, 6])
    np.testing.assert_array_equal(both[1], [0, 0])
    np.testing.assert_array_equal(tl.grad(lambda x: np.setdiff1d(x, [2.0]).sum())(x), [0, 1, 0, 1])


def test_rows_that_are_equal() -> None:
    x = np.array([[1.0, 2.0], [0.0, 1.0], [1.0, 2.0]])
    np.testing.assert_array_equal(tl.grad(lambda x: np.unique(x, axis=0).sum())(x), [[1, 1], [1, 1], [0, 0]])


@pytest.mark.parametrize("trim", ["fb", "f", "b", "BF"])
@pytest.mark.parametrize(
    "x", [[0, 1.5, 0, 2, 0, 0], [0.0, 0.0], [1.0], [[0, 0, 0], [0, 1.5, 0], [0, 0, 2.5], [0, 0, 0]]], ids=str
)
def test_trim_zeros(x: Any, trim: str) -> None:
    x = np.array(x, float)
    for axis in (None, 0, -1, (0,), ()):
        same(np.trim_zeros(leaf(x), trim, axis), np.trim_zeros(x, trim, axis))
    np.testing.assert_array_equal(tl.grad(lambda x: (np.trim_zeros(x, trim) * 2 + 0 * x.sum()).sum())(x)[x != 0], 2)


@pytest.mark.oracle
def test_sorting_is_that_of_torch() -> None:
    torch = pytest.importorskip("torch")
    x, w = np.array([[3.0, 1.0, 3.0], [0.5, 0.5, -1.0]]), np.array([1.0, 2.0, 4.0])
    there = torch.tensor(x, requires_grad=True)
    (torch.sort(there, dim=1, stable=True).values @ torch.tensor(w)).sum().backward()
    np.testing.assert_array_equal(tl.grad(lambda x: (np.sort(x, 1) @ w).sum())(x), there.grad.numpy())


def test_unsorted_sets_are_in_numpys_order() -> None:
    x = np.array([3.0, 1.0, 2.0, 1.0]) + 1j
    for function in (np.unique_values, lambda x: np.unique(x, sorted=False)):
        np.testing.assert_array_equal(function(leaf(x)).data, function(x))
