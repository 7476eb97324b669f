"""fit: one call that trains."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from numbers import Real
from operator import index
from pathlib import Path
from typing import Any

import numpy as np

from ..nn import Module
from ..optim import Adam, Optimizer, Schedule, linear_decay
from ..optim.schedules import Factor
from . import data
from .checkpoints import Checkpoint, read_if_there, restore
from .history import History
from .objective import like_parameters, objective, rehearse
from .progress import progress as shown_progress
from .running import AfterEpoch, Callback, Parts, Run, Settings

UPDATES = ("batch", "epoch")


def fit(
    model: Module,
    X: Any,
    y: Any,
    *,
    epochs: int = 30,
    batch_size: int = 32,
    loss: str | Callable[[Any, Any], Any] | None = None,
    optimizer: Optimizer | None = None,
    lr: float | None = None,
    schedule: Factor | None = None,
    update: str = "batch",
    shuffle: bool = True,
    validation: float | tuple[Any, Any] | None = None,
    patience: int | None = None,
    clip_norm: float | None = None,
    callbacks: Iterable[Callback | Callable[[Run], Any]] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int | None = None,
    progress: bool | None = None,
    rng: Any = None,
) -> History:
    """Train a model on samples X and targets y by mini-batches; the model is changed in place.

    Parameters
    ----------
    X, y : one entry per sample along the first axis; y: class numbers, rows of targets, or numbers
    loss : "cross_entropy", the default where y holds whole numbers; "mse", ½ ‖a − y‖² per sample, the default
        elsewhere; or a function of the model's outputs and y that gives a mean over the batch
    optimizer : of the model's parameters; by default Adam with ``lr``, or 0.01
    schedule : a function from :mod:`tinygrad_lite.optim` that gives the learning rate's factor by the epochs done; by
        default equation 23, ``linear_decay(epochs)``
    update : "batch" updates the parameters after every mini-batch. "epoch" is algorithm 1 as it is printed: the mean of
        all mini-batches' gradients, and one update
    validation : a fraction to hold out at random, or a pair (X, y)
    patience : stop when the loss (of validation, if there is any) has not fallen below its least for so many epochs;
        the weights of the best epoch are put back, however training ends
    clip_norm : the largest norm of the gradients, which are scaled down to it
    callbacks : Callbacks, or functions of the run that are called after each epoch
    checkpoint : a file that is written after each epoch, and after every ``checkpoint_every`` batches; if it exists,
        training goes on from it, bit for bit as if it had not stopped: give the same arguments as at first
    progress : True, False, or None for a bar if somebody watches
    rng : a seed or a Generator, for shuffling and splitting

    Returns
    -------
    History : loss, accuracy and the rest, epoch by epoch

    Raises DivergedError, with the place where it began, if the loss is not finite; ValueError and TypeError for
    arguments that do not fit, before anything is changed: a few samples are tried first.

    Source: H. M. M. Vege (2018), algorithm 1 and equation 23.

    >>> X, y, *_ = tl.data.load("iris")
    >>> X = tl.data.Standardizer().fit(X)(X)
    >>> net = nn.MLP([4, 16, 3], "relu", rng=0)
    >>> history = tl.training.fit(net, X, y, epochs=40, progress=False, rng=0)
    >>> history.accuracy[-1] > 0.95
    True
    """
    settings = checked_settings(epochs, batch_size, shuffle, update, patience, clip_norm)
    optimizer = optimizer_of(model, optimizer, lr)
    X, y = like_parameters(model, X), as_targets(model, y)
    data.sample_count("fit", X, y)
    goal = objective(model, usual_loss(y) if loss is None else loss)
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"fit: callbacks are a list of them, not {callbacks!r}")
    watching = [each if isinstance(each, Callback) else AfterEpoch(each) for each in callbacks]
    rng = np.random.default_rng(rng)
    saved = None
    if checkpoint is not None:
        watching.append(Checkpoint(checkpoint, checkpoint_every))
        saved = read_if_there(Path(checkpoint), rng)
    parts = divide_samples(model, X, y, validation, rng)
    for samples in (parts.train, parts.validation):
        if samples is not None:
            rehearse(model, goal, *samples)
    optimizer.zero_grad()
    rates = Schedule(optimizer, linear_decay(settings.epochs) if schedule is None else schedule)
    run = Run(model, optimizer, rates, goal, parts, settings, rng, [shown_progress(progress), *watching])
    try:
        if saved is not None:
            restore(run, saved)
        return run.go()
    finally:
        rates.give_back()


def checked_settings(
    epochs: int, batch_size: int, shuffle: bool, update: str, patience: int | None, clip_norm: float | None
) -> Settings:
    """The settings, if they make sense. Raises TypeError and ValueError."""
    epochs, batch_size = whole_number("epochs", epochs), whole_number("batch_size", batch_size)
    if epochs < 0 or batch_size < 1:
        raise ValueError(f"fit: needs epochs of 0 or more and a batch_size of 1 or more, got {epochs} and {batch_size}")
    if update not in UPDATES:
        raise ValueError(f"fit: update is 'batch' or 'epoch', not {update!r}")
    if clip_norm is not None and not isinstance(clip_norm, Real):
        raise TypeError(f"fit: clip_norm is a number, not {clip_norm!r}")
    if patience is not None and whole_number("patience", patience) < 1:
        raise ValueError(f"fit: patience is a number of epochs, at least 1, not {patience}")
    return Settings(epochs, batch_size, shuffle, update, patience, clip_norm)


def whole_number(name: str, given: Any) -> int:
    """A setting, if it is a whole number. Raises TypeError, for fractions too."""
    try:
        return index(given)
    except TypeError:
        raise TypeError(f"fit: {name} is a whole number, not {given!r}") from None


def optimizer_of(model: Module, optimizer: Optimizer | None, lr: float | None) -> Optimizer:
    """The optimizer given, if it is one of the model's parameters; by default Adam."""
    if optimizer is not None and lr is not None:
        raise ValueError("fit: an optimizer has its own lr; give one of the two")
    if not isinstance(model, Module):
        raise TypeError(f"fit: model is a Module, not {model!r}")
    if optimizer is None:
        return Adam([p for p in model.parameters() if p.requires_grad], lr=Adam.first_lr if lr is None else lr)
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"fit: optimizer is an Optimizer of the model's parameters, not {optimizer!r}")
    if not {*map(id, optimizer.parameters)} & {*map(id, model.parameters())}:
        raise ValueError("fit: the optimizer has none of the model's parameters")
    return optimizer


def usual_loss(y: np.ndarray) -> str:
    """The loss for targets of this kind: whole numbers are classes."""
    return "cross_entropy" if y.dtype.kind in "iub" else "mse"


def as_targets(model: Module, y: Any) -> np.ndarray:
    """Class numbers as they are, other numbers in the parameters' dtype."""
    y = np.asarray(y)
    if y.dtype.kind not in "biuf":
        raise TypeError(f"fit: targets are numbers, not {y.dtype}; classes are numbered 0 … K−1")
    return like_parameters(model, y)


def divide_samples(model: Module, X: np.ndarray, y: np.ndarray, validation: Any, rng: np.random.Generator) -> Parts:
    """Samples to train on, and samples to validate with."""
    before = rng.bit_generator.state
    if validation is None:
        return Parts((X, y), None, before)
    if isinstance(validation, Real):
        x_, v, y_, w = data.train_test_split(X, y, test_size=float(validation), rng=rng)
        return Parts((x_, y_), (v, w), before)
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise TypeError(f"fit: validation is a fraction, or a pair (X, y), not {type(validation).__name__}")
    v, w = validation
    v, w = like_parameters(model, v), as_targets(model, w)
    data.sample_count("fit: validation", v, w)
    return Parts((X, y), (v, w), before)
