"""Jacobians and Hessians as arrays, and the Hessian times a vector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import wraps
from typing import Any

import numpy as np

from ..table.arrays import unit_like, zeros_like
from .sweep import conjugated
from .transforms import (
    Function,
    Pushforward,
    Recorded,
    grad,
    matching,
    numbers,
    plain_value,
    record_function,
    shaped,
    single,
)
from .trees import unflatten


def jacobian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that returns ∂yᵢ/∂xⱼ as an array of shape ``y.shape + x.shape``, in the containers of y, then of x.

    One backward sweep for each entry of y, or one forward sweep for each entry of x where those are fewer; for complex
    entries two. Of a complex y by a complex x it is the complex derivative, and of a real y the gradient, as
    :func:`grad` gives it.

    Raises ValueError where a complex function of complex numbers is not holomorphic: it has no complex derivative.

    >>> tl.jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    >>> tl.jacobian(lambda z: z * z)(1.0 + 2.0j)
    array(2.+4.j)
    """

    @wraps(f)
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        run = record_function("jacobian", lambda *a: f(*a, **kwargs), args, numbers(argnums))
        run.warn_of_zeros()
        rows = sum([y.size for y in run.values])
        columns = sum([x.size for x in run.variables])
        blocks = by_columns(run) if columns < rows and not run.hooked() else by_rows(run)
        return unflatten(run.outputs, [shaped(argnums, unflatten(run.inputs, row)) for row in blocks])

    return jacobian_of


def unit_vectors(values: Sequence[Any], n: int, length: complex = 1) -> Iterator[list[Any]]:
    """Each unit vector of the n-th value, or a multiple, beside zeros for the others."""
    plain = [plain_value(x) for x in values]
    zeros = [zeros_like(x) for x in plain]
    for k in range(plain[n].size):
        yield [*zeros[:n], unit_like(plain[n], k, length), *zeros[n + 1 :]]


def by_rows(run: Recorded) -> list[list[Any]]:
    """For each output, for each input, the block of the Jacobian: a sweep for each row."""
    blocks = []
    for n, y in enumerate(run.values):
        rows = [run.pull(seeds) for seeds in unit_vectors(run.values, n)]
        if y.dtype.kind == "c":
            turned = [run.pull(seeds) for seeds in unit_vectors(run.values, n, 1j)]
            rows = [
                [of_complex(*pair, y) for pair in zip(*both, strict=True)] for both in zip(rows, turned, strict=True)
            ]
        else:
            rows = [[conjugated(d) for d in row] for row in rows]
        blocks.append([assembled([row[j] for row in rows], y, x, 0) for j, x in enumerate(run.variables)])
    return blocks


def of_complex(first: Any, turned: Any, other: Any) -> Any:
    """The complex derivative, from what the directions 1 and i give.

    Parameters
    ----------
    first, turned : A + B and i (A − B) of a map dz ↦ A dz + B dz̄; of a real output, or by a real input, its two parts
    other : what is not taken apart
    """
    if "c" not in (first.dtype.kind, turned.dtype.kind) or other.dtype.kind != "c":
        return first - 1j * turned if other.dtype.kind == "c" else first + 1j * turned
    holomorphic, rest = (first - 1j * turned) / 2, (first + 1j * turned) / 2
    scale = np.abs(plain_value(holomorphic)).max(initial=0)
    if np.abs(plain_value(rest)).max(initial=0) > scale * np.finfo(scale.dtype).eps ** 0.5:
        raise ValueError(
            "jacobian: the function is not holomorphic (it depends on conj, abs, real or imag of its complex argument) "
            "and has no complex derivative; take real and imaginary parts as two real arguments and results"
        )
    return holomorphic


def by_columns(run: Recorded) -> list[list[Any]]:
    """For each output, for each input, the block of the Jacobian: a sweep through the pullback for each column."""
    push = Pushforward(run)
    columns = []
    for n, x in enumerate(run.variables):
        columns.append([push(directions) for directions in unit_vectors(run.variables, n)])
        if x.dtype.kind == "c":
            turned = [push(directions) for directions in unit_vectors(run.variables, n, 1j)]
            columns[n] = [
                [of_complex(a, b, y) for a, b, y in zip(column, other, run.values, strict=True)]
                for column, other in zip(columns[n], turned, strict=True)
            ]
    return [
        [assembled([column[i] for column in columns[j]], y, x, y.ndim) for j, x in enumerate(run.variables)]
        for i, y in enumerate(run.values)
    ]


def assembled(slices: list[Any], y: Any, x: Any, axis: int) -> Any:
    """The slices of a Jacobian, stacked along ``axis`` and shaped ``y.shape + x.shape``."""
    shape = (*y.shape, *x.shape)
    dtype = np.result_type(y.dtype, x.dtype) if y.dtype.kind == "c" else x.dtype
    if not slices:
        return np.zeros(shape, dtype)
    return np.stack(slices, axis=axis).reshape(shape).astype(dtype)


def hessian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that returns ∂²f/∂xᵢ∂xⱼ of f's one number, as an array of shape ``x.shape + x.shape``.

    >>> tl.hessian(lambda x: x[0] * x[0] * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return jacobian(grad(f, argnums), argnums)


def hvp(f: Function, argnums: int = 0) -> Function:
    """A function of f's arguments and a direction v that returns H v, the Hessian times v, without forming H.

    Two sweeps: the gradient of ⟨∇f, v⟩. The argument order is that of SciPy's ``hessp(x, p)``.

    >>> tl.hvp(lambda x: (x**3).sum())(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    if not single(argnums):
        raise TypeError(f"hvp: argnums must be one number, got {argnums!r}")
    gradient = grad(f, argnums)

    @wraps(f)
    def product(*args: Any, **kwargs: Any) -> Any:
        if len(args) < 2:
            raise TypeError("hvp: call it with the function's arguments and then the direction")
        *point, direction = args
        run = record_function("hvp", lambda *a: gradient(*a, **kwargs), tuple(point), (argnums,))
        result = run.pull([conjugated(v) for v in matching(run, direction, "hvp")])
        return unflatten(run.inputs, [conjugated(v) for v in result])[0]

    return product
