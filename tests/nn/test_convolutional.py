"""Convolutional layers beside the functions, and how they begin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def test_convolutions_hand_on_their_options_and_begin_by_their_kernels_size() -> None:
    options: dict[str, Any] = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}
    layer, x = nn.Conv2d(4, 6, (2, 3), **options, rng=0, dtype=float), normal(2, 4, 5, 7)
    np.testing.assert_array_equal(layer(x).data, tl.conv2d(x, layer.weight, layer.bias, **options).data)
    assert repr(layer).startswith("Conv2d(4, 6, (2, 3), stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=2): ")
    weights = nn.Conv2d(8, 300, 3, groups=2, init="he", rng=0).weight.data
    assert weights.var() == pytest.approx(2 / (4 * 9), rel=0.05)
    with pytest.raises(ValueError, match="3 and 4 channels do not fall into 2 equal groups"):
        nn.Conv2d(3, 4, 1, groups=2)


@pytest.mark.parametrize(("name", "mode"), [("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")])
def test_what_is_around_is_what_pad_adds(name: str, mode: Any) -> None:
    x, series = normal(2, 4, 5, 7), normal(2, 4, 6)
    layer = nn.Conv2d(4, 6, (2, 3), padding=(1, 2), stride=2, padding_mode=name, rng=0, dtype=float)
    around = np.pad(x, ((0, 0), (0, 0), (1, 1), (2, 2)), mode)
    np.testing.assert_array_equal(layer(x).data, tl.conv2d(around, layer.weight, layer.bias, stride=2).data)
    assert f"padding_mode={name!r}" in repr(layer)
    same = nn.Conv1d(4, 6, 4, padding="same", dilation=1, padding_mode=name, rng=0, dtype=float)
    around = np.pad(series, ((0, 0), (0, 0), (1, 2)), mode)
    np.testing.assert_array_equal(same(series).data, tl.conv1d(around, same.weight, same.bias).data)
    valid = nn.Conv1d(4, 6, 4, padding="valid", padding_mode=name, rng=0, dtype=float)
    np.testing.assert_array_equal(valid(series).data, tl.conv1d(series, valid.weight, valid.bias).data)


def test_transposed_layers_hand_on_their_options_and_begin_as_pytorchs() -> None:
    options: dict[str, Any] = {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2, "dilation": 2}
    layer, x = nn.ConvTranspose1d(4, 6, 3, **options, rng=0, dtype=float), normal(2, 4, 5)
    np.testing.assert_array_equal(layer(x).data, tl.conv_transpose1d(x, layer.weight, layer.bias, **options).data)
    assert layer.bias is not None
    assert (layer.weight.shape, layer.bias.shape) == ((4, 3, 3), (6,))
    assert "stride=2, padding=1, output_padding=1, dilation=2, groups=2" in repr(layer)
    weights = nn.ConvTranspose2d(200, 8, 3, bias=False, rng=0).weight.data
    assert weights.var() == pytest.approx(1 / (3 * 8 * 9), rel=0.05)


@pytest.mark.parametrize(("call", "said"), [
    (lambda: nn.Conv2d(1, 1, 3, padding_mode="mirror"), "padding_mode is one of zeros, reflect, replicate, circular"),
    (lambda: nn.Conv1d(1, 1, (3, 3)), "Conv1d: kernel_size: takes an integer of at least 1"),
    (lambda: nn.Conv1d(1, 1, 3, rng=0)(np.zeros((1, 1, 4, 4))), "conv1d: takes x of shape"),
    (lambda: nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect", rng=0)(np.zeros((1, 4, 4))), "conv2d: takes x"),
    (
        lambda: nn.Conv1d(1, 1, 3, 2, "same", padding_mode="reflect", rng=0)(np.zeros((1, 1, 4))),
        "Conv1d: padding='same' needs stride 1, got 2",
    ),
])  # fmt: skip
def test_what_convolutional_layers_refuse(call: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()
