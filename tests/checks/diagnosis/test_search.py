"""The search for mistakes in long computations: families first, and no more work than is allowed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.checks import deciding
from tinygrad_lite.checks.diagnosis import hypotheses

STEPS = 120
RNG = np.random.default_rng(8)
RECURRENCE = (RNG.normal(size=(4, 4)) / 2, RNG.normal(size=(STEPS, 4)), RNG.normal(size=4))


def loss(W: Any, xs: Any, t: Any) -> Any:
    h = np.zeros(4)
    for x in xs:
        h = np.tanh(h @ W + x)
    return 0.5 * np.sum((h - t) ** 2)


def by_hand(slope: Any = lambda h: 1 - h * h, step: Any = lambda d, W: W @ d) -> Any:
    def gradient(W: Any, xs: Any, t: Any) -> Any:
        hs = [np.zeros(4)]
        for x in xs:
            hs.append(np.tanh(hs[-1] @ W + x))
        d, total = hs[-1] - t, np.zeros_like(W)
        for before, h in zip(hs[-2::-1], hs[:0:-1], strict=True):
            d = d * slope(h)
            total += np.outer(before, d)
            d = step(d, W)
        return total

    return gradient


@pytest.fixture
def chains(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The searches that were made."""
    found: list[Any] = []

    def watched(case: Any) -> Any:
        explained = hypotheses.explain(case)
        found.append(case.chain)
        return explained

    monkeypatch.setattr(deciding, "explain", watched)
    return found


def test_the_right_derivation_of_a_recurrence():
    assert tl.check_derivation(loss, by_hand(), *RECURRENCE, points=2).holds


@pytest.mark.parametrize(
    ("words", "claimed"),
    [
        (
            "a transpose is missing in the derivative of every product A B with B = W",
            by_hand(step=lambda d, W: W.T @ d),
        ),
        ("1 − a is taken for the derivative of every tanh", by_hand(slope=lambda h: 1 - h)),
        ("the derivative of every tanh is missing", by_hand(slope=lambda h: 1.0)),
        ("every tanh itself is taken for its derivative", by_hand(slope=lambda h: h)),
        ("u was treated as a constant in every product u @ W", by_hand(step=lambda d, W: 0 * d)),
    ],
)
def test_the_same_mistake_at_every_step_is_named(words, claimed):
    report = tl.check_derivation(loss, claimed, *RECURRENCE, points=2)
    assert report.diagnosis is not None, report
    assert words in report.diagnosis.text


def test_the_search_is_cut_and_says_so(chains):
    report = tl.check_derivation(loss, lambda W, xs, t: by_hand()(W, xs, t) * (1 + W * W), *RECURRENCE, points=2)
    assert report.diagnosis is None
    assert "too many to try every mistake at each of them" in report.results[0].why_none
    (chain,) = chains
    assert chain.was_cut
    one = chain.passes[0].work[-1]
    assert chain.spent <= hypotheses.SEARCH + hypotheses.PAIRS + 20 * one


def test_several_wrong_derivatives_share_the_search(chains):
    claimed = lambda W, xs, t: tuple(g * (1 + np.abs(g)) for g in tl.grad(loss, (0, 1, 2))(W, xs, t))
    assert not tl.check_derivation(loss, claimed, *RECURRENCE, points=2)
    one = max(chain.passes[0].work[-1] for chain in chains)
    assert sum(chain.spent for chain in chains) <= hypotheses.SEARCH + hypotheses.PAIRS + 60 * one


def test_a_search_that_was_not_cut_does_not_say_so(chains):
    report = tl.check_derivation(lambda x: np.sum(np.sin(x)), lambda x: np.cos(x) * (1 + x * x), RNG.normal(size=5))
    assert report.diagnosis is None
    assert report.results[0].why_none is None
    assert not chains[0].was_cut
