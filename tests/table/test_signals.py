"""Convolutions, interpolation and weighted counts: NumPy's results, and gradients in every argument that has one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl

quick = settings(deadline=None, derandomize=True, max_examples=60)


def same(got: Any, expected: Any, rtol: float = 1e-13) -> None:
    if isinstance(expected, (tuple, list)):
        for a, b in zip(got, expected, strict=True):
            same(a, b)
        return
    got = got.data if isinstance(got, tl.Tensor) else got
    assert np.shape(got) == np.shape(expected)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=1e-5 if got.dtype == np.float32 else rtol, atol=1e-13)


@pytest.mark.parametrize("f", [np.convolve, np.correlate])
@given(n=st.integers(1, 7), m=st.integers(1, 7), mode=st.sampled_from(["full", "same", "valid"]), single=st.booleans())
@quick
def test_convolutions_are_numpys(f: Any, n: int, m: int, mode: str, single: bool) -> None:
    rng = np.random.default_rng(n + 10 * m)
    a, v = rng.normal(size=n), rng.normal(size=m)
    if single:
        a, v = a.astype("f4"), v.astype("f4")
    same(f(tl.tensor(a), v, mode), f(a, v, mode), rtol=1e-12)
    same(f(a, tl.tensor(v), mode), f(a, v, mode), rtol=1e-12)
    if not single:
        tl.check_gradients(lambda a, v: f(a, v, mode), a, v, order=2)


@pytest.mark.parametrize("f", [np.convolve, np.correlate])
def test_convolutions_that_cannot_be(f: Any) -> None:
    for a, v, mode in (
        (np.ones(0), np.ones(2), "full"),
        (np.ones((2, 2)), np.ones(2), "full"),
        (np.ones(2),) * 2 + ("x",),
    ):
        with pytest.raises((ValueError, TypeError)):
            f(a, v, mode)
        with pytest.raises((ValueError, TypeError)):
            f(tl.tensor(a, requires_grad=True), v, mode)
    same(f(tl.tensor([1, 2, 3]), [0, 1], "same"), f([1, 2, 3], [0, 1], "same"))


# ---------------------------------------------------------------------------------------------------------------------
# Interpolation

XP, FP = np.array([0.0, 0.5, 1.5, 2.0]), np.array([1.0, 3.0, -2.0, 0.5])


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 5),
    left=st.sampled_from([None, -7.0]),
    right=st.sampled_from([None, 9]),
    period=st.sampled_from([None, 2.5, -1.0]),
    dtype=st.sampled_from(["f8", "f4", "i8"]),
)
@quick
def test_interpolation_is_numpys(seed: int, n: int, left: Any, right: Any, period: Any, dtype: str) -> None:
    rng = np.random.default_rng(seed)
    xp = np.unique(rng.integers(-8, 8, n) * 0.25)
    fp = rng.normal(size=xp.size)
    x = (rng.integers(-12, 12, (2, 4)) * 0.25).astype(dtype)
    x.flat[:1] = xp[-1].astype(dtype)
    if dtype != "i8":
        x.flat[1] = np.nan
    expected = np.interp(x, xp, fp, left, right, period)
    same(np.interp(tl.tensor(x), xp, fp, left, right, period), expected, rtol=1e-12)
    same(np.interp(x, xp, tl.tensor(fp), left, right, period), expected, rtol=1e-12)


def test_gradients_of_interpolation() -> None:
    x = np.array([-0.3, 0.2, 0.8, 1.7, 2.4])
    tl.check_gradients(np.interp, x, XP, FP, order=2)
    tl.check_gradients(lambda x, xp, fp: np.interp(x, xp, fp, period=2.75), x, XP, FP)
    by_ends = tl.grad(lambda x, a, b: np.interp(x, XP, FP, left=a, right=b).sum(), (0, 1, 2))(x, 1.0, 2.0)
    assert by_ends[1:] == (1.0, 1.0)
    assert tl.grad(lambda x, p: np.interp(x, XP, FP, period=p), (0, 1))(2.9, 2.5)[1] != 0


def test_at_the_points_the_slope_is_that_to_the_right() -> None:
    slope = tl.grad(np.interp)
    assert slope(0.5, XP, FP) == -5.0
    assert slope(2.0, XP, FP) == 5.0
    assert slope(0.0, XP, FP) == 4.0
    np.testing.assert_array_equal(tl.grad(lambda fp: np.interp(0.5, XP, fp))(FP), [0, 1, 0, 0])


@np.errstate(invalid="ignore")
def test_points_one_above_the_other_and_infinite_ones() -> None:
    for xp, fp in (
        ([0.0, 1.0, 1.0, 2.0], FP),
        ([0.0, 0.0, 1.0, 1.0], FP),
        ([0.0, 1.0, 2.0, np.inf], FP),
        (XP, [1.0, np.inf, np.inf, 0.0]),
    ):
        x = np.array([-0.5, 0.0, 0.75, 1.0, 1.5, 2.5])
        np.testing.assert_array_equal(np.interp(tl.tensor(x), xp, fp).data, np.interp(x, xp, fp))
    g = tl.grad(lambda xp: np.interp(np.array([0.5, 1.0, 1.5]), xp, FP).sum())(np.array([0.0, 1.0, 1.0, 2.0]))
    assert np.isfinite(g).all()


def test_interpolation_that_cannot_be() -> None:
    for args, kwargs in (
        ((1.0, XP, FP[:2]), {}),
        ((1.0, [], []), {}),
        ((1.0, XP[None], FP[None]), {}),
        ((1.0, XP, FP), {"period": 0}),
    ):
        for x in (args[0], tl.tensor(args[0], requires_grad=True)):
            with pytest.raises(ValueError):  # noqa: PT011 (NumPy's own messages among them)
                np.interp(x, *args[1:], **kwargs)


# ---------------------------------------------------------------------------------------------------------------------
# Counts

A = np.array([0.1, 0.4, 0.45, 0.9, 1.0, -0.2, 0.5, 1.4])
W = np.array([1.0, 2.0, 0.5, 3.0, 4.0, 0.25, 1.5, 0.75])


def test_bincounts() -> None:
    x = np.array([0, 3, 3, 1])
    for minlength in (0, 2, 6):
        same(np.bincount(x, tl.tensor(W[:4]), minlength), np.bincount(x, W[:4], minlength))
        same(np.bincount(tl.tensor(x), minlength=minlength), np.bincount(x, minlength=minlength))
    tl.check_gradients(lambda w: np.bincount(x, w) ** 2, W[:4], order=2)
    for bad in ((x - 1, W[:4]), (x, W[:3]), (x[None], W[:4])):
        with pytest.raises(ValueError):  # noqa: PT011 (NumPy's own messages)
            np.bincount(bad[0], tl.tensor(bad[1], requires_grad=True))
    with pytest.raises(TypeError):
        np.bincount(x * 1.0, tl.tensor(W[:4], requires_grad=True))


@np.errstate(invalid="ignore")  # of a histogram without entries
@pytest.mark.parametrize("density", [None, False, True])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i4"])
def test_histograms(density: Any, dtype: str) -> None:
    w = (4 * W).astype(dtype)
    for bins, limits in ((4, None), ([0.0, 0.45, 0.5, 1.0], None), (3, (0.0, 1.0)), (np.array([0.2, 0.3]), None)):
        options = {"bins": bins, "range": limits, "density": density}
        same(np.histogram(A, weights=tl.tensor(w), **options), np.histogram(A, weights=w, **options), rtol=1e-12)
        same(np.histogram(tl.tensor(A), **options), np.histogram(A, **options))
    if dtype == "f8":
        tl.check_gradients(lambda w: np.histogram(A, 4, weights=w, density=density)[0], W, order=2)


def test_histograms_of_several_coordinates() -> None:
    b, c = A[::-1].copy(), A**2
    for density in (False, True):
        options = {"density": density}
        for bins in (3, [2, 3], [[0.0, 0.5, 1.0], 2], np.array([0.0, 0.3, 0.6, 1.0])):
            expected = np.histogram2d(A, b, bins, weights=W, **options)
            same(np.histogram2d(A, b, bins, weights=tl.tensor(W), **options), expected, rtol=1e-12)
            same(np.histogram2d(tl.tensor(A), b, bins, **options), np.histogram2d(A, b, bins, **options))
        for sample in (np.stack([A, b, c], 1), [A, b, c]):
            expected = np.histogramdd(sample, (2, 3, 2), weights=W, **options)
            same(np.histogramdd(sample, (2, 3, 2), weights=tl.tensor(W), **options), expected, rtol=1e-12)
        same(np.histogramdd([tl.tensor(A), tl.tensor(b)], 3), np.histogramdd([A, b], 3))
        tl.check_gradients(lambda w, d=density: np.histogram2d(A, b, 3, weights=w, density=d)[0], W)


def test_histograms_that_cannot_be() -> None:
    w = tl.tensor(W, requires_grad=True)
    with pytest.raises(TypeError):
        np.histogram(A, "auto", weights=w)
    with pytest.raises(ValueError, match="shape"):
        np.histogram(A[:3], weights=w)
    with pytest.raises(ValueError, match="length"):
        np.histogram2d(A, A[:3], weights=w)


def test_edges_follow_the_data_unless_they_are_given() -> None:
    for options in ({"bins": 3}, {"bins": "sturges"}):
        same(np.histogram_bin_edges(tl.tensor(A), **options), np.histogram_bin_edges(A, **options), rtol=1e-15)
        tl.check_gradients(lambda a, options=options: np.histogram_bin_edges(a, **options), A)
    tl.check_gradients(lambda a: np.histogram(a, 3, density=True), A, order=2)
    tl.check_gradients(lambda a, w: np.histogram2d(a, a**2, 2, density=True, weights=w), A, W)
    for options in ({"bins": [0.0, 0.5, 1.0]}, {"bins": 2, "range": (0.0, 1.0)}):
        edges = np.histogram(tl.tensor(A, requires_grad=True), **options)[1]
        np.testing.assert_array_equal(edges, np.histogram(A, **options)[1])
        assert type(edges) is np.ndarray
    same(np.histogram_bin_edges(tl.tensor([2.0, 2.0]), 2), np.array([1.5, 2.0, 2.5]))


def test_edges_follow_the_values() -> None:
    """From the least to the largest, or what they are given as; nothing of them is lost."""
    weights = np.arange(1.0, 5.0)
    for f in (
        lambda x: np.histogram_bin_edges(x, 3) @ weights,
        lambda x: np.histogram_bin_edges(x, "sqrt")[1],
        lambda x: np.histogram_bin_edges(A, np.sort(x))[1],
        lambda x: np.histogram_bin_edges(A, 3, (x[0] - 9, x[1] + 9)) @ weights,
        lambda x: np.histogram(x, 3, density=True)[0][0],
        lambda x: np.histogram2d(x, x[::-1], (3, 2))[1] @ weights,
        lambda x: np.histogramdd([x, A], 3)[1][0] @ weights,
    ):
        tl.check_gradients(f, A, order=2)
        same(f(tl.tensor(A)), f(A), rtol=1e-14)


@pytest.mark.oracle
def test_interpolation_is_that_of_jax() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    x = np.array([-0.3, 0.2, 0.8, 1.7, 2.4, 0.5])
    there = jax.grad(lambda x, xp, fp: (jax.numpy.interp(x, xp, fp) ** 2).sum(), (0, 1, 2))(x, XP, FP)
    here = tl.grad(lambda x, xp, fp: (np.interp(x, xp, fp) ** 2).sum(), (0, 1, 2))(x, XP, FP)
    for a, b in zip(here, there, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_points_that_do_not_ascend_are_refused():
    with pytest.raises(ValueError, match="interp: xp must be in ascending order"):
        np.interp(0.5, [0.0, 2.0, 1.0], tl.tensor([1.0, 2.0, 3.0]))
    assert np.interp(2.5, [0.0, 2.0, 1.0], tl.tensor([1.0, 2.0, 3.0]), period=3.0).item() == 1.5
