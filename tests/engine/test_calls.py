"""What an operation on a Tensor costs beside NumPy's, in calls of Python functions: those can be counted."""

import sys

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine.protocols import MOST_ARGUMENTS, STRAIGHT
from tinygrad_lite.table.registry import DISPATCH

T = tl.tensor([0.5, -1.0, 2.0, 0.25], requires_grad=True)
U = tl.tensor([1.0, 3.0, -2.0, 0.5], requires_grad=True)
M = tl.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
MASK = np.array([True, False, True, False])


def calls_of(operation):
    """How many Python functions are called, NumPy's own among them, once everything has been decided."""
    operation()
    counted = 0

    def profile(_frame, event, _argument):
        nonlocal counted
        counted += event == "call"

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        operation()
    finally:
        sys.setprofile(before)
    return counted - 1  # the operation's own


MOST = {
    "T * U": (lambda: T * U, 3),
}


@pytest.mark.parametrize("name", MOST)
def test_an_operation_calls_few_functions(name):
    operation, most = MOST[name]
    assert calls_of(operation) <= most


# ---------------------------------------------------------------------------------------------------------------------
# What is remembered of a call is its form alone


def test_the_form_of_a_call_is_remembered_once():
    np.sum(T, axis=0)
    before = dict(STRAIGHT)
    for axis in (0, -1, None):
        np.sum(U, axis=axis)
    assert before == STRAIGHT
    assert STRAIGHT[np.sum, 1, "axis"] is DISPATCH[np.sum]


def test_what_depends_on_values_is_not_remembered():
    np.sum(T, out=None)
    np.prod(T)
    np.copyto(tl.tensor(np.zeros(4)), T)
    np.einsum("a,a,a,a,a,a,a,a->", *[T] * MOST_ARGUMENTS)
    forms = {form[0]: form for form in STRAIGHT}
    assert not forms.keys() & {np.prod, np.copyto}
    assert all("out" not in form and form[1] <= MOST_ARGUMENTS for form in STRAIGHT)


def test_another_call_of_the_form_may_hold_lists_and_unset_keywords():
    assert np.dot(T, U).item() == np.dot(T.data, U.data)
    assert np.dot([T[0], 1.0, 2.0, 4.0], U).item() == 1.5
    assert np.sum(T, initial=1.0).item() == 2.75
    assert np.sum(T, initial=np._NoValue).item() == 1.75
    np.testing.assert_array_equal(np.concatenate([T, U]).data[4:], U.data)
    np.testing.assert_array_equal(np.concatenate([T, [U[0], 2.0]]).data[4:], [1.0, 2.0])


def test_an_error_of_a_remembered_form_names_the_operation():
    np.cumsum(T, axis=0)
    for _ in range(2):
        with pytest.raises(np.exceptions.AxisError, match="cumsum"):
            np.cumsum(T, axis=3)


def test_a_function_that_is_replaced_is_asked_again(monkeypatch):
    np.sum(T)
    monkeypatch.setitem(DISPATCH, np.sum, lambda a: "another")
    assert np.sum(T) == "another"


def test_a_mask_may_be_changed_after_the_choice():
    mask = MASK.copy()
    x = tl.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = np.where(mask, x, 0.0)
    mask[:] = True
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, MASK)
