"""Linear algebra: a function of a matrix and its gradient, in float64, n = 10 and 200.

Each contestant computes the weighted sum of a result's entries and the gradient of that by the matrix. Vectors that
have no sign of their own, of eigh and svd, are squared first; (A + Aᵀ)/2 is what eigh and cholesky get, of which the
libraries read one half or both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..contest import PYTORCH, Build, Contest, Race, against

TITLE = "Linear algebra, value and gradient"

SIZES = (10, 200)


class Work(NamedTuple):
    """A function, written with the ``linalg``, the matrix and the weights of any of the libraries."""

    function: Callable[[Any, Any, Any], Any]
    symmetric: bool = False


WORKS = {
    "inv": Work(lambda linalg, a, c: (linalg.inv(a) * c).sum()),
    "solve vector": Work(lambda linalg, a, c: (linalg.solve(a, c[0]) * c[1]).sum()),
    "solve matrix": Work(lambda linalg, a, c: (linalg.solve(a, c) * c).sum()),
    "cholesky": Work(lambda linalg, a, c: (linalg.cholesky((a + a.T) / 2) * c).sum(), symmetric=True),
    "slogdet": Work(lambda linalg, a, c: linalg.slogdet(a)[1]),
    "eigh": Work(
        lambda linalg, a, c: (lambda w, v: (w * c[0]).sum() + (v * v * c).sum())(*linalg.eigh((a + a.T) / 2)), True
    ),
    "svd": Work(
        lambda linalg, a, c: (lambda u, s, v: (s * c[0]).sum() + (u * u * c).sum() + (v * v * c).sum())(*linalg.svd(a))
    ),
}


def races() -> list[Race]:
    rivals: dict[str | tuple[str, ...], float | None] = {PYTORCH: 1.3, "jax": None}
    return [
        Race(f"linalg: {case}", against("linalg", case, case, rivals), tolerance=1e-6)
        for n in SIZES
        for case in [f"{work}, n = {n}" for work in WORKS]
    ]


def problem(case: str) -> tuple[Work, np.ndarray, np.ndarray]:
    """What to compute, a matrix whose singular values are apart, and weights."""
    name, n = case.split(", n = ")
    work, side = WORKS[name], int(n)
    rng = np.random.default_rng(0)
    a = rng.standard_normal((side, side))
    return work, a @ a.T / side + np.eye(side) if work.symmetric else a + np.eye(side), rng.standard_normal(a.shape)


def contest(step: Callable[[], Any]) -> Contest:
    """The answer: the value, and the mean of the gradient's squares."""
    value, gradient = step()
    return Contest(step, [float(value), float(np.square(np.asarray(gradient)).mean())])


def ours(case: str) -> Contest:
    import tinygrad_lite as tl

    work, a, c = problem(case)
    return contest(partial(tl.value_and_grad(lambda x: work.function(np.linalg, x, c)), a))


def pytorch(case: str, threads: int) -> Contest:
    import torch

    torch.set_num_threads(threads)
    work, matrix, weights = problem(case)
    a, c = torch.from_numpy(matrix).requires_grad_(), torch.from_numpy(weights)

    def step() -> Any:
        a.grad = None
        value = work.function(torch.linalg, a, c)
        value.backward()
        return value.detach(), a.grad

    return contest(step)


def jax(case: str) -> Contest:
    import jax

    jax.config.update("jax_enable_x64", True)
    work, matrix, weights = problem(case)
    a, c = jax.numpy.asarray(matrix), jax.numpy.asarray(weights)
    compiled = jax.jit(jax.value_and_grad(lambda x: work.function(jax.numpy.linalg, x, c)))
    return contest(lambda: jax.block_until_ready(compiled(a)))


CONTESTANTS: dict[str, Build] = {
    "tinygrad_lite": ours,
    "torch-1": partial(pytorch, threads=1),
    "torch-2": partial(pytorch, threads=2),
    "jax": jax,
}
