"""Lists of arrays and numbers as arrays, and where NumPy takes sequences of arrays."""

import inspect

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.lists import (
    AS_THEY_ARE,
    SEQUENCES,
    as_argument,
    as_arguments,
    as_array,
    holds_tensors,
    stacked,
)
from tinygrad_lite.table.mathematics import SMOOTH, STEPWISE

T = tl.tensor(2.0)


def test_every_function_of_a_sequence_of_arrays_is_known():
    named = {"arrays", "tup", "choicelist", "condlist", "choices"}
    for module in (np, np.linalg):
        for name in dir(module):
            function = getattr(module, name, None)
            if name.startswith("_") or name == "row_stack" or not callable(function) or isinstance(function, type):
                continue
            try:
                parameters = inspect.signature(function).parameters.values()
            except (ValueError, TypeError):
                continue
            taken = {p.name for p in parameters if p.name in named and p.kind is not p.VAR_POSITIONAL}
            if taken and function not in AS_THEY_ARE:
                assert taken <= set(SEQUENCES[function]), name
                places = {n for n, p in enumerate(parameters) if p.name in taken}
                assert places == {x for x in SEQUENCES[function] if isinstance(x, int)}, name


def test_nested_lists():
    assert holds_tensors([1.0, [2.0, (T,)]])
    assert not holds_tensors([1.0, [2.0, ()], "t"])
    np.testing.assert_array_equal(stacked([[T, 1], (0.5, np.float64(3))]).data, [[2.0, 1.0], [0.5, 3.0]])
    np.testing.assert_array_equal(stacked([tl.tensor([1.0, 2.0]), np.zeros(2)]).data, [[1.0, 2.0], [0.0, 0.0]])
    assert stacked([tl.tensor(1.0, dtype=np.float32), np.float32(2)]).dtype == np.float32
    assert stacked([tl.tensor(1.0, dtype=np.float32), 2.0]).dtype == np.array([np.float32(1), 2.0]).dtype
    assert as_argument([1.0, 2.0]) == [1.0, 2.0]
    assert as_array([1.0, 2.0]).shape == (2,)
    with pytest.raises(ValueError, match=r"\(2,\), \(\)"):
        stacked([tl.tensor([1.0, 2.0]), 1.0])


def test_arguments():
    (x, other), keywords = as_arguments(np.dot, ([T, 1.0], [1.0, 2.0]), {"out": None})
    assert x.shape == (2,)
    assert other == [1.0, 2.0]
    assert keywords == {"out": None}
    ((parts,), _) = as_arguments(np.concatenate, ([[T], tl.tensor([1.0])],), {})
    assert [part.shape for part in parts] == [(1,), (1,)]
    (_, keywords) = as_arguments(np.vstack, (), {"tup": ([T], [1.0])})
    assert [np.shape(part) for part in keywords["tup"]] == [(1,), (1,)]
    parts = [[T, T], [T, T]]
    assert all(as_arguments(function, (parts,), {})[0][0] is parts for function in AS_THEY_ARE)


@pytest.mark.parametrize("original", [*SMOOTH, *STEPWISE], ids=lambda f: f.__name__)
def test_functions_of_mathematics_mean_the_same(original):
    instead = SMOOTH.get(original) or STEPWISE[original]
    if original.__name__ == "dist":
        assert np.isclose(original([1.0, 2.0], [4.0, 6.0]), instead(np.array([3.0, 4.0])))
    elif original.__name__ == "fsum":
        assert np.isclose(original([0.5, 0.25]), instead([0.5, 0.25]))
    else:
        two = original.__name__ in (
            *("pow", "atan2", "hypot", "fmod", "copysign", "isclose", "remainder", "nextafter", "ldexp"),
        )
        second = 2 if original.__name__ == "ldexp" else 0.5
        args = (1.25, second) if two else (1.25 if original.__name__ == "acosh" else 0.5,)
        got, expected = instead(*args), original(*args)  # of modf and frexp two each
        np.testing.assert_allclose(np.array(got, float), np.array(expected, float), rtol=1e-13)
