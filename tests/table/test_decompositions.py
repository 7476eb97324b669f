"""Inverses, determinants and decompositions: values, equal eigenvalues, singular matrices, errors."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.eigenvalues import nearest_order

RNG = np.random.default_rng(5)
TALL, SQUARE = RNG.uniform(-1, 1, (5, 2)), RNG.uniform(-1, 1, (3, 3)) + 3 * np.eye(3)
WEIGHTS = RNG.uniform(-1, 1, (5, 5))
TIED = np.array([[2.0, 1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 1.0, 2.0]])  # eigenvalues 1, 1, 4 but for rounding


def leaf(x: Any) -> tl.Tensor:
    return tl.Tensor(np.array(x), requires_grad=True)


def assert_same(got: Any, expected: Any) -> None:
    if isinstance(expected, tuple):
        assert len(got) == len(expected)
        assert getattr(got, "_fields", None) == getattr(expected, "_fields", None)
        for a, b in zip(got, expected, strict=True):
            assert_same(a, b)
        return
    assert isinstance(got, tl.Tensor)
    assert (got.shape, got.dtype) == (np.shape(expected), np.asarray(expected).dtype)
    np.testing.assert_allclose(got.data, expected, rtol=1e-12, atol=1e-12)


INPUTS = {
    "square": SQUARE,
    "lists": SQUARE.tolist(),
    "integers": np.array([[2, 1], [1, 3]]),
    "float32": SQUARE.astype(np.float32),
    "several": np.stack([SQUARE, TIED])[:, None],
    "transposed": SQUARE.T,
    "strided": np.repeat(SQUARE, 2, axis=1)[:, ::2],
    "none": np.zeros((0, 3, 3)),
    "empty": np.zeros((0, 0)),
    "tall": TALL,
    "wide": TALL.T,
    "singular": np.ones((3, 3)),
    "vector": np.ones(3),
}
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "inv": np.linalg.inv,
    "pinv": np.linalg.pinv,
    "pinv_hermitian": lambda a: np.linalg.pinv(a, hermitian=True),
    "pinv_rtol": lambda a: np.linalg.pinv(a, rtol=1e-12),
    "det": np.linalg.det,
    "slogdet": np.linalg.slogdet,
    "cholesky": lambda a: np.linalg.cholesky(a),
    "cholesky_upper": lambda a: np.linalg.cholesky(a, upper=True),
    "qr": np.linalg.qr,
    "qr_complete": lambda a: np.linalg.qr(a, mode="complete"),
    "qr_r": lambda a: np.linalg.qr(a, "r"),
    "svd": np.linalg.svd,
    "svd_thin": lambda a: np.linalg.svd(a, full_matrices=False),
    "svd_values": lambda a: np.linalg.svd(a, compute_uv=False),
    "svd_hermitian": lambda a: np.linalg.svd(a, hermitian=True),
    "svdvals": np.linalg.svdvals,
    "eigh": np.linalg.eigh,
    "eigh_upper": lambda a: np.linalg.eigh(a, "U"),
    "eigvalsh": np.linalg.eigvalsh,
    "cond": np.linalg.cond,
    "cond_one": lambda a: np.linalg.cond(a, 1),
    "matrix_power": lambda a: np.linalg.matrix_power(a, 5),
    "matrix_power_0": lambda a: np.linalg.matrix_power(a, 0),
    "matrix_power_-1": lambda a: np.linalg.matrix_power(a, -1),
    "trace": np.linalg.trace,
    "diagonal": lambda a: np.linalg.diagonal(a, offset=1),
    "matrix_norm": np.linalg.matrix_norm,
    "nuclear": lambda a: np.linalg.matrix_norm(a, ord="nuc"),
    "matrix_transpose": np.linalg.matrix_transpose,
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_values_and_errors_are_numpys(name: str, kind: str) -> None:
    function, x = FUNCTIONS[name], INPUTS[kind]
    try:
        expected = function(x)
    except Exception as error:
        with pytest.raises(np.linalg.LinAlgError if isinstance(error, np.linalg.LinAlgError) else ValueError):
            function(tl.tensor(x))
        return
    assert_same(function(tl.tensor(x)), expected)


def test_eigenvalues_of_any_matrix() -> None:
    for a in (np.diag([3.0, 1.0, 2.0]) + 0.1, np.array([[2.0, 1.0], [0.0, 3.0]])):
        assert_same(np.linalg.eig(tl.tensor(a)), np.linalg.eig(a))
        assert_same(np.linalg.eigvals(tl.tensor(a)), np.linalg.eigvals(a))


def test_eigenvalues_in_another_order_are_matched() -> None:
    np.testing.assert_array_equal(nearest_order(np.array([1.0, 2.0, 3.0]), np.array([3.0, 1.0, 2.0])), [1, 2, 0])
    np.testing.assert_array_equal(np.sort(nearest_order(np.ones((2, 3)), np.ones((2, 3)))), [[0, 1, 2]] * 2)


@pytest.mark.parametrize("rcond", [None, -1, 1e-3])
@pytest.mark.parametrize("b", [TALL[:, 0] ** 2, TALL**2, np.zeros((5, 0))])
@pytest.mark.parametrize("a", [TALL, np.ones((5, 2)), np.ones((5, 7)), WEIGHTS])
def test_least_squares(a: Any, b: Any, rcond: Any) -> None:
    x, residuals, rank, s = np.linalg.lstsq(leaf(a), b, rcond)
    expected = np.linalg.lstsq(a, b, rcond)
    for got, right in zip((x, residuals, s), (expected[0], expected[1], expected[3]), strict=True):
        assert_same(got, right)
    assert rank == expected[2]


def test_least_squares_of_fewer_equations_and_of_residuals() -> None:
    tl.check_gradients(lambda a, b: np.linalg.lstsq(a, b)[0], TALL.T, TALL[:2], order=2)
    tl.check_gradients(lambda a, b: np.linalg.lstsq(a, b)[1], TALL, TALL**2, order=2)


# ---------------------------------------------------------------------------------------------------------------------
# Singular matrices


@pytest.mark.parametrize(
    "a",
    [
        np.arange(9.0).reshape(3, 3),  # singular but for rounding
        np.eye(3),
        np.zeros((3, 3)),
        np.ones((4, 4)),
        np.diag([1.0, 0.0, 0.0]),
        np.diag([1e-7, 1.0, 2.0]),
        np.ones((2, 3, 3)),
        np.zeros((1, 1)),
    ],
)
def test_determinants_of_any_rank(a: Any) -> None:
    tl.check_gradients(np.linalg.det, a, order=2)


def test_determinants_of_infinite_entries_have_no_gradient() -> None:
    """Their singular values are nobody's; LAPACK may not even return."""
    a = np.array([[1e-308, 1.23, -1e-200], [-0.857, -1.784, 2.0], [np.inf, -0.0, 3.0]])
    with np.errstate(invalid="ignore"):
        assert np.isnan(tl.grad(np.linalg.det)(a)).all()
        both = tl.grad(lambda a: np.linalg.det(a).sum())(np.stack([a, np.eye(3)]))
    np.testing.assert_allclose(both[1], np.eye(3), atol=1e-15)


def test_determinants_beyond_the_range_have_gradients_within() -> None:
    with np.errstate(over="ignore"), warnings.catch_warnings(action="ignore"):
        gradient = tl.grad(np.linalg.det)(1e10 * np.eye(31))
    np.testing.assert_allclose(gradient, 1e300 * np.eye(31))


def test_what_singular_matrices_have_not() -> None:
    functions = {
        r"inv\(float64\[2, 2\]\): Singular": np.linalg.inv,
        r"solve\(float64\[2, 2\], float64\[2, 1\]\): Singular": lambda a: np.linalg.solve(a, [1.0, 2.0]),
        r"slogdet: log\|det A\| is −∞ .* np\.linalg\.det has one": lambda a: np.linalg.slogdet(a)[1],
        r"slogdet: log": lambda a: np.linalg.slogdet(a + 0j)[1],
    }
    for message, function in functions.items():
        for derivative in (tl.grad, tl.hessian):
            with pytest.raises(np.linalg.LinAlgError, match=message):
                derivative(lambda a, f=function: f(a).sum())(np.ones((2, 2)))
    assert np.linalg.cond(leaf(np.ones((2, 2))), 1).item() == np.inf
    np.testing.assert_array_equal(np.isinf(np.linalg.cond(leaf([np.ones((2, 2)), np.eye(2)]), "fro").data), [1, 0])


CUT = np.diag([3.0, 2.0, 0.5]) + 0.1 * np.array([[0.3, -0.7, 0.2], [0.5, 0.1, 0.9], [-0.4, 0.6, 0.8]])


def without_the_least(a: Any) -> Any:
    """What the refusal says to write: A without the part of its third singular value."""
    Vh = np.linalg.svd(a, full_matrices=False)[2][:2]
    return a @ Vh.conj().T @ Vh


@pytest.mark.parametrize(
    "f",
    [
        lambda a: np.linalg.pinv(a, 0.3),
        lambda a: np.linalg.pinv(a, rtol=0.3, hermitian=True),
        lambda a: np.linalg.lstsq(a, [1.0, 2.0, 3.0], 0.3)[0],
        lambda a: np.linalg.pinv(a + 0.5j * a.T, 0.3),
    ],
)
def test_what_is_cut_off_and_not_0_has_no_derivative_at_a_rank(f: Any) -> None:
    a = CUT + CUT.T
    assert_same(f(leaf(a)), f(a))
    with pytest.raises(np.linalg.LinAlgError, match=r"(pinv|lstsq): singular values of up to .* are cut off.*Vh"):
        tl.grad(lambda a: np.abs(f(a)).sum())(a)
    tl.grad(lambda a: np.abs(f(a)).sum())(without_the_least(a))  # at a rank it has


@pytest.mark.parametrize("f", [lambda a: np.linalg.pinv(a, 0.3), lambda a: np.linalg.lstsq(a, [1.0, 2.0, 3.0], 0.3)[0]])
def test_what_is_said_to_have_its_derivative_has_it(f: Any) -> None:
    np.testing.assert_allclose(f(without_the_least(CUT)), f(CUT))
    tl.check_gradients(lambda a: f(without_the_least(a)), CUT)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.polyfit(x, [1.0, 2.0, 0.0, 5.0], 3, rcond=0.3).sum(),
        lambda y: np.polyfit([0.0, 1.0, 2.0, 4.0], y, 3, rcond=0.3).sum(),
    ],
)
def test_a_fit_of_which_powers_are_cut_off_has_no_derivative(f: Any) -> None:
    with (
        pytest.warns(np.exceptions.RankWarning),
        pytest.raises(np.linalg.LinAlgError, match="polyfit: singular values"),
    ):
        tl.grad(f)(np.array([0.0, 1.0, 2.0, 4.0]))


# ---------------------------------------------------------------------------------------------------------------------
# Equal eigenvalues and singular values


@pytest.mark.parametrize(
    "function",
    [
        lambda a: np.linalg.eigvalsh(a).sum(),
        lambda a: np.linalg.eigh(a)[0].sum(),
        lambda a: np.linalg.eigvals(a).sum(),
        lambda a: np.linalg.svdvals(a).sum(),
        lambda a: np.linalg.svd(a)[1].sum(),
        lambda a: np.linalg.norm(a, "nuc"),
    ],
)
def test_sums_of_equal_values(function: Any) -> None:
    np.testing.assert_allclose(tl.grad(function)(2 * np.eye(3)), np.eye(3), atol=1e-14)


def test_projections_on_what_equal_values_span() -> None:
    weights = WEIGHTS[:3, :3]

    def of_symmetric(a: Any) -> Any:
        v = np.linalg.eigh((a + a.T) / 2)[1][:, :2]
        return (weights * (v @ v.T)).sum()

    def of_any(a: Any) -> Any:
        u, _, vh = np.linalg.svd(a)
        return (weights * (u[:, 1:] @ vh[1:])).sum()

    tl.check_gradients(of_symmetric, TIED, order=1)
    tl.check_gradients(of_any, TIED, order=1)


def test_the_nuclear_norm_of_zero_has_slope_zero() -> None:
    np.testing.assert_array_equal(tl.grad(lambda a: np.linalg.norm(a, "nuc"))(np.zeros((2, 3))), np.zeros((2, 3)))


# ---------------------------------------------------------------------------------------------------------------------
# Bases of what is left over


REST: dict[str, Callable[[Any], Any]] = {
    "svd": lambda a: np.linalg.svd(a)[0][:, 2:],
    "svd-wide": lambda a: np.linalg.svd(a.T)[2].T[:, 2:],
    "qr": lambda a: np.linalg.qr(a, "complete")[0][:, 2:],
}


@pytest.mark.parametrize("name", REST)
def test_further_columns_have_the_derivative_of_what_they_span(name: str) -> None:
    def projection(a: Any) -> Any:
        rest = REST[name](a)
        return (WEIGHTS * (rest @ rest.T)).sum()

    tl.check_gradients(projection, TALL, order=2)
    with pytest.raises(ValueError, match=r"which basis.*full_matrices=False|which basis.*mode='reduced'"):
        tl.grad(lambda a: REST[name](a)[0, 1])(TALL)


# ---------------------------------------------------------------------------------------------------------------------
# One triangle


@pytest.mark.parametrize(
    ("function", "lower"),
    [
        (lambda a: np.linalg.cholesky(a), True),
        (lambda a: np.linalg.cholesky(a, upper=True), False),
        (lambda a: np.linalg.eigvalsh(a), True),
        (lambda a: np.linalg.eigvalsh(a, "U"), False),
        (lambda a: np.linalg.svd(a, hermitian=True)[1], True),
        (lambda a: np.linalg.pinv(a, hermitian=True), True),
    ],
)
def test_entries_that_are_not_read_have_no_gradient(function: Any, lower: bool) -> None:
    a = TIED + np.diag([1.0, 2.0, 4.0])
    gradient = tl.grad(lambda a: function(a).sum())(a)
    np.testing.assert_array_equal(gradient, np.tril(gradient) if lower else np.triu(gradient))
    assert np.count_nonzero(gradient) == 6


# ---------------------------------------------------------------------------------------------------------------------
# np.linalg's names for what NumPy has, and products


@pytest.mark.parametrize(
    "function",
    [
        lambda a: np.linalg.trace(a, offset=1),
        lambda a: np.linalg.trace(a, dtype=np.float32),
        lambda a: np.linalg.outer(a[0, 0], a[0, 1]),
        lambda a: np.linalg.cross(a, a[0]),
        lambda a: np.linalg.vecdot(a, a[1], axis=-2),
        lambda a: np.linalg.tensordot(a, a[0], axes=1),
        lambda a: np.linalg.matmul(a, a),
        lambda a: np.linalg.multi_dot([a[0], a[1], a[0], a[1, 0]]),
        lambda a: np.kron(a, a[0]),
        lambda a: np.cross(a, a[0], axisa=1, axisc=0),
        lambda a: np.linalg.vector_norm(a, axis=(0, 2), keepdims=True, ord=3),
        lambda a: np.linalg.tensorsolve(a[0].reshape(3, 3, 1), a[1, 0]),
    ],
)
def test_other_products(function: Any) -> None:
    a = RNG.uniform(0.5, 1, (2, 3, 3)) + np.eye(3)
    assert_same(function(leaf(a)), function(a))
    if function(a).dtype == float:
        tl.check_gradients(function, a, order=2)


@pytest.mark.parametrize("shapes", [((2,), (2,)), ((4, 2), (3,)), ((3,), (4, 2)), ((4, 2), (4, 2))])
@pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors:DeprecationWarning")
def test_cross_products_of_vectors_of_two_components(shapes: Any) -> None:
    a, b = [RNG.uniform(-1, 1, shape) for shape in shapes]
    assert_same(np.cross(leaf(a), leaf(b)), np.cross(a, b))
    with pytest.warns(DeprecationWarning, match="2-dimensional"):
        np.cross(leaf(a), leaf(b))


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda a: np.linalg.qr(a, "raw"), ValueError, "qr: mode must be"),
        (lambda a: np.linalg.eigh(a, "X"), ValueError, "eigh: UPLO must be"),
        (lambda a: np.linalg.solve(a, np.ones(4)), ValueError, "solve: 3 equations"),
        (lambda a: np.linalg.lstsq(a, np.ones(4)), np.linalg.LinAlgError, "differ in their first axis"),
        (lambda a: np.linalg.lstsq(a[None], np.ones(3)), np.linalg.LinAlgError, "takes one matrix"),
        (lambda a: np.linalg.pinv(a, 1e-3, rtol=1e-3), ValueError, "rcond and rtol"),
        (lambda a: np.linalg.tensorsolve(a[:2], np.ones(2)), np.linalg.LinAlgError, "as many unknowns"),
        (lambda a: np.linalg.tensorinv(a, 0), ValueError, "ind must be positive"),
        (lambda a: np.linalg.matrix_power(a, 0.5), TypeError, "whole number"),
        (lambda a: np.linalg.multi_dot([a]), ValueError, "two matrices or more"),
        (lambda a: np.linalg.multi_dot([a, a[None], a]), np.linalg.LinAlgError, "takes matrices"),
        (lambda a: np.linalg.cross(a[:, :2], a), ValueError, "three components"),
        (lambda a: np.linalg.vecdot(a[:, :2], a), ValueError, "components"),
        (lambda a: np.linalg.outer(a, a), ValueError, "two vectors"),
        (lambda a: np.cross(a[0, 0], a[0]), ValueError, "needs vectors"),
        (lambda a: np.cross(np.ones(4), a[0]), ValueError, "two components or three"),
        (lambda a: np.linalg.cond(a[:0]), np.linalg.LinAlgError, "empty"),
    ],
)
def test_what_cannot_be_is_said(call: Any, kind: Any, said: str) -> None:
    with pytest.raises(kind, match=said):
        call(leaf(SQUARE))


def test_a_rank_is_a_constant() -> None:
    assert np.linalg.matrix_rank(leaf(np.ones((3, 3)))) == 1


def test_pseudo_inverses_cut_off_by_precision() -> None:
    assert_same(np.linalg.pinv(leaf(TALL), rtol=None), np.linalg.pinv(TALL, rtol=None))


def test_programs_catch_errors_by_numpys_name() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="cholesky"):
        np.linalg.cholesky(leaf(-np.eye(2)))


def test_functions_free_of_phase_and_basis_have_derivatives_of_two_orders(basis_cases: Any) -> None:
    for program in basis_cases:
        tl.check_gradients(program, *program.variables, order=2)


def test_a_complex_diagonal_is_read_as_its_real_part() -> None:
    """As LAPACK reads Hermitian matrices."""
    a = np.array([[2.0 + 5j, 7.0], [1.0 - 1j, 3.0 - 4j]])
    for f in (np.linalg.eigvalsh, np.linalg.cholesky, lambda x: np.linalg.pinv(x, hermitian=True)):
        tl.check_gradients(f, a, order=2)


def test_dependent_columns_have_no_qr_derivative() -> None:
    a = np.array([[1.0, 0.5], [0.3, -0.2], [0.7, 0.1], [0.2, 0.9]])
    twice = np.concatenate([a, a], axis=1)
    np.testing.assert_allclose(np.linalg.qr(tl.tensor(twice), mode="r").data, np.linalg.qr(twice, mode="r"))
    with pytest.raises(np.linalg.LinAlgError, match="qr: columns of A are linearly dependent"):
        tl.grad(lambda a: np.linalg.qr(a, mode="r").sum())(twice)


def test_the_pseudo_inverse_of_one_triangle_reads_a_real_diagonal() -> None:
    a = np.array([[2.0 + 0.7j, 0.3j], [0.5 - 0.2j, 5.0 - 1j]])
    tl.check_gradients(lambda a: np.linalg.pinv(a, hermitian=True), a, order=2)


def test_the_pseudo_inverse_of_nothing_has_a_gradient_of_nothing() -> None:
    for shape in ((0, 2), (3, 0), (0, 0)):
        gradient = tl.grad(lambda a: np.linalg.pinv(a, hermitian=True).sum())(np.zeros(shape))
        assert gradient.shape == shape
