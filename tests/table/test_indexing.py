"""Indexing: every kind of index, entries read twice, and arguments that must be refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinygrad_lite as tl

steady = settings(deadline=None, derandomize=True)


def leaf(x: Any) -> tl.Tensor:
    return tl.Tensor(np.asarray(x, float), requires_grad=True)


M = np.arange(6.0).reshape(2, 3)


@given(st.data())
@steady
def test_any_index_reads_as_numpy_and_adds_back_what_it_read(data: st.DataObject) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
    x = np.arange(float(np.prod(shape))).reshape(shape)
    index = data.draw(
        st.one_of(
            hnp.basic_indices(shape, allow_newaxis=True),
            hnp.integer_array_indices(shape),
            hnp.arrays(bool, shape),
            hnp.arrays(bool, shape[:1]),
        )
    )
    t = leaf(x)
    y = t[index]
    np.testing.assert_array_equal(y.data, x[index])
    g = np.random.default_rng(0).uniform(1, 2, y.shape)
    y.backward(g)
    expected = np.zeros(shape)
    np.add.at(expected, index, g)
    np.testing.assert_allclose(t.grad, expected, rtol=1e-14)


@pytest.mark.parametrize(
    "index",
    [
        1,
        -1,
        np.int64(1),
        True,
        None,
        ...,
        (),
        [0, 0, 1],
        [True, False],
        [],
        (slice(None), [2, 2, 0]),
        (np.array([0, 1]), 1),
        (None, [0, 0], None, slice(1, None)),
        (slice(None), np.array([True, False, True])),
        (np.array(1), np.array(2)),
        tl.Tensor(np.array([1, 0, 1])),
        (tl.Tensor(np.array([True, False])), 0),
    ],
    ids=str,
)
def test_kinds_of_indices(index: Any) -> None:
    parts = index if isinstance(index, tuple) else (index,)
    plain: Any = tuple([p.data if isinstance(p, tl.Tensor) else p for p in parts])
    t = leaf(M)
    y = t[index]
    np.testing.assert_array_equal(y.data, M[plain])
    y.sum().backward()
    expected = np.zeros(M.shape)
    np.add.at(expected, plain, 1.0)
    np.testing.assert_array_equal(t.grad, expected)


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (5, r"getitem.*\[2, 3\].*out of bounds"),
        ((0, 0, 0), r"getitem.*\[2, 3\].*too many"),
        (0.5, "getitem.*float64"),
        ("a", "getitem.*integers or booleans"),
        (np.array([0.0]), "getitem.*float64"),
        (np.ones(3, bool), r"getitem.*\[2, 3\]"),
    ],
)
def test_wrong_indices_say_what_they_are(index: Any, said: str) -> None:
    with pytest.raises(IndexError, match=said):
        leaf(M)[index]


def test_a_leaf_is_not_written_to() -> None:
    with pytest.raises(TypeError, match=r"t = t\.copy\(\)"):
        leaf(M)[0] = 1.0


def test_an_index_that_is_changed_later_does_not_change_the_gradient() -> None:
    index = np.array([0, 0])
    t = leaf([1.0, 2.0])
    y = t[index]
    index[:] = 1
    y.sum().backward()
    np.testing.assert_array_equal(t.grad, [2.0, 0.0])


@pytest.mark.parametrize("mode", ["raise", "wrap", "clip"])
@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_take_modes(mode: str, axis: Any) -> None:
    indices = np.array([0, -1, 1]) if mode == "raise" else np.array([7, -9, 1])
    np.testing.assert_array_equal(
        np.take(leaf(M), indices, axis=axis, mode=mode).data, np.take(M, indices, axis=axis, mode=mode)
    )


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda x: tl.take(x, 7), IndexError, "out of bounds"),
        (lambda x: tl.take(x, 0, mode="nearest"), ValueError, "take.*nearest"),
        (lambda x: tl.take(x, 0, axis=2), ValueError, "axis 2 is out of bounds"),
        (lambda x: tl.take(x, [0.5]), IndexError, "float64"),
        (lambda x: tl.take_along_axis(x, np.array([0]), 0), ValueError, r"take_along_axis.*\(1,\).*\(2, 3\)"),
        (lambda x: tl.take_along_axis(x, np.array([[True]]), 1), IndexError, "integer"),
        (lambda x: tl.flip(x, 2), ValueError, "axis 2 is out of bounds"),
        (lambda x: tl.flip(x, (0, 0)), ValueError, "repeated axis"),
        (lambda x: tl.repeat(x, -1), ValueError, "negative"),
        (lambda x: tl.repeat(x, [1, 2, 3], axis=0), ValueError, "shape"),
        (lambda x: tl.tile(x, -1), ValueError, "negative"),
        (lambda x: tl.roll(x, 1, axis=2), ValueError, "axis 2 is out of bounds"),
        (lambda x: tl.pad(x, -1), ValueError, "negative"),
        (lambda x: tl.pad(x, 1, "nothing"), ValueError, "pad.*nothing.*constant"),
        (lambda x: tl.pad(x, 1, "edge", reflect_type="odd"), ValueError, "pad.*reflect_type.*edge"),
    ],
)
def test_wrong_arguments_are_refused(call: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        call(leaf(M))


def test_triangles_of_a_vector_are_of_a_matrix_of_such_rows() -> None:
    x = np.array([1.0, 2.0, 3.0])
    for f, name in ((np.tril, "tril"), (np.triu, "triu")):
        np.testing.assert_array_equal(f(leaf(x), 1).data, f(x, 1))
        with pytest.raises(ValueError, match=f"{name}: takes a matrix"):
            f(leaf(1.0))


@pytest.mark.parametrize("shift", [0, 1, -1, 7, (1, 2)])
@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1), (1, 1)])
def test_roll_by_anything(shift: Any, axis: Any) -> None:
    np.testing.assert_array_equal(np.roll(leaf(M), shift, axis).data, np.roll(M, shift, axis))


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric", "wrap"])
@pytest.mark.parametrize("width", [0, 1, (2, 1), ((1, 0), (0, 3)), ((1,), (2,))])
def test_pad_widths(mode: str, width: Any) -> None:
    tl.check_gradients(lambda x: tl.pad(x, width, mode), M, directions=1)
    np.testing.assert_array_equal(np.pad(leaf(M), width, mode).data, np.pad(M, width, mode))


def test_an_infinite_gradient_outside_a_triangle_is_zero() -> None:
    x = leaf(np.ones((2, 2)))
    tl.tril(x).backward(np.full((2, 2), np.inf))
    np.testing.assert_array_equal(x.grad, [[np.inf, 0.0], [np.inf, np.inf]])


def test_open_meshes_keep_gradients() -> None:
    x, mask = np.array([0.5, 1.5]), np.array([True, False, True])
    for args in ((x, x), (x, mask, [1, 2, 3]), (x[:0],)):
        for got, expected in zip(np.ix_(tl.tensor(args[0]), *args[1:]), np.ix_(*args), strict=True):
            np.testing.assert_array_equal(getattr(got, "data", got), expected)
    tl.check_gradients(lambda x: np.ix_(x, x)[0] * np.ix_(x, x)[1], x, order=2)
    with pytest.raises(ValueError, match="vectors"):
        np.ix_(tl.tensor(np.eye(2)))


def test_the_one_axis_of_a_number() -> None:
    np.testing.assert_array_equal(np.take(leaf(2.0), [0, 0], axis=0).data, [2.0, 2.0])
    np.testing.assert_array_equal(np.repeat(leaf(2.0), 3, axis=-1).data, [2.0, 2.0, 2.0])


def test_open_meshes_of_nothing_have_numpys_types() -> None:
    for args in ((np.zeros(0), np.ones(2)), (np.ones(2), np.zeros(0, np.float32)), (np.ones(2), [])):
        for got, expected in zip(np.ix_(*[tl.tensor(x) if len(x) else x for x in args]), np.ix_(*args), strict=True):
            assert got.dtype == expected.dtype
            assert got.shape == expected.shape
    assert np.ix_(tl.tensor(np.zeros(0)))[0].dtype == np.float64
