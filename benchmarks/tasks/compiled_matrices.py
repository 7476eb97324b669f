"""Jacobians and a Hessian, compiled, beside the others of the tasks ``jacobian`` and ``hessian``. float64."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..contest import COMPILED, OURS, Build, Contest, Race, against
from . import hessian, jacobian

TITLE = "Jacobians and a Hessian, compiled"

CASES = (jacobian.SOFTMAX, jacobian.WIDE_SOFTMAX, hessian.LOGISTIC)
PYTORCH = (*jacobian.PYTORCH, *jacobian.VECTORIZED, *jacobian.FUNCTIONAL)
"""Its ways and threads, of which the best counts."""


def races() -> list[Race]:
    rivals: dict[str | tuple[str, ...], float | None] = dict.fromkeys([OURS, PYTORCH, "jax", "autograd"])
    return [
        Race(f"compiled-matrix: {case}", against("compiled-matrix", case, case, rivals, COMPILED), tolerance=1e-6)
        for case in CASES
    ]


def softmax(z: Any) -> Any:
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def compiled(case: str) -> Contest:
    import tinygrad_lite as tl

    if case == hessian.LOGISTIC:
        X, t, p = hessian.problem(case)
        return matrix(tl.compile(tl.hessian(partial(hessian.logistic, np, X, t))), p)
    (x,) = jacobian.problem(case)
    return matrix(tl.compile(tl.jacobian(softmax)), x)


def matrix(function: Any, x: Any) -> Contest:
    function(x)  # which compiles
    return jacobian.contest(partial(function, x))


def other(contestant: str) -> Build:
    """A contestant of the tasks that have these matrices."""

    def build(case: str) -> Contest:
        return (hessian if case == hessian.LOGISTIC else jacobian).CONTESTANTS[contestant](case)

    return build


CONTESTANTS: dict[str, Build] = {COMPILED: compiled, **{name: other(name) for name in jacobian.CONTESTANTS}}
