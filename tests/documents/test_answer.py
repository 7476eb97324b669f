"""The notes, the question and the answer: what is known of some entries, beside what all entries are tested for."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_lite.documents import CATALOGUE, answer, notes, notes_again, octave, question
from tinygrad_lite.documents.families import MODERATE
from tinygrad_lite.documents.settings import CHOSEN, HARD_SCORES, JOINT, LAYERS
from tinygrad_lite.verifying import proving

ENTRIES = {e.id: e for part in (notes, notes_again, question, answer, octave) for e in part.ENTRIES}


def verdicts(*wanted: str) -> set[str]:
    return {id for id, entry in ENTRIES.items() if entry.check().verdict in wanted}


def test_all_are_in_the_catalogue() -> None:
    assert {e.id for e in CATALOGUE if e.id.startswith(("notes-", "answer-", "question-"))} == set(ENTRIES)


def test_the_mistakes_are_these_and_no_other() -> None:
    assert verdicts("fails") == set()
    assert verdicts("misprinted", "false") == {
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
    assert ENTRIES[id].check().phrase.endswith("when Σt = 1")


def test_products_of_matrices_that_do_not_fit_are_called_so() -> None:
    for id in ("answer-since-z", "answer-final-update"):
        assert "not well formed" in str(ENTRIES[id].check().counterexample)


@pytest.mark.parametrize("family", [CHOSEN, HARD_SCORES, JOINT, LAYERS, MODERATE], ids=lambda f: f.name)
def test_settings(family) -> None:
    """Several sizes, the same for the same seed, others for another, nothing writable."""
    draws = family.draws(1)
    assert len({draw.size for draw in draws}) > 2
    again, other = family.make(1), family.make(2)
    first = [np.asarray(d.setting[0]) for d in draws]
    assert all(np.array_equal(a, d.setting[0]) for a, d in zip(first, again, strict=True))
    assert any(not np.array_equal(a, d.setting[0]) for a, d in zip(first, other, strict=True))
    assert not any(a.flags.writeable for a in first)


def test_the_layer_with_an_idempotent_gradient() -> None:
    """The exception under which the answer's last formula is right is there, and is one."""
    (draw,) = [d for d in LAYERS.draws(0) if "Δ = Δ" in d.name]
    gradient = octave.weights_gradient(draw.setting)
    np.testing.assert_allclose(gradient @ gradient, gradient, atol=1e-14)
    assert np.abs(gradient).max() > 0.1


def smallest(entry):
    """The entry to be proved for its smallest size only, and not for all sizes at once."""
    condition, sizes = entry.condition, entry.sizes if entry.sizes is not None else entry.on.sizes
    if condition is not None and condition.sizes:
        entry = entry._replace(condition=condition._replace(sizes=condition.sizes[:1]))
    return entry._replace(for_all=None, sizes=sizes[:1] if entry.sizes is not None or entry.kind != "claim" else None)


def test_what_is_proved() -> None:
    """Every equation except those of hidden layers and of the program's labels, by running both sides on symbols."""
    pytest.importorskip("sympy")
    proofs = {id: smallest(entry).check(proofs=True).proof for id, entry in ENTRIES.items()}
    assert not {id for id, proof in proofs.items() if proof.status == "unproved"}
    equations = {id for id, entry in ENTRIES.items() if entry.kind != "claim"}
    assert {id for id in equations if not proofs[id].proved} == {
        "answer-expanded-target",
        "question-step-3",
        "question-step-3-as-said",
    }


@pytest.mark.parametrize("id", ["notes-diagonal-quotient", "notes-chain", "answer-line-6", "answer-weights-chain"])
def test_a_wrong_formula_is_not_proved(id: str) -> None:
    pytest.importorskip("sympy")
    entry = smallest(ENTRIES[id])
    assert proving.prove(entry, "holds").proved
    wrong = entry._replace(printed=lambda s: 2 * entry.printed(s))
    assert proving.prove(wrong, "holds").status == "unproved"
