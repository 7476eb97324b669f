"""Arrays put together into one: the gradient is taken apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .arrays import array
from .ducks import DuckArray
from .leading import counting_axes
from .registry import Sample, entry, primitive
from .shapes import ravel


def sequence(name: str, arrays: Any, dtype: Any = None, casting: Any = "same_kind") -> list[Any]:
    """The arrays to join, as a list that is not empty; of another dtype, where the casting rule lets them."""
    if type(arrays) not in (list, tuple) and isinstance(arrays, (Mapping, Set, str)):
        raise TypeError(f"{name}: takes a list of arrays, not {type(arrays).__name__}")
    items = [array(x) for x in arrays]
    if not items:
        raise ValueError(f"{name}: needs at least one array")
    return converted(name, items, dtype, casting)


def converted(name: str, items: list[Any], dtype: Any, casting: Any) -> list[Any]:
    """Arrays in another dtype, by default in that which they have together; where the casting rule lets them."""
    if dtype is None and casting in ("safe", "same_kind", "unsafe"):
        return items
    to = np.result_type(*[x.dtype for x in items]) if dtype is None else np.dtype(dtype)
    for x in items:
        if not np.can_cast(x.dtype, to, casting):
            raise TypeError(f"{name}: cannot cast from {x.dtype} to {to} by the rule {casting!r}")
    return [x if x.dtype == to else x.astype(to) for x in items]


def _concatenate(*arrays: Any, axis: int, cuts: tuple[int, ...]) -> Any:  # noqa: ARG001 (the rule wants it)
    return np.concatenate(arrays, axis)


concatenate_p = primitive(
    _concatenate,
    variadic=True,
    linear=True,
    leading=counting_axes,
    arrays=lambda g, i, axis, cuts: g[(slice(None),) * axis + (slice(cuts[i], cuts[i + 1]),)],
)


def joined(items: list[Any], axis: int) -> Any:
    """Arrays one after another; where each ends is worked out once for all of them, so that n of them cost O(n)."""
    cuts = [0]
    for shape in [x.shape for x in items]:
        cuts.append(cuts[-1] + (shape[axis] if len(shape) > axis else 0))  # NumPy refuses what has no such axis
    return concatenate_p.on(tuple(items), {"axis": axis, "cuts": tuple(cuts)})


@entry(
    np.concatenate,
    samples=lambda r: [
        Sample(([r(2, 3), r(1, 3)],)),
        Sample(([r(2, 1), r(2, 3), r(2, 2)],), {"axis": -1}),
        Sample(([r(2, 3), r(4)],), {"axis": None}),
        Sample(([r(0, 3), r(1, 3)],)),
        Sample(([r(2), r(1)],), {"casting": "no"}),
    ],
)
def concatenate(arrays: Sequence[Any], axis: int | None = 0, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Arrays one after another along an axis that is there already. The gradient is cut in the same places.

    Parameters
    ----------
    axis : None joins the entries of each as vectors
    dtype, casting : what they are converted to first, and NumPy's rule for that

    >>> tl.concatenate([tl.tensor([1.0]), tl.tensor([2.0, 3.0])])
    Tensor([1., 2., 3.])
    """
    items = sequence("concatenate", arrays, dtype, casting)
    if axis is None:
        return joined([ravel(x) for x in items], 0)
    return joined(items, normalize_axis_index(axis, items[0].ndim))


def _stack(*arrays: Any, axis: int) -> Any:
    numbers = not arrays[0].ndim and arrays[0].dtype.kind != "O" and DuckArray not in map(type, arrays)
    return np.array(arrays) if numbers else np.stack(arrays, axis)  # of numbers ten times faster


stack_p = primitive(
    _stack,
    variadic=True,
    linear=True,
    leading=counting_axes,
    arrays=lambda g, i, axis: g[(slice(None),) * axis + (i,)],
)


@entry(
    np.stack,
    samples=lambda r: [Sample(([r(2, 3), r(2, 3)],)), Sample(([r(3), r(3)],), {"axis": -1}), Sample(([r(), r()],))],
)
def stack(arrays: Sequence[Any], axis: int = 0, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Arrays of one shape along a new axis; ``dtype`` and ``casting`` as for :func:`concatenate`.

    >>> tl.stack([tl.tensor(1.0), tl.tensor(2.0)])
    Tensor([1., 2.])
    """
    items = sequence("stack", arrays, dtype, casting)
    shapes = {x.shape for x in items}
    if len(shapes) > 1:
        raise ValueError(f"stack: all arrays need the same shape, got {', '.join(str(x.shape) for x in items)}")
    return stack_p.on(tuple(items), {"axis": normalize_axis_index(axis, items[0].ndim + 1)})
