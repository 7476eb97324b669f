"""Rows, columns and layers: arrays joined along their first axes, with as many axes as that takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .arrays import array
from .joining import concatenate, sequence, stack
from .registry import Sample, entry
from .shapes import reshape, transpose


def one_or_all(f: Callable[[Any], Any], x: Any, more: tuple[Any, ...]) -> Any:
    """A function of one array; of several, each's result in a tuple."""
    return tuple([f(part) for part in (x, *more)]) if more else f(x)


def vector(x: Any) -> Any:
    """A number as a vector of one entry."""
    x = array(x)
    return x if x.ndim else reshape(x, (1,))


def matrix(x: Any) -> Any:
    """A number or a vector as a matrix of one row."""
    x = array(x)
    return x if x.ndim > 1 else reshape(x, (1, x.size))


def layers(x: Any) -> Any:
    """A vector along the second of three axes, a matrix along the first two."""
    x = array(x)
    return x if x.ndim > 2 else reshape(x, (*x.shape, 1) if x.ndim == 2 else (1, x.size, 1))


@entry(np.atleast_1d, samples=lambda r: [Sample((r(),)), Sample((r(2),)), Sample((r(), r(2)))])
def atleast_1d(x: Any, *more: Any) -> Any:
    """``x``, a scalar as a vector of one entry; of several arrays, a tuple.

    >>> tl.atleast_1d(tl.tensor(1.0))
    Tensor([1.])
    """
    return one_or_all(vector, x, more)


@entry(np.atleast_2d, samples=lambda r: [Sample((r(),)), Sample((r(2),)), Sample((r(2, 3),)), Sample((r(), r(2)))])
def atleast_2d(x: Any, *more: Any) -> Any:
    """``x``, a scalar or a vector as a matrix of one row; of several arrays, a tuple.

    >>> tl.atleast_2d(tl.tensor([1.0, 2.0])).shape
    (1, 2)
    """
    return one_or_all(matrix, x, more)


@entry(
    np.atleast_3d,
    samples=lambda r: [Sample((r(),)), Sample((r(2),)), Sample((r(2, 3),)), Sample((r(2, 1, 1), r(2)))],
)
def atleast_3d(x: Any, *more: Any) -> Any:
    """``x`` with three axes or more: a vector of shape (n,) has shape (1, n, 1) then, a matrix (m, n, 1).

    Of several arrays, a tuple.

    >>> tl.atleast_3d(tl.tensor([1.0, 2.0])).shape
    (1, 2, 1)
    """
    return one_or_all(layers, x, more)


# ---------------------------------------------------------------------------------------------------------------------
# Joined


@entry(np.hstack, samples=lambda r: [Sample(([r(2, 3), r(2, 1)],)), Sample(([r(2), r(3)],)), Sample(([r(), r()],))])
def hstack(arrays: Sequence[Any], *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Arrays side by side: along the second axis, vectors along their one. Keywords as for :func:`concatenate`.

    >>> tl.hstack([tl.tensor([1.0]), tl.tensor([2.0])])
    Tensor([1., 2.])
    """
    items = sequence("hstack", arrays, dtype, casting)
    if not any(x.ndim for x in items):
        return stack(items)
    items = [atleast_1d(x) for x in items]
    return concatenate(items, axis=0 if items[0].ndim == 1 else 1)


@entry(np.vstack, samples=lambda r: [Sample(([r(2, 3), r(1, 3)],)), Sample(([r(3), r(3)],)), Sample(([r(), r()],))])
def vstack(arrays: Sequence[Any], *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Arrays one below another: along the first axis, vectors as rows. Keywords as for :func:`concatenate`.

    >>> tl.vstack([tl.tensor([1.0]), tl.tensor([2.0])])
    Tensor([[1.],
            [2.]])
    """
    items = sequence("vstack", arrays, dtype, casting)
    if items[0].ndim < 2 and len({x.shape for x in items}) == 1:
        return stack(items) if items[0].ndim else reshape(stack(items), (-1, 1))
    return concatenate([atleast_2d(x) for x in items])


def as_column(x: Any) -> Any:
    """Vectors and numbers as matrices of one column."""
    return x if x.ndim > 1 else transpose(atleast_2d(x))


@entry(
    np.column_stack,
    samples=lambda r: [Sample(([r(3), r(3)],)), Sample(([r(3), r(3, 2)],)), Sample(([r(), r()],))],
)
def column_stack(tup: Sequence[Any]) -> Any:
    """Vectors side by side as the columns of a matrix; matrices as they are.

    >>> tl.column_stack([tl.tensor([1.0, 2.0]), [3.0, 4.0]])
    Tensor([[1., 3.],
            [2., 4.]])
    """
    return concatenate([as_column(x) for x in sequence("column_stack", tup)], 1)


@entry(
    np.dstack,
    samples=lambda r: [Sample(([r(3), r(3)],)), Sample(([r(2, 3), r(2, 3)],)), Sample(([r(1, 2, 2), r(1, 2, 1)],))],
)
def dstack(tup: Sequence[Any]) -> Any:
    """Arrays one behind the other: along the third axis.

    >>> tl.dstack([tl.tensor([1.0, 2.0]), [3.0, 4.0]])
    Tensor([[[1., 3.],
             [2., 4.]]])
    """
    return concatenate([layers(x) for x in sequence("dstack", tup)], 2)
