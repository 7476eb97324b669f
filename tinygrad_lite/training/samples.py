"""Samples along the first axis of arrays and sparse matrices: their number, some of them, batch after batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

LAST: Final = ("keep", "drop", "merge")
"""What can be done with a last batch that is smaller: take it, leave it out, or join it to the one before."""


class SparseRows:
    """A SciPy sparse matrix whose rows come out dense: what is taken of it is an array, and the whole never is one."""

    ndim: Final = 2

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix.tocsr()

    @property
    def shape(self) -> tuple[int, int]:
        """As the matrix's."""
        rows, columns = self.matrix.shape
        return rows, columns

    @property
    def dtype(self) -> np.dtype:
        """As the matrix's."""
        found: np.dtype = self.matrix.dtype
        return found

    @property
    def parts(self) -> tuple[np.ndarray, ...]:
        """The arrays that it consists of."""
        return self.matrix.data, self.matrix.indices, self.matrix.indptr

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, chosen: Any) -> np.ndarray:
        rows: np.ndarray = self.matrix[chosen].toarray()
        return rows


def as_samples(X: Any) -> Any:
    """X as an array; a SciPy sparse matrix as one whose rows come out dense.

    Raises TypeError for what gives its entries one by one: NumPy would take it for one object, or ask it for ever.
    """
    if isinstance(X, SparseRows):
        return X
    no_iterator("samples are arrays", X)
    if hasattr(X, "__getitem__") and not hasattr(X, "__iter__") and not hasattr(X, "__array__"):
        name = type(X).__name__
        raise TypeError(
            f"samples are arrays, not {name}, which gives them one by one; stack what it gives: "
            f"tuple(map(np.stack, zip(*(dataset[k] for k in range(len(dataset))))))"
        )
    return SparseRows(X) if hasattr(X, "tocsr") else np.asarray(X)


def in_chunks(*given: Any) -> bool:
    """Whether something is a collection of Dask's; it is not imported for it."""
    return any(type(x).__module__.partition(".")[0] == "dask" for x in given)


def refuse_chunks(what: str, *given: Any) -> None:
    """Raises TypeError for samples in Dask's chunks, which would all come here."""
    if in_chunks(*given):
        raise TypeError(
            f"{what}: takes samples that are in memory, and these lie in Dask's chunks; fit takes them there, "
            "fit with validation=0.2 holds some out, and x.compute() brings them here"
        )


def no_iterator(rule: str, given: Any) -> None:
    """Raises TypeError for what gives its entries once, which NumPy takes for one object."""
    if isinstance(given, Iterator):
        raise TypeError(
            f"{rule}, not what gives its entries once, as {type(given).__name__} does; make an array of it: "
            "np.array(list(…))"
        )


def sample_count(what: str, *arrays: Any) -> int:
    """The common length of arrays, leaving None out. Raises ValueError where they differ or have no samples."""
    for a in arrays:
        no_iterator(f"{what}: samples are arrays", a)
    shapes = [np.shape(a) for a in arrays if a is not None]
    if any(not shape for shape in shapes):
        raise ValueError(f"{what}: needs arrays with an axis of samples, got shapes {shapes}")
    lengths = {shape[0] for shape in shapes}
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError(f"{what}: needs the same number of samples, at least 1, in every array; got shapes {shapes}")
    return int(lengths.pop())


def taken(samples: Any, chosen: Any) -> np.ndarray:
    """Some of the samples, by a slice or their numbers, as an array whose rows lie one after the other in memory."""
    if isinstance(samples, np.ndarray) and samples.flags.c_contiguous and isinstance(chosen, np.ndarray):
        rows: np.ndarray = samples.take(chosen, 0)  # quicker than indexing; of other layouts it copies the whole first
        return rows
    # columns that lie one after the other, as in DataFrames, would make each layer's product gather them
    return np.asarray(samples[chosen], order="C")


def part_of(samples: Any, numbers: np.ndarray) -> Any:
    """Some of the samples as what they were: of a sparse matrix a sparse matrix."""
    if isinstance(samples, SparseRows):
        return SparseRows(samples.matrix[numbers])
    return samples.tocsr()[numbers] if hasattr(samples, "tocsr") else taken(np.asarray(samples), numbers)


def stretches(n: int, size: int, last: str = "keep") -> list[slice]:
    """The places of n samples in batches of a size, but for the last one.

    Raises ValueError for a size below 1 and for another word than those in ``LAST``, TypeError for a size that is no
    whole number.
    """
    if not isinstance(size, (int, np.integer)):
        raise TypeError(f"batches: size is a whole number, not {size!r}")
    if size < 1:
        raise ValueError(f"batches: size must be 1 or more, got {size}")
    if last not in LAST:
        raise ValueError(f"batches: last is one of {', '.join(map(repr, LAST))}, not {last!r}")
    edges = list(range(0, n + 1, size))
    if edges[-1] < n and last != "drop":
        if last == "merge" and len(edges) > 1:
            edges.pop()
        edges.append(n)
    return [slice(*pair) for pair in pairwise(edges)]


def mini_batches(
    arrays: Sequence[Any], order: np.ndarray | None, places: Iterable[slice]
) -> Iterator[tuple[np.ndarray | None, ...]]:
    """Of every array what stands at these places of the order, or of the array where there is none; None stays."""
    for place in places:
        chosen = place if order is None else order[place]
        yield tuple([None if a is None else taken(a, chosen) for a in arrays])


def spread_by_class(order: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Samples in an order in which every stretch from the beginning has its share of each class.

    The only sample of a class comes at the end, where it is the last to be held out.
    """
    _, kinds, counts = np.unique(labels[order], return_inverse=True, return_counts=True)
    by_class = np.argsort(kinds, kind="stable")
    rank = np.empty(len(order))
    rank[by_class] = np.concatenate([(np.arange(n) + 0.5) / n if n > 1 else np.ones(1) for n in counts])
    return order[np.argsort(rank, kind="stable")]


def checked_weights(what: str, weights: Any, n: int) -> np.ndarray:
    """Weights of n samples. Raises ValueError and TypeError unless they are finite, none negative and not all 0."""
    no_iterator(f"{what}: sample_weight is an array", weights)
    w = np.asarray(weights)
    if w.dtype.kind not in "biuf":
        raise TypeError(f"{what}: sample_weight holds numbers, not {w.dtype}")
    if w.shape != (n,):
        raise ValueError(f"{what}: sample_weight needs one number for each of {n} samples, got shape {w.shape}")
    if not np.isfinite(w).all() or (w < 0).any() or not w.any():
        raise ValueError(f"{what}: sample_weight needs finite numbers, none below 0 and not all zero")
    return w
