"""The methods of NumPy's ufuncs: reduce, accumulate, reduceat and at, of every ufunc of two arguments in the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.registry import DISPATCH

X = np.array([[1.3, 0.7, 2.1, 1.6], [0.4, 1.9, 1.1, 0.8], [2.6, 0.55, 1.45, 0.95]])
MASK = np.array([[True, False, True, True], [True, True, False, True], [False, True, True, False]])
UFUNCS = [f for f in vars(np).values() if isinstance(f, np.ufunc) and f in DISPATCH and (f.nin, f.nout) == (2, 1)]
UFUNCS = [f for f in dict.fromkeys(UFUNCS) if f.signature is None]
THREE = np.array([1.3, 0.7, 2.1])
MISFOLDED = [f for f in (np.power, np.arctan2) if abs(f.reduce(THREE) - f(f(*THREE[:2]), THREE[2])) > 1e-9]
"""Functions that NumPy folds wrongly where the processor has AVX-512, to f(x₀, xₙ): nothing to compare with."""
UFUNCS = [f for f in UFUNCS if f not in MISFOLDED]
FLAT = [np.floor_divide, np.heaviside, np.ldexp]  # of ldexp the second argument is an integer: no fold
by_name = pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)

REDUCTIONS: list[dict[str, Any]] = [
    {},
    {"axis": 1},
    {"axis": -1, "keepdims": True},
    {"axis": 0, "initial": 1.25},
    {"axis": 1, "where": MASK, "initial": 0.75},
    {"axis": 1, "dtype": np.float32},
    {"axis": None},
    {"axis": (0, 1), "keepdims": True},
    {"axis": ()},
    {"axis": 2},
    {"axis": 1, "where": MASK},
]


def leaf(x: Any = X) -> tl.Tensor:
    return tl.Tensor(np.asarray(x), requires_grad=True)


def agree(call: Any, x: Any) -> None:
    """The same on Tensors as on arrays, or an error there too."""
    try:
        expected = call(x)
    except (ValueError, TypeError, IndexError, RuntimeError) as error:
        with pytest.raises(type(error)):
            call(leaf(x))
        return
    got = call(leaf(x))
    assert got.shape == expected.shape
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got.data, expected, rtol=1e-5 if expected.dtype == np.float32 else 1e-13)


@by_name
@pytest.mark.parametrize("options", REDUCTIONS, ids=str)
def test_reduce(ufunc: np.ufunc, options: dict[str, Any]) -> None:
    agree(lambda x: ufunc.reduce(x, **options), X)


@by_name
def test_reduce_of_one_and_of_none(ufunc: np.ufunc) -> None:
    for shape in ((1, 3), (0, 3), (3, 0), (1,), (0,)):
        agree(ufunc.reduce, np.full(shape, 0.5))
    agree(ufunc.reduce, np.float64(0.5))


@by_name
def test_accumulate(ufunc: np.ufunc) -> None:
    for options in ({}, {"axis": 1}, {"axis": -2}, {"axis": 2}, {"axis": 1, "dtype": np.float32}):
        agree(lambda x, options=options: ufunc.accumulate(x, **options), X)
    for shape in ((1, 3), (0, 3), (3, 0)):
        agree(ufunc.accumulate, np.full(shape, 0.5))


@by_name
def test_reduceat(ufunc: np.ufunc) -> None:
    for indices in ([0, 2], [1, 1, 0], [2, 0, 3], [3], [4], [-1]):
        agree(lambda x, indices=indices: ufunc.reduceat(x, indices, axis=1), X)
    agree(lambda x: ufunc.reduceat(x, [0, 1], dtype=np.float32), X)
    agree(lambda x: ufunc.reduceat(x, np.zeros(0, int)), X)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("ufunc", [f for f in UFUNCS if f not in FLAT], ids=lambda f: f.__name__)
def test_gradients_of_folds(ufunc: np.ufunc) -> None:
    x = X if ufunc not in (np.remainder, np.fmod) else np.array([[7.3, 2.9, 1.7], [5.9, 3.1, 1.3]])
    for options in ({}, {"axis": 1, "keepdims": True}, {"axis": 1, "initial": 1.25}):
        tl.check_gradients(lambda x, options=options: ufunc.reduce(x, **options), x)
    mask = MASK[: x.shape[0], : x.shape[1]]
    tl.check_gradients(lambda x: ufunc.reduce(x, axis=1, where=mask, initial=1.5), x)
    tl.check_gradients(lambda x: ufunc.accumulate(x, axis=1), x, order=2)
    tl.check_gradients(lambda x: ufunc.reduceat(x, [0, 2, 1], axis=1), x)


def test_the_first_value_has_a_gradient() -> None:
    assert tl.grad(lambda x, c: np.subtract.reduce(x, initial=c), (0, 1))(np.ones(3), 2.0)[1] == 1.0


@pytest.mark.parametrize("ufunc", [np.add, np.subtract, np.multiply, np.maximum, np.minimum], ids=lambda f: f.__name__)
def test_at(ufunc: np.ufunc) -> None:
    def f(x: Any, v: Any) -> Any:
        y = x * 1.0
        ufunc.at(y, [0, 2, 0], v)
        return y

    x, v = np.array([1.0, 2.0, 3.0]), np.array([0.5, 4.0, 1.75])
    np.testing.assert_array_equal(f(leaf(x), leaf(v)).data, f(x, v))
    tl.check_gradients(f, x, v, order=2)


def test_where_entries_tie_their_shares_add_up_to_one() -> None:
    for f in (np.maximum, np.minimum, np.fmax, np.fmin):
        jacobian = tl.jacobian(f.accumulate)(np.array([2.0, 2.0, 2.0, 2.0]))
        np.testing.assert_allclose(jacobian.sum(axis=1), 1.0)
