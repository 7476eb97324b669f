"""Schedules: the document's equation 23, and state."""

import pickle

import pytest

import tinygrad_lite as tl
from tinygrad_lite import optim


def sgd(*rates):
    return optim.SGD([{"params": [tl.tensor(1.0, requires_grad=True)], "lr": rate} for rate in rates])


def rates(factor, epochs, lr=1.0):
    optimizer = sgd(lr)
    schedule = optim.Schedule(optimizer, factor)
    found = []
    for _ in range(epochs):
        found.append(optimizer.param_groups[0]["lr"])
        schedule.step()
    return found


def test_equation_23():
    n, eta = 7, 0.3
    assert rates(optim.linear_decay(n), n, eta) == pytest.approx([eta * (1 - i / (1 + n)) for i in range(n)])
    assert min(rates(optim.linear_decay(2), 10)) == 0


def test_others():
    assert rates(optim.constant(), 3) == [1, 1, 1]
    assert rates(optim.step_decay(2), 5) == pytest.approx([1, 1, 0.1, 0.1, 0.01])
    assert rates(optim.cosine(2, floor=0.2), 4) == pytest.approx([1, 0.6, 0.2, 0.2])
    assert rates(optim.warm_up(1, optim.linear_decay(1)), 3) == pytest.approx([0.5, 1, 0.5])


def test_groups_keep_their_proportions_and_get_their_rates_back():
    optimizer = sgd(1.0, 0.1)
    schedule = optim.Schedule(optimizer, optim.step_decay(1, 0.5))
    schedule.step()
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 0.05]
    schedule.give_back()
    assert [group["lr"] for group in optimizer.param_groups] == [1.0, 0.1]


def test_state():
    first = optim.Schedule(sgd(0.5), optim.step_decay(1, 0.5))
    first.step()
    optimizer = sgd(9.0)
    second = optim.Schedule(optimizer, optim.step_decay(1, 0.5))
    second.load_state_dict(first.state_dict())
    assert optimizer.param_groups[0]["lr"] == 0.25
    for wrong in ({}, {"epoch": 1, "base_lrs": [1.0, 2.0]}, {"epoch": -1, "base_lrs": [1.0]}):
        with pytest.raises(ValueError, match="Schedule"):
            second.load_state_dict(wrong)
    assert second.state_dict() == first.state_dict()


@pytest.mark.parametrize(("make", "number"), [
    (optim.linear_decay, -1), (optim.step_decay, 0), (optim.cosine, 0), (optim.warm_up, -1),
])  # fmt: skip
def test_numbers_out_of_range(make, number):
    with pytest.raises(ValueError, match=make.__name__):
        make(number)


@pytest.mark.parametrize(("call", "error", "said"), [
    (lambda: optim.linear_decay("ten"), TypeError, "linear_decay: the number of epochs is a number, not 'ten'"),
    (lambda: optim.cosine(float("nan")), ValueError, "cosine: the number of epochs must be 1 or more, got nan"),
    (lambda: optim.cosine(3, floor=None), TypeError, "cosine: floor is a number, not NoneType"),
    (lambda: optim.step_decay(1, gamma=-1), ValueError, "step_decay: gamma must be 0 or more, got -1"),
    (lambda: optim.warm_up(1, 0.5), TypeError, "warm_up: after is another schedule, as .*, not 0.5"),
    (lambda: optim.Schedule([], optim.constant()), TypeError, r"Schedule: optimizer is an Optimizer, not \[\]"),
    (lambda: optim.Schedule(sgd(1.0), 0.1), TypeError, "Schedule: factor is a function of the epochs done, .*not 0.1"),
    (lambda: optim.Schedule(sgd(1.0), lambda i: None), ValueError, "after 0 epochs it is NoneType"),
    (lambda: optim.Schedule(sgd(1.0), lambda i: -1.0), ValueError, "after 0 epochs it is -1.0"),
])  # fmt: skip
def test_what_is_refused(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_a_factor_that_is_refused_changes_no_rate():
    optimizer = sgd(0.5)
    schedule = optim.Schedule(optimizer, lambda i: 1.0 if i == 0 else float("nan"))
    with pytest.raises(ValueError, match="after 1 epochs it is nan"):
        schedule.step()
    assert optimizer.lr == 0.5


@pytest.mark.parametrize("factor", [
    optim.constant(), optim.linear_decay(3), optim.step_decay(2, 0.5), optim.cosine(3, 0.1), optim.warm_up(2),
    optim.warm_up(2, optim.cosine(2)),
])  # fmt: skip
def test_schedules_can_be_sent_to_other_processes(factor):
    again = pickle.loads(pickle.dumps(factor))
    assert [again(i) for i in range(5)] == [factor(i) for i in range(5)]
    schedule = pickle.loads(pickle.dumps(optim.Schedule(sgd(0.5), factor)))
    schedule.step()
    assert schedule.optimizer.lr == 0.5 * factor(1)


def test_groups_that_are_added_later():
    optimizer = optim.SGD([tl.tensor([1.0], requires_grad=True)])
    schedule = optim.Schedule(optimizer, optim.constant())
    optimizer.add_param_group({"params": [tl.tensor([1.0], requires_grad=True)]})
    with pytest.raises(ValueError, match="2 groups, and had 1"):
        schedule.step()


def test_a_factor_that_grows_beyond_floats_is_refused():
    """It was Python's OverflowError."""
    optimizer = sgd(0.1)
    schedule = optim.Schedule(optimizer, optim.step_decay(1, 1e200))
    schedule.step()
    with pytest.raises(ValueError, match="after 2 epochs it is inf"):
        schedule.step()
    assert (schedule.epoch, optimizer.lr) == (1, 1e199)
