"""Sums of vectors by SciPy's BLAS, a stretch at a time."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_lite.table import blas

scipy_blas = pytest.importorskip("scipy.linalg.blas")


@pytest.mark.parametrize("size", [0, 1, blas.STRETCH - 1, blas.STRETCH, 2 * blas.STRETCH + 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_stretches_are_the_whole(size, dtype):
    axpy, dot = blas.blas_for(np.dtype(dtype))
    x, y = np.random.default_rng(0).normal(size=(2, size)).astype(dtype)
    whole, parts = y.copy(), y.copy()
    if size:
        axpy(x, whole, size, -0.3)
    blas.in_stretches(axpy, x, parts, size, -0.3)
    np.testing.assert_array_equal(parts, whole)
    assert blas.product(dot, x, y) == pytest.approx(float(np.sum(x.astype(float) * y)), rel=1e-4, abs=1e-4)


def test_blas_is_given_too_few_entries_for_threads_that_wait_for_one_another():
    given = []
    blas.in_stretches(lambda x, y, n, *_: given.append(n), None, None, 50_000, 1.0)
    assert sum(given) == 50_000
    assert max(given) < 10_000


def test_other_dtypes_are_left_to_numpy():
    assert blas.blas_for(np.dtype(np.float16)) is None
    assert blas.blas_for(np.dtype(">f4")) is None
