"""Cases say one thing at each place."""

from __future__ import annotations

import pytest

import tinygrad_lite as tl


@pytest.mark.parametrize(("cases", "verdict"), [
    (r"x & x \geq 0 \\ 0 & x < 1", "not read"),
    (r"x & x \geq 0 \\ 0 & x < 0", "holds"),
    (r"x & x \geq 0 \\ x & x > -1 \\ 0 & \text{otherwise}", "holds"),
])  # fmt: skip
def test_cases_that_contradict_each_other_are_refused(cases, verdict):
    page = rf"$f(x) = \begin{{cases}} {cases} \end{{cases}}$, $f(x^2) = x^2$"
    assert [mark.verdict for mark in tl.read(page).marks] == ["defines", verdict]
