"""Convolution against loops that spell the formula out."""

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
X, W = np.zeros((1, 2, 4, 4)), np.zeros((3, 2, 2, 2))


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
    w = whole(3, 2, 2, 4, seed=1)  # of an odd number of zeros the larger half comes after, as in PyTorch
    around = np.pad(x, ((0, 0), (0, 0), (0, 1), (1, 2)))
    np.testing.assert_array_equal(tl.conv2d(x, w, padding="same"), tl.conv2d(around, w))
    assert tl.conv2d(x, whole(3, 2, 2, 3), padding="valid").shape == (1, 3, 4, 4)


def test_groups_do_not_see_each_other() -> None:
    x, w, b = whole(2, 4, 4, 4), whole(6, 2, 2, 2, seed=1), whole(6, seed=2)
    halves = [tl.conv2d(x[:, 2 * k : 2 * k + 2], w[3 * k : 3 * k + 3]) for k in range(2)]
    np.testing.assert_array_equal(tl.conv2d(x, w, b, groups=2), np.concatenate(halves, 1) + b[:, None, None])


def test_integers_stay_integers_where_nothing_is_divided() -> None:
    assert tl.conv2d(np.ones((1, 1, 2, 2), int), np.ones((1, 1, 2, 2), int)).dtype == np.int64
    assert tl.max_pool2d(np.ones((1, 1, 2, 2), int), 2).dtype == np.float64


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
# Of series, and transposed


def test_series_are_images_of_one_row() -> None:
    x, w, b = whole(2, 4, 7), whole(6, 2, 3), whole(6)
    cases: list[tuple[Any, Any]] = [
        ({"stride": 2, "padding": 1}, {"stride": (1, 2), "padding": (0, 1)}),
        ({"dilation": (2,), "padding": "valid"}, {"dilation": (1, 2)}),
        ({"padding": "same"}, {"padding": (0, 1)}),
    ]
    for options, wide in cases:
        expected = tl.conv2d(x[:, :, None], w[:, :, None], b, groups=2, **wide)[:, :, 0]
        np.testing.assert_array_equal(tl.conv1d(x, w, b, groups=2, **options), expected)


@settings(steady, max_examples=60)
@given(st.integers(0, 2**32 - 1), pairs, pairs, pairs, st.tuples(st.integers(0, 2), st.integers(0, 2)), st.data())
def test_the_transpose_is_the_transpose(
    seed: int, kernel: Any, stride: Any, dilation: Any, padding: Any, data: Any
) -> None:
    """⟨conv_transpose2d(y), x⟩ = ⟨y, conv2d(x)⟩, for every image x of the size that it gives."""
    rng = np.random.default_rng(seed)
    more = tuple([data.draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True)])
    y, w = rng.standard_normal((2, 4, 5, 6)), rng.standard_normal((4, 3, *kernel))
    options: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
    there = tl.conv_transpose2d(y, w, output_padding=more, **options)
    sizes = [
        (n - 1) * s - 2 * p + d * (k - 1) + m + 1
        for n, s, p, d, k, m in zip((5, 6), stride, padding, dilation, kernel, more, strict=True)
    ]
    assert there.shape == (2, 3, *sizes)
    x = rng.standard_normal(there.shape)
    back = tl.conv2d(x, w, **options)[:, :, :5, :6]  # a window more fits where pixels were added
    np.testing.assert_allclose((there * x).sum(), (back * y).sum(), rtol=1e-10, atol=1e-10)


def test_transposed_groups_and_bias() -> None:
    x, w, b = whole(2, 4, 3, 3), whole(4, 3, 2, 2), whole(6)
    halves = [tl.conv_transpose2d(x[:, 2 * k : 2 * k + 2], w[2 * k : 2 * k + 2], stride=2) for k in range(2)]
    expected = np.concatenate(halves, 1) + b[:, None, None]
    np.testing.assert_array_equal(tl.conv_transpose2d(x, w, b, stride=2, groups=2), expected)


def test_transposed_series_are_images_of_one_row() -> None:
    x, w, b = whole(2, 4, 5), whole(4, 1, 3), whole(2)
    found = tl.conv_transpose1d(x, w, b, stride=2, padding=1, output_padding=1, groups=2, dilation=2)
    expected = tl.conv_transpose2d(
        *(x[:, :, None], w[:, :, None], b),
        stride=(1, 2),
        padding=(0, 1),
        output_padding=(0, 1),
        groups=2,
        dilation=(1, 2),
    )
    np.testing.assert_array_equal(found, expected[:, :, 0])


S, V = np.zeros((1, 2, 5)), np.zeros((3, 2, 2))


@pytest.mark.parametrize(("call", "said"), [
    (lambda: tl.conv1d(X, V), r"conv1d: takes x of shape \(samples, channels, length\).*got \(1, 2, 4, 4\)"),
    (lambda: tl.conv1d(S, V[:, :1]), r"conv1d: .*\(3, 1, 2\) and groups=1"),
    (lambda: tl.conv1d(S, V, stride=(1, 2)), r"conv1d: stride: takes an integer of at least 1, got \(1, 2\)"),
    (lambda: tl.conv1d(S, V, padding=-1), "conv1d: padding: takes an integer of at least 0, got -1"),
    (lambda: tl.conv1d(S, V, np.zeros(2)), "conv1d: needs one bias for each of 3 outputs"),
    (lambda: tl.conv1d(S, np.zeros((3, 2, 6))), "conv1d: a kernel that reaches"),
    (lambda: tl.conv1d(S, V, stride=2, padding="same"), "conv1d: padding='same' needs stride 1"),
    (lambda: tl.conv_transpose2d(S, W), r"conv_transpose2d: takes x .*got \(1, 2, 5\), \(3, 2, 2, 2\)"),
    (lambda: tl.conv_transpose2d(X, W), "conv_transpose2d: takes x"),
    (lambda: tl.conv_transpose2d(X, W[:2], groups=0), "groups=0"),
    (lambda: tl.conv_transpose2d(X, W[:2], np.zeros(3)), "conv_transpose2d: needs one bias for each of 2 outputs"),
    (lambda: tl.conv_transpose2d(X, W[:2], output_padding=1), r"output_padding \(1, 1\) must be less than the stride"),
    (lambda: tl.conv_transpose2d(X, W[:2], padding=3), r"nothing is left of \(5, 5\) pixels without the padding"),
    (lambda: tl.conv_transpose1d(S, V), r"conv_transpose1d: takes x .*got \(1, 2, 5\), \(3, 2, 2\)"),
    (lambda: tl.conv_transpose1d(S, V[:2], output_padding=0.5), "conv_transpose1d: output_padding: takes an integer"),
])  # fmt: skip
def test_series_and_transposes_that_do_not_fit(call: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()
