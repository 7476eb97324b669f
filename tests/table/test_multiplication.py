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
    [0.55, 0.55, 2.0, 1.5e308],
    [1e308, 1e308, 1e150, 1e150],
    [-0.7, 3.0, 1e308, 1e300],
    [1e150, -2e-200, -2e-200],
    [1e200, 1e-300, 1e300],
    [1e-300, 1e300, 1e200],
    [1e300, -2e-200, 1e-300],
    [1e-250, 1e-250, 1e-10],
    [1e200, 1e200, 0.0],
    [5e-324, 5e-324, 1e308, 1e308, 0.75],
]


def of_others(x: np.ndarray, order: int) -> np.ndarray:
    """The derivatives of the product by so many entries: the product of the others, 0 by one of them twice."""
    derivative = np.zeros((x.size,) * order)
    if not order:
        return np.array(float(mp.fprod(x.tolist())))
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
    for product in (np.prod, last_running_product):
        np.testing.assert_allclose(tl.compile(tl.grad(product))(x), of_others(x, 1), rtol=1e-14)
        np.testing.assert_allclose(tl.compile(tl.hessian(product))(x), of_others(x, 2), rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "entries",
    [
        [0.51] * 1100 + [2.0] * 1070,
        [0.9] * 8000 + [1.1] * 8500,
        [0.51] * 2000 + [2.0] * 2000,
        [0.51] * 300 + [2.0] * 300,
        [0.5] * 3000,
    ],
    ids=len,
)
def test_long_products(entries: list[float], dtype: Any) -> None:
    x = np.array(entries, dtype)
    with mp.workdps(60):
        exact = mp.fprod([mp.mpf(v) for v in x.tolist()])
        first = exact / mp.mpf(float(x[0]))
    exact, first = [float(np.array(float(v)).astype(dtype)) for v in (exact, first)]
    tolerance = 8 * len(x) * float(np.finfo(dtype).eps)
    for product in (np.prod, last_running_product):
        value, gradient = tl.value_and_grad(product)(x)
        np.testing.assert_allclose(value, exact, rtol=tolerance)
        np.testing.assert_allclose(gradient[0], first, rtol=tolerance)


def test_running_products_and_their_derivatives_are_those_of_each_by_itself() -> None:
    for entries in FAR:
        x = np.array(entries)
        jacobian = tl.jacobian(np.cumprod)(x)
        for k in range(x.size):
            np.testing.assert_allclose(jacobian[k, : k + 1], of_others(x[: k + 1], 1), rtol=1e-14)
            assert not jacobian[k, k + 1 :].any()


@pytest.mark.parametrize("scale", [0.0, 1e-300, 1e-5, 1e300])
def test_what_a_product_begins_with_is_a_factor(scale: float) -> None:
    for entries in ([1e300, 1e200, 2.0], [1e-300, 1e-200, 2.0], [3.0, 0.0]):
        x = np.array(entries)
        whole = np.array([scale, *entries])
        value, gradient = tl.value_and_grad(lambda x: np.prod(x, initial=scale))(x)
        np.testing.assert_allclose(value, of_others(whole, 0), rtol=1e-14)
        np.testing.assert_allclose(gradient, of_others(whole, 1)[1:], rtol=1e-14)


def test_infinite_factors() -> None:
    hessian = tl.hessian(np.prod)(np.array([np.inf, 2.0, 3.0]))
    np.testing.assert_array_equal(hessian, [[0, 3, 2], [3, 0, np.inf], [2, np.inf, 0]])
