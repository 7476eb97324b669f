"""fit: one call that trains."""

from __future__ import annotations

import os
import warnings
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
from .objective import last_batch, like_parameters, objective, rehearse
from .progress import progress as shown_progress
from .running import Callback, Parts, Run, Samples, Settings, checked_callback
from .samples import checked_weights, no_iterator, part_of, sample_count

UPDATES = ("batch", "epoch")


def fit(
    model: Module,
    X: Any,
    y: Any,
    *,
    sample_weight: Any = None,
    epochs: int = 30,
    batch_size: int = 32,
    loss: str | Callable[[Any, Any], Any] | None = None,
    alpha: float = 0.0,
    optimizer: Optimizer | None = None,
    lr: float | None = None,
    schedule: Factor | None = None,
    update: str = "batch",
    shuffle: bool = True,
    validation: float | tuple[Any, ...] | None = None,
    patience: int | None = None,
    tol: float = 0.0,
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
    X, y : one entry per sample along the first axis. X: an array, which is copied once if its rows do not lie one after
        the other, as those of DataFrames; or a SciPy sparse matrix, of which each batch is made dense. y: class
        numbers, booleans, rows of targets, or numbers. Names of classes are numbered first:
        ``classes, y = np.unique(names, return_inverse=True)``, and ``classes[predicted]`` are names again
    sample_weight : a number of 0 or more for each sample: a batch's loss is Σ wᵢ lᵢ / Σ wᵢ, and those of weight 0 are
        left out altogether; a loss function then takes the weights as its third argument
    loss : "cross_entropy", the default where y holds whole numbers or booleans; "mse", ½ ‖a − y‖² per sample, the
        default elsewhere; "binary_cross_entropy" of scores beside one label or several, 0 or 1 each, a sum over the
        labels; or a function of the model's outputs and y that gives a mean over the batch
    alpha : adds the penalty ½ alpha Σ ‖W‖² / n to the loss of a batch of n samples, or of weight n, over parameters of
        two axes or more, which biases are not; as in scikit-learn
    optimizer : of the model's parameters; by default Adam with ``lr``, or 0.01
    schedule : a function from :mod:`tinygrad_lite.optim` that gives the learning rate's factor by the epochs done; by
        default equation 23, ``linear_decay(epochs)``
    update : "batch" updates the parameters after every mini-batch. "epoch" is algorithm 1 as it is printed: the mean of
        all mini-batches' gradients, and one update
    validation : a fraction to hold out at random, of each class its share; or (X, y), or (X, y, weights)
    patience : stop when the loss (of validation, if there is any) has not fallen below its least, by more than ``tol``,
        for so many epochs; the weights of the best epoch are put back, however training ends
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
    arguments that do not fit, before anything is changed: a few samples are tried first, and the smallest batch to
    come; callbacks' signatures are looked at, and the checkpoint's folder. A last batch that the model cannot be
    trained on, as of one sample with batch normalization, is joined to the one before it, with a warning.

    Source: H. M. M. Vege (2018), algorithm 1 and equation 23.

    >>> X, y, *_ = tl.data.load("iris")
    >>> X = tl.data.Standardizer().fit(X)(X)
    >>> net = nn.MLP([4, 16, 3], "relu", rng=0)
    >>> history = tl.training.fit(net, X, y, epochs=40, progress=False, rng=0)
    >>> history.accuracy[-1] > 0.95
    True
    """
    settings = checked_settings(epochs, batch_size, shuffle, update, patience, clip_norm, tol)
    if progress not in (True, False, None):
        raise TypeError(f"fit: progress is True, False or None, not {progress!r}")
    if checkpoint_every is not None and checkpoint is None:
        raise ValueError("fit: checkpoint_every says how often a checkpoint is written; give checkpoint, its path, too")
    optimizer = optimizer_of(model, optimizer, lr)
    samples = weighted_samples("fit", model, X, y, sample_weight, loss)
    goal = objective(model, usual_loss(samples[1]) if loss is None else loss, samples[2] is not None)
    goal = goal.penalized(alpha, model)
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"fit: callbacks are a list of them, not {callbacks!r}")
    watching = [checked_callback(each) for each in callbacks]
    rng = np.random.default_rng(rng)
    saved = None
    if checkpoint is not None:
        watching.append(Checkpoint(checkpoint, checkpoint_every))
        saved = read_if_there(Path(checkpoint), rng)
    classes = rehearse(model, goal, *samples)
    parts = divide_samples(model, samples, validation, rng, classes, loss)
    if parts.validation is not None:
        rehearse(model, goal, *parts.validation)
    last, refused = last_batch(model, goal, parts.train, settings.batch_size)
    if refused is not None:
        warnings.warn(
            f"fit: the last batch, of {len(parts.train[0]) % settings.batch_size}, is joined to the one before it, for "
            f"the model cannot be trained on so few ({refused})",
            stacklevel=2,
        )
    settings = settings._replace(last=last)
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
    epochs: int, batch_size: int, shuffle: bool, update: str, patience: int | None, clip_norm: float | None, tol: float
) -> Settings:
    """The settings, if they make sense. Raises TypeError and ValueError."""
    epochs, batch_size = whole_number("epochs", epochs), whole_number("batch_size", batch_size)
    if epochs < 0 or batch_size < 1:
        raise ValueError(f"fit: needs epochs of 0 or more and a batch_size of 1 or more, got {epochs} and {batch_size}")
    if update not in UPDATES:
        raise ValueError(f"fit: update is 'batch' or 'epoch', not {update!r}")
    if not isinstance(shuffle, (bool, np.bool_)):
        raise TypeError(f"fit: shuffle is True or False, not {shuffle!r}")
    if clip_norm is not None and not isinstance(clip_norm, Real):
        raise TypeError(f"fit: clip_norm is a number, not {clip_norm!r}")
    if clip_norm is not None and not clip_norm > 0:
        raise ValueError(f"fit: clip_norm is a norm above 0, not {clip_norm!r}, which leaves nothing of the gradients")
    if patience is not None and whole_number("patience", patience) < 1:
        raise ValueError(f"fit: patience is a number of epochs, at least 1, not {patience}")
    if not isinstance(tol, Real) or not tol >= 0:
        raise ValueError(f"fit: tol is a difference of losses, 0 or more, not {tol!r}")
    if tol and patience is None:
        raise ValueError(f"fit: tol={tol:g} says what counts as better for patience; give patience, too")
    return Settings(epochs, batch_size, shuffle, update, patience, clip_norm, tol)


def whole_number(name: str, given: Any) -> int:
    """A setting, if it is a whole number. Raises TypeError, for fractions too."""
    try:
        if isinstance(given, (bool, np.bool_)):
            raise TypeError
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


def as_targets(model: Module, y: Any, loss: Any = None) -> np.ndarray:
    """Class numbers and booleans as whole numbers, other numbers in the parameters' dtype."""
    no_iterator("fit: targets are an array", y)
    targets = np.asarray(y)
    if targets.dtype.kind not in "biuf":
        raise TypeError(
            f"fit: targets are numbers, not {targets.dtype}; number the classes with "
            "classes, y = np.unique(y, return_inverse=True), or take MLPClassifier, which does"
        )
    if targets.dtype.kind == "b":
        return targets.astype(np.intp)
    if loss == "cross_entropy" and targets.ndim == 1 and targets.dtype.kind == "f":
        if not np.isfinite(targets).all() or (targets % 1).any():
            raise ValueError("fit: cross_entropy takes class numbers 0 … K−1, and some targets are no whole numbers")
        return targets.astype(np.intp)
    found: np.ndarray = like_parameters(model, targets)
    return found


def weighted_samples(what: str, model: Module, X: Any, y: Any, weights: Any, loss: Any) -> Samples:
    """Samples as they are computed with: rows one after the other, in the parameters' dtype, none of weight 0."""
    X, y = like_parameters(model, X, order="C"), as_targets(model, y, loss)
    n = sample_count(what, X, y)
    if weights is None:
        return X, y, None
    w = checked_weights(what, weights, n)
    w = w.astype(next((p.dtype for p in model.parameters()), np.float64))
    if w.all():
        return X, y, w
    there = np.flatnonzero(w)
    return part_of(X, there), y[there], w[there]


def divide_samples(
    model: Module, samples: Samples, validation: Any, rng: np.random.Generator, classes: bool, loss: Any
) -> Parts:
    """Samples to train on, and samples to validate with."""
    before = rng.bit_generator.state
    if validation is None:
        return Parts(samples, None, before)
    X, y, w = samples
    if isinstance(validation, Real):
        numbers = data.train_test_split(
            np.arange(len(y)), test_size=float(validation), rng=rng, stratify=y if classes else None
        )
        train, held_out = ((part_of(X, k), y[k], None if w is None else w[k]) for k in numbers)
        return Parts(train, held_out, before)
    if not isinstance(validation, (tuple, list)) or len(validation) not in (2, 3):
        raise TypeError(f"fit: validation is a fraction, (X, y) or (X, y, weights), not {type(validation).__name__}")
    v, t, *rest = validation
    weights = rest[0] if rest else None if w is None else np.ones(len(t))
    return Parts(samples, weighted_samples("fit: validation", model, v, t, weights, loss), before)
