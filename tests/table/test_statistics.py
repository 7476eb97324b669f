"""Weighted means and covariances: NumPy's results, and gradients in weights too."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

X = np.array([[0.5, -1.0, 2.0, 0.75], [1.5, 0.25, -0.75, 3.0], [0.1, 0.2, -0.4, 1.1]])
W = np.array([0.5, 1.5, 2.0, 0.25])
COUNTS = np.array([1, 3, 2, 1])


def same(got: Any, expected: Any) -> None:
    if isinstance(expected, tuple):
        for a, b in zip(got, expected, strict=True):
            same(a, b)
        return
    got = got.data if isinstance(got, tl.Tensor) else got
    assert np.shape(got) == np.shape(expected)
    assert got.dtype == np.asarray(expected).dtype
    np.testing.assert_allclose(got, expected, rtol=1e-6 if got.dtype == np.float32 else 1e-13, atol=1e-15)


@pytest.mark.parametrize("dtype", ["f8", "f4", "i4"])
@pytest.mark.parametrize("returned", [False, True])
@pytest.mark.parametrize("keepdims", [False, True])
def test_averages_are_numpys(dtype: str, returned: bool, keepdims: bool) -> None:
    x = (4 * X).astype(dtype)
    for axis, weights in (
        (None, None),
        (0, None),
        (1, W),
        (-1, W.astype("f4")),
        ((1, 0), np.outer(W, COUNTS[:3])),
        (None, x * x + 1),
        ((0,), COUNTS[:3]),
    ):
        options = {"axis": axis, "weights": weights, "returned": returned, "keepdims": keepdims}
        expected = np.average(x, **options)
        same(np.average(tl.tensor(x), **options), expected)
        same(tl.average(x, **options), expected)


def test_gradients_of_averages() -> None:
    tl.check_gradients(lambda x, w: np.average(x, 1, w), X, W, order=2)
    tl.check_gradients(lambda x, w: np.average(x, weights=w, returned=True)[1] ** 2, X, X * X + 1)


@pytest.mark.parametrize(
    ("kwargs", "error"),
    [
        ({"weights": np.zeros(4), "axis": 1}, ZeroDivisionError),
        ({"weights": W}, TypeError),
        ({"weights": W, "axis": 0}, ValueError),
        ({"axis": 2}, np.exceptions.AxisError),
    ],
)
def test_averages_that_cannot_be(kwargs: Any, error: Any) -> None:
    for x in (X, tl.tensor(X, requires_grad=True)):
        with pytest.raises(error):
            np.average(x, **kwargs)


def test_ptp() -> None:
    for options in ({}, {"axis": 1}, {"axis": (0, 1), "keepdims": True}):
        same(np.ptp(tl.tensor(X), **options), np.ptp(X, **options))
    np.testing.assert_array_equal(tl.grad(np.ptp)(np.array([1.0, 3.0, 3.0])), [-1.0, 0.5, 0.5])


COVARIANCES: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((X,), {}),
    ((X, X[0] * 2), {}),
    ((X.T,), {"rowvar": False}),
    ((X.T, X[:1].T), {"rowvar": False}),
    ((X[0],), {}),
    ((X[0], X[1]), {"rowvar": False}),
    ((X,), {"bias": True}),
    ((X,), {"ddof": 2}),
    ((X,), {"ddof": 0, "bias": False}),
    ((X,), {"fweights": COUNTS}),
    ((X,), {"aweights": W}),
    ((X,), {"aweights": W, "fweights": COUNTS}),
    ((X,), {"aweights": W, "fweights": COUNTS, "ddof": 0}),
    ((X,), {"dtype": np.float32}),
    ((X.astype("f4"),), {}),
    (((4 * X).astype(int),), {}),
    ((X,), {"ddof": 4}),
    ((np.zeros((0, 3)),), {}),
]


@pytest.mark.parametrize(("args", "kwargs"), COVARIANCES)
def test_covariances_are_numpys(args: Any, kwargs: Any) -> None:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        same(np.cov(*map(tl.tensor, args), **kwargs), np.cov(*args, **kwargs))
        same(tl.cov(*args, **kwargs), np.cov(*args, **kwargs))
        correlated = {key: value for key, value in kwargs.items() if key in ("rowvar", "dtype")}
        if args[0].size:
            same(np.corrcoef(*map(tl.tensor, args), **correlated), np.corrcoef(*args, **correlated))


def test_gradients_of_covariances() -> None:
    tl.check_gradients(lambda x, w: np.cov(x, aweights=w, fweights=COUNTS), X, W, order=2)
    tl.check_gradients(lambda x, y: np.corrcoef(x, y), X[:2], X[2], order=2)


@pytest.mark.parametrize(
    ("kwargs", "error"),
    [
        ({"ddof": 0.5}, ValueError),
        ({"fweights": W}, TypeError),
        ({"fweights": -COUNTS}, ValueError),
        ({"aweights": -W}, ValueError),
        ({"aweights": W[:3]}, RuntimeError),
        ({"fweights": np.ones((2, 4))}, RuntimeError),
    ],
)
def test_covariances_that_cannot_be(kwargs: Any, error: Any) -> None:
    for x in (X, tl.tensor(X, requires_grad=True)):
        with pytest.raises(error):
            np.cov(x, **kwargs)
    with pytest.raises(ValueError, match="one axis or two"):
        np.cov(tl.tensor(np.ones((2, 2, 2))))


def test_perfect_correlation_has_no_slope() -> None:
    g = tl.grad(lambda x: np.corrcoef(x)[0, 1])(np.array([[1.0, 2.0, 4.0], [2.0, 4.0, 8.0]]))
    np.testing.assert_allclose(g, 0, atol=1e-12)


def test_variances_around_a_known_mean() -> None:
    middle = X.mean(axis=1, keepdims=True)
    for f in (np.var, np.std):
        same(f(tl.tensor(X), axis=1, mean=middle, ddof=1), f(X, axis=1, mean=middle, ddof=1))
        tl.check_gradients(lambda x, m, f=f: f(x, axis=1, mean=m), X, middle + 0.25, order=2)


@pytest.mark.oracle
def test_covariances_are_those_of_jax() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    there = jax.grad(lambda x: jax.numpy.cov(x, aweights=W).sum() + jax.numpy.corrcoef(x)[0, 1])(X)
    np.testing.assert_allclose(
        tl.grad(lambda x: np.cov(x, aweights=W).sum() + np.corrcoef(x)[0, 1])(X), there, rtol=1e-10, atol=1e-12
    )


def test_covariances_are_no_whole_numbers():
    for function in (np.cov, np.corrcoef):
        with pytest.raises(TypeError, match="must be inexact"):
            function(tl.tensor(np.ones((2, 3))), dtype=int)


def test_correlations_of_1_have_second_derivatives():
    """Rounding may put them beyond 1, and there they are cut off; their derivatives are not."""
    rows = np.array([[0.3, 1.7, -0.4, 0.9], [2.0, 0.1, 0.6, -1.1], [0.7, -0.2, 1.3, 0.1]])
    tl.check_gradients(np.corrcoef, np.concatenate([rows, rows]), order=2)
