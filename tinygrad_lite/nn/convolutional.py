"""Layers for images: convolution and pooling."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..table import convolution, windows
from ..table.windows import pair
from .init import Initialiser, at_least_one, weight_and_bias
from .module import Module


class Conv2d(Module):
    """A convolution with kernels ``weight`` (out_channels, in_channels / groups, height, width) and a ``bias``.

    Parameters
    ----------
    in_channels, out_channels : of images of shape (samples, channels, height, width)
    kernel_size, stride, padding, dilation, groups : as in :func:`tinygrad_lite.conv2d`
    init : how the kernels begin; a neuron's inputs are the entries of its kernel
    rng : a seed or a Generator

    >>> layer = nn.Conv2d(3, 8, 3, padding=1, rng=0)
    >>> layer
    Conv2d(3, 8, (3, 3), padding=1): weight (8, 3, 3, 3), bias (8,), 224 parameters
    >>> layer(np.zeros((2, 3, 16, 16), np.float32)).shape
    (2, 8, 16, 16)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        init: str | Initialiser = "fan_in",
        rng: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        at_least_one("Conv2d", in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"Conv2d: {in_channels} and {out_channels} channels do not fall into {groups} equal groups"
            )
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = pair("Conv2d: kernel_size", kernel_size)
        self.options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        entries = math.prod(self.kernel_size)
        self.weight, self.bias = weight_and_bias(
            shape, shape[1] * entries, out_channels // groups * entries, init=init, rng=rng, dtype=dtype, bias=bias
        )

    def forward(self, x: Any) -> Any:
        return convolution.conv2d(x, self.weight, self.bias, **self.options)

    def describe(self) -> str:
        usual = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
        options = [f"{name}={value!r}" for name, value in self.options.items() if value != usual[name]]
        return ", ".join([f"{self.in_channels}, {self.out_channels}, {self.kernel_size}", *options])


class MaxPool2d(Module):
    """The largest entry of each window; see :func:`tinygrad_lite.max_pool2d`.

    >>> nn.MaxPool2d(2)(np.arange(4.0).reshape(1, 1, 2, 2))
    array([[[[3.]]]])
    """

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x: Any) -> Any:
        return windows.max_pool2d(x, self.kernel_size, self.stride, self.padding)

    def describe(self) -> str:
        stride = self.kernel_size if self.stride is None else self.stride
        return f"{self.kernel_size}, stride={stride}, padding={self.padding}"


class AvgPool2d(MaxPool2d):
    """The mean of each window; see :func:`tinygrad_lite.avg_pool2d`.

    >>> nn.AvgPool2d(2)(np.arange(4.0).reshape(1, 1, 2, 2))
    array([[[[1.5]]]])
    """

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, *, count_include_pad: bool = True
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        self.count_include_pad = count_include_pad

    def forward(self, x: Any) -> Any:
        return windows.avg_pool2d(
            x, self.kernel_size, self.stride, self.padding, count_include_pad=self.count_include_pad
        )
