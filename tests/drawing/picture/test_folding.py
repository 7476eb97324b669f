"""Frames for modules, boxes in their place, repeats rolled up, and what a limit folds."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from gallery import convolutional, recurrent

import tinygrad_lite as tl
from tinygrad_lite.nn import Linear, Module, Sequential, Tanh


class Block(Module):
    def __init__(self, seed: int) -> None:
        self.inner = Sequential(Linear(4, 4, rng=seed), Tanh())
        self.outer = Linear(4, 4, rng=seed + 1)

    def forward(self, x: Any) -> Any:
        return x + self.outer(self.inner(x)) * 0.5


class Tower(Module):
    def __init__(self, n: int) -> None:
        self.first = Linear(3, 4, rng=0)
        self.blocks = [Block(k) for k in range(n)]

    def forward(self, x: Any) -> Any:
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return x


def traced(module: Module) -> tl.Tensor:
    with tl.tracing():
        return module(np.ones((2, 3), np.float32)).sum()


def titles(graph: Any) -> list[list[str]]:
    return [[line.text for line in lines] for lines in graph.picture.frames.values()]


def kinds(graph: Any) -> list[str]:
    return [vertex.kind for vertex in graph.picture.vertices.values()]


def test_twelve_boxes_alike_become_one() -> None:
    layers = tl.draw(traced(Sequential(*[Sequential(Linear(3, 3, rng=k), Tanh()) for k in range(12)])), depth=1)
    assert [v.lines[0].text for v in layers.picture.vertices.values() if v.kind == "module"] == ["0 … 11  ×12"]


def test_numbers_of_repeats_say_whose_they_are() -> None:
    output = traced(Tower(12))
    said = "Numbers in what is rolled up are those of the first time."
    assert said in tl.draw(output).picture.notes
    assert said in tl.draw(output).html
    assert said not in tl.draw(output, values=False).source
    assert said not in tl.draw(output, rollup=False).source


def test_modules_are_frames_in_frames() -> None:
    graph = tl.draw(traced(Tower(2)), rollup=False)
    assert titles(graph)[0] == ["Tower", "96 parameters"]
    assert ["first", "Linear", "16 parameters"] in titles(graph)
    assert ["blocks.1", "Block", "40 parameters"] in titles(graph)
    weight = next(v for v in graph.picture.vertices.values() if v.lines[0].text == "blocks.0.inner.0.weight")
    assert [graph.picture.frames[key][0].text for key in weight.frames] == ["Tower", "blocks.0", "inner", "0"]
    assert graph.source.count("subgraph cluster_") == len(graph.picture.frames)


@pytest.mark.parametrize(("depth", "modules", "operations"), [(0, 1, 1), (1, 3, 1), (2, 4, 6), (None, 0, 12)])
def test_modules_deeper_than_asked_are_boxes(depth: int, modules: int, operations: int) -> None:
    graph = tl.draw(traced(Tower(2)), depth=depth, rollup=False)
    assert kinds(graph).count("module") == modules
    assert len(graph.operations) == operations
    assert "output" in kinds(graph)
    assert "input" in kinds(graph), "what comes from outside stays"


def test_a_callback_chooses() -> None:
    asked = []

    def collapse(path: str, kind: str) -> bool:
        asked.append((path, kind))
        return path == "blocks.1"

    graph = tl.draw(traced(Tower(2)), collapse=collapse, rollup=False)
    assert kinds(graph).count("module") == 1
    assert ("Tower", "Tower") in asked
    assert ("blocks.0.inner.0", "Linear") in asked
    assert ("blocks.1.inner", "Sequential") not in asked, "nothing inside a box is asked for"


def test_a_module_called_twice_has_two_frames() -> None:
    layer = Linear(3, 3, rng=0)
    with tl.tracing():
        y = layer(layer(np.ones((1, 3), np.float32))).sum()
    assert len(titles(tl.draw(y))) == 2


def test_scopes_are_frames() -> None:
    x = tl.tensor(1.0, requires_grad=True)
    with tl.tracing(), tl.scope("outer"), tl.scope('<i>"in"'):
        y = np.exp(x)
    assert titles(tl.draw(y)) == [["outer", "1 parameter"], ['<i>"in"', "1 parameter"]]
    assert tl.draw(y).svg
    with tl.scope("untraced"):
        assert titles(tl.draw(np.exp(x))) == []


def test_twelve_blocks_are_drawn_once() -> None:
    graph = tl.draw(traced(Tower(12)))
    assert ["blocks.0 … blocks.11  ×12", "Block", "40 parameters"] in titles(graph)
    assert len(graph.operations) == 1 + 5 + 1
    boxes = tl.draw(traced(Tower(14)), depth=1)
    assert kinds(boxes).count("module") == 2
    assert any("×14" in v.lines[0].text for v in boxes.picture.vertices.values())


def test_a_recurrent_network_is_drawn_as_one_step() -> None:
    graph = tl.draw(recurrent(50))
    assert len(graph.operations) < 40
    assert ["×50"] in titles(graph)
    assert ["[0] … [49]"] in [[line.text for line in v.lines] for v in graph.picture.vertices.values()]
    assert [edge.label for edge in graph.edges if edge.style == "again"] == ["next"]
    assert graph.svg


def test_a_leaf_that_stands_for_several_says_for_which() -> None:
    y = tl.tensor(0.0)
    for k in range(20):
        y = np.tanh(y + tl.tensor(1.0, requires_grad=True, name=f"b{k}"))
    (leaf,) = [v for v in tl.draw(y).picture.vertices.values() if v.kind == "parameter"]
    assert [line.text for line in leaf.lines][:2] == ["b0 … b19", "×20"]


def test_short_repeats_are_left_alone() -> None:
    x = tl.tensor(1.0, requires_grad=True)
    for _ in range(4):
        x = np.tanh(x * 2.0)
    assert len(tl.draw(x).operations) == 8


def random_graph(n: int) -> tl.Tensor:
    rng = np.random.default_rng(0)
    x = tl.tensor(np.full(2, 0.1), requires_grad=True, name="x")
    made = [x * 1.0]
    for _ in range(n):
        a, b = made[rng.integers(max(0, len(made) - 20), len(made))], made[-1]
        made.append([np.tanh(b), np.tanh(a + b), a * b, np.sin(a) - b * 0.1][rng.integers(4)])
    return made[-1].sum()


def test_a_limit_folds_and_says_so() -> None:
    y = random_graph(400)
    whole, folded = (tl.draw(y, limit=limit, rollup=False) for limit in (None, 50))
    assert len(whole.operations) > 300
    assert len(folded.operations) == 49
    assert kinds(folded).count("fold") == 1
    (note,) = folded.picture.notes
    assert note.endswith(f"operations of {len(whole.operations)} are folded into one box (limit=50).")
    assert note in folded.source
    assert note in folded.mermaid
    assert not whole.picture.notes


def test_a_limit_folds_modules_first() -> None:
    graph = tl.draw(traced(Tower(6)), rollup=False, limit=15)
    assert kinds(graph).count("module") == 7
    assert kinds(graph).count("fold") == 0
    assert graph.picture.notes == ["Modules are folded, for there are 32 operations (limit=15)."]


def test_every_edge_of_a_folded_picture_has_its_ends() -> None:
    outputs = [traced(Tower(12)), recurrent(20), convolutional(), random_graph(300)]
    for output, depth, backward in itertools.product(outputs, (None, 0, 1), (False, True)):
        graph = tl.draw(output, depth=depth, backward=backward, limit=40)
        used = {key for edge in graph.edges for key in (edge.tail, edge.head)}
        assert used == set(graph.picture.vertices), "no end is missing, and no box stands alone"


def test_an_array_filled_entry_by_entry_is_drawn_as_one_write() -> None:
    a = tl.tensor(np.linspace(0, 1, 30), requires_grad=True, name="a")
    with tl.tracing():
        y = tl.tensor(np.zeros(30), name="y")
        for i in range(30):
            y[i] = np.sin(a[i])
        loss = (y**2).sum()
    graph = tl.draw(loss)
    assert ["×30"] in titles(graph)
    assert [v.lines[0].text for v in graph.operations] == ["[0] … [29]", "sin", "[0] … [29] =", "power", "sum"]
    assert "y⁽¹⁾ … y⁽³⁰⁾" in [v.lines[0].text for v in graph.picture.vertices.values()]
    assert [edge.label for edge in graph.edges if edge.style == "again"] == ["next"]
    assert graph.svg
    whole = tl.draw(loss, rollup=False, limit=None)
    assert sum(v.lines[0].text.endswith("] =") for v in whole.operations) == 30
