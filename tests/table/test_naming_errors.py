"""Errors that NumPy raises within an operation say which operation it was."""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.naming_errors import name_operation

T = tl.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)

CALLS = {
    "sum": (lambda: tl.sum(T, axis=1.0), TypeError, "axis is a whole number, or several, not 1.0"),
    "mean": (lambda: np.mean(T, axis=1.5), TypeError, "axis is a whole number, or several, not 1.5"),
    "max": (lambda: T.max(axis=np.float64(0)), TypeError, "axis is a whole number, or several, not 0.0"),
    "softmax": (lambda: tl.softmax(T, axis=7), np.exceptions.AxisError, "axis 7 is out of bounds for array of dim"),
    "var": (lambda: np.var(T, axis="rows"), TypeError, "'str' object cannot be interpreted as an integer"),
    "prod": (lambda: np.prod(T, axis=(0, 0)), ValueError, "repeated axis"),
    "cumsum": (lambda: np.cumsum(T, axis=1.0), TypeError, "integer"),
    "concatenate": (lambda: np.concatenate([T, T], axis=1.0), TypeError, "integer"),
    "stack": (lambda: np.stack([T, T], axis=4), np.exceptions.AxisError, "axis 4 is out of bounds"),
    "expand_dims": (lambda: np.expand_dims(T, 1.5), TypeError, "'float'"),
    "broadcast_to": (lambda: np.broadcast_to(T, (2, 2)), ValueError, "shape mismatch"),
    "tril": (lambda: np.tril(T, k="a"), TypeError, "'str'"),
    "tile": (lambda: np.tile(T, 1.5), TypeError, "'float'"),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_operation_is_named(name):
    call, error, said = CALLS[name]
    with pytest.raises(error, match=f"^{name}: .*{said}"):
        call()


def test_an_axis_keeps_its_numbers():
    with pytest.raises(np.exceptions.AxisError) as caught:
        np.sum(T, axis=5)
    assert (caught.value.axis, caught.value.ndim) == (5, 2)


def test_what_says_of_what_is_left_alone():
    for said in ("linear: takes x", "sum() got an unexpected keyword argument 'a'", "add(float64[2]): no"):
        error = ValueError(said)
        name_operation(error, "other")
        assert str(error) == said


def raised(said):
    raise ValueError(said)


def test_a_program_s_own_error_is_left_alone():
    with pytest.raises(ValueError, match=r"^mine$") as caught:
        np.apply_along_axis(lambda row: raised("mine"), 0, T)
    assert caught.value.args == ("mine",)
