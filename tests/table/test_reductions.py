"""Reductions: ties, zeros, empty axes, and every keyword right or refused."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl

steady = settings(deadline=None, derandomize=True)
X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
MASK = np.array([[True, False, True], [True, True, False]])


def leaf(x: Any = X) -> tl.Tensor:
    return tl.Tensor(np.asarray(x, float), requires_grad=True)


# ---------------------------------------------------------------------------------------------------------------------
# Extremes


@pytest.mark.parametrize(("f", "top"), [(tl.max, 3.0), (tl.min, -3.0), (tl.amax, 3.0), (tl.amin, -3.0)])
@given(count=st.integers(1, 6), others=st.integers(0, 4))
@steady
def test_entries_that_tie_share_equally(f: Any, top: float, count: int, others: int) -> None:
    x = np.array([top] * count + [0.0] * others)
    np.testing.assert_allclose(tl.grad(f)(x), np.where(x == top, 1 / count, 0.0), rtol=1e-15)


def test_ties_are_counted_line_by_line() -> None:
    x = np.array([[1.0, 1.0, 0.0], [2.0, 3.0, 2.0]])
    np.testing.assert_array_equal(tl.grad(lambda x: tl.max(x, axis=1).sum())(x), [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]])


@pytest.mark.parametrize("f", [np.max, np.min, tl.amax, np.ptp])
def test_an_extreme_that_is_no_number_is_the_entry_that_is_none(f: Any) -> None:
    """As NumPy takes it, also of whole lines; and an infinite one is an entry as any other."""
    x = np.array([[np.nan, 1.0, np.nan], [4.0, -np.inf, np.inf], [1.0, 2.0, 3.0]])
    got = tl.grad(lambda x: f(x, axis=1).sum())(x)
    high, low = np.array([[0.5, 0, 0.5], [0, 0, 1], [0, 0, 1]]), np.array([[0.5, 0, 0.5], [0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(got, high - low if f is np.ptp else low if f is np.min else high)
    if f is not np.ptp:
        rows = tl.jacobian(lambda x: f(x, axis=1))(x)
        np.testing.assert_array_equal(rows.sum(axis=0), got)
        np.testing.assert_array_equal(tl.hessian(lambda x: f(x, axis=1).sum())(x), np.zeros((3, 3, 3, 3)))


def test_an_initial_value_that_ties_takes_its_half() -> None:
    np.testing.assert_array_equal(tl.grad(lambda x: tl.max(x, initial=3.0))(np.array([3.0, 1.0])), [0.5, 0.0])
    np.testing.assert_array_equal(tl.grad(lambda x: tl.max(x, initial=4.0))(np.array([3.0, 1.0])), [0.0, 0.0])


def test_an_infinite_gradient_goes_to_the_extreme_only() -> None:
    x = leaf([1.0, 3.0, 2.0])
    tl.max(x).backward(np.inf)
    np.testing.assert_array_equal(x.grad, [0.0, np.inf, 0.0])


# ---------------------------------------------------------------------------------------------------------------------
# Products with zeros


@given(st.lists(st.sampled_from([0.0, 1.0, -2.0, 3.0]), min_size=1, max_size=9))
@steady
def test_prod_gives_the_product_of_the_others(entries: list[float]) -> None:
    expected = [math.prod(entries[:i] + entries[i + 1 :]) for i in range(len(entries))]
    np.testing.assert_array_equal(tl.grad(tl.prod)(np.array(entries)), expected)


@given(st.lists(st.sampled_from([0.0, 1.0, -2.0, 3.0]), min_size=1, max_size=9))
@steady
def test_cumprod_gives_the_products_of_the_others(entries: list[float]) -> None:
    n = len(entries)
    expected = [
        [math.prod(entries[:i] + entries[i + 1 : k + 1]) if i <= k else 0.0 for i in range(n)] for k in range(n)
    ]
    np.testing.assert_array_equal(tl.jacobian(tl.cumprod)(np.array(entries)), expected)


def test_second_derivatives_of_prod_at_zeros() -> None:
    np.testing.assert_array_equal(
        tl.hessian(tl.prod)(np.array([0.0, 0.0, 5.0])), [[0.0, 5.0, 0.0], [5.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    )


# ---------------------------------------------------------------------------------------------------------------------
# Spread


@pytest.mark.parametrize("f", [tl.std, tl.var, lambda x: tl.std(x, ddof=1), lambda x: tl.std(x, axis=0, keepdims=True)])
def test_no_spread_no_slope(f: Any) -> None:
    x = np.full((3, 2), 1.5)
    np.testing.assert_array_equal(tl.grad(lambda x: f(x).sum())(x), np.zeros((3, 2)))
    assert np.isfinite(tl.hessian(lambda x: f(x).sum())(x)).all() == (f is tl.var)  # there is no second one of a root


@pytest.mark.parametrize("f", ["var", "std"])
@pytest.mark.parametrize("ddof", [3, 5])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_more_degrees_of_freedom_than_entries_is_infinite(f: str, ddof: int) -> None:
    """As NumPy has it: never a negative variance, never a complex deviation."""
    x = np.array([1.0, 2.0, 4.0])
    got = getattr(tl, f)(leaf(x), ddof=ddof)
    assert got.data == getattr(np, f)(x, ddof=ddof) == np.inf


@pytest.mark.parametrize("f", ["var", "std"])
def test_ddof_and_correction_are_one_thing(f: str) -> None:
    np.testing.assert_array_equal(getattr(tl, f)(X, correction=1), getattr(tl, f)(X, ddof=1))
    assert getattr(tl, f)(leaf(), correction=0.5).data == pytest.approx(getattr(np, f)(X, correction=0.5))
    with pytest.raises(ValueError, match=r"ddof.*correction"):
        getattr(tl, f)(leaf(), ddof=1, correction=1)


# ---------------------------------------------------------------------------------------------------------------------
# Keywords

REDUCTIONS: dict[str, dict[str, Any]] = {
    "sum": {"initial": 1.5},
    "prod": {"initial": 1.5},
    "mean": {},
    "max": {"initial": -0.5},
    "min": {"initial": 0.75},
    "var": {"ddof": 1},
    "std": {"ddof": 0.5},
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("axis", [None, 0, -1, (1, 0), (-1,), ()])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("where", [True, MASK, MASK[1], MASK[:, :1]])
def test_every_keyword_is_numpys_and_differentiated(name: str, axis: Any, keepdims: bool, where: Any) -> None:
    options: dict[str, Any] = {"axis": axis, "keepdims": keepdims, **REDUCTIONS[name]}
    if where is not True:
        options["where"] = where
    chosen = np.sum(np.broadcast_to(where, X.shape), axis=axis).min()
    if name in ("mean", "var", "std") and chosen <= options.get("ddof", 0):
        pytest.skip("fewer entries than degrees of freedom")
    expected = getattr(np, name)(X, **options)
    got = getattr(np, name)(leaf(), **options)
    assert got.shape == np.shape(expected)
    np.testing.assert_allclose(got.data, expected, rtol=1e-14)
    if name != "std" or chosen > 1:  # one entry has no spread
        tl.check_gradients(lambda x: getattr(tl, name)(x, **options), X, directions=1)


@pytest.mark.parametrize("name", [*REDUCTIONS, "logsumexp"])
def test_axes_out_of_range_or_twice_are_refused(name: str) -> None:
    f = getattr(tl, name)
    with pytest.raises(ValueError, match="axis 2 is out of bounds for array of dimension 2"):
        f(leaf(), axis=2)
    with pytest.raises(ValueError, match="repeated axis"):
        f(leaf(), axis=(0, -2))
    with pytest.raises(TypeError):
        f(leaf(), axis=1.5)


@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
def test_cumulative_axes(name: str) -> None:
    for axis in (None, 0, 1, -1):
        np.testing.assert_allclose(getattr(np, name)(leaf(), axis=axis).data, getattr(np, name)(X, axis=axis))
    with pytest.raises(ValueError, match="axis 2 is out of bounds"):
        getattr(tl, name)(leaf(), axis=2)


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "cumsum", "cumprod", "var", "std"])
def test_dtype_is_what_is_computed_in(name: str) -> None:
    x = leaf()
    y = getattr(np, name)(x, dtype=np.float32)
    assert y.dtype == np.float32
    y.sum().backward()
    assert x.grad.dtype == np.float64
    exact = tl.grad(lambda x: getattr(tl, name)(x).sum())(X)
    np.testing.assert_allclose(x.grad, exact, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["sum", "prod", "cumsum", "cumprod", "mean", "max"])
@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, bool, np.float16])
def test_plain_arrays_of_any_dtype_give_what_numpy_gives(name: str, dtype: Any) -> None:
    x = np.array([100, 100, 1]).astype(dtype)
    got, expected = getattr(tl, name)(x), getattr(np, name)(x)
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)


def test_the_mean_of_many_half_precision_numbers_does_not_overflow() -> None:
    assert tl.mean(leaf(np.ones(70000)).astype(np.float16)).item() == 1.0


def test_extremes_need_entries() -> None:
    empty = leaf(np.zeros((2, 0)))
    for f, name in ((tl.max, "max"), (tl.min, "min")):
        with pytest.raises(ValueError, match=rf"{name}.*\(2, 0\).*initial="):
            f(empty)
        with pytest.raises(ValueError, match=rf"{name}.*where=.*initial="):
            f(leaf(), where=MASK)
        assert f(empty, axis=1, initial=0.5).tolist() == [0.5, 0.5]


def test_sums_of_nothing() -> None:
    empty = leaf(np.zeros((2, 0)))
    assert tl.sum(empty, axis=1).tolist() == [0.0, 0.0]
    assert tl.prod(empty, axis=1).tolist() == [1.0, 1.0]
    with pytest.warns(RuntimeWarning):
        assert np.isnan(tl.mean(empty).item())


@pytest.mark.parametrize("name", REDUCTIONS)
def test_what_is_not_understood_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match=rf"{name}.*out="):
        getattr(np, name)(leaf(), out=np.zeros(()))
    with pytest.raises(TypeError, match="frobnicate"):
        getattr(tl, name)(leaf(), frobnicate=1)


# ---------------------------------------------------------------------------------------------------------------------
# logsumexp


@pytest.mark.parametrize("scale", [700.0, 1e4])
def test_logsumexp_does_not_overflow(scale: float) -> None:
    value, gradient = tl.value_and_grad(tl.logsumexp)(np.array([scale, -scale, scale]))
    assert value == pytest.approx(scale + math.log(2))
    np.testing.assert_allclose(gradient, [0.5, 0.0, 0.5], rtol=1e-11)


def test_logsumexp_of_minus_infinity() -> None:
    value, gradient = tl.value_and_grad(tl.logsumexp)(np.array([0.0, -np.inf, 0.0]))
    assert value == pytest.approx(math.log(2))
    np.testing.assert_array_equal(gradient, [0.5, 0.0, 0.5])
    with np.errstate(divide="ignore"):
        assert tl.logsumexp(np.array([-np.inf, -np.inf])) == -np.inf
    assert tl.logsumexp(np.array([0.0, np.inf])) == np.inf


def test_half_precision_counts_more_entries_than_it_can_write() -> None:
    x = np.linspace(0.9, 1.1, 100_000).astype(np.float16)
    np.testing.assert_allclose(tl.grad(tl.mean)(np.ones(70_000, np.float16)), 1 / 70_000, rtol=0.02)
    assert tl.var(x).dtype == np.float16
    np.testing.assert_allclose(tl.var(x), np.var(x.astype(float)), rtol=1e-2)
    np.testing.assert_allclose(tl.std(tl.tensor(x)).data, np.std(x.astype(float)), rtol=1e-2)


@pytest.mark.parametrize("f", [tl.var, tl.std])
@pytest.mark.parametrize("options", [{}, {"axis": 1, "ddof": 1}, {"axis": 0, "keepdims": True}, {"axis": ()}])
def test_spread_of_complex_numbers(f: Any, options: Any) -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(3, 4)) + 1j * rng.normal(size=(3, 4))
    np.testing.assert_allclose(f(z, **options), getattr(np, f.__name__)(z, **options), rtol=1e-14)
    tl.check_gradients(lambda z: f(z, **options), z, order=2)


# ---------------------------------------------------------------------------------------------------------------------
# As NumPy has it, found by random calls

Z = np.array([[1.5 + 1j, -0.5j, 2.0], [0.25, 1j, -1.0]])


def same(got: Any, expected: Any, rtol: float = 1e-13) -> None:
    got = got.data if isinstance(got, tl.Tensor) else got
    assert (got.dtype, np.shape(got)) == (np.asarray(expected).dtype, np.shape(expected))
    np.testing.assert_allclose(got, expected, rtol=rtol)


@pytest.mark.parametrize("function", [np.sum, np.prod, np.max, np.min, np.cumsum, np.cumprod, np.ptp])
@pytest.mark.parametrize("axis", [0, -1])
def test_a_number_has_an_axis_too(function: Any, axis: int) -> None:
    same(function(tl.tensor(2.0, requires_grad=True), axis=axis), function(np.array(2.0), axis=axis))
    with pytest.raises(np.exceptions.AxisError):
        function(tl.tensor(2.0), axis=1)


@pytest.mark.parametrize("axis", [0, -1, (0,)])
def test_a_number_has_none_to_count_entries_along(axis: Any) -> None:
    tile = [partial(f, q=0.3) for f in (np.quantile, np.percentile, np.nanquantile, np.nanpercentile)]
    weighted = partial(np.average, weights=2.0)
    for function in (np.mean, np.var, np.std, np.average, weighted, np.median, np.nanmedian, *tile):
        for x in (np.array(2.0), tl.tensor(2.0, requires_grad=True)):
            with pytest.raises(np.exceptions.AxisError):
                function(x, axis=axis)
    if axis != (0,):
        for function in (np.nanmean, np.nanvar, np.nanstd, partial(np.mean, where=np.True_)):
            same(function(tl.tensor(2.0, requires_grad=True), axis=axis), function(np.array(2.0), axis=axis))


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.float32])
@pytest.mark.parametrize("name", ["sum", "prod", "nansum", "nanprod", "cumsum", "cumprod", "trace", "nancumsum"])
def test_sums_stay_in_the_dtype_asked_for(name: str, dtype: Any) -> None:
    x = np.array([[1.0, 2.0], [44.0, 108.0]])
    options: dict[str, Any] = {"axis": 1} if "cum" in name else {}
    if name in ("sum", "prod"):
        options["initial"] = 3
    got = getattr(np, name)(tl.tensor(x, requires_grad=True), dtype=dtype, **options)
    same(got, getattr(np, name)(x, dtype=dtype, **options))


@pytest.mark.parametrize("function", [np.mean, np.var, np.sum, np.prod])
def test_statistics_in_whole_numbers_are_cut_off(function: Any) -> None:
    x = np.array([[1.2, 3.9], [2.7, 5.1]])
    for axis in (0, None):
        same(function(tl.tensor(x, requires_grad=True), axis=axis, dtype=int), function(x, axis=axis, dtype=int))
    same(np.std(tl.tensor(x), dtype=int), np.std(x, dtype=int))


def test_an_initial_value_takes_the_dtype_of_the_result() -> None:
    x = np.array([1.5, 2.5], np.float32)
    for function in (np.sum, np.prod, np.max, np.min):
        same(function(tl.tensor(x), initial=np.float64(1.1)), function(x, initial=np.float64(1.1)), 1e-6)
    same(np.sum(tl.tensor(x), dtype=int, initial=0.0), np.sum(x, dtype=int, initial=0.0))


@pytest.mark.parametrize(
    ("initial", "dtype", "error"),
    [
        (np.inf, int, OverflowError),
        (np.nan, int, ValueError),
        (1j, float, TypeError),
        (np.ones(2), None, ValueError),
        (np.ones((1, 1)), None, ValueError),
    ],
)
def test_an_initial_value_that_is_no_such_number_is_refused(initial: Any, dtype: Any, error: Any) -> None:
    for function in (np.sum, np.prod, np.max):
        options = {} if function is np.max else {"dtype": dtype}
        for x in (X, leaf()):
            for first in (initial, tl.tensor(initial)):
                if (function is np.max and dtype is int) or (x is X and first is not initial):
                    continue
                with pytest.raises(error):
                    function(x, axis=0, initial=first, **options)


def test_a_mask_must_fit() -> None:
    for function in (np.sum, np.max):
        with pytest.raises(ValueError, match="broadcast"):
            function(tl.tensor(np.ones((2, 1))), initial=0.0, where=np.array([True, False, True]))


@pytest.mark.parametrize("function", [np.var, np.std])
def test_the_spread_of_complex_numbers_is_real(function: Any) -> None:
    mask = np.array([True, False, True])
    for options in ({"where": mask}, {"where": True, "axis": 0}, {"axis": (), "mean": np.full((2, 3), 0.5 + 1j)}):
        same(function(tl.tensor(Z), **options), function(Z, **options))
    tl.check_gradients(lambda z: function(z, where=mask, axis=1), Z)


@pytest.mark.parametrize("function", [np.var, np.std])
@pytest.mark.parametrize("dtype", [np.complex64, np.float32, np.float64])
def test_the_dtype_is_that_of_the_sums(function: Any, dtype: Any) -> None:
    x = np.array([[0.3, 1.7, -0.4], [2.0, 0.1, 0.6]])
    mean = np.array([[0.1, 0.2, 0.3]])
    for options in ({}, {"mean": mean}):
        same(function(tl.tensor(x), axis=0, dtype=dtype, **options), function(x, axis=0, dtype=dtype, **options), 1e-5)


def test_too_few_entries_for_the_degrees_of_freedom_give_infinity():
    x, where = np.array([1.0, 2.0, 4.0]), np.array([True, True, False])
    with np.errstate(divide="ignore"), pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        expected = np.var(x, ddof=10, where=where)
    with np.errstate(divide="ignore"):
        assert np.var(tl.tensor(x), ddof=10, where=where).item() == expected == np.inf


# ---------------------------------------------------------------------------------------------------------------------
# Sums that are too large, and half precision


def test_means_of_numbers_whose_sum_is_too_large() -> None:
    for x, expected in (([1e308] * 3, 1e308), ([1e308, 1e308, -1e308, -1e308, 1e308], 2e307), ([3e38] * 9, 3e38)):
        dtype = np.float32 if max(x) < 1e100 else np.float64
        assert tl.mean(np.array(x, dtype)) == pytest.approx(dtype(expected), rel=1e-15)
    means = tl.mean(np.array([[1e308, 1e308], [0.1, 0.2], [np.inf, 1.0]]), axis=1)
    np.testing.assert_allclose(means, [1e308, 0.15, np.inf], rtol=1e-15)
    assert np.isnan(tl.mean(np.array([np.inf, -np.inf])))


def test_sums_of_half_precision_are_taken_in_single() -> None:
    """From 2048 on, half precision loses each 1 that is added."""
    x = np.ones((4000, 2), np.float16)
    for y in (tl.sum(x, 0), tl.cumsum(x, 0)[-1], tl.sum(tl.tensor(x), axis=0).data, tl.mean(x, axis=0) * 4000):
        assert y.dtype == np.float16
        np.testing.assert_array_equal(y, [4000, 4000])
    assert tl.sum(np.array([60000, 60000, -60000], np.float16)) == 60000
    assert tl.cross_entropy(np.zeros((2, 2), np.float16), [0, 1]).dtype == np.float16


@pytest.mark.parametrize(
    "f",
    [
        lambda b: np.ones((4000, 2), np.float16) + b,
        lambda b: tl.linear(np.ones((4000, 1), np.float16), np.ones((2, 1), np.float16), b),
        lambda b: np.broadcast_to(b, (4000, 2)),
        lambda b: tl.cumsum(np.broadcast_to(b, (4000, 2)), axis=0)[-1],
        lambda b: np.ones((4000, 1, 2), np.float16) * b[None],
    ],
)
def test_gradients_of_half_precision_are_summed_in_single(f: Any) -> None:
    gradient = tl.grad(lambda b: f(b).sum())(np.zeros(2, np.float16))
    assert gradient.dtype == np.float16
    np.testing.assert_array_equal(gradient, [4000, 4000])


def test_losses_of_half_precision_have_a_mean() -> None:
    z = np.array([[-40000.0, 0.0]] * 4, np.float16)
    assert tl.cross_entropy(z, [0] * 4) == 40000


def test_means_of_a_selection_whose_sum_is_too_large() -> None:
    x, mask = np.array([1e308, 1.4e308, 5.0]), np.array([True, True, False])
    value, gradient = tl.value_and_grad(lambda x: np.mean(x, where=mask))(x)
    assert value == pytest.approx(1.2e308, rel=1e-15)
    np.testing.assert_allclose(gradient, [0.5, 0.5, 0.0], rtol=1e-15)


@pytest.mark.filterwarnings("ignore")  # of products that are too large
@pytest.mark.parametrize("f", [tl.prod, lambda x: tl.cumprod(x)[-1]])
def test_products_whose_parts_are_no_numbers(f: Any) -> None:
    for x, value, slope in (
        ([1e-200, 1e-200, 1e300], 1e-100, [1e100, 1e100, 0.0]),
        ([1e200, 1e200, 1e-300], 1e100, [1e-100, 1e-100, np.inf]),
        ([1e-300, 1e-300, 1e200], 0.0, [1e-100, 1e-100, 0.0]),  # a running product on the way is 0
        ([1e-300, 1e-300], 0.0, [1e-300, 1e-300]),
        ([1e200, 1e200], np.inf, [1e200, 1e200]),
        ([0.0, 1e-200, 1e300], 0.0, [1e100, 0.0, 0.0]),
    ):
        y, gradient = tl.value_and_grad(f)(np.array(x))
        np.testing.assert_allclose(y, value, rtol=1e-14)
        np.testing.assert_allclose(gradient, slope, rtol=1e-14)


def test_second_derivatives_of_scaled_products() -> None:
    u, scale = np.array([0.5, -1.5, 4.0]), np.ldexp(1.0, np.array([-400, 300, 100]))
    scaled = tl.hessian(tl.prod)(u * scale) * np.outer(scale, scale)
    np.testing.assert_allclose(scaled, tl.hessian(tl.prod)(u), rtol=1e-14)


@pytest.mark.parametrize(("shape", "axis"), [((2, 3), -1), ((3, 2), 0)])
def test_scaled_products_along_an_axis(shape: tuple[int, int], axis: int) -> None:
    line = np.array([0.5, -1.5, 4.0]) * np.ldexp(1.0, np.array([-400, 300, 100]))
    x = np.broadcast_to(line if axis else line[:, None], shape)
    np.testing.assert_allclose(tl.prod(x, axis=axis), [-3.0, -3.0], rtol=1e-15)
    np.testing.assert_allclose(np.take(tl.cumprod(x, axis=axis), -1, axis), [-3.0, -3.0], rtol=1e-15)
    slope = tl.grad(lambda x: tl.prod(x, axis=axis).sum())(x)
    np.testing.assert_allclose(slope * x, np.full(shape, -3.0), rtol=1e-15)
