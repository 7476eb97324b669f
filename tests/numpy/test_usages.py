"""More than 600 lines as programs write them: NumPy's value, and the gradient that differences find."""

from __future__ import annotations

import linecache
import math
from typing import Any

import numpy as np
import pytest

from ..table.judging import judge
from ..table.random_calls import Call
from .usages import USAGES

RNG = np.random.default_rng(8)


def apart(n: int) -> np.ndarray:
    """A matrix whose eigenvalues lie far from each other."""
    return 0.3 * RNG.uniform(-1, 1, (n, n)) + np.diag(2.0 * np.arange(n) + 1.0)


def spread(*shape: int) -> np.ndarray:
    """Numbers in (0.1, 0.9), no two of them alike or near each other."""
    n = int(np.prod(shape))
    return 0.1 + 0.8 * (RNG.permutation(n) + RNG.uniform(0.3, 0.7, n)).reshape(shape) / n


A = apart(3)
VARIABLES: dict[str, Any] = {
    "x": spread(3, 4), "y": spread(3, 4), "v": spread(4), "w": spread(4), "A": A, "S": A @ A.T, "T": spread(2, 3, 4),
    "s": np.array(0.7), "z": spread(3, 4) + 1j * spread(3, 4),
}  # fmt: skip
MASK = np.array([[True, False, True, True], [False, True, True, False], [True, True, False, True]])
CONSTANTS: dict[str, Any] = {
    "np": np, "math": math, "m": MASK, "m2": np.stack([MASK, ~MASK]), "i": np.array([2, 0, 2]),
    "n": np.array([2, 1, 3, 2]),
    "n3": np.array([[0, 1, 2, 0], [2, 1, 0, 1], [1, 0, 2, 2]]), "A3": np.diag([1.0, 2.0, 3.0, 4.0]),
}  # fmt: skip

REFUSED: dict[str, str] = {
    "np.sum([v, w])": "np.stack([…]) keeps it",
    "np.array([s, 2.0])": "np.stack([…]) of the parts keeps it",
    "np.array([v, w])": "np.stack([…]) of the parts keeps it",
    "np.asarray(x)": "t itself do",
    "np.dot([s, 1.0], [2.0, 3.0])": "np.stack([…]) keeps it",
    "np.eye(4).dot(v)": "Write a @ t",
    "math.exp(s)": "np.exp in place of math.exp",
    "math.sqrt(v[0])": "np.sqrt in place of math.sqrt",
    "np.exp(x, out=np.empty((3, 4)))": "make the array as a Tensor",
    "np.linalg.qr(x, mode='raw')": "mode must be 'reduced', 'complete' or 'r'",
    "x.reshape(4, 3, order='A')": "order must be 'C' or 'F'",
    "np.float32(s)": "t.astype(np.float32) keeps it",
    "np.exp(x, where=m)": "np.where keeps it",
    "np.kaiser(4, s)": "tl.kaiser(M, beta) keeps it",
}
"""Usages that are refused, and what the message says to write instead."""


def call_of(usage: str) -> Call:
    """A usage as a function of the variables in it."""
    name = f"<usage {usage}>"
    linecache.cache[name] = (len(usage), None, [usage], name)  # so that remedies can be told from the line
    code = compile(usage, name, "eval")
    used = [name for name in VARIABLES if name in names_in(code)]

    def function(*values: Any) -> Any:
        return eval(code, CONSTANTS | dict(zip(used, values, strict=True)))

    return Call("usage", usage, function, tuple([VARIABLES[name].copy() for name in used]), {}, tuple(range(len(used))))


def names_in(code: Any) -> set[str]:
    """The names that code reads, also within its functions."""
    return set(code.co_names).union(*[names_in(part) for part in code.co_consts if hasattr(part, "co_names")])


def test_there_are_six_hundred() -> None:
    assert len(USAGES) == len(set(USAGES))
    assert len(USAGES) >= 600


@pytest.mark.parametrize("usage", USAGES)
def test_a_usage_is_right_or_says_what_to_write(usage: str) -> None:
    finding = judge(call_of(usage))
    if usage in REFUSED:
        assert finding.kind == "refused"
        assert REFUSED[usage] in finding.text
        return
    assert finding == ("right", ""), finding  # to order 2


def test_the_refusals_are_usages() -> None:
    assert set(REFUSED) <= set(USAGES)
