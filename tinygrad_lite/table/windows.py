"""Sliding windows, their transpose the overlapping sum, and pooling.

Windows are a view: for each entry of the kernel, the pixels that it meets as the window
slides, the kernel's axes first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple
from numpy.lib.stride_tricks import sliding_window_view as plain_windows

from .arrays import HALF, array, counted, floating, values_of, zeros
from .elementwise import keep
from .elsewhere import is_elsewhere, placed_beside
from .leading import instead
from .padding import pad
from .primitive import Primitive
from .registry import Sample, entry, primitive
from .shapes import broadcast_to

Pair = tuple[int, int]


Padding = tuple[Pair, Pair]


# ---------------------------------------------------------------------------------------------------------------------
# Windows and the overlapping sum


def places(kernel: tuple[int, ...], stride: Any, dilation: Any, counts: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """For each entry of the kernel, the index of the pixels that it meets as the window slides ``counts`` times."""
    for k in np.ndindex(*kernel):
        slices = [
            slice(i * d, i * d + s * (n - 1) + 1, s) for i, s, d, n in zip(k, stride, dilation, counts, strict=True)
        ]
        yield k, (..., *slices)


def add_windows(x: Any, d: Any, stride: Any, dilation: Any) -> None:
    """Add to x, in place, windows that overlap; the axes of d are the kernel's, then x's."""
    kernel = d.shape[: d.ndim - x.ndim]
    for k, place in places(kernel, stride, dilation, d.shape[d.ndim - len(kernel) :]):
        x[place] += d[k]


def _windows(x: Any, *, kernel: tuple[int, ...], stride: tuple[int, ...]) -> Any:
    axes = tuple(range(x.ndim - len(kernel), x.ndim))
    view: Any = plain_windows(x, kernel, axes)
    steps = tuple([slice(None, None, s) for s in stride])
    return view.transpose((*range(x.ndim, view.ndim), *range(x.ndim)))[(..., *steps)]


def windows_elsewhere(x: Any, *, kernel: tuple[int, ...], stride: tuple[int, ...]) -> Any:
    """The same as copies, of arrays of another library: for each entry of the kernel the pixels that it meets."""
    counts = [(n - k) // s + 1 for n, k, s in zip(x.shape[x.ndim - len(kernel) :], kernel, stride, strict=True)]
    found = np.stack([x[place] for _, place in places(kernel, stride, (1,) * len(kernel), counts)])
    return found.reshape((*kernel, *found.shape[1:]))


windows_p: Primitive = primitive(
    _windows,
    plain=windows_elsewhere,
    linear=True,
    view=True,
    leading=instead(  # the kernel's axes stay in front
        lambda g, x_shape, stride: overlap_p(np.moveaxis(g, 0, len(stride)), shape=(len(g), *x_shape), stride=stride)
    ),
    x=lambda g, x_shape, stride: overlap_p(g, shape=x_shape, stride=stride),
)


def _overlap(d: Any, *, shape: tuple[int, ...], stride: tuple[int, ...]) -> Any:
    x = zeros(shape, d.dtype if d.dtype is not HALF else np.float32, d)
    add_windows(x, d, stride, (1,) * len(stride))
    return x if d.dtype is not HALF else x.astype(HALF)


overlap_p: Primitive = primitive(
    _overlap,
    linear=True,
    leading=instead(
        lambda g, d_shape, stride: np.moveaxis(
            windows_p(g, kernel=d_shape[: len(stride)], stride=stride), len(stride), 0
        )
    ),
    d=lambda g, d_shape, stride: windows_p(g, kernel=d_shape[: len(stride)], stride=stride),
)


@entry(
    plain_windows,
    name="sliding_window_view",
    samples=lambda r: [
        Sample((r(5), 2)),
        Sample((r(3, 4), (2, 3))),
        Sample((r(3, 4, 2), 2), {"axis": 1}),
        Sample((r(3, 2, 4), (2, 2)), {"axis": (-1, 0), "subok": True, "writeable": False}),
    ],
)
def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """Every window of a shape, along the last axes; the gradient is the sum over the windows that overlap.

    ``subok`` says nothing of Tensors; ``writeable`` is refused, for an entry would be in several windows.

    >>> tl.sliding_window_view(tl.tensor([1.0, 2.0, 3.0]), 2)
    Tensor([[1., 2.],
            [2., 3.]])
    """
    del subok
    if writeable:
        raise ValueError(
            "sliding_window_view: takes no writeable=True, for windows overlap; write to the array, or to a copy"
        )
    x = array(x)
    kernel = (int(window_shape),) if isinstance(window_shape, (int, np.integer)) else tuple(map(int, window_shape))
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    if len(axes) != len(kernel) or any(not 0 < k <= x.shape[a] for k, a in zip(kernel, axes, strict=False)):
        raise ValueError(
            f"sliding_window_view: a window of shape {kernel} along axes {axes} does not fit into shape {x.shape}"
        )
    if not axes:
        return x
    ends = tuple(range(-len(axes), 0))
    found = windows_p(np.moveaxis(x, axes, ends), kernel=kernel, stride=(1,) * len(kernel))
    # the kernel's axes go last, and the axes that windows slide along go back
    return np.moveaxis(np.moveaxis(found, range(len(axes)), ends), range(x.ndim - len(axes), x.ndim), axes)


# ---------------------------------------------------------------------------------------------------------------------
# Pooling


def pair(name: str, value: Any, least: int = 1) -> Pair:
    """One number for both axes, or one for each."""
    numbers = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(numbers) != 2 or any(not isinstance(n, (int, np.integer)) or n < least for n in numbers):
        raise ValueError(f"{name}: takes an integer of at least {least}, or two, for height and width; got {value!r}")
    return int(numbers[0]), int(numbers[1])


def check_room(name: str, shape: tuple[int, ...], reach: Pair, padding: Padding) -> None:
    """Raise ValueError unless x is a batch of images, and the kernel fits into them."""
    if len(shape) != 4:
        raise ValueError(f"{name}: takes images of shape (samples, channels, height, width), got {shape}")
    padded = tuple([n + sum(ends) for n, ends in zip(shape[2:], padding, strict=True)])
    if any(n < r for n, r in zip(padded, reach, strict=True)):
        raise ValueError(f"{name}: a kernel that reaches {reach} pixels does not fit into images of {padded}")


def pool_options(name: str, x: Any, kernel_size: Any, stride: Any, padding: Any) -> tuple[Pair, Pair, Pair]:
    """Kernel, stride and padding as pairs; raises ValueError where they do not fit."""
    kernel = pair(f"{name}: kernel_size", kernel_size)
    step = kernel if stride is None else pair(f"{name}: stride", stride)
    around = pair(f"{name}: padding", padding, 0)
    if any(2 * p > k for p, k in zip(around, kernel, strict=True)):
        raise ValueError(f"{name}: padding {around} is more than half of the kernel {kernel}: windows would be empty")
    check_room(name, x.shape, kernel, ((around[0], around[0]), (around[1], around[1])))
    return kernel, step, around


def with_border(x: Any, padding: Pair, value: float) -> Any:
    """The images with a border of one value."""
    return pad(x, ((0, 0), (0, 0), padding[:1] * 2, padding[1:] * 2), constant_values=value) if any(padding) else x


def window_counts(x: Any, kernel: Pair, stride: Pair) -> list[int]:
    """How many windows there are, one below the other and side by side."""
    return [(n - k) // s + 1 for n, k, s in zip(x.shape[2:], kernel, stride, strict=True)]


def winner(x: Any, kernel: Pair, stride: Pair) -> tuple[Any, Any]:
    """The largest entry of each window, and its number in the window: the first on a tie, a NaN before all."""
    (_, first), *others = places(kernel, stride, (1, 1), window_counts(x, kernel, stride))
    best = x[first]
    which = np.zeros(best.shape, np.int16 if math.prod(kernel) < 1 << 15 else np.int64)
    for number, (_, place) in enumerate(others, 1):
        here = x[place]
        np.copyto(which, number, where=~(here <= best) & (best == best))
        best = np.maximum(best, here)
    return best, which


def winner_elsewhere(x: Any, *, kernel: Pair, stride: Pair) -> tuple[Any, Any]:
    """The same of arrays that are not written to."""
    (_, first), *others = places(kernel, stride, (1, 1), window_counts(x, kernel, stride))
    best = x[first]
    which = np.zeros_like(best, np.int64)
    for number, (_, place) in enumerate(others, 1):
        here = x[place]
        which = np.where(~(here <= best) & (best == best), number, which)
        best = np.maximum(best, here)
    return best, which


def _max_pool(x: Any, *, kernel: Pair, stride: Pair) -> Any:
    return winner(x, kernel, stride)


def winners_number(x: Any, kernel: Pair, stride: Pair) -> Any:
    """Which entry of each window is the largest."""
    if is_elsewhere(x):
        return winner_elsewhere(values_of(x), kernel=kernel, stride=stride)[1]
    return winner(x, kernel, stride)[1]


def to_winner(g: Any, which: Any, kernel: Pair, shape: tuple[int, ...], stride: Pair) -> Any:
    """The cotangent of each window to the entry of that number."""
    chosen = which == counted(math.prod(kernel), which).reshape((*kernel, 1, 1, 1, 1))
    return overlap_p(keep(broadcast_to(g, chosen.shape), chosen), shape=shape, stride=stride)


max_pool_p = primitive(
    _max_pool,
    plain=winner_elsewhere,
    definition=lambda x, *, kernel, stride: np.max(windows_p(x, kernel=kernel, stride=stride), axis=(0, 1)),
    remembers={"which": lambda x, kernel, stride: winners_number(x, kernel, stride)},
    x=lambda g, which, x, kernel, stride: to_winner(g, which, kernel, x.shape, stride),
)


@entry(
    name="max_pool2d",
    samples=lambda r: [
        Sample((r(2, 1, 4, 5), 2)),
        Sample((r(1, 2, 4, 4), (2, 3)), {"stride": 1}),
        Sample((r(1, 1, 3, 4), 3), {"stride": 2, "padding": 1}),
        Sample((r(0, 1, 4, 4), 2)),
    ],
)
def max_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The largest entry of each window; the gradient goes to it alone, on a tie to the first, as in PyTorch.

    Parameters
    ----------
    x : (samples, channels, height, width)
    kernel_size : the window: one number or two, for height and width, as the others
    stride : pixels from one window to the next; None: the window's size, so that windows do not overlap
    padding : pixels around the image that are never the largest

    Raises ValueError for shapes and options that do not fit.

    >>> tl.max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)[0, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    x = floating(array(x))
    kernel, step, around = pool_options("max_pool2d", x, kernel_size, stride, padding)
    return max_pool_p(with_border(x, around, -math.inf), kernel=kernel, stride=step)


def _window_sum(x: Any, *, kernel: Pair, stride: Pair) -> Any:
    (_, first), *others = places(kernel, stride, (1, 1), window_counts(x, kernel, stride))
    y = x[first].copy()
    for _, place in others:
        y += x[place]
    return y


window_sum_p = primitive(
    _window_sum,
    linear=True,
    definition=lambda x, *, kernel, stride: np.sum(windows_p(x, kernel=kernel, stride=stride), axis=(0, 1)),
    x=lambda g, x_shape, kernel, stride: overlap_p(broadcast_to(g, (*kernel, *g.shape)), shape=x_shape, stride=stride),
)


@entry(
    name="avg_pool2d",
    samples=lambda r: [
        Sample((r(2, 1, 4, 5), 2)),
        Sample((r(1, 2, 4, 4), (2, 3)), {"stride": 1}),
        Sample((r(1, 1, 3, 4), 3), {"stride": 2, "padding": 1}),
        Sample((r(1, 1, 3, 4), 3), {"stride": 2, "padding": 1, "count_include_pad": False}),
    ],
)
def avg_pool2d(
    x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, *, count_include_pad: bool = True
) -> Any:
    """Σ x / n over the n entries of each window; each of them receives g / n.

    Parameters
    ----------
    kernel_size, stride : as in ``max_pool2d``
    padding : zeros around the image
    count_include_pad : whether those zeros count as entries

    >>> tl.avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)[0, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    x = floating(array(x))
    if x.dtype is HALF:
        options = {"padding": padding, "count_include_pad": count_include_pad}
        return avg_pool2d(x.astype(np.float32), kernel_size, stride, **options).astype(HALF)
    kernel, step, around = pool_options("avg_pool2d", x, kernel_size, stride, padding)
    total = window_sum_p(with_border(x, around, 0.0), kernel=kernel, stride=step)
    if count_include_pad or not any(around):
        return total / math.prod(kernel)
    inside = with_border(placed_beside(np.ones((1, 1, *x.shape[2:]), x.dtype), x), around, 0.0)
    return total / window_sum_p(inside, kernel=kernel, stride=step)
