"""A training while it runs: both readings of algorithm 1, equation 23, early stopping, callbacks."""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn, optim
from tinygrad_lite.training import Callback, accuracy, fit, predict

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


def test_clipping():
    model = network()
    before = weights(model)
    quietly(model, epochs=1, batch_size=60, optimizer=optim.SGD(model.parameters(), 1.0), clip_norm=1e-3)
    assert np.linalg.norm(weights(model) - before) == pytest.approx(1e-3)


def test_a_figure_that_is_no_number_is_not_the_best():
    """The weights of an epoch whose validation loss was NaN were kept, for nothing is less than NaN."""
    model, seen = network(), []

    def loss(outputs, y):
        seen.append(len(y))
        validating = len(y) == 9
        return tl.cross_entropy(outputs, y) * (np.nan if validating and seen.count(9) == 1 else 1.0)

    history = quietly(model, X[:20], Y[:20], loss=loss, validation=(X[20:29], Y[20:29]), epochs=3, patience=3)
    assert np.isnan(history.val_loss[0])
    assert history.best_epoch > 0


def test_a_gradient_that_an_optimizer_refuses_is_located():
    model = network()
    options = {"optimizer": tl.optim.Adam(model.parameters()), "loss": lambda a, y: tl.cross_entropy(a, y) * 1e200}
    with pytest.raises(
        tl.training.DivergedError, match=r"in epoch 1, batch 1 of \d+: Adam: the gradient of parameter 0"
    ):
        quietly(model, **options)
