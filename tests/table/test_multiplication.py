"""Products whose factors leave the range of floats where they do not: to the third order, and compiled."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import tinygrad_lite as tl

FAR = [
    [0.0, 1e200, 1e200, 1e-300],
    [1e300, 1e300, 1e-300, 1e-250],
    [1e-300, 1e-300, 1e-20, 1e300, 1e300],
    [-1e200, 1e160, 3e-200],
    [1e-200, -1e-200, 1e200, 1e200],
    [2.0, 3.0, 0.0, -4.0],
]


def of_others(x: np.ndarray, order: int) -> np.ndarray:
    """The derivatives of the product by so many entries: the product of the others, 0 by one of them twice."""
    derivative = np.zeros((x.size,) * order)
    for place in itertools.permutations(range(x.size), order):
        derivative[place] = float(mp.fprod([mp.mpf(v) for k, v in enumerate(x.tolist()) if k not in place]))
    return derivative


def last_running_product(x: Any) -> Any:
    return np.cumprod(x)[-1]


@pytest.fixture(autouse=True)
def beyond_the_range() -> Iterator[None]:
    """True derivatives overflow here too."""
    with np.errstate(over="ignore"):
        yield


@pytest.mark.parametrize("entries", FAR, ids=str)
@pytest.mark.parametrize("product", [np.prod, last_running_product])
def test_derivatives_are_products_of_the_others(product: Any, entries: list[float]) -> None:
    x = np.array(entries)
    derivative = product
    for order in (1, 2, 3):
        derivative = tl.jacobian(derivative)
        np.testing.assert_allclose(derivative(x), of_others(x, order), rtol=1e-14)


@pytest.mark.parametrize("entries", FAR, ids=str)
def test_compiled_products_are_as_right(entries: list[float]) -> None:
    x = np.array(entries)
    np.testing.assert_allclose(tl.compile(tl.grad(np.prod))(x), of_others(x, 1), rtol=1e-14)
    np.testing.assert_allclose(tl.compile(tl.hessian(np.prod))(x), of_others(x, 2), rtol=1e-14)


def test_a_compiled_running_product_is_right_or_refused() -> None:
    compiled = tl.compile(tl.grad(lambda x: np.cumprod(x).sum()))
    for entries in ([0.5, 2.0, -1.0], [0.5, 0.0, 3.0], [1e200, 1e-200, 1e200], [1e-250, 1e-250, 1e-10]):
        x = np.array(entries)
        right = np.sum([np.append(of_others(x[: k + 1], 1), np.zeros(2 - k)) for k in range(3)], axis=0)
        np.testing.assert_allclose(compiled(x), right, rtol=1e-14)
    for entries in ([1e200, 1e160, 3e-200], [1e-200, 1e-200, 1e200], [1e200, 1e200, 0.0]):
        with pytest.raises(ValueError, match=r"cumprod: .* come back.*np\.prod\(x\[:k\]\)"):
            compiled(np.array(entries))
