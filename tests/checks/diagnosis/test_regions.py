"""Regions: what may be derived in one go, their slopes and Jacobians, and what people call them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.checks.diagnosis import regions
from tinygrad_lite.checks.diagnosis.backward import Backward
from tinygrad_lite.checks.diagnosis.regions import Region, activation_of, regions_of, softmax_axis

X = np.random.default_rng(4).normal(size=(4, 3))


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def softmax(z: Any) -> Any:
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def gelu(z: Any) -> Any:
    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


def whole(f: Any, x: Any = X) -> tuple[Backward, Region]:
    """A function's backward pass, and the region from its variable to its output."""
    backward = Backward.of(f, x)
    last = len(backward.nodes) - 1
    (found,) = [region for region in regions_of(backward) if (region.first, region.last) == (0, last)]
    return backward, found


@pytest.mark.parametrize(
    ("name", "f"),
    [
        ("sigmoid", sigmoid),
        ("sigmoid", tl.sigmoid),
        ("tanh", np.tanh),
        ("tanh", lambda z: 2 * sigmoid(2 * z) - 1),
        ("relu", lambda z: np.maximum(z, 0)),
        ("relu", tl.relu),
        ("softplus", lambda z: np.log(1 + np.exp(z))),
        ("silu", lambda z: z * sigmoid(z)),
        ("gelu", gelu),
        (None, np.sin),
    ],
)
def test_activations_are_known_by_their_numbers(name: str | None, f: Any) -> None:
    backward, region = whole(f)
    known = activation_of(backward, region)
    assert (known and known.name) == name
    assert region.elementwise
    assert softmax_axis(backward, region) is None
    slope = tl.grad(lambda z: f(z).sum())
    np.testing.assert_allclose(region.slope(backward), slope(X), rtol=1e-12)
    np.testing.assert_allclose(region.slope_at(backward, X + 1), slope(X + 1), rtol=1e-12)
    if known and known.slope:
        np.testing.assert_allclose(known.slope(backward.values[region.last]), slope(X), rtol=1e-12)


def test_an_activation_by_a_choice_is_known():
    backward, region = whole(lambda z: np.where(z > 0, z, 0))
    known = activation_of(backward, region)
    assert known
    assert known.name == "relu"


@pytest.mark.parametrize("f", [softmax, tl.softmax])
def test_a_softmax_is_known_by_its_numbers(f: Any) -> None:
    backward, region = whole(f)
    assert softmax_axis(backward, region) == 1
    assert not region.elementwise
    assert activation_of(backward, region) is None
    np.testing.assert_allclose(region.jacobian(backward), tl.jacobian(f)(X).reshape(12, 12), rtol=1e-12, atol=1e-16)
    np.testing.assert_allclose(region.diagonal(backward), f(X) * (1 - f(X)), rtol=1e-12)


def test_nothing_enters_or_leaves_in_between():
    """In e²·(1 + e) with e = sin z, e is used twice: the two ways are one region, each alone is none beyond itself."""
    backward = Backward.of(lambda z: np.square(np.sin(z)) * (1 + np.sin(z[:, ::-1])), X)
    ends = {(region.first, region.last) for region in regions_of(backward)}
    last = len(backward.nodes) - 1
    assert (0, last) in ends
    assert not any(last == b and a > 0 for a, b in ends)
    names = [node.primitive.name if node.primitive else "" for node in backward.nodes]
    assert (0, names.index("square")) in ends
    assert all(region.nodes[-1] == region.last and region.first not in region.nodes for region in regions_of(backward))


def test_matrix_products_are_not_elementwise():
    _, region = whole(lambda z: z @ z, np.eye(3) + 1)
    assert not region.elementwise
    _, region = whole(lambda z: z * 2 + 1)
    assert region.elementwise
    _, region = whole(lambda z: z - np.mean(z))
    assert not region.elementwise


def test_of_long_computations_small_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    backward = Backward.of(lambda z: np.sin(np.cos(np.sin(z))) * z, X)
    monkeypatch.setattr(regions, "LONGEST", 3)
    monkeypatch.setattr(regions, "NEAR", 2)
    assert [(region.first, region.nodes) for region in regions_of(backward)] == [
        (0, (1,)),
        (1, (2,)),
        (2, (3,)),
        (0, (1, 2)),
        (1, (2, 3)),
    ]
