"""Pooling layers beside the functions, and means of a given number beside their definition."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def test_series_are_pooled_as_images_of_one_row() -> None:
    x = normal(2, 3, 8)
    wide = x[:, :, None]
    for kernel, stride, padding in ((2, None, 0), (3, 2, 1)):
        step = None if stride is None else (1, stride)
        args = (wide, (1, kernel), step, (0, padding))
        np.testing.assert_array_equal(nn.MaxPool1d(kernel, stride, padding)(x), tl.max_pool2d(*args)[:, :, 0])
        layer = nn.AvgPool1d(kernel, stride, padding, count_include_pad=False)
        np.testing.assert_array_equal(layer(x), tl.avg_pool2d(*args, count_include_pad=False)[:, :, 0])


@pytest.mark.parametrize("n", [1, 4, 7, 10])
@pytest.mark.parametrize("count", [1, 2, 3, 5, 7])
def test_so_many_means_cover_a_series(n: int, count: int) -> None:
    x = normal(2, 3, n)
    expected = [x[..., i * n // count : math.ceil((i + 1) * n / count)].mean(axis=-1) for i in range(count)]
    np.testing.assert_allclose(nn.AdaptiveAvgPool1d(count)(x), np.stack(expected, -1), rtol=1e-13)


def test_means_of_images_are_means_of_rows_of_means() -> None:
    x = normal(2, 3, 5, 6)
    rows = nn.AdaptiveAvgPool1d(3)(x.transpose(0, 1, 3, 2).reshape(2, 18, 5)).reshape(2, 3, 6, 3).transpose(0, 1, 3, 2)
    both = nn.AdaptiveAvgPool1d(4)(rows.reshape(2, 9, 6)).reshape(2, 3, 3, 4)
    np.testing.assert_allclose(nn.AdaptiveAvgPool2d((3, 4))(x), both, rtol=1e-13)
    np.testing.assert_allclose(nn.AdaptiveAvgPool2d((3, None))(x), rows, rtol=1e-13)
    np.testing.assert_allclose(nn.AdaptiveAvgPool2d(1)(x)[..., 0, 0], x.mean(axis=(2, 3)), rtol=1e-13)
    assert nn.AdaptiveAvgPool2d(2)(x.astype(np.float32)).dtype == np.float32


def test_an_infinity_reaches_the_windows_that_it_is_in_and_no_others() -> None:
    x = np.array([[[math.inf, 1.0, 2.0, 3.0, 4.0]]])
    np.testing.assert_array_equal(nn.AdaptiveAvgPool1d(3)(x), [[[math.inf, 2.0, 3.5]]])


@pytest.mark.parametrize(("call", "said"), [
    (lambda: nn.MaxPool1d(2)(np.zeros((1, 4))), r"MaxPool1d: takes series of shape .*got \(1, 4\)"),
    (lambda: nn.AvgPool1d((2, 2))(np.zeros((1, 1, 4))), "AvgPool1d: kernel_size: takes an integer"),
    (lambda: nn.AdaptiveAvgPool1d(2)(np.zeros((1, 1, 4, 4))), r"takes arrays of shape \(samples, channels, length\)"),
    (lambda: nn.AdaptiveAvgPool2d(2)(np.zeros((1, 1, 0, 4))), "with entries, got"),
    (lambda: nn.AdaptiveAvgPool2d((2, 0))(np.zeros((1, 1, 4, 4))), r"at least 1 for each axis, or None; got \(2, 0\)"),
    (lambda: nn.AdaptiveAvgPool2d((2, 2, 2))(np.zeros((1, 1, 4, 4))), "AdaptiveAvgPool2d: takes arrays"),
])  # fmt: skip
def test_what_pooling_layers_refuse(call: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()
