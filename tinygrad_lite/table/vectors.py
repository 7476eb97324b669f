"""Products of stacks of vectors and matrices, which in newer releases of NumPy are ufuncs."""

from __future__ import annotations

from typing import Any

from .arrays import array, functions
from .complexes import conjugate
from .products import matmul
from .registry import Sample, entry


def needs_axes(name: str, x: Any, n: int) -> Any:
    """An array that has so many axes; raises ValueError where it has not."""
    x = array(x)
    if x.ndim < n:
        raise ValueError(f"{name}: needs {'two axes' if n > 1 else 'one axis'} or more, got shape {x.shape}")
    return x


@entry(
    *functions("vecdot"),
    name="vecdot",
    samples=lambda r: [Sample((r(3), r(3))), Sample((r(2, 3), r(3))), Sample((r(2, 1, 3), r(4, 3)))],
)
def vecdot(a: Any, b: Any) -> Any:
    """y = Σₖ a[…, k] b[…, k], the conjugate of a where it is complex; ∂y/∂a = b,  ∂y/∂b = a.

    >>> tl.vecdot(tl.tensor([[1.0, 2.0], [3.0, 4.0]]), [1.0, 1.0])
    Tensor([3., 7.])
    """
    a, b = needs_axes("vecdot", a, 1), needs_axes("vecdot", b, 1)
    return matmul(conjugate(a)[..., None, :], b[..., None])[..., 0, 0]


@entry(
    *functions("matvec"),
    name="matvec",
    samples=lambda r: [Sample((r(2, 3), r(3))), Sample((r(2, 3), r(4, 3))), Sample((r(4, 2, 3), r(4, 3)))],
)
def matvec(a: Any, b: Any) -> Any:
    """y = A b, of stacks of matrices and of vectors that broadcast;  ∂/∂A: g bᵀ,  ∂/∂b: Aᵀ g.

    >>> tl.matvec(tl.tensor([[1.0, 2.0]]), [[1.0, 1.0], [0.0, 1.0]])
    Tensor([[3.],
            [2.]])
    """
    a, b = needs_axes("matvec", a, 2), needs_axes("matvec", b, 1)
    return matmul(a, b[..., None])[..., 0]


@entry(
    *functions("vecmat"),
    name="vecmat",
    samples=lambda r: [Sample((r(3), r(3, 2))), Sample((r(4, 3), r(3, 2))), Sample((r(4, 3), r(4, 3, 2)))],
)
def vecmat(a: Any, b: Any) -> Any:
    """y = a B, of stacks of vectors and of matrices that broadcast, the conjugate of a where it is complex;
    ∂/∂a: B g,  ∂/∂B: a gᵀ.

    >>> tl.vecmat(tl.tensor([1.0, 2.0]), [[1.0], [1.0]])
    Tensor([3.])
    """
    a, b = needs_axes("vecmat", a, 1), needs_axes("vecmat", b, 2)
    return matmul(conjugate(a)[..., None, :], b)[..., 0, :]
