"""The mistakes that people make are named; and no unrelated claim is explained by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

from . import common_mistakes, product_mistakes, sum_mistakes
from .test_hypotheses import random_formula

MISTAKES = [*common_mistakes.MISTAKES, *product_mistakes.MISTAKES, *sum_mistakes.MISTAKES]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("wrong", MISTAKES, ids=lambda wrong: wrong.mistake)
def test_a_mistake_is_named(wrong):
    report = tl.check_derivation(wrong.f, wrong.claimed, *wrong.args, **wrong.options)
    assert not report.holds
    assert report.diagnosis is not None, report
    assert report.diagnosis.kind == wrong.kind, report
    assert wrong.words in report.diagnosis.text, report


def test_every_mistake_is_shown_by_three_functions():
    shown: dict[str, set[int]] = {}
    for wrong in MISTAKES:
        shown.setdefault(wrong.mistake, set()).add(id(wrong.f))
    assert {mistake for mistake, functions in shown.items() if len(functions) < 3} == set()


# ---------------------------------------------------------------------------------------------------------------------
# Unrelated claims


FUNCTIONS = {wrong.mistake: wrong for wrong in MISTAKES}
"""One function for each mistake."""


def unrelated(rng: np.random.Generator, shape: tuple[int, ...], arguments: int) -> Any:
    """A formula of the arguments' sizes and a random array that varies with the point, of the derivative's shape."""
    formula, direction = random_formula(rng), rng.normal(size=shape)
    places = rng.integers(arguments, size=2)

    def claimed(*args: Any) -> Any:
        a, b = [np.sum(np.sin(np.asarray(args[k], float) * (1 + 0.1 * k))) for k in places]
        return formula(direction + 0.3 * a, np.cos(direction) * b)

    return claimed


@pytest.mark.parametrize("claims", [5, pytest.param(50, marks=pytest.mark.long)])
@pytest.mark.sampled(12)
@pytest.mark.parametrize("mistake", FUNCTIONS)
def test_unrelated_claims_are_not_explained(mistake, claims):
    wrong = FUNCTIONS[mistake]
    rng = np.random.default_rng(len(mistake))
    right = np.shape(wrong.claimed(*wrong.args))
    for _ in range(claims):
        claimed = unrelated(rng, right, len(wrong.args))
        report = tl.check_derivation(wrong.f, claimed, *wrong.args, points=2, **wrong.options)
        assert not report.holds
        assert report.diagnosis is None, report
