"""Accuracy, confusion, precision and recall, beside scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite.training import accuracy, classification_report, confusion_matrix, precision_recall

metrics = pytest.importorskip("sklearn.metrics")

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30)


@given(PAIRS)
def test_figures_are_scikit_learns(pairs):
    predicted, true = np.array(pairs).T
    counts = confusion_matrix(predicted, true, 5)
    np.testing.assert_array_equal(counts, metrics.confusion_matrix(true, predicted, labels=range(5)))
    precision, recall = precision_recall(counts)
    p, r, f, n = metrics.precision_recall_fscore_support(true, predicted, labels=range(5), zero_division=0)
    np.testing.assert_allclose([precision, recall], [p, r])
    assert accuracy(predicted, true) == pytest.approx(metrics.accuracy_score(true, predicted))
    lines = classification_report(predicted, true, list("abcde")).splitlines()
    for line, *figures in zip(lines[1:6], list("abcde"), p, r, f, n, strict=True):
        name, *numbers = line.split()
        assert name == figures[0]
        assert [float(x) for x in numbers] == pytest.approx(figures[1:], abs=5.1e-4)


def test_rows_stand_for_classes():
    rows = np.array([[0.2, 0.8], [0.9, 0.1], [0.4, 0.6]])
    assert accuracy(rows, [1, 0, 0]) == accuracy(tl.tensor(rows), np.eye(2)[[1, 0, 0]]) == 2 / 3


@pytest.mark.parametrize(("predicted", "true"), [([0, 1], [0]), ([], []), (1, 1)])
def test_one_prediction_per_sample(predicted, true):
    with pytest.raises(ValueError, match="one predicted class per true one"):
        accuracy(predicted, true)


def test_a_column_is_refused_rather_than_called_right():
    with pytest.raises(ValueError, match="at least two"):
        accuracy([[1], [0]], [[0], [1]])


def test_what_is_no_class():
    with pytest.raises(TypeError, match="whole numbers"):
        confusion_matrix([0.5], [1])
    with pytest.raises(ValueError, match="0 … 1"):
        confusion_matrix([2], [0], 2)


def test_classes_that_are_given_once():
    """A map was one class."""
    with pytest.raises(TypeError, match="classes are an array, not what gives its entries once, as map does"):
        accuracy(map(int, "01"), [0, 1])
