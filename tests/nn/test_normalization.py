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
