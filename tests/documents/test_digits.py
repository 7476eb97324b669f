"""The digits, and the network trained on them with the gradients that are checked."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_lite.documents import digits
from tinygrad_lite.documents.definitions import CLASSIFIER, parameter_gradients

pytest.importorskip("sklearn")


def test_the_images_are_scikit_learns() -> None:
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    data = digits.load(3)
    assert [len(part) for part in data] == [1348, 1348, 449, 449]
    x, y = np.concatenate([data.test_x, data.train_x]), np.concatenate([data.test_y, data.train_y])
    order = np.random.default_rng(3).permutation(len(pixels))
    np.testing.assert_array_equal(x * 16, pixels[order])
    np.testing.assert_array_equal(y, np.eye(10)[labels[order]])
    assert digits.load(3) is data


def test_an_epoch_is_algorithm_1_with_the_gradients_that_are_checked() -> None:
    """Shuffled mini-batches, and after each a step against the mean cost's gradient."""
    data = digits.load(0)
    start = digits.problem(data, digits.MINI_BATCH, 0)
    (loss,), trained = digits.train(start, data, 1, seed=5)
    now, costs = start, []
    order = np.random.default_rng(5).permutation(len(data.train_x))
    for first in range(0, len(order), digits.MINI_BATCH):
        chosen = order[first : first + digits.MINI_BATCH]
        now = now._replace(x=data.train_x[chosen], y=data.train_y[chosen])
        costs.append(len(chosen) * float(CLASSIFIER.mean_cost(now.weights, now.biases, now.x, now.y)))
        weights, biases = parameter_gradients(CLASSIFIER, now)
        now = now._replace(
            weights=tuple([W - digits.LEARNING_RATE * g for W, g in zip(now.weights, weights, strict=True)]),
            biases=tuple([b - digits.LEARNING_RATE * g for b, g in zip(now.biases, biases, strict=True)]),
        )
    assert loss == pytest.approx(sum(costs) / len(order), rel=1e-12)
    for ours, theirs in zip(trained.weights + trained.biases, now.weights + now.biases, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    assert np.array_equal(trained.x, start.x)


def test_no_epoch_changes_nothing() -> None:
    data = digits.load(0)
    start = digits.problem(data, 4, 1)
    losses, same = digits.train(start, data, 0, seed=0)
    assert losses == []
    assert all(np.array_equal(a, b) for a, b in zip(same.weights, start.weights, strict=True))


def test_training_leaves_the_start_alone() -> None:
    data = digits.load(0)
    start = digits.problem(data, 4, 1)
    before = [W.copy() for W in start.weights]
    losses, network = digits.train(start, data, 3, seed=0)
    assert losses[-1] < losses[0] / 3
    assert digits.accuracy(network, data.test_x, data.test_y) > 0.85
    assert all(np.array_equal(a, b) for a, b in zip(before, start.weights, strict=True))


def test_the_cost_for_the_picture() -> None:
    start = digits.problem(digits.load(0), 4, 1)
    cost = digits.recorded_cost(start)
    assert cost.name == "C"
    assert float(cost.data) == float(CLASSIFIER.mean_cost(start.weights, start.biases, start.x, start.y))
