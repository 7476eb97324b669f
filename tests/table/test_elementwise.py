"""Elementwise functions where no difference quotient reaches: kinks, singular points, infinities."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite.table.registry import DISPATCH

steady = settings(deadline=None, derandomize=True)
numbers = st.floats(-1e3, 1e3, allow_subnormal=False)


def slopes(f: Any, *at: float) -> list[float]:
    """∂f/∂xᵢ at a point, one for each argument."""
    return [float(g) for g in tl.grad(f, range(len(at)))(*at)]


def pulled(f: Any, x: Any, g: Any) -> Any:
    """The gradient for x when the output's gradient is g."""
    leaf = tl.Tensor(np.asarray(x, float), requires_grad=True)
    f(leaf).backward(np.asarray(g, float))
    return leaf.grad


# ---------------------------------------------------------------------------------------------------------------------
# Kinks


@pytest.mark.parametrize("f", [tl.maximum, tl.minimum, tl.fmax, tl.fmin])
@given(x=numbers)
@steady
def test_ties_share_equally(f: Any, x: float) -> None:
    assert slopes(f, x, x) == [0.5, 0.5]


@pytest.mark.parametrize(("f", "expected"), [(tl.maximum, [0.0, 1.0]), (tl.minimum, [1.0, 0.0])])
def test_extremes_give_all_to_the_chosen(f: Any, expected: list[float]) -> None:
    assert slopes(f, 1.0, 2.0) == expected
    assert slopes(f, 2.0, 1.0) == expected[::-1]


@pytest.mark.parametrize("f", [tl.fmax, tl.fmin])
def test_fmax_and_fmin_give_all_to_what_is_a_number(f: Any) -> None:
    assert slopes(f, math.nan, 1.0) == [0.0, 1.0]
    assert slopes(f, 1.0, math.nan) == [1.0, 0.0]


@pytest.mark.parametrize("f", [tl.maximum, tl.minimum, tl.fmax, tl.fmin])
def test_a_huge_gradient_stays_finite(f: Any) -> None:
    assert pulled(lambda x: f(x, 1.0), 2.0 if f in (tl.maximum, tl.fmax) else 0.5, 1e308) == 1e308


@pytest.mark.parametrize("f", [tl.abs, tl.sign, abs])
def test_nothing_at_zero(f: Any) -> None:
    assert slopes(f, 0.0) == [0.0]
    assert slopes(f, -0.0) == [0.0]


@pytest.mark.parametrize("f", [tl.sign, tl.floor, tl.ceil, tl.trunc, tl.rint, tl.round])
@pytest.mark.parametrize("x", [-1.5, -1.0, 0.0, 0.5, 2.0])
def test_steps_have_slope_zero_everywhere(f: Any, x: float) -> None:
    assert slopes(f, x) == [0.0]


def test_heaviside_has_the_slope_of_its_value_at_zero() -> None:
    assert slopes(tl.heaviside, 0.0, 0.5) == [0.0, 1.0]
    assert slopes(tl.heaviside, 1.0, 0.5) == [0.0, 0.0]
    assert slopes(tl.heaviside, -1.0, 0.5) == [0.0, 0.0]


@pytest.mark.parametrize("f", [tl.hypot, tl.arctan2])
def test_zero_at_the_origin_and_no_second_derivative(f: Any) -> None:
    assert slopes(f, 0.0, 0.0) == [0.0, 0.0]
    assert np.isnan(tl.hessian(lambda x: f(x[0], x[1]))(np.zeros(2))).all()


@pytest.mark.parametrize("f", [tl.hypot, tl.arctan2])
@pytest.mark.filterwarnings("ignore:overflow")  # of second derivatives beyond all floats
@pytest.mark.parametrize("at", [[0.0, 1.0], [1.0, 0.0], [1e-160, -1e-160], [3e-5, 4e200], [-2.0, 1.0]])
def test_second_derivatives_by_two_arguments_are_symmetric(f: Any, at: Any) -> None:
    h = tl.hessian(lambda x: f(x[0], x[1]))(np.array(at))
    np.testing.assert_allclose(h, h.T, rtol=1e-15)
    assert np.isfinite(h).all() or abs(at[0]) < 1e-154


def test_hypot_and_arctan2_on_the_axes() -> None:
    assert slopes(tl.hypot, 2.0, 0.0) == [1.0, 0.0]
    assert slopes(tl.hypot, 0.0, -2.0) == [0.0, -1.0]
    assert slopes(tl.arctan2, 0.0, 2.0) == [0.5, 0.0]
    assert slopes(tl.arctan2, 2.0, 0.0) == [0.0, -0.5]


@pytest.mark.parametrize("power", [tl.power, tl.float_power])
def test_power_at_base_zero(power: Any) -> None:
    assert slopes(power, 0.0, 0.0) == [0.0, 0.0]
    assert slopes(power, 0.0, 1.0) == [1.0, 0.0]
    assert slopes(power, 0.0, 2.0) == [0.0, 0.0]
    assert slopes(power, 3.0, 0.0) == pytest.approx([0.0, math.log(3)])
    assert slopes(power, 3.0, 1.0) == pytest.approx([1.0, 3 * math.log(3)])
    assert slopes(power, 1.0, 0.0) == [0.0, 0.0]


@pytest.mark.parametrize(("n", "derivatives"), [(1, [1, 0, 0]), (2, [0, 2, 0]), (3, [0, 0, 6]), (0, [0, 0, 0])])
def test_derivatives_of_integer_powers_at_zero(n: int, derivatives: list[float]) -> None:
    f: Any = lambda x: x**n
    for expected in derivatives:
        f = tl.grad(f)
        assert f(0.0) == expected


def test_power_of_a_negative_base_with_a_constant_exponent() -> None:
    assert slopes(lambda x: x**3, -2.0) == [12.0]
    assert slopes(lambda x: x**-1, -2.0) == [-0.25]


@pytest.mark.parametrize(
    ("x", "low", "high", "expected"),
    [
        (0.0, -1.0, 1.0, [1.0, 0.0, 0.0]),
        (-1.0, -1.0, 1.0, [1.0, 0.0, 0.0]),
        (1.0, -1.0, 1.0, [1.0, 0.0, 0.0]),
        (-2.0, -1.0, 1.0, [0.0, 1.0, 0.0]),
        (2.0, -1.0, 1.0, [0.0, 0.0, 1.0]),
        (0.0, 1.0, -1.0, [0.0, 0.0, 1.0]),  # crossed bounds: the upper one wins, as in NumPy
        (5.0, 1.0, -1.0, [0.0, 0.0, 1.0]),
        (-5.0, 1.0, -1.0, [0.0, 0.0, 1.0]),
    ],
)
def test_clip_at_and_beyond_its_bounds(x: float, low: float, high: float, expected: list[float]) -> None:
    assert slopes(tl.clip, x, low, high) == expected
    assert tl.clip(x, low, high) == np.clip(x, low, high)
    assert slopes(tl.clip, x) == [1.0]


@given(x=numbers, low=numbers, high=numbers)
@steady
def test_clip_hands_the_whole_gradient_to_one(x: float, low: float, high: float) -> None:
    assert sum(slopes(tl.clip, x, low, high)) == 1.0


def test_mod_has_the_slope_of_the_value_it_gives() -> None:
    """1 mod 0.1 is 0.0999… since 0.1 is a little more than a tenth: y = a − 9 b there, though a / b rounds to 10."""
    assert slopes(tl.mod, 1.0, 0.1) == [1.0, -9.0]
    assert slopes(tl.mod, -1.5, 1.0) == [1.0, 2.0]


# ---------------------------------------------------------------------------------------------------------------------
# Infinities and large arrays

LARGE = 3000  # entries: more than where masks are laid over bits


@pytest.mark.parametrize("n", [4, LARGE])
@pytest.mark.parametrize(
    ("f", "on"),
    [
        (tl.relu, lambda x: x > 0),
        (lambda x: tl.relu(x, slope_at_zero=1.0), lambda x: x >= 0),
        (lambda x: tl.where(x.data > 0, x, 0.0), lambda x: x > 0),
        (lambda x: tl.where(x.data > 0, 0.0, x), lambda x: x <= 0),
        (lambda x: tl.maximum(x, 0.0), lambda x: x > 0),
        (lambda x: tl.minimum(x, 0.0), lambda x: x < 0),
        (lambda x: tl.fmax(x, 0.0), lambda x: x > 0),
        (lambda x: tl.clip(x, 0.0, 0.5), lambda x: (x >= 0) & (x <= 0.5)),
    ],
)
def test_where_the_mask_is_off_an_infinite_gradient_is_zero(f: Any, on: Any, n: int, draw: Any) -> None:
    x = draw(n)
    for g in (np.inf, -np.inf, np.nan, 1.0, -2.5):
        got = pulled(f, x, np.full(n, g))
        np.testing.assert_array_equal(got, np.where(on(x), g, 0.0))
        narrow = tl.Tensor(x.astype(np.float32), requires_grad=True)
        f(narrow).backward(np.full(n, g, np.float32))
        np.testing.assert_array_equal(narrow.grad, np.where(on(narrow.data), np.float32(g), np.float32(0)))


@pytest.mark.parametrize("shape", [(64, 1), (1, 64), (64, 64), ()])
def test_masks_of_other_shapes(shape: tuple[int, ...], draw: Any) -> None:
    condition, x = draw(64, 64) > 0, draw(*shape)
    got = pulled(lambda x: tl.where(condition, x, 0.0), x, np.ones((64, 64)))
    expected = np.where(condition, 1.0, 0.0)
    for axis, n in enumerate(shape):
        expected = expected.sum(axis=axis, keepdims=True) if n == 1 else expected
    np.testing.assert_array_equal(got, expected if shape else expected.sum())


def test_logaddexp_far_apart() -> None:
    assert slopes(tl.logaddexp, -np.inf, 0.0) == [0.0, 1.0]
    assert slopes(tl.logaddexp, 1e4, -1e4) == [1.0, 0.0]
    assert tl.logaddexp(1e4, 1e4) == 1e4 + math.log(2)


def test_tanh_and_its_derivative_saturate() -> None:
    assert slopes(tl.tanh, 1e4) == [0.0]
    assert slopes(tl.tanh, -700.0) == [0.0]


# ---------------------------------------------------------------------------------------------------------------------
# What is saved


def saved(y: tl.Tensor) -> list[Any]:
    """The values a node keeps, for each input that needs a gradient."""
    assert y._node is not None
    return [values for _, _, values in y._node.pulls or ()]


def test_a_node_keeps_only_what_its_rules_ask_for() -> None:
    a, b = (tl.tensor(np.ones((2, 2)), requires_grad=True) for _ in range(2))
    assert saved(a + b) == [(), ()]
    assert saved(a - b) == [(), ()]
    assert saved(-a) == [()]
    (output,) = saved(y := np.exp(a))
    assert [id(v) for v in output] == [id(y._value)]
    (both,) = saved(y := np.tanh(a))  # where y is 1 to all digits, the slope is to be had from the argument alone
    assert [id(v) for v in both] == [id(y._value), id(a._value)]
    (given,) = saved(np.sin(a))
    assert [id(v) for v in given] == [id(a._value)]
    for_a, for_b = saved(a * b)
    assert [id(for_a[0]), id(for_b[0])] == [id(b._value), id(a._value)]
    (output,) = saved(y := tl.relu(a))
    assert [id(v) for v in output] == [id(y._value)]


def test_no_rule_is_kept_for_a_constant() -> None:
    a, c = tl.Tensor(np.ones(2), requires_grad=True), np.full(2, 3.0)
    for y in (a * c, a / c):
        (for_a,) = saved(y)
        assert [v.tolist() for v in for_a] == [c.tolist()]


# ---------------------------------------------------------------------------------------------------------------------
# Wrong arguments


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda x: x + np.ones(3), ValueError, r"add.*\[2, 2\].*\[3\]"),
        (lambda x: tl.multiply(x, np.ones(3)), ValueError, r"multiply.*\[2, 2\].*\[3\]"),
        (lambda x: x + None, TypeError, r"\+"),
        (lambda x: x - "a", TypeError, "-"),
        (lambda x: tl.add(x, None), TypeError, "add"),
        (lambda x: tl.add(x), TypeError, "add"),
        (lambda x: tl.exp(x, x), TypeError, "exp"),
        (lambda x: tl.exp(x, out=np.zeros((2, 2))), TypeError, "exp.*out"),
        (lambda x: tl.exp(x, where=np.ones((2, 2), bool)), TypeError, "exp.*where"),
        (lambda x: tl.exp(x, dtype=np.float32), TypeError, "exp.*dtype"),
        (lambda x: tl.round(x, "a"), TypeError, "round"),
        (lambda x: tl.where(np.ones(3, bool), x, 0.0), ValueError, r"where"),
        (lambda x: np.exp(x, where=np.ones((2, 2), bool)), TypeError, r"np\.exp.*where="),
    ],
)
def test_errors_name_the_operation_and_what_it_got(call: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        call(tl.Tensor(np.ones((2, 2)), requires_grad=True))


def test_arctan2_of_numbers_whose_squares_overflow_or_vanish() -> None:
    for scale in (1e-170, 1e170):
        np.testing.assert_allclose(tl.grad(np.arctan2)(scale, scale), 0.5 / scale)


def test_divmod_in_every_form() -> None:
    t, x = tl.tensor([3.5, -1.0], requires_grad=True), np.array([3.5, -1.0])
    for got, expected in (
        (divmod(t, 2.0), divmod(x, 2.0)),
        (np.divmod(t, 2.0), np.divmod(x, 2.0)),
        (divmod(np.array([7.0]), t), divmod(np.array([7.0]), x)),
    ):
        for mine, its in zip(got, expected, strict=True):
            np.testing.assert_array_equal(mine.data, its)
            assert mine.requires_grad


@pytest.mark.parametrize(
    "options",
    [
        *({"dtype": np.float32}, {"casting": "safe"}, {"order": "F"}, {"order": "A"}),
        *({"subok": False}, {"where": True}, {"out": None}),
    ],
    ids=str,
)  # fmt: skip
def test_clip_takes_the_keywords_of_a_ufunc(options: Any) -> None:
    x = np.array([[-2.0, 0.25, 3.0], [0.5, 1.5, -0.5]])
    for bounds in ((0.0, 1.0), (None, 1.0), (np.float32(0), None), (x * 0, x * 0 + 1)):
        got, expected = np.clip(tl.tensor(x), *bounds, **options), np.clip(x, *bounds, **options)
        assert got.dtype == expected.dtype
        assert (got.data == expected).all()
        if "order" in options:
            assert got.flags.f_contiguous == expected.flags.f_contiguous
    gradient = tl.grad(lambda x: np.clip(x, 0.0, 1.0, **options).sum())(x)
    np.testing.assert_array_equal(gradient, (x >= 0) & (x <= 1))
    with pytest.raises(TypeError, match="takes no where="):
        np.clip(tl.tensor(x, requires_grad=True), 0.0, 1.0, where=x > 0)
    with pytest.raises(TypeError, match="cast"):
        np.clip(tl.tensor(x), 0.0, 1.0, dtype=int)


@pytest.mark.parametrize("power", [np.power, np.float_power])
def test_powers_with_the_exponent_0_to_order_2(power):
    """∂²y/∂a∂b = 1/a at b = 0, where ∂y/∂a = b aᵇ⁻¹ is 0."""
    a, b = np.array([1.5, 0.5, 2.0]), np.array([0.0, 0.0, 1.0])
    tl.check_gradients(power, a, b, order=2)
    mixed = tl.grad(lambda a, b: tl.grad(power)(a, b), 1)(1.5, 0.0)
    assert mixed == pytest.approx(1 / 1.5)
    assert tl.grad(power)(0.0, 0.0) == 0
    tl.check_gradients(power, a + 0.5j, b + 0j, order=2)


def test_powers_with_truth_values_for_exponents():
    b = np.array([True, False])
    gradient = tl.grad(lambda a: np.float_power(a, b).sum())(np.array([2.0, 3.0]))
    np.testing.assert_array_equal(gradient, [1.0, 0.0])


@pytest.mark.parametrize("f", [np.arcsin, np.arccos, np.arcsinh, np.arccosh, np.arctanh, np.sqrt, np.log, np.cbrt])
@pytest.mark.parametrize("side", [0.0, -0.0])
def test_derivatives_on_a_branch_cut_are_those_of_the_side(f, side):
    """As of numbers near it, on the side that the sign of the zero chooses."""
    if f is np.cbrt:
        pytest.skip("takes no complex numbers")
    parts = (2.4, side) if f in (np.arcsin, np.arccos, np.arctanh) else (side, 2.4) if f is np.arcsinh else (-2.4, side)
    z = np.array([complex(*parts), -complex(*parts)])
    near = z + 1e-9 * (1j * np.copysign(1, z.imag) if f is not np.arcsinh else np.copysign(1, z.real))
    for order in (1, 2):
        g = f if order == 1 else (lambda z: tl.vjp(f, z)[1](np.ones(2, complex))[0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            got, expected = [tl.vjp(g, x)[1](np.ones(2, complex))[0] for x in (z, near)]
        np.testing.assert_allclose(got, expected, rtol=1e-7)


@pytest.mark.parametrize("exponent", [0.5, -1.5, 3.0])
def test_powers_on_the_cut(exponent):
    z = np.array([complex(-2.0, -0.0), complex(-2.0, 0.0)])
    gradient = tl.vjp(lambda z: z**exponent, z)[1](np.ones(2, complex))[0]
    np.testing.assert_allclose(gradient, exponent * z ** (exponent - 1))
    slope = tl.vjp(lambda b: z**b, np.full(2, exponent))[1](np.ones(2, complex))[0]
    np.testing.assert_allclose(slope, (z**exponent * np.log(z)).real)


# ---------------------------------------------------------------------------------------------------------------------
# Python's numbers

HARD_POINTS = (
    0.0, -0.0, 0.5, -2.0, 1e-300, -1e-160, 5e-324, 1e160, -1e200, 710.0, -np.inf, np.inf, np.nan, 1.0000000001,
)  # fmt: skip
OF_TWO = sorted(
    {ufunc.__name__ for ufunc in DISPATCH if isinstance(ufunc, np.ufunc) and (ufunc.nin, ufunc.nout) == (2, 1)}
    - {"ldexp"}
)
"""But ldexp, whose exponent is an integer, and products of matrices, which take no numbers."""


def slopes_of_pairs(f: Any, place: int, order: int, a: Any, b: Any) -> Any:
    """∂ⁿf/∂xⁿ by one of two arguments."""
    for _ in range(order):
        f = tl.grad(lambda *x, f=f: np.sum(f(*x)), place)
    return f(a, b)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", [name for name in OF_TWO if hasattr(np, name) and getattr(np, name).signature is None])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_of_pythons_floats_slopes_are_those_of_arrays(name: str, order: int) -> None:
    """They are computed apart, and Python's floats overflow without a word."""
    f = getattr(np, name)
    pairs = [(a, b) for a in HARD_POINTS for b in HARD_POINTS]
    for place in (0, 1):
        of_arrays = np.array([slopes_of_pairs(f, place, order, *np.array([[a], [b]]))[0] for a, b in pairs])
        of_numbers = [float(slopes_of_pairs(f, place, order, a, b)) for a, b in pairs]
        # powers are not rounded alike by NumPy and by Python
        np.testing.assert_allclose(of_numbers, of_arrays, rtol=1e-15, atol=5e-323)
        zero = of_arrays == 0
        np.testing.assert_array_equal(np.signbit(of_numbers)[zero], np.signbit(of_arrays)[zero])


@pytest.mark.parametrize("far", [1e160, 1e200, -1e200, 1e300])
def test_arctan2_of_pythons_floats_far_away(far: float) -> None:
    np.testing.assert_allclose(tl.grad(np.arctan2, 1)(far, 1.0), -1 / far, rtol=1e-15)
    np.testing.assert_allclose(tl.grad(np.arctan2, 0)(1.0, far), 1 / far, rtol=1e-15)


@pytest.mark.parametrize("other", [np.array([]), np.array([1e200, 0.0, 5e-324])])
def test_arctan2_of_nan_and_infinity_has_no_slope(other: Any) -> None:
    """Whatever stands beside it."""
    a, b = np.append(np.inf, other), np.append(np.nan, other)
    with np.errstate(all="ignore"):
        for place in (0, 1):
            assert np.isnan(tl.grad(lambda a, b: np.arctan2(a, b).sum(), place)(a, b)[0])
            assert np.isnan(tl.grad(lambda a, b: np.arctan2(a, b).sum(), place)(b, a)[0])


@pytest.mark.parametrize(("a", "b", "mixed"), [
    (1e-300, 0.5, -3.4438776394910686e152),
    (1e-200, -0.5, 2.312585092994046e302),
    (1e300, 2.0, 1.3825510557964275e303),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_second_derivatives_of_powers_beside_infinite_ones(a: float, b: float, mixed: float) -> None:
    """∂²aᵇ/∂a∂b = aᵇ⁻¹ (1 + b ln a), in both places, also where ∂²/∂a² is beyond all floats."""
    second = tl.hessian(lambda v: v[0] ** v[1])(np.array([a, b]))
    np.testing.assert_allclose([second[0, 1], second[1, 0]], mixed, rtol=1e-13)
