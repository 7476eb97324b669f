"""What is minimized, and what a model gives: objectives, evaluation, prediction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from ..engine.recording import no_grad
from ..engine.tensor import Tensor
from ..nn import MLP, Identity, Module, Sequential, Softmax, cross_entropy, mse_loss
from . import data


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
