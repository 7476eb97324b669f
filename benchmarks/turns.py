"""The race: workers that take turns."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from .contest import Lane, Race
from .worker import WARM_UP

ROOT = Path(__file__).parent.parent

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait sleep; where spinning helps a library, one thread helps it more
    "JAX_PLATFORMS": "cpu",
}

SETTLE = 0.1
"""Seconds between turns, in which the last one's BLAS threads fall asleep: OpenBLAS's spin for about 20 ms."""

LONG, FEW = 1.0, 5
"""A race in which a turn takes so many seconds has no more than so many rounds."""


class Worker:
    """A process for one lane; ``hello`` is what it said of itself."""

    def __init__(self, lane: Lane) -> None:
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # a pipe that nobody reads could fill
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", lane.task, lane.contestant, lane.case],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            cwd=lane.checkout or ROOT,
            env=ENVIRONMENT,
        )
        self.repeat = 1

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
        self.errors.close()

    def heard(self) -> Any:
        """Its next message; that it failed, if it died."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        self.errors.seek(0)
        return {"failed": f"ended with status {self.process.wait()}: {self.errors.read()[-2000:]}"}

    def run(self) -> float:
        """One turn: its figure."""
        assert self.process.stdin is not None
        time.sleep(SETTLE)
        self.process.stdin.write(f"{self.repeat}\n")
        self.process.stdin.flush()
        figure = self.heard()
        if isinstance(figure, dict):
            raise RuntimeError(figure["failed"])
        return float(figure)

    def calibrate(self, seconds: float) -> float:
        """Choose the repetitions that make a turn, but for its warm-up, last at least so long; how long it lasts."""
        while True:
            start = time.perf_counter()
            self.run()
            spent = time.perf_counter() - start - SETTLE - (WARM_UP if self.repeat > 1 else 0)
            if spent >= seconds:
                return spent
            self.repeat = max(2 * self.repeat, math.ceil(1.1 * self.repeat * seconds / spent) if spent > 1e-3 else 0)


@dataclass
class Outcome:
    """What came of a race: for each lane its figures, round by round, or why there are none."""

    figures: dict[Lane, list[float]] = field(default_factory=dict)
    absent: dict[Lane, str] = field(default_factory=dict)
    wrong: dict[Lane, str] = field(default_factory=dict)
    threads: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def figure(self, lane: Lane) -> float:
        return median(self.figures[lane])

    def ratios(self, lane: Lane, rival: Lane) -> list[float]:
        """Round by round, so that the machine's drift cancels; sorted."""
        pairs = zip(self.figures[lane], self.figures[rival], strict=True)
        return sorted([a / b if b else math.inf for a, b in pairs])


def run(race: Race, rounds: int, seconds: float) -> Outcome:
    """Run a race: every lane once in each round, in an order that changes from round to round.

    Lanes whose library is missing are absent. Lanes that fail, or whose answer differs from the first one's by more
    than the race's tolerance, are wrong. Neither are timed.
    """
    outcome = Outcome()
    with ExitStack() as stack:
        workers = {lane: stack.enter_context(Worker(lane)) for lane in race.lanes}
        hellos = {lane: worker.heard() for lane, worker in workers.items()}
        admit(hellos, race.tolerance, outcome)
        lanes = list(outcome.figures)
        longest = 0.0
        for n in range(-1, rounds):  # round −1 calibrates
            if n >= FEW and longest > LONG:
                break
            shift = n % max(1, len(lanes))
            order = lanes[shift:] + lanes[:shift]
            for lane in order[:: -1 if n % 2 else 1]:  # so that nobody always follows the same one
                try:
                    if n >= 0:
                        outcome.figures[lane].append(workers[lane].run())
                    elif not hellos[lane]["measured"]:
                        longest = max(longest, workers[lane].calibrate(seconds))
                except (RuntimeError, BrokenPipeError) as error:
                    outcome.wrong[lane] = str(error)
                    del outcome.figures[lane]
                    lanes.remove(lane)
    return outcome


def admit(hellos: dict[Lane, Any], tolerance: float, outcome: Outcome) -> None:
    """Decide by what the workers said of themselves which lanes take part; those have an empty list of figures then."""
    reference: list[float] | None = None
    for lane, hello in hellos.items():
        if "missing" in hello:
            outcome.absent[lane] = f"not installed: {hello['missing']}"
        elif "failed" in hello:
            outcome.wrong[lane] = hello["failed"]
        else:
            reference = hello["answer"] if reference is None else reference
            if agree(hello["answer"], reference, tolerance):
                outcome.figures[lane] = []
            else:
                outcome.wrong[lane] = f"gives {hello['answer']}, not {reference}"
            outcome.threads |= hello["threads"]
            outcome.versions |= hello["versions"]


def agree(answer: list[float], reference: list[float], tolerance: float) -> bool:
    """Whether two lists of numbers are the same to a relative tolerance."""
    return len(answer) == len(reference) and all(
        math.isclose(a, b, rel_tol=tolerance) for a, b in zip(answer, reference, strict=True)
    )
