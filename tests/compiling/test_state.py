"""Compiled training steps: what they keep is where it was, and is what it would be without source."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn, optim

X = np.random.default_rng(1).normal(size=(20, 6)).astype(np.float32)
T = np.random.default_rng(2).integers(0, 3, 20)

OPTIMIZERS = {
    "sgd": lambda p: optim.SGD(p, lr=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-3),
    "adam": lambda p: optim.Adam(p, lr=0.01),
    "adamw": lambda p: optim.AdamW(p, lr=0.01),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.01, centered=True, momentum=0.5),
    "adagrad": lambda p: optim.Adagrad(p, lr=0.01, lr_decay=0.1),
}


def training(make, activation="relu", dtype=np.float32):
    """A network, its optimizer, and one step."""
    net = nn.MLP([6, 8, 3], activation, rng=0, dtype=dtype)
    optimizer = make(net.parameters())

    def step(x, t):
        optimizer.zero_grad()
        loss = tl.cross_entropy(net(x), t)
        loss.backward()
        optimizer.step()
        return loss

    return net, optimizer, step


def assert_same_state(one, other):
    for (name, p), (_, q) in zip(one[0].named_parameters(), other[0].named_parameters(), strict=True):
        np.testing.assert_array_equal(p.data, q.data, err_msg=name)
    a, b = one[1].state_dict()["state"], other[1].state_dict()["state"]
    assert a.keys() == b.keys()
    for place in a:
        assert a[place]["step"] == b[place]["step"]
        for key, x in a[place].items():
            np.testing.assert_array_equal(x, b[place][key], err_msg=f"{key} of {place}")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_steps_leave_every_bit_as_steps_without_source_do(name, dtype):
    eager, other = training(OPTIMIZERS[name], dtype=dtype), training(OPTIMIZERS[name], dtype=dtype)
    compiled = tl.compile(other[2], state=other[:2])
    for k in range(6):
        for each in (eager, other):
            each[1].lr = 0.1 / (k + 1)
        assert eager[2](X.astype(dtype), T).item() == compiled(X.astype(dtype), T).item()
        assert_same_state(eager, other)
    assert len(compiled.signatures) == 1


def test_arrays_stay_where_they_are_and_others_are_taken_over():
    eager, other = training(OPTIMIZERS["adam"]), training(OPTIMIZERS["adam"])
    compiled = tl.compile(other[2], state=other[:2])
    for _ in range(3):
        eager[2](X, T), compiled(X, T)
    held = [id(p._value) for p in other[0].parameters()]
    compiled(X, T), eager[2](X, T)
    assert [id(p._value) for p in other[0].parameters()] == held
    saved = other[0].state_dict()
    for _ in range(2):
        compiled(X, T), eager[2](X, T)
    for each in (eager, other):
        each[0].load_state_dict(saved)
    for _ in range(2):
        compiled(X, T), eager[2](X, T)
    assert_same_state(eager, other)


def test_steps_with_and_without_source_may_alternate():
    eager, other = training(OPTIMIZERS["momentum"]), training(OPTIMIZERS["momentum"])
    compiled = tl.compile(other[2], state=other[:2])
    for k in range(8):
        eager[2](X, T)
        (compiled if k % 3 else other[2])(X, T)
    assert_same_state(eager, other)


def test_a_network_in_another_mode_is_written_down_again():
    other = training(OPTIMIZERS["sgd"])
    compiled = tl.compile(other[2], state=other[:2])
    for _ in range(3):
        compiled(X, T)
    other[0].eval()
    compiled(X, T)
    assert len(compiled.signatures) == 2


def test_a_gradient_whose_square_overflows_is_refused_before_anything_changes():
    net, optimizer, _ = training(OPTIMIZERS["adam"])

    def step(x, t):
        optimizer.zero_grad()
        loss = tl.cross_entropy(net(x), t) * np.float32(1e25)
        loss.backward()
        optimizer.step()
        return loss

    def small(x, t):
        return training_step(net, optimizer, x, t)

    small(X, T)
    before = net.state_dict()
    compiled = tl.compile(step, state=[net, optimizer])
    with np.errstate(over="ignore"), pytest.raises(ValueError, match=r"Adam: .*squares.*clip_grad_norm"):
        compiled(X, T)
    for name, x in net.state_dict().items():
        np.testing.assert_array_equal(x, before[name])


def training_step(net, optimizer, x, t):
    optimizer.zero_grad()
    loss = tl.cross_entropy(net(x), t)
    loss.backward()
    optimizer.step()
    return loss


def test_a_step_allocates_nothing_but_what_it_returns():
    net, optimizer, step = training(OPTIMIZERS["adam"])
    compiled = tl.compile(step, state=[net, optimizer])
    for _ in range(4):
        compiled(X, T)
    tracemalloc.start()
    try:
        compiled(X, T)
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        compiled(X, T)
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert peak < 4000  # numbers, parts by index, frames; a step without source takes ten times that


def test_what_is_no_state_is_refused():
    with pytest.raises(TypeError, match="state is made of modules, optimizers and Tensors, not int"):
        tl.compile(lambda x: x, state=[3])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_normalization_of_batches_moves_its_means(dtype):
    def trained(compile):
        net = nn.Sequential(nn.Linear(4, 6, rng=0), nn.BatchNorm1d(6), nn.Linear(6, 2, rng=1))
        adam = optim.Adam(net.parameters(), lr=0.01)

        def step(x):
            adam.zero_grad()
            loss = (net(x) ** 2).mean()
            loss.backward()
            adam.step()
            return loss

        step = tl.compile(step, state=[net, adam]) if compile else step
        rng = np.random.default_rng(0)
        losses = [step(rng.normal(size=(8, 4)).astype(dtype)).item() for _ in range(5)]
        state = net.state_dict()  # which reads parameters of which there were views
        assert all(type(x) is np.ndarray for x in state.values())
        losses.append(step(rng.normal(size=(6, 4)).astype(dtype)).item())  # compiled anew
        return (
            [*losses, *[p.data.sum() for p in net.parameters()]],
            net[1].running_mean,
            net[1].running_var,
            net[1].num_batches_tracked,
        )

    for found, wanted in zip(trained(True), trained(False), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_embeddings_take_other_indices_in_each_call():
    def trained(compile):
        embedding, linear = nn.Embedding(10, 4, padding_idx=2, rng=0), nn.Linear(4, 2, rng=1)
        adam = optim.Adam([*embedding.parameters(), *linear.parameters()], lr=0.1)

        def step(indices):
            adam.zero_grad()
            loss = tl.cross_entropy(linear(embedding(indices)), np.array([0, 1, 0, 1]))
            loss.backward()
            adam.step()
            return loss

        step = tl.compile(step, state=[embedding, linear, adam]) if compile else step
        losses = [step(np.arange(k, k + 4)).item() for k in range(5)]
        before = embedding.weight.data.copy()
        with pytest.raises(ValueError, match="Embedding: indices must lie in 0 … 9"):
            step(np.array([0, 1, 2, 40]))
        np.testing.assert_array_equal(embedding.weight.data, before)
        return losses, embedding.weight.data

    for found, wanted in zip(trained(True), trained(False), strict=True):
        np.testing.assert_array_equal(found, wanted)


LAYOUTS = {
    "columns": np.asfortranarray,
    "steps": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "backwards": lambda x: x[::-1].copy()[::-1],
}


@pytest.mark.parametrize("layout", list(LAYOUTS))
@pytest.mark.parametrize("name", ["sgd", "adam", "rmsprop"])
def test_parameters_that_do_not_lie_in_order_are_trained(name, layout):
    def losses(compile):
        p = tl.Tensor(LAYOUTS[layout](np.arange(6.0).reshape(2, 3)), requires_grad=True)
        optimizer = tl.optim.BY_NAME[name]([p], lr=0.1)

        def step():
            optimizer.zero_grad()
            loss = (p * p).sum()
            loss.backward()
            optimizer.step()
            return loss

        run = tl.compile(step, state=[optimizer]) if compile else step
        return [run().item() for _ in range(4)]

    np.testing.assert_allclose(losses(True), losses(False), rtol=1e-12)


def test_copies_are_assigned_to_parameters():
    def trained(compile):
        p, q = tl.Tensor(np.arange(1.0, 4.0)), tl.Tensor(np.ones(3))

        def step(x):
            c, e = p.data.copy(), q.data.copy()
            c -= 0.1 * e + x
            e -= 0.1 * c
            p.data[...] = c
            q.data[...] = e
            r = p.data
            p.data -= 0.1 * x
            return r * 1.0

        run = tl.compile(step, state=[p, q]) if compile else step
        for _ in range(3):
            run(np.array([0.3, 0.2, -0.1]))
        return p.data, q.data

    np.testing.assert_allclose(trained(True), trained(False), rtol=1e-14)
