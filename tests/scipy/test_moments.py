"""scipy.stats' standard scores and moments: values, keywords, derivatives, samples that do not spread."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

theirs = pytest.importorskip("scipy.stats")

import tinygrad_lite.scipy.stats as stats  # noqa: E402
from tinygrad_lite.scipy.moments import MOMENTS  # noqa: E402

X = np.random.default_rng(4).gamma(2.0, size=(5, 4, 3))
CALLS: dict[str, list[dict[str, Any]]] = {
    "zscore": [{}, {"axis": None}, {"axis": -1, "ddof": 1}, {"axis": (0, 1)}],
    "skew": [{}, {"axis": None}, {"bias": False}, {"axis": (0, 2), "keepdims": True}],
    "kurtosis": [{}, {"axis": None, "fisher": False}, {"bias": False}, {"axis": 1, "keepdims": True, "bias": False}],
}
EVERY_CALL = pytest.mark.parametrize(("name", "kwargs"), [(name, kw) for name, calls in CALLS.items() for kw in calls])


def test_all_are_tested() -> None:
    assert set(CALLS) == set(MOMENTS) < set(stats.SERVED)


@EVERY_CALL
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, int])
def test_values_are_scipys(name: str, kwargs: Any, count: int, dtype: Any) -> None:
    x = (4 * X[:count]).astype(dtype)
    with warnings.catch_warnings(action="ignore"):
        expected = getattr(theirs, name)(x, **kwargs)
        got = getattr(stats, name)(tl.tensor(x), **kwargs)
    assert (got.shape, got.dtype) == (np.shape(expected), expected.dtype)
    rtol = 1e-4 if dtype is np.float32 else 1e-12
    np.testing.assert_allclose(got.data, expected, rtol=rtol, atol=rtol)


@EVERY_CALL
def test_derivatives(name: str, kwargs: Any) -> None:
    tl.check_gradients(lambda x: getattr(stats, name)(x, **kwargs), X[:, :2, :2], order=2)
    tl.check_gradients(tl.adapt(lambda x: getattr(theirs, name)(x, **kwargs)), X[:, :2, :2], order=1)


@pytest.mark.parametrize("name", CALLS)
def test_of_equal_entries_there_is_none(name: str) -> None:
    got = getattr(stats, name)(tl.tensor(np.full((7, 2), 0.1)))
    assert np.isnan(got.data).all()
    x = np.stack([np.full(5, 0.1), X[:, 0, 0]], axis=1)
    gradient = tl.grad(lambda x: np.sum(getattr(stats, name)(x)[..., 1]))(x)
    assert np.isfinite(gradient[:, 1]).all()


def test_what_is_not_served_is_refused() -> None:
    with pytest.raises(TypeError, match=r"scipy\.stats\.zscore: takes no nan_policy='omit' when recorded"):
        stats.zscore(tl.tensor(X), nan_policy="omit")
    assert stats.skew([1.0, 2.0, 4.0]) == theirs.skew([1.0, 2.0, 4.0])
