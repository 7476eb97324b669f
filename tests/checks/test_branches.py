"""Branches that no point met, axes of length 1 that hide a mean, and broadcasts that nobody meant."""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.checks import branches

RNG = np.random.default_rng(12)
X, W = RNG.normal(size=(5, 3)), RNG.normal(size=3)
POSITIVE = np.array([1.0, 2.0, 3.0])


def huber(r):
    return np.sum(np.where(np.abs(r) <= 10, r * r / 2, 10 * np.abs(r) - 50))


def capped(x):
    return np.sum(np.minimum(x, 100.0) ** 2)


def shifted_relu(x):
    return np.sum(np.maximum(x - 30, 0) + x)


def clipped(x):
    return np.sum(np.clip(x, -50, 50) ** 2)


def with_indicator(x):
    return np.sum(x * x * (x < 40))


NEEDS = [
    (lambda z: np.sum(np.where(z > 0, z, 0.3 * z)), lambda z: (z > 0) * 1.0, POSITIVE, "z > 0"),
    (lambda z: np.sum(np.where(z > 0, z, 0.3 * z)), lambda z: 0.3 * (z < 0), -POSITIVE, "z < 0"),
    (huber, lambda r: r, W, "np.abs(r) ≤ 10"),
    (capped, lambda x: 2 * x, W, "x ≤ 100.0"),
    (shifted_relu, np.ones_like, W[:, None], "x - 30 < 0"),
    (clipped, lambda x: 2 * x, W[None], "clip changes nothing"),
    (with_indicator, lambda x: 2 * x, W, "a factor is 1"),
    (lambda x: np.sum(np.abs(x)), np.ones_like, POSITIVE, "x > 0"),
]


@pytest.mark.parametrize(("f", "claimed", "x", "condition"), NEEDS)
def test_a_claim_for_one_branch(f, claimed, x, condition):
    report = tl.check_derivation(f, claimed, x)
    assert report, report
    assert report.verdict.startswith(f"holds when {condition}")


@pytest.mark.parametrize(
    ("f", "claimed", "x"),
    [
        (huber, lambda r: np.where(np.abs(r) <= 10, r, 10 * np.sign(r)), W),
        (capped, lambda x: 2 * x * (x <= 100), W),
        (shifted_relu, lambda x: 1 + (x > 30), W),
        (clipped, lambda x: 2 * x * (np.abs(x) <= 50), W),
        (with_indicator, lambda x: 2 * x * (x < 40), W),
        (lambda x: np.sum(np.where(x > 0, x, 0.3 * x)), lambda x: np.where(x > 0, 1, 0.3), POSITIVE),
    ],
)
def test_a_claim_for_all_branches_is_tried_on_all(f, claimed, x):
    report = tl.check_derivation(f, claimed, x)
    assert report.verdict == "holds"
    assert "no point met" not in repr(report)
    assert report.points >= 9


def test_what_no_point_can_meet_is_said():
    f = lambda x: np.sum(np.where(x < 1e9, x * x, 0 * x))
    report = tl.check_derivation(f, lambda x: 2 * x, W)
    assert report.verdict == "holds"
    assert "no point met the case that x ≥ 1e9" in report.remarks


class TestLabels:
    Z = RNG.normal(size=(4, 3))

    def loss(self, z, y):
        return tl.cross_entropy(z, y)

    def test_classes_that_were_no_label_are_tried(self):
        softmax = lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        right = lambda z, y: (softmax(z) - np.eye(3)[y]) / 4
        for y in (np.zeros(4, int), np.array([0, 1, 1, 0]), np.array([2, 0, 1, 2])):
            assert tl.check_derivation(self.loss, right, self.Z, y).verdict == "holds"
        only_first = lambda z, y: (softmax(z) - np.eye(3)[0]) / 4
        report = tl.check_derivation(self.loss, only_first, self.Z, np.zeros(4, int))
        assert report.verdict == "holds when y = 0"

    def test_labels_of_two_classes(self):
        f = lambda z, y: np.sum(np.log(1 + np.exp(z)) - y * z)
        sigmoid = lambda z: 1 / (1 + np.exp(-z))
        assert tl.check_derivation(f, lambda z, y: sigmoid(z) - y, W, np.array([1, 0, 1])).verdict == "holds"
        report = tl.check_derivation(f, lambda z, y: sigmoid(z) - 1, W, np.array([1, 1, 1]))
        assert report.verdict == "holds when y = 1"


class TestHiddenMeans:
    MSE = staticmethod(lambda w, x, t: np.mean((x @ w - t) ** 2))

    def test_a_batch_of_one(self):
        x, t = X[:1], np.array([0.3])
        assert tl.check_derivation(self.MSE, lambda w, x, t: 2 * x.T @ (x @ w - t), W, x, t).verdict == (
            "holds when x has length 1 along axis 0"
        )
        right = lambda w, x, t: 2 * x.T @ (x @ w - t) / len(x)
        assert tl.check_derivation(self.MSE, right, W, x, t).verdict == "holds"

    def test_samples_in_columns(self):
        f = lambda w, x, t: np.sum((w @ x - t) ** 2) / x.shape[1]
        x, t, w = X.T[:, :1], np.array([[0.3]]), W[None]
        right = lambda w, x, t: 2 * (w @ x - t) @ x.T / x.shape[1]
        assert tl.check_derivation(f, right, w, x, t).verdict == "holds"
        missing = lambda w, x, t: 2 * (w @ x - t) @ x.T
        assert tl.check_derivation(f, missing, w, x, t).verdict == "holds when x has length 1 along axis 1"

    def test_by_a_factor(self):
        f = lambda w, x, t: (1 / x.shape[0]) * np.sum((x @ w - t) ** 2)
        missing = lambda w, x, t: 2 * x.T @ (x @ w - t)
        assert "length 1 along axis 0" in tl.check_derivation(f, missing, W, X[:1], np.array([1.3])).verdict

    def test_a_bias(self):
        f = lambda b, x: np.mean(np.sum((x + b) ** 2, axis=1))
        right = lambda b, x: 2 * np.mean(x + b, axis=0, keepdims=True)
        assert tl.check_derivation(f, right, W[None], X[:1]).verdict == "holds"
        missing = lambda b, x: 2 * np.sum(x + b, axis=0, keepdims=True)
        assert "length 1 along axis 0" in tl.check_derivation(f, missing, W[None], X[:1]).verdict

    def test_no_mean_no_question(self):
        f = lambda x: np.sum(x.T @ x)
        assert tl.check_derivation(f, lambda x: 2 * x, W[:, None]).verdict == "holds"


class TestBroadcasts:
    Y = RNG.normal(size=5)

    @pytest.mark.parametrize(
        "f",
        [
            lambda w, x, y: np.mean((x @ w - y) ** 2),
            lambda w, x, y: np.sum(np.abs(y - x @ w)),
            lambda w, x, y: np.sum((x @ w) * y),
            lambda w, x, y: np.mean(np.maximum(0, 1 - y * (x @ w))),
            lambda w, x, y: np.sum(np.log(1 + np.exp(-(x @ w) * y))),
        ],
    )
    def test_vectors_beside_columns(self, f):
        report = tl.check_derivation(f, lambda w, x, y: x.T @ (x @ w - y[:, None]), W[:, None], X, self.Y)
        assert "f broadcasts (5,) with (5, 1) to (5, 5)" in " ".join(report.remarks)
        report = tl.check_derivation(f, lambda w, x, y: x.T @ (x @ w - y), W, X, self.Y)
        assert "broadcasts" not in repr(report)

    def test_all_pairs_of_one_array(self):
        f = lambda x: np.sum((x[:, None] - x) ** 2)
        report = tl.check_derivation(f, lambda x: 4 * (len(x) * x - x.sum()), self.Y)
        assert report.verdict == "holds"
        assert not report.remarks


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("z > 0", ("z > 0", "z ≤ 0")),
        ("a+b <= c[0]", ("a+b ≤ c[0]", "a+b > c[0]")),
        ("mask", ("mask", "not (mask)")),
        ("(a > 0) & (b > 0)", ("(a > 0) & (b > 0)", "not ((a > 0) & (b > 0))")),
    ],
)
def test_conditions_in_words(text, words):
    assert branches.condition_in_words(text) == words
