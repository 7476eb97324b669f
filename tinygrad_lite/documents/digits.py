"""The equations on real data: handwritten digits, and a network trained with the gradients that were checked.

The data are scikit-learn's copy of E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits" (UCI, 1998):
1797 images of 8 × 8 pixels with values 0 … 16, here divided by 16.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from ..engine.tensor import Tensor
from ..engine.transforms import value_and_grad
from .definitions import CLASSIFIER, Array, Problem, initial

SIZES: Final = (64, 48, 32, 10)
"""Neurons: the pixels, two hidden layers, the ten digits."""

LEARNING_RATE: Final = 0.5
"""In the first epoch; it falls linearly."""

MINI_BATCH: Final = 32


class Digits(NamedTuple):
    """Images in rows, pixels in 0 … 1; targets as rows of 0 and 1."""

    train_x: Array
    train_y: Array
    test_x: Array
    test_y: Array


@lru_cache(maxsize=4)
def load(seed: int) -> Digits:
    """The digits, shuffled, with a quarter held out for testing. Raises ImportError without scikit-learn."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise ImportError("real digits need scikit-learn: pip install 'tinygrad-lite[verify]'") from None

    x, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(x))
    x, y = x[order] / 16, np.eye(SIZES[-1])[labels[order]]
    held_out = len(x) // 4
    return Digits(x[held_out:], y[held_out:], x[:held_out], y[:held_out])


def problem(digits: Digits, batch: int, seed: int) -> Problem:
    """A batch of training images and a network with random weights and biases."""
    return Problem(digits.train_x[:batch], digits.train_y[:batch], *initial(np.random.default_rng(seed), SIZES))


def train(start: Problem, digits: Digits, epochs: int, seed: int) -> Iterator[tuple[float, Problem]]:
    """Stochastic gradient descent on the classifier's cost in mini-batches; yields each epoch's mean loss and network.

    Source: Vege (2018), algorithm 1, with the update after each mini-batch, and equation 23 for the learning rate.
    """
    rng = np.random.default_rng(seed)
    step = value_and_grad(CLASSIFIER.mean_cost, argnums=(0, 1))
    parameters = [list(start.weights), list(start.biases)]
    for epoch in range(epochs):
        rate = LEARNING_RATE * (1 - epoch / (1 + epochs))
        order = rng.permutation(len(digits.train_x))
        total = 0.0
        for first in range(0, len(order), MINI_BATCH):
            chosen = order[first : first + MINI_BATCH]
            loss, gradients = step(*parameters, digits.train_x[chosen], digits.train_y[chosen])
            total += float(loss) * len(chosen)
            parameters = [
                [w - rate * g for w, g in zip(kind, slopes, strict=True)]
                for kind, slopes in zip(parameters, gradients, strict=True)
            ]
        weights, biases = parameters
        yield total / len(order), start._replace(weights=tuple(weights), biases=tuple(biases))


def accuracy(network: Problem, x: Array, y: Array) -> float:
    """The fraction of samples whose likeliest class is the right one. Source: Vege (2018), equation 24."""
    a = CLASSIFIER.forward(x, network.weights, network.biases)
    return float(np.mean(np.argmax(a, axis=1) == np.argmax(y, axis=1)))


def recorded_cost(network: Problem) -> Tensor:
    """The classifier's cost on the problem's batch as a Tensor, its graph named for drawing."""
    weights = [Tensor(W, True, f"W{n}") for n, W in enumerate(network.weights, 1)]
    biases = [Tensor(b, True, f"b{n}") for n, b in enumerate(network.biases, 1)]
    cost: Tensor = CLASSIFIER.mean_cost(weights, biases, Tensor(network.x, name="x"), Tensor(network.y, name="y"))
    cost.name = "C"
    return cost
