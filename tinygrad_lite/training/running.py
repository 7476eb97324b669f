"""A training while it runs: its state, and the loops of algorithm 1."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from ..engine.recording import no_grad
from ..engine.tensor import Tensor
from ..nn import MLP, Identity, Module, Sequential, Softmax, cross_entropy, mse_loss
from ..optim import Optimizer, Schedule, clip_grad_norm
from . import data
from .callbacks import Callback
from .history import History
from .locating import DivergedError, first_not_finite


class Objective(NamedTuple):
    """What is minimized: outputs of the model, and their loss against targets, a mean over the samples."""

    name: str
    outputs: Callable[[Any], Any]
    loss: Callable[[Any, Any], Any]


def objective(model: Module, loss: Any) -> Objective:
    """By name, or a function of outputs and targets.

    "cross_entropy" is taken of the scores, before a last softmax; "mse" is the document's, ½ ‖a − y‖² per sample, for
    which class numbers stand for rows with one 1.
    """
    if loss == "cross_entropy":
        if isinstance(model, MLP):
            if not isinstance(model.output, (Identity, Softmax)):
                raise ValueError(f"fit: cross_entropy takes softmax outputs or scores, this output is {model.output!r}")
            return Objective(loss, model.scores, cross_entropy)
        if isinstance(model, Sequential) and len(model) and isinstance(model[-1], Softmax):
            raise ValueError("fit: cross_entropy takes the scores before softmax; leave the last layer out")
        return Objective(loss, model, cross_entropy)
    if loss == "mse":
        return Objective(loss, model, half_squared_error)
    if not callable(loss):
        raise ValueError(f"fit: loss is 'cross_entropy', 'mse' or a function of outputs and targets, not {loss!r}")
    return Objective(getattr(loss, "__qualname__", type(loss).__name__), model, loss)


def half_squared_error(outputs: Any, y: np.ndarray) -> Any:
    """½ ‖a − y‖², a mean over the samples, for rows, numbers and classes. Source: Vege (2018), equation 7."""
    if y.ndim == 1 and outputs.ndim == 2:
        if outputs.shape[1] == 1:
            y = y.reshape(-1, 1)
        elif y.dtype.kind in "iub":
            y = data.one_hot(y, outputs.shape[1], outputs.dtype)
    return mse_loss(outputs, y, convention="half")


@contextmanager
def mode(model: Module, training: bool) -> Iterator[None]:
    """Within the block the model behaves as in training, or as in use; afterwards each of its parts as before."""
    before = [(module, module.training) for module in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for module, was_training in before:
            module.training = was_training


def rehearse(model: Module, goal: Objective, X: np.ndarray, y: np.ndarray) -> None:
    """See that a few samples go through the model and the loss, and that there is an output for every class.

    Nothing is changed by it. Raises what model and loss raise; TypeError and ValueError for what they let pass.
    """
    with mode(model, training=False), no_grad(), np.errstate(all="ignore"):
        outputs = goal.outputs(X[:2])
        loss = goal.loss(outputs, y[:2])
    if not isinstance(loss, Tensor):
        raise TypeError(f"fit: the loss must be computed from the model's outputs, and be a Tensor; got {loss!r}")
    if loss.size != 1:
        raise ValueError(f"fit: the loss must be one number, a mean over the batch; got one of shape {loss.shape}")
    if goal.loss in (cross_entropy, half_squared_error) and y.dtype.kind in "iub" and y.ndim == 1:
        classes = outputs.shape[1] if outputs.ndim == 2 else 1
        if classes > 1 and not 0 <= y.min() <= y.max() < classes:
            raise ValueError(f"fit: labels must lie in 0 … {classes - 1}, got {y.min()} … {y.max()}")


def evaluate(model: Module, goal: Objective, X: Any, y: Any, size: int = 1024) -> tuple[float, float | None]:
    """Mean loss, and accuracy where there are classes, in ``eval`` mode."""
    loss, right, classes = 0.0, 0, False
    with mode(model, training=False), no_grad():
        for x_, y_ in data.batches(X, y, size, shuffle=False):
            outputs = goal.outputs(x_)
            loss += goal.loss(outputs, y_).item() * len(x_)
            count = correct(outputs, y_)
            classes, right = count is not None, right + (count or 0)
    return loss / len(X), right / len(X) if classes else None


def correct(outputs: Any, y: np.ndarray) -> int | None:
    """How many samples got their class right; None where there are no classes."""
    if outputs.ndim != 2 or outputs.shape[1] < 2 or not (y.dtype.kind in "iub" and y.ndim == 1):
        return None
    return int(np.count_nonzero(outputs.data.argmax(axis=1) == y))


def predict(model: Module, X: Any, size: int = 1024) -> np.ndarray:
    """The model's outputs for all samples, computed in ``eval`` mode, in batches, and without recording.

    >>> tl.training.predict(nn.MLP([2, 3], output="softmax", rng=0), np.zeros((4, 2))).shape
    (4, 3)
    """
    X = like_parameters(model, X)
    with mode(model, training=False), no_grad():
        return np.concatenate([np.asarray(model(x).data) for x in data.batches(X, None, size, shuffle=False)])


def like_parameters(model: Module, X: Any) -> np.ndarray:
    """Floating-point samples in the dtype of the model's parameters, so that nothing is computed in a wider one."""
    samples: np.ndarray = np.asarray(X)
    if samples.dtype.kind not in "biuf":
        raise TypeError(f"samples are numbers, not {samples.dtype}")
    first = next(iter(model.parameters()), None)
    if first is not None and samples.dtype.kind == "f":
        samples = samples.astype(first.dtype, copy=False)
    return samples


class Run:
    """A training: what callbacks see, and what a checkpoint holds.

    Attributes
    ----------
    model, optimizer, schedule : being trained, and by what
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
        train: tuple[np.ndarray, np.ndarray],
        validation: tuple[np.ndarray, np.ndarray] | None,
        *,
        epochs: int,
        batch_size: int,
        shuffle: bool,
        update: str,
        patience: int | None,
        clip_norm: float | None,
        rng: np.random.Generator,
        rng_at_start: Any,
        callbacks: Sequence[Callback],
    ) -> None:
        self.model, self.optimizer, self.schedule, self.goal = model, optimizer, schedule, goal
        self.train, self.validation = train, validation
        self.epochs, self.batch_size, self.shuffle, self.update = epochs, batch_size, shuffle, update
        self.patience, self.clip_norm, self.rng, self.callbacks = patience, clip_norm, rng, callbacks
        self.batches = -(-len(train[0]) // batch_size)
        self.epoch = self.batch = 0
        self.rng_at_start: Any = rng_at_start
        self.rng_at_epoch: Any = rng.bit_generator.state
        self.history = History()
        self.stop: str | None = None
        self.best: tuple[float, dict[str, np.ndarray]] | None = None
        self.loss_sum, self.right, self.classes = 0.0, 0, False
        self.seconds_before, self.started, self.samples = 0.0, time.perf_counter(), 0

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
        X, y = self.train
        self.rng_at_epoch = self.rng.bit_generator.state  # which restoring has put back, within an epoch
        every_batch = self.update == "batch"
        for x_, y_ in data.batches(X, y, self.batch_size, self.shuffle, self.rng, first=self.batch):
            self.gradients(x_, y_)
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

    def gradients(self, x: np.ndarray, y: np.ndarray) -> None:
        """Forward and backward; gradients are added to what the parameters hold."""
        outputs = self.goal.outputs(x)
        loss = self.goal.loss(outputs, y)
        value = loss.item()
        if not math.isfinite(value):
            raise self.diverged(value, x, y)
        loss.backward()
        self.loss_sum += value * len(x)
        self.samples += len(x)
        count = correct(outputs, y)
        if count is not None:
            self.classes = True
            self.right += count

    def improve(self, average_over: int = 1) -> None:
        """Update the parameters by their gradients, or their gradients' mean over so many batches."""
        parameters = self.optimizer.parameters
        if average_over > 1:
            for p in parameters:
                if p.grad is not None:
                    p.grad = p.grad / average_over
        if self.clip_norm is not None:
            try:
                clip_grad_norm(parameters, self.clip_norm)
            except ValueError as error:
                raise self.failed(f"{error} {self.place(min(self.batch + 1, self.batches))}") from error
        self.optimizer.step()
        for p in parameters:
            p.grad = None

    def end_epoch(self) -> None:
        """Write the history, keep the best weights, decide whether to stop, set the next learning rate."""
        n = len(self.train[0])
        figures: dict[str, float | None] = {
            "loss": self.loss_sum / n,
            "accuracy": self.right / n if self.classes else None,
            "lr": self.optimizer.param_groups[0]["lr"],
        }
        if self.validation is not None:
            figures["val_loss"], figures["val_accuracy"] = evaluate(self.model, self.goal, *self.validation)
        self.history.add(**figures, seconds=self.seconds)
        self.epoch, self.batch = self.epoch + 1, 0
        self.loss_sum, self.right = 0.0, 0
        self.schedule.step()
        if self.patience is not None:
            self.keep_best(self.patience)
        for callback in self.callbacks:
            callback.on_epoch(self)

    def keep_best(self, patience: int) -> None:
        """Remember the weights if they are the best so far; stop if they have not been for too long."""
        figure = self.history.figures["val_loss" if self.validation is not None else "loss"][-1]
        if self.best is None or figure < self.best[0]:
            self.best = figure, self.model.state_dict()
            self.history.best_epoch = self.epoch - 1
        elif self.epoch - 1 - (self.history.best_epoch or 0) >= patience:
            self.stop = f"no improvement in {patience} epochs"

    def diverged(self, value: float, x: np.ndarray, y: np.ndarray) -> DivergedError:
        """The error for a loss that is not finite."""
        where = first_not_finite(self.model, x, y, lambda x, y: self.goal.loss(self.goal.outputs(x), y))
        return self.failed(
            f"the loss became {value} {self.place(self.batch + 1)}; the first value that is not finite is in {where}"
        )

    def place(self, batch: int) -> str:
        """Where training is, in words."""
        return f"in epoch {self.epoch + 1}, batch {batch} of {self.batches}"

    def failed(self, why: str) -> DivergedError:
        """The error, with what was reached before."""
        error = DivergedError(f"fit: {why}")
        error.history = self.history
        return error
