"""Polynomials whose lowest power comes first: as NumPy has them, or refused where NumPy would go on with other ones."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
import tinygrad_lite.numpy as tnp

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


def test_a_refusal_that_is_caught_is_raised_in_the_end() -> None:
    def f(x: Any) -> Any:
        try:
            return np.sum(np.polynomial.polynomial.polyval(x, MANY))
        except TypeError:
            return np.sum(x)

    with pytest.raises(TypeError, match="went on after something was refused"):
        tl.grad(f)(X)
