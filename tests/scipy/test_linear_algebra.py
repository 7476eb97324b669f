"""SciPy's linear algebra: values as SciPy's, derivatives as central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

scipys = pytest.importorskip("scipy.linalg")

import tinygrad_lite.scipy.linalg as linalg  # noqa: E402
from tinygrad_lite.scipy.decompositions import DECOMPOSITIONS  # noqa: E402

RNG = np.random.default_rng(3)
A = RNG.uniform(-1, 1, (3, 3)) + 3 * np.eye(3)
B = RNG.uniform(-1, 1, (3, 2))
P = A @ A.T


def same(name: str, *args: Any, **kwargs: Any) -> None:
    """The value, and derivatives of order 1 and 2 with respect to all floating-point arrays."""
    ours: Callable[..., Any] = getattr(linalg, name)
    np.testing.assert_allclose(ours(*map(tl.tensor, args), **kwargs).data, getattr(scipys, name)(*args, **kwargs))
    tl.check_gradients(lambda *x: ours(*x, **kwargs), *args, order=2)


@pytest.mark.parametrize("trans", [0, 1, 2, "N", "T", "C"])
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("unit_diagonal", [False, True])
@pytest.mark.parametrize("b", [B, B[:, 0]], ids=["matrix", "vector"])
def test_triangular_systems(trans: Any, lower: bool, unit_diagonal: bool, b: Any) -> None:
    same("solve_triangular", A, b, trans=trans, lower=lower, unit_diagonal=unit_diagonal)


@pytest.mark.parametrize("lower", [False, True])
def test_cholesky_factors_and_what_they_solve(lower: bool) -> None:
    factor, is_lower = linalg.cho_factor(tl.tensor(P), lower=lower)
    np.testing.assert_allclose(factor.data, scipys.cho_factor(P, lower=lower)[0])
    assert is_lower == lower
    np.testing.assert_allclose(linalg.cho_solve((factor, lower), B).data, np.linalg.solve(P, B))
    tl.check_gradients(lambda p, b: linalg.cho_solve(linalg.cho_factor(p, lower), b), P, B[:, 0], order=2)


def test_sylvesters_equation() -> None:
    same("solve_sylvester", A, P[:2, :2], B)
    same("solve_sylvester", A + 1j * A.T, P[:2, :2], B)
    mixed = A, P[:2, :2] + 0.2j, B + 1j * B  # of which SciPy takes A's Schur form in real numbers for another
    x = linalg.solve_sylvester(*map(tl.tensor, mixed)).data
    np.testing.assert_allclose(mixed[0] @ x + x @ mixed[1], mixed[2], atol=1e-13)
    tl.check_gradients(linalg.solve_sylvester, *mixed, order=2)
    with pytest.raises(np.linalg.LinAlgError, match=r"solve_sylvester.* add up to 0"):
        linalg.solve_sylvester(tl.tensor([[1.0]]), [[-1.0]], [[1.0]])
    with pytest.raises(ValueError, match="takes three matrices"):
        linalg.solve_sylvester(tl.tensor(A), P[None], B)


@pytest.mark.parametrize("name", ["expm", "sqrtm", "logm"])
def test_functions_of_a_matrix(name: str) -> None:
    same(name, A / 4)
    same(name, np.diag([1.0, 1.0, 2.0]))  # equal eigenvalues


def test_exponentials_of_several_matrices() -> None:
    same("expm", np.stack([A, P]) / 8)


def test_structures() -> None:
    same("block_diag", A, B, B[0])
    same("toeplitz", B[:, 0])
    same("toeplitz", B[:, 0], B[:2, 1])
    assert linalg.block_diag().shape == scipys.block_diag().shape


def test_all_else_is_scipys() -> None:
    assert linalg.lu is scipys.lu
    assert {"lu", "expm"} <= set(dir(linalg))
    with pytest.raises(TypeError, match="cho_solve: takes no lower="):
        linalg.cho_solve((P, True), B, lower=True)
    with pytest.raises(ValueError, match="trans must be"):
        linalg.solve_triangular(A, B, trans=3)


@pytest.mark.parametrize("name", sorted(set(linalg.SERVED) - set(DECOMPOSITIONS)))
def test_float32_stays_float32(name: str) -> None:
    x = tl.Tensor((A[0] if name == "toeplitz" else A / 4).astype(np.float32), requires_grad=True)
    if name == "cho_factor":
        y = linalg.cho_factor(x @ x.mT + np.eye(3, dtype=np.float32))[0]
    elif name == "cho_solve":
        y = linalg.cho_solve((x, True), x)
    else:
        y = linalg.SERVED[name](*[x] * {"solve_triangular": 2, "solve_sylvester": 3}.get(name, 1))
    assert y.dtype == np.float32
    y.sum().backward()
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize("name", ["solve_triangular", "cho_factor", "cholesky", "inv", "norm", "svdvals"])
def test_what_is_not_finite_is_refused_unless_told(name: str) -> None:
    f = getattr(linalg, name)
    a = tl.tensor([[1.0, 0.0], [np.nan, 1.0]])
    given = (a, np.ones(2)) if name == "solve_triangular" else (a,)
    with pytest.raises(ValueError, match=rf"{name}: array must not contain infs or NaNs"):
        f(*given)
    if name in ("solve_triangular", "norm"):
        assert np.isfinite(f(*given, check_finite=False)).all() == (name == "solve_triangular")  # which reads one side
    factor = (np.array([[np.inf, 0.0], [0.0, 1.0]]), True)
    with pytest.raises(ValueError, match="cho_solve: array must not contain"):
        linalg.cho_solve(factor, tl.tensor([1.0, 2.0]))
