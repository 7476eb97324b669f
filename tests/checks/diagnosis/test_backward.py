"""Backward passes: they are autograd's where there is no mistake in them, and go through definitions and no shifts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.checks.diagnosis.backward import OPENED, Backward, opened, rerun
from tinygrad_lite.table.elementwise import exp
from tinygrad_lite.table.reductions import max_p

RNG = np.random.default_rng(3)
X, U = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))
HARD, LABELS = np.eye(3)[[0, 2, 1, 1]], np.array([0, 2, 1, 1])
W = tl.tensor(RNG.normal(size=(3, 3)), requires_grad=True, name="W")


def shifted(z: Any) -> Any:
    e = np.exp(z - np.max(z, axis=1)[:, None])
    return e / np.sum(e, axis=1, keepdims=True)


def lengthened(z: Any) -> Any:
    """Its maximum does not cancel."""
    return np.sum((z - np.max(z, axis=1, keepdims=True)) ** 2)


FUNCTIONS = [
    lambda x: x,
    lambda x: np.sum(x),
    lambda x: np.sum(x * x + x),
    lambda x: np.sum(np.tanh(x @ W) @ W),
    lambda x: np.sum(U * shifted(x)),
    lambda x: np.sum(shifted(shifted(x)) * np.max(x)),
    lengthened,
    lambda x: np.sum(np.stack([x, np.sin(x), U]) ** 2),
    lambda x: np.sum(x[1:] * x[:-1]) / x.size,
    lambda x: np.sum(U * tl.softmax(tl.softmax(x, axis=0))),
    lambda x: np.sum(U * tl.log_softmax(x)),
    lambda x: np.sum(tl.logsumexp(x, axis=0, keepdims=True) * x),
    lambda x: tl.cross_entropy(x, HARD),
    lambda x: tl.cross_entropy(X, x),
    lambda x: tl.cross_entropy(x, LABELS, reduction="sum"),
    lambda x: np.sum(tl.cross_entropy(x, LABELS, reduction="none") * U[:, 0]),
]


@pytest.mark.parametrize("f", FUNCTIONS)
def test_without_a_mistake_it_is_autograds(f: Any) -> None:
    backward = Backward.of(f, X)
    y = backward.nodes[-1]
    u = np.cos(np.arange(backward.values[-1].size)).reshape(y.shape)[()]
    x = tl.tensor(X, requires_grad=True)
    recorded = f(x)
    np.testing.assert_allclose(backward.values[-1], recorded.data, rtol=1e-12)
    recorded.backward(u)
    np.testing.assert_allclose(backward.sweep(u, {}), x.grad, rtol=1e-12, atol=1e-14)
    W.zero_grad()


@pytest.mark.parametrize("f", FUNCTIONS)
def test_what_it_says_of_its_nodes(f: Any) -> None:
    backward = Backward.of(f, X)
    assert [backward.number[node] for node in backward.nodes] == list(range(len(backward.nodes)))
    assert not OPENED & {node.primitive for node in backward.nodes}
    for k, node in enumerate(backward.nodes):
        assert np.shape(backward.values[k]) == node.shape
        assert backward.parents[k] == sorted({p for p in backward.sources[k] if p is not None})
        assert all(p < k and k in backward.users[p] for p in backward.parents[k])
        assert k == 0 or backward.parents[k]  # what depends on the variable no more is no node
        for p, value in zip(backward.sources[k], node.kept.inputs if k else (), strict=True):
            assert p is None or np.array_equal(value, backward.values[p])


def test_jacobians():
    f = lambda x: np.tanh(x @ U.T)
    np.testing.assert_allclose(Backward.of(f, X[0]).jacobian({}), tl.jacobian(f)(X[0]))


def test_others_parameters_are_constants():
    backward = Backward.of(lambda x: np.sum(np.tanh(x @ W)), X)
    assert backward.sources[1] == (0, None)
    assert W.grad is None
    np.testing.assert_array_equal(backward.nodes[1].kept.inputs[1], W.data)


def test_a_shift_that_cancels_is_a_constant():
    assert not any(node.primitive is max_p for node in Backward.of(shifted, X).nodes)
    assert any(node.primitive is max_p for node in Backward.of(lengthened, X).nodes)
    twice = Backward.of(lambda x: shifted(shifted(x)) * np.max(x), X)
    assert [node.primitive for node in twice.nodes].count(max_p) == 1


def test_the_same_whether_recording_is_off_or_traced():
    patterns = [Backward.of(FUNCTIONS[9], X).pattern]
    with tl.no_grad():
        patterns.append(Backward.of(FUNCTIONS[9], X).pattern)
    with tl.tracing():
        patterns.append(Backward.of(FUNCTIONS[9], X).pattern)
    assert len(set(patterns)) == 1


@pytest.mark.parametrize("f", [lambda x: 1.0, lambda x: x.detach(), lambda x: np.sum(W), lambda x: (x, x)])
def test_what_was_not_recorded(f: Any) -> None:
    with pytest.raises(TypeError, match="was not recorded, or does not depend"):
        Backward.of(f, X)


def test_faults_are_local():
    """d/dx Σ u sin(eˣ) = u cos(eˣ) eˣ with either slope left out, and of one input of a product."""
    backward = Backward.of(lambda x: np.sum(U * np.sin(np.exp(x))), X)
    names = [node.primitive.name if node.primitive else "" for node in backward.nodes]
    one = np.float64(1)
    for name, left in (("exp", U * np.cos(np.exp(X))), ("sin", U * np.exp(X))):
        k = names.index(name)
        np.testing.assert_allclose(backward.sweep(one, {k: lambda g, k=k: [(k - 1, g)]}), left)
    product = names.index("multiply")
    (matters,) = [i for i, p in enumerate(backward.sources[product]) if p is not None]
    fault = {product: lambda g: backward.pull(product, g, {matters: lambda g: 2 * g * np.ones(X.shape)})}
    np.testing.assert_allclose(backward.sweep(one, fault), 2 * np.cos(np.exp(X)) * np.exp(X))


def test_a_mistake_that_shapes_do_not_allow():
    backward = Backward.of(lambda x: np.sum(np.sin(x)), X)
    with pytest.raises(ValueError, match=r"a cotangent of shape \(3, 4\) for a value of shape \(4, 3\)"):
        backward.sweep(np.float64(1), {1: lambda g: [(0, np.ones((3, 4)))]})


def test_running_again_with_other_values():
    backward = Backward.of(lambda x: np.sin(x) * U, X)
    again = rerun(backward.nodes[1:], {backward.nodes[0]: tl.tensor(X + 1)})
    np.testing.assert_array_equal(again[backward.nodes[-1]].data, np.sin(X + 1) * U)


def test_what_is_not_run_again_is_a_constant():
    start, *others = Backward.of(lambda x: np.sin(x) * np.cos(x), X).nodes
    x = tl.tensor(X, requires_grad=True)
    found = rerun([node for node in others if node.primitive.name != "cos"], {start: x})[others[-1]]  # type: ignore[union-attr]
    found.backward(U)
    np.testing.assert_allclose(x.grad, U * np.cos(X) * np.cos(X))


@pytest.mark.parametrize("primitive", sorted(OPENED, key=str), ids=str)
def test_definitions_give_what_they_define(primitive: Any) -> None:
    params: dict[str, Any] = {"axis": (1,), "keepdims": True, "labels": LABELS, "reduction": "mean"}
    params = {name: value for name, value in params.items() if name in primitive.params}
    inputs = (X, np.abs(U))[: primitive.arity]
    np.testing.assert_allclose(opened(primitive, inputs, params), primitive(*inputs, **params), rtol=1e-12)


def test_large_logits_do_not_overflow():
    for f in (lambda x: np.sum(U * tl.softmax(x)), lambda x: tl.cross_entropy(x, HARD)):
        with np.errstate(divide="ignore", invalid="ignore"):  # 0 ln 0, of an impossible class
            backward = Backward.of(f, 1000 * X)
        assert np.isfinite(backward.values[0]).all()
        assert all(np.isfinite(backward.values[k]).all() for k, n in enumerate(backward.nodes) if n.primitive is exp)
