"""Convolutional layers, for series and for images."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Final

import numpy as np

from ..table import convolution
from ..table.arrays import array
from ..table.padding import pad
from ..table.windows import pair
from .init import Initialiser, at_least_one, weight_and_bias
from .module import Module

BORDERS: Final = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""PyTorch's names for what is around an image, and NumPy's; "zeros" beside them."""


class Convolution(Module):
    """What convolutional layers share. A subclass says along how many axes it goes, and by which function."""

    axes: ClassVar[int]
    usual: ClassVar[dict[str, Any]] = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1, "groups": 1}

    def begin(self, in_channels: int, out_channels: int, kernel_size: Any, groups: int) -> None:
        """Note the sizes; raises ValueError for those that do not fit."""
        name = type(self).__name__
        at_least_one(name, in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{name}: {in_channels} and {out_channels} channels do not fall into {groups} equal groups"
            )
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = self.along_axes("kernel_size", kernel_size, 1)

    def along_axes(self, name: str, value: Any, least: int) -> tuple[int, ...]:
        """An option as a number for each axis."""
        name = f"{type(self).__name__}: {name}"
        return pair(name, value, least) if self.axes == 2 else convolution.beside(name, value, least, 0)[1:]

    def options(self) -> dict[str, Any]:
        """What the function of the table is called with."""
        return {name: vars(self)[name] for name in self.usual if name in vars(self)}

    def describe(self) -> str:
        options = [f"{name}={value!r}" for name, value in self.options().items() if value != self.usual[name]]
        return ", ".join([f"{self.in_channels}, {self.out_channels}, {self.kernel_size}", *options])


class Correlation(Convolution):
    """What Conv1d and Conv2d share."""

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
        padding_mode: str = "zeros",
        *,
        init: str | Initialiser = "fan_in",
        rng: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        self.begin(in_channels, out_channels, kernel_size, groups)
        if padding_mode not in ("zeros", *BORDERS):
            modes = ", ".join(["zeros", *BORDERS])
            raise ValueError(f"{type(self).__name__}: padding_mode is one of {modes}, not {padding_mode!r}")
        self.stride, self.padding, self.dilation, self.padding_mode = stride, padding, dilation, padding_mode
        entries = math.prod(self.kernel_size)
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.weight, self.bias = weight_and_bias(
            shape, shape[1] * entries, out_channels // groups * entries, init=init, rng=rng, dtype=dtype, bias=bias
        )

    def forward(self, x: Any) -> Any:
        options = self.options()
        if self.padding_mode != "zeros" and self.padding != "valid":
            x = array(x)
            if x.ndim == self.axes + 2:  # else the function says what it takes
                x = pad(x, ((0, 0), (0, 0), *self.ends()), BORDERS[self.padding_mode])
            options["padding"] = 0
        convolve = convolution.conv1d if self.axes == 1 else convolution.conv2d
        return convolve(x, self.weight, self.bias, **options)

    def ends(self) -> list[tuple[int, int]]:
        """How much is added before and after, along each axis."""
        if self.padding != "same":
            return [(n, n) for n in self.along_axes("padding", self.padding, 0)]
        if set(self.along_axes("stride", self.stride, 1)) != {1}:
            raise ValueError(f"{type(self).__name__}: padding='same' needs stride 1, got {self.stride}")
        gaps = self.along_axes("dilation", self.dilation, 1)
        reach = [d * (k - 1) for d, k in zip(gaps, self.kernel_size, strict=True)]
        return [(n // 2, n - n // 2) for n in reach]

    def describe(self) -> str:
        return super().describe() + ("" if self.padding_mode == "zeros" else f", padding_mode={self.padding_mode!r}")


class Conv1d(Correlation):
    """A convolution along series with kernels ``weight`` (out_channels, in_channels / groups, length) and a ``bias``.

    Parameters
    ----------
    in_channels, out_channels : of series of shape (samples, channels, length)
    kernel_size, stride, padding, dilation, groups : as in :func:`tinygrad_lite.conv1d`
    bias, padding_mode, init, rng, dtype : as in :class:`Conv2d`

    >>> layer = nn.Conv1d(3, 8, 5, padding=2, rng=0)
    >>> layer
    Conv1d(3, 8, (5,), padding=2): weight (8, 3, 5), bias (8,), 128 parameters
    >>> layer(np.zeros((2, 3, 16), np.float32)).shape
    (2, 8, 16)
    """

    axes = 1


class Conv2d(Correlation):
    """A convolution with kernels ``weight`` (out_channels, in_channels / groups, height, width) and a ``bias``.

    Parameters
    ----------
    in_channels, out_channels : of images of shape (samples, channels, height, width)
    kernel_size, stride, padding, dilation, groups : as in :func:`tinygrad_lite.conv2d`
    bias : whether there is one
    padding_mode : what the padding consists of: "zeros", or what :func:`tinygrad_lite.pad` adds with "reflect",
        "edge" (here "replicate") and "wrap" (here "circular")
    init : how the kernels begin; a neuron's inputs are the entries of its kernel
    rng : a seed or a Generator
    dtype : of kernels and biases

    >>> layer = nn.Conv2d(3, 8, 3, padding=1, rng=0)
    >>> layer
    Conv2d(3, 8, (3, 3), padding=1): weight (8, 3, 3, 3), bias (8,), 224 parameters
    >>> layer(np.zeros((2, 3, 16, 16), np.float32)).shape
    (2, 8, 16, 16)
    """

    axes = 2


class Transposition(Convolution):
    """What ConvTranspose1d and ConvTranspose2d share."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        *,
        init: str | Initialiser = "fan_in",
        rng: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        self.begin(in_channels, out_channels, kernel_size, groups)
        self.stride, self.padding, self.output_padding, self.dilation = stride, padding, output_padding, dilation
        entries = math.prod(self.kernel_size)
        shape = (in_channels, out_channels // groups, *self.kernel_size)
        self.weight, self.bias = weight_and_bias(
            shape,
            shape[1] * entries,
            in_channels // groups * entries,
            init=init,
            rng=rng,
            dtype=dtype,
            bias=bias,
            biases=out_channels,
        )

    def forward(self, x: Any) -> Any:
        convolve = convolution.conv_transpose1d if self.axes == 1 else convolution.conv_transpose2d
        return convolve(x, self.weight, self.bias, **self.options())


class ConvTranspose1d(Transposition):
    """The transpose of Conv1d, which makes series longer; ``weight`` is (in_channels, out_channels / groups, length).

    Parameters
    ----------
    in_channels, out_channels : of series of shape (samples, channels, length)
    kernel_size, stride, padding, output_padding, groups, dilation : as in :func:`tinygrad_lite.conv_transpose1d`
    bias, init, rng, dtype : as in :class:`ConvTranspose2d`

    >>> nn.ConvTranspose1d(3, 8, 4, stride=2, padding=1, rng=0)(np.zeros((2, 3, 5), np.float32)).shape
    (2, 8, 10)
    """

    axes = 1


class ConvTranspose2d(Transposition):
    """The transpose of Conv2d, which enlarges; ``weight`` is (in_channels, out_channels / groups, height, width).

    Parameters
    ----------
    in_channels, out_channels : of images of shape (samples, channels, height, width)
    kernel_size, stride, padding, output_padding, groups, dilation : as in :func:`tinygrad_lite.conv_transpose2d`
    bias : whether there is one
    init : how the kernels begin; as in PyTorch, out_channels / groups times the kernel's entries count as the inputs
    rng : a seed or a Generator
    dtype : of kernels and biases

    >>> layer = nn.ConvTranspose2d(3, 8, 2, stride=2, rng=0)
    >>> layer
    ConvTranspose2d(3, 8, (2, 2), stride=2): weight (3, 8, 2, 2), bias (8,), 104 parameters
    >>> layer(np.zeros((2, 3, 5, 5), np.float32)).shape
    (2, 8, 10, 10)
    """

    axes = 2
