"""Formulas as people write them are read rightly, and what is wrong with them is found."""

from __future__ import annotations

import pytest

from tinygrad_lite.reading.declarations import read_declarations
from tinygrad_lite.reading.equations import formulas_of
from tinygrad_lite.verifying.marking import marked
from tinygrad_lite.verifying.marks import Marked

from ..reading.lecture_written import LECTURES
from ..reading.more_written import MORE
from ..reading.notes_written import NOTES
from ..reading.written import WRITTEN, Written


def marks_of(case: Written) -> list[Marked]:
    """What comes of a case's formula, behind those that it stands on."""
    declared = read_declarations(case.declared)
    formulas = [found for text in (*case.before, case.formula) for found in formulas_of(text, declared.words)]
    return [mark for mark in marked(formulas, declared).marks if mark.statement.formula.text == case.formula]


@pytest.mark.parametrize("written", [*WRITTEN, *MORE, *LECTURES, *NOTES], ids=lambda case: case.formula[:50])
def test_formulas_as_people_write_them(written):
    marks = marks_of(written)
    assert tuple([mark.verdict for mark in marks]) == written.verdicts
    assert written.because in marks[-1].why
