"""Sliding windows and pooling against loops that spell the formulas out."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl

steady = settings(deadline=None, derandomize=True, max_examples=30)
small = st.integers(1, 3)
pairs = st.tuples(small, small)


def whole(*shape: int, seed: int = 0) -> np.ndarray:
    """Whole numbers, whose sums have no rounding errors."""
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


@steady
@given(st.lists(st.integers(3, 5), min_size=1, max_size=3), st.data())
def test_windows_are_numpys(shape: list[int], data: Any) -> None:
    axes = data.draw(st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True))
    kernel = tuple([data.draw(small) for _ in axes])
    x = whole(*shape)
    expected = np.lib.stride_tricks.sliding_window_view(x, kernel, tuple(axes))  # type: ignore[call-overload]
    np.testing.assert_array_equal(tl.sliding_window_view(x, kernel, tuple(axes)), expected)
    t = tl.Tensor(x, requires_grad=True)
    y = np.lib.stride_tricks.sliding_window_view(t, kernel, tuple(axes))  # type: ignore[call-overload]
    y.backward(u := whole(*expected.shape, seed=1))  # type: ignore[attr-defined]
    assert (t.grad * x).sum() == (u * expected).sum()


@steady
@given(pairs, st.none() | pairs, st.booleans())
def test_pooling_is_its_definition(kernel: Any, stride: Any, padded: bool) -> None:
    padding = (kernel[0] // 2, kernel[1] // 2) if padded else (0, 0)
    x, step = whole(2, 2, 5, 6), stride or kernel
    widths = ((0, 0), (0, 0), padding[:1] * 2, padding[1:] * 2)
    for function, fill, reduce in ((tl.max_pool2d, -np.inf, np.max), (tl.avg_pool2d, 0, np.mean)):
        around = np.pad(x, widths, constant_values=fill)
        y = function(x, kernel, stride, padding)
        for i, j in np.ndindex(*y.shape[2:]):
            here = around[:, :, i * step[0] : i * step[0] + kernel[0], j * step[1] : j * step[1] + kernel[1]]
            np.testing.assert_allclose(y[:, :, i, j], reduce(here, axis=(2, 3)), rtol=1e-15)


def test_the_border_does_not_count_where_it_shall_not() -> None:
    x = np.ones((1, 1, 3, 3))
    assert tl.avg_pool2d(x, 3, 1, 1)[0, 0, 0, 0] == 4 / 9
    np.testing.assert_array_equal(tl.avg_pool2d(x, 3, 1, 1, count_include_pad=False), x)


def test_on_a_tie_the_first_receives_the_gradient() -> None:
    x = tl.Tensor(np.zeros((1, 1, 2, 4)), requires_grad=True)
    tl.max_pool2d(x, 2).sum().backward()
    assert x.grad[0, 0].tolist() == [[1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]]


def test_nan_is_the_largest() -> None:
    for place in range(4):
        x = np.arange(4.0)
        x[place] = np.nan
        t = tl.Tensor(x.reshape(1, 1, 2, 2), requires_grad=True)
        y = tl.max_pool2d(t, 2)
        y.sum().backward()
        assert np.isnan(y.data).all()
        assert t.grad.ravel().tolist() == [float(k == place) for k in range(4)]
