"""Parameters filled in place: what with, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn

init = nn.init


def uniform(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, shape)


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape)


@pytest.mark.parametrize(
    ("fill", "expected"),
    [
        (lambda w: init.zeros_(w), np.zeros((4, 6, 2))),
        (lambda w: init.ones_(w), np.ones((4, 6, 2))),
        (lambda w: init.constant_(w, 0.3), np.full((4, 6, 2), 0.3)),
        (lambda w: init.normal_(w, 0.5, 2.0, rng=0), 0.5 + 2 * normal(4, 6, 2)),
        (lambda w: init.uniform_(w, -2.0, 2.0, rng=0), 2 * uniform(4, 6, 2)),
        (lambda w: init.xavier_uniform_(w, 3.0, rng=0), 3 * math.sqrt(6 / 20) * uniform(4, 6, 2)),
        (lambda w: init.xavier_normal_(w, 3.0, rng=0), 3 * math.sqrt(2 / 20) * normal(4, 6, 2)),
        (lambda w: init.kaiming_uniform_(w, rng=0), math.sqrt(6 / 12) * uniform(4, 6, 2)),
        (lambda w: init.kaiming_uniform_(w, math.sqrt(5), rng=0), math.sqrt(1 / 12) * uniform(4, 6, 2)),
        (lambda w: init.kaiming_normal_(w, 0, "fan_out", "relu", rng=0), math.sqrt(2 / 8) * normal(4, 6, 2)),
        (lambda w: init.kaiming_normal_(w, nonlinearity="tanh", rng=0), 5 / 3 / math.sqrt(12) * normal(4, 6, 2)),
    ],
)
def test_what_they_fill_with(fill: Any, expected: np.ndarray) -> None:
    w = nn.Parameter(np.full((4, 6, 2), np.nan))
    assert fill(w) is w
    np.testing.assert_allclose(w.data, expected, rtol=1e-14)
    assert w.requires_grad
    assert fill(np.zeros((4, 6, 2), np.float32)).dtype == np.float32


def test_identity_and_orthogonal() -> None:
    np.testing.assert_array_equal(init.eye_(np.ones((2, 3))), np.eye(2, 3))
    for shape in ((3, 5), (5, 3), (2, 3, 2)):
        w = init.orthogonal_(np.zeros(shape), 2.0, rng=0).reshape(shape[0], -1)
        product = w @ w.T if w.shape[0] < w.shape[1] else w.T @ w
        np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-14)


def test_truncated() -> None:
    w = init.trunc_normal_(np.zeros(2000), 1.0, 2.0, 0.0, 2.0, rng=0)
    assert w.min() >= 0
    assert w.max() <= 2
    assert w.mean() == pytest.approx(1, abs=0.05)
    with pytest.raises(ValueError, match=r"almost no number of mean 0\.0 and std 1\.0 lies in 9 … 10"):
        init.trunc_normal_(np.zeros(2), a=9, b=10)


def test_a_graph_keeps_the_numbers_that_it_was_made_with() -> None:
    w = nn.Parameter(np.full((1, 1), 3.0))
    y = (w * w).sum()
    init.ones_(w)
    y.backward()
    assert w.grad.item() == 6
    assert w.data.item() == 1


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: init.xavier_uniform_(np.zeros(3)), ValueError, "xavier_uniform_: counts the inputs of a weight"),
        (lambda: init.eye_(np.zeros(3)), ValueError, r"eye_: takes a matrix, got shape \(3,\)"),
        (lambda: init.zeros_([0.0]), TypeError, "zeros_: fills a parameter or an array, not list"),
        (lambda: init.zeros_(nn.Parameter(np.ones(2)) * 2), TypeError, "not a Tensor that was computed from others"),
        (lambda: init.ones_(np.zeros(2, int)), TypeError, "ones_: fills floating-point numbers, not int"),
        (lambda: init.kaiming_normal_(np.zeros((2, 2)), mode="in"), ValueError, "mode is 'fan_in' or 'fan_out'"),
        (lambda: init.calculate_gain("swish"), ValueError, "nonlinearity is one of linear, .*, not 'swish'"),
    ],
)
def test_what_is_refused(call: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        call()


def test_a_network_whose_parts_are_filled() -> None:
    def begin(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            init.xavier_uniform_(module.weight, rng=0)
            init.zeros_(module.bias)

    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).apply(begin)
    loss = net(np.ones((4, 2), np.float32)).sum()
    loss.backward()
    assert not net[0].bias.data.any()
    assert all(np.any(p.grad) for p in net.parameters())
    assert isinstance(tl.optim.SGD(net.parameters(), 0.1), tl.optim.Optimizer)
