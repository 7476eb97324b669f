"""The multilayer perceptron against the document's formulas, and in training."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite import nn

TABLE_1 = [("mse", "sigmoid"), ("mse", "softmax"), ("cross_entropy", "softmax")]

SLOPES = {
    "sigmoid": lambda a: a * (1 - a),  # equation 14
    "tanh": lambda a: 1 - a * a,  # equation 18
    "relu": lambda a: a > 0,  # equation 20, away from 0
}


def problem(seed: int = 0, sizes: tuple[int, ...] = (3, 5, 4, 2), n: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, sizes[0])), np.eye(sizes[-1])[rng.integers(0, sizes[-1], n)]


def by_the_delta_recursion(net: Any, x: np.ndarray, y: np.ndarray, cost: str, output: str, slope: Any) -> list[Any]:
    """∂C/∂W¹, ∂C/∂b¹, …: equations 31, 38 or 39, then 35, with samples in rows, averaged over the batch."""
    W = [layer.weight.data for layer in net.layers]
    b = [layer.bias.data for layer in net.layers]
    a = [x]
    for V, c in zip(W[:-1], b[:-1], strict=True):
        a.append(net.activation(a[-1] @ V.T + c))
    z = a[-1] @ W[-1].T + b[-1]
    e = np.exp(z)
    last = 1 / (1 + np.exp(-z)) if output == "sigmoid" else e / e.sum(axis=1, keepdims=True)
    error = last - y
    if cost == "cross_entropy":
        d = error  # equation 39
    elif output == "sigmoid":
        d = error * last * (1 - last)  # equation 31
    else:
        d = last * (error - (error * last).sum(axis=1, keepdims=True))  # equation 38, summed over its index
    found: list[Any] = []
    for layer in range(len(W) - 1, -1, -1):
        found = [d.T @ a[layer] / len(x), d.mean(axis=0), *found]  # equations 33 to 37
        if layer:
            d = (d @ W[layer]) * slope(a[layer])  # equation 35
    return found


@pytest.mark.parametrize(("cost", "output"), TABLE_1)
@pytest.mark.parametrize("activation", SLOPES)
def test_gradients_are_the_documents_delta_recursion(cost: str, output: str, activation: str) -> None:
    net = nn.MLP([3, 5, 4, 2], activation, output, rng=1, dtype=float)
    x, y = problem()
    net.cost(x, y, cost).backward()
    expected = by_the_delta_recursion(net, x, y, cost, output, SLOPES[activation])
    for p, right in zip(net.parameters(), expected, strict=True):
        np.testing.assert_allclose(p.grad, right, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("cost", "output"), TABLE_1)
def test_costs_are_equations_7_and_9(cost: str, output: str) -> None:
    net, (x, y) = nn.MLP([3, 5, 4, 2], "tanh", output, rng=1, dtype=float), problem()
    a = net(x).data
    each = 0.5 * ((a - y) ** 2).sum(axis=1) if cost == "mse" else -(y * np.log(a)).sum(axis=1)
    labels = y.argmax(axis=1)
    for targets in (y, labels):
        np.testing.assert_allclose(net.cost(x, targets, cost, reduction="none").data, each, rtol=1e-13)
        np.testing.assert_allclose(net.cost(x, targets, cost).item(), each.mean(), rtol=1e-13)


def test_scores_come_before_the_output_activation() -> None:
    net, (x, _) = nn.MLP([3, 4, 2], "sigmoid", "softmax", rng=0, dtype=float), problem()
    np.testing.assert_allclose(tl.softmax(net.scores(x)).data, net(x).data, rtol=1e-14)
    plain = nn.MLP([3, 4, 2], "sigmoid", rng=0, dtype=float)
    np.testing.assert_array_equal(plain(x).data, net.scores(x).data)


def test_cross_entropy_of_sure_and_wrong_outputs_stays_finite() -> None:
    net = nn.MLP([1, 2], output="softmax", rng=0, dtype=float)
    net.layers[0].weight.data[:] = [[1000.0], [-1000.0]]
    loss = net.cost(np.ones((1, 1)), [1])
    loss.backward()
    assert loss.item() == pytest.approx(2000, rel=1e-3)
    np.testing.assert_allclose(net.layers[0].bias.grad, [1, -1])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([3],), "two or more layers"),
        (([3, 0],), r"sizes\[1\] must be a whole number of at least 1, got 0"),
        (([3, 2], "swish"), "activation: takes .*not 'swish'"),
        (([3, 2], "tanh", 5), "activation: takes .*not 5"),
    ],
)
def test_wrong_arguments_are_refused(arguments: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        nn.MLP(*arguments)


def test_wrong_costs_are_refused() -> None:
    x, y = problem()
    with pytest.raises(ValueError, match="softmax outputs or scores, and this output is Sigmoid"):
        nn.MLP([3, 2], output="sigmoid").cost(x, y)
    with pytest.raises(ValueError, match="takes 'mse' or 'cross_entropy', not 'hinge'"):
        nn.MLP([3, 2]).cost(x, y, "hinge")


@pytest.mark.parametrize(("cost", "output"), TABLE_1)
@pytest.mark.parametrize("init", ["fan_in", "default", "xavier", "he"])
def test_the_combinations_of_table_1_learn(cost: str, output: str, init: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (200, 2))
    labels = (x[:, 0] * x[:, 1] > 0).astype(int)  # no line divides these
    net = nn.MLP([2, 16, 2], "tanh", output, init=init, rng=3, dtype=float)
    for _ in range(400):
        net.zero_grad()
        net.cost(x, labels, cost).backward()
        for p in net.parameters():
            p.data -= (4.0 if cost == "mse" else 1.0) * p.grad
    assert (net(x).argmax(axis=1) == labels).mean() > 0.95


# ---------------------------------------------------------------------------------------------------------------------
# Initialisers


@pytest.mark.parametrize(
    ("init", "weight", "bias"),
    [
        ("large", 1.0, 1.0),
        ("default", 1 / 300, 1.0),
        (nn.init.default(50), 1 / 50, 1 / 50),
        ("xavier", 2 / 700, 0.0),
        ("xavier_normal", 2 / 700, 0.0),
        ("he", 2 / 300, 0.0),
        ("he_uniform", 2 / 300, 0.0),
        ("fan_in", 1 / 900, 1 / 900),
        (nn.init.xavier_uniform(gain=3.0), 18 / 700, 0.0),
    ],
)
def test_variances(init: Any, weight: float, bias: float) -> None:
    layer = nn.Linear(300, 400, init=init, rng=0, dtype=float)
    assert layer.weight.data.var() == pytest.approx(weight, rel=0.05)
    assert layer.bias.data.var() == pytest.approx(bias, rel=0.3, abs=1e-15)  # type: ignore[union-attr]
    assert abs(layer.weight.data.mean()) < 0.02 * np.sqrt(weight)


def test_wrong_initialisers_are_refused() -> None:
    with pytest.raises(ValueError, match=r"init: takes large, default, .* not 'small'"):
        nn.Linear(2, 2, init="small")
    with pytest.raises(ValueError, match="n_train must be 1 or more"):
        nn.init.default(0)


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=5), st.integers(0, 2**32))
def test_sizes_and_seeds(sizes: list[int], seed: int) -> None:
    a, b = nn.MLP(sizes, rng=seed), nn.MLP(sizes, rng=seed)
    assert [p.shape for p in a.parameters()] == [shape for m, n in pairwise(sizes) for shape in ((n, m), (n,))]
    assert all(p.data.tobytes() == q.data.tobytes() for p, q in zip(a.parameters(), b.parameters(), strict=True))
    assert a(np.ones((3, sizes[0]), np.float32)).shape == (3, sizes[-1])


@pytest.mark.parametrize("labels", [[-1, 0], [0, 3]])
def test_labels_that_no_output_stands_for(labels: list[int]) -> None:
    with pytest.raises(ValueError, match="labels must lie in 0 … 2"):
        nn.MLP([2, 3], output="softmax", rng=0).cost(np.eye(2), labels, "mse")
