"""What statements of the notes and of the answer are checked on beside scores and targets."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from ..proofs import symbols
from ..verifying.draws import Draw, Family
from . import conditions
from .definitions import Array, softmax
from .families import HARD, Scores, digits_problem, scores, targets

HARD_SCORES: Final = Family(
    "scores and one-hot targets",
    lambda seed: [draw for draw in scores(seed) if np.all((t := draw.setting.t) * t == t)],
    lambda n: Scores(symbols("z", (n, n)), np.eye(n)),  # every class is the right one once
    (2, 3, 4),
)
"""Where the targets are what the question calls them: one-hot encoded."""

ONE_HOT: Final = conditions.ONE_HOT._replace(symbolic=HARD_SCORES.symbolic, sizes=HARD_SCORES.sizes)
"""With symbols to prove it for."""


def right(t: Any) -> Any:
    """The number of the right class of each sample; for other than one-hot targets the class that is wanted most."""
    return np.argmax(t, axis=-1)


def of_right(values: Any, t: Any) -> Any:
    """Each sample's value of the right class: σ(t) of σ."""
    return values[np.arange(len(t)), right(t)]


def delta(t: Any) -> Any:
    """δⱼₜ for each sample, j along the row."""
    return np.eye(t.shape[-1])[right(t)]


# ---------------------------------------------------------------------------------------------------------------------
# Probabilities


class Joint(NamedTuple):
    """P(l = k, x) for some inputs x, one in each row, and the classes k; the sum of all entries is 1."""

    p: Array

    @property
    def z(self) -> Any:
        """Scores whose softmax is asked for: ln P(l = k, x)."""
        return np.log(self.p)


def joints(seed: int) -> list[Draw]:
    """One input that is certain, several, and many classes."""
    draws = []
    for inputs, classes in ((1, 2), (1, 5), (2, 2), (3, 4), (4, 10), (2, 100)):
        p = np.random.default_rng([seed, 11, inputs, classes]).dirichlet(np.ones(inputs * classes))
        name = f"{inputs} inputs, K = {classes}, seed {seed}"
        draws.append(Draw(name, Joint(p.reshape(inputs, classes))))
    return draws


JOINT: Final = Family(
    "joint probabilities", joints, lambda n: Joint(symbols("P", (2, n), positive=True)), (2, 3)
)  # fmt: skip


class Chosen(NamedTuple):
    """Scores and targets, and one class j of each sample."""

    z: Array
    t: Array
    j: Array


def chosen_classes(seed: int) -> list[Draw]:
    """j is the right class, or any other."""
    draws = []
    for draw in HARD_SCORES.draws(seed):
        if draw.extreme:
            continue
        z, t = draw.setting
        for what, j in (("right", right(t)), ("next", (right(t) + 1) % t.shape[-1])):
            draws.append(Draw(f"{draw.name}, j is the {what} class", Chosen(z, t, j)))
    return draws


CHOSEN: Final = Family("scores, one-hot targets and a class j", chosen_classes)


# ---------------------------------------------------------------------------------------------------------------------
# The output layer of the Octave program


class Layer(NamedTuple):
    """The output layer as the program has it: samples in columns, a row of W for each hidden neuron.

    Attributes
    ----------
    hidden : hidden_layer_state, hidden neurons × batchsize
    W : hid_to_output_weights, hidden neurons × K
    b : output_bias, K × 1
    target : expanded_target_batch, K × batchsize
    labels : the numbers of the right classes
    before : hid_to_output_weights_delta of the step before
    momentum, rate : the method's parameters
    tiny : what is added to probabilities before their logarithm is taken
    """

    hidden: Array
    W: Array
    b: Array
    target: Array
    labels: Array
    before: Array
    momentum: float
    rate: float
    tiny: float

    @property
    def batchsize(self) -> int:
        return int(self.hidden.shape[1])

    @property
    def z(self) -> Any:
        """What softmax is applied to, by the rule for a layer: one column for each sample."""
        return self.W.T @ self.hidden + self.b

    @property
    def output(self) -> Any:
        """output_layer_state."""
        return softmax(self.z.T).T


def layers(seed: int) -> list[Draw]:
    """Several sizes; without bias, tiny or momentum and with; symmetric weights; real digits as hidden states."""
    draws = []
    for hidden, classes, batch in ((3, 2, 1), (4, 3, 1), (3, 4, 5), (12, 10, 7), (3, 100, 2)):
        rng = np.random.default_rng([seed, 12, hidden, classes])
        draws.append(Draw(f"{hidden} hidden neurons, K = {classes}, batch of {batch}, seed {seed}",
                          layer(rng, rng.standard_normal((hidden, batch)), classes)))  # fmt: skip
    rng = np.random.default_rng([seed, 13])
    square = layer(rng, rng.standard_normal((4, 3)), 4)._replace(W=np.diag(rng.standard_normal(4)), b=np.zeros((4, 1)))
    draws.append(Draw(f"symmetric weights, no bias, seed {seed}", square))
    draws.append(Draw(f"∂E/∂W Δ = Δ, seed {seed}", idempotent(rng)))
    plain = draws[2].setting._replace(tiny=0.0, b=np.zeros((4, 1)), momentum=0.0)
    draws.append(Draw(f"no bias, no momentum, tiny = 0, seed {seed}", plain))
    single = draws[1].setting._replace(tiny=0.0)
    draws.append(Draw(f"batch of 1, tiny = 0, seed {seed}", single))
    for p in digits_problem(seed, 8):
        draws.append(Draw("real digits, batch of 8", layer(rng, p.x.T, 10)))
    return draws


def layer(rng: np.random.Generator, hidden: Array, classes: int) -> Layer:
    """A layer above these hidden states, in the middle of training."""
    neurons, batch = hidden.shape
    target = targets(rng, HARD, batch, classes).T
    return Layer(
        hidden,
        rng.standard_normal((neurons, classes)) / np.sqrt(neurons),
        rng.standard_normal((classes, 1)),
        target,
        np.argmax(target, axis=0),
        rng.standard_normal((neurons, classes)),
        momentum=0.9,
        rate=0.1,
        tiny=float(np.exp(-30)),
    )


def idempotent(rng: np.random.Generator) -> Layer:
    """The exception: as many hidden neurons as classes and a gradient G with G G = G, so that G Δ = Δ for Δ = G."""
    s = layer(rng, rng.standard_normal((3, 1)), 3)
    z = s.z
    error = softmax(z.T).T - s.target
    hidden = error / np.sum(error * error)
    return s._replace(hidden=hidden, b=z - s.W.T @ hidden, before=np.zeros((3, 3)), momentum=0.0)


def symbolic_layer(classes: int) -> Layer:
    """Two hidden neurons and one sample, of symbols; the targets sum to 1, and the bias makes z symbols, too."""
    hidden, W = symbols("h", (2, 1)), symbols("W", (2, classes))
    b = symbols("z", (classes, 1)) - W.T @ hidden
    some = symbols("t", (classes - 1, 1), positive=True)
    target = np.concatenate([some, 1 - some.sum(axis=0, keepdims=True)])
    before, (momentum, rate) = symbols("D", (2, classes)), symbols("m", 2, positive=True)
    return Layer(hidden, W, b, target, np.argmax(target, axis=0), before, momentum, rate, 0.0)


LAYERS: Final = Family("the output layer of the Octave program", layers, symbolic_layer, (2, 3, 4))
