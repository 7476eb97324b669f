"""Cross-entropies: extreme logits, classes ruled out, and targets that must be refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinygrad_lite as tl

steady = settings(deadline=None, derandomize=True)
logits = hnp.arrays(float, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5), elements=st.floats(-1e4, 1e4))


@given(logits, st.data())
@steady
def test_cross_entropy_is_finite_and_its_gradient_is_y_minus_t(z: np.ndarray, data: st.DataObject) -> None:
    labels = data.draw(hnp.arrays(int, len(z), elements=st.integers(0, z.shape[1] - 1)))
    t = np.eye(z.shape[1])[labels]
    for target in (labels, t):
        value, gradient = tl.value_and_grad(lambda z, target=target: tl.cross_entropy(z, target, reduction="sum"))(z)
        expected = -tl.log_softmax(z)[np.arange(len(z)), labels].sum()
        assert value == pytest.approx(expected, rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(gradient, tl.softmax(z) - t, rtol=1e-12, atol=1e-15)


def test_classes_ruled_out_by_minus_infinity() -> None:
    z = np.array([[1.0, -np.inf, 1.0]])
    np.testing.assert_array_equal(tl.softmax(z), [[0.5, 0.0, 0.5]])
    np.testing.assert_array_equal(tl.log_softmax(z)[0, [0, 2]], [-math.log(2)] * 2)
    assert tl.log_softmax(z)[0, 1] == -np.inf
    value, gradient = tl.value_and_grad(tl.cross_entropy)(z, [0])
    assert value == pytest.approx(math.log(2))
    np.testing.assert_array_equal(gradient, [[-0.5, 0.0, 0.5]])


def test_a_class_of_probability_zero_costs_nothing() -> None:
    """0 ln 0 = 0, as for labels."""
    z, t = np.array([[1.0, -np.inf, 1.0]]), np.array([[1.0, 0.0, 0.0]])
    value, gradient = tl.value_and_grad(tl.cross_entropy)(z, t)
    assert value == pytest.approx(math.log(2))
    np.testing.assert_array_equal(gradient, [[-0.5, 0.0, 0.5]])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_second_derivative_is_that_of_the_definition(reduction: str, draw: Any) -> None:
    z, labels = draw(3, 4), np.array([0, 3, 1])

    def definition(z: Any) -> Any:
        y = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        return -np.log(y[np.arange(3), labels]).sum() / (3 if reduction == "mean" else 1)

    f = lambda z: tl.cross_entropy(z, labels, reduction=reduction).sum()
    np.testing.assert_allclose(tl.hessian(f)(z), tl.hessian(definition)(z), atol=1e-12)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_classes_may_lie_along_any_axis(axis: int, reduction: str, draw: Any) -> None:
    z = draw(2, 3, 4)
    last = np.moveaxis(z, axis, -1)
    labels = np.arange(last[..., 0].size).reshape(last.shape[:-1]) % last.shape[-1]
    one_hot = np.moveaxis(np.eye(last.shape[-1])[labels], -1, axis)
    losses = -np.take_along_axis(np.log(tl.softmax(last)), labels[..., None], -1)[..., 0]
    expected = {"none": losses, "sum": losses.sum(), "mean": losses.mean()}[reduction]
    for target in (labels, one_hot):
        np.testing.assert_allclose(tl.cross_entropy(z, target, axis=axis, reduction=reduction), expected, rtol=1e-12)


def test_the_gradient_for_probabilities() -> None:
    z, t = np.array([[0.0, 1.0]]), np.array([[0.3, 0.7]])
    np.testing.assert_allclose(tl.grad(tl.cross_entropy, 1)(z, t), -tl.log_softmax(z))


@pytest.mark.parametrize(
    ("target", "options", "kind", "said"),
    [
        ([0, 3], {}, ValueError, "cross_entropy.*0 … 2.*3"),
        ([0, -1], {}, ValueError, "cross_entropy.*0 … 2.*-1"),
        ([0.0, 1.0], {}, TypeError, "cross_entropy.*integers.*float64"),
        ([True, False], {}, TypeError, "cross_entropy.*integers.*bool"),
        ([0, 1, 2], {}, ValueError, r"cross_entropy.*\(2, 3\).*\(3,\)"),
        ([[0], [1]], {}, ValueError, r"cross_entropy.*\(2, 3\).*\(2, 1\)"),
        (np.eye(3, dtype=int)[:2], {}, ValueError, "cross_entropy.*floating-point.*int64"),
        ([0, 1], {"reduction": "average"}, ValueError, "reduction.*mean.*average"),
        ([0, 1], {"axis": 2}, ValueError, "axis 2 is out of bounds"),
    ],
)
def test_wrong_targets_are_refused(target: Any, options: dict[str, Any], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        tl.cross_entropy(tl.Tensor(np.zeros((2, 3)), requires_grad=True), target, **options)


def test_a_single_number_has_no_classes() -> None:
    with pytest.raises(ValueError, match=r"cross_entropy.*classes"):
        tl.cross_entropy(tl.tensor(1.0), 0)


def test_labels_that_are_changed_later_do_not_change_the_gradient() -> None:
    z, labels = tl.Tensor(np.zeros((2, 2)), requires_grad=True), np.array([0, 1])
    loss = tl.cross_entropy(z, labels, reduction="sum")
    labels[:] = 0
    loss.backward()
    np.testing.assert_array_equal(z.grad, [[-0.5, 0.5], [0.5, -0.5]])


def test_losses_of_labels_keep_one_matrix() -> None:
    z = tl.Tensor(np.zeros((4, 3)), requires_grad=True)
    loss = tl.cross_entropy(z, np.zeros(4, int))
    matrices = {id(v) for _, _, saved in loss._node.pulls for v in saved if np.shape(v) == (4, 3)} - {id(z._value)}
    assert len(matrices) == 1


def test_the_divergence_at_probability_0() -> None:
    """Its value is the limit, and its derivatives are those of t ln t − t x, which falls vertically at 0."""
    x, t = np.array([-np.inf, -1.0, -1.0]), np.array([0.0, 0.0, 0.5])
    half = 0.5 * (1 - math.log(2))
    assert tl.kl_div(x, t, reduction="none").tolist() == [0, 0, half]
    np.testing.assert_array_equal(tl.grad(tl.kl_div)(x, t, reduction="sum"), -t)
    with np.errstate(divide="ignore"):
        gradient = tl.grad(tl.kl_div, 1)(x[1:], t[1:], reduction="sum")
    np.testing.assert_allclose(gradient, [-np.inf, 2 - math.log(2)], rtol=1e-15)


@pytest.mark.parametrize("order", ["eager", "compiled"])
def test_shares_of_a_sure_class_keep_the_digits_of_what_is_left(order: str) -> None:
    """y − t where y rounds to 1 and t is 1, of shares and of labels with weights."""
    for t, options in ((np.array([0.0, 1.0]), {}), (np.array(1), {"weight": np.array([3.0, 1.0])})):
        gradient = tl.grad(lambda z, t=t, options=options: tl.cross_entropy(z, t, **options))
        gradient = tl.compile(gradient) if order == "compiled" else gradient
        np.testing.assert_allclose(gradient(np.array([0.0, 50.0])), [np.exp(-50.0), -np.exp(-50.0)], rtol=1e-14)


@pytest.mark.parametrize("scores", [[-np.inf, -np.inf, -np.inf], [np.nan, 1.0, 2.0]])
def test_samples_that_count_nothing_have_no_gradient_whatever_their_scores_are(scores: list[float]) -> None:
    z = np.array([scores, [1.0, 2.0, 3.0]])
    alone = tl.grad(tl.cross_entropy)(z[1:], np.array([0]), reduction="sum")
    with np.errstate(invalid="ignore"):
        for t, options in (
            (np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]), {}),
            (np.array([2, 0]), {"weight": [1.0, 1.0, 0.0]}),
        ):
            gradient = tl.grad(lambda z, t=t, options=options: tl.cross_entropy(z, t, reduction="sum", **options))(z)
            np.testing.assert_allclose(gradient, [[0, 0, 0], *alone], rtol=1e-14)


def test_the_derivative_by_scores_and_shares_keeps_its_digits() -> None:
    hessian = tl.hessian(lambda x: tl.cross_entropy(x[0], x[1]))(np.array([[0.0, 60.0, -1.0], [0.2, 0.5, 0.3]]))
    less = -(np.exp(-60.0) + np.exp(-61.0))
    np.testing.assert_allclose([hessian[0, 1, 1, 1], hessian[1, 1, 0, 1]], [less, less], rtol=1e-14)
