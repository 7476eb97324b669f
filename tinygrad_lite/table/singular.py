"""Singular values and singular vectors."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .arrays import array, as_numbers, floating, values_of
from .complexes import conjugate
from .elsewhere import elsewhere, is_lazy, placed_beside
from .leading import as_it_is
from .packing import (
    dagger,
    folded,
    on_diagonal,
    packed,
    reciprocal_differences,
    reciprocal_or_zero,
    reciprocal_sums,
    refuse_if_basis_matters,
    scale_of,
    skew,
    unpacked,
)
from .registry import Sample, complex_of, entry, primitive


class SVDResult(NamedTuple):
    """What :func:`svd` finds, by NumPy's names."""

    U: Any
    S: Any
    Vh: Any


def svd_shapes(shape: tuple[int, ...], full: bool) -> tuple[tuple[int, ...], ...]:
    """The shapes of U, S and Vᴴ."""
    m, n = shape[-2:]
    k = min(m, n)
    return ((m, m), (k,), (n, n)) if full else ((m, k), (k,), (k, n))


def _svd(x: Any, *, full: bool, hermitian: bool) -> Any:
    return packed(np.linalg.svd(x, full, True, hermitian), svd_shapes(x.shape, full))


WAY_OUT = (
    "Use full_matrices=False, or of the further columns U₂ (and V₂) only the projection U₂ U₂ᴴ on what they span, "
    "which is the identity less the projection U₁ U₁ᴴ"
)


def outward(u: Any, gu: Any, p: Any, k: int) -> Any:
    """The part of the gradient of the first k columns of U that points out of what they span, conjugated basis.

    ``p`` is Uᵀ G − (Uᵀ G)ᴴ, where U has all columns, or else Uᵀ G itself.
    """
    if u.shape[-1] == k:
        return gu - conjugate(u) @ p
    rest = conjugate(u[..., k:])
    refuse_if_basis_matters(u[..., k:].mT @ gu[..., k:], gu, "svd", WAY_OUT)
    return rest @ p[..., k:, :k]


def from_svd(g: Any, y: Any, shape: tuple[int, ...], full: bool) -> Any:
    """The gradient with respect to A = U S Vᴴ: Ū E Vᵀ, and what points out of the columns of U and V.

    With P and Q the skew parts of Uᵀ G_U and Vᵀ G_V, E = diag g_S + (P + Q) ∘ 1/(sⱼ − sᵢ)/2 + (P − Q) ∘ 1/(sⱼ + sᵢ)/2:
    no square, which might overflow, and where two singular values are equal the second term is right by itself.
    """
    m, n = shape[-2:]
    k = min(m, n)
    (u, s, vh), (gu, gs, gvh) = unpacked(y, svd_shapes(shape, full)), unpacked(g, svd_shapes(shape, full))
    s, v, gv = s.real, dagger(vh), dagger(gvh)
    p, q = u.mT @ gu, v.mT @ gv
    skew_p, skew_q = skew(p), skew(q)
    square_p, square_q = (skew_p[..., :k, :k], skew_q[..., :k, :k]) if full else (skew_p, skew_q)
    scale = scale_of(s)
    turning = (square_p + square_q) * reciprocal_differences(s, scale)
    turning = turning + (square_p - square_q) * reciprocal_sums(s, scale)
    inner = on_diagonal(gs) + 0.5 * turning
    left, right = (conjugate(u[..., :k]), v[..., :k].mT) if full else (conjugate(u), v.mT)
    gx = left @ inner @ right
    if m == n:
        return gx
    inverse = reciprocal_or_zero(s, scale)[..., None, :]
    if m > k:
        return gx + (outward(u, gu, skew_p if full else p, k) * inverse) @ right
    return gx + left @ dagger(outward(v, gv, skew_q if full else q, k) * inverse)


def of_triangle(g: Any, hermitian: bool) -> Any:
    """The gradient of what reads one triangle, the lower, of Hermitian matrices; else as it is."""
    return folded(g, True) if hermitian else g


# one cotangent by itself: whether it is refused is judged by its own size
svd_p = primitive(_svd, x=lambda g, y, x_shape, full, hermitian: of_triangle(from_svd(g, y, x_shape, full), hermitian))


def _svdvals(x: Any, *, hermitian: bool) -> Any:
    u, s, vh = np.linalg.svd(x, False, True, hermitian)
    return s, packed((u, s, vh), svd_shapes(x.shape, False))


def from_values(g: Any, x: Any, factors: Any) -> Any:
    """The gradient of singular values alone: Ū diag(g) Vᵀ."""
    u, _, vh = unpacked(factors, svd_shapes(x.shape, False))
    return (conjugate(u) * g[..., None, :]) @ conjugate(vh)


svdvals_p = primitive(
    _svdvals,
    remembers={"factors": lambda x, hermitian: svd_p(x, full=False, hermitian=hermitian)},
    leading=as_it_is,
    x=lambda g, x, factors, hermitian: of_triangle(from_values(g, x, factors), hermitian),
)


def matrices(name: str, x: Any) -> Any:
    """An array of matrices of floating-point numbers; raises LinAlgError for anything else."""
    x = floating(array(x))
    if x.ndim < 2:
        raise np.linalg.LinAlgError(f"{name}: needs two axes or more, got shape {x.shape}")
    return x


def refuse_what_is_cut(name: str, a: Any, rcond: Any) -> None:
    """Raise LinAlgError where singular values are cut off that are far from 0: the rules are those at a rank.

    There what is cut off is 0. A cut at rounding, or below, cuts nothing else.
    """
    a, rcond = values_of(a), as_numbers(rcond)
    if not a.size or np.all(rcond <= 16 * max(a.shape[-2:]) * np.finfo(a.dtype).eps):
        return
    if is_lazy(a):
        raise elsewhere(f"derivative of {name} where singular values are cut off that may not be 0", a)
    s = np.linalg.svd(a, compute_uv=False)
    kept = s > placed_beside(rcond[..., None], s) * s.max(axis=-1, keepdims=True)
    least, cut = np.min(np.where(kept, s, np.inf), axis=-1), np.max(np.where(kept, 0, s), axis=-1)
    if np.any(cut > np.sqrt(np.finfo(a.dtype).eps) * least):
        raise np.linalg.LinAlgError(
            f"{name}: singular values of up to {cut.max():.3g} are cut off that are not 0, and the derivative is that "
            f"at a rank. With Vh = np.linalg.svd(A, full_matrices=False)[2][:k], of the k that are kept, {name} of "
            "A @ Vh.conj().T @ Vh is the same and has its derivative"
        )


def elongated(x: Any) -> Any:
    """A matrix whose singular values lie far from each other and from 0, made of any: for samples."""
    m, n = x.shape[-2:]
    return 0.3 * x + np.eye(m, n) * (3.0 * np.arange(n) + 2.0)


@entry(
    np.linalg.svd,
    samples=lambda r: [
        Sample((elongated(r(3, 3)),)),
        Sample((elongated(r(3, 2)), False)),
        Sample((elongated(r(2, 2, 3)),), {"full_matrices": False}),
        Sample((elongated(r(2, 3)),), {"compute_uv": False}),
        Sample((elongated(r(2, 2)),), {"hermitian": True}),
        Sample((elongated(r(2, 2)),), {"hermitian": True, "compute_uv": False}),
        Sample((elongated(complex_of(r)(3, 2)),), {"compute_uv": False}),  # complex vectors have a phase of their own
    ],
)
def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """A = U S Vᴴ: singular values S in descending order, and orthonormal singular vectors, columns of U and of V.

    A named tuple (U, S, Vh); S alone without ``compute_uv``.

    Singular vectors of equal singular values (to rounding, n ε max s) are any basis, as those of 0 are: terms between
    them are left out, which is right for a loss that depends on all of them alike, as U₂ U₂ᴴ does, to first order. With
    ``full_matrices`` U or V has further columns, some basis of what A does not reach: of a loss that depends on which
    one, the backward pass raises ValueError. Complex singular vectors are determined up to a phase common to U and V,
    which a loss must not depend on.

    Parameters
    ----------
    full_matrices : square U and V
    hermitian : A is symmetric or Hermitian, and its lower triangle alone is read, as by :func:`eigh`

    >>> u, s, vh = tl.svd(tl.tensor([[0.0, 2.0], [3.0, 0.0]]))
    >>> s
    Tensor([3., 2.])
    """
    x = matrices("svd", x)
    if not compute_uv:
        return svdvals_p(x, hermitian=bool(hermitian))
    full = bool(full_matrices)
    u, s, vh = unpacked(svd_p(x, full=full, hermitian=bool(hermitian)), svd_shapes(x.shape, full))
    return SVDResult(u, s.real if s.dtype.kind == "c" else s, vh)


@entry(
    np.linalg.svdvals,
    samples=lambda r: [
        Sample((elongated(r(3, 3)),)),
        Sample((elongated(r(2, 3, 2)),)),
        Sample((elongated(complex_of(r)(2, 3)),)),
    ],
)
def svdvals(x: Any) -> Any:
    """The singular values of matrices, in descending order: ∂sᵢ = uᵢᴴ ∂A vᵢ.

    Equal ones have no derivative each, but functions that treat them alike have: their sum, the Frobenius norm, …

    >>> tl.svdvals(tl.tensor([[0.0, 2.0], [3.0, 0.0]]))
    Tensor([3., 2.])
    """
    return svdvals_p(matrices("svdvals", x), hermitian=False)
