"""Why predictions collapse onto the latest label: the question's training, with its faulty step and with others.

A network of one hidden layer learns handwritten digits one image at a time, as in the question. After every update all
test images are classified. Each :class:`Recipe` has one possible mistake; what it does to the predictions is measured.

What comes out (the statements ``question-collapse…`` and the notebook "Why predictions collapse" have the figures):

- The question's step 1, taken elementwise, is −tⱼ (1 − oⱼ): it raises the score of the label and lowers no other. The
  rows of the output weights all grow along the hidden states, and the hidden states along those rows, until they are
  saturated and the same for every image. From then on the network does not see its input: all images get one and the
  same prediction. It is the latest label as soon as the latest image is learnt, for that is then learnt for all images.
- The step on top of a hidden layer is needed for that: with the hidden layer fixed nothing collapses. Biases are not,
  but help.
- A learning rate that is far too large makes the correct step do the same; images sorted by label come close to it.
- With a wrong sign or without the activation's derivative all images share one prediction, rarely the latest label.
- The activation's derivative applied once more, weights updated too early, and no biases do not make it collapse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np

from .. import digits
from ..definitions import Array, initial, softmax

HIDDEN: Final = 30
"""Neurons of the hidden layer, with tanh."""

PROBES: Final = 200
"""Test images that are classified after every update."""

LEARNT: Final = 0.9
"""An image that is repeated until it is learnt is repeated until the output of its label exceeds this…"""

ATTEMPTS: Final = 200
"""…or for so many updates at most."""


# ---------------------------------------------------------------------------------------------------------------------
# Step 1: ∂E/∂zⱼ of the output layer, from its outputs o and the one-hot target t


def correct(o: Array, t: Array) -> Any:
    """o − t: the gradient."""
    return o - t


def elementwise(o: Array, t: Array) -> Any:
    """∂E/∂oⱼ ∂oⱼ/∂zⱼ = −tⱼ/oⱼ · oⱼ (1 − oⱼ) = −tⱼ (1 − oⱼ): the question's step 1, without the sum over all outputs."""
    return -t * (1 - o)


def derivative_twice(o: Array, t: Array) -> Any:
    """(oⱼ − tⱼ) oⱼ (1 − oⱼ): the activation's derivative applied once more, as for a quadratic cost and sigmoids."""
    return (o - t) * o * (1 - o)


def derivative_missing(o: Array, t: Array) -> Any:
    """∂E/∂oⱼ = −tⱼ/oⱼ in place of ∂E/∂zⱼ; oⱼ is kept above 10⁻¹², or nothing would be finite."""
    return -t / np.maximum(o, 1e-12)


def wrong_sign(o: Array, t: Array) -> Any:
    """t − o: uphill."""
    return t - o


# ---------------------------------------------------------------------------------------------------------------------
# Training


class Recipe(NamedTuple):
    """A way to train the network.

    Attributes
    ----------
    name : for tables and legends
    step : step 1, from o and t
    rate : the learning rate r
    until_learnt : repeat each image until the output of its label exceeds ``LEARNT``, rather than once
    by_label : the images sorted by label, rather than shuffled
    biases : whether there are any
    too_early : step 3 takes the weights that step 2 has updated already
    hidden_fixed : leave step 3 out
    """

    name: str
    step: Callable[[Array, Array], Array] = correct
    rate: float = 0.1
    until_learnt: bool = False
    by_label: bool = False
    biases: bool = True
    too_early: bool = False
    hidden_fixed: bool = False


CORRECT: Final = Recipe("correct: o − t")
ELEMENTWISE: Final = Recipe("elementwise: −t (1 − o)", elementwise)
CORRECT_UNTIL: Final = CORRECT._replace(name="correct, each image until learnt", until_learnt=True)
ELEMENTWISE_UNTIL: Final = ELEMENTWISE._replace(name="elementwise, each image until learnt", until_learnt=True)
TOO_FAST: Final = Recipe("correct, learning rate 2", rate=2.0)

RECIPES: Final = (
    CORRECT,
    CORRECT_UNTIL,
    ELEMENTWISE,
    ELEMENTWISE_UNTIL,
    ELEMENTWISE._replace(name="elementwise, without biases", biases=False),
    ELEMENTWISE._replace(name="elementwise, hidden layer fixed", hidden_fixed=True),
    Recipe("derivative twice: (o − t) o (1 − o)", derivative_twice),
    Recipe("derivative missing: −t/o", derivative_missing),
    Recipe("wrong sign: t − o", wrong_sign),
    TOO_FAST,
    Recipe("correct, weights updated too early", too_early=True),
    Recipe("correct, without biases", biases=False),
    Recipe("correct, images sorted by label", by_label=True),
)
"""The correct step, the question's, and the other suspects."""


class Record(NamedTuple):
    """What was seen after each update on a new image: four arrays of one number for each.

    Attributes
    ----------
    latest : the fraction of the test images that are classified as the latest label
    same : the fraction that has the most frequent prediction
    accuracy : the fraction that is classified right
    spread : the standard deviation of the hidden states over the test images, averaged over the hidden neurons
    """

    latest: Array
    same: Array
    accuracy: Array
    spread: Array

    def settled(self) -> Record:
        """The second half."""
        return Record(*[x[len(x) // 2 :] for x in self])

    def means(self) -> dict[str, float]:
        """The averages over the second half."""
        return {name: float(np.mean(x)) for name, x in self.settled()._asdict().items()}


@lru_cache(maxsize=64)
def record(recipe: Recipe, updates: int = 600, seed: int = 0) -> Record:
    """Train by a recipe on so many images and classify the test images after each.

    Raises ImportError without scikit-learn, whose digits these are.
    """
    data = digits.load(seed)
    probes, wanted = data.test_x[:PROBES], np.argmax(data.test_y[:PROBES], axis=1)
    rows = []
    for label, (V, c, W, b) in training_steps(recipe, data, updates, seed):
        h = np.tanh(probes @ V.T + c)
        seen = np.argmax(h @ W.T + b, axis=1)
        most = np.bincount(seen).max()
        rows.append((np.mean(seen == label), most / len(seen), np.mean(seen == wanted), h.std(axis=0).mean()))
    found = Record(*np.array(rows).T)
    for x in found:
        x.setflags(write=False)
    return found


def training_steps(recipe: Recipe, data: digits.Digits, updates: int, seed: int) -> Iterator[tuple[int, Any]]:
    """Train on one image after the other; yields each one's label and the parameters after it."""
    rng = np.random.default_rng(seed)
    (V, W), (c, b) = initial(rng, (data.train_x.shape[1], HIDDEN, data.train_y.shape[1]))
    if not recipe.biases:
        b, c = np.zeros_like(b), np.zeros_like(c)
    parameters = V, c, W, b
    order = rng.permutation(len(data.train_x))[:updates]
    labels = np.argmax(data.train_y, axis=1)
    if recipe.by_label:
        order = order[np.argsort(labels[order], kind="stable")]
    for i in order:
        for _ in range(ATTEMPTS if recipe.until_learnt else 1):
            parameters = step_by_hand(recipe, parameters, data.train_x[i], data.train_y[i])
            if recipe.until_learnt and outputs(parameters, data.train_x[i])[1][labels[i]] > LEARNT:
                break
        yield int(labels[i]), parameters


def outputs(parameters: Any, x: Array) -> tuple[Array, Array]:
    """The outputs of the hidden layer and of softmax."""
    V, c, W, b = parameters
    h = np.tanh(V @ x + c)
    z = W @ h + b
    return h, softmax(z - z.max())  # scores get large here, and shifting all by one number leaves softmax as it is


def step_by_hand(recipe: Recipe, parameters: Any, x: Array, t: Array) -> Any:
    """The question's three steps on one image."""
    V, c, W, b = parameters
    h, o = outputs(parameters, x)
    E = recipe.step(o, t)  # step 1
    W_new = W - recipe.rate * np.outer(E, h)  # step 2
    hidden = (1 - h * h) * ((W_new if recipe.too_early else W).T @ E)  # step 3
    if recipe.hidden_fixed:
        hidden = np.zeros_like(hidden)
    V = V - recipe.rate * np.outer(hidden, x)
    if recipe.biases:
        b, c = b - recipe.rate * E, c - recipe.rate * hidden
    return V, c, W_new, b
