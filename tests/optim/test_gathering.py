"""Small parameters that are updated together: the steps are those of each alone, and states stay where they belong."""

import copy

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.optim import gathering

SHAPES = [(3, 4), (5,), (1,), (2, 0), (2, 2, 2)]


def parameters(dtype=np.float64):
    rng = np.random.default_rng(7)
    return [tl.Tensor(rng.standard_normal(shape).astype(dtype), requires_grad=True) for shape in SHAPES]


def give_gradients(params, rng, without=()):
    for k, p in enumerate(params):
        g = rng.standard_normal(p.shape).astype(p.dtype)
        p.grad = None if k in without else g


def count_gathered(optimizer):
    return [len(together.params) for plan in optimizer.plans.values() for together in plan.gathered]


@pytest.fixture
def alone(monkeypatch):
    """A function that lets no parameter be updated with others, within which others are."""

    def stepped(optimizer):
        with monkeypatch.context() as patch:
            patch.setattr(gathering, "SMALL", -1)
            optimizer.step()
        assert not count_gathered(optimizer)

    return stepped


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_steps_are_those_of_each_alone(make, alone, dtype):
    """Also where some have no gradient for a while, so that they have made fewer steps."""
    ours, theirs = parameters(dtype), parameters(dtype)
    together, apart = make(ours), make(theirs)
    for step, without in enumerate([(), (), (1, 4), (0,), (), ()]):
        give_gradients(ours, np.random.default_rng(step), without)
        give_gradients(theirs, np.random.default_rng(step), without)
        together.step()
        alone(apart)
        for p, q in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(p.data, q.data, rtol=8 * np.finfo(dtype).eps)  # BLAS rounds by the place
    assert {place: state["step"] for place, state in together.state.items()} == {0: 5, 1: 5, 2: 6, 3: 6, 4: 5}
    for place, state in together.state.items():
        for name, x in state.items():
            np.testing.assert_allclose(x, apart.state[place][name], rtol=1e-4, atol=1e-7)
            assert np.shape(x) in ((), SHAPES[place])


def stepped_twice(optimizer, params):
    for seed in range(2):
        give_gradients(params, np.random.default_rng(seed))
        optimizer.step()


def test_only_as_many_steps_are_taken_together():
    params = parameters()
    optimizer = tl.optim.Adam(params)
    stepped_twice(optimizer, params)
    assert count_gathered(optimizer) == [5]
    give_gradients(params, np.random.default_rng(0), without=[1, 3])
    optimizer.step()
    give_gradients(params, np.random.default_rng(0))
    optimizer.step()
    assert sorted(count_gathered(optimizer)) == [2, 3]


def test_what_is_large_or_of_another_dtype_is_updated_alone():
    params = [*parameters(), *parameters(np.float32), *parameters(np.float16)]
    params.append(tl.Tensor(np.ones(gathering.SMALL + 1), requires_grad=True))
    params.append(tl.Tensor(np.ones(3, np.dtype(float).newbyteorder()), requires_grad=True))
    optimizer = tl.optim.Adam(params)
    stepped_twice(optimizer, params)
    assert count_gathered(optimizer) == [5, 5]


def test_no_more_are_taken_together_than_stay_in_the_cache(monkeypatch):
    monkeypatch.setattr("tinygrad_lite.optim.optimizer.BLOCK", 13)
    params = parameters()
    optimizer = tl.optim.Adam(params)
    stepped_twice(optimizer, params)
    assert [[p.size for p in one.params] for one in optimizer.plans[0].gathered] == [[5, 1, 0]]
    assert {p.size for p in optimizer.plans[0].alone.values()} == {12, 8}


@pytest.mark.parametrize("put", [
    lambda optimizer: optimizer.load_state_dict(optimizer.state_dict()),
    lambda optimizer: optimizer.state[1].update(exp_avg=optimizer.state[1]["exp_avg"].copy()),
    lambda optimizer: optimizer.state.update(copy.deepcopy(optimizer.state)),
    lambda optimizer: optimizer.plans.clear(),
])  # fmt: skip
def test_states_put_elsewhere_are_found_there(put):
    ours, theirs = parameters(), parameters()
    moved, kept = tl.optim.Adam(ours), tl.optim.Adam(theirs)
    for params, optimizer in ((ours, moved), (theirs, kept)):
        stepped_twice(optimizer, params)
    put(moved)
    moved.state[1]["exp_avg"] += 1.0
    kept.state[1]["exp_avg"] += 1.0
    for params, optimizer in ((ours, moved), (theirs, kept)):
        stepped_twice(optimizer, params)
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(p.data, q.data)


def test_a_number_of_steps_that_was_set_counts():
    ours, theirs = parameters(), parameters()
    set_, kept = tl.optim.Adam(ours), tl.optim.Adam(theirs)
    stepped_twice(set_, ours)
    stepped_twice(kept, theirs)
    set_.state[1]["step"] = 1000
    for params, optimizer in ((ours, set_), (theirs, kept)):
        give_gradients(params, np.random.default_rng(3))
        optimizer.step()
    assert not np.array_equal(ours[1].data, theirs[1].data)
    for k in (0, 2, 3, 4):
        np.testing.assert_allclose(ours[k].data, theirs[k].data, rtol=1e-15)


def test_copies_hold_no_more_than_states():
    params = parameters()
    optimizer = tl.optim.Adam(params)
    stepped_twice(optimizer, params)
    again = copy.deepcopy(optimizer)
    assert not again.plans
    assert not again.scratch
    before = again.state_dict()
    stepped_twice(optimizer, params)
    np.testing.assert_equal(again.state_dict()["state"], before["state"])


def test_what_others_hold_of_a_parameter_is_as_it_was():
    """A graph's saved value, and an array of the caller's."""
    mine = np.ones(3)
    params = [tl.Tensor(mine, requires_grad=True), tl.tensor(np.ones(2), requires_grad=True)]
    optimizer = tl.optim.Adam(params, lr=0.5)
    loss = (params[1] * params[1]).sum()
    for p in params:
        p.grad = np.ones(p.shape)
    optimizer.step()
    assert mine.tolist() == [1.0] * 3
    params[1].grad = None
    loss.backward()
    assert params[1].grad.tolist() == [2.0, 2.0]
    np.testing.assert_allclose([*params[0].data, *params[1].data], 0.5, rtol=1e-7)
