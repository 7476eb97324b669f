"""Eigenvalues and eigenvectors, first of symmetric matrices."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .arrays import array, floating
from .complexes import conjugate
from .ducks import duck
from .elsewhere import is_lazy
from .leading import as_it_is
from .packing import folded, on_diagonal, packed, reciprocal_differences, scale_of, unpacked
from .registry import Sample, complex_of, entry, primitive


def apart(x: Any) -> Any:
    """A matrix whose eigenvalues lie far from each other, made of any: for samples."""
    return 0.4 * x + np.diag(3.0 * np.arange(x.shape[-1]) - 2.5)


class EighResult(NamedTuple):
    """What :func:`eigh` finds, by NumPy's names."""

    eigenvalues: Any
    eigenvectors: Any


def eigen_shapes(shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, int]]:
    """The shapes of eigenvalues and eigenvectors."""
    return shape[-1:], (shape[-1], shape[-1])


def _eigh(a: Any, *, UPLO: Any) -> Any:
    return packed(np.linalg.eigh(a, UPLO), eigen_shapes(a.shape))


def from_eigenvectors(g: Any, y: Any, shape: tuple[int, ...], lower: bool) -> Any:
    """The gradient with respect to A = V Λ Vᴴ: V̄ (diag g_λ + F ∘ Vᵀ G) Vᵀ, Fᵢⱼ = 1/(λⱼ − λᵢ) and 0 for equal ones."""
    (w, v), (gw, gv) = unpacked(y, eigen_shapes(shape)), unpacked(g, eigen_shapes(shape))
    w = w.real
    inner = on_diagonal(gw) + reciprocal_differences(w, scale_of(w)) * (v.mT @ gv)
    return folded(conjugate(v) @ inner @ v.mT, lower)


eigh_p = primitive(_eigh, leading=as_it_is, a=lambda g, y, a_shape, UPLO: from_eigenvectors(g, y, a_shape, UPLO == "L"))


def triangle_read(name: str, UPLO: str) -> str:
    """Which triangle is read: "L" or "U"."""
    if str(UPLO).upper() not in ("L", "U"):
        raise ValueError(f"{name}: UPLO must be 'L' or 'U', not {UPLO!r}")
    return str(UPLO).upper()


def square(name: str, a: Any) -> Any:
    """An array of square matrices of floating-point numbers; raises LinAlgError for anything else."""
    a = floating(array(a))
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise np.linalg.LinAlgError(f"{name}: needs square matrices in the last two axes, got shape {a.shape}")
    return a


SYMMETRIC_SAMPLES: Any = lambda r: [
    Sample((apart(r(3, 3)),)),
    Sample((apart(r(3, 3)), "U")),
    Sample((apart(r(2, 1, 2, 2)),), {"UPLO": "l"}),
]


@entry(np.linalg.eigh, samples=SYMMETRIC_SAMPLES)  # complex eigenvectors have a phase of their own: no sample here
def eigh(a: Any, UPLO: str = "L") -> EighResult:
    """Eigenvalues λ, in ascending order, and eigenvectors, the columns of V, of symmetric or Hermitian matrices.

    A named tuple (eigenvalues, eigenvectors). As NumPy's, it reads one triangle of A, and the gradient is that of the
    entries it reads, each of which stands for two entries of A.

    ∂λᵢ = vᵢᴴ ∂A vᵢ;  ∂vⱼ = Σᵢ vᵢ (vᵢᴴ ∂A vⱼ) / (λⱼ − λᵢ). Of equal eigenvalues (to rounding, n ε max|λ|) the
    eigenvectors are any basis, and the terms between them are left out: right for a loss that treats them alike, as the
    sum of eigenvalues and the projection V₂ V₂ᴴ do. A loss that depends on the basis has no derivative there, and one
    that is a function of V f(Λ) Vᴴ, f not constant, gets its gradient without those terms; so do second derivatives.
    Complex eigenvectors are determined up to a phase, which a loss must not depend on.

    Parameters
    ----------
    UPLO : the triangle that is read, "L" or "U"

    >>> w, v = tl.eigh(tl.tensor([[2.0, 1.0], [1.0, 2.0]]))
    >>> w
    Tensor([1., 3.])
    """
    a = square("eigh", a)
    return EighResult(*of_real_values(unpacked(eigh_p(a, UPLO=triangle_read("eigh", UPLO)), eigen_shapes(a.shape))))


def of_real_values(parts: list[Any]) -> list[Any]:
    """Eigenvalues that are real, in the type of real numbers, and the eigenvectors."""
    w, v = parts
    return [w.real if w.dtype.kind == "c" else w, v]


def _eigvalsh(a: Any, *, UPLO: Any) -> Any:
    return tuple(np.linalg.eigh(a, UPLO))


eigvalsh_p = primitive(
    _eigvalsh,
    remembers={"v": lambda a, UPLO: np.linalg.eigh(a, UPLO)[1]},
    leading=as_it_is,
    # a, of which v is a function, is named for the recorded sweep
    a=lambda g, v, a, UPLO: folded((conjugate(v) * g[..., None, :]) @ v.mT, UPLO == "L"),
)


@entry(
    np.linalg.eigvalsh,
    samples=lambda r: [
        *SYMMETRIC_SAMPLES(r),
        Sample((apart(complex_of(r)(3, 3)),)),
        Sample((apart(complex_of(r)(2, 2, 2)), "U")),
    ],
)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues of symmetric or Hermitian matrices, in ascending order: ∂λᵢ = vᵢᴴ ∂A vᵢ.

    Equal eigenvalues have no derivative each, but functions that treat them alike have: their sum, log det A, …
    Parameters and gradient as for :func:`eigh`.

    >>> tl.eigvalsh(tl.tensor([[2.0, 1.0], [1.0, 2.0]]))
    Tensor([1., 3.])
    """
    return eigvalsh_p(square("eigvalsh", a), UPLO=triangle_read("eigvalsh", UPLO))


# ---------------------------------------------------------------------------------------------------------------------
# Of any matrices


class EigResult(NamedTuple):
    """What :func:`eig` finds, by NumPy's names."""

    eigenvalues: Any
    eigenvectors: Any


def _eig(a: Any) -> Any:
    return packed(np.linalg.eig(a), eigen_shapes(a.shape))


def before_scaling(g: Any, v: Any) -> Any:
    """The gradient with respect to eigenvectors as they would be without NumPy's scaling.

    That is to length 1, with the largest component real: v − v c, where Re c = Re vᴴ ∂v and Im c = Im ∂vₖ / vₖ.
    """
    along = (g * v).sum(-2)[..., None, :]
    g = g - along.real * conjugate(v)
    if v.dtype.kind != "c":
        return g
    largest = np.argmax(np.abs(v), axis=-2)[..., None, :] == np.arange(v.shape[-1])[:, None]
    return g - 1j * along.imag * (largest / np.where(largest, v, 1))


def from_any_eigenvectors(g: Any, y: Any, shape: tuple[int, ...]) -> Any:
    """The gradient with respect to A = V Λ V⁻¹: V⁻ᵀ (diag g_λ + F ∘ Vᵀ G) Vᵀ, Fᵢⱼ = 1/(λⱼ − λᵢ), 0 for equal ones."""
    (w, v), (gw, gv) = unpacked(y, eigen_shapes(shape)), unpacked(g, eigen_shapes(shape))
    scale = w.shape[-1] * np.max(np.abs(w), axis=-1, keepdims=True, initial=0)
    inner = on_diagonal(gw) + reciprocal_differences(w, scale) * (v.mT @ before_scaling(gv, v))
    return np.linalg.solve(v.mT, inner @ v.mT)


eig_p = primitive(_eig, leading=as_it_is, a=lambda g, y, a_shape: from_any_eigenvectors(g, y, a_shape))


ANY_SAMPLES: Any = lambda r: [
    Sample((apart(r(3, 3)),)),
    Sample((apart(r(2, 1, 2, 2)),)),
    Sample((apart(complex_of(r)(2, 1, 3, 3)),)),
    Sample((np.array([[0.5, -2.0], [1.0, 1.5]]),)),  # whose eigenvalues are not real
]


@entry(np.linalg.eig, samples=ANY_SAMPLES)
def eig(a: Any) -> EigResult:
    """Eigenvalues λ and eigenvectors, the columns of V, of square matrices. A named tuple (eigenvalues, eigenvectors).

    ∂λᵢ = (V⁻¹ ∂A V)ᵢᵢ. As NumPy's, eigenvectors have length 1 and their largest component is real, and the derivative
    is that. Of equal eigenvalues terms between the eigenvectors are left out, as by :func:`eigh`. A matrix without n
    independent eigenvectors has no derivative.

    >>> w, v = tl.eig(tl.tensor([[2.0, 1.0], [0.0, 3.0]]))
    >>> w
    Tensor([2., 3.])
    """
    a = square("eig", a)
    return EigResult(*unpacked(eig_p(a), eigen_shapes(a.shape)))


def nearest_order(y: Any, w: Any) -> Any:
    """For each number of ``y`` the place of the nearest in ``w``, each place once."""
    preferred = np.argsort(np.abs(y[..., :, None] - w[..., None, :]), axis=-1)
    order = preferred[..., 0].copy()
    once = np.sort(order) == np.arange(order.shape[-1])
    if is_lazy(once):
        there = duck(once)
        there.kind.asserted(
            there, "eigvals: eigenvalues lie too near each other for a compiled function to tell them apart"
        )
    elif not np.all(once):
        for batch in np.ndindex(order.shape[:-1]):
            taken: dict[int, None] = {}
            for places in preferred[batch]:
                taken[next(k for k in places.tolist() if k not in taken)] = None
            order[batch] = list(taken)
    return order


def from_any_eigenvalues(g: Any, y: Any, a: Any) -> Any:
    """The gradient of the eigenvalues alone: V⁻ᵀ diag(g) Vᵀ. LAPACK's order may be another where it finds V, too."""
    w, v = np.linalg.eig(a)
    v = np.take_along_axis(v, nearest_order(y, w)[..., None, :], -1)
    return np.linalg.solve(v.mT, g[..., :, None] * v.mT)


def _eigvals(a: Any) -> Any:
    return np.linalg.eigvals(a)


eigvals_p = primitive(_eigvals, leading=as_it_is, a=lambda g, y, a: from_any_eigenvalues(g, y, a))


@entry(np.linalg.eigvals, samples=ANY_SAMPLES)
def eigvals(a: Any) -> Any:
    """The eigenvalues of square matrices: ∂λᵢ = (V⁻¹ ∂A V)ᵢᵢ. As for :func:`eig`.

    >>> tl.eigvals(tl.tensor([[2.0, 1.0], [0.0, 3.0]]))
    Tensor([2., 3.])
    """
    return eigvals_p(square("eigvals", a))
