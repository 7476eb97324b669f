"""Programs that a NumPy user would write, once for all libraries: each takes the array module that it computes with."""

from functools import partial

from .loops import gru, lotka_volterra, wave
from .networks import attention, convolutional, gelu
from .vectors import chain, logistic, mixture, rosenbrock
from .workload import FLOAT32, Problem, Workload

WORKLOADS: dict[str, Workload] = {
    "logistic 500×200": Workload(logistic, {"rows": 500, "columns": 200}, {"rows": 12, "columns": 5}),
    "… Hessian × vector": Workload(
        partial(logistic, hvp=True), {"rows": 500, "columns": 200}, {"rows": 12, "columns": 5}
    ),
    "mixture, 2·10⁴": Workload(mixture, {"points": 20_000}, {"points": 30}),
    "chain of 10⁶, f32": Workload(partial(chain, dtype="float32"), {"size": 10**6}, {"size": 50}, FLOAT32),
    "chain of 10⁶, f64": Workload(partial(chain, dtype="float64"), {"size": 10**6}, {"size": 50}),
    "Rosenbrock, 2000": Workload(rosenbrock, {"size": 2000}, {"size": 20}),
    "GRU, 50 steps": Workload(
        gru, {"steps": 50, "hidden": 32, "batch": 16}, {"steps": 3, "hidden": 4, "batch": 2}, FLOAT32
    ),
    "Lotka–Volterra, 200": Workload(lotka_volterra, {"steps": 200}, {"steps": 4}),
    "wave 128², 200 steps": Workload(wave, {"side": 128, "steps": 200}, {"side": 8, "steps": 4}),
    "GELU MLP": Workload(
        gelu, {"widths": (128, 256, 256, 10), "batch": 64}, {"widths": (5, 6, 4, 3), "batch": 4}, FLOAT32
    ),
    "attention head": Workload(attention, {"length": 128, "width": 64}, {"length": 5, "width": 4}, FLOAT32),
    "convolutional": Workload(
        convolutional, {"batch": 32, "side": 28}, {"batch": 2, "side": 16}, FLOAT32, frozenset({"autograd"})
    ),
}

__all__ = ["WORKLOADS", "Problem", "Workload"]
