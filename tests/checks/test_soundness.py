"""Functions that cannot be judged by their recorded run: random ones, and those whose values left the graph."""

import numpy as np
import pytest

import tinygrad_lite as tl

RNG = np.random.default_rng(2)
X = RNG.normal(size=3)


def value(t):
    return t.detach() if isinstance(t, tl.Tensor) else t


def in_a_loop(w):
    y = np.zeros(2)
    for i in range(2):
        y[i] = (w[i] ** 2).detach().item()
    return np.sum(y * w)


def by_data(x):
    scale = x.data if isinstance(x, tl.Tensor) else x
    return np.sum(scale * x)


def by_numpy(x):
    norm = np.sqrt(np.sum((x.numpy() if isinstance(x, tl.Tensor) else x) ** 2))
    return np.sum(x**2) * norm


def without_recording(x):
    with tl.no_grad():
        h = np.exp(x)
    return np.sum(h * x)


def whole_vector(x):
    return np.exp(value(x)) * x


def only_a_little(x):
    return np.sum(np.exp(x)) + 1e-3 * np.sum(value(x) ** 2)


LEAVING = [
    (in_a_loop, lambda w: 3 * w**2, X[:2], "detach()", "y[i] = (w[i] ** 2)"),
    (by_data, lambda x: 2 * x, X, ".data", "scale = x.data"),
    (by_numpy, lambda x: 3 * x * np.sqrt(x @ x), X, "numpy()", "norm = np.sqrt"),
    (without_recording, lambda x: np.exp(x) * (1 + x), X, "no_grad()", "with tl.no_grad()"),
    (whole_vector, lambda x: np.diag(np.exp(x) * (1 + x)), X, "detach()", "return t.detach()"),
    (only_a_little, lambda x: np.exp(x) + 2e-3 * x, X, "detach()", "return t.detach()"),
    (by_data, lambda x: 2 * x, X[:, None].astype(np.float32), ".data", "scale = x.data"),
]


@pytest.mark.parametrize(("f", "claimed", "x", "what", "line"), LEAVING)
def test_a_value_that_left_the_graph(f, claimed, x, what, line):
    for claim in (claimed, lambda x: -claimed(x)):
        report = tl.check_derivation(f, claim, x)
        assert report.verdict == "no verdict"
        assert not report
        assert report.diagnosis is None
        assert what in report.reason
        assert line in report.reason
        assert "test_soundness.py, line" in report.reason
    with pytest.raises(tl.DerivationMismatch):
        tl.assert_derivation(f, claimed, x)


def test_a_value_that_left_in_another_way():
    cache = {}

    def remembered(x):
        if "x" not in cache:
            cache["x"] = np.array(x)
        return np.sum(cache["x"] * x)

    report = tl.check_derivation(remembered, lambda x: 2 * x, X)
    assert report.verdict == "does not hold"  # what it remembers is a constant: its values say so, too


def test_what_leaves_the_graph_and_changes_nothing_is_no_harm():
    def shifted(z):
        e = np.exp(z - value(np.max(z)))
        return e[0] / e.sum()

    softmax = lambda z: np.exp(z) / np.exp(z).sum()
    assert tl.check_derivation(shifted, lambda z: softmax(z)[0] * (np.eye(3)[0] - softmax(z)), X).verdict == "holds"


DICE = np.random.default_rng()
NOISY = [
    lambda x: np.sum(x * DICE.normal(size=3)),
    lambda x: np.sum(x * (DICE.random(3) < 0.5)) + DICE.random(),
    lambda x: x + 1e-3 * DICE.normal(),
    lambda x: np.sum(x**2) * (1 + 1e-4 * DICE.random()),
    lambda x: np.mean(np.exp(x) * DICE.permutation(3)) + DICE.random(),
]


@pytest.mark.parametrize("f", NOISY)
def test_a_random_function(f):
    report = tl.check_derivation(f, lambda x: x, X)
    assert report.verdict == "no verdict"
    assert "is random" in report.reason


def test_a_function_that_seeds_itself_is_not_random():
    f = lambda x: np.sum(x * np.random.default_rng(0).normal(size=3))
    assert tl.check_derivation(f, lambda x: np.random.default_rng(0).normal(size=3), X).verdict == "holds"


def test_another_function_when_recorded():
    f = lambda x: np.sum(x**2) if isinstance(x, tl.Tensor) else np.sum(x**3)
    report = tl.check_derivation(f, lambda x: 2 * x, X)
    assert report.verdict == "no verdict"
    assert "something else when it is recorded" in report.reason


SMOOTH = [
    (lambda x: np.sum(np.exp(20 * x)), lambda x: 20 * np.exp(20 * x), X),
    (lambda x: np.sum(np.sin(1e4 * x)), lambda x: 1e4 * np.cos(1e4 * x), X),
    (lambda x: np.sum(1e-9 * x**2), lambda x: 2e-9 * x, X),
    (lambda x: 1e12 + np.sum(x**2), lambda x: 2 * x, X),
    (lambda x: np.sum(np.log(x)), lambda x: 1 / x, np.array([1e-8, 1.0, 1e8])),
    (lambda x: np.sum(np.abs(x)), np.sign, np.array([0.0, 1.0, -2.0])),
    (lambda x: np.sum(np.floor(x)), np.zeros_like, X),
    (lambda x: np.sum(np.sin(x.astype(np.float32))), np.cos, X),
    (lambda x: np.sum(np.arcsin(x)), lambda x: 1 / np.sqrt(1 - x * x), np.array([0.9999999, 0.1])),
    (lambda x: np.sum(x * x), lambda x: 2 * x, np.zeros(3)),
    (lambda x: np.sum(tl.tensor(x) ** 2) if not isinstance(x, tl.Tensor) else np.sum(x**2), lambda x: 2 * x, X),
]


@pytest.mark.parametrize(("f", "claimed", "x"), SMOOTH)
def test_functions_that_differences_find_hard_are_not_suspected(f, claimed, x):
    assert tl.check_derivation(f, claimed, x).holds


def test_functions_of_tensors_alone():
    f = lambda x: (x.detach() * 0 + x * x).sum()
    assert tl.check_derivation(f, lambda x: 2 * x, X).verdict == "holds"


class TestTheClaimFails:
    @pytest.mark.parametrize(
        ("claimed", "error"),
        [
            (lambda x: x @ np.ones(7), "ValueError"),
            (lambda x: undefined * x, "NameError"),  # noqa: F821
            (lambda x: x[9], "IndexError"),
            (lambda x: {"a": 1}["b"], "KeyError"),
            (lambda: 3, "TypeError"),
        ],
    )
    def test_its_line_is_shown(self, claimed, error):
        report = tl.check_derivation(lambda x: np.sum(x * x), claimed, X)
        assert report.verdict == "no verdict"
        assert f"the claim fails with {error}" in report.reason
        if error != "TypeError":
            assert "test_soundness.py, line" in report.reason

    def test_in_notebooks(self):
        report = tl.check_derivation(lambda x: np.sum(x * x), lambda x: x[9], X)
        assert "?" in report._repr_html_()
        assert "no verdict" in report._repr_markdown_()
