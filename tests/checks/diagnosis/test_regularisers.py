"""Regularisers are found in the derivative to an argument, of all its entries or of some."""

from __future__ import annotations

import numpy as np

import tinygrad_lite as tl
from tinygrad_lite.checks.diagnosis.backward import Backward
from tinygrad_lite.checks.diagnosis.regularisers import of_argument

RNG = np.random.default_rng(6)
W, X = RNG.normal(size=4), RNG.normal(size=(5, 4))


def test_a_multiple_of_the_argument_is_found():
    found = of_argument(Backward.of(lambda w: np.sum(np.tanh(X @ w)) + 0.3 * np.sum(w * w), W))
    assert found is not None
    np.testing.assert_allclose(found.strength, 0.6, rtol=1e-12)
    assert np.all(found.entries)


def test_of_some_entries():
    found = of_argument(Backward.of(lambda w: np.sum(np.tanh(X @ w)) + 0.3 * np.sum(w[1:] ** 2), W))
    assert found is not None
    np.testing.assert_allclose(found.strength, 0.6, rtol=1e-12)
    np.testing.assert_array_equal(found.entries, [False, True, True, True])


def test_where_there_is_none():
    assert of_argument(Backward.of(lambda w: np.sum(np.tanh(X @ w) + np.sin(X @ w)), W)) is None
    assert of_argument(None) is None


def test_another_strength_is_not_explained():
    f = lambda w, b: np.sum(np.tanh(X @ w + b)) + 0.3 * np.sum(w * w)
    claimed = lambda w, b: np.sum(1 - np.tanh(X @ w + b) ** 2) + 0.5 * b
    report = tl.check_derivation(f, claimed, W, np.float64(0.4), wrt="b")
    assert report.diagnosis is None
