"""Sums over vectors and tables: logistic regression, a mixture of Gaussians, a chain of functions, Rosenbrock's."""

from __future__ import annotations

from typing import Any

import numpy

from .workload import Problem


def logistic_loss(np: Any, w: Any, X: Any, s: Any) -> Any:
    """The mean of ln(1 + e^(−s w·x)), for signs s."""
    return np.mean(np.logaddexp(0.0, -s * (X @ w)))


def logistic(rows: int, columns: int, hvp: bool = False) -> Problem:
    rng = numpy.random.default_rng(0)
    X, w, v = rng.standard_normal((rows, columns)), rng.standard_normal(columns) / 10, rng.standard_normal(columns)
    s = numpy.where(X[:, 0] > X[:, 1], 1.0, -1.0)
    if hvp:
        return Problem(logistic_loss, (w, X, s, v), "hvp")
    return Problem(logistic_loss, (w, X, s))


def mixture_log_likelihood(np: Any, parameters: Any, x: Any) -> Any:
    """The mean over points of ln Σₖ wₖ N(x; μₖ, σₖ), with w = softmax(a), σ = e^s, and a σ for each coordinate."""
    a, means, s = parameters
    z = (x[:, None, :] - means) / np.exp(s)
    log_weights = a - np.log(np.sum(np.exp(a)))
    terms = log_weights - np.sum(s, axis=1) - 0.5 * np.sum(z * z, axis=2)
    highest = np.max(terms, axis=1, keepdims=True)
    return np.mean(highest[:, 0] + np.log(np.sum(np.exp(terms - highest), axis=1)))


def mixture(points: int, components: int = 8, dimensions: int = 4) -> Problem:
    rng = numpy.random.default_rng(0)
    means = 2 * rng.standard_normal((components, dimensions))
    x = means[rng.integers(0, components, points)] + rng.standard_normal((points, dimensions))
    guess = means + 0.3 * rng.standard_normal(means.shape)
    parameters = [rng.standard_normal(components) / 4, guess, rng.standard_normal(means.shape) / 4]
    return Problem(mixture_log_likelihood, (parameters, x))


def chained(np: Any, x: Any) -> Any:
    return np.sum(np.sin(np.sqrt(np.exp(np.tanh(x)))))


def chain(size: int, dtype: str) -> Problem:
    return Problem(chained, (numpy.random.default_rng(0).standard_normal(size).astype(dtype),))


def rosenbrock_sum(np: Any, x: Any) -> Any:
    """Σ 100 (xₖ₊₁ − xₖ²)² + (1 − xₖ)²."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock(size: int) -> Problem:
    return Problem(rosenbrock_sum, (numpy.random.default_rng(0).standard_normal(size),))
