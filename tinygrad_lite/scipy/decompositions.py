"""``scipy.linalg``'s functions that ``numpy.linalg`` has, too, with SciPy's arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ..table.arrays import array, floating, values_of
from .loading import scipy_module
from .twins import twin

original = scipy_module("scipy.linalg")


def norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of a vector or a matrix."""
    return np.linalg.norm(floating(array(a)), ord, axis, keepdims)


def solve(a: Any, b: Any, assume_a: Any = None, transposed: bool = False) -> Any:
    """The x with A x = b, or Aᵀ x = b."""
    if assume_a not in (None, "gen", "general"):
        raise TypeError(f"scipy.linalg.solve: takes no assume_a={assume_a!r} when recorded")
    a = floating(array(a))
    if transposed and a.dtype.kind == "c":
        raise NotImplementedError("scipy.linalg.solve: transposed=True is for real matrices only")
    return np.linalg.solve(a.mT if transposed else a, b)


def qr(a: Any, mode: str = "full") -> Any:
    """Q and R with A = Q R."""
    modes: dict[str, Any] = {"full": "complete", "economic": "reduced"}
    if mode not in modes:
        raise TypeError(f"scipy.linalg.qr: takes no mode={mode!r} when recorded")
    return tuple(np.linalg.qr(floating(array(a)), modes[mode]))


def pinv(a: Any, rtol: Any = None) -> Any:
    """The pseudoinverse."""
    a = floating(array(a))
    return np.linalg.pinv(a, rtol=max(a.shape[-2:]) * np.finfo(a.dtype).eps if rtol is None else rtol)


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
    "inv": lambda a: np.linalg.inv(floating(array(a))),
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
