"""Evenly spaced numbers: values as NumPy's for all keywords, gradients as differences."""

import itertools

import numpy as np
import pytest

import tinygrad_lite as tl

ENDS = [(0.5, 2.0), (np.array([0.5, 3.0]), 1.5), (np.array([[1.0], [2.0]]), np.array([3.0, 4.0])), (2.0, 2.0), (1, 4)]
NUMBERS = [0, 1, 2, 7]
SPACED = [np.linspace, np.logspace, np.geomspace]


def same(got, expected, rtol=0.0):
    got = got.data if isinstance(got, tl.Tensor) else np.asarray(got)
    assert (got.dtype, got.shape) == (np.asarray(expected).dtype, np.shape(expected))
    np.testing.assert_allclose(got, expected, rtol=rtol)


@pytest.mark.parametrize("f", SPACED, ids=lambda f: f.__name__)
def test_values_are_numpys(f):
    for (a, b), n, endpoint in itertools.product(ENDS, NUMBERS, (True, False)):
        for options in ({}, {"axis": -1}, {"dtype": np.float32}, {"dtype": int}):
            expected = f(a, b, n, endpoint, **options)
            same(f(tl.tensor(a), b, n, endpoint, **options), expected, 1e-15)
            same(f(a, tl.tensor(b), n, endpoint=endpoint, **options), expected, 1e-15)


@pytest.mark.parametrize("f", SPACED, ids=lambda f: f.__name__)
def test_gradients_are_those_of_differences(f):
    for a, b in ENDS[:3]:
        for endpoint in (True, False):
            tl.check_gradients(lambda a, b, e=endpoint: f(a, b, 4, e) ** 2, np.array(a), np.array(b), order=2)


def test_the_step_and_the_base():
    y, step = np.linspace(tl.tensor(1.0), 3.0, 5, retstep=True)
    assert (y.data.tolist(), step.item()) == ([1.0, 1.5, 2.0, 2.5, 3.0], 0.5)
    assert np.isnan(np.linspace(tl.tensor(1.0), 3.0, 1, retstep=True)[1])
    for base in (2.0, np.array([2.0, 3.0])):
        for axis in (0, -1):
            expected = np.logspace(0.5, 2.0, 3, base=base, axis=axis)
            same(np.logspace(0.5, 2.0, 3, base=tl.tensor(base), axis=axis), expected)
    tl.check_gradients(lambda b: tl.logspace(0.5, 2.0, 3, base=b) ** 2, np.array([2.0, 3.0]), order=2)


def test_single_precision_and_small_numbers():
    for ends in ((np.float32(1), 2.0), (np.float32(1), np.float64(2)), (5e-324, 1e-323)):
        same(np.linspace(tl.tensor(ends[0]), ends[1], 4), np.linspace(*ends, 4))


def test_negative_ends_of_a_geometric_sequence():
    same(np.geomspace(tl.tensor(-1.0), -8.0, 4), np.geomspace(-1.0, -8.0, 4), 1e-15)
    for a, b in ((0.0, 1.0), (1.0, 0.0)):
        with pytest.raises(ValueError, match="zero"):
            np.geomspace(tl.tensor(a), b)


@pytest.mark.parametrize("call", [
    lambda t: np.linspace(t, 1.0, -1),
    lambda t: np.linspace(t, 1.0, 3, device="gpu"),
    lambda t: np.full_like(t, 1.0, device="gpu"),
])  # fmt: skip
def test_errors(call):
    with pytest.raises(ValueError, match=r"linspace|full_like"):
        call(tl.tensor(1.0, requires_grad=True))


def test_arrays_of_one_value():
    x = np.ones((2, 3), np.float32)
    same(np.full_like(tl.Tensor(x), 2.5), np.full_like(x, 2.5))
    assert tl.grad(lambda v: np.full_like(v, v * v, shape=(2, 2)).sum())(3.0) == 24


def test_a_geometric_sequence_is_double_unless_told_otherwise():
    a, b = np.float32(0.5), np.float32(4.0)
    assert np.geomspace(tl.tensor(a), b, 3).dtype == np.geomspace(a, b, 3).dtype == np.float64
    assert np.geomspace(tl.tensor(a), b, 3, dtype="f4").dtype == np.geomspace(a, b, 3, dtype="f4").dtype


def test_what_is_no_number_in_complex_numbers():
    z = np.array([1 + 2j, np.nan + 1j, 1 - np.inf * 1j])
    for options in ({}, {"nan": 2.0, "posinf": 3.0, "neginf": -3.0}):
        np.testing.assert_array_equal(np.nan_to_num(tl.tensor(z), **options).data, np.nan_to_num(z, **options))
    assert np.nan_to_num(tl.tensor(1.0 + 2j, requires_grad=True)).item() == 1 + 2j
    written = tl.tensor(z)
    assert np.nan_to_num(written, copy=False) is written
    np.testing.assert_array_equal(written.data, np.nan_to_num(z))


def test_ends_of_opposite_signs_alone_are_a_geometric_sequence():
    for num, endpoint in ((1, True), (2, True), (1, False)):
        options = {"num": num, "endpoint": endpoint}
        with np.errstate(invalid="ignore"):
            expected = np.geomspace(2.0, -3.0, **options)
        got = np.geomspace(tl.tensor(2.0), -3.0, **options)
        np.testing.assert_array_equal(got.data[0], expected[0])
        assert tl.grad(lambda a, options=options: np.geomspace(a, -3.0, **options)[0])(2.0) == 1.0
    assert np.geomspace(tl.tensor([1.0, 2.0]), 4.0, num=0).shape == (0, 2)
