"""What ``np.where`` does not choose has no part in a derivative, whatever its slope; other 0 · ∞ are NaN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

Function = Callable[[Any], Any]

X = np.array([0.0, 4.0, -1.0])  # roots of slope ∞, 1/4 and NaN
ROWS = np.array([[3.0, 4.0], [0.0, 0.0], [np.nan, np.inf]])
FIRST = np.array([True, False, False])


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    with np.errstate(all="ignore"):
        yield


def gradients(f: Function, x: np.ndarray) -> list[Any]:
    """The gradient of a scalar function in each way there is."""
    leaf = tl.tensor(x, requires_grad=True)
    f(leaf).backward()
    recorded = tl.tensor(x, requires_grad=True)
    _, pull = tl.vjp(f, recorded)
    return [tl.grad(f)(x), leaf.grad, tl.jacobian(f)(x), pull(np.ones(()))[0].data]


CHAINS: dict[str, Function] = {
    "alone": lambda x: np.where(x > 0, np.sqrt(x), 0.0),
    "first": lambda x: np.where(x <= 0, 0.0, np.sqrt(x)),
    "through a product": lambda x: np.where(x > 0, 0.5 * np.sqrt(x) + 0.5 * np.sqrt(x), 0.0),
    "through a cast": lambda x: np.where(x > 0, np.sqrt(x).astype(np.longdouble), 0.0).astype(float),
    "of a shape": lambda x: np.where((x > 0)[:, None], np.sqrt(x).reshape(3, 1), 0.0),
    "transposed": lambda x: np.where(x > 0, (np.sqrt(x) * np.ones((1, 3))).T.T, 0.0),
    "repeated": lambda x: np.where(x > 0, 0.5 * np.broadcast_to(np.sqrt(x), (2, 3)), 0.0),
    "stretched": lambda x: np.where(x > 0, np.sqrt(x)[None] * np.full((2, 1), 0.5), 0.0),
    "reversed": lambda x: np.where(x[::-1] > 0, np.sqrt(x)[::-1], 0.0),
    "within another choice": lambda x: np.where(x > 0, np.where(x < 9, np.sqrt(x), np.log(x)), 0.0),
    "in two choices": lambda x: (lambda y: np.where(x > 3, y, 0.0) * 0.5 + np.where(x > 2, y, 0.0) * 0.5)(np.sqrt(x)),
    "summed": lambda x: np.where(x > 0, np.sqrt(np.stack([x, 0 * x + 1])).sum(axis=0), 0.0),
    "selected": lambda x: np.select([x > 0], [np.sqrt(x)], 0.0),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_branch_not_taken_has_no_part(name: str) -> None:
    def f(x: Any) -> Any:
        return CHAINS[name](x).sum()

    for gradient in gradients(f, X):
        np.testing.assert_allclose(gradient, [0.0, 0.25, 0.0], rtol=1e-15)
    np.testing.assert_allclose(tl.hessian(f)(X), np.diag([0.0, -1 / 32, 0.0]), rtol=1e-15)


@pytest.mark.parametrize(
    "length",
    [
        lambda x: np.linalg.norm(x, axis=1),
        lambda x: np.sqrt((x * x).sum(axis=1)),
        lambda x: np.linalg.norm(x, axis=1, keepdims=True)[:, 0],
        lambda x: np.sqrt(np.mean(2 * x * x, axis=-1)),
    ],
)
def test_rows_not_taken_have_no_part(length: Function) -> None:
    def f(x: Any) -> Any:
        return np.where(FIRST, length(x), 0.0).sum()

    for gradient in gradients(f, ROWS):
        np.testing.assert_allclose(gradient, [[0.6, 0.8], [0.0, 0.0], [0.0, 0.0]], rtol=1e-15)
    hessian = tl.hessian(f)(ROWS).reshape(6, 6)
    np.testing.assert_allclose(hessian[:2, :2], [[0.128, -0.096], [-0.096, 0.072]], rtol=1e-14)
    assert not hessian[2:].any()
    assert not hessian[:, 2:].any()


def test_rows_of_softmax_not_taken_have_no_part() -> None:
    z = np.array([[0.0, 1.0], [-np.inf, -np.inf], [np.nan, 0.0]])
    for f in (tl.softmax, tl.log_softmax):
        gradient = tl.grad(lambda z, f=f: np.where(FIRST[:, None], f(z), 0.0)[:, 0].sum())(z)
        np.testing.assert_array_equal(gradient[0], tl.grad(lambda z, f=f: f(z)[0])(z[0]))
        assert not gradient[1:].any()


def test_what_ties_is_heard() -> None:
    assert tl.grad(lambda x: np.maximum(np.sqrt(x), 0.0))(0.0) == np.inf
    np.testing.assert_array_equal(tl.grad(lambda x: np.maximum(np.sqrt(x), 2.0).sum())(X[1:2]), [0.125])
    assert tl.grad(lambda x: np.clip(np.sqrt(x), 0.0, 1.0))(0.0) == np.inf


def test_a_zero_that_is_no_choice_is_not_taken_for_one() -> None:
    assert np.isnan(tl.grad(lambda x: np.sqrt(x) ** 2)(0.0))
    assert np.isnan(tl.grad(lambda x: np.sqrt(x) * 0.0)(0.0))
    assert np.isnan(tl.grad(lambda x: (np.sqrt(x) * (x > 0)).sum())(X)[0])


def test_bounds_are_no_choices() -> None:
    """``maximum`` is what relu is: to follow its choices would cost each step of each network."""
    assert np.isnan(tl.grad(lambda x: np.maximum(np.sqrt(x), 1e-6))(0.0))
    assert tl.grad(lambda x: np.where(x > 1e-12, np.sqrt(x), 1e-6))(0.0) == 0


def test_what_is_used_without_a_choice_too_is_heard() -> None:
    def both(x: Any) -> Any:
        y = np.sqrt(x)
        return np.where(x > 0, y, 0.0).sum() + y.sum()

    for gradient in gradients(both, X[:2]):
        np.testing.assert_array_equal(gradient, [np.inf, 0.5])

    def complementary(x: Any) -> Any:
        y = np.sqrt(x)
        return np.where(x > 0, y, y).sum() + np.where(x > 0, y, 0.0).sum()

    np.testing.assert_array_equal(tl.grad(complementary)(X[:2]), [np.inf, 0.5])


def test_targets_that_are_left_out_may_be_nan() -> None:
    t = np.array([np.nan, 1.0, 3.0])
    known = ~np.isnan(t)
    expected = [0.0, 6.0, -8.0]
    for loss in (
        lambda x: np.where(known, (x - t) ** 2, 0.0).sum(),
        lambda x: np.sum((x - t) ** 2, where=known),
        lambda x: 2 * np.mean((x - t) ** 2, where=known),
        lambda x: np.where(known, tl.nn.mse_loss(x, t, reduction="none"), 0.0).sum(),
    ):
        np.testing.assert_allclose(tl.grad(loss)(X), expected, rtol=1e-15)


def test_hooks_see_the_zeros_and_anomalies_are_none() -> None:
    x, seen = tl.tensor(X[:2], requires_grad=True), []
    with tl.detect_anomaly():
        y = x * 1.0
        y.register_hook(seen.append)
        np.where(x > 0, np.sqrt(y), 0.0).sum().backward()
    np.testing.assert_array_equal(seen[0], [0.0, 0.25])
    np.testing.assert_array_equal(x.grad, [0.0, 0.25])


def test_masks_do_not_follow_reads_of_a_few_entries() -> None:
    """A mask of the whole array for each of n reads would cost n²; the NaN stays, which is no wrong number."""
    assert np.isnan(tl.grad(lambda x: np.where(x[0] > 0, np.sqrt(x)[0], 0.0))(X)[0])
    assert tl.grad(lambda x: np.where(x[0] > 0, np.sqrt(x)[:2].sum(), 0.0))(X)[0] == 0.0


# ---------------------------------------------------------------------------------------------------------------------
# Samples that are left out, and shared weights

OK = np.array([True, True, False])
SAMPLES = np.array([[0.5, -1.0], [2.0, 0.25], [np.nan, np.inf]])
RNG = np.random.default_rng(0)
W, V, B = RNG.normal(size=(2, 2)), RNG.normal(size=(2, 2)), RNG.normal(size=2)
LABELS = np.array([0, 1, 0])

NETWORKS: dict[str, Any] = {
    "products": lambda x, w: np.tanh(x @ w) @ V,
    "of stacks": lambda x, w: (x[None] @ w)[0] @ V,
    "with vectors in the end": lambda x, w: np.exp(x @ w) * B,
    "layers": lambda x, w: tl.linear(tl.relu(tl.linear(x, w, B)), V, B),
    "attention": lambda x, w: tl.softmax(x @ w @ x[:2].T) @ V,
    "normalized": lambda x, w: tl.nn.LayerNorm(2, dtype=float, elementwise_affine=False)(x @ w),
    "twice": lambda x, w: tl.log_softmax(x @ w) + x @ w,
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_sample_left_out_does_not_spoil_the_weights(name: str) -> None:
    def loss(w: Any, x: np.ndarray, counted: np.ndarray) -> Any:
        losses = np.square(NETWORKS[name](x, w)).sum(axis=1)
        return np.where(counted, losses, 0.0).sum()

    for derivative in (tl.grad, tl.jacobian, tl.hessian):
        got, expected = derivative(loss)(W, SAMPLES, OK), derivative(loss)(W, SAMPLES[:2], OK[:2])
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("target", [LABELS, np.array([[0.5, 0.5], [0.0, 1.0], [1.0, 0.0]])])
def test_losses_left_out_do_not_spoil_the_weights(target: np.ndarray) -> None:
    def loss(w: Any, x: np.ndarray, t: np.ndarray, counted: np.ndarray) -> Any:
        return np.where(counted, tl.cross_entropy(x @ w, t, reduction="none"), 0.0).mean() * len(counted)

    got, expected = tl.grad(loss)(W, SAMPLES, target, OK), tl.grad(loss)(W, SAMPLES[:2], target[:2], OK[:2])
    np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_a_query_that_sees_no_key_does_not_spoil_the_values() -> None:
    scores = np.array([[0.0, 1.0], [-np.inf, -np.inf]])
    values = RNG.normal(size=(2, 3))

    def attended(v: Any, s: Any) -> Any:
        return np.where((s > -np.inf).any(axis=1, keepdims=True), tl.softmax(s) @ v, 0.0).sum()

    np.testing.assert_allclose(
        tl.grad(attended)(values, scores), tl.grad(lambda v: (tl.softmax(scores[0]) @ v).sum())(values), rtol=1e-15
    )
    assert not tl.grad(lambda s: attended(values, s))(scores)[1].any()


def test_samples_that_are_not_left_out_are_heard() -> None:
    gradient = tl.grad(lambda w: np.where(OK, np.square(SAMPLES @ w).sum(axis=1), 0.0).sum() + (SAMPLES @ w).sum())(W)
    assert not np.isfinite(gradient).all()


def test_arrays_that_are_written_to_beside_a_choice() -> None:
    def f(x: Any) -> Any:
        y = x * 1.0
        y[0] = x[1] * 3.0
        return np.where(x > 0, np.sqrt(x), 0.0).sum() + (y * y).sum()

    for gradient in gradients(f, X[:2]):
        np.testing.assert_array_equal(gradient, [0.0, 0.25 + 8.0 + 72.0])

    def written_after(x: Any) -> Any:
        y = np.where(x > 0, np.sqrt(x), 0.0)
        y[0] = x[1]
        return y.sum()

    for gradient in gradients(written_after, X[:2]):
        np.testing.assert_array_equal(gradient, [0.0, 1.25])
