"""Activations where care is taken: at bends, far out, and with parameters that are none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

FAR = np.array([-1e4, -745.0, -40.0, 40.0, 710.0, 1e4])
UNITS: dict[str, Any] = {
    "elu": (lambda x: x if x > 0 else math.expm1(x), 0.0, 1.0),
    "celu": (lambda x: x if x > 0 else math.expm1(x), 0.0, 1.0),
    "selu": (
        lambda x: 1.0507009873554805 * (x if x > 0 else 1.6732632423543772 * math.expm1(x)),
        0.0,
        1.05070098735548,
    ),
    "leaky_relu": (lambda x: x if x > 0 else 0.01 * x, 0.01, 1.0),
    "softplus": (lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))), 0.0, 1.0),
    "logsigmoid": (lambda x: min(x, 0.0) - math.log1p(math.exp(-abs(x))), 1.0, 0.0),
    "silu": (lambda x: x / (1 + math.exp(-x)) if x > -700 else 0.0, 0.0, 1.0),
    "mish": (lambda x: x * math.tanh(math.log1p(math.exp(x))) if x < 30 else x, 0.0, 1.0),
    "gelu": (lambda x: 0.5 * x * math.erfc(-x / math.sqrt(2)), 0.0, 1.0),
    "softsign": (lambda x: x / (1 + abs(x)), 0.0, 0.0),
    "tanhshrink": (lambda x: x - math.tanh(x), 1.0, 1.0),
    "hardtanh": (lambda x: min(max(x, -1.0), 1.0), 0.0, 0.0),
    "relu6": (lambda x: min(max(x, 0.0), 6.0), 0.0, 0.0),
    "hardsigmoid": (lambda x: min(max(x + 3, 0.0), 6.0) / 6, 0.0, 0.0),
    "hardswish": (lambda x: x * min(max(x + 3, 0.0), 6.0) / 6, 0.0, 1.0),
    "softshrink": (lambda x: math.copysign(max(abs(x) - 0.5, 0.0), x), 1.0, 1.0),
    "hardshrink": (lambda x: x if abs(x) > 0.5 else 0.0, 1.0, 1.0),
}
"""The formula for one number, and the slopes far to the left and to the right."""


@pytest.mark.parametrize("name", UNITS)
def test_values_near_and_far(name: str) -> None:
    formula, _, _ = UNITS[name]
    x = np.concatenate([FAR, np.linspace(-7, 7, 57)])
    np.testing.assert_allclose(getattr(tl, name)(x), [formula(v) for v in x.tolist()], rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("name", UNITS)
def test_slopes_far_out(name: str) -> None:
    _, left, right = UNITS[name]
    gradient = tl.grad(lambda x: getattr(tl, name)(x).sum())
    np.testing.assert_allclose(gradient(FAR), np.where(FAR < 0, left, right), atol=1e-3)
    second = tl.grad(lambda x: gradient(x).sum())(FAR)
    np.testing.assert_allclose(second, np.zeros(6), atol=1e-4)


@pytest.mark.parametrize("name", UNITS)
def test_what_is_no_number_stays_none(name: str) -> None:
    with np.errstate(invalid="ignore"):  # np.logaddexp says so
        assert np.isnan(getattr(tl, name)(np.nan))


BENDS: dict[str, dict[float, float]] = {
    "elu": {0.0: 1.0},
    "celu": {0.0: 1.0},
    "selu": {0.0: 1.0507009873554805 * 1.6732632423543772},
    "leaky_relu": {0.0: 0.01},
    "softsign": {0.0: 1.0},
    "hardtanh": {-1.0: 0.0, 0.0: 1.0, 1.0: 0.0},
    "relu6": {0.0: 0.0, 6.0: 0.0},
    "hardsigmoid": {-3.0: 0.0, 3.0: 0.0},
    "hardswish": {-3.0: 0.0, 0.0: 0.5, 3.0: 1.0},
    "softshrink": {-0.5: 0.0, 0.5: 0.0},
    "hardshrink": {-0.5: 0.0, 0.5: 0.0},
}


@pytest.mark.parametrize("name", BENDS)
def test_slopes_where_it_bends(name: str) -> None:
    for x, slope in BENDS[name].items():
        assert tl.grad(getattr(tl, name))(x) == pytest.approx(slope, rel=1e-15)


def test_softplus_is_linear_above_its_threshold() -> None:
    x = np.array([0.9, 1.1])
    assert tl.softplus(x, 2.0, 2.0).tolist() == [0.5 * math.log1p(math.exp(1.8)), 1.1]
    assert tl.grad(tl.softplus)(1.1, 2.0, 2.0) == 1.0
    assert tl.softplus(25.0) == 25.0
    assert tl.softplus(25.0, threshold=np.inf) == 25.0 + math.exp(-25.0)
    slope = tl.grad(lambda x: tl.softplus(x, threshold=np.inf))
    assert tl.grad(slope)(25.0) == pytest.approx(math.exp(-25.0), rel=1e-9)


def test_elu_with_a_slope_of_its_own_at_zero() -> None:
    assert tl.grad(tl.elu)(0.0, 0.5) == 0.5
    assert tl.grad(tl.elu)(1e-300, 0.5) == 1.0
    assert tl.grad(tl.celu)(-1.0, 0.5) == pytest.approx(math.exp(-2.0))


def test_prelu_has_a_slope_for_each_channel() -> None:
    x = np.array([[[-1.0, 2.0], [-3.0, -4.0]]])
    assert tl.prelu(x, np.array([0.5, 0.25])).tolist() == [[[-0.5, 2.0], [-0.75, -1.0]]]
    assert tl.prelu(x, np.array([0.5])).tolist() == [[[-0.5, 2.0], [-1.5, -2.0]]]
    assert tl.grad(lambda a: tl.prelu(x, a).sum())(np.array([0.5, 0.25])).tolist() == [-1.0, -7.0]
    assert tl.prelu(-2.0, [0.5]).tolist() == [-1.0]
    for x, weight in ((np.ones((2, 3)), np.ones(2)), (np.ones(3), np.ones(3)), (np.ones(3), 1.0)):
        with pytest.raises(ValueError, match=r"prelu: x of shape .* takes a weight of shape"):
            tl.prelu(x, weight)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_gelu_by_tanh_has_slopes_in_every_precision(dtype: Any) -> None:
    x = np.array([-np.inf, -20, -1, 0, 1, 20, np.inf, np.nan], dtype)
    slope = tl.grad(lambda x: tl.gelu(x, approximate="tanh").sum())
    with np.errstate(all="ignore"):
        first, second = slope(x), tl.grad(lambda x: slope(x).sum())(x)
    assert first.dtype == second.dtype == dtype
    np.testing.assert_allclose(first, [0, 0, -0.08296, 0.5, 1.08296, 1, 1, np.nan], rtol=1e-3, atol=1e-9)
    np.testing.assert_allclose(second, [0, 0, 0.24215, 0.79788, 0.24215, 0, 0, np.nan], rtol=1e-3, atol=1e-9)


def test_glu_gates_one_half_with_the_other() -> None:
    x = np.array([[2.0, 0.0], [4.0, 0.0]])
    assert tl.glu(x).tolist() == [[1.0], [2.0]]
    assert tl.glu(x, 0).tolist() == [[2.0 / (1 + math.exp(-4.0)), 0.0]]
    with pytest.raises(ValueError, match=r"glu: axis 0 of shape \(3, 2\) has no two halves"):
        tl.glu(np.ones((3, 2)), 0)


@pytest.mark.parametrize(("call", "said"), [
    (lambda: tl.celu(1.0, 0.0), "celu: alpha must be positive, got 0.0"),
    (lambda: tl.softplus(1.0, -1.0), "softplus: beta must be positive, got -1.0"),
    (lambda: tl.hardtanh(1.0, 2.0, 2.0), "hardtanh: min_val must be below max_val, got 2.0 and 2.0"),
    (lambda: tl.softshrink(1.0, -0.5), "softshrink: lambd must not be negative, got -0.5"),
    (lambda: tl.hardshrink(1.0, math.nan), "hardshrink: lambd must not be negative, got nan"),
    (lambda: tl.gelu(1.0, approximate="erf"), "gelu: approximate must be 'none' or 'tanh', not 'erf'"),
])  # fmt: skip
def test_parameters_that_are_none(call: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()
