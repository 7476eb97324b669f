"""Arrays of samples: mini-batches, splits, one-hot rows, standardising, and scikit-learn's small data sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from ..nn.losses import one_hot
from ..table import foreign, network_names
from .loaders import DataLoader
from .samplers import (
    BalancedSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    StratifiedSampler,
    WeightedRandomSampler,
)
from .samples import (
    as_samples,
    checked_weights,
    in_chunks,
    mini_batches,
    part_of,
    refuse_chunks,
    sample_count,
    spread_by_class,
    stretches,
)

__all__ = [
    "DATASETS",
    "BalancedSampler",
    "DataLoader",
    "Dataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Standardizer",
    "StratifiedSampler",
    "WeightedRandomSampler",
    "batches",
    "load",
    "one_hot",
    "train_test_split",
]


def batches(
    X: Any,
    y: Any = None,
    size: int = 32,
    shuffle: bool = True,
    rng: Any = None,
    *,
    first: int = 0,
    last: str = "keep",
) -> Iterator[Any]:
    """Mini-batches (X[chosen], y[chosen]), or X[chosen] where there is no y; every sample once, the last batch smaller.

    The data are not copied: an epoch draws a permutation of the indices, and each batch takes its rows. Without
    shuffling batches of arrays in C order are views; of every other layout, and of DataFrames, a batch is a copy whose
    rows lie one after the other. Batches of sparse matrices are dense.

    Parameters
    ----------
    X, y : arrays with one entry per sample along the first axis, X also a SciPy sparse matrix; y may be None
    size : samples in a batch
    rng : a seed or a Generator, for shuffling
    first : begin with this batch: what is left of an epoch that was interrupted
    last : what to do with a last batch that is smaller: "keep", "drop", or "merge" it with the one before

    Raises ValueError, before the first batch, for arrays of different lengths and sizes below 1.

    Source: H. M. M. Vege (2018), algorithm 1, lines 4 and 5.

    >>> X, y = np.arange(10).reshape(5, 2), np.arange(5)
    >>> [labels.tolist() for _, labels in tl.data.batches(X, y, 2, shuffle=False)]
    [[0, 1], [2, 3], [4]]
    """
    refuse_chunks("batches", X, y)
    n = sample_count("batches", X, y)
    places = stretches(n, size, last)[first:]
    order = np.random.default_rng(rng).permutation(n) if shuffle else None
    pairs = mini_batches([as_samples(X), None if y is None else np.asarray(y)], order, places)
    return (x for x, _ in pairs) if y is None else pairs


def train_test_split(
    *arrays: Any, test_size: float | int = 0.25, rng: Any = None, stratify: Any = None
) -> tuple[Any, ...]:
    """Divide samples at random: for each array its training part and its test part, in one flat tuple.

    Parameters
    ----------
    arrays : with one entry per sample along the first axis
    test_size : a fraction of the samples, rounded up, or their number
    rng : a seed or a Generator
    stratify : class labels; the test part then has its share of each class, as nearly as whole numbers allow

    Sparse matrices are divided into sparse matrices. The only sample of a class is the last to be held out.

    Raises ValueError for arrays of different lengths, and where one of the parts would be empty.

    >>> X = np.arange(8)
    >>> train, test = tl.data.train_test_split(X, test_size=0.25, rng=0)
    >>> len(train), len(test), sorted([*train, *test]) == [*range(8)]
    (6, 2, True)
    """
    if not arrays:
        raise ValueError("train_test_split: there are no arrays to split")
    refuse_chunks("train_test_split", *arrays, stratify)
    n = sample_count("train_test_split", *arrays, stratify)
    held_out = int(np.ceil(test_size * n)) if isinstance(test_size, (float, np.floating)) else int(test_size)
    if not 0 < held_out < n:
        raise ValueError(f"train_test_split: test_size={test_size} of {n} samples leaves one part empty")
    order = np.random.default_rng(rng).permutation(n)
    if stratify is not None:
        order = spread_by_class(order, np.asarray(stratify))
    test, train = order[:held_out], order[held_out:]
    return tuple([part_of(a, numbers) for a in arrays for numbers in (train, test)])


def power_of_two_in(x: Any) -> Any:
    """The largest power of two that is in each number above 0; by which no digit changes."""
    return np.exp2(np.floor(np.log2(x)))


def column_means(X: Any, weights: Any, power: int) -> Any:
    """The mean of each column's powers, and its root: of numbers of any size, for it is taken over a power of two."""
    largest = np.abs(X).max(axis=0)
    scale = power_of_two_in(np.where(largest > 0, largest, 1).astype(np.float64))
    return scale * np.average((X / scale) ** power, axis=0, weights=weights) ** (1 / power)


def with_counted_alone(X: Any, weights: Any) -> Any:
    """The samples, with one that counts in place of those of weight 0, whatever these hold."""
    counts = weights > 0
    first = X[int(counts.argmax())]
    return np.where(counts.reshape((-1,) + (1,) * (X.ndim - 1)), X, first)


class Standardizer:
    """(x − mean) / std of each column, both learnt from the training data; constant columns become 0.

    Means and deviations are taken in float64, of weighted samples where there are weights: a weight of 2 is a sample
    that is there twice. Results have the data's own floating-point dtype, and those of a Dask array are one.

    Raises ValueError for data of another width than it learnt from, and before it has learnt.

    >>> standardize = tl.data.Standardizer().fit(np.array([[1.0, 5.0], [3.0, 5.0]]))
    >>> standardize(np.array([[2.0, 5.0], [3.0, 5.0]]))
    array([[0., 0.],
           [1., 0.]])
    """

    mean: np.ndarray | None = None
    std: np.ndarray | None = None

    def fit(self, X: Any, *, sample_weight: Any = None) -> Standardizer:
        """Learn means and standard deviations; returns itself."""
        if hasattr(X, "tocsr"):
            raise TypeError("Standardizer: without its means no sparse matrix stays sparse; give X.toarray()")
        X = one_array(X)
        if X.dtype.kind not in "biuf":
            raise TypeError(f"Standardizer: columns are of real numbers, not of {X.dtype}")
        n = sample_count("Standardizer", X)
        w: Any = sample_weight
        if w is not None:
            w = (w if in_chunks(w) else checked_weights("Standardizer", w, n)).astype(np.float64)
            w = w / power_of_two_in(w.max())  # whose sum is a number
            X = with_counted_alone(X, w)
        mean, first = column_means(X, w, 1), X[0]
        std = column_means(X - mean, w, 2)
        if in_chunks(X):
            mean, std, first = mean.compute(), std.compute(), first.compute()
        # a constant column's deviation is not exactly 0: its mean is rounded
        constant = std <= 10 * np.finfo(np.float64).eps * np.abs(mean)
        self.mean, self.std = np.where(constant, first, mean), np.where(constant, 1.0, std)
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
        X = one_array(X)
        if self.mean is None or self.std is None:
            raise ValueError("Standardizer: fit it to the training data first")
        if X.shape[1:] != self.mean.shape:
            raise ValueError(f"Standardizer: learnt from samples of shape {self.mean.shape}, got {X.shape[1:]}")
        return X, self.mean, self.std


def one_array(X: Any) -> Any:
    """Samples as an array: of NumPy's, or of Dask's where they lie in its chunks."""
    if not in_chunks(X):
        return np.asarray(X)
    return X.to_dask_array(lengths=True) if hasattr(X, "to_dask_array") else X


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

    @classmethod
    def __init_subclass__(cls) -> None:
        raise TypeError(
            "Dataset: is what tl.data.load gives, and no class to derive from; data are arrays: "
            "tl.data.DataLoader((X, y), batch_size=32)"
        )


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


if not TYPE_CHECKING:

    def __getattr__(name):
        raise foreign.absent(f"module {__name__!r}", name, network_names.DATA)
