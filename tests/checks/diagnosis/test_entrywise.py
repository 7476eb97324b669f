"""Right only when, right only where: along either axis, of labels of every kind, and not by accident."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.checks.diagnosis.entrywise import (
    is_label,
    is_target,
    label_mask_along,
    may_be_target,
    two_valued,
)

RNG = np.random.default_rng(3)
ONE_HOT = np.eye(3)[[0, 2, 1, 1]]


@pytest.mark.parametrize("axis", [0, 1])
def test_targets_along_either_axis(axis):
    x = RNG.uniform(0.1, 1.0, (4, 3))
    assert may_be_target(x, axis)
    assert not may_be_target(-x, axis)
    assert not may_be_target(ONE_HOT.T if axis == 0 else ONE_HOT, axis)
    assert not may_be_target(x[:1], 0)


def test_labels_along_either_axis():
    labels = np.array([0, 2, 1, 1])
    assert is_label(labels, (4, 3), 1)
    assert is_label(labels, (3, 4), 0)
    assert is_label(labels[:, None], (4, 3), 1)
    assert is_label(2, (3,), 0)
    assert not is_label(3, (3,), 0)
    assert not is_label(labels, (4, 2), 1)
    assert not is_label(labels.astype(float), (4, 3), 1)
    np.testing.assert_array_equal(label_mask_along(labels, (4, 3), 1), ONE_HOT == 1)
    np.testing.assert_array_equal(label_mask_along(labels, (3, 4), 0), ONE_HOT.T == 1)


def test_labels_of_two_classes():
    assert two_valued([np.array([0.0, 1.0])]) == 0
    assert two_valued([np.float64(1.0), np.float64(-1.0)]) == -1
    assert two_valued([np.array([0.0, 1.0, 2.0])]) is None
    assert two_valued([ONE_HOT]) is None  # of several classes
    assert is_target([np.array([[1.0], [-1.0]])], (2,))
    assert not is_target([np.array([1.0, 0.5])], (2,))


def test_the_middle_of_a_flipped_kernel_is_no_diagnosis():
    x, w, u = RNG.normal(size=7), RNG.normal(size=3), RNG.normal(size=5)
    f = lambda w, x, u: np.sum(u * np.convolve(x, w, "valid"))
    right = tl.grad(lambda w: f(w, x, u))(w)
    report = tl.check_derivation(f, lambda w, x, u: tl.grad(lambda w: f(w, x, u))(w)[::-1], w, x, u)
    assert report.diagnosis.kind == "flipped"
    assert not any(other.kind == "entries" for other in report.alternatives)
    assert np.shape(right) == (3,)
    wrong = lambda w, x, u: tl.grad(lambda w: f(w, x, u))(w) * [1.5, 1.0, 0.7 + w[0] ** 2]
    assert tl.check_derivation(f, wrong, w, x, u).diagnosis is None  # one entry of three is right


def test_entries_in_another_order():
    x, u = RNG.normal(size=4), RNG.normal(size=4)
    report = tl.check_derivation(lambda x, u: np.sum(u * np.sin(x)), lambda x, u: (u * np.cos(x))[[1, 0, 2, 3]], x, u)
    assert report.diagnosis.kind == "order"
    assert "at [0] is what belongs at [1], [1] is what belongs at [0]" in report.diagnosis.text


def test_off_by_a_number_among_the_arguments():
    x, s = RNG.normal(size=5), np.float64(0.7)
    f = lambda s, x: np.sum(np.tanh(x) ** 2) / s
    claimed = lambda s, x: -np.sum(np.tanh(x) ** 2) / s**3
    report = tl.check_derivation(f, claimed, s, x)
    assert "the claim is the derivative divided by s" in [report.diagnosis.text, *[d.text for d in report.alternatives]]


def test_right_only_for_symmetric_matrices():
    x, A = RNG.normal(size=3), RNG.normal(size=(3, 3))
    report = tl.check_derivation(lambda x, A: x @ A @ x, lambda x, A: 2 * A @ x, x, A)
    assert report.diagnosis.text == "right only when A = Aᵀ"
    report = tl.check_derivation(lambda x, A: x @ A @ x, lambda x, A: 2 * A.T @ x, x, A)
    assert report.diagnosis.kind == "transposed"
    assert "right only when A = Aᵀ" in [other.text for other in report.alternatives]
