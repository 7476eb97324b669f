"""The bytes that operations saved, and the products that they add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.drawing.picture.costs import multiply_adds


def boxes(graph: Any) -> dict[str, list[str]]:
    """The lines of each box, by its first."""
    found = {}
    for vertex in graph.picture.vertices.values():
        first, *rest = [line.text for line in vertex.lines]
        found[first] = rest
    return found


def test_costs_on_request() -> None:
    W = tl.tensor(np.ones((3, 5)), requires_grad=True)
    x = tl.tensor(np.ones((7, 3)), requires_grad=True)
    y = (x @ W).sum()
    assert boxes(tl.draw(y, costs=True))["matmul"] == ["saves 288 B", "105 multiply-adds"]
    assert not any("saves" in line for lines in boxes(tl.draw(y)).values() for line in lines)
    z = np.einsum("ij,jk->ik", x, W)
    assert "105 multiply-adds" in boxes(tl.draw(z, costs=True))["einsum"]
    y.backward()
    assert boxes(tl.draw(y, costs=True))["matmul"][0] == "saved values released"


CONTRACTIONS = {
    "matmul": [lambda a, b: a @ b, (2, 3, 4), (4, 5)],
    "a vector": [lambda a, b: a @ b, (4,), (4,)],
    "einsum": [lambda a, b: tl.einsum("bij,jk->bik", a, b), (2, 3, 4), (4, 5)],
    "a diagonal": [lambda a, b: tl.einsum("ij,ij->i", a, b), (3, 4), (3, 4)],
    "linear": [lambda a, b: tl.linear(a, b, np.zeros(5)), (2, 3, 4), (5, 4)],
    "convolution": [lambda a, b: tl.conv2d(a, b), (4, 3, 10, 9), (5, 3, 3, 2)],
}


@pytest.mark.parametrize("name", CONTRACTIONS)
def test_multiply_adds_are_those_that_were_done(name: str) -> None:
    """Of ones, the entries of a product sum up to how many products of numbers it added; so do those of gradients."""
    function, *shapes = CONTRACTIONS[name]
    operands = [tl.tensor(np.ones(shape), requires_grad=True) for shape in shapes]
    gradients = tl.grad(lambda *x: function(*x).sum(), argnums=(0, 1))(*operands)
    counts = [(multiply_adds(y._node), y.data.sum()) for y in (function(*operands), *gradients)]
    assert counts[0][0] is not None
    assert all(count == done for count, done in counts if count is not None)


def test_the_gradients_of_a_convolution_cost_what_it_does() -> None:
    x, w = [tl.tensor(np.ones(shape), requires_grad=True) for shape in ((4, 3, 5, 6), (4, 3, 3, 2))]
    dx, dw = tl.grad(lambda x, w: tl.conv2d(x, w).sum(), argnums=(0, 1))(x, w)
    for y, name in ((tl.conv2d(x, w), "convolve"), (dx, "convolve_transposed"), (dw, "convolve_weight")):
        assert boxes(tl.draw(y, costs=True))[name][-1] == "4,320 multiply-adds"
