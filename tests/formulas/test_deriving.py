"""Derivations written out: what they end in, what each step says, and that the formulas are what the rules compute."""

import re
import time

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.formulas import local_derivative, local_derivatives
from tinygrad_lite.formulas.local import pulled_back
from tinygrad_lite.formulas.rendering import latex, text
from tinygrad_lite.formulas.written import named
from tinygrad_lite.table.arrays import unbroadcast
from tinygrad_lite.table.registry import PRIMITIVES, REGISTRY

RNG = np.random.default_rng(0)


def leaf(name, *shape, at=None):
    return tl.tensor(RNG.standard_normal(shape) if at is None else at, requires_grad=True, name=name)


def constant(name, at):
    return tl.tensor(at, name=name)


def called(x, name):
    x.name = name
    return x


def composed(z):
    e = np.exp(z)
    return called(e / e.sum(), "y")


def shifted(z):
    e = np.exp(z - z.max())
    return called(e / e.sum(), "y")


def fused(z):
    return called(tl.softmax(z), "y")


ONE_HOT = [0.0, 1.0, 0.0]


@pytest.mark.parametrize("softmax", [composed, shifted, fused])
@pytest.mark.parametrize(
    ("target", "assuming", "expected"),
    [
        (ONE_HOT, None, "y − t"),
        ([0.2, 0.5, 0.3], None, "y − t"),
        ([0.2, 0.5, 0.9], None, "y Σt − t"),
        ([0.2, 0.5, 0.9], {"Σt": 1}, "y − t"),
    ],
)
def test_softmax_and_cross_entropy_end_in_y_minus_t(softmax, target, assuming, expected):
    z, t = leaf("z", 3), constant("t", target)
    loss = called(-(t * np.log(softmax(z))).sum(), "E")
    derivation = tl.derive(loss, wrt=z, assuming=assuming)
    assert derivation.results[-1].text == f"∂E/∂z = {expected}"
    in_latex = {"y − t": "y - t", "y Σt − t": r"y \, \sum t - t"}[expected]
    assert derivation.results[-1].latex == rf"\frac{{\partial E}}{{\partial z}} = {in_latex}"
    assert f"∂E/∂z = {expected}" in str(derivation).splitlines()
    assert in_latex in derivation.latex()
    assert ("where Σt = 1" in str(derivation)) == (expected == "y − t")


def test_the_fused_cross_entropy_too():
    z = leaf("z", 3)
    assert tl.derive(tl.cross_entropy(z, constant("t", ONE_HOT))).results[-1].text == "∂C/∂z = y − t"
    assert tl.derive(tl.cross_entropy(z, constant("t", [1.0, 2.0, 3.0]))).results[-1].text == "∂C/∂z = y Σt − t"
    labels = tl.derive(tl.cross_entropy(z, 1))
    assert labels.results[-1].text == "∂C/∂z = y − t"
    assert "where y = softmax(z)" in str(labels)
    assert "where t is 1 at the label, 0 elsewhere" in str(labels)
    batch = tl.derive(tl.cross_entropy(leaf("Z", 4, 3), np.array([0, 1, 2, 0])))
    assert batch.results[-1].text == "∂C/∂Z = (y − t) / 4"


@pytest.mark.parametrize(("activation", "slope"), [(np.tanh, "tanh′"), (tl.sigmoid, "σ′")])
def test_a_two_layer_perceptron_ends_in_the_delta_recursion(activation, slope):
    x, y = constant("x", RNG.standard_normal(4)), constant("y", ONE_HOT)
    W1, b1, W2, b2 = leaf("W1", 5, 4), leaf("b1", 5), leaf("W2", 3, 5), leaf("b2", 3)
    z1 = called(W1 @ x + b1, "z1")
    a1 = called(activation(z1), "a1")
    z2 = called(W2 @ a1 + b2, "z2")
    a2 = called(tl.softmax(z2), "a2")
    derivation = tl.derive(-(y * np.log(a2)).sum())
    assert [result.text for result in derivation.results] == [
        "δ² = ∂C/∂z² = a² − y",
        f"δ¹ = ∂C/∂z¹ = ((W²)ᵀ δ²) ⊙ {slope}(z¹)",
        "∂C/∂W¹ = δ¹ xᵀ",
        "∂C/∂b¹ = δ¹",
        "∂C/∂W² = δ² (a¹)ᵀ",
        "∂C/∂b² = δ²",
    ]
    shown = derivation.latex()
    assert r"\delta^{2} = \frac{\partial C}{\partial z^{2}} &= a^{2} - y" in shown
    assert r"\left(\left(W^{2}\right)^{\top} \, \delta^{2}\right) \odot" in shown
    assert r"\frac{\partial C}{\partial W^{1}} &= \delta^{1} \, x^{\top}" in shown
    assert f"where {slope}(z¹) = " in str(derivation)


def test_samples_in_rows_and_the_numbers_it_says():
    """The printed formulas of a batch, evaluated as they stand, are the gradients."""
    X, T = constant("X", RNG.standard_normal((6, 4))), np.eye(3)[[0, 1, 2, 0, 1, 2]]
    W1, b1, W2, b2 = leaf("W1", 4, 5), leaf("b1", 5), leaf("W2", 5, 3), leaf("b2", 3)
    z1 = called(X @ W1 + b1, "z1")
    a1 = called(tl.relu(z1), "a1")
    z2 = called(a1 @ W2 + b2, "z2")
    loss = tl.cross_entropy(z2, constant("t", T))
    said = {r.label[0].split(" = ")[0]: text(r.value) for r in tl.derive(loss).results}
    assert said == {
        "δ²": "(a² − t) / 6",
        "δ¹": "(δ² (W²)ᵀ) ⊙ relu′(z¹)",
        "∂C/∂W¹": "Xᵀ δ¹",
        "∂C/∂b¹": "Σₙδ¹",
        "∂C/∂W²": "(a¹)ᵀ δ²",
        "∂C/∂b²": "Σₙδ²",
    }
    loss.backward()
    d2 = (tl.softmax(z2.data) - T) / 6
    d1 = (d2 @ W2.data.T) * (z1.data > 0)
    for gradient, formula in (
        (W1.grad, X.data.T @ d1),
        (b1.grad, d1.sum(axis=0)),
        (W2.grad, a1.data.T @ d2),
        (b2.grad, d2.sum(axis=0)),
    ):
        np.testing.assert_allclose(gradient, formula, rtol=1e-12)


def test_quadratic_cost_behind_softmax_has_the_sum_over_all_classes():
    z, t = leaf("z", 3), constant("t", [0.1, 0.5, 0.9])
    for softmax in (composed, fused):
        derivation = tl.derive(((softmax(z) - t) ** 2).sum() / 2, wrt=z)
        assert "Σ((y − t) ⊙ y)" in derivation.results[-1].text.replace("y ⊙ (y − t)", "(y − t) ⊙ y")


def test_every_step_says_what_it_does():
    z, t = leaf("z", 3), constant("t", ONE_HOT)
    derivation = tl.derive(-(t * np.log(fused(z))).sum(), wrt=z)
    by_output = {text(step.output): step for step in derivation.steps}
    y = by_output["y"]
    assert text(y.operation) == "softmax(z)"
    assert [one.text for one in y.locals] == ["∂y/∂z: g ↦ y ⊙ (g − Σ(g ⊙ y))"]
    assert y.label[0] == "∂C/∂y"
    assert text(y.cotangent) == "−t / y"
    assert [text(step.operation) for step in derivation.steps] == ["−v₃", "Σv₂", "t ⊙ v₁", "ln(y)", "softmax(z)"]


def test_it_prints_in_80_columns_and_in_notebooks():
    w = leaf("w", 6)
    derivation = tl.derive(np.prod(np.tanh(w) * np.exp(w)) + tl.logsumexp(w) * np.max(w))
    assert max(map(len, str(derivation).splitlines())) <= 80
    assert repr(derivation) == str(derivation)
    assert derivation._repr_latex_().startswith("$$\n\\begin{aligned}")
    table = derivation._repr_markdown_()
    assert table.startswith("| operation | local derivative | cotangent |")
    assert table.count("|---|---|---|") == 1
    for source in (derivation.latex(), table):
        assert source.count("{") == source.count("}")
        assert source.count(r"\left") == source.count(r"\right")


def test_long_chains_stay_readable_and_fast():
    v = leaf("x", at=0.5)
    for _ in range(300):
        v = np.sin(v)
    started = time.perf_counter()
    lines = str(tl.derive(v)).splitlines()
    assert time.perf_counter() - started < 5
    assert len(lines) < 2000
    assert max(map(len, lines)) <= 80


def test_a_node_used_twice_receives_both():
    x = leaf("x", at=2.0)
    y = called(x * x, "y")
    assert tl.derive(y * x, wrt=x).results[-1].text == "∂C/∂x = y + 2 x²"
    assert tl.derive(y + y + x).results[-1].text == "∂C/∂x = 1 + 4 x"


def test_sums_of_sums_are_in_parentheses_and_squares_are_steps():
    w, x = leaf("w", 2, 3), named("x", (3,))
    derivation = tl.derive((w**2).mean())
    assert [text(step.operation) for step in derivation.steps] == ["Σv₁ / 6", "w²"]
    assert derivation.results[-1].text == "∂C/∂w = w / 3"
    assert text(((x + 1) * 1).reshape(1, 3).sum()) == "Σx + 3"
    assert text((x / (x + 1)).sum()) == "Σ(x / (x + 1))"
    assert text((1 / x).sum()) == "Σ(1 / x)"
    assert text((x * x).sum()) == "Σ(x²)"
    u = called(np.tanh(w), "u")
    assert "Σ(u − " in tl.derive(np.var(u)).results[-1].text
    assert tl.derive(tl.norm(w)).results[-1].text == "∂C/∂w = w / C"


def test_wrt_takes_what_was_computed_and_several():
    x = leaf("x", 3)
    h = called(np.tanh(x), "h")
    results = tl.derive((h * h).sum(), wrt=h).results
    assert [r.text for r in results] == ["∂C/∂h = 2 h"]
    with pytest.raises(ValueError, match="only through another"):
        tl.derive((h * h).sum(), wrt=[h, x])
    a, b = leaf("a", 3), leaf("b", 3)
    assert [r.text for r in tl.derive((a * b).sum(), wrt=[b, a]).results] == ["∂C/∂b = a", "∂C/∂a = b"]


def test_names():
    shape = (2,)
    for name, as_text, as_latex in (
        ("W1", "W¹", "W^{1}"),
        ("W¹", "W¹", "W^{1}"),
        ("W^12", "W¹²", "W^{12}"),
        ("x_1", "x₁", "x_{1}"),
        ("x₁", "x₁", "x_{1}"),
        ("y", "y", "y"),
        ("δ2", "δ²", r"\delta^{2}"),
        ("loss", "loss", r"\mathrm{loss}"),
        ("hidden_bias", "hidden_bias", r"\mathrm{hidden}_{bias}"),
        ("100%", "100%", r"\mathrm{100\%}"),
    ):
        assert text(named(name, shape)) == as_text
        assert latex(named(name, shape)) == as_latex


def test_errors_say_what_to_do():
    x = leaf("x", 3)
    loss = x.sum()
    with pytest.raises(TypeError, match="recorded Tensor"):
        tl.derive(3.0)
    with pytest.raises(TypeError, match="nothing was recorded"):
        tl.derive(tl.tensor(1.0))
    with pytest.raises(ValueError, match="reduce it"):
        tl.derive(x * 2)
    with pytest.raises(ValueError, match="does not depend"):
        tl.derive(loss, wrt=leaf("other", 2))
    with pytest.raises(ValueError, match="does not occur"):
        tl.derive(loss, assuming={"Σq": 1})
    with pytest.raises(TypeError, match="require a gradient"):
        tl.derive(loss, wrt=[3])
    loss = np.exp(x).sum()
    loss.backward()
    with pytest.raises(RuntimeError, match="retain_graph"):
        tl.derive(loss)


def test_deriving_changes_nothing():
    x = leaf("x", 3)
    loss = (np.exp(x) * x).sum()
    tl.derive(loss)
    assert x.grad is None
    loss.backward()
    np.testing.assert_allclose(x.grad, np.exp(x.data) * (1 + x.data))


# ---------------------------------------------------------------------------------------------------------------------
# Local derivatives

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
                    if one is not None:
                        assert re.match(r"∂y/∂\w+[₀-₉]*( = |: g ↦ ).", one.text), one.text
                        if "pullback of" in one.text:
                            unwritten.add(node.primitive.name)
    assert unwritten == {"max_pool"}  # a scatter to the windows' largest entries, which has no usual notation


def evaluated(x, values):
    """A formula's value: an independent reading of what is printed."""
    total = np.zeros(x.shape)
    for coefficient, monomial in x.terms:
        product = np.ones(x.shape) * float(coefficient)
        for atom, power in monomial.items():
            product = product * atom_value(atom, values) ** float(power)
        total = total + product
    return total.reshape(x.shape)


def atom_value(atom, values):
    head, args = atom.head, atom.args
    inner = [evaluated(a, values) if hasattr(a, "terms") else a for a in args]
    if head == "name":
        return {"ln 2": np.log(2), "ln 10": np.log(10), **values}[args[0]]
    if head in ("group", "shaped"):
        return inner[0].reshape(atom.shape)
    if head == "call":
        function = getattr(tl if args[0].endswith("softmax") else np, args[0])
        return function(*inner[1:])
    if head == "transpose":
        return inner[0].T
    if head == "matmul":
        return np.linalg.multi_dot(inner)
    if head == "sum":
        return inner[0].sum(axis=args[1]).reshape(atom.shape)
    assert head == "bracket"
    sign = {"=": np.equal, "≠": np.not_equal, "<": np.less, "≤": np.less_equal, ">": np.greater, "≥": np.greater_equal}
    return sign[args[0]](inner[1], inner[2]).astype(float)


CASES = [
    *[(name, (3,), (3,), (3,)) for name, p in PRIMITIVES.items() if p.broadcasts and not p.params and name != "matmul"],
    *[("matmul", *shapes) for shapes in [((2, 3), (3, 4)), ((2, 3), (3,)), ((2,), (2, 3)), ((3,), (3,))]],
    *[("multiply", (4, 3), (3,)), ("divide", (4, 3), ()), ("add", (4, 3), (4, 1)), ("multiply", (4, 1), (4, 3))],
    *[(name, (4, 3)) for name in ("softmax", "log_softmax", "sigmoid", "relu", "sum", "mean")],
]


@pytest.mark.parametrize(("name", "shapes"), [(name, shapes) for name, *shapes in CASES])
def test_the_formulas_are_what_the_rules_compute(name, shapes):
    """Formula and rule, evaluated on the same numbers, inputs that broadcast included."""
    primitive = PRIMITIVES[name]
    shapes = shapes[: len(primitive.inputs)]
    low, high = (1.2, 3.0) if name == "arccosh" else (0.2, 0.8)
    inputs = [RNG.uniform(low, high, shape) for shape in shapes]
    params = {"axis": (1,)} if "axis" in primitive.params else {}
    params |= {"keepdims": False} if "keepdims" in primitive.params else {}
    y = primitive.forward(*inputs, **params)
    g = np.asarray(RNG.standard_normal(np.shape(y)))
    operands = [named(label, shape) for label, shape in zip(primitive.inputs, shapes, strict=True)]
    values = {"g": g, "y": y, **dict(zip(primitive.inputs, inputs, strict=True))}
    known = primitive.known(y, tuple(inputs), params)
    for i, pull in enumerate(primitive.pulls):
        expected = np.asarray(pull.rule(g, *pull.pick(known)))
        expected = unbroadcast(expected, shapes[i]) if primitive.broadcasts else expected
        formula = pulled_back(primitive, pull, named("g", g.shape), named("y", g.shape), operands, params, i)
        assert "pullback" not in text(formula)
        assert formula.shape == shapes[i]
        np.testing.assert_allclose(evaluated(formula, values), expected, rtol=1e-10, err_msg=text(formula))


ALGEBRA = [
    lambda W, x, v: W @ (-2 * x),
    lambda W, x, v: (2 * W) @ x + v / 3,
    lambda W, x, v: (3 * W).mT @ v - x,
    lambda W, x, v: (v[:, None] * W).sum(axis=0),
    lambda W, x, v: (W * x).sum(axis=1),
    lambda W, x, v: (W * x).sum(axis=1, keepdims=True) * W,
    lambda W, x, v: (W * x + 1).sum(),
    lambda W, x, v: (x[None, :] + v[:, None]).sum(axis=1),
    lambda W, x, v: (x / x).sum() * x,
    lambda W, x, v: (x * 0 + 1).sum(),
    lambda W, x, v: (x + 1) ** 2 / x - x**-2 + x**0.5,
    lambda W, x, v: -(x - 1) * (x + 2) * (x - 1),
    lambda W, x, v: (W.mT * 2).mT @ W.mT @ v,
    lambda W, x, v: (v @ W) * (x > 0.5) + x * ~(x > 0.5),
    lambda W, x, v: ((x > 0.4) | (x < 0.2)) * x + np.where(x > 0.5, x, -x),
    lambda W, x, v: np.exp(x) * np.log(x) - np.tanh(-x) + np.add.reduce(W, axis=0),
    lambda W, x, v: np.matmul(W, x).reshape(2, 1) * W,
    lambda W, x, v: 1 / (1 + np.exp(-x)) - (2 - x) / 4,
]


@pytest.mark.parametrize("n", range(len(ALGEBRA)))
def test_formulas_and_their_expansions_are_what_numpy_computes(n):
    values = {"W": RNG.uniform(0.1, 1, (2, 3)), "x": RNG.uniform(0.1, 1, 3), "v": RNG.uniform(0.1, 1, 2)}
    formula = ALGEBRA[n](*[named(name, x.shape) for name, x in values.items()])
    expected = ALGEBRA[n](*values.values())
    assert formula.shape == np.shape(expected)
    np.testing.assert_allclose(evaluated(formula, values), expected, rtol=1e-12, err_msg=text(formula))
    np.testing.assert_allclose(evaluated(formula.expanded(), values), expected, rtol=1e-12)
    for source in (text(formula), latex(formula)):
        assert source.count("(") == source.count(")")


def test_an_input_that_occurs_twice_has_one_derivative():
    z, A = leaf("z"), leaf("A", 2, 2)
    squared = tl.derive(np.sin(z * z), wrt=z).steps[-1]
    assert [local.text for local in squared.locals] == [f"∂{text(squared.output)}/∂z = 2 z"]
    product = tl.derive((A @ A).sum(), wrt=A).steps[-1]
    assert [local.text for local in product.locals] == [f"∂{text(product.output)}/∂A: g ↦ g Aᵀ + Aᵀ g"]
    assert product.locals[0].latex.endswith(latex(product.locals[0].formula))


def test_any_name_makes_balanced_latex():
    z = leaf("%$#&{x}}\\^~_", 3)
    shown = re.sub(r"\\[{}]", "", tl.derive((z**2).sum(), wrt=z).results[-1].latex)
    assert shown.count("{") == shown.count("}")


def test_a_constant_is_not_indexed():
    x = leaf("x", 5)
    assert "(1)[" not in str(tl.derive(np.concatenate([x[:2], x[3:]]).sum(), wrt=x))
