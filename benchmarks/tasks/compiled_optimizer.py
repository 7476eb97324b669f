"""One ``optimizer.step()`` with gradients that are there already, compiled, for a 784-512-512-10 network. float32.

Beside it the same step as it runs, and PyTorch's; and the rule as a function of arrays: as NumPy runs it, compiled here
(pure), and compiled by JAX.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..contest import COMPILED, OURS, PURE, PYTORCH, Build, Contest, Race, against
from . import optimizer

TITLE = "One step of an optimizer, compiled"

RATE = 1e-3
TOLERANCE = 1e-5


def momentum(np: Any, p: Any, g: Any, t: Any, v: Any) -> tuple[Any, ...]:  # noqa: ARG001 (all are called alike)
    v = 0.9 * v + g
    return p - RATE * v, v


def adam(np: Any, p: Any, g: Any, t: Any, m: Any, v: Any) -> tuple[Any, ...]:
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * (g * g)
    denominator = np.sqrt(v) / np.sqrt(1.0 - 0.999**t) + 1e-8
    return p - RATE / (1.0 - 0.9**t) * m / denominator, m, v


def adamw(np: Any, p: Any, g: Any, t: Any, m: Any, v: Any) -> tuple[Any, ...]:
    return adam(np, p * (1.0 - RATE * 0.01), g, t, m, v)


def rmsprop(np: Any, p: Any, g: Any, t: Any, v: Any) -> tuple[Any, ...]:  # noqa: ARG001
    v = 0.99 * v + 0.01 * (g * g)
    return p - RATE * g / (np.sqrt(v) + 1e-8), v


def adagrad(np: Any, p: Any, g: Any, t: Any, v: Any) -> tuple[Any, ...]:  # noqa: ARG001
    v = v + g * g
    return p - RATE * g / (np.sqrt(v) + 1e-10), v


RULES: dict[str, tuple[Callable[..., tuple[Any, ...]], int]] = {
    "SGD, momentum": (momentum, 1),
    "Adam": (adam, 2),
    "AdamW": (adamw, 2),
    "RMSprop": (rmsprop, 1),
    "Adagrad": (adagrad, 1),
}
"""By name: the new parameter and state, and how many arrays the state has."""


def races() -> list[Race]:
    rivals: dict[str | tuple[str, ...], float | None] = dict.fromkeys([OURS, PURE, "numpy", PYTORCH, "jax"])
    return [
        Race(
            f"compiled-optimizer: {case}",
            against("compiled-optimizer", case, case, rivals, COMPILED),
            tolerance=TOLERANCE,
        )
        for case in RULES
    ]


def step_function(case: str, array_module: Any) -> Callable[..., Any]:
    """The step of all parameters, whose states are lists beside theirs, in one function."""
    rule, _ = RULES[case]

    def update(parameters: list[Any], gradients: list[Any], states: list[Any], t: Any) -> tuple[Any, Any]:
        new = [rule(array_module, p, g, t, *s) for p, g, s in zip(parameters, gradients, states, strict=True)]
        return [p for p, *_ in new], [s for _, *s in new]

    return update


def contest(case: str, update: Callable[..., Any], array: Callable[[Any], Any], ready: Callable[[Any], Any]) -> Contest:
    """A contestant of a function, in a library's arrays; ``ready`` waits for a result."""
    pairs = optimizer.problem()
    parameters, gradients = [array(p) for p, _ in pairs], [array(g) for _, g in pairs]
    states = [[array(np.zeros_like(p)) for _ in range(RULES[case][1])] for p, _ in pairs]
    t = 0.0

    def step() -> Any:
        nonlocal parameters, states, t
        t += 1.0
        parameters, states = ready(update(parameters, gradients, states, t))
        return parameters

    for _ in range(optimizer.STEPS):
        step()
    return Contest(step, [float(np.abs(np.asarray(p, np.float64)).sum()) for p in parameters])


def by_hand(case: str) -> Contest:
    return contest(case, step_function(case, np), np.array, lambda y: y)


def compiled(case: str) -> Contest:
    import tinygrad_lite as tl

    own = optimizer.our_optimizer(case)
    gradients = [p.grad for p in own.parameters]

    def update(gradients: list[Any]) -> None:
        for p, g in zip(own.parameters, gradients, strict=True):
            p.grad = g
        own.step()

    step = tl.compile(update, state=[own])
    return optimizer.contest(lambda: step(gradients), [p.data for p in own.parameters])


def pure(case: str) -> Contest:
    import tinygrad_lite as tl

    tl.keep_memory()
    return contest(case, tl.compile(step_function(case, np)), np.array, lambda y: y)


def jax(case: str) -> Contest:
    import jax
    import jax.numpy as jnp

    update = jax.jit(step_function(case, jnp), donate_argnums=(0, 2))
    return contest(case, update, jnp.array, jax.block_until_ready)


CONTESTANTS: dict[str, Build] = {**optimizer.CONTESTANTS, COMPILED: compiled, PURE: pure, "numpy": by_hand, "jax": jax}
