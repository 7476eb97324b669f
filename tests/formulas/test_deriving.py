"""Derivations written out: what they end in, what each step says, and that the formulas are what the rules compute."""

from collections import Counter

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.formulas.algebra import Formula
from tinygrad_lite.formulas.rendering import Text, latex, text

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
    assert str(labels).splitlines()[-3:-1] == ["y = softmax(z)", "∂C/∂z = y − t"]
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
        "δ₂ = ∂C/∂z₂ = a₂ − y",
        f"δ₁ = ∂C/∂z₁ = (W₂ᵀ δ₂) ⊙ {slope}(z₁)",
        "∂C/∂W₁ = δ₁ xᵀ",
        "∂C/∂b₁ = δ₁",
        "∂C/∂W₂ = δ₂ a₁ᵀ",
        "∂C/∂b₂ = δ₂",
    ]
    shown = derivation.latex()
    assert r"\delta_{2} = \frac{\partial C}{\partial z_{2}} &= a_{2} - y" in shown
    assert r"\left(W_{2}^{\top} \, \delta_{2}\right) \odot" in shown
    assert r"\frac{\partial C}{\partial W_{1}} &= \delta_{1} \, x^{\top}" in shown
    assert f"{slope}(z₁) = " in str(derivation)


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
        "δ₂": "(a₂ − t) / 6",
        "δ₁": "(δ₂ W₂ᵀ) ⊙ relu′(z₁)",
        "∂C/∂W₁": "Xᵀ δ₁",
        "∂C/∂b₁": "Σₙδ₁",
        "∂C/∂W₂": "a₁ᵀ δ₂",
        "∂C/∂b₂": "Σₙδ₂",
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


def test_long_chains_stay_readable_and_take_work_in_proportion(monkeypatch):
    """Three times the chain makes three times the formulas, rendered terms and lines: nothing is done once per pair."""
    counts = Counter()

    def counted(owner, name):
        original = getattr(owner, name)

        def call(*args):
            counts[name] += 1
            return original(*args)

        monkeypatch.setattr(owner, name, call)

    counted(Formula, "__init__")
    counted(Text, "sum_of_terms")
    found = []
    for length in (100, 300):
        v = leaf("x", at=0.5)
        for _ in range(length):
            v = np.sin(v)
        counts.clear()
        lines = str(tl.derive(v)).splitlines()
        assert max(map(len, lines)) <= 80
        found.append({**counts, "lines": len(lines)})
    few, many = found
    assert few.keys() == many.keys() == {"__init__", "sum_of_terms", "lines"}
    for what, count in many.items():
        assert few[what] > 0
        assert count < 3.5 * few[what], what
    assert many["lines"] < 2000


def test_a_node_used_twice_receives_both():
    x = leaf("x", at=2.0)
    y = called(x * x, "y")
    assert tl.derive(y * x, wrt=x).results[-1].text == "∂C/∂x = y + 2 x²"
    assert tl.derive(y + y + x).results[-1].text == "∂C/∂x = 1 + 4 x"


def test_sums_of_sums_are_in_parentheses_and_squares_are_steps():
    w = leaf("w", 2, 3)
    derivation = tl.derive((w**2).mean())
    assert [text(step.operation) for step in derivation.steps] == ["Σv₁ / 6", "w²"]
    assert derivation.results[-1].text == "∂C/∂w = w / 3"
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


@pytest.mark.parametrize("product", [np.matmul, np.dot, np.inner, np.vdot, lambda a, b: np.tensordot(a, b, 1)])
def test_the_inner_product_is_a_row_times_a_column(product):
    w, x = leaf("w", 3), leaf("x", 3)
    derivation = tl.derive(called(product(w, x), "E"))
    assert "E = wᵀ x" in str(derivation).splitlines()
    assert r"E &= w^{\top} \, x" in derivation.latex()
    assert [result.text for result in derivation.results] == ["∂E/∂w = x", "∂E/∂x = w"]


def test_what_is_transposed_in_an_inner_product():
    A, x, u, W2 = leaf("A", 3, 3), leaf("x", 3), leaf("u_1", 3), leaf("W^[2]", 3)
    for loss, expected in (
        (called(A @ x, "s") @ u, "C = sᵀ u₁"),
        (u @ x, "C = u₁ᵀ x"),
        (W2 @ x, "C = (W^[2])ᵀ x"),
        (x @ np.ones(3), "C = xᵀ 1"),
        (np.ones(3) @ x, "C = 1ᵀ x"),
        ((x[None] @ A)[0] @ x, "C = v₁ x"),
        (leaf("a", 1, 3) @ x, "C = a x"),
        (x @ A, "y = x A"),
    ):
        assert expected in str(tl.derive(loss, wrt=x)).splitlines()


@pytest.mark.parametrize("at", [2.0, [2.0]])
def test_constants_of_one_entry_are_no_numbers_but_plain_numbers_are(at):
    x, t = leaf("x", 3), constant("t", at)
    derivation = tl.derive((t * t * x).sum())
    assert derivation.results[-1].text == "∂C/∂x = c"
    assert str(derivation).startswith("given x ∈ ℝ³, c = 4\n")
    assert r"x \in \mathbb{R}^{3}, c = 4" in derivation.latex()
    assert tl.derive((t * x).sum()).results[-1].text == "∂C/∂x = t"
    assert tl.derive((called(t * t, "s") * x).sum()).results[-1].text == "∂C/∂x = s"
    assert tl.derive((2 * x * 2).sum()).results[-1].text == "∂C/∂x = 4"
    assert "given x ∈ ℝ³, c ∈ ℝ" in str(tl.derive((x + t * t).sum() * 2))  # a sum does not know it
    two = tl.derive((t * t * x + (t - 5) * np.exp(x)).sum())
    assert str(two).startswith("given x ∈ ℝ³, c = 4, c₁ = −3\n")
    rotated = tl.derive(abs(x * tl.tensor(1j)).sum())
    assert "c ∈ ℂ" in str(rotated)


def test_it_is_said_which_of_names_that_are_shown_alike_is_which():
    a, b, c, d = leaf("v1", 2), leaf("v_1", 2), leaf("v₁", 2), leaf("w1", 2)
    derivation = tl.derive((a * b * c * d).sum())
    said = [("v₁", "the", "v1"), ("v′₁", "the", "v_1"), ("v′′₁", "the", "v₁")]
    assert str(derivation).splitlines()[1:5] == [
        *[f"    {shown} is {which} tensor named '{name}'" for shown, which, name in said],
        "",
    ]
    for typed in (r"\mathtt{v1}", r"\mathtt{v\_1}", r"\mathtt{v{}_{1}}"):
        line = rf"\text{{ is the tensor named }} {typed}"
        for source in (derivation.latex(), derivation.latex(beamer=True), derivation._repr_markdown_()):
            assert line in source
    assert "w" not in str(derivation.namesakes)
    twice = tl.derive((leaf("x", 2) * leaf("x", 2) * leaf("x′", 2)).sum())
    assert [note.text for note in twice.namesakes] == [
        "x is the tensor named 'x'",
        "x′ is another tensor named 'x'",
        "x′′ is the tensor named 'x′'",
    ]
    assert not tl.derive((d * d).sum()).namesakes


def test_errors_say_what_to_do():
    x = leaf("x", 3)
    loss = x.sum()
    with pytest.raises(TypeError, match="recorded Tensor"):
        tl.derive(3.0)
    with pytest.raises(TypeError, match="nothing was recorded"):
        tl.derive(tl.tensor(1.0))
    with pytest.raises(ValueError, match="starts at one number"):
        tl.derive(np.cumsum(x))
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


def test_an_input_that_occurs_twice_has_one_derivative():
    z, A = leaf("z"), leaf("A", 2, 2)
    squared = tl.derive(np.sin(z * z), wrt=z).steps[-1]
    assert [local.text for local in squared.locals] == [f"∂{text(squared.output)}/∂z = 2 z"]
    product = tl.derive((A @ A).sum(), wrt=A).steps[-1]
    assert [local.text for local in product.locals] == [f"∂{text(product.output)}/∂A: g ↦ g Aᵀ + Aᵀ g"]
    assert product.locals[0].latex.endswith(latex(product.locals[0].formula))


def test_a_constant_is_not_indexed():
    x = leaf("x", 5)
    assert "(1)[" not in str(tl.derive(np.concatenate([x[:2], x[3:]]).sum(), wrt=x))


@pytest.mark.parametrize("name", ["v1", "v_1", "v₁", "v¹"])
def test_a_made_name_is_no_given_one_however_that_is_written(name):
    x, y = [tl.Tensor(value, requires_grad=True, name=letter) for value, letter in ((3.0, "x"), (4.0, "y"))]
    w = tl.Tensor(2.0, requires_grad=True, name=name)
    derivation = tl.derive((x * y - w) ** 2)
    assert [text(equation.output) for equation in derivation.forward] == ["v₂", "v₃", "C"]


def test_tensors_of_one_name_are_told_apart_though_another_bears_a_prime():
    x, same, prime = [
        tl.Tensor(value, requires_grad=True, name=n) for value, n in ((3.0, "x"), (4.0, "x"), (5.0, "x′"))
    ]
    lines = str(tl.derive(x * same * prime)).splitlines()
    results = [line for line in lines if line.startswith("∂C/∂x")]
    assert len({line.split(" = ")[0] for line in results}) == 3


@pytest.mark.parametrize("digits", ["subscript", "layer", "plain"])
def test_tensors_that_would_be_shown_alike_are_told_apart_in_every_convention(digits):
    names = ["W1", "W_1", "W¹", "W^[1]", "W", "W′", "z 1", "z1"]
    tensors = [tl.Tensor(2.0 + k, requires_grad=True, name=name) for k, name in enumerate(names)]
    derivation = tl.derive(np.prod(np.stack(tensors)), digits=digits)
    for shown in ([one.text for one in derivation.given], [one.latex for one in derivation.given]):
        assert len(set(shown)) == len(names)
    assert len({result.label[0] for result in derivation.results}) == len(names)


def test_layers_bear_their_number_as_asked():
    W2, x = leaf("W2", 3, 3), constant("x1", np.ones(3))
    z2 = called(W2 @ x, "z2")
    for digits, said in (
        ("subscript", ["δ₂ = ∂C/∂z₂ = 2 z₂", "∂C/∂W₂ = δ₂ x₁ᵀ"]),
        ("layer", ["δ^[2] = ∂C/∂z^[2] = 2 z^[2]", "∂C/∂W^[2] = δ^[2] x₁ᵀ"]),
        ("plain", ["δ2 = ∂C/∂z2 = 2 z2", "∂C/∂W2 = δ2 (x1)ᵀ"]),
    ):
        assert [result.text for result in tl.derive((z2**2).sum(), digits=digits).results] == said
    assert r"W^{[2]} \, x_{1}" in tl.derive((z2**2).sum(), digits="layer").latex()
    with pytest.raises(ValueError, match=r"derive: digits is .* not 'superscript'"):
        tl.derive((z2**2).sum(), digits="superscript")


def test_what_is_given_says_of_what_set_it_is():
    z = leaf("z", 4)
    derivation = tl.derive(
        (z[[0, 1, 2, 3, 0, 1, 2]] * np.array([0.5, 1, 2, 3, 4, 5, 6])).sum() * 2 + tl.cross_entropy(z, 1)
    )
    assert [one.text for one in derivation.given] == ["z ∈ ℝ⁴", "b ∈ ℝ⁷", "indices ∈ ℤ⁷", "t ∈ {0, 1}¹ˣ⁴"]
    assert derivation.given[0].latex == r"z \in \mathbb{R}^{4}"
    assert derivation.given[3].latex == r"t \in \{0, 1\}^{1 \times 4}"


def test_a_product_with_a_column_of_one_entry_is_written_as_one() -> None:
    """Of one output neuron, too, ∂C/∂W is δ aᵀ: a row, as W is."""
    a, W = tl.tensor([0.5, -1.0], name="a"), tl.tensor([[1.0, 2.0]], requires_grad=True, name="W")
    z = W @ a
    z.name = "z"
    assert tl.derive(np.exp(z).sum()).results[-1].text == "∂C/∂W = δ₁ aᵀ"
