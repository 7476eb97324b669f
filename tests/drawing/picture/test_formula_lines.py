"""The local derivatives shown are those of the operation."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.drawing.picture.formula_lines import formulas_of_operands
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
    name: getattr(np, name)
    for name in (
        *("conj", "exp", "exp2", "cos", "sin", "cosh", "sinh", "sign", "floor", "trunc", "hypot", "sqrt"),
        *("copysign", "degrees", "deg2rad", "radians", "rad2deg"),
    )
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
        shown = formulas_of_operands(y._node, lambda node: None)
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


@pytest.mark.parametrize("names", [("v1", "v_1"), ("v1", "v₁"), ("x", "x")])
def test_names_that_look_alike_do_not_stand_for_two_arrays(names: tuple[str, str]) -> None:
    first, second = (tl.tensor(x, requires_grad=True, name=name) for x, name in zip((2.0, 3.0), names, strict=True))
    graph = tl.draw(first * second, derivatives=True)
    (product,) = graph.operations
    assert [line.text for line in product.lines if line.role == "derivative"] == ["∂y/∂a = b", "∂y/∂b = a"]
    assert [edge.label for edge in graph.edges if edge.head == product.key] == ["a", "b"], "which is which"


def test_what_has_no_name_is_not_called_as_another_array_is() -> None:
    a, b, y = (tl.tensor(2.0, requires_grad=True, name=name) for name in ("a", "b", "y"))
    graph = tl.draw((a * a - b) * np.log(y), derivatives=True)
    texts = [line.text for box in graph.operations for line in box.lines if line.role == "derivative"]
    assert texts == [
        "∂v/∂a = a", "∂v/∂a = a", "∂v/∂u = 1", "∂v/∂b = −1", "∂v/∂y = 1 / y", "∂v/∂w = u", "∂v/∂u = w",
    ]  # fmt: skip
    product = graph.operations[-1].key
    assert [edge.label for edge in graph.edges if edge.head == product] == ["w", "u"], "which is which"
