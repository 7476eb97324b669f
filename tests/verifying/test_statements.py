"""Statements as data: their ids, and which form of theirs is right."""

from __future__ import annotations

from tinygrad_lite.verifying import Correction, Document, Family, Statement, statements_of

EUCLID = Document("Elements", "Euclid", "300 BC", "Euclid")
LENGTHS = Family("lengths", lambda _: [])

statement = statements_of(EUCLID)


def said() -> Statement:
    return statement("I-47", "proposition 47", "c^2 = a^2 + b^2", "c² = a² + b²", LENGTHS, min, max, note="of old")


def test_a_document_makes_its_statements() -> None:
    assert said() == Statement(
        "euclid-I-47", EUCLID, "proposition 47", "c^2 = a^2 + b^2", "c² = a² + b²", LENGTHS, min, max, note="of old"
    )


def test_the_right_sides() -> None:
    right = Correction("", "", "", printed=sum)
    assert said().right_sides == (min, max)
    assert said()._replace(corrected=right).right_sides == (min, sum)
    assert said()._replace(corrected=right._replace(printed=None, computed=len)).right_sides == (len, max)
