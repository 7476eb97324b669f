"""How the time of a gradient grows: ``python -m benchmarks.slopes [--only width] [--json FILE] [--plot FILE]``.

The width and the depth of a network, its batch, and the number of operations in a chain are each doubled four times.
For each size: the gradient as it runs and compiled, in turns, of which the quickest are shown, for other work on the
machine can only slow them; and the first call of the compiled function. The slopes are those of straight lines through
the logarithms: 1 is proportional to the size, 2 to its square.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_lite as tl

from .charts import draw_growth
from .workloads.libraries import answer, derivative
from .workloads.networks import normal
from .workloads.workload import Problem

ROUNDS = 7
SECONDS = 0.05
"""How long a turn lasts, at least."""

KINDS = ("eager", "compiled", "compiling")


def network(np: Any, weights: list[Any], x: Any) -> Any:
    """The mean square of what layers of tanh give."""
    for W in weights:
        x = np.tanh(x @ W)
    return np.mean(x * x)


def layers(width: int = 64, depth: int = 4, batch: int = 64) -> Problem:
    rng = np.random.default_rng(0)
    weights = [normal(rng, width, width, fan_in=width) for _ in range(depth)]
    return Problem(network, (weights, rng.standard_normal((batch, width), np.float32)))


def operations(np: Any, x: Any, nodes: int) -> Any:
    """A chain of operations, half of which are products."""
    for _ in range(nodes // 2):
        x = np.sin(x) * 1.01
    return np.sum(x)


def chain(nodes: int) -> Problem:
    return Problem(lambda np, x: operations(np, x, nodes), (np.linspace(0.1, 1, 16),))


FAMILIES: dict[str, tuple[Callable[[int], Problem], int]] = {
    "width": (lambda n: layers(width=n), 64),
    "depth": (lambda n: layers(depth=n), 2),
    "batch": (lambda n: layers(batch=n), 64),
    "nodes": (chain, 250),
}
"""By name: the problem of a size, and the smallest."""

DOUBLINGS = 4


def measured(problems: Sequence[Problem], rounds: int, seconds: float) -> list[dict[str, float]]:
    """Seconds for each problem, of each kind; raises ValueError where compiling changes a result."""
    steps: list[dict[str, Callable[[], Any]]] = []
    found = []
    for problem in problems:
        eager, compiled = derivative(problem), tl.compile(derivative(problem))
        start = time.perf_counter()
        compiled(*problem.arguments)
        found.append({"compiling": time.perf_counter() - start})
        both = {"eager": eager, "compiled": compiled}
        steps.append({kind: lambda f=f, problem=problem: f(*problem.arguments) for kind, f in both.items()})
        expected, got = [answer(step()) for step in steps[-1].values()]
        if not np.allclose(got, expected, rtol=1e-4, atol=0):
            raise ValueError(f"compiled gives {got}, not {expected}")
    lanes = [(k, kind) for k in range(len(problems)) for kind in ("eager", "compiled")]
    counts = {(k, kind): repetitions(steps[k][kind], seconds) for k, kind in lanes}
    figures: dict[tuple[int, str], list[float]] = {lane: [] for lane in lanes}
    for n in range(rounds):
        for k, kind in lanes[:: -1 if n % 2 else 1]:
            figures[k, kind].append(turn(steps[k][kind], counts[k, kind]))
    for (k, kind), times in figures.items():
        found[k][kind] = min(times)
    return found


def repetitions(step: Callable[[], Any], seconds: float) -> int:
    """How many runs last so long."""
    count = 1
    while (spent := turn(step, count) * count) < seconds:
        count = max(2 * count, int(count * seconds / max(spent, 1e-6)))
    return count


def turn(step: Callable[[], Any], count: int) -> float:
    """Seconds of a run."""
    start = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - start) / count


def slope(sizes: Sequence[int], times: Sequence[float]) -> float:
    """The exponent p of the nearest time ∝ sizeᵖ."""
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def family_rows(family: str, doublings: int, rounds: int, seconds: float) -> list[dict[str, Any]]:
    """The rows of a family."""
    problem, smallest = FAMILIES[family]
    sizes = [smallest * 2**k for k in range(doublings + 1)]
    times = measured([problem(size) for size in sizes], rounds, seconds)
    return [{"family": family, "size": size, **row} for size, row in zip(sizes, times, strict=True)]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table with its slopes; write it and draw it where files are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=FAMILIES, nargs="*", default=list(FAMILIES), help="these families")
    parser.add_argument("--doublings", type=int, default=DOUBLINGS, help=f"how often (default: {DOUBLINGS})")
    parser.add_argument("--quick", action="store_true", help="few and short rounds: to see that it runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the table")
    parser.add_argument("--plot", metavar="FILE", help="where to draw the table, as SVG or PNG; FILE-dark as well")
    options = parser.parse_args(argv)
    rounds, seconds = (2, 0.001) if options.quick else (ROUNDS, SECONDS)
    rows: list[dict[str, Any]] = []
    slopes: dict[str, dict[str, float]] = {}
    print(f"{'':>6} {'size':>6}" + "".join([f"{kind:>14}" for kind in KINDS]) + f"{'ratio':>8}")
    for family in options.only:
        own = family_rows(family, options.doublings, rounds, seconds)
        for row in own:
            times = "".join([f"{1e3 * row[kind]:>11.3f} ms" for kind in KINDS])
            print(f"{family:>6} {row['size']:>6}{times}{row['compiled'] / row['eager']:>8.2f}", flush=True)
        slopes[family] = {kind: slope([row["size"] for row in own], [row[kind] for row in own]) for kind in KINDS}
        print(f"{'':>6} {'slope':>6}" + "".join([f"{slopes[family][kind]:>14.2f}" for kind in KINDS]) + "\n")
        rows += own
    if options.json:
        options.json.write_text(json.dumps({"quick": options.quick, "rows": rows, "slopes": slopes}, indent=1) + "\n")
    if options.plot:
        draw_growth(rows, options.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
