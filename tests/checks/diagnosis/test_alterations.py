"""Other functions that are derived by mistake: they are run again, and their gradients are autograd's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.checks.diagnosis.alterations import alterations
from tinygrad_lite.checks.diagnosis.backward import Backward
from tinygrad_lite.checks.diagnosis.regions import regions_of
from tinygrad_lite.checks.diagnosis.wording import Wording

X, U = np.random.default_rng(7).normal(size=(2, 3, 3))


@pytest.mark.parametrize(
    ("words", "f", "other"),
    [
        ("the minus of −x", lambda x: np.sum(U * np.exp(-x)), lambda x: np.sum(U * np.exp(x))),
        (
            "softmax(x) is taken over axis 0",
            lambda x: np.sum(U * tl.softmax(x)),
            lambda x: np.sum(U * tl.softmax(x, axis=0)),
        ),
        (
            "every mean over axis 1",
            lambda x: np.sum(U * np.sin(x - x.mean(axis=1, keepdims=True))),
            lambda x: np.sum(U * np.sin(x - x.mean(axis=0, keepdims=True))),
        ),
        ("every sum over axis 0", lambda x: np.sum(np.exp(x.sum(axis=0))), lambda x: np.sum(np.exp(x.sum(axis=1)))),
    ],
)
def test_the_other_functions_gradient(words: str, f: Any, other: Any) -> None:
    backward = Backward.of(f, X)
    names = Wording(backward, regions_of(backward), [("x", None), ("x", X)], ["x"])
    # of a softmax that is shifted along rows there are two: over the other axis, the shift makes a difference
    *_, found = [alteration for alteration in alterations(backward, names) if words in alteration.text]
    np.testing.assert_allclose(found.gradient(backward, np.float64(1)), tl.grad(other)(X), rtol=1e-12)
