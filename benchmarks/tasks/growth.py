"""What 1000 training steps leave behind with the garbage collector off: nothing, if nothing forms a cycle."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np

from ..contest import OURS, Build, Comparison, Contest, Lane, Race
from . import mlp

TITLE = f"Left behind by 1000 steps of {mlp.CASES[0]}, garbage collector off"

STEPS = 1000


def races() -> list[Race]:
    return [
        Race("growth: objects", (Comparison("objects", Lane("growth", OURS, "objects"), target=0),), unit=""),
        Race("growth: memory", (Comparison("memory", Lane("growth", OURS, "memory"), target=0),), unit="B"),
    ]


def ours(case: str) -> Contest:
    step = mlp.ours(mlp.CASES[0]).step

    def run() -> None:
        for _ in range(STEPS):
            step()

    def count() -> int:
        return len(gc.get_objects())

    def objects() -> int:
        before = count()
        run()
        return count() - before

    def memory() -> int:
        levels = np.zeros(2, int)  # made beforehand, for a number that holds the first level would count as growth
        tracemalloc.start()
        try:
            for n in range(2):
                run()
                levels[n] = tracemalloc.get_traced_memory()[0]
            return int(levels[1] - levels[0])
        finally:
            tracemalloc.stop()

    gc.collect()
    gc.disable()
    run()
    return Contest(objects if case == "objects" else memory, measured=True)


CONTESTANTS: dict[str, Build] = {OURS: ours}
