"""The peak of memory within one training step, above what is held before it (parameters and data)."""

from __future__ import annotations

import tracemalloc

from ..contest import Build, Contest, Race, against
from . import mlp

TITLE = "Peak memory of that step (tracemalloc, which NumPy reports to)"


def races() -> list[Race]:
    rivals = {"numpy": 1.15}
    return [Race(f"memory: {case}", against("memory", case, case, rivals), unit="B") for case in mlp.CASES]


def measured(build: Build, case: str) -> Contest:
    contest = build(case)

    def peak() -> float:
        tracemalloc.start()
        try:
            for _ in range(3):  # caches are filled, and what a step replaces is known to tracemalloc
                contest.step()
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            contest.step()
            return tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()

    return Contest(peak, contest.answer, measured=True)


CONTESTANTS: dict[str, Build] = {
    "numpy": lambda case: measured(mlp.by_hand, case),
    "tinygrad_lite": lambda case: measured(mlp.ours, case),
}
