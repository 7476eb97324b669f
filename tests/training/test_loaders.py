"""DataLoader: epochs, what a batch is, and going on where one was interrupted."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_lite.training import data

X, Y = np.arange(22.0).reshape(11, 2), np.arange(11)

OPTIONS = {
    "in order": dict,
    "shuffled": lambda: {"shuffle": True, "rng": 3},
    "sampler": lambda: {"sampler": data.RandomSampler(11, replacement=True, num_samples=17, rng=3)},
    "list": lambda: {"sampler": [4, 4, 0, 9, 2]},
    "without the last": lambda: {"shuffle": True, "rng": 3, "drop_last": True},
}


def test_a_batch_is_what_the_data_are():
    assert [batch.tolist() for batch in data.DataLoader(Y[:3], 2)] == [[0, 1], [2]]
    assert [len(batch) for batch in data.DataLoader((X, Y), 4)] == [2, 2, 2]
    for batch in data.DataLoader({"x": X, "y": Y}, 4, shuffle=True, rng=0):
        assert list(batch) == ["x", "y"]
        np.testing.assert_array_equal(batch["x"], X[batch["y"]])
    for x, y in data.DataLoader((np.asfortranarray(X), Y), 4, shuffle=True, rng=0):
        assert x.flags.c_contiguous
        np.testing.assert_array_equal(x, X[y])


def test_sparse_matrices_come_dense():
    sparse = pytest.importorskip("scipy.sparse")
    for x, y in data.DataLoader((sparse.csc_array(X), Y), 4, shuffle=True, rng=0):
        np.testing.assert_array_equal(x, X[y])


@pytest.mark.parametrize("options", OPTIONS)
def test_its_length_is_the_number_of_batches(options):
    loader = data.DataLoader(Y, 3, **OPTIONS[options]())
    assert len(loader) == len(list(loader))


def test_epochs_differ_and_seeds_decide():
    def two(seed):
        loader = data.DataLoader(Y, 4, shuffle=True, rng=seed)
        return [np.concatenate(list(loader)).tolist() for _ in range(2)]

    first, second = two(0)
    assert sorted(first) == sorted(second) == Y.tolist()
    assert first != second
    assert two(0) == [first, second] != two(1)


@pytest.mark.parametrize("options", OPTIONS)
@given(done=st.integers(0, 6))
def test_what_is_left_goes_on_and_so_do_the_epochs_after_it(options, done):
    whole, begun, resumed = (data.DataLoader(Y, 3, **OPTIONS[options]()) for _ in range(3))
    expected = [[batch.tolist() for batch in whole] for _ in range(3)]
    state = begun.state_dict()
    if done:
        for k, _ in enumerate(begun, 1):
            state = begun.state_dict()
            if k == done:
                break
    resumed.load_state_dict(pickle.loads(pickle.dumps(state)))
    found = [[batch.tolist() for batch in resumed] for _ in range(3)]
    first = min(done, len(expected[0]))
    assert found[0] == expected[0][first:]
    assert found[1:] == expected[1:]


def test_an_epoch_that_is_left_early_is_not_gone_on_with():
    loader = data.DataLoader(Y, 3)
    next(iter(loader))
    assert len(list(loader)) == 4
    assert loader.state_dict() == {"batch": 0, "order": None, "rng": None}


def test_a_state_is_not_changed_by_going_on():
    loader = data.DataLoader(Y, 3, shuffle=True, rng=0)
    next(iter(loader))
    state = loader.state_dict()
    before = state["order"].copy()
    list(loader)
    np.testing.assert_array_equal(state["order"], before)


@pytest.mark.parametrize("change", [
    {"batch": 5}, {"batch": -1}, {"order": [0, 11]}, {"order": None}, {"order": ["a"]}, {"rng": None}, {"rng": {}},
])  # fmt: skip
def test_a_state_of_something_else(change):
    loader = data.DataLoader(Y, 3, shuffle=True, rng=0)
    next(iter(loader))
    state = loader.state_dict()
    other = data.DataLoader(Y, 3, shuffle=True, rng=1)
    before = other.state_dict()
    with pytest.raises(ValueError, match="no state of a loader of these data"):
        other.load_state_dict({**state, **change})
    assert other.state_dict() == before
    with pytest.raises(ValueError, match="no state of a loader"):
        other.load_state_dict({})


@pytest.mark.parametrize(("arguments", "error", "said"), [
    ({"dataset": (X, Y[:3])}, ValueError, "DataLoader: needs the same number of samples"),
    ({"batch_size": 0}, ValueError, "size must be 1 or more"),
    ({"batch_size": 2.5}, TypeError, "size is a whole number, not 2.5"),
    ({"shuffle": True, "sampler": [0]}, ValueError, "a sampler draws the order itself"),
    ({"rng": 0, "sampler": [0]}, ValueError, "a sampler draws the order itself"),
    ({"sampler": iter([0])}, TypeError, "gives numbers once only"),
    ({"batch_size": 12, "drop_last": True}, ValueError, "leaves no batch of 12 of 11 samples"),
])  # fmt: skip
def test_what_is_refused(arguments, error, said):
    with pytest.raises(error, match=said):
        data.DataLoader(**{"dataset": X, **arguments})


def test_numbers_that_no_sample_has():
    loader = data.DataLoader(Y, sampler=[3, 11])
    with pytest.raises(IndexError, match="numbered 0 … 10, and the order has 3 … 11"):
        next(iter(loader))


def test_what_gives_samples_one_by_one_is_refused_and_not_asked_for_ever():
    class Squares:
        asked = 0

        def __len__(self):
            return 3

        def __getitem__(self, k):  # as PyTorch's datasets, without an end of its own
            self.asked += 1
            assert self.asked < 20
            return np.array([k, k * k]), k % 2

    dataset = Squares()
    with pytest.raises(TypeError, match="samples are arrays, not Squares") as caught:
        data.DataLoader(dataset, batch_size=2)
    assert dataset.asked == 0
    arrays = eval(str(caught.value).partition("stack what it gives: ")[2], {"np": np, "dataset": dataset})
    assert [(x.tolist(), y.tolist()) for x, y in data.DataLoader(arrays, batch_size=2)] == [
        ([[0, 0], [1, 1]], [0, 1]),
        ([[2, 4]], [0]),
    ]
    assert list(data.DataLoader(memoryview(b"ab"))) == [[97], [98]]


def test_a_list_of_samples_gives_batches_of_their_parts():
    pairs = list(zip(X, Y, strict=True))
    for (x, y), (its_x, its_y) in zip(data.DataLoader(pairs, 3), data.DataLoader((X, Y), 3), strict=True):
        np.testing.assert_array_equal(x, its_x)
        np.testing.assert_array_equal(y, its_y)
    (x, y), *_ = data.DataLoader([(1, 2), (3, 4)], 2)  # not the rows of a matrix
    assert (x.tolist(), y.tolist()) == ([1, 3], [2, 4])
    assert [batch["a"].tolist() for batch in data.DataLoader([{"a": 1}, {"a": 2}, {"a": 5}], 2)] == [[1, 2], [5]]
    assert len(data.DataLoader(pairs, 3).dataset) == len(X)
    assert data.DataLoader(X, 3).dataset is X
