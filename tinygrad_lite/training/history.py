"""What happened in a training, epoch by epoch."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any

FIGURES = ("loss", "accuracy", "val_loss", "val_accuracy", "lr", "seconds")


class History:
    """A list for each figure, with one entry per epoch.

    ::

        loss, accuracy          means over the epoch's batches, each measured before its own update
        val_loss, val_accuracy  on the validation data, after the epoch
        lr                      the learning rate in the epoch
        seconds                 from the beginning of training to the end of the epoch

    Lists of what was not measured are empty: accuracy without classes, validation without data.
    ``stopped`` says why training ended before its last epoch, and ``best_epoch``, from 0, where the weights come from,
    if training was to keep the best.

    >>> history = tl.training.History()
    >>> history.add(loss=0.5, lr=0.1)
    >>> history.to_dict()["loss"]
    [0.5]
    """

    def __init__(self) -> None:
        self.figures: dict[str, list[float]] = {name: [] for name in FIGURES}
        self.stopped: str | None = None
        self.best_epoch: int | None = None

    def add(self, **figures: float | None) -> None:
        """The figures of one more epoch."""
        for name, value in figures.items():
            if value is not None:
                self.figures[name].append(float(value))

    def __getattr__(self, name: str) -> list[float]:
        if name in FIGURES:
            return self.figures[name]
        raise AttributeError(name)

    def __len__(self) -> int:
        """Epochs."""
        return len(self.figures["loss"])

    def to_dict(self) -> dict[str, Any]:
        """Everything as lists, numbers and texts."""
        lists = {name: list(values) for name, values in self.figures.items()}
        return {**lists, "stopped": self.stopped, "best_epoch": self.best_epoch}

    @classmethod
    def from_dict(cls, figures: Mapping[str, Any]) -> History:
        """The reverse of :meth:`to_dict`."""
        history = cls()
        for name in FIGURES:
            history.figures[name] = [float(x) for x in figures[name]]
        history.stopped, history.best_epoch = figures["stopped"], figures["best_epoch"]
        return history

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """A Matplotlib figure of loss and accuracy over the epochs, also written to ``path``, if given, by its suffix.

        Raises ImportError without Matplotlib.
        """
        try:
            figure = blank(1 + bool(self.accuracy))
        except ImportError as error:
            raise ImportError(
                "plotting needs Matplotlib, which is not installed: pip install 'tinygrad-lite[plot]'", name=error.name
            ) from error
        shown = [name for name in ("loss", "accuracy") if self.figures[name]]
        for axes, name in zip(figure.subplots(1, max(1, len(shown)), squeeze=False)[0], shown, strict=False):
            epochs = range(1, len(self) + 1)
            axes.plot(epochs, self.figures[name], label="training")
            if self.figures[f"val_{name}"]:
                axes.plot(epochs, self.figures[f"val_{name}"], label="validation")
            if self.best_epoch is not None:
                axes.axvline(self.best_epoch + 1, color="0.7", linewidth=1, zorder=0)
            axes.set(xlabel="epoch", ylabel=name)
            if name == "loss" and min(self.loss) > 0:
                axes.set_yscale("log")
            axes.legend()
        if path is not None:
            figure.savefig(os.fspath(path))
        return figure

    def __repr__(self) -> str:
        last = ", ".join([f"{name} {values[-1]:.4g}" for name, values in self.figures.items() if values])
        return f"History({len(self)} epochs{': ' + last if last else ''})"


def blank(columns: int) -> Any:
    """An empty Matplotlib figure made without pyplot: no window, nothing to close, and shown by notebooks all the same.

    Raises ImportError without Matplotlib.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Plain

    class Figure(Plain):
        def _repr_png_(self) -> bytes:
            file = io.BytesIO()
            self.savefig(file, format="png")
            return file.getvalue()

    figure = Figure(figsize=(4.5 * columns, 3.2), layout="constrained")
    FigureCanvasAgg(figure)
    return figure
