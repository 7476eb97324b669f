"""Differences, slopes and integrals of sampled values: NumPy's results, and gradients in the coordinates too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl

quick = settings(deadline=None, derandomize=True, max_examples=60)
F = np.random.default_rng(0).normal(size=(3, 4, 5))
UNEVEN = {3: [0.0, 0.5, 2.0], 4: [0.0, 0.75, 1.0, 3.0], 5: [-1.0, 0.0, 0.25, 1.0, 1.5]}
EVEN = {n: np.arange(n) * 0.5 for n in UNEVEN}


def same(got: Any, expected: Any, rtol: float = 1e-13) -> None:
    if isinstance(expected, (tuple, list)):
        assert type(got) is type(expected)
        for a, b in zip(got, expected, strict=True):
            same(a, b)
        return
    got = got.data if isinstance(got, tl.Tensor) else got
    assert np.shape(got) == np.shape(expected)
    assert np.asarray(got).dtype == np.asarray(expected).dtype
    np.testing.assert_allclose(got, expected, rtol=1e-6 if np.asarray(got).dtype == np.float32 else rtol, atol=1e-13)


@given(
    dtype=st.sampled_from(["f8", "f4", "i4", "?"]),
    n=st.integers(0, 6),
    axis=st.integers(-3, 2),
    prepend=st.sampled_from([None, 1, "part"]),
    append=st.sampled_from([None, 0.5, "part"]),
)
@quick
def test_diff_is_numpys(dtype: str, n: int, axis: int, prepend: Any, append: Any) -> None:
    x = (4 * F).astype(dtype)
    part = np.take(x, [0, 1], axis)
    ends = {"prepend": prepend, "append": append}
    ends = {key: part if end == "part" else end for key, end in ends.items() if end is not None}
    same(np.diff(tl.tensor(x), n, axis, **ends), np.diff(x, n, axis, **ends))


def test_diff_that_cannot_be() -> None:
    for x in (F, tl.tensor(F, requires_grad=True)):
        with pytest.raises(ValueError, match="negative"):
            np.diff(x, -1)
        with pytest.raises(np.exceptions.AxisError):
            np.diff(x, 1, 3)
    with pytest.raises(ValueError, match="one"):
        np.diff(tl.tensor(1.0, requires_grad=True))


def test_ediff1d() -> None:
    for x in (F[0], F[0, 0].astype("f4"), np.arange(4), F[0, 0, :1], np.zeros(0)):
        for ends in ({}, {"to_end": [1, 2]}, {"to_begin": 3}, {"to_begin": [[1], [2]], "to_end": 7}):
            same(np.ediff1d(tl.tensor(x), **ends), np.ediff1d(x, **ends))
    with pytest.raises(TypeError, match="to_end"):
        np.ediff1d(tl.tensor(np.arange(3)), to_end=0.5)


# ---------------------------------------------------------------------------------------------------------------------
# Slopes


@pytest.mark.parametrize("edge_order", [1, 2])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i4"])
def test_gradients_are_numpys(edge_order: int, dtype: str) -> None:
    f = (8 * F).astype(dtype)
    for spacings, axis in (
        ((), None),
        ((0.5,), None),
        ((np.float64(0.5),), 1),
        ((2,), (0, 2)),
        ((UNEVEN[3], 0.25, UNEVEN[5]), None),
        ((UNEVEN[5], EVEN[3]), (2, 0)),
        ((np.arange(4),), -2),
        ((EVEN[4],), 1),
    ):
        expected = np.gradient(f, *spacings, axis=axis, edge_order=edge_order)
        same(np.gradient(tl.tensor(f), *spacings, axis=axis, edge_order=edge_order), expected)
        same(tl.gradient(f, *spacings, axis=axis, edge_order=edge_order), expected)


@pytest.mark.parametrize("edge_order", [1, 2])
@pytest.mark.parametrize("h", [UNEVEN[5], EVEN[5]])
def test_coordinates_have_gradients_also_where_they_are_even(edge_order: int, h: Any) -> None:
    h = np.asarray(h)
    f = lambda f, h: np.gradient(f, h, edge_order=edge_order)
    same(f(tl.tensor(F[0, 0]), tl.tensor(h)), f(F[0, 0], h), rtol=1e-11)
    tl.check_gradients(f, F[0, 0], h, order=2)
    tl.check_gradients(lambda x, h: np.gradient(x, h, edge_order=edge_order)[0], F[0], np.array(0.5), order=2)


@pytest.mark.parametrize(
    ("spacings", "kwargs", "error"),
    [
        ((1, 2), {}, TypeError),
        (([0.0, 1.0],), {"axis": 0}, ValueError),
        (([[0.0, 1.0]],), {"axis": 0}, ValueError),
        ((), {"edge_order": 3}, ValueError),
        ((), {"axis": 3}, np.exceptions.AxisError),
        ((), {"axis": (1, 1)}, ValueError),
    ],
)
def test_gradients_that_cannot_be(spacings: Any, kwargs: Any, error: Any) -> None:
    for f in (F, tl.tensor(F, requires_grad=True)):
        with pytest.raises(error):
            np.gradient(f, *spacings, **kwargs)
    with pytest.raises(ValueError, match="entries"):
        np.gradient(tl.tensor([1.0], requires_grad=True))


# ---------------------------------------------------------------------------------------------------------------------
# Sums


def test_trapezoids() -> None:
    for args, kwargs in (
        ((F,), {}),
        ((F,), {"dx": 0.5, "axis": 1}),
        ((F, UNEVEN[4]), {"axis": 1}),
        ((F, F**2), {"axis": 0}),
        ((F, F[0] ** 2), {"axis": -1}),
        (((4 * F).astype(int),), {}),
        ((F.astype("f4"),), {}),
        ((F[0, 0], [3, 1, 2, 5, 4]), {}),
    ):
        same(np.trapezoid(tl.tensor(args[0]), *args[1:], **kwargs), np.trapezoid(*args, **kwargs), rtol=1e-12)
    tl.check_gradients(lambda y, x: np.trapezoid(y, x, axis=1), F, np.array(UNEVEN[4]), order=2)
    tl.check_gradients(lambda y, dx: np.trapezoid(y, dx=dx), F, np.array(0.5), order=2)


@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
def test_cumulative(name: str) -> None:
    f = getattr(np, name)
    for x in (F, F.astype("f4"), (4 * F).astype(int)):
        for options in ({"axis": 1}, {"axis": -1, "include_initial": True}, {"axis": 0, "dtype": np.float32}):
            same(f(tl.tensor(x), **options), f(x, **options), rtol=1e-12)
    same(f(tl.tensor(2.0), include_initial=True), f(2.0, include_initial=True))
    with pytest.raises(ValueError, match="axis"):
        f(tl.tensor(F, requires_grad=True))


@given(
    seed=st.integers(0, 10**6),
    period=st.sampled_from([2 * np.pi, 1.0, 0.5, 4, 3]),
    discont=st.sampled_from([None, 0.1, 3.0]),
    whole=st.booleans(),
)
@quick
def test_unwrapping_is_numpys(seed: int, period: Any, discont: Any, whole: bool) -> None:
    p = np.random.default_rng(seed).integers(-12, 12, (3, 5)) * (1 if whole else 0.25)
    for axis in (0, -1):
        expected = np.unwrap(p, discont, axis, period=period)
        same(np.unwrap(tl.tensor(p), discont, axis, period=period), expected, rtol=1e-12)


def test_gradients_of_unwrapping() -> None:
    p = np.array([0.1, 3.0, 5.5, 0.2, 2.0])
    tl.check_gradients(lambda p, period: np.unwrap(p, period=period), p, np.array(6.0))
    np.testing.assert_array_equal(tl.jacobian(np.unwrap)(p), np.eye(5))


@pytest.mark.parametrize("edge_order", [0, 3, -2])
def test_the_order_at_the_ends_is_1_or_2(edge_order):
    with pytest.raises(ValueError, match="gradient: edge_order must be 1 or 2"):
        np.gradient(tl.tensor(np.arange(5.0)), edge_order=edge_order)


def test_coordinates_with_more_axes_than_the_values():
    y, x = np.array([1.0, 3.0, 2.0, 0.5]), np.array([[0.0, 0.5, 0.75, 2.0], [0.0, 1.0, 2.0, 4.0]])
    got = np.trapezoid(tl.tensor(y), x)
    np.testing.assert_allclose(got.data, np.trapezoid(y, x))
    tl.check_gradients(np.trapezoid, y, x)
