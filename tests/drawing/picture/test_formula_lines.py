"""The local derivatives shown are those of the operation; the mirror image has every gradient, and every sum."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.drawing.examples import GALLERY, neuron
from tinygrad_lite.drawing.picture.formula_lines import local_derivatives
from tinygrad_lite.drawing.picture.model import recorded
from tinygrad_lite.drawing.picture.replay import contributions
from tinygrad_lite.engine.graph import Node
from tinygrad_lite.table.primitive import Primitive
from tinygrad_lite.table.registry import REGISTRY

SIGNS = {
    "−": "-",
    "²": "**2",
    "√": "sqrt",
    "^": "**",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "[": "(",
    "]": ")",
    " = ": " == ",
}
FUNCTIONS = {
    name: getattr(np, name) for name in ("exp", "cos", "sin", "cosh", "sinh", "sign", "floor", "hypot", "sqrt")
}


def computed(formula: str, values: dict[str, float]) -> float:
    """The number that a formula's text stands for."""
    for sign, python in SIGNS.items():
        formula = formula.replace(sign, python)
    formula = re.sub(r"ln (\d+)", r"ln(\1)", formula)
    formula = re.sub(r"(?<=[\w)]) (?=[\w(])", " * ", formula)
    return float(eval(formula, {"ln": np.log, **FUNCTIONS, **values}))


ELEMENTWISE = [
    name
    for name, entry in REGISTRY.items()
    if (isinstance(entry.function, Primitive) and entry.function.broadcasts and name != "matmul")
    or name in {"sigmoid", "relu"}
]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_derivative_shown_is_the_numerical_one(name: str) -> None:
    entry = REGISTRY[name]
    rng = np.random.default_rng(0)
    sample = next(iter(entry.samples(lambda *shape, low=-2.0, high=2.0: rng.uniform(low, high, shape))))
    for place in range(3):
        args = [float(np.ravel(x)[place]) for x in sample.args]
        y = entry.function(*[tl.tensor(x, requires_grad=True) for x in args])
        assert y._node is not None
        inputs = y._node.primitive.inputs
        shown = local_derivatives(y._node, lambda node: None)
        assert len(shown) == len(args)
        for k, derivative in shown.items():
            left, right = derivative.text.split(" = ", 1)
            assert left == f"∂y/∂{inputs[k]}"
            above, below = ([a + s * (k == j) for j, a in enumerate(args)] for s in (1e-6, -1e-6))
            numerical = (entry.function(*above) - entry.function(*below)) / 2e-6
            values = {**dict(zip(inputs, args, strict=True)), "y": y.item()}
            assert computed(right, values) == pytest.approx(numerical, rel=1e-3, abs=1e-6)


def test_derivatives_use_the_names_there_are() -> None:
    def texts(y: tl.Tensor) -> list[str]:
        lines = tl.draw(y, derivatives=True).operations[-1].lines
        return [line.text for line in lines if line.role == "derivative"]

    a, b = (tl.tensor(2.0, requires_grad=True, name=name) for name in ("u", "w_1"))
    c = a * b
    assert texts(c) == ["∂y/∂u = w₁", "∂y/∂w₁ = u"]
    c.name = "c"
    assert texts(c) == ["∂c/∂u = w₁", "∂c/∂w₁ = u"]
    b.name = "<w>"
    assert texts(c) == ["∂c/∂u = b", "∂c/∂b = u"]
    assert texts(np.tanh(a)) == ["∂y/∂u = 1 − y²"]
    assert texts(tl.tensor(3.0) * a) == ["∂y/∂u = a"], "constants have none"
    assert texts(tl.concatenate([a.reshape(1), b.reshape(1)])) == ["∂y/∂x₁: g ↦ g[0:1]", "∂y/∂x₂: g ↦ g[1:2]"]


def test_what_has_no_name_is_not_called_as_another_array_is() -> None:
    a, b, y = (tl.tensor(2.0, requires_grad=True, name=name) for name in ("a", "b", "y"))
    graph = tl.draw((a * a - b) * np.log(y), derivatives=True)
    texts = [line.text for box in graph.operations for line in box.lines if line.role == "derivative"]
    assert texts == [
        "∂v/∂a = a", "∂v/∂a = a", "∂v/∂u = 1", "∂v/∂b = −1", "∂v/∂y = 1 / y", "∂v/∂w = u", "∂v/∂u = w",
    ]  # fmt: skip
    product = graph.operations[-1].key
    assert [edge.label for edge in graph.edges if edge.head == product] == ["w", "u"], "which is which"


# ---------------------------------------------------------------------------------------------------------------------
# The mirror image


def test_the_backward_pass_mirrors_the_forward_one() -> None:
    graph = tl.draw(neuron(), backward=True, derivatives=True)
    of_kind: dict[str, list[Any]] = {}
    for vertex in graph.picture.vertices.values():
        of_kind.setdefault(vertex.kind, []).append(vertex)
    forward = [v for v in graph.picture.vertices.values() if v.kind in {"parameter", "intermediate", "output"}]
    assert len(of_kind["gradient"]) == len(forward)
    assert len(of_kind["pullback"]) == len(of_kind["operation"]) == 5
    shown = {v.lines[0].text: v.lines[1].text for v in of_kind["gradient"] if len(v.lines) == 2}
    assert {k: shown[f"∂o/∂{k}"] for k in ("x1", "w1", "x2", "w2", "b")} == {
        "x1": "−1.5", "w1": "1", "x2": "0.5", "w2": "0", "b": "0.5",
    }  # fmt: skip
    assert "dir=back" in graph.source
    assert "{rank=same d0 bd0}" in graph.source


def test_sums_at_fan_outs_are_drawn() -> None:
    x = tl.tensor(2.0, requires_grad=True, name="x")
    y = x * x + np.exp(x)
    graph = tl.draw(y, backward=True)
    sums = [v for v in graph.picture.vertices.values() if v.kind == "sum"]
    assert [v.key for v in sums] == ["sd0"]
    assert sum(e.tail == "sd0" and e.style == "backward" for e in graph.edges) == 3
    assert sum(e.head == "sd0" for e in graph.edges) == 1


def test_constants_have_no_gradient_boxes() -> None:
    x = tl.tensor(2.0, requires_grad=True)
    graph = tl.draw(tl.Tensor(np.ones(3), name="t") * x - 1.0, backward=True)
    assert len([key for key in graph.picture.vertices if key.startswith("b")]) == 5
    assert not tl.draw(tl.tensor([1.0]), backward=True).edges


# ---------------------------------------------------------------------------------------------------------------------
# Played again


@pytest.mark.parametrize("name", GALLERY)
@pytest.mark.parametrize("released", [False, True])
def test_the_replay_finds_autograds_gradients(name: str, released: bool) -> None:
    output = GALLERY[name].make()
    assert output._node is not None
    nodes = recorded([output._node])
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
    parts, gradients = contributions([n for n in recorded([y._node]) if n.primitive], y._node)
    assert [part.total for part in parts] == [None] * 3
    assert list(gradients) == [y._node]
