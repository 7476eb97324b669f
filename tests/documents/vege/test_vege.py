"""The verdicts on Vege (2018), and that none of its equations is left out."""

from __future__ import annotations

import re

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.verifying import Finding

STATEMENTS = [e for e in CATALOGUE if e.id.startswith("vege-")]

EXPECTED = {
    "misprinted": {
        "vege-7", "vege-9", "vege-3.2-sum", "vege-alg-1-6", "vege-alg-1-10", "vege-6.2-binary-1", "vege-32", "vege-34",
        "vege-36", "vege-37", "vege-6.3.2-product", "vege-38", "vege-6.3.3-start", "vege-39",
    },
    "false": {
        "vege-3.1-mse", "vege-4.1.2-only-output", "vege-5.1-inverse", "vege-6.3.1-label-1", "vege-6.3.1-label-2",
        "vege-6.3.1-first-layer",
        "vege-6.3.2-only-change",
    },
    "convention": {"vege-20", "vege-22"},
    "holds when": {
        "vege-5", "vege-6", "vege-3.2-complement", "vege-24", "vege-25", "vege-26", "vege-28", "vege-6.3.1-W-2",
        "vege-6.3.1-before-3", "vege-6.3.1-delta-W-L", "vege-6.3.1-delta-W-before", "vege-6.3.1-delta-b-before",
        "vege-6.3.1-third-2", "vege-6.3.1-update-1", "vege-6.3.1-update-2", "vege-6.3.1-organized-1",
        "vege-6.3.1-organized-2", "vege-6.3.3-split-4", "vege-35",
    },
    "true when": {
        "vege-2-layers", "vege-5.2-default", "vege-6-hadamard", "vege-6.3-combinations", "vege-6.3-footnote-2",
        "vege-6.3.1-any-activation",
    },
}  # fmt: skip
"""What Vege (2018) has besides equations that hold and claims that are true."""


def test_the_verdicts(findings: list[Finding]) -> None:
    found = {f.statement.id: f.verdict for f in findings if f.statement.id.startswith("vege-")}
    expected = {id: verdict for verdict, ids in EXPECTED.items() for id in ids}
    plain = {e.id: "true" if e.kind == "claim" else "holds" for e in STATEMENTS}
    assert found == plain | expected


def test_every_number_is_there() -> None:
    places = " ".join([e.place for e in STATEMENTS])
    numbers = {int(n) for n in re.findall(r"eq\. (\d+)", places)}
    assert numbers >= set(range(1, 40)) - {12}, "12 stands beside nothing"
    assert len(re.findall("table 1, row", places)) == 3
    assert len(re.findall("algorithm 1, line", places)) == 9
