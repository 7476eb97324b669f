"""A training step of an MLP, compiled as a whole: gradients and update, float32, beside the others of the task ``mlp``.

Compiled is the very step of that task, which writes to its parameters. *Pure* is the same as a function that takes the
parameters and gives the loss and new ones, as JAX's does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..contest import COMPILED, OURS, PURE, PYTORCH, Build, Contest, Race, against
from . import mlp

TITLE = "One training step of an MLP, compiled"

RIVALS = ("numpy", OURS, PURE, PYTORCH, ("torch-lean-1", "torch-lean-2"), "jax", "autograd")
TOLERANCE = 1e-4
"""Of the losses of ten steps in float32."""


def races() -> list[Race]:
    rivals = dict.fromkeys(RIVALS)
    return [
        Race(f"compiled-step: {case}", against("compiled-step", case, case, rivals, COMPILED), tolerance=TOLERANCE)
        for case in mlp.CASES
    ]


def compiled_step(case: str) -> Callable[[], Any]:
    """A step that is newly compiled."""
    import tinygrad_lite as tl

    x, labels, initial = mlp.problem(case)
    parameters = [tl.Tensor(p, requires_grad=True) for p in initial]
    return partial(tl.compile(mlp.our_step(parameters), state=parameters), x, labels)


def compiled(case: str) -> Contest:
    import tinygrad_lite as tl

    tl.keep_memory()
    step = compiled_step(case)
    return Contest(step, [step().item() for _ in range(mlp.STEPS)])


def pure_update() -> Callable[..., Any]:
    """The step as a function of the parameters, newly compiled."""
    import tinygrad_lite as tl

    def loss_of(parameters: list[Any], x: Any, labels: Any) -> Any:
        *hidden, (V, c) = zip(parameters[::2], parameters[1::2], strict=True)
        for W, b in hidden:
            x = tl.relu(x @ W + b)
        return tl.cross_entropy(x @ V + c, labels)

    def update(parameters: list[Any], x: Any, labels: Any) -> tuple[Any, list[Any]]:
        loss, gradients = tl.value_and_grad(loss_of)(parameters, x, labels)
        return loss, [p - mlp.RATE * g for p, g in zip(parameters, gradients, strict=True)]

    return tl.compile(update)


def pure(case: str) -> Contest:
    import tinygrad_lite as tl

    tl.keep_memory()
    x, labels, parameters = mlp.problem(case)
    update = pure_update()

    def step() -> Any:
        nonlocal parameters
        loss, parameters = update(parameters, x, labels)
        return loss

    return mlp.contest(step)


CONTESTANTS: dict[str, Build] = {**mlp.CONTESTANTS, COMPILED: compiled, PURE: pure}
