"""TeX becomes the trees that it stands for, and what is no formula is refused with its place."""

from __future__ import annotations

import pytest

from tinygrad_lite.reading.latex import NotRead, parse_formulas, parse_latex
from tinygrad_lite.reading.printing import unicode_of
from tinygrad_lite.reading.syntax import (
    Annotated,
    Apply,
    Big,
    Brackets,
    Cases,
    Expr,
    Fraction,
    Number,
    Partial,
    Product,
    Qualified,
    Relation,
    Root,
    Scripted,
    Sum,
    Symbol,
    Tuple,
    Words,
)


def s(name: str, style: str = "") -> Symbol:
    """A letter."""
    return Symbol(name, style)


def sub(base: Expr, *lower: str) -> Scripted:
    """A letter with indices."""
    return Scripted(base, tuple([s(name) for name in lower]))


def up(base: Expr, *upper: Expr) -> Scripted:
    """Something with superscripts."""
    return Scripted(base, (), upper)


def times(*factors: Expr) -> Product:
    """Factors side by side."""
    return Product(tuple([("", factor) for factor in factors]))


def brackets(body: Expr, kind: str = "(") -> Brackets:
    """Round brackets, or others."""
    return Brackets(kind, body)


z, y, E, one, two = s("z"), s("y"), s("E"), Number("1"), Number("2")


@pytest.mark.parametrize(("text", "tree"), [
    (r"\frac12", Fraction(one, two)),
    (r"\frac{1}{2}x", times(Fraction(one, two), s("x"))),
    (r"x_12", times(Scripted(s("x"), (one,)), two)),
    (r"w_{ij}", sub(s("w"), "i", "j")),
    (r"x_{i,j}", sub(s("x"), "i", "j")),
    (r"x_{i+1}", Scripted(s("x"), (Sum((("+", s("i")), ("+", one))),))),
    (r"x^{(i)}_j", Scripted(s("x"), (s("j"),), (brackets(s("i")),))),
    (r"A^{[l-1]T}", up(s("A"), brackets(Sum((("+", s("l")), ("−", one))), "["), s("T"))),
    (r"X^{-T}", up(s("X"), Sum((("−", s("T")),)))),
    (r"\mathbf w_j^\top \mathbf x", times(Scripted(s("w", "bold"), (s("j"),), (s("⊤"),)), s("x", "bold"))),
    (r"\overrightarrow{x_n}", sub(s("x", "bold"), "n")),
    (r"\hat{\mathbf{y}}", Symbol("y\u0302", "bold")),
    (r"\sigma_{\text{sig}}(z)", times(Scripted(s("σ"), (s("sig", "word"),)), brackets(z))),
    (r"\sigma'(z)", times(Scripted(s("σ"), primes=1), brackets(z))),
    (r"w'_{jk}", Scripted(s("w"), (s("j"), s("k")), (), 1)),
    (r"\sigma(z)_i", Scripted(times(s("σ"), brackets(z)), (s("i"),))),
    (r"[S(y)]_w", sub(brackets(times(s("S"), brackets(y)), "["), "w")),
    (r"p_i(1-p_j)", times(sub(s("p"), "i"), brackets(Sum((("+", one), ("−", sub(s("p"), "j"))))))),
    (r"a_{y_i}", Scripted(s("a"), (sub(y, "i"),))),
    (r"\tanh^2(z)", Apply(Scripted(s("tanh", "word"), (), (two,)), brackets(z))),
    (r"t_k \ln y_k", times(sub(s("t"), "k"), Apply(s("ln", "word"), sub(y, "k")))),
    (r"\log(a) b", times(Apply(s("log", "word"), brackets(s("a"))), s("b"))),
    (r"\log a b", Apply(s("log", "word"), times(s("a"), s("b")))),
    (r"\log \sigma(t)", Apply(s("log", "word"), times(s("σ"), brackets(s("t"))))),
    (r"log(p)", Apply(s("log", "word"), brackets(s("p")))),
    (r"\ln a \ln b", times(Apply(s("ln", "word"), s("a")), Apply(s("ln", "word"), s("b")))),
    (r"\sqrt[3]{x}", Root(s("x"), Number("3"))),
    (r"\sum_k^K t_k y", Big("∑", s("k"), s("K"), times(sub(s("t"), "k"), y))),
    (r"\sum_{k=1}^K t_k - y", Sum((
        ("+", Big("∑", Relation(s("k"), (("=", one),)), s("K"), sub(s("t"), "k"))), ("−", y),
    ))),
    (r"\sum_{i \neq k} -p", Big("∑", Relation(s("i"), (("≠", s("k")),)), None, Brackets("", Sum((("−", s("p")),))))),
    (r"\max(0, x)", Apply(s("max", "word"), brackets(Tuple((Number("0"), s("x")))))),
    (r"\max_k x_k", Big("max", s("k"), None, sub(s("x"), "k"))),
    (r"\frac{\partial E}{\partial z_j}", Partial("∂", E, (sub(z, "j"),))),
    (r"\frac{\partial^2 E}{\partial z^2}", Partial("∂", E, (z, z))),
    (r"\frac{\partial^2 E}{\partial z \partial y}", Partial("∂", E, (z, y))),
    (r"\frac{d f}{d x}", Partial("d", s("f"), (s("x"),))),
    (r"\frac{\mathrm{d} f}{\mathrm{d} x}", Partial("d", s("f"), (s("x"),))),
    (r"\partial E/\partial z", Partial("∂", E, (z,))),
    (r"\frac{\partial}{\partial z} z y", Partial("∂", times(z, y), (z,), (), True)),
    (r"\frac{\partial}{\partial z}(z) y", times(Partial("∂", brackets(z), (z,), (), True), y)),
    (r"\frac{\partial}{\partial z}\,-\log(z)", Partial(
        "∂", Brackets("", Sum((("−", Apply(s("log", "word"), brackets(z))),))), (z,), (), True,
    )),
    (r"\nabla_{\mathbf{a}}^L C \odot y", Product((
        ("", Partial("∇", s("C"), (s("a", "bold"),), (s("L"),), True)), ("⊙", y),
    ))),
    (r"|x| \leq \delta", Relation(brackets(s("x"), "|"), (("≤", s("δ")),))),
    (r"|x|\,|y|", times(brackets(s("x"), "|"), brackets(y, "|"))),
    (r"\|x\|_2^2", Scripted(brackets(s("x"), "‖"), (two,), (two,))),
    (r"1\{y = k\}", times(one, brackets(Relation(y, (("=", s("k")),)), "{"))),
    (r"\underbrace{a}_{\text{MSE}}", Annotated("underbrace", s("a"), s("MSE", "word"))),
    (r"\begin{cases} y & \text{if } j = k \\ 0 & \text{otherwise} \end{cases}", Cases((
        (y, Words(("if ", Relation(s("j"), (("=", s("k")),))))), (Number("0"), Words(("otherwise",))),
    ))),
    (r"x = y \text{ for } j = k", Qualified(
        Relation(s("x"), (("=", y),)), (Words((" for ", Relation(s("j"), (("=", s("k")),)))),),
    )),
    (r"\left( a \right)^2 \qquad (12)", up(brackets(s("a")), two)),
    ("∂ ≠ σ", Relation(s("∂"), (("≠", s("σ")),))),
    ("z₁²", Scripted(z, (one,), (two,))),
])  # fmt: skip
def test_tex_is_read_as_it_stands(text, tree):
    assert parse_latex(text) == tree


@pytest.mark.parametrize(("text", "said", "place"), [
    (r"(a", "is not closed", (0, 1)),
    (r"\frac{a}{b", "is not closed", (8, 9)),
    (r"a)", "closes what is not open", (1, 2)),
    (r"\foo{x}", r"the command \foo is not read", (0, 4)),
    (r"p(x|\theta|)", "is this bar | one of a condition", (3, 4)),
    (r"W_{hidd-2-out}", "the hyphenated name hidd-2-out", (3, 13)),
    (r"a + = b", "is not expected here", (4, 5)),
    (r"\left. x \right|", "the bracket | is not closed", (15, 16)),
    ("", "there is nothing here", (0, 0)),
    ("n!", "a factorial", (1, 2)),
    (r"\ln \cdot a", "without an argument", None),
    (r"a \cdot", "nothing behind it", None),
])  # fmt: skip
def test_what_is_no_formula_is_refused_with_its_place(text, said, place):
    with pytest.raises(NotRead) as caught:
        parse_latex(text)
    assert said in str(caught.value)
    assert place is None or caught.value.span == place


def test_rows_of_an_environment_are_read_one_by_one():
    text = r"\begin{align} a &= b \\[2ex] &= \frac{c}d} \\ &= d_j, \quad i = j \end{align}"
    first, second, third = parse_formulas(text)
    assert first == Relation(s("a"), (("=", s("b")),))
    assert isinstance(second, NotRead)
    assert text[slice(*second.span)] == "}"
    assert third == Qualified(Relation(None, (("=", sub(s("d"), "j")),)), (Relation(s("i"), (("=", s("j")),)),))


def test_two_formulas_with_a_comma_between_are_two():
    found = [unicode_of(tree) for tree in parse_formulas(r"\mu = a, \qquad \nu = b,")]
    assert found == ["μ = a", "ν = b"]


def test_words_that_are_declared_are_one_symbol():
    assert parse_latex("loss", names={"loss"}) == s("loss", "word")
    assert parse_latex("lo") == times(s("l"), s("o"))


def test_every_node_knows_its_place():
    text = r"a + \frac{b}{c_k}"
    tree = parse_latex(text)
    assert isinstance(tree, Sum)
    fraction = tree.terms[1][1]
    assert isinstance(fraction, Fraction)
    assert text[slice(*fraction.below.span)] == "c_k"
