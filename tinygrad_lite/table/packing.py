"""Several arrays in one: a primitive has one output, and a decomposition several."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from .complexes import conjugate
from .ducks import DuckArray
from .elsewhere import placed_beside
from .leading import as_it_is
from .primitive import Primitive
from .registry import primitive

Shape = tuple[int, ...]


def packed(parts: Sequence[Any], shapes: Sequence[Shape]) -> Any:
    """Arrays of the given shapes, and the same axes before those, with the entries of all in one last axis."""
    flat = [
        x.reshape(*x.shape[: x.ndim - len(shape)], math.prod(shape)) for x, shape in zip(parts, shapes, strict=True)
    ]
    return np.concatenate(flat, axis=-1)


def view_of_part(x: Any, start: int, shape: Shape) -> Any:
    """The entries from a place on, as an array of its shape, in the same memory."""
    return x[..., start : start + math.prod(shape)].reshape(*x.shape[:-1], *shape)


def _part(x: Any, *, start: int, shape: Shape) -> Any:
    return np.array(view_of_part(x, start, shape))


def _put_part(g: Any, *, start: int, shape: Shape, size: int) -> Any:
    batch = g.shape[: g.ndim - len(shape)]
    x = np.zeros((*batch, size), g.dtype)
    x[..., start : start + math.prod(shape)] = g.reshape(*batch, math.prod(shape))
    return x


def put_part_elsewhere(g: Any, *, start: int, shape: Shape, size: int) -> Any:
    """The same of an array that is not written to."""
    batch = g.shape[: g.ndim - len(shape)]
    n = math.prod(shape)
    parts = [np.zeros_like(g, shape=(*batch, k)) for k in (start, size - start - n)]
    return np.concatenate([parts[0], g.reshape(*batch, n), parts[1]], -1)


part_p: Primitive = primitive(
    _part,
    plain=lambda x, *, start, shape: view_of_part(x, start, shape),
    linear=True,
    leading=as_it_is,
    x=lambda g, x_shape, start, shape: put_part_p(g, start=start, shape=shape, size=x_shape[-1]),
)
put_part_p: Primitive = primitive(
    _put_part,
    plain=put_part_elsewhere,
    linear=True,
    leading=as_it_is,
    g=lambda g, start, shape: part_p(g, start=start, shape=shape),
)


def unpacked(x: Any, shapes: Sequence[Shape]) -> list[Any]:
    """The arrays that :func:`packed` put into one."""
    starts = itertools.accumulate([math.prod(shape) for shape in shapes], initial=0)
    take = view_of_part if type(x) in (np.ndarray, DuckArray) else part_p  # nobody else has the packed array
    return [take(x, start=start, shape=tuple(shape)) for start, shape in zip(starts, shapes, strict=False)]


# ---------------------------------------------------------------------------------------------------------------------
# What the rules of decompositions have in common


def dagger(x: Any) -> Any:
    """The conjugate transpose of matrices."""
    return conjugate(x).mT


def skew(x: Any) -> Any:
    """X − Xᴴ."""
    return x - dagger(x)


def folded(g: Any, lower: bool) -> Any:
    """The gradient of a function of Hermitian matrices that reads one triangle: both triangles' in that one."""
    return triangle(g + dagger(g), lower)


def triangle(x: Any, lower: bool) -> Any:
    """One triangle of square matrices, with half of the diagonal."""
    weights = triangle_weights(x.shape[-1], x.real.dtype)
    return x * placed_beside(weights if lower else weights.T, x)


def triangle_weights(n: int, dtype: Any) -> Any:
    """1 below the diagonal, 1/2 on it, 0 above it."""
    return small_weights(n, dtype) if n <= SMALL else new_weights(n, dtype)


def new_weights(n: int, dtype: Any) -> Any:
    """As :func:`triangle_weights`, in memory of its own, which is not to be written to."""
    weights = np.tri(n, dtype=dtype)
    np.fill_diagonal(weights, 0.5)
    weights.flags.writeable = False
    return weights


SMALL: Final = 32
small_weights = lru_cache(maxsize=32)(new_weights)  # of small matrices, where making them takes longest


def on_diagonal(d: Any) -> Any:
    """Diagonal matrices."""
    return d[..., None, :] * placed_beside(np.eye(d.shape[-1], dtype=d.dtype), d)


def reciprocal_or_zero(x: Any, scale: Any) -> Any:
    """1/x, and 0 where x is 0 but for rounding of numbers as large as ``scale``."""
    far = np.abs(x) > scale * np.finfo(x.dtype).eps
    return far / np.where(far, x, 1)


def scale_of(x: Any) -> Any:
    """n max|x| of eigenvalues or singular values, which are in order."""
    return x.shape[-1] * np.maximum(np.abs(x[..., :1]), np.abs(x[..., -1:]))


def reciprocal_differences(x: Any, scale: Any) -> Any:
    """1 / (xⱼ − xᵢ) for all pairs of eigenvalues or singular values, 0 for those that are equal but for rounding."""
    return reciprocal_or_zero(x[..., None, :] - x[..., :, None], scale[..., None])


def reciprocal_sums(x: Any, scale: Any) -> Any:
    """1 / (xⱼ + xᵢ) for all pairs, 0 where both are 0 but for rounding."""
    return reciprocal_or_zero(x[..., None, :] + x[..., :, None], scale[..., None])


def refuse_if_basis_matters(g: Any, whole: Any, name: str, way_out: str) -> None:
    """Raise where a loss depends on which basis of a subspace a decomposition found.

    ``g`` is the loss's gradient with respect to the coordinates of the basis vectors within the subspace: it is
    symmetric where a rotation of the basis changes nothing, up to rounding of the gradient it is a part of, ``whole``.
    """
    rounding = 1e3 * np.finfo(g.dtype).eps * np.max(np.abs(whole), initial=0)
    if np.any(np.abs(skew(g)) > 1e-3 * np.max(np.abs(g), initial=0) + rounding):
        raise ValueError(
            f"{name}: the result depends on which basis of the remaining directions was found, and has no derivative. "
            f"{way_out}"
        )
