"""Writing into arrays: single entries in a loop, per entry, and a wave equation beside its form without writes.

The entry figures are absolute, with what is good enough; twice as many entries are to cost twice the time. The wave is
the same program in two forms: written into with slices, and put together with ``np.concatenate``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..contest import OURS, Build, Comparison, Contest, Lane, Race

TITLE = "Writing into arrays, forward and backward"

ENTRIES = (100_000, 200_000)
ENOUGH = 25e-6
"""Seconds for the write of one entry, or the read of one, each with its backward pass."""

SIZE, STEPS = 128, 200


def races() -> list[Race]:
    found = []
    for kind in ("writes", "reads and writes"):
        short, long = [Lane("writing", OURS, f"{kind} {n}") for n in ENTRIES]
        rows = (
            Comparison(f"10⁵ {kind}", short, (), ENOUGH),
            Comparison(f"2·10⁵ {kind}", long, (short,), 1.25, "itself at 10⁵"),
        )
        found.append(Race(f"writing: {kind}", rows, tolerance=1e-9))
    written, joined = [Lane("writing", OURS, f"wave {form}") for form in ("written", "joined")]
    row = Comparison(f"wave {SIZE}², {STEPS} steps", written, (joined,), 1.2, "concatenate")
    return [*found, Race("writing: wave equation", (row,), tolerance=1e-9)]


def fill(x: Any, n: int, zeros: Any) -> Any:
    """Write one number to every entry."""
    a = zeros(n)
    v = x * 1.0
    for i in range(n):
        a[i] = v
    return a.sum() * (1 / n)


def recur(x: Any, n: int, zeros: Any) -> Any:
    """Read an entry, write the next."""
    a = zeros(n)
    a[0] = x
    for i in range(1, n):
        a[i] = a[i - 1]
    return a[n - 1]


def laplacian(u: Any) -> Any:
    return u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]


def written_wave(c: Any, u0: Any, array: Any) -> Any:
    """The squares of the last state; states are written into with slices."""
    before, u = array(u0), array(u0)
    for _ in range(STEPS):
        before[1:-1, 1:-1] = 2.0 * u[1:-1, 1:-1] - before[1:-1, 1:-1] + c * laplacian(u)
        before, u = u, before
    return (u * u).sum()


def joined_wave(c: Any, u0: Any, _: Any) -> Any:
    """The squares of the last state; states are put together of their inside and their edges."""
    before, u = u0, u0
    top, bottom, left, right = u0[:1], u0[-1:], u0[1:-1, :1], u0[1:-1, -1:]
    for _ in range(STEPS):
        inside = 2.0 * u[1:-1, 1:-1] - before[1:-1, 1:-1] + c * laplacian(u)
        middle = np.concatenate([left, inside, right], axis=1)
        before, u = u, np.concatenate([top, middle, bottom])
    return (u * u).sum()


def ours(case: str) -> Contest:
    import tinygrad_lite as tl
    import tinygrad_lite.numpy as tnp

    if case.startswith("wave"):
        wave = written_wave if case.endswith("written") else joined_wave
        axis = np.linspace(-1, 1, SIZE)
        u0 = np.exp(-20 * (axis[:, None] ** 2 + axis**2))
        both = tl.value_and_grad(lambda c: wave(c, u0, tnp.array))
        speeds = np.full((SIZE - 2, SIZE - 2), 0.2)
        value, gradient = both(speeds)
        return Contest(lambda: both(speeds), [float(value), *gradient[::40, 7].tolist()])
    kind, count = case.rsplit(" ", 1)
    n = int(count)
    program = fill if kind == "writes" else recur
    both = tl.value_and_grad(lambda x: program(x, n, tnp.zeros))
    operations = n if kind == "writes" else 2 * n
    return Contest(lambda: both(0.5), [float(v) for v in both(0.5)], per=operations)


CONTESTANTS: dict[str, Build] = {OURS: ours}
