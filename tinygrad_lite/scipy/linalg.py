"""SciPy's ``scipy.linalg``, with derivatives: ``import tinygrad_lite.scipy.linalg as linalg``.

What has a derivative here is listed in ``SERVED``; all else is SciPy's own, which refuses Tensors that require a
gradient.

>>> import tinygrad_lite.scipy.linalg as linalg
>>> linalg.expm(tl.tensor([[0.0, 1.0], [0.0, 0.0]]))
Tensor([[1., 1.],
        [0., 1.]])
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..table.arrays import array, floating
from ..table.complexes import conjugate
from ..table.primitive import Primitive
from .decompositions import DECOMPOSITIONS
from .loading import scipy_module
from .twins import refuse_infinite

original = scipy_module("scipy.linalg")

# ---------------------------------------------------------------------------------------------------------------------
# Triangular systems


def _solve_triangular(a: Any, b: Any, *, trans: int, lower: bool, unit_diagonal: bool) -> Any:
    structure = {"lower": lower, "unit_diagonal": unit_diagonal}
    return original.solve_triangular(a, b, trans=trans, check_finite=False, **structure)


def read_part(x: Any, lower: bool, unit_diagonal: bool) -> Any:
    """The entries of a triangular matrix that are read."""
    return np.tril(x, -int(unit_diagonal)) if lower else np.triu(x, int(unit_diagonal))


def adjoint(g: Any, a: Any, trans: int, lower: bool, unit_diagonal: bool) -> Any:
    """The gradient with respect to b: the transposed system's solution."""
    return solve_triangular_p(a, g, trans=1 - trans, lower=lower, unit_diagonal=unit_diagonal)


def of_triangular(g: Any, a: Any, y: Any, trans: int, lower: bool, unit_diagonal: bool) -> Any:
    """The gradient with respect to A, in the entries that are read."""
    h = adjoint(g, a, trans, lower, unit_diagonal)
    return -read_part(y @ h.mT if trans else h @ y.mT, lower, unit_diagonal)


solve_triangular_p = Primitive(
    _solve_triangular,
    {
        "a": lambda g, a, y, trans, lower, unit_diagonal: of_triangular(g, a, y, trans, lower, unit_diagonal),
        "b": lambda g, a, trans, lower, unit_diagonal: adjoint(g, a, trans, lower, unit_diagonal),
    },
    name="solve_triangular",
    broadcasts=True,
    elementwise=False,
)

TRANSPOSED = {0: 0, "N": 0, 1: 1, "T": 1, 2: 2, "C": 2}


def solve_triangular(
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    *,
    check_finite: bool = True,
    **unused: Any,
) -> Any:
    """The x with A x = b for a triangular A, of which no entry on the other side of the diagonal is read.

    Parameters
    ----------
    trans : 0 or "N"; 1 or "T" for Aᵀ x = b; 2 or "C" for Aᴴ x = b
    lower : whether A is lower triangular
    unit_diagonal : whether the diagonal is 1, and not read
    check_finite : whether to raise ValueError for what is infinite or NaN
    unused : SciPy's ``overwrite_b``, which makes no difference here

    >>> import tinygrad_lite.scipy.linalg as linalg
    >>> linalg.solve_triangular(tl.tensor([[2.0, 0.0], [1.0, 1.0]]), [2.0, 3.0], lower=True)
    Tensor([1., 2.])
    """
    known_only("solve_triangular", unused, "overwrite_b")
    if check_finite:
        refuse_infinite("scipy.linalg.solve_triangular", a, b)
    if trans not in TRANSPOSED:
        raise ValueError(f"solve_triangular: trans must be 0, 1, 2, 'N', 'T' or 'C', not {trans!r}")
    a, b, turned = floating(array(a)), floating(array(b)), TRANSPOSED[trans]
    is_vector = b.ndim == 1
    x = solve_triangular_p(
        conjugate(a) if turned == 2 else a,
        b[..., None] if is_vector else b,
        trans=min(turned, 1),
        lower=bool(lower),
        unit_diagonal=bool(unit_diagonal),
    )
    return x[..., 0] if is_vector else x


def known_only(name: str, given: dict[str, Any], *known: str) -> None:
    """Raise TypeError for a keyword that SciPy's function has not."""
    for key in given:
        if key not in known:
            raise TypeError(f"{name}: takes no {key}=")


def cho_factor(a: Any, lower: bool = False, *, check_finite: bool = True, **unused: Any) -> tuple[Any, bool]:
    """Cholesky's factor for :func:`cho_solve`, and whether it is the lower one.

    As SciPy's, it leaves A's own entries on the other side of the diagonal.

    >>> import tinygrad_lite.scipy.linalg as linalg
    >>> factor, lower = linalg.cho_factor(tl.tensor([[4.0, 2.0], [2.0, 5.0]]), lower=True)
    >>> factor
    Tensor([[2., 2.],
            [1., 2.]])
    """
    known_only("cho_factor", unused, "overwrite_a")
    if check_finite:
        refuse_infinite("scipy.linalg.cho_factor", a)
    a = floating(array(a))
    factor = np.linalg.cholesky(a, upper=not lower)
    return factor + (np.triu(a, 1) if lower else np.tril(a, -1)), bool(lower)


def cho_solve(c_and_lower: tuple[Any, bool], b: Any, *, check_finite: bool = True, **unused: Any) -> Any:
    """The x with A x = b, given what :func:`cho_factor` made of A: two triangular systems.

    >>> import tinygrad_lite.scipy.linalg as linalg
    >>> linalg.cho_solve(linalg.cho_factor(tl.tensor([[4.0, 2.0], [2.0, 5.0]])), [6.0, 7.0])
    Tensor([1., 1.])
    """
    known_only("cho_solve", unused, "overwrite_b")
    c, lower = c_and_lower
    if check_finite:
        refuse_infinite("scipy.linalg.cho_solve", c, b)
    first, second = (0, 2) if lower else (2, 0)
    half = solve_triangular(c, b, first, lower, check_finite=False)
    return solve_triangular(c, half, second, lower, check_finite=False)


# ---------------------------------------------------------------------------------------------------------------------
# Sylvester's equation


def _solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    x = original.solve_sylvester(a, b, q)
    if np.max(np.abs(a @ x + x @ b - q), initial=0) > 1e-3 * np.max(np.abs(q), initial=0):
        raise np.linalg.LinAlgError("eigenvalues of A and of B add up to 0, to rounding: there is no one solution")
    return x


# with Y the solution of Aᵀ Y + Y Bᵀ = G, the gradients are −Y Xᵀ, −Xᵀ Y and Y
solve_sylvester_p = Primitive(
    _solve_sylvester,
    {
        "a": lambda g, a, b, y: -(solve_sylvester_p(a.mT, b.mT, g) @ y.mT),
        "b": lambda g, a, b, y: -(y.mT @ solve_sylvester_p(a.mT, b.mT, g)),
        "q": lambda g, a, b: solve_sylvester_p(a.mT, b.mT, g),
    },
    name="solve_sylvester",
)


def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """The X with A X + X B = Q, for square matrices A and B; LinAlgError if two of their eigenvalues add up to 0.

    >>> import tinygrad_lite.scipy.linalg as linalg
    >>> linalg.solve_sylvester(tl.tensor([[1.0]]), [[2.0]], [[6.0]])
    Tensor([[2.]])
    """
    a, b, q = [floating(array(x)) for x in (a, b, q)]
    dtype = np.result_type(
        a.dtype, b.dtype, q.dtype
    )  # beside complex numbers SciPy's Schur form of a real matrix is none
    a, b, q = [x if x.dtype == dtype else x.astype(dtype) for x in (a, b, q)]
    if not a.ndim == b.ndim == q.ndim == 2:
        raise ValueError(f"solve_sylvester: takes three matrices, got shapes {a.shape}, {b.shape} and {q.shape}")
    return solve_sylvester_p(a, b, q)


# ---------------------------------------------------------------------------------------------------------------------
# Functions of a matrix


def from_function(function: Callable[[Any], Any], g: Any, a: Any) -> Any:
    """The gradient of f(A): the upper right block of f([[Aᵀ, G], [0, Aᵀ]]), which is f's derivative at Aᵀ along G.

    (N. Higham, "Functions of Matrices", 2008, theorem 3.6.) That is f of a matrix again, which has its derivatives.
    """
    n, turned = a.shape[-1], a.mT
    upper = np.concatenate([turned, g], axis=-1)
    lower = np.concatenate([np.zeros_like(g), turned], axis=-1)
    return function(np.concatenate([upper, lower], axis=-2))[..., :n, n:]


def matrix_function(name: str, mathematics: str, example: str) -> Callable[[Any], Any]:
    """A function of square matrices, by SciPy's name."""
    scipys = getattr(original, name)

    def _function(a: Any) -> Any:
        y = scipys(a.astype(np.float64) if a.dtype == np.float32 else a)  # SciPy asks for the accuracy of doubles
        return y.astype(a.dtype) if np.isrealobj(y) else y

    def function(a: Any) -> Any:
        return made(floating(array(a)))

    made = Primitive(_function, {"a": lambda g, a: from_function(made, g, a)}, name=name)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{mathematics}\n\n    >>> import tinygrad_lite.scipy.linalg as linalg\n    {example}\n    "
    return function


expm = matrix_function(
    "expm",
    "The matrix exponential, Σₖ Aᵏ / k!, of square matrices in the last two axes.",
    ">>> linalg.expm(tl.tensor([[0.0, 2.0], [0.0, 0.0]]))\n    Tensor([[1., 2.],\n            [0., 1.]])",
)
sqrtm = matrix_function(
    "sqrtm",
    "The square root X of a matrix, X X = A, whose eigenvalues lie to the right of 0.",
    ">>> linalg.sqrtm(tl.tensor([[4.0, 0.0], [0.0, 9.0]]))\n    Tensor([[2., 0.],\n            [0., 3.]])",
)
logm = matrix_function(
    "logm",
    "The logarithm X of a matrix, expm(X) = A, that has no eigenvalue at or left of 0.",
    ">>> linalg.logm(tl.tensor([[1.0, 2.0], [0.0, 1.0]]))\n    Tensor([[0., 2.],\n            [0., 0.]])",
)

# ---------------------------------------------------------------------------------------------------------------------
# Matrices of a structure


def block_diag(*arrs: Any) -> Any:
    """Matrices on a diagonal, zeros elsewhere; vectors are rows.

    >>> import tinygrad_lite.scipy.linalg as linalg
    >>> linalg.block_diag(tl.tensor([[1.0, 2.0]]), 3.0)
    Tensor([[1., 2., 0.],
            [0., 0., 3.]])
    """
    if not arrs:
        return original.block_diag()
    blocks = [np.atleast_2d(array(x)) for x in arrs]
    batch = np.broadcast_shapes(*[x.shape[:-2] for x in blocks])
    blocks = [x if x.shape[:-2] == batch else np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in blocks]
    dtype, width, left = np.result_type(*[x.dtype for x in blocks]), sum([x.shape[-1] for x in blocks]), 0
    rows = []
    for x in blocks:
        zeros = partial(np.zeros, dtype=dtype)
        before, after = [(*batch, x.shape[-2], n) for n in (left, width - left - x.shape[-1])]
        rows.append(np.concatenate([zeros(before), x, zeros(after)], axis=-1))
        left += x.shape[-1]
    return np.concatenate(rows, axis=-2)


def toeplitz(c: Any, r: Any = None) -> Any:
    """The matrix with the same entries along each diagonal: y[i, j] = c[i − j], and r[j − i] above the diagonal.

    Parameters
    ----------
    c : the first column
    r : the first row, whose first entry is not read; by default c, conjugated

    >>> import tinygrad_lite.scipy.linalg as linalg
    >>> linalg.toeplitz(tl.tensor([1.0, 2.0]), [0.0, 5.0])
    Tensor([[1., 5.],
            [2., 1.]])
    """
    c = array(c)
    r = conjugate(c) if r is None else array(r)
    m, n = c.shape[-1], r.shape[-1]
    entries = np.concatenate([c[..., ::-1], r[..., 1:]], axis=-1)
    return entries[..., np.arange(n) - np.arange(m)[:, None] + (m - 1)]


OWN = (block_diag, cho_factor, cho_solve, expm, logm, solve_sylvester, solve_triangular, sqrtm, toeplitz)

SERVED = {**DECOMPOSITIONS, **{function.__name__: function for function in OWN}}
"""The functions that have a derivative here, by SciPy's names."""

globals().update(SERVED)


def __getattr__(name: str) -> Any:
    return getattr(original, name)


def __dir__() -> list[str]:
    return dir(original)
