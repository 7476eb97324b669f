"""How far entries are proved, and that what is wrong is not."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.documents.families import listed
from tinygrad_lite.verifying import Entry
from tinygrad_lite.verifying.proving import EXTRA, prove, symbolic_settings

ENTRIES = {entry.id: entry for entry in CATALOGUE}


@pytest.fixture
def sympy() -> None:
    pytest.importorskip("sympy")
    pytest.importorskip("tinygrad_lite.formulas")


def verdict(entry: Entry) -> str:
    return entry.check().verdict


@pytest.mark.usefixtures("sympy")
@pytest.mark.parametrize("said", CATALOGUE, ids=[said.id for said in CATALOGUE])
def test_what_has_symbols_is_proved_for_the_smallest_size(said: Entry) -> None:
    found = verdict(said)
    _, sizes = symbolic_settings(said, found)
    proof = prove(said._replace(sizes=tuple(sizes[:1]), for_all=None), found)
    assert proof.status.startswith("proved" if sizes else "checked numerically"), proof


@pytest.mark.usefixtures("sympy")
@pytest.mark.parametrize("id", ["vege-14", "vege-16", "vege-33", "vege-6.3.3-split-4"])
def test_a_wrong_formula_is_not_proved(id: str) -> None:
    right = ENTRIES[id]._replace(sizes=(2,), for_all=None)
    wrong = right._replace(printed=lambda s: -right.printed(s))
    assert prove(right, verdict(right)).proved
    assert prove(wrong, verdict(right)).status == "unproved"
    assert prove(wrong, verdict(wrong)).status == "checked numerically"


@pytest.mark.usefixtures("sympy")
def test_the_condition_is_used() -> None:
    """a − y is not the gradient for symbols that are free."""
    entry = ENTRIES["vege-6.3.3-split-4"]._replace(sizes=(2, 3), for_all=None)
    assert prove(entry, "holds when").status == "proved for K = 2, 3"
    assert prove(entry, "holds").status == "unproved"


@pytest.mark.usefixtures("sympy")
def test_the_corrected_form_is_what_is_proved() -> None:
    entry = ENTRIES["vege-38"]._replace(sizes=(2,), for_all=None)
    assert prove(entry, "misprinted").proved
    assert entry.corrected is not None
    assert not prove(entry._replace(corrected=entry.corrected._replace(printed=lambda s: s.z)), "misprinted").proved


@pytest.mark.usefixtures("sympy")
def test_proofs_for_all_sizes_are_asked_first() -> None:
    entry = ENTRIES["vege-16"]._replace(sizes=(2,))
    proof = prove(entry._replace(for_all=lambda: True), "holds")
    assert proof.status == "proved for all K"
    assert "proved for K = 2" in proof.detail
    assert prove(entry._replace(for_all=lambda: False), "holds").status == "proved for K = 2"


def test_without_sympy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sympy", None)
    finding = ENTRIES["vege-16"].check(proofs=True)
    assert finding.verdict == "holds"
    assert finding.proof == ("checked numerically", EXTRA)
    assert "tinygrad-lite[proofs]" in EXTRA


def test_sizes_are_listed() -> None:
    assert [listed(sizes) for sizes in ((2, 3, 4), (1, 2), (2,), (2, 4, 5))] == ["2…4", "1, 2", "2", "2, 4, 5"]
    assert np.all([sizes == tuple(sorted(sizes)) for sizes in (entry.on.sizes for entry in CATALOGUE)])
