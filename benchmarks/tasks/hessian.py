"""Hessians in float64: of logistic regression's loss on the breast-cancer data, and of a network of 325 parameters."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..contest import Build, Contest, Race, against
from .jacobian import RIVALS, contest, pytorchs

TITLE = "Hessian"

LOGISTIC, NETWORK = CASES = ("logistic, 30 features", "MLP, 325 parameters")


def races() -> list[Race]:
    return [
        Race(f"hessian: {case}", against("hessian", case, case, {**RIVALS, "autograd": 1.0}), tolerance=1e-6)
        for case in CASES
    ]


def problem(case: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs, targets and parameters."""
    rng = np.random.default_rng(0)
    if case == NETWORK:
        return rng.standard_normal((64, 16)), rng.standard_normal((64, 1)), 0.3 * rng.standard_normal(325)
    from sklearn.datasets import load_breast_cancer

    X, t = load_breast_cancer(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), 2.0 * t - 1, rng.normal(0, 0.1, X.shape[1])


def logistic(np: Any, X: Any, s: Any, w: Any) -> Any:
    """The mean of ln(1 + e^(−s w·x)), for signs s."""
    return np.mean(np.logaddexp(-s * np.matmul(X, w), 0 * s))


def network(np: Any, X: Any, t: Any, p: Any) -> Any:
    """The mean square of what 16 inputs, 18 hidden units and one output are off."""
    first, a = np.reshape(p[:288], (16, 18)), p[288:306]
    second, b = np.reshape(p[306:324], (18, 1)), p[324:]
    return np.mean((np.matmul(np.tanh(np.matmul(X, first) + a), second) + b - t) ** 2)


LOSSES = {LOGISTIC: logistic, NETWORK: network}


def ours(case: str) -> Contest:
    import tinygrad_lite as tl

    X, t, p = problem(case)
    return contest(partial(tl.hessian(partial(LOSSES[case], np, X, t)), p))


def pytorch(case: str, threads: int, way: str) -> Contest:
    import torch

    torch.set_num_threads(threads)
    X, t, p = map(torch.from_numpy, problem(case))
    loss = partial(LOSSES[case], torch, X, t)
    if way == "jacrev":
        return contest(partial(torch.func.hessian(loss), p))
    return contest(lambda: torch.autograd.functional.hessian(loss, p, vectorize=way == "vectorized"))


def autograd(case: str) -> Contest:
    import autograd.numpy as anp
    from autograd import hessian

    X, t, p = problem(case)
    return contest(partial(hessian(partial(LOSSES[case], anp, X, t)), p))


def jax(case: str) -> Contest:
    import jax

    jax.config.update("jax_enable_x64", True)
    X, t, p = map(jax.numpy.asarray, problem(case))
    compiled = jax.jit(jax.hessian(partial(LOSSES[case], jax.numpy, X, t)))
    return contest(lambda: jax.block_until_ready(compiled(p)))


CONTESTANTS: dict[str, Build] = {"tinygrad_lite": ours, **pytorchs(pytorch), "autograd": autograd, "jax": jax}
