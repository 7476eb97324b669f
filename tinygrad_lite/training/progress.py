"""A progress bar where there is somebody to watch, in a terminal or a notebook; a few plain lines in a log."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import Any, Final

from .running import Callback, Run

LINES: Final = 20
"""How many lines a log gets at most."""

INTERVAL: Final = 0.1
"""Seconds between two changes of what somebody watches."""


def progress(shown: bool | None) -> Callback:
    """What shows progress here, on the standard error stream: None decides by whether somebody watches."""
    if shown is False:
        return Callback()
    if in_notebook():
        return Notebook()
    if sys.stderr is not None and sys.stderr.isatty():
        try:
            return Bar()
        except ImportError:
            return Log()
    return Log() if shown else Callback()


def in_notebook() -> bool:
    """Whether this runs in a cell; programs that merely import IPython or its kernel are no notebooks."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def described_epoch(run: Run) -> str:
    """An epoch's figures on one line."""
    last = run.history.figures
    shown = [f"{name} {last[name][-1]:.4f}" for name in ("loss", "accuracy", "val_loss", "val_accuracy") if last[name]]
    return ", ".join([*shown, f"{run.samples_per_second:,.0f} samples/s"])


class Log(Callback):
    """A line after an epoch, after some of them where they are many."""

    def on_epoch(self, run: Run) -> None:
        if run.epoch % max(1, -(-run.epochs // LINES)) == 0 or run.finished:
            print(f"epoch {run.epoch}/{run.epochs}: {described_epoch(run)}", file=sys.stderr, flush=True)  # noqa: T201


class Watched(Callback):
    """Shows where training is, but not more often than anybody can see."""

    next: float = 0.0

    def on_batch(self, run: Run) -> None:
        now = time.perf_counter()
        if now >= self.next:
            self.next = now + INTERVAL
            self.show(run)

    def on_epoch(self, run: Run) -> None:
        self.show(run)

    def show(self, run: Run) -> None:
        """Show it."""


class Bar(Watched):
    """A bar in a terminal, drawn by Rich."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.bar = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self.task: Any = None

    def on_begin(self, run: Run) -> None:
        done = run.epoch * run.batches + run.batch
        self.task = self.bar.add_task("", total=run.epochs * run.batches, completed=done, epoch="", figures="")
        self.bar.start()

    def show(self, run: Run) -> None:
        figures = described_epoch(run) if len(run.history) else f"{run.samples_per_second:,.0f} samples/s"
        done = run.epoch * run.batches + run.batch
        self.bar.update(self.task, completed=done, epoch=f"{run.epoch}/{run.epochs}", figures=figures)

    def on_end(self, run: Run) -> None:  # noqa: ARG002
        self.bar.stop()


class Notebook(Watched):
    """One line below the cell, that changes; stored notebooks keep the last."""

    def __init__(self) -> None:
        self.handle: Any = None

    def show(self, run: Run) -> None:
        display = import_module("IPython.display").display

        total = run.epochs * run.batches
        done = (20 * (run.epoch * run.batches + run.batch)) // max(1, total)
        figures = described_epoch(run) if len(run.history) else ""
        line = {"text/plain": f"epoch {run.epoch}/{run.epochs} {'█' * done}{'·' * (20 - done)} {figures}"}
        if self.handle is None:
            self.handle = display(line, raw=True, display_id=True)
        else:
            self.handle.update(line, raw=True)
