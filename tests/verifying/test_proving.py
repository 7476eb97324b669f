"""How far statements are proved, and that what is wrong is not."""

from __future__ import annotations

import sys

import pytest

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.verifying import Statement, check
from tinygrad_lite.verifying.proving import EXTRA, prove, symbolic_settings

STATEMENTS = {statement.id: statement for statement in CATALOGUE}


@pytest.fixture
def sympy() -> None:
    pytest.importorskip("sympy")
    pytest.importorskip("tinygrad_lite.formulas")


def verdict(statement: Statement) -> str:
    return check(statement).verdict


@pytest.mark.usefixtures("sympy")
@pytest.mark.parametrize("said", CATALOGUE, ids=[said.id for said in CATALOGUE])
def test_what_has_symbols_is_proved_for_the_smallest_size(said: Statement) -> None:
    found = verdict(said)
    _, sizes = symbolic_settings(said, found)
    proof = prove(said._replace(sizes=tuple(sizes[:1]), for_all=None), found)
    assert proof.status.startswith("proved" if sizes else "checked numerically"), proof


@pytest.mark.usefixtures("sympy")
@pytest.mark.parametrize("id", ["vege-14", "vege-16", "vege-33", "vege-6.3.3-split-4"])
def test_a_wrong_formula_is_not_proved(id: str) -> None:
    right = STATEMENTS[id]._replace(sizes=(2,), for_all=None)
    wrong = right._replace(printed=lambda s: -right.printed(s))
    assert prove(right, verdict(right)).proved
    assert prove(wrong, verdict(right)).status == "unproved"
    assert prove(wrong, verdict(wrong)).status == "checked numerically"


@pytest.mark.usefixtures("sympy")
def test_the_condition_is_used() -> None:
    """a − y is not the gradient for symbols that are free."""
    statement = STATEMENTS["vege-6.3.3-split-4"]._replace(sizes=(2, 3), for_all=None)
    assert prove(statement, "holds when").status == "proved for K = 2, 3"
    assert prove(statement, "holds").status == "unproved"


@pytest.mark.usefixtures("sympy")
def test_the_corrected_form_is_what_is_proved() -> None:
    statement = STATEMENTS["vege-38"]._replace(sizes=(2,), for_all=None)
    assert prove(statement, "misprinted").proved
    assert statement.corrected is not None
    assert not prove(
        statement._replace(corrected=statement.corrected._replace(printed=lambda s: s.z)), "misprinted"
    ).proved


@pytest.mark.usefixtures("sympy")
def test_proofs_for_all_sizes_are_asked_first() -> None:
    statement = STATEMENTS["vege-16"]._replace(sizes=(2,))
    proof = prove(statement._replace(for_all=lambda: True), "holds")
    assert proof.status == "proved for all K"
    assert "proved for K = 2" in proof.detail
    assert prove(statement._replace(for_all=lambda: False), "holds").status == "proved for K = 2"


def test_without_sympy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sympy", None)
    finding = check(STATEMENTS["vege-16"], proofs=True)
    assert finding.verdict == "holds"
    assert finding.proof == ("checked numerically", EXTRA)
    assert "tinygrad-lite[proofs]" in EXTRA
