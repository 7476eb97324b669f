"""Factors of matrices: Cholesky's, and an orthogonal one and a triangular one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .arrays import array, floating, values_of
from .complexes import conjugate
from .ducks import DuckArray
from .elsewhere import is_lazy
from .leading import as_it_is
from .packing import dagger, folded, packed, refuse_if_basis_matters, skew, triangle, unpacked
from .registry import Sample, complex_of, entry, primitive
from .shapes import required


def positive(x: Any) -> Any:
    """A Hermitian positive definite matrix made of any: for samples."""
    return x @ dagger(x) + 2 * np.eye(x.shape[-1])


# ---------------------------------------------------------------------------------------------------------------------
# Cholesky


def _cholesky(a: Any, *, upper: bool) -> Any:
    if upper and type(a) is DuckArray:
        return dagger(np.linalg.cholesky(dagger(a)))
    return np.linalg.cholesky(a, upper=upper)


def from_factor(g: Any, y: Any, upper: bool) -> Any:
    """The gradient with respect to A = L Lᴴ: S = L⁻ᴴ Φ(Lᴴ G) L⁻¹, where Φ takes the lower triangle, half its diagonal.

    (I. Murray, "Differentiation of the Cholesky decomposition", 2016.)
    """
    g, y = (dagger(g), dagger(y)) if upper else (g, y)
    inverse = np.linalg.inv(y)
    s = dagger(inverse) @ triangle(dagger(y) @ conjugate(g), True) @ inverse
    return folded(conjugate(s), not upper)


cholesky_p = primitive(_cholesky, leading=as_it_is, a=lambda g, y, upper: from_factor(g, y, upper))


@entry(
    np.linalg.cholesky,
    samples=lambda r: [
        Sample((positive(r(3, 3)),)),
        Sample((positive(r(3, 3)),), {"upper": True}),
        Sample((positive(r(2, 1, 2, 2)),)),
        Sample((positive(complex_of(r)(2, 2, 2)),)),
        Sample((positive(complex_of(r)(3, 3)),), {"upper": True}),
        Sample((r(0, 0),)),
    ],
)
def cholesky(a: Any, *, upper: bool = False) -> Any:
    """The lower triangular L with A = L Lᴴ, or with ``upper`` Lᴴ.

    As NumPy's, it reads one triangle of A, the lower one, or the upper with ``upper``: the gradient is that of the
    entries it reads, each of which stands for two entries of A, and 0 for the others.

    Raises LinAlgError for matrices that are not positive definite.

    >>> tl.cholesky(tl.tensor([[4.0, 2.0], [2.0, 5.0]]))
    Tensor([[2., 0.],
            [1., 2.]])
    """
    return cholesky_p(floating(array(a)), upper=bool(upper))


# ---------------------------------------------------------------------------------------------------------------------
# QR


class QRResult(NamedTuple):
    """What :func:`qr` finds, by NumPy's names."""

    Q: Any
    R: Any


def qr_shapes(shape: tuple[int, ...], complete: bool) -> tuple[tuple[int, int], tuple[int, int]]:
    """The shapes of Q and R."""
    m, n = shape[-2:]
    k = m if complete else min(m, n)
    return (m, k), (k, n)


def _qr(a: Any, *, complete: bool) -> Any:
    return packed(np.linalg.qr(a, "complete" if complete else "reduced"), qr_shapes(a.shape, complete))


def with_independent_columns(r: Any) -> Any:
    """R; raises LinAlgError where it is singular to rounding: Q and R have no derivative there."""
    sizes = np.abs(values_of(r))
    diagonal = np.diagonal(sizes, axis1=-2, axis2=-1)
    rounding = r.shape[-1] * np.finfo(r.dtype).eps * sizes.max(axis=(-2, -1), initial=0)[..., None]
    message = "qr: columns of A are linearly dependent, and there Q and R have no derivative"
    if is_lazy(r):
        return required(r, (diagonal > rounding).all(-1)[..., None, None], message)
    if np.any(diagonal <= rounding):
        raise np.linalg.LinAlgError(message)
    return r


def from_q_and_r(gq: Any, gr: Any, q: Any, r: Any) -> Any:
    """The gradient with respect to A = Q R, R square (all conjugated): (Ĝ + Q (Φ(N − Nᴴ) − N)) R⁻ᴴ.

    N = Qᴴ Ĝ − G_R Rᴴ, and Φ takes the lower triangle with half its diagonal.
    """
    r = with_independent_columns(r)
    n = dagger(q) @ gq - gr @ dagger(r)
    return dagger(np.linalg.solve(r, dagger(gq + q @ (triangle(skew(n), True) - n))))


def from_qr(g: Any, y: Any, shape: tuple[int, ...], complete: bool) -> Any:
    """The gradient with respect to A of shape (m, n)."""
    m, n = shape[-2:]
    shapes = qr_shapes(shape, complete)
    (q, r), (gq, gr) = unpacked(y, shapes), [conjugate(x) for x in unpacked(g, shapes)]
    if m < n:  # A = [X, Y], and R = [U, Qᴴ Y]
        left = from_q_and_r(gq + q @ r[..., m:] @ dagger(gr[..., m:]), gr[..., :m], q, r[..., :m])
        return conjugate(np.concatenate([left, q @ gr[..., m:]], axis=-1))
    if complete and m > n:
        rest, g_rest = q[..., n:], gq[..., n:]
        refuse_if_basis_matters(
            dagger(rest) @ g_rest,
            gq,
            "qr",
            "Use mode='reduced', or of the further columns Q₂ only the projection Q₂ Q₂ᴴ",
        )
        q, r, gq, gr = q[..., :n], r[..., :n, :], gq[..., :n], gr[..., :n, :]
        gq = gq - rest @ (dagger(g_rest) @ q)
    return conjugate(from_q_and_r(gq, gr, q, r))


# one cotangent by itself: whether it is refused is judged by its own size
qr_p = primitive(_qr, a=lambda g, y, a_shape, complete: from_qr(g, y, a_shape, complete))


@entry(
    np.linalg.qr,
    samples=lambda r: [
        Sample((r(3, 3) + 5 * np.eye(3),)),
        Sample((r(4, 2),), {"mode": "reduced"}),
        Sample((r(2, 2, 3) + 3 * np.eye(2, 3),)),
        Sample((r(3, 3) + 5 * np.eye(3),), {"mode": "complete"}),
        Sample((r(4, 2),), {"mode": "r"}),
        Sample((complex_of(r)(2, 2) + 5 * np.eye(2),)),
        Sample((complex_of(r)(3, 2),)),
        Sample((complex_of(r)(2, 3) + 3 * np.eye(2, 3),)),
    ],
)
def qr(a: Any, mode: str = "reduced") -> Any:
    """A = Q R: Q with orthonormal columns, R upper triangular. A named tuple (Q, R); with mode "r" R alone.

    Parameters
    ----------
    mode : "reduced", Q of min(m, n) columns; "complete", of m columns; "r"

    "complete" adds columns to Q that are some basis of what A does not reach: the derivative is right for what does not
    depend on the basis, as Q₂ Q₂ᴴ, and the backward pass raises ValueError for anything else. It raises LinAlgError
    where the first columns of A are linearly dependent, as there Q has no derivative.

    >>> q, r = tl.qr(tl.tensor([[3.0, 1.0], [4.0, 2.0]]))
    >>> bool(np.allclose((q @ r).data, [[3.0, 1.0], [4.0, 2.0]]))
    True
    """
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"qr: mode must be 'reduced', 'complete' or 'r' to be recorded, not {mode!r}")
    a = floating(array(a))
    if a.ndim < 2:
        raise np.linalg.LinAlgError(f"qr: needs two axes or more, got shape {a.shape}")
    q, r = unpacked(qr_p(a, complete=mode == "complete"), qr_shapes(a.shape, mode == "complete"))
    return r if mode == "r" else QRResult(q, r)
