"""The Jacobian of softmax, 100 × 100, in float64."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..contest import Build, Contest, Race, against

TITLE = "Jacobian of softmax"

K = 100
PYTORCH = ("torch-1", "torch-2", "torch-1-vectorized", "torch-2-vectorized")


def races() -> list[Race]:
    rivals = {PYTORCH: None, "autograd": None, "jax": None}
    return [Race("jacobian", against("jacobian", "softmax", f"K = {K}", rivals), tolerance=1e-6)]


def problem() -> np.ndarray:
    return np.random.default_rng(0).standard_normal(K)


def contest(step: Any) -> Contest:
    """The matrix is summed up with weights, so that the sums of a wrong one differ."""
    matrix = np.asarray(step())
    weights = np.random.default_rng(1).standard_normal(matrix.shape)
    return Contest(step, [np.linalg.norm(matrix), np.trace(matrix), (weights * matrix).sum()])


def ours(_: str) -> Contest:
    import tinygrad_lite as tl

    return contest(partial(tl.jacobian(tl.softmax), problem()))


def pytorch(_: str, threads: int, vectorize: bool) -> Contest:
    import torch

    torch.set_num_threads(threads)
    z = torch.from_numpy(problem())
    softmax = partial(torch.softmax, dim=0)
    return contest(lambda: torch.autograd.functional.jacobian(softmax, z, vectorize=vectorize))


def autograd(_: str) -> Contest:
    import autograd.numpy as anp
    from autograd import jacobian

    def softmax(z: Any) -> Any:
        e = anp.exp(z - anp.max(z))
        return e / anp.sum(e)

    return contest(partial(jacobian(softmax), problem()))


def jax(_: str) -> Contest:
    import jax

    jax.config.update("jax_enable_x64", True)
    z = jax.numpy.asarray(problem())
    compiled = jax.jit(jax.jacrev(jax.nn.softmax))
    return contest(lambda: jax.block_until_ready(compiled(z)))


CONTESTANTS: dict[str, Build] = {
    "tinygrad_lite": ours,
    "torch-1": partial(pytorch, threads=1, vectorize=False),
    "torch-2": partial(pytorch, threads=2, vectorize=False),
    "torch-1-vectorized": partial(pytorch, threads=1, vectorize=True),
    "torch-2-vectorized": partial(pytorch, threads=2, vectorize=True),
    "autograd": autograd,
    "jax": jax,
}
