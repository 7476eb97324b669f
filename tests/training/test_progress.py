"""Progress: in a terminal, a notebook, a log, and where nobody watches."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from tinygrad_lite import nn
from tinygrad_lite.training import fit

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 4))
Y = (X[:, 0] + X[:, 1] ** 2 > 0.7).astype(int)


def network(seed=0, output=None, **options):
    return nn.MLP([4, 8, 2], "tanh", output, rng=seed, dtype=np.float64, **options)


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
