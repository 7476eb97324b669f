"""Statements set against what they are about, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .proving import prove
from .statements import Quoted, Statement
from .verdicts import Finding, judge


def check(statement: Statement | Quoted, seed: int = 0, proofs: bool = False) -> Finding:
    """Find the verdict on numbers drawn for this seed, and on request how far the statement is proved.

    Raises ImportError for a statement that is read from its LaTeX, without the extra ``reading``.
    """
    if isinstance(statement, Quoted):
        found: Finding = statement.source.finding(statement, seed, proofs)
        return found
    finding = judge(statement, statement.on.draws(seed))
    return finding._replace(proof=prove(statement, finding.verdict)) if proofs else finding


def verify(statements: Iterable[Statement | Quoted], seed: int = 0, proofs: bool = False) -> Iterator[Finding]:
    """Check statements, one after the other.

    >>> from tinygrad_lite.documents import CATALOGUE
    >>> (statement,) = [statement for statement in CATALOGUE if statement.id == "vege-14"]
    >>> [finding.verdict for finding in verify([statement])]
    ['holds']
    """
    for statement in statements:
        yield check(statement, seed, proofs)
