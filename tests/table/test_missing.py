"""Reductions that leave NaNs out: NumPy's results, keyword by keyword, and no gradient at NaNs."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl

quick = settings(deadline=None, derandomize=True, max_examples=40)
NUMBERS = [-1.5, 0.5, 0.25, 1.0, 3.0, np.nan, np.nan]
AXES = (None, 0, -1, (0, 2), ())
MASK = np.random.default_rng(3).random((2, 3, 4)) > 0.3


def random(seed: int, shape: tuple[int, ...], dtype: Any) -> Any:
    numbers = NUMBERS if np.dtype(dtype).kind == "f" else NUMBERS[:-2]
    return np.random.default_rng(seed).choice(numbers, shape).astype(dtype)


def agree(name: str, x: Any, **options: Any) -> None:
    """On arrays and on Tensors, NumPy's result."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = getattr(np, name)(x, **options)
        for got in (getattr(tl, name)(x, **options), getattr(np, name)(tl.tensor(x), **options)):
            got = got.data if isinstance(got, tl.Tensor) else got
            assert np.shape(got) == np.shape(expected)
            assert got.dtype == np.asarray(expected).dtype
            # of half precision NumPy rounds the deviations, whatever they are summed in
            rtol = {"float16": 4e-3, "float32": 1e-6}.get(min(got.dtype.name, x.dtype.name), 1e-13)
            np.testing.assert_allclose(got, expected, rtol=rtol)


@pytest.mark.parametrize("name", ["nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin"])
@given(
    seed=st.integers(0, 10**6),
    dtype=st.sampled_from(["f8", "f4", "f2", "i4"]),
    axis=st.sampled_from(AXES),
    keepdims=st.booleans(),
    more=st.sampled_from([{}, {"where": MASK}, {"dtype": np.float32}, {"dtype": np.float64}, {"own": True}]),
)
@quick
def test_reductions_are_numpys(name: str, seed: int, dtype: str, axis: Any, keepdims: bool, more: Any) -> None:
    x = random(seed, (2, 3, 4), dtype)
    options = {"axis": axis, "keepdims": keepdims, **more}
    if options.pop("own", False):
        options |= {"ddof": 1} if name in ("nanvar", "nanstd") else {} if name == "nanmean" else {"initial": 1}
    if name == "nanstd" and "dtype" in more and np.dtype(dtype).itemsize < more["dtype"](0).itemsize:
        return  # NumPy squares in the array's own precision
    if name in ("nanmax", "nanmin"):
        if "where" in options:
            options["initial"] = 0
        if options.pop("dtype", None):
            return
    agree(name, x, **options)


@pytest.mark.parametrize("name", ["nancumsum", "nancumprod"])
def test_running_reductions_are_numpys(name: str) -> None:
    for dtype in ("f8", "f4", "i4"):
        x = random(5, (2, 3, 4), dtype)
        for options in ({}, {"axis": 1}, {"axis": -1, "dtype": np.float32}):
            agree(name, x, **options)


@pytest.mark.parametrize("name", ["nanvar", "nanstd"])
def test_variances_around_a_known_mean(name: str) -> None:
    x = random(7, (2, 3, 4), "f8")
    for options in ({"axis": 1, "ddof": 2}, {"axis": (0, 2), "correction": 1}):
        agree(name, x, **options)
        middle = np.nanmean(x, axis=options["axis"], keepdims=True)
        agree(name, x, mean=middle, **options)
    f = getattr(np, name)
    steady = np.where(np.isnan(x), np.nan, x + np.arange(24).reshape(x.shape))
    tl.check_gradients(lambda m: f(tl.tensor(steady), mean=m, axis=1).sum(), np.full((2, 1, 4), 0.3))
    with pytest.raises(ValueError, match="ddof"):
        f(tl.tensor(x), ddof=1, correction=1)


@pytest.mark.parametrize("name", ["nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin", "nancumsum"])
def test_a_nan_has_no_gradient(name: str) -> None:
    x = np.array([[0.5, np.nan, 2.0], [1.5, 0.25, -0.75]])
    g = tl.grad(lambda x: getattr(np, name)(x, axis=1).sum())(x)
    assert g[0, 1] == 0
    assert np.isfinite(g).all()
    tl.check_gradients(lambda x: getattr(np, name)(x, axis=1), x, order=2)


def test_lines_without_numbers() -> None:
    x = np.array([[np.nan, np.nan], [1.0, 2.0]])
    for name in ("nanmean", "nanvar", "nanstd", "nanmax", "nanmin", "nanmedian"):
        with pytest.warns(RuntimeWarning):
            y = getattr(np, name)(tl.tensor(x), axis=1)
        assert np.isnan(y.data[0])
        assert np.isfinite(y.data[1])
        with pytest.warns(RuntimeWarning):
            g = tl.grad(lambda x, name=name: getattr(np, name)(x, axis=1)[1])(x)
        np.testing.assert_array_equal(g[0], 0)


def test_the_derivative_of_no_spread_is_zero() -> None:
    np.testing.assert_array_equal(tl.grad(np.nanstd)(np.array([2.0, np.nan, 2.0])), 0)


def test_what_numpy_refuses_is_refused() -> None:
    t = tl.tensor(np.array([1.0, np.nan]), requires_grad=True)
    with pytest.raises(TypeError, match="inexact"):
        np.nanmean(t, dtype=int)
    with pytest.raises(ValueError, match="initial"):
        np.nanmax(t, where=np.array([True, False]))
    with pytest.raises(ValueError, match="no entries"):
        np.nanmin(tl.tensor(np.zeros((0, 2))), axis=0)


@pytest.mark.parametrize("function", [np.nanvar, np.nanstd])
def test_the_spread_of_complex_numbers_is_real(function):
    z = np.array([[1.5 + 1j, np.nan, 2.0], [0.25, 1j, -1.0]])
    for options in ({}, {"axis": 1}, {"axis": 0, "ddof": 0.5}):
        got, expected = function(tl.tensor(z), **options), function(z, **options)
        assert got.dtype == expected.dtype == np.float64
        np.testing.assert_allclose(got.data, expected)


def test_means_of_numbers_whose_sum_is_too_large():
    x = np.array([[1e308, 1.4e308, np.nan], [1.0, np.nan, 2.0]])
    for where, first in ((True, 1.2e308), (np.array([True, False, True]), 1e308)):
        y = np.nanmean(tl.tensor(x), axis=1, where=where)
        np.testing.assert_allclose(y.data, [first, 1.5], rtol=1e-15)
    np.testing.assert_array_equal(tl.grad(np.nanmean)(x[0]), [0.5, 0.5, 0.0])
