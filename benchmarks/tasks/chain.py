"""One long chain of multiplications, forward and backward: the cost of a node, and whether it grows with the graph.

As it runs, and with Python's garbage collector off. The collector visits a living graph again and again while it grows,
as it does any large set of Python objects, and never finds anything to free in one: that part of a node's time is not
the engine's, and is no part of the target.
"""

from __future__ import annotations

import gc
from functools import partial
from typing import Any

import numpy as np

from ..contest import OURS, PYTORCH, Build, Comparison, Contest, Lane, Race

TITLE = "A chain y ← c y, forward and backward, per node"

COLLECTOR_OFF = ", collector off"
SIZES = (10**4, 10**5, 10**6)
KINDS = {"numbers": 0, "vectors of 16": 16}
FACTOR = 1 - 1e-6
SAME = 1.25
"""Time per node at 10⁶ counts as that at 10⁴ up to this ratio: a million nodes no longer fit the processor's caches."""


def races() -> list[Race]:
    found = []
    for kind in KINDS:
        short, middle, long = [Lane("chain", OURS, f"{kind} {size}") for size in SIZES]
        bare_short, bare_long = [Lane("chain", OURS, f"{kind} {size}{COLLECTOR_OFF}") for size in (SIZES[0], SIZES[-1])]
        rivals = tuple([Lane("chain", name, middle.case) for name in PYTORCH])
        rows = (
            Comparison(f"10⁵ {kind}", middle, rivals),
            Comparison(f"10⁶ {kind}", long, (short,), label="itself at 10⁴"),
            Comparison("… collector off", bare_long, (bare_short,), SAME, "itself at 10⁴"),
        )
        found.append(Race(f"chain: {kind}", rows))
    return found


def problem(case: str) -> tuple[Any, int, list[float]]:
    """The start, the number of nodes, and what the gradient's entries must be over cⁿ: 1."""
    kind, size = case.removesuffix(COLLECTOR_OFF).rsplit(" ", 1)
    x = np.ones(KINDS[kind]) if KINDS[kind] else np.float64(1)
    return x, int(size), FACTOR ** int(size)


def ours(case: str) -> Contest:
    import tinygrad_lite as tl

    if case.endswith(COLLECTOR_OFF):
        gc.disable()
    value, size, expected = problem(case)
    x = tl.tensor(value, requires_grad=True)

    def step() -> Any:
        x.grad = None
        y = x
        for _ in range(size - 1):
            y = y * FACTOR
        y.sum().backward()
        return x.grad

    return Contest(step, [np.mean(step()) / expected], per=size)


def pytorch(case: str, threads: int) -> Contest:
    import torch

    torch.set_num_threads(threads)
    value, size, expected = problem(case)
    x = torch.tensor(value, dtype=torch.float64, requires_grad=True)

    def step() -> Any:
        x.grad = None
        y = x
        for _ in range(size - 1):
            y = y * FACTOR
        y.sum().backward()
        return x.grad

    return Contest(step, [float(step().mean()) / expected], per=size)


CONTESTANTS: dict[str, Build] = {
    "tinygrad_lite": ours,
    "torch-1": partial(pytorch, threads=1),
    "torch-2": partial(pytorch, threads=2),
}
