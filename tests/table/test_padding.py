"""Every mode of np.pad and all its keywords: values as NumPy's, gradients as differences."""

import itertools

import numpy as np
import pytest

import tinygrad_lite as tl

OPTIONS = [
    ("constant", {}),
    ("constant", {"constant_values": 2.5}),
    ("constant", {"constant_values": (1.0, -1.0)}),
    ("constant", {"constant_values": ((1.0, 2.0), (3.0, 4.0))}),
    ("edge", {}),
    ("wrap", {}),
    ("linear_ramp", {}),
    ("linear_ramp", {"end_values": (5.0, -2.5)}),
    ("linear_ramp", {"end_values": ((5.0, -2.0), (0.5, 1.0))}),
    ("reflect", {}),
    ("symmetric", {}),
    ("reflect", {"reflect_type": "odd"}),
    ("symmetric", {"reflect_type": "odd"}),
    *[(mode, options)
      for mode in ("maximum", "minimum", "mean", "median")
      for options in ({}, {"stat_length": None}, {"stat_length": 2}, {"stat_length": (1, 2)},
                      {"stat_length": ((1, 3), (2, 9))})],
]  # fmt: skip
WIDTHS = [0, 1, (2, 0), ((0, 1), (2, 3)), ((7, 9), (4, 0)), [[2], [1]]]
SHAPES = [(3, 4), (1, 3), (2, 1), (5, 2)]


@pytest.mark.parametrize("width", WIDTHS, ids=str)
@pytest.mark.parametrize(("mode", "options"), OPTIONS, ids=str)
def test_values_are_numpys(mode, options, width):
    rng = np.random.default_rng(0)
    for shape, dtype in itertools.product(SHAPES, (float, np.float32, int)):
        x = rng.uniform(-9, 9, shape).astype(dtype)
        expected = np.pad(x, width, mode, **options)
        for got in (tl.pad(x, width, mode, **options), np.pad(tl.Tensor(x), width, mode, **options).data):
            assert got.dtype == expected.dtype
            np.testing.assert_allclose(got, expected, rtol=1e-6 if dtype == np.float32 else 1e-14, atol=1e-14)
            if mode not in ("mean", "median"):
                np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize(("mode", "options"), OPTIONS, ids=str)
def test_gradients_are_those_of_differences(mode, options):
    x = np.random.default_rng(1).uniform(-2, 2, (3, 3))
    tl.check_gradients(lambda x: np.square(np.pad(x, ((4, 1), (0, 5)), mode, **options)), x, order=2)


def test_what_is_put_in_is_differentiated():
    x, fill = np.ones((2, 2)), np.array([0.5, 2.0])
    tl.check_gradients(lambda x, v: np.square(np.pad(x, 1, constant_values=v)), x, fill, order=2)
    tl.check_gradients(lambda x, v: np.square(np.pad(x, 2, "linear_ramp", end_values=v)), x, fill, order=2)
    tl.check_gradients(lambda a, b: tl.pad(x, 1, constant_values=(a, b)) ** 2, 0.5, 2.0)


def test_a_tie_shares_the_gradient():
    g = tl.grad(lambda x: np.pad(x, (1, 0), "maximum")[0])(np.array([1.0, 2.0, 2.0]))
    np.testing.assert_array_equal(g, [0, 0.5, 0.5])


def test_a_function_writes_the_ends():
    def fill(line, width, axis, options):
        line[: width[0]] = options["by"] * line[width[0]]
        line[line.shape[0] - width[1] :] = axis

    x = np.arange(6.0).reshape(2, 3)
    expected = np.pad(x, 2, fill, by=3.0)
    np.testing.assert_array_equal(np.pad(tl.Tensor(x), 2, fill, by=3.0).data, expected)
    tl.check_gradients(lambda x: np.square(np.pad(x, 2, fill, by=3.0)), x, order=2)


def test_widths_by_axis():
    x = np.ones((2, 3))
    assert np.pad(tl.Tensor(x), {-1: (1, 2)}).shape == tl.pad(x, {-1: (1, 2)}).shape == (2, 6)
    assert tl.pad(x, {0: 1}).shape == (4, 3)


def test_empty_arrays():
    for mode in ("constant", "empty"):
        assert np.pad(tl.Tensor(np.ones((0, 2))), 1, mode).shape == (2, 4)
    assert np.pad(tl.Tensor(np.ones((0, 2))), ((0, 0), (1, 2)), "edge").shape == (0, 5)
    assert tl.pad(np.ones(()), 1).shape == ()


def test_the_middle_of_numbers_that_are_none_is_none():
    x = np.array([1.0, np.nan, 2.0])
    np.testing.assert_array_equal(tl.pad(x, 1, "median"), np.pad(x, 1, "median"))


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda x: np.pad(x, -1), ValueError),
        (lambda x: np.pad(x, 1.5), TypeError),
        (lambda x: np.pad(x, 1, "nothing"), ValueError),
        (lambda x: np.pad(x, 1, "edge", constant_values=1), ValueError),
        (lambda x: np.pad(x, 1, "mean", stat_length=-1), ValueError),
        (lambda x: np.pad(x, 1, "maximum", stat_length=0), ValueError),
        (lambda x: np.pad(x, ((1, 2), (3, 4), (5, 6))), ValueError),
        (lambda x: np.pad(x[:0], 1, "edge"), ValueError),
    ],
)
def test_errors_are_numpys(call, kind):
    for x in (np.ones((2, 2)), tl.tensor(np.ones((2, 2)), requires_grad=True)):
        with pytest.raises(kind):
            call(x)
