"""Least squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import array, as_numbers, floating
from .complexes import conjugate
from .elsewhere import is_lazy
from .joining import concatenate
from .packing import dagger, packed, unpacked
from .registry import Sample, complex_of, entry, primitive
from .shapes import required
from .singular import elongated, refuse_what_is_cut

Shapes = tuple[tuple[int, ...], ...]


def lstsq_shapes(shape: tuple[int, ...], n: int) -> Shapes:
    """The shapes of the solution, the singular values and the rank, given that of [A, b]."""
    return ((n, shape[1] - n), (min(shape[0], n),), (1,))


def _lstsq(ab: Any, *, n: int, rcond: float) -> Any:
    x, _, rank, s = np.linalg.lstsq(ab[:, :n], ab[:, n:], rcond)
    return packed((x, s, as_numbers(rank).astype(x.dtype).reshape(1)), lstsq_shapes(ab.shape, n))


def pseudo_inverse(u: Any, s: Any, vh: Any, rcond: float) -> Any:
    """A⁺, given A's singular values and vectors."""
    kept = s > rcond * np.max(s, initial=0)
    return (dagger(vh) * (kept / np.where(kept, s, 1))) @ dagger(u)


def from_least_squares(g: Any, ab: Any, y: Any, n: int, rcond: float) -> Any:
    """The gradient with respect to [A, b] of the solution x and of the singular values.

    With H = A⁺ᴴ G and the residual r = b − A x: H for b; −H xᴴ + r (A⁺ H)ᴴ + A⁺ᴴ x ((1 − A⁺ A) G)ᴴ for A, and of the
    singular values U diag(g_S) Vᴴ.
    """
    a, b = ab[:, :n], ab[:, n:]
    refuse_what_is_cut("lstsq", a, rcond)
    shapes = lstsq_shapes(ab.shape, n)
    (x, _, _), (gx, gs, _) = unpacked(y, shapes), [conjugate(part) for part in unpacked(g, shapes)]
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    p = pseudo_inverse(u, s, vh, rcond)
    h = dagger(p) @ gx
    across = gx - p @ (a @ gx)
    of_a = (b - a @ x) @ dagger(p @ h) + (dagger(p) @ x) @ dagger(across) - h @ dagger(x) + (u * gs) @ vh
    return conjugate(np.concatenate([of_a, h], axis=1))


lstsq_p = primitive(_lstsq, ab=lambda g, ab, y, n, rcond: from_least_squares(g, ab, y, n, rcond))


@entry(
    np.linalg.lstsq,
    samples=lambda r: [
        Sample((elongated(r(4, 2)), r(4))),
        Sample((elongated(r(4, 2)), r(4, 3), 1e-10)),
        Sample((elongated(r(2, 3)), r(2, 1)), {"rcond": -1}),
        Sample((elongated(complex_of(r)(3, 2)), complex_of(r)(3))),
        Sample((elongated(complex_of(r)(2, 3)), complex_of(r)(2, 2))),
    ],
)
def lstsq(a: Any, b: Any, rcond: float | None = None) -> tuple[Any, Any, Any, Any]:
    """The x of least |b − A x|², and of least |x| among those: (x, residuals, rank, singular values of A), x = A⁺ b.

    The residuals are |b − A x|² for each column of b; an empty array where m ≤ n or the rank is less than n. The rank
    is a constant; derivatives are those at a rank that stays: where singular values are cut off that are not 0 but for
    rounding, the backward pass raises LinAlgError.

    Parameters
    ----------
    rcond : singular values up to ``rcond`` times the largest count as 0; by default max(m, n) ε; −1: ε/2, LAPACK's

    >>> x, residuals, rank, s = tl.lstsq(tl.tensor([[1.0], [1.0]]), [1.0, 3.0])
    >>> x, residuals, int(rank)
    (Tensor([2.]), Tensor([2.]), 1)
    """
    a, b = floating(array(a)), floating(array(b))
    if a.ndim != 2 or b.ndim not in (1, 2):
        raise np.linalg.LinAlgError(
            f"lstsq: takes one matrix and a vector or matrix, got shapes {a.shape} and {b.shape}"
        )
    if a.shape[0] != b.shape[0]:
        raise np.linalg.LinAlgError(f"lstsq: A of shape {a.shape} and b of shape {b.shape} differ in their first axis")
    m, n = a.shape
    if rcond is None or rcond == -1:
        rcond = np.finfo(float).eps * (0.5 if rcond == -1 else max(m, n))
    columns = b if b.ndim == 2 else b[:, None]
    ab = concatenate([a, columns], 1)
    x, s, number = unpacked(lstsq_p(ab, n=n, rcond=float(rcond)), lstsq_shapes(ab.shape, n))
    s, rank = s.real if s.dtype.kind == "c" else s, number[0].real.astype(np.int32)
    if m > n and is_lazy(rank):  # of all its numbers the residuals are as many
        x = required(x, rank == n, "lstsq: a compiled function takes matrices of full rank, which this is not")
    if m > n and (is_lazy(rank) or rank == n):
        residuals = np.sum(np.square(np.abs(columns - a @ x)), axis=0)
    else:
        residuals = s[:0]
    return x if b.ndim == 2 else x[:, 0], residuals, rank, s
