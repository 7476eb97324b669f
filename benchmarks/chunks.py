"""How gradients over chunks grow: ``python -m benchmarks.chunks [--most 100000] [--plot FILE]``.

Tiny chunks, of ten rows, so that the figures are those of the scheduler and of the tasks' making: for 1, 2, 4 and 8
chunks a worker, and from 10³ chunks on up to 10⁵, the time for building the lazy gradient, for grouping its tasks and
for running them, all divided by the number of chunks.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import tinygrad_lite as tl

from .tasks.cluster import drawn, logistic, parameters, two_processes

WORKERS = 2
ROWS = 10
FEW = tuple(WORKERS * k for k in (1, 2, 4, 8))
MANY = (1_000, 10_000, 100_000)


def main() -> None:
    """Print the table, and draw it where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=MANY[-1], help="the largest number of chunks")
    parser.add_argument("--plot", metavar="FILE", help="where to draw the table, as SVG or PNG")
    options = parser.parse_args()
    rows = []
    print(f"{'chunks':>8} {'build':>11} {'run':>11} {'in all':>11}    a chunk, of {ROWS} rows")
    with two_processes(None):
        measured(FEW[0])  # workers import the library
        for chunks in [n for n in (*FEW, *MANY) if n <= options.most]:
            row = (chunks, *[seconds / chunks for seconds in measured(chunks)])
            rows.append(row)
            times = [f"{1e3 * seconds:>8.2f} ms" for seconds in (*row[1:], sum(row[1:]))]
            print(f"{chunks:>8}", *times, flush=True)
    if options.plot:
        draw(rows, options.plot)


def measured(chunks: int) -> tuple[float, float]:
    """Seconds to build a lazy gradient and to compute it."""
    from tinygrad_lite.engine.transforms import computed

    start = time.perf_counter()
    x, y = drawn(ROWS * chunks, ROWS)
    lazy = tl.grad(lambda p: logistic(x, y, p))(parameters("logistic"))
    built = time.perf_counter()
    computed(lazy)
    return built - start, time.perf_counter() - built


def draw(rows: list[Any], path: str) -> None:
    """The table as a picture: milliseconds a chunk over the number of chunks."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4))
    for column, name in ((1, "build"), (2, "run")):
        axes.loglog([row[0] for row in rows], [1e3 * row[column] for row in rows], marker="o", label=name)
    axes.set(xlabel="chunks", ylabel="milliseconds a chunk")
    axes.legend()
    figure.savefig(path, bbox_inches="tight")


if __name__ == "__main__":
    main()
