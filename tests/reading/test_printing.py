"""Trees are written so that they read as themselves again, however they were made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.reading.edits import edits
from tinygrad_lite.reading.latex import NotRead, parse_formulas, parse_latex
from tinygrad_lite.reading.printing import latex_of, unicode_of
from tinygrad_lite.reading.syntax import (
    Apply,
    Big,
    Brackets,
    Expr,
    Fraction,
    Number,
    Product,
    Relation,
    Scripted,
    Sum,
    Symbol,
)

from .written import WRITTEN

NAMES = {"loss", "KL", "hidden", "in", "dW", "dZ"}

TEXTS = [text for case in WRITTEN for text in (*case.before, case.formula)] + [
    statement.latex for statement in CATALOGUE if statement.kind != "claim" and not statement.latex.startswith(r"\text")
]


@pytest.mark.parametrize("text", sorted(set(TEXTS)))
def test_what_is_written_reads_as_the_same_tree(text):
    for tree in parse_formulas(text, NAMES):
        if not isinstance(tree, NotRead):
            assert parse_formulas(latex_of(tree), NAMES) == [tree]
            assert unicode_of(tree)


def test_edited_trees_too():
    tree = parse_latex(r"\frac{\partial E}{\partial z_j} = \sum_k t_k y_j (\delta_{jk} - W_{jk}^T x) - \ln(1 - y_j)")
    assert isinstance(tree, Relation)
    written = [(latex_of(edit.tree), edit.tree) for edit in edits(tree, frozenset("jk"))]
    assert len(written) > 30
    for text, changed in written:
        assert unicode_of(parse_latex(text)) == unicode_of(changed)


@pytest.mark.parametrize(
    ("text", "shown"),
    [(r"{\mathbf{a}^{L - 1}}^{T}", "(aᴸ⁻¹)ᵀ"), (r"A^{l T}", "Aˡᵀ"), (r"A^{\left[l - 1\right] T}", "A^{[l − 1],T}")],
)
def test_transposes_behind_other_superscripts(text, shown):
    tree = parse_latex(text)
    assert isinstance(tree, Scripted)
    assert len(tree.upper) == 2
    assert latex_of(tree) == text
    assert unicode_of(tree) == shown


letters = st.sampled_from("abcxyzWβσ").map(Symbol)
indices = st.sampled_from("ijk").map(Symbol)
atoms = st.one_of(
    letters,
    st.integers(0, 99).map(lambda n: Number(str(n))),
    st.builds(lambda base, lower: Scripted(base, tuple(lower)), letters, st.lists(indices, min_size=1, max_size=2)),
)


def bracketed(tree: Expr) -> Expr:
    """In round brackets, where it is more than one thing."""
    return tree if isinstance(tree, (Symbol, Scripted, Brackets, Fraction)) else Brackets("(", tree)


def larger(trees: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Made of smaller ones."""
    closed = trees.map(bracketed)
    factors = st.lists(closed, min_size=2, max_size=3).map(lambda parts: Product(tuple([("", part) for part in parts])))
    terms = st.lists(st.tuples(st.sampled_from("+−"), closed), min_size=2, max_size=3).map(
        lambda parts: Sum(tuple(parts))
    )
    return st.one_of(
        factors,
        terms,
        st.builds(Fraction, trees, trees),
        st.builds(lambda body: Apply(Symbol("ln", "word"), Brackets("(", body)), trees),
        st.builds(lambda index, body: Big("∑", index, None, body), indices, closed),
    )


@given(st.recursive(atoms, larger, max_leaves=12))
def test_random_trees_survive(tree):
    assert parse_latex(latex_of(tree)) == tree


def test_blackboard_letters_are_shown_as_such():
    assert unicode_of(parse_latex(r"x \in \mathbb{R}^n")) == "x ∈ ℝⁿ"
