"""Layers as functions: the layers' numbers, their derivatives, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn

F = nn.functional
RNG = np.random.default_rng(0)
SERIES, IMAGES = RNG.standard_normal((2, 4, 6)), RNG.standard_normal((2, 4, 6, 6))
W, B = RNG.standard_normal((2, 4))


@pytest.mark.parametrize(
    ("function", "layer", "x"),
    [
        (lambda x: F.max_pool1d(x, 2, 1, 1), nn.MaxPool1d(2, 1, 1), SERIES),
        (lambda x: F.avg_pool1d(x, 3, 2, 1, count_include_pad=False), nn.AvgPool1d(3, 2, 1, count_include_pad=False),
         SERIES),
        (lambda x: F.adaptive_avg_pool1d(x, 4), nn.AdaptiveAvgPool1d(4), SERIES),
        (lambda x: F.adaptive_avg_pool2d(x, (4, None)), nn.AdaptiveAvgPool2d((4, None)), IMAGES),
        (lambda x: F.dropout1d(x, 0.4, rng=1), nn.Dropout1d(0.4, rng=1), SERIES),
        (lambda x: F.dropout2d(x, 0.4, rng=1), nn.Dropout2d(0.4, rng=1), IMAGES),
        (lambda x: F.dropout2d(x, 0.4, False), nn.Identity(), IMAGES),
        (lambda x: F.group_norm(x, 2, eps=0.1), nn.GroupNorm(2, 4, 0.1, affine=False), IMAGES),
        (lambda x: F.instance_norm(x, eps=0.1), nn.InstanceNorm2d(4, 0.1), IMAGES),
        (F.instance_norm, nn.InstanceNorm1d(4), SERIES),
        (lambda x: F.batch_norm(x, None, None, training=True), nn.BatchNorm1d(4, affine=False), SERIES),
    ],
)  # fmt: skip
def test_they_are_the_layers(function: Any, layer: nn.Module, x: np.ndarray) -> None:
    np.testing.assert_array_equal(function(x), layer(x))


@pytest.mark.parametrize(
    "function",
    [
        lambda x, w, b: F.batch_norm(x, None, None, w, b, True),
        lambda x, w, b: F.batch_norm(x, np.zeros(4), np.ones(4), w, b),
        lambda x, w, b: F.group_norm(x, 2, w, b),
        lambda x, w, b: F.instance_norm(x, weight=w, bias=b),
        lambda x, w, b: F.softmin(x * w[:, None] + b[:, None]),
        lambda x, w, b: F.threshold(x, 0.1, 3.0) * w[:, None] + b[:, None],
        lambda x, w, b: F.scaled_dot_product_attention(x * w[:, None], x + b[:, None], x, is_causal=True),
    ],
)
def test_derivatives(function: Any) -> None:
    tl.check_gradients(function, SERIES, W, B)


def test_running_statistics_are_moved_in_place_in_training_alone() -> None:
    mean, var = np.zeros(4), np.ones(4)
    layer = nn.BatchNorm2d(4, momentum=0.3, affine=False, dtype=float)
    np.testing.assert_array_equal(F.batch_norm(IMAGES, mean, var, training=True, momentum=0.3), layer(IMAGES))
    np.testing.assert_array_equal([mean, var], [layer.running_mean, layer.running_var])
    before = mean.copy()
    np.testing.assert_array_equal(F.batch_norm(IMAGES, mean, var, bias=B), layer.eval()(IMAGES) + B[:, None, None])
    np.testing.assert_array_equal(mean, before)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: F.batch_norm(SERIES, None, None), "running_mean and running_var are both arrays"),
        (lambda: F.batch_norm(SERIES, W, None, training=True), "running_mean and running_var are both arrays"),
        (lambda: F.batch_norm(SERIES, np.zeros(1), np.ones(1)), r"running_mean has one number for each of 4 features"),
        (lambda: F.batch_norm(SERIES[0, 0], W, W), r"takes arrays of shape \(samples, features, …\), got \(6,\)"),
        (lambda: F.group_norm(SERIES, 2, np.ones(1)), r"weight has one number for each of 4 features, got \(1,\)"),
        (lambda: F.scaled_dot_product_attention(W[None], W[None, :3], B[None]), "scaled_dot_product_attention: takes"),
        (lambda: F.scaled_dot_product_attention(*[SERIES] * 3, np.zeros((4, 4), bool)), "leave a query no key to see"),
    ],
)
def test_what_is_refused(call: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()


def test_a_mask_of_whole_numbers_could_mean_either() -> None:
    with pytest.raises(TypeError, match="attn_mask holds int64; it takes booleans"):
        F.scaled_dot_product_attention(SERIES, SERIES, SERIES, np.ones((4, 4), np.int64))
