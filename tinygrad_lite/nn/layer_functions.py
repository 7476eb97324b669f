"""Layers as functions, with PyTorch's names: for programs that hold the weights themselves."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..table import neural
from ..table.arrays import array, floating, values
from ..table.elsewhere import placed_beside, with_spellings
from ..table.shapes import required
from .layers import Dropout, Dropout1d, Dropout2d
from .module import numbers_of
from .normalization import BatchNorm1d, BatchNorm2d, GroupNorm, InstanceNorm1d, InstanceNorm2d, scaled
from .pooling import AdaptiveAvgPool1d, AdaptiveAvgPool2d, AvgPool1d, MaxPool1d

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "avg_pool1d",
    "batch_norm",
    "dropout",
    "dropout1d",
    "dropout2d",
    "group_norm",
    "instance_norm",
    "max_pool1d",
    "scaled_dot_product_attention",
    "softmin",
    "threshold",
]


def softmin(x: Any, axis: int = -1) -> Any:
    """e^(−xₖ) / Σⱼ e^(−xⱼ) along an axis.

    >>> nn.functional.softmin(np.array([0.0, np.log(3.0)]))
    array([0.75, 0.25])
    """
    return neural.softmax(-floating(array(x)), axis)


def threshold(x: Any, threshold: float, value: float) -> Any:
    """x where it is above the threshold, else ``value``; the derivative is 1 or 0.

    >>> nn.functional.threshold(np.array([0.5, 2.0]), 1.0, -3.0)
    array([-3.,  2.])
    """
    x = floating(array(x))
    return np.where(x > threshold, x, value)


def max_pool1d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The largest entry of each window of a series. See :class:`nn.MaxPool1d`.

    >>> nn.functional.max_pool1d(np.arange(4.0).reshape(1, 1, 4), 2)
    array([[[1., 3.]]])
    """
    return MaxPool1d(kernel_size, stride, padding)(x)


def avg_pool1d(
    x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, *, count_include_pad: bool = True
) -> Any:
    """The mean of each window of a series. See :class:`nn.AvgPool1d`.

    >>> nn.functional.avg_pool1d(np.arange(4.0).reshape(1, 1, 4), 2)
    array([[[0.5, 2.5]]])
    """
    return AvgPool1d(kernel_size, stride, padding, count_include_pad=count_include_pad)(x)


def adaptive_avg_pool1d(x: Any, output_size: Any) -> Any:
    """So many means along each series. See :class:`nn.AdaptiveAvgPool1d`.

    >>> nn.functional.adaptive_avg_pool1d(np.array([[[1.0, 2.0, 6.0]]]), 2)
    array([[[1.5, 4. ]]])
    """
    return AdaptiveAvgPool1d(output_size)(x)


def adaptive_avg_pool2d(x: Any, output_size: Any) -> Any:
    """So many means of each image, along its height and its width. See :class:`nn.AdaptiveAvgPool2d`.

    >>> nn.functional.adaptive_avg_pool2d(np.arange(6.0).reshape(1, 1, 2, 3), 1)
    array([[[[2.5]]]])
    """
    return AdaptiveAvgPool2d(output_size)(x)


def dropout(x: Any, p: float = 0.5, training: bool = True, *, rng: Any = None) -> Any:
    """Each entry 0 with probability p, else divided by 1 − p; x itself outside training. See :class:`nn.Dropout`.

    >>> nn.functional.dropout(np.ones(4), 0.5, rng=0)
    array([2., 2., 2., 0.])
    """
    return Dropout(p, rng=rng).train(training)(x)


def dropout1d(x: Any, p: float = 0.5, training: bool = True, *, rng: Any = None) -> Any:
    """As :func:`dropout`, of whole channels of series. See :class:`nn.Dropout1d`.

    >>> nn.functional.dropout1d(np.ones((1, 4, 2)), 0.5, rng=0)[0, :, 0]
    array([2., 2., 2., 0.])
    """
    return Dropout1d(p, rng=rng).train(training)(x)


def dropout2d(x: Any, p: float = 0.5, training: bool = True, *, rng: Any = None) -> Any:
    """As :func:`dropout`, of whole channels of images. See :class:`nn.Dropout2d`.

    >>> nn.functional.dropout2d(np.ones((1, 4, 1, 2)), 0.5, rng=0)[0, :, 0, 0]
    array([2., 2., 2., 0.])
    """
    return Dropout2d(p, rng=rng).train(training)(x)


def batch_norm(
    x: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Each feature standardized, times ``weight``, plus ``bias``. See :class:`nn.BatchNorm1d`.

    Parameters
    ----------
    x : of shape (N, C), (N, C, L) or (N, C, H, W)
    running_mean, running_var : arrays of C numbers, moved in place in training and used outside it; in training, None
        where they are not wanted
    weight, bias : C numbers, or None
    training : whether to standardize by the batch's own mean and variance

    Raises ValueError for other shapes, and where there are no statistics to use outside training.

    >>> mean, var = np.zeros(1), np.ones(1)
    >>> nn.functional.batch_norm(np.array([[1.0], [3.0]]), mean, var, training=True).round(3).ravel()
    array([-1.,  1.])
    >>> mean, var
    (array([0.2]), array([1.1]))
    """
    x, mean, var = array(x), numbers_of(running_mean), numbers_of(running_var)
    if (mean is None) != (var is None) or (mean is None and not training):
        raise ValueError("batch_norm: running_mean and running_var are both arrays, or in training both None")
    c = features("batch_norm", x, weight=weight, bias=bias, running_mean=mean, running_var=var)
    kind = BatchNorm2d if x.ndim == 4 else BatchNorm1d
    layer = kind(c, eps, momentum, affine=False, track_running_stats=mean is not None).train(training)
    if mean is not None:
        layer.running_mean, layer.running_var = mean, var
    return scaled(layer(x), weight, bias)


def group_norm(x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Each group of a sample's channels standardized, times ``weight``, plus ``bias``. See :class:`nn.GroupNorm`.

    >>> nn.functional.group_norm(np.array([[[1.0], [3.0]]]), 1).round(3).ravel()
    array([-1.,  1.])
    """
    x = array(x)
    c = features("group_norm", x, weight=weight, bias=bias)
    return scaled(GroupNorm(num_groups, c, eps, affine=False)(x), weight, bias)


def instance_norm(x: Any, *, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Each channel of each sample standardized, times ``weight``, plus ``bias``. See :class:`nn.InstanceNorm2d`.

    >>> nn.functional.instance_norm(np.array([[[1.0, 3.0]]])).round(3)
    array([[[-1.,  1.]]])
    """
    x = array(x)
    c = features("instance_norm", x, weight=weight, bias=bias)
    return scaled((InstanceNorm2d if x.ndim == 4 else InstanceNorm1d)(c, eps)(x), weight, bias)


def features(name: str, x: Any, **given: Any) -> int:
    """How many features x has, along axis 1. Raises ValueError where other things have not a number for each."""
    if x.ndim < 2 or not x.shape[1]:
        raise ValueError(f"{name}: takes arrays of shape (samples, features, …), got {x.shape}")
    for what, numbers in given.items():
        if numbers is not None and np.shape(numbers) != (x.shape[1],):
            raise ValueError(
                f"{name}: {what} has one number for each of {x.shape[1]} features, got {np.shape(numbers)}"
            )
    return int(x.shape[1])


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    rng: Any = None,
) -> Any:
    """softmax(Q Kᵀ / √d) V of the last two axes, (places, d).

    Parameters
    ----------
    query, key, value : Q, K and V, with the same axes, or such as broadcast, before the last two
    attn_mask : true where a query sees a key (for :class:`nn.MultiheadAttention` it is the other way round); or numbers
        that are added to Q Kᵀ / √d
    dropout_p : the probability with which a weight is dropped, also outside training
    is_causal : no query sees a key after its own place
    scale : what Q Kᵀ is multiplied with, in place of 1/√d
    rng : a seed or a Generator

    Raises ValueError where masks leave a query no key to see.

    Source: A. Vaswani et al., "Attention Is All You Need" (2017), equation 1.

    >>> q = np.array([[0.0], [5.0]])
    >>> nn.functional.scaled_dot_product_attention(q, np.zeros((2, 1)), np.array([[1.0], [3.0]]), is_causal=True)
    array([[1.],
           [2.]])
    """
    name = "scaled_dot_product_attention"
    q, k, v = [floating(array(x)) for x in (query, key, value)]
    if min(q.ndim, k.ndim, v.ndim) < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError(
            f"{name}: takes query (…, queries, d), key (…, keys, d) and value (…, keys, length); got {q.shape}, "
            f"{k.shape} and {v.shape}"
        )
    scores = q @ with_spellings(k).mT * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    masks = [] if attn_mask is None else [array(attn_mask)]
    if is_causal:
        masks.append(placed_beside(np.tri(*scores.shape[-2:], dtype=bool), scores))
    for mask in masks:
        if mask.dtype.kind not in "bf":
            raise TypeError(
                f"{name}: attn_mask holds {mask.dtype}; it takes booleans, true where a query sees a key, or "
                "floating-point numbers to be added"
            )
        scores = np.where(mask, scores, -math.inf) if mask.dtype == bool else scores + mask
    if masks:
        seen = np.max(values(scores), axis=-1, keepdims=True) != -math.inf
        scores = required(scores, seen, f"{name}: the masks leave a query no key to see; its weights would be 0/0")
    return dropout(neural.softmax(scores), dropout_p, rng=rng) @ v
