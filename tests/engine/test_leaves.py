"""Leaves written to in place: a graph keeps what it saved, the caller's arrays stay, and nothing is copied in vain."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import optim
from tinygrad_lite.nn.module import parameter

START = np.array([1.0, -2.0, 0.5])


def step_under_no_grad(w: tl.Tensor) -> None:
    with tl.no_grad():
        w -= 0.1 * np.ones(3)


def write_under_no_grad(index: Any) -> Callable[[tl.Tensor], None]:
    def write(w: tl.Tensor) -> None:
        with tl.no_grad():
            w[index] = 7.0

    return write


def step_in_data(w: tl.Tensor) -> None:
    w.data -= 0.1 * np.ones(3)


def write_into_data(w: tl.Tensor) -> None:
    w.data[...] = 7.0


def replace_data(w: tl.Tensor) -> None:
    w.data = np.zeros(3)


def write_through_a_view(w: tl.Tensor) -> None:
    with tl.no_grad():
        row = w[1:]
        row *= 2.0


def clip_into(w: tl.Tensor) -> None:
    with tl.no_grad():
        np.clip(w, -0.3, 0.3, out=w)


def copy_into(w: tl.Tensor) -> None:
    with tl.no_grad():
        np.copyto(w, 9.0)


def stepped(make: Callable[..., Any]) -> Callable[[tl.Tensor], None]:
    def step(w: tl.Tensor) -> None:
        before, w.grad = w.grad, np.array([1.0, -1.0, 2.0])
        make([w]).step()
        w.grad = before

    return step


class Holder(tl.nn.Module):
    def __init__(self, w: tl.Tensor) -> None:
        self.w = w


WRITES: dict[str, Callable[[tl.Tensor], Any]] = {
    "w -= …": step_under_no_grad,
    "w[...] = …": write_under_no_grad(...),
    "w[0] = …": write_under_no_grad(0),
    "w[[0, 2]] = …": write_under_no_grad([0, 2]),
    "w[mask] = …": write_under_no_grad(np.array([True, False, True])),
    "a view of w": write_through_a_view,
    "np.clip(out=w)": clip_into,
    "np.copyto(w)": copy_into,
    "w.data -= …": step_in_data,
    "w.data[...] = …": write_into_data,
    "w.data = …": replace_data,
    "w.data.clip(out=w.data)": lambda w: w.data.clip(-0.3, 0.3, out=w.data),
    "w.numpy()[...] = …": lambda w: w.numpy().fill(5.0),
    "load_state_dict": lambda w: Holder(w).load_state_dict({"w": np.full(3, 4.0)}),
    **{name: stepped(lambda ps, make=make: make(ps, lr=0.1)) for name, make in optim.BY_NAME.items()},
    "sgd with momentum": stepped(lambda ps: optim.SGD(ps, 0.1, momentum=0.9)),
    "sgd with decay": stepped(lambda ps: optim.SGD(ps, 0.1, weight_decay=0.9)),
}
BY_WRITE = pytest.mark.parametrize("write", WRITES.values(), ids=list(WRITES))

MADE: dict[str, Callable[[], tl.Tensor]] = {
    "tensor": lambda: tl.tensor(START, requires_grad=True),
    "Tensor of a list": lambda: tl.Tensor(START.tolist(), requires_grad=True),
    "Tensor of a new array": lambda: tl.Tensor(START * 1.0, requires_grad=True),
    "parameter": lambda: parameter(START),
    "required later": lambda: required(tl.tensor(START)),
    "written before": lambda: required(written(tl.tensor(np.zeros(3)))),
    "deep copy": lambda: copy.deepcopy(tl.tensor(START, requires_grad=True)),
    "pickled": lambda: pickle.loads(pickle.dumps(tl.tensor(START, requires_grad=True))),
}


def required(w: tl.Tensor) -> tl.Tensor:
    w.requires_grad = True
    return w


def written(w: tl.Tensor) -> tl.Tensor:
    w[...] = START
    return w


GRAPHS: dict[str, Callable[[tl.Tensor], tuple[tl.Tensor, Any]]] = {
    "itself": lambda w: ((w**3).sum(), 3 * START**2),
    "views of it": lambda w: ((w[:2] * w[1:]).sum(), [START[1], START[0] + START[2], START[1]]),
    "a view of a view": lambda w: ((w.reshape(3, 1)[::-1] ** 3).sum(), 3 * START**2),
}


def kept_views(w: tl.Tensor) -> Iterator[tl.Tensor]:
    yield from (w[:2], w[::-1], w.reshape(3, 1)[1:])


class TestGraphs:
    """loss.backward(retain_graph=True), a write, loss.backward(): the gradient of the values that were recorded."""

    @pytest.mark.sampled(4)
    @BY_WRITE
    @pytest.mark.parametrize("make", MADE.values(), ids=list(MADE))
    @pytest.mark.parametrize("graph", GRAPHS.values(), ids=list(GRAPHS))
    def test_a_retained_graph_keeps_its_values(self, write: Any, make: Any, graph: Any) -> None:
        w = make()
        loss, expected = graph(w)
        loss.backward(retain_graph=True)
        np.testing.assert_allclose(w.grad, expected)
        for _ in range(2):
            write(w)
            w.zero_grad()
            loss.backward(retain_graph=True)
            np.testing.assert_allclose(w.grad, expected)
        assert (w.data != START).any()

    @BY_WRITE
    def test_views_that_are_kept_see_the_write_and_spoil_nothing(self, write: Any) -> None:
        w = tl.tensor(START, requires_grad=True)
        views = list(kept_views(w))
        loss = sum([(view**3).sum() for view in views])
        expected = 3 * START**2 * [2, 3, 2]
        write(w)
        loss.backward()
        np.testing.assert_allclose(w.grad, expected)

    @pytest.mark.parametrize("name", [name for name in WRITES if not name.startswith(("w.data", "w.numpy"))])
    def test_views_that_are_kept_follow(self, name: str) -> None:
        w = tl.tensor(START, requires_grad=True)
        views = list(kept_views(w))
        WRITES[name](w)
        for view, expected in zip(views, kept_views(tl.tensor(w.data)), strict=True):
            np.testing.assert_array_equal(view.data, expected.data)
        (views[0] ** 2).sum().backward()
        np.testing.assert_allclose(w.grad, [*(2 * w.data[:2]), 0])

    @BY_WRITE
    def test_the_other_operands_gradient_is_of_the_old_values(self, write: Any) -> None:
        w, x = tl.tensor(START, requires_grad=True), tl.tensor(np.ones(3), requires_grad=True)
        loss = (w * x).sum() + (w.detach() * x).sum()
        write(w)
        loss.backward()
        np.testing.assert_allclose(x.grad, 2 * START)

    @BY_WRITE
    def test_a_graph_of_second_order_keeps_its_values(self, write: Any) -> None:
        w = tl.tensor(START, requires_grad=True)
        y, pull = tl.vjp(lambda w: w**3, w)
        (slopes,) = pull(np.ones(3))
        write(w)
        slopes.sum().backward()
        np.testing.assert_allclose(w.grad, 6 * START)
        assert y.shape == (3,)

    @BY_WRITE
    def test_what_is_computed_after_is_of_the_new_values(self, write: Any) -> None:
        w = tl.tensor(START, requires_grad=True)
        (w * w).sum().backward()
        write(w)
        w.zero_grad()
        (w * w).sum().backward()
        np.testing.assert_allclose(w.grad, 2 * w.data)

    @pytest.mark.parametrize("name", ["w.data -= …", *optim.BY_NAME])
    def test_a_number(self, name: str) -> None:
        w = tl.tensor(2.0, requires_grad=True)
        loss = w * w
        loss.backward(retain_graph=True)
        if name in optim.BY_NAME:
            optim.BY_NAME[name]([w], lr=0.1).step()
        else:
            w.data -= 0.5
        assert w.item() < 2.0
        w.zero_grad()
        loss.backward()
        assert w.grad == 4.0

    def test_running_statistics(self) -> None:
        norm, x = tl.nn.BatchNorm1d(3, dtype=float), tl.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
        loss = (norm.eval()(x) ** 2).sum()
        loss.backward(retain_graph=True)
        expected = x.grad
        norm.train()(x * 5)
        norm.load_state_dict({name: value + 1 for name, value in norm.state_dict().items()})
        x.zero_grad()
        loss.backward()
        np.testing.assert_array_equal(x.grad, expected)

    def test_clipped_gradients_are_arrays_of_their_own(self) -> None:
        w = tl.tensor(START, requires_grad=True)
        loss = (w**3).sum()
        loss.backward(retain_graph=True)
        g = w.grad
        kept = g.copy()
        optim.clip_grad_norm([w], 0.1)
        optim.clip_grad_value([w], 0.01)
        np.testing.assert_array_equal(g, kept)
        w.zero_grad()
        loss.backward()
        np.testing.assert_array_equal(w.grad, kept)


class TestCallersArrays:
    @pytest.mark.parametrize("name", [name for name in WRITES if not name.startswith(("w.data", "w.numpy"))])
    @pytest.mark.parametrize("take", [lambda a: a, lambda a: a[:], lambda a: a[::-1][::-1]])
    def test_do_not_change(self, name: str, take: Any) -> None:
        a = START.copy()
        w = tl.Tensor(take(a), requires_grad=True)
        for _ in range(2):
            WRITES[name](w)
        np.testing.assert_array_equal(a, START)
        assert (w.data != START).any()

    def test_nor_those_that_are_made_its_value(self) -> None:
        a, b = START.copy(), np.zeros(3)
        w = tl.Tensor(a, requires_grad=True)
        row = w[:2]
        w.data = b
        for write in (write_under_no_grad(0), stepped(lambda ps: optim.SGD(ps, 1.0))):
            write(w)
        np.testing.assert_array_equal(a, START)
        np.testing.assert_array_equal(b, np.zeros(3))
        np.testing.assert_array_equal(row.data, START[:2])  # of the value before

    def test_are_given_back_as_data_of_constants_only(self) -> None:
        a = START.copy()
        assert tl.Tensor(a).data is a
        assert tl.Tensor(a[:2]).data.base is a
        for w in (tl.Tensor(a, requires_grad=True), tl.Tensor(a[:2], True)):
            w.data -= 1.0
        np.testing.assert_array_equal(a, START)

    def test_read_only(self) -> None:
        a = START.copy()
        a.flags.writeable = False
        for write in (step_under_no_grad, stepped(lambda ps: optim.SGD(ps, 1.0))):
            w = tl.Tensor(a, requires_grad=True)
            write(w)
            assert (w.data != START).any()
            np.testing.assert_array_equal(a, START)

    def test_one_array_for_two_leaves(self) -> None:
        a = START.copy()
        v, w = tl.Tensor(a, requires_grad=True), tl.Tensor(a, requires_grad=True)
        del a
        step_under_no_grad(w)
        np.testing.assert_array_equal(v.data, START)


def addresses(w: tl.Tensor, write: Callable[[tl.Tensor], None], loss: Callable[[tl.Tensor], Any], n: int) -> list[int]:
    """Where the leaf's memory is after each of n rounds of a graph that is released, and a write."""
    found = []
    for _ in range(n):
        y = loss(w)
        y.backward()  # y is alive while the write happens, what it saved is not
        write(w)
        w.zero_grad()
        found.append(w._value.ctypes.data)
    return found


IN_PLACE = {name: write for name, write in WRITES.items() if name != "w.data = …"}


class TestCopies:
    """Counted by addresses: memory that has moved was copied."""

    @pytest.mark.parametrize("write", IN_PLACE.values(), ids=list(IN_PLACE))
    @pytest.mark.parametrize("loss", [lambda w: (w**2).sum(), lambda w: (w[:2] ** 2).sum() + np.exp(w.T).sum()])
    def test_none_after_a_released_backward(self, write: Any, loss: Any) -> None:
        w = tl.tensor(START, requires_grad=True)
        start = w._value.ctypes.data
        assert set(addresses(w, write, loss, 4)) == {start}

    @pytest.mark.parametrize("write", IN_PLACE.values(), ids=list(IN_PLACE))
    def test_none_with_living_views(self, write: Any) -> None:
        w = tl.tensor(START, requires_grad=True)
        start, views = w._value.ctypes.data, list(kept_views(w))
        assert set(addresses(w, write, lambda w: (w**2).sum(), 4)) == {start}
        assert all(np.shares_memory(view._value, w._value) for view in views)

    @pytest.mark.parametrize("name", [name for name in IN_PLACE if not name.startswith(("w.data", "w.numpy"))])
    def test_one_of_the_callers_array(self, name: str) -> None:
        a = START.copy()
        w = tl.Tensor(a, requires_grad=True)
        found = addresses(w, WRITES[name], lambda w: (w**2).sum(), 4)
        assert found[0] != a.ctypes.data
        assert len(set(found)) == 1

    @BY_WRITE
    def test_one_for_a_retained_graph(self, write: Any) -> None:
        w = tl.tensor(START, requires_grad=True)
        loss = (w**2).sum()
        old = w._value
        assert np.shares_memory(loss._node.parents[0].pulls[0][2][0], old)
        places = set()
        for _ in range(4):
            write(w)
            places.add(w._value.ctypes.data)
        assert old.ctypes.data not in places
        assert len(places) == 1 or write is WRITES["w.data = …"]

    def test_reading_data_copies_nothing_while_nothing_is_saved(self) -> None:
        w = tl.tensor(START, requires_grad=True)
        start = w._value.ctypes.data
        loss = (w + 1).sum()
        assert w.data.sum() == START.sum()
        loss.backward()
        assert w.data.ctypes.data == start

    def test_who_has_the_data_is_given_the_same_again(self) -> None:
        w = tl.tensor(START, requires_grad=True)
        data = w.data
        loss = (w * w).sum()
        assert w.data is data
        assert w.numpy() is data
        assert np.shares_memory(data, w._value)
        loss.backward()

    def test_an_array_that_was_asked_for_is_left_at_a_step(self) -> None:
        w, x = tl.tensor(START, requires_grad=True), tl.tensor(np.ones(3), requires_grad=True)
        loss = (x * w.data).sum()
        step_under_no_grad(w)
        loss.backward()
        np.testing.assert_array_equal(x.grad, START)


class TestBecomingALeaf:
    def test_an_array_that_was_written_to_is_guarded_as_any_leaf(self) -> None:
        x = written(tl.tensor(np.zeros(3)))
        row = x[:2]
        x.requires_grad = True
        loss = (x * x).sum()
        for write in (lambda: x.__setitem__(0, 5.0), lambda: row.__setitem__(0, 5.0)):
            with pytest.raises(TypeError, match="is a leaf that requires a gradient"):
                write()
        loss.backward()
        np.testing.assert_array_equal(x.grad, 2 * START)

    def test_a_view_becomes_one_in_memory_of_its_own(self) -> None:
        x = tl.tensor(START)
        row = x[:2]
        row.requires_grad = True
        loss = (row * row).sum()
        x[0] = 9.0
        loss.backward()
        np.testing.assert_array_equal(row.grad, 2 * START[:2])
        np.testing.assert_array_equal(row.data, START[:2])
        row.requires_grad = False
        row[0] = 3.0
        assert x.tolist() == [9.0, *START[1:]]

    def test_data_is_not_none(self) -> None:
        w = tl.tensor(START, requires_grad=True)
        with pytest.raises(TypeError, match="holds numbers"):
            w.data = None


@pytest.mark.parametrize("name", [3, b"w", "w" * 100_000])
def test_a_name_is_a_short_text(name):
    w = tl.tensor([1.0], requires_grad=True, name="w")
    with pytest.raises(TypeError, match=r"^name: a text of at most 1000 characters, not .{,40}$"):
        w.name = name
    with pytest.raises(TypeError, match=r"^name: a text"):
        tl.tensor([1.0], name=name)
    assert w.name == "w"
