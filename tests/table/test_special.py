"""erf and erfc against the C library's, to the last digits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl


def sizes() -> np.ndarray:
    rng = np.random.default_rng(0)
    edges = [0.46875, np.nextafter(0.46875, 1), 4.0, np.nextafter(4.0, 5), 6.0, 0.0, 1e-310]
    return np.concatenate([edges, rng.uniform(0, 7, 4000), 10 ** rng.uniform(-300, 0, 500)])


def test_erf_to_fifteen_digits() -> None:
    x = sizes()
    for v in (x, -x):
        np.testing.assert_allclose(tl.erf(v), [math.erf(a) for a in v], rtol=1e-15, atol=0)


def test_erfc_to_fifteen_digits_as_far_as_it_is_a_normal_number() -> None:
    x = np.concatenate([sizes(), np.random.default_rng(1).uniform(7, 26, 2000)])
    for v in (x, -x):
        np.testing.assert_allclose(tl.erfc(v), [math.erfc(a) for a in v], rtol=2e-15, atol=0)


@settings(deadline=None, derandomize=True)
@given(st.floats(allow_nan=False))
def test_they_are_complements_and_warn_of_nothing(x: float) -> None:
    with np.errstate(all="raise", under="ignore"):
        a, b = tl.erf(x), tl.erfc(x)
    assert a + b == pytest.approx(1, rel=1e-15)
    assert tl.erf(-x) == -a
    assert 0 <= b <= 2


def test_ends() -> None:
    x = np.array([np.inf, -np.inf, 0.0, -0.0, 1e300])
    assert tl.erf(x).tolist() == [1.0, -1.0, 0.0, -0.0, 1.0]
    assert tl.erfc(x).tolist() == [0.0, 2.0, 1.0, 1.0, 0.0]
    assert np.signbit(tl.erf(-0.0))
    assert np.isnan([tl.erf(np.nan), tl.erfc(np.nan)]).all()


def test_shapes_and_dtypes() -> None:
    assert tl.erf(np.float32(1)).dtype == np.float32
    assert tl.erfc(np.ones((2, 0, 3), np.float32)).shape == (2, 0, 3)
    assert tl.erf(1) == pytest.approx(math.erf(1), rel=1e-15)
    assert tl.erf(np.array([0, 1])).dtype == np.float64
    t = tl.Tensor(np.array([0.5]), requires_grad=True)
    assert [t.erf().tolist(), t.erfc().tolist()] == [tl.erf(t).tolist(), tl.erfc(t).tolist()]
    for wrong in (np.array([1j]), np.array([object()], object)):
        with pytest.raises(TypeError, match="takes real numbers, got"):
            tl.erf(wrong)
