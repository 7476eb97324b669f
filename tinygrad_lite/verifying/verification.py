"""Statements set against what they are about, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .proving import prove
from .statements import Statement
from .verdicts import Finding, judge


def check(statement: Statement, seed: int = 0, proofs: bool = False) -> Finding:
    """Find the verdict on its family's draws for this seed, and on request how far the statement is proved."""
    finding = judge(statement, statement.on.draws(seed))
    return finding._replace(proof=prove(statement, finding.verdict)) if proofs else finding


def verify(statements: Iterable[Statement], seed: int = 0, proofs: bool = False) -> Iterator[Finding]:
    """Check statements, one after the other.

    >>> from tinygrad_lite.documents import CATALOGUE
    >>> (statement,) = [statement for statement in CATALOGUE if statement.id == "vege-14"]
    >>> [finding.verdict for finding in verify([statement])]
    ['holds']
    """
    for statement in statements:
        yield check(statement, seed, proofs)
