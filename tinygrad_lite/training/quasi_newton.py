"""Training on all samples at once, by SciPy's L-BFGS (extra ``scipy``)."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from ..nn import Module
from ..nn.module import put
from .history import History
from .locating import DivergedError
from .objective import mode, objective, rehearse, weight_of, weighted_samples
from .samples import mini_batches, stretches

CHUNK = 1024
"""Samples of which the graph is held at a time; the gradients of all are added up."""


def minimize_loss(
    model: Module,
    X: Any,
    y: Any,
    *,
    loss: Any,
    sample_weight: Any = None,
    alpha: float = 0.0,
    max_iter: int = 200,
    tol: float = 1e-4,
) -> tuple[History, str | None]:
    """Minimize the mean loss over all samples, with the penalty ½ alpha Σ ‖W‖² / Σ w; the model is changed in place.

    Parameters
    ----------
    X, y, loss, sample_weight, alpha : as those of :func:`tinygrad_lite.training.fit`
    max_iter : iterations at most, each of one or several passes over the samples
    tol : stop when no entry of the gradient is larger

    Returns
    -------
    History, str or None : the loss after each iteration; why it ended, where that is not convergence

    However it ends, the parameters are those of the last iteration; an interruption after the first is a reason to end.
    Raises DivergedError for a loss that is not finite.

    Source: D. C. Liu and J. Nocedal, "On the limited memory BFGS method for large scale optimization" (1989).

    >>> from tinygrad_lite.training.quasi_newton import minimize_loss
    >>> x = np.linspace(-1, 1, 20).reshape(-1, 1)
    >>> line = nn.Linear(1, 1, rng=0, dtype=float)
    >>> history, problem = minimize_loss(line, x, 3 * x[:, 0] - 1, loss="mse", tol=1e-9)
    >>> problem, line.weight.data.round(6), line.bias.data.round(6)
    (None, array([[3.]]), array([-1.]))
    """
    from scipy.optimize import minimize

    samples = weighted_samples("fit", model, X, y, sample_weight, loss)
    goal = objective(model, loss, samples[2] is not None).penalized(alpha, model)
    rehearse(model, goal, *samples)
    parameters = [p for p in model.parameters() if p.requires_grad]
    ends = np.cumsum([p.size for p in parameters])
    total, places = weight_of(samples[0], samples[2]), stretches(len(samples[0]), CHUNK)

    def take(theta: np.ndarray) -> None:
        for p, part in zip(parameters, np.split(theta, ends[:-1]), strict=True):
            put(p, part.reshape(p.shape).astype(p.dtype))

    def value_and_gradient(theta: np.ndarray) -> tuple[float, np.ndarray]:
        take(theta)
        model.zero_grad()
        value = 0.0
        for x, t, w in mini_batches(samples, None, places):
            part = goal.loss(goal.outputs(x), t, w) * (weight_of(x, w) / total)
            part.backward()
            value += part.item()
        if goal.penalty is not None:
            part = goal.penalty() / total
            part.backward()
            value += part.item()
        # an empty sum where a parameter has no part in the loss
        found = [np.zeros(p.shape) if p.grad is None else p.grad for p in parameters]
        return value, np.concatenate([g.ravel() for g in found]).astype(np.float64)

    history, started = History(), time.perf_counter()
    reached = np.concatenate([p.data.ravel() for p in parameters]).astype(np.float64)

    def note(intermediate_result: Any) -> None:
        nonlocal reached
        reached = intermediate_result.x.copy()
        history.add(loss=intermediate_result.fun, seconds=time.perf_counter() - started)

    try:
        with mode(model, training=True), np.errstate(over="ignore", invalid="ignore"):  # of a step that is taken back
            found = minimize(
                value_and_gradient,
                reached,
                jac=True,
                method="L-BFGS-B",
                callback=note,
                options={"maxiter": max_iter, "gtol": tol},
            )
    except KeyboardInterrupt:
        if not len(history):
            raise
        history.stopped = "interrupted"
        return history, history.stopped
    finally:
        take(reached)
        model.zero_grad()
    if not np.isfinite(found.fun):
        error = DivergedError(f"fit: the loss became {found.fun} after {found.nit} iterations of L-BFGS")
        error.history = history
        raise error
    history.stopped = None if found.status == 1 else str(found.message)
    return history, None if found.success else str(found.message)
