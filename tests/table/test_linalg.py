"""Products and norms: every form of einsum, norms at 0, what a product saves, and shapes that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl

steady = settings(deadline=None, derandomize=True, max_examples=40)


def leaf(*shape: int) -> tl.Tensor:
    return tl.Tensor(np.random.default_rng(1).uniform(-1, 1, shape), requires_grad=True)


# ---------------------------------------------------------------------------------------------------------------------
# Norms


@pytest.mark.parametrize("ord", [None, 1, 1.5, 2, 3, np.inf, -np.inf, 0])
def test_the_norm_of_zero_has_slope_zero(ord: Any) -> None:
    gradient = tl.grad(lambda x: tl.norm(x, ord))(np.zeros(3))
    np.testing.assert_array_equal(gradient, np.zeros(3))


@pytest.mark.parametrize("ord", [1, 1.5, 2, 3, np.inf])
def test_norms_with_a_zero_entry(ord: Any) -> None:
    gradient = tl.grad(lambda x: tl.norm(x, ord))(np.array([0.0, 1.0, -2.0]))
    assert gradient[0] == 0.0
    assert np.isfinite(gradient).all()


def test_one_zero_row_does_not_spoil_the_others() -> None:
    x = np.array([[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_allclose(tl.grad(lambda x: tl.norm(x, axis=1).sum())(x), [[0.0, 0.0], [0.6, 0.8]])
    assert np.isfinite(tl.hessian(lambda x: tl.norm(x, axis=1).sum())(x)).all()


@pytest.mark.parametrize("ord", [None, "fro", 1, -1, np.inf, -np.inf])
@pytest.mark.parametrize("axis", [(0, 1), (1, 0), (-1, 0), (2, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_matrix_norms_take_their_axes_in_order(ord: Any, axis: tuple[int, int], keepdims: bool) -> None:
    x = leaf(2, 3, 4)
    got = np.linalg.norm(x, ord, axis, keepdims)
    np.testing.assert_allclose(got.data, np.linalg.norm(x.data, ord, axis, keepdims), rtol=1e-14)
    tl.check_gradients(lambda x: tl.norm(x, ord, axis, keepdims), x.data, directions=1)


@pytest.mark.parametrize(("ord", "shape"), [("nuc", (2, 2)), (2, (2, 2)), (-2, (2, 2)), (1, (2, 2, 2)), ("fro", (3,))])
def test_norms_without_a_derivative_are_refused(ord: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"norm.*ord"):
        tl.norm(leaf(*shape), ord)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64])
def test_norms_of_integers_do_not_overflow(dtype: Any) -> None:
    x = np.array([100, 100], dtype)
    for ord in (None, 1, np.inf, 3):
        np.testing.assert_allclose(tl.norm(x, ord), np.linalg.norm(x, ord))


def test_a_norm_of_a_tensor_is_a_tensor() -> None:
    for ord in (None, 0, 1, 2, 3, np.inf):
        assert isinstance(tl.norm(leaf(3), ord), tl.Tensor)


# ---------------------------------------------------------------------------------------------------------------------
# Products


def test_a_product_saves_the_other_operand_only() -> None:
    x, w = np.ones((4, 3)), leaf(3, 2)
    y = x @ w
    assert y._node is not None
    ((_, _, saved),) = y._node.pulls or ()
    arrays = [v for v in saved if isinstance(v, np.ndarray)]
    assert [id(v) for v in arrays] == [id(x)]
    t = tl.Tensor(x, requires_grad=True)
    ((_, _, saved),) = (t @ w.data)._node.pulls
    assert [id(v) for v in saved if isinstance(v, np.ndarray)] == [id(w.data)]


@given(st.data())
@steady
def test_stacks_broadcast_as_in_numpy(data: st.DataObject) -> None:
    sides = st.integers(1, 3)
    n = data.draw(sides)
    stack = data.draw(st.lists(sides, max_size=2))
    thin = [data.draw(st.sampled_from([1, k])) for k in stack[data.draw(st.integers(0, 2)) :]]
    a = leaf(*stack, data.draw(sides), n) if data.draw(st.booleans()) else leaf(n)
    b = leaf(*thin, n, data.draw(sides)) if data.draw(st.booleans()) else leaf(n)
    np.testing.assert_allclose((a @ b).data, a.data @ b.data)
    tl.check_gradients(tl.matmul, a.data, b.data, directions=1, order=1)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: leaf(2, 3) @ leaf(2, 3), r"matmul.*\[2, 3\].*\[2, 3\]"),
        (lambda: tl.matmul(tl.tensor(1.0), leaf(2, 3)), r"matmul.*\[2, 3\]"),
        (lambda: tl.dot(leaf(3), leaf(2)), r"\[3\].*\[2\]"),
        (lambda: tl.inner(leaf(3), leaf(2)), r"\(3,\).*\(2,\)"),
        (lambda: tl.vdot(leaf(3), leaf(2)), r"\[3\].*\[2\]"),
        (lambda: tl.tensordot(leaf(2, 3), leaf(2, 3), axes=([0], [1])), r"tensordot.*\(2, 3\).*\(2, 3\)"),
        (lambda: tl.tensordot(leaf(2, 3), leaf(2, 3), axes=5), "tensordot|out of bounds|range"),
        (lambda: tl.diagonal(leaf(3)), r"diagonal.*\(3,\)"),
        (lambda: tl.diagonal(leaf(3, 3), axis1=0, axis2=-2), "repeated axis"),
        (lambda: tl.trace(leaf(3)), r"\(3,\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named(call: Any, said: str) -> None:
    with pytest.raises((ValueError, IndexError), match=said):
        call()


# ---------------------------------------------------------------------------------------------------------------------
# Einsum


@given(st.data())
@steady
def test_any_einsum(data: st.DataObject) -> None:
    """Random subscripts: repeated labels, labels of one operand, any output."""
    sizes = dict(zip("abcd", data.draw(st.permutations([1, 2, 3, 2])), strict=True))
    terms = data.draw(st.lists(st.text("abcd", max_size=3), min_size=1, max_size=3))
    labels = sorted(set("".join(terms)))
    output = "".join(data.draw(st.permutations(labels))[: data.draw(st.integers(0, len(labels)))])
    subscripts = ",".join(terms) + data.draw(st.sampled_from(["", f"->{output}"]))
    operands = [leaf(*[sizes[c] for c in term]) for term in terms]
    got = np.einsum(subscripts, *operands)
    expected = np.einsum(subscripts, *[x.data for x in operands])
    assert got.shape == np.shape(expected)
    np.testing.assert_allclose(got.data, expected, rtol=1e-12, atol=1e-13)
    tl.check_gradients(lambda *x: tl.einsum(subscripts, *x), *[x.data for x in operands], order=1, directions=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ij->k", leaf(2, 3)), "einsum.*k"),
        (("ij->ii", leaf(2, 3)), "einsum.*multiple|einsum.*twice"),
        (("ij", leaf(3)), r"einsum.*'ij'.*\(3,\)"),
        (("ij,jk", leaf(2, 3)), "einsum.*2 operands"),
        (("ij,jk", leaf(2, 3), leaf(2, 3)), r"einsum.*\[2, 3\]"),
        (("ii", leaf(2, 3)), "einsum"),
        (("ii->i", leaf(1, 3)), "einsum"),
        ((), "einsum"),
    ],
)
def test_wrong_subscripts_are_refused(arguments: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tl.einsum(*arguments)


@pytest.mark.parametrize("shapes", [((3,), (1,)), ((1,), (3,)), ((2,), (1, 1))])
def test_einsum_broadcasts_axes_of_length_one_of_any_operand(shapes: Any) -> None:
    subscripts = "i,i" if len(shapes[1]) == 1 else "b,bc->"
    arrays = [np.random.default_rng(0).standard_normal(shape) for shape in shapes]
    np.testing.assert_allclose(tl.einsum(subscripts, *arrays), np.einsum(subscripts, *arrays))
    tl.check_gradients(lambda *x: tl.einsum(subscripts, *x), *arrays)


def test_einsum_of_an_ellipsis_that_the_output_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="ellipsis"):
        tl.einsum("...i->i", leaf(2, 3))
