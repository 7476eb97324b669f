"""The Hessian of logistic regression's loss on the breast-cancer data: 569 samples, 30 features, float64."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..contest import Build, Contest, Race, against
from .jacobian import PYTORCH, contest

TITLE = "Hessian of logistic regression, breast cancer, 569 samples"


def races() -> list[Race]:
    rivals = {PYTORCH: None, "autograd": None, "jax": None}
    return [Race("hessian", against("hessian", "logistic", "30 features", rivals), tolerance=1e-6)]


def problem() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Standardised features, signs ±1, and weights."""
    from sklearn.datasets import load_breast_cancer

    X, t = load_breast_cancer(return_X_y=True)
    w = np.random.default_rng(0).normal(0, 0.1, X.shape[1])
    return (X - X.mean(axis=0)) / X.std(axis=0), 2.0 * t - 1, w


def ours(_: str) -> Contest:
    import tinygrad_lite as tl

    X, s, w = problem()
    return contest(partial(tl.hessian(lambda w: tl.logaddexp(0, -s * (X @ w)).mean()), w))


def pytorch(_: str, threads: int, vectorize: bool) -> Contest:
    import torch
    from torch.nn.functional import softplus

    torch.set_num_threads(threads)
    X, s, w = map(torch.from_numpy, problem())

    def loss(w: Any) -> Any:
        return softplus(-s * (X @ w)).mean()

    return contest(lambda: torch.autograd.functional.hessian(loss, w, vectorize=vectorize))


def autograd(_: str) -> Contest:
    import autograd.numpy as anp
    from autograd import hessian

    X, s, w = problem()
    return contest(partial(hessian(lambda w: anp.mean(anp.logaddexp(0, -s * anp.dot(X, w)))), w))


def jax(_: str) -> Contest:
    import jax

    jax.config.update("jax_enable_x64", True)
    X, s, w = map(jax.numpy.asarray, problem())
    compiled = jax.jit(jax.hessian(lambda w: jax.numpy.logaddexp(0, -s * (X @ w)).mean()))
    return contest(lambda: jax.block_until_ready(compiled(w)))


CONTESTANTS: dict[str, Build] = {
    "tinygrad_lite": ours,
    "torch-1": partial(pytorch, threads=1, vectorize=False),
    "torch-2": partial(pytorch, threads=2, vectorize=False),
    "torch-1-vectorized": partial(pytorch, threads=1, vectorize=True),
    "torch-2-vectorized": partial(pytorch, threads=2, vectorize=True),
    "autograd": autograd,
    "jax": jax,
}
