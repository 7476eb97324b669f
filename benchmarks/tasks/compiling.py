"""How long it takes to compile: the first call of a function, beside JAX's, which traces, lowers, compiles and runs.

Each figure is of a function that was never compiled before, with everything imported. The programs with loops are
unrolled here, and are ``lax.scan`` in JAX.
"""

from __future__ import annotations

from typing import Any

from ..contest import COMPILED, Build, Contest, Race, against
from ..workloads import WORKLOADS
from ..workloads.libraries import derivative, first_call, jax_function
from . import compiled_step, mlp

TITLE = "Compiling: a function's first call"


def races() -> list[Race]:
    tolerances = {case: workload.tolerance for case, workload in WORKLOADS.items()}
    tolerances |= dict.fromkeys(mlp.CASES, compiled_step.TOLERANCE)
    return [
        Race(f"compiling: {case}", against("compiling", case, case, {"jax": None}, COMPILED), tolerance=tolerance)
        for case, tolerance in tolerances.items()
    ]


def ours(case: str) -> Contest:
    import tinygrad_lite as tl

    if case in mlp.CASES:
        return first_call(lambda: compiled_step.compiled_step(case)().item())
    problem = WORKLOADS[case].measured()
    return first_call(lambda: tl.compile(derivative(problem))(*problem.arguments))


def jax(case: str) -> Contest:
    import jax

    def call() -> Any:
        jax.clear_caches()
        if case in mlp.CASES:
            update, parameters = mlp.jax_update(case)
            return jax.block_until_ready(update(parameters)[0])
        function, arguments = jax_function(WORKLOADS[case].measured())
        return jax.block_until_ready(jax.jit(function)(*arguments))

    return first_call(call)


CONTESTANTS: dict[str, Build] = {COMPILED: ours, "jax": jax}
