"""Arrays taken apart, turned, and laid over one another: splits, rotations, grids."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .arrays import array, functions, values_of
from .indexing import flip, split
from .lists import as_array
from .registry import Sample, entry
from .shapes import broadcast_to, copy, moveaxis, reshape, transpose


@entry(np.hsplit, samples=lambda r: [Sample((r(2, 4), 2)), Sample((r(4), [1, 3]))])
def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Pieces along the second axis, of a vector along its one; as :func:`split`.

    >>> tl.hsplit(tl.tensor([1.0, 2.0]), 2)
    [Tensor([1.]), Tensor([2.])]
    """
    ary = array(ary)
    if not ary.ndim:
        raise ValueError("hsplit: needs one axis or more, got a number")
    pieces: list[Any] = split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)
    return pieces


@entry(np.vsplit, samples=lambda r: [Sample((r(4, 2), 2)), Sample((r(4, 1), [1, 3]))])
def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Pieces along the first of two axes or more; as :func:`split`.

    >>> [part.shape for part in tl.vsplit(tl.tensor([[1.0], [2.0]]), 2)]
    [(1, 1), (1, 1)]
    """
    ary = array(ary)
    if ary.ndim < 2:
        raise ValueError(f"vsplit: needs two axes or more, got shape {ary.shape}")
    pieces: list[Any] = split(ary, indices_or_sections, 0)
    return pieces


@entry(np.dsplit, samples=lambda r: [Sample((r(2, 1, 4), 2)), Sample((r(1, 2, 4), [1, 3]))])
def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Pieces along the third axis; as :func:`split`.

    >>> [part.shape for part in tl.dsplit(tl.tensor([[[1.0, 2.0]]]), 2)]
    [(1, 1, 1), (1, 1, 1)]
    """
    ary = array(ary)
    if ary.ndim < 3:
        raise ValueError(f"dsplit: needs three axes or more, got shape {ary.shape}")
    pieces: list[Any] = split(ary, indices_or_sections, 2)
    return pieces


@entry(*functions("unstack"), name="unstack", samples=lambda r: [Sample((r(2, 3),)), Sample((r(2, 3),), {"axis": -1})])
def unstack(x: Any, *, axis: int = 0) -> tuple[Any, ...]:
    """The parts of an array along an axis, as a tuple: the inverse of :func:`stack`.

    >>> tl.unstack(tl.tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1)
    (Tensor([1., 3.]), Tensor([2., 4.]))
    """
    x = array(x)
    if not x.ndim:
        raise ValueError("unstack: needs one axis or more, got a number")
    x = moveaxis(x, axis, 0)
    return tuple([x[k] for k in range(x.shape[0])])


# ---------------------------------------------------------------------------------------------------------------------
# Turning


@entry(np.fliplr, samples=lambda r: [Sample((r(2, 3),)), Sample((r(2, 2, 2),))])
def fliplr(m: Any) -> Any:
    """The columns in reverse order.

    >>> tl.fliplr(tl.tensor([[1.0, 2.0]]))
    Tensor([[2., 1.]])
    """
    m = array(m)
    if m.ndim < 2:
        raise ValueError(f"fliplr: needs two axes or more, got shape {m.shape}")
    return flip(m, 1)


@entry(np.flipud, samples=lambda r: [Sample((r(2, 3),)), Sample((r(3),))])
def flipud(m: Any) -> Any:
    """The rows in reverse order.

    >>> tl.flipud(tl.tensor([1.0, 2.0]))
    Tensor([2., 1.])
    """
    m = array(m)
    if not m.ndim:
        raise ValueError("flipud: needs one axis or more, got a number")
    return flip(m, 0)


@entry(
    np.rot90,
    samples=lambda r: [
        Sample((r(2, 3),)),
        Sample((r(2, 3), 2)),
        Sample((r(2, 3), -1)),
        Sample((r(2, 2, 3),), {"axes": (2, 0), "k": 3}),
        Sample((r(2, 3), 4)),
    ],
)
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """Turned by k right angles in the plane of two axes, from the first towards the second.

    >>> tl.rot90(tl.tensor([[1.0, 2.0]]))
    Tensor([[2.],
            [1.]])
    """
    m = array(m)
    if len(tuple(axes)) != 2:
        raise ValueError(f"rot90: a plane has two axes, got {axes}")
    first, second = [normalize_axis_index(axis, m.ndim) for axis in axes]
    if first == second:
        raise ValueError(f"rot90: the axes of a plane differ, got {axes}")
    k %= 4
    if not k:
        return m[...]
    if k == 2:
        return flip(m, (first, second))
    order = list(range(m.ndim))
    order[first], order[second] = second, first
    return transpose(flip(m, second), order) if k == 1 else flip(transpose(m, order), second)


# ---------------------------------------------------------------------------------------------------------------------
# Of one shape


@entry(
    np.broadcast_arrays,
    samples=lambda r: [Sample((r(3), r(2, 1))), Sample((r(), r(2), r(1))), Sample((r(2), r(2)), {"subok": False})],
)
def broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Any, ...]:
    """The arrays, each broadcast to the shape that all have together; ``subok`` says nothing of Tensors.

    >>> tl.broadcast_arrays(tl.tensor([1.0, 2.0]), 3.0)
    (Tensor([1., 2.]), array([3., 3.]))
    """
    del subok
    items = [as_array(x) for x in args]
    shape = np.broadcast_shapes(*[x.shape for x in items])
    return tuple([x if x.shape == shape else broadcast_to(x, shape) for x in items])


@entry(
    np.meshgrid,
    samples=lambda r: [
        Sample((r(2), r(3))),
        Sample((r(2), r(3)), {"indexing": "ij"}),
        Sample((r(2), r(3), r(2)), {"sparse": True}),
        Sample((r(2), r()), {"copy": False}),
        Sample((r(3),)),
    ],
)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:
    """Vectors of coordinates as arrays over the grid of all their combinations.

    Parameters
    ----------
    indexing : "xy", the first vector along the second axis and the second along the first, or "ij"
    sparse : each with its one axis only, to be broadcast where they meet
    copy : arrays of their own; without, they may be views

    >>> tl.meshgrid(tl.tensor([1.0, 2.0]), np.zeros(1), indexing="ij")[0]
    Tensor([[1.],
            [2.]])
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing must be 'xy' or 'ij', not {indexing!r}")
    ndim = len(xi)
    place = [1, 0, *range(2, ndim)] if indexing == "xy" and ndim > 1 else list(range(ndim))
    grids = [
        reshape(x, (1,) * k + (-1,) + (1,) * (ndim - k - 1)) for k, x in zip(place, map(as_array, xi), strict=True)
    ]
    if not sparse:
        shape = np.broadcast_shapes(*[x.shape for x in grids])
        grids = [broadcast_to(x, shape) for x in grids]
    return tuple([own(x) for x in grids] if copy else grids)


def own(x: Any) -> Any:
    """An array of its own, laid out as C does."""
    return copy(x, "C")


@entry(np.ix_, name="ix_", samples=lambda r: [Sample((r(2), r(3))), Sample((r(3),))])
def ix_(*args: Any) -> tuple[Any, ...]:
    """Vectors as arrays xₖ of shape (1, …, nₖ, …, 1), each along an axis of its own; of truth values, the true places.

    Raises ValueError for what is no vector.

    >>> tl.ix_(tl.tensor([1.0, 2.0]), [0, 1])[0]
    Tensor([[1.],
            [2.]])
    """
    vectors = [as_array(x) for x in args]
    for x in vectors:
        if x.ndim != 1:
            raise ValueError(f"ix_: takes vectors, got shape {x.shape}")
    vectors = [values_of(x).nonzero()[0] if x.dtype == bool else x for x in vectors]
    ndim = len(vectors)
    shaped = [reshape(x, (1,) * k + (x.size,) + (1,) * (ndim - k - 1)) for k, x in enumerate(vectors)]
    # an empty list is one of indices
    return tuple([y if y.size or hasattr(x, "dtype") else y.astype(np.intp) for x, y in zip(args, shaped, strict=True)])
