"""Two graphs beside each other: what only one of them has is marked, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl


def loss(activation: Any, twice: bool = False) -> tl.Tensor:
    W = tl.tensor(np.ones((3, 2)), requires_grad=True, name="W")
    h = activation(W @ np.ones(2))
    return (h * 2.0 if twice else h).sum()


def marked(graph: Any) -> set[tuple[str, str]]:
    return {(v.mark, v.lines[0].text) for v in graph.picture.vertices.values() if v.mark and v.kind == "operation"}


def test_equal_graphs_have_no_marks() -> None:
    graph = tl.draw_difference(loss(np.tanh), loss(np.tanh))
    assert not marked(graph)
    assert graph.picture.notes == ["No operation is only on the left.", "No operation is only on the right."]


def test_what_differs_is_marked_and_named() -> None:
    graph = tl.draw_difference(loss(np.tanh), loss(np.exp, twice=True), theme="dark")
    assert marked(graph) == {("−", "− tanh"), ("+", "+ exp"), ("+", "+ multiply")}
    assert "1 operation only on the left: tanh." in graph.source
    assert "2 operations only on the right: exp, multiply." in graph.source
    assert [lines[0].text for lines in graph.picture.frames.values()] == ["left", "right"]
    assert graph.svg


def test_shapes_parameters_and_names_count() -> None:
    x = tl.tensor(np.ones((2, 2)), requires_grad=True, name="x")
    assert marked(tl.draw_difference(x.sum(axis=0), x.sum(axis=1))) == {("−", "− sum"), ("+", "+ sum")}
    y = tl.tensor(np.ones((2, 2)), requires_grad=True, name="y")
    graph = tl.draw_difference(x.sum(), y.sum())
    assert not marked(graph)
    assert {v.lines[0].text for v in graph.picture.vertices.values() if v.mark} == {"− x", "+ y"}


def test_only_tensors_and_no_page() -> None:
    with pytest.raises(TypeError, match="draw_difference: draws what computed a Tensor, got float"):
        tl.draw_difference(tl.tensor(1.0), 1.0)
    with pytest.raises(ValueError, match="a difference has no passes to play"):
        tl.draw_difference(loss(np.tanh), loss(np.tanh)).html  # noqa: B018
