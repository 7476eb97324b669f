"""The backward pass played again finds autograd's gradients, and changes none."""

from __future__ import annotations

import numpy as np
import pytest
from gallery import GALLERY

import tinygrad_lite as tl
from tinygrad_lite.drawing.picture.model import nodes_behind
from tinygrad_lite.drawing.picture.replay import contributions
from tinygrad_lite.engine.graph import Node


@pytest.mark.parametrize("name", GALLERY)
@pytest.mark.parametrize("released", [False, True])
def test_the_replay_finds_autograds_gradients(name: str, released: bool) -> None:
    output = GALLERY[name].make()
    assert output._node is not None
    nodes = nodes_behind([output._node])
    for node in nodes:
        if released and node.primitive is not None:
            node.pulls = None
    before = {node: np.array(node.grad) for node in nodes if node.grad is not None}
    parts, gradients = contributions([n for n in nodes if n.primitive is not None], output._node)
    checked = 0
    for node in nodes:
        if type(node) is Node and node.grad is not None:
            np.testing.assert_allclose(gradients[node], node.grad, rtol=2e-5, atol=1e-7)
            np.testing.assert_array_equal(node.grad, before[node])
            checked += 1
    assert checked > 4
    last = {part.parent: part.total for part in parts}
    assert all(np.array_equal(total, gradients[node]) for node, total in last.items())


def test_a_replay_without_values_has_none() -> None:
    x = tl.tensor(2.0, requires_grad=True)
    y = np.exp(x) * x
    y.backward()
    parts, gradients = contributions([n for n in nodes_behind([y._node]) if n.primitive], y._node)
    assert [part.total for part in parts] == [None] * 3
    assert list(gradients) == [y._node]
