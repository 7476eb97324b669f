"""Each kind of mistake is named, in several functions."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_lite as tl

RNG = np.random.default_rng(11)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def softmax(z: Any) -> Any:
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def gelu(z: Any) -> Any:
    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


def gelu_slope(z: Any) -> Any:
    u = np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))
    return 0.5 * (1 + u) + 0.5 * z * (1 - u * u) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * z**2)


# ---------------------------------------------------------------------------------------------------------------------
# Classification: E(z, t) of logits and targets

Z = RNG.normal(size=(4, 3))
LABELS = np.array([0, 2, 1, 1])
HARD = np.eye(3)[LABELS]
ANY = RNG.uniform(0.2, 1.0, (4, 3))
SOFT = ANY / ANY.sum(axis=1, keepdims=True)


def composed(z: Any, t: Any) -> Any:
    return -np.sum(t * np.log(softmax(z)))


def fused(z: Any, t: Any) -> Any:
    return tl.cross_entropy(z, t, reduction="sum")


def with_log_softmax(z: Any, t: Any) -> Any:
    return -(t * tl.log_softmax(z)).sum()


def with_logsumexp(z: Any, t: Any) -> Any:
    return (tl.logsumexp(z, axis=1) * np.sum(t, axis=1) - (t * z).sum(axis=1)).sum()


def mean_composed(z: Any, t: Any) -> Any:
    return -np.mean(np.sum(t * np.log(softmax(z)), axis=1))


def mean_fused(z: Any, t: Any) -> Any:
    return tl.cross_entropy(z, t)


def divided(z: Any, t: Any) -> Any:
    return -np.sum(t * np.log(softmax(z))) / len(z)


CROSS_ENTROPIES = (composed, fused, with_log_softmax)
MEANS = (mean_composed, mean_fused, divided)


# ---------------------------------------------------------------------------------------------------------------------
# Regression, one layer


class Layer(NamedTuple):
    """E of one layer, and its derivation with its parts exchangeable."""

    name: str
    activation: Any
    slope: Any
    """In terms of a and z."""


IDENTITY = Layer("identity", lambda z: z, lambda a, z: np.ones_like(z))
SIGMOID = Layer("sigmoid", sigmoid, lambda a, z: a * (1 - a))
TANH = Layer("tanh", np.tanh, lambda a, z: 1 - a * a)
GELU = Layer("gelu", gelu, lambda a, z: gelu_slope(z))
SINE = Layer("sin", np.sin, lambda a, z: np.cos(z))
SOFTPLUS = Layer("softplus", lambda z: np.log(1 + np.exp(z)), lambda a, z: sigmoid(z))
LAYERS = (SIGMOID, TANH, GELU, SOFTPLUS)

X = RNG.normal(size=(5, 3))
W = RNG.normal(size=(3, 2))
T = RNG.normal(size=(5, 2))


def regression(layer: Layer) -> Any:
    """½ Σ (a − t)², a = h(x W)."""

    def loss(W: Any, x: Any, t: Any) -> Any:
        return 0.5 * np.sum((layer.activation(x @ W) - t) ** 2)

    return loss


def regression_by_hand(layer: Layer, slope: Any = None) -> Any:
    def gradient(W: Any, x: Any, t: Any) -> Any:
        z = x @ W
        a = layer.activation(z)
        return x.T @ ((a - t) * (slope or layer.slope)(a, z))

    return gradient


# ---------------------------------------------------------------------------------------------------------------------
# Networks of several layers

SQUARE = (
    RNG.normal(size=(4, 4)),
    *[RNG.normal(size=(4, 4)) / 2 for _ in range(3)],
    RNG.normal(size=(4, 4)),
)


def network(layers: Any) -> Any:
    """½ Σ (a − t)² of layers without biases: f(x, W1, …, t)."""

    def loss(x: Any, *rest: Any) -> Any:
        *weights, t = rest
        for layer, w in zip(layers, weights, strict=True):
            x = layer.activation(x @ w)
        return 0.5 * np.sum((x - t) ** 2)

    return loss


def network_by_hand(layers: Any, *, slopes: Any = (), back: Any = lambda d, w: d @ w.T, outer: Any = None) -> Any:
    """The gradient for W1; each layer's slope, the way back through weights and the product with x can be mistaken."""
    wrong = dict(slopes)

    def gradient(x: Any, *rest: Any) -> Any:
        *weights, t = rest
        a, z = [x], [x]
        for layer, w in zip(layers, weights, strict=True):
            z.append(a[-1] @ w)
            a.append(layer.activation(z[-1]))
        d = (a[-1] - t) * wrong.get(len(layers), layers[-1].slope)(a[-1], z[-1])
        for k in range(len(layers) - 1, 0, -1):
            d = back(d, weights[k]) * wrong.get(k, layers[k - 1].slope)(a[k], z[k])
        return outer(x, d) if outer else x.T @ d

    return gradient


# ---------------------------------------------------------------------------------------------------------------------
# Normalisation

GAIN = RNG.uniform(0.5, 1.5, 4)
ROWS = RNG.normal(size=(3, 4))
WEIGHTS = RNG.normal(size=(3, 4))

NORM = (ROWS, GAIN, WEIGHTS)


def layer_norm(x: Any) -> Any:
    d = x - np.mean(x, axis=-1, keepdims=True)
    return d / np.sqrt(np.mean(d * d, axis=-1, keepdims=True))


def normalised_loss(x: Any, gain: Any, u: Any) -> Any:
    return np.sum(u * gain * layer_norm(x))


# ---------------------------------------------------------------------------------------------------------------------
# Mistakes

Y = softmax


# ---------------------------------------------------------------------------------------------------------------------
# Writes into arrays

V = np.array([0.3, 0.5, -0.7])


def first_replaced(x: Any) -> Any:
    y = x * 1.0
    y[0] = x[1] * x[2]
    return (y * y).sum()


def tail_replaced(x: Any) -> Any:
    y = np.tanh(x)
    y[1:] = x[0]
    return (y * [1.0, 2.0, 3.0]).sum()


def negative_replaced(x: Any) -> Any:
    y = x * [1.0, 2.0, 3.0]
    y[x < 0] = 5.0
    return (y * y).sum()


def first_slope(x: Any) -> Any:
    y = x[1] * x[2]
    return np.array([2 * y, 2 * y * x[2] + 2 * x[1], 2 * y * x[1] + 2 * x[2]])


def tail_slope(x: Any) -> Any:
    return (1 - np.tanh(x) ** 2) * [1, 2, 3] + [5, 0, 0]


def negative_slope(x: Any) -> Any:
    y = np.where(x < 0, 5.0, x * [1, 2, 3])
    return 2 * y * [1, 2, 3]


class Mistaken(NamedTuple):
    """A wrong derivation: what it must be called, and words that must be said."""

    kind: str
    f: Any
    claimed: Any
    args: tuple[Any, ...]
    words: str = ""
    options: Any = MappingProxyType({})


def of(kind: str, functions: Any, claimed: Any, args: Any, words: str = "") -> list[Mistaken]:
    """The same mistake in several functions of the same value."""
    return [Mistaken(kind, f, claimed, args, words) for f in functions]


def right_and_wrong(layer: Any, claimed: Any, kind: str, words: str) -> Mistaken:
    return Mistaken(kind, regression(layer), claimed, (W, X, T), words)


def biased(x: Any, W: Any, b: Any, t: Any) -> Any:
    return -np.sum(t * np.log(softmax(x @ W + b)))


BIAS = (ROWS, RNG.normal(size=(4, 5)), np.zeros(5), np.eye(5)[[1, 4, 0]])


def bias_delta(x: Any, W: Any, b: Any, t: Any) -> Any:
    return softmax(x @ W + b) - t


def logistic(w: Any, x: Any, t: Any) -> Any:
    y = sigmoid(x @ w)
    return -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y))


LOGISTIC = (RNG.normal(size=3), RNG.normal(size=(6, 3)), np.array([0.0, 1, 1, 0, 1, 0]))


def logistic_delta(w: Any, x: Any, t: Any) -> Any:
    return sigmoid(x @ w) - t


def squares(w: Any, x: Any, t: Any) -> Any:
    return np.sum((x @ w - t) ** 2)


def norm_gradient(x: Any, gain: Any, u: Any) -> Any:
    """The right one."""
    d = x - x.mean(axis=-1, keepdims=True)
    s = np.sqrt((d * d).mean(axis=-1, keepdims=True))
    g, y = u * gain, d / s
    return (g - g.mean(axis=-1, keepdims=True) - y * (g * y).mean(axis=-1, keepdims=True)) / s


def norm_diagonal(x: Any, gain: Any, u: Any) -> Any:
    """Only ∂yₖ/∂xₖ of each entry."""
    n = x.shape[-1]
    d = x - x.mean(axis=-1, keepdims=True)
    s = np.sqrt((d * d).mean(axis=-1, keepdims=True))
    y = d / s
    return u * gain * (1 - 1 / n - y * y / n) / s


def called(layer: Layer) -> str:
    """A layer's function, as texts have it."""
    return f"{'σ' if layer is SIGMOID else layer.name}(x @ W)"


TANH2, TANH3 = (TANH, TANH), (TANH, TANH, TANH)
MIXED = (TANH, SIGMOID)
TWO = (*SQUARE[:3], SQUARE[4])
EVERY = {"tanh": TANH.slope, "sigmoid": SIGMOID.slope}
at_a = {layer.name: lambda a, z, layer=layer: layer.slope(layer.activation(a), a) for layer in (*LAYERS, SINE)}
none = lambda a, z: 1.0

MISTAKES = [
    # the sign
    *of("sign", CROSS_ENTROPIES, lambda z, t: t - Y(z), (Z, HARD), "minus"),
    Mistaken("sign", logistic, lambda w, x, t: -x.T @ logistic_delta(w, x, t) / len(t), LOGISTIC),
    Mistaken("sign", normalised_loss, lambda *a: -norm_gradient(*a), NORM),
    Mistaken("sign", np.cos, lambda x: np.sin(x), (Z,)),
    # the sign of one term
    Mistaken("sign", lambda x, u: np.sum(u * x * np.exp(x)), lambda x, u: u * np.exp(x) * (1 - x), (ROWS, WEIGHTS)),
    # a constant factor
    Mistaken("factor", squares, lambda w, x, t: x.T @ (x @ w - t), LOGISTIC, "½"),
    Mistaken("factor", regression(IDENTITY), lambda W, x, t: 2 * x.T @ (x @ W - t), (W, X, T), "times 2"),
    Mistaken("factor", biased, lambda x, W, b, t: x.T @ bias_delta(x, W, b, t) / 12, BIAS, "12", {"wrt": "W"}),
    Mistaken("factor", regression(TANH), lambda *a: regression_by_hand(TANH)(*a) * -5, (W, X, T), "−5"),
    Mistaken("factor", mean_composed, lambda z, t: (Y(z) - t) / 3, (Z, HARD), "4/3, with 4 the length of axis 0"),
    Mistaken("factor", lambda x: np.var(x, ddof=1), lambda x: 2 * (x - x.mean()) / 4, (ROWS[0],), "3/4"),
    Mistaken("factor", np.tanh, lambda x: 0.3 * (1 - np.tanh(x) ** 2), (Z,), "0.3"),
    Mistaken(
        "factor",
        lambda w, x, t: np.mean((x @ w - t) ** 2) + 0.1 * np.sum(w**2),
        lambda w, x, t: 2 * x.T @ (x @ w - t) / len(t) + 0.1 * w,  # the penalty's 2
        LOGISTIC,
        "2",
    ),
    # transposed
    Mistaken("transposed", biased, lambda *a: bias_delta(*a).T @ a[0], BIAS, "transpose", {"wrt": 1}),
    Mistaken("transposed", regression(GELU), lambda *a: regression_by_hand(GELU)(*a).T, (W, X, T)),
    Mistaken("transposed", network(TANH3), lambda *a: network_by_hand(TANH3)(*a).T, SQUARE, options={"wrt": 1}),
    Mistaken("transposed", lambda x, W: x @ W, lambda x, W: W, (X[0], W), "Jacobian"),
    Mistaken("transposed", lambda x, W: W @ x, lambda x, W: W.T, (SQUARE[0][0], SQUARE[1]), "Jacobian"),
    Mistaken("transposed", lambda x, W: np.tanh(x @ W), lambda x, W: W * (1 - np.tanh(x @ W) ** 2), (X[0], W)),
    Mistaken(
        "transposed",
        network(MIXED),
        network_by_hand(MIXED, back=lambda d, w: d @ w),
        TWO,
        "a transpose is missing",
        {"wrt": 1},
    ),
    # the diagonal only
    *of("diagonal", CROSS_ENTROPIES, lambda z, t: t * (Y(z) - 1), (Z, HARD), "softmax"),
    *of("diagonal", MEANS, lambda z, t: t * (Y(z) - 1) / len(z), (Z, HARD), "softmax"),
    Mistaken(
        "diagonal",
        lambda z, t: 0.5 * np.sum((softmax(z) - t) ** 2),
        lambda z, t: (Y(z) - t) * Y(z) * (1 - Y(z)),
        (Z, HARD),
        "softmax",
    ),
    Mistaken("diagonal", normalised_loss, norm_diagonal, NORM),
    Mistaken("diagonal", softmax, lambda z: Y(z) * (1 - Y(z)), (Z,)),
    Mistaken("diagonal", tl.softmax, lambda z: np.diag(Y(z) * (1 - Y(z))), (Z[0],)),
    Mistaken("diagonal", tl.log_softmax, lambda z: 1 - Y(z), (Z[0],)),
    Mistaken("diagonal", tl.cross_entropy, lambda z, t: np.eye(3)[t] * (Y(z) - 1) / len(z), (Z, LABELS), "softmax"),
    # the mean missing, or a mean for a sum
    *of("mean", MEANS, lambda z, t: Y(z) - t, (Z, HARD), "4"),
    *of("mean", (composed, with_log_softmax), lambda z, t: (Y(z) - t) / 4, (Z, HARD), "sum"),
    Mistaken("mean", logistic, lambda w, x, t: x.T @ logistic_delta(w, x, t), LOGISTIC, "6"),
    Mistaken("mean", biased, lambda *a: 3 * bias_delta(*a), BIAS, "mean over the batch", {"wrt": "b"}),
    # the sum over the batch missing
    Mistaken("sum", biased, bias_delta, BIAS, "sum over the batch", {"wrt": "b"}),
    Mistaken(
        "sum",
        biased,
        lambda *a: a[0][:, :, None] * bias_delta(*a)[:, None, :],
        BIAS,
        "sum over the batch",
        {"wrt": "W"},
    ),
    Mistaken("sum", logistic, lambda w, x, t: x * logistic_delta(w, x, t)[:, None] / len(t), LOGISTIC, "sum over"),
    Mistaken("sum", squares, lambda w, x, t: 2 * x[-1] * (x @ w - t)[-1], LOGISTIC, "only entry 5"),
    Mistaken("sum", composed, lambda z, t: (Y(z) - t).sum(axis=0), (Z, HARD), "summed"),
    # the derivative at a instead of z
    *[
        right_and_wrong(layer, regression_by_hand(layer, at_a[layer.name]), "slope at output", called(layer))
        for layer in (*LAYERS, SINE)
    ],
    right_and_wrong(SIGMOID, regression_by_hand(SIGMOID, lambda a, z: z * (1 - z)), "slope at output", "input z"),
    right_and_wrong(TANH, regression_by_hand(TANH, lambda a, z: 1 - z * z), "slope at output", "in place"),
    *[
        Mistaken(
            "slope at output",
            network(layers),
            network_by_hand(layers, slopes={k: at_a[layers[k - 1].name]}),
            (*SQUARE[: len(layers) + 1], SQUARE[4]),
            words,
            {"wrt": 1},
        )
        for layers, k, words in ((MIXED, 1, "tanh(x @ argument 1)"), (MIXED, 2, "sigmoid"), (TANH3, 2, "number 2 of 3"))
    ],
    Mistaken(
        "slope at output",
        network(TANH3),
        network_by_hand(TANH3, slopes=dict.fromkeys((1, 2, 3), at_a["tanh"])),
        SQUARE,
        "every tanh",
        {"wrt": 1},
    ),
    # the derivative missing
    *[
        right_and_wrong(layer, regression_by_hand(layer, none), "slope missing", called(layer))
        for layer in (*LAYERS, SINE)
    ],
    *[
        Mistaken(
            "slope missing",
            network(layers),
            network_by_hand(layers, slopes={k: none}),
            (*SQUARE[: len(layers) + 1], SQUARE[4]),
            words,
            {"wrt": 1},
        )
        for layers, k, words in ((MIXED, 1, "tanh(x @ argument 1)"), (MIXED, 2, "sigmoid"), (TANH3, 3, "number 3 of 3"))
    ],
    Mistaken(
        "slope missing",
        network(TANH2),
        network_by_hand(TANH2, slopes={1: none, 2: none}),
        TWO,
        "every tanh",
        {"wrt": 1},
    ),
    *[
        Mistaken("slope missing", f, lambda z, t: Y(z) - t, (Z, HARD), "softmax")
        for f in (lambda z, t: np.sum((Y(z) - t) ** 2) / 2, lambda z, t: np.sum((tl.softmax(z) - t) ** 2) / 2)
    ],
    *[
        Mistaken("slope missing", f, lambda z, u: u + 0 * z, (ROWS, WEIGHTS), "the derivative of relu(z) is missing")
        for f in (lambda z, u: np.sum(u * np.where(z > 0, z, 0)), lambda z, u: np.sum(u * np.maximum(z, 0)))
    ],
    # factors swapped
    Mistaken(
        "swapped", network(MIXED), network_by_hand(MIXED, back=lambda d, w: w.T @ d), TWO, "Bᵀ g", {"wrt": 1}
    ),
    Mistaken(
        "swapped", network(TANH3), network_by_hand(TANH3, outer=lambda x, d: d @ x.T), SQUARE, "g Aᵀ", {"wrt": 1}
    ),
    Mistaken(
        "swapped",
        lambda W, x, t: np.sum(t * (x @ W)),
        lambda W, x, t: t @ x.T,
        (SQUARE[1], SQUARE[0], SQUARE[4]),
        "with A = x",
    ),
    Mistaken("swapped", lambda x, w: np.sum(np.sin(x * w)), lambda x, w: np.cos(x * w) * x, (ROWS, WEIGHTS), "a b"),
    Mistaken(
        "swapped",
        lambda x, u: np.sum(u * (np.sin(x) * np.exp(x))),
        lambda x, u: u * (np.cos(x) * np.sin(x) + np.exp(x) * np.exp(x)),
        (ROWS, WEIGHTS),
    ),
    # a term missing
    Mistaken("term", composed, lambda z, t: -t + 0 * z, (Z, HARD), "constant"),
    Mistaken("term", normalised_loss, lambda x, g, u: u * g / x.std(axis=-1, keepdims=True), NORM, "two"),
    Mistaken("term", lambda x, u: np.sum(u * x * np.exp(x)), lambda x, u: u * np.exp(x), (ROWS, WEIGHTS)),
    # only when Σt = 1
    *of("condition", (*CROSS_ENTROPIES, with_logsumexp), lambda z, t: Y(z) - t, (Z, ANY), "Σ t = 1"),
    Mistaken("condition", mean_fused, lambda z, t: (Y(z) - t) / 4, (Z, ANY), "Σ t = 1"),
    *of("condition", CROSS_ENTROPIES, lambda z, t: (Y(z) - t) * t.max(axis=1, keepdims=True), (Z, SOFT), "one-hot"),
    # the correct class
    *of("correct class", (*CROSS_ENTROPIES, with_logsumexp), lambda z, t: Y(z) - 1, (Z, HARD), "where t = 1"),
    Mistaken("correct class", tl.cross_entropy, lambda z, t: (Y(z) - 1) / 4, (Z, LABELS), "that of t"),
    Mistaken("correct class", composed, lambda z, t: Y(z) * (1 - t), (Z, HARD), "wrong for the correct class"),
    Mistaken("correct class", lambda z: composed(z, HARD), lambda z: Y(z) - 1, (Z,), "target is 1", {"draw": None}),
    # what a write replaced
    Mistaken("write", first_replaced, first_slope, (V,), "what was overwritten still counts"),
    Mistaken("write", tail_replaced, tail_slope, (V,), "what was overwritten still counts"),
    Mistaken("write", negative_replaced, negative_slope, (V,), "what was overwritten still counts"),
    # some entries
    Mistaken("entries", composed, lambda z, t: (Y(z) - t) * [1, 1, 1.1], (Z, HARD), "wrong in column 2"),
    Mistaken("entries", normalised_loss, lambda *a: norm_gradient(*a) * [[1], [0.5], [1]], NORM, "row 1"),
    Mistaken("entries", squares, lambda w, x, t: 2 * x.T @ (x @ w - t) + [0, 0, 1], LOGISTIC, "entry [2]"),
    Mistaken("entries", tl.softmax, lambda z: np.eye(3) * (Y(z) + 0.1) - np.outer(Y(z), Y(z)), (Z[0],), "off the diag"),
]  # fmt: skip


@pytest.mark.sampled(2)
@pytest.mark.parametrize("mistaken", MISTAKES, ids=lambda m: f"{m.kind}-{m.f.__name__}")
def test_a_mistake_is_named(mistaken):
    report = tl.check_derivation(mistaken.f, mistaken.claimed, *mistaken.args, **mistaken.options)
    assert not report.holds
    assert report.diagnosis is not None
    assert report.diagnosis.kind == mistaken.kind, report
    assert mistaken.words in report.diagnosis.text, report


def test_every_kind_is_tested_on_three_functions():
    kinds = {}
    for case in MISTAKES:
        kinds.setdefault(case.kind, set()).add(id(case.f))
    assert min(map(len, kinds.values())) >= 3
    assert len(kinds) == 14
