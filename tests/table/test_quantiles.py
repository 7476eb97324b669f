"""Medians and quantiles: NumPy's numbers to the bit, and where the gradients go."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite.table.quantiles import PLACES, RANKS

METHODS = [*RANKS, *PLACES]
AXES = (None, 0, -1, 1, (0, 2), (2, 1), ())
NUMBERS = [-1.5, -0.0, 0.0, 0.25, 0.25, 1.0, 3.0, np.nan]
quick = settings(deadline=None, derandomize=True, max_examples=12)


def same(got: Any, expected: Any) -> None:
    got = got.data if isinstance(got, tl.Tensor) else got
    assert np.shape(got) == np.shape(expected)
    assert np.asarray(got).dtype == np.asarray(expected).dtype
    np.testing.assert_array_equal(got, expected)


def array_of(seed: int, shape: tuple[int, ...], dtype: Any, nans: bool) -> Any:
    rng = np.random.default_rng(seed)
    return rng.choice(NUMBERS if nans else NUMBERS[:-1], shape).astype(dtype)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["quantile", "nanquantile", "percentile", "nanpercentile"])
@given(
    seed=st.integers(0, 10**6),
    dtype=st.sampled_from(["f8", "f4", "f2", "i4"]),
    axis=st.sampled_from(AXES),
    keepdims=st.booleans(),
    q=st.sampled_from([0, 1, 0.5, 0.3, np.float32(0.7), [0.0, 0.25, 1.0], [0, 1], [], [[0.1, 0.9]]]),
)
@quick
def test_quantiles_are_numpys(name: str, method: str, seed: int, dtype: str, axis: Any, keepdims: bool, q: Any) -> None:
    x = array_of(seed, (2, 3, 4), dtype, nans=dtype != "i4" and seed % 3 == 0)
    if name == "nanquantile" and np.ndim(q) == 2:
        q = [0.1, 0.9]  # for two axes NumPy puts q's last, from the end
    if isinstance(q, list) and not q:
        q = np.zeros(0)
    if name.endswith("percentile"):
        q = type(q)(100 * q) if not isinstance(q, list) else [50, 99.0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = getattr(np, name)(x, q, axis=axis, method=method, keepdims=keepdims)
        same(getattr(tl, name)(x, q, axis=axis, method=method, keepdims=keepdims), expected)
        same(getattr(np, name)(tl.tensor(x), q, axis=axis, method=method, keepdims=keepdims), expected)


@pytest.mark.parametrize("name", ["median", "nanmedian"])
@given(
    seed=st.integers(0, 10**6),
    dtype=st.sampled_from(["f8", "f4", "f2", "i4", "?"]),
    axis=st.sampled_from(AXES),
    keepdims=st.booleans(),
)
@quick
def test_medians_are_numpys(name: str, seed: int, dtype: str, axis: Any, keepdims: bool) -> None:
    x = array_of(seed, (2, 3, 4), dtype, nans=seed % 3 == 0 and dtype[0] == "f")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = getattr(np, name)(x, axis=axis, keepdims=keepdims)
        same(getattr(tl, name)(x, axis=axis, keepdims=keepdims), expected)
        same(getattr(np, name)(tl.tensor(x), axis=axis, keepdims=keepdims), expected)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
@pytest.mark.parametrize("name", ["median", "nanmedian"])
def test_medians_of_nothing(name: str, shape: tuple[int, ...]) -> None:
    for axis in (None, 0, -1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = getattr(np, name)(np.zeros(shape), axis=axis)
            same(getattr(np, name)(tl.tensor(np.zeros(shape)), axis=axis), expected)


@given(seed=st.integers(0, 10**6), axis=st.sampled_from([None, 0, 1, (0, 1), (1, 0)]), nans=st.booleans())
@quick
def test_weighted_quantiles_are_numpys(seed: int, axis: Any, nans: bool) -> None:
    rng = np.random.default_rng(seed)
    x = array_of(seed, (3, 4), "f8", nans)
    weights = rng.choice([0.0, 1.0, 2.5], (3, 4)) + np.eye(3, 4)
    q = [0.0, 0.3, 0.5, 1.0]
    options = {"axis": axis, "weights": weights, "method": "inverted_cdf"}
    same(np.quantile(tl.tensor(x), q, **options), np.quantile(x, q, **options))
    if axis in (0, 1):
        options["weights"] = weights.max(axis=1 - axis) + 0.5
        same(np.quantile(tl.tensor(x), q, **options), np.quantile(x, q, **options))


# ---------------------------------------------------------------------------------------------------------------------
# Gradients


def test_the_gradient_of_a_median_goes_to_the_middle() -> None:
    x = np.array([[4.0, 1.0, 3.0], [9.0, 8.0, 7.0]])
    np.testing.assert_array_equal(tl.grad(lambda x: np.median(x, axis=1).sum())(x), [[0, 0, 1], [0, 1, 0]])
    np.testing.assert_array_equal(tl.grad(np.median)(x), [[0.5, 0, 0], [0, 0, 0.5]])


def test_of_entries_that_tie_one_has_the_gradient() -> None:
    assert sorted(tl.grad(np.median)(np.array([2.0, 2.0, 2.0])).tolist()) == [0.0, 0.0, 1.0]
    np.testing.assert_array_equal(tl.grad(lambda x: np.quantile(x, 0))(np.array([2.0, 2.0])), [1.0, 0.0])


def test_nans_have_no_gradient_in_what_leaves_them_out() -> None:
    x = np.array([[3.0, np.nan, 1.0], [np.nan, 5.0, np.nan]])
    np.testing.assert_array_equal(
        tl.grad(lambda x: np.nanmedian(x, axis=1).sum())(x), [[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]
    )
    np.testing.assert_array_equal(
        tl.grad(lambda x: np.nanquantile(x, 0.25, axis=1).sum())(x), [[0.25, 0.0, 0.75], [0.0, 1.0, 0.0]]
    )


@pytest.mark.parametrize("method", PLACES)
def test_the_derivative_by_q(method: str) -> None:
    x = np.array([3.0, 1.0, 2.5, 7.0, 0.0, -2.0])
    for q in (0.23, 0.61, 0.87):
        tl.check_gradients(lambda x, q: np.quantile(x, q, method=method), x, np.array(q))
        tl.check_gradients(lambda x, q: np.percentile(x, q, method=method), x, np.array(100 * q))
    tl.check_gradients(
        lambda x, q: np.quantile(x, q, axis=0, method=method), x.reshape(3, 2), np.array([0.23, 0.61]), order=2
    )


@pytest.mark.parametrize("method", METHODS)
def test_at_both_ends_the_derivative_by_q_is_finite(method: str) -> None:
    x, q = np.array([3.0, 1.0, 2.5]), np.array([0.0, 1.0])
    by_x, by_q = tl.grad(lambda x, q: np.quantile(x, q, method=method).sum() + 0 * q.sum(), (0, 1))(x, q)
    np.testing.assert_allclose(by_x, [1.0, 1.0, 0.0])
    assert np.isfinite(by_q).all()
    assert by_q[1] == 0


def test_weights_have_no_derivative() -> None:
    def f(w: Any) -> Any:
        return np.quantile(np.array([1.0, 2.0, 3.0]), 0.5, weights=w, method="inverted_cdf") + 0.0 * w.sum()

    np.testing.assert_array_equal(tl.grad(f)(np.ones(3)), np.zeros(3))


# ---------------------------------------------------------------------------------------------------------------------
# Errors


@pytest.mark.parametrize(
    ("args", "kwargs", "error"),
    [
        ((np.ones(3), 1.5), {}, ValueError),
        ((np.ones(3), np.nan), {}, ValueError),
        ((np.ones(3), [[[0.5]]]), {}, ValueError),
        ((np.ones(3), 0.5), {"method": "mean"}, ValueError),
        ((np.ones(3), 0.5), {"axis": 1}, np.exceptions.AxisError),
        ((np.ones((2, 2)), 0.5), {"axis": (0, 0)}, ValueError),
        ((np.ones(3), 0.5), {"weights": np.ones(3)}, ValueError),
        ((np.ones(3), 0.5), {"weights": -np.ones(3), "method": "inverted_cdf"}, ValueError),
        ((np.ones(3), 0.5), {"weights": np.zeros(3), "method": "inverted_cdf"}, ValueError),
        ((np.ones((3, 2)), 0.5), {"weights": np.ones(3), "method": "inverted_cdf"}, TypeError),
        ((np.ones((3, 2)), 0.5), {"weights": np.ones(3), "method": "inverted_cdf", "axis": 1}, ValueError),
        ((np.ones(0), 0.5), {}, IndexError),
    ],
)
def test_what_numpy_refuses_is_refused(args: Any, kwargs: Any, error: Any) -> None:
    x, q = args
    with np.errstate(all="ignore"):
        with pytest.raises(error):
            np.quantile(x, q, **kwargs)
        with pytest.raises(error):
            np.quantile(tl.tensor(x, requires_grad=True), q, **kwargs)


@pytest.mark.oracle
def test_quantiles_are_those_of_torch() -> None:
    torch = pytest.importorskip("torch")
    x = np.array([[3.0, 1.0, 2.5, 7.0], [0.0, -2.0, 4.0, 1.5]])
    for method in ("linear", "lower", "higher", "nearest", "midpoint"):
        there = torch.tensor(x, requires_grad=True)
        torch.quantile(
            there, torch.tensor([0.2, 0.6], dtype=torch.float64), dim=1, interpolation=method
        ).sum().backward()
        here = tl.grad(lambda x, method=method: np.quantile(x, [0.2, 0.6], axis=1, method=method).sum())(x)
        np.testing.assert_allclose(here, there.grad.numpy(), rtol=1e-12)


def test_shares_in_a_matrix_over_several_axes_are_refused():
    """NumPy puts their axes in another order than it says."""
    with pytest.raises(ValueError, match="nanquantile: with several axes"):
        np.nanquantile(tl.tensor(np.ones((2, 2, 4))), [[0.5, 0.25]], axis=(0, 1))


def test_quantiles_between_numbers_whose_difference_is_too_large():
    x = np.array([[-1.5e308, 1.5e308, 1.0], [0.25, -0.5, 1.0]])
    for q, first in ((25, -7.5e307), (50, 1.0), (10, -1.2e308), (80, 9e307)):
        y = np.percentile(tl.tensor(x), q, axis=1)
        np.testing.assert_allclose(y.data, [first, np.percentile(x[1], q)], rtol=1e-15)
    value, gradient = tl.value_and_grad(lambda x: np.percentile(x, 30))(x[0, :2])
    assert value == pytest.approx(-6e307, rel=1e-14)
    np.testing.assert_allclose(gradient, [0.7, 0.3], rtol=1e-15)
