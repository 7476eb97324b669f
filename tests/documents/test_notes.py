"""The notes, the question and the answer: what is known of some statements, beside what all are tested for."""

from __future__ import annotations

import pytest

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.verifying import Finding, Statement, check, proving

STATEMENTS = {e.id: e for e in CATALOGUE if not e.id.startswith("vege-")}


def test_the_mistakes_are_these_and_no_other(findings: list[Finding]) -> None:
    verdicts = {f.statement.id: f.verdict for f in findings if f.statement.id in STATEMENTS}
    assert verdicts.keys() == STATEMENTS.keys()
    assert "fails" not in verdicts.values()
    assert {id for id, verdict in verdicts.items() if verdict in ("misprinted", "false")} == {
        "notes-probability",
        "notes-probability-of-scores",
        "answer-line-3",
        "answer-since-z",
        "answer-without-o",
        "answer-final-update",
        "question-step-1",
        "question-step-3-as-said",
    }


@pytest.mark.parametrize("id", ["notes-minus", "notes-difference", "notes-gradient", "notes-again-9", "notes-since"])
def test_what_needs_targets_that_sum_to_one(id: str) -> None:
    assert check(STATEMENTS[id]).phrase.replace(" ", "").endswith("whenΣt=1")


def test_products_of_matrices_that_do_not_fit_are_called_so() -> None:
    assert "not well formed" in str(check(STATEMENTS["answer-final-update"]).counterexample)
    assert "meets one of length" in str(check(STATEMENTS["answer-since-z"]).counterexample)


def smallest(statement):
    """The statement to be proved for its smallest size only, and not for all sizes at once."""
    if not isinstance(statement, Statement):
        return statement._replace(for_all="")
    condition, sizes = statement.condition, statement.sizes if statement.sizes is not None else statement.on.sizes
    if condition is not None and condition.sizes:
        statement = statement._replace(condition=condition._replace(sizes=condition.sizes[:1]))
    return statement._replace(
        for_all=None, sizes=sizes[:1] if statement.sizes is not None or statement.kind != "claim" else None
    )


NOT_PROVED = {"answer-expanded-target", "question-step-3-as-said"}
"""Equations of hidden layers, and of the program's labels."""


@pytest.mark.sampled(3)
@pytest.mark.parametrize("id", STATEMENTS)
def test_what_is_proved(id: str) -> None:
    """Every other equation, by running both sides on symbols; and of no claim a proof fails."""
    pytest.importorskip("sympy")
    proof = check(smallest(STATEMENTS[id]), proofs=True).proof
    assert proof.status != "unproved"
    if STATEMENTS[id].kind != "claim":
        assert proof.proved == (id not in NOT_PROVED)


@pytest.mark.parametrize("id", ["answer-error-deriv", "answer-cost", "answer-weights-delta", "answer-weights-gradient"])
def test_a_wrong_formula_is_not_proved(id: str) -> None:
    pytest.importorskip("sympy")
    statement = smallest(STATEMENTS[id])
    assert proving.prove(statement, "holds").proved
    wrong = statement._replace(printed=lambda s: 2 * statement.printed(s))
    assert proving.prove(wrong, "holds").status == "unproved"
