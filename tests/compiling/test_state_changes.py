"""Compiled training steps while what they depend on changes: equal to eager ones to the last bit, or refused."""

from __future__ import annotations

import copy
import types
import warnings

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn, optim
from tinygrad_lite.compiling.left_gradients import LeftGradient

RNG = np.random.default_rng(0)
XS = RNG.normal(size=(12, 8, 4)).astype(np.float32)
TS = RNG.normal(size=(12, 8, 2)).astype(np.float32)


class Net(nn.Module):
    """Two layers, with settings of all kinds that its forward looks at."""

    def __init__(self):
        self.first, self.second = nn.Linear(4, 5, rng=0), nn.Linear(5, 2, rng=1)
        self.drop = nn.Dropout(0.0, rng=7)
        self.scale, self.mode, self.fn, self.factors = 1.0, "tanh", np.tanh, [1.0, {"x": 1.0}]
        self.config = types.SimpleNamespace(k=1.0)
        self.mask = [np.ones(5, np.float32)]

    def forward(self, x):
        h = self.fn(self.first(x)) * self.mask[0]
        h = np.sin(h) if self.mode == "sin" else h
        return self.second(self.drop(h)) * self.scale * self.factors[0] * self.factors[1]["x"] * self.config.k


def adam(net):
    return optim.Adam(net.parameters(), lr=0.01)


def sgd(net):
    return optim.SGD(net.parameters(), lr=0.05)


def learned(net, optimizer, x, t):
    """The loss, after a step downhill."""
    loss = ((net(x) - t) ** 2).mean()
    loss.backward()
    optimizer.step()
    return loss


def usual(net, optimizer):
    def step(x, t):
        optimizer.zero_grad()
        return learned(net, optimizer, x, t)

    return step


def trained(compiled, change=None, make=adam, step_of=usual, net_of=Net, steps=9, args=lambda n: ()):
    """A network after some steps, with a change before each; the losses; and how often the step was compiled."""
    net = net_of()
    optimizer = make(net)
    step = step_of(net, optimizer)
    step = tl.compile(step, state=[net, optimizer]) if compiled else step
    losses = []
    for n in range(steps):
        if change is not None:
            change(n, net, optimizer)
        losses.append(step(XS[n], TS[n], *args(n)).item())
    return net, optimizer, losses, len(step.signatures) if compiled else 0


def assert_alike(most, **how):
    """As many steps both ways leave the same; the step was compiled so often at most."""
    eager, other = trained(False, **how), trained(True, **how)
    assert eager[2] == other[2]
    assert len(set(eager[2])) > 1
    for (name, p), (_, q) in zip(eager[0].named_parameters(), other[0].named_parameters(), strict=True):
        np.testing.assert_array_equal(p.data, q.data, err_msg=name)
    a, b = eager[1].state_dict()["state"], other[1].state_dict()["state"]
    assert a.keys() == b.keys()
    for place in a:
        assert a[place].keys() == b[place].keys()
        for key, x in a[place].items():
            np.testing.assert_array_equal(x, b[place][key], err_msg=f"{key} of {place}")
    assert 0 < other[3] <= most
    return other


# ---------------------------------------------------------------------------------------------------------------------
# What the function and the modules take from elsewhere


def attribute(name, *values):
    """Set an attribute of the network at every third step."""

    def change(n, net, _):
        if n % 3 == 2:
            *path, last = name.split(".")
            for part in path:
                net = getattr(net, part)
            setattr(net, last, values[n // 3 % len(values)])

    return change


VALUES = (1.0, 2.0, 3.0)


def entry(n, net, _):
    net.factors[0] = VALUES[n // 3]


def deep_entry(n, net, _):
    net.factors[1]["x"] = VALUES[n // 3]


def masked(n, net, _):
    net.mask[0][2] = n // 3


def another_part(n, net, _):
    if n == 5:
        net.second = nn.Sequential(net.second, nn.Tanh())


def other_mode(n, net, _):
    net.train(n % 4 != 3)


CHANGES = {
    "float": (attribute("scale", 2.0, 0.5), 3),
    "str": (attribute("mode", "sin", "tanh"), 2),
    "function": (attribute("fn", np.sin, np.tanh), 2),
    "probability": (attribute("drop.p", 0.5, 0.25), 3),
    "namespace": (attribute("config.k", 2.0), 2),
    "entry": (entry, 3),
    "entry of a dict": (deep_entry, 3),
    "array": (masked, 3),
    "part": (another_part, 2),
    "mode": (other_mode, 2),
}


@pytest.mark.parametrize("name", CHANGES)
def test_attributes_of_modules_may_change(name):
    change, most = CHANGES[name]
    assert_alike(most, change=change)


def test_a_number_that_is_put_there_again_is_the_same():
    def change(n, net, _):
        net.scale, net.mode = float("1.5") if n < 6 else -0.0 if n == 6 else 0.0, "".join(["ta", "nh"])

    assert_alike(3, change=change)


def test_a_number_that_changes_at_each_step():
    def change(n, net, _):
        net.scale *= 0.9

    assert_alike(9, change=change)


scale = 1.0
weights = np.ones(2, np.float32)


def with_globals(net, optimizer):
    def step(x, t):
        optimizer.zero_grad()
        loss = (((net(x) - t) * weights) ** 2).mean() * scale
        loss.backward()
        optimizer.step()
        return loss

    return step


def test_globals_may_change():
    def change(n, net, _):
        global scale
        scale = VALUES[n // 3]
        weights[0] = 1.0 + n // 4

    assert_alike(6, change=change, step_of=with_globals)


class Counting(Net):
    def forward(self, x):
        self.scale += 1
        return super().forward(x)


def test_a_counter_in_the_forward_pass_is_refused():
    with pytest.raises(
        TypeError, match=r"compile: the function changes 'scale' from outside: that would happen when it"
    ):
        trained(True, net_of=Counting)


class Averaging(nn.Module):
    """A running mean that is bound anew."""

    def __init__(self):
        self.layer = nn.Linear(4, 2, rng=0)
        self.mean = np.zeros(4, np.float32)
        self.means = {"m": np.zeros(4, np.float32)}

    def forward(self, x):
        self.mean = 0.9 * self.mean + 0.1 * x.mean(axis=0)
        self.means["m"] = 0.9 * self.means["m"] + 0.1 * self.mean
        return self.layer(x - self.means["m"])


def test_buffers_that_are_bound_anew_go_on():
    assert_alike(1, net_of=Averaging)


def test_dropout_draws_anew_in_each_step():
    assert_alike(1, change=lambda n, net, _: setattr(net.drop, "p", PROBABILITY))


PROBABILITY = 0.5

# ---------------------------------------------------------------------------------------------------------------------
# Parameters and optimizers


def test_a_parameter_that_is_replaced():
    def change(n, net, optimizer):
        if n == 4:
            old = net.first.weight
            net.first.weight = tl.tensor(old.data * 0.5, requires_grad=True)
            params = optimizer.param_groups[0]["params"]
            params[[id(p) for p in params].index(id(old))] = net.first.weight

    assert_alike(3, change=change)  # of the new one there is no gradient first


def test_a_parameter_that_is_replaced_in_the_module_alone():
    def change(n, net, _):
        if n == 4:
            net.first.weight = tl.tensor(net.first.weight.data * 0.5, requires_grad=True)

    assert_alike(2, change=change)


def test_states_that_are_loaded():
    saved = {}

    def change(n, net, optimizer):
        if n == 2:
            saved["net"], saved["optimizer"] = net.state_dict(), copy.deepcopy(optimizer.state_dict())
        if n == 4:
            optimizer.load_state_dict(saved["optimizer"])
        if n == 6:
            net.load_state_dict(saved["net"])
        if n == 7:
            optimizer.load_state_dict(saved["optimizer"])

    assert_alike(1, change=change)


def test_values_that_the_caller_puts_in_are_not_written_to():
    held = np.full((5, 4), 0.25, np.float32)

    def change(n, net, _):
        if n == 4:
            net.first.weight.data = held

    assert_alike(1, change=change)
    np.testing.assert_array_equal(held, 0.25)


def test_groups_that_are_added():
    def change(n, net, optimizer):
        if n == 4:
            optimizer.add_param_group({"params": net.second.parameters(), "lr": 0.02})

    assert_alike(2, change=change, make=lambda net: optim.Adam(net.first.parameters(), lr=0.01))


def momentum(n, _, optimizer):
    optimizer.param_groups[0]["momentum"] = 0.1 * (n // 3)


def decay(n, _, optimizer):
    optimizer.weight_decay = 0.1 * (n // 3)


def betas(n, _, optimizer):
    optimizer.betas = (0.9, 0.999) if n < 4 else (0.8, 0.99)


def schedule(n, _, optimizer):
    optimizer.lr = 0.1 / (n + 1)


OPTIONS = {
    "momentum": (momentum, sgd, 3),
    "decay": (decay, sgd, 3),
    "betas": (betas, adam, 2),
    "lr": (schedule, adam, 1),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options_may_change(name):
    change, make, most = OPTIONS[name]
    assert_alike(most, change=change, make=make)


def test_betas_in_a_list_may_change_in_place():
    def change(n, _, optimizer):
        optimizer.param_groups[0]["betas"][0] = 0.9 - 0.1 * (n // 4)

    assert_alike(3, change=change, make=lambda net: optim.Adam(net.parameters(), lr=0.01, betas=[0.9, 0.999]))


def test_rates_that_become_equal_and_part_again():
    def change(n, _, optimizer):
        optimizer.param_groups[1]["lr"] = [0.01, 0.02][n // 3 % 2]

    def make(net):
        return optim.Adam([{"params": net.first.parameters()}, {"params": net.second.parameters()}], lr=0.01)

    assert_alike(2, change=change, make=make)


def test_parameters_are_frozen_and_thawed():
    def change(n, net, _):
        net.first.requires_grad_(n % 5 < 3)

    assert_alike(5, change=change)  # thawed, there are no gradients first; counts of steps are not the same again


def test_parameters_that_are_thawed_have_their_state_made():
    def make(net):
        optimizer = adam(net)
        net.first.requires_grad_(False)
        return optimizer

    def change(n, net, _):
        net.first.requires_grad_(n >= 4)

    assert_alike(2, change=change, make=make)


def test_schedules_between_steps():
    schedules = {}

    def change(n, _, optimizer):
        if n == 0:
            schedules["s"] = optim.Schedule(optimizer, optim.cosine(9))
        else:
            schedules["s"].step()

    assert_alike(1, change=change)


def test_a_schedule_within_a_compiled_step_is_refused():
    def step_of(net, optimizer):
        plan = optim.Schedule(optimizer, optim.cosine(9))
        inner = usual(net, optimizer)

        def step(x, t):
            loss = inner(x, t)
            plan.step()
            return loss

        return step

    with pytest.raises(TypeError, match=r"Schedule: step\(\) within a compiled function .* call it between"):
        trained(True, step_of=step_of)


def test_a_rate_that_the_step_changes_goes_on():
    def step_of(net, optimizer):
        inner = usual(net, optimizer)

        def step(x, t):
            loss = inner(x, t)
            optimizer.param_groups[0]["lr"] *= 0.9
            return loss

        return step

    _, optimizer, *_ = assert_alike(1, step_of=step_of)
    assert optimizer.lr == pytest.approx(0.01 * 0.9**9)


def test_options_that_the_step_changes_are_refused():
    def step_of(net, optimizer):
        inner = usual(net, optimizer)

        def step(x, t):
            loss = inner(x, t)
            optimizer.betas = (0.9 * optimizer.betas[0], 0.999)
            return loss

        return step

    with pytest.raises(TypeError, match="compile: the function changes an option of an optimizer"):
        trained(True, step_of=step_of)


# ---------------------------------------------------------------------------------------------------------------------
# Gradients


def forgetful(net, optimizer):
    def step(x, t):
        return learned(net, optimizer, x, t)

    return step


def accumulating(net, optimizer):
    def step(x, t, last):
        loss = ((net(x) - t) ** 2).mean()
        loss.backward()
        if last:
            optimizer.step()
            optimizer.zero_grad()
        return loss

    return step


def with_zeros(net, optimizer):
    def step(x, t):
        optimizer.zero_grad(set_to_none=False)
        return learned(net, optimizer, x, t)

    return step


def beginning(net, optimizer):
    def step(x, t, first):
        if first:
            optimizer.zero_grad()
        return learned(net, optimizer, x, t)

    return step


def assert_same_gradients(eager, other):
    for p, q in zip(eager.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(p.grad, q.grad)
        assert type(p.grad) is type(q.grad)


@pytest.mark.parametrize("make", [adam, sgd])
def test_gradients_accumulate_where_nothing_forgets_them(make):
    net, *_ = assert_alike(1, step_of=forgetful, make=make)
    assert_same_gradients(trained(False, step_of=forgetful, make=make)[0], net)


def test_gradients_that_the_step_scales_in_place():
    def step_of(net, optimizer):
        def step(x, t):
            for p in net.parameters():
                if p.grad is not None:
                    p.grad *= 0.5
            loss = ((net(x) - t) ** 2).mean()
            loss.backward()
            optimizer.step()
            net.second.bias.grad[...] = 0.5
            return loss + (net.second.bias.grad * 2).sum()

        return step

    assert_alike(1, step_of=step_of)


@pytest.mark.parametrize("every", [2, 3, 4])
def test_gradients_accumulate_until_a_step(every):
    assert_alike(3, step_of=accumulating, args=lambda n: (n % every == every - 1,), steps=12)


def test_gradients_that_are_filled_with_zeros():
    assert_alike(1, step_of=with_zeros)


def test_gradients_accumulate_from_the_first_of_some_steps():
    assert_alike(2, step_of=beginning, args=lambda n: (n % 4 == 0,))


def test_gradients_that_the_caller_forgets_are_left():
    def change(n, net, _):
        net.zero_grad()

    net, *_ = assert_alike(1, step_of=forgetful, change=change)
    assert_same_gradients(trained(False, step_of=forgetful, change=change)[0], net)


def test_gradients_that_the_caller_changes():
    def change(n, net, _):
        if n > 2:
            net.first.weight.grad = net.first.weight.grad * 0.5
            net.first.bias.grad = None

    assert_alike(2, step_of=forgetful, change=change)


def test_a_gradient_that_somebody_holds_stays_what_it_was():
    net = Net()
    optimizer = adam(net)
    step = tl.compile(forgetful(net, optimizer), state=[net, optimizer])
    step(XS[0], TS[0]), step(XS[1], TS[1])
    held = net.first.weight.grad
    before = held.copy()
    step(XS[2], TS[2])
    np.testing.assert_array_equal(held, before)
    assert not np.array_equal(net.first.weight.grad, before)


def test_gradients_of_a_step_that_forgets_them_are_not_old_numbers():
    net, optimizer, *_ = trained(True)
    p = net.first.weight
    assert p.grad is not None
    assert p.grad.shape == p.shape
    for use in (np.abs, np.asarray, np.linalg.norm, lambda g: g * 2, lambda g: g[0], lambda g: g.max(), float, list):
        with pytest.raises(
            TypeError, match=r"grad: the gradient of shape \(5, 4\) that a compiled step left is not kept"
        ):
            use(p.grad)
    for use in (
        lambda: ((net(XS[0]) - TS[0]) ** 2).mean().backward(),
        optimizer.step,
        lambda: optim.clip_grad_norm(net.parameters(), 1.0),
    ):
        with pytest.raises(TypeError, match="that a compiled step left is not kept"):
            use()
    assert type(copy.deepcopy(net).first.weight.grad) is LeftGradient
    optimizer.zero_grad(set_to_none=False)
    np.testing.assert_array_equal(p.grad, np.zeros((5, 4)))
    usual(net, optimizer)(XS[0], TS[0])
    assert type(p.grad) is np.ndarray


def test_a_step_may_return_gradients():
    def step_of(net, optimizer):
        inner = usual(net, optimizer)

        def step(x, t):
            return inner(x, t), [p.grad for p in net.parameters()]

        return step

    net = Net()
    optimizer = adam(net)
    step, other = step_of(net, optimizer), Net()
    eager = step_of(other, adam(other))
    step = tl.compile(step, state=[net, optimizer])
    for n in range(4):
        for g, h in zip(step(XS[n], TS[n])[1], eager(XS[n], TS[n])[1], strict=True):
            np.testing.assert_array_equal(g, h)


def test_a_step_that_adds_to_what_was_not_kept_is_refused_once():
    net = Net()
    optimizer = adam(net)
    step = tl.compile(beginning(net, optimizer), state=[net, optimizer])
    for n in range(3):
        step(XS[n], TS[n], True)
    for _ in range(2):
        with pytest.raises(
            TypeError, match=r"compile: the function adds to a gradient.*that a call before left and did not"
        ):
            step(XS[3], TS[3], False)
    eager_net = Net()
    eager = beginning(eager_net, adam(eager_net))
    for n in range(3):
        eager(XS[n], TS[n], True)
    for n in range(8):
        assert step(XS[n], TS[n], n % 4 == 0).item() == eager(XS[n], TS[n], n % 4 == 0).item()


def test_two_steps_that_leave_gradients_of_the_others_parameters():
    def run(compiled):
        maker, judge = nn.Linear(4, 3, rng=0), nn.Linear(3, 1, rng=1)
        of_maker, of_judge = adam(maker), adam(judge)

        def judging(x):
            of_judge.zero_grad()
            loss = (judge(maker(x).detach()) ** 2).mean() - judge(x[:, :3]).mean()
            loss.backward()
            of_judge.step()
            return loss

        def making(x):
            of_maker.zero_grad()
            loss = -judge(maker(x)).mean()
            loss.backward()
            of_maker.step()
            return loss

        if compiled:
            judging = tl.compile(judging, state=[judge, maker, of_judge])
            making = tl.compile(making, state=[judge, maker, of_maker])
        losses = [each(XS[n]).item() for n in range(8) for each in (judging, making)]
        return losses, maker.state_dict(), judge.state_dict()

    eager, other = run(False), run(True)
    assert eager[0] == other[0]
    for a, b in zip(eager[1:], other[1:], strict=True):
        for name in a:
            np.testing.assert_array_equal(a[name], b[name])


def test_a_parameter_without_a_gradient_keeps_none():
    class Unused(Net):
        def __init__(self):
            super().__init__()
            self.other = nn.Linear(2, 2, rng=3)

    net, *_ = assert_alike(1, net_of=Unused)
    assert net.other.weight.grad is None
    assert type(net.first.weight.grad) is LeftGradient


def differently(run):
    """What a run gives without source and with it."""
    found = []
    for compiled in (False, True):
        net = Net()
        optimizer = adam(net)
        step = usual(net, optimizer)
        step = tl.compile(step, state=[net, optimizer]) if compiled else step
        for n in range(3):
            step(XS[n], TS[n])
        found.append(run(net, optimizer, step))
    return found


def test_a_graph_that_is_there_sees_no_step():
    def run(net, optimizer, step):
        y = (net(XS[3]) ** 2).sum()
        step(XS[4], TS[4])
        optimizer.zero_grad()
        y.backward()
        return net.first.weight.grad

    np.testing.assert_array_equal(*differently(run))


def test_who_was_given_the_data_sees_every_step():
    def run(net, optimizer, step):
        w = net.first.weight.data
        step(XS[4], TS[4])
        step(XS[5], TS[5])
        return w

    np.testing.assert_array_equal(*differently(run))


def test_parameters_that_are_given_the_same_array_stay_two():
    def run(net, optimizer, step):
        net.second.weight.data = net.first.weight.data[:2, :1] * np.ones(5, np.float32)
        net.second.bias.data = net.first.bias.data[:2]
        for n in range(3):
            step(XS[n], TS[n])
        return np.concatenate([net.first.bias.data, net.second.bias.data])

    np.testing.assert_array_equal(*differently(run))


def test_hooks_are_called():
    def run(net, optimizer, step):
        handle = net.first.weight.register_hook(lambda g: g * 2)
        for n in range(3):
            step(XS[n], TS[n])
        handle.remove()
        for n in range(3):
            step(XS[n], TS[n])
        return net.first.weight.data

    np.testing.assert_array_equal(*differently(run))


def test_batches_of_two_sizes_may_take_turns():
    net = Net()
    optimizer = adam(net)
    step = tl.compile(usual(net, optimizer), state=[net, optimizer])
    for n in range(4):
        step(XS[n], TS[n]), step(XS[n][:5], TS[n][:5])
    held = [id(p._value) for p in net.parameters()]
    for n in range(4):
        step(XS[n], TS[n]), step(XS[n][:5], TS[n][:5])
    assert [id(p._value) for p in net.parameters()] == held
    assert len(step.signatures) == 2


# ---------------------------------------------------------------------------------------------------------------------
# Clipping


def clipping(clip):
    def step_of(net, optimizer):
        def step(x, t):
            optimizer.zero_grad()
            loss = ((net(x) - t) ** 2).mean()
            loss.backward()
            norm = clip(net.parameters())
            optimizer.step()
            return loss if norm is None else tl.tensor(1.0) * norm + loss * 0

        return step

    return step_of


@pytest.mark.parametrize("bound", [0.0, 0.05, 0.7, 100.0])
def test_gradients_are_clipped(bound):
    assert_alike(1, step_of=clipping(lambda p: optim.clip_grad_norm(p, bound)), make=sgd)
    assert_alike(1, step_of=clipping(lambda p: optim.clip_grad_value(p, bound)))


@pytest.mark.parametrize("clip", [optim.clip_grad_norm, optim.clip_grad_value])
def test_gradients_that_no_factor_helps_are_refused_before_anything_changes(clip):
    net = Net()
    optimizer = adam(net)
    step = tl.compile(clipping(lambda p: clip(p, 1.0))(net, optimizer), state=[net, optimizer])
    step(XS[0], TS[0]), step(XS[1], TS[1])
    before = net.state_dict()
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=f"{clip.__name__}: .*tl.detect_anomaly"):
        step(XS[2] * np.float32("nan"), TS[2])
    for name, x in net.state_dict().items():
        np.testing.assert_array_equal(x, before[name])


# ---------------------------------------------------------------------------------------------------------------------
# What is missing


@pytest.mark.parametrize("make", [adam, sgd])
def test_a_step_without_state_says_what_to_give(make):
    net = Net()
    optimizer = make(net)
    usual(net, optimizer)(XS[0], TS[0])
    before = net.state_dict()
    with pytest.raises(TypeError, match=r"step\(\) is compiled.*state=\[network, optimizer\]"):
        tl.compile(usual(net, optimizer))(XS[0], TS[0])
    assert all(np.array_equal(x, before[name]) for name, x in net.state_dict().items())


@pytest.mark.parametrize("make", [adam, sgd])
@pytest.mark.parametrize("begun", [False, True])
def test_state_without_the_optimizer_says_what_to_give(make, begun):
    net = Net()
    optimizer = make(net)
    if begun:
        usual(net, optimizer)(XS[0], TS[0])
    before = copy.deepcopy(optimizer.state_dict())
    with pytest.raises(TypeError, match=r"state=\[network, optimizer\]"):
        tl.compile(usual(net, optimizer), state=[net])(XS[0], TS[0])
    assert repr(optimizer.state_dict()) == repr(before)


def test_an_optimizers_state_is_of_arrays_and_numbers():
    net = Net()
    optimizer = adam(net)
    usual(net, optimizer)(XS[0], TS[0])
    optimizer.state[0]["history"] = [np.ones(3)]
    with pytest.raises(TypeError, match=r"compile: the state of Adam holds a list \('history'\)"):
        tl.compile(usual(net, optimizer), state=[net, optimizer])(XS[0], TS[0])


def test_no_warning_is_given_of_what_is_chosen_against():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_alike(1, step_of=clipping(lambda p: optim.clip_grad_norm(p, 0.0)))
