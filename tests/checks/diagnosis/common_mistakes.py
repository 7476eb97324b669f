"""Wrong derivations of functions that people derive by hand: each mistake in three of them at least."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

RNG = np.random.default_rng(5)


class Wrong(NamedTuple):
    """A wrong derivation: the mistake, its kind, words that must be said."""

    mistake: str
    kind: str
    words: str
    f: Any
    claimed: Any
    args: tuple[Any, ...]
    options: Any = MappingProxyType({})


def normal(*shape: int) -> Any:
    return RNG.normal(size=shape)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def relu(z: Any) -> Any:
    return np.maximum(z, 0)


def softmax(z: Any, axis: int = -1) -> Any:
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)


# ---------------------------------------------------------------------------------------------------------------------
# Networks: samples in rows, ½ Σ (a − t)²


def network(hidden: Any, output: Any) -> Any:
    def loss(V: Any, x: Any, W: Any, t: Any) -> Any:
        return 0.5 * np.sum((output(hidden(x @ V) @ W) - t) ** 2)

    return loss


def back(hidden: Any, output: Any, slope: Any, slope_out: Any, *, update: float = 0.0) -> Any:
    """The gradient to V; a slope is a function of the arrays of the network."""

    def gradient(V: Any, x: Any, W: Any, t: Any) -> Any:
        z = x @ V
        h = hidden(z)
        o = h @ W
        a = output(o)
        d = (a - t) * slope_out(o, a, x)
        if update:
            W = W - update * h.T @ d
        return x.T @ (d @ W.T * slope(z, h, x))

    return gradient


NET = (normal(4, 4), normal(5, 4), normal(4, 4), normal(5, 4))
right = {
    "tanh": lambda z, a, x: 1 - a * a,
    "sigmoid": lambda z, a, x: a * (1 - a),
    "relu": lambda z, a, x: z > 0,
    "identity": lambda z, a, x: 1,
}
FUNCTIONS = {"tanh": np.tanh, "sigmoid": sigmoid, "relu": relu, "identity": lambda z: z}


def slopes(mistake: str, kind: str, *cases: tuple[str, str, Any, str]) -> list[Wrong]:
    """Networks with a wrong slope of the hidden layer: both activations, the slope, what must be said."""
    return [
        Wrong(
            mistake,
            kind,
            words,
            network(FUNCTIONS[h], FUNCTIONS[o]),
            back(FUNCTIONS[h], FUNCTIONS[o], s, right[o]),
            NET,
        )
        for h, o, s, words in cases
    ]


def weights_updated(h: str, o: str, step: float) -> Wrong:
    claimed = back(FUNCTIONS[h], FUNCTIONS[o], right[h], right[o], update=step)
    return Wrong("updated weight", "updated", f"step of {step}", network(FUNCTIONS[h], FUNCTIONS[o]), claimed, NET)


def to_output_weights(activation: Any, factor: Any) -> Any:
    """The gradient to W: the hidden layer's part of it can be mistaken."""

    def gradient(V: Any, x: Any, W: Any, t: Any) -> Any:
        z = x @ V
        return factor(x, z, activation(z)).T @ (activation(z) @ W - t)

    return gradient


SLOPES = [
    *slopes(
        "φ for φ′",
        "value for slope",
        ("tanh", "identity", lambda z, a, x: a, "tanh(x @ V) itself"),
        ("sigmoid", "tanh", lambda z, a, x: a, "σ(x @ V) itself"),
        ("relu", "identity", lambda z, a, x: a, "relu(x @ V) itself"),
    ),
    Wrong(
        "φ for φ′",
        "value for slope",
        "sin",
        lambda x: np.sum(np.sin(x) ** 2),
        lambda x: 2 * np.sin(x) ** 2,
        (normal(5),),
    ),
    *slopes(
        "1 − a for 1 − a²",
        "wrong slope",
        ("tanh", "identity", lambda z, a, x: 1 - a, "1 − a is taken"),
        ("tanh", "sigmoid", lambda z, a, x: 1 - a, "1 − a is taken"),
        ("tanh", "relu", lambda z, a, x: 1 - a, "1 − a is taken"),
        ("sigmoid", "identity", lambda z, a, x: 1 - a, "1 − a is taken"),
    ),
    *slopes(
        "tanh′ for relu′",
        "wrong slope",
        ("relu", "identity", lambda z, a, x: 1 - a * a, "the derivative of tanh, 1 − a²"),
        ("relu", "tanh", lambda z, a, x: 1 - np.tanh(z) ** 2, "at the same input"),
        ("sigmoid", "identity", lambda z, a, x: 1 - a * a, "the derivative of tanh, 1 − a²"),
        ("tanh", "identity", lambda z, a, x: a * (1 - a), "the derivative of sigmoid"),
    ),
    *slopes(
        "relu′ at another array",
        "slope elsewhere",
        ("relu", "identity", lambda z, a, x: x[:, :4] > 0, "evaluated at x"),
        ("relu", "tanh", lambda z, a, x: x > 0, "evaluated at x"),
        ("tanh", "identity", lambda z, a, x: 1 - x * x, "evaluated at x"),
    ),
    Wrong(
        "relu′ at another array",
        "slope elsewhere",
        "where the gradient that arrives is negative",
        lambda z, u: np.sum((relu(z) @ u) ** 2),
        lambda z, u: relu(2 * (relu(z) @ u) @ u.T),
        (normal(4, 3), normal(3, 3)),
    ),
    *[
        weights_updated("tanh", "identity", 0.1),
        weights_updated("sigmoid", "tanh", 0.5),
        weights_updated("relu", "identity", 0.01),
    ],
    *[
        Wrong("z for a in a product", "wrong factor", "is taken for", f, claimed, NET, {"wrt": "W"})
        for f, claimed in (
            (network(np.tanh, FUNCTIONS["identity"]), to_output_weights(np.tanh, lambda x, z, a: z)),
            (network(sigmoid, FUNCTIONS["identity"]), to_output_weights(sigmoid, lambda x, z, a: z)),
            (network(relu, FUNCTIONS["identity"]), to_output_weights(relu, lambda x, z, a: z)),
        )
    ],
]

# ---------------------------------------------------------------------------------------------------------------------
# Powers and quotients

GAUSS = (np.array([0.5, 1.2, 0.8]), normal(3), np.array([0.1, 0.2, -0.3]))

POWERS = [
    Wrong(
        "exponent not lowered",
        "wrong slope",
        "the exponent is not lowered in the derivative of s²",
        lambda s, x, m: np.sum(np.log(s) + (x - m) ** 2 / (2 * s**2)),
        lambda s, x, m: 1 / s - (x - m) ** 2 / s**2,
        GAUSS,
    ),
    Wrong(
        "exponent not lowered", "wrong slope", "x³", lambda x, u: np.sum(u * x**3), lambda x, u: 3 * u * x**3, GAUSS[:2]
    ),
    Wrong(
        "exponent not lowered",
        "wrong slope",
        "(u · x − 1)²",
        lambda x, u: np.sum((u * x - 1) ** 2 + x),
        lambda x, u: 2 * u * (u * x - 1) ** 2 + 1,
        GAUSS[:2],
    ),
    Wrong(
        "denominator not squared",
        "wrong slope",
        "the denominator is not squared",
        lambda x, u: np.sum(u / (1 + x)),
        lambda x, u: -u / (1 + x),
        GAUSS[:2],
    ),
    Wrong(
        "denominator not squared",
        "wrong slope",
        "the denominator is not squared",
        lambda x, u: np.sum(np.sin(x) / (x * x + 1)),
        lambda x, u: np.cos(x) / (x * x + 1) - 2 * x * np.sin(x) / (x * x + 1),
        GAUSS[:2],
    ),
    Wrong(
        "denominator not squared",
        "wrong slope",
        "the denominator is not squared",
        lambda x, u: np.sum(u * x / np.exp(x)),
        lambda x, u: u / np.exp(x) - u * x,
        GAUSS[:2],
    ),
]

# ---------------------------------------------------------------------------------------------------------------------
# Softmax


def jacobian_at(y: Any, g: Any, axis: int = -1) -> Any:
    return y * (g - (g * y).sum(axis=axis, keepdims=True))


Z, U = normal(4, 3), normal(4, 3)
SQUARE_Z, SQUARE_U = normal(3, 3), normal(3, 3)
COLUMNS = np.eye(3)[:, [0, 2, 1, 1]]

SOFTMAXES = [
    Wrong(
        "softmax's Jacobian at z",
        "slope at output",
        "softmax(z) is taken at its input z",
        lambda z, u: np.sum(u * softmax(z)),
        lambda z, u: jacobian_at(z, u),
        (Z, U),
    ),
    Wrong(
        "softmax's Jacobian at z",
        "slope at output",
        "at its input z",
        lambda z, t: 0.5 * np.sum((softmax(z) - t) ** 2),
        lambda z, t: jacobian_at(z, softmax(z) - t),
        (Z, U),
    ),
    Wrong(
        "softmax's Jacobian at z",
        "slope at output",
        "at its input z",
        lambda z: softmax(z),
        lambda z: np.diag(z) - np.outer(z, z),
        (Z[0],),
    ),
    Wrong(
        "softmax's Jacobian at z",
        "slope at output",
        "at its input z",
        lambda z, u: np.sum(u.T * softmax(z.T, axis=0)),
        lambda z, u: jacobian_at(z, u),
        (Z, U),
    ),
    Wrong(
        "sum over the wrong axis",
        "axis",
        "over axis 0 instead of axis 1",
        lambda z, u: np.sum(u * softmax(z)),
        lambda z, u: jacobian_at(softmax(z), u, 0),
        (Z, U),
    ),
    Wrong(
        "sum over the wrong axis",
        "axis",
        "softmax(z) is taken over axis 0",
        lambda z, t: 0.5 * np.sum((softmax(z) - t) ** 2),
        lambda z, t: jacobian_at(softmax(z, 0), softmax(z, 0) - t, 0),
        (Z, U),
    ),
    Wrong(
        "sum over the wrong axis",
        "axis",
        "summed over the wrong axis",
        lambda b, x, u: np.sum(np.tanh(x + b) * u),
        lambda b, x, u: ((1 - np.tanh(x + b) ** 2) * u).sum(axis=1),
        (normal(3), SQUARE_Z, SQUARE_U),
    ),
    Wrong(
        "sum over the wrong axis",
        "axis",
        "over axis 1 is taken over axis 0",
        lambda x, u: np.sum(u * np.sum(np.sin(x), axis=1)),
        lambda x, u: u * np.cos(x),
        (SQUARE_Z, normal(3)),
    ),
    Wrong(
        "sum over the wrong axis",
        "axis",
        "over axis 1 is taken over axis 0",
        lambda x, u: np.sum(u * (x - np.mean(x, axis=1, keepdims=True)) ** 2),
        lambda x, u: 2 * (u * (x - x.mean(0)) - (u * (x - x.mean(0))).mean(0)),
        (Z, U),
    ),
    # classes along columns
    Wrong(
        "softmax over columns",
        "diagonal",
        "softmax(z)",
        lambda z, t: -np.sum(t * np.log(softmax(z, 0))),
        lambda z, t: t * (softmax(z, 0) - 1),
        (Z.T, COLUMNS),
    ),
    Wrong(
        "softmax over columns",
        "correct class",
        "where t = 1",
        lambda z, t: -np.sum(t * np.log(softmax(z, 0))),
        lambda z, t: softmax(z, 0) - 1,
        (Z.T, COLUMNS),
    ),
    Wrong(
        "softmax over columns",
        "condition",
        "over the first axis",
        lambda z, t: -np.sum(t * np.log(softmax(z, 0))),
        lambda z, t: softmax(z, 0) - t,
        (Z.T, np.abs(U.T) + 0.1),
    ),
]

# ---------------------------------------------------------------------------------------------------------------------
# Labels

LABELS = np.array([0, 2, 1, 1])
SIGNS = np.array([1.0, -1, -1, 1, 1])
POINTS = normal(5, 3)


def at_labels(z: Any, y: Any) -> Any:
    return -np.sum(np.log(softmax(z))[np.arange(len(y)), y])


def own_class(z: Any, y: Any) -> Any:
    """Its sign wrong."""
    d = softmax(z)
    d[np.arange(len(y)), y] = 1 - d[np.arange(len(y)), y]
    return d


def own_class_of_one(z: Any, y: Any) -> Any:
    d = softmax(z)
    d[y] = 1 - d[y]
    return d


def logistic(w: Any, x: Any, y: Any) -> Any:
    p = sigmoid(x @ w)
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))


def margins(w: Any, x: Any, y: Any) -> Any:
    return np.sum(np.log(1 + np.exp(-y * (x @ w))))


CLASSES = [
    Wrong("own class's sign", "correct class", "minus the derivative", at_labels, own_class, (Z, LABELS)),
    Wrong(
        "own class's sign",
        "correct class",
        "that of y",
        lambda z, y: -np.log(softmax(z)[y]),
        own_class_of_one,
        (Z[0], 1),
    ),
    Wrong(
        "own class's sign",
        "correct class",
        "that of y",
        lambda z, y: at_labels(z.T, y),
        lambda z, y: own_class(z.T, y).T,
        (Z.T, LABELS),
    ),
    Wrong(
        "only where the label is 1",
        "condition",
        "every y is 1",
        logistic,
        lambda w, x, y: x.T @ (sigmoid(x @ w) - 1),
        (normal(3), POINTS, (SIGNS + 1) / 2),
    ),
    Wrong(
        "only where the label is 1",
        "condition",
        "every y is 1",
        margins,
        lambda w, x, y: -x.T @ sigmoid(-(x @ w)),
        (normal(3), POINTS, SIGNS),
    ),
    Wrong(
        "only where the label is 1",
        "correct class",
        "where t = 1",
        lambda z, t: -np.sum(t * np.log(sigmoid(z)) + (1 - t) * np.log(1 - sigmoid(z))),
        lambda z, t: sigmoid(z) - 1,
        (normal(5), (SIGNS + 1) / 2),
    ),
]

MISTAKES = [*SLOPES, *POWERS, *SOFTMAXES, *CLASSES]
