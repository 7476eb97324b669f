"""Attention beside its formula, its masks, and what it refuses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tinygrad_lite import nn


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def test_attention_is_a_weighted_mean_of_the_values() -> None:
    layer, n = nn.MultiheadAttention(4, 2, batch_first=True, rng=0, dtype=float), 4
    q, k, v = normal(1, 3, n), normal(1, 5, n, seed=1), normal(1, 5, n, seed=2)
    W, b = layer.in_proj_weight.data, layer.in_proj_bias.data + 0  # type: ignore[union-attr]
    Q, K, V = [(x @ W[i * n : (i + 1) * n].T + b[i * n : (i + 1) * n])[0] for i, x in enumerate((q, k, v))]
    heads, weights = [], []
    for part in (slice(0, 2), slice(2, 4)):
        e = np.exp(Q[:, part] @ K[:, part].T / math.sqrt(2))
        weights.append(e / e.sum(axis=1, keepdims=True))
        heads.append(weights[-1] @ V[:, part])
    expected = np.hstack(heads) @ layer.out_proj.weight.data.T + layer.out_proj.bias.data
    output, mean = layer(q, k, v)
    np.testing.assert_allclose(output.data[0], expected, rtol=1e-13)
    np.testing.assert_allclose(mean.data[0], np.mean(weights, axis=0), rtol=1e-13)
    _, each = layer(q, k, v, average_attn_weights=False)
    np.testing.assert_allclose(each.data[0], weights, rtol=1e-13)
    assert layer(q, k, v, need_weights=False)[1] is None


def test_masked_keys_are_not_seen() -> None:
    layer, x = nn.MultiheadAttention(4, 2, batch_first=True, rng=0, dtype=float), normal(2, 3, 4)
    _, causal = layer(x, x, x, is_causal=True)
    assert not causal.data[:, [0, 0, 1], [1, 2, 2]].any()
    _, padded = layer(x, x, x, key_padding_mask=np.array([[False, False, True], [False, True, True]]))
    assert not padded.data[0, :, 2].any()
    assert not padded.data[1, :, 1:].any()
    np.testing.assert_allclose(padded.data.sum(axis=2), 1, rtol=1e-14)
    with pytest.raises(ValueError, match="attn_mask has shape"):
        layer(x, x, x, attn_mask=np.zeros((3, 2), bool))
    with pytest.raises(ValueError, match="key_padding_mask has shape"):
        layer(x, x, x, key_padding_mask=np.zeros((2, 2), bool))
    single, weights = layer(x[0], x[0], x[0], key_padding_mask=np.array([False, False, True]))
    np.testing.assert_allclose(weights.data, padded.data[0], rtol=1e-14)
    assert single.shape == (3, 4)
    with pytest.raises(ValueError, match=r"takes key of shape \(samples, places, 4\)"):
        layer(x, x[0], x)
    with pytest.raises(ValueError, match="does not divide into 3 heads"):
        nn.MultiheadAttention(4, 3)


@pytest.mark.parametrize(("key", "value"), [((4, 2, 8), (5, 2, 8)), ((4, 3, 8), (4, 3, 8))])
def test_attention_refuses_keys_and_values_that_do_not_belong_together(key: Any, value: Any) -> None:
    with pytest.raises(ValueError, match="the same number of samples"):
        nn.MultiheadAttention(8, 2, rng=0)(np.zeros((3, 2, 8)), np.zeros(key), np.zeros(value))


def test_numbers_as_masks_are_added() -> None:
    layer, x = nn.MultiheadAttention(4, 2, batch_first=True, rng=0, dtype=float), normal(2, 3, 4)
    hidden = np.array([[False, False, True], [False, True, True]])
    np.testing.assert_allclose(
        layer(x, x, x, key_padding_mask=np.where(hidden, -math.inf, 0.0))[0].data,
        layer(x, x, x, key_padding_mask=hidden)[0].data,
        rtol=1e-14,
    )


@pytest.mark.parametrize("masks", [
    {"key_padding_mask": np.array([[False, False, False], [True, True, True]])},
    {"key_padding_mask": np.array([[0.0, 0.0, 0.0], [-math.inf] * 3])},
    {"key_padding_mask": np.array([[False, False, False], [True, False, False]]), "is_causal": True},
    {"attn_mask": np.array([[True] * 3] + [[False] * 3] * 2)},
    {"attn_mask": np.array([[False, True, True]] * 3), "key_padding_mask": np.array([[0.0] * 3, [-math.inf, 0, 0]])},
])  # fmt: skip
def test_a_query_that_would_see_nothing_is_refused(masks: dict[str, Any]) -> None:
    layer, x = nn.MultiheadAttention(4, 2, batch_first=True, rng=0), normal(2, 3, 4)
    sample = 0 if list(masks) == ["attn_mask"] else 1
    with pytest.raises(ValueError, match=f"the masks leave query 0 of sample {sample} no key to see"):
        layer(x, x, x, **masks)


def test_masks_of_integers_are_refused() -> None:
    layer, x = nn.MultiheadAttention(4, 2, batch_first=True, rng=0), normal(2, 3, 4)
    for name, mask in (("key_padding_mask", np.zeros((2, 3), int)), ("attn_mask", np.zeros((3, 3), int))):
        with pytest.raises(TypeError, match=f"{name} holds int64; it takes booleans"):
            layer(x, x, x, **{name: mask})


def test_keys_and_values_of_other_lengths_have_maps_of_their_own() -> None:
    layer = nn.MultiheadAttention(4, 2, kdim=3, vdim=2, rng=0)
    shapes = {name: p.shape for name, p in layer.named_parameters()}
    assert list(shapes)[:4] == ["q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias"]
    assert list(shapes.values())[:3] == [(4, 4), (4, 3), (4, 2)]
    with pytest.raises(ValueError, match=r"takes value of shape \(places, samples, 2\)"):
        layer(normal(3, 1, 4), normal(5, 1, 3), normal(5, 1, 3))
