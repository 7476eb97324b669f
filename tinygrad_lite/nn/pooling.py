"""Pooling layers, for series and for images."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..table import elementwise, indexing, windows
from ..table.arrays import array, floating
from ..table.convolution import beside
from ..table.elsewhere import placed_beside
from .module import Module


class Pooling(Module):
    """What the layers share that pool windows of a size."""

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def along_series(self, x: Any) -> tuple[Any, tuple[int, int], tuple[int, int], tuple[int, int]]:
        """A batch of series as images of one row, and kernel, stride and padding for them."""
        name, x = type(self).__name__, array(x)
        if x.ndim != 3:
            raise ValueError(f"{name}: takes series of shape (samples, channels, length), got {x.shape}")
        kernel = beside(f"{name}: kernel_size", self.kernel_size, 1, 1)
        stride = kernel if self.stride is None else beside(f"{name}: stride", self.stride, 1, 1)
        return x[:, :, None], kernel, stride, beside(f"{name}: padding", self.padding, 0, 0)

    def describe(self) -> str:
        stride = self.kernel_size if self.stride is None else self.stride
        return f"{self.kernel_size}, stride={stride}, padding={self.padding}"


class MaxPool1d(Pooling):
    """The largest entry of each window of a series; as :class:`MaxPool2d`.

    >>> nn.MaxPool1d(2)(np.arange(4.0).reshape(1, 1, 4))
    array([[[1., 3.]]])
    """

    def forward(self, x: Any) -> Any:
        return windows.max_pool2d(*self.along_series(x))[:, :, 0]


class MaxPool2d(Pooling):
    """The largest entry of each window; see :func:`tinygrad_lite.max_pool2d`.

    >>> nn.MaxPool2d(2)(np.arange(4.0).reshape(1, 1, 2, 2))
    array([[[[3.]]]])
    """

    def forward(self, x: Any) -> Any:
        return windows.max_pool2d(x, self.kernel_size, self.stride, self.padding)


class Averaging(Pooling):
    """What AvgPool1d and AvgPool2d share."""

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, *, count_include_pad: bool = True
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        self.count_include_pad = count_include_pad


class AvgPool1d(Averaging):
    """The mean of each window of a series; as :class:`AvgPool2d`.

    >>> nn.AvgPool1d(2)(np.arange(4.0).reshape(1, 1, 4))
    array([[[0.5, 2.5]]])
    """

    def forward(self, x: Any) -> Any:
        return windows.avg_pool2d(*self.along_series(x), count_include_pad=self.count_include_pad)[:, :, 0]


class AvgPool2d(Averaging):
    """The mean of each window; see :func:`tinygrad_lite.avg_pool2d`.

    >>> nn.AvgPool2d(2)(np.arange(4.0).reshape(1, 1, 2, 2))
    array([[[[1.5]]]])
    """

    def forward(self, x: Any) -> Any:
        return windows.avg_pool2d(
            x, self.kernel_size, self.stride, self.padding, count_include_pad=self.count_include_pad
        )


# ---------------------------------------------------------------------------------------------------------------------
# To a size


def means_along(x: Any, axis: int, count: int) -> Any:
    """So many means along an axis of n entries: number i is of the entries from ⌊i n/count⌋ to ⌈(i + 1) n/count⌉."""
    n = x.shape[axis]
    numbers = np.arange(count)
    first, last = numbers * n // count, -(-(numbers + 1) * n // count)
    places = first[:, None] + np.arange((last - first).max())
    along = (...,) + (None,) * (x.ndim - axis - 1)
    inside, counts = (places < last[:, None])[along], (last - first)[along].astype(x.dtype)
    chosen = indexing.take(x, placed_beside(np.minimum(places, n - 1), x), axis)
    return elementwise.where(placed_beside(inside, x), chosen, 0.0).sum(axis=axis + 1) / placed_beside(counts, x)


class AdaptivePooling(Module):
    """What AdaptiveAvgPool1d and AdaptiveAvgPool2d share."""

    def __init__(self, output_size: Any) -> None:
        self.output_size = output_size

    def pooled_to(self, x: Any, sizes: tuple[Any, ...]) -> Any:
        """Means along the last axes, so many along each; None leaves an axis as it is."""
        name, x = type(self).__name__, floating(array(x))
        if any(n is not None and (not isinstance(n, (int, np.integer)) or n < 1) for n in sizes):
            raise ValueError(f"{name}: output_size is a number of at least 1 for each axis, or None; got {sizes}")
        if x.ndim != len(sizes) + 2 or not all(x.shape[2:]):
            axes = "length" if len(sizes) == 1 else "height, width"
            raise ValueError(f"{name}: takes arrays of shape (samples, channels, {axes}) with entries, got {x.shape}")
        for axis, count in enumerate(sizes, 2):
            if count is not None and count != x.shape[axis]:
                x = means_along(x, axis, int(count))
        return x

    def describe(self) -> str:
        return f"{self.output_size}"


class AdaptiveAvgPool1d(AdaptivePooling):
    """``output_size`` means along each series, of windows that cover it; as :class:`AdaptiveAvgPool2d`.

    >>> nn.AdaptiveAvgPool1d(2)(np.array([[[1.0, 2.0, 6.0]]]))
    array([[[1.5, 4. ]]])
    """

    def forward(self, x: Any) -> Any:
        size = self.output_size
        return self.pooled_to(x, tuple(size) if isinstance(size, (tuple, list)) else (size,))


class AdaptiveAvgPool2d(AdaptivePooling):
    """Means of windows that cover an image, so many that the output is of shape (samples, channels, *output_size).

    Parameters
    ----------
    output_size : a number, or two, for height and width; None is the size of the image

    Along an axis of n entries with m outputs, output i is the mean of the entries from ⌊i n/m⌋ to ⌈(i + 1) n/m⌉, the
    last excluded: windows overlap where m does not divide n.

    >>> nn.AdaptiveAvgPool2d(1)(np.arange(6.0).reshape(1, 1, 2, 3))
    array([[[[2.5]]]])
    """

    def forward(self, x: Any) -> Any:
        size = self.output_size
        return self.pooled_to(x, tuple(size) if isinstance(size, (tuple, list)) else (size, size))
