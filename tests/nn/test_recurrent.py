"""Recurrent layers beside their equations."""

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
    np.testing.assert_allclose(output.data[..., 2:], reversed_output.data[::-1], rtol=1e-13)
    np.testing.assert_allclose(last.data[1:], reversed_last.data, rtol=1e-13)


def test_lstm_is_its_equations() -> None:
    layer, x = nn.LSTM(3, 2, rng=0, dtype=float), normal(4, 5, 3)
    state = layer.state_dict()
    assert {name: v.shape for name, v in state.items()} == {
        "weight_ih_l0": (8, 3),
        "weight_hh_l0": (8, 2),
        "bias_ih_l0": (8,),
        "bias_hh_l0": (8,),
    }
    h, c, found = np.zeros((5, 2)), np.zeros((5, 2)), []
    for step in x:
        whole = step @ state["weight_ih_l0"].T + state["bias_ih_l0"] + h @ state["weight_hh_l0"].T + state["bias_hh_l0"]
        i, f, g, o = np.split(whole, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        found.append(h)
    output, (last_h, last_c) = layer(x)
    np.testing.assert_allclose(output.data, found, rtol=1e-13)
    np.testing.assert_allclose(last_h.data, [h], rtol=1e-13)
    np.testing.assert_allclose(last_c.data, [c], rtol=1e-13)
    carried, _ = layer(x[2:], layer(x[:2])[1])
    np.testing.assert_allclose(carried.data, found[2:], rtol=1e-13)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_rnn_is_its_equation(nonlinearity: str) -> None:
    layer, x = nn.RNN(3, 2, nonlinearity=nonlinearity, bias=False, rng=0, dtype=float), normal(4, 5, 3)
    h, found = np.zeros((5, 2)), []
    for step in x:
        h = step @ layer.weight_ih_l0.data.T + h @ layer.weight_hh_l0.data.T  # type: ignore[attr-defined]
        h = np.tanh(h) if nonlinearity == "tanh" else np.maximum(h, 0)
        found.append(h)
    assert len(layer.state_dict()) == 2
    np.testing.assert_allclose(layer(x)[0].data, found, rtol=1e-13)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_single_series_is_a_batch_of_one(kind: Any) -> None:
    for batch_first in (False, True):
        layer = kind(3, 2, 2, batch_first=batch_first, bidirectional=True, rng=0, dtype=float)
        x = normal(4, 3)
        output, last = layer(x)
        axis = 0 if batch_first else 1
        wide, wide_last = layer(np.expand_dims(x, axis))
        np.testing.assert_array_equal(output.data, wide.data.squeeze(axis))
        pairs = zip(last, wide_last, strict=True) if kind is nn.LSTM else [(last, wide_last)]
        for mine, its in pairs:
            np.testing.assert_array_equal(mine.data, its.data[:, 0])
        np.testing.assert_array_equal(layer(x, layer(x)[1])[0].shape, output.shape)


def test_dropout_between_layers_is_of_training_alone() -> None:
    layer, x = nn.LSTM(3, 4, 2, dropout=0.5, rng=0, dtype=float), normal(4, 2, 3)
    assert not np.array_equal(layer(x)[0].data, layer(x)[0].data)
    np.testing.assert_array_equal(layer.eval()(x)[0].data, layer(x)[0].data)


@pytest.mark.parametrize(("kind", "x", "h", "said"), [
    (nn.GRU, (4, 2), None, r"GRU: takes x of shape \(time, samples, 3\), or \(time, 3\), got \(4, 2\)"),
    (nn.GRU, (4, 1, 2), None, "GRU: takes x"),
    (nn.GRU, (0, 1, 3), None, "GRU: there is no time step"),
    (nn.GRU, (4, 1, 3), (1, 2, 2), r"GRU: takes h of shape \(1, 1, 2\), got \(1, 2, 2\)"),
    (nn.GRU, (4, 3), (1, 1, 2), r"GRU: takes h of shape \(1, 2\), got"),
    (nn.RNN, (3,), None, "RNN: takes x"),
    (nn.LSTM, (4, 1, 3), (1, 1, 2), r"LSTM: takes h and c of shape \(1, 1, 2\), as a tuple, got"),
])  # fmt: skip
def test_other_shapes_are_refused(kind: Any, x: Any, h: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        kind(3, 2, rng=0)(np.zeros(x), None if h is None else np.zeros(h))


def test_an_lstm_takes_both_states() -> None:
    layer, x, state = nn.LSTM(3, 2, rng=0), np.zeros((4, 1, 3)), np.zeros((1, 1, 2))
    layer(x, (state, state))
    for states in ((state,), (state, state[0]), (state, state, state)):
        with pytest.raises(ValueError, match="LSTM: takes h and c"):
            layer(x, states)
