"""Section 5: algorithm 1, the learning rate, the initial weights, and the accuracy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from ...verifying.draws import Draw, Family
from ...verifying.statements import Condition, Correction
from ...verifying.verdicts import agreement
from ..definitions import CLASSIFIER, Array, Problem, initial, parameter_gradients, softmax
from ..families import targets
from .document import statement
from .mini_batch import all_gradients, by_name

# ---------------------------------------------------------------------------------------------------------------------
# What the statements are about


class Epoch(NamedTuple):
    """A training set that is split into mini-batches of equal size, a network, and the learning rate."""

    problem: Problem
    batches: int
    rate: float

    @property
    def split(self) -> list[Problem]:
        """The mini-batches."""
        p = self.problem
        return [p._replace(x=x, y=y) for x, y in zip(parts(p.x, self.batches), parts(p.y, self.batches), strict=True)]


def parts(rows: Array, count: int) -> list[Array]:
    """The rows in parts of equal size."""
    return [np.asarray(part) for part in np.split(rows, count)]


def epochs(seed: int) -> list[Draw]:
    """N samples in K_mb mini-batches: one, some, as many as each has samples, one for each sample."""
    draws = []
    for samples, batches in ((6, 1), (6, 3), (9, 3), (4, 2), (8, 8)):
        rng = np.random.default_rng([seed, 50, samples, batches])
        widths = (3, 4, 3)
        p = Problem(rng.standard_normal((samples, 3)), targets(rng, "hard", samples, 3), *initial(rng, widths))
        draws.append(Draw(f"{samples} samples in {batches} mini-batches, seed {seed}", Epoch(p, batches, 0.5)))
    return draws


EPOCHS: Final = Family("an epoch of training", epochs)


class Epochs(NamedTuple):
    """The learning rate at the start, and how many epochs there are."""

    start: float
    epochs: int

    @property
    def epoch(self) -> Array:
        """1, 2, …, N."""
        return np.arange(1, self.epochs + 1)


def schedules(seed: int) -> list[Draw]:
    """From a single epoch to 300."""
    rng = np.random.default_rng([seed, 51])
    return [Draw(f"{n} epochs, seed {seed}", Epochs(float(rng.uniform(0.1, 2)), n)) for n in (1, 2, 20, 300)]


SCHEDULES: Final = Family("a learning rate and a number of epochs", schedules)


class Gaussian(NamedTuple):
    """Numbers drawn from the standard normal distribution, N_train, and what is meant by s in (0, s)."""

    numbers: Array
    samples: int
    spread: Callable[[Array], Any]


def gaussians(seed: int) -> list[Draw]:
    """Numbers that both readings of (0, s) share."""
    rng = np.random.default_rng([seed, 52])
    return [
        Draw(f"N = {n}, (0, s) with s the {name}, seed {seed}", Gaussian(rng.standard_normal(50), n, spread))
        for n in (2, 60, 1000)
        for name, spread in (("standard deviation", np.std), ("variance", np.var))
    ]


GAUSSIANS: Final = Family("numbers drawn at random", gaussians)


class Predictions(NamedTuple):
    """What is predicted for each sample, and the truth, both as rows."""

    t: Array
    y: Array


def predictions(seed: int) -> list[Draw]:
    """Predicted classes, and outputs of a softmax."""
    draws = []
    for samples, classes in ((1, 2), (7, 3), (50, 10)):
        rng = np.random.default_rng([seed, 53, samples])
        y, a = targets(rng, "hard", samples, classes), softmax(rng.standard_normal((samples, classes)))
        y[0] = np.eye(classes)[np.argmax(a[0])]  # one at least is right
        name = f"{samples} of {classes} classes, seed {seed}"
        draws.append(Draw(f"classes predicted for {name}", Predictions(np.eye(classes)[np.argmax(a, axis=1)], y)))
        draws.append(Draw(f"outputs of softmax for {name}", Predictions(a, y)))
    return draws


PREDICTIONS: Final = Family("predictions", predictions)

# ---------------------------------------------------------------------------------------------------------------------
# Algorithm 1

Parameters = dict[str, Any]


def parameters(p: Problem) -> Parameters:
    """Weights and biases."""
    return by_name(p.weights, p.biases)


def gradients(p: Problem) -> Parameters:
    """∇W and ∇b of a batch, by autograd."""
    return all_gradients(CLASSIFIER, p)


def averaged_gradients(s: Epoch) -> Parameters:
    """Line 10: the averages over all mini-batches."""
    found = [gradients(batch) for batch in s.split]
    return {name: np.mean([g[name] for g in found], axis=0) for name in found[0]}


def one_update(s: Epoch) -> Parameters:
    """The algorithm as printed: one update after the loop, with the averages."""
    means = averaged_gradients(s)
    return {name: x - s.rate * means[name] for name, x in parameters(s.problem).items()}


def updates(s: Epoch) -> Parameters:
    """The algorithm with its update inside the loop: after each mini-batch."""
    now = s.problem
    for batch in s.split:
        now = after_step(batch._replace(weights=now.weights, biases=now.biases), s.rate)
    return parameters(now)


def after_step(p: Problem, rate: float) -> Problem:
    """A step against the gradient."""
    weights, biases = parameter_gradients(CLASSIFIER, p)
    return p._replace(
        weights=tuple([W - rate * g for W, g in zip(p.weights, weights, strict=True)]),
        biases=tuple([b - rate * g for b, g in zip(p.biases, biases, strict=True)]),
    )


def sgd(s: Epoch) -> Parameters:
    """Stochastic gradient descent by the text: a subset, a forward pass, backpropagation, an update; again."""
    W, b = list(s.problem.weights), list(s.problem.biases)
    size = len(s.problem.x) // s.batches
    for first in range(0, len(s.problem.x), size):
        x, y = s.problem.x[first : first + size], s.problem.y[first : first + size]
        gW, gb = parameter_gradients(CLASSIFIER, Problem(x, y, tuple(W), tuple(b)))
        for kind, slopes in ((W, gW), (b, gb)):
            kind[:] = [p + (-s.rate) * g for p, g in zip(kind, slopes, strict=True)]
    return by_name(W, b)


ALGORITHM: Final = (
    statement(
        "alg-1-1",
        "algorithm 1, line 1",
        r"\text{Initialize learning rate } \eta.",
        "η starts at η₀",
        SCHEDULES,
        lambda s: np.linspace(s.start, 0, s.epochs + 2)[0],
        lambda s: s.start,
        kind="definition",
        note="η₀ of equation 23, which is that before the first epoch: η(1) is smaller",
    ),
    statement(
        "alg-1-2",
        "algorithm 1, line 2",
        r"\text{Initialize with input data } \{\mathbf{x}_i\} \text{ and labels } \{\mathbf{y}_i\} \text{ of size } N.",
        "N inputs and N labels",
        EPOCHS,
        lambda s: {"x": float(sum([len(b.x) for b in s.split])), "y": float(sum([len(b.y) for b in s.split]))},
        lambda s: {"x": float(len(s.problem.x)), "y": float(len(s.problem.x))},
        kind="definition",
        note="all of them are in one mini-batch; the weights and biases are initialized in section 5.2",
    ),
    statement(
        "alg-1-3",
        "algorithm 1, line 3",
        r"\textbf{for } i_{\text{epoch}} = 1 : N_{\text{epochs}} \textbf{ do}",
        "for i = 1 : N",
        SCHEDULES,
        lambda s: {"epochs": float(len(np.linspace(s.start, 0, s.epochs + 2)[1:-1])), "last": float(s.epochs)},
        lambda s: {"epochs": float(len(s.epoch)), "last": float(s.epoch[-1])},
        kind="definition",
        note="as many epochs as equation 23 has learning rates between η₀ and 0",
    ),
    statement(
        "alg-1-4",
        "algorithm 1, line 4",
        r"\text{Shuffle data.}",
        "shuffled data: the same cost",
        EPOCHS,
        lambda s: CLASSIFIER.mean_cost(s.problem.weights, s.problem.biases, s.problem.x[::-1], s.problem.y[::-1]),
        lambda s: CLASSIFIER.mean_cost(s.problem.weights, s.problem.biases, s.problem.x, s.problem.y),
        kind="claim",
        note="images and labels must be shuffled alike",
    ),
    statement(
        "alg-1-5",
        "algorithm 1, line 5",
        r"\text{Split data into } K_{\text{mb}} \text{ mini batches}",
        "K_mb mini-batches of N/K_mb samples",
        EPOCHS,
        lambda s: {"batches": float(len(s.split)), "samples": float(len(s.split[0].x))},
        lambda s: {"batches": float(s.batches), "samples": len(s.problem.x) / s.batches},
        kind="claim",
        note="where K_mb divides N",
    ),
    statement(
        "alg-1-6",
        "algorithm 1, line 6",
        r"\textbf{for } i_{\text{mb}} = 1 : N/K_{\text{mb}} \textbf{ do}",
        "for i = 1 : N/K_mb",
        EPOCHS,
        lambda s: float(len(s.split)),
        lambda s: len(s.problem.x) / s.batches,
        corrected=Correction(
            r"\textbf{for } i_{\text{mb}} = 1 : K_{\text{mb}} \textbf{ do}",
            "for i = 1 : K_mb",
            "K_mb is the number of mini-batches (line 5), so the loop over them ends at K_mb; N/K_mb is the number of "
            "samples in each.",
            lambda s: float(s.batches),
            right_when=Condition("K_mb² = N", lambda s: s.batches**2 == len(s.problem.x)),
            really=lambda s: float(len(s.split[0].x)),
        ),
    ),
    statement(
        "alg-1-8",
        "algorithm 1, lines 7 and 8",
        r"\text{Perform a back propagation, retrieving } \nabla W_{i_{\text{mb}}}^l \text{ and } "
        r"\nabla b_{i_{\text{mb}}}^l \text{ for each } i_{\text{mb}}.",
        "∇W, ∇b of each mini-batch, averaged",
        EPOCHS,
        lambda s: gradients(s.problem),
        averaged_gradients,
        kind="claim",
        note="mini-batches of equal size: the average of their gradients is the gradient of the whole training set",
    ),
    statement(
        "alg-1-10",
        "algorithm 1, line 10",
        r"\text{Average the } \nabla W_{i_{\text{mb}}}^l \text{ and } \nabla b_{i_{\text{mb}}}^l "
        r"\text{, and update weights } W^l \text{ and biases } b^l \text{ with these averages.}",
        "an epoch of SGD: one update after the loop",
        EPOCHS,
        sgd,
        one_update,
        corrected=Correction(
            r"W^l \leftarrow W^l - \eta \nabla W_{i_{\text{mb}}}^l,\quad b^l \leftarrow b^l - \eta \nabla "
            r"b_{i_{\text{mb}}}^l \text{ after each mini batch, inside the loop}",
            "an update after each mini-batch",
            "The text announces stochastic gradient descent: a subset, a forward pass, backpropagation, an update. "
            "With its only update after the loop the algorithm is gradient descent on the whole training set.",
            updates,
            right_when=Condition("there is one mini-batch", lambda s: s.batches == 1),
            really=lambda s: parameters(after_step(s.problem, s.rate)),
        ),
    ),
    statement(
        "alg-1-11",
        "algorithm 1, line 11",
        r"\text{Update learning rate } \eta \text{ if needed.}",
        "η(i) = η(i − 1) − η₀/(1 + N)",
        SCHEDULES,
        lambda s: s.start * (1 - s.epoch / (1 + s.epochs)),
        lambda s: s.start + np.cumsum(np.full(s.epochs, -s.start / (1 + s.epochs))),
        kind="definition",
        note="equation 23, from epoch to epoch; a constant η needs no update. With the update at the end of an epoch, "
        "as in the algorithm, η of line 1 must be η(1), or the first epoch has η₀",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# The rest of section 5


def last_rates(rates: Array, start: float) -> dict[str, Any]:
    """What a claim about decreasing comes down to."""
    falling = np.append(start, rates)
    return {
        "decreases": agreement(falling, np.sort(falling)[::-1]),
        "last": rates[-1],
        "is 0": agreement(rates[-1], 0.0),
    }


REST: Final = (
    statement(
        "5.1-inverse",
        "§ 5.1, “inversely decreasing”",
        r"\text{one that is inversely decreasing as a function of the epochs}",
        "η(i) = η(1)/i",
        SCHEDULES,
        lambda s: s.start * (1 - s.epoch / (1 + s.epochs)),
        lambda s: s.start * s.epochs / (1 + s.epochs) / s.epoch,
        kind="claim",
        corrected=Correction(
            r"\eta(i_{\text{epoch}}) = \eta(1) - (i_{\text{epoch}} - 1) \frac{\eta_0}{1 + N_{\text{epochs}}}",
            "η(i) = η(1) − (i − 1) η₀/(1 + N)",
            "Equation 23 decreases linearly: by the same amount in every epoch.",
            lambda s: s.start * s.epochs / (1 + s.epochs) - (s.epoch - 1) * s.start / (1 + s.epochs),
            right_when=Condition("there is one epoch", lambda s: s.epochs == 1),
        ),
        note="inversely: proportional to 1/i",
    ),
    statement(
        "5.1-toward-0",
        "§ 5.1, “decrease toward 0”",
        r"\text{This will force the step size to decrease toward 0 as we close in on the maximum number of epochs}",
        "η decreases, to η(N) = η₀/(1 + N)",
        SCHEDULES,
        lambda s: last_rates(s.start * (1 - s.epoch / (1 + s.epochs)), s.start),
        lambda s: {"decreases": 1.0, "last": s.start / (1 + s.epochs), "is 0": 0.0},
        kind="claim",
        note="toward 0, and never 0",
    ),
    statement(
        "5.2-default",
        "§ 5.2, “divided by …”",
        r"\text{a Gaussian distribution but divided by the number of training samples, } (0, 1/N_{\text{train}})",
        "z/N_train has the spread s/N_train",
        GAUSSIANS,
        lambda s: s.spread(s.numbers / s.samples),
        lambda s: s.spread(s.numbers) / s.samples,
        kind="claim",
        condition=Condition("s in (0, s) is the standard deviation", lambda s: s.spread is np.std),
        corrected=Correction(
            r"\text{standard deviation } 1/N_{\text{train}}, \text{ variance } 1/N_{\text{train}}^2",
            "standard deviation s/N, variance s²/N²",
            "Dividing numbers by N divides their standard deviation by N and their variance by N².",
            lambda s: s.spread(s.numbers) / (s.samples if s.spread is np.std else s.samples**2),
        ),
    ),
    statement(
        "5.2-shrinks",
        "§ 5.2, “shrinking in the initial search space”",
        r"\text{The effect of these two is essentially shrinking in the initial search space}",
        "the default weights lie N_train times closer",
        GAUSSIANS,
        lambda s: np.max(np.abs(s.numbers / s.samples)),
        lambda s: np.max(np.abs(s.numbers)) / s.samples,
        kind="claim",
        note="the largest of the same numbers, drawn as “default” and as “large”",
    ),
    statement(
        "24",
        "eq. 24",
        r"\text{Accuracy} = \frac{\sum_{i=1}^n I(t_i = y_i)}{n},",
        "Accuracy = Σᵢ I(tᵢ = yᵢ)/n",
        PREDICTIONS,
        lambda s: np.mean(np.argmax(s.t, axis=1) == np.argmax(s.y, axis=1)),
        lambda s: sum([float(np.array_equal(t, y)) for t, y in zip(s.t, s.y, strict=True)]) / len(s.t),
        kind="definition",
        condition=Condition("tᵢ is a class", lambda s: bool(np.all(s.t == np.rint(s.t)))),
        corrected=Correction(
            r"\text{Accuracy} = \frac{1}{n} \sum_{i=1}^n I(\operatorname{argmax}_k a_{ik} = "
            r"\operatorname{argmax}_k y_{ik})",
            "Accuracy = Σᵢ I(argmax aᵢ = argmax yᵢ)/n",
            "A network's output never equals a one-hot vector; the class it predicts is that of its largest entry.",
            lambda s: np.sum(np.argmax(s.t, axis=1) == np.argmax(s.y, axis=1)) / len(s.t),
        ),
        note="I returns 1 if the prediction equals the true value",
    ),
)

STATEMENTS: Final = (*ALGORITHM, *REST)
