"""``scipy.linalg``'s functions that ``numpy.linalg`` has, too, with SciPy's arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np

from ..table.arrays import array, floating, values_of
from ..table.inverses import mirrored
from ..table.packing import dagger
from .loading import scipy_module
from .twins import twin

original = scipy_module("scipy.linalg")


def norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of a vector or a matrix."""
    return np.linalg.norm(floating(array(a)), ord, axis, keepdims)


# ---------------------------------------------------------------------------------------------------------------------
# Equations, with a matrix of which a part is read


def hermitian(a: Any, lower: bool) -> Any:
    """The Hermitian matrix whose lower triangle A has, or its upper one."""
    return mirrored(a if lower else dagger(a), hermitian=True)


def symmetric(a: Any, lower: bool) -> Any:
    """The symmetric matrix whose lower triangle A has, or its upper one."""
    half = np.tril(a) if lower else np.tril(a.mT)
    return half + np.tril(half, -1).mT


STRUCTURES: Final[dict[str | None, Callable[[Any, bool], Any]]] = {
    **dict.fromkeys((None, "gen", "general", "banded"), lambda a, lower: a),
    **dict.fromkeys(("sym", "symmetric"), symmetric),
    **dict.fromkeys(("her", "hermitian", "pos", "positive definite"), hermitian),
    "diagonal": lambda a, lower: np.tril(np.triu(a)),
    "tridiagonal": lambda a, lower: np.tril(np.triu(a, -1), 1),
    "upper triangular": lambda a, lower: np.triu(a),
    "lower triangular": lambda a, lower: np.tril(a),
}
"""SciPy's ``assume_a`` → the matrix of which a part is read."""

INVERTED: Final = (None, "gen", "general", "sym", "her", "pos", "upper triangular", "lower triangular")
"""What ``inv`` takes for ``assume_a``; of a diagonal matrix SciPy gives no inverse."""


def read_matrix(name: str, a: Any, assume_a: Any, lower: bool, known: Iterable[str | None]) -> Any:
    """The matrix that is meant by A and its structure; raises as SciPy's function of that name for what is none."""
    if assume_a not in known:
        some = ", ".join([repr(key) for key in known])
        raise ValueError(f"scipy.linalg.{name}: {assume_a!r} is not a recognized matrix structure; there are {some}")
    whole = STRUCTURES[assume_a](floating(array(a)), bool(lower))
    if assume_a in ("pos", "positive definite"):
        try:
            np.linalg.cholesky(values_of(whole))
        except np.linalg.LinAlgError:
            raise np.linalg.LinAlgError(
                f"scipy.linalg.{name}: assume_a={assume_a!r}, and A is not positive definite"
            ) from None
    return whole


def solve(a: Any, b: Any, lower: bool = False, assume_a: Any = None, transposed: bool = False) -> Any:
    """The x with A x = b, or Aᵀ x = b."""
    a = read_matrix("solve", a, assume_a, lower, STRUCTURES)
    if transposed and a.dtype.kind == "c":
        raise NotImplementedError("scipy.linalg.solve: transposed=True is for real matrices only")
    return np.linalg.solve(a.mT if transposed else a, b)


def inv(a: Any, assume_a: Any = None, lower: bool = False) -> Any:
    """The inverse."""
    return np.linalg.inv(read_matrix("inv", a, assume_a, lower, INVERTED))


def pinv(a: Any, atol: Any = None, rtol: Any = None, return_rank: bool = False) -> Any:
    """The pseudoinverse: singular values up to atol + rtol times the largest count as 0; and how many do not."""
    a = floating(array(a))
    atol = 0.0 if atol is None else atol
    rtol = max(a.shape[-2:]) * np.finfo(a.dtype).eps if rtol is None else rtol
    if atol < 0 or rtol < 0:
        raise ValueError(f"scipy.linalg.pinv: atol and rtol must not be negative, got {atol} and {rtol}")
    s = np.linalg.svd(values_of(a), compute_uv=False)
    largest = s.max(axis=-1, initial=0)
    y = np.linalg.pinv(a, rtol=rtol + (atol / np.where(largest > 0, largest, 1))[()])
    return (y, np.sum(s > (atol + rtol * largest)[..., None], axis=-1)) if return_rank else y


# ---------------------------------------------------------------------------------------------------------------------
# Factors


def qr(a: Any, mode: str = "full") -> Any:
    """Q and R with A = Q R; R alone, in a tuple, for mode="r"."""
    modes: dict[str, Any] = {"full": "complete", "economic": "reduced"}
    a = floating(array(a))
    if mode == "r":
        r: Any = np.linalg.qr(a, "r")
        below = np.zeros((*r.shape[:-2], a.shape[-2] - r.shape[-2], r.shape[-1]), r.dtype)
        return (np.concatenate([r, below], axis=-2) if below.size else r,)
    if mode not in modes:
        raise TypeError(f"scipy.linalg.qr: takes no mode={mode!r} when recorded")
    return tuple(np.linalg.qr(a, modes[mode]))


def eigh(a: Any, lower: bool = True, eigvals_only: bool = False) -> Any:
    """The eigenvalues of a symmetric matrix, of which one side of the diagonal is read, and the eigenvectors.

    They are turned as SciPy's are, which takes another routine of LAPACK's than NumPy.
    """
    side: Any = "L" if lower else "U"
    a = floating(array(a))
    if eigvals_only:
        return np.linalg.eigvalsh(a, side)
    w, v = np.linalg.eigh(a, side)
    along = np.sum(np.conj(values_of(v)) * original.eigh(values_of(a), lower=lower)[1], axis=-2, keepdims=True)
    length = np.abs(along)
    return w, v * np.where(length > 0.5, along / np.where(length > 0.5, length, 1), 1).astype(v.dtype)


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """U, s and Vᴴ with A = U diag(s) Vᴴ, or s alone."""
    a = floating(array(a))
    return tuple(np.linalg.svd(a, full_matrices)) if compute_uv else np.linalg.svdvals(a)


NUMPYS: Final[dict[str, Callable[..., Any]]] = {
    "cholesky": lambda a, lower=False: np.linalg.cholesky(floating(array(a)), upper=not lower),
    "det": lambda a: np.linalg.det(floating(array(a))),
    "eigh": eigh,
    "eigvals": lambda a: np.linalg.eigvals(floating(array(a))) + 0j,  # which SciPy's always are
    "eigvalsh": lambda a, lower=True: eigh(a, lower, eigvals_only=True),
    "inv": inv,
    "norm": norm,
    "pinv": pinv,
    "qr": qr,
    "solve": solve,
    "svd": svd,
    "svdvals": lambda a: svd(a, compute_uv=False),
}
"""SciPy's name → what serves it."""

DECOMPOSITIONS: Final = {name: twin(getattr(original, name), f) for name, f in NUMPYS.items()}
"""SciPy's name → SciPy's function with derivatives."""
