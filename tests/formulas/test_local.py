"""Local derivatives: every rule of the table can be written, and what is written is what the rules compute."""

import re

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine.graph import Node
from tinygrad_lite.formulas import local_derivative
from tinygrad_lite.formulas.algebra import symbol
from tinygrad_lite.formulas.local import local, pullback
from tinygrad_lite.formulas.rendering import text
from tinygrad_lite.formulas.written import placeholder
from tinygrad_lite.table.arrays import unbroadcast
from tinygrad_lite.table.registry import PRIMITIVES, REGISTRY

from ..table.hinted import consistent

RNG = np.random.default_rng(0)

LOCAL = {
    "tanh": "1 − y²",
    "exp": "y",
    "log": "1 / x",
    "sqrt": "1 / (2 y)",
    "sin": "cos(x)",
    "cos": "−sin(x)",
    "arcsin": "1 / √(1 − x²)",
    "square": "2 x",
    "reciprocal": "−y²",
    "sigmoid": "y (1 − y)",
    "relu": "[y > 0]",
    "abs": "sign(x)",
    "log2": "1 / (x ln 2)",
    "floor": "0",
}


@pytest.mark.parametrize("name", LOCAL)
def test_local_derivatives_of_elementwise_operations(name):
    assert local_derivative(PRIMITIVES[name]).text == f"∂y/∂x = {LOCAL[name]}"


def test_local_derivatives_of_others():
    of = lambda name, operand, shapes, out, **params: local_derivative(
        PRIMITIVES[name], operand, shapes=shapes, output_shape=out, params=params
    )
    assert of("matmul", "a", [(2, 3), (3, 4)], (2, 4)).text == "∂y/∂a: g ↦ g bᵀ"
    assert of("matmul", "b", [(2, 3), (3, 4)], (2, 4)).text == "∂y/∂b: g ↦ aᵀ g"
    assert of("matmul", "a", [(2, 3), (3,)], (2,)).text == "∂y/∂a: g ↦ g bᵀ"
    assert of("matmul", "b", [(2, 3), (3,)], (2,)).text == "∂y/∂b: g ↦ aᵀ g"
    assert of("matmul", "a", [(2,), (2, 3)], (3,)).text == "∂y/∂a: g ↦ b g"
    assert of("sum", "x", [(3,)], (), axis=(0,), keepdims=False).text == "∂y/∂x: g ↦ g"
    assert of("mean", "x", [(3,)], (), axis=(0,), keepdims=False).text == "∂y/∂x: g ↦ g / 3"
    assert of("divide", "b", None, ()).latex == r"\frac{\partial y}{\partial b} = -\frac{y}{b}"


def local_derivatives(node):
    """A node's derivatives by each of its inputs that need one, in the names that the rules use."""
    if node.primitive is None:
        return []
    names = [f"x_{k}" for k in range(len(node.parents))] if node.primitive.variadic else node.primitive.inputs
    operands = [symbol(name, np.shape(x)) for name, x in zip(names, node.parents, strict=True)]
    y = symbol("y", node.shape)
    places = [k for k, parent in enumerate(node.parents) if type(parent) is Node]
    return [local(node.primitive, k, operands, y, node.params) for k in places]


def test_every_rule_of_the_table_can_be_written():
    """Whatever the registry's samples record, each node's local derivatives are written; none by its name alone."""

    def draw(*shape, low=-2.0, high=2.0):
        return RNG.uniform(low, high, shape)

    unwritten = set()
    for entry in REGISTRY.values():
        for sample in list(entry.samples(draw))[:3]:
            args = [
                tl.tensor(x, requires_grad=True) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
                for x in sample.args
            ]
            y = entry.function(*args, **sample.kwargs)
            if not isinstance(y, tl.Tensor) or not y.requires_grad:
                continue
            stack, seen = [y._node], set()
            while stack:
                node = stack.pop()
                if node in seen:
                    continue
                seen.add(node)
                stack.extend([parent for parent, _, _ in node.pulls])
                for one in local_derivatives(node):
                    assert re.match(r"∂y/∂\w+[₀-₉]*( = |: g ↦ ).", one.text), one.text
                    if "pullback of" in one.text:
                        unwritten.add(node.primitive.name)
    decompositions = {"cholesky", "det", "eigvals", "eigvalsh", "least_squares", "pinv", "solve_joint"}  # several steps
    scatters = {"convolve_full", "convolve_inside", "irfft", "max_pool"}  # which have no usual notation
    assert unwritten == decompositions | scatters


def test_the_derivative_of_binary_cross_entropy_is_a_quotient():
    found = local_derivative(PRIMITIVES["binary_cross_entropy"], "p")
    assert found.elementwise
    assert found.text == "∂y/∂p = (p − t) / max(p (1 − p), 1e-12)"
    assert found.latex.startswith(r"\frac{\partial y}{\partial p} = \frac{p - t}{")


def test_the_cotangent_is_called_as_no_array_is():
    found = local_derivative(
        tl.matmul, "b", names=("g", "W"), shapes=[(2, 3), (3, 4)], output="g0", output_shape=(2, 4)
    )
    assert found.text == "∂g₀/∂W: g₁ ↦ gᵀ g₁"
    assert found.latex.endswith(r"\colon g_{1} \mapsto g^{\top} \, g_{1}")
    assert found.cotangent == "g_1"
    with pytest.raises(ValueError, match="local_derivative: digits is"):
        local_derivative(tl.exp, digits="superscript")


def test_of_an_elementwise_operation_one_entry_is_written():
    x = placeholder("x", (3,))
    found = local(PRIMITIVES["tanh"], 0, [x * x], symbol("y", (3,)), {})
    assert found.text == "∂y/∂x² = 1 − y²"
    assert found.formula.shape == ()


CASES = [
    *[(name, (3,), (3,), (3,)) for name, p in PRIMITIVES.items() if p.elementwise and p.broadcasts and not p.params],
    *[("matmul", *shapes) for shapes in [((2, 3), (3, 4)), ((2, 3), (3,)), ((2,), (2, 3)), ((3,), (3,))]],
    *[("multiply", (4, 3), (3,)), ("divide", (4, 3), ()), ("add", (4, 3), (4, 1)), ("multiply", (4, 1), (4, 3))],
    *[(name, (4, 3)) for name in ("softmax", "log_softmax", "sigmoid", "relu", "sum", "mean")],
]


@pytest.mark.parametrize(("name", "shapes"), [(name, shapes) for name, *shapes in CASES])
def test_the_formulas_are_what_the_rules_compute(name, shapes, evaluate):
    """Formula and rule, evaluated on the same numbers, inputs that broadcast included."""
    primitive = PRIMITIVES[name]
    shapes = shapes[: len(primitive.inputs)]
    low, high = (1.2, 3.0) if name == "arccosh" else (0.2, 0.8)
    inputs = consistent(name, [RNG.uniform(low, high, shape) for shape in shapes])
    params = {"axis": (1,)} if "axis" in primitive.params else {}
    params |= {"keepdims": False} if "keepdims" in primitive.params else {}
    y = primitive.forward(*inputs, **params)
    g = np.asarray(RNG.standard_normal(np.shape(y)))
    operands = [symbol(label, shape) for label, shape in zip(primitive.inputs, shapes, strict=True)]
    values = {"g": g, "y": y, **dict(zip(primitive.inputs, inputs, strict=True))}
    known = primitive.known(y, tuple(inputs), params)
    for i, pull in enumerate(primitive.pulls):
        expected = np.asarray(pull.rule(g, *pull.pick(known)))
        expected = unbroadcast(expected, shapes[i]) if primitive.broadcasts else expected
        formula = pullback(primitive, i, symbol("g", g.shape), symbol("y", g.shape), operands, params)
        assert "pullback" not in text(formula)
        assert formula.shape == shapes[i]
        np.testing.assert_allclose(evaluate(formula, values), expected, rtol=1e-10, err_msg=text(formula))
