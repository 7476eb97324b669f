"""The estimators: scikit-learn's own checks, pipelines, searches, and what they learn."""

import json
import pickle
import sys
import unittest

import numpy as np
import pytest

from tinygrad_lite import optim
from tinygrad_lite.cli import main
from tinygrad_lite.training import data

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from tinygrad_lite.training.estimators import MLPClassifier, MLPRegressor


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_scikit_learns_own_checks(kind):
    """All of them; those that it skips itself lack pandas or a setting of its array API."""
    results = check_estimator(kind(max_iter=40), on_fail="raise", on_skip=None)
    assert len(results) > 45
    for result in results:
        if result["status"] != "passed":
            assert result["status"] == "skipped"
            assert isinstance(result["exception"], unittest.SkipTest)
            assert "SCIPY_ARRAY_API" in str(result["exception"]) or "pandas" in str(result["exception"])


def test_in_a_pipeline_and_a_search():
    X, y, *_ = data.load("wine")
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(max_iter=15, random_state=0))
    search = GridSearchCV(pipeline, {"mlpclassifier__activation": ["tanh", "relu"]}, cv=3).fit(X, y)
    assert search.best_score_ > 0.95
    assert cross_val_score(clone(pipeline), X, y, cv=3).mean() > 0.95


def test_classes_of_any_type():
    X, y, _, names = data.load("iris")
    labels = np.array(names)[y]
    model = MLPClassifier(random_state=0).fit(X, labels)
    assert list(model.classes_) == sorted(names)
    probabilities = model.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(model.classes_[probabilities.argmax(axis=1)], model.predict(X))
    assert model.score(X, labels) > 0.95


def test_regression_in_the_targets_units():
    X, y = load_diabetes(return_X_y=True)
    model = make_pipeline(StandardScaler(), MLPRegressor((8,), alpha=0.01, max_iter=20, random_state=0))
    assert cross_val_score(model, X, 1000 * y + 5e5, cv=3).mean() > 0.4


def test_several_targets():
    X = np.linspace(-1, 1, 100).reshape(-1, 1)
    y = np.column_stack([X[:, 0], X[:, 0] ** 2, np.ones(100)])
    model = MLPRegressor(random_state=0).fit(X, y)
    assert model.predict(X).shape == (100, 3)
    assert np.abs(model.predict(X) - y).max() < 0.2


def test_seeds_and_pickles():
    X, y, *_ = data.load("iris")
    a, b, c = (MLPClassifier(max_iter=3, random_state=seed).fit(X, y).predict_proba(X) for seed in (1, 1, 2))
    assert a.tobytes() == b.tobytes() != c.tobytes()
    model = MLPClassifier(max_iter=3, random_state=1).fit(X, y)
    assert pickle.loads(pickle.dumps(model)).predict_proba(X).tobytes() == a.tobytes()


def test_early_stopping():
    X, y, *_ = data.load("breast_cancer")
    X = data.Standardizer().fit(X)(X)
    model = MLPClassifier(early_stopping=True, n_iter_no_change=3, max_iter=500, random_state=0).fit(X, y)
    assert model.n_iter_ < 500
    assert model.history_.stopped
    assert len(model.loss_curve_) == model.n_iter_


def test_single_precision_stays():
    X, y, *_ = data.load("iris", np.float32)
    assert MLPClassifier(max_iter=1).fit(X, y).predict_proba(X).dtype == np.float32


def test_an_unknown_solver():
    with pytest.raises(ValueError, match=f"solver must be one of {', '.join(optim.BY_NAME)}, not 'lbfgs'"):
        MLPClassifier(solver="lbfgs").fit([[0.0], [1.0]], [0, 1])


class LargestGradient(optim.Adam):
    """Adam with the largest gradient in place of the mean square: all that a new optimizer takes."""

    first_lr = 0.02

    def arrays(self, options):
        return {"exp_avg": 0.0, "exp_inf": 0.0}

    def update(self, p, g, s, state, t, options):
        m, u = state
        b1, b2 = options["betas"]
        m += (1 - b1) * (g - m)
        np.maximum(b2 * u, np.abs(g) + options["eps"], out=u)
        p -= options["lr"] / (1 - b1**t) * m / u


def test_a_new_optimizer_is_chosen_by_its_name(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(optim.BY_NAME, "largestgradient", LargestGradient)
    X, y, *_ = data.load("iris")
    assert MLPClassifier(solver="largestgradient", random_state=0).fit(X, y).score(X, y) > 0.95
    assert main(["train", "--data", "iris", "--optimizer", "largestgradient", "--out", str(tmp_path)]) == 0
    figures = json.loads((tmp_path / "history.json").read_text())
    assert figures["history"]["accuracy"][-1] > 0.95
    assert figures["history"]["lr"][0] == 0.02
    monkeypatch.undo()
    with pytest.raises(ValueError, match="not 'largestgradient'"):
        MLPClassifier(solver="largestgradient").fit(X, y)


def test_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    monkeypatch.delitem(sys.modules, "tinygrad_lite.training.estimators")
    with pytest.raises(ImportError, match=r"tinygrad-lite\[sklearn\]"):
        import tinygrad_lite.training.estimators  # noqa: F401
