"""What is minimized, and what a model gives: objectives, evaluation, prediction."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from numbers import Real
from typing import Any, Final, NamedTuple

import numpy as np

from ..engine.recording import no_grad
from ..engine.tensor import Tensor
from ..nn import (
    MLP,
    Identity,
    Module,
    Sequential,
    Sigmoid,
    Softmax,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
)
from ..nn.criteria import Criterion
from . import data
from .samples import (
    SparseRows,
    as_samples,
    checked_weights,
    in_chunks,
    mini_batches,
    no_iterator,
    part_of,
    sample_count,
    stretches,
)

Samples = tuple[Any, np.ndarray, np.ndarray | None]
"""X, y and weights or None, with one entry per sample."""


class Objective(NamedTuple):
    """What is minimized: outputs of the model, and their loss against targets, a mean over the samples.

    The loss takes weights of the samples as a third argument, or None: then it is Σ wᵢ lᵢ / Σ wᵢ. A penalty, if there
    is one, is divided by Σ wᵢ, or by the number of samples, and added in training.
    """

    name: str
    outputs: Callable[[Any], Any]
    loss: Callable[..., Any]
    penalty: Callable[[], Any] | None = None
    alpha: float = 0.0

    def penalized(self, alpha: float, model: Module) -> Objective:
        """With the penalty ½ α Σ ‖W‖² over the model's weights: its parameters of two axes or more."""
        if not isinstance(alpha, Real) or not 0 <= alpha < float("inf"):
            raise ValueError(f"fit: alpha is a finite number of 0 or more, not {alpha!r}")
        weights = [p for p in model.parameters() if p.requires_grad and p.ndim > 1]
        if not alpha or not weights:
            return self
        return self._replace(alpha=alpha, penalty=lambda: sum([np.square(w).sum() for w in weights]) * (0.5 * alpha))


def objective(model: Module, loss: Any, weighted: bool = False) -> Objective:
    """By name, or a function of outputs and targets, and of weights where there are some.

    "cross_entropy" is taken of the scores, before a last softmax, "binary_cross_entropy" of the scores before a last
    sigmoid; "mse" is the document's, ½ ‖a − y‖² per sample, for which class numbers stand for rows with one 1.
    """
    if isinstance(loss, str) and loss in BEFORE:
        last, called = BEFORE[loss], BEFORE[loss].__name__.lower()
        if isinstance(model, MLP):
            if not isinstance(model.output, (Identity, last)):
                raise ValueError(f"fit: {loss} takes {called} outputs or scores, this output is {model.output!r}")
            return Objective(loss, model.scores, NAMED[loss])
        if isinstance(model, Sequential) and len(model) and isinstance(model[-1], last):
            raise ValueError(f"fit: {loss} takes the scores before {called}; leave the last layer out")
        return Objective(loss, model, NAMED[loss])
    if isinstance(loss, str) and loss in NAMED:
        return Objective(loss, model, NAMED[loss])
    if not callable(loss):
        raise ValueError(
            f"fit: loss is {', '.join(map(repr, NAMED))} or a function of outputs and targets, not {loss!r}"
        )
    if weighted:
        function = type(loss).loss if isinstance(loss, Criterion) else loss
        try:
            inspect.signature(function).bind(None, None, None)
            if str(getattr(function, "__module__", "")).startswith(__name__.partition(".")[0]):
                raise TypeError  # whose third is another input, such as a variance
        except TypeError:
            raise TypeError(
                f"fit: with sample_weight, loss is a function of outputs, targets and weights; {loss!r} takes no third"
            ) from None
    name = getattr(loss, "__qualname__", type(loss).__name__)
    return Objective(name, model, lambda outputs, y, w=None: loss(outputs, y) if w is None else loss(outputs, y, w))


def mean_over(losses: Any, weights: np.ndarray | None) -> Any:
    """Of one loss for each sample, the mean: Σ wᵢ lᵢ / Σ wᵢ."""
    return losses.mean() if weights is None else (weights * losses).sum() / weights.sum()


def class_loss(outputs: Any, y: np.ndarray, weights: np.ndarray | None = None) -> Any:
    """−ln of the softmax at the class. Source: Vege (2018), equation 9."""
    if weights is None:
        return cross_entropy(outputs, y)
    return mean_over(cross_entropy(outputs, y, reduction="none"), weights)


def half_squared_error(outputs: Any, y: np.ndarray, weights: np.ndarray | None = None) -> Any:
    """½ ‖a − y‖², a mean over the samples, for rows, numbers and classes. Source: Vege (2018), equation 7."""
    if y.ndim == 1 and outputs.ndim == 2:
        if outputs.shape[1] == 1:
            y = y.reshape(-1, 1)
        elif y.dtype.kind in "iub":
            y = data.one_hot(y, outputs.shape[1], outputs.dtype)
    if weights is None:
        return mse_loss(outputs, y, convention="half")
    squares = mse_loss(outputs, y, reduction="none")
    return mean_over(0.5 * squares.reshape((len(squares), -1)).sum(axis=1), weights)


def label_loss(outputs: Any, y: np.ndarray, weights: np.ndarray | None = None) -> Any:
    """Σ over a sample's labels of ln(1 + eᶻ) − t z, of one label or several. Source: Vege (2018), equation 11."""
    losses = binary_cross_entropy_with_logits(outputs, y.reshape(outputs.shape), reduction="none")
    return mean_over(losses.reshape((len(losses), -1)).sum(axis=1), weights)


NAMED: Final[dict[str, Callable[..., Any]]] = {
    "cross_entropy": class_loss,
    "binary_cross_entropy": label_loss,
    "mse": half_squared_error,
}
"""The losses that are asked for by name."""

BEFORE: Final[dict[str, type[Module]]] = {"cross_entropy": Softmax, "binary_cross_entropy": Sigmoid}
"""The last layer before which a loss takes the scores."""


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


def rehearse(model: Module, goal: Objective, X: Any, y: np.ndarray, weights: np.ndarray | None = None) -> bool:
    """See that a few samples go through the model and the loss, and that there is an output for every class.

    Nothing is changed by it. Returns whether each sample has a class. Raises what model and loss raise; TypeError and
    ValueError for what they let pass.
    """
    few = [None if a is None else a[:2] for a in (y, weights)]
    with mode(model, training=False), no_grad(), np.errstate(all="ignore"):
        outputs = goal.outputs(X[:2])
        named = goal.name if goal.loss is NAMED.get(goal.name) else ""
        if named:
            check_targets(named, outputs, y)
        loss = goal.loss(outputs, *few)
    if not isinstance(loss, Tensor):
        raise TypeError(f"fit: the loss must be computed from the model's outputs, and be a Tensor; got {loss!r}")
    if loss.size != 1:
        raise ValueError(f"fit: the loss must be one number, a mean over the batch; got one of shape {loss.shape}")
    return y.ndim == 1 and y.dtype.kind in "iub" and correct(goal, outputs, few[0]) is not None


def check_targets(loss: str, outputs: Any, y: np.ndarray) -> None:
    """Raises ValueError, which says what to give, for targets that a loss cannot be taken of beside such outputs."""
    width = outputs.shape[1] if outputs.ndim == 2 else 1
    whole = y.dtype.kind in "iub"
    if loss == "binary_cross_entropy":
        if y.shape[1:] != outputs.shape[1:] and (y.ndim > 1 or width > 1):
            raise ValueError(
                f"fit: binary_cross_entropy takes a target for each output, rows of {width}, not y of shape {y.shape}"
            )
        if not 0 <= y.min() <= y.max() <= 1:
            raise ValueError(f"fit: binary_cross_entropy takes targets from 0 to 1, got {y.min()} … {y.max()}")
    elif loss == "cross_entropy" and y.ndim == 1 and width == 1 and y.any():
        raise ValueError(
            "fit: cross_entropy takes an output for each class, and the model has one; give it more, or take "
            "loss='binary_cross_entropy' for labels 0 and 1, 'mse' for numbers"
        )
    elif loss == "cross_entropy" and whole and y.ndim == outputs.ndim == 2:
        remedy = "y.ravel()" if y.shape[1] == 1 else "y.argmax(axis=1) of rows with one 1"
        raise ValueError(f"fit: cross_entropy takes one class number per sample, and y has shape {y.shape}: {remedy}")
    elif y.ndim == 1 and width > 1:
        if not whole:
            raise ValueError(
                f"fit: y is one {y.dtype} number per sample, and the model has {width} outputs; classes are whole "
                "numbers, as y.astype(int) gives them, and numbers take a model with one output"
            )
        if not 0 <= y.min() <= y.max() < width:
            raise ValueError(f"fit: labels must lie in 0 … {width - 1}, got {y.min()} … {y.max()}")


def last_batch(
    model: Module, goal: Objective, samples: tuple[Any, ...], n: int, size: int
) -> tuple[str, Exception | None]:
    """What to do with the smallest batch of n samples that training will come to: "keep" it, or "merge" it and why.

    It is tried as in training on the first samples, and nothing is changed by it. Raises what a batch that must be
    trained on raises.
    """
    rest = n % size
    refused = trial(model, goal, samples, rest or size)
    if refused is None:
        return "keep", None
    if not rest or n < size:
        raise refused
    other = trial(model, goal, samples, size + rest)
    if other is not None:
        raise other
    return "merge", refused


def trial(model: Module, goal: Objective, samples: tuple[Any, ...], size: int) -> Exception | None:
    """What the first so many samples raise in training, if anything; the model is then as it was before."""
    attributes = [(vars(module), dict(vars(module))) for module in model.modules()]
    buffers = [(x, x.copy()) for _, x in model.named_buffers()]
    generators = [(g, g.bit_generator.state) for _, g in model.named_generators()]
    try:
        with mode(model, training=True), np.errstate(all="ignore"):
            ((x, *rest),) = mini_batches(samples, None, [slice(size)])
            if not goal.loss(goal.outputs(x), *rest).requires_grad:
                raise ValueError(
                    "fit: the loss does not depend on a parameter that requires a gradient; it must be computed from "
                    "the model's outputs, without detach() or no_grad(), and not all parameters may be frozen"
                )
    except Exception as error:  # a model's own code raises what it likes
        return error
    finally:
        for own, before in attributes:  # an attribute may have been bound anew
            own.clear()
            own.update(before)
        for buffer, values in buffers:
            buffer[...] = values
        for g, state in generators:
            g.bit_generator.state = state
    return None


def evaluate(
    model: Module, goal: Objective, X: Any, y: Any, weights: np.ndarray | None = None
) -> tuple[float, float | None]:
    """Mean loss, and accuracy where there are classes, in ``eval`` mode."""
    return mean_figures(loss_sums(model, goal, X, y, weights), weight_of(X, weights), len(X))


def loss_sums(
    model: Module, goal: Objective, X: Any, y: Any, weights: np.ndarray | None, size: int = 1024
) -> Iterator[tuple[float, int | None]]:
    """Of each stretch of the samples the sum of their losses, and how many got their class right, in ``eval`` mode."""
    with mode(model, training=False), no_grad():
        for x_, y_, w_ in mini_batches((X, y, weights), None, stretches(len(X), size)):
            outputs = goal.outputs(x_)
            yield goal.loss(outputs, y_, w_).item() * weight_of(x_, w_), correct(goal, outputs, y_)


def mean_figures(sums: Iterable[tuple[float, int | None]], weight: float, samples: int) -> tuple[float, float | None]:
    """The mean loss, and the accuracy where there are classes, of what :func:`loss_sums` gave for all samples."""
    loss, right, classes = 0.0, 0, False
    for part, count in sums:
        loss += part
        classes, right = count is not None, right + (count or 0)
    return loss / weight, right / samples if classes else None


def weight_of(samples: Any, weights: np.ndarray | None) -> float:
    """The weights' sum: without weights the number of samples."""
    return len(samples) if weights is None else float(weights.sum(dtype=np.float64))


def correct(goal: Objective, outputs: Any, y: Any) -> int | None:
    """How many samples got their class, or all their labels, right; None where there are no classes."""
    right = hits(goal, outputs, y)
    return None if right is None else int(np.count_nonzero(right))


def hits(goal: Objective, outputs: Any, y: Any) -> Any:
    """Which samples got their class, or all their labels, right; None where there are no classes."""
    if goal.loss is label_loss:
        right = (outputs.data > 0).reshape(len(y), -1) == (y > 0.5).reshape(len(y), -1)
        return right.all(axis=1)
    if outputs.ndim != 2 or outputs.shape[1] < 2 or not (y.dtype.kind in "iub" and y.ndim == 1):
        return None
    return outputs.data.argmax(axis=1) == y


def predict(model: Module, X: Any, size: int = 1024) -> Any:
    """The model's outputs for all samples, computed in ``eval`` mode, in batches, and without recording.

    Of a Dask array or DataFrame they are a Dask array, which is computed, chunk by chunk, when it is asked for, and by
    the model as it is now.

    >>> tl.training.predict(nn.MLP([2, 3], output="softmax", rng=0), np.zeros((4, 2))).shape
    (4, 3)
    """
    if in_chunks(X):
        return predict_in_chunks(model, X, size)
    X = like_parameters(model, X)
    with mode(model, training=False), no_grad():
        return np.concatenate([np.asarray(model(x).data) for x in data.batches(X, None, size, shuffle=False)])


def predict_in_chunks(model: Module, X: Any, size: int) -> Any:
    """The outputs for samples in Dask's chunks, in the same chunks."""
    X = X.to_dask_array(lengths=True) if hasattr(X, "to_dask_array") else X
    further = range(1, X.ndim)
    model = copy.deepcopy(model).eval()  # which may be trained on before the numbers are asked for
    one = predict(model, np.zeros((1, *X.shape[1:]), X.dtype))
    return X.rechunk(dict.fromkeys(further, -1)).map_blocks(
        partial(chunk_outputs, model, none=one[:0], size=size),
        dtype=one.dtype,
        chunks=(X.chunks[0], *one.shape[1:]),
        drop_axis=[*further],
        new_axis=[*range(1, one.ndim)],
        meta=one[:0],
    )


def chunk_outputs(model: Module, x: Any, *, none: np.ndarray, size: int) -> np.ndarray:
    """The outputs for a chunk's samples, of which there may be none."""
    outputs: np.ndarray = predict(model, x, size) if x.shape[0] else none
    return outputs


def like_parameters(model: Module, X: Any, order: Any = "K") -> Any:
    """Floating-point samples in the dtype of the model's parameters, so that nothing is computed in a wider one."""
    samples = as_samples(X)
    if samples.dtype.kind not in "biuf":
        raise TypeError(f"samples are numbers, not {samples.dtype}")
    first = next(iter(model.parameters()), None)
    dtype = first.dtype if first is not None and samples.dtype.kind == "f" else samples.dtype
    if isinstance(samples, SparseRows):
        return SparseRows(samples.matrix.astype(dtype, copy=False))
    return samples.astype(dtype, order=order, copy=False)


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
