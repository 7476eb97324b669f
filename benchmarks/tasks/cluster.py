"""Gradients over arrays that no process holds whole: Dask's chunks on two worker processes of this machine.

Memory: 4 GB of float64 are drawn chunk by chunk within the tasks; each worker may take 512 MB. What is shown is the
largest peak of a worker, and the driver's; the gradient is compared with the sum of the chunks' own gradients.

Time: 2·10⁷ rows of 20 columns lie in the workers' memory in chunks of 10⁶ rows, and the gradient of a logistic
regression is taken of them. Beside it the same chunks' gradients, in a plain loop in as many processes.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import resource
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..contest import Build, Comparison, Contest, Lane, Race, against

TITLE = "Gradients over chunks, in two processes"

COLUMNS = 20
GIGABYTES = 4.0
LIMIT, DRIVER_LIMIT = 512_000_000, 300_000_000
ROWS, CHUNK = 20_000_000, 1_000_000
SMALL_CHUNK = 50_000

UNTIL_THE_END = ExitStack()
"""What is closed when this process ends, by which the workers are gone."""

KEPT = {"MALLOC_TRIM_THRESHOLD_": 1 << 30, "MALLOC_MMAP_THRESHOLD_": 1 << 25}
"""Bytes of freed memory that workers keep. Dask has them give it back at once, and take it anew for each array."""

Parameters = dict[str, Any]


def races() -> list[Race]:
    peaks = (("logistic", "worker", LIMIT), ("perceptron", "worker", LIMIT), ("perceptron", "driver", DRIVER_LIMIT))
    rows = [
        Comparison(f"{model}, 4 GB, {process}", Lane("cluster", "tinygrad_lite", f"{model}, {process}"), target=limit)
        for model, process, limit in peaks
    ]
    return [
        Race("cluster: memory", tuple(rows), unit="B"),
        Race("cluster: time", against("cluster", "time", "logistic, 2·10⁷×20", {"loop": 1.25})),
    ]


# ---------------------------------------------------------------------------------------------------------------------
# The models


def logistic(x: Any, y: Any, p: Parameters) -> Any:
    """The sum of a logistic regression's losses."""
    z = x @ p["weight"] + p["bias"]
    return np.sum(np.logaddexp(0, z) - y * z)


def perceptron(x: Any, y: Any, p: Parameters) -> Any:
    """The sum of the losses of a perceptron of 16 hidden neurons."""
    import tinygrad_lite as tl

    hidden = tl.tanh(tl.linear(x, p["hidden"], p["hidden_bias"]))
    z = tl.linear(hidden, p["weight"], p["bias"])[:, 0]
    return np.sum(np.logaddexp(0, z) - y * z)


def parameters(model: str) -> Parameters:
    rng = np.random.default_rng(1)
    if model == "logistic":
        return {"weight": rng.normal(size=COLUMNS), "bias": np.zeros(())}
    return {
        "hidden": rng.normal(size=(16, COLUMNS)) / 4,
        "hidden_bias": np.zeros(16),
        "weight": rng.normal(size=(1, 16)) / 4,
        "bias": np.zeros(1),
    }


MODELS: dict[str, Callable[..., Any]] = {"logistic": logistic, "perceptron": perceptron}


def gradient_of_chunk(model: str, x: Any, y: Any, p: Parameters) -> Parameters:
    """The gradient of one chunk, in memory."""
    import tinygrad_lite as tl

    gradient: Parameters = tl.grad(lambda p: MODELS[model](x, y, p))(p)
    return gradient


def added(*gradients: Parameters) -> Parameters:
    """A sum of gradients."""
    return {key: np.sum([g[key] for g in gradients], axis=0) for key in gradients[0]}


def drawn(rows: int, chunk: int, seed: int = 0) -> tuple[Any, Any]:
    """Rows that are drawn where they are used, and their classes."""
    import dask.array as da

    x = da.random.default_rng(seed).normal(size=(rows, COLUMNS), chunks=(chunk, COLUMNS))
    return x, (x[:, 0] > x[:, 1]).astype(float)


@contextmanager
def two_processes(limit: Any) -> Iterator[Any]:
    """A client of two worker processes on this machine, of one thread each; without a limit they keep freed memory."""
    import dask
    from dask.distributed import Client, LocalCluster

    keeping = {} if limit else {f"distributed.nanny.pre-spawn-environ.{name}": kept for name, kept in KEPT.items()}
    with (
        dask.config.set(keeping),
        LocalCluster(n_workers=2, threads_per_worker=1, memory_limit=limit, dashboard_address=None) as processes,
        Client(processes) as client,
    ):
        yield client


# ---------------------------------------------------------------------------------------------------------------------
# Memory


def peak() -> int:
    """The most memory that this process has held, in bytes: not what its parent held when it was started."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s*(\d+) kB", status.read_text())[1]) * 1024  # type: ignore[index]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measured_peaks(model: str, gigabytes: float = GIGABYTES, limit: int = LIMIT) -> tuple[int, int, float]:
    """The largest peak of a worker, the driver's, and the gradient's difference from the sum of the chunks'."""
    import dask

    import tinygrad_lite as tl

    x, y = drawn(int(gigabytes * 1e9 / 8 / COLUMNS), SMALL_CHUNK)
    p = parameters(model)
    with two_processes(limit) as workers:
        gradient = tl.grad(lambda p: MODELS[model](x, y, p), compute=True)(p)
        peaks = max(workers.run(peak).values()), peak()
        pairs = zip(x.to_delayed()[:, 0], y.to_delayed(), strict=True)
        parts = [dask.delayed(gradient_of_chunk)(model, a, b, p) for a, b in pairs]
        while len(parts) > 1:
            parts = [dask.delayed(added)(*parts[k : k + 8]) for k in range(0, len(parts), 8)]
        (expected,) = dask.compute(*parts)
    apart = max([np.max(np.abs(gradient[key] - g)) / np.max(np.abs(g)) for key, g in expected.items()])
    return *peaks, float(apart)


def held(case: str) -> Contest:
    """The peak of one process; the answer is that the gradient is right to rounding."""
    model, process = case.split(", ")
    worker, driver, apart = measured_peaks(model)
    figure = float(worker if process == "worker" else driver)
    return Contest(lambda: figure, answer=[float(apart < 1e-10)], measured=True)


# ---------------------------------------------------------------------------------------------------------------------
# Time


def lazily() -> Contest:
    """The gradient of rows in workers' memory."""
    from dask.distributed import wait

    import tinygrad_lite as tl

    workers = UNTIL_THE_END.enter_context(two_processes(None))
    x, y = drawn(ROWS, CHUNK)
    x, y = workers.persist([x, y])
    wait([x, y])
    p = parameters("logistic")
    gradient = tl.grad(lambda p: logistic(x, y, p) / ROWS, compute=True)
    return Contest(lambda: gradient(p), answer=gradient(p)["weight"].tolist())


def looping(connection: Any, first: int, last: int) -> None:
    """A process of the plain loop: holds its chunks, and answers parameters with the sum of their gradients."""
    x, y = drawn(ROWS, CHUNK)
    chunks = [(x.blocks[n].compute(), y.blocks[n].compute()) for n in range(first, last)]
    connection.send(None)
    while (p := connection.recv()) is not None:
        connection.send(added(*[gradient_of_chunk("logistic", a, b, p) for a, b in chunks]))


def in_a_loop() -> Contest:
    """The same chunks' gradients, one after another, in two processes."""
    os.environ["OMP_NUM_THREADS"] = "1"  # as Dask's workers have it
    context = multiprocessing.get_context("spawn")
    ends = []
    for first in (0, ROWS // CHUNK // 2):
        here, there = context.Pipe()
        context.Process(target=looping, args=(there, first, first + ROWS // CHUNK // 2), daemon=True).start()
        ends.append(here)
    for end in ends:
        end.recv()
    p = parameters("logistic")

    def step() -> Parameters:
        for end in ends:
            end.send(p)
        return {key: g / ROWS for key, g in added(*[end.recv() for end in ends]).items()}

    return Contest(step, answer=step()["weight"].tolist())


CONTESTANTS: dict[str, Build] = {
    "tinygrad_lite": lambda case: lazily() if case == "time" else held(case),
    "loop": lambda _: in_a_loop(),
}
