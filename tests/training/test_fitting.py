"""fit: seeds, dtypes, what it leaves alone, and what it refuses."""

import numpy as np
import pytest

from tinygrad_lite import nn, optim
from tinygrad_lite.training import Callback, accuracy, data, fit, predict

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 4))
Y = (X[:, 0] + X[:, 1] ** 2 > 0.7).astype(int)


def network(seed=0, output=None, **options):
    return nn.MLP([4, 8, 2], "tanh", output, rng=seed, dtype=np.float64, **options)


def quietly(model, x=X, y=Y, **options):
    return fit(model, x, y, **{"progress": False, "rng": 0, "epochs": 3, **options})


def weights(model):
    return np.concatenate([p.data.ravel() for p in model.parameters()])


def test_a_seed_gives_the_same_network_bit_for_bit():
    a, b, c = network(), network(), network()
    for model, seed in ((a, 1), (b, 1), (c, 2)):
        quietly(model, rng=seed)
    assert weights(a).tobytes() == weights(b).tobytes() != weights(c).tobytes()


def test_the_data_are_left_alone_and_computed_with_in_the_models_dtype():
    x, seen = X.copy(), []
    model = nn.MLP([4, 2], rng=0)
    quietly(model, x, loss=lambda outputs, y: (seen.append(outputs.dtype), nn.cross_entropy(outputs, y))[1])
    np.testing.assert_array_equal(x, X)
    assert set(seen) == {np.dtype(np.float32)}


@pytest.mark.parametrize(("options", "error", "said"), [
    ({"epochs": -1}, ValueError, "epochs of 0 or more"),
    ({"batch_size": 0}, ValueError, "batch_size of 1 or more"),
    ({"update": "sample"}, ValueError, "'batch' or 'epoch'"),
    ({"loss": "hinge"}, ValueError, "not 'hinge'"),
    ({"patience": 0}, ValueError, "patience"),
    ({"validation": 1.5}, ValueError, "leaves one part empty"),
    ({"validation": (X, Y[:3])}, ValueError, "validation"),
    ({"validation": (X[:, :3], Y)}, ValueError, "linear"),
    ({"validation": (X, Y + 1)}, ValueError, "labels must lie in 0 … 1, got 1 … 2"),
    ({"y": np.where(np.arange(60) == 50, 2, Y)}, ValueError, "labels must lie in 0 … 1, got 0 … 2"),
    ({"y": np.where(np.arange(60) == 50, -1, Y), "loss": "mse"}, ValueError, "labels must lie in 0 … 1"),
    ({"x": X.astype(str)}, TypeError, "samples are numbers"),
    ({"loss": lambda outputs, y: np.float64(1)}, TypeError, "must be computed from the model's outputs"),
    ({"loss": lambda outputs, y: outputs}, ValueError, r"must be one number, .* got one of shape \(2, 2\)"),
    ({"epochs": 2.5}, TypeError, "fit: epochs is a whole number, not 2.5"),
    ({"batch_size": 2.5}, TypeError, "fit: batch_size is a whole number, not 2.5"),
    ({"patience": "a"}, TypeError, "fit: patience is a whole number, not 'a'"),
    ({"clip_norm": "a"}, TypeError, "fit: clip_norm is a number, not 'a'"),
    ({"validation": "a"}, TypeError, r"fit: validation is a fraction, or a pair \(X, y\), not str"),
    ({"callbacks": 3}, TypeError, "fit: callbacks are a list of them, not 3"),
    ({"checkpoint": 3}, TypeError, "fit: checkpoint is the path of a file, not 3"),
    ({"checkpoint": "x", "checkpoint_every": "a"}, ValueError, "a number of batches, at least 1, not 'a'"),
    ({"checkpoint": "no such folder/x"}, FileNotFoundError, "no such folder for the checkpoint"),
    ({"y": Y[:7]}, ValueError, "same number of samples"),
    ({"y": Y.astype(str)}, TypeError, "targets are numbers"),
    ({"callbacks": [3]}, TypeError, "a callback is"),
    ({"callbacks": [Callback]}, TypeError, "a callback is"),
    ({"optimizer": "adam"}, TypeError, "not 'adam'"),
    ({"optimizer": optim.SGD(network().parameters())}, ValueError, "none of the model's parameters"),
    ({"checkpoint": "x", "checkpoint_every": 0}, ValueError, "checkpoint_every"),
])  # fmt: skip
def test_what_is_refused(options, error, said):
    model = network()
    before = weights(model)
    with pytest.raises(error, match=said):
        quietly(model, **options)
    np.testing.assert_array_equal(weights(model), before)


def test_a_function_is_no_model():
    with pytest.raises(TypeError, match="fit: model is a Module"):
        quietly(lambda x: x)


def test_an_optimizer_has_its_own_rate():
    model = network()
    with pytest.raises(ValueError, match="one of the two"):
        quietly(model, optimizer=optim.SGD(model.parameters()), lr=0.1)


def test_no_epochs():
    assert len(quietly(network(), epochs=0)) == 0


def test_frozen_parameters_stay():
    model = network()
    model.layers[0].weight.requires_grad = False
    before = model.layers[0].weight.data.copy()
    quietly(model)
    np.testing.assert_array_equal(model.layers[0].weight.data, before)


def test_digits_with_the_defaults():
    """A 64-64-10 network reaches 98 % on handwritten digits it has not seen."""
    pytest.importorskip("sklearn")
    images, labels, *_ = data.load("digits", np.float32)
    x, x_test, y, y_test = data.train_test_split(images, labels, rng=0, stratify=labels)
    reached = []
    for seed in range(3):
        model = nn.MLP([64, 64, 10], "relu", init="he", rng=seed)
        fit(model, x, y, progress=False, rng=seed)
        reached.append(accuracy(predict(model, x_test), y_test))
    assert sorted(reached)[1] >= 0.98
