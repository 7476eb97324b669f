"""The equations on real data: handwritten digits, and a network trained with the gradients that were checked.

The data are scikit-learn's copy of E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits" (UCI, 1998):
1797 images of 8 × 8 pixels with values 0 … 16, here divided by 16.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np

from ..engine.tensor import Tensor
from ..nn import Module
from ..optim import SGD
from ..training import data, fit, metrics
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
        x, labels = data.load("digits")[:2]
    except ImportError:
        raise ImportError("real digits need scikit-learn: pip install 'tinygrad-lite[verify]'") from None
    y = data.one_hot(labels, SIZES[-1])
    train_x, test_x, train_y, test_y = data.train_test_split(x, y, test_size=len(x) // 4, rng=seed)
    return Digits(train_x, train_y, test_x, test_y)


def problem(digits: Digits, batch: int, seed: int) -> Problem:
    """A batch of training images and a network with random weights and biases."""
    return Problem(digits.train_x[:batch], digits.train_y[:batch], *initial(np.random.default_rng(seed), SIZES))


class Classifier(Module):
    """The documents' classifier as a module, so that it can be trained: its gradients are those that were checked."""

    def __init__(self, start: Problem) -> None:
        self.weights = [Tensor(W.copy(), True) for W in start.weights]
        self.biases = [Tensor(b.copy(), True) for b in start.biases]

    def forward(self, x: Any) -> Any:
        return CLASSIFIER.forward(x, self.weights, self.biases)


def train(start: Problem, digits: Digits, epochs: int, seed: int) -> tuple[list[float], Problem]:
    """Stochastic gradient descent on the classifier's cost in mini-batches: each epoch's mean loss, and the network.

    Source: Vege (2018), algorithm 1, with the update after each mini-batch, and equation 23 for the learning rate.
    """
    network = Classifier(start)
    history = fit(
        network,
        digits.train_x,
        digits.train_y,
        epochs=epochs,
        batch_size=MINI_BATCH,
        loss=lambda a, y: np.mean(CLASSIFIER.cost(a, y)),
        optimizer=SGD(network.parameters(), LEARNING_RATE),
        progress=False,
        rng=seed,
    )
    weights, biases = [tuple([p.data for p in kind]) for kind in (network.weights, network.biases)]
    return list(history.loss), start._replace(weights=weights, biases=biases)


def accuracy(network: Problem, x: Array, y: Array) -> float:
    """The fraction of samples whose likeliest class is the right one. Source: Vege (2018), equation 24."""
    return metrics.accuracy(CLASSIFIER.forward(x, network.weights, network.biases), y)


def recorded_cost(network: Problem) -> Tensor:
    """The classifier's cost on the problem's batch as a Tensor, its graph named for drawing."""
    weights = [Tensor(W, True, f"W{n}") for n, W in enumerate(network.weights, 1)]
    biases = [Tensor(b, True, f"b{n}") for n, b in enumerate(network.biases, 1)]
    cost: Tensor = CLASSIFIER.mean_cost(weights, biases, Tensor(network.x, name="x"), Tensor(network.y, name="y"))
    cost.name = "C"
    return cost
