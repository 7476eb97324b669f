"""fit: both readings of algorithm 1, equation 23, early stopping, callbacks, divergence, and what it refuses."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn, optim
from tinygrad_lite.training import Callback, DivergedError, History, accuracy, data, fit, predict

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 4))
Y = (X[:, 0] + X[:, 1] ** 2 > 0.7).astype(int)


def network(seed=0, output=None, **options):
    return nn.MLP([4, 8, 2], "tanh", output, rng=seed, dtype=np.float64, **options)


def quietly(model, x=X, y=Y, **options):
    return fit(model, x, y, **{"progress": False, "rng": 0, "epochs": 3, **options})


def weights(model):
    return np.concatenate([p.data.ravel() for p in model.parameters()])


def gradient(model, x, y):
    model.zero_grad()
    nn.cross_entropy(model.scores(x), y).backward()
    found = [p.grad for p in model.parameters()]
    model.zero_grad()
    return found


class TestAlgorithm1:
    """Beside the algorithm as one would write it."""

    def order(self, rng):
        return rng.permutation(len(X))

    def test_an_update_after_every_mini_batch(self):
        ours, by_hand, rng = network(), network(), np.random.default_rng(0)
        quietly(ours, optimizer=optim.SGD(ours.parameters(), 0.5), batch_size=16)
        for i in range(3):
            rate, order = 0.5 * (1 - i / (1 + 3)), self.order(rng)
            for first in range(0, 60, 16):
                chosen = order[first : first + 16]
                for p, g in zip(by_hand.parameters(), gradient(by_hand, X[chosen], Y[chosen]), strict=True):
                    p.data -= rate * g
        np.testing.assert_allclose(weights(ours), weights(by_hand), rtol=1e-12)

    def test_one_update_by_the_mean_over_all_mini_batches_as_printed(self):
        ours, by_hand, rng = network(), network(), np.random.default_rng(0)
        quietly(ours, optimizer=optim.SGD(ours.parameters(), 0.5), batch_size=16, update="epoch")
        for i in range(3):
            rate, order = 0.5 * (1 - i / (1 + 3)), self.order(rng)
            stretches = [order[first : first + 16] for first in range(0, 60, 16)]
            found = [gradient(by_hand, X[chosen], Y[chosen]) for chosen in stretches]
            for p, *several in zip(by_hand.parameters(), *found, strict=True):
                p.data -= rate * sum(several) / 4
        np.testing.assert_allclose(weights(ours), weights(by_hand), rtol=1e-12)

    def test_as_printed_is_gradient_descent_where_the_batches_are_of_one_size(self):
        ours, other = network(), network()
        quietly(ours, optimizer=optim.SGD(ours.parameters(), 0.5), batch_size=15, update="epoch")
        quietly(other, optimizer=optim.SGD(other.parameters(), 0.5), batch_size=60)
        np.testing.assert_allclose(weights(ours), weights(other), rtol=1e-12)

    def test_equation_23_and_other_schedules(self):
        assert quietly(network(), lr=0.4).lr == pytest.approx([0.4, 0.3, 0.2])
        assert quietly(network(), lr=0.4, schedule=optim.constant()).lr == [0.4] * 3

    def test_an_optimizer_gets_its_rate_back(self):
        model = network()
        optimizer = optim.Adam(model.parameters(), 0.4)
        quietly(model, optimizer=optimizer)
        assert optimizer.param_groups[0]["lr"] == 0.4


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


class TestLosses:
    def test_softmax_outputs_and_scores_are_the_same_to_cross_entropy(self):
        a, b = network(), network(output="softmax")
        assert quietly(a).loss == quietly(b).loss
        np.testing.assert_allclose(predict(b, X).sum(axis=1), 1)

    def test_squared_error_of_classes_and_of_rows(self):
        a, b = network(output="sigmoid"), network(output="sigmoid")
        first, second = quietly(a, loss="mse"), quietly(b, X, data.one_hot(Y, 2))
        assert first.loss == second.loss
        assert first.accuracy
        assert not second.accuracy

    @pytest.mark.parametrize("shape", [(60,), (60, 1)])
    def test_regression(self, shape):
        model = nn.MLP([4, 16, 1], "tanh", rng=0)
        y = np.sin(X[:, 0]).reshape(shape)
        history = quietly(model, X, y, epochs=100)
        assert history.loss[-1] < 0.02 * np.var(y)
        assert not history.accuracy

    def test_the_loss_is_the_mean_over_samples(self):
        model = network()
        history = quietly(model, epochs=1, batch_size=7, optimizer=optim.SGD(model.parameters(), 0.0))
        assert history.loss[0] == pytest.approx(nn.cross_entropy(model.scores(X), Y).item(), rel=1e-12)
        assert history.accuracy[0] == accuracy(predict(model, X), Y)

    @pytest.mark.parametrize(("loss", "output"), [("mse", "sigmoid"), ("mse", "softmax"), ("cross_entropy", "softmax")])
    def test_the_combinations_of_table_1_learn(self, loss, output):
        x, y, *_ = data.load("iris")
        x = data.Standardizer().fit(x)(x)
        model = nn.MLP([4, 8, 3], "tanh", output, rng=0)
        fit(model, x, y, loss=loss, epochs=40, lr=0.03, progress=False, rng=0)
        assert accuracy(predict(model, x), y) > 0.95

    def test_outputs_that_have_no_cross_entropy(self):
        with pytest.raises(ValueError, match="this output is Sigmoid"):
            quietly(network(output="sigmoid"))
        with pytest.raises(ValueError, match="leave the last layer out"):
            quietly(nn.Sequential(nn.Linear(4, 2, rng=0), nn.Softmax()))


class TestValidation:
    def test_a_fraction_is_held_out(self):
        model = network()
        sizes = []
        quietly(
            model, validation=0.25, callbacks=[lambda run: sizes.append([len(run.train[0]), len(run.validation[0])])]
        )
        assert sizes == [[45, 15]] * 3

    def test_figures_are_of_the_model_after_the_epoch_and_without_dropout(self):
        model = nn.Sequential(nn.Linear(4, 8, rng=0), nn.Dropout(0.5, rng=0), nn.Linear(8, 2, rng=1))
        history = quietly(model, validation=(X[:20], Y[:20]), epochs=1)
        outputs = predict(model, X[:20])
        assert history.val_accuracy == [accuracy(outputs, Y[:20])]
        assert history.val_loss == pytest.approx([tl.cross_entropy(outputs, Y[:20]).item()], rel=1e-6)
        assert model.training

    def test_early_stopping_puts_the_best_weights_back(self):
        model, kept = network(), []
        noise = np.random.default_rng(1).integers(0, 2, 20)
        history = quietly(model, validation=(X[:20], noise), lr=0.1, epochs=200, patience=5,
                          callbacks=[lambda run: kept.append(weights(run.model))])  # fmt: skip
        best = int(np.argmin(history.val_loss))
        assert history.best_epoch == best
        assert len(history) == best + 1 + 5 < 200
        assert history.stopped == "no improvement in 5 epochs"
        np.testing.assert_array_equal(weights(model), kept[best])

    def test_the_best_weights_are_put_back_at_the_end_too(self):
        model, kept = network(), []
        history = quietly(model, lr=3.0, epochs=6, patience=50, schedule=optim.constant(),
                          callbacks=[lambda run: kept.append(weights(run.model))])  # fmt: skip
        assert history.stopped is None
        np.testing.assert_array_equal(weights(model), kept[int(np.argmin(history.loss))])

    @pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
    def test_the_best_weights_are_put_back_however_training_ends(self, error):
        kept, at_the_end = [], []

        class Watch(Callback):
            def on_epoch(self, run):
                kept.append(weights(run.model))
                if run.epoch == 6:
                    raise error

            def on_end(self, run):
                at_the_end.append((weights(run.model), int(np.argmin(run.history.loss))))

        model = network()
        with pytest.raises(error):
            quietly(model, lr=3.0, epochs=9, patience=50, schedule=optim.constant(), callbacks=[Watch()])
        ((found, best),) = at_the_end
        assert best != 5
        np.testing.assert_array_equal(found, kept[best])
        np.testing.assert_array_equal(weights(model), kept[best])

    def test_parts_keep_their_mode(self):
        model = nn.Sequential(nn.Linear(4, 4, rng=0), nn.BatchNorm1d(4), nn.Linear(4, 2, rng=0))
        model[1].eval()
        predict(model, X)
        quietly(model, validation=0.2)
        assert [part.training for part in model.modules()] == [True, True, False, True]


class TestCallbacks:
    def test_they_are_called_in_order(self):
        said = []

        class Speaker(Callback):
            def on_begin(self, run):
                said.append("begin")

            def on_batch(self, run):
                said.append(run.batch)

            def on_epoch(self, run):
                said.append(f"epoch {run.epoch}")

            def on_end(self, run):
                said.append("end")

        quietly(network(), epochs=2, batch_size=30, callbacks=[Speaker()])
        assert said == ["begin", 1, 2, "epoch 1", 1, 2, "epoch 2", "end"]

    def test_one_can_stop_after_a_batch(self):
        class Stop(Callback):
            def on_batch(self, run):
                run.stop = "enough"

        history = quietly(network(), callbacks=[Stop()])
        assert (len(history), history.stopped) == (0, "enough")

    def test_training_mode_is_restored_on_errors(self):
        model = network().eval()

        def fail(run):
            raise KeyError("a mistake of the user's")

        with pytest.raises(KeyError):
            quietly(model, callbacks=[fail])
        assert not model.training


def root(outputs, y):
    """A finite loss whose gradient is not."""
    return np.sqrt(outputs.sum() * 0)


class TestDivergence:
    def diverged(self, model, x=X, y=Y, **options):
        with pytest.raises(DivergedError) as caught:
            quietly(model, x, y, **options)
        return caught.value

    def test_in_the_input(self):
        x = X.copy()
        x[7, 2] = np.nan
        error = self.diverged(network(), x, shuffle=False, batch_size=5)
        assert str(error) == (
            "fit: the loss became nan in epoch 1, batch 2 of 12; the first value that is not finite is in the input, "
            "entry [2, 2] of the batch"
        )

    def test_in_the_target(self):
        y = np.where(np.arange(60) == 35, np.nan, 1.0)
        error = self.diverged(nn.MLP([4, 1], rng=0), X, y, shuffle=False)
        assert "batch 2 of 2; the first value that is not finite is in the target, entry [3]" in str(error)

    def test_in_a_layer(self):
        class Log(nn.Module):
            def forward(self, x):
                return np.log(x)

        model = nn.Sequential(nn.Linear(4, 8, rng=0), Log(), nn.Linear(8, 2, rng=0))
        with np.errstate(invalid="ignore"):
            error = self.diverged(model)
        assert "in the output of 1 (Log) of shape (32, 8)" in str(error)
        assert all("forward" not in vars(module) for module in model.modules())

    def test_in_a_parameter(self):
        model = network()

        def spoil(run):
            run.model.layers[1].weight.data[0, 0] = np.inf

        with np.errstate(all="ignore"):
            error = self.diverged(model, callbacks=[spoil])
        assert "epoch 2, batch 1 of 2" in str(error)
        assert "in the parameter layers.1.weight, since the update before" in str(error)
        assert len(error.history) == 1

    def test_in_one_of_several_outputs(self):
        class Two(nn.Module):
            def forward(self, x):
                return x, x * np.inf

        class Whole(nn.Module):
            def __init__(self):
                self.inner, self.two = network(), Two()

            def forward(self, x):
                return self.two(self.inner(x))[1]

        with np.errstate(all="ignore"):
            assert "the first value that is not finite is in the output of two (Two)" in str(self.diverged(Whole()))

    def test_in_the_gradient(self):
        model = network()
        with np.errstate(all="ignore"):
            error = self.diverged(model, clip_norm=1.0, batch_size=60, loss=root)
        assert str(error) == "fit: clip_grad_norm: the gradients' norm is nan in epoch 1, batch 1 of 1"
        assert np.isfinite(weights(model)).all()

    def test_in_the_loss(self):
        error = self.diverged(network(), loss=lambda outputs, y: outputs.sum() * np.inf)
        assert "in the loss itself" in str(error)


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
    ({"epochs": 2.5}, TypeError, "integer"),
    ({"batch_size": 2.5}, TypeError, "integer"),
    ({"checkpoint": "no such folder/x"}, FileNotFoundError, "no such folder for the checkpoint"),
    ({"y": Y[:7]}, ValueError, "same number of samples"),
    ({"y": Y.astype(str)}, TypeError, "targets are numbers"),
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


def test_clipping():
    model = network()
    before = weights(model)
    quietly(model, epochs=1, batch_size=60, optimizer=optim.SGD(model.parameters(), 1.0), clip_norm=1e-3)
    assert np.linalg.norm(weights(model) - before) == pytest.approx(1e-3)


class TestProgress:
    def test_a_log_gets_a_few_plain_lines(self, capsys):
        fit(network(), X, Y, epochs=100, progress=True, rng=0)
        out, err = capsys.readouterr()
        lines = err.splitlines()
        assert not out
        assert len(lines) == 20
        assert lines[-1].startswith("epoch 100/100: loss 0.")
        assert "samples/s" in lines[-1]
        assert "\x1b" not in err
        assert "\r" not in err

    def test_nobody_watches(self, capsys):
        fit(network(), X, Y, epochs=2, rng=0)
        assert capsys.readouterr() == ("", "")

    def test_a_terminal_gets_a_bar(self, monkeypatch, capsys):
        pytest.importorskip("rich")
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        monkeypatch.setenv("TERM", "xterm")
        fit(network(), X, Y, epochs=2, rng=0)
        err = capsys.readouterr().err
        assert "2/2" in err
        assert "samples/s" in err

    def test_a_notebook_gets_one_line_that_changes(self, monkeypatch):
        shown = []

        class Handle:
            def update(self, line, raw):
                shown.append(line["text/plain"])

        class Display:
            @staticmethod
            def display(line, raw, display_id):
                shown.append(line["text/plain"])
                return Handle()

        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=None)))
        monkeypatch.setitem(sys.modules, "IPython.display", Display)
        fit(network(), X, Y, epochs=3, rng=0)
        assert shown[-1].startswith("epoch 3/3 " + "█" * 20 + " loss")

    def test_a_program_that_imports_what_notebooks_use_is_none(self, monkeypatch, capsys):
        monkeypatch.setitem(sys.modules, "ipykernel", object())
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
        fit(network(), X, Y, epochs=2, rng=0, progress=True)
        assert capsys.readouterr().err.startswith("epoch 1/2: loss")


class TestHistory:
    def test_there_and_back(self):
        history = quietly(network(), validation=0.2, patience=1)
        assert History.from_dict(history.to_dict()).to_dict() == history.to_dict()
        assert [len(values) for values in history.figures.values()] == [len(history)] * 6
        assert repr(history).startswith(f"History({len(history)} epochs: loss 0.")

    def test_plot(self, tmp_path):
        pytest.importorskip("matplotlib")
        history = quietly(network(), validation=0.2)
        figure = history.plot(tmp_path / "curves.svg")
        assert (tmp_path / "curves.svg").read_text(encoding="utf-8").lstrip().startswith("<?xml")
        loss, right = figure.axes
        np.testing.assert_array_equal(loss.lines[0].get_ydata(), history.loss)
        np.testing.assert_array_equal(right.lines[1].get_ydata(), history.val_accuracy)
        History().plot()
        assert figure._repr_png_().startswith(b"\x89PNG")  # what a notebook shows

    def test_without_matplotlib(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
        with pytest.raises(ImportError, match=r"tinygrad-lite\[plot\]"):
            History().plot()


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
