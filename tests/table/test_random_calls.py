"""Random calls of every function of the table: NumPy's values, and the derivatives that differences find.

A call is drawn from its number alone: ``judge(random_call(number))`` is what a report speaks of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.arrays import values

from .judging import Finding, judge
from .random_calls import ENTRIES, Call, random_call

MANY = 20_000

JUSTIFIED: dict[str, str] = {
    # what is refused with a Tensor, though NumPy gives a value: call, message
    r"(reshape|ravel|flatten)\(.*order='[AK]'": "by the memory layout",
    r"qr\(.*mode='raw'": "mode must be 'reduced', 'complete' or 'r'",
    r"qr\(.*mode='complete'": "depends on which basis",
    r"qr\(": "columns of A are linearly dependent",
    r"svd\(": "depends on which basis",
    r"polyfit\(": "complex numbers are not fitted",
    r"polydiv\(": "a polynomial is a vector of coefficients",
    r"interp\(": "xp must be in ascending order",
    r"nan(quantile|percentile)\(": "with several axes q is a number or a vector",
    r"gradient\(": "edge_order must be 1 or 2",
    r"reshape\(.*-\d": "cannot have shape",
    r"einsum\(.*\[0, 3\]": "the label 'i' has lengths 0 and 3",
    r"sliding_window_view\(": "repeated axis|does not fit into shape",
    r"cumulative_(sum|prod)\(.*axis=\(0": "cannot be interpreted as an integer",
    r"nan_to_num\(.*copy=False": "leaf that requires a gradient",
    r"reshape\(.*strided.*copy=False": "Unable to avoid creating a copy",  # NumPy is given one that lies in one piece
    r"polyder\(": "a polynomial is a vector of coefficients",  # NumPy takes a column by chance
    r"slogdet\(": "is singular, and has no derivative",
    # what NumPy's own code, called without asking for protocols, does with a Tensor
    r"(select|\.choose|\.dot|polyint)\(": "cannot be recorded",
    r"(var|std)\(.*mean=": "cannot be recorded|a Tensor has no view",
}
"""Refusals that are meant, with what they say."""

NUMPYS = (
    r"einsum\('i,i', f8\[1\].*optimize='greedy'",  # of which NumPy takes the first product alone
    r"(irfft|irfft2|irfftn|hfft)\(\w+\[(\d, )?0[],]|(irfft|irfft2|irfftn|hfft)\(\w+\[\d, 0",  # memory that was not set
)
"""Calls of which NumPy's values are wrong."""

LENIENT = (
    r"clip\(",  # min= and a_min together
    r"\.(var|std)\(.*correction",
    # a number for an array
    r"(fftshift|ifftshift|correlate|tensorinv)\(\w\d+\[\]",
    r"(median|quantile|percentile)\(\w\d+\[(\d, )?0[],]",
    r"std\(.*dtype=int",
    r"correlate\(",
    r"vander\(|einsum\(.*\[\d, -1\]",
    r"(var|std)\(.*mean=|polyfit\(.*(w=|False, )c",
    r"nan(quantile|percentile)\(.*weights=",  # in which NumPy loses its way
    r"(quantile|percentile|median)\(.* ro.*overwrite_input=True",
)
"""Calls that NumPy refuses, and that have one meaning all the same."""


def said(finding: Finding, call: Call) -> str | None:
    """What is to be said against a call; None if nothing is."""
    text = str(call)
    if finding.kind == "wrong":
        return None if any(re.search(a, text) for a in NUMPYS) else finding.text
    if finding.kind == "refused":
        known = any(re.search(a, text) and re.search(b, finding.text) for a, b in JUSTIFIED.items())
        return None if known else f"refused: {finding.text}"
    if finding.kind == "lenient":
        return None if any(re.search(a, text) for a in LENIENT) else f"NumPy refuses it: {finding.text}"
    return None


def judged_calls(numbers: Iterable[int]) -> Counter[str]:
    """What became of the calls of these numbers; fails with a line for each that is wrong."""
    kinds: Counter[str] = Counter()
    failures = []
    for number in numbers:
        call = random_call(number)
        finding = judge(call)
        kinds[finding.kind] += 1
        problem = said(finding, call)
        if problem is not None:
            failures.append(f"{number}: {call}: {problem}"[:600])
    assert not failures, f"{len(failures)} calls:\n" + "\n".join(failures[:20])
    return kinds


def test_two_calls_of_every_function() -> None:
    kinds = judged_calls(range(2 * len(ENTRIES)))
    assert kinds["right"] > 1.7 * len(ENTRIES), kinds


@pytest.mark.long
def test_twenty_thousand_calls() -> None:
    kinds = judged_calls(range(MANY))
    print(kinds)  # noqa: T201 (for whoever asks for it with -s)
    assert kinds["right"] > 0.9 * MANY, kinds


# ---------------------------------------------------------------------------------------------------------------------
# The judge


def call_of(function: object, *args: np.ndarray) -> Call:
    return Call("mine", "mine", function, args, {}, tuple(range(len(args))))


def test_the_judge_sees_a_wrong_gradient() -> None:
    wrong = tl.primitive(np.sin, x=lambda g, x: g * np.cos(x) * 1.0001)
    assert judge(call_of(wrong, np.array([0.3, 1.0]))).kind == "wrong"
    slip = tl.primitive(lambda x: x**3, x=lambda g, x: g * 3 * x * values(x))
    assert "order 2" in judge(call_of(slip, np.array([0.3, 1.0]))).text


def test_the_judge_knows_kinks_and_refusals() -> None:
    assert judge(call_of(np.abs, np.array([0.0, 1.0]))).kind == "kink"
    assert judge(call_of(np.exp, np.array([0.3, 1.0], np.float32))).kind == "right"
    assert judge(call_of(lambda x: np.frompyfunc(abs, 1, 1)(x).astype(float), np.array([0.3]))).kind == "refused"
    assert judge(call_of(lambda x: np.sum(x, axis=3), np.array([0.3]))).text == "refused by both"


def test_a_call_is_drawn_from_its_number() -> None:
    assert [str(random_call(n)) for n in range(40)] == [str(random_call(n)) for n in range(40)]
