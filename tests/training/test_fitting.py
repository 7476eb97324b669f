"""fit: seeds, dtypes, what it leaves alone, and what it refuses."""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn, optim
from tinygrad_lite.training import Callback, accuracy, data, fit, predict
from tinygrad_lite.training.running import epochs_without_improvement

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 4))
Y = (X[:, 0] + X[:, 1] ** 2 > 0.7).astype(int)


def network(seed=0, output=None, **options):
    return nn.MLP([4, 8, 2], "tanh", output, rng=seed, dtype=np.float64, **options)


def quietly(model, x=X, y=Y, **options):
    return fit(model, x, y, **{"progress": False, "rng": 0, "epochs": 3, **options})


def weights(model):
    return np.concatenate([p.data.ravel() for p in model.parameters()])


def test_a_seed_gives_the_same_network_bit_for_bit():
    a, b, c = network(), network(), network()
    for model, seed in ((a, 1), (b, 1), (c, 2)):
        quietly(model, rng=seed)
    assert weights(a).tobytes() == weights(b).tobytes() != weights(c).tobytes()


def test_the_data_are_left_alone_and_computed_with_in_the_models_dtype():
    x, seen = X.copy(), []
    model = nn.MLP([4, 2], rng=0)
    quietly(model, x, loss=lambda outputs, y: (seen.append(outputs.dtype), nn.cross_entropy(outputs, y))[1])
    np.testing.assert_array_equal(x, X)
    assert set(seen) == {np.dtype(np.float32)}


@pytest.mark.parametrize(("options", "error", "said"), [
    ({"epochs": -1}, ValueError, "epochs of 0 or more"),
    ({"batch_size": 0}, ValueError, "batch_size of 1 or more"),
    ({"update": "sample"}, ValueError, "'batch' or 'epoch'"),
    ({"loss": "hinge"}, ValueError, "not 'hinge'"),
    ({"patience": 0}, ValueError, "patience"),
    ({"validation": 1.5}, ValueError, "leaves one part empty"),
    ({"validation": (X, Y[:3])}, ValueError, "validation"),
    ({"validation": (X[:, :3], Y)}, ValueError, "linear"),
    ({"validation": (X, Y + 1)}, ValueError, "labels must lie in 0 … 1, got 1 … 2"),
    ({"y": np.where(np.arange(60) == 50, 2, Y)}, ValueError, "labels must lie in 0 … 1, got 0 … 2"),
    ({"y": np.where(np.arange(60) == 50, -1, Y), "loss": "mse"}, ValueError, "labels must lie in 0 … 1"),
    ({"x": X.astype(str)}, TypeError, "samples are numbers"),
    ({"loss": lambda outputs, y: np.float64(1)}, TypeError, "must be computed from the model's outputs"),
    ({"loss": lambda outputs, y: outputs}, ValueError, r"must be one number, .* got one of shape \(2, 2\)"),
    ({"epochs": 2.5}, TypeError, "fit: epochs is a whole number, not 2.5"),
    ({"batch_size": 2.5}, TypeError, "fit: batch_size is a whole number, not 2.5"),
    ({"patience": "a"}, TypeError, "fit: patience is a whole number, not 'a'"),
    ({"clip_norm": "a"}, TypeError, "fit: clip_norm is a number, not 'a'"),
    ({"validation": "a"}, TypeError, r"fit: validation is a fraction, \(X, y\) or \(X, y, weights\), not str"),
    ({"callbacks": 3}, TypeError, "fit: callbacks are a list of them, not 3"),
    ({"checkpoint": 3}, TypeError, "fit: checkpoint is the path of a file, not 3"),
    ({"checkpoint": "x", "checkpoint_every": "a"}, ValueError, "a number of batches, at least 1, not 'a'"),
    ({"checkpoint": "no such folder/x"}, FileNotFoundError, "no such folder for the checkpoint"),
    ({"y": Y[:7]}, ValueError, "same number of samples"),
    ({"y": Y.astype(str)}, TypeError, r"targets are numbers, .* np.unique\(y, return_inverse=True\), or take MLPClass"),
    ({"y": Y.astype(object)}, TypeError, "targets are numbers, not object; number the classes"),
    ({"y": Y.astype(float)}, ValueError, r"one float64 number per sample, .* 2 outputs; .* y.astype\(int\)"),
    ({"y": Y + 0.5, "loss": "cross_entropy"}, ValueError, "some targets are no whole numbers"),
    ({"y": Y + np.nan, "loss": "cross_entropy"}, ValueError, "some targets are no whole numbers"),
    ({"y": Y, "loss": "binary_cross_entropy"}, ValueError, r"a target for each output, rows of 2, not y of"),
    ({"y": data.one_hot(Y, 2) * 2, "loss": "binary_cross_entropy"}, ValueError, r"from 0 to 1, got 0.0 … 2.0"),
    ({"tol": -1.0}, ValueError, "tol is a difference of losses"),
    ({"tol": "x"}, ValueError, "tol is a difference of losses, 0 or more, not 'x'"),
    ({"alpha": -1.0}, ValueError, "alpha is a finite number of 0 or more, not -1.0"),
    ({"alpha": "x"}, ValueError, "alpha is a finite number of 0 or more, not 'x'"),
    ({"validation": "0.2"}, TypeError, r"validation is a fraction, \(X, y\) or \(X, y, weights\), not str"),
    ({"validation": (X,)}, TypeError, "validation is a fraction"),
    ({"y": Y.reshape(-1, 1)}, ValueError, r"one class number per sample, and y has shape \(60, 1\): y.ravel\(\)"),
    ({"y": np.eye(2, dtype=int)[Y]}, ValueError, r"y has shape \(60, 2\): y.argmax\(axis=1\) of rows with one 1"),
    ({"tol": np.nan}, ValueError, "tol is a difference of losses"),
    ({"sample_weight": -np.ones(60)}, ValueError, "sample_weight needs finite numbers, none below 0"),
    ({"sample_weight": np.ones(3)}, ValueError, "one number for each of 60 samples"),
    ({"validation": (X, Y, np.ones(3))}, ValueError, "fit: validation: sample_weight"),
    ({"sample_weight": np.ones(60), "loss": nn.CrossEntropyLoss()}, TypeError, "targets and weights; .* third"),
    ({"sample_weight": np.ones(60), "loss": nn.GaussianNLLLoss()}, TypeError, "targets and weights; .* third"),
    ({"sample_weight": np.ones(60), "loss": nn.gaussian_nll_loss}, TypeError, "targets and weights; .* third"),
    ({"callbacks": [3]}, TypeError, "a callback is"),
    ({"callbacks": [Callback]}, TypeError, "a callback is"),
    ({"optimizer": "adam"}, TypeError, "not 'adam'"),
    ({"optimizer": optim.SGD(network().parameters())}, ValueError, "none of the model's parameters"),
    ({"checkpoint": "x", "checkpoint_every": 0}, ValueError, "checkpoint_every"),
])  # fmt: skip
def test_what_is_refused(options, error, said):
    model = network()
    before = weights(model)
    with pytest.raises(error, match=said):
        quietly(model, **options)
    np.testing.assert_array_equal(weights(model), before)


class TestTargets:
    """What y can be besides class numbers and numbers."""

    def test_booleans_are_classes(self):
        a, b = network(), network()
        assert quietly(a, X, Y.astype(bool)).loss == quietly(b).loss
        a, b = network(output="sigmoid"), network(output="sigmoid")
        assert quietly(a, X, Y.astype(bool), loss="mse").loss == quietly(b, loss="mse").loss

    def test_whole_numbers_in_floating_point_are_classes_where_a_loss_of_classes_is_asked_for(self):
        a, b = network(), network()
        assert quietly(a, X, Y.astype(np.float32), loss="cross_entropy").loss == quietly(b).loss

    def test_names_as_the_error_says(self):
        names = np.array(["no", "yes"])[Y]
        classes, y = np.unique(names, return_inverse=True)
        model = network()
        quietly(model, X, y, epochs=60, lr=0.1)
        assert np.mean(classes[predict(model, X).argmax(axis=1)] == names) > 0.8

    def test_one_output_has_no_cross_entropy(self):
        with pytest.raises(ValueError, match=r"the model has one; .* loss='binary_cross_entropy' for labels 0 and 1"):
            quietly(nn.MLP([4, 1], rng=0))

    @pytest.mark.parametrize("y", [Y, Y.astype(bool), Y.astype(float), Y.reshape(-1, 1)])
    def test_one_output_for_two_classes(self, y):
        model = nn.MLP([4, 8, 1], "tanh", "sigmoid", rng=0, dtype=np.float64)
        history = quietly(model, X, y, loss="binary_cross_entropy", epochs=60, lr=0.1, validation=(X, y))
        right = (predict(model, X)[:, 0] > 0.5) == Y
        assert history.val_accuracy[-1] == right.mean() > 0.85

    def test_several_labels_at_once(self):
        labels = np.column_stack([Y, X[:, 2] > 0, 1 - Y])
        model = nn.MLP([4, 16, 3], "tanh", rng=0, dtype=np.float64)
        quietly(model, X, labels, loss="binary_cross_entropy", epochs=60, lr=0.05)
        assert ((predict(model, X) > 0) == labels).mean() > 0.95


class TestWeights:
    def weighted_loss(self, model, x, y, w):
        each = nn.cross_entropy(model.scores(x), y, reduction="none").data
        return np.average(each, weights=w)

    def test_a_batchs_loss_is_a_weighted_mean(self):
        model, w = network(), RNG.uniform(0.5, 2, 60)
        history = quietly(model, epochs=1, batch_size=7, sample_weight=w, optimizer=optim.SGD(model.parameters(), 0.0))
        assert history.loss[0] == pytest.approx(self.weighted_loss(model, X, Y, w), rel=1e-12)

    def test_weight_0_is_not_there_and_equal_weights_are_none(self):
        w = (np.arange(60) % 3 > 0).astype(int)
        there = w > 0
        for y, options in (
            (Y, {}),
            (X[:, :2], {"loss": "mse"}),
            (data.one_hot(Y, 2), {"loss": "binary_cross_entropy"}),
        ):
            weighted, removed = network(), network()
            quietly(weighted, X, y, sample_weight=2.5 * w, validation=0.2, **options)
            quietly(removed, X[there], y[there], validation=0.2, **options)
            np.testing.assert_allclose(weights(weighted), weights(removed), rtol=1e-9)

    @pytest.mark.parametrize(("y", "loss"), [
        (Y, "cross_entropy"), (Y, "mse"), (X[:, :2], "mse"), (data.one_hot(Y, 2), "binary_cross_entropy"),
    ])  # fmt: skip
    def test_a_weight_is_a_number_of_times(self, y, loss):
        w = RNG.integers(0, 4, 60)
        weighted, repeated = network(), network()
        a = quietly(weighted, X, y, loss=loss, sample_weight=w, batch_size=300)
        b = quietly(repeated, np.repeat(X, w, axis=0), np.repeat(y, w, axis=0), loss=loss, batch_size=300)
        np.testing.assert_allclose(a.loss, b.loss, rtol=1e-12)
        np.testing.assert_allclose(weights(weighted), weights(repeated), rtol=1e-9)

    def test_a_loss_of_ones_own_takes_them_as_its_third_argument(self):
        def own(outputs, y, w):
            return (w * nn.cross_entropy(outputs, y, reduction="none")).sum() / w.sum()

        a, b, w = network(), network(), RNG.uniform(0.5, 2, 60)
        found = quietly(a, loss=own, sample_weight=w, validation=(X, Y))
        expected = quietly(b, sample_weight=w, validation=(X, Y))
        np.testing.assert_allclose(found.loss, expected.loss, rtol=1e-14)
        np.testing.assert_allclose(found.val_loss, expected.val_loss, rtol=1e-14)

    def test_validation_has_its_own(self):
        model, w = network(), RNG.uniform(0.5, 2, 20)
        history = quietly(model, validation=(X[:20], Y[:20], w))
        assert history.val_loss[-1] == pytest.approx(self.weighted_loss(model, X[:20], Y[:20], w), rel=1e-12)


def test_the_penalty_is_of_weights_alone_and_divided_by_the_batchs_weight():
    w = RNG.uniform(0.5, 2, 60)
    for sample_weight, total in ((None, 60), (w, w.sum())):
        model = network()
        for layer in model.layers:
            layer.bias.data[:] = 5
        options = {"epochs": 1, "batch_size": 60, "sample_weight": sample_weight}
        plain, with_penalty = (
            quietly(model, alpha=alpha, optimizer=optim.SGD(model.parameters(), 0.0), **options).loss[0]
            for alpha in (0, 3)
        )
        squares = sum(np.square(layer.weight.data).sum() for layer in model.layers)
        assert with_penalty - plain == pytest.approx(1.5 * squares / total, rel=1e-10)


class TestSmallestBatch:
    def normalizing(self):
        return nn.Sequential(nn.Linear(4, 8, rng=0), nn.BatchNorm1d(8), nn.Dropout(0.2, rng=1), nn.Linear(8, 2, rng=1))

    def test_one_sample_that_cannot_be_trained_on_is_joined_to_the_batch_before(self):
        model, sizes = self.normalizing(), []
        with pytest.warns(
            UserWarning, match="the last batch, of 1, is joined to the one before .*BatchNorm1d: one value"
        ):
            quietly(model, batch_size=59, epochs=1, callbacks=[lambda run: sizes.append((run.batches, run.samples))])
        assert sizes == [(1, 60)]

    def test_it_is_kept_where_it_can_be(self):
        sizes = []
        quietly(network(), batch_size=59, epochs=1, callbacks=[lambda run: sizes.append((run.batches, run.samples))])
        assert sizes == [(2, 60)]

    @pytest.mark.parametrize(("n", "size"), [(60, 1), (1, 32)])
    def test_where_no_batch_can_be_trained_on_nothing_is_changed(self, n, size):
        model = self.normalizing()
        before, drawn = model.state_dict(), model[2].rng.bit_generator.state
        with pytest.raises(ValueError, match="BatchNorm1d: one value per feature"):
            quietly(model, X[:n], Y[:n], batch_size=size)
        for name, x in model.state_dict().items():
            np.testing.assert_array_equal(x, before[name])
        assert model[2].rng.bit_generator.state == drawn

    def test_trying_leaves_no_trace(self):
        class Counting(nn.Module):
            def __init__(self):
                self.linear, self.calls, self.mean = nn.Linear(4, 2, rng=0), 0, np.zeros(4)

            def forward(self, x):
                self.calls += self.training
                self.mean = self.mean + x.mean(axis=0)
                return self.linear(x)

        model = Counting()
        quietly(model, epochs=1, batch_size=16)
        assert model.calls == 4
        again = nn.Sequential(nn.Linear(4, 2, rng=0), nn.BatchNorm1d(2, momentum=None))
        quietly(again, epochs=1, batch_size=16)
        assert again[1].num_batches_tracked == 4


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda X: X.astype(">f8")])
def test_samples_are_laid_out_once(layout):
    """As rows one after the other, in the parameters' dtype, which is what every batch is taken of."""
    seen = []
    a, b = network(), network()
    quietly(a, layout(X), callbacks=[lambda run: seen.append(run.train[0])])
    assert all(x is seen[0] for x in seen)
    assert seen[0].flags.c_contiguous
    assert seen[0].dtype == np.float64
    assert seen[0].dtype.isnative
    quietly(b)
    assert weights(a).tobytes() == weights(b).tobytes()


def test_sparse_samples():
    sparse = pytest.importorskip("scipy.sparse")
    x = np.where(X > 0.3, X, 0)
    a, b = network(), network()
    quietly(a, sparse.csc_array(x), validation=0.2, sample_weight=np.arange(60) % 3)
    quietly(b, x, validation=0.2, sample_weight=np.arange(60) % 3)
    assert weights(a).tobytes() == weights(b).tobytes()
    np.testing.assert_array_equal(predict(a, sparse.csr_matrix(x)), predict(b, x))


def test_a_rare_class_is_held_out_too():
    y = np.repeat([0, 1], [54, 6])
    counts = []
    for seed in range(20):
        quietly(network(), X, y, epochs=1, rng=seed, validation=0.2,
                callbacks=[lambda run: counts.append(np.bincount(run.validation[1]).tolist())])  # fmt: skip
    assert counts == [[11, 1]] * 20


def test_improvements_that_are_too_small_do_not_count():
    history = quietly(network(), epochs=50, patience=2, tol=1e9)
    assert (len(history), history.stopped) == (3, "no improvement by 1e+09 in 2 epochs")
    figures = [1.0, 0.95, 0.91, 0.88, 0.8, 0.79]
    assert [epochs_without_improvement(figures[:k], 0.1) for k in range(1, 7)] == [0, 1, 2, 3, 4, 5]
    assert [epochs_without_improvement(figures[:k], 0.04) for k in range(1, 7)] == [0, 0, 1, 2, 0, 1]
    assert epochs_without_improvement([np.nan, 1.0, 2.0], 0.0) == 2


def test_a_function_is_no_model():
    with pytest.raises(TypeError, match="fit: model is a Module"):
        quietly(lambda x: x)


def test_an_optimizer_has_its_own_rate():
    model = network()
    with pytest.raises(ValueError, match="one of the two"):
        quietly(model, optimizer=optim.SGD(model.parameters()), lr=0.1)


def test_no_epochs():
    assert len(quietly(network(), epochs=0)) == 0


def test_frozen_parameters_stay():
    model = network()
    model.layers[0].weight.requires_grad = False
    before = model.layers[0].weight.data.copy()
    quietly(model)
    np.testing.assert_array_equal(model.layers[0].weight.data, before)


def test_digits_with_the_defaults():
    """A 64-64-10 network reaches 98 % on handwritten digits it has not seen."""
    pytest.importorskip("sklearn")
    images, labels, *_ = data.load("digits", np.float32)
    x, x_test, y, y_test = data.train_test_split(images, labels, rng=0, stratify=labels)
    reached = []
    for seed in range(3):
        model = nn.MLP([64, 64, 10], "relu", init="he", rng=seed)
        fit(model, x, y, progress=False, rng=seed)
        reached.append(accuracy(predict(model, x_test), y_test))
    assert sorted(reached)[1] >= 0.98


class TestBeforeTraining:
    """What can be known to fail is said before a weight is changed."""

    @pytest.mark.parametrize(("options", "error", "said"), [
        ({"callbacks": [lambda: None]}, TypeError, "a callback takes the run, and nothing else; .*lambda> does not"),
        ({"callbacks": [lambda run, more: None]}, TypeError, "a callback takes the run, and nothing else"),
        ({"checkpoint_every": 3}, ValueError, "give checkpoint, its path, too"),
        ({"tol": 0.1}, ValueError, "tol=0.1 says what counts as better for patience; give patience, too"),
        ({"clip_norm": 0}, ValueError, "clip_norm is a norm above 0, not 0"),
        ({"clip_norm": -1.0}, ValueError, "clip_norm is a norm above 0"),
        ({"clip_norm": float("nan")}, ValueError, "clip_norm is a norm above 0"),
        ({"shuffle": "no"}, TypeError, "shuffle is True or False, not 'no'"),
        ({"progress": "no"}, TypeError, "progress is True, False or None, not 'no'"),
        ({"patience": True}, TypeError, "patience is a whole number, not True"),
        ({"loss": lambda outputs, y: tl.cross_entropy(outputs.detach(), y)}, ValueError, "does not depend on a param"),
        ({"sample_weight": (1.0 for _ in Y)}, TypeError, "sample_weight is an array, not what gives its entries once"),
        ({"validation": (X[:, :3], Y)}, ValueError, "linear: takes x of shape"),
        ({"validation": (X, np.r_[Y[:-1], 99])}, ValueError, "labels must lie in"),
    ])  # fmt: skip
    def test_settings(self, options, error, said):
        model = network()
        before = model.state_dict()
        with pytest.raises(error, match=said):
            quietly(model, **{"epochs": 2, "progress": False} | options)
        for name, x in model.state_dict().items():
            np.testing.assert_array_equal(x, before[name])

    @pytest.mark.parametrize(("samples", "said"), [
        ((zip(*X.T, strict=True), Y), "samples are arrays, not what gives its entries once, as zip does"),
        ((X, map(int, Y)), "targets are an array, not what gives its entries once, as map does"),
    ])  # fmt: skip
    def test_samples(self, samples, said):
        with pytest.raises(TypeError, match=said):
            quietly(network(), *samples)

    def test_methods_of_callbacks(self):
        class Short(Callback):
            def on_epoch(self):
                pass

        class Misspelt(Callback):
            def on_epochs(self, run):
                pass

        class Own(Callback):
            def on_the_way(self, run, more):
                pass

        with pytest.raises(TypeError, match=r"Short\.on_epoch does not"):
            quietly(network(), callbacks=[Short()])
        with pytest.raises(TypeError, match=r"Misspelt\.on_epochs would never be called; it is on_epoch that is"):
            quietly(network(), callbacks=[Misspelt()])
        quietly(network(), epochs=0, callbacks=[Own(), max])  # which does not tell what it takes

    def test_the_checkpoints_folder(self, tmp_path, monkeypatch):
        with pytest.raises(IsADirectoryError, match="a checkpoint is a file, and this is a folder"):
            quietly(network(), checkpoint=tmp_path)
        monkeypatch.setattr("os.access", lambda path, mode: False)
        with pytest.raises(PermissionError, match="the checkpoint's folder cannot be written to"):
            quietly(network(), checkpoint=tmp_path / "run")
