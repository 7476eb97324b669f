r"""How far functions, sums and derivatives reach, and what is refused because that is not clear."""

from __future__ import annotations

import pytest

from tinygrad_lite.reading.latex import NotRead, parse_latex
from tinygrad_lite.reading.printing import latex_of
from tinygrad_lite.reading.syntax import (
    Apply,
    Derivative,
    Expr,
    Fraction,
    Group,
    Number,
    Product,
    Scripted,
    Symbol,
)

a, b, d, f, x, y, z, E, W = [Symbol(name) for name in "abdfxyzEW"]
one, two = Number("1"), Number("2")


def times(*factors: Expr) -> Product:
    """Factors side by side."""
    return Product(tuple([("", factor) for factor in factors]))


def operated(first: Expr, operator: str, second: Expr) -> Product:
    """Two factors with an operator between."""
    return Product((("", first), (operator, second)))


def up(base: Expr, *upper: Expr) -> Scripted:
    """A base with superscripts."""
    return Scripted(base, (), upper)


def down(base: Expr, *lower: Expr) -> Scripted:
    """A base with subscripts."""
    return Scripted(base, lower)


def partial(of: Expr | None, *by: Expr, sign: str = "∂", applied: bool = False) -> Derivative:
    """A derivative."""
    return Derivative(sign, of, by, (), applied)


def in_brackets(body: Expr, kind: str = "(") -> Group:
    """Something in brackets."""
    return Group(kind, body)


def word(name: str) -> Symbol:
    """A function's name."""
    return Symbol(name, "word")


@pytest.mark.parametrize(("text", "tree"), [
    (r"\frac{\partial E}{\partial W^2}", partial(E, up(W, two))),
    (r"\frac{\partial^2 E}{\partial W^1 \partial W^2}", partial(E, up(W, one), up(W, two))),
    (r"\frac{\partial^3 E}{\partial x^2 \partial y}", partial(E, x, x, y)),
    (r"\frac{d y}{d x}", partial(y, x, sign="d")),
    (r"\frac{d_k}{d}", Fraction(down(d, Symbol("k")), d)),
    (r"\frac{d}{d}", Fraction(d, d)),
    (r"a\, \partial E/\partial z_j", times(a, partial(E, down(z, Symbol("j"))))),
    (r"\partial E/\partial z\, \partial z/\partial W", times(partial(E, z), partial(z, W))),
    (r"dy/dx", partial(y, x, sign="d")),
    (r"\frac{\partial}{\partial z}(z)\frac{\partial z}{\partial W}", times(
        partial(in_brackets(z), z, applied=True), partial(z, W),
    )),
    (r"\frac{\partial}{\partial x}\frac{\partial f}{\partial y}", partial(partial(f, y), x, applied=True)),
    (r"\nabla_x \frac12 \|x\|^2", partial(
        times(Fraction(one, two), up(in_brackets(x, "‖"), two)), x, sign="∇", applied=True,
    )),
    (r"\ln x \cdot y", operated(Apply(word("ln"), x), "·", y)),
    (r"\sin x \cos y", times(Apply(word("sin"), x), Apply(word("cos"), y))),
])  # fmt: skip
def test_how_far_it_reaches(text, tree):
    assert parse_latex(text) == tree
    assert parse_latex(latex_of(tree)) == tree


@pytest.mark.parametrize(("text", "said", "place"), [
    (r"\frac{\partial E}{d z}", "∂ stands above, d below", r"\frac{\partial E}{d z}"),
    (r"\frac{\partial E}{\partial loss}", "declare them as one word", "loss"),
    (r"\frac{dE}{d z x}", "declare them as one word", "z x"),
    (r"\frac{\partial^2 E}{\partial z}", "∂ stands 2 times above and 1 times below", "z"),
    (r"\frac{\partial E}{\partial (W x)}", "by what is no symbol", "(W x)"),
    (r"\frac{d}{dx}(x + 1)(x - 1)", "whether this is differentiated, too", "(x - 1)"),
    (r"\frac{d}{dx} f(x) \frac{dx}{dt}", "whether this is differentiated, too", r"\frac{dx}{dt}"),
    (r"\frac{\partial f}{\partial x}(x)", "taken there, or multiplied", "(x)"),
    (r"\nabla_w L^T v", "whether the gradient is transposed", "L^T"),
    (r"\nabla \cdot f", "a divergence", r"\nabla \cdot"),
])  # fmt: skip
def test_what_is_not_clear_is_refused(text, said, place):
    with pytest.raises(NotRead) as caught:
        parse_latex(text)
    assert said in str(caught.value)
    assert text[slice(*caught.value.span)] == place
