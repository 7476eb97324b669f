"""Arrays of samples: mini-batches, splits, one-hot rows, standardising, and scikit-learn's small data sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np

from ..nn.losses import one_hot

__all__ = ["DATASETS", "Dataset", "Standardizer", "batches", "load", "one_hot", "train_test_split"]


def batches(
    X: Any, y: Any = None, size: int = 32, shuffle: bool = True, rng: Any = None, *, first: int = 0
) -> Iterator[Any]:
    """Mini-batches (X[chosen], y[chosen]), or X[chosen] where there is no y; every sample once, the last batch smaller.

    The data are not copied: an epoch draws a permutation of the indices, and each batch takes its rows. Without
    shuffling batches are views.

    Parameters
    ----------
    X, y : arrays with one entry per sample along the first axis; y may be None
    size : samples in a batch
    rng : a seed or a Generator, for shuffling
    first : begin with this batch: what is left of an epoch that was interrupted

    Raises ValueError, before the first batch, for arrays of different lengths and sizes below 1.

    Source: H. M. M. Vege (2018), algorithm 1, lines 4 and 5.

    >>> X, y = np.arange(10).reshape(5, 2), np.arange(5)
    >>> [labels.tolist() for _, labels in tl.data.batches(X, y, 2, shuffle=False)]
    [[0, 1], [2, 3], [4]]
    """
    n = sample_count("batches", X, y)
    if size < 1:
        raise ValueError(f"batches: size must be 1 or more, got {size}")
    order = np.random.default_rng(rng).permutation(n) if shuffle else None
    return taken_batches(np.asarray(X), None if y is None else np.asarray(y), order, range(first * size, n, size), size)


def taken_batches(
    X: np.ndarray, y: np.ndarray | None, order: np.ndarray | None, starts: range, size: int
) -> Iterator[Any]:
    """The batches that begin at these places in the order."""
    for start in starts:
        stretch = slice(start, start + size)
        if order is None:
            yield X[stretch] if y is None else (X[stretch], y[stretch])
        else:
            chosen = order[stretch]  # take is quicker than indexing
            yield X.take(chosen, 0) if y is None else (X.take(chosen, 0), y.take(chosen, 0))


def train_test_split(
    *arrays: Any, test_size: float | int = 0.25, rng: Any = None, stratify: Any = None
) -> tuple[np.ndarray, ...]:
    """Divide samples at random: for each array its training part and its test part, in one flat tuple.

    Parameters
    ----------
    arrays : with one entry per sample along the first axis
    test_size : a fraction of the samples, rounded up, or their number
    rng : a seed or a Generator
    stratify : class labels; the test part then has its share of each class, as nearly as whole numbers allow

    Raises ValueError for arrays of different lengths, and where one of the parts would be empty.

    >>> X = np.arange(8)
    >>> train, test = tl.data.train_test_split(X, test_size=0.25, rng=0)
    >>> len(train), len(test), sorted([*train, *test]) == [*range(8)]
    (6, 2, True)
    """
    if not arrays:
        raise ValueError("train_test_split: there are no arrays to split")
    n = sample_count("train_test_split", *arrays, stratify)
    held_out = int(np.ceil(test_size * n)) if isinstance(test_size, (float, np.floating)) else int(test_size)
    if not 0 < held_out < n:
        raise ValueError(f"train_test_split: test_size={test_size} of {n} samples leaves one part empty")
    order = np.random.default_rng(rng).permutation(n)
    if stratify is not None:
        order = spread_by_class(order, np.asarray(stratify))
    test, train = order[:held_out], order[held_out:]
    return tuple([np.asarray(a)[part] for a in arrays for part in (train, test)])


def spread_by_class(order: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Samples in an order in which every stretch from the beginning has its share of each class."""
    _, kinds, counts = np.unique(labels[order], return_inverse=True, return_counts=True)
    by_class = np.argsort(kinds, kind="stable")
    rank = np.empty(len(order))
    rank[by_class] = np.concatenate([(np.arange(count) + 0.5) / count for count in counts])
    return order[np.argsort(rank, kind="stable")]


def sample_count(what: str, *arrays: Any) -> int:
    """The common length of arrays, leaving None out. Raises ValueError where they differ or have no samples."""
    shapes = [np.shape(a) for a in arrays if a is not None]
    if any(not shape for shape in shapes):
        raise ValueError(f"{what}: needs arrays with an axis of samples, got shapes {shapes}")
    lengths = {shape[0] for shape in shapes}
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError(f"{what}: needs the same number of samples, at least 1, in every array; got shapes {shapes}")
    return int(lengths.pop())


class Standardizer:
    """(x − mean) / std of each column, both learnt from the training data; constant columns become 0.

    Means and deviations are taken in float64 and results have the data's own floating-point dtype.

    Raises ValueError for data of another width than it learnt from, and before it has learnt.

    >>> standardize = tl.data.Standardizer().fit(np.array([[1.0, 5.0], [3.0, 5.0]]))
    >>> standardize(np.array([[2.0, 5.0], [3.0, 5.0]]))
    array([[0., 0.],
           [1., 0.]])
    """

    mean: np.ndarray | None = None
    std: np.ndarray | None = None

    def fit(self, X: Any) -> Standardizer:
        """Learn means and standard deviations; returns itself."""
        X = np.asarray(X)
        sample_count("Standardizer", X)
        mean, std = X.mean(axis=0, dtype=np.float64), X.std(axis=0, dtype=np.float64)
        # a constant column's deviation is not exactly 0: its mean is rounded
        constant = std <= 10 * np.finfo(np.float64).eps * np.abs(mean)
        self.mean, self.std = mean, np.where(constant, 1.0, std)
        return self

    def __call__(self, X: Any) -> np.ndarray:
        X, mean, std = self.learnt(X)
        scaled: np.ndarray = (X - mean) / std
        return scaled.astype(X.dtype, copy=False) if X.dtype.kind == "f" else scaled

    def inverse(self, X: Any) -> np.ndarray:
        """The data that gave X."""
        X, mean, std = self.learnt(X)
        original: np.ndarray = X * std + mean
        return original.astype(X.dtype, copy=False) if X.dtype.kind == "f" else original

    def learnt(self, X: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Samples of the right width, with the means and deviations that were learnt."""
        X = np.asarray(X)
        if self.mean is None or self.std is None:
            raise ValueError("Standardizer: fit it to the training data first")
        if X.shape[1:] != self.mean.shape:
            raise ValueError(f"Standardizer: learnt from samples of shape {self.mean.shape}, got {X.shape[1:]}")
        return X, self.mean, self.std


# ---------------------------------------------------------------------------------------------------------------------
# Data sets

DATASETS: Final = ("digits", "iris", "wine", "breast_cancer")
"""What :func:`load` knows: bundled with scikit-learn, so nothing is downloaded."""


class Dataset(NamedTuple):
    """Samples in rows, class numbers, and names. ``X, y = load("iris")[:2]``."""

    X: np.ndarray
    y: np.ndarray
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]


def load(name: str, dtype: Any = np.float64) -> Dataset:
    """One of scikit-learn's bundled classification data sets, as a float array and class numbers.

    Pixels of the digits are divided by 16 and so lie in 0 … 1; the other data are as they were measured.

    Parameters
    ----------
    name : "digits" (1797 × 64, 10 classes), "iris" (150 × 4, 3), "wine" (178 × 13, 3), "breast_cancer" (569 × 30, 2)
    dtype : of the samples

    Raises ValueError for another name, ImportError without scikit-learn.

    >>> X, y, *_ = tl.data.load("digits", np.float32)
    >>> X.shape, X.dtype.name, X.max().item(), y[:3].tolist()
    ((1797, 64), 'float32', 1.0, [0, 1, 2])
    """
    if name not in DATASETS:
        raise ValueError(f"load: there is no data set {name!r}, only {', '.join(DATASETS)}")
    try:
        from sklearn import datasets
    except ImportError as error:
        raise ImportError(
            "the data sets come with scikit-learn, which is not installed: pip install 'tinygrad-lite[sklearn]'",
            name=error.name,
        ) from error
    found = getattr(datasets, f"load_{name}")()
    X = np.asarray(found.data, np.float64) / (16 if name == "digits" else 1)
    names = [tuple([str(x) for x in found[key]]) for key in ("feature_names", "target_names")]
    return Dataset(X.astype(dtype), np.asarray(found.target, np.int64), names[0], names[1])
