"""Slopes of elementwise functions are right over the whole range of floats, to a few units in the last place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

pytest.importorskip("sympy")

import mpmath

from .enclosures import enclosure, is_settled, midpoint
from .hard_cases import EXCEPTIONS, FORMULAS, LIMITS, function, misses, points
from .true_derivatives import exactly, last_places, rounded

ROUNDED = 1000.0
"""How many times more units the exceptions may be off."""


def cases() -> list[Any]:
    return [
        pytest.param(name, places, dtype, id=f"{name}-{places}-{dtype.__name__}")
        for name in FORMULAS
        for order in LIMITS
        for places in function(name).derivatives(order)
        for dtype in (np.float64, np.float32)
    ]


def test_every_formula_has_points() -> None:
    assert {"power", "tanh", "sigmoid", "arctan2", "erf", "softplus", "log", "hypot"} <= set(FORMULAS)
    assert len(FORMULAS) > 35


@pytest.mark.sampled(6)
@pytest.mark.parametrize(("name", "places", "dtype"), cases())
def test_derivatives_are_right_to_the_last_places(name: str, places: tuple[int, ...], dtype: Any) -> None:
    limit = LIMITS[len(places)]
    if (name, places) in EXCEPTIONS:
        limit *= ROUNDED
    assert misses(name, places, points(name, dtype, 24), limit) == []


@pytest.mark.long
@pytest.mark.parametrize(("name", "places", "dtype"), cases())
def test_derivatives_are_right_at_ten_thousand_points(name: str, places: tuple[int, ...], dtype: Any) -> None:
    limit = LIMITS[len(places)]
    if (name, places) in EXCEPTIONS:
        limit = np.inf
    assert misses(name, places, points(name, dtype, 10_000, seed=5), limit) == []


@pytest.mark.parametrize("name", list(FORMULAS))
def test_one_number_has_the_derivative_that_it_has_among_others(name: str) -> None:
    at = points(name, np.float64, 24, seed=3)
    for places in function(name).derivatives(1):
        derivative = function(name).derivative(places)
        with np.errstate(all="ignore"):
            together = derivative(*at)
            alone = [derivative(*point) for point in zip(*at, strict=True)]
        np.testing.assert_array_max_ulp(np.array(alone), together, 2)  # NumPy's logarithms differ by one themselves


AT_ENDS = {
    "arctan": {np.inf: 0, -np.inf: 0},
    "arcsinh": {np.inf: 0, -np.inf: 0},
    "arccosh": {np.inf: 0, 1.0: np.inf, 0.5: np.nan, -np.inf: np.nan},
    "arcsin": {1.0: np.inf, -1.0: np.inf, 1.5: np.nan, -np.inf: np.nan},
    "arccos": {1.0: -np.inf, -1.0: -np.inf, 1.5: np.nan, np.inf: np.nan},
    "arctanh": {1.0: np.inf, -1.0: np.inf, 1.5: np.nan, -np.inf: np.nan},
    "log": {np.inf: 0, 0.0: np.inf, -1.0: np.nan, -np.inf: np.nan},
    "log2": {np.inf: 0, 0.0: np.inf, -1.0: np.nan, -np.inf: np.nan},
    "log10": {np.inf: 0, 0.0: np.inf, -1.0: np.nan, -np.inf: np.nan},
    "log1p": {np.inf: 0, -1.0: np.inf, -1.5: np.nan, -np.inf: np.nan},
    "sqrt": {np.inf: 0, 0.0: np.inf, -1.0: np.nan, -np.inf: np.nan},
    "cbrt": {np.inf: 0, -np.inf: 0, 0.0: np.inf},
    "exp": {np.inf: np.inf, -np.inf: 0},
    "expm1": {np.inf: np.inf, -np.inf: 0},
    "tanh": {np.inf: 0, -np.inf: 0},
    "sigmoid": {np.inf: 0, -np.inf: 0},
    "logsigmoid": {np.inf: 0, -np.inf: 1},
    "softplus": {np.inf: 1, -np.inf: 0},
    "erf": {np.inf: 0, -np.inf: 0},
    "erfc": {np.inf: 0, -np.inf: 0},
    "sin": {np.inf: np.nan, -np.inf: np.nan},
}
"""What derivatives are at infinity, and at and beyond the ends of a domain."""


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("name", list(AT_ENDS))
def test_derivatives_at_the_ends(name: str, dtype: Any) -> None:
    for x, slope in (AT_ENDS[name] | {np.nan: np.nan}).items():
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(tl.grad(function(name).call)(dtype(x)), dtype(slope), err_msg=f"at {x}")


PAIRS_AT_ENDS = [
    ("logaddexp", (-np.inf, 0.0), (0, 1)),
    ("logaddexp", (-np.inf, -np.inf), (0, 0)),
    ("logaddexp", (np.inf, 0.0), (1, 0)),
    ("logaddexp2", (0.0, -np.inf), (1, 0)),
    ("hypot", (0.0, 0.0), (0, 0)),
    ("hypot", (np.inf, 1.0), (1, 0)),
    ("hypot", (1.0, -np.inf), (0, -1)),
    ("arctan2", (0.0, 0.0), (0, 0)),
    ("arctan2", (np.inf, 1.0), (0, 0)),
    ("arctan2", (1.0, -np.inf), (0, 0)),
    ("power", (0.0, 2.0), (0, 0)),
    ("power", (0.0, 0.0), (0, 0)),
    ("power", (0.0, 0.5), (np.inf, 0)),
    ("power", (0.0, -1.0), (-np.inf, -np.inf)),
    ("power", (-2.0, 3.0), (12, np.nan)),
    ("power", (-2.0, 0.5), (np.nan, np.nan)),
    ("power", (np.inf, 2.0), (np.inf, np.inf)),
    ("power", (np.inf, -1.0), (0, 0)),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize(("name", "at", "slopes"), PAIRS_AT_ENDS)
def test_derivatives_of_pairs_at_the_ends(name: str, at: Any, slopes: Any, dtype: Any) -> None:
    with np.errstate(all="ignore"):
        got = tl.grad(function(name).call, (0, 1))(*map(dtype, at))
    np.testing.assert_array_equal(got, tuple(map(dtype, slopes)))


@pytest.mark.parametrize("name", ["log", "log2", "log10", "cbrt"])
def test_minus_0_is_0(name: str) -> None:
    with np.errstate(all="ignore"):
        assert tl.grad(function(name).call)(-0.0) == np.inf


@pytest.mark.parametrize("name", ["power", "float_power"])
def test_what_an_exponent_loses_counts_for_bases_near_1(name: str) -> None:
    """Less 1, it may need another digit: times ln a, which is not small where the binary exponent of a is 0."""
    a = np.array([0.5466214069008615, 0.5000001, 0.75, 1.9999])
    b = np.array([-31.631939470984694, -511.3331231, -63.7123423423, -31.12345612])
    for places in [(0,), (0, 0)]:
        assert misses(name, places, [a, b], LIMITS[1]) == []


def test_the_mixed_derivative_of_a_power_at_the_exponent_0() -> None:
    assert tl.grad(lambda b: tl.grad(np.power)(23.0, b))(0.0) == pytest.approx(1 / 23, rel=1e-15)
    assert tl.grad(lambda a: tl.grad(np.power, 1)(a, 0.0))(23.0) == pytest.approx(1 / 23, rel=1e-15)


@pytest.mark.parametrize("name", ["gelu", "gelu by tanh", "silu", "mish", "erf"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_third_derivatives_far_out_are_0(name: str, dtype: Any) -> None:
    """Where powers of x overflow beside exponentials that are 0."""
    x = np.array([-1e37, -1e22, -1e14, 1e14, 1e22, 1e37], dtype) ** (1 if dtype == np.float32 else 8)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(function(name).derivative((0, 0, 0))(x), np.zeros(6))


@pytest.mark.parametrize("name", ["gelu", "gelu by tanh", "silu", "mish", "erf", "tanh"])
def test_second_derivatives_of_the_largest_floats_are_0(name: str) -> None:
    x = np.array([-1, 1]) * np.finfo(float).max
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(function(name).derivative((0, 0))(x), np.zeros(2))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("name", "first", "last"), [("gelu", 37.6, 38.6), ("erf", 26.6, 27.4), ("erfc", 26.6, 27.4)])
def test_subnormal_exponentials_are_not_multiplied(name: str, first: float, last: float, dtype: Any) -> None:
    """By powers of x, of which each unit in their last place would become many."""
    ends = np.array([first, last]) / (1 if dtype == np.float64 else 2.73)
    x = np.linspace(*ends, 60).astype(dtype)
    for order in (1, 2, 3):
        assert misses(name, (0,) * order, [np.concatenate([-x, x])], LIMITS[2]) == []


def test_true_derivatives_are_the_same_by_bounds_and_by_many_digits() -> None:
    pytest.importorskip("flint")
    for name in FORMULAS:
        f, at = function(name), points(name, np.float64, 6, seed=4)
        for places in [places for order in (1, 2) for places in f.derivatives(order)]:
            derivative, ball = f.truth.compiled(places)
            for point in zip(*at, strict=True):
                known = enclosure(ball, point, is_settled)
                if known is not None:
                    assert (
                        last_places(rounded(midpoint(known), np.float64), exactly(derivative, point), np.float64) <= 1
                    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_what_is_infinite_or_0_is_off_by_very_much(dtype: Any) -> None:
    largest = np.finfo(dtype).max
    assert last_places(dtype(0), mpmath.mpf(10) ** 400, dtype) > 100
    assert last_places(dtype(np.inf), mpmath.mpf(float(largest)), dtype) == 1
    assert last_places(np.nextafter(largest, dtype(0)), mpmath.mpf(float(largest)), dtype) == 1
    assert last_places(dtype(-np.inf), mpmath.mpf(10) ** 400, dtype) > 1000
    assert last_places(dtype(np.inf), mpmath.mpf(10) ** 400, dtype) == 0
    assert last_places(dtype(0), mpmath.mpf(float(np.finfo(dtype).smallest_subnormal)) / 4, dtype) == 0.25


@pytest.mark.parametrize("name", ["logaddexp", "logaddexp2"])
@pytest.mark.parametrize("places", [(0, 0, 0), (0, 0, 1), (0, 1, 1), (1, 1, 1)])
def test_third_derivatives_of_sums_of_exponentials_beside_0(name: str, places: tuple[int, ...]) -> None:
    """Beside a = b, where they are 0, in units of their own."""
    f, a = function(name), np.array([0.5, 3.0, -7.0, 1e5])
    b = a * (1 + np.array([1e-15, -1e-12, 1e-9, 3e-16]))
    off = [last_places(d, f.truth.at(places, point), np.float64)
           for d, point in zip(f.derivative(places)(a, b), zip(a, b, strict=True), strict=True)]  # fmt: skip
    assert max(off) <= LIMITS[1]


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.long)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("places", [(1,), (1, 1)])
def test_slopes_of_quotients_have_as_many_digits_as_the_quotient(
    places: tuple[int, ...], dtype: Any, count: int
) -> None:
    a, b = points("divide", dtype, count, seed=5)
    few = dtype(1.4e-312 if dtype == np.float64 else 6.46e-43), dtype(0.0294)
    a, b = np.append(a, few[0]), np.append(b, few[1])
    with np.errstate(all="ignore"):
        y = np.abs(a / b)
    subnormal = (y < np.finfo(dtype).tiny) & (y > 0)
    assert subnormal[-1]
    assert misses("divide", places, [a[~subnormal], b[~subnormal]], LIMITS[len(places)]) == []
    for x, z, size in zip(a[subnormal], b[subnormal], y[subnormal], strict=True):
        missing = float(np.finfo(dtype).tiny) / float(size)
        assert misses("divide", places, [np.array([x]), np.array([z])], LIMITS[len(places)] * missing) == []


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("hypot", (np.float32(1.46852e-39), np.float32(1.468667e-39))),
        ("hypot", (np.float32(2.703e-42), np.float32(6.7e-44))),
        ("hypot", (np.float32(-2.7105053e-20), np.float32(-2.7107762e-20))),
        ("hypot", (np.float32(-4.04e-43), np.float32(0.0029574716))),
        ("hypot", (np.float64(7.46e-321), np.float64(2.7667006338368285e-06))),
        ("hypot", (np.float64(-3.4e-322), np.float64(2.214112830172079e-10))),
        ("arctan2", (np.float64(0.021749064422296405), np.float64(-5.18066e-318))),
        ("arctan2", (np.float64(-1.225e-321), np.float64(9.749865339336193e-06))),
        ("arctan2", (np.float64(0.002161227354464025), np.float64(7.786e-321))),
        ("arctan2", (np.float64(1e-309), np.float64(0.0))),
    ],
)
def test_lengths_and_angles_of_subnormal_sides(name: str, at: tuple[Any, Any]) -> None:
    """Their factors are subnormal, or beyond all floats, and the derivatives are not."""
    for sides in (at, at[::-1]):
        for order in LIMITS:
            for places in function(name).derivatives(order):
                assert misses(name, places, [np.array([side]) for side in sides], LIMITS[order]) == []


def test_a_number_without_a_dtype_is_no_half_precision() -> None:
    """The 1 of 1/(1 + x²), of which NumPy's ldexp makes a float16: taken where another entry leaves the range."""
    assert misses("arctan", (0, 0), [np.array([1e5, 1e-200, 1e200])], LIMITS[2]) == []


AT_INFINITY = {
    "gelu": ((-0.0, 0, 0, 0), (np.inf, 1, 0, 0)),
    "gelu by tanh": ((-0.0, 0, 0, 0), (np.inf, 1, 0, 0)),
    "silu": ((-0.0, 0, 0, 0), (np.inf, 1, 0, 0)),
    "mish": ((-0.0, 0, 0, 0), (np.inf, 1, 0, 0)),
    "softplus": ((0, 0, 0, 0), (np.inf, 1, 0, 0)),
    "logsigmoid": ((-np.inf, 1, 0, 0), (0, 0, 0, 0)),
    "sigmoid": ((0, 0, 0, 0), (1, 0, 0, 0)),
    "softsign": ((-1, 0, 0, 0), (1, 0, 0, 0)),
    "tanh": ((-1, 0, 0, 0), (1, 0, 0, 0)),
    "tanhshrink": ((-np.inf, 1, 0, 0), (np.inf, 1, 0, 0)),
    "erf": ((-1, 0, 0, 0), (1, 0, 0, 0)),
    "erfc": ((2, 0, 0, 0), (0, 0, 0, 0)),
    "arctan": ((-np.pi / 2, 0, 0, 0), (np.pi / 2, 0, 0, 0)),
    "arcsinh": ((-np.inf, 0, 0, 0), (np.inf, 0, 0, 0)),
    "arccosh": ((np.nan,) * 4, (np.inf, 0, 0, 0)),
    "cbrt": ((-np.inf, 0, 0, 0), (np.inf, 0, 0, 0)),
    "sqrt": ((np.nan,) * 4, (np.inf, 0, 0, 0)),
    "log": ((np.nan,) * 4, (np.inf, 0, 0, 0)),
    "log2": ((np.nan,) * 4, (np.inf, 0, 0, 0)),
    "log10": ((np.nan,) * 4, (np.inf, 0, 0, 0)),
    "log1p": ((np.nan,) * 4, (np.inf, 0, 0, 0)),
    "reciprocal": ((0, 0, 0, 0), (0, 0, 0, 0)),
    "exp": ((0, 0, 0, 0), (np.inf,) * 4),
    "exp2": ((0, 0, 0, 0), (np.inf,) * 4),
    "expm1": ((-1, 0, 0, 0), (np.inf,) * 4),
}
"""The value and the first three derivatives at −∞ and at ∞: the limits."""


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("name", list(AT_INFINITY))
def test_values_and_three_derivatives_at_infinity_are_the_limits(name: str, dtype: Any) -> None:
    f, x = function(name), np.array([-np.inf, np.inf, np.nan], dtype)
    with np.errstate(all="ignore"):
        for order in range(4):
            limits = [end[order] for end in AT_INFINITY[name]]
            found = f.derivative((0,) * order)(x) if order else f.call(x)
            np.testing.assert_array_equal(found, np.array([*limits, np.nan], dtype), err_msg=f"of order {order}")
            assert found.dtype == dtype
        np.testing.assert_array_equal(f.call(tl.tensor(x)).data, f.call(x))


def test_the_second_derivative_of_a_cube_root_overflows_no_sooner_than_it_has_to() -> None:
    x = np.array([4.422789e-24], np.float32)
    assert function("cbrt").derivative((0, 0))(x) == pytest.approx(-2 / 9 * np.float64(x) ** (-5 / 3), rel=1e-6)


def test_third_derivatives_of_lengths_are_numbers_where_one_side_is_far_smaller() -> None:
    """Where 1/h² is beyond all floats, and b/h³ is not."""
    f, a, b = function("hypot"), np.array([1.8e-176, 3e-173]), np.array([-3.9e-224, -3e-316])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(f.derivative((0, 0, 1))(a, b), 2 * (b / a) / a / a, rtol=1e-12)
