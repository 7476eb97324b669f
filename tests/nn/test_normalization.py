"""Batch and layer normalisation: what they compute, what they track, what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

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
