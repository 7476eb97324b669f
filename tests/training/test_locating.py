"""Where a loss that is not a number came from."""

import numpy as np
import pytest

from tinygrad_lite import nn
from tinygrad_lite.training import DivergedError, fit

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 4))
Y = (X[:, 0] + X[:, 1] ** 2 > 0.7).astype(int)


def network(seed=0, output=None, **options):
    return nn.MLP([4, 8, 2], "tanh", output, rng=seed, dtype=np.float64, **options)


def quietly(model, x=X, y=Y, **options):
    return fit(model, x, y, **{"progress": False, "rng": 0, "epochs": 3, **options})


def weights(model):
    return np.concatenate([p.data.ravel() for p in model.parameters()])


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
        assert str(error).startswith("fit: in epoch 1, batch 1 of 1: clip_grad_norm: the gradient of parameter 0, of ")
        assert np.isfinite(weights(model)).all()

    def test_in_the_loss(self):
        error = self.diverged(network(), loss=lambda outputs, y: outputs.sum() * np.inf)
        assert "in the loss itself" in str(error)
