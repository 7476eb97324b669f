"""Entries added at the ends of axes, in each of NumPy's ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from .elementwise import round as rounded
from .elsewhere import placed_beside
from .indexing import take
from .joining import concatenate
from .lists import as_array
from .ranges import linspace
from .reductions import max as max_of
from .reductions import mean
from .reductions import min as min_of
from .registry import Sample, entry
from .shapes import broadcast_to, copy, moveaxis, reshape, reverse
from .sorting import in_sorted_order

Ends = tuple[int, int]


def pairs(x: Any, ndim: int) -> list[tuple[Any, Any]]:
    """A pair for each axis, of one value, one pair, a value for each axis, or pairs; None stands for no values."""
    if x is None:
        return [(None, None)] * ndim
    x = as_array(x)
    if x.ndim < 3 and (x.size == 1 or (x.size == 2 and x.shape != (2, 1))):
        flat = reshape(x, (-1,))
        return [(flat[0], flat[x.size - 1])] * ndim
    x = broadcast_to(x, (ndim, 2))
    if type(x) is np.ndarray:
        x = x.astype(object)  # Python's numbers, which give way to the array's dtype, as NumPy has it here
    return [(x[k, 0], x[k, 1]) for k in range(ndim)]


def index_pairs(name: str, x: Any, ndim: int) -> list[Ends]:
    """Numbers of entries; raises as NumPy does for what is none."""
    if isinstance(x, dict):
        widths: list[Any] = [(0, 0)] * ndim
        for axis, width in x.items():
            widths[axis] = (width, width) if isinstance(width, (int, np.integer)) else width
        x = widths
    given = np.asarray(x)
    if name == "pad_width" and given.dtype.kind != "i":
        raise TypeError("pad: pad_width must be of integers")
    found = [(int(np.round(a)), int(np.round(b))) for a, b in pairs(given, ndim)]
    if any(n < 0 for ends in found for n in ends):
        raise ValueError(f"pad: {name} can't contain negative values")
    return found


def part(x: Any, axis: int, start: Any, stop: Any) -> Any:
    """The entries from one place to another along an axis."""
    return x[(slice(None),) * axis + (slice(start, stop),)]


def around(before: Any, x: Any, after: Any, axis: int) -> Any:
    """What is put before and after an array along an axis, of its dtype; None is nothing."""
    items = [y if y.dtype == x.dtype else y.astype(x.dtype) for y in (before, x, after) if y is not None]
    return concatenate(items, axis) if len(items) > 1 else x


def times(value: Any, x: Any, axis: int, n: int) -> Any:
    """A value, or a layer of length 1, n times along an axis."""
    if not n:
        return None
    value = as_array(value)
    value = value if value.dtype == x.dtype else value.astype(x.dtype)
    return placed_beside(broadcast_to(value, (*x.shape[:axis], n, *x.shape[axis + 1 :])), x)


# ---------------------------------------------------------------------------------------------------------------------
# One axis


def with_constants(x: Any, axis: int, ends: Ends, fill: Any) -> Any:
    """Two values."""
    return around(times(fill[0], x, axis, ends[0]), x, times(fill[1], x, axis, ends[1]), axis)


def with_copies(x: Any, axis: int, ends: Ends, mode: str) -> Any:
    """Copies of the array's own entries."""
    if not any(ends):
        return x
    order = np.pad(np.arange(x.shape[axis]), ends, mode)  # type: ignore[call-overload]
    return take(x, placed_beside(order, x), axis)


def with_ramps(x: Any, axis: int, ends: Ends, targets: Any) -> Any:
    """Evenly spaced numbers from two values to the edges."""
    made = []
    for n, target, place in zip(ends, targets, (0, x.shape[axis] - 1), strict=True):
        edge = x[(slice(None),) * axis + (place,)]
        made.append(linspace(target, edge, n, endpoint=False, dtype=x.dtype, axis=axis) if n else None)
    return around(made[0], x, None if made[1] is None else made[1][reverse(axis)], axis)


def median_along(x: Any, axis: int, keepdims: bool = True) -> Any:
    """The middle number along an axis, or the mean of the two in the middle; NaN where there is one."""
    del keepdims
    n, ordered = x.shape[axis], in_sorted_order(x, axis)
    middle, last = part(ordered, axis, (n - 1) // 2, n // 2 + 1), part(ordered, axis, n - 1, n)
    return np.where(np.isnan(last), last, mean(middle, axis, keepdims=True))


STATISTICS: Final[dict[str, Callable[..., Any]]] = {
    "maximum": max_of,
    "mean": mean,
    "median": median_along,
    "minimum": min_of,
}


def with_statistics(x: Any, axis: int, ends: Ends, lengths: Any, mode: str) -> Any:
    """A statistic of so many entries at each end."""
    n = x.shape[axis]
    counts = [n if k is None or k > n else int(k) for k in lengths]
    if 0 in counts and mode in ("maximum", "minimum"):
        raise ValueError("pad: stat_length of 0 yields no value for padding")
    made = []
    for k, width, places in zip(counts, ends, ((0, counts[0]), (n - counts[1], n)), strict=True):
        chosen = part(x, axis, *places)
        found = STATISTICS[mode](chosen, axis, keepdims=True) if k and width else np.full((1,) * x.ndim, np.nan)
        made.append(times(rounded(found) if x.dtype.kind in "iu" else found, x, axis, width))
    return around(made[0], x, made[1], axis)


def with_odd_reflections(x: Any, axis: int, ends: Ends, mode: str) -> Any:
    """Turned by half a circle about the edges: 2 edge − x, again and again where the ends are longer than the array."""
    left, right = ends
    period, shared = x.shape[axis], mode == "symmetric"
    if period == 1:
        return with_copies(x, axis, ends, "edge")
    while left > 0 or right > 0:
        n = x.shape[axis]
        # only whole multiples of the original
        length = n // period * period if shared else (n - 1) // (period - 1) * (period - 1)
        first = 0 if shared else 1
        before, after = min(length, left), min(length, right)
        if before:
            mirrored = part(x, axis, first, first + before)[reverse(axis)]
            x = around(2 * part(x, axis, 0, 1) - mirrored, x, None, axis)
        if after:
            n = x.shape[axis]
            mirrored = part(x, axis, n - first - after, n - first)[reverse(axis)]
            x = around(None, x, 2 * part(x, axis, n - 1, n) - mirrored, axis)
        left, right = left - before, right - after
    return x


def by_function(x: Any, widths: list[Ends], function: Callable[..., Any], options: Any) -> Any:
    """Whatever a function writes to the ends of each line, along one axis after the other."""
    for axis, ends in enumerate(widths):
        x = with_constants(x, axis, ends, (0, 0))
    x = copy(x)
    for axis, ends in enumerate(widths):
        view = moveaxis(x, axis, -1)
        for k in np.ndindex(view.shape[:-1]):
            function(view[(*k, Ellipsis)], ends, axis, options)
    return x


# ---------------------------------------------------------------------------------------------------------------------
# All axes


KEYWORDS_OF: Final[dict[str, tuple[str, ...]]] = {
    "constant": ("constant_values",),
    "edge": (),
    "empty": (),
    "linear_ramp": ("end_values",),
    "maximum": ("stat_length",),
    "mean": ("stat_length",),
    "median": ("stat_length",),
    "minimum": ("stat_length",),
    "reflect": ("reflect_type",),
    "symmetric": ("reflect_type",),
    "wrap": (),
}
"""Mode → the keywords that it takes."""


def check_keywords(mode: Any, options: dict[str, Any]) -> None:
    """Raise ValueError for a mode that is none, and for keywords that say nothing in a mode."""
    if mode not in KEYWORDS_OF:
        raise ValueError(f"pad: mode {mode!r} is not supported; there are {', '.join(KEYWORDS_OF)}, and functions")
    others = [key for key in options if key not in KEYWORDS_OF[mode]]
    if others:
        raise ValueError(f"pad: {others[0]} has no meaning for mode {mode!r}")


PAD_SAMPLES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("edge", {}),
    ("wrap", {}),
    ("linear_ramp", {"end_values": ((0.5, -1.0), (2.0, 0.0))}),
    ("maximum", {}),
    ("mean", {"stat_length": 2}),
    ("median", {"stat_length": ((1, 2), (2, 3))}),
    ("minimum", {"stat_length": 2}),
    ("reflect", {}),
    ("reflect", {"reflect_type": "odd"}),
    ("symmetric", {}),
    ("symmetric", {"reflect_type": "odd"}),
)


def pad_samples(r: Any) -> Any:
    """Each mode with its keywords."""
    yield Sample((r(2, 3), 1))
    yield Sample((r(2, 3), ((0, 1), (2, 0)), "constant"), {"constant_values": 1.5})
    for mode, options in PAD_SAMPLES:
        yield Sample((r(2, 3), ((2, 1), (0, 4)), mode), options)


@entry(np.pad, composed=True, samples=pad_samples)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """Entries added at the ends of each axis, one axis after the other.

    Parameters
    ----------
    pad_width : n, (before, after), a pair for each axis, or a dict from axes to those
    mode : what is added: "constant" (``constant_values``, 0 by default), copies of the array's own entries ("edge",
        "reflect", "symmetric", "wrap"), numbers from ``end_values`` (0) to the edge ("linear_ramp"), the "maximum",
        "mean", "median" or "minimum" of ``stat_length`` entries at that end (of all), or "empty" (zeros here). Or a
        function of a line, its two widths, the axis and the other keywords, which writes to the line
    constant_values, end_values, stat_length : one, (before, after), or a pair for each axis; Tensors are differentiated
    reflect_type : "even", or "odd" for 2 edge − x in place of x

    Raises TypeError and ValueError for widths, modes and keywords as NumPy does.

    >>> tl.pad(tl.tensor([1.0, 2.0]), 1)
    Tensor([0., 1., 2., 0.])
    """
    x = as_array(array)
    widths = index_pairs("pad_width", pad_width, x.ndim)
    if callable(mode):
        return by_function(x, widths, mode, kwargs)
    check_keywords(mode, kwargs)
    if not any(map(any, widths)):
        return copy(x)
    if mode not in ("constant", "empty") and not x.size:
        if any(not n and any(ends) for n, ends in zip(x.shape, widths, strict=True)):
            raise ValueError("pad: only modes 'constant' and 'empty' can extend an empty axis")
        return pad(x, widths)
    given: list[Any] = [None] * x.ndim
    if mode in ("constant", "empty", "linear_ramp"):
        given = pairs(kwargs.get("end_values" if mode == "linear_ramp" else "constant_values", 0), x.ndim)
    elif mode in STATISTICS and kwargs.get("stat_length") is not None:
        given = index_pairs("stat_length", kwargs["stat_length"], x.ndim)
    for axis, (ends, value) in enumerate(zip(widths, given, strict=True)):
        x = padded(x, axis, ends, mode, value, kwargs.get("reflect_type", "even"))
    return x


def padded(x: Any, axis: int, ends: Ends, mode: str, value: Any, reflect_type: str) -> Any:
    """One axis padded."""
    if not any(ends):
        return x
    if mode in ("constant", "empty"):
        return with_constants(x, axis, ends, value)
    if mode == "linear_ramp":
        return with_ramps(x, axis, ends, value)
    if mode in STATISTICS:
        return with_statistics(x, axis, ends, value or (None, None), mode)
    if reflect_type == "odd" and mode in ("reflect", "symmetric"):
        return with_odd_reflections(x, axis, ends, mode)
    return with_copies(x, axis, ends, mode)
