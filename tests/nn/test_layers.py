"""Layers against their formulas written out, and their gradients against central differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn


def functional(module: nn.Module) -> Callable[..., Any]:
    """The module as a function of its trained parameters and then its arguments."""
    places = []
    for name, _ in module.named_parameters():
        *path, last = name.split(".")
        holder: Any = module
        for step in path:
            holder = (
                holder[int(step)] if step.isdigit() and not isinstance(holder, nn.Sequential) else getattr(holder, step)
            )
        places.append((holder, last))

    def call(*arrays: Any) -> Any:
        for (holder, name), array in zip(places, arrays, strict=False):
            setattr(holder, name, array)
        y = module(*arrays[len(places) :])
        return [part for part in y if part is not None] if isinstance(y, tuple) else y

    return call


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


LAYERS: dict[str, tuple[nn.Module, tuple[np.ndarray, ...]]] = {
    "Linear": (nn.Linear(3, 2, rng=0, dtype=float), (normal(4, 3),)),
    "Linear without bias": (nn.Linear(3, 2, bias=False, rng=0, dtype=float), (normal(2, 4, 3),)),
    "Sequential": (nn.Sequential(nn.Linear(3, 4, rng=0, dtype=float), nn.Tanh(), nn.Flatten()), (normal(2, 3),)),
    "GELU": (nn.GELU(), (normal(3, 4),)),
    "GELU by tanh": (nn.GELU("tanh"), (normal(3, 4),)),
    "LeakyReLU": (nn.LeakyReLU(0.3), (normal(3, 4),)),
    "Softmax": (nn.Softmax(0), (normal(3, 4),)),
    "LogSoftmax": (nn.LogSoftmax(), (normal(3, 4),)),
    "BatchNorm1d": (nn.BatchNorm1d(3, dtype=float), (normal(5, 3),)),
    "BatchNorm1d of series": (nn.BatchNorm1d(3, dtype=float), (normal(2, 3, 4),)),
    "BatchNorm1d in use": (nn.BatchNorm1d(3, dtype=float).eval(), (normal(5, 3),)),
    "LayerNorm": (nn.LayerNorm((3, 2), dtype=float), (normal(2, 3, 2),)),
    "Conv2d": (nn.Conv2d(2, 2, (2, 3), stride=(1, 2), padding=1, rng=0, dtype=float), (normal(2, 2, 3, 4),)),
    "MaxPool2d": (nn.MaxPool2d(2), (normal(2, 2, 4, 5),)),
    "AvgPool2d": (nn.AvgPool2d(2, 1), (normal(2, 2, 3, 4),)),
    "GRU": (nn.GRU(2, 3, 2, bidirectional=True, rng=0, dtype=float), (normal(3, 2, 2),)),
    "MultiHeadAttention": (nn.MultiHeadAttention(4, 2, rng=0, dtype=float), (normal(3, 2, 4), *normal(2, 2, 2, 4))),
}


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_of_inputs_and_parameters(name: str) -> None:
    module, inputs = LAYERS[name]
    parameters = [p.data + 0.1 * normal(*p.shape, seed=3) for p in module.parameters()]
    tl.check_gradients(functional(module), *parameters, *inputs, order=1, rtol=1e-5)


@pytest.mark.parametrize(
    "make",
    [
        lambda **k: nn.Linear(3, 4, **k),
        lambda **k: nn.Conv2d(2, 4, 3, **k),
        lambda **k: nn.Embedding(5, 3, **k),
        lambda **k: nn.GRU(3, 2, 2, **k),
        lambda **k: nn.MultiHeadAttention(4, 2, **k),
        lambda **k: nn.MLP([3, 4, 2], **k),
    ],
)
def test_a_seed_gives_the_same_layer_bit_for_bit(make: Any) -> None:
    first, again, other, wide = make(rng=7), make(rng=np.random.default_rng(7)), make(rng=8), make(rng=7, dtype=float)
    for (name, a), (_, b) in zip(first.state_dict().items(), again.state_dict().items(), strict=True):
        assert a.tobytes() == b.tobytes()
        assert a.dtype == np.float32
        np.testing.assert_array_equal(a, wide.state_dict()[name].astype(np.float32))
    assert any(not np.array_equal(a, other.state_dict()[name]) for name, a in first.state_dict().items())
    assert any(not np.array_equal(a, make().state_dict()[name]) for name, a in make().state_dict().items())


def test_layers_of_one_generator_differ() -> None:
    rng = np.random.default_rng(0)
    assert not np.array_equal(nn.Linear(2, 2, rng=rng).weight.data, nn.Linear(2, 2, rng=rng).weight.data)


def test_float32_stays_float32() -> None:
    for module, inputs in [
        (
            nn.Sequential(nn.Linear(4, 4, rng=0), nn.BatchNorm1d(4), nn.GELU(), nn.LayerNorm(4), nn.Dropout(rng=0)),
            (3, 4),
        ),
        (nn.Sequential(nn.Conv2d(4, 4, 1, rng=0), nn.LeakyReLU(), nn.MaxPool2d(2), nn.AvgPool2d(1)), (2, 4, 2, 2)),
        (nn.GRU(4, 4, rng=0), (2, 3, 4)),
    ]:
        y = module(normal(*inputs).astype(np.float32))
        y = y[0] if isinstance(y, tuple) else y
        assert y.dtype == np.float32
        y.sum().backward()
        assert {p.grad.dtype for p in module.parameters()} == {np.dtype(np.float32)}


# ---------------------------------------------------------------------------------------------------------------------
# Each by its formula


def test_linear_is_its_formula_and_refuses_other_lengths() -> None:
    layer, x = nn.Linear(3, 2, rng=0, dtype=float), normal(4, 3)
    np.testing.assert_allclose(layer(x).data, x @ layer.weight.data.T + layer.bias.data, rtol=1e-14)
    with pytest.raises(ValueError, match=r"linear: .*got \(4, 2\), \(2, 3\) and \(2,\)"):
        layer(normal(4, 2))
    with pytest.raises(ValueError, match="linear"):
        tl.linear(x, normal(2, 3), normal(3))


def test_sequential_is_a_sequence_of_modules() -> None:
    net = nn.Sequential(nn.ReLU(), nn.Tanh())
    assert [type(m) for m in net] == [nn.ReLU, nn.Tanh]
    assert len(net) == 2
    assert type(net[-1]) is nn.Tanh
    with pytest.raises(TypeError, match="number 1 is of type function"):
        nn.Sequential(nn.ReLU(), lambda x: x)  # type: ignore[arg-type]


def test_flatten_of_no_samples() -> None:
    assert nn.Flatten()(np.zeros((0, 2, 3))).shape == (0, 6)
    assert nn.Flatten(0)(np.zeros((2, 3))).shape == (6,)


def test_gelu_keeps_its_digits_on_the_left() -> None:
    x = np.array([-30.0, -10.0, -5.0, -0.1, 0.0, 0.1, 5.0, 40.0])
    expected = [0.5 * v * math.erfc(-v / math.sqrt(2)) for v in x]
    np.testing.assert_allclose(nn.GELU()(x), expected, rtol=1e-12)  # the rounding of x/√2 counts x² times
    with pytest.raises(ValueError, match="approximate"):
        nn.GELU("sigmoid")


def test_gelu_by_tanh_and_leaky_relu_are_their_formulas() -> None:
    x = normal(20)
    expected = [0.5 * v * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3))) for v in x]
    np.testing.assert_allclose(nn.GELU("tanh")(x), expected, rtol=1e-13)
    np.testing.assert_array_equal(nn.LeakyReLU(0.3)(x), [v if v > 0 else 0.3 * v for v in x])
    assert tl.grad(nn.LeakyReLU(0.3))(0.0) == 0.3


def test_convolutions_hand_on_their_options_and_begin_by_their_kernels_size() -> None:
    options: dict[str, Any] = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}
    layer, x = nn.Conv2d(4, 6, (2, 3), **options, rng=0, dtype=float), normal(2, 4, 5, 7)
    np.testing.assert_array_equal(layer(x).data, tl.conv2d(x, layer.weight, layer.bias, **options).data)
    assert repr(layer).startswith("Conv2d(4, 6, (2, 3), stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=2): ")
    weights = nn.Conv2d(8, 300, 3, groups=2, init="he", rng=0).weight.data
    assert weights.var() == pytest.approx(2 / (4 * 9), rel=0.05)
    with pytest.raises(ValueError, match="3 and 4 channels do not fall into 2 equal groups"):
        nn.Conv2d(3, 4, 1, groups=2)


def test_heaviside_warns_once_when_it_is_trained_through() -> None:
    step, x = nn.Heaviside(), tl.Tensor(np.array([-1.0, 0.0, 2.0]), requires_grad=True)
    with pytest.warns(UserWarning, match="derivative is 0 everywhere"):
        y = step(x)
    y.sum().backward()
    assert (y.tolist(), x.grad.tolist()) == ([0.0, 1.0, 1.0], [0.0, 0.0, 0.0])
    step(x)  # a second warning would be an error
    nn.Heaviside()(x.data)
    nn.Heaviside().eval()(x)
    with tl.no_grad():
        nn.Heaviside()(x.detach())


def test_activations_by_name() -> None:
    x = normal(3, 4)
    for name, make in nn.activations.ACTIVATIONS.items():
        np.testing.assert_array_equal(nn.activations.activation(name)(x), make()(x))
    with pytest.raises(ValueError, match=r"takes identity, .* not 'swish'"):
        nn.activations.activation("swish")


def test_dropout_keeps_the_mean_and_drops_with_probability_p() -> None:
    drop, x = nn.Dropout(0.3, rng=0), np.ones((200, 200))
    y = drop(x)
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert y.mean() == pytest.approx(1, abs=0.02)
    assert set(np.unique(y)) == {0.0, 1 / 0.7}
    assert nn.Dropout(0.3, rng=0).eval()(x) is x
    assert not nn.Dropout(1.0, rng=0)(x).any()
    with pytest.raises(ValueError, match="probability"):
        nn.Dropout(1.5)


def test_dropouts_gradient_goes_where_it_kept() -> None:
    x = tl.Tensor(np.ones(50), requires_grad=True)
    y = nn.Dropout(0.5, rng=1)(x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, y.data)


def test_dropout_goes_on_from_its_generators_state() -> None:
    drop, x = nn.Dropout(0.5, rng=0), np.ones(20)
    drop(x)
    state = drop.rng.bit_generator.state
    expected = [drop(x) for _ in range(3)]
    other = nn.Dropout(0.5, rng=9)
    dict(other.named_generators())["rng"].bit_generator.state = state
    np.testing.assert_array_equal([other(x) for _ in range(3)], expected)


def test_embedding_takes_rows_and_adds_their_gradients() -> None:
    layer = nn.Embedding(4, 2, rng=0, dtype=float)
    layer(np.array([[1, 1], [3, 0]])).sum().backward()
    assert layer.weight.grad[:, 0].tolist() == [1.0, 2.0, 0.0, 1.0]
    with pytest.raises(TypeError, match="integers"):
        layer(np.array([0.5]))
    with pytest.raises(ValueError, match=r"0 … 3, got -1 … 2"):
        layer(np.array([-1, 2]))


def test_batch_norm_standardizes_and_tracks() -> None:
    x = 3 + 2 * normal(20, 2)
    norm = nn.BatchNorm1d(2, momentum=0.25, dtype=float)
    y = norm(x).data
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(y.var(axis=0), x.var(axis=0) / (x.var(axis=0) + 1e-5), rtol=1e-12)
    np.testing.assert_allclose(norm.running_mean, 0.25 * x.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(norm.running_var, 0.75 + 0.25 * x.var(axis=0, ddof=1), rtol=1e-14)
    assert norm.num_batches_tracked == 1
    before = norm.state_dict()
    used = norm.eval()(x).data
    expected = (x - norm.running_mean) / np.sqrt(norm.running_var + 1e-5)
    np.testing.assert_allclose(used, expected, rtol=1e-14)
    assert all(np.array_equal(value, before[name]) for name, value in norm.state_dict().items())


def test_batch_norm_without_momentum_averages_all_batches() -> None:
    norm, batches = nn.BatchNorm1d(2, momentum=None, affine=False, dtype=float), normal(3, 4, 2)
    for x in batches:
        norm(x)
    np.testing.assert_allclose(norm.running_mean, batches.mean(axis=(0, 1)), rtol=1e-13)
    assert list(norm.parameters()) == []


@pytest.mark.parametrize("shape", [(3,), (3, 4), (1, 2), (2, 2, 2, 2)])
def test_batch_norm_refuses_other_shapes(shape: tuple[int, ...]) -> None:
    norm = nn.BatchNorm1d(2)
    before = norm.state_dict()
    with pytest.raises(ValueError, match="BatchNorm1d"):
        norm(np.zeros(shape))
    assert all(np.array_equal(value, before[name]) for name, value in norm.state_dict().items())


def test_layer_norm_refuses_other_shapes() -> None:
    with pytest.raises(ValueError, match=r"LayerNorm: the last axes must be \(3,\), got \(2, 4\)"):
        nn.LayerNorm(3)(np.zeros((2, 4)))
    with pytest.raises(ValueError, match="one axis or more"):
        nn.LayerNorm(())


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


def test_attention_is_a_weighted_mean_of_the_values() -> None:
    layer, n = nn.MultiHeadAttention(4, 2, batch_first=True, rng=0, dtype=float), 4
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
    layer, x = nn.MultiHeadAttention(4, 2, batch_first=True, rng=0, dtype=float), normal(2, 3, 4)
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
    with pytest.raises(ValueError, match=r"takes key of shape \(samples, places, 4\)"):
        layer(x, x[0], x)
    with pytest.raises(ValueError, match="does not divide into 3 heads"):
        nn.MultiHeadAttention(4, 3)


@pytest.mark.parametrize(("make", "said"), [
    (lambda: nn.Linear(0, 3), "Linear: in_features must be a whole number of at least 1, got 0"),
    (lambda: nn.Linear(3, 2.5), "Linear: out_features .* got 2.5"),  # type: ignore[arg-type]
    (lambda: nn.Embedding(-1, 2), "Embedding: num_embeddings"),
    (lambda: nn.Conv2d(0, 2, 3), "Conv2d: in_channels"),
    (lambda: nn.BatchNorm1d(0), "BatchNorm1d: num_features"),
    (lambda: nn.GRU(3, 4, 0), "GRU: num_layers"),
    (lambda: nn.GRU(3, 0), "GRU: hidden_size"),
    (lambda: nn.MultiHeadAttention(8, 0), "MultiHeadAttention: num_heads"),
    (lambda: nn.MLP([3, 0, 1]), r"MLP: sizes\[1\]"),
])  # fmt: skip
def test_sizes_that_are_none(make: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()


@pytest.mark.parametrize(("key", "value"), [((4, 2, 8), (5, 2, 8)), ((4, 3, 8), (4, 3, 8))])
def test_attention_refuses_keys_and_values_that_do_not_belong_together(key: Any, value: Any) -> None:
    with pytest.raises(ValueError, match="the same number of samples"):
        nn.MultiHeadAttention(8, 2, rng=0)(np.zeros((3, 2, 8)), np.zeros(key), np.zeros(value))
