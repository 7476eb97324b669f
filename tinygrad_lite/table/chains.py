"""Products of many matrices, Kronecker's and the cross product, and how ``np.linalg`` calls what NumPy has already."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .arrays import array
from .complexes import conjugate
from .diagonals import diagonal, trace
from .eigenvalues import square
from .elsewhere import placed_beside
from .inverses import inv, regular
from .joining import stack
from .lists import as_array
from .products import matmul, outer, tensordot
from .registry import DISPATCH, F, Sample, complex_of, entry
from .shapes import expand_dims, matrix_transpose, moveaxis, ravel, reshape

# ---------------------------------------------------------------------------------------------------------------------
# Powers and chains


@entry(
    np.linalg.matrix_power,
    samples=lambda r: [
        Sample((r(3, 3), 0)),
        Sample((r(3, 3), 1)),
        Sample((r(2, 2, 2), 2)),
        Sample((r(3, 3), 3)),
        Sample((r(2, 2), 6)),
        Sample((regular(r(3, 3)), -2)),
        Sample((regular(complex_of(r)(2, 2)), -3)),
    ],
)
def matrix_power(a: Any, n: int) -> Any:
    """Aⁿ for a whole number n, by squaring; of A⁻¹ where n < 0.

    >>> tl.matrix_power(tl.tensor([[1.0, 1.0], [0.0, 1.0]]), 5)
    Tensor([[1., 5.],
            [0., 1.]])
    """
    a = array(a)
    if n == 0 or a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        square("matrix_power", a)
    try:
        n = operator.index(n)
    except TypeError as error:
        raise TypeError(f"matrix_power: the exponent must be a whole number, not {n!r}") from error
    if n == 0:
        return np.where(True, placed_beside(np.eye(a.shape[-1], dtype=a.dtype), a), a)
    if n < 0:
        a, n = inv(a), -n
    if n == 1:
        return a
    if n == 3:
        return matmul(matmul(a, a), a)  # as NumPy multiplies
    power = result = None
    while n:
        power = a if power is None else matmul(power, power)
        n, odd = divmod(n, 2)
        if odd:
            result = power if result is None else matmul(result, power)
    return result


def cheapest_splits(lengths: Sequence[int]) -> dict[tuple[int, int], int]:
    """Where to split a chain of matrices for the fewest multiplications, for every part of it.

    (T. Cormen and others, "Introduction to Algorithms", section on matrix-chain multiplication.)
    """
    n = len(lengths) - 1
    cost = dict.fromkeys([(i, i) for i in range(n)], 0)
    splits = {}
    for width in range(1, n):
        for i in range(n - width):
            j = i + width
            costs = [cost[i, k] + cost[k + 1, j] + lengths[i] * lengths[k + 1] * lengths[j + 1] for k in range(i, j)]
            cost[i, j] = min(costs)
            splits[i, j] = i + costs.index(cost[i, j])
    return splits


def chain(matrices: Sequence[Any], splits: dict[tuple[int, int], int], i: int, j: int) -> Any:
    """The product of the i-th to the j-th matrix."""
    if i == j:
        return matrices[i]
    k = splits[i, j]
    return matmul(chain(matrices, splits, i, k), chain(matrices, splits, k + 1, j))


@entry(
    np.linalg.multi_dot,
    samples=lambda r: [
        Sample(([r(2, 3), r(3, 2)],)),
        Sample(([r(3), r(3, 2), r(2)],)),
        Sample(([r(2, 3), r(3, 1), r(1, 4), r(4)],)),
        Sample(([r(2, 3), r(3, 1), r(1, 4), r(4, 2)],)),
        Sample(([complex_of(r)(2, 3), r(3, 2), complex_of(r)(2)],)),
    ],
)
def multi_dot(arrays: Sequence[Any]) -> Any:
    """The product of two matrices or more, in the order of the fewest multiplications; the ends may be vectors.

    >>> tl.multi_dot([tl.tensor([1.0, 2.0]), np.eye(2), np.ones(2)]).item()
    3.0
    """
    matrices = [as_array(x) for x in arrays]
    n = len(matrices)
    if n < 2:
        raise ValueError(f"multi_dot: needs two matrices or more, got {n}")
    if n == 2:
        return np.dot(*matrices)
    first, last = matrices[0].ndim == 1, matrices[-1].ndim == 1
    if first:
        matrices[0] = reshape(matrices[0], (1, -1))
    if last:
        matrices[-1] = reshape(matrices[-1], (-1, 1))
    if any(x.ndim != 2 for x in matrices):
        raise np.linalg.LinAlgError(f"multi_dot: takes matrices, got the shapes {[x.shape for x in matrices]}")
    lengths = [x.shape[0] for x in matrices] + [matrices[-1].shape[1]]
    splits = {**cheapest_splits(lengths)}
    if n == 3:  # of equal costs NumPy takes here the second two first, else the last split
        by_left = lengths[0] * lengths[2] * (lengths[1] + lengths[3])
        splits[0, 2] = 1 if by_left < lengths[1] * lengths[3] * (lengths[0] + lengths[2]) else 0
    y = chain(matrices, splits, 0, n - 1)
    if first and last:
        return y[0, 0]
    return ravel(y) if first or last else y


# ---------------------------------------------------------------------------------------------------------------------
# Other products


@entry(
    np.kron,
    samples=lambda r: [
        Sample((r(2, 3), r(2, 2))),
        Sample((r(2), r(3))),
        Sample((r(2), r(2, 3))),
        Sample((r(2, 1, 2), r(3, 2))),
        Sample((r(), r(2, 2))),
        Sample((complex_of(r)(2, 2), complex_of(r)(2))),
    ],
)
def kron(a: Any, b: Any) -> Any:
    """The Kronecker product: each entry of a times the whole of b, y[i m + k, j n + l] = a[i, j] b[k, l].

    >>> tl.kron(tl.tensor([1.0, 10.0]), [1.0, 2.0])
    Tensor([ 1.,  2., 10., 20.])
    """
    a, b = array(a), array(b)
    if a.ndim == 0 or b.ndim == 0:
        return np.multiply(a, b)
    n = max(a.ndim, b.ndim)
    shapes = [(1,) * (n - x.ndim) + x.shape for x in (a, b)]
    spread_a = expand_dims(reshape(a, shapes[0]), tuple(range(1, 2 * n, 2)))
    spread_b = expand_dims(reshape(b, shapes[1]), tuple(range(0, 2 * n, 2)))
    return reshape(np.multiply(spread_a, spread_b), [p * q for p, q in zip(*shapes, strict=True)])


def components(name: str, x: Any, axis: int) -> list[Any]:
    """The components of vectors along an axis: two or three."""
    x = moveaxis(x, axis, -1)
    if x.shape[-1] not in (2, 3):
        raise ValueError(f"{name}: vectors must have two components or three, got {x.shape[-1]}")
    return [x[..., k] for k in range(x.shape[-1])]


@entry(
    np.cross,
    samples=lambda r: [
        Sample((r(3), r(3))),
        Sample((r(2, 3), r(3))),
        Sample((r(3, 2), r(2, 3)), {"axisa": 0, "axisc": 0}),
        Sample((r(2, 3), r(3, 2)), {"axisb": 0}),
        Sample((r(3, 2), r(3, 2)), {"axis": 0}),
        Sample((complex_of(r)(3), complex_of(r)(3))),
    ],
)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The cross product a × b of vectors of three components; those of two have third component 0, and two such give a
    number each, the third component of the product (which NumPy deprecates, with a warning).

    Parameters
    ----------
    axisa, axisb, axisc : where the components are in a, in b and in the result
    axis : the same for all three

    >>> tl.cross(tl.tensor([1.0, 0.0, 0.0]), [0.0, 1.0, 0.0])
    Tensor([0., 0., 1.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = array(a), array(b)
    if a.ndim < 1 or b.ndim < 1:
        raise ValueError("cross: needs vectors, got a number")
    left = components("cross", a, normalize_axis_index(axisa, a.ndim, "axisa"))
    right = components("cross", b, normalize_axis_index(axisb, b.ndim, "axisb"))
    if len(left) == 2 or len(right) == 2:
        np.cross(np.ones(len(left)), np.ones(len(right)))  # which warns
    third = left[0] * right[1] - left[1] * right[0]
    if len(left) == len(right) == 2:
        return third
    if len(left) == 2:
        first, second = left[1] * right[2], -(left[0] * right[2])
    elif len(right) == 2:
        first, second = -(left[2] * right[1]), left[2] * right[0]
    else:
        first = left[1] * right[2] - left[2] * right[1]
        second = left[2] * right[0] - left[0] * right[2]
    return stack([first, second, third], normalize_axis_index(axisc, third.ndim + 1, "axisc"))


# ---------------------------------------------------------------------------------------------------------------------
# The names of np.linalg for what NumPy has already


DISPATCH.update(
    {
        np.linalg.matmul: matmul,
        np.linalg.matrix_transpose: matrix_transpose,
        np.linalg.tensordot: tensordot,
    }
)


def serves(numpy: Callable[..., Any]) -> Callable[[F], F]:
    """Decorator: make a function what stands for NumPy's, and no public function of the table."""

    def serve(function: F) -> F:
        DISPATCH[numpy] = function
        return function

    return serve


@serves(np.linalg.diagonal)
def diagonal_of_last_axes(x: Any, *, offset: int = 0) -> Any:
    """x[…, i, i + offset]."""
    return diagonal(x, offset, -2, -1)


@serves(np.linalg.trace)
def trace_of_last_axes(x: Any, *, offset: int = 0, dtype: Any = None) -> Any:
    """Σᵢ x[…, i, i + offset]."""
    return trace(x if dtype is None else array(x).astype(dtype), offset, -2, -1)


@serves(np.linalg.outer)
def outer_of_vectors(x1: Any, x2: Any) -> Any:
    """yᵢⱼ = aᵢ bⱼ of two vectors."""
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ValueError(f"linalg.outer: takes two vectors, got shapes {np.shape(x1)} and {np.shape(x2)}")
    return outer(x1, x2)


@serves(np.linalg.cross)
def cross_of_three(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    """The cross product of vectors of three components."""
    lengths = [np.shape(x)[axis] for x in (x1, x2)]
    if lengths != [3, 3]:
        raise ValueError(f"linalg.cross: vectors must have three components, got {lengths[0]} and {lengths[1]}")
    return cross(x1, x2, axis=axis)


@serves(np.linalg.vecdot)
def products_of_vectors(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    """Σₖ āₖ bₖ along an axis."""
    a, b = moveaxis(x1, axis, -1), moveaxis(x2, axis, -1)
    if a.shape[-1] != b.shape[-1]:
        raise ValueError(f"linalg.vecdot: vectors of {a.shape[-1]} and of {b.shape[-1]} components")
    return matmul(conjugate(a)[..., None, :], b[..., None])[..., 0, 0]
