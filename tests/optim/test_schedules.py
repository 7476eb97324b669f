"""Schedules: the document's equation 23, and state."""

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


def test_groups_that_are_added_later():
    optimizer = optim.SGD([tl.tensor([1.0], requires_grad=True)])
    schedule = optim.Schedule(optimizer, optim.constant())
    optimizer.add_param_group({"params": [tl.tensor([1.0], requires_grad=True)]})
    with pytest.raises(ValueError, match="2 groups, and had 1"):
        schedule.step()
