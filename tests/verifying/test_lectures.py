"""Pages as lecture notes have them hold, and mistakes planted in them are found.

The pages are in ``docs/pages``; beside this file, in ``pages``, each has a copy in which every claim is wrong in one
place, as people's are, while the definitions are as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tinygrad_lite.reading.edits import Edit, edits, edits_by, transposes
from tinygrad_lite.reading.equations import Equation
from tinygrad_lite.reading.latex import parse_latex
from tinygrad_lite.reading.printing import latex_of, unicode_of
from tinygrad_lite.reading.spelling import letters_in
from tinygrad_lite.reading.syntax import Apply, Big, Brackets, Expr, Product, Scripted, Symbol
from tinygrad_lite.verifying.marking import Marking
from tinygrad_lite.verifying.marks import Marked
from tinygrad_lite.verifying.papers import read_file

ROOT = Path(__file__).parents[2]
WRONG = Path(__file__).parent / "pages"
PAGES = sorted(page.stem for page in (ROOT / "docs" / "pages").glob("*.md"))

SOME = PAGES[::3]
"""Pages that every run reads, and that whole; the long one reads all."""

each_page = pytest.mark.parametrize(
    "page", [pytest.param(page, marks=() if page in SOME else pytest.mark.long) for page in PAGES]
)

CONDITIONS = {("softmax", "∂E/∂zᵢ", "pᵢ − tᵢ"): "Σ t = 1"}
"""What claims of the pages hold under; all others hold."""


@cache
def right(page: str) -> Marking:
    (marking,) = read_file(ROOT / "docs" / "pages" / f"{page}.md").markings
    return marking


@cache
def wrong(page: str) -> Marking:
    (marking,) = read_file(WRONG / f"{page}-wrong.md").markings
    return marking


def sides(mark: Marked) -> tuple[str, str]:
    """Both sides of a statement, as they are shown."""
    assert mark.statement.left is not None
    assert mark.statement.right is not None
    return unicode_of(mark.statement.left), unicode_of(mark.statement.right)


def claims(page: str) -> list[tuple[Marked, Marked]]:
    """The claims of a page, each with what stands there in the copy."""
    pairs = list(zip(right(page).marks, wrong(page).marks, strict=True))
    return [(a, b) for a, b in pairs if a.verdict in ("holds", "holds when")]


def test_there_are_pages():
    assert len(PAGES) >= 12
    assert {f"{page}-wrong" for page in PAGES} == {page.stem for page in WRONG.glob("*.md")}


@each_page
def test_every_claim_of_a_page_holds(page):
    verdicts = {mark.verdict for mark in right(page).marks}
    assert verdicts <= {"holds", "holds when", "defines", "not a claim"}
    assert 8 <= len(claims(page)) + sum(mark.verdict == "defines" for mark in right(page).marks) <= 30
    found = {(page, *sides(mark)): mark.why for mark in right(page).marks if mark.verdict == "holds when"}
    assert found == {claim: why for claim, why in CONDITIONS.items() if claim[0] == page}


@each_page
def test_every_planted_mistake_is_found_where_it_stands(page):
    for a, b in claims(page):
        assert sides(a) != sides(b)
        assert b.verdict == "misprinted", sides(b)
        assert b.statement.formula.line == a.statement.formula.line
        assert b.why


@each_page
def test_the_copies_have_the_same_definitions(page):
    for a, b in zip(right(page).marks, wrong(page).marks, strict=True):
        if a.verdict == "defines":
            assert b.verdict == "defines"
            assert sides(a) == sides(b)


# ---------------------------------------------------------------------------------------------------------------------
# What a wrong formula was meant to be


def normal(tree: Expr) -> str:
    """A formula as text, with numbers that are multiplied in the order of the alphabet."""
    if isinstance(tree, Product) and any(isinstance(factor, Scripted) and factor.lower for _, factor in tree.factors):
        return " ".join(sorted([sign + unicode_of(factor) for sign, factor in tree.factors]))
    if isinstance(tree, Big) and tree.body is not None:
        return f"{tree.operator} {tree.lower} {normal(tree.body)}"
    return unicode_of(tree).replace("⊤", "T")


def is_mended(a: Marked, b: Marked) -> bool:
    """Whether the mended form of a wrong claim is the right one."""
    assert a.statement.right is not None
    return bool(b.mended) and normal(parse_latex(b.mended)) == normal(parse_latex(latex_of(a.statement.right)))


@pytest.mark.parametrize("pages", [SOME, pytest.param(PAGES, marks=pytest.mark.long)], ids=["some", "all"])
def test_most_mended_forms_are_the_right_ones(pages):
    pairs = [pair for page in pages for pair in claims(page)]
    assert sum(is_mended(a, b) for a, b in pairs) >= 0.75 * len(pairs)
    assert sum(bool(b.mended) for _, b in pairs) >= 0.95 * len(pairs)


# ---------------------------------------------------------------------------------------------------------------------
# Every sign, index, transpose and range, one at a time

KINDS = ("sign", "index", "transpose", "range", "sum")

EQUIVALENT = {
    "Kronecker's delta is symmetric": (
        "Aᵢⱼ(δₗⱼ − Aᵢₗ)",
        "Σₗ₌₁ᵐ ∂L/∂Aᵢₗ Aᵢₗ (δⱼₗ − Aᵢⱼ)",
        "Σₐ₌₁ᵐ wₐ δᵢ₊ₐ₋₁ₖ",
        "Σᵢ₌₁ⁿ⁻ᵐ⁺¹ Σₐ₌₁ᵐ (yᵢ − tᵢ) wₐ δᵢ₊ₐ₋₁ₖ",
        "pₖ(δᵢₖ − pᵢ)",
        "δᵢₖ − pᵢ",
        "−Σₖ₌₁ᴷ tₖ/pₖ pₖ (δᵢₖ − pᵢ)",
        "pᵢ (δⱼᵢ − pⱼ) Σₖ₌₁ᴷ tₖ",
        "δⱼᵢ",
        "δⱼᵢ(1 + 1/σⱼ²)",
    ),
    "where it is not zero, both indices are one": ("δᵢⱼ(1 + 1/σᵢ²)",),
    "the sum is zero": (
        "2/N Σₙ₌₁ᴺ (xₙⱼ − μⱼ)",
        "−(−2/N) Σₙ₌₁ᴺ (xₙⱼ − μⱼ)",
        "−2/N Σₙ₌₁ᴺ (μⱼ − xₙⱼ)",
    ),
    "squares have no sign": (
        "Σₙ₌₁ᴺ yₙ (1 − yₙ) (−Σ_{d = 1}ᴰ X_{n,d} v_d)²",
        "(e^{zₖ} Σⱼ e^{zⱼ} − e^{zₖ} e^{zₖ})/(−Σⱼ e^{zⱼ})²",
        "−e^{zₖ} e^{zᵢ}/(−Σⱼ e^{zⱼ})²",
        "1/sⱼ − (σⱼ² + (mⱼ − μⱼ)²)/sⱼ³",
    ),
    "the slope of the logistic function is even": ("(Vᵀ(y − t)) ⊙ σ′ (−a)",),
    "a covariance is symmetric": ("Σ⁻¹",),
    "two columns side by side are read as their inner product where all else is a number, with a remark": (
        "1/2 (X w − y) (X w − y) + λ/2 wᵀ w",
        "1/2 (X w − y)ᵀ (X w − y) + λ/2 w w",
        "1/2 wᵀ Xᵀ X w − yᵀ X w + 1/2 y y + λ/2 wᵀ w",
        "1/2 wᵀ Xᵀ X w − yᵀ X w + 1/2 yᵀ y + λ/2 w w",
        "1/2 wᵀ (Xᵀ X + λ I) w − yᵀ X w + 1/2 y y",
        "−w_c v + ln Σⱼ₌₁ⱽ exp(wⱼᵀ v)",
        "−w_cᵀ v + ln Σⱼ₌₁ⱽ exp(wⱼ v)",
    ),
    "transposing a factor does not change a determinant": (
        "det((A X B)ᵀ) X⁻ᵀ",
        "det(Aᵀ X B) X⁻ᵀ",
        "det(A Xᵀ B) X⁻ᵀ",
        "det(A X Bᵀ) X⁻ᵀ",
        "det(Xᵀ) X⁻ᵀ",
    ),
}
"""Changed right sides that are right, too, and why."""

LISTED = {side for sides in EQUIVALENT.values() for side in sides}


MISSING = "a transpose is missing"


def turned(statement: Equation) -> Iterator[Edit]:
    """The changes of a claim's right side, but for those that add a transpose."""
    assert statement.left is not None
    assert statement.right is not None
    letters = frozenset([*letters_in(statement.left), *letters_in(statement.right)])
    yield from [edit for edit in edits(statement.right, letters) if edit.kind in KINDS and edit.said != MISSING]


def transposed(side: Expr) -> Iterator[tuple[Expr, Expr, Expr]]:
    """A right side with one thing transposed; with the trace of that thing; and the thing."""
    things: list[Expr] = []

    def transposing(node: Expr) -> Iterator[tuple[str, str, Expr]]:
        yield from [change for change in transposes(node, frozenset()) if change[1] == MISSING]

    def tracing(node: Expr) -> Iterator[tuple[str, str, Expr]]:
        for kind, said, _ in transposing(node):
            things.append(node)
            yield kind, said, Apply(Symbol("tr", "word"), Brackets("(", node))

    for one, other in zip(edits_by(side, transposing), edits_by(side, tracing), strict=True):
        yield one.tree, other.tree, things[-1]


def is_own_transpose(marking: Marking, statement: Equation, thing: Expr) -> bool:
    """Whether something is a symmetric matrix, or a column, which may be written as a row; or a function's name."""
    found = marking.page.vocabulary.spell(thing)
    if found is not None and found.name in marking.page.vocabulary.functions:
        return True  # σᵀ(x) is σ(x)ᵀ, a number's
    bare = isinstance(thing, (Symbol, Brackets)) or (isinstance(thing, Scripted) and not thing.upper)
    across = Scripted(thing if bare else Brackets("(", thing), upper=(Symbol("T"),))
    other = replace(statement, left=thing, conditions=(), counters=(), vectors=None)
    with marking.trying(other):
        return marking.holds_as(other, across)


PARTS = 6


@pytest.mark.sampled(PARTS // 2)
@pytest.mark.parametrize("part", range(PARTS))
@each_page
def test_a_sign_an_index_a_transpose_or_a_range_changes_the_verdict(page, part):
    marking = right(page)
    for mark, _ in claims(page)[part::PARTS]:
        with marking.trying(mark.statement):
            holding = [edit.tree for edit in turned(mark.statement) if marking.holds_as(mark.statement, edit.tree)]
        assert {unicode_of(tree) for tree in holding} <= LISTED


@pytest.mark.sampled(PARTS // 2)
@pytest.mark.parametrize("part", range(PARTS))
@each_page
def test_a_transpose_more_changes_the_verdict_but_for_numbers_and_symmetric_matrices(page, part):
    marking = right(page)
    for mark, _ in claims(page)[part::PARTS]:
        statement = mark.statement
        assert statement.right is not None
        with marking.trying(statement):
            holding = [
                (tree, thing)
                for tree, traced, thing in transposed(statement.right)
                if marking.holds_as(statement, tree) and not marking.holds_as(statement, traced)  # of a number, itself
            ]
        for tree, thing in holding:
            assert unicode_of(tree) in LISTED or is_own_transpose(marking, statement, thing)
