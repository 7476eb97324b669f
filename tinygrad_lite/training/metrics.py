"""How good predictions are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.tensor import Tensor
from .samples import no_iterator


def accuracy(predicted: Any, true: Any) -> float:
    """The fraction of samples whose predicted class is the true one: Σᵢ I(tᵢ = yᵢ) / n.

    Parameters
    ----------
    predicted, true : classes; or rows with a number for each class, of which the largest counts

    Raises ValueError for different numbers of samples, and for none.

    Source: H. M. M. Vege (2018), equation 24.

    >>> tl.training.accuracy([[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]], [0, 1, 1])
    0.6666666666666666
    """
    a, b = same_length(predicted, true)
    return float(np.mean(a == b))


def confusion_matrix(predicted: Any, true: Any, classes: int | None = None) -> np.ndarray:
    """How many samples of each true class (rows) were predicted as each class (columns); classes are numbers 0 … K−1.

    >>> tl.training.confusion_matrix([0, 1, 1, 0], [0, 1, 0, 0])
    array([[2, 1],
           [0, 1]])
    """
    a, b = same_length(predicted, true)
    if a.dtype.kind not in "iub" or b.dtype.kind not in "iub":
        raise TypeError(f"confusion_matrix: classes are whole numbers, not {a.dtype} and {b.dtype}")
    largest = int(max(a.max(), b.max()))
    classes = largest + 1 if classes is None else classes
    if min(a.min(), b.min()) < 0 or largest >= classes:
        raise ValueError(f"confusion_matrix: classes must lie in 0 … {classes - 1}")
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (b.astype(np.intp), a.astype(np.intp)), 1)
    return counts


def precision_recall(counts: Any) -> tuple[np.ndarray, np.ndarray]:
    """Per class, from a confusion matrix: of what was predicted as it, the fraction that is; of it, the fraction found.

    0 where a class was never predicted, or has no samples.

    >>> precision, recall = tl.training.precision_recall([[2, 1], [0, 1]])
    >>> precision, recall.round(3)
    (array([1. , 0.5]), array([0.667, 1.   ]))
    """
    counts = np.asarray(counts)
    right, predicted, true = np.diagonal(counts), counts.sum(axis=0), counts.sum(axis=1)
    return right / np.maximum(predicted, 1), right / np.maximum(true, 1)


def classification_report(predicted: Any, true: Any, names: Sequence[str] | None = None) -> str:
    """A table of text: precision, recall, F₁ and the number of samples of each class; and the accuracy.

    >>> print(tl.training.classification_report([0, 1, 1, 0], [0, 1, 0, 0], ["cat", "dog"]))
           precision   recall       F1  samples
      cat      1.000    0.667    0.800        3
      dog      0.500    1.000    0.667        1
    <BLANKLINE>
    accuracy 0.7500 on 4 samples
    """
    counts = confusion_matrix(predicted, true, None if names is None else len(names))
    labels = [str(k) for k in range(len(counts))] if names is None else list(names)
    precision, recall = precision_recall(counts)
    f1 = 2 * precision * recall / np.maximum(precision + recall, np.finfo(float).tiny)
    width = max([len(label) for label in labels])
    lines = [f"{'':{width + 2}}{'precision':>11}{'recall':>9}{'F1':>9}{'samples':>9}"]
    for label, *figures, n in zip(labels, precision, recall, f1, counts.sum(axis=1), strict=True):
        a, b, c = figures
        lines.append(f"  {label:>{width}}{a:11.3f}{b:9.3f}{c:9.3f}{n:9d}")
    total = int(counts.sum())
    return "\n".join([*lines, "", f"accuracy {np.trace(counts) / total:.4f} on {total} samples"])


def classes_of(outputs: Any) -> np.ndarray:
    """Class numbers: the place of the largest entry of each row, or the numbers themselves."""
    no_iterator("classes are an array", outputs)
    values = np.asarray(outputs.data if isinstance(outputs, Tensor) else outputs)
    if values.ndim == 2:
        if values.shape[1] < 2:
            raise ValueError(f"rows have a number for each class, at least two, got {values.shape}; ravel a column")
        places: np.ndarray = values.argmax(axis=1)
        return places
    return values


def same_length(predicted: Any, true: Any) -> tuple[np.ndarray, np.ndarray]:
    """Both as class labels."""
    a, b = classes_of(predicted), classes_of(true)
    if a.shape != b.shape or a.ndim != 1 or not a.size:
        raise ValueError(f"one predicted class per true one is needed, and at least one: got {a.shape} and {b.shape}")
    return a, b
