"""Norms at 0 and of matrices, and shapes that have no diagonal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl


def leaf(*shape: int) -> tl.Tensor:
    return tl.Tensor(np.random.default_rng(1).uniform(-1, 1, shape), requires_grad=True)


@pytest.mark.parametrize("ord", [None, 1, 1.5, 2, 3, np.inf, -np.inf, 0])
def test_the_norm_of_zero_has_slope_zero(ord: Any) -> None:
    gradient = tl.grad(lambda x: tl.norm(x, ord))(np.zeros(3))
    np.testing.assert_array_equal(gradient, np.zeros(3))


@pytest.mark.parametrize("ord", [1, 1.5, 2, 3, np.inf])
def test_norms_with_a_zero_entry(ord: Any) -> None:
    gradient = tl.grad(lambda x: tl.norm(x, ord))(np.array([0.0, 1.0, -2.0]))
    assert gradient[0] == 0.0
    assert np.isfinite(gradient).all()


def test_one_zero_row_does_not_spoil_the_others() -> None:
    x = np.array([[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_allclose(tl.grad(lambda x: tl.norm(x, axis=1).sum())(x), [[0.0, 0.0], [0.6, 0.8]])
    of_others = tl.hessian(lambda x: tl.norm(x, axis=1).sum())(x)[1, :, 1, :]
    np.testing.assert_allclose(of_others, [[0.128, -0.096], [-0.096, 0.072]])


@pytest.mark.sampled(3)
@pytest.mark.parametrize("ord", [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
@pytest.mark.parametrize("axis", [(0, 1), (1, 0), (-1, 0), (2, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_matrix_norms_take_their_axes_in_order(ord: Any, axis: tuple[int, int], keepdims: bool) -> None:
    x = leaf(2, 3, 4)
    got = np.linalg.norm(x, ord, axis, keepdims)
    np.testing.assert_allclose(got.data, np.linalg.norm(x.data, ord, axis, keepdims), rtol=1e-14)
    tl.check_gradients(lambda x: tl.norm(x, ord, axis, keepdims), x.data, directions=1)


@pytest.mark.parametrize(("ord", "shape"), [("all", (2, 2)), ("nuc", (3,)), (1, (2, 2, 2)), ("fro", (3,)), (3, (2, 2))])
def test_norms_that_there_are_not_are_refused(ord: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"norm.*ord"):
        tl.norm(leaf(*shape), ord)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64])
def test_norms_of_integers_do_not_overflow(dtype: Any) -> None:
    x = np.array([100, 100], dtype)
    for ord in (None, 1, np.inf, 3):
        np.testing.assert_allclose(tl.norm(x, ord), np.linalg.norm(x, ord))


def test_a_norm_of_a_tensor_is_a_tensor() -> None:
    for ord in (None, 0, 1, 2, 3, np.inf):
        assert isinstance(tl.norm(leaf(3), ord), tl.Tensor)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: tl.diagonal(leaf(3)), r"diagonal.*\(3,\)"),
        (lambda: tl.diagonal(leaf(3, 3), axis1=0, axis2=-2), "repeated axis"),
        (lambda: tl.trace(leaf(3)), r"\(3,\)"),
    ],
)
def test_shapes_without_a_diagonal_are_named(call: Any, said: str) -> None:
    with pytest.raises((ValueError, IndexError), match=said):
        call()


@pytest.mark.parametrize("f", [np.linalg.norm, np.linalg.vector_norm])
def test_second_derivatives_by_a_complex_entry_that_is_0(f):
    tl.check_gradients(f, np.array([0j, 1.5 - 0.5j, 0.3 + 1j]), order=2)
    tl.check_gradients(lambda z: np.linalg.norm(z, axis=0), np.array([[0j, 1.0], [0.5j, 0j]]), order=2)


def test_the_norm_has_no_second_derivative_at_0() -> None:
    """Its square has; not what is scaled before, of which the length is no input: 0 · ∞, which is not 0."""
    for f in (np.linalg.norm, np.std, lambda x: (np.linalg.norm(x) / 2) ** 2):
        assert np.isnan(tl.hessian(f)(np.zeros(2))).all()
    for f in (lambda x: np.sum(x * x), lambda x: np.linalg.norm(x) ** 2):
        np.testing.assert_array_equal(tl.hessian(f)(np.zeros(2)), 2 * np.eye(2))


@pytest.mark.parametrize("scale", [5e-324, 1e-310, 1e-170, 1e-155, 1e-140, 1.0, 1e140, 1e160, 1e200, 2.0**1021])
@pytest.mark.parametrize("f", [np.linalg.norm, lambda x: np.linalg.norm(x, axis=1, keepdims=True).sum()])
def test_norms_whose_squares_are_no_numbers(f: Any, scale: float) -> None:
    x = np.array([[3.0, -4.0]]) * scale
    assert f(tl.tensor(x)).item() == pytest.approx(5.0 * scale, rel=1e-15)
    np.testing.assert_allclose(tl.grad(f)(x), [[0.6, -0.8]], rtol=1e-15)


def test_only_the_lengths_that_need_it_are_computed_again() -> None:
    x = np.array([[1e-200, 1e-200], [0.0, 0.0], [0.1, 0.3], [1e300, 0.0], [np.inf, 1.0], [np.nan, 1.0]])
    expected = [np.sqrt(2) * 1e-200, 0.0, np.linalg.norm(x[2]), 1e300, np.inf, np.nan]
    np.testing.assert_array_equal(tl.norm(x, axis=1), expected)


def test_small_lengths_lose_nothing_to_underflow() -> None:
    for exponent in range(-520, -420, 4):  # where squares of entries vanish beside larger ones
        x = np.ldexp(np.array([1.0, *[2.0**-20] * 1023]), exponent)
        assert tl.norm(x) == pytest.approx(np.ldexp(np.sqrt(1 + 1023 * 2.0**-40), exponent), rel=1e-15)


def test_lengths_in_single_and_half_precision() -> None:
    for dtype, x in ((np.float32, [3e30, 4e30]), (np.float32, [3e-30, 4e-30]), (np.float16, [300.0, 400.0])):
        gradient = tl.grad(np.linalg.norm)(np.array(x, dtype))
        assert gradient.dtype == dtype
        np.testing.assert_allclose(gradient, [0.6, 0.8], rtol=1e-3 if dtype == np.float16 else 1e-6)


ORDERS = [0.5, 1, 1.5, 2, 3, 40, -0.5, -1, -3, np.inf, -np.inf]


@pytest.mark.parametrize("ord", ORDERS)
@pytest.mark.parametrize("scale", [-1060, -700, -250, 250, 700, 1015])
def test_norms_of_every_order_are_homogeneous(ord: Any, scale: int) -> None:
    """‖s x‖ = s ‖x‖ and its gradient does not depend on s, whatever becomes of powers."""
    x = np.array([[3.0, -4.0], [1.0, 2.0]])
    for f in (lambda x: tl.norm(x, ord, axis=1).sum(), lambda x: tl.vector_norm(x, ord=ord)):
        y, slope = tl.value_and_grad(f)(x)
        scaled, slope_scaled = tl.value_and_grad(f)(np.ldexp(x, scale))
        assert scaled == pytest.approx(np.ldexp(y, scale), rel=1e-13 if scale > -1000 else 0.3)
        np.testing.assert_allclose(slope_scaled, slope, rtol=1e-12 if scale > -1000 else 0.3)


@pytest.mark.parametrize(("ord", "small"), [(0.5, 1e170), (1.5, 1e-170), (3, 0.0), (-1.5, 1.0)])
def test_norms_of_small_and_large_entries(ord: float, small: float) -> None:
    slope = tl.grad(lambda x: tl.norm(x, ord))(np.array([1e-170, 1e170]))
    np.testing.assert_allclose(slope, [small, 0.0 if ord < 0 else 1.0], rtol=1e-12)


@pytest.mark.filterwarnings("ignore")  # of 0 to a negative power
@pytest.mark.parametrize("ord", [1.5, 3, -2])
def test_no_norm_that_bends_has_a_second_derivative_at_0(ord: float) -> None:
    assert np.isnan(tl.hessian(lambda x: tl.norm(x, ord))(np.zeros(2))).all()


@pytest.mark.parametrize("ord", ["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
@pytest.mark.parametrize("scale", [-900, -500, 500, 1000])
def test_matrix_norms_are_homogeneous(ord: Any, scale: int) -> None:
    x = np.array([[3.0, -4.0], [1.0, 2.5]])
    y, slope = tl.value_and_grad(lambda x: tl.norm(x, ord))(x)
    scaled, slope_scaled = tl.value_and_grad(lambda x: tl.norm(x, ord))(np.ldexp(x, scale))
    assert scaled == pytest.approx(np.ldexp(y, scale), rel=1e-13)
    np.testing.assert_allclose(slope_scaled, slope, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("p", [2, 3, 7])
def test_the_direction_of_the_smallest_vectors_is_that_of_others(p: int, dtype: Any) -> None:
    """The length, a multiple of the smallest number, is rounded by up to a half of it."""
    x = np.array([[1, 1, 0], [3, -4, 1]], dtype)
    smallest = x * np.finfo(dtype).smallest_subnormal
    assert smallest.any()
    slopes = [tl.grad(lambda x: tl.norm(x, p, axis=1).sum())(a) for a in (smallest, x)]
    np.testing.assert_allclose(*slopes, rtol=8 * np.finfo(dtype).eps)
    assert slopes[0].dtype == dtype


def test_the_slope_of_the_smallest_deviations() -> None:
    slope = tl.grad(np.std)(np.array([1.0, -1.0, 0.0]) * 5e-324)
    np.testing.assert_allclose(slope, tl.grad(np.std)(np.array([1.0, -1.0, 0.0])), rtol=1e-14)


@pytest.mark.parametrize("order", [2, -2, "nuc", "fro", 1, -1, np.inf, -np.inf])
def test_norms_of_matrices_have_slope_0_at_0(order: Any) -> None:
    norm = lambda x: np.linalg.norm(x, order, axis=(-2, -1)).sum()
    assert not tl.grad(norm)(np.zeros((2, 2))).any()
    x = np.stack([np.zeros((2, 2)), np.diag([2.0, 1.0])])  # and others keep theirs
    np.testing.assert_array_equal(tl.grad(norm)(x), [np.zeros((2, 2)), tl.grad(norm)(x[1])])
