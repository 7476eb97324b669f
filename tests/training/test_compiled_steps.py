"""fit by compiled steps: the same training, bit for bit, or the one without."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn
from tinygrad_lite.training import compiled_steps
from tinygrad_lite.training.compiled_steps import CompiledSteps

rng = np.random.default_rng(0)
X = rng.normal(size=(70, 5)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] > 0).astype(int)


def trained(compile, model=None, **options):
    net = nn.MLP([5, 8, 2], "tanh", rng=0) if model is None else model
    history = tl.training.fit(net, X, Y, epochs=4, progress=False, rng=0, compile=compile, **options)
    return net, history


@pytest.fixture
def counted(monkeypatch):
    """How many steps were made by source."""
    counts = []
    step = CompiledSteps.take

    def take(self, x, y, weights, eager):
        found = step(self, x, y, weights, eager)
        counts.append(bool(self.proved))
        return found

    monkeypatch.setattr(CompiledSteps, "take", take)
    return counts


@pytest.mark.parametrize("options", [{}, {"alpha": 0.01}, {"sample_weight": np.arange(1.0, 71.0)}, {"validation": 0.2}])
def test_every_bit_is_the_same(options, counted):
    a, first = trained(False, **options)
    assert not counted
    b, second = trained(True, **options)
    assert any(counted)
    assert first.loss == second.loss
    assert first.figures.get("accuracy") == second.figures.get("accuracy")
    for p, q in zip(a.parameters(), b.parameters(), strict=True):
        np.testing.assert_array_equal(p.data, q.data)


def test_unasked_it_begins_where_it_is_worth_it(counted, monkeypatch):
    trained(None)
    assert not counted
    monkeypatch.setattr(compiled_steps, "WORTH_IT", 1)
    monkeypatch.setattr("tinygrad_lite.training.running.WORTH_IT", 1)
    trained(None)
    assert any(counted)


class Counting(nn.Module):
    """A network that does more than compute."""

    def __init__(self):
        self.inner = nn.MLP([5, 8, 2], rng=0)
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return self.inner(x)


def test_a_network_of_ones_own_is_not_compiled_unasked(counted, monkeypatch):
    monkeypatch.setattr("tinygrad_lite.training.running.WORTH_IT", 1)
    trained(None, Counting())
    assert not counted


class Choosing(nn.Module):
    """A network that looks at numbers."""

    def __init__(self):
        self.inner = nn.MLP([5, 8, 2], rng=0)

    def forward(self, x):
        y = self.inner(x)
        return y if float(y.detach().sum()) > 0 else y * 1.0


def test_what_cannot_be_compiled_is_an_error_where_it_was_asked_for():
    with pytest.raises(TypeError, match="fit: the step cannot be compiled: compile: item"):
        trained(True, Choosing())


def test_a_step_that_comes_out_otherwise_is_not_taken(monkeypatch):
    monkeypatch.setattr(compiled_steps, "same", lambda a, b: False)
    a, first = trained(False)
    b, second = trained(True)
    assert first.loss == second.loss
    for p, q in zip(a.parameters(), b.parameters(), strict=True):
        np.testing.assert_array_equal(p.data, q.data)


def test_a_loss_that_is_not_finite_is_found_where_it_arises():
    bad = X.copy()
    bad[50] = np.inf
    messages = []
    for compile in (False, True):
        net = nn.MLP([5, 8, 2], "relu", rng=0)
        with pytest.raises(tl.training.DivergedError) as error, np.errstate(all="ignore"):
            tl.training.fit(net, bad, Y, epochs=2, progress=False, rng=0, compile=compile)
        messages.append(str(error.value))
    assert messages[0] == messages[1]


@pytest.mark.parametrize("options", [{"update": "epoch"}, {"clip_norm": 1.0}])
def test_what_it_cannot_do_is_said(options):
    with pytest.raises(ValueError, match="compile=True makes whole steps"):
        trained(True, **options)


def test_compile_is_true_false_or_none():
    with pytest.raises(TypeError, match="compile is True, False or None"):
        trained("yes")
