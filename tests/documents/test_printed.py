"""Formulas as data: each sign, index, transpose and range in their LaTeX is turned, and changes what is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

pytest.importorskip("lark")
pytest.importorskip("markdown_it")

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.reading.edits import Edit, edits
from tinygrad_lite.reading.printing import unicode_of
from tinygrad_lite.reading.spelling import letters_in
from tinygrad_lite.verifying import Quoted
from tinygrad_lite.verifying.marking import OF_NUMBERS
from tinygrad_lite.verifying.marks import Marked
from tinygrad_lite.verifying.quoting import Check

FUSED = {
    "sigmoid",
    "relu",
    "sloped_relu",
    "softmax",
    "log_softmax",
    "logsumexp",
    "cross_entropy",
    "cross_entropy_of_labels",
}

QUOTED = [said for said in CATALOGUE if isinstance(said, Quoted)]
KINDS = ("sign", "index", "transpose", "range")
MISSING = "a transpose is missing"


EQUIVALENT = {
    "squares have no sign": (
        ("notes-diagonal-quotient", "(e^{zₖ} z − (e^{zₖ}) e^{zₖ})/(−z)²"),
        ("notes-diagonal-split", "e^{zₖ}/z − (−e^{zₖ}/z)²"),
        ("notes-off-diagonal-quotient", "(0 − (e^{zₖ}) (e^{zⱼ}))/(−z)²"),
        ("vege-8", "1/2 ‖yᵢ − aᵢ‖₂²"),
        (
            "vege-4.1.2-softmax-3",
            "{ −e^{zⱼ} e^{zᵢ}/(Σₖ₌₁ᴷ e^{zₖ})² if j ≠ i; e^{zⱼ}/(Σₖ₌₁ᴷ e^{zₖ}) − e^{zⱼ} e^{zᵢ}/(−Σₖ₌₁ᴷ e^{zₖ})² if j = i }",  # noqa: E501
        ),
        (
            "vege-4.1.2-softmax-3",
            "{ −e^{zⱼ} e^{zᵢ}/(−Σₖ₌₁ᴷ e^{zₖ})² if j ≠ i; e^{zⱼ}/(Σₖ₌₁ᴷ e^{zₖ}) − e^{zⱼ} e^{zᵢ}/(Σₖ₌₁ᴷ e^{zₖ})² if j = i }",  # noqa: E501
        ),
        ("vege-6.1-quadratic-1", "∂/∂aᴸ (1/2 (y − aᴸ)²)"),
    ),
    "nothing has no sign": (("notes-off-diagonal-quotient", "(−0 − (e^{zₖ}) (e^{zⱼ}))/(z)²"),),
    "δ is symmetric": (
        ("notes-jacobian", "yₖ(δₖⱼ − yⱼ)"),
        ("notes-inserted", "Σₖ₌₁ᴷ −tₖ/yₖ yₖ (δₖⱼ − yⱼ)"),
        ("notes-summed", "−Σₖ₌₁ᴷ tₖ(δₖⱼ − yⱼ)"),
        ("answer-line-6", "−1/σₜ [δₜⱼ e^{zₜ}/(Σ_K e^{zₖ}) − e^{zₜ}/(Σ_K e^{zₖ}) e^{zⱼ}/(Σ_K e^{zₖ})]"),
        ("answer-line-7", "−1/σₜ (δₜⱼ σₜ − σₜ σⱼ)"),
        ("answer-line-8", "−(δₜⱼ − σⱼ)"),
        ("answer-gradient", "σⱼ − δₜⱼ"),
        ("vege-4.1.2-softmax-5", "(σₛₘ(z))ⱼ(δᵢⱼ − (σₛₘ(z))ᵢ)"),
        ("vege-16", "(σₛₘ(z))ⱼ(δᵢⱼ − (σₛₘ(z))ᵢ)"),
    ),
    "of a sum over k the derivative by zⱼ takes the term with k = j": (
        ("notes-again-4", "∂/∂zⱼ [Σₖᴷ tₖ ln(Σᵢ₌₁ᴷ e^{zᵢ}) − tⱼ zₖ]"),
    ),
    "the letter under the sum is that of the length, and is read as the index that is meant": (
        ("answer-softmax", "e^{zⱼ}/(Σₖ e^{zₖ})"),
        ("answer-line-5", "−1/σₜ [∂/∂zⱼ e^{zₜ}/(Σ_K e^{zₖ}) − e^{zₜ} ∂/∂zⱼ Σ_K e^{zₖ}/[Σₖ e^{zₖ}]²]"),
        ("answer-line-5", "−1/σₜ [∂/∂zⱼ e^{zₜ}/(Σ_K e^{zₖ}) − e^{zₜ} ∂/∂zⱼ Σₖ e^{zₖ}/[Σ_K e^{zₖ}]²]"),
        ("answer-line-5", "−1/σₜ [∂/∂zⱼ e^{zₜ}/(Σₖ e^{zₖ}) − e^{zₜ} ∂/∂zⱼ Σ_K e^{zₖ}/[Σ_K e^{zₖ}]²]"),
        ("answer-line-6", "−1/σₜ [δⱼₜ e^{zₜ}/(Σ_K e^{zₖ}) − e^{zₜ}/(Σ_K e^{zₖ}) e^{zⱼ}/(Σₖ e^{zₖ})]"),
        ("answer-line-6", "−1/σₜ [δⱼₜ e^{zₜ}/(Σ_K e^{zₖ}) − e^{zₜ}/(Σₖ e^{zₖ}) e^{zⱼ}/(Σ_K e^{zₖ})]"),
        ("answer-line-6", "−1/σₜ [δⱼₜ e^{zₜ}/(Σₖ e^{zₖ}) − e^{zₜ}/(Σ_K e^{zₖ}) e^{zⱼ}/(Σ_K e^{zₖ})]"),
    ),
    "where it is not zero, or where the case holds, both indices are one": (
        ("answer-line-7", "−1/σₜ (δⱼₜ σⱼ − σₜ σⱼ)"),
        ("vege-4.1.2-softmax-2", "{ ∂/∂zⱼ (e^{zᵢ}/(Σₖ₌₁ᴷ e^{zₖ})) if j ≠ i; ∂/∂zᵢ (e^{zᵢ}/(Σₖ₌₁ᴷ e^{zₖ})) if j = i }"),
        ("vege-4.1.2-softmax-4", "{ −(σₛₘ(z))ⱼ (σₛₘ(z))ᵢ if j ≠ i; (σₛₘ(z))ᵢ − (σₛₘ(z))ⱼ (σₛₘ(z))ᵢ if j = i }"),
        ("vege-4.1.2-softmax-4", "{ −(σₛₘ(z))ⱼ (σₛₘ(z))ᵢ if j ≠ i; (σₛₘ(z))ⱼ − (σₛₘ(z))ᵢ (σₛₘ(z))ᵢ if j = i }"),
        ("vege-4.1.2-softmax-4", "{ −(σₛₘ(z))ⱼ (σₛₘ(z))ᵢ if j ≠ i; (σₛₘ(z))ⱼ − (σₛₘ(z))ⱼ (σₛₘ(z))ⱼ if j = i }"),
    ),
    "there is no layer below the input: then it says something of the first layer alone": (
        ("vege-4", "σ(Wˡ a¹⁻ˡ + bˡ)"),
    ),
    "the slope of the logistic function is even": (
        ("vege-6.3.1-before-3", "(aᴸ − y) aᴸ (1 − aᴸ) Wᴸ σ′_{sig} (−zᴸ⁻¹) aᴸ⁻²"),
        ("vege-6.3.1-delta-W-before", "δᴸ Wᴸ σ′_{sig} (−zᴸ⁻¹) aᴸ⁻²"),
        ("vege-6.3.1-delta-b-before", "δᴸ Wᴸ σ′_{sig} (−zᴸ⁻¹)"),
        ("vege-6.3.1-third-2", "δᴸ Wᴸ σ′_{sig} (zᴸ⁻¹) Wᴸ⁻¹ σ′_{sig} (−zᴸ⁻²) aᴸ⁻³"),
        ("vege-6.3.1-third-2", "δᴸ Wᴸ σ′_{sig} (−zᴸ⁻¹) Wᴸ⁻¹ σ′_{sig} (zᴸ⁻²) aᴸ⁻³"),
        ("vege-6.3.1-update-1", "δᴸ Wᴸ σ′_{sig} (−zᴸ⁻¹)"),
        ("vege-6.3.1-update-2", "δᴸ⁻¹ Wᴸ⁻¹ σ′_{sig} (−zᴸ⁻²)"),
    ),
}
"""Changed right sides that say the same, and why: the formula, and the side."""

LISTED = {found for side in EQUIVALENT.values() for found in side}


def check_of(quoted: Quoted) -> Check:
    """What reading a formula found."""
    marking, equation = quoted.source.read(0, False)[quoted.id][-1]
    return Check(quoted, marking, marking.marked(equation))


def mended_of(check: Check) -> Marked | None:
    """What comes of the right form, where there is one."""
    return check.mended() if check.quoted.right else None


def turned(check: Check) -> Iterator[Edit]:
    """The changes of the printed right side, but for those that add a transpose."""
    statement = check.mark.statement
    letters = frozenset([*letters_in(statement.left), *letters_in(statement.right)])
    yield from [edit for edit in edits(statement.right, letters) if edit.kind in KINDS and edit.said != MISSING]


def is_found(check: Check, edit: Edit, mended: Marked | None) -> bool:
    """Whether something else is found with another right side in print."""
    statement = check.mark.statement
    mark = check.variant(check.quoted.against or statement.left, edit.tree)
    if check.mark.why == OF_NUMBERS and mark.verdict in ("misprinted", "not read"):
        numbers = check.marking.of_numbers
        if numbers.holds_as(numbers.page.statements[statement.number], edit.tree):
            mark = replace(mark, verdict="holds when", why=OF_NUMBERS)
    mark = replace(mark, statement=replace(statement, right=edit.tree))
    before = "holds" if check.mark.verdict == "defines" else check.mark.verdict
    return mark.verdict != before or bool(Check(check.quoted, check.marking, mark).doubt(mark, mended))


@pytest.mark.sampled(16)
@pytest.mark.parametrize("quoted", QUOTED, ids=[quoted.id for quoted in QUOTED])
def test_a_sign_an_index_a_transpose_or_a_range_changes_what_is_found(quoted: Quoted) -> None:
    check = check_of(quoted)
    mended = mended_of(check)
    same = {(quoted.id, unicode_of(edit.tree)) for edit in turned(check) if not is_found(check, edit, mended)}
    assert same <= LISTED


def test_nothing_is_listed_that_does_not_stand_there() -> None:
    ids = {quoted.id for quoted in QUOTED}
    assert {id for id, _ in LISTED} <= ids
    for id, side in [next(iter(sides)) for sides in EQUIVALENT.values()]:
        check = check_of(next(quoted for quoted in QUOTED if quoted.id == id))
        (edit,) = {edit.tree: edit for edit in turned(check) if unicode_of(edit.tree) == side}.values()
        assert not is_found(check, edit, mended_of(check))


@pytest.mark.sampled(2)
@pytest.mark.parametrize("quoted", QUOTED, ids=[quoted.id for quoted in QUOTED])
def test_autograd_runs_through_primitive_operations(quoted: Quoted, recorded_names: set[str]) -> None:
    """No fused primitive is recorded: those have the documents' results for rules."""
    check = check_of(quoted)
    recorded_names.clear()
    for left in (quoted.against, check.mark.statement.left):
        if left:
            check.variant(left, check.mark.statement.right)
    elementwise = {"sigmoid"} if quoted.when == "σ is elementwise" else set()  # one of those taken for σ
    assert not recorded_names & (FUSED - elementwise)
    if quoted.id == "vege-18":
        assert recorded_names
        assert "tanh" not in recorded_names
