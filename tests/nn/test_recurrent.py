"""The gated recurrent unit beside its equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_lite import nn


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def test_gru_is_its_equations() -> None:
    layer, x = nn.GRU(3, 2, rng=0, dtype=float), normal(4, 5, 3)
    state = layer.state_dict()
    W_i, W_h = np.split(state["weight_ih_l0"], 3), np.split(state["weight_hh_l0"], 3)
    b_i, b_h = np.split(state["bias_ih_l0"], 3), np.split(state["bias_hh_l0"], 3)
    h, found = np.zeros((5, 2)), []
    for step in x:
        r = sigmoid(step @ W_i[0].T + b_i[0] + h @ W_h[0].T + b_h[0])
        z = sigmoid(step @ W_i[1].T + b_i[1] + h @ W_h[1].T + b_h[1])
        n = np.tanh(step @ W_i[2].T + b_i[2] + r * (h @ W_h[2].T + b_h[2]))
        h = (1 - z) * n + z * h
        found.append(h)
    output, last = layer(x)
    np.testing.assert_allclose(output.data, found, rtol=1e-13)
    np.testing.assert_allclose(last.data, [h], rtol=1e-13)
    carried, _ = layer(x[2:], layer(x[:2])[1])
    np.testing.assert_allclose(carried.data, found[2:], rtol=1e-13)


def test_the_second_direction_is_a_gru_of_the_reversed_series() -> None:
    both, x = nn.GRU(3, 2, bidirectional=True, rng=0, dtype=float), normal(4, 5, 3)
    back = nn.GRU(3, 2, dtype=float)
    back.load_state_dict({name: both.state_dict()[f"{name}_reverse"] for name in back.state_dict()})
    output, last = both(x)
    reversed_output, reversed_last = back(x[::-1])
    np.testing.assert_array_equal(output.data[..., 2:], reversed_output.data[::-1])
    np.testing.assert_array_equal(last.data[1:], reversed_last.data)


def test_gru_refuses_other_shapes() -> None:
    layer = nn.GRU(3, 2, rng=0)
    for x, h in [((4, 3), None), ((4, 1, 2), None), ((0, 1, 3), None), ((4, 1, 3), (1, 2, 2))]:
        with pytest.raises(ValueError, match="GRU"):
            layer(np.zeros(x), None if h is None else np.zeros(h))
