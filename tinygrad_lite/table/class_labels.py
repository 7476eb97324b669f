"""Labels: class numbers, the weights of their classes, and what stands at them."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .arrays import array, as_numbers, counted, max_over, some
from .ducks import DuckArray
from .elsewhere import is_elsewhere
from .shapes import required


def label_mask(labels: Any, classes: int) -> Any:
    """A row of booleans for each label, true at the label."""
    return labels[:, None] == counted(classes, labels)


def class_numbers(labels: Any, classes: int, name: str = "cross_entropy") -> Any:
    """Labels as a checked vector of integers."""
    numbers = as_numbers(labels).reshape(-1)
    if numbers.dtype.kind not in "iu":
        raise TypeError(f"{name}: labels must be integers, got {numbers.dtype}; probabilities need an axis of classes")
    numbers = numbers.astype(np.intp, copy=False)
    if type(numbers) is DuckArray:
        within = (numbers >= 0) & (numbers < classes)
        return required(numbers, within, f"{name}: labels must lie in 0 … {classes - 1}, and some do not")
    # seen as unsigned, a negative label is a huge one: one pass finds both
    if numbers.size and max_over(numbers.view(np.uintp)) >= classes:
        low = numbers.min()
        hint = f"; ignore_index={low} leaves samples out" if low < 0 else ""
        raise ValueError(f"{name}: labels must lie in 0 … {classes - 1}, got {low} … {numbers.max()}{hint}")
    return numbers


def kept_numbers(labels: Any, classes: int, ignore_index: int | None, name: str) -> tuple[Any, Any]:
    """Labels as a checked vector of integers, 0 for those to be ignored, and which are kept; None where all are."""
    numbers = as_numbers(labels).reshape(-1)
    if ignore_index is None or numbers.dtype.kind not in "iu":
        return class_numbers(numbers, classes, name), None
    if not isinstance(ignore_index, (int, np.integer)):
        raise TypeError(f"{name}: ignore_index is a label, an integer, not {ignore_index!r}")
    kept = numbers != operator.index(ignore_index)
    return class_numbers(np.where(kept, numbers, 0), classes, name), kept if some(~kept) else None


def class_weights(weight: Any, classes: int, dtype: Any, name: str, what: str = "weight") -> Any:
    """A weight for each class, of the losses' dtype; None where there is none."""
    if weight is None:
        return None
    w = array(weight)
    if w.dtype.kind not in "biuf":
        raise TypeError(f"{name}: {what} holds {w.dtype}, which are no numbers")
    if w.shape != (classes,):
        raise ValueError(f"{name}: {what} is one number for each of the {classes} classes, got shape {w.shape}")
    return w.astype(dtype)


def at_labels(rows: Any, labels: Any) -> Any:
    """The number of each row at its label: of arrays of another library by a mask, NaN for a label that is none."""
    if type(labels) is not DuckArray and not is_elsewhere(rows):
        return rows[np.arange(len(labels)), labels]
    at = label_mask(labels, rows.shape[1])
    return np.where(at.any(axis=1), np.sum(np.where(at, rows, 0), axis=1), np.nan)


def weights_at(weights: Any, labels: Any) -> Any:
    """The weights of the labels' classes."""
    if type(labels) is not DuckArray and not is_elsewhere(weights):
        return weights[labels]
    return np.sum(np.where(label_mask(labels, weights.shape[0]), weights, 0), axis=1)


def shares_of(labels: Any, kept: Any, weights: Any, dtype: Any) -> Any:
    """How much each sample counts in a mean: its class's weight, 0 where it is ignored; None where all count alike."""
    if weights is None:
        return None if kept is None else kept.astype(dtype)
    of_labels = weights_at(weights, labels)
    return of_labels if kept is None else np.where(kept, of_labels, 0)
