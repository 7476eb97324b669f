"""Layers against their formulas written out, and the gradients of all modules against central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


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
        return flat(module(*arrays[len(places) :]))

    return call


def flat(y: Any) -> Any:
    """An output, or a list of those that are tuples."""
    if not isinstance(y, tuple):
        return y
    return [part for x in y if x is not None for part in (x if isinstance(x, tuple) else (x,))]


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
    "Conv2d reflecting": (
        nn.Conv2d(1, 2, 3, padding=(1, 2), padding_mode="reflect", rng=0, dtype=float),
        (normal(1, 1, 3, 4),),
    ),
    "Conv1d": (nn.Conv1d(4, 2, 3, stride=2, padding=1, groups=2, rng=0, dtype=float), (normal(2, 4, 6),)),
    "Conv1d in a circle": (
        nn.Conv1d(1, 2, 2, padding="same", padding_mode="circular", rng=0, dtype=float),
        (normal(2, 1, 4),),
    ),
    "ConvTranspose1d": (
        nn.ConvTranspose1d(2, 4, 3, stride=2, padding=1, output_padding=1, groups=2, rng=0, dtype=float),
        (normal(2, 2, 3),),
    ),
    "ConvTranspose2d": (nn.ConvTranspose2d(2, 3, (2, 3), stride=(1, 2), rng=0, dtype=float), (normal(1, 2, 3, 2),)),
    "BatchNorm2d": (nn.BatchNorm2d(2, dtype=float), (normal(2, 2, 2, 3),)),
    "BatchNorm2d in use": (nn.BatchNorm2d(2, dtype=float).eval(), (normal(2, 2, 2, 3),)),
    "GroupNorm": (nn.GroupNorm(2, 4, dtype=float), (normal(2, 4, 3),)),
    "InstanceNorm1d": (nn.InstanceNorm1d(2, affine=True, dtype=float), (normal(2, 2, 4),)),
    "InstanceNorm2d": (nn.InstanceNorm2d(2), (normal(2, 2, 2, 3),)),
    "Bilinear": (nn.Bilinear(3, 2, 4, rng=0, dtype=float), (normal(2, 5, 3), normal(2, 5, 2, seed=1))),
    "Unflatten": (nn.Unflatten(-1, (2, -1)), (normal(3, 6),)),
    "MaxPool1d": (nn.MaxPool1d(3, 2, 1), (normal(2, 2, 7),)),
    "AvgPool1d": (nn.AvgPool1d(3, 2, 1, count_include_pad=False), (normal(2, 2, 7),)),
    "AdaptiveAvgPool1d": (nn.AdaptiveAvgPool1d(3), (normal(2, 2, 7),)),
    "AdaptiveAvgPool2d": (nn.AdaptiveAvgPool2d((2, None)), (normal(2, 1, 5, 3),)),
    "RNN": (nn.RNN(2, 3, rng=0, dtype=float), (normal(3, 2, 2), normal(1, 2, 3, seed=1))),
    "LSTM": (nn.LSTM(2, 2, 2, bidirectional=True, rng=0, dtype=float), (normal(3, 2, 2),)),
    "MaxPool2d": (nn.MaxPool2d(2), (normal(2, 2, 4, 5),)),
    "AvgPool2d": (nn.AvgPool2d(2, 1), (normal(2, 2, 3, 4),)),
    "GRU": (nn.GRU(2, 3, 2, bidirectional=True, rng=0, dtype=float), (normal(3, 2, 2),)),
    "MultiheadAttention of other keys": (
        nn.MultiheadAttention(2, 1, kdim=3, vdim=1, rng=0, dtype=float),
        (normal(3, 2, 2), normal(2, 2, 3), normal(2, 2, 1)),
    ),
    "MultiheadAttention": (nn.MultiheadAttention(4, 2, rng=0, dtype=float), (normal(3, 2, 4), *normal(2, 2, 2, 4))),
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
        lambda **k: nn.Conv1d(2, 4, 3, **k),
        lambda **k: nn.ConvTranspose2d(2, 4, 3, **k),
        lambda **k: nn.Bilinear(2, 4, 3, **k),
        lambda **k: nn.LSTM(3, 2, 2, **k),
        lambda **k: nn.RNN(3, 2, bidirectional=True, **k),
        lambda **k: nn.MultiheadAttention(4, 2, kdim=3, **k),
        lambda **k: nn.Embedding(5, 3, **k),
        lambda **k: nn.GRU(3, 2, 2, **k),
        lambda **k: nn.MultiheadAttention(4, 2, **k),
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
        (nn.LSTM(4, 4, rng=0), (2, 3, 4)),
        (
            nn.Sequential(nn.Conv1d(4, 4, 2, rng=0), nn.GroupNorm(2, 4), nn.AvgPool1d(2), nn.AdaptiveAvgPool1d(2)),
            (2, 4, 8),
        ),
        (nn.Sequential(nn.ConvTranspose2d(4, 4, 2, rng=0), nn.BatchNorm2d(4), nn.Dropout2d(rng=0)), (2, 4, 2, 2)),
    ]:
        y = module(normal(*inputs).astype(np.float32))
        y = y[0] if isinstance(y, tuple) else y
        assert y.dtype == np.float32
        y.sum().backward()
        assert {p.grad.dtype for p in module.parameters()} == {np.dtype(np.float32)}


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


def test_flatten_takes_some_axes_and_unflatten_gives_them_back() -> None:
    x = normal(2, 3, 4, 5)
    for first, last, shape in ((1, 2, (2, 12, 5)), (-3, -2, (2, 12, 5)), (2, 2, x.shape), (0, -1, (120,))):
        assert nn.Flatten(first, last)(x).shape == shape
    np.testing.assert_array_equal(nn.Unflatten(1, (3, 4))(nn.Flatten(1, 2)(x)), x)
    np.testing.assert_array_equal(nn.Unflatten(-1, (-1,))(x), x)
    assert nn.Flatten()(np.zeros(3)).shape == (3, 1)
    for first, last in ((2, 1), (1, 4), (-5, -1)):
        with pytest.raises(ValueError, match=rf"Flatten: there are no axes {first} to {last} in shape \(2, 3, 4, 5\)"):
            nn.Flatten(first, last)(x)
    with pytest.raises(ValueError, match=r"Unflatten: axis 1 of shape \(2, 3, 4, 5\) cannot become \(2, 2\)"):
        nn.Unflatten(1, (2, 2))(x)
    with pytest.raises(ValueError, match="axis 4 is out of bounds"):
        nn.Unflatten(4, (2, 2))(x)


def test_bilinear_is_its_formula_and_refuses_other_rows() -> None:
    layer, a, b = nn.Bilinear(3, 2, 4, rng=0, dtype=float), normal(2, 5, 3), normal(2, 5, 2, seed=1)
    expected = np.einsum("...i,oij,...j->...o", a, layer.weight.data, b) + layer.bias.data  # type: ignore[union-attr]
    np.testing.assert_allclose(layer(a, b).data, expected, rtol=1e-13)
    np.testing.assert_allclose(layer(a[0, 0], b[0, 0]).data, expected[0, 0], rtol=1e-13)
    for x1, x2 in ((a, a), (a, b[0]), (b, a), (a[0, 0, 0], b)):
        with pytest.raises(ValueError, match=r"Bilinear: takes \(…, 3\) and \(…, 2\)"):
            layer(x1, x2)


def test_whole_channels_are_dropped() -> None:
    for drop, shape in ((nn.Dropout1d(0.25, rng=0), (50, 40, 3)), (nn.Dropout2d(0.25, rng=0), (50, 40, 3, 2))):
        y = drop(np.ones(shape)).reshape((50 * 40, -1))
        assert (y == y[:, :1]).all()
        assert set(np.unique(y)) == {0.0, 1 / 0.75}
        assert (y[:, 0] == 0).mean() == pytest.approx(0.25, abs=0.03)
        assert drop.eval()(x := np.ones(shape)) is x
        with pytest.raises(ValueError, match=r"takes arrays of shape \(samples, channels, .*got \(4, 5\)"):
            drop.train()(np.ones((4, 5)))


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


@pytest.mark.parametrize(("make", "said"), [
    (lambda: nn.Linear(0, 3), "Linear: in_features must be a whole number of at least 1, got 0"),
    (lambda: nn.Linear(3, 2.5), "Linear: out_features .* got 2.5"),  # type: ignore[arg-type]
    (lambda: nn.Embedding(-1, 2), "Embedding: num_embeddings"),
    (lambda: nn.Conv2d(0, 2, 3), "Conv2d: in_channels"),
    (lambda: nn.BatchNorm1d(0), "BatchNorm1d: num_features"),
    (lambda: nn.GRU(3, 4, 0), "GRU: num_layers"),
    (lambda: nn.GRU(3, 0), "GRU: hidden_size"),
    (lambda: nn.MultiheadAttention(8, 0), "MultiheadAttention: num_heads"),
    (lambda: nn.Conv1d(2, 0, 3), "Conv1d: out_channels"),
    (lambda: nn.ConvTranspose1d(2, 3, 3, groups=2), "ConvTranspose1d: 2 and 3 channels do not fall into 2 equal"),
    (lambda: nn.BatchNorm2d(-1), "BatchNorm2d: num_features"),
    (lambda: nn.GroupNorm(0, 2), "GroupNorm: num_groups"),
    (lambda: nn.GroupNorm(2, 3), "GroupNorm: 3 channels do not fall into 2 equal groups"),
    (lambda: nn.InstanceNorm2d(0), "InstanceNorm2d: num_features"),
    (lambda: nn.Bilinear(1, 0, 1), "Bilinear: in2_features"),
    (lambda: nn.LSTM(0, 1), "LSTM: input_size"),
    (lambda: nn.RNN(1, 1, 1, "sigmoid"), "RNN: nonlinearity is 'tanh' or 'relu', not 'sigmoid'"),
    (lambda: nn.MultiheadAttention(2, 1, kdim=0), "MultiheadAttention: kdim"),
    (lambda: nn.MLP([3, 0, 1]), r"MLP: sizes\[1\]"),
])  # fmt: skip
def test_sizes_that_are_none(make: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()
