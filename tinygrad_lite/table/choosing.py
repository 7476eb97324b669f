"""Entries chosen by conditions and by numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .arrays import array, as_numbers, zeros
from .ducks import DuckArray
from .elementwise import where
from .elsewhere import is_elsewhere, placed_beside
from .indexing import getitem, take_along_axis
from .joining import stack
from .lists import as_array
from .registry import Sample, entry
from .shapes import broadcast_to, ravel, required

CHOSEN = np.array([True, False, True])


@entry(
    np.select,
    samples=lambda r: [
        Sample(([CHOSEN, ~CHOSEN], [r(3), r(2, 3)])),
        Sample(([CHOSEN, CHOSEN], [r(3), r(3)], 1.5)),
        Sample(([CHOSEN[:, None]], [r()], r())),
    ],
)
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """The entry of the first array whose condition is true there, else the default; the gradient goes to it.

    Raises ValueError for lists of different lengths or none, TypeError for a condition that is not of truth values.

    >>> tl.select([np.array([True, False])], [tl.tensor([1.0, 2.0])], 5.0)
    Tensor([1., 5.])
    """
    if len(condlist) != len(choicelist):
        raise ValueError(f"select: {len(condlist)} conditions and {len(choicelist)} choices")
    if not len(condlist):
        raise ValueError("select: needs at least one condition")
    conditions = [as_numbers(c) for c in condlist]
    for k, condition in enumerate(conditions):
        if condition.dtype != bool:
            raise TypeError(f"select: condition {k} should be of booleans, it is of {condition.dtype}")
    weak = (int, float, complex)
    choices = [c if type(c) in weak else as_array(c) for c in (*choicelist, default)]
    dtype = np.result_type(*[c if type(c) in weak else c.dtype for c in choices])
    shape = np.broadcast_shapes(*[np.shape(x) for x in (*conditions, *choices)])
    y = as_array(choices[-1])
    y = broadcast_to(y if y.dtype == dtype else y.astype(dtype), shape if y.ndim else ())
    for condition, choice in zip(conditions[::-1], choices[-2::-1], strict=True):
        y = where(condition, choice, y)
    return y if y.dtype == dtype else y.astype(dtype)


@entry(
    np.choose,
    method=True,
    samples=lambda r: [
        Sample((np.array([0, 1, 0]), [r(3), r(3)])),
        Sample((np.array([[0], [1]]), [r(3), r()])),
        Sample((np.array([5, -1, 1]), [r(3), r(3)]), {"mode": "wrap"}),
        Sample((np.array([5, -1, 1]), [r(3), r(3)]), {"mode": "clip"}),
        Sample((np.array([1, 0, 1]), r(2, 3))),
    ],
)
def choose(a: Any, choices: Any, *, mode: str = "raise") -> Any:
    """The entry of the array whose number stands at its place: y[i] = choices[a[i]][i]; the gradient goes to it.

    Parameters
    ----------
    a : integers
    choices : arrays that broadcast with a; of one array, the parts along its first axis
    mode : for numbers of none: "raise", "wrap" (modulo how many there are) or "clip" (to the first and the last)

    >>> tl.choose(np.array([1, 0]), [tl.tensor([1.0, 2.0]), 5.0])
    Tensor([5., 2.])
    """
    numbers = as_numbers(a)
    if numbers.dtype.kind not in "iub":
        raise TypeError(f"choose: a must be of integers, it is of {numbers.dtype}")
    items = [as_array(x) for x in choices]
    if not items:
        raise ValueError("choose: needs at least one array to choose from")
    n = len(items)
    if mode == "wrap":
        numbers = numbers % n
    elif mode == "clip":
        numbers = numbers.clip(0, n - 1)
    elif mode != "raise":
        raise ValueError(f"choose: mode must be 'raise', 'wrap' or 'clip', not {mode!r}")
    elif type(numbers) is DuckArray:
        within = f"choose: invalid entry in choice array: there are {n} arrays, numbered from 0"
        numbers = required(numbers, (numbers >= 0) & (numbers < n), within)
    elif numbers.size and (numbers.min() < 0 or numbers.max() >= n):
        raise ValueError(f"choose: invalid entry in choice array: there are {n} arrays, numbered from 0")
    if type(numbers) is DuckArray or any(map(is_elsewhere, items)):  # whose indices other libraries do not all take
        return select([numbers == k for k in range(n)], items, items[-1])
    shape = np.broadcast_shapes(numbers.shape, *[x.shape for x in items])
    together = stack([broadcast_to(x, shape) for x in items])
    return take_along_axis(together, np.broadcast_to(numbers, shape).astype(np.intp)[None], 0)[0]


@entry(
    np.compress,
    samples=lambda r: [
        Sample((CHOSEN, r(3, 2)), {"axis": 0}),
        Sample((CHOSEN[:2], r(2, 3), -1)),
        Sample((CHOSEN, r(2, 3))),
    ],
)
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """The entries along an axis, or of ``ravel(a)``, where a vector of conditions is true.

    Raises ValueError for conditions that are no vector, IndexError for a true one beyond the end.

    >>> tl.compress([True, False], tl.tensor([1.0, 2.0]))
    Tensor([1.])
    """
    condition = as_numbers(condition)
    if condition.ndim != 1:
        raise ValueError(f"compress: the condition must have one axis, it has shape {condition.shape}")
    a = ravel(as_array(a)) if axis is None else as_array(a)
    place = 0 if axis is None else normalize_axis_index(axis, a.ndim)
    if type(condition) is DuckArray:
        mask = condition != 0
        missing = (a.shape[place] - mask.shape[0],)
        mask = np.concatenate([mask, zeros(missing, bool, mask)]) if missing[0] > 0 else mask
        return getitem(a, (slice(None),) * place + (mask,))
    chosen = np.flatnonzero(condition)
    if chosen.size and chosen[-1] >= a.shape[place]:
        raise IndexError(f"compress: a condition is true beyond the {a.shape[place]} entries along axis {place}")
    mask = np.zeros(a.shape[place], bool)
    mask[chosen] = True
    return getitem(a, (slice(None),) * place + (placed_beside(mask, a),))


@entry(np.extract, samples=lambda r: [Sample((CHOSEN, r(3))), Sample((np.array([[True, False]]), r(2)))])
def extract(condition: Any, arr: Any) -> Any:
    """The entries where a condition is true, in one axis; both are taken as vectors.

    >>> tl.extract([True, False], tl.tensor([1.0, 2.0]))
    Tensor([1.])
    """
    return compress(as_numbers(condition).reshape(-1), ravel(array(arr)))
