"""How hypotheses are set against the numbers: multiples, factors in words, how many different numbers there are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_lite.checks.diagnosis import numbers
from tinygrad_lite.checks.diagnosis.numbers import Case

X = np.random.default_rng(6).normal(size=(2, 4, 3))


def case(claims: Any = X, truths: Any = X, y_shape: tuple[int, ...] = ()) -> Case:
    """Claims and truths for Σ x² at two points; ``t`` is an argument beside x."""
    return Case(
        name="∂f/∂x",
        points=[[x, np.ones(7)] for x in X],
        names=["x", "t"],
        leaf=0,
        variables=frozenset({0}),
        call=lambda leaves: (leaves[0] * leaves[0]).sum(),
        y_shape=y_shape,
        truths=list(truths),
        claims=list(claims),
        fitted_claims=list(claims),
        again=None,
        tolerance=1e-9,
    )


def test_agreement_is_relative_to_the_largest_entry():
    a = np.array([1e6, 1.0])
    assert numbers.agree(a, a + 1e-4, 1e-9)
    assert not numbers.agree(a, a + 1e-2, 1e-9)
    assert not numbers.agree(a, np.array([1e6, np.nan]), 1e-9)
    assert not numbers.agree(a, np.array([1e6, np.inf]), 1e-9)


@pytest.mark.parametrize("k", [1.0, -1.0, 0.25, 3e5])
def test_one_number_multiplies_at_every_point(k):
    assert numbers.multiple(case(), k * X, X.__getitem__) == pytest.approx(k, rel=1e-12)
    assert numbers.multiple(case(), [k * X[0], 2 * k * X[1]], X.__getitem__) is None


def test_no_multiple():
    assert numbers.multiple(case(), X, lambda p: X[p].T) is None
    assert numbers.multiple(case(), 0 * X, X.__getitem__) is None
    assert numbers.multiple(case(), X, lambda p: X[p] * np.nan) is None


@pytest.mark.parametrize(
    ("k", "words"),
    [
        (-1, "−1"),
        (0.5, "½"),
        (4, "4, with 4 the length of axis 0 of x"),
        (1 / 3, "1/3, with 3 the length of axis 1 of x"),
        (-2 / 7, "−2/7, with 7 the length of axis 0 of t"),
        (3 / 4, "3/4, with 3 the length of axis 1 of x and 4 the length of axis 0 of x"),
        (6 / 7, "6/7, with 7 the length of axis 0 of t"),
        (1 / 12, "1/12, with 12 the number of entries of x"),
        (0.3, None),
    ],
)
def test_factors_in_words(k, words):
    assert numbers.factor_in_words(case(), k) == words


def test_how_many_different_numbers():
    assert numbers.count_distinct([np.array([1.0, 1.0 + 1e-12, 2.0]), np.array([2.0])]) == 2
    assert numbers.is_telling(case())
    assert not numbers.is_telling(case(np.ones_like(X)))


def test_the_chain_is_there_where_the_right_pass_gives_the_derivative():
    assert case(truths=2 * X).chain is not None
    assert case(truths=3 * X).chain is None
    known = case(truths=2 * X)
    assert known.chain is known.chain  # recorded once
    assert known.passes is known.passes
