"""Samples of arrays in every layout, sparse matrices, places of batches, and weights."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_lite.training import data
from tinygrad_lite.training.samples import SparseRows, as_samples, checked_weights, part_of, stretches, taken


class Frame:
    """As a DataFrame: what it gives as an array has its columns one after the other."""

    def __init__(self, X):
        self.X = np.asfortranarray(X)
        self.shape = X.shape

    def __array__(self, dtype=None, copy=None):
        return self.X


LAYOUTS = {
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "every second column": lambda X: np.repeat(X, 2, axis=1)[:, ::2],
    "backwards": lambda X: X[::-1].copy()[::-1],
    "a frame": Frame,
}


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_of_a_batch_lie_one_after_the_other(layout, shuffle):
    X, y = np.arange(60.0).reshape(20, 3), np.arange(20)
    for rows, labels in data.batches(LAYOUTS[layout](X), y, 7, shuffle, rng=0):
        assert rows.flags.c_contiguous
        np.testing.assert_array_equal(rows, X[labels])


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "rows"])
def test_no_batch_copies_the_whole(layout):
    X = LAYOUTS[layout](np.zeros((2000, 250)))
    tracemalloc.start()
    try:
        for _ in data.batches(X, size=20, rng=0):
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2000 * 250 / 10


def test_parts_of_columns_are_rows():
    X = np.asfortranarray(np.arange(12.0).reshape(4, 3))
    assert all(part.flags.c_contiguous for part in data.train_test_split(X, rng=0))


@given(st.integers(1, 40), st.integers(1, 50))
def test_places_of_batches(n, size):
    keep, drop, merge = ([p.stop - p.start for p in stretches(n, size, last)] for last in ("keep", "drop", "merge"))
    assert sum(keep) == sum(merge) == n
    assert keep[:-1] == [size] * (len(keep) - 1)
    assert drop == [size] * (n // size)
    assert len(merge) == max(1, n // size)
    assert merge == keep if n % size == 0 or n < size else merge[-1] == size + n % size


def test_what_can_be_done_with_the_last_batch():
    assert [len(x) for x in data.batches(np.arange(7), size=3, last="drop")] == [3, 3]
    assert [len(x) for x in data.batches(np.arange(7), size=3, last="merge")] == [3, 4]
    with pytest.raises(ValueError, match="last is one of 'keep', 'drop', 'merge', not 'pad'"):
        data.batches(np.arange(7), last="pad")


class TestSparse:
    @pytest.fixture
    def matrix(self):
        sparse = pytest.importorskip("scipy.sparse")
        return sparse.random_array((11, 4), density=0.3, rng=np.random.default_rng(0), dtype=np.float64)

    @pytest.mark.parametrize("kind", ["csr", "csc", "coo"])
    def test_batches_are_dense(self, matrix, kind):
        y = np.arange(11)
        seen = []
        for rows, labels in data.batches(matrix.asformat(kind), y, 3, rng=0):
            assert isinstance(rows, np.ndarray)
            assert rows.flags.c_contiguous
            np.testing.assert_array_equal(rows, matrix.toarray()[labels])
            seen += labels.tolist()
        assert sorted(seen) == y.tolist()

    def test_the_whole_never_is(self, matrix):
        sizes = []

        class Watched(type(matrix.tocsr())):
            def toarray(self, *args, **kwargs):
                sizes.append(self.shape[0])
                return super().toarray(*args, **kwargs)

        for _ in data.batches(Watched(matrix), size=4):
            pass
        assert sizes == [4, 4, 3]

    def test_parts_are_sparse(self, matrix):
        train, test = data.train_test_split(matrix, rng=0)
        assert train.format == test.format == "csr"
        assert train.shape[0] + test.shape[0] == 11
        rows = as_samples(matrix)
        assert as_samples(rows) is rows
        part = part_of(rows, np.array([2, 0]))
        assert isinstance(part, SparseRows)
        assert (len(part), part.shape, part.dtype) == (2, (2, 4), np.float64)
        np.testing.assert_array_equal(taken(part, slice(0, 1)), matrix.toarray()[[2]])


@pytest.mark.parametrize(("weights", "error", "said"), [
    (["a", "b"], TypeError, "holds numbers"),
    ([1.0], ValueError, r"one number for each of 2 samples, got shape \(1,\)"),
    ([[1.0], [1.0]], ValueError, r"got shape \(2, 1\)"),
    ([1.0, np.nan], ValueError, "finite numbers, none below 0"),
    ([1.0, -1.0], ValueError, "finite numbers, none below 0"),
    ([0.0, 0.0], ValueError, "not all zero"),
])  # fmt: skip
def test_weights_that_are_none(weights, error, said):
    with pytest.raises(error, match=f"^fit: .*{said}"):
        checked_weights("fit", weights, 2)
