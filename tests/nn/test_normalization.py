"""Batch and layer normalisation: what they compute, what they track, what they refuse."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def test_batch_norm_standardizes_and_tracks() -> None:
    x = 3 + 2 * normal(20, 2)
    norm = nn.BatchNorm1d(2, momentum=0.25, dtype=float)
    y = norm(x).data
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(y.var(axis=0), x.var(axis=0) / (x.var(axis=0) + 1e-5), rtol=1e-12)
    np.testing.assert_allclose(norm.running_mean, 0.25 * x.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(norm.running_var, 0.75 + 0.25 * x.var(axis=0, ddof=1), rtol=1e-14)
    assert norm.num_batches_tracked == 1
    before = norm.state_dict()
    used = norm.eval()(x).data
    expected = (x - norm.running_mean) / np.sqrt(norm.running_var + 1e-5)
    np.testing.assert_allclose(used, expected, rtol=1e-14)
    assert all(np.array_equal(value, before[name]) for name, value in norm.state_dict().items())


def test_batch_norm_without_momentum_averages_all_batches() -> None:
    norm, batches = nn.BatchNorm1d(2, momentum=None, affine=False, dtype=float), normal(3, 4, 2)
    for x in batches:
        norm(x)
    np.testing.assert_allclose(norm.running_mean, batches.mean(axis=(0, 1)), rtol=1e-13)
    assert list(norm.parameters()) == []


@pytest.mark.parametrize("shape", [(3,), (3, 4), (1, 2), (2, 2, 2, 2)])
def test_batch_norm_refuses_other_shapes(shape: tuple[int, ...]) -> None:
    norm = nn.BatchNorm1d(2)
    before = norm.state_dict()
    with pytest.raises(ValueError, match="BatchNorm1d"):
        norm(np.zeros(shape))
    assert all(np.array_equal(value, before[name]) for name, value in norm.state_dict().items())


def test_layer_norm_refuses_other_shapes() -> None:
    with pytest.raises(ValueError, match=r"LayerNorm: the last axes must be \(3,\), got \(2, 4\)"):
        nn.LayerNorm(3)(np.zeros((2, 4)))
    with pytest.raises(ValueError, match="one axis or more"):
        nn.LayerNorm(())


def test_batch_norm_of_images_is_of_channels() -> None:
    x = 3 + 2 * normal(4, 2, 3, 5)
    norm, flat = nn.BatchNorm2d(2, dtype=float), nn.BatchNorm1d(2, dtype=float)
    np.testing.assert_allclose(norm(x).data, flat(x.reshape(4, 2, 15)).data.reshape(x.shape), rtol=1e-13)
    np.testing.assert_allclose(norm.running_var, flat.running_var, rtol=1e-13)  # type: ignore[arg-type]
    used = norm.eval()(x).data
    np.testing.assert_allclose(used, flat.eval()(x.reshape(4, 2, 15)).data.reshape(x.shape), rtol=1e-13)
    with pytest.raises(ValueError, match=r"BatchNorm2d: takes \(N, 2, H, W\), got \(4, 2, 3\)"):
        norm(x[..., 0])


def test_batch_norm_without_running_statistics_takes_the_batchs_own_always() -> None:
    norm, x = nn.BatchNorm1d(2, track_running_stats=False, dtype=float), normal(5, 2)
    trained = norm(x).data
    np.testing.assert_array_equal(norm.eval()(x).data, trained)
    assert list(norm.state_dict()) == ["weight", "bias"]


def test_groups_of_channels_are_standardized_by_themselves() -> None:
    x = 3 + 2 * normal(2, 6, 4, 3)
    norm = nn.GroupNorm(3, 6, dtype=float)
    norm.weight.data[...], norm.bias.data[...] = np.arange(6) + 1, np.arange(6)  # type: ignore[union-attr]
    parts = x.reshape(2, 3, 2, 4, 3)
    mean, variance = (f(parts, axis=(2, 3, 4), keepdims=True) for f in (np.mean, np.var))
    expected = ((parts - mean) / np.sqrt(variance + 1e-5)).reshape(x.shape)
    scale = np.arange(6).reshape(6, 1, 1)
    np.testing.assert_allclose(norm(x).data, expected * (scale + 1) + scale, rtol=1e-12, atol=1e-12)
    instances = nn.InstanceNorm2d(6)(x)
    np.testing.assert_allclose(instances, nn.GroupNorm(6, 6, affine=False)(x), rtol=1e-12, atol=1e-12)
    for wrong in (np.zeros((2, 5, 4)), np.zeros(6), np.zeros((2, 6, 0))):
        with pytest.raises(ValueError, match=r"GroupNorm: takes \(N, 6, …\)"):
            norm(wrong)
    for wrong in (np.zeros((2, 6, 4)), np.zeros((2, 5, 4, 4))):
        with pytest.raises(ValueError, match=r"InstanceNorm2d: takes \(N, 6, H, W\)"):
            nn.InstanceNorm2d(6)(wrong)
    with pytest.raises(ValueError, match="InstanceNorm1d: one value per sample and feature has no variance"):
        nn.InstanceNorm1d(6)(np.zeros((2, 6, 1)))


# ---------------------------------------------------------------------------------------------------------------------
# Numbers whose squares are none

WIDE = np.array([[4.0, 0.0, 0.0, -4.0], [1.0, 2.0, 3.0, 5.0], [-2.0, -3.0, 1.0, 2.0]])
LAYERS: list[Any] = [
    lambda dtype: nn.LayerNorm(4, dtype=dtype),
    lambda dtype: nn.LayerNorm(4, elementwise_affine=False),
    lambda dtype: nn.BatchNorm1d(4, dtype=dtype),
    lambda dtype: nn.GroupNorm(1, 4, dtype=dtype),
]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(
    ("dtype", "scale", "rtol"), [(np.float16, 100.0, 2e-3), (np.float32, 2.0**100, 1e-5), (np.float64, 2.0**700, 1e-12)]
)
def test_normalized_are_numbers_whose_squares_are_too_large(layer: Any, dtype: Any, scale: float, rtol: float) -> None:
    given, reference = layer(dtype).requires_grad_(False), layer(np.float64).requires_grad_(False)
    reference.eps = 1e-5 / scale / scale

    def weighed(x: Any) -> Any:
        return (given(x).astype(np.float64) * np.cos(np.arange(12.0)).reshape(3, 4)).sum()

    def exactly(x: Any) -> Any:
        return (reference(x) * np.cos(np.arange(12.0)).reshape(3, 4)).sum()

    x = (WIDE * scale).astype(dtype)
    assert given(x).dtype == dtype
    value, slope = tl.value_and_grad(weighed)(x)
    expected, slope_expected = tl.value_and_grad(exactly)(WIDE)
    np.testing.assert_allclose(value, expected, rtol=rtol)
    assert slope.dtype == dtype
    if dtype != np.float16:  # whose smallest steps are coarse
        largest = np.abs(slope_expected).max()
        np.testing.assert_allclose(slope.astype(float) * scale / largest, slope_expected / largest, rtol=0, atol=rtol)


def test_only_the_rows_whose_squares_are_too_large_are_scaled() -> None:
    x = np.array([[1e200, 0.0], [0.1, 0.3]])
    y = nn.LayerNorm(2, dtype=float)(x).data
    np.testing.assert_allclose(y[0], [1.0, -1.0], rtol=1e-15)
    np.testing.assert_array_equal(y[1], nn.LayerNorm(2, dtype=float)(x[1:]).data[0])


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(("dtype", "scale", "rtol"), [(np.float32, 2.0**-100, 1e-5), (np.float64, 2.0**-700, 1e-12)])
def test_normalized_without_eps_are_numbers_whose_squares_vanish(
    layer: Any, dtype: Any, scale: float, rtol: float
) -> None:
    given, reference = layer(dtype).requires_grad_(False), layer(np.float64).requires_grad_(False)
    given.eps = reference.eps = 0.0
    weights = np.cos(np.arange(12.0)).reshape(3, 4)
    x = WIDE + np.eye(3, 4)  # no two features are constant
    value, slope = tl.value_and_grad(lambda x: (given(x) * weights.astype(dtype)).sum())((x * scale).astype(dtype))
    expected, slope_expected = tl.value_and_grad(lambda x: (reference(x) * weights).sum())(x)
    np.testing.assert_allclose(value, expected, rtol=rtol)
    largest = np.abs(slope_expected).max()
    np.testing.assert_allclose(slope.astype(float) * scale / largest, slope_expected / largest, rtol=0, atol=rtol)


def test_an_eps_beside_a_variance_that_vanishes_counts() -> None:
    x = np.array([[3e-170, 1e-170], [0.0, 0.0], [2.0, 4.0]])
    layer = nn.LayerNorm(2, eps=1e-320, dtype=float)
    y = layer(x).data
    np.testing.assert_allclose(y[0], np.array([1.0, -1.0]) / np.sqrt(1 + 1e20), rtol=1e-3)  # an eps of few digits
    np.testing.assert_array_equal(y[1:], [[0.0, 0.0], [-1.0, 1.0]])


def test_statistics_of_half_precision_are_in_single() -> None:
    layer = nn.BatchNorm1d(1, dtype=np.float16)
    layer(np.array([[400.0], [-400.0]], np.float16))
    assert layer.running_var is not None
    assert layer.running_var.dtype == np.float32
    np.testing.assert_allclose(layer.running_var, 0.9 + 0.1 * 320000.0)
    layer = nn.BatchNorm1d(1)
    for _ in range(3):
        layer(np.array([[1e20], [-1e20]], np.float32))
    assert layer.running_var is not None
    np.testing.assert_array_equal(layer.running_var, np.inf)


def test_half_precision_stays_in_use() -> None:
    layer = nn.BatchNorm1d(1, dtype=np.float16).eval()
    assert layer(np.array([[400.0]], np.float16)).dtype == np.float16


@pytest.mark.parametrize("spread", [1e-3, 1.0])
@pytest.mark.parametrize("offset", [1e3, -1e6, 1e9])
def test_an_offset_costs_no_digit(offset: float, spread: float) -> None:
    """Of data far from 0 the mean is rounded by more than deviations are."""
    x = offset + spread * normal(5, 37)
    weights = normal(5, 37, seed=1)
    d = np.array([[float(Fraction(v) - sum(map(Fraction, row)) / 37) for v in row] for row in x.tolist()])
    deviation = np.sqrt(np.square(d).mean(axis=1, keepdims=True) + 1e-5)
    y = d / deviation
    slope = weights - weights.mean(axis=1, keepdims=True) - y * (weights * y).mean(axis=1, keepdims=True)
    norm = nn.LayerNorm(37, elementwise_affine=False, dtype=float)
    np.testing.assert_allclose(norm(x), y, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(
        tl.grad(lambda x: (norm(x) * weights).sum())(x), slope / deviation, rtol=1e-12, atol=1e-13 / deviation.min()
    )


def test_groups_of_one_entry_are_refused() -> None:
    for n in (1, 2):
        with pytest.raises(ValueError, match=r"have one entry each, which has no variance.*take fewer groups"):
            nn.GroupNorm(2, 2)(np.ones((n, 2)))
    assert nn.GroupNorm(2, 2)(np.ones((1, 2, 2))).shape == (1, 2, 2)
    assert not nn.LayerNorm(1)(np.ones((2, 1))).data.any()  # which PyTorch does not refuse
