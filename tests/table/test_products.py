"""Products: every form of einsum, what a product saves, and shapes that do not fit."""

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


def test_a_product_saves_the_other_operand_only() -> None:
    x, w = np.ones((4, 3)), leaf(3, 2)
    y = x @ w
    assert y._node is not None
    ((_, _, saved),) = y._node.pulls or ()
    arrays = [v for v in saved if isinstance(v, np.ndarray)]
    assert [v.tolist() for v in arrays] == [x.tolist()]
    t = tl.Tensor(x, requires_grad=True)
    ((_, _, saved),) = (t @ w.data)._node.pulls
    assert [v.tolist() for v in saved if isinstance(v, np.ndarray)] == [w.data.tolist()]


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
    ],
)
def test_shapes_that_do_not_fit_are_named(call: Any, said: str) -> None:
    with pytest.raises((ValueError, IndexError), match=said):
        call()


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
