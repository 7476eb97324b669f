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
from .objective import Samples, last_batch, objective, rehearse, weighted_samples
from .progress import progress as shown_progress
from .running import Callback, Parts, Run, Settings, checked_callback
from .samples import in_chunks, part_of

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
    compile: bool | None = None,
    rng: Any = None,
) -> History:
    """Train a model on samples X and targets y by mini-batches; the model is changed in place.

    Parameters
    ----------
    X, y : one entry per sample along the first axis. X: an array, which is copied once if its rows do not lie one after
        the other, as those of DataFrames; a SciPy sparse matrix, of which each batch is made dense; or a collection of
        Dask's, see below. y: class numbers, booleans, rows of targets, or numbers. Names of classes are numbered first:
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
    compile : True makes steps of compiled source (:func:`tinygrad_lite.compile`), False none; None does so where many
        steps are to come, of a small network of this library's layers. The source is taken once it has proved itself:
        one step, made both ways, comes out with the same bits
    rng : a seed or a Generator, for shuffling and splitting

    Returns
    -------
    History : loss, accuracy and the rest, epoch by epoch

    Raises DivergedError, with the place where it began, if the loss is not finite; ValueError and TypeError for
    arguments that do not fit, before anything is changed: a few samples are tried first, and the smallest batch to
    come; callbacks' signatures are looked at, and the checkpoint's folder. A last batch that the model cannot be
    trained on, as of one sample with batch normalization, is joined to the one before it, with a warning.

    On a cluster (extra ``cluster``): where X or y is a Dask array or DataFrame, those that hold its chunks take the
    gradients, and this process makes the steps; a Client's workers, or else Dask's local scheduler. The same things
    happen as in memory, in the same order:

    - Without shuffling the batches are those of the same rows in memory. The gradient of a batch that lies in one chunk
      is the one in memory, bit for bit, where NumPy computes there as here. That of a batch in several chunks is the
      mean of theirs, and equal to rounding; but if the loss of the first samples is not the mean over its parts
      (normalization over the batch, losses of pairs), or the model has generators or changes in use, the batch is
      brought together on one worker, and equal bit for bit.
    - With shuffling each epoch draws an order of the chunks and one of the rows of each, and last come chunks that
      batches do not fill; a seed gives the same run on any number of workers. It is the run in memory on rows that
      stand in these orders.
    - ``validation``, if it is a fraction, holds out a share of each chunk. Its loss is that in memory bit for bit where
      chunks are multiples of 1024 rows, weights' sums are equal to rounding.
    - Targets and weights are gone through once before; the first 1024 rows, at most, are tried here.

    A worker that dies changes nothing. Refused are chunks of unknown sizes, gradient hooks, what cannot be pickled,
    generators that no module holds, and attributes that ``forward`` sets to other things than arrays and numbers; other
    things that it does, such as appending to a list, happen on the worker alone.

    Source: H. M. M. Vege (2018), algorithm 1 and equation 23.

    >>> X, y, *_ = tl.data.load("iris")
    >>> X = tl.data.Standardizer().fit(X)(X)
    >>> net = nn.MLP([4, 16, 3], "relu", rng=0)
    >>> history = tl.training.fit(net, X, y, epochs=40, progress=False, rng=0)
    >>> history.accuracy[-1] > 0.95
    True
    """
    settings = checked_settings(epochs, batch_size, shuffle, update, patience, clip_norm, tol)
    for name, given in (("progress", progress), ("compile", compile)):
        if given not in (True, False, None):
            raise TypeError(f"fit: {name} is True, False or None, not {given!r}")
    if compile and (update != "batch" or clip_norm is not None):
        raise ValueError("fit: compile=True makes whole steps, after every mini-batch and without clip_norm")
    if checkpoint_every is not None and checkpoint is None:
        raise ValueError("fit: checkpoint_every says how often a checkpoint is written; give checkpoint, its path, too")
    optimizer = optimizer_of(model, optimizer, lr)
    chunked = in_chunks(X, y, sample_weight)
    if chunked:
        from . import chunking, cluster  # and Dask, which is there
    prepare: Callable[..., Any] = chunking.chunked_samples if chunked else weighted_samples
    samples = prepare("fit", model, X, y, sample_weight, loss)
    _, targets, weights = to_try(samples)
    goal = objective(model, usual_loss(targets) if loss is None else loss, weights is not None)
    goal = goal.penalized(alpha, model)
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"fit: callbacks are a list of them, not {callbacks!r}")
    watching = [checked_callback(each) for each in callbacks]
    rng = np.random.default_rng(rng)
    saved = None
    if checkpoint is not None:
        watching.append(Checkpoint(checkpoint, checkpoint_every))
        saved = read_if_there(Path(checkpoint), rng)
    classes = rehearse(model, goal, *to_try(samples))
    divide: Callable[..., Parts] = chunking.divided_chunks if chunked else divide_samples
    parts = divide(model, samples, validation, rng, classes, loss)
    if parts.validation is not None:
        rehearse(model, goal, *to_try(parts.validation))
    n, first = (len(parts.train), parts.train.few) if chunked else (len(parts.train[0]), parts.train)
    last, refused = last_batch(model, goal, first, n, settings.batch_size)
    if refused is not None:
        warnings.warn(
            f"fit: the last batch, of {n % settings.batch_size}, is joined to the one before it, for "
            f"the model cannot be trained on so few ({refused})",
            stacklevel=2,
        )
    settings = settings._replace(last=last, compile=compile)
    optimizer.zero_grad()
    rates = Schedule(optimizer, linear_decay(settings.epochs) if schedule is None else schedule)
    watching = [shown_progress(progress), *watching]
    arguments = model, optimizer, rates, goal, parts, settings, rng, watching
    run = cluster.ClusterRun(loss, *arguments) if chunked else Run(*arguments)
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


def to_try(samples: Any) -> Samples:
    """Samples that are here; of those in chunks some that have the least target and the largest."""
    found: Samples = getattr(samples, "witnesses", samples)
    return found


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
    if in_chunks(*validation):
        raise TypeError(
            "fit: validation is in Dask's chunks, and the samples are not; give validation.compute(), or all in chunks"
        )
    weights = rest[0] if rest else None if w is None else np.ones(len(t))
    return Parts(samples, weighted_samples("fit: validation", model, v, t, weights, loss), before)
