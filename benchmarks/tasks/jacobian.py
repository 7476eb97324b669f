"""Jacobians in float64: of softmax, 100 × 100, and of two layers, 1000 × 1000."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..contest import Build, Contest, Race, against

TITLE = "Jacobian"

SOFTMAX, LAYERS = CASES = ("softmax, K = 100", "two layers of 1000")
WIDE_SOFTMAX = "softmax, K = 1000"
PYTORCH = ("torch-1", "torch-2")
VECTORIZED = ("torch-1-vectorized", "torch-2-vectorized")
FUNCTIONAL = ("torch-1-jacrev", "torch-2-jacrev")
"""PyTorch's three ways: a sweep for each row; ``vectorize=True``; ``torch.func``."""

RIVALS: dict[str | tuple[str, ...], float | None] = dict.fromkeys([PYTORCH, VECTORIZED, FUNCTIONAL, "autograd", "jax"])


def races() -> list[Race]:
    rivals = {**RIVALS, FUNCTIONAL: 1.5}
    return [Race(f"jacobian: {case}", against("jacobian", case, case, rivals), tolerance=1e-6) for case in CASES]


def problem(case: str) -> list[np.ndarray]:
    """Where to take the Jacobian, and the layers' weights."""
    rng = np.random.default_rng(0)
    if case.startswith("softmax"):
        return [rng.standard_normal(int(case.rpartition(" ")[2]))]
    return [rng.standard_normal(1000), *rng.standard_normal((2, 1000, 1000)) / 32]


def contest(step: Any) -> Contest:
    """The matrix is summed up with weights, so that the sums of a wrong one differ."""
    matrix = np.asarray(step())
    weights = np.random.default_rng(1).standard_normal(matrix.shape)
    return Contest(step, [np.linalg.norm(matrix), np.trace(matrix), (weights * matrix).sum()])


def layers(np: Any, first: Any, second: Any, x: Any) -> Any:
    """Two layers, in the functions of any of the libraries."""
    return np.tanh(np.matmul(second, np.tanh(np.matmul(first, x))))


def ours(case: str) -> Contest:
    import tinygrad_lite as tl

    x, *weights = problem(case)
    return contest(partial(tl.jacobian(partial(layers, np, *weights) if weights else tl.softmax), x))


def pytorch(case: str, threads: int, way: str) -> Contest:
    import torch

    torch.set_num_threads(threads)
    x, *weights = map(torch.from_numpy, problem(case))
    f = partial(layers, torch, *weights) if weights else partial(torch.softmax, dim=0)
    if way == "jacrev":
        return contest(partial(torch.func.jacrev(f), x))
    return contest(lambda: torch.autograd.functional.jacobian(f, x, vectorize=way == "vectorized"))


def autograd(case: str) -> Contest:
    import autograd.numpy as anp
    from autograd import jacobian

    def softmax(z: Any) -> Any:
        e = anp.exp(z - anp.max(z))
        return e / anp.sum(e)

    x, *weights = problem(case)
    return contest(partial(jacobian(partial(layers, anp, *weights) if weights else softmax), x))


def jax(case: str) -> Contest:
    import jax

    jax.config.update("jax_enable_x64", True)
    x, *weights = map(jax.numpy.asarray, problem(case))
    compiled = jax.jit(jax.jacrev(partial(layers, jax.numpy, *weights) if weights else jax.nn.softmax))
    return contest(lambda: jax.block_until_ready(compiled(x)))


def pytorchs(build: Any) -> dict[str, Build]:
    """PyTorch's contestants, with one thread and with two, in each of its ways."""
    ways = {"": "plain", "-vectorized": "vectorized", "-jacrev": "jacrev"}
    return {f"torch-{n}{suffix}": partial(build, threads=n, way=way) for suffix, way in ways.items() for n in (1, 2)}


CONTESTANTS: dict[str, Build] = {"tinygrad_lite": ours, **pytorchs(pytorch), "autograd": autograd, "jax": jax}
