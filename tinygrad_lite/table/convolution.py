"""Convolution, over the last two axes of images of shape (samples, channels, height, width).

It is linear in the image x and in the kernels w, and so are its transposes: with T(x, w, d) = Σ d · (x ∗ w), the three
primitives are ∂T/∂d, ∂T/∂x and ∂T/∂w. They are each other's derivatives, and differentiate to any order.

Inside, channels come last, so that a patch of the image is a few long runs of memory: the patches of a block of images
small enough for the processor's cache are laid side by side, and one matrix product does the block.
Source: K. Chellapilla et al., "High Performance Convolutional Neural Networks for Document Processing" (2006).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view as plain_windows

from .arrays import HALF, array, zeros
from .half_precision import in_half, in_single
from .joining import concatenate
from .padding import pad
from .primitive import Primitive
from .registry import Sample, entry, primitive
from .windows import Padding, Pair, add_windows, check_room, pair, places

BLOCK = 1 << 19
"""Entries of the matrix of patches that is made at a time: a few megabytes stay in the cache."""


def channels_last(x: Any, padding: Padding = ((0, 0), (0, 0))) -> Any:
    """(samples, channels, H, W) as (samples, H, W, channels) in memory, with zeros around."""
    x = x.transpose(0, 2, 3, 1)
    if padding == ((0, 0), (0, 0)):
        return np.ascontiguousarray(x)
    (top, bottom), (left, right) = padding
    n, height, width, channels = x.shape
    padded = np.zeros((n, height + top + bottom, width + left + right, channels), x.dtype)
    padded[:, top : top + height, left : left + width] = x
    return padded


def reach_of(kernel: Any, dilation: Pair) -> Pair:
    """How many pixels a kernel spans, with the gaps that dilation makes."""
    return dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1


def patches(x: Any, kernel: Pair, stride: Pair, dilation: Pair) -> Any:
    """A view (samples, rows, columns, kernel rows, kernel columns, channels) of a channels-last image."""
    view = plain_windows(x, reach_of(kernel, dilation), (1, 2))
    return view[:, :: stride[0], :: stride[1], :, :: dilation[0], :: dilation[1]].transpose(0, 1, 2, 4, 5, 3)


def in_blocks(view: Any) -> Iterator[tuple[tuple[slice, slice], Any]]:
    """The patches as rows of a matrix, block after block of images (of rows of one image, if it is large)."""
    n, height, width, *patch = view.shape
    row = max(width * math.prod(patch), 1)
    rows = min(max(BLOCK // row, 1), height)
    images = max(BLOCK // (row * height), 1) if rows == height else 1
    buffer = np.empty((min(images, n), rows, width, *patch), view.dtype)
    for i in range(0, n, images):
        for j in range(0, height, rows):
            part = view[i : i + images, j : j + rows]
            filled = buffer[: part.shape[0], : part.shape[1]]
            filled[...] = part
            yield (slice(i, i + images), slice(j, j + rows)), filled.reshape((-1, math.prod(patch)))


def _convolve(x: Any, weight: Any, *, stride: Pair, padding: Padding, dilation: Pair) -> Any:
    if x.dtype is HALF:
        options: Any = {"stride": stride, "padding": padding, "dilation": dilation}
        return in_half(_convolve(in_single(x), in_single(weight), **options), weight)
    outputs, _, *kernel = weight.shape
    view = patches(channels_last(x, padding), tuple(kernel), stride, dilation)
    table = weight.transpose(2, 3, 1, 0).reshape((-1, outputs))
    y = np.empty((*view.shape[:3], outputs), np.result_type(x, weight))
    for block, rows in in_blocks(view):
        np.matmul(rows, table, out=y[block].reshape((-1, outputs)))
    return y.transpose(0, 3, 1, 2)


def convolve_definition(x: Any, weight: Any, *, stride: Pair, padding: Padding, dilation: Pair) -> Any:
    """Σ w x over the windows, those of a dilated kernel with gaps."""
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    view: Any = plain_windows(x, reach_of(weight.shape[2:], dilation), (2, 3))
    steps = [slice(None, None, step) for step in (*stride, *dilation)]
    return np.einsum("ncijkl,ockl->noij", view[(..., *steps)], weight)


def _convolve_transposed(d: Any, weight: Any, *, shape: Pair, stride: Pair, padding: Padding, dilation: Pair) -> Any:
    if d.dtype is HALF:
        options: Any = {"shape": shape, "stride": stride, "padding": padding, "dilation": dilation}
        return in_half(_convolve_transposed(in_single(d), in_single(weight), **options), weight)
    inputs, kernel = weight.shape[1], weight.shape[2:]
    reach = [(k - 1) * s for k, s in zip(kernel, dilation, strict=True)]
    around = tuple([(r - before, r - after) for r, (before, after) in zip(reach, padding, strict=True)])
    if stride == (1, 1) and min(min(pair) for pair in around) >= 0:
        # every pixel gathers from what it was part of: a convolution with the kernels turned about
        turned = weight[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
        return _convolve(d, turned, stride=stride, padding=around, dilation=dilation)  # type: ignore[arg-type]
    last = channels_last(d)
    shares = last @ weight.transpose(0, 2, 3, 1).reshape((weight.shape[0], -1))
    shares = shares.reshape((*last.shape[:3], *kernel, inputs)).transpose(3, 4, 0, 5, 1, 2)
    (top, bottom), (left, right) = padding
    x = np.zeros((len(d), shape[0] + top + bottom, shape[1] + left + right, inputs), shares.dtype).transpose(0, 3, 1, 2)
    add_windows(x, shares, stride, dilation)
    return x[:, :, top : top + shape[0], left : left + shape[1]]


def _convolve_weight(x: Any, d: Any, *, kernel: Pair, stride: Pair, padding: Padding, dilation: Pair) -> Any:
    if x.dtype is HALF:
        options: Any = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
        return in_half(_convolve_weight(in_single(x), in_single(d), **options), d)
    outputs, inputs = d.shape[1], x.shape[1]
    view, last = patches(channels_last(x, padding), kernel, stride, dilation), channels_last(d)
    total = np.zeros((inputs * math.prod(kernel), outputs), np.result_type(x, d))
    share = np.empty_like(total)
    for block, rows in in_blocks(view):
        total += np.matmul(rows.T, last[block].reshape((-1, outputs)), out=share)
    return np.ascontiguousarray(total.reshape((*kernel, inputs, outputs)).transpose(3, 2, 0, 1))


# the same of arrays of another library: for each entry of the kernel the pixels that it meets, and one product


def met(x: Any, kernel: Any, stride: Pair, padding: Padding, dilation: Pair) -> Any:
    """For each entry of the kernel the pixels that it meets as the window slides, (entries, samples, channels, …)."""
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    counts = [(n - r) // s + 1 for n, r, s in zip(x.shape[2:], reach_of(kernel, dilation), stride, strict=True)]
    return np.stack([x[place] for _, place in places(kernel, stride, dilation, counts)])


def convolve_elsewhere(x: Any, weight: Any, *, stride: Pair, padding: Padding, dilation: Pair) -> Any:
    """:func:`_convolve`."""
    kernels = weight.reshape((*weight.shape[:2], -1))
    y = np.tensordot(kernels, met(x, weight.shape[2:], stride, padding, dilation), ((2, 1), (0, 2)))
    return y.transpose((1, 0, 2, 3))


def transposed_elsewhere(d: Any, weight: Any, *, shape: Any, stride: Pair, padding: Padding, dilation: Pair) -> Any:
    """:func:`_convolve_transposed`."""
    shares = np.tensordot(weight, d, ((0,), (1,))).transpose((1, 2, 3, 0, 4, 5))
    (top, bottom), (left, right) = padding
    x = zeros((len(d), weight.shape[1], shape[0] + top + bottom, shape[1] + left + right), shares.dtype, shares)
    add_windows(x, shares, stride, dilation)
    return x[:, :, top : top + shape[0], left : left + shape[1]]


def weight_elsewhere(x: Any, d: Any, *, kernel: Pair, stride: Pair, padding: Padding, dilation: Pair) -> Any:
    """:func:`_convolve_weight`."""
    total = np.tensordot(d, met(x, kernel, stride, padding, dilation), ((0, 2, 3), (1, 3, 4)))
    return total.transpose((0, 2, 1)).reshape((d.shape[1], x.shape[1], *kernel))


convolve_p: Primitive = primitive(
    _convolve,
    plain=convolve_elsewhere,
    definition=convolve_definition,
    products=lambda y_shape, weight_shape: math.prod(y_shape) * math.prod(weight_shape[1:]),
    x=lambda g, weight, x_shape, stride, padding, dilation: convolve_transposed_p(
        g, weight, shape=x_shape[2:], stride=stride, padding=padding, dilation=dilation
    ),
    weight=lambda g, x, weight_shape, stride, padding, dilation: convolve_weight_p(
        x, g, kernel=weight_shape[2:], stride=stride, padding=padding, dilation=dilation
    ),
)
convolve_transposed_p: Primitive = primitive(
    _convolve_transposed,
    plain=transposed_elsewhere,
    products=lambda d_shape, weight_shape: math.prod(d_shape) * math.prod(weight_shape[1:]),
    d=lambda g, weight, stride, padding, dilation: convolve_p(
        g, weight, stride=stride, padding=padding, dilation=dilation
    ),
    weight=lambda g, d, weight_shape, stride, padding, dilation: convolve_weight_p(
        g, d, kernel=weight_shape[2:], stride=stride, padding=padding, dilation=dilation
    ),
)
convolve_weight_p: Primitive = primitive(
    _convolve_weight,
    plain=weight_elsewhere,
    products=lambda y_shape, d_shape: math.prod(d_shape) * math.prod(y_shape[1:]),
    x=lambda g, d, x_shape, stride, padding, dilation: convolve_transposed_p(
        d, g, shape=x_shape[2:], stride=stride, padding=padding, dilation=dilation
    ),
    d=lambda g, x, stride, padding, dilation: convolve_p(x, g, stride=stride, padding=padding, dilation=dilation),
)


def padding_of(name: str, padding: Any, reach: Pair, stride: Pair) -> Padding:
    """Zeros before and after, on both axes, for a kernel that reaches so many pixels."""
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "same":
        if stride != (1, 1):
            raise ValueError(f"{name}: padding='same' needs stride 1, got {stride}")
        return tuple([((n - 1) // 2, n - 1 - (n - 1) // 2) for n in reach])  # type: ignore[return-value]
    vertical, horizontal = pair(f"{name}: padding", padding, 0)
    return (vertical, vertical), (horizontal, horizontal)


@entry(
    name="conv2d",
    samples=lambda r: [
        Sample((r(2, 2, 4, 3), r(3, 2, 3, 2), r(3)), {"padding": 1}),
        Sample((r(1, 2, 5, 4), r(2, 2, 2, 2)), {"stride": (2, 1)}),
        Sample((r(1, 1, 5, 5), r(1, 1, 2, 2)), {"dilation": 2, "padding": (2, 0)}),
        Sample((r(1, 4, 3, 3), r(2, 2, 3, 1), r(2)), {"groups": 2, "padding": "same"}),
        Sample((r(0, 1, 3, 3), r(2, 1, 2, 2))),
    ],
)
def conv2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """y[n, o, i, j] = b[o] + Σ w[o, c, k, l] x[n, c, i + k, j + l]: cross-correlation, which networks call convolution.

    Parameters
    ----------
    x : (samples, channels, height, width)
    weight : w, of shape (outputs, channels / groups, kernel height, kernel width)
    bias : b, of shape (outputs,), or None
    stride : pixels from one window to the next; one number or two, for height and width, as the others
    padding : zeros around the image; or "same", as many as keep its size, or "valid", none
    dilation : pixels from one entry of the kernel to the next
    groups : the channels fall into so many parts, each with its own share of the outputs

    Raises ValueError for shapes and options that do not fit.

    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> tl.conv2d(x, np.ones((1, 1, 2, 2)))[0, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    x, weight = array(x), array(weight)
    if weight.ndim != 4 or x.shape[1:2] != (weight.shape[1] * groups,) or weight.shape[0] % groups:
        raise ValueError(
            f"conv2d: takes x of shape (samples, channels, height, width) and weight (outputs, channels / groups, "
            f"height, width); got {x.shape}, {weight.shape} and groups={groups}"
        )
    step, spread = pair("conv2d: stride", stride), pair("conv2d: dilation", dilation)
    around = padding_of("conv2d", padding, reach_of(weight.shape[2:], spread), step)
    return correlated("conv2d", x, weight, bias, groups, stride=step, padding=around, dilation=spread)


def correlated(name: str, x: Any, weight: Any, bias: Any, groups: int, **options: Any) -> Any:
    """The convolution of images, in groups, and the bias; raises ValueError for a kernel that does not fit."""
    check_bias(name, bias, weight.shape[0])
    check_room(name, x.shape, reach_of(weight.shape[2:], options["dilation"]), options["padding"])
    return with_bias(in_groups(lambda x, w: convolve_p(x, w, **options), x, weight, groups), bias)


def in_groups(function: Callable[[Any, Any], Any], x: Any, weight: Any, groups: int) -> Any:
    """A function of x and w where the channels of x fall into groups, each with its share of the first axis of w."""
    if groups == 1:
        return function(x, weight)
    c, o = x.shape[1] // groups, weight.shape[0] // groups
    parts = [function(x[:, k * c : (k + 1) * c], weight[k * o : (k + 1) * o]) for k in range(groups)]
    return concatenate(parts, axis=1)


def check_bias(name: str, bias: Any, outputs: int) -> None:
    """Raise ValueError unless there is one bias for each output, or none."""
    if bias is not None and array(bias).shape != (outputs,):
        raise ValueError(f"{name}: needs one bias for each of {outputs} outputs, got {array(bias).shape}")


def with_bias(y: Any, bias: Any) -> Any:
    """y plus the bias of each channel."""
    return y if bias is None else y + array(bias).reshape((-1, 1, 1))


def beside(name: str, value: Any, least: int, across: int) -> Pair:
    """What is asked for along a series, a number, as a pair of an image of one row."""
    number = value[0] if isinstance(value, (tuple, list)) and len(value) == 1 else value
    if not isinstance(number, (int, np.integer)) or number < least:
        raise ValueError(f"{name}: takes an integer of at least {least}, got {value!r}")
    return across, int(number)


@entry(
    name="conv1d",
    samples=lambda r: [
        Sample((r(2, 2, 4), r(3, 2, 3), r(3)), {"padding": 1}),
        Sample((r(1, 4, 6), r(2, 2, 2)), {"stride": 2, "dilation": (2,), "groups": 2}),
        Sample((r(1, 1, 4), r(1, 1, 3)), {"padding": "same"}),
    ],
)
def conv1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """y[n, o, i] = b[o] + Σ w[o, c, k] x[n, c, i + k]: as ``conv2d``, along series in place of images.

    Parameters
    ----------
    x : (samples, channels, length)
    weight : w, of shape (outputs, channels / groups, length of the kernel)
    bias, stride, padding, dilation, groups : as in ``conv2d``, numbers each

    Raises ValueError for shapes and options that do not fit.

    >>> tl.conv1d(np.arange(4.0).reshape(1, 1, 4), np.ones((1, 1, 2)))[0, 0]
    array([1., 3., 5.])
    """
    x, weight = array(x), array(weight)
    if x.ndim != 3 or weight.ndim != 3 or x.shape[1] != weight.shape[1] * groups or weight.shape[0] % groups:
        raise ValueError(
            f"conv1d: takes x of shape (samples, channels, length) and weight (outputs, channels / groups, length); "
            f"got {x.shape}, {weight.shape} and groups={groups}"
        )
    step, spread = beside("conv1d: stride", stride, 1, 1), beside("conv1d: dilation", dilation, 1, 1)
    x, weight = x[:, :, None], weight[:, :, None]
    ends = padding if isinstance(padding, str) else beside("conv1d: padding", padding, 0, 0)
    around = padding_of("conv1d", ends, reach_of(weight.shape[2:], spread), step)
    return correlated("conv1d", x, weight, bias, groups, stride=step, padding=around, dilation=spread)[:, :, 0]


# ---------------------------------------------------------------------------------------------------------------------
# Transposed


@entry(
    name="conv_transpose2d",
    samples=lambda r: [
        Sample((r(2, 3, 2, 3), r(3, 2, 2, 3), r(2)), {"padding": 1}),
        Sample((r(1, 2, 3, 2), r(2, 1, 2, 2)), {"stride": (2, 3), "padding": (1, 0), "output_padding": (1, 2)}),
        Sample((r(1, 4, 2, 2), r(4, 2, 2, 1), r(4)), {"groups": 2, "dilation": 2}),
    ],
)
def conv_transpose2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """y[n, o, s i + k, s j + l] = b[o] + Σ w[c, o, k, l] x[n, c, i, j]: the transpose of ``conv2d``, which enlarges.

    Parameters
    ----------
    x : (samples, channels, height, width)
    weight : w, of shape (channels, outputs / groups, kernel height, kernel width)
    bias : b, of shape (outputs,), or None
    stride : s, pixels from one window to the next; one number or two, for height and width, as the others
    padding : pixels to be left out all around
    output_padding : pixels more at the bottom and on the right; less than the stride or the dilation
    groups : the channels fall into so many parts, each with its own share of the outputs
    dilation : pixels from one entry of the kernel to the next

    Raises ValueError for shapes and options that do not fit.

    Source: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning" (2016), section 4.

    >>> tl.conv_transpose2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)))[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    x, weight = array(x), array(weight)
    if x.ndim != 4 or weight.ndim != 4 or x.shape[1] != weight.shape[0] or groups < 1 or x.shape[1] % groups:
        raise ValueError(
            f"conv_transpose2d: takes x of shape (samples, channels, height, width) and weight (channels, "
            f"outputs / groups, height, width); got {x.shape}, {weight.shape} and groups={groups}"
        )
    name = "conv_transpose2d"
    step, spread = pair(f"{name}: stride", stride), pair(f"{name}: dilation", dilation)
    ends, more = pair(f"{name}: padding", padding, 0), pair(f"{name}: output_padding", output_padding, 0)
    return spread_out(name, x, weight, bias, groups, step, ends, more, spread)


def spread_out(
    name: str, x: Any, weight: Any, bias: Any, groups: int, stride: Pair, padding: Pair, more: Pair, dilation: Pair
) -> Any:
    """The transposed convolution of images, in groups, and the bias; raises ValueError for options that do not fit."""
    check_bias(name, bias, weight.shape[1] * groups)
    if any(m >= max(s, d) for m, s, d in zip(more, stride, dilation, strict=True)):
        raise ValueError(f"{name}: output_padding {more} must be less than the stride {stride} or dilation {dilation}")
    whole = [(n - 1) * s + r for n, s, r in zip(x.shape[2:], stride, reach_of(weight.shape[2:], dilation), strict=True)]
    around = tuple([(p, max(p - m, 0)) for p, m in zip(padding, more, strict=True)])
    shape = tuple([n - sum(ends) for n, ends in zip(whole, around, strict=True)])
    if min(shape) < 1 or 0 in x.shape[2:]:
        raise ValueError(f"{name}: nothing is left of {tuple(whole)} pixels without the padding {padding}")
    options: dict[str, Any] = {"shape": shape, "stride": stride, "padding": around, "dilation": dilation}
    y = in_groups(lambda x, w: convolve_transposed_p(x, w, **options), x, weight, groups)
    beyond = [(0, max(m - p, 0)) for p, m in zip(padding, more, strict=True)]  # which nothing reaches
    return with_bias(pad(y, ((0, 0), (0, 0), *beyond)) if beyond != [(0, 0)] * 2 else y, bias)


@entry(
    name="conv_transpose1d",
    samples=lambda r: [
        Sample((r(2, 3, 3), r(3, 2, 2), r(2)), {"padding": 1}),
        Sample((r(1, 4, 2), r(4, 1, 3)), {"stride": 2, "output_padding": 1, "groups": 2, "dilation": (2,)}),
    ],
)
def conv_transpose1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """y[n, o, s i + k] = b[o] + Σ w[c, o, k] x[n, c, i]: the transpose of ``conv1d``.

    Parameters
    ----------
    x : (samples, channels, length)
    weight : w, of shape (channels, outputs / groups, length of the kernel)
    bias, stride, padding, output_padding, groups, dilation : as in ``conv_transpose2d``, numbers each

    Raises ValueError for shapes and options that do not fit.

    >>> tl.conv_transpose1d(np.array([[[1.0, 2.0]]]), np.array([[[1.0, 1.0, 1.0]]]), stride=2)[0, 0]
    array([1., 1., 3., 2., 2.])
    """
    x, weight = array(x), array(weight)
    if x.ndim != 3 or weight.ndim != 3 or x.shape[1] != weight.shape[0] or groups < 1 or x.shape[1] % groups:
        raise ValueError(
            f"conv_transpose1d: takes x of shape (samples, channels, length) and weight (channels, outputs / groups, "
            f"length); got {x.shape}, {weight.shape} and groups={groups}"
        )
    name = "conv_transpose1d"
    step, spread = beside(f"{name}: stride", stride, 1, 1), beside(f"{name}: dilation", dilation, 1, 1)
    ends, more = beside(f"{name}: padding", padding, 0, 0), beside(f"{name}: output_padding", output_padding, 0, 0)
    return spread_out(name, x[:, :, None], weight[:, :, None], bias, groups, step, ends, more, spread)[:, :, 0]
