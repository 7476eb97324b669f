"""Formulas that are none of the known mistakes get no diagnosis; mutants of the diagnoses are caught."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.checks import points
from tinygrad_lite.checks.diagnosis import (
    candidates,
    entrywise,
    hypotheses,
    known_derivatives,
    numbers,
    operands,
    regions,
)

RNG = np.random.default_rng(11)
Z = RNG.normal(size=(4, 3))
HARD = np.eye(3)[[0, 2, 1, 1]]
ANY = RNG.uniform(0.2, 1.0, (4, 3))
SOFT = ANY / ANY.sum(axis=1, keepdims=True)
ROWS, WEIGHTS = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def softmax(z: Any) -> Any:
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def gelu(z: Any) -> Any:
    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


def composed(z: Any, t: Any) -> Any:
    return -np.sum(t * np.log(softmax(z)))


def fused(z: Any, t: Any) -> Any:
    return tl.cross_entropy(z, t, reduction="sum")


def layer_norm(x: Any) -> Any:
    d = x - np.mean(x, axis=-1, keepdims=True)
    return d / np.sqrt(np.mean(d * d, axis=-1, keepdims=True))


def normalised_loss(x: Any, gain: Any, u: Any) -> Any:
    return np.sum(u * gain * layer_norm(x))


# ---------------------------------------------------------------------------------------------------------------------
# No diagnosis


def random_formula(rng: np.random.Generator) -> Any:
    """A formula of x, u and numbers, of x's shape, by chance."""
    unary = (np.sin, np.cos, np.tanh, np.exp, np.square, sigmoid, softmax, lambda v: v.sum(axis=-1, keepdims=True))
    binary = (np.add, np.subtract, np.multiply)

    def build(depth: int) -> Any:
        if depth == 0:
            k, c = rng.integers(3), rng.normal()
            return lambda x, u: (x, u, c)[k]
        if rng.random() < 0.5:
            outer, inner = unary[rng.integers(len(unary))], build(depth - 1)
            return lambda x, u: outer(np.asarray(inner(x, u)) + 0 * x)
        operation, a, b = binary[rng.integers(3)], build(depth - 1), build(depth - 1)
        return lambda x, u: operation(a(x, u), b(x, u))

    formula, scale = build(3), rng.uniform(0.1, 2)
    return lambda x, u: scale * np.sin(x + 1) * u + formula(x, u) + 0 * x


FUNCTIONS = (
    lambda x, u: np.sum(u * np.tanh(x)),
    lambda x, u: np.sum(u * sigmoid(x) ** 2),
    lambda x, u: np.sum((softmax(x) - u) ** 2) / 2,
    lambda x, u: -np.mean(u * np.log(softmax(x))),
    lambda x, u: np.sum(gelu(x @ u.T) ** 2),
    lambda x, u: normalised_loss(x, 1.5, u),
    lambda x, u: np.sum(x @ x.T * (u @ u.T)),
    lambda x, u: np.mean(np.exp(np.sin(x)) * u),
    lambda x, u: tl.cross_entropy(x, u),
    lambda x, u: np.sum(np.sqrt(1 + (x - u) ** 2)),
)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("seed", range(60))
def test_unrelated_formulas_get_no_diagnosis(seed):
    rng = np.random.default_rng(seed)
    report = tl.check_derivation(FUNCTIONS[seed % 10], random_formula(rng), ROWS, WEIGHTS, points=4)
    assert not report.holds
    assert report.diagnosis is None, report
    assert "none of the known mistakes" in repr(report)


PLAUSIBLE = [
    lambda z, t: softmax(z) ** 2 * (softmax(z) - t),
    lambda z, t: softmax(z) ** 2 - t,
    lambda z, t: sigmoid(z) - t,
    lambda z, t: np.log(softmax(z)) - t,
    lambda z, t: softmax(z) - t + 0.01 * z,
    lambda z, t: (softmax(z) - t) / softmax(z),
    lambda z, t: (softmax(z) - t) * z,
    lambda z, t: softmax(z[::-1]) - t,
    lambda z, t: (softmax(z) - t) * np.linalg.norm(z),
    lambda z, t: softmax(1.1 * z) - t,
]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("claimed", PLAUSIBLE)
@pytest.mark.parametrize("f", [composed, fused])
def test_plausible_formulas_that_are_none_of_the_mistakes(f, claimed):
    report = tl.check_derivation(f, claimed, Z, SOFT)
    assert not report.holds
    assert report.diagnosis is None, report


def test_an_explanation_must_hold_at_every_point():
    only_here = lambda z, t: np.where(np.array_equal(z, Z), t - softmax(z), np.sin(z))
    assert tl.check_derivation(composed, only_here, Z, HARD).diagnosis is None
    assert tl.check_derivation(composed, only_here, Z, HARD, points=0).diagnosis.kind == "sign"


def test_an_explanation_must_explain_all_of_it():
    almost = lambda z, t: t - softmax(z) + 1e-6 * z
    assert tl.check_derivation(composed, almost, Z, HARD).diagnosis is None


def test_a_few_numbers_prove_nothing():
    assert tl.check_derivation(lambda x: np.sum(x * x), np.array([2.0, 4.0]), np.array([2.0, 4.0])).diagnosis is None
    report = tl.check_derivation(lambda x: x * x, 2.0, 2.0)
    assert report.diagnosis is None
    assert "too few different numbers" in repr(report)
    assert tl.check_derivation(lambda x: np.sum(np.tanh(x)), np.ones_like, Z).diagnosis is None
    assert tl.check_derivation(lambda x: x * x, lambda x: x, 2.0).diagnosis.kind == "factor"


def test_functions_that_look_at_types_are_recorded():
    def typed(z: Any, t: Any) -> Any:
        return composed(z, t) if isinstance(z, tl.Tensor | np.ndarray) else None

    assert tl.check_derivation(typed, lambda z, t: t - softmax(z), Z, HARD).diagnosis.kind == "sign"
    report = tl.check_derivation(typed, lambda z, t: t * (softmax(z) - 1), Z, HARD)
    assert [d.kind for d in (report.diagnosis, *report.alternatives)] == ["diagonal", "correct class"]


def test_functions_that_cannot_be_gone_through_are_diagnosed_as_a_whole():
    calls = []

    def other_each_time(z: Any, t: Any) -> Any:
        calls.append(z)
        for _ in calls:  # other operations at every point
            z = z + 0.0
        return composed(z, t)

    assert tl.check_derivation(other_each_time, lambda z, t: t - softmax(z), Z, HARD).diagnosis.kind == "sign"
    report = tl.check_derivation(other_each_time, lambda z, t: t * (softmax(z) - 1), Z, HARD)
    assert report.diagnosis.kind == "correct class"
    report = tl.check_derivation(other_each_time, lambda z, t: z * t, Z, HARD)
    assert "could not be recorded" in repr(report).replace("\n", " ")


# ---------------------------------------------------------------------------------------------------------------------
# Mutants of the diagnoses: each makes at least one of these go wrong

LOGITS = np.array([[0.5, -1.0, 0.3], [1.2, 0.1, -0.4]])
TARGETS = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])


def by_hand(z: Any, t: Any) -> Any:
    return softmax(z) - t


EXPECTED = [
    ("sign", composed, lambda z, t: t - softmax(z), (LOGITS, TARGETS)),
    ("diagonal", composed, lambda z, t: t * (softmax(z) - 1), (LOGITS, TARGETS)),
    ("diagonal", tl.cross_entropy, lambda z, t: t * (softmax(z) - 1) / 2, (LOGITS, TARGETS)),
    ("diagonal", lambda z, u: np.sum(u * (z - z.mean(axis=1)[:, None])), lambda z, u: u * 2 / 3, (LOGITS, LOGITS + 1)),
    ("slope missing", lambda z, u: np.sum(u * (1 / (1 + np.exp(-z)))), lambda z, u: u + 0 * z, (LOGITS, LOGITS + 1)),
    ("slope at output", lambda z, u: np.sum(u * np.sin(z)), lambda z, u: u * np.cos(np.sin(z)), (LOGITS, LOGITS + 1)),
    (
        "swapped",
        lambda a, b, u: np.sum(u * (a @ b)),
        lambda a, b, u: b.T @ u,
        (np.eye(3) + 1, LOGITS.T @ LOGITS, LOGITS.T @ LOGITS + 1),
    ),
    ("transposed", lambda a, b, u: np.sum(u * (a @ b)), lambda a, b, u: b @ u.T, (LOGITS, LOGITS.T, np.eye(2) + 1)),
    ("mean", lambda z: np.mean(np.exp(z)), np.exp, (LOGITS,)),
    ("factor", lambda z: np.sum(z**3) + np.sum(z**2), lambda z: 3 * z**2 + z, (LOGITS,)),
    ("term", lambda z: np.sum(z * np.sin(z)), np.sin, (LOGITS,)),
    ("condition", composed, by_hand, (LOGITS, TARGETS + 0.3)),
    ("correct class", composed, lambda z, t: softmax(z) - 1, (LOGITS, TARGETS)),
    ("entries", composed, lambda z, t: by_hand(z, t) + np.array([0, 0, 1]), (LOGITS, TARGETS)),
    (None, composed, lambda z, t: softmax(z) ** 2 - t, (LOGITS, TARGETS)),
    (None, composed, lambda z, t: t - softmax(z) + 1e-5 * z, (LOGITS, TARGETS)),
    (None, composed, lambda z, t: np.where(np.array_equal(z, LOGITS), t - softmax(z), np.sin(z)), (LOGITS, TARGETS)),
]


def verdicts() -> Iterator[str | None]:
    """What is said of each."""
    for _, f, claimed, args in EXPECTED:
        try:
            diagnosis = tl.check_derivation(f, claimed, *args, points=3).diagnosis
        except ValueError as error:  # shapes that nothing explains
            yield str(error)
        else:
            yield None if diagnosis is None else diagnosis.kind


def test_the_examples_are_named():
    assert list(verdicts()) == [kind for kind, *_ in EXPECTED]


def nothing(*_args: Any) -> Any:
    return iter(())


def first_point_only(case: Any, claims: Any, candidate: Any, original: Any = numbers.multiple) -> Any:
    return original(case, claims[:1], candidate)


MUTANTS = {
    "loose": (numbers, "agree", lambda a, b, tolerance: bool(np.max(np.abs(a - b)) <= 1e-3)),
    "one point": (hypotheses, "multiple", first_point_only),
    "all is known": (hypotheses, "multiple", lambda case, claims, candidate: 1.0),
    "no factors in words": (hypotheses, "factor_in_words", lambda case, k: None),
    "slopes right": (known_derivatives, "at_output", lambda backward, region: region.slope(backward)),
    "slopes zero": (known_derivatives, "no_slope", lambda backward, region: 0.0),
    "diagonals full": (regions.Region, "diagonal", lambda region, backward: region.slope(backward)),
    "no products": (candidates, "in_products", nothing),
    "no factors": (candidates, "in_factors", nothing),
    "no paths": (candidates, "in_paths", nothing),
    "no slopes": (candidates, "in_slopes", nothing),
    "no Jacobians": (candidates, "in_jacobians", nothing),
    "rules right": (operands, "rules_instead", lambda k, rules: lambda b: {k: lambda g: b.pull(k, g)}),
    "not normalised": (entrywise, "conditions_on", lambda values: iter([(1.0, "{}", lambda x: x)])),
    "targets reversed": (
        entrywise,
        "is_target",
        lambda values, shape: all(np.shape(x) == shape and points.is_one_hot(1 - x) for x in values),
    ),
    "everything right": (entrywise, "right_entries", lambda case, p: np.ones(case.truths[p].shape, bool)),
    "nothing telling": (hypotheses, "is_telling", lambda case: False),
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_are_caught(name, monkeypatch):
    monkeypatch.setattr(*MUTANTS[name])
    assert any(said != kind for said, (kind, *_) in zip(verdicts(), EXPECTED, strict=True))


def test_a_function_is_run_twice_at_each_point():
    """For autograd's derivative, and for its backward pass, which every mistake is then tried in.

    At the given one its value and a difference are taken beside, and the derivative on both sides, for kinks.
    """
    runs = []

    def counted(z: Any, t: Any) -> Any:
        runs.append(z)
        return composed(z, t)

    assert tl.check_derivation(counted, lambda z, t: softmax(z) ** 2 - t, Z, HARD, points=4).diagnosis is None
    assert len(runs) == 2 * 5 + 3 + 4
