"""Joining n arrays costs O(n): counted in what the tape saves, in memory, and in how often a forward call is told."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.joining import concatenate_p, stack_p
from tinygrad_lite.table.primitive import Primitive

JOIN = {
    "stack": np.stack,
    "stack along the last axis": lambda xs: np.stack([x.reshape(1) for x in xs], axis=-1),
    "concatenate": lambda xs: np.concatenate([x.reshape(1) for x in xs]),
    "hstack": np.hstack,
    "vstack": np.vstack,
}
BY_JOIN = pytest.mark.parametrize("join", JOIN.values(), ids=list(JOIN))


def numbers(n: int) -> list[tl.Tensor]:
    return [tl.Tensor(np.float64(k), requires_grad=True) for k in range(n)]


def entries_of_a_written_array(n: int) -> list[tl.Tensor]:
    """Views of memory that was written to: what rules save of them are copies."""
    x = tl.tensor(np.arange(float(n)), requires_grad=True) * 1.0
    x[0] = x[0] * 2
    return [x[k : k + 1] for k in range(n)]


def saved_entries(y: tl.Tensor) -> int:
    """How much the pulls of an operation hold, each object counted once."""
    seen = set()

    def count(x: Any) -> int:
        if id(x) in seen:
            return 0
        seen.add(id(x))
        return 1 + (sum([count(part) for part in x]) if isinstance(x, tuple) else np.size(x))

    node = y._node
    while node.primitive not in (concatenate_p, stack_p):
        node = node.parents[0]
    return sum([2 + count(saved) for _, _, saved in node.pulls])


def allocated(run: Callable[[], Any]) -> int:
    """The most bytes that a run held at once."""
    gc.collect()
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@BY_JOIN
@pytest.mark.parametrize("make", [numbers, entries_of_a_written_array])
def test_what_is_saved_grows_as_the_number_of_arrays(make: Any, join: Any) -> None:
    few, many = (saved_entries(join(make(n))) for n in (100, 200))
    assert many <= 2.1 * few
    assert many <= 12 * 200


@BY_JOIN
@pytest.mark.parametrize("make", [numbers, entries_of_a_written_array])
def test_memory_grows_as_the_number_of_arrays(make: Any, join: Any) -> None:
    def run(n: int) -> int:
        xs = make(n)
        return allocated(lambda: (join(xs) ** 2).sum().backward())

    run(50)  # what is kept for good after a first run
    assert run(200) < 2.5 * run(100)


@BY_JOIN
def test_gradients_of_gradients_grow_as_the_number_of_arrays(join: Any) -> None:
    """To second order; from the third on, each piece of the cotangent is an array of zeros with the piece in it."""

    def squares(xs: list[Any]) -> Any:
        return np.stack([d * d for d in tl.grad(lambda xs: (join(xs) ** 3).sum())(xs)]).sum()

    def run(n: int) -> int:
        xs = [tl.tensor(float(k)) for k in range(n)]
        return allocated(lambda: tl.grad(squares)(xs))

    run(10)
    assert run(200) < 2.5 * run(100)


def test_a_forward_call_says_once_what_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    known = Primitive.known
    monkeypatch.setattr(Primitive, "known", lambda self, *args: calls.append(self) or known(self, *args))
    np.stack(numbers(50))
    assert calls == [stack_p]
    np.concatenate([x.reshape(1) for x in numbers(50)])
    assert calls.count(concatenate_p) == 1


def test_numbers_are_stacked_without_another_operation_on_each() -> None:
    for join in (np.stack, np.hstack, lambda xs: np.vstack([x * np.ones(2) for x in xs])):
        y = join(numbers(3))
        assert y.made_by == "stack"
        assert {getattr(parent.primitive, "name", None) for parent in y._node.parents} <= {None, "multiply"}


@pytest.mark.parametrize("primitive", [concatenate_p, stack_p])
def test_each_receives_a_view_of_the_cotangent(primitive: Primitive) -> None:
    g = np.ones((3, 4))
    given = {"concatenate": {"axis": 1, "cuts": (0, 1, 4)}, "stack": {"axis": 1}}[primitive.name]
    (pull,) = primitive.pulls
    pieces = [pull.rule(g, *[{**given, "i": i}[name] for name in pull.names]) for i in range(2)]
    assert all(piece.base is g for piece in pieces)
    assert [piece.shape for piece in pieces] == ([(3, 1), (3, 3)] if primitive is concatenate_p else [(3,), (3,)])


@pytest.mark.parametrize(
    "join",
    [
        lambda t: np.stack([t[0], t[1] * 2, t[0]], axis=1),
        lambda t: np.stack([t, t * 2], axis=-1),
        lambda t: np.stack([t[0, 0], t[1, 2], 3.0]),
        lambda t: np.hstack([t[0, 0], t[1, 2]]),
        lambda t: np.hstack([t[0, 0], t[1]]),
        lambda t: np.vstack([t[0], t[1] ** 2]),
        lambda t: np.vstack([t[0, 0], t[1, 2]]),
        lambda t: np.vstack([t, t[1] ** 2]),
        lambda t: np.concatenate([t[:, :0], t, t[:, 1:] ** 2], axis=1),
        lambda t: np.concatenate([t, t[0]], axis=None),
    ],
)
def test_values_and_derivatives(join: Any) -> None:
    x = np.arange(1.0, 7.0).reshape(2, 3)
    y = join(tl.tensor(x))
    assert type(y) is tl.Tensor
    expected = join(x)
    assert (y.shape, y.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_array_equal(y.data, expected)
    tl.check_gradients(lambda x: join(x) ** 2, x, order=3, directions=1)


def test_dtypes_meet_as_in_numpy() -> None:
    for parts in ([np.float32(1), np.float32(2)], [np.float32(1), np.int64(2)], [np.float16(1), np.float32(2)]):
        assert tl.stack([tl.tensor(x) for x in parts]).dtype == np.stack(parts).dtype


def test_errors_say_what_was_joined() -> None:
    a, b = tl.tensor([1.0]), tl.tensor([1.0, 2.0])
    with pytest.raises(ValueError, match=r"stack: all arrays need the same shape, got \(1,\), \(2,\)"):
        np.stack([a, b])
    with pytest.raises(ValueError, match=r"vstack|concatenate"):
        np.vstack([a, b])
    with pytest.raises(ValueError, match="concatenate"):
        np.concatenate([b.reshape(1, 2), b], axis=1)
    with pytest.raises(ValueError, match="stack: needs at least one array"):
        tl.stack([])


@pytest.mark.parametrize("join", [tl.stack, tl.concatenate, tl.vstack])
@pytest.mark.parametrize("parts", [{"a": [1.0]}, {1.0, 2.0}, "abc"])
def test_what_is_no_list_of_arrays_is_not_joined(join: Callable[..., Any], parts: Any) -> None:
    """The keys of a dict were, and the letters of a text."""
    with pytest.raises(TypeError, match=f"{join.__name__}: takes a list of arrays, not {type(parts).__name__}"):
        join(parts)
