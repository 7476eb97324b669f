"""Programs with a loop of many steps: a recurrent network, an ordinary differential equation, a wave.

JAX runs them with ``lax.scan``: unrolled, XLA takes minutes to compile the longer ones.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy

from .networks import normal
from .workload import Problem

# ---------------------------------------------------------------------------------------------------------------------
# A recurrent network


def gru_cell(np: Any, parameters: Any, h: Any, x: Any) -> Any:
    """The next state: gates z and r, and a candidate, of the input and the state."""
    W, U, b = parameters
    hidden = h.shape[1]
    a, s = x @ W + b, h @ U
    gates = 1.0 / (1.0 + np.exp(-(a[:, : 2 * hidden] + s[:, : 2 * hidden])))
    z, r = gates[:, :hidden], gates[:, hidden:]
    candidate = np.tanh(a[:, 2 * hidden :] + r * s[:, 2 * hidden :])
    return (1.0 - z) * candidate + z * h


def gru_loss(np: Any, parameters: Any, h: Any, inputs: Any) -> Any:
    """The mean square of the last state."""
    for x in inputs:
        h = gru_cell(np, parameters, h, x)
    return np.mean(h * h)


def gru_scanned(np: Any, parameters: Any, h: Any, inputs: Any) -> Any:
    from jax import lax

    h, _ = lax.scan(lambda h, x: (gru_cell(np, parameters, h, x), None), h, inputs)
    return np.mean(h * h)


def gru(steps: int, hidden: int, batch: int) -> Problem:
    rng = numpy.random.default_rng(0)
    parameters = [normal(rng, hidden, 3 * hidden, fan_in=hidden) for _ in range(2)]
    parameters.append(normal(rng, 3 * hidden, fan_in=hidden))
    inputs = rng.standard_normal((steps, batch, hidden), numpy.float32)
    arguments = (parameters, numpy.zeros((batch, hidden), numpy.float32), inputs)
    return Problem(gru_loss, arguments, forms={"jax": gru_scanned})


# ---------------------------------------------------------------------------------------------------------------------
# Predators and prey


def rates(theta: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """ẋ = (a − b y) x and ẏ = (c x − d) y."""
    return (theta[0] - theta[1] * y) * x, (theta[2] * x - theta[3]) * y


def runge_kutta(theta: Any, x: Any, y: Any, h: float) -> tuple[Any, Any]:
    """One step of the classical method of fourth order."""
    x1, y1 = rates(theta, x, y)
    x2, y2 = rates(theta, x + 0.5 * h * x1, y + 0.5 * h * y1)
    x3, y3 = rates(theta, x + 0.5 * h * x2, y + 0.5 * h * y2)
    x4, y4 = rates(theta, x + h * x3, y + h * y3)
    return x + h / 6 * (x1 + 2.0 * (x2 + x3) + x4), y + h / 6 * (y1 + 2.0 * (y2 + y3) + y4)


def predators(np: Any, theta: Any, start: Any, steps: int, h: float) -> Any:  # noqa: ARG001 (numbers need no module)
    """The squares of the state in the end."""
    x, y = start[0], start[1]
    for _ in range(steps):
        x, y = runge_kutta(theta, x, y, h)
    return x * x + y * y


def predators_scanned(np: Any, theta: Any, start: Any, steps: int, h: float) -> Any:  # noqa: ARG001
    from jax import lax

    (x, y), _ = lax.scan(
        lambda state, _: (runge_kutta(theta, *state, h), None), (start[0], start[1]), None, length=steps
    )
    return x * x + y * y


def lotka_volterra(steps: int, h: float = 0.05) -> Problem:
    arguments = (numpy.array([1.1, 0.4, 0.1, 0.4]), numpy.array([10.0, 5.0]))
    settings = {"steps": steps, "h": h}
    return Problem(partial(predators, **settings), arguments, forms={"jax": partial(predators_scanned, **settings)})


# ---------------------------------------------------------------------------------------------------------------------
# A wave


def accelerated(before: Any, u: Any, c: Any) -> Any:
    """The inside of the next state: 2 u − u₋₁ + c Δu."""
    laplacian = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
    return 2.0 * u[1:-1, 1:-1] - before[1:-1, 1:-1] + c * laplacian


def wave_written(np: Any, c: Any, u0: Any, steps: int) -> Any:
    """The squares of the last state; states are written into with slices."""
    before, u = np.array(u0), np.array(u0)
    for _ in range(steps):
        before[1:-1, 1:-1] = accelerated(before, u, c)
        before, u = u, before
    return np.sum(u * u)


def wave_scanned(np: Any, c: Any, u0: Any, steps: int) -> Any:
    from jax import lax

    def step(states: Any, _: None) -> Any:
        before, u = states
        return (u, before.at[1:-1, 1:-1].set(accelerated(before, u, c))), None

    (_, u), _ = lax.scan(step, (u0, u0), None, length=steps)
    return np.sum(u * u)


def wave_joined(np: Any, c: Any, u0: Any, steps: int) -> Any:
    """The same without writes, which HIPS autograd does not have."""
    before, u = u0, u0
    for _ in range(steps):
        middle = np.concatenate([u0[1:-1, :1], accelerated(before, u, c), u0[1:-1, -1:]], axis=1)
        before, u = u, np.concatenate([u0[:1], middle, u0[-1:]])
    return np.sum(u * u)


def wave(side: int, steps: int) -> Problem:
    axis = numpy.linspace(-1, 1, side)
    u0 = numpy.exp(-20 * (axis[:, None] ** 2 + axis**2))
    speeds = numpy.full((side - 2, side - 2), 0.2)
    forms = {"jax": partial(wave_scanned, steps=steps), "autograd": partial(wave_joined, steps=steps)}
    return Problem(partial(wave_written, steps=steps), (speeds, u0), forms=forms)
