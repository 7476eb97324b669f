"""Convolution and pooling against loops that spell the formulas out."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite.table import convolution

steady = settings(deadline=None, derandomize=True, max_examples=30)
small = st.integers(1, 3)
pairs = st.tuples(small, small)


def whole(*shape: int, seed: int = 0) -> np.ndarray:
    """Whole numbers, whose sums have no rounding errors."""
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


def looped(x: np.ndarray, w: np.ndarray, stride: Any, padding: Any, dilation: Any) -> np.ndarray:
    """The definition of conv2d, an output at a time."""
    x = np.pad(x, ((0, 0), (0, 0), padding[:1] * 2, padding[1:] * 2))
    sides = [
        (n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(x.shape[2:], w.shape[2:], stride, dilation, strict=True)
    ]
    y = np.zeros((len(x), len(w), *sides))
    for n, o, i, j in np.ndindex(*y.shape):
        for c, k, m in np.ndindex(*w.shape[1:]):
            y[n, o, i, j] += w[o, c, k, m] * x[n, c, i * stride[0] + k * dilation[0], j * stride[1] + m * dilation[1]]
    return y


@steady
@given(small, small, small, pairs, pairs, st.tuples(st.integers(0, 2), st.integers(0, 2)), pairs, st.integers(5, 7))
def test_conv2d_is_its_definition(
    n: int, c: int, o: int, kernel: Any, stride: Any, padding: Any, dilation: Any, side: int
) -> None:
    dilation = tuple([min(d, 2) for d in dilation])
    x, w = whole(n, c, side, side + 1), whole(o, c, *kernel, seed=1)
    y = tl.conv2d(x, w, stride=stride, padding=padding, dilation=dilation)
    np.testing.assert_array_equal(y, looped(x, w, stride, padding, dilation))
    # T(x, w, d) = Σ d · (x ∗ w) is the same number by each of the three primitives
    d = whole(*y.shape, seed=2)
    leaves = [tl.Tensor(a, requires_grad=True) for a in (x, w)]
    tl.conv2d(*leaves, stride=stride, padding=padding, dilation=dilation).backward(d)
    assert [(a.data * a.grad).sum() for a in leaves] == [(y * d).sum()] * 2


@pytest.mark.parametrize("block", [1, 50, 200, 10**6])
def test_blocks_of_every_size_give_the_same(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def results() -> list[np.ndarray]:
        leaves = [tl.Tensor(a, requires_grad=True) for a in (whole(5, 2, 7, 6), whole(3, 2, 3, 2, seed=1))]
        y = tl.conv2d(*leaves, padding=1)
        y.backward(whole(*y.shape, seed=2))
        return [y.data, *[a.grad for a in leaves]]

    expected = results()
    monkeypatch.setattr(convolution, "BLOCK", block)
    for got, right in zip(results(), expected, strict=True):
        np.testing.assert_array_equal(got, right)


@pytest.mark.parametrize("padding", [3, (0, 2)])
def test_padding_wider_than_the_kernel(padding: Any) -> None:
    x, w = whole(1, 1, 4, 3), whole(1, 1, 2, 1, seed=1)
    ends = (padding, padding) if isinstance(padding, int) else padding
    np.testing.assert_array_equal(tl.conv2d(x, w, padding=padding), looped(x, w, (1, 1), ends, (1, 1)))
    tl.check_gradients(lambda x, w: tl.conv2d(x, w, padding=padding), x / 9, w / 9)


def test_same_keeps_the_size_and_valid_pads_nothing() -> None:
    x = whole(1, 2, 5, 6)
    for kernel in product(range(1, 5), range(1, 5)):
        assert tl.conv2d(x, whole(3, 2, *kernel), padding="same").shape == (1, 3, 5, 6)
    assert tl.conv2d(x, whole(3, 2, 2, 3), padding="valid").shape == (1, 3, 4, 4)


def test_groups_do_not_see_each_other() -> None:
    x, w, b = whole(2, 4, 4, 4), whole(6, 2, 2, 2, seed=1), whole(6, seed=2)
    halves = [tl.conv2d(x[:, 2 * k : 2 * k + 2], w[3 * k : 3 * k + 3]) for k in range(2)]
    np.testing.assert_array_equal(tl.conv2d(x, w, b, groups=2), np.concatenate(halves, 1) + b[:, None, None])


def test_integers_stay_integers_where_nothing_is_divided() -> None:
    assert tl.conv2d(np.ones((1, 1, 2, 2), int), np.ones((1, 1, 2, 2), int)).dtype == np.int64
    assert tl.max_pool2d(np.ones((1, 1, 2, 2), int), 2).dtype == np.float64


X, W = np.zeros((1, 2, 4, 4)), np.zeros((3, 2, 2, 2))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: tl.conv2d(X[0], W), r"conv2d.*got \(2, 4, 4\)"),
        (lambda: tl.conv2d(X, W[:, :1]), r"conv2d.*\(3, 1, 2, 2\)"),
        (lambda: tl.conv2d(X, W[:, :1], groups=2), "conv2d.*groups=2"),
        (lambda: tl.conv2d(X, W, np.zeros(2)), r"conv2d: needs one bias for each of 3 outputs, got \(2,\)"),
        (lambda: tl.conv2d(X, W, stride=0), "conv2d: stride.*at least 1.*got 0"),
        (lambda: tl.conv2d(X, W, padding=(1, 2, 3)), r"conv2d: padding.*\(1, 2, 3\)"),
        (lambda: tl.conv2d(X, W, stride=2, padding="same"), "padding='same' needs stride 1"),
        (lambda: tl.conv2d(X, np.zeros((3, 2, 5, 1))), r"kernel that reaches \(5, 1\).*images of \(4, 4\)"),
        (lambda: tl.max_pool2d(X, 5), r"max_pool2d: a kernel that reaches \(5, 5\)"),
        (lambda: tl.max_pool2d(X, 2, padding=2), "max_pool2d: padding.*more than half"),
        (lambda: tl.avg_pool2d(X[0], 2), r"avg_pool2d: takes images.*got \(2, 4, 4\)"),
        (lambda: tl.avg_pool2d(X, 1.5), "avg_pool2d: kernel_size"),
        (lambda: tl.sliding_window_view(X, 5), "sliding_window_view: a window of shape"),
    ],
)
def test_what_does_not_fit_is_refused(call: Any, said: str) -> None:
    with pytest.raises((ValueError, TypeError), match=said):
        call()


# ---------------------------------------------------------------------------------------------------------------------
# Windows and pooling


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
