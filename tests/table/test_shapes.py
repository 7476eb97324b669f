"""Functions that move entries: the forms their arguments take, and arguments that must be refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

M = np.arange(6.0).reshape(2, 3)


def leaf(x: Any = M) -> tl.Tensor:
    return tl.Tensor(np.asarray(x, float), requires_grad=True)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (lambda t: t.reshape(3, 2), lambda x: x.reshape(3, 2)),
        (lambda t: t.reshape((3, -1)), lambda x: x.reshape((3, -1))),
        (lambda t: t.reshape(-1), lambda x: x.reshape(-1)),
        (lambda t: t.reshape(3, 2, order="F"), lambda x: x.reshape(3, 2, order="F")),
        (lambda t: t.transpose(), lambda x: x.transpose()),
        (lambda t: t.transpose(1, 0), lambda x: x.transpose(1, 0)),
        (lambda t: t.transpose((-1, 0)), lambda x: x.transpose((-1, 0))),
        (lambda t: t.T, lambda x: x.T),
        (lambda t: t.mT, lambda x: x.mT),
        (lambda t: t.flatten(), lambda x: x.flatten()),
        (lambda t: t.ravel("F"), lambda x: x.ravel("F")),
        (lambda t: np.concatenate([t, t], axis=None), lambda x: np.concatenate([x, x], axis=None)),
        (lambda t: np.concatenate((t, M), 1), lambda x: np.concatenate((x, x), 1)),
        (lambda t: np.stack([t, t], axis=-1), lambda x: np.stack([x, x], axis=-1)),
        (lambda t: np.hstack([t[0], t[1]]), lambda x: np.hstack([x[0], x[1]])),
        (lambda t: np.vstack([t, t[0]]), lambda x: np.vstack([x, x[0]])),
        (lambda t: np.expand_dims(t, (0, -1)), lambda x: np.expand_dims(x, (0, -1))),
        (lambda t: np.moveaxis(t, -1, 0), lambda x: np.moveaxis(x, -1, 0)),
        (lambda t: np.broadcast_to(t, (2, 2, 3)), lambda x: np.broadcast_to(x, (2, 2, 3))),
        (lambda t: np.broadcast_to(t[0], 3), lambda x: np.broadcast_to(x[0], 3)),
        (lambda t: np.array_split(t, [-1], axis=1)[0], lambda x: np.array_split(x, [-1], axis=1)[0]),
        (lambda t: np.array_split(t, 5, axis=1)[4], lambda x: np.array_split(x, 5, axis=1)[4]),
    ],
)
def test_forms_of_arguments(got: Any, expected: Any) -> None:
    t = leaf()
    y = got(t)
    np.testing.assert_array_equal(y.data, expected(M))
    tl.check_gradients(lambda x: got(x), M, order=1, directions=1)


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda t: t.reshape(4), ValueError, r"reshape.*\(2, 3\).*\(4,\)"),
        (lambda t: t.reshape(-1, -1), ValueError, r"reshape.*\(2, 3\)"),
        (lambda t: t.reshape(-2, 3), ValueError, "reshape"),
        (lambda t: t.reshape(6, order="A"), ValueError, "reshape.*'A'.*memory"),
        (lambda t: t.reshape(6, order="K"), ValueError, "reshape.*'K'"),
        (lambda t: t.ravel("K"), ValueError, "'K'"),
        (lambda t: t.transpose((0,)), ValueError, r"transpose.*\(0,\).*\(2, 3\)"),
        (lambda t: t.transpose((0, 0)), ValueError, "repeated axis"),
        (lambda t: t.transpose((0, 2)), ValueError, "out of bounds"),
        (lambda t: t.swapaxes(0, 2), ValueError, "axis2.*out of bounds"),
        (lambda t: t[0].mT, ValueError, r"matrix_transpose.*\(3,\)"),
        (lambda t: np.moveaxis(t, 0, 2), ValueError, "destination.*out of bounds"),
        (lambda t: np.moveaxis(t, (0, 1), 0), ValueError, "moveaxis.*2.*1"),
        (lambda t: np.expand_dims(t, 4), ValueError, "out of bounds"),
        (lambda t: np.expand_dims(t, (0, 0)), ValueError, "repeated axis"),
        (lambda t: np.squeeze(t, 0), ValueError, r"squeeze.*\(2, 3\)"),
        (lambda t: np.squeeze(t, 2), ValueError, "out of bounds"),
        (lambda t: np.broadcast_to(t, (3,)), ValueError, r"broadcast.*\(2, 3\).*\(3,\)|\(2, 3\).*\(3,\)"),
        (lambda t: np.broadcast_to(t[:1], (1, 1)), ValueError, r"\(1, 3\)"),
        (lambda t: tl.concatenate([]), ValueError, "concatenate.*at least one"),
        (lambda t: tl.stack([]), ValueError, "stack.*at least one"),
        (lambda t: np.concatenate([t, t[0]]), ValueError, r"concatenate.*\[2, 3\].*\[3\]"),
        (lambda t: np.concatenate([t, t], axis=2), ValueError, "out of bounds"),
        (lambda t: np.concatenate([t, t], dtype=int), TypeError, "concatenate: cannot cast from float64 to int64"),
        (lambda t: np.stack([t, t[0]]), ValueError, r"stack.*\(2, 3\), \(3,\)"),
        (lambda t: np.stack([t, t], axis=3), ValueError, "out of bounds"),
        (lambda t: np.split(t, 2, axis=1), ValueError, "split.*3 entries.*array_split"),
        (lambda t: np.split(t, 2, axis=2), ValueError, "out of bounds"),
        (lambda t: np.array_split(t, 0), ValueError, "array_split.*0"),
        (lambda t: np.array_split(t, -1), ValueError, "array_split.*-1"),
        (lambda t: np.split(t, 0), ValueError, "split.*0"),
    ],
)
def test_wrong_arguments_are_refused(call: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        call(leaf())


def test_pieces_of_a_split_each_give_their_gradient() -> None:
    t = leaf()
    first, _, last = np.split(t, 3, axis=1)
    (first.sum() + 10 * last.sum()).backward()
    np.testing.assert_array_equal(t.grad, [[1.0, 0.0, 10.0], [1.0, 0.0, 10.0]])


def test_joining_dtypes_gives_each_input_its_own_gradient() -> None:
    narrow, wide = tl.Tensor(np.ones(2, np.float32), requires_grad=True), leaf(np.ones(2))
    y = np.concatenate([narrow, wide])
    assert y.dtype == np.float64
    y.sum().backward()
    assert (narrow.grad.dtype, wide.grad.dtype) == (np.float32, np.float64)


def test_large_broadcasts_are_views() -> None:
    """Spreading a number over a large array takes no memory of that size."""
    y = np.broadcast_to(leaf(1.0), (1000, 1000))
    assert y.data.strides == (0, 0)


def test_nothing_is_saved_for_moving_entries() -> None:
    t = leaf()
    for y in (t.reshape(6), t.T, t[0], np.broadcast_to(t, (2, 2, 3)), np.concatenate([t, t])):
        for _, _, saved in y._node.pulls:
            assert not any(isinstance(v, np.ndarray) for v in saved)


# ---------------------------------------------------------------------------------------------------------------------
# Orders of entries

MATRIX = np.arange(6.0).reshape(2, 3)


def weighted(y):
    return np.sum(y.reshape(-1) * np.arange(y.size) ** 2)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("x", [MATRIX, MATRIX.T, MATRIX[:, ::-1], np.asfortranarray(MATRIX)], ids=range(4))
def test_orders_of_entries(order, x):
    for f in (
        lambda t: t.ravel(order),
        lambda t: t.flatten(order),
        lambda t: t.reshape((3, 2), order=order),
        lambda t: np.ravel(t, order=order),
        lambda t: np.reshape(t, (6,), order=order),
        lambda t: np.reshape(t, (6,), order=order, copy=True),
    ):
        np.testing.assert_array_equal(f(tl.tensor(x)).data, f(x))
        tl.check_gradients(lambda t, f=f: weighted(f(t) ** 2), x)


@pytest.mark.parametrize("order", ["C", "F", "A", "K"])
def test_copies_in_any_order(order):
    for x in (MATRIX, MATRIX.T):
        for f in (lambda t: t.copy(order), lambda t: np.copy(t, order), lambda t: np.copy(t, order=order, subok=True)):
            np.testing.assert_array_equal(f(tl.tensor(x)).data, f(x))
            tl.check_gradients(lambda t, f=f: weighted(f(t) ** 2), x)


def test_orders_by_the_memory_layout_are_refused_where_they_make_a_difference():
    for order in "AK":
        for f in (lambda t, o=order: t.ravel(o), lambda t, o=order: t.flatten(o)):
            with pytest.raises(ValueError, match=f"not '{order}', which goes by the memory layout.* give 'C'.* or 'F'"):
                f(tl.tensor(MATRIX))
            for x in (MATRIX[:1], MATRIX[0, ::-1], MATRIX[:0, :1]):
                np.testing.assert_array_equal(f(tl.tensor(x)).data, f(x))
    with pytest.raises(ValueError, match="by the memory layout"):
        tl.tensor(np.arange(6.0)).reshape((2, 3), order="A")


def test_a_reshape_that_must_not_copy():
    t = tl.tensor(MATRIX)
    assert t.reshape((6,), copy=False).shape == (6,)
    with pytest.raises(ValueError, match="copy"):
        t.T.reshape((6,), copy=False)
    with pytest.raises(ValueError, match="copy"):
        np.reshape(t.T, (6,), copy=False)


def test_reshape_copies_if_it_is_asked_to() -> None:
    x = np.arange(6.0).reshape(2, 3)
    t = tl.tensor(x)
    view, own = np.reshape(t, (3, 2), copy=False), np.reshape(t, (3, 2), copy=True)
    t[0, 0] = 7.0
    assert (view[0, 0].item(), own[0, 0].item()) == (7.0, 0.0)
    with pytest.raises(ValueError, match="copy"):
        np.reshape(tl.tensor(x.T), 6, copy=False)
    tl.check_gradients(lambda x: np.reshape(x, 6, order="F", copy=True) ** 2, x)


def test_a_number_is_squeezed_along_its_one_axis() -> None:
    for axis in (0, -1):
        assert np.squeeze(tl.tensor(2.0), axis=axis).shape == np.squeeze(np.array(2.0), axis=axis).shape == ()


def test_subclasses_are_no_matter() -> None:
    t = tl.tensor([1.0, 2.0], requires_grad=True)
    assert np.broadcast_to(t, (2, 2), subok=True).requires_grad
    assert np.copy(t, subok=False).requires_grad
