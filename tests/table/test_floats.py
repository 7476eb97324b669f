"""Parts of floating-point numbers, units of angles, sinc and Bessel's function, at points that samples leave out."""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table import floats

NUMBERS = np.array([0.0, -0.0, 1.5, -2.25, 4.0, -1e-310, 1e300, np.inf, -np.inf, np.nan])


def same(got, expected):
    """Bit for bit, with NumPy's dtype."""
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)
    if expected.dtype.kind == "f":
        np.testing.assert_array_equal(np.signbit(got), np.signbit(expected))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
@pytest.mark.parametrize(
    "function",
    [np.fabs, np.degrees, np.rad2deg, np.radians, np.deg2rad, np.fix, np.sinc, np.i0, np.spacing],
    ids=lambda f: f.__name__,
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_values_are_numpys(function, dtype):
    x = NUMBERS.astype(np.float32).clip(-50, 50).astype(dtype) if dtype != np.float64 else NUMBERS.clip(-50, 50)
    same(np.asarray(getattr(function(tl.Tensor(x)), "data", function(x))), function(x))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_parts_are_numpys(dtype):
    x = np.array([0.0, -0.0, 1.5, -2.25, 4.0, np.inf, -np.inf, np.nan, 1e-30], dtype)
    for got, expected in zip(np.modf(tl.Tensor(x)), np.modf(x), strict=True):
        same(got.data, expected)
    (mantissa, exponent), expected = np.frexp(tl.Tensor(x)), np.frexp(x)
    same(mantissa.data, expected[0])
    np.testing.assert_array_equal(exponent[np.isfinite(x)], expected[1][np.isfinite(x)])
    assert exponent.dtype.kind == "i"
    same(np.ldexp(mantissa, exponent).data, x)


def test_whole_numbers():
    x = np.array([3, -2])
    for got, expected in zip(np.modf(tl.Tensor(x)), np.modf(x), strict=True):
        same(got.data, expected)
    with pytest.raises(TypeError):
        np.ldexp(tl.tensor([1.0], requires_grad=True), 0.5)


def test_gradients_of_parts():
    x = np.array([1.75, -3.5])
    np.testing.assert_array_equal(tl.grad(lambda x: np.modf(x)[0].sum())(x), [1, 1])
    np.testing.assert_array_equal(tl.grad(lambda x: np.frexp(x)[0].sum())(x), [0.5, 0.25])
    np.testing.assert_array_equal(tl.grad(lambda x: np.modf(x)[1].sum())(x), [0, 0])
    tl.check_gradients(lambda x: np.square(np.ldexp(x, [[1], [2]])), x, order=2)


def test_signs_at_zero():
    """As of the absolute value, whose derivative at 0 is 0 here."""
    assert tl.grad(np.fabs)(0.0) == tl.grad(lambda a: np.copysign(a, -1.0))(0.0) == 0
    assert tl.grad(lambda a: np.copysign(a, -1.0))(2.0) == -1
    assert tl.grad(lambda b: np.copysign(2.0, b) + b)(0.0) == 1


def test_the_next_number():
    a = np.array([1.0, 0.0, np.inf])
    y, pull = tl.vjp(lambda a: np.nextafter(a, 2.0), a)
    same(y, np.nextafter(a, 2.0))
    np.testing.assert_array_equal(pull(np.ones(3))[0], np.ones(3))


@pytest.mark.parametrize("order", range(5))
def test_derivatives_of_sinc(order):
    """|dⁿ/dxⁿ sinc| ≤ πⁿ/(n + 1), at 0 for even n."""
    mpmath = pytest.importorskip("mpmath")
    x = np.array([0.0, 1e-12, -1e-5, 0.01, 0.5, 1.0, -1.2, 1.26, 2.0, 7.5, -100.25])
    expected = [float(mpmath.diff(mpmath.sincpi, v, order)) if v or not order else 0 for v in x]
    if order and order % 2 == 0:
        expected[0] = (-1) ** (order // 2) * np.pi**order / (order + 1)
    np.testing.assert_allclose(floats._sinc(x, order=order), expected, atol=1e-13 * np.pi**order)
    assert floats._sinc(np.float32(0.5), order=order).dtype == np.float32


@pytest.mark.parametrize("order", range(4))
def test_bessel_functions(order):
    special = pytest.importorskip("scipy.special")
    x = np.array([0.0, 1e-8, -1e-3, 0.5, 3.0, -20.0, 300.0, -700.0])
    scale = np.maximum(special.iv(0, x), 1)
    np.testing.assert_allclose(floats._i0(x, order=order) / scale, special.iv(order, x) / scale, atol=1e-13)
    tiny = np.array([1e-8, -1e-150])
    np.testing.assert_allclose(floats._i0(tiny, order=1), tiny / 2, rtol=1e-14)
    if order:  # of order 0 NumPy says that it is no number
        assert floats._i0(np.array([np.inf]), order=order) == np.inf


def test_derivatives_of_bessels_function_at_zero():
    f = np.i0
    for expected in (1.0, 0.0, 0.5, 0.0, 0.375):
        np.testing.assert_allclose(f(0.0), expected, atol=1e-14)
        f = tl.grad(f)
    with pytest.raises(TypeError, match="complex"):
        tl.i0(np.array([1j]))


def test_kaisers_window():
    for n in (0, 1, 2, 5, 12):
        for beta in (0.0, 2.5, 14.0):
            np.testing.assert_allclose(tl.kaiser(n, beta), np.kaiser(n, beta), rtol=1e-14)
    tl.check_gradients(lambda b: tl.kaiser(6, b) ** 2, 8.6, order=2)
    assert tl.kaiser(4, np.float32(2)).dtype == np.float32
    with pytest.raises(TypeError, match=r"tl\.kaiser\(M, beta\) keeps it"):
        np.kaiser(3, tl.tensor(1.0, requires_grad=True))
    tnp = tl.numpy
    assert tl.grad(lambda b: tnp.kaiser(4, b).sum())(2.0) < 0


@pytest.mark.parametrize("names", [("fmod", "remainder"), ("logaddexp2", "logaddexp")])
def test_two_of_a_kind(names):
    a, b = np.array([5.5, -5.5, 5.5, -5.5]), np.array([2.0, 2.0, -2.0, -2.0])
    f = getattr(np, names[0])
    same(f(tl.Tensor(a), b).data, f(a, b))
    tl.check_gradients(lambda a, b: f(a, b) ** 2, a, b, order=2)


def test_large_and_small_exponents():
    gradient = tl.grad(lambda a: np.logaddexp2(a, 0.0).sum())(np.array([-2000.0, 0.0, 2000.0, -np.inf]))
    np.testing.assert_array_equal(gradient, [0, 0.5, 1, 0])
