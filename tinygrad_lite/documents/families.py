"""The families of settings that the documents' statements are checked on.

A statement names a family; the family supplies draws: several sizes, batches of one and more, hard, soft and
unnormalised targets, extreme scores, and real digits where scikit-learn is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from ..proofs import symbols
from ..verifying.draws import Draw, Family, sizes_in_words
from .definitions import (
    CLASSIFIER,
    QUADRATIC,
    QUADRATIC_SOFTMAX,
    Array,
    Network,
    Pass,
    Problem,
    column_pass,
    initial,
    softmax,
)
from .digits import load, problem

# ---------------------------------------------------------------------------------------------------------------------
# Numbers


class Numbers(NamedTuple):
    """Numbers to evaluate a function of one variable at."""

    z: Array


def numbers(seed: int) -> list[Draw]:
    """Ordinary numbers of either sign, none of them 0; small ones; and ±700."""
    rng = np.random.default_rng([seed, 1])
    ordinary = [Draw(f"{n} numbers, seed {seed}", Numbers(rng.standard_normal(n) * 2)) for n in (1, 3, 40)]
    near = Draw(f"numbers near 0, seed {seed}", Numbers(rng.choice([-1, 1], 6) * rng.uniform(0.01, 0.1, 6)))
    return [*ordinary, near, Draw("numbers up to ±700", Numbers(np.array([-700.0, -30.0, 30.0, 700.0])), True)]


NUMBERS: Final = Family("numbers", numbers, lambda n: Numbers(symbols("z", n)), (2,), lambda sizes: "proved for all z")
"""The symbols are two, of either sign, for formulas with cases."""


# ---------------------------------------------------------------------------------------------------------------------
# Scores and targets


class Scores(NamedTuple):
    """What softmax is applied to, and targets; a sample in each row, a class in each column."""

    z: Array
    t: Array


HARD, SOFT, UNNORMALISED = "hard", "soft", "unnormalised"


def targets(rng: np.random.Generator, kind: str, samples: int, classes: int) -> Array:
    """One-hot rows; rows of probabilities; or rows of positive numbers whose sum is not 1."""
    if kind == HARD:
        return np.asarray(np.eye(classes)[rng.integers(classes, size=samples)])
    if kind == SOFT:
        return np.asarray(rng.dirichlet(np.ones(classes), samples))
    return np.asarray(rng.dirichlet(np.ones(classes), samples) * rng.uniform(1.3, 2.5, (samples, 1)))


def scores(seed: int) -> list[Draw]:
    """K = 2, 3, 10, 100 with each kind of targets; ±700; and those of an untrained network on real digits."""
    draws = []
    for kind in (HARD, SOFT, UNNORMALISED):
        for samples, classes in ((1, 2), (1, 3), (6, 2), (4, 3), (5, 10), (1, 100)):
            rng = np.random.default_rng([seed, 3, samples, classes, len(kind)])
            z = rng.standard_normal((samples, classes)) * 2
            name = f"K = {classes}, batch of {samples}, {kind} targets, seed {seed}"
            draws.append(Draw(name, Scores(z, targets(rng, kind, samples, classes))))
    for classes in (2, 3, 10):
        rng = np.random.default_rng([seed, 4, classes])
        z = rng.uniform(-700, 700, (3, classes))
        z[:, 0], z[:, 1] = 700, -700
        draws.append(Draw(f"K = {classes}, scores up to ±700", Scores(z, targets(rng, HARD, 3, classes)), True))
    return draws + [
        Draw(f"real digits, batch of {len(p.x)}", Scores(p.scores(), np.array(p.y))) for p in digits_problem(seed, 8)
    ]


def digits_problem(seed: int, batch: int) -> Iterator[Problem]:
    """Real digits and an untrained network; nothing without scikit-learn."""
    try:
        data = load(seed)
    except ImportError:
        return
    yield problem(data, batch, seed)


def symbolic_scores(classes: int) -> Scores:
    """z and t of one sample, all free."""
    return Scores(symbols("z", (1, classes)), symbols("t", (1, classes), positive=True))


def normalised_symbols(classes: int) -> Scores:
    """Scores and targets of symbols, the last target being 1 minus the others."""
    z, t = symbolic_scores(classes)
    rest = t[:, :-1]
    return Scores(z, np.concatenate([rest, 1 - rest.sum(axis=-1, keepdims=True)], axis=-1))


SCORES: Final = Family("scores and targets", scores, symbolic_scores, (2, 3, 4, 5, 6))

MODERATE: Final = Family(
    "moderate scores, and targets",
    lambda seed: [d for d in scores(seed) if not d.extreme],
    symbolic_scores,
    (2, 3, 4, 5, 6),
)
"""Without the extreme scores, at which different formulas saturate at the same numbers."""


# ---------------------------------------------------------------------------------------------------------------------
# Networks


WIDTHS: Final = ((2, 3, 2, 2), (1, 1, 1, 1), (3, 4, 5, 3), (3, 3, 3, 3), (6, 5, 4, 7, 10), (4, 3, 2, 100))
"""Neurons of each layer, input first. Equal widths let products pass that are only ill-formed for others."""


def passes(seed: int, networks: Sequence[tuple[str, Network]], narrow: bool = True) -> list[Draw]:
    """One sample each: through networks of several widths and depths, and a real digit."""
    draws = []
    for called, network in networks:
        for widths in WIDTHS if narrow else [w for w in WIDTHS if 1 not in w]:
            rng = np.random.default_rng([seed, 5, *widths])
            weights, biases = initial(rng, widths)
            y = targets(rng, HARD if widths[0] % 2 else SOFT, 1, widths[-1])
            if widths[-1] == 1 and network.output is not softmax:
                y = rng.uniform(0.1, 0.9, (1, 1))
            forward = column_pass(network, rng.standard_normal((1, widths[0])), y, weights, biases)
            draws.append(Draw(f"{called}, {'–'.join(map(str, widths))} neurons, seed {seed}", forward))
        draws += [
            Draw(f"{called}, a real digit", column_pass(network, p.x, p.y, p.weights, p.biases))
            for p in digits_problem(seed, 1)
        ]
    return draws


def symbolic_pass(network: Network, widths: Sequence[int]) -> Pass:
    """One sample through a network of symbols."""
    pairs = list(pairwise(widths))
    weights = [symbols(f"W{n}", (outputs, inputs)) for n, (inputs, outputs) in enumerate(pairs, 1)]
    biases = [symbols(f"b{n}", outputs) for n, (_, outputs) in enumerate(pairs, 1)]
    x, y = symbols("x", (1, widths[0])), symbols("y", (1, widths[-1]), positive=True)
    return column_pass(network, x, y, weights, biases)


def network_family(
    name: str, *networks: tuple[str, Network], narrow: bool = True, depth: int = 3, sizes: tuple[int, ...] = (1, 2)
) -> Family:
    """The passes through these networks, layers of one neuron among them where ``narrow``.

    The symbols are of the first of them, in ``depth`` layers of equal width.
    """
    return Family(
        name,
        lambda seed: passes(seed, networks, narrow),
        lambda n: symbolic_pass(networks[0][1], (n,) * (depth + 1)),
        sizes,
        lambda sizes: f"proved for layers of {sizes_in_words(sizes)} neuron{'s' * (sizes[-1] > 1)}",
    )


SIGMOIDS: Final = network_family("a network of sigmoids with quadratic cost", ("sigmoids, quadratic cost", QUADRATIC))

NETWORKS: Final = network_family(
    "networks, with elementwise output and with softmax",
    ("sigmoids, quadratic cost", QUADRATIC),
    ("softmax, quadratic cost", QUADRATIC_SOFTMAX),
    ("softmax, cross-entropy", CLASSIFIER),
)


def problems(seed: int) -> list[Draw]:
    """A batch and a network of three layers: K = 2, 3, 10, 100, and real digits."""
    draws = []
    for samples, widths in ((1, (3, 4, 5, 2)), (7, (6, 5, 4, 3)), (20, (12, 12, 11, 10)), (3, (9, 8, 7, 100))):
        rng = np.random.default_rng([seed, 6, samples])
        y = targets(rng, HARD, samples, widths[-1])
        p = Problem(rng.standard_normal((samples, widths[0])), y, *initial(rng, widths))
        draws.append(Draw(f"K = {widths[-1]}, batch of {samples}, seed {seed}", p))
    return draws + [Draw(f"real digits, batch of {len(p.x)}", p) for p in digits_problem(seed, 32)]


PROBLEMS: Final = Family("a network and a batch", problems)
