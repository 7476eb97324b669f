"""What licenses the fused primitives: each equals its definition through exp, log, sum and divide.

Value, gradient and Hessian, at inputs where the definition does not overflow. The derivatives of the definition come
from the rules of those four and of indexing; the fused primitives have closed forms of their own. First come the
definitions that primitives give of themselves, at samples of the registry; then public functions, by definitions
written here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.registry import PRIMITIVES

Function = Callable[..., Any]

LABELS = np.array([0, 2, 1, 1])


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def softmax(x: Any, axis: Any = -1) -> Any:
    e = np.exp(x)
    return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: Any = -1) -> Any:
    return np.log(softmax(x, axis))


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def reduced(losses: Any, reduction: str) -> Any:
    return {"none": losses, "sum": np.sum(losses), "mean": np.sum(losses) / losses.size}[reduction]


def cross_entropy_of_labels(z: Any, labels: Any, reduction: str) -> Any:
    return reduced(-np.log(softmax(z)[np.arange(len(labels)), labels]), reduction)


def cross_entropy(z: Any, t: Any, reduction: str) -> Any:
    return reduced(-np.sum(t * np.log(softmax(z)), axis=-1), reduction)


def agree(fused: Function, definition: Function, *arguments: np.ndarray) -> None:
    """Value, gradient and Hessian of ⟨u, f⟩ for a fixed u with entries of all sizes."""
    value = np.asarray(definition(*arguments))
    np.testing.assert_allclose(fused(*arguments), value, rtol=1e-13, atol=1e-14)
    u = np.cos(np.arange(value.size)).reshape(value.shape)
    for n in range(len(arguments)):
        for derivative in (tl.grad, tl.hessian):
            ours, theirs = (derivative(lambda *a, f=f: np.sum(u * f(*a)), n)(*arguments) for f in (fused, definition))
            np.testing.assert_allclose(
                ours, theirs, rtol=1e-11, atol=1e-13, err_msg=f"{derivative.__name__}, argument {n}"
            )


DEFINED = [made for made in PRIMITIVES.values() if made.definition is not None]
BY_NAME = pytest.mark.parametrize("primitive", DEFINED, ids=lambda made: made.name)


def test_the_fused_primitives_have_definitions() -> None:
    assert {made.name for made in DEFINED} >= {
        "binary_cross_entropy", "convolve", "cross_entropy", "cross_entropy_of_labels", "hypot", "keep", "linear",
        "log_softmax", "logaddexp", "logsumexp", "max_pool", "mean", "norm", "relu", "sigmoid", "sloped_relu",
        "softmax", "window_sum",
    }  # fmt: skip


def is_smooth(use: Any) -> bool:
    """Whether there is something to differentiate, and a derivative: at a length of 0 it is a convention."""
    sized = all(np.size(x) for x in use.inputs) and not overflows(use)
    return sized and (use.primitive.name != "norm" or bool(np.all(use(*use.inputs))))


def overflows(use: Any) -> bool:
    """Whether e^x does, which the definition of a sigmoid takes."""
    return use.primitive.name == "sigmoid" and bool(np.any(np.abs(use.variables[0]) > 700))


@BY_NAME
def test_a_primitive_is_its_definition(primitive: Any, primitive_uses: Any) -> None:
    assert any(map(is_smooth, primitive_uses[primitive.name]))
    for use in primitive_uses[primitive.name]:
        assert use.variables
        if is_smooth(use):
            agree(
                lambda *x, use=use: use(*use.at(x)),
                lambda *x, use=use: primitive.definition(*use.at(x), **use.params),
                *use.variables,
            )


@BY_NAME
def test_a_definition_computes_with_symbols(primitive: Any, primitive_uses: Any) -> None:
    pytest.importorskip("sympy")
    ran = 0
    for use in primitive_uses[primitive.name]:
        if all(x.size and np.isfinite(x).all() for x in use.variables) and not overflows(use):
            symbols = [tl.symbols(f"x{k}_", x.shape, values=x) for k, x in enumerate(use.variables)]
            entries = np.asarray(primitive.definition(*use.at(symbols), **use.params))
            shadows = np.array([float(x) for x in entries.flat]).reshape(entries.shape)
            np.testing.assert_allclose(shadows, use(*use.inputs), rtol=1e-12, atol=1e-14)
            ran += 1
    assert ran


def test_sigmoid(draw: Function) -> None:
    agree(tl.sigmoid, sigmoid, draw(7, low=-5, high=5))
    agree(tl.sigmoid, sigmoid, draw(2, 3))


@pytest.mark.parametrize("axis", [-1, 0, 1, (0, 2), (0, 1, 2), None])
def test_softmax_log_softmax_and_logsumexp(axis: Any, draw: Function) -> None:
    x = draw(2, 3, 2, low=-5, high=5)
    agree(lambda x: tl.softmax(x, axis), lambda x: softmax(x, axis), x)
    agree(lambda x: tl.log_softmax(x, axis), lambda x: log_softmax(x, axis), x)
    for keepdims in (False, True):
        agree(
            lambda x, keepdims=keepdims: tl.logsumexp(x, axis, keepdims=keepdims),
            lambda x, keepdims=keepdims: logsumexp(x, axis, keepdims),
            x,
        )


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_cross_entropy_of_labels(reduction: str, draw: Function) -> None:
    agree(
        lambda z: tl.cross_entropy(z, LABELS, reduction=reduction),
        lambda z: cross_entropy_of_labels(z, LABELS, reduction),
        draw(4, 3, low=-5, high=5),
    )


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("targets", ["one-hot", "probabilities", "any"])
def test_cross_entropy_of_probabilities(targets: str, reduction: str, draw: Function) -> None:
    """Also for targets that do not sum to 1, and with respect to the targets."""
    weights = draw(4, 3, low=0.1, high=1.0)
    t = {"one-hot": np.eye(3)[LABELS], "probabilities": weights / weights.sum(axis=1, keepdims=True), "any": weights}
    agree(
        lambda z, t: tl.cross_entropy(z, t, reduction=reduction),
        lambda z, t: cross_entropy(z, t, reduction),
        draw(4, 3, low=-5, high=5),
        t[targets],
    )


def test_the_central_results(draw: Function) -> None:
    """The Jacobian of softmax and the Hessian of cross-entropy are both diag(y) − y yᵀ."""
    for n in (2, 3, 10, 100):
        z = draw(n)
        y = np.exp(z) / np.exp(z).sum()
        expected = np.diag(y) - np.outer(y, y)
        np.testing.assert_allclose(tl.jacobian(tl.softmax)(z), expected, rtol=0, atol=1e-15)
        np.testing.assert_allclose(tl.hessian(lambda z: tl.cross_entropy(z, 1))(z), expected, rtol=0, atol=1e-15)


def test_linear(draw: Function) -> None:
    for shape in ((4, 3), (3,), (2, 2, 3)):
        agree(tl.linear, lambda x, W, b: x @ W.T + b, draw(*shape), draw(2, 3), draw(2))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_binary_cross_entropy(reduction: str, draw: Function) -> None:
    agree(
        lambda p, t: tl.binary_cross_entropy(p, t, reduction=reduction),
        lambda p, t: reduced(-t * np.log(p) - (1 - t) * np.log(1 - p), reduction),
        draw(3, 2, low=0.1, high=0.9),
        draw(3, 2, low=0.0, high=1.0),
    )


def test_convolution_is_a_product_with_windows(draw: Function) -> None:
    def definition(x: Any, w: Any) -> Any:
        return np.einsum("ncijkl,ockl->noij", tl.sliding_window_view(x, (2, 2), (2, 3)), w)

    agree(tl.conv2d, definition, draw(1, 2, 3, 3), draw(2, 2, 2, 2))
