"""What is found about all statements, and that nothing is checked by means of its own result."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.table.registry import PRIMITIVES
from tinygrad_lite.verifying import Finding, Statement, verify

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

COMPUTED = [said for said in CATALOGUE if isinstance(said, Statement)]

each_statement = pytest.mark.parametrize("said", COMPUTED, ids=[said.id for said in COMPUTED])


def test_every_disagreement_is_explained(findings: list[Finding]) -> None:
    for finding in findings:
        assert finding.explained, (finding.statement.id, finding.reason, str(finding.counterexample))
        assert finding.difference <= finding.tolerance < 1e-6
        if finding.verdict not in ("holds", "true", "convention"):
            assert finding.counterexample is not None
            assert not finding.counterexample.holds


def test_running_twice_gives_the_same(findings: list[Finding]) -> None:
    assert list(verify(CATALOGUE[::5])) == findings[::5]


@pytest.mark.parametrize("seed", [7, pytest.param(2018, marks=pytest.mark.long)])
def test_another_seed_gives_the_same_verdicts_from_other_numbers(findings: list[Finding], seed: int) -> None:
    some = slice(seed % 8, None, 8)
    others = list(verify(CATALOGUE[some], seed))
    assert [f.verdict for f in others] == [f.verdict for f in findings[some]]
    assert [f.difference for f in others] != [f.difference for f in findings[some]]


def test_the_catalogue_is_in_order() -> None:
    ids = Counter([e.id for e in CATALOGUE])
    assert max(ids.values()) == 1
    for e in CATALOGUE:
        assert re.fullmatch(r"[a-z]+-[A-Za-z0-9.-]+", e.id)
        assert e.id.startswith(e.document.short.lower())
        assert all([e.place, e.latex, e.formula, *e.document])
        for latex in (e.latex, e.corrected.latex if e.corrected else ""):
            assert latex.count("{") == latex.count("}")
            assert len(re.findall(r"\\left(?!arrow)", latex)) == len(re.findall(r"\\right(?!arrow)", latex))
            assert latex.count(r"\begin") == latex.count(r"\end")


# ---------------------------------------------------------------------------------------------------------------------
# Not circular


@each_statement
def test_autograd_runs_through_primitive_operations(said: Statement, recorded_names: set[str]) -> None:
    """No fused primitive is recorded: those have the documents' results for rules."""
    setting = said.on.draws(0)[0].setting
    said.computed(setting)
    if said.corrected is not None and said.corrected.computed is not None:
        said.corrected.computed(setting)
    assert not recorded_names & FUSED


def test_the_fused_primitives_are_called_so() -> None:
    assert set(PRIMITIVES) >= FUSED
