"""Values in short."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_lite.drawing.picture import labels


@pytest.mark.parametrize(("x", "lines"), [
    (np.float64(1.5), ["1.5"]),
    (np.float64("nan"), ["NaN"]),
    (-np.inf, ["−∞"]),
    (np.float32(-0.0), ["0"]),
    (np.array([1.0, -2.0]), ["[1, −2]"]),
    (np.array([[1.0, 2.0], [3.0, 4.0]]), ["[1, 2]", "[3, 4]"]),
    (np.array([[1.0], [2.0]]), ["[1, 2]ᵀ"]),
    (np.array([True, False]), ["[True, False]"]),
    (np.arange(9.0), ["min 0  mean 4  max 8"]),
    (np.array([np.nan, np.inf, -np.inf, *range(9)]), ["min 0  mean 4  max 8", "⚠ 1 NaN, 2 ∞"]),
    (np.full(9, np.nan), ["⚠ 9 NaN"]),
    (np.zeros((0, 3)), ["no entries"]),
    (np.arange(9), ["min 0  mean 4  max 8"]),
])  # fmt: skip
def test_values_in_short(x: Any, lines: list[str]) -> None:
    assert labels.values(x) == lines
