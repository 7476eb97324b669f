"""How far statements are proved, and that what is wrong is not."""

from __future__ import annotations

import sys

import pytest

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.verifying import Statement, check
from tinygrad_lite.verifying.proving import EXTRA, prove, symbolic_settings

COMPUTED = [statement for statement in CATALOGUE if isinstance(statement, Statement)]
STATEMENTS = {statement.id: statement for statement in COMPUTED}


@pytest.fixture
def sympy() -> None:
    pytest.importorskip("sympy")
    pytest.importorskip("tinygrad_lite.formulas")


def verdict(statement: Statement) -> str:
    return check(statement).verdict


@pytest.mark.usefixtures("sympy")
@pytest.mark.parametrize("said", COMPUTED, ids=[said.id for said in COMPUTED])
def test_what_has_symbols_is_proved_for_the_smallest_size(said: Statement) -> None:
    found = verdict(said)
    _, sizes = symbolic_settings(said, found)
    proof = prove(said._replace(sizes=tuple(sizes[:1]), for_all=None), found)
    assert proof.status.startswith("proved" if sizes else "checked numerically"), proof


@pytest.mark.usefixtures("sympy")
@pytest.mark.parametrize("id", ["answer-error-deriv", "answer-cost", "answer-weights-delta"])
def test_a_wrong_formula_is_not_proved(id: str) -> None:
    right = STATEMENTS[id]._replace(sizes=(2,), for_all=None)
    wrong = right._replace(printed=lambda s: -right.printed(s))
    assert prove(right, verdict(right)).proved
    assert prove(wrong, verdict(right)).status == "unproved"
    assert prove(wrong, verdict(wrong)).status == "checked numerically"


@pytest.mark.usefixtures("sympy")
def test_the_condition_is_used() -> None:
    """The two losses are not the same for symbols that are free."""
    statement = STATEMENTS["answer-two-names"]._replace(sizes=(2, 3), for_all=None)
    assert prove(statement, "true when").status == "proved for K = 2, 3"
    assert prove(statement, "true").status == "unproved"


@pytest.mark.usefixtures("sympy")
def test_the_corrected_form_is_what_is_proved() -> None:
    statement = STATEMENTS["notes-probability"]._replace(sizes=(2,), for_all=None)
    assert prove(statement, "misprinted").proved
    assert statement.corrected is not None
    assert not prove(
        statement._replace(corrected=statement.corrected._replace(printed=lambda s: s.p)), "misprinted"
    ).proved


@pytest.mark.usefixtures("sympy")
def test_proofs_for_all_sizes_are_asked_first() -> None:
    statement = STATEMENTS["answer-error-deriv"]._replace(sizes=(2,))
    proof = prove(statement._replace(for_all=lambda: True), "holds")
    assert proof.status == "proved for all K"
    assert "proved for K = 2" in proof.detail
    assert prove(statement._replace(for_all=lambda: False), "holds").status == "proved for K = 2"


def test_without_sympy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sympy", None)
    quoted = next(statement for statement in CATALOGUE if statement.id == "question-step-2")
    for statement in (STATEMENTS["answer-error-deriv"], quoted):
        finding = check(statement, proofs=True)
        assert finding.verdict == "holds"
        assert finding.proof == ("checked numerically", EXTRA)
    assert "tinygrad-lite[proofs]" in EXTRA
