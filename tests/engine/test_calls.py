"""What an operation on a Tensor costs beside NumPy's, in calls of Python functions: those can be counted."""

import gc
import sys
from pathlib import Path

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine.protocols import MOST_ARGUMENTS, STRAIGHT
from tinygrad_lite.table.registry import DISPATCH, PRIMITIVES

PACKAGE = str(Path(tl.__file__).parent)
T = tl.tensor([0.5, -1.0, 2.0, 0.25], requires_grad=True)
U = tl.tensor([1.0, 3.0, -2.0, 0.5], requires_grad=True)
M = tl.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
MASK = np.array([True, False, True, False])


def calls_of(operation):
    """How many of this package's Python functions are called, once everything has been decided."""
    operation()
    counted = 0

    def profile(frame, event, _argument):
        nonlocal counted
        counted += event == "call" and frame.f_code.co_filename.startswith(PACKAGE)

    before = sys.getprofile()
    gc.collect()  # what other tests left calls functions of this package when it goes
    gc.disable()
    sys.setprofile(profile)
    try:
        operation()
    finally:
        sys.setprofile(before)
        gc.enable()
    return counted


MOST = {
    "t * u": 3,
    "-t": 3,
    "2.0 * t": 4,
    "t[1]": 4,
    "t[1:3]": 8,
    "m[0]": 8,
    "m.T": 6,
    "t.reshape(2, 2)": 11,
    "t.sum()": 12,
    "t.mean()": 23,
    "np.exp(t)": 4,
    "np.maximum(t, 0.0)": 5,
    "np.matmul(m, m)": 4,
    "np.sum(t)": 12,
    "np.sum(m, axis=-1, keepdims=True)": 13,
    "np.mean(t)": 23,
    "np.max(t)": 12,
    "np.where(mask, t, 0.0)": 13,
    "np.concatenate([t, u])": 23,
    "np.stack([t, u])": 22,
    "np.reshape(t, (2, 2))": 17,
    "np.transpose(m)": 11,
    "np.dot(t, u)": 10,
    "np.clip(t, -1.0, 1.0)": 15,
    "np.broadcast_to(t, (2, 4))": 18,
    "np.squeeze(t)": 12,
    "np.expand_dims(t, 0)": 12,
    "np.linalg.norm(t)": 15,
    "np.cumsum(t)": 11,
    "np.outer(t, u)": 22,
    "np.einsum('ij,jk->ik', m, m)": 17,
}
"""An operation, and how many functions it may call: as many as it does."""


@pytest.mark.parametrize("name", MOST)
def test_an_operation_calls_few_functions(name):
    code = compile(name, "<operation>", "eval")
    assert calls_of(lambda: eval(code, {"np": np, "t": T, "u": U, "m": M, "mask": MASK})) <= MOST[name]


def test_primitives_have_few_enough_attributes_to_be_quick():
    assert all(len(vars(primitive)) < 30 for primitive in PRIMITIVES.values())


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
