"""Polynomials whose lowest power comes first: as NumPy has them, or refused where NumPy would go on with other ones."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
import tinygrad_lite.numpy as tnp
from tinygrad_lite.numpy.series import POWER_SERIES
from tinygrad_lite.table.requests import IN_NAMESPACE

X = np.array([0.3, -0.7, 1.2])
R = np.array([0.5, -1.0, 2.0])
MANY = np.arange(9.0).reshape(3, 3)
SHAPES = (R[0], X, np.outer(X, R))
VALUES = (
    *(np.polynomial.polynomial.polyval, np.polynomial.chebyshev.chebval, np.polynomial.legendre.legval),
    *(np.polynomial.hermite.hermval, np.polynomial.hermite_e.hermeval, np.polynomial.laguerre.lagval),
)


@pytest.mark.parametrize("x", SHAPES, ids=np.shape)
@pytest.mark.parametrize("r", [R[0], R, MANY], ids=np.shape)
def test_values_from_roots(x: Any, r: Any) -> None:
    ours = tnp.polynomial.polynomial.polyvalfromroots
    np.testing.assert_array_equal(
        ours(tl.tensor(x), tl.tensor(r)).data, np.polynomial.polynomial.polyvalfromroots(np.asarray(x), r)
    )
    tl.check_gradients(lambda x, r: np.sum(ours(x, r) ** 2), x, r)


def test_values_from_roots_beside_their_axes() -> None:
    ours, theirs = tnp.polynomial.polynomial.polyvalfromroots, np.polynomial.polynomial.polyvalfromroots
    np.testing.assert_array_equal(ours(tl.tensor(X), MANY, tensor=False).data, theirs(X, MANY, tensor=False))
    for x in (X, tl.tensor(X)):
        with pytest.raises(ValueError, match="tensor"):
            ours(x, R, tensor=False)


@pytest.mark.parametrize("values", VALUES, ids=lambda f: f.__name__)
def test_one_polynomial_takes_tensors(values: Any) -> None:
    for x in SHAPES:
        np.testing.assert_allclose(values(tl.tensor(x), R).data, values(x, R), rtol=1e-14)
    np.testing.assert_array_equal(values(tl.tensor(X), MANY, tensor=False).data, values(X, MANY, tensor=False))
    tl.check_gradients(lambda x: np.sum(values(x, R)), X)


@pytest.mark.parametrize("columns", [1, 2, 3])
@pytest.mark.parametrize("values", VALUES, ids=lambda f: f.__name__)
def test_several_polynomials_are_not_taken_for_others(values: Any, columns: int) -> None:
    """NumPy takes a Tensor for a number there: the values would be wrong, with and without a gradient."""
    c = MANY[:columns]
    for leaf in (tl.tensor(X), tl.tensor(X, requires_grad=True)):
        for state in (contextlib.nullcontext(), tl.no_grad()):
            with state, pytest.raises(TypeError, match=rf"{values.__name__} takes a Tensor with axes.*np.stack"):
                values(leaf, c)
    got = np.stack([values(tl.tensor(X), column) for column in c.T])
    np.testing.assert_allclose(got.data, values(X, c), rtol=1e-14)
    assert values(tl.tensor(0.3), c).shape == (3,)  # a number is one
    np.testing.assert_allclose(values(tl.tensor(0.3), c).data, values(0.3, c), rtol=1e-14)


def test_roots_are_not_subtracted_crosswise() -> None:
    values = np.polynomial.polynomial.polyvalfromroots
    for r in ([1.0], R, MANY):
        with pytest.raises(TypeError, match=r"polyvalfromroots takes.*x\[:, None\] - r"):
            values(tl.tensor(X), r)
    with pytest.raises(TypeError, match="polyvalfromroots takes"):
        values(tl.tensor(X), R, tensor=False)
    np.testing.assert_array_equal(values(tl.tensor(X), MANY, tensor=False).data, values(X, MANY, tensor=False))
    assert values(tl.tensor(0.3), R).data == values(0.3, R)


def test_on_grids() -> None:
    """Of which NumPy lets Tensors into those of one family, and takes them for numbers in the others'."""
    for grid in (np.polynomial.legendre.leggrid2d, np.polynomial.hermite.hermgrid2d):
        with pytest.raises(TypeError, match=rf"{grid.__name__} takes a Tensor with axes"):
            grid(tl.tensor(X), tl.tensor(R), MANY)
    grid = np.polynomial.polynomial.polygrid2d
    try:
        np.testing.assert_allclose(grid(tl.tensor(X), tl.tensor(R), MANY), grid(X, R, MANY), rtol=1e-14)
    except TypeError as refused:
        assert "polygrid2d takes" in str(refused)  # noqa: PT017 (NumPy's earlier versions)


# ---------------------------------------------------------------------------------------------------------------------
# What the namespace serves

OURS, THEIRS = tnp.polynomial.polynomial, np.polynomial.polynomial
C = np.array([1.5, -0.5, 2.0, 0.75])
Z = np.array([0.5, 1.0j, -1.0])
CUBE = np.arange(1.0, 28.0).reshape(3, 3, 3) / 9
CALLS: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    **{
        name: [((C, R), {}), ((R, C), {}), ((Z, R), {}), ((C, C[:1]), {}), ((R[0], C), {})]
        for name in ("polyadd", "polysub", "polymul")
    },
    "polyder": [((C,), {}), ((C, 2), {}), ((C, 4), {}), ((C, 0), {}), ((MANY, 1, 2.5, -1), {}), ((Z,), {"scl": 1j})],
    "polyint": [
        *[((C,), {}), ((C, 3), {}), ((C, 0), {}), ((C,), {"k": 0.5}), ((MANY, 2, [1.0, 2.0], 0.5, -2.0, 1), {})],
        *[((MANY,), {"k": [R]}), ((Z,), {"lbnd": 1j})],
    ],
    "polyvander": [((X, 3), {}), ((X, 0), {}), ((np.outer(X, R), 2), {}), ((X[0], 1), {}), ((Z, 2), {})],
    **{
        name: [((X, R, MANY), {}), ((X[0], R[0], MANY), {}), ((Z, X, CUBE), {})] for name in ("polyval2d", "polygrid2d")
    },
    **{name: [((X, R, X, CUBE), {}), ((X[0], R[0], X[1], CUBE), {})] for name in ("polyval3d", "polygrid3d")},
    "polyval": [((X, C), {}), ((0.5, C), {}), ((X, MANY), {}), ((X, MANY), {"tensor": False})],
    "polyvalfromroots": [((X, R), {})],
}
CASES = [(name, call) for name, calls in CALLS.items() for call in calls]


def test_all_that_are_served_are_tested() -> None:
    assert set(CALLS) == set(POWER_SERIES) == IN_NAMESPACE


@pytest.mark.parametrize(("name", "call"), CASES)
def test_the_namespaces_functions(name: str, call: Any) -> None:
    args, kwargs = call
    ours, theirs = getattr(OURS, name), getattr(THEIRS, name)
    arrays = [k for k, x in enumerate(args) if isinstance(x, (np.ndarray, np.floating))]

    def of(*variables: Any) -> Any:
        given = dict(zip(arrays, variables, strict=True))
        return ours(*[given.get(k, x) for k, x in enumerate(args)], **kwargs)

    for dtype in (np.float64, np.float32):
        kinds = [np.result_type(dtype, 1j) if np.iscomplexobj(args[k]) else dtype for k in arrays]
        variables = [np.asarray(args[k], kind) for k, kind in zip(arrays, kinds, strict=True)]
        given = dict(zip(arrays, variables, strict=True))
        expected = theirs(*[given.get(k, x) for k, x in enumerate(args)], **kwargs)
        got = of(*map(tl.tensor, variables))
        assert (got.shape, got.dtype) == (np.shape(expected), np.asarray(expected).dtype)
        np.testing.assert_allclose(got.data, expected, rtol=2e-5 if dtype is np.float32 else 1e-13, atol=1e-6)
    tl.check_gradients(lambda *x: of(*x) ** 2, *[np.asarray(args[k]) for k in arrays], order=2)
    np.testing.assert_array_equal(ours(*args, **kwargs), theirs(*args, **kwargs), strict=True)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda m, c: m.polyadd(c[None], c), ValueError),
        (lambda m, c: m.polymul(c[:0], c), ValueError),
        (lambda m, c: m.polyder(c, -1), ValueError),
        (lambda m, c: m.polyder(c, 1.5), TypeError),
        (lambda m, c: m.polyder(c, axis=1), np.exceptions.AxisError),
        (lambda m, c: m.polyder(c, scl=1j), TypeError),
        (lambda m, c: m.polyint(c, -1), ValueError),
        (lambda m, c: m.polyint(c, 1, [1.0, 2.0]), ValueError),
        (lambda m, c: m.polyint(c, 1, [[1.0, 2.0]]), ValueError),
        (lambda m, c: m.polyint(c, lbnd=[1.0]), ValueError),
        (lambda m, c: m.polyint(c, scl=[1.0]), ValueError),
        (lambda m, c: m.polyvander(c, -1), ValueError),
        (lambda m, c: m.polyval2d(c, c[:2], np.eye(2)), ValueError),
    ],
)
def test_what_numpy_refuses_is_refused(call: Any, error: Any) -> None:
    for module, c in ((THEIRS, C), (OURS, tl.tensor(C, requires_grad=True))):
        with pytest.raises(error):
            call(module, c)


def test_zeros_of_high_powers_are_left_out() -> None:
    zeros = np.array([1.0, -2.0, 0.0, 0.0])
    for f in (lambda m, c: m.polyadd(c, R[:1]), lambda m, c: m.polysub(R[:1], c), lambda m, c: m.polymul(c, R)):
        np.testing.assert_array_equal(f(OURS, tl.tensor(zeros)).data, f(THEIRS, zeros))
        assert tl.grad(lambda c, f=f: f(OURS, c).sum())(zeros)[2:].tolist() == [0.0, 0.0]
    for c in (np.zeros(1), np.zeros(3)):
        np.testing.assert_array_equal(OURS.polyint(tl.tensor(c), 2, [2.0]).data, THEIRS.polyint(c, 2, [2.0]))
        np.testing.assert_array_equal(OURS.polyadd(tl.tensor(c), c).data, THEIRS.polyadd(c, c))


def test_constants_bounds_and_scales_have_derivatives() -> None:
    tl.check_gradients(lambda k, b, s: OURS.polyint(C, 2, [k, 2.0 * k], b, s), 0.5, 0.3, 1.5, order=2)
    tl.check_gradients(lambda s: OURS.polyder(C, 2, s), 1.5, order=2)


def test_adapted_programs_take_them() -> None:
    def area(c: Any) -> Any:
        squares = np.polynomial.polynomial.polymul(c, c)
        ends = np.polynomial.polynomial.polyval(np.array([0.0, 1.0]), np.polynomial.polynomial.polyint(squares))
        return ends[1] - ends[0]

    tl.check_gradients(tl.adapt(area), C, order=2)
    with pytest.raises(TypeError, match=r"np\.polymul.*keeps it; for a program as it is, import tinygrad_lite\.numpy"):
        tl.grad(area)(C)


def test_a_refusal_that_is_caught_is_raised_in_the_end() -> None:
    def f(x: Any) -> Any:
        try:
            return np.sum(np.polynomial.polynomial.polyval(x, MANY))
        except TypeError:
            return np.sum(x)

    with pytest.raises(TypeError, match="went on after something was refused"):
        tl.grad(f)(X)
