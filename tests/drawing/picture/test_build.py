"""Which boxes and arrows there are, and what they say."""

from __future__ import annotations

from typing import Any

import numpy as np

import tinygrad_lite as tl
from tinygrad_lite.drawing.picture import labels
from tinygrad_lite.table.registry import PRIMITIVES


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
    assert facts(x[:, 1:3]) == []
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
    assert drawn["y"] == ["(2,)", "[0.7616, −0.964]", "grad [1, 1]"]
    assert drawn["x"] == ["(2,)", "[0.5, −1]", f"grad {labels.row(2 * (1 - np.tanh([1.0, -2.0]) ** 2))}"]


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
    assert drawn["y"] == ["(2,)", "[2.718, 7.389]"]
    assert drawn["x"] == ["(2,)"], "exp saves its output alone"
    drawn = boxes(tl.draw(loss, names={"other": x}))
    assert drawn["x"] == ["(2,)", "[1, 2]"], "its own name comes first, and the caller's Tensor tells the value"
    loss.backward()
    assert boxes(tl.draw(loss))["y"] == ["(2,)"], "released"


def test_leaves_with_many_uses_are_drawn_once_for_each() -> None:
    w = tl.tensor(2.0, requires_grad=True, name="w")
    few = tl.draw(sum([w * float(k) for k in range(8)]))
    many = tl.draw(sum([w * float(k) for k in range(9)]), rollup=False)
    assert sum(v.lines[0].text == "w" for v in few.picture.vertices.values()) == 1
    copies = [v for v in many.picture.vertices.values() if v.lines[0].text == "w"]
    assert len(copies) == 9
    assert all(v.dashed for v in copies)


def written_to() -> tuple[tl.Tensor, tl.Tensor]:
    """A traced sum of squares of an array that was written to four times, and its variable."""
    x = tl.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True, name="x")
    with tl.tracing():
        y = x * 2.0
        y.name = "y"
        y[1:, 0] = x[0, 0]
        y[y.data > 9] = 0
        y.T[0] *= 3
        y[:1][0, 1] = x[1, 1]
        loss = (y * y).sum()
    return loss, x


def test_a_write_is_an_operation_on_the_array_before() -> None:
    loss, _ = written_to()
    graph = tl.draw(loss)
    assert [v.lines[0].text for v in graph.operations if v.lines[0].text.endswith("=")] == [
        "[1:, 0] =", "[mask] =", ".T[0] =", "[:1][0, 1] =",
    ]  # fmt: skip
    write = next(v.key for v in graph.operations if v.lines[0].text == "[1:, 0] =")
    into = {edge.label: graph.picture.vertices[edge.tail] for edge in graph.edges if edge.head == write}
    assert into["x"].lines[0].text == "y"
    assert into["v"].lines[0].text == "1"
    (after,) = [graph.picture.vertices[edge.head] for edge in graph.edges if edge.tail == write]
    assert after.lines[0].text == "y⁽¹⁾"


def test_values_and_gradients_are_those_of_the_moment() -> None:
    loss, _ = written_to()
    loss.backward()
    drawn = boxes(tl.draw(loss))
    assert drawn["y"][1:] == ["[2, 4, 6]", "[8, 10, 12]", "grad", "[36, 0, 12]", "[0, 0, 0]"]
    assert drawn["y⁽¹⁾"][1:] == ["[2, 4, 6]", "[1, 10, 12]", "grad", "[36, 0, 12]", "[18, 0, 0]"]
    assert drawn["y⁽²⁾"][1:] == ["[2, 4, 6]", "[1, 0, 0]", "grad", "[36, 0, 12]", "[18, 0, 0]"]
    assert drawn["y⁽³⁾"][1:] == ["[6, 4, 6]", "[3, 0, 0]", "grad", "[12, 0, 12]", "[6, 0, 0]"]
    assert drawn["y⁽⁴⁾"][1:] == ["[6, 5, 6]", "[3, 0, 0]", "grad", "[12, 10, 12]", "[6, 0, 0]"]
    transposed = next(lines for lines in drawn.values() if "[2, 1]" in lines)
    assert transposed[:3] == ["[2, 1]", "[4, 0]", "[6, 0]"], "a view shows what it held then"


def test_an_array_of_the_callers_shows_what_it_held() -> None:
    x = tl.tensor([1.0, 2.0], requires_grad=True)
    buffer = np.zeros(2)
    with tl.tracing():
        total = x * 0.0
        for k in range(3):
            buffer[:] = k
            total = total + x * buffer
    drawn = texts(tl.draw(total, names={"buffer": buffer}))
    assert [lines[2] for lines in drawn if lines[0] == "buffer"] == ["[0, 0]", "[1, 1]", "[2, 2]"]


def texts(graph: Any) -> list[list[str]]:
    return [[line.text for line in vertex.lines] for vertex in graph.picture.vertices.values()]


def test_a_dtype_is_told_where_it_is_not_that_of_most() -> None:
    x = tl.Tensor(np.ones(3, np.float32), name="x")
    w = tl.tensor(np.ones(3), requires_grad=True, name="w")
    mixed = tl.draw(w * x + w)
    drawn = boxes(mixed)
    assert drawn["x"][0] == "(3,) float32"
    assert drawn["w"][0] == "(3,)"
    assert mixed.picture.notes == ["Arrays are float64 where they say nothing else."]
    same = tl.draw(w * w)
    assert "float" not in same.source
    assert not same.picture.notes


def test_a_difference_of_dtypes_is_told_on_both_sides() -> None:
    x = tl.tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    short = tl.tensor(np.ones(3, np.float32), requires_grad=True, name="x")
    picture = tl.draw_difference(np.exp(x), np.exp(short)).picture
    told = [line.text for vertex in picture.vertices.values() for line in vertex.lines if "float" in line.text]
    assert len(told) == 2
    assert picture.notes[0].endswith("where they say nothing else.")


def test_a_number_says_its_value_alone_and_no_box_is_empty() -> None:
    x = tl.tensor(3.0, requires_grad=True, name="x")
    drawn = texts(tl.draw((x + 1.0) * 2.0, values=False))
    assert ["x"] in drawn
    assert ["()"] in drawn, "nothing else is known of it"
    assert "scalar" not in tl.draw((x + 1.0) * 2.0, backward=True).source


def test_signs_are_written_on_request() -> None:
    x, y = (tl.tensor([[2.0]], requires_grad=True, name=name) for name in "xy")
    z = np.exp((x @ y - x * y / (x + y)) ** 2.0).sum()
    titles = [vertex.lines[0].text for vertex in tl.draw(z, signs=True).operations]
    assert titles == ["@", "×", "+", "÷", "−", "xʸ", "exp", "Σ"]
    assert [vertex.lines[0].text for vertex in tl.draw(z).operations][:2] == ["matmul", "multiply"]
    assert "multiply" not in tl.draw(z, signs=True).html
    assert [line.text for line in tl.draw(z[None].sum(axis=0), signs=True).operations[-1].lines] == ["Σ", "axis=0"]


def test_every_sign_is_of_an_operation() -> None:
    assert set(labels.SIGNS) <= set(PRIMITIVES)
