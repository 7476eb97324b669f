"""Objectives: costs of classes, rows and numbers, and which outputs they take."""

from typing import Any

import numpy as np
import pytest

from tinygrad_lite import nn, optim
from tinygrad_lite.training import accuracy, data, fit, predict
from tinygrad_lite.training.objective import objective

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 4))
Y = (X[:, 0] + X[:, 1] ** 2 > 0.7).astype(int)


def network(seed=0, output=None, **options):
    return nn.MLP([4, 8, 2], "tanh", output, rng=seed, dtype=np.float64, **options)


def quietly(model, x=X, y=Y, **options):
    return fit(model, x, y, **{"progress": False, "rng": 0, "epochs": 3, **options})


class TestLosses:
    def test_softmax_outputs_and_scores_are_the_same_to_cross_entropy(self):
        a, b = network(), network(output="softmax")
        assert quietly(a).loss == quietly(b).loss
        np.testing.assert_allclose(predict(b, X).sum(axis=1), 1)

    def test_squared_error_of_classes_and_of_rows(self):
        a, b = network(output="sigmoid"), network(output="sigmoid")
        first, second = quietly(a, loss="mse"), quietly(b, X, data.one_hot(Y, 2))
        assert first.loss == second.loss
        assert first.accuracy
        assert not second.accuracy

    @pytest.mark.parametrize("shape", [(60,), (60, 1)])
    def test_regression(self, shape):
        model = nn.MLP([4, 16, 1], "tanh", rng=0)
        y = np.sin(X[:, 0]).reshape(shape)
        history = quietly(model, X, y, epochs=100)
        assert history.loss[-1] < 0.02 * np.var(y)
        assert not history.accuracy

    def test_the_loss_is_the_mean_over_samples(self):
        model = network()
        history = quietly(model, epochs=1, batch_size=7, optimizer=optim.SGD(model.parameters(), 0.0))
        assert history.loss[0] == pytest.approx(nn.cross_entropy(model.scores(X), Y).item(), rel=1e-12)
        assert history.accuracy[0] == accuracy(predict(model, X), Y)

    @pytest.mark.parametrize(("loss", "output"), [("mse", "sigmoid"), ("mse", "softmax"), ("cross_entropy", "softmax")])
    def test_the_combinations_of_table_1_learn(self, loss, output):
        x, y, *_ = data.load("iris")
        x = data.Standardizer().fit(x)(x)
        model = nn.MLP([4, 8, 3], "tanh", output, rng=0)
        fit(model, x, y, loss=loss, epochs=40, lr=0.03, progress=False, rng=0)
        assert accuracy(predict(model, x), y) > 0.95

    def test_outputs_that_have_no_cross_entropy(self):
        with pytest.raises(ValueError, match="this output is Sigmoid"):
            quietly(network(output="sigmoid"))
        with pytest.raises(ValueError, match="leave the last layer out"):
            quietly(nn.Sequential(nn.Linear(4, 2, rng=0), nn.Softmax()))


# ---------------------------------------------------------------------------------------------------------------------
# Beside the document

TABLE_1 = [("mse", "sigmoid"), ("mse", "softmax"), ("cross_entropy", "softmax")]
SLOPES = {
    "sigmoid": lambda a: a * (1 - a),  # equation 14
    "tanh": lambda a: 1 - a * a,  # equation 18
    "relu": lambda a: a > 0,  # equation 20, away from 0
}


def problem(seed: int = 0, sizes: tuple[int, ...] = (3, 5, 4, 2), n: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, sizes[0])), np.eye(sizes[-1])[rng.integers(0, sizes[-1], n)]


def cost_of(net: Any, x: np.ndarray, y: Any, loss: str = "cross_entropy") -> Any:
    goal = objective(net, loss)
    return goal.loss(goal.outputs(x), np.asarray(y))


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
    cost_of(net, x, y, cost).backward()
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
        alone = [cost_of(net, x[i : i + 1], targets[i : i + 1], cost).item() for i in range(len(x))]
        np.testing.assert_allclose(alone, each, rtol=1e-13)
        np.testing.assert_allclose(cost_of(net, x, targets, cost).item(), each.mean(), rtol=1e-13)


def test_cross_entropy_of_sure_and_wrong_outputs_stays_finite() -> None:
    net = nn.MLP([1, 2], output="softmax", rng=0, dtype=float)
    net.layers[0].weight.data[:] = [[1000.0], [-1000.0]]
    loss = cost_of(net, np.ones((1, 1)), [1])
    loss.backward()
    assert loss.item() == pytest.approx(2000, rel=1e-3)
    np.testing.assert_allclose(net.layers[0].bias.grad, [1, -1])


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("cost", "output"), TABLE_1)
@pytest.mark.parametrize("init", ["fan_in", "default", "xavier", "he"])
def test_the_combinations_of_table_1_learn_by_plain_descent(cost: str, output: str, init: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (200, 2))
    labels = (x[:, 0] * x[:, 1] > 0).astype(int)  # no line divides these
    net = nn.MLP([2, 16, 2], "tanh", output, init=init, rng=3, dtype=float)
    for _ in range(400):
        net.zero_grad()
        cost_of(net, x, labels, cost).backward()
        for p in net.parameters():
            p.data -= (4.0 if cost == "mse" else 1.0) * p.grad
    assert (net(x).argmax(axis=1) == labels).mean() > 0.95


@pytest.mark.parametrize("labels", [[-1, 0], [0, 3]])
def test_labels_that_no_output_stands_for(labels: list[int]) -> None:
    with pytest.raises(ValueError, match="labels must lie in 0 … 2"):
        cost_of(nn.MLP([2, 3], output="softmax", rng=0), np.eye(2), labels, "mse")
