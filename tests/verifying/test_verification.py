"""Statements are checked one after the other, when they are asked for."""

from __future__ import annotations

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.verifying import check, verify
from tinygrad_lite.verifying.verdicts import NOT_ASKED

SOME = CATALOGUE[-3:]


def test_one_after_the_other() -> None:
    findings = verify(iter(SOME), seed=3)
    assert next(findings) == check(SOME[0], 3)
    assert [finding.statement for finding in findings] == [*SOME[1:]]


def test_nothing_is_proved_unasked() -> None:
    assert {finding.proof for finding in verify(SOME)} == {NOT_ASKED}
