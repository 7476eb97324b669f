"""Determinants, also of singular matrices."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .arrays import values_of
from .complexes import conjugate
from .ducks import DuckArray
from .eigenvalues import square
from .elsewhere import is_lazy, placed_beside
from .leading import as_it_is
from .packing import dagger, on_diagonal
from .registry import Sample, complex_of, entry, primitive

# ---------------------------------------------------------------------------------------------------------------------
# The adjugate: det(A) A⁻¹, which singular matrices have too


def products_without(s: Any, several: bool = False) -> Any:
    """The products of all numbers but the i-th; with ``several`` of all but the i-th and the j-th."""
    one = placed_beside(np.eye(s.shape[-1], dtype=bool), s)
    if not several:
        return np.prod(np.where(one, 1, s[..., None, :]), axis=-1)
    return np.prod(np.where(one[:, None, :] | one[None, :, :], 1, s[..., None, None, :]), axis=-1)


def orientation(u: Any, vh: Any) -> Any:
    """det U det Vᴴ, with two axes more."""
    return (np.linalg.det(u) * np.linalg.det(vh))[..., None, None]


def decomposed(a: Any) -> tuple[Any, Any, Any]:
    """Singular values and vectors; NaN, of matrices with infinite entries or NaN, of which LAPACK may never return."""
    there = np.isfinite(a).all(axis=(-2, -1))
    u, s, vh = np.linalg.svd(np.where(there[..., None, None], a, 0))
    return u, np.where(there[..., None], s, np.nan), vh


def _adjugate(a: Any) -> Any:
    u, s, vh = decomposed(a)
    return orientation(u, vh) * ((dagger(vh) * products_without(s)[..., None, :]) @ dagger(u))


def from_adjugate(g: Any, a: Any) -> Any:
    """The gradient with respect to A of its adjugate, a polynomial of its entries: no division, any rank.

    In the bases of singular vectors A is diagonal, and of adj(S + E) the terms linear in E are −Eᵢⱼ Π s without sᵢ, sⱼ
    at (i, j), and Σₖ Eₖₖ Π s without sᵢ, sₖ at (i, i), for i ≠ j and k ≠ i: what stands for equal ones cancels below.
    """
    u, s, vh = decomposed(a)
    minors = products_without(s, several=True)
    h = orientation(u, vh) * (conjugate(vh) @ g @ conjugate(u))
    along = (minors @ np.diagonal(h, axis1=-2, axis2=-1)[..., None])[..., 0]
    return conjugate(u) @ (on_diagonal(along) - minors * h) @ conjugate(vh)


adjugate_p = primitive(_adjugate, leading=as_it_is, a=lambda g, a: from_adjugate(g, a))


def adjugate_of(a: Any, det: Any) -> Any:
    """The adjugate: the determinant times the inverse where A is far from singular, else by singular values.

    Which of the two makes no difference but for rounding, and for third derivatives: where singular values are equal
    only the first has them.
    """
    if not is_lazy(det) and np.all((det != 0) & np.isfinite(det)):
        inverse = np.linalg.inv(a)
        largest = [np.max(np.abs(x), axis=(-2, -1), initial=0) for x in (a, inverse)]
        if np.all(largest[0] * largest[1] < 1e5):
            return det[..., None, None] * inverse
    return adjugate_p(a)


def _det(a: Any) -> Any:
    return np.linalg.det(a)


det_p = primitive(_det, leading=as_it_is, a=lambda g, y, a: g[..., None, None] * adjugate_of(a, y).mT)


@entry(
    np.linalg.det,
    samples=lambda r: [
        Sample((r(3, 3),)),
        Sample((r(2, 1, 2, 2),)),
        Sample((np.arange(9.0).reshape(3, 3) / 4,)),
        Sample((np.ones((4, 4)),)),
        Sample((np.zeros((2, 2)),)),
        Sample((r(0, 0),)),
        Sample((complex_of(r)(2, 2, 2),)),
        Sample((np.ones((1, 3, 3)) + 0j,)),
    ],
)
def det(a: Any) -> Any:
    """The determinant: ∂ det A = tr(adj(A) ∂A), where adj(A) = A⁻¹ det A, which singular matrices have too.

    Derivatives of first and second order are right for matrices of any rank.

    Raises LinAlgError for matrices that are not square.

    >>> tl.grad(tl.det)(np.array([[1.0, 2.0], [2.0, 4.0]]))
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    return det_p(square("det", a))


# ---------------------------------------------------------------------------------------------------------------------
# Its sign and its logarithm


class SlogdetResult(NamedTuple):
    """What :func:`slogdet` finds, by NumPy's names."""

    sign: Any
    logabsdet: Any


def _slogdet(a: Any) -> Any:
    sign, logarithm = np.linalg.slogdet(a)
    if type(a) is DuckArray:
        return np.stack([sign, logarithm.astype(sign.dtype)], -1)
    pair = np.empty((*a.shape[:-2], 2), sign.dtype)
    pair[..., 0], pair[..., 1] = sign, logarithm
    return pair


def from_sign_and_logarithm(g: Any, y: Any, a: Any) -> Any:
    """The gradient with respect to A: ∂ log|det A| = Re tr(A⁻¹ ∂A), ∂ sign = i sign Im tr(A⁻¹ ∂A), 0 for real ones."""
    if not is_lazy(y) and np.any(np.isneginf(values_of(y).real)):
        raise np.linalg.LinAlgError(
            f"slogdet: log|det A| is −∞ where A, of shape {a.shape}, is singular, and has no derivative there; "
            "np.linalg.det has one"
        )
    slope = g[..., 1]
    if a.dtype.kind == "c":
        slope = slope.real + 1j * (g[..., 0] * y[..., 0]).imag
    return slope[..., None, None] * np.linalg.inv(a).mT


slogdet_p = primitive(_slogdet, leading=as_it_is, a=lambda g, y, a: from_sign_and_logarithm(g, y, a))


@entry(
    np.linalg.slogdet,
    samples=lambda r: [
        Sample((r(3, 3),)),
        Sample((r(2, 1, 2, 2),)),
        Sample((r(0, 0),)),
        Sample((complex_of(r)(2, 2, 2),)),
    ],
)
def slogdet(a: Any) -> SlogdetResult:
    """The sign s of the determinant, and its logarithm y: det A = s eʸ, and ∂y = tr(A⁻¹ ∂A).

    A named tuple (sign, logabsdet). The sign is constant for real matrices. The logarithm of a singular matrix is −∞
    and has no derivative: the backward pass raises LinAlgError.

    >>> sign, logarithm = tl.slogdet(tl.tensor([[0.0, 1.0], [1.0, 0.0]]))
    >>> sign.item(), logarithm.item()
    (-1.0, 0.0)
    """
    pair = slogdet_p(square("slogdet", a))
    logarithm = pair[..., 1]
    return SlogdetResult(pair[..., 0], logarithm.real if logarithm.dtype.kind == "c" else logarithm)
