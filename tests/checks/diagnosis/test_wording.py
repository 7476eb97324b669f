"""Intermediates are called by expressions in the function's own arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.checks.diagnosis.backward import Backward
from tinygrad_lite.checks.diagnosis.regions import regions_of
from tinygrad_lite.checks.diagnosis.wording import ATOM, PRODUCT, SUM, Expression, Wording

RNG = np.random.default_rng(2)
SQUARE = [RNG.uniform(0.5, 1.5, (3, 3)) for _ in range(3)]


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def wording(f: Any, others: list[int]) -> Wording:
    backward = Backward.of_leaves(lambda leaves: f(*leaves), SQUARE, 0, others)
    named = [("x", None), *zip("xWt", SQUARE, strict=True)]
    return Wording(backward, regions_of(backward), named, ["x", "W", "t"])


@pytest.mark.parametrize("others", [[1, 2], []])
@pytest.mark.parametrize(
    ("written", "f"),
    [
        ("x @ W", lambda x, W, t: x @ W),
        ("x @ Wᵀ", lambda x, W, t: x @ W.T),
        ("tanh(x @ W)", lambda x, W, t: np.tanh(x @ W)),
        ("σ(−x)", lambda x, W, t: sigmoid(-x)),
        ("log(σ(−x))", lambda x, W, t: np.log(sigmoid(-x))),
        ("softmax(x @ W)", lambda x, W, t: tl.softmax(x @ W)),
        ("relu(x)", lambda x, W, t: np.maximum(x, 0)),
        ("(x − t)²", lambda x, W, t: (x - t) ** 2),
        ("x − (t + x)", lambda x, W, t: x - (t + x)),
        ("(x + t) · W", lambda x, W, t: (x + t) * W),
        ("x / (t · W)", lambda x, W, t: x / (t * W)),
        ("(−x) · t", lambda x, W, t: -x * t),
        ("2 · x³", lambda x, W, t: 2 * x**3),
        ("(x @ W)[…]", lambda x, W, t: (x @ W)[0]),
        ("(x @ W)ᵀ", lambda x, W, t: (x @ W).T),
        ("sum(x)", lambda x, W, t: np.sum(x, axis=1)),
    ],
)
def test_expressions(written, f, others):
    if not others and written in ("x / (t · W)", "softmax(x @ W)"):
        pytest.skip("where others are not recorded, what is computed of them is a constant")
    words = wording(f, others)
    assert words.node(len(words.backward.nodes) - 1) == written


def test_what_is_long_is_called_by_its_operation():
    def deep(x: Any, W: Any, t: Any) -> Any:
        for _ in range(4):
            x = np.tanh(x @ W)
        return x

    words = wording(deep, [1, 2])
    assert words.node(2) == "tanh(x @ W)"
    assert words.node(len(words.backward.nodes) - 1) == "tanh (number 4 of 4)"
    assert words.source(len(words.backward.nodes) - 1) == "the output of tanh (number 4 of 4)"


def test_a_deep_computation_of_others_is_no_recursion():
    def deep(x: Any, W: Any, t: Any) -> Any:
        for _ in range(2000):
            t = t + W
        return x * t

    words = wording(deep, [1, 2])
    assert words.operand(1, 1) == "a constant"


def test_brackets():
    assert Expression("a + b", SUM).at(PRODUCT) == "(a + b)"
    assert Expression("f(a + b)", ATOM).at(ATOM) == "f(a + b)"
