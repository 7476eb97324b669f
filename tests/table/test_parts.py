"""Copies in memory of their own, laid out so that reshaping gives views where it does of what was copied."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite.table.parts import own_copy


@st.composite
def laid_out(draw):
    """Parts of an array with three axes, in every order and direction."""
    shape = [draw(st.integers(1, 4)) for _ in range(3)]
    x = np.arange(float(np.prod(shape))).reshape(shape)
    x = x.transpose(draw(st.permutations(range(3))))
    steps = st.sampled_from([slice(None), slice(None, None, 2), slice(1, None), slice(None, None, -1), 0, None])
    return x[tuple(draw(st.lists(steps, max_size=3)))]


def shapes_of(size):
    return [
        shape for a in range(1, size + 1) if size % a == 0 for shape in ((a, size // a), (size,), (a, 1, size // a))
    ]


@given(x=laid_out())
def test_reshaping_a_copy_gives_a_view_where_it_does_of_the_array(x):
    copy = own_copy(x)
    np.testing.assert_array_equal(copy, x)
    assert copy.shape == x.shape
    assert not np.shares_memory(copy, x)
    for shape in shapes_of(x.size):
        assert np.shares_memory(copy.reshape(shape), copy) == np.shares_memory(x.reshape(shape), x), shape


@pytest.mark.parametrize("part", [np.s_[:, ::2], np.s_[1:, 1:], np.s_[::-1], np.s_[:, :2]])
def test_what_is_written_to_a_reshaped_part_of_the_callers_array(part):
    def f(a):
        r = a.reshape(-1)
        r[0] = 5.0 * a[-1, -1]
        return (a * a).sum()

    x = np.arange(12.0).reshape(3, 4) + 1
    assert tl.value_and_grad(f)(x[part])[0] == f(x.copy()[part])


def test_a_copy_is_not_much_larger():
    x = np.zeros((1000, 1000))[::10, ::10]
    assert own_copy(x).base.nbytes < 3 * x.nbytes
