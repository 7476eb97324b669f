"""A process that holds one contestant and runs it when told: ``python -m benchmarks.worker TASK CONTESTANT CASE``.

Speaks JSON lines. First it says what it is: answer, threads, versions; or that its library is missing, or what failed.
Then each line it reads is a number of repetitions, and it answers with a figure: seconds per step, or what the step
measured. Between its turns it is blocked on reading, and uses no processor.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from .contest import Contest
from .tasks import TASKS

WARM_UP = 0.1
"""Seconds of steps that are not counted, at the start of a turn of many."""

DISTRIBUTIONS = ("numpy", "torch", "autograd", "mygrad", "micrograd", "jax", "scikit-learn")


def main(task: str, contestant: str, case: str) -> None:
    answers = os.fdopen(os.dup(1), "w")  # libraries may print; what they say goes to stderr
    os.dup2(2, 1)

    def say(message: Any) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        contest = TASKS[task].CONTESTANTS[contestant](case)
    except ImportError as error:
        return say({"missing": error.name or str(error)})
    except Exception:
        return say({"failed": traceback.format_exc()})
    say({"answer": list(map(float, contest.answer)), "measured": contest.measured, **surroundings()})
    for line in sys.stdin:
        say(figure(contest, int(line)))
    return None


def figure(contest: Contest, repeat: int) -> float:
    """Seconds per step, over its nodes; or what one step measured."""
    step = contest.step
    if contest.measured:
        return float(step())
    if repeat > 1:  # the others have had the caches and the processor's clock since the last turn
        warm = time.perf_counter() + WARM_UP
        step()
        while time.perf_counter() < warm:
            step()
    start = time.perf_counter()
    for _ in range(repeat):
        step()
    return (time.perf_counter() - start) / repeat / contest.per


def surroundings() -> dict[str, Any]:
    """Threads and versions of what this process has loaded."""
    versions = {}
    for name in DISTRIBUTIONS:
        if {"scikit-learn": "sklearn"}.get(name, name) in sys.modules:
            try:
                versions[name] = version(name)
            except PackageNotFoundError:
                versions[name] = "unknown"
    threads = {}
    if "torch" in sys.modules:
        threads["PyTorch"] = str(sys.modules["torch"].get_num_threads())
    elif "numpy" in sys.modules:
        threads["NumPy's BLAS"] = blas_threads()
    return {"versions": versions, "threads": threads}


def blas_threads() -> str:
    """The threads of NumPy's BLAS: as it says itself, or as the environment asks, or else all processors."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        names = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
        return next((os.environ[name] for name in names if name in os.environ), f"default, {os.cpu_count()} processors")
    found = [pool for pool in threadpool_info() if pool["user_api"] == "blas" and "numpy" in pool["filepath"]]
    return "".join([f"{pool['num_threads']} ({pool['internal_api']} {pool['version']})" for pool in found[:1]])


if __name__ == "__main__":
    main(*sys.argv[1:])
