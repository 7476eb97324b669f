"""One long chain of multiplications, forward and backward: the cost of a node, and whether it grows with the graph."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..contest import OURS, PYTORCH, Build, Comparison, Contest, Lane, Race

TITLE = "A chain y ← c y, forward and backward, per node"

SIZES = (10**4, 10**5, 10**6)
KINDS = {"numbers": 0, "vectors of 16": 16}
FACTOR = 1 - 1e-6
SAME = 1.25
"""Time per node at 10⁶ counts as that at 10⁴ up to this ratio: a million nodes no longer fit the processor's caches."""


def races() -> list[Race]:
    found = []
    for kind in KINDS:
        short, middle, long = [Lane("chain", OURS, f"{kind} {size}") for size in SIZES]
        rivals = tuple([Lane("chain", name, middle.case) for name in PYTORCH])
        rows = (
            Comparison(f"10⁵ {kind}", middle, rivals),
            Comparison(f"10⁵ {kind}", middle, (short,), label="itself at 10⁴"),
            Comparison(f"10⁶ {kind}", long, (short,), SAME, "itself at 10⁴"),
        )
        found.append(Race(f"chain: {kind}", rows))
    return found


def problem(case: str) -> tuple[Any, int, list[float]]:
    """The start, the number of nodes, and what the gradient's entries must be over cⁿ: 1."""
    kind, size = case.rsplit(" ", 1)
    x = np.ones(KINDS[kind]) if KINDS[kind] else np.float64(1)
    return x, int(size), FACTOR ** int(size)


def ours(case: str) -> Contest:
    import tinygrad_lite as tl

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
