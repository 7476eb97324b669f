"""Something to do between the batches and epochs of a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .running import Run


class Callback:
    """A subclass defines what it is interested in. ``run.stop = "why"`` ends training after the batch.

    A function of the run serves as a callback too; it is called after each epoch.

    >>> X = np.linspace(-1, 1, 32).reshape(-1, 1)
    >>> def good_enough(run):
    ...     if run.history.loss[-1] < 1e-3:
    ...         run.stop = "good enough"
    >>> line = nn.Linear(1, 1, rng=0)
    >>> history = tl.training.fit(line, X, 2 * X, epochs=500, lr=0.1, callbacks=[good_enough], progress=False)
    >>> history.stopped, len(history) < 500
    ('good enough', True)
    """

    def on_begin(self, run: Run) -> None:
        """Before the first batch."""

    def on_batch(self, run: Run) -> None:
        """After each mini-batch."""

    def on_epoch(self, run: Run) -> None:
        """After each epoch, when its figures are in the history."""

    def on_end(self, run: Run) -> None:
        """At the end, also of a training that failed."""


class AfterEpoch(Callback):
    """A function as a callback."""

    def __init__(self, function: object) -> None:
        if not callable(function) or isinstance(function, type):
            raise TypeError(f"fit: a callback is a Callback or a function of the run, not {function!r}")
        self.function = function

    def on_epoch(self, run: Run) -> None:
        self.function(run)
