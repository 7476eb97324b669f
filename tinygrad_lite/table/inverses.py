"""Inverses and pseudo-inverses, and solutions of linear equations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .arrays import array, floating
from .complexes import conjugate
from .eigenvalues import square
from .joining import concatenate
from .leading import as_it_is
from .lists import is_recorded
from .packing import dagger, triangle
from .registry import Sample, complex_of, entry, primitive
from .shapes import broadcast_to, ravel, reshape, transpose
from .singular import elongated, matrices, of_triangle, refuse_what_is_cut


def regular(x: Any) -> Any:
    """A matrix that is far from singular, made of any: for samples."""
    return x + 4 * np.eye(*x.shape[-2:])


def _inv(a: Any) -> Any:
    return np.linalg.inv(a)


inv_p = primitive(_inv, leading=as_it_is, a=lambda g, y: -(y.mT @ g @ y.mT))


@entry(
    np.linalg.inv,
    samples=lambda r: [
        Sample((regular(r(3, 3)),)),
        Sample((regular(r(2, 1, 2, 2)),)),
        Sample((r(0, 0),)),
        Sample((regular(complex_of(r)(2, 2, 2)),)),
    ],
)
def inv(a: Any) -> Any:
    """A⁻¹: ∂(A⁻¹) = −A⁻¹ ∂A A⁻¹, so the gradient is −A⁻ᵀ G A⁻ᵀ.

    Raises LinAlgError for singular matrices and for those that are not square.

    >>> tl.inv(tl.tensor([[2.0, 0.0], [0.0, 4.0]]))
    Tensor([[0.5 , 0.  ],
            [0.  , 0.25]])
    """
    return inv_p(square("inv", a))


# ---------------------------------------------------------------------------------------------------------------------
# Equations


def _solve(a: Any, b: Any) -> Any:
    return np.linalg.solve(a, b)


solve_p = primitive(
    _solve,
    broadcasts=True,
    elementwise=False,
    leading=as_it_is,
    a=lambda g, a, y: -(np.linalg.solve(a.mT, g) @ y.mT),
    b=lambda g, a: np.linalg.solve(a.mT, g),
)


def _solve_joint(ab: Any) -> Any:
    n = ab.shape[-2]
    return np.linalg.solve(ab[..., :n], ab[..., n:])


def to_both(adjoint: Any, y: Any) -> Any:
    """The gradient with respect to [A, b], given that with respect to b."""
    of_a = (-adjoint) * y.mT if y.shape[-1] == 1 else (-adjoint) @ y.mT
    return np.concatenate([of_a, adjoint], axis=-1)


# A and b in one matrix, so that their gradients have one system of equations to solve and not each its own
solve_joint_p = primitive(
    _solve_joint,
    leading=as_it_is,
    ab=lambda g, ab, y: to_both(np.linalg.solve(ab[..., : ab.shape[-2]].mT, g), y),
)


@entry(
    np.linalg.solve,
    samples=lambda r: [
        Sample((regular(r(3, 3)), r(3))),
        Sample((regular(r(3, 3)), r(3, 2))),
        Sample((regular(r(2, 1, 2, 2)), r(3, 2, 1))),
        Sample((regular(r(2, 2, 2)), r(2))),
        Sample((r(0, 0), r(0, 2))),
        Sample((np.array([[2, 1], [0, 3]]), r(2))),
        Sample((regular(r(3, 3)), np.array([2, 0, 1]))),
        Sample((regular(complex_of(r)(2, 2, 2)), complex_of(r)(2, 1))),
        Sample((regular(complex_of(r)(2, 2)), r(2))),
    ],
)
def solve(a: Any, b: Any) -> Any:
    """The x with A x = b: ∂x = A⁻¹ (∂b − ∂A x). The gradient for b solves Aᵀ λ = g; that for A is −λ xᵀ.

    As in NumPy ≥ 2, b is a vector if it has one axis, else matrices, whose columns are solved for. Raises LinAlgError
    for singular matrices and for those that are not square.

    >>> tl.solve(tl.tensor([[2.0, 0.0], [0.0, 4.0]]), [2.0, 2.0])
    Tensor([1. , 0.5])
    """
    a, b = square("solve", a), floating(array(b))
    n, is_vector = a.shape[-1], b.ndim == 1
    right = b[..., None] if is_vector else b
    if b.ndim == 0 or right.shape[-2] != n:
        raise ValueError(f"solve: {n} equations, of A of shape {a.shape}, and a right side of shape {b.shape}")
    if is_recorded(a) and is_recorded(b):
        batch = np.broadcast_shapes(a.shape[:-2], right.shape[:-2])
        both = [x if x.shape[:-2] == batch else broadcast_to(x, (*batch, *x.shape[-2:])) for x in (a, right)]
        x = solve_joint_p(concatenate(both, -1))
    else:
        x = solve_p(a, right)
    return x[..., 0] if is_vector else x


@entry(
    np.linalg.tensorsolve,
    samples=lambda r: [
        Sample((regular(r(6, 6)).reshape(2, 3, 6), r(2, 3))),
        Sample((regular(r(6, 6)).reshape(2, 3, 6).transpose(2, 0, 1), r(2, 3)), {"axes": (0,)}),
        Sample((regular(complex_of(r)(2, 2)), complex_of(r)(2))),
    ],
)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """The x with tensordot(a, x, x.ndim) = b, :func:`solve` of a as a square matrix A: ∂x = A⁻¹ (∂b − ∂A x).

    Parameters
    ----------
    axes : axes of a to put last, before anything else

    >>> tl.tensorsolve(tl.tensor(np.eye(4).reshape(2, 2, 4)), np.ones((2, 2)))
    Tensor([1., 1., 1., 1.])
    """
    a, b = array(a), array(b)
    if axes is not None:
        order = list(range(a.ndim))
        for k in axes:
            order.remove(k)
            order.append(k)
        a = transpose(a, order)
    shape = a.shape[b.ndim :]
    n = math.prod(shape)
    if a.size != n**2:
        raise np.linalg.LinAlgError(
            f"tensorsolve: as many unknowns as equations are needed; a of shape {a.shape} and b of shape {b.shape} "
            f"make {n} and {b.size}"
        )
    return reshape(solve(reshape(a, (n, n)), ravel(b)), shape)


@entry(
    np.linalg.tensorinv,
    samples=lambda r: [
        Sample((regular(r(4, 4)).reshape(2, 2, 4),)),
        Sample((regular(r(4, 4)).reshape(4, 2, 2),), {"ind": 1}),
        Sample((regular(complex_of(r)(2, 2)),), {"ind": 1}),
    ],
)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse of tensordot, :func:`inv` of a as a matrix A, its first ``ind`` axes the rows: ∂(A⁻¹) = −A⁻¹ ∂A A⁻¹.

    >>> tl.tensorinv(tl.tensor(2 * np.eye(4).reshape(2, 2, 4))).shape
    (4, 2, 2)
    """
    a = array(a)
    if ind <= 0:
        raise ValueError(f"tensorinv: ind must be positive, not {ind}")
    rows, columns = a.shape[ind:], a.shape[:ind]
    return reshape(inv(reshape(a, (math.prod(rows), -1))), (*rows, *columns))


# ---------------------------------------------------------------------------------------------------------------------
# Pseudo-inverses


def _pinv(a: Any, *, rcond: Any, hermitian: bool) -> Any:
    return np.linalg.pinv(a, rcond, hermitian)


def from_pseudo_inverse(g: Any, a: Any, y: Any, rcond: Any) -> Any:
    """The gradient of the pseudo-inverse P, as long as the rank stays.

    (G. Golub and V. Pereyra, "The differentiation of pseudo-inverses …", 1973.) With conjugated G:
    −Pᴴ G Pᴴ + (1 − A P) Gᴴ P Pᴴ + Pᴴ P Gᴴ (1 − P A).
    """
    refuse_what_is_cut("pinv", a, rcond)
    g, p = conjugate(g), dagger(y)
    rows, columns = dagger(g) @ y @ p, p @ y @ dagger(g)
    return conjugate(rows - a @ (y @ rows) + columns - (columns @ y) @ a - p @ g @ p)


pinv_p = primitive(
    _pinv,
    leading=as_it_is,
    a=lambda g, a, y, rcond, hermitian: of_triangle(
        from_pseudo_inverse(g, mirrored(a, hermitian), y, rcond), hermitian
    ),
)


def mirrored(a: Any, hermitian: bool) -> Any:
    """The Hermitian matrix whose lower triangle ``a`` has; else as it is."""
    if not hermitian:
        return a
    half = triangle(a, True)
    return half + dagger(half)  # of the diagonal the real part


@entry(
    np.linalg.pinv,
    samples=lambda r: [
        Sample((regular(r(3, 3)),)),
        Sample((elongated(r(3, 2)),)),
        Sample((elongated(r(2, 2, 3)), 1e-10)),
        Sample((elongated(r(2, 2)),), {"hermitian": True}),
        Sample((elongated(r(2, 3)),), {"rtol": 1e-10}),
        Sample((elongated(complex_of(r)(2, 3)),)),
        Sample((elongated(complex_of(r)(3, 2)),)),
        Sample((elongated(complex_of(r)(2, 2)),), {"hermitian": True}),
    ],
)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    """The pseudo-inverse A⁺ of Moore and Penrose: A A⁺ A = A, A⁺ A A⁺ = A⁺, and A A⁺ and A⁺ A are Hermitian.

    Its derivative is that at a rank that stays: where the rank changes A⁺ is not continuous. Where singular values are
    cut off that are not 0 but for rounding, the backward pass raises LinAlgError.

    Parameters
    ----------
    rcond : singular values up to ``rcond`` times the largest count as 0, by default 1e-15
    hermitian : A is symmetric or Hermitian, and its lower triangle alone is read
    rtol : the same as ``rcond``, of which one may be given; None: max(m, n) ε

    >>> tl.pinv(tl.tensor([[3.0], [4.0]]))
    Tensor([[0.12, 0.16]])
    """
    a = matrices("pinv", a)
    if rcond is not None and rtol is not np._NoValue:
        raise ValueError("pinv: rcond and rtol are the same thing: give one of them")
    if rcond is None:
        rcond = 1e-15 if rtol is np._NoValue else rtol
    if rcond is None:
        rcond = max(a.shape[-2:]) * np.finfo(a.dtype).eps
    return pinv_p(a, rcond=rcond, hermitian=bool(hermitian) and a.size > 0)
