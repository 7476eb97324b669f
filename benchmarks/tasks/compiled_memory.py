"""The peak of memory of a compiled training step, beside the step by hand: above what is held before, and in all.

A compiled step holds its buffers from one run to the next, so that little is taken within one. What it and its data
take together, buffers, source and written-down program included, is the second figure.
"""

from __future__ import annotations

import gc
import tracemalloc

from ..contest import COMPILED, Build, Contest, Race, against
from . import compiled_step, memory, mlp

TITLE = "Peak memory of a compiled step (tracemalloc)"

IN_ALL = ", in all"


def races() -> list[Race]:
    rows = [(case + suffix, what or case) for case in mlp.CASES for suffix, what in (("", ""), (IN_ALL, "… in all"))]
    return [
        Race(
            f"compiled-peak: {case}",
            against("compiled-peak", case, what, {"numpy": None}, COMPILED),
            unit="B",
            tolerance=compiled_step.TOLERANCE,
        )
        for case, what in rows
    ]


def measured(build: Build, case: str) -> Contest:
    if not case.endswith(IN_ALL):
        return memory.measured(build, case)
    case = case.removesuffix(IN_ALL)
    answer = build(case).answer  # everything is imported by now

    def peak() -> float:
        gc.collect()
        tracemalloc.start()
        try:
            step = build(case).step
            gc.collect()
            tracemalloc.reset_peak()
            for _ in range(3):
                step()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return Contest(peak, answer, measured=True)


CONTESTANTS: dict[str, Build] = {
    "numpy": lambda case: measured(mlp.by_hand, case),
    COMPILED: lambda case: measured(compiled_step.compiled, case),
}
