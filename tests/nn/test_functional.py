"""The functions in one place: the same ones, and those that PyTorch has in other forms."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn
from tinygrad_lite.nn import layer_functions
from tinygrad_lite.table.primitive import Primitive
from tinygrad_lite.table.registry import REGISTRY

F = nn.functional
OWN = {"cross_entropy", "nll_loss", "layer_norm", "normalize", "pad", "embedding", *layer_functions.__all__}
X = np.random.default_rng(0).standard_normal((2, 3, 3))


@pytest.mark.parametrize("name", F.__all__)
def test_they_are_the_librarys_functions(name: str) -> None:
    function = getattr(F, name)
    if name in OWN:
        assert function.__doc__
    elif name in REGISTRY:
        assert inspect.unwrap(function) is inspect.unwrap(getattr(tl, name))
    else:
        assert inspect.unwrap(function) is inspect.unwrap(getattr(nn, name))
    if not isinstance(function, Primitive):
        assert pickle.loads(pickle.dumps(function)) is function


def test_every_loss_is_there() -> None:
    losses = {name for name in nn.__all__ if name.endswith("_loss")}
    assert len(losses) > 15
    assert losses < set(F.__all__)


def test_classes_are_along_axis_1() -> None:
    """Where the last axis would do as well, and give other numbers."""
    labels = np.array([[0, 2, 1], [1, 1, 0]])
    logs = tl.log_softmax(X, axis=1)
    assert F.cross_entropy(X, labels) == tl.cross_entropy(X, labels, axis=1) != tl.cross_entropy(X, labels)
    assert F.cross_entropy(X, labels, axis=-1) == tl.cross_entropy(X, labels)
    assert F.nll_loss(logs, labels) == nn.nll_loss(logs, labels, axis=1)
    assert F.nll_loss(logs, labels, axis=2) == nn.nll_loss(logs, labels)
    assert F.cross_entropy(X[0, 0], 1, label_smoothing=0.1) == tl.cross_entropy(X[0, 0], 1, label_smoothing=0.1)
    assert F.nll_loss(logs[0, 0], 1) == -logs[0, 0, 1]


def test_dropout_is_the_layers() -> None:
    x = np.ones((4, 5))
    np.testing.assert_array_equal(F.dropout(x, 0.3, rng=1), nn.Dropout(0.3, rng=1)(x))
    assert F.dropout(x, 0.3, False) is x
    assert F.dropout(x, training=False) is x
    with pytest.raises(ValueError, match="p is a probability"):
        F.dropout(x, 1.5)


def test_layer_norm_is_the_layers() -> None:
    layer = nn.LayerNorm((3, 3), dtype=float)
    layer.weight.data, layer.bias.data = X[0], X[1]
    np.testing.assert_array_equal(F.layer_norm(X, (3, 3), X[0], X[1]), layer(X).data)
    np.testing.assert_array_equal(F.layer_norm(X, 3, eps=0.5), nn.LayerNorm(3, 0.5, elementwise_affine=False)(X))
    tl.check_gradients(lambda x, w, b: F.layer_norm(x, 3, w, b), X[0], X[0, 0], X[0, 1])


def test_normalize() -> None:
    y = F.normalize(X)
    np.testing.assert_allclose(np.linalg.norm(y, axis=1), np.ones((2, 3)), rtol=1e-15)
    np.testing.assert_allclose(F.normalize(X, 1, -1), X / np.abs(X).sum(axis=-1, keepdims=True), rtol=1e-15)
    tl.check_gradients(F.normalize, X[0])
    slope = tl.grad(lambda x: F.normalize(x, eps=0.5).sum())(np.array([[0.0, 0.0], [0.1, 0.0], [3.0, 4.0]]))
    np.testing.assert_allclose(slope, [[2, 2], [2, 2], [0.032, -0.024]], rtol=1e-13)


@pytest.mark.parametrize(
    ("mode", "numpys"),
    [("constant", "constant"), ("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")],
)
def test_pad_begins_with_the_last_axis(mode: str, numpys: Any) -> None:
    padded = F.pad(X, (1, 0, 2, 1), mode)
    np.testing.assert_array_equal(padded, np.pad(X, ((0, 0), (2, 1), (1, 0)), numpys))
    tl.check_gradients(lambda x: F.pad(x, (1, 0, 2, 1), mode), X)


def test_pad_with_a_value_and_what_it_refuses() -> None:
    np.testing.assert_array_equal(F.pad(X[0], (1, 2), value=7.0), np.pad(X[0], ((0, 0), (1, 2)), constant_values=7.0))
    assert F.pad(X, ()).shape == X.shape
    for widths in ((1,), (1, 1, 1), (-1, 0), (0, 0) * 4):
        with pytest.raises(ValueError, match="pad: takes two widths for each of the last axes"):
            F.pad(X, widths)
    with pytest.raises(ValueError, match="pad: mode must be one of constant, reflect, replicate, circular, not 'edge'"):
        F.pad(X, (1, 1), "edge")


@pytest.mark.parametrize(
    "call",
    [
        lambda: F.softmax(X, dim=1),
        lambda: F.cross_entropy(X, 1, dim=1),
        lambda: F.nll_loss(X, 1, dim=1),
        lambda: F.normalize(X, dim=1),
        lambda: F.cosine_similarity(X, X, dim=1),
        lambda: F.glu(X, dim=1),
    ],
)
def test_an_axis_is_called_axis(call: Any) -> None:
    with pytest.raises(TypeError, match="takes no dim=; here it is axis="):
        call()


def test_other_names_and_keywords() -> None:
    with pytest.raises(TypeError, match="one_hot: takes no num_classes=; here it is classes="):
        F.one_hot([0, 1], num_classes=2)  # type: ignore[call-arg]
    with pytest.raises(AttributeError, match=r"module 'tinygrad_lite.nn.functional' has no attribute 'relux'"):
        F.relux  # noqa: B018
    assert tl.nn.functional is F
