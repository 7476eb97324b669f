"""Orders in which samples are taken."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_lite.training import data
from tinygrad_lite.training.samplers import Sampler

LABELS = np.repeat(["rare", "some", "common"], [2, 8, 30])


SAMPLERS = {
    "at random": lambda rng: data.RandomSampler(40, rng=rng),
    "with replacement": lambda rng: data.RandomSampler(40, replacement=True, rng=rng),
    "by weights": lambda rng: data.WeightedRandomSampler(np.arange(40.0), 40, rng=rng),
    "stratified": lambda rng: data.StratifiedSampler(LABELS, rng=rng),
    "balanced": lambda rng: data.BalancedSampler(LABELS, rng=rng),
}


@pytest.mark.parametrize("name", SAMPLERS)
def test_seeds_decide_and_epochs_differ(name):
    one, same, other = (SAMPLERS[name](seed) for seed in (0, 0, 1))
    first = list(one)
    assert len(one) == len(first) == 40
    assert first == list(same) != list(other)
    assert first != list(one)
    assert all(0 <= k < 40 for k in first)


@pytest.mark.parametrize("name", ["at random", "stratified"])
def test_every_sample_once(name):
    assert sorted(SAMPLERS[name](0)) == list(range(40))


def test_one_after_the_other():
    assert list(data.SequentialSampler(np.zeros((3, 2)))) == [0, 1, 2]
    assert len(data.SequentialSampler(3)) == 3


def test_more_than_there_are_are_permutations_one_after_the_other():
    drawn = list(data.RandomSampler(5, num_samples=12, rng=0))
    assert sorted(drawn[:5]) == sorted(drawn[5:10]) == list(range(5))
    assert len(set(drawn[10:])) == 2


def test_with_replacement_samples_come_again():
    assert len(set(data.RandomSampler(100, replacement=True, rng=0))) < 100


def test_weights_are_probabilities():
    counts = np.bincount(data.WeightedRandomSampler([0, 1, 3], 20_000, rng=0).order(), minlength=3)
    np.testing.assert_allclose(counts / 20_000, [0, 0.25, 0.75], atol=0.02)
    assert sorted(data.WeightedRandomSampler([1, 0, 5], 2, replacement=False, rng=0)) == [0, 2]


@given(st.integers(0, 99))
def test_each_batch_has_its_share_of_each_class(seed):
    drawn = LABELS[data.StratifiedSampler(LABELS, rng=seed).order()].reshape(2, 20)
    for name, count in (("rare", 1), ("some", 4), ("common", 15)):
        np.testing.assert_array_equal(np.count_nonzero(drawn == name, axis=1), count)


@given(st.integers(1, 90), st.integers(0, 99))
def test_classes_are_balanced(n, seed):
    order = data.BalancedSampler(LABELS, n, rng=seed).order()
    counts = [np.count_nonzero(LABELS[order] == name) for name in ("rare", "some", "common")]
    assert sum(counts) == n
    assert max(counts) - min(counts) <= 1
    for name, there in (("rare", 2), ("some", 8), ("common", 30)):
        uses = np.bincount(order[LABELS[order] == name], minlength=40)[np.equal(LABELS, name)]
        assert len(uses) == there
        assert uses.max() - uses.min() <= 1


@pytest.mark.parametrize(("make", "said"), [
    (lambda: data.RandomSampler(0), "RandomSampler: needs one sample or more, got 0"),
    (lambda: data.SequentialSampler([]), "SequentialSampler: needs one sample or more"),
    (lambda: data.RandomSampler(3, num_samples=0), "one sample or more"),
    (lambda: data.WeightedRandomSampler([1, -1], 2), "WeightedRandomSampler: sample_weight needs finite"),
    (lambda: data.WeightedRandomSampler([1, 0], 2, replacement=False), "2 samples without replacement, of 1 that have"),
    (lambda: data.StratifiedSampler([[0, 1]]), r"StratifiedSampler: needs one label for each .* shape \(1, 2\)"),
    (lambda: data.BalancedSampler([]), "BalancedSampler: needs one label"),
])  # fmt: skip
def test_what_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()


def test_a_subclass_defines_order_and_length():
    with pytest.raises(NotImplementedError, match=r"Sampler has no order\(\)"):
        iter(Sampler())
    with pytest.raises(NotImplementedError, match=r"Sampler has no __len__\(\)"):
        len(Sampler())
