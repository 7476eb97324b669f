"""Normalization: of a batch's features, and of a sample's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, ClassVar

import numpy as np

from ..table.arrays import array, some, values
from ..table.deviations import as_asked, is_far, smallest_safe
from ..table.ducks import handed_back
from ..table.elsewhere import elsewhere, is_lazy
from ..table.floats import ldexp
from ..table.half_precision import in_single
from .init import at_least_one
from .module import Module, numbers_of, parameter


def standardize(x: Any, axis: tuple[int, ...], eps: float) -> tuple[Any, Any, Any]:
    """(x − mean)/√(variance + eps) over the given axes, the mean and the variance (divided by N).

    Of half precision in single precision. Where squares are too large for a number, or so small that they lose digits
    beside the eps, of deviations over a power of two. Where the mean is large beside them, its rounding is taken off
    the deviations, whose mean it is.
    """
    exact = in_single(x)
    mean = exact.mean(axis=axis, keepdims=True)
    d = exact - mean
    with np.errstate(over="ignore"):
        variance = np.square(d).mean(axis=axis, keepdims=True)
    far = is_far(values(mean), values(variance))
    if some(far):
        rest = np.where(far, values(d).mean(axis=axis, keepdims=True), 0)  # a number, for rounding has no slope
        d, variance = d - rest, np.abs(variance - rest * rest)
    least = smallest_safe(d.dtype) ** 2
    unsafe = np.isinf(values(variance))
    if eps < least:
        unsafe = unsafe | (values(variance) < least)
    if not some(unsafe):
        return as_asked(d / np.sqrt(variance + eps), x, None), mean, variance
    _, exponent = np.frexp(np.max(np.abs(values(d)), axis=axis, keepdims=True))
    exponent = np.where(unsafe, exponent, 0)
    d = ldexp(d, -exponent)
    length = np.sqrt(np.square(d).mean(axis=axis, keepdims=True) + np.ldexp(eps, -2 * exponent).astype(d.dtype))
    return as_asked(d / length, x, None), mean, variance


class BatchNormalization(Module):
    """What BatchNorm1d and BatchNorm2d share. A subclass says which shapes it takes."""

    further_axes: ClassVar[tuple[str, ...]]
    """What may come after samples and features, a letter for each axis."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        at_least_one(type(self).__name__, num_features=num_features)
        if not isinstance(momentum, (Real, float, type(None))):
            raise TypeError(f"{type(self).__name__}: momentum is a number, or None for the average, not {momentum!r}")
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = parameter(np.ones(num_features), dtype) if affine else None
        self.bias = parameter(np.zeros(num_features), dtype) if affine else None
        statistics = np.result_type(dtype, np.float32)
        self.running_mean = np.zeros(num_features, statistics) if track_running_stats else None
        self.running_var = np.ones(num_features, statistics) if track_running_stats else None
        self.num_batches_tracked = np.array(0) if track_running_stats else None

    def forward(self, x: Any) -> Any:
        x = array(x)
        name, c = type(self).__name__, self.num_features
        if x.ndim - 2 not in map(len, self.further_axes) or x.shape[1] != c:
            taken = " or ".join([f"(N, {', '.join([str(c), *axes])})" for axes in self.further_axes])
            raise ValueError(f"{name}: takes {taken}, got {x.shape}")
        if self.training or self.running_mean is None or self.running_var is None:
            if x.size == c:
                raise ValueError(f"{name}: one value per feature has no variance to train with: {x.shape}")
            y, mean, variance = standardize(x, (0, *range(2, x.ndim)), self.eps)
            self.track(numbers_of(mean).ravel(), numbers_of(variance).ravel(), x.size // c)
        else:
            scale = np.sqrt(self.running_var + self.eps)
            y = (in_single(x) - along_features(self.running_mean, x)) / along_features(scale, x)
            y = as_asked(y, x, None)
        return scaled(y, self.weight, self.bias)

    @np.errstate(over="ignore", invalid="ignore")
    def track(self, mean: np.ndarray, variance: np.ndarray, n: int) -> None:
        """Move the running statistics towards those of a batch of n values per feature."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        if is_lazy(mean):
            if not is_lazy(self.running_mean):
                raise elsewhere(
                    f"{type(self).__name__} in training, which moves its running means by numbers that are not at hand "
                    "(eval() takes those there are, track_running_stats=False has none; give a compiled step state=)",
                    mean,
                )
            mean, variance = handed_back(mean), handed_back(variance)
        self.num_batches_tracked += 1
        step = 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean += step * (mean - self.running_mean)
        moved = self.running_var + step * (variance * (n / (n - 1)) - self.running_var)
        self.running_var[...] = np.where(np.isnan(moved), self.running_var + variance, moved)  # ∞ stays ∞

    def describe(self) -> str:
        return f"{self.num_features}"


def along_features(v: Any, x: Any) -> Any:
    """A number per feature in the shape that broadcasts along x."""
    return v.reshape((-1,) + (1,) * (x.ndim - 2))


def scaled(y: Any, weight: Any, bias: Any) -> Any:
    """y times the weight of each feature, plus its bias, where there are such."""
    y = y if weight is None else y * along_features(array(weight), y)
    return y if bias is None else y + along_features(array(bias), y)


class BatchNorm1d(BatchNormalization):
    """Each feature standardized over the batch, then scaled by ``weight`` and shifted by ``bias``.

    In training with the batch's own mean and variance, which also move ``running_mean`` and ``running_var`` (variance
    divided by N − 1); in use with those.

    Parameters
    ----------
    num_features : C, of inputs of shape (N, C) or (N, C, L)
    eps : added to the variance
    momentum : how far the running statistics move, from 0 to 1; None: they are the averages of all batches
    affine : whether there are ``weight`` and ``bias``
    track_running_stats : whether there are running statistics; without them, the batch's own are used always

    Raises ValueError for other shapes, and in training for a single value per feature, which has no variance.

    Source: S. Ioffe and C. Szegedy, "Batch Normalization" (2015), algorithm 1.

    >>> norm = nn.BatchNorm1d(2, dtype=float)
    >>> norm(np.array([[1.0, 10.0], [3.0, 30.0]])).data.round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> norm.running_mean
    array([0.2, 2. ])
    """

    further_axes = ("", "L")


class BatchNorm2d(BatchNormalization):
    """As :class:`BatchNorm1d`, of images (N, C, H, W): each channel over the batch and all pixels.

    >>> norm = nn.BatchNorm2d(3, dtype=float)
    >>> norm(np.arange(24.0).reshape(2, 3, 2, 2)).shape
    (2, 3, 2, 2)
    >>> norm.running_mean
    array([0.75, 1.15, 1.55])
    """

    further_axes = ("HW",)


class GroupNorm(Module):
    """Each sample's channels in groups, each group standardized over its channels and all places; then scaled.

    Parameters
    ----------
    num_groups : into so many equal groups the channels fall
    num_channels : C, of inputs of shape (N, C, …); ``weight`` and ``bias`` have so many entries
    eps : added to the variance
    affine : whether there are ``weight`` and ``bias``

    Raises ValueError for channels that do not fall into so many groups, for other shapes, and for groups of one entry,
    which has no variance.

    Source: Y. Wu and K. He, "Group Normalization" (2018), equations 2 to 6.

    >>> nn.GroupNorm(1, 2, dtype=float)(np.array([[[1.0], [3.0]]])).data.round(3)
    array([[[-1.],
            [ 1.]]])
    """

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, *, dtype: Any = np.float32
    ) -> None:
        at_least_one("GroupNorm", num_groups=num_groups, num_channels=num_channels)
        if num_channels % num_groups:
            raise ValueError(f"GroupNorm: {num_channels} channels do not fall into {num_groups} equal groups")
        self.num_groups, self.num_channels, self.eps = num_groups, num_channels, eps
        self.weight = parameter(np.ones(num_channels), dtype) if affine else None
        self.bias = parameter(np.zeros(num_channels), dtype) if affine else None

    def forward(self, x: Any) -> Any:
        x = array(x)
        if x.ndim < 2 or x.shape[1] != self.num_channels or not all(x.shape[2:]):
            raise ValueError(f"GroupNorm: takes (N, {self.num_channels}, …) with entries, got {x.shape}")
        size = self.num_channels // self.num_groups * math.prod(x.shape[2:])
        if size == 1:
            raise ValueError(
                f"GroupNorm: {self.num_groups} groups of {x.shape} have one entry each, which has no variance: every "
                "output would be the bias; take fewer groups"
            )
        y, _, _ = standardize(x.reshape((len(x), self.num_groups, size)), (2,), self.eps)
        return scaled(y.reshape(x.shape), self.weight, self.bias)

    def describe(self) -> str:
        return f"{self.num_groups}, {self.num_channels}"


class InstanceNormalization(Module):
    """What InstanceNorm1d and InstanceNorm2d share. A subclass says which shape it takes."""

    further_axes: ClassVar[str]

    def __init__(self, num_features: int, eps: float = 1e-5, *, affine: bool = False, dtype: Any = np.float32) -> None:
        at_least_one(type(self).__name__, num_features=num_features)
        self.num_features, self.eps = num_features, eps
        self.weight = parameter(np.ones(num_features), dtype) if affine else None
        self.bias = parameter(np.zeros(num_features), dtype) if affine else None

    def forward(self, x: Any) -> Any:
        x = array(x)
        name, count = type(self).__name__, len(self.further_axes)
        if x.ndim != 2 + count or x.shape[1] != self.num_features:
            taken = ", ".join([str(self.num_features), *self.further_axes])
            raise ValueError(f"{name}: takes (N, {taken}), got {x.shape}")
        if math.prod(x.shape[2:]) < 2:
            raise ValueError(f"{name}: one value per sample and feature has no variance: {x.shape}")
        y, _, _ = standardize(x, tuple(range(2, x.ndim)), self.eps)
        return scaled(y, self.weight, self.bias)

    def describe(self) -> str:
        return f"{self.num_features}"


class InstanceNorm1d(InstanceNormalization):
    """Each feature of each sample of (N, C, L) standardized by itself; as :class:`InstanceNorm2d`.

    >>> nn.InstanceNorm1d(1)(np.array([[[1.0, 3.0]]])).round(3)
    array([[[-1.,  1.]]])
    """

    further_axes = "L"


class InstanceNorm2d(InstanceNormalization):
    """Each channel of each image of (N, C, H, W) standardized over its pixels, in training and in use.

    Parameters
    ----------
    num_features : C
    eps : added to the variance
    affine : whether there are ``weight`` and ``bias``, which then scale and shift

    Raises ValueError for other shapes, and for a single pixel, which has no variance.

    Source: D. Ulyanov et al., "Instance Normalization" (2016), equation 5.

    >>> nn.InstanceNorm2d(1)(np.array([[[[1.0], [3.0]]]])).round(3).ravel()
    array([-1.,  1.])
    """

    further_axes = "HW"


class LayerNorm(Module):
    """Each sample standardized over its last axes, then scaled by ``weight`` and shifted by ``bias``.

    Parameters
    ----------
    normalized_shape : the length of the last axis, or the shape of the last axes
    eps : added to the variance
    elementwise_affine, bias : whether there are ``weight`` and ``bias``

    Source: J. L. Ba et al., "Layer Normalization" (2016), equation 3.

    >>> nn.LayerNorm(2, dtype=float)(np.array([[1.0, 3.0]])).data.round(3)
    array([[-1.,  1.]])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        one = isinstance(normalized_shape, (int, np.integer))
        several = isinstance(normalized_shape, (tuple, list))
        if not one and not (several and all(isinstance(n, (int, np.integer)) for n in normalized_shape)):  # type: ignore[union-attr]
            raise TypeError(f"LayerNorm: normalized_shape is a length or lengths of axes, not {normalized_shape!r}")
        self.normalized_shape = (int(normalized_shape),) if one else tuple(normalized_shape)  # type: ignore[arg-type]
        if not self.normalized_shape or math.prod(self.normalized_shape) < 1:
            raise ValueError(f"LayerNorm: needs one axis or more, with entries; got {normalized_shape}")
        self.eps = eps
        self.weight = parameter(np.ones(self.normalized_shape), dtype) if elementwise_affine else None
        self.bias = parameter(np.zeros(self.normalized_shape), dtype) if elementwise_affine and bias else None

    def forward(self, x: Any) -> Any:
        x = array(x)
        count = len(self.normalized_shape)
        if x.shape[-count:] != self.normalized_shape:
            raise ValueError(f"LayerNorm: the last axes must be {self.normalized_shape}, got {x.shape}")
        y, _, _ = standardize(x, tuple(range(x.ndim - count, x.ndim)), self.eps)
        y = y if self.weight is None else y * self.weight
        return y if self.bias is None else y + self.bias

    def describe(self) -> str:
        return f"{self.normalized_shape}"
