"""Losses with a margin against their formulas, at the margin, at distance 0, and what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


A, B, C = normal(4, 3), normal(4, 3, seed=1), normal(4, 3, seed=2)
SIGNS, SIGN = np.where(normal(4, 3, seed=3) > 0, 1, -1), np.array([1, -1, -1, 1])
LABELS, W = np.array([0, 2, 1, 1]), np.array([0.5, 2.0, 1.5])
TRUTHS = (SIGNS > 0).astype(int)
COSINES = (A * B).sum(1) / np.sqrt((A**2).sum(1) * (B**2).sum(1))
BEYOND = np.maximum(0.7 - A[np.arange(4), LABELS][:, None] + A, 0) * (np.arange(3) != LABELS[:, None])


def distance(x: np.ndarray, y: np.ndarray, p: float = 2.0, eps: float = 1e-6) -> np.ndarray:
    return np.asarray(np.linalg.norm(x - y + eps, p, axis=1))


NEAR, FAR, OTHER = distance(A, B, 3.0), distance(A, C, 3.0), distance(B, C, 3.0)
REDUCE: dict[str, Any] = {"none": lambda x: x, "sum": np.sum, "mean": np.mean}
CASES: dict[str, Any] = {
    "hinge": (nn.hinge_loss, nn.HingeLoss, {"margin": 0.7}, (A,), SIGNS, np.maximum(0.7 - SIGNS * A, 0)),
    "soft margin": (nn.soft_margin_loss, nn.SoftMarginLoss, {}, (A,), SIGNS, np.log(1 + np.exp(-SIGNS * A))),
    "several labels": (
        nn.multilabel_soft_margin_loss,
        nn.MultiLabelSoftMarginLoss,
        {"weight": W},
        (A,),
        TRUTHS,
        (W * np.log(1 + np.exp(-SIGNS * A))).mean(axis=1),
    ),
    "several classes": (
        nn.multi_margin_loss, nn.MultiMarginLoss, {"margin": 0.7}, (A,), LABELS, BEYOND.sum(1) / 3,
    ),
    "several classes, squared": (
        nn.multi_margin_loss,
        nn.MultiMarginLoss,
        {"margin": 0.7, "p": 2, "weight": W},
        (A,),
        LABELS,
        W[LABELS] * (BEYOND**2).sum(1) / 3,
    ),
    "ranking": (
        nn.margin_ranking_loss, nn.MarginRankingLoss, {"margin": 0.7}, (A, B), SIGNS,
        np.maximum(0.7 - SIGNS * (A - B), 0),
    ),
    "hinge of distances": (
        nn.hinge_embedding_loss, nn.HingeEmbeddingLoss, {"margin": 0.7}, (A,), SIGNS,
        np.where(SIGNS > 0, A, np.maximum(0.7 - A, 0)),
    ),
    "cosine": (
        nn.cosine_embedding_loss, nn.CosineEmbeddingLoss, {"margin": -0.3}, (A, B), SIGN,
        np.where(SIGN > 0, 1 - COSINES, np.maximum(COSINES + 0.3, 0)),
    ),
}  # fmt: skip
TRIPLETS: dict[str, Any] = {
    "plain": ({}, np.maximum(distance(A, B) - distance(A, C) + 1, 0)),
    "with another norm": ({"p": 3.0, "margin": 0.7}, np.maximum(NEAR - FAR + 0.7, 0)),
    "swapped": ({"p": 3.0, "swap": True}, np.maximum(NEAR - np.minimum(FAR, OTHER) + 1, 0)),
    "exact": ({"eps": 0.0}, np.maximum(distance(A, B, eps=0) - distance(A, C, eps=0) + 1, 0)),
}


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name: str) -> None:
    function, module, options, inputs, target, each = CASES[name]
    assert np.any(each > 0)
    for reduction, reduce in REDUCE.items():
        value = function(*inputs, target, reduction=reduction, **options)
        np.testing.assert_allclose(value, reduce(each), rtol=1e-11)
        np.testing.assert_array_equal(module(reduction=reduction, **options)(*inputs, target), value)
    tl.check_gradients(lambda *x: function(*x, target, **options), *inputs)


@pytest.mark.parametrize("name", TRIPLETS)
def test_triplets(name: str) -> None:
    options, each = TRIPLETS[name]
    for reduction, reduce in REDUCE.items():
        value = nn.triplet_margin_loss(A, B, C, reduction=reduction, **options)
        np.testing.assert_allclose(value, reduce(each), rtol=1e-14)
        np.testing.assert_array_equal(nn.TripletMarginLoss(reduction=reduction, **options)(A, B, C), value)
    tl.check_gradients(lambda *x: nn.triplet_margin_loss(*x, **options), A[:2], B[:2], C[:2])


def test_float32_stays_float32() -> None:
    a, b, c = (x.astype(np.float32) for x in (A, B, C))
    for function, _, options, inputs, target, _ in CASES.values():
        assert function(*[x.astype(np.float32) for x in inputs], target, **options).dtype == np.float32
    assert nn.triplet_margin_loss(a, b, c, swap=True).dtype == np.float32
    assert nn.cosine_similarity(a, b).dtype == np.float32


def test_at_distance_0() -> None:
    """With eps=0 the derivative is 0 there; with PyTorch's eps it is that of the distance of eps in each entry."""
    x, y = np.zeros((1, 2)), np.array([[3.0, 4.0]])
    exact = tl.grad(lambda a, b, n: nn.triplet_margin_loss(a, b, n, eps=0, margin=6.0), (0, 1, 2))(x, x, y)
    np.testing.assert_array_equal(exact, [[[0.6, 0.8]], [[0, 0]], [[-0.6, -0.8]]])
    assert nn.triplet_margin_loss(x, x, x, eps=0) == 1
    blurred = tl.grad(lambda b: nn.triplet_margin_loss(x, b, y, margin=6.0))(x)
    np.testing.assert_allclose(blurred, [[-math.sqrt(0.5)] * 2], rtol=1e-15)
    for p in (1, 2, 3, np.inf):
        assert not tl.grad(lambda a, p=p: nn.pairwise_distance(a, x, p=p, eps=0).sum())(x).any()
    hessian = tl.hessian(lambda a: nn.pairwise_distance(a, y, eps=0).sum())(x)
    np.testing.assert_allclose(hessian[0, :, 0], np.array([[16, -12], [-12, 9]]) / 125, rtol=1e-14)


def test_at_the_margin() -> None:
    """PyTorch's side: where the loss is not 0, but of several classes, where it is."""
    assert tl.grad(nn.hinge_loss)(1.0, 1) == -1
    assert tl.grad(nn.margin_ranking_loss)(2.0, 2.0, 1) == -1
    assert tl.grad(nn.hinge_embedding_loss)(1.0, -1) == -1
    assert tl.grad(nn.multi_margin_loss)(np.array([1.0, 0.0]), 0).tolist() == [0, 0]
    # of equal distances, half to each
    a, b, n = np.array([0.0]), np.array([1.0]), np.array([0.5])
    gradient = tl.grad(lambda n: nn.triplet_margin_loss(a, b, n, eps=0, swap=True))(n)
    assert gradient.tolist() == [0.0]


def test_vectors_of_length_0_have_cosine_0() -> None:
    zero, a = np.zeros((1, 2)), np.array([[3.0, 4.0]])
    assert nn.cosine_similarity(zero, a).tolist() == [0]
    assert nn.cosine_embedding_loss(zero, a, [1]) == 1
    for function in (lambda x: nn.cosine_similarity(x, a).sum(), lambda x: nn.cosine_embedding_loss(x, a, [1])):
        assert np.isfinite(tl.grad(function)(zero)).all()
    np.testing.assert_allclose(nn.cosine_similarity(A, B), COSINES, rtol=1e-14)
    np.testing.assert_allclose(nn.cosine_similarity(A.T, B.T, axis=0), COSINES, rtol=1e-14)
    tl.check_gradients(nn.cosine_similarity, A[:2], B[:2])


def test_scores_of_any_size() -> None:
    x = np.array([-1e4, -700.0, 700.0, 1e4])
    assert nn.soft_margin_loss(x, np.ones(4), reduction="none").tolist() == [1e4, 700.0, math.exp(-700.0), 0.0]
    np.testing.assert_allclose(
        tl.grad(lambda x: nn.soft_margin_loss(x, np.ones(4), reduction="sum"))(x),
        [-1, -1, -math.exp(-700.0), 0], rtol=1e-12,
    )  # fmt: skip


def test_single_samples() -> None:
    assert nn.multi_margin_loss(A[0], 0).shape == ()
    assert nn.multilabel_soft_margin_loss(A[0], TRUTHS[0], reduction="none").shape == ()
    assert nn.triplet_margin_loss(A[0], B[0], C[0], reduction="none").shape == ()
    assert nn.pairwise_distance(A, B, keepdims=True).shape == (4, 1)


@pytest.mark.parametrize(("call", "said"), [
    (lambda: nn.hinge_loss(A, TRUTHS), r"hinge_loss: the target holds 1 and -1 only .*2 \* target - 1"),
    (lambda: nn.hinge_loss(A, SIGN), "hinge_loss: input and target need the same shape"),
    (lambda: nn.soft_margin_loss(A, TRUTHS), "soft_margin_loss: the target holds 1 and -1 only"),
    (lambda: nn.hinge_embedding_loss(A, TRUTHS), "hinge_embedding_loss: the target holds 1 and -1 only"),
    (lambda: nn.margin_ranking_loss(A, B, TRUTHS), "margin_ranking_loss: the target holds 1 and -1 only"),
    (lambda: nn.margin_ranking_loss(A, B[0], SIGNS), "margin_ranking_loss: input and target need the same shape"),
    (lambda: nn.cosine_embedding_loss(A, B, SIGNS), r"cosine_embedding_loss: vectors of shape \(4, 3\) take signs"),
    (lambda: nn.cosine_embedding_loss(A, B, SIGN * 2), "cosine_embedding_loss: the target holds 1 and -1 only"),
    (lambda: nn.cosine_similarity(A, B[0]), "cosine_similarity: takes vectors along the last axis, in one shape"),
    (lambda: nn.triplet_margin_loss(A, B, C[0]), "triplet_margin_loss: takes vectors"),
    (lambda: nn.triplet_margin_loss(A, B, C, margin=0), "triplet_margin_loss: margin must be positive, got 0"),
    (lambda: nn.pairwise_distance(1.0, 2.0), "pairwise_distance: takes vectors"),
    (lambda: nn.multi_margin_loss(A, LABELS, p=3), "multi_margin_loss: p must be 1 or 2, got 3"),
    (lambda: nn.multi_margin_loss(A, LABELS[:2]), "multi_margin_loss: .* take labels"),
    (lambda: nn.multi_margin_loss(A, LABELS + 1), "multi_margin_loss: labels must lie in 0 … 2"),
    (lambda: nn.multilabel_soft_margin_loss(1.0, 1.0), "multilabel_soft_margin_loss: takes scores along the last axis"),
    (lambda: nn.multilabel_soft_margin_loss(A, TRUTHS, weight=SIGN), "weight is one number for each of the 3 classes"),
    *[
        (lambda f=f, i=inputs, t=t: f(*i, t, reduction="max"), f"{f.__name__}: reduction must be one of")
        for f, _, _, inputs, t, _ in CASES.values()
    ],
    (lambda: nn.triplet_margin_loss(A, B, C, reduction="max"), "triplet_margin_loss: reduction must be one of"),
])  # fmt: skip
def test_what_is_refused(call: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()


@pytest.mark.parametrize("scale", [1e-160, 1e-3, 1.0, 1e160, 1e300])
def test_cosines_of_vectors_of_any_length(scale: float) -> None:
    a, b = np.array([[3.0, -4.0, 1.0]]), np.array([[1.0, 2.0, 2.0]])
    cosine, slope = tl.value_and_grad(lambda x: nn.cosine_similarity(x, b).sum())(a)
    found, found_slope = tl.value_and_grad(lambda x: nn.cosine_similarity(x, b, eps=0).sum())(a * scale)
    assert found == pytest.approx(cosine, rel=1e-15)
    np.testing.assert_allclose(found_slope * scale, slope, rtol=1e-14)
    assert nn.cosine_similarity(b, a * scale, eps=0) == pytest.approx(cosine, rel=1e-15)
    if scale > 1:
        loss, loss_slope = tl.value_and_grad(nn.cosine_embedding_loss)(a * scale, b, [1])
        assert loss == pytest.approx(1 - cosine, rel=1e-12)
        np.testing.assert_allclose(loss_slope * scale, -slope, rtol=1e-11)


def test_vectors_of_length_0_have_second_derivatives() -> None:
    """Below ``eps`` a length is a constant, and 1 − c is smooth with ε in the root."""
    b, zero = np.array([[3.0, 4.0]]), np.zeros((1, 2))
    assert not tl.hessian(lambda x: nn.cosine_similarity(x, b).sum())(zero).any()
    assert not tl.hessian(lambda x: nn.functional.normalize(x).sum())(zero).any()
    np.testing.assert_allclose(tl.grad(nn.cosine_embedding_loss)(zero, b, [1]), [[-0.6e6, -0.8e6]], rtol=1e-12)
    assert np.isfinite(tl.hessian(nn.cosine_embedding_loss)(zero, b, [1])).all()


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_normalized_vectors_of_any_length(scale: float) -> None:
    x = np.array([[3.0, -4.0]])
    np.testing.assert_allclose(nn.functional.normalize(x * scale, eps=0), [[0.6, -0.8]], rtol=1e-15)
    slope = tl.grad(lambda x: nn.functional.normalize(x, eps=0)[0, 0])(x * scale)
    np.testing.assert_allclose(slope * scale, [[0.128, 0.096]], rtol=1e-14)
