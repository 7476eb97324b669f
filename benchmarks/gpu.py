"""The table on a GPU, with CuPy's arrays: ``python -m benchmarks.gpu``, where there is one.

Every sample of the table, orders 1 and 2, is held to what ``docs/other_arrays.json`` says of it, which was written down
with a stand-in for CuPy; then come the training steps of the MLPs, beside the same steps with NumPy.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_lite as tl

from .tasks import mlp

SECONDS = 0.5


def main() -> int:
    """The exit status: 1 where a sample is not as it is written down, 2 where there is no GPU."""
    try:
        import cupy

        found = cupy.cuda.runtime.getDeviceCount()
    except ImportError:
        print("the benchmarks on a GPU need CuPy: pip install 'tinygrad-lite[gpu]'", file=sys.stderr)
        return 2
    except Exception as error:
        print(f"there is no GPU that CuPy finds: {error}", file=sys.stderr)
        return 2
    print(f"{found} GPU, CuPy {cupy.__version__}")
    wrong = samples(cupy)
    print(f"{'a step of an MLP':<24} {'NumPy':>10} {'CuPy':>10} {'ratio':>7}")
    for case in mlp.CASES:
        here, there = step(case, np.asarray), step(case, cupy.asarray)
        slow = seconds(here)
        fast = seconds(lambda there=there: (there(), cupy.cuda.runtime.deviceSynchronize()))
        print(f"{case:<24} {1e6 * slow:>7.0f} µs {1e6 * fast:>7.0f} µs {fast / slow:>7.2f}")
    return 1 if wrong else 0


def samples(cupy: Any) -> int:
    """How many samples are not as it is written down of them; each is printed."""
    from tests.table import elsewhere_runs as runs

    def fetched(x: Any) -> np.ndarray:
        assert isinstance(x, cupy.ndarray), type(x)
        return np.asarray(x.get())

    runs.LIBRARIES["CuPy"] = (cupy.asarray, fetched)
    wrong = right = 0
    for name, of in json.loads(runs.RECORD.read_text(encoding="utf-8")).items():
        expected = of["CuPy"]
        for n, case in enumerate(runs.samples_of(name)):
            works = expected == "yes" or expected[n] is None
            try:
                refused = runs.refusal(case, "CuPy")
            except Exception as error:
                refused = error
            if works == (refused is None):
                right += 1
            else:
                wrong += 1
                print(f"{name}, sample {n}: {refused or 'right, and written down as refused'}")
    print(f"samples as they are written down: {right}, others: {wrong}")
    return wrong


def step(case: str, put: Callable[[Any], Any]) -> Callable[[], Any]:
    """A training step of an MLP whose data and parameters were put somewhere."""
    x, labels, parameters = mlp.problem(case)
    x, labels = put(x), put(labels)
    held = [put(p) for p in parameters]

    def loss(held: list[Any]) -> Any:
        y = x
        for k in range(0, len(held), 2):
            y = y @ held[k] + held[k + 1]
            y = tl.relu(y) if k + 2 < len(held) else y
        return tl.cross_entropy(y, labels)

    gradient = tl.grad(loss)

    def trained() -> list[Any]:
        for p, g in zip(held, gradient(held), strict=True):
            p -= mlp.RATE * g
        return held

    return trained


def seconds(run: Callable[[], Any]) -> float:
    """The shortest time that a step took, of as many as fit into half a second."""
    run()
    best, end = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


if __name__ == "__main__":
    sys.exit(main())
