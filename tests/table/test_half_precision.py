"""Half precision: what is made of many entries, or of large ones, is what double precision rounds to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
import tinygrad_lite.nn as nn
from tinygrad_lite.table.half_precision import halves_in_single

HALF = np.float16
MANY = 70_000
"""More entries than the largest number of half precision, 65504."""

SPREAD = 0.5 + 0.5 * (np.arange(MANY) % 2)
LARGE = np.array([6e4, -6e4, 3.0, 4.0])
FEW = np.array([0.5, 0.25, 1.0])
SAME = np.zeros(50_000, int)
PIXELS = (1, 1, 280, 250)
BOUNDED = np.array([300.0, 300.0, 0.001, 2.0])


def alike(x: Any, value: float) -> Any:
    """Numbers of the dtype, as many."""
    return np.full(x.shape, value, x.dtype)


def like(x: Any, shape: Any, value: float) -> Any:
    return np.full(shape, value, x.dtype)


CASES: dict[str, tuple[Callable[[Any], Any], np.ndarray]] = {
    "logsumexp": (tl.logsumexp, np.zeros(MANY)),
    "softmax": (tl.softmax, np.zeros(MANY)),
    "log_softmax": (tl.log_softmax, np.zeros(MANY)),
    "logaddexp.reduce": (np.logaddexp.reduce, np.zeros(MANY)),
    "mean": (np.mean, SPREAD),
    "mean where": (lambda x: np.mean(x, where=np.arange(MANY) > 2), SPREAD),
    "average": (np.average, SPREAD),
    "average by weights": (lambda x: np.average(alike(x, 2.0), weights=x), np.full(4, 6e4)),
    "average of weighted": (lambda x: np.average(x, weights=alike(x, 6e4)), FEW),
    "var": (np.var, 100 * SPREAD),
    "std": (np.std, LARGE),
    "nanvar": (np.nanvar, np.append(100 * SPREAD, np.nan)),
    "nanstd": (np.nanstd, np.append(LARGE, np.nan)),
    "nanmean": (np.nanmean, np.append(SPREAD, np.nan)),
    "norm": (np.linalg.norm, LARGE / 2),
    "norm beyond": (np.linalg.norm, np.full(4, 6e4)),
    "norm of order 3": (lambda x: np.linalg.norm(x, 3), np.full(4, 6e4)),
    "vector_norm": (lambda x: np.linalg.vector_norm(x, ord=4), np.full(4, 6e4)),
    "prod": (np.prod, BOUNDED),
    "cumprod": (lambda x: np.cumprod(x)[2:], BOUNDED),
    "trapezoid": (lambda x: np.trapezoid(x, dx=1e-3), SPREAD),
    "einsum": (lambda x: np.einsum("i,ij->j", x, like(x, (MANY, 2), 0.01)), SPREAD),
    "matmul": (lambda x: x @ like(x, (MANY, 2), 0.01), SPREAD),
    "taken again and again": (lambda x: x[SAME], FEW),
    "take": (lambda x: np.take(x, SAME), FEW),
    "repeat": (lambda x: np.repeat(x, 50_000), FEW),
    "pad": (lambda x: np.pad(x, 50_000, mode="edge"), FEW),
    "embedding": (lambda x: nn.functional.embedding(SAME, x.reshape((3, 1))), FEW),
    "resize": (lambda x: np.resize(x, 50_000), FEW),
    "avg_pool2d": (lambda x: tl.avg_pool2d(x.reshape(PIXELS), PIXELS[2:]), SPREAD),
    "avg_pool2d, padded": (
        lambda x: tl.avg_pool2d(x.reshape(PIXELS), PIXELS[2:], padding=(1, 1), count_include_pad=False), SPREAD,
    ),
    "conv2d": (lambda x: tl.conv2d(x.reshape(PIXELS), like(x, PIXELS, 0.01)), SPREAD),
    "conv2d, weight": (lambda x: tl.conv2d(like(x, PIXELS, 1.0), x.reshape((1, 1, 1, 3))), FEW),
    "cross_entropy": (lambda x: tl.cross_entropy(x[None], [0]), np.zeros(MANY)),
    "cross_entropy, weight": (
        lambda x: tl.cross_entropy(x.reshape((-1, 2)), np.zeros(MANY // 2, int), weight=alike(x[:2], 3.0)), SPREAD,
    ),
    "cross_entropy, smooth": (lambda x: tl.cross_entropy(x[None], [0], label_smoothing=0.1), np.zeros(MANY)),
    "nll_loss": (lambda x: nn.nll_loss(x.reshape((-1, 2)), np.zeros(MANY // 2, int), weight=alike(x[:2], 3.0)), SPREAD),
    "mse_loss": (lambda x: nn.mse_loss(x, alike(x, 1.0)), np.array([300.0, 2.0, 1.0])),
    "huber_loss": (lambda x: nn.huber_loss(x, alike(x, 0.0), delta=1e3), np.array([400.0, 2.0, 1.0])),
    "binary_cross_entropy": (lambda x: tl.binary_cross_entropy(x / 2, alike(x, 1.0)), SPREAD),
    "kl_div": (lambda x: tl.kl_div(x, alike(x, 0.5)), SPREAD),
    "multi_margin_loss": (lambda x: nn.multi_margin_loss(x[None], [1]), SPREAD),
    "focal_loss": (lambda x: nn.focal_loss(x[None], [1]), SPREAD),
    "cosine_similarity": (lambda x: nn.cosine_similarity(x, alike(x, 1.0), axis=0), np.full(4, 6e4)),
    "normalize": (lambda x: nn.functional.normalize(x, axis=0), np.full(4, 6e4)),
    "layer_norm": (lambda x: nn.functional.layer_norm(x, x.shape), SPREAD),
    "batch_norm": (lambda x: nn.BatchNorm1d(1, dtype=x.dtype)(x[:, None]), SPREAD),
    "group_norm": (lambda x: nn.GroupNorm(1, 1, dtype=x.dtype)(x[None, None]), SPREAD),
    "attention": (
        lambda x: nn.functional.scaled_dot_product_attention(like(x, (1, 1), 1), like(x, (MANY, 1), 0), x[:, None]),
        SPREAD,
    ),
}  # fmt: skip
"""Functions, and where they are taken; constants are of the argument's dtype."""


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_values_and_gradients_are_those_of_double_precision_rounded(name: str) -> None:
    f, at = CASES[name]
    half = at.astype(HALF)
    x, wide = tl.tensor(half, requires_grad=True), tl.tensor(half.astype(float), requires_grad=True)
    y, exact = f(x), f(wide)
    assert y.dtype == HALF
    np.testing.assert_allclose(y.data, exact.data.astype(HALF), rtol=4e-3, atol=1e-6)
    seed = np.full(y.shape, 0.01)
    y.backward(seed.astype(HALF))
    exact.backward(seed)
    assert x.grad is not None
    assert wide.grad is not None
    assert x.grad.dtype == HALF
    np.testing.assert_allclose(x.grad, wide.grad.astype(HALF), rtol=4e-3, atol=2e-7)


def test_what_has_more_digits_keeps_them() -> None:
    half, single = np.ones(2, HALF), np.full(2, 3.0, np.float32)
    assert nn.mse_loss(half, half).dtype == HALF
    assert nn.mse_loss(half, single).dtype == np.float32
    assert nn.mse_loss(input=half, target=half * HALF(200)).dtype == HALF
    assert np.isfinite(nn.mse_loss(input=half * HALF(300), target=half * HALF(100)))
    assert nn.mse_loss(half, [1.0, 2.0]).dtype == np.float64
    assert tl.cross_entropy(half[None], single[None]).dtype == np.float32
    assert np.average(half, weights=single).dtype == np.float32


def test_the_decorator_keeps_other_calls_as_they_are() -> None:
    seen = []

    @halves_in_single
    def f(x: Any, *, y: Any = None) -> Any:
        seen.append((x, y))
        return x

    x = np.ones(2)
    assert f(x, y=3) is x
    assert seen == [(x, 3)]
