"""Convolutional layers beside the function, and how they begin."""

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
