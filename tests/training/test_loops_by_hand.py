"""Training loops as PyTorch's tutorials write them: parameters changed in place under no_grad."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn, optim

X = np.random.default_rng(0).standard_normal((40, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 8, rng=0, dtype=float), nn.Tanh(), nn.Linear(8, 1, rng=1, dtype=float))


def loss_of(net: nn.Module) -> Any:
    return ((net(X) - Y) ** 2).mean()


def assigned(p: tl.Tensor, lr: float) -> None:
    p -= lr * p.grad


def written(p: tl.Tensor, lr: float) -> None:
    p[...] = p - lr * p.grad


def in_data(p: tl.Tensor, lr: float) -> None:
    p.data -= lr * p.grad


def into_data(p: tl.Tensor, lr: float) -> None:
    p.data[...] = p.data - lr * p.grad


def replaced(p: tl.Tensor, lr: float) -> None:
    p.data = p.data - lr * p.grad


def entry_by_entry(p: tl.Tensor, lr: float) -> None:
    for index in np.ndindex(p.shape):
        p[index] -= lr * p.grad[index]


def by_ufunc(p: tl.Tensor, lr: float) -> None:
    np.subtract(p, lr * p.grad, out=p)


def by_rows(p: tl.Tensor, lr: float) -> None:
    for row, g in zip(p, p.grad, strict=True):
        if row.ndim:
            row -= lr * g
    if p.ndim < 2:
        p -= lr * p.grad


def forget(p: tl.Tensor) -> None:
    p.grad = None


def fill_with_zeros(p: tl.Tensor) -> None:
    p.grad[...] = 0


STEPS = [assigned, written, in_data, into_data, replaced, entry_by_entry, by_ufunc, by_rows]
FORGET: list[Callable[[tl.Tensor], None]] = [forget, fill_with_zeros, tl.Tensor.zero_grad]


def trained(step: Callable[[tl.Tensor, float], None], clear: Callable[[tl.Tensor], None], epochs: int = 12) -> Any:
    """The losses of a loop, and the parameters at its end."""
    net = network()
    losses = []
    for _ in range(epochs):
        loss = loss_of(net)
        loss.backward()
        with tl.no_grad():
            for p in net.parameters():
                step(p, 0.1)
                clear(p)
        losses.append(loss.item())
    return losses, [p.data.copy() for p in net.parameters()]


def by_optimizer(epochs: int = 12) -> Any:
    net = network()
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_of(net)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, [p.data.copy() for p in net.parameters()]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("clear", FORGET)
def test_a_loop_by_hand_is_the_optimizers(step: Any, clear: Any) -> None:
    losses, values = trained(step, clear)
    expected, ends = by_optimizer()
    assert losses[-1] < 0.5 * losses[0]
    np.testing.assert_allclose(losses, expected, rtol=1e-10)
    for value, end in zip(values, ends, strict=True):
        np.testing.assert_allclose(value, end, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("step", STEPS)
def test_parameters_stay_leaves_of_the_module(step: Any) -> None:
    net = network()
    before = list(net.parameters())
    loss_of(net).backward()
    with tl.no_grad():
        for p in net.parameters():
            step(p, 0.1)
    assert [id(p) for p in net.parameters()] == [id(p) for p in before]
    assert all(p.is_leaf and p.requires_grad and p.grad is not None for p in before)


@pytest.mark.parametrize("step", [step for step in STEPS if "data" not in step.__name__ and step is not replaced])
def test_outside_no_grad_a_parameter_is_not_written_to(step: Any) -> None:
    net = network()
    loss_of(net).backward()
    start = net.state_dict()
    for p in net.parameters():
        with pytest.raises(TypeError, match=r"is a leaf that requires a gradient.*no_grad\(\)"):
            step(p, 0.1)
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value, start[name])


def test_momentum_and_decay_by_hand() -> None:
    w, v = tl.tensor([1.0, -2.0], requires_grad=True), np.zeros(2)
    twin = tl.tensor([1.0, -2.0], requires_grad=True)
    optimizer = optim.SGD([twin], lr=0.1, momentum=0.9, weight_decay=0.01)
    for _ in range(5):
        (w**4).sum().backward()
        with tl.no_grad():
            v *= 0.9
            v += w.grad + 0.01 * w.data
            w -= 0.1 * v
        w.zero_grad()
        optimizer.zero_grad()
        (twin**4).sum().backward()
        optimizer.step()
    np.testing.assert_allclose(w.data, twin.data, rtol=1e-12)


def test_a_running_average_of_the_parameters() -> None:
    net, average = network(), network()
    loss_of(net).backward()
    optim.SGD(net.parameters(), 0.5).step()
    expected = [0.9 * q.data + 0.1 * p.data for p, q in zip(net.parameters(), average.parameters(), strict=True)]
    with tl.no_grad():
        for p, q in zip(net.parameters(), average.parameters(), strict=True):
            q *= 0.9
            q += 0.1 * p
    for q, value in zip(average.parameters(), expected, strict=True):
        np.testing.assert_allclose(q.data, value)
        assert q.requires_grad


CLIPS: dict[str, Callable[[tl.Tensor], Any]] = {
    "w.data.clip(out=w.data)": lambda w: w.data.clip(-1, 1, out=w.data),
    "np.clip(w.data, out=w.data)": lambda w: np.clip(w.data, -1, 1, out=w.data),
    "np.clip(w, out=w)": lambda w: np.clip(w, -1, 1, out=w),
    "w[...] = np.clip(w)": lambda w: w.__setitem__(..., np.clip(w, -1, 1)),
    "w.data = w.data.clip()": lambda w: setattr(w, "data", w.data.clip(-1, 1)),
    "np.minimum and np.maximum": lambda w: np.maximum(np.minimum(w, 1, out=w), -1, out=w),
    "a mask": lambda w: [w.__setitem__(w > 1, 1.0), w.__setitem__(w < -1, -1.0)],
}


@pytest.mark.parametrize("clip", CLIPS.values(), ids=list(CLIPS))
def test_weights_are_clipped(clip: Any) -> None:
    w = tl.tensor([3.0, 0.5, -2.0], requires_grad=True)
    loss = (w**2).sum()
    with tl.no_grad():
        clip(w)
    np.testing.assert_array_equal(w.data, [1.0, 0.5, -1.0])
    assert w.is_leaf
    assert w.requires_grad
    loss.backward()
    np.testing.assert_array_equal(w.grad, [6.0, 1.0, -4.0])  # of the weights that the graph was recorded with
    w.zero_grad()
    (w**2).sum().backward()
    np.testing.assert_array_equal(w.grad, [2.0, 1.0, -2.0])


def test_clipping_into_itself_is_refused_outside_no_grad() -> None:
    w = tl.tensor([3.0], requires_grad=True)
    with pytest.raises(TypeError, match=r"is a leaf that requires a gradient.*no_grad\(\)"):
        np.clip(w, -1, 1, out=w)
    assert w.tolist() == [3.0]


@pytest.mark.parametrize("name", ["add_", "sub_", "mul_", "clamp_", "copy_", "fill_", "zero_", "normal_", "uniform_"])
def test_pytorchs_methods_in_place_say_what_to_write(name: str) -> None:
    w = tl.tensor([3.0], requires_grad=True)
    with pytest.raises(AttributeError, match=rf"a Tensor has no {name}; here it is: .*in place.*within no_grad\(\)"):
        getattr(w, name)
    with pytest.raises(AttributeError, match=rf"'numpy.ndarray' object has no attribute '{name}'"):
        getattr(w.data, name)


def test_gradients_accumulate_over_batches() -> None:
    net, whole = network(), network()
    for part in np.split(np.arange(40), 4):
        (((net(X[part]) - Y[part]) ** 2).sum() / 40).backward()
    loss_of(whole).backward()
    for p, q in zip(net.parameters(), whole.parameters(), strict=True):
        np.testing.assert_allclose(p.grad, q.grad, rtol=1e-10, atol=1e-14)


def test_two_losses_of_one_graph_with_a_step_between() -> None:
    """As networks that play against each other are trained: the second gradient is that of the graph as recorded."""
    w = tl.tensor([1.0, 2.0], requires_grad=True)
    hidden = w * w
    first, second = hidden.sum(), (hidden * hidden).sum()
    optimizer = optim.Adam([w], lr=0.1)
    first.backward(retain_graph=True)
    optimizer.step()
    optimizer.zero_grad()
    second.backward()
    np.testing.assert_allclose(w.grad, 4 * np.array([1.0, 2.0]) ** 3)


def test_a_line_fitted_with_numbers_as_parameters() -> None:
    """The first program of PyTorch's tutorial: a polynomial for the sine, with parameters without axes."""
    x = np.linspace(-np.pi, np.pi, 200)
    y = np.sin(x)
    a, b, c, d = (tl.tensor(value, requires_grad=True) for value in (0.1, -0.2, 0.3, 0.0))
    losses = []
    for _ in range(300):
        loss = ((a + b * x + c * x**2 + d * x**3 - y) ** 2).sum()
        losses.append(loss.item())
        loss.backward()
        with tl.no_grad():
            a -= 5e-6 * a.grad
            b -= 5e-6 * b.grad
            c -= 5e-6 * c.grad
            d -= 5e-6 * d.grad
            a.grad = b.grad = c.grad = d.grad = None
    assert losses[-1] < 0.2 * losses[0]
    assert all(p.is_leaf and p.requires_grad for p in (a, b, c, d))
