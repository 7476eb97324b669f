"""History: there and back, and its figure."""

import sys

import numpy as np
import pytest

from tinygrad_lite import nn
from tinygrad_lite.training import History, fit

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 4))
Y = (X[:, 0] + X[:, 1] ** 2 > 0.7).astype(int)


def network(seed=0, output=None, **options):
    return nn.MLP([4, 8, 2], "tanh", output, rng=seed, dtype=np.float64, **options)


def quietly(model, x=X, y=Y, **options):
    return fit(model, x, y, **{"progress": False, "rng": 0, "epochs": 3, **options})


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
