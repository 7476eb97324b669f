r"""How far functions, sums and derivatives reach, and what is refused because that is not clear."""

from __future__ import annotations

import pytest

from tinygrad_lite.reading.latex import NotRead, parse_latex
from tinygrad_lite.reading.printing import latex_of
from tinygrad_lite.reading.syntax import (
    Apply,
    Big,
    Brackets,
    Expr,
    Fraction,
    Number,
    Partial,
    Product,
    Relation,
    Scripted,
    Sum,
    Symbol,
    Tuple,
)

a, b, d, f, i, j, x, y, z, E, W = [Symbol(name) for name in "abdfijxyzEW"]
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


def partial(of: Expr | None, *by: Expr, sign: str = "∂", applied: bool = False) -> Partial:
    """A derivative."""
    return Partial(sign, of, by, (), applied)


def in_brackets(body: Expr, kind: str = "(") -> Brackets:
    """Something in brackets."""
    return Brackets(kind, body)


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
    # functions
    (r"\operatorname{softmax}(z)_i", down(Apply(word("softmax"), in_brackets(z)), i)),
    (r"\operatorname{diag}(x)^{-1}", up(Apply(word("diag"), in_brackets(x)), Sum((("−", one),)))),
    (r"\log{x}", Apply(word("log"), x)),
    (r"\log \sigma(z)", Apply(word("log"), times(Symbol("σ"), in_brackets(z)))),
    (r"softmax(z)", Apply(word("softmax"), in_brackets(z))),
    (r"x_{max}", down(x, word("max"))),
    (r"\ln -x", Apply(word("ln"), Sum((("−", x),)))),
    # what sums run over
    (r"\sum_{ij} a", Big("∑", Tuple((i, j)), None, a)),
    (r"\sum_{i,j=1}^n a", Big("∑", Relation(Tuple((i, j)), (("=", one),)), Symbol("n"), a)),
    (r"\sum_{\substack{i=1 \\ i \neq j}} a", Big(
        "∑", Tuple((Relation(i, (("=", one),)), Relation(i, (("≠", j),)))), None, a,
    )),
    (r"\prod_i a\, x_i", Big("∏", i, None, times(a, down(x, i)))),
    # indices
    (r"x_{1j}", down(x, one, j)),
    (r"x_{i+1}", down(x, Sum((("+", i), ("+", one))))),
    ("x₁₂⁻¹", Scripted(x, (Number("12"),), (Sum((("−", one),)),))),
    # letters
    (r"\mathbf{Wx}", times(Symbol("W", "bold"), Symbol("x", "bold"))),
    (r"\mathcal{L}", Symbol("ℒ", "script")),
    (r"x'_i{}^2", Scripted(x, (i,), (two,), 1)),
    (r"w^{*}", up(Symbol("w"), Symbol("*"))),
    (r"w^\star", up(Symbol("w"), Symbol("*"))),
    (r"A^+", up(Symbol("A"), Symbol("+"))),
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
    (r"\log(x)^2", "a power behind a function's brackets", "(x)^2"),
    (r"\log{x} y", "whether log is of what follows", "{x}"),
    (r"\ln y (1 - y)", "whether ln is of the brackets", "y (1 - y)"),
    (r"\prod_k x_k y", "whether y is in what ∏ is of", "y"),
    (r"\max_k (x_k) y", "whether y is in what max is of", "y"),
    (r"a{x+y}", "which do not show", "{x+y}"),
    (r"{x+y}^2", "which do not show", "{x+y}"),
    (r"a - {x+y}", "which do not show", "{x+y}"),
    (r"\underbrace{x+y}_{a} d", "which do not show", r"\underbrace{x+y}"),
    (r"x^2^y", "two superscripts", "y"),
    (r"x_{2k}", "two indices or a product", "2k"),
    (r"x_{ij+1}", "write commas between indices", "ij+1"),
])  # fmt: skip
def test_what_is_not_clear_is_refused(text, said, place):
    with pytest.raises(NotRead) as caught:
        parse_latex(text)
    assert said in str(caught.value)
    assert text[slice(*caught.value.span)] == place
