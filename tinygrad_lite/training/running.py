"""A training while it runs: its settings and its state, the loops of algorithm 1, and what is done between them."""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Final, NamedTuple
from zlib import crc32

import numpy as np

from ..nn import Module
from ..optim import Optimizer, Schedule, clip_grad_norm
from .compiled_steps import WORTH_IT, CompiledSteps, is_of_this_library, is_small
from .history import History
from .locating import DivergedError, first_not_finite
from .objective import Objective, correct, evaluate, mode, predict, weight_of
from .samples import SparseRows, mini_batches, stretches


class Parts(NamedTuple):
    """Samples to train on, samples to validate with, and the random state before the ones were told from the others.

    Samples are X, y and weights; or what stands for them where they lie on a cluster.
    """

    train: Any
    validation: Any
    rng_at_start: Any


class Settings(NamedTuple):
    """How to train; as :func:`fit` explains them."""

    epochs: int
    batch_size: int
    shuffle: bool
    update: str
    patience: int | None
    clip_norm: float | None
    tol: float = 0.0
    last: str = "keep"
    compile: bool | None = None


# ---------------------------------------------------------------------------------------------------------------------
# Something to do between the batches and epochs of a training


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


MOMENTS: Final = ("on_begin", "on_batch", "on_epoch", "on_end")
"""The methods of a callback that are called."""


class AfterEpoch(Callback):
    """A function as a callback."""

    def __init__(self, function: object) -> None:
        if not callable(function) or isinstance(function, type):
            raise TypeError(f"fit: a callback is a Callback or a function of the run, not {function!r}")
        takes_run(getattr(function, "__qualname__", type(function).__name__), function)
        self.function = function

    def on_epoch(self, run: Run) -> None:
        self.function(run)


def checked_callback(given: Any) -> Callback:
    """A callback, or a function as one, if it can be called as it will be.

    Raises TypeError for one that does not take the run, and for a method that is nearly called as one that is called.
    """
    if not isinstance(given, Callback):
        return AfterEpoch(given)
    kind = type(given).__name__
    for name in MOMENTS:
        takes_run(f"{kind}.{name}", getattr(given, name))
    for name in vars(type(given)).keys() - set(MOMENTS):
        near = get_close_matches(name, MOMENTS, 1, 0.8)
        if near and name.startswith("on_"):
            raise TypeError(
                f"fit: {kind}.{name} would never be called; it is {near[0]} that is, of {', '.join(MOMENTS)}"
            )
    return given


def takes_run(what: str, function: Callable[..., Any]) -> None:
    """Raises TypeError for a function that cannot be called with the run alone."""
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        raise TypeError(f"fit: a callback takes the run, and nothing else; {what} does not") from None
    except ValueError:  # a function that does not tell
        return


# ---------------------------------------------------------------------------------------------------------------------
# The training


class Run:
    """A training: what callbacks see, and what a checkpoint holds.

    Attributes
    ----------
    model, optimizer, schedule : being trained, and by what
    settings : how it is trained
    epoch, epochs : how many are done, of how many
    batch, batches : mini-batches done in this epoch, of how many
    history : the figures of the epochs done
    stop : set it to a reason, and training ends after the batch
    best : where the best weights are kept: the figure they reached and the weights
    """

    def __init__(
        self,
        model: Module,
        optimizer: Optimizer,
        schedule: Schedule,
        goal: Objective,
        data: Parts,
        settings: Settings,
        rng: np.random.Generator,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.model, self.optimizer, self.schedule, self.goal = model, optimizer, schedule, goal
        self.train, self.validation, self.rng_at_start = data
        self.settings, self.rng, self.callbacks = settings, rng, callbacks
        self.places = stretches(self.sizes[0], settings.batch_size, settings.last)
        self.batches = len(self.places)
        self.steps = self.steps_to_compile()
        self.epoch = self.batch = 0
        self.rng_at_epoch: Any = rng.bit_generator.state
        self.history = History()
        self.stop: str | None = None
        self.best: tuple[float, dict[str, np.ndarray]] | None = None
        self.loss_sum, self.right, self.classes = 0.0, 0, False
        self.seconds_before, self.started, self.samples = 0.0, time.perf_counter(), 0

    def steps_to_compile(self) -> CompiledSteps | None:
        """The steps, if they are to be compiled; asked for, or unasked where it pays and nothing speaks against it."""
        compile_, model = self.settings.compile, self.model
        possible = self.settings.update == "batch" and self.settings.clip_norm is None
        many = self.settings.epochs * self.batches >= WORTH_IT
        worth_it = many and is_small(model) and is_of_this_library(model)
        simple = next(model.buffers(), None) is None and next(iter(model.named_generators()), None) is None
        if not possible or compile_ is False or (compile_ is None and not (worth_it and simple)):
            return None
        return CompiledSteps(model, self.goal, self.optimizer, compile_ is True)

    @property
    def epochs(self) -> int:
        """Epochs to do in all."""
        return self.settings.epochs

    # -- the samples: what is otherwise where they lie on a cluster ---------------------------------------------------

    @property
    def sizes(self) -> tuple[int, int | None]:
        """How many samples to train on, and how many to validate with, if there are any."""
        return len(self.train[0]), None if self.validation is None else len(self.validation[0])

    @property
    def weight(self) -> float:
        """Of all samples to train on."""
        X, _, weights = self.train
        return weight_of(X, weights)

    @cached_property
    def checksum(self) -> str:
        """Of the samples to train on: it tells other samples of the same number, as another split gives them."""
        total = 0
        for part in self.train:
            for numbers in part.parts if isinstance(part, SparseRows) else () if part is None else (part,):
                total = crc32(np.ascontiguousarray(numbers).reshape(-1).view(np.uint8).data, total)
        return f"{total:08x}"

    def drawn_batches(self) -> Iterator[tuple[Any, ...]]:
        """What is left of an epoch's mini-batches, in an order that is drawn at its beginning."""
        order = self.rng.permutation(self.sizes[0]) if self.settings.shuffle else None
        return mini_batches(self.train, order, self.places[self.batch :])

    def validated(self) -> tuple[float, float | None]:
        """Mean loss, and accuracy where there are classes, on the samples to validate with."""
        assert self.validation is not None
        return evaluate(self.model, self.goal, *self.validation)

    def held_out(self) -> tuple[np.ndarray, np.ndarray]:
        """The targets to validate with, and the model's outputs; of all samples where none are held out."""
        X, y, _ = self.validation or self.train
        return y, predict(self.model, X)

    # -- the loops ----------------------------------------------------------------------------------------------------

    def go(self) -> History:
        """Train to the end, from wherever it is."""
        self.started = time.perf_counter()
        try:
            with mode(self.model, training=True):
                for callback in self.callbacks:
                    callback.on_begin(self)
                while not self.finished:
                    self.one_epoch()
            self.history.stopped = self.stop
        finally:
            if self.best is not None:
                self.model.load_state_dict(self.best[1])
            for callback in self.callbacks:
                callback.on_end(self)
        return self.history

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.stop is not None or self.epoch >= self.epochs

    @property
    def seconds(self) -> float:
        """Spent so far, also before an interruption."""
        return self.seconds_before + time.perf_counter() - self.started

    @property
    def samples_per_second(self) -> float:
        """Since training began or was resumed."""
        return self.samples / max(1e-9, time.perf_counter() - self.started)

    def one_epoch(self) -> None:
        """The rest of an epoch: every mini-batch once; then validation, and the next learning rate."""
        self.rng_at_epoch = self.rng.bit_generator.state  # which restoring has put back, within an epoch
        every_batch = self.settings.update == "batch"
        for batch in self.drawn_batches():
            if self.steps is not None and self.steps.can(batch[0]):
                self.compiled_step(*batch)
            else:
                self.gradients(*batch)
                if every_batch:
                    self.improve()
            self.batch += 1
            for callback in self.callbacks:
                callback.on_batch(self)
            if self.stop is not None:
                return
        if not every_batch:
            self.improve(self.batches)
        self.end_epoch()

    def compiled_step(self, x: Any, y: Any, weights: Any) -> None:
        """What :meth:`gradients` and :meth:`improve` do, by compiled source."""
        assert self.steps is not None
        generators = [(g, g.bit_generator.state) for _, g in self.model.named_generators()]

        def eager() -> tuple[float, int | None]:
            found = self.differentiated(x, y, weights)
            self.improve()
            return found

        try:
            value, right = self.steps.take(x, y, weights, eager)
        except ValueError:  # before anything was changed: without the source it says where
            for g, state in generators:
                g.bit_generator.state = state
            value, right = eager()
        self.note(value, weight_of(x, weights), len(x), right)

    def gradients(self, x: Any, y: Any, weights: Any) -> None:
        """Forward and backward; gradients are added to what the parameters hold."""
        value, right = self.differentiated(x, y, weights)
        self.note(value, weight_of(x, weights), len(x), right)

    def differentiated(self, x: Any, y: Any, weights: Any) -> tuple[float, int | None]:
        """A mini-batch's loss and right answers after forward and backward; a loss that is not finite is refused."""
        value, right = loss_and_gradients(self.goal, x, y, weights)
        if not math.isfinite(value):
            raise self.divergence(value, whence(self.model, self.goal, x, y, weights))
        return value, right

    def note(self, value: float, weight: float, samples: int, right: int | None) -> None:
        """Add a mini-batch to the epoch's figures."""
        self.loss_sum += value * weight
        self.samples += samples
        if right is not None:
            self.classes = True
            self.right += right

    def improve(self, average_over: int = 1) -> None:
        """Update the parameters by their gradients, or their gradients' mean over so many batches."""
        parameters = self.optimizer.parameters
        if average_over > 1:
            for p in parameters:
                if p.grad is not None:
                    p.grad = p.grad / average_over
        try:
            if self.settings.clip_norm is not None:
                clip_grad_norm(parameters, self.settings.clip_norm)
            self.optimizer.step()
        except ValueError as error:
            raise self.failure(f"{self.place(min(self.batch + 1, self.batches))}: {error}") from error
        for p in parameters:
            p.grad = None

    def end_epoch(self) -> None:
        """Write the history, keep the best weights, decide whether to stop, set the next learning rate."""
        figures: dict[str, float | None] = {
            "loss": self.loss_sum / self.weight,
            "accuracy": self.right / self.sizes[0] if self.classes else None,
            "lr": self.optimizer.param_groups[0]["lr"],
        }
        if self.validation is not None:
            figures["val_loss"], figures["val_accuracy"] = self.validated()
        self.history.add(**figures, seconds=self.seconds)
        self.epoch, self.batch = self.epoch + 1, 0
        self.loss_sum, self.right = 0.0, 0
        self.schedule.step()
        if self.settings.patience is not None:
            self.keep_best(self.settings.patience)
        for callback in self.callbacks:
            callback.on_epoch(self)

    def keep_best(self, patience: int) -> None:
        """Remember the weights if they are the best so far; stop if they have not been for too long."""
        figures = self.history.figures["val_loss" if self.validation is not None else "loss"]
        figure = figures[-1]
        if self.best is None or figure < self.best[0] or math.isnan(self.best[0]):
            self.best = figure, self.model.state_dict()
            self.history.best_epoch = self.epoch - 1
        tol = self.settings.tol
        if epochs_without_improvement(figures, tol) >= patience:
            self.stop = f"no improvement{f' by {tol:g}' if tol else ''} in {patience} epochs"

    def divergence(self, value: float, where: str) -> DivergedError:
        """The error for a loss that is not finite, and where that began."""
        return self.failure(
            f"the loss became {value} {self.place(self.batch + 1)}; the first value that is not finite is in {where}"
        )

    def place(self, batch: int) -> str:
        """Where training is, in words."""
        return f"in epoch {self.epoch + 1}, batch {batch} of {self.batches}"

    def failure(self, why: str) -> DivergedError:
        """The error, with what was reached before."""
        error = DivergedError(f"fit: {why}")
        error.history = self.history
        return error


def loss_and_gradients(goal: Objective, x: Any, y: Any, weights: Any) -> tuple[float, int | None]:
    """A mini-batch's loss, and how many samples got their class right; gradients are added to the parameters'.

    Where the loss is not finite there is no backward pass.
    """
    outputs = goal.outputs(x)
    loss = goal.loss(outputs, y, weights)
    if goal.penalty is not None:
        loss = loss + goal.penalty() / weight_of(x, weights)
    value = loss.item()
    if math.isfinite(value):
        loss.backward()
    return value, correct(goal, outputs, y)


def whence(model: Module, goal: Objective, x: Any, y: Any, weights: Any) -> str:
    """Where a loss that is not finite came from, in words."""
    return first_not_finite(model, x, y, lambda x, y: goal.loss(goal.outputs(x), y, weights))


def epochs_without_improvement(figures: Sequence[float], tol: float) -> int:
    """How many of the last figures are each not below the least before it by more than ``tol``."""
    least = np.fmin.accumulate(figures)
    better = np.flatnonzero(np.asarray(figures[1:]) < least[:-1] - tol)
    return len(figures) - 1 - (int(better[-1]) + 1 if better.size else 0)
