"""Normalization: of a batch's features, and of a sample's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..table.arrays import array
from .init import at_least_one
from .module import Module, numbers_of, parameter


def standardize(x: Any, axis: tuple[int, ...], eps: float) -> tuple[Any, Any, Any]:
    """(x − mean)/√(variance + eps) over the given axes, the mean and the variance (divided by N)."""
    mean = x.mean(axis=axis, keepdims=True)
    d = x - mean
    variance = np.square(d).mean(axis=axis, keepdims=True)
    return d / np.sqrt(variance + eps), mean, variance


class BatchNorm1d(Module):
    """Each feature standardized over the batch, then scaled by ``weight`` and shifted by ``bias``.

    In training with the batch's own mean and variance, which also move ``running_mean`` and ``running_var`` (variance
    divided by N − 1); in use with those.

    Parameters
    ----------
    num_features : C, of inputs of shape (N, C) or (N, C, L)
    eps : added to the variance
    momentum : how far the running statistics move, from 0 to 1; None: they are the averages of all batches
    affine : whether there are ``weight`` and ``bias``

    Raises ValueError for other shapes, and in training for a single value per feature, which has no variance.

    Source: S. Ioffe and C. Szegedy, "Batch Normalization" (2015), algorithm 1.

    >>> norm = nn.BatchNorm1d(2, dtype=float)
    >>> norm(np.array([[1.0, 10.0], [3.0, 30.0]])).data.round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> norm.running_mean
    array([0.2, 2. ])
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        at_least_one("BatchNorm1d", num_features=num_features)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = parameter(np.ones(num_features), dtype) if affine else None
        self.bias = parameter(np.zeros(num_features), dtype) if affine else None
        self.running_mean = np.zeros(num_features, dtype)
        self.running_var = np.ones(num_features, dtype)
        self.num_batches_tracked = np.array(0)

    def forward(self, x: Any) -> Any:
        x = array(x)
        if x.ndim not in (2, 3) or x.shape[1] != self.num_features:
            raise ValueError(
                f"BatchNorm1d: takes (N, {self.num_features}) or (N, {self.num_features}, L), got {x.shape}"
            )
        if self.training:
            if x.size == self.num_features:
                raise ValueError(f"BatchNorm1d: one value per feature has no variance to train with: {x.shape}")
            y, mean, variance = standardize(x, (0,) if x.ndim == 2 else (0, 2), self.eps)
            self.track(numbers_of(mean).ravel(), numbers_of(variance).ravel(), x.size // self.num_features)
        else:
            scale = np.sqrt(self.running_var + self.eps)
            y = (x - self.along_features(self.running_mean, x)) / self.along_features(scale, x)
        if self.weight is None:
            return y
        return y * self.along_features(self.weight, x) + self.along_features(self.bias, x)

    def along_features(self, v: Any, x: Any) -> Any:
        """A number per feature in the shape that broadcasts along x."""
        return v if x.ndim == 2 else v.reshape((-1, 1))

    def track(self, mean: np.ndarray, variance: np.ndarray, n: int) -> None:
        """Move the running statistics towards those of a batch of n values per feature."""
        self.num_batches_tracked += 1
        step = 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean += step * (mean - self.running_mean)
        self.running_var += step * (variance * (n / (n - 1)) - self.running_var)

    def describe(self) -> str:
        return f"{self.num_features}"


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
