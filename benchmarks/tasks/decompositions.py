"""Linear algebra: a function of a matrix, and its gradient for a given gradient of the result; float64, n = 10 and 200.

Of eigh and svd, which have several results, a number is made first, of squares: vectors have no sign of their own. Of
symmetric matrices one library reads one half and another both: the gradients agree in what they give to both together.
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


def of_eigenvectors(linalg: Any, a: Any, c: Any) -> Any:
    w, v = linalg.eigh(a)
    return (w * c[0]).sum() + (v * v * c).sum()


def of_singular_vectors(linalg: Any, a: Any, c: Any) -> Any:
    u, s, vh = linalg.svd(a)
    return (s * c[0]).sum() + (u * u * c).sum() + (vh * vh * c).sum()


WORKS = {
    "inv": Work(lambda linalg, a, c: linalg.inv(a)),
    "solve vector": Work(lambda linalg, a, c: linalg.solve(a, c[0])),
    "solve matrix": Work(lambda linalg, a, c: linalg.solve(a, c)),
    "cholesky": Work(lambda linalg, a, c: linalg.cholesky(a), symmetric=True),
    "slogdet": Work(lambda linalg, a, c: linalg.slogdet(a)[1]),
    "eigh": Work(of_eigenvectors, symmetric=True),
    "svd": Work(of_singular_vectors),
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


def weights_of(y: Any, c: Any) -> Any:
    """The gradient by a result: of a matrix, a vector or a number."""
    return {2: lambda: c, 1: lambda: c[1], 0: lambda: None}[y.ndim]()


def contest(step: Callable[[], Any]) -> Contest:
    """The answer: the mean of the results' squares, and that of the gradient's, made symmetric."""
    value, gradient = [np.asarray(x) for x in step()]
    return Contest(step, [float(np.square(value).mean()), float(np.square(gradient + gradient.T).mean())])


def ours(case: str) -> Contest:
    import tinygrad_lite as tl

    work, matrix, c = problem(case)
    a = tl.Tensor(matrix, requires_grad=True)

    def step() -> Any:
        a.grad = None
        y = work.function(np.linalg, a, c)
        y.backward(weights_of(y, c))
        return y.data, a.grad

    return contest(step)


def pytorch(case: str, threads: int) -> Contest:
    import torch

    torch.set_num_threads(threads)
    work, matrix, weights = problem(case)
    a, c = torch.from_numpy(matrix).requires_grad_(), torch.from_numpy(weights)

    def step() -> Any:
        a.grad = None
        y = work.function(torch.linalg, a, c)
        y.backward(weights_of(y, c))
        return y.detach(), a.grad

    return contest(step)


def jax(case: str) -> Contest:
    import jax

    jax.config.update("jax_enable_x64", True)
    work, matrix, weights = problem(case)
    a, c = jax.numpy.asarray(matrix), jax.numpy.asarray(weights)

    @jax.jit
    def compiled(a: Any) -> Any:
        y, pull = jax.vjp(lambda x: work.function(jax.numpy.linalg, x, c), a)
        return y, pull(weights_of(y, c) if y.ndim else jax.numpy.ones(()))[0]

    return contest(lambda: jax.block_until_ready(compiled(a)))


CONTESTANTS: dict[str, Build] = {
    "tinygrad_lite": ours,
    "torch-1": partial(pytorch, threads=1),
    "torch-2": partial(pytorch, threads=2),
    "jax": jax,
}
