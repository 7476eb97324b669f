"""The estimators: scikit-learn's own checks, pipelines, searches, and what they learn."""

import json
import pickle
import sys
import unittest

import numpy as np
import pytest

from tinygrad_lite import nn, optim
from tinygrad_lite.cli import main
from tinygrad_lite.training import DivergedError, data

pytest.importorskip("sklearn")

from scipy import sparse
from sklearn import neural_network
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from tinygrad_lite.training.estimators import MLPClassifier, MLPRegressor

BOTH = pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])


def run_checks(estimator):
    """All of them; those that it skips itself lack pandas or a setting of its array API."""
    results = check_estimator(estimator, on_fail="raise", on_skip=None)
    assert len(results) > 55
    for result in results:
        if result["status"] != "passed":
            assert result["status"] == "skipped"
            assert isinstance(result["exception"], unittest.SkipTest)
            assert "SCIPY_ARRAY_API" in str(result["exception"]) or "pandas" in str(result["exception"])


@BOTH
def test_scikit_learns_own_checks(kind):
    """With batches that hold all samples, where a sample's weight is exactly a number of times."""
    run_checks(kind((32,), max_iter=25, batch_size=200))


@pytest.mark.long
@BOTH
@pytest.mark.parametrize("options", [{}, {"solver": "lbfgs"}])
@pytest.mark.filterwarnings("ignore:lbfgs has not converged")
def test_scikit_learns_own_checks_with_other_settings(kind, options):
    run_checks(kind(max_iter=40, **options))


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
    with pytest.raises(ValueError, match=f"solver must be one of {', '.join(optim.BY_NAME)}, lbfgs, not 'cg'"):
        MLPClassifier(solver="cg").fit([[0.0], [1.0]], [0, 1])


# ---------------------------------------------------------------------------------------------------------------------
# Beside scikit-learn's networks

ALPHA = 0.7
RNG = np.random.default_rng(0)
SAMPLES, WEIGHTS = RNG.standard_normal((30, 4)), RNG.uniform(0.2, 3, 30)
TARGETS = {
    "two classes": RNG.integers(0, 2, 30),
    "three classes": RNG.integers(0, 3, 30),
    "labels": RNG.integers(0, 2, (30, 3)),
    "numbers": RNG.standard_normal(30),
}


def twins(name):
    """Ours and scikit-learn's with the same parameters, after one epoch of one batch at a rate that changes nothing."""
    y = TARGETS[name]
    if name == "numbers":
        y = (y - np.average(y, weights=WEIGHTS)) / np.sqrt(np.cov(y, aweights=WEIGHTS, ddof=0))
    options = {"hidden_layer_sizes": (5, 3), "activation": "tanh", "alpha": ALPHA, "batch_size": 30,
               "learning_rate_init": 1e-300, "max_iter": 1, "random_state": 0, "solver": "sgd"}  # fmt: skip
    ours, theirs = (MLPRegressor, neural_network.MLPRegressor) if name == "numbers" else (
        MLPClassifier, neural_network.MLPClassifier)  # fmt: skip
    mine, other = ours(**options).fit(SAMPLES, y, WEIGHTS), theirs(**options)
    classes = {} if name == "numbers" else {"classes": np.arange(y.shape[1]) if y.ndim == 2 else np.unique(y)}
    other.partial_fit(SAMPLES, y, **classes)
    for k, (W, b) in enumerate(zip(mine.coefs_, mine.intercepts_, strict=True)):
        last_of_two = name == "two classes" and k == 2
        other.coefs_[k] = W[:, 1:] - W[:, :1] if last_of_two else W.copy()
        other.intercepts_[k] = b[1:] - b[:1] if last_of_two else b.copy()
    return mine, other, y, classes


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", TARGETS)
def test_loss_and_predictions_are_those_of_scikit_learn_for_the_same_parameters(name):
    mine, other, y, classes = twins(name)
    if name != "numbers":
        np.testing.assert_allclose(mine.predict_proba(SAMPLES), other.predict_proba(SAMPLES), rtol=1e-10)
        np.testing.assert_allclose(mine.predict_log_proba(SAMPLES), other.predict_log_proba(SAMPLES), rtol=1e-10)
    np.testing.assert_allclose(mine.predict(SAMPLES), other.predict(SAMPLES), rtol=1e-10)
    # one output in place of two has other weights, and so another penalty
    extra = np.square(mine.coefs_[2]).sum() - np.square(other.coefs_[2]).sum()
    other.partial_fit(SAMPLES, y, **classes, sample_weight=WEIGHTS)
    assert mine.loss_ == pytest.approx(other.loss_ + ALPHA / 2 * extra / WEIGHTS.sum(), rel=1e-10)
    plain = mine.set_params(warm_start=True).fit(SAMPLES, y).loss_
    other.partial_fit(SAMPLES, y, **classes)
    if name != "numbers":  # whose scale the weights have a part in
        assert plain == pytest.approx(other.loss_ + ALPHA / 2 * extra / 30, rel=1e-10)


def test_the_loss_of_several_targets_is_their_sum():
    y = StandardScaler().fit_transform(np.random.default_rng(1).standard_normal((30, 2)))
    options = {"activation": "tanh", "batch_size": 30, "learning_rate_init": 1e-300, "solver": "sgd", "random_state": 0}
    mine, other = (
        MLPRegressor((5,), max_iter=1, **options).fit(SAMPLES, y),
        neural_network.MLPRegressor(hidden_layer_sizes=(5,), **options),
    )
    other.set_params(alpha=0).partial_fit(SAMPLES, y)
    other.coefs_, other.intercepts_ = [W.copy() for W in mine.coefs_], [b.copy() for b in mine.intercepts_]
    other.partial_fit(SAMPLES, y)
    assert mine.loss_ == pytest.approx(2 * other.loss_, rel=1e-10)


@pytest.mark.parametrize("name", TARGETS)
def test_lbfgs_finds_the_minimum_that_scikit_learn_finds(name):
    """Without hidden layers, and with a penalty, there is one."""
    y = TARGETS[name]
    options = {"hidden_layer_sizes": (), "alpha": 1.0, "solver": "lbfgs", "max_iter": 500, "tol": 1e-8}
    if name == "numbers":
        y = (y - y.mean()) / y.std()
        mine, other = MLPRegressor(**options), neural_network.MLPRegressor(**options)
    else:
        mine, other = MLPClassifier(**options), neural_network.MLPClassifier(**options)
    if name == "two classes":  # ½ of a difference, squared twice, is half its square
        other.set_params(alpha=0.5)
    mine.fit(SAMPLES, y)
    other.fit(SAMPLES, y)
    assert mine.loss_ == pytest.approx(other.loss_, rel=1e-7)
    method = "predict" if name == "numbers" else "predict_proba"
    np.testing.assert_allclose(getattr(mine, method)(SAMPLES), getattr(other, method)(SAMPLES), rtol=1e-3, atol=1e-4)
    assert mine.history_.stopped


# ---------------------------------------------------------------------------------------------------------------------
# Weights of samples and classes


@BOTH
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_weight_is_a_number_of_times(kind, solver):
    y, w = TARGETS["three classes"], np.random.default_rng(1).integers(0, 4, 30)
    model = kind((5,), solver=solver, alpha=0.1, batch_size=200, max_iter=20, random_state=0, tol=0.05)
    weighted = clone(model).fit(SAMPLES, y, sample_weight=w)
    repeated = clone(model).fit(np.repeat(SAMPLES, w, axis=0), np.repeat(y, w))
    np.testing.assert_allclose(weighted.loss_curve_, repeated.loss_curve_, rtol=1e-7)
    there = w > 0
    removed = clone(model).fit(SAMPLES[there], y[there], w[there])
    np.testing.assert_array_equal(weighted._outputs(SAMPLES), removed._outputs(SAMPLES))


def test_classes_have_weights():
    y = np.repeat(["a", "b", "c"], [20, 7, 3])
    model = MLPClassifier((5,), max_iter=3, random_state=0)
    balanced = clone(model).set_params(class_weight="balanced").fit(SAMPLES, y)
    by_class = dict(zip("abc", 30 / (3 * np.array([20, 7, 3])), strict=True))
    given = clone(model).set_params(class_weight=by_class).fit(SAMPLES, y)
    weighted = clone(model).fit(SAMPLES, y, [by_class[name] for name in y])
    for other in (given, weighted):
        np.testing.assert_allclose(balanced.loss_curve_, other.loss_curve_, rtol=1e-12)
    both = clone(model).set_params(class_weight=by_class).fit(SAMPLES, y, WEIGHTS)
    product = clone(model).fit(SAMPLES, y, [by_class[name] * w for name, w in zip(y, WEIGHTS, strict=True)])
    np.testing.assert_allclose(both.loss_curve_, product.loss_curve_, rtol=1e-12)
    w = np.where(np.arange(30) < 10, 2, 1)
    repeated = np.repeat(np.arange(30), w)
    options = {"class_weight": "balanced", "batch_size": 100}
    one, other = (clone(model).set_params(**options) for _ in range(2))
    one.fit(SAMPLES, y, w)
    other.fit(SAMPLES[repeated], y[repeated])
    np.testing.assert_allclose(one.loss_curve_, other.loss_curve_, rtol=1e-9)


@BOTH
def test_a_rare_class_is_found_where_classes_are_balanced(kind):
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(0, 1, (190, 2)), rng.normal(1.5, 1, (10, 2))])
    y = np.repeat([0, 1], [190, 10])
    if kind is MLPClassifier:
        plain, balanced = (
            MLPClassifier((), max_iter=40, class_weight=weight, random_state=0) for weight in (None, "balanced")
        )
        found = [model.fit(X, y).predict(X)[190:].sum() for model in (plain, balanced)]
    else:
        weights = np.where(y, 19, 1)
        found = [
            (MLPRegressor((), max_iter=40, random_state=0).fit(X, y, w).predict(X) > 0.5)[190:].sum()
            for w in (None, weights)
        ]
    assert found[1] >= 8 > found[0]


# ---------------------------------------------------------------------------------------------------------------------
# Going on


@BOTH
def test_partial_fit_is_an_epoch_and_the_optimizer_goes_on(kind):
    y = TARGETS["three classes"]
    model = kind((5,), random_state=0)
    first = {"classes": [0, 1, 2]} if kind is MLPClassifier else {}
    for k in range(3):
        model.partial_fit(SAMPLES, y, **first)
        assert model.n_iter_ == len(model.loss_curve_) == k + 1
        assert {state["step"] for state in model._optimizer.state.values()} == {k + 1}
    assert type(model._optimizer) is optim.Adam
    model.set_params(learning_rate_init=0.5).partial_fit(SAMPLES, y)
    assert model._optimizer.param_groups[0]["lr"] == 0.5
    other = pickle.loads(pickle.dumps(model))
    for each in (model, other):
        each.set_params(batch_size=7).partial_fit(SAMPLES, y, sample_weight=WEIGHTS)
    np.testing.assert_array_equal(model.predict(SAMPLES), other.predict(SAMPLES))
    np.testing.assert_array_equal(model._outputs(SAMPLES), other._outputs(SAMPLES))
    model.set_params(solver="sgd").partial_fit(SAMPLES, y)
    assert type(model._optimizer) is optim.SGD


def test_partial_fit_learns_from_parts():
    X, y, *_ = data.load("digits")
    model = MLPClassifier((32,), random_state=0)
    for x, t in data.batches(X, y, 300, rng=0):
        for _ in range(5):
            model.partial_fit(x, t, classes=np.arange(10))
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize(("change", "error", "said"), [
    ({"y": [3] * 30}, ValueError, r"classes that the network there is has no output for: \[3\]"),
    ({"y": TARGETS["labels"]}, ValueError, r"learnt one class for each sample, and y has shape \(30, 3\)"),
    ({"classes": [0, 1]}, ValueError, r"partial_fit: the network's classes are \[0 1 2\], not \[0, 1\]"),
    ({"sample_weight": [1.0]}, ValueError, "one number for each of 30 samples"),
])  # fmt: skip
def test_what_partial_fit_refuses(change, error, said):
    model = MLPClassifier((5,), random_state=0).partial_fit(SAMPLES, TARGETS["three classes"], classes=[0, 1, 2])
    before = pickle.dumps(model)
    with pytest.raises(error, match=said):
        model.partial_fit(**{"X": SAMPLES, "y": TARGETS["three classes"], **change})
    assert pickle.dumps(model) == before


def test_what_the_first_partial_fit_refuses():
    with pytest.raises(ValueError, match="the first call needs classes"):
        MLPClassifier().partial_fit(SAMPLES, TARGETS["two classes"])
    with pytest.raises(ValueError, match="'balanced' needs all samples at once"):
        MLPClassifier(class_weight="balanced").partial_fit(SAMPLES, TARGETS["two classes"], classes=[0, 1])
    with pytest.raises(AttributeError) as caught:
        MLPRegressor(solver="lbfgs").partial_fit  # noqa: B018
    assert "solver='lbfgs' takes all samples at once" in f"{caught.value} {caught.value.__cause__}"
    assert not hasattr(MLPClassifier(solver="lbfgs"), "partial_fit")


@BOTH
def test_a_warm_start_goes_on(kind):
    y = TARGETS["three classes"]
    model = kind((5,), max_iter=3, warm_start=True, random_state=0).fit(SAMPLES, y)
    first, network = model.loss_, model.model_
    model.set_params(max_iter=30).fit(SAMPLES, y)
    assert model.model_ is network
    assert model.loss_curve_[0] < first
    with pytest.raises(ValueError, match=r"layers of \(\(4, 5, .\), 'relu'\), and .* fit anew with warm_start=False"):
        model.set_params(hidden_layer_sizes=(6,)).fit(SAMPLES, y)
    with pytest.raises(ValueError, match="'tanh'"):
        model.set_params(hidden_layer_sizes=(5,), activation="tanh").fit(SAMPLES, y)
    assert model.model_ is network
    model.set_params(warm_start=False).fit(SAMPLES, y)
    assert model.model_ is not network


@BOTH
def test_a_fit_that_fails_leaves_what_there_was(kind):
    model = kind((5,), max_iter=3, random_state=0).fit(SAMPLES, TARGETS["three classes"])
    before = pickle.dumps(model)
    for arguments in ({"sample_weight": -WEIGHTS}, {"sample_weight": np.zeros(30)}):
        with pytest.raises(ValueError, match="sample_weight"):
            model.fit(SAMPLES[:, :2], TARGETS["two classes"], **arguments)
    assert pickle.dumps(model) == before
    fresh = kind(solver="cg")
    with pytest.raises(ValueError, match="solver must be"):
        fresh.fit(SAMPLES, TARGETS["two classes"])
    assert not hasattr(fresh, "n_features_in_")
    assert not hasattr(fresh, "coefs_")


# ---------------------------------------------------------------------------------------------------------------------
# When it ends


def test_training_ends_on_a_plateau():
    model = MLPRegressor((5,), max_iter=500, tol=0.5, n_iter_no_change=4, random_state=0)
    model.fit(SAMPLES, TARGETS["numbers"])
    assert model.history_.stopped == "no improvement by 0.5 in 4 epochs"
    assert model.n_iter_ == len(model.loss_curve_) < 20


@pytest.mark.parametrize("rare", [1, 2, 10])
def test_rare_classes_are_held_out_by_their_share(rare):
    y = np.repeat([0, 1], [200 - rare, rare])
    X = np.random.default_rng(0).standard_normal((200, 2))
    for seed in range(5):
        model = MLPClassifier((2,), early_stopping=True, max_iter=1, random_state=seed).fit(X, y)
        assert len(model.history_.val_loss) == 1
        assert list(model.classes_) == [0, 1]


@BOTH
@pytest.mark.filterwarnings("ignore:lbfgs has not converged after 1 iterations")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_what_was_learnt_before_an_interruption_is_kept(kind, solver, monkeypatch):
    X, y = SAMPLES, TARGETS["three classes"]
    calls, forward = [], nn.MLP.scores

    def interrupted(model, x):
        calls.append(None)
        if len(calls) == left:
            raise KeyboardInterrupt
        return forward(model, x)

    monkeypatch.setattr(nn.MLP, "scores", interrupted)
    left = 20
    model = kind((5,), solver=solver, random_state=0)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X, y)
    assert 1 < model.n_iter_ == len(model.loss_curve_) < 20
    assert model.history_.stopped == "interrupted"
    if solver == "lbfgs":
        whole = clone(model).set_params(max_iter=model.n_iter_)
        with pytest.warns(ConvergenceWarning):
            whole.fit(X, y)
        assert model.loss_curve_ == whole.loss_curve_[: model.n_iter_]
    reached = model.loss_
    assert model.set_params(warm_start=True, max_iter=1, learning_rate_init=1e-300).fit(X, y).loss_ <= reached * 1.01
    calls, left = [], 2
    fresh = kind((5,), solver=solver)
    with pytest.raises(KeyboardInterrupt):
        fresh.fit(X, y)
    assert not hasattr(fresh, "model_")


def test_lbfgs_says_where_it_has_not_converged():
    with pytest.warns(ConvergenceWarning, match="lbfgs has not converged after 2 iterations"):
        model = MLPClassifier(solver="lbfgs", max_iter=2, random_state=0).fit(SAMPLES, TARGETS["two classes"])
    assert model.n_iter_ == len(model.loss_curve_) == 2
    with pytest.raises(ValueError, match="early_stopping holds samples out"):
        MLPClassifier(solver="lbfgs", early_stopping=True).fit(SAMPLES, TARGETS["two classes"])


# ---------------------------------------------------------------------------------------------------------------------
# Other samples, other targets


@BOTH
@pytest.mark.filterwarnings("ignore:lbfgs has not converged")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sparse_samples_give_what_dense_ones_give(kind, solver):
    X = np.where(SAMPLES > 0.3, SAMPLES, 0)
    y = TARGETS["three classes"]
    model = kind((5,), solver=solver, alpha=1.0, max_iter=10, random_state=0)
    dense = clone(model).fit(X, y).predict(X)
    for form in (sparse.csr_array, sparse.csc_array, sparse.csr_matrix):
        fitted = clone(model).fit(form(X), y)
        np.testing.assert_array_equal(fitted.predict(form(X)), dense)
    classes = {"classes": [0, 1, 2]} if kind is MLPClassifier else {}
    fitted = clone(model).set_params(solver="adam").partial_fit(sparse.csr_array(X), y, **classes)
    assert fitted.predict(X).shape == y.shape


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_several_labels_at_once(solver):
    X = np.random.default_rng(0).standard_normal((300, 3))
    labels = np.column_stack([X[:, 0] > 0, X[:, 1] + X[:, 2] > 0, X[:, 0] * 0 + (X[:, 2] > 0.5)]).astype(int)
    model = MLPClassifier((16,), solver=solver, alpha=0.01, max_iter=300, tol=0.01, random_state=0).fit(X, labels)
    probabilities = model.predict_proba(X)
    np.testing.assert_array_equal(model.predict(X), probabilities > 0.5)
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), probabilities, rtol=1e-12)
    assert model.score(X, labels) > 0.9
    assert (model.out_activation_, model.n_outputs_, model.n_layers_) == ("logistic", 3, 3)
    same = clone(model).fit(X, sparse.csr_array(labels))
    np.testing.assert_array_equal(same.predict_proba(X), probabilities)
    more = MLPClassifier(random_state=0).partial_fit(X, labels).partial_fit(X, labels)
    assert more.predict(X).shape == labels.shape
    with pytest.raises(ValueError, match=r"learnt rows of 3 labels, and y has shape \(300, 2\)"):
        more.partial_fit(X, labels[:, :2])
    with pytest.raises(ValueError, match="class_weight is for one class per sample"):
        MLPClassifier(class_weight={0: 1}).fit(X, labels)
    with pytest.raises(ValueError, match="several columns of classes"):
        MLPClassifier().fit(X, labels + labels[:, ::-1])


def test_logarithms_of_probabilities_are_finite_where_these_are_0():
    model = MLPClassifier((), random_state=0, max_iter=1).fit(SAMPLES, TARGETS["two classes"])
    far = 1e5 * SAMPLES
    assert model.predict_proba(far).min() == 0
    assert np.isfinite(model.predict_log_proba(far)).all()


def test_parameters_by_layer():
    model = MLPRegressor((5, 3), max_iter=1, random_state=0).fit(SAMPLES, TARGETS["numbers"])
    assert [W.shape for W in model.coefs_] == [(4, 5), (5, 3), (3, 1)]
    assert [b.shape for b in model.intercepts_] == [(5,), (3,), (1,)]
    assert (model.n_layers_, model.n_outputs_, model.out_activation_) == (4, 1, "identity")
    model.coefs_[2][:] = 0
    model.intercepts_[2][:] = 0
    np.testing.assert_allclose(model.predict(SAMPLES), TARGETS["numbers"].mean())


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


@pytest.mark.parametrize("again", ["partial_fit", "fit"])
def test_training_that_fails_on_its_way_leaves_the_network_as_it_was(again):
    X, y, *_ = data.load("iris")
    classifier = MLPClassifier(random_state=0, max_iter=2, warm_start=True).fit(X, y)
    other = MLPClassifier(random_state=0, max_iter=2, warm_start=True).fit(X, y)
    classifier.learning_rate_init = 1e300
    with pytest.raises(DivergedError), np.errstate(all="ignore"):
        getattr(classifier, again)(X, y)
    classifier.learning_rate_init = other.learning_rate_init
    np.testing.assert_array_equal(classifier.predict_proba(X), other.predict_proba(X))
    for each in (classifier, other):
        each.partial_fit(X, y)
    np.testing.assert_array_equal(classifier.predict_proba(X), other.predict_proba(X))


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_scores_of_the_samples_held_out(kind):
    """One for each epoch, as scikit-learn has them, and the last that of the weights as they then are."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 3))
    y = (X[:, 0] > 0).astype(int) if kind is MLPClassifier else X @ [1.0, 2.0, 0.0]
    model = kind((8,), early_stopping=True, max_iter=6, random_state=0).fit(X, y)
    assert len(model.validation_scores_) == len(model.history_) == 6
    assert model.best_validation_score_ == max(model.validation_scores_) <= 1
    assert model.validation_scores_[-1] > model.validation_scores_[0]
    plain = kind((8,), max_iter=1, random_state=0).fit(X, y)
    assert plain.validation_scores_ is plain.best_validation_score_ is None
    if kind is MLPRegressor:  # the loss held out is half the mean of squares, and R² what that leaves of the variance
        losses = np.array(model.history_.val_loss)
        variance = 2 * losses / (1 - np.array(model.validation_scores_))
        np.testing.assert_allclose(variance, variance[0], rtol=1e-9)


def test_classes_that_are_given_once():
    """They were one class, which no sample has."""
    with pytest.raises(TypeError, match="partial_fit: classes are an array, not what gives its entries once"):
        MLPClassifier().partial_fit([[0.0], [1.0]], [0, 1], classes=iter([0, 1]))
