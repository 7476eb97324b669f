"""Functions that go on beyond their domains, in complex numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

INSIDE, OUTSIDE = np.array([0.25, 0.5]), np.array([-2.5, 0.5])


@pytest.mark.parametrize("name", ["sqrt", "log", "log2", "log10", "arccos", "arcsin", "arctanh"])
@pytest.mark.parametrize("x", [INSIDE, OUTSIDE, OUTSIDE.astype(np.float32), INSIDE + 1j])
def test_values_and_types_are_numpys(name: str, x: Any) -> None:
    function = getattr(np.emath, name)
    y = function(tl.tensor(x))
    expected = function(x)
    assert y.dtype == expected.dtype
    np.testing.assert_allclose(y.data, expected, rtol=1e-6 if x.dtype == np.float32 else 1e-14)
    if x.dtype == np.float64:
        tl.check_gradients(function, x, order=2)


def test_two_arguments() -> None:
    for f in (np.emath.logn, np.emath.power):
        for a, b in ((INSIDE, INSIDE), (OUTSIDE, INSIDE), (INSIDE, OUTSIDE)):
            np.testing.assert_allclose(f(tl.tensor(a), b).data, f(a, b), rtol=1e-14)
            tl.check_gradients(f, a, b)
