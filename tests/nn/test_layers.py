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
        y = module(*arrays[len(places) :])
        return [part for part in y if part is not None] if isinstance(y, tuple) else y

    return call


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


@pytest.mark.parametrize("padding", [1, -3])
def test_padding_begins_as_0_and_learns_nothing(padding: int) -> None:
    layer, plain = nn.Embedding(4, 2, padding, rng=0, dtype=float), nn.Embedding(4, 2, rng=0, dtype=float)
    assert repr(layer).startswith("Embedding(4, 2, padding_idx=1): weight (4, 2)")
    assert layer.weight.data[1].tolist() == [0, 0]
    np.testing.assert_array_equal(layer.weight.data[[0, 2, 3]], plain.weight.data[[0, 2, 3]])
    indices = np.array([[1, 2], [2, 1], [0, 1]])
    layer.weight.data[1] = 7.0  # what is put there stays
    y = layer(indices)
    np.testing.assert_array_equal(y.data, layer.weight.data[indices])
    (y * y).sum().backward()
    counts = np.array([1, 0, 2, 0])
    np.testing.assert_array_equal(layer.weight.grad, 2 * counts[:, None] * layer.weight.data)
    rows = lambda w: nn.functional.embedding(indices, w, padding) ** 2
    hessian = tl.hessian(lambda w: rows(w).sum())(layer.weight.data).reshape(8, 8)
    np.testing.assert_array_equal(hessian, np.diag(2.0 * counts.repeat(2)))
    assert nn.functional.embedding([1, 1], layer.weight, padding).tolist() == [[7, 7], [7, 7]]


def test_padding_is_a_row() -> None:
    with pytest.raises(ValueError, match="Embedding: padding_idx must lie in -4 … 3, got 4"):
        nn.Embedding(4, 2, 4)
    with pytest.raises(TypeError, match="integer"):
        nn.Embedding(4, 2, 0.5)  # type: ignore[arg-type]


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
