"""Which boxes and arrows there are, and what they say."""

from __future__ import annotations

from typing import Any

import numpy as np

import tinygrad_lite as tl
from tinygrad_lite.drawing.picture import labels


def arrows(output: tl.Tensor) -> list[tuple[str, str, str]]:
    return [(edge.tail, edge.head, edge.label) for edge in tl.draw(output).edges]


def test_an_array_used_twice_has_two_edges() -> None:
    x = tl.tensor(3.0, requires_grad=True)
    assert arrows(x * x) == [("d0", "o1", ""), ("d0", "o1", ""), ("o1", "d1", "")]


def test_operands_that_cannot_be_exchanged_are_labelled() -> None:
    x, y = tl.tensor(3.0, requires_grad=True), tl.tensor(2.0, requires_grad=True)
    assert [label for _, head, label in arrows(x - y) if head[0] == "o"] == ["a", "b"]
    assert [label for _, head, label in arrows(y + x) if head[0] == "o"] == ["", ""]
    assert [label for _, head, label in arrows(np.stack([x, y, x])) if label] == ["1", "2", "3"]


def test_parameters_of_operations_are_shown() -> None:
    x = tl.tensor(np.ones((2, 3)), requires_grad=True)

    def facts(y: tl.Tensor) -> list[str]:
        return [line.text for line in tl.draw(y).operations[-1].lines[1:]]

    assert facts(x.sum(axis=1, keepdims=True)) == ["axis=1", "keepdims=True"]
    assert facts(x.sum(axis=(0, 1))) == ["axis=(0, 1)"]
    assert facts(x[:, 1:3]) == ["index=(:, 1:3)"]
    assert facts(x[..., ::2]) == ["index=(…, ::2)"]
    assert facts(x[[0, 1], [1, 2]]) == ["index=(int64[2], int64[2])"]
    assert facts(np.where(np.ones((2, 3), bool), x, 0.0)) == ["condition=bool[2, 3]"]


def boxes(graph: Any) -> dict[str, list[str]]:
    """The lines of each box, by its first."""
    found = {}
    for vertex in graph.picture.vertices.values():
        first, *rest = [line.text for line in vertex.lines]
        found[first] = rest
    return found


def test_a_trace_keeps_values_and_gradients() -> None:
    x = tl.tensor([0.5, -1.0], requires_grad=True, name="x")
    with tl.tracing():
        y = np.tanh(x * 2.0)
        y.name = "y"
        loss = y.sum()
    assert not any("grad" in line for lines in boxes(tl.draw(loss)).values() for line in lines)
    loss.backward()
    drawn = boxes(tl.draw(loss))
    assert drawn["y"] == ["(2,) float64", "[0.7616, −0.964]", "grad [1, 1]"]
    assert drawn["x"] == ["(2,) float64", "[0.5, −1]", f"grad {labels.row(2 * (1 - np.tanh([1.0, -2.0]) ** 2))}"]


def test_a_gradient_that_has_not_arrived_is_a_dash() -> None:
    a, b = (tl.tensor(2.0, requires_grad=True, name=name) for name in "ab")
    (a * 3.0).backward()
    with tl.tracing():
        c = a * b
    c.name = "c"
    drawn = boxes(tl.draw(c))
    assert drawn["a"][-1] == "grad 3"
    assert drawn["b"][-1] == "grad —"
    assert drawn["c"][-1] == "grad —"


def test_without_a_trace_what_the_rules_saved_is_shown() -> None:
    x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    y = np.exp(x)
    y.name = "y"
    loss = (y * y).sum()
    drawn = boxes(tl.draw(loss))
    assert drawn["y"] == ["(2,) float64", "[2.718, 7.389]"]
    assert drawn["x"] == ["(2,) float64"], "exp saves its output alone"
    drawn = boxes(tl.draw(loss, names={"other": x}))
    assert drawn["x"] == ["(2,) float64", "[1, 2]"], "its own name comes first, and the caller's Tensor tells the value"
    loss.backward()
    assert boxes(tl.draw(loss))["y"] == ["(2,) float64"], "released"


def test_leaves_with_many_uses_are_drawn_once_for_each() -> None:
    w = tl.tensor(2.0, requires_grad=True, name="w")
    few = tl.draw(sum([w * float(k) for k in range(8)]))
    many = tl.draw(sum([w * float(k) for k in range(9)]), rollup=False)
    assert sum(v.lines[0].text == "w" for v in few.picture.vertices.values()) == 1
    copies = [v for v in many.picture.vertices.values() if v.lines[0].text == "w"]
    assert len(copies) == 9
    assert all(v.dashed for v in copies)
