"""Mini-batches, splits, standardising, and the bundled data sets."""

import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_lite import nn
from tinygrad_lite.training import data


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 99))
def test_an_epoch_has_every_sample_once(n, size, seed):
    X, y = np.arange(2 * n).reshape(n, 2), np.arange(n)
    found = list(data.batches(X, y, size, rng=seed))
    assert [len(x) for x, _ in found[:-1]] == [size] * (len(found) - 1)
    labels = np.concatenate([labels for _, labels in found])
    assert sorted(labels) == list(range(n))
    np.testing.assert_array_equal(np.concatenate([x for x, _ in found]), X[labels])
    first = len(found) // 2
    rest = [labels for _, labels in data.batches(X, y, size, rng=seed, first=first)]
    np.testing.assert_array_equal(np.concatenate([*rest, []]), labels[first * size :])


def test_epochs_differ_and_seeds_decide():
    X, rng = np.arange(50), np.random.default_rng(0)
    first, second = (np.concatenate(list(data.batches(X, size=7, rng=rng))) for _ in range(2))
    assert (first != second).any()
    np.testing.assert_array_equal(first, np.concatenate(list(data.batches(X, size=7, rng=0))))


def test_nothing_is_copied_per_epoch():
    X = np.zeros((1000, 500))
    tracemalloc.start()
    try:
        for _ in data.batches(X, size=10, rng=0):
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < X.nbytes / 20
    assert all(np.shares_memory(x, X) for x in data.batches(X, size=10, shuffle=False))


@pytest.mark.parametrize(("arguments", "said"), [
    ((np.zeros((3, 2)), np.zeros(4)), "same number of samples"),
    ((np.zeros((0, 2)),), "at least 1"),
    ((np.float64(1.0),), "axis of samples"),
    ((np.zeros(3), None, 0), "size must be 1 or more"),
])  # fmt: skip
def test_batches_refuse_before_the_first(arguments, said):
    with pytest.raises(ValueError, match=said):
        data.batches(*arguments)


class TestSplit:
    @given(st.integers(2, 60), st.floats(0.05, 0.9), st.integers(0, 9))
    def test_parts_are_the_whole(self, n, size, seed):
        if np.ceil(size * n) == n:
            return
        X, y = np.arange(n), -np.arange(n)
        a, b, c, d = data.train_test_split(X, y, test_size=size, rng=seed)
        assert sorted([*a, *b]) == list(range(n))
        assert len(b) == int(np.ceil(size * n))
        np.testing.assert_array_equal(np.concatenate([a, b]), -np.concatenate([c, d]))

    @given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 9))
    def test_each_class_has_its_share(self, m, n, seed):
        y = np.repeat([3, 5], [2 * m, 2 * n])
        _, test = data.train_test_split(y, test_size=0.5, rng=seed, stratify=y)
        assert abs(np.count_nonzero(test == 3) - m) <= 1

    @given(st.integers(0, 99))
    def test_a_rare_class_is_in_both_parts_and_a_single_sample_stays(self, seed):
        y = np.repeat([0, 1, 2], [189, 10, 1])
        train, test = data.train_test_split(y, test_size=0.1, rng=seed, stratify=y)
        assert np.bincount(test, minlength=3).tolist() == [19, 1, 0]
        assert np.bincount(train).tolist() == [170, 9, 1]
        train, _ = data.train_test_split(y, test_size=0.9, rng=seed, stratify=y)
        assert 2 in train

    @pytest.mark.parametrize("size", [0, 5, 0.0, 1.0, -1])
    def test_empty_parts(self, size):
        with pytest.raises(ValueError, match="one part empty"):
            data.train_test_split(np.arange(5), test_size=size)

    def test_a_fraction_of_any_floating_point_type(self):
        assert len(data.train_test_split(np.arange(10), test_size=np.float32(0.5), rng=0)[1]) == 5

    def test_nothing_to_split(self):
        with pytest.raises(ValueError, match="no arrays"):
            data.train_test_split()


def test_one_hot_rows_are_those_of_nn():
    assert data.one_hot is nn.one_hot


class TestStandardizer:
    @given(st.integers(2, 30), st.integers(1, 5), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
    def test_means_and_deviations(self, n, width, shift, scale):
        X = np.random.default_rng(n).standard_normal((n, width)) * scale + shift
        standardize = data.Standardizer().fit(X)
        Z = standardize(X)
        np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-8)
        np.testing.assert_allclose(Z.std(axis=0), 1, rtol=1e-8)
        np.testing.assert_allclose(standardize.inverse(Z), X, rtol=1e-9, atol=1e-9)

    def test_constant_columns(self):
        X = np.full((7, 2), 0.1)
        X[:, 1] = np.arange(7)
        Z = data.Standardizer().fit(X)(X)
        np.testing.assert_array_equal(Z[:, 0], 0)
        large = np.full((7, 1), 1e17 / 3)  # whose mean is rounded by more than 1
        np.testing.assert_array_equal(data.Standardizer().fit(large)(large), 0)

    def test_it_learns_from_the_training_data_alone(self):
        standardize = data.Standardizer().fit([[0.0], [2.0]])
        assert standardize([[5.0]]).tolist() == [[4.0]]

    @pytest.mark.parametrize("weights", [None, [1, 1, 2]])
    @pytest.mark.parametrize("unit", [1e-320, 1e-200, 1e200])
    def test_columns_whose_squares_are_no_numbers(self, unit, weights):
        X = np.array([[1.0], [2.0], [3.0]])
        usual, far = [data.Standardizer().fit(u * X, sample_weight=weights)(u * X) for u in (1.0, unit)]
        np.testing.assert_allclose(far, usual, rtol=1e-14 if unit > 1e-300 else 1e-3, atol=1e-15)

    @pytest.mark.parametrize("largest", [1e-320, 1.0, 1e308])
    def test_samples_of_weight_0_are_not_there(self, largest):
        X = np.array([[np.nan, 7.0], [1.0, 5.0], [3.0, 5.0], [np.inf, -np.inf]])
        w = largest * np.array([0.0, 1.0, 1.0, 0.0])
        weighted, alone = data.Standardizer().fit(X, sample_weight=w), data.Standardizer().fit(X[1:3])
        np.testing.assert_array_equal(weighted.mean, alone.mean)
        np.testing.assert_array_equal(weighted.std, alone.std)

    def test_columns_near_the_largest_number(self):
        X = 1e308 * np.array([[1.0, -1.7], [1.0, 1.7], [1.2, 0.0]])
        found = data.Standardizer().fit(X)
        np.testing.assert_allclose(found.mean, [1.0666666666666667e308, 0.0], rtol=1e-15)
        np.testing.assert_allclose(found(X)[:, 0], data.Standardizer().fit(X / 1e308)(X / 1e308)[:, 0], rtol=1e-12)

    def test_complex_columns_are_refused(self):
        with pytest.raises(TypeError, match="Standardizer: columns are of real numbers, not of complex128"):
            data.Standardizer().fit(np.ones((2, 1), complex))

    def test_a_weight_is_a_number_of_times(self):
        X, w = np.random.default_rng(0).standard_normal((9, 2)) + 5, np.array([0, 1, 2, 3, 1, 0, 2, 1, 4])
        weighted, repeated = (
            data.Standardizer().fit(X, sample_weight=w),
            data.Standardizer().fit(np.repeat(X, w, axis=0)),
        )
        np.testing.assert_allclose(weighted.mean, repeated.mean, rtol=1e-14)
        np.testing.assert_allclose(weighted.std, repeated.std, rtol=1e-14)
        with pytest.raises(ValueError, match="Standardizer: sample_weight needs one number for each of 9"):
            data.Standardizer().fit(X, sample_weight=w[:2])

    def test_dtypes(self):
        X = np.array([[1, 2], [3, 5]])
        assert data.Standardizer().fit(X)(X).dtype == np.float64
        assert data.Standardizer().fit(X)(X.astype(np.float32)).dtype == np.float32
        assert data.Standardizer().fit(X).inverse(X.astype(np.float32)).dtype == np.float32

    def test_sparse_matrices(self):
        sparse = pytest.importorskip("scipy.sparse")
        with pytest.raises(TypeError, match=r"no sparse matrix stays sparse; give X.toarray\(\)"):
            data.Standardizer().fit(sparse.eye_array(3))

    def test_misuse(self):
        for method in (data.Standardizer(), data.Standardizer().inverse):
            with pytest.raises(ValueError, match="fit it"):
                method(np.zeros((2, 2)))
        with pytest.raises(ValueError, match="samples of shape"):
            data.Standardizer().fit(np.zeros((2, 2)))(np.zeros((2, 3)))
        with pytest.raises(ValueError, match="samples of shape"):
            data.Standardizer().fit(np.zeros((2, 2))).inverse(np.zeros((2, 3)))


class TestLoad:
    @pytest.mark.parametrize(("name", "shape", "classes"), [
        ("digits", (1797, 64), 10), ("iris", (150, 4), 3), ("wine", (178, 13), 3), ("breast_cancer", (569, 30), 2),
    ])  # fmt: skip
    def test_data_sets(self, name, shape, classes):
        pytest.importorskip("sklearn")
        found = data.load(name, np.float32)
        assert (found.X.shape, found.X.dtype) == (shape, np.float32)
        assert (found.y.dtype, sorted(set(found.y.tolist()))) == (np.int64, list(range(classes)))
        assert len(found.feature_names) == shape[1]
        assert len(found.class_names) == classes

    def test_another_name(self):
        with pytest.raises(ValueError, match="no data set 'mnist', only digits"):
            data.load("mnist")

    def test_without_scikit_learn(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "sklearn", None)
        with pytest.raises(ImportError, match=r"tinygrad-lite\[sklearn\]"):
            data.load("iris")


def test_columns_whose_squares_are_no_numbers_are_standardized():
    x = np.array([0.5, -1.25, 2.0, 0.75])
    X = np.stack([x, 1e-200 * x, 1e-320 * x, 1e200 * x, np.full(4, 3e-200), np.zeros(4)], axis=1)
    standardize = data.Standardizer().fit(X)
    y = standardize(X)
    np.testing.assert_allclose(y[:, [1, 3]], y[:, [0, 0]], rtol=1e-14)
    np.testing.assert_allclose(y[:, 2], y[:, 0], rtol=1e-2)  # of numbers of three digits
    np.testing.assert_array_equal(y[:, 4:], 0)
    np.testing.assert_allclose(standardize.inverse(y)[:, :4], X[:, :4], rtol=1e-2)
