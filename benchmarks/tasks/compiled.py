"""Programs of NumPy compiled, beside themselves as they run and beside other libraries: value and gradient.

The programs are those of :mod:`benchmarks.workloads`. Their loops run as they stand in Python, but for JAX, which has
them as ``lax.scan``. They are compiled with kernels for arrays of all sizes and, to compare, for NumPy alone.
Compiling is no part of these figures; the task ``compiling`` has it.
"""

from __future__ import annotations

from ..contest import BY_NUMPY, COMPILED, OURS, PYTORCH, Build, Race, against
from ..workloads import WORKLOADS
from ..workloads.libraries import LIBRARIES, contestant

TITLE = "A compiled program, its value and gradient"

RIVALS = (OURS, BY_NUMPY, PYTORCH, "jax", "autograd")


def races() -> list[Race]:
    found = []
    for case, workload in WORKLOADS.items():
        rivals = dict.fromkeys([rival for rival in RIVALS if rival not in workload.without])
        rows = against("compiled", case, case, rivals, COMPILED)
        found.append(Race(f"compiled: {case}", rows, tolerance=workload.tolerance))
    return found


CONTESTANTS: dict[str, Build] = {library: contestant(library) for library in LIBRARIES}
