"""SciPy's functions, which have their derivatives in a room of their own: loaded once a program that has SciPy asks.

Nothing here imports SciPy: a function of SciPy's can only be asked for where it is loaded already.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Final, NamedTuple

import numpy as np

from .registry import DISPATCH, REGISTRY

SPACES: Final = {
    f"scipy.{name}": f"{__package__.partition('.')[0]}.scipy.{name}" for name in ("fft", "linalg", "special", "stats")
}
"""SciPy's modules that have a counterpart here, and what that is called; its ``SERVED`` says what it has."""


COMPOSED: Final = {
    "linalg.lu": "np.linalg.qr(t), another pair of factors,",
    "linalg.lu_factor": "np.linalg.solve(A, b), which needs no factors,",
    "linalg.lu_solve": "np.linalg.solve(A, b)",
    "linalg.matmul_toeplitz": "tinygrad_lite.scipy.linalg.toeplitz(c) @ x",
    "linalg.polar": "u, _, vh = np.linalg.svd(t, full_matrices=False), and u @ vh,",
    "linalg.solve_banded": "np.linalg.solve(A, b) of the whole matrix",
    "linalg.solve_continuous_lyapunov": "tinygrad_lite.scipy.linalg.solve_sylvester(a, a.T, q)",
    "linalg.solve_toeplitz": "np.linalg.solve(tinygrad_lite.scipy.linalg.toeplitz(c), b)",
    "linalg.solveh_banded": "np.linalg.solve(A, b) of the whole matrix",
    "special.comb": "tinygrad_lite.scipy.special.binom(n, k)",
    "special.factorial": "tinygrad_lite.scipy.special.gamma(t + 1)",
    "special.perm": "tinygrad_lite.scipy.special.poch(n - k + 1, k)",
    "stats.entropy": "-np.sum(p * np.log(p)) of p = t / np.sum(t)",
    "stats.gmean": "np.exp(np.mean(np.log(t), axis=0))",
    "stats.gstd": "np.exp(np.std(np.log(t), axis=0, ddof=1))",
    "stats.gzscore": "tinygrad_lite.scipy.stats.zscore(np.log(t))",
    "stats.hmean": "1 / np.mean(1 / t, axis=0)",
    "stats.iqr": "np.ptp(np.percentile(t, [25, 75]))",
    "stats.linregress": "np.polyfit(t, u, 1)",
    "stats.median_abs_deviation": "np.median(np.abs(t - np.median(t, axis=0)), axis=0)",
    "stats.moment": "np.mean((t - np.mean(t, axis=0)) ** order, axis=0)",
    "stats.pearsonr": "np.corrcoef(t, u)[0, 1]",
    "stats.sem": "np.std(t, axis=0, ddof=1) / np.sqrt(len(t))",
    "stats.tmean": "np.mean(t)",
    "stats.tvar": "np.var(t, ddof=1)",
    "stats.variation": "np.std(t, axis=0) / np.mean(t, axis=0)",
    "stats.zmap": "(t - np.mean(u)) / np.std(u)",
}
"""SciPy's functions without a derivative here that are a line of others: what keeps the gradient in their place."""


class Counterpart(NamedTuple):
    """What stands for something of SciPy's: its name, as programs write it, and the thing itself."""

    name: str
    value: Any


def loaded_for(ufunc: np.ufunc) -> bool:
    """Whether a ufunc is one of SciPy's that has derivatives, which are loaded with this."""
    name = ufunc.__name__
    modules = [sys.modules.get(f"scipy.special{part}") for part in ("", "._ufuncs")]
    if not any(module is not None and vars(module).get(name) is ufunc for module in modules):
        return False
    import_module(SPACES["scipy.special"])
    return ufunc in DISPATCH


def is_scipys(x: Any) -> bool:
    """Whether a function, or an object by its class, is defined in SciPy."""
    return any(str(getattr(y, "__module__", "")).partition(".")[0] == "scipy" for y in (x, type(x)))


def counterpart(x: Any) -> Counterpart | None:
    """What stands here for a function of SciPy's, a distribution or a method of one; None if nothing does."""
    if not is_scipys(x) or isinstance(x, ModuleType):
        return None
    owner = getattr(x, "__self__", None)
    if owner is not None and is_scipys(owner):
        found = counterpart(owner)
        method = getattr(found.value, x.__name__, None) if found is not None else None
        return Counterpart(f"{found.name}.{x.__name__}", method) if found is not None and method is not None else None
    x = getattr(x, "dist", None) or getattr(x, "_dist", x)  # of a frozen distribution
    for name, ours in SPACES.items():
        for key, value in vars(sys.modules.get(name, ModuleType(""))).items():
            same = value is x or (type(value) is type(x) and type(x).__module__.startswith("scipy.stats"))
            if same and key in import_module(ours).SERVED:
                return Counterpart(f"{ours}.{key}", import_module(ours).SERVED[key])
    return None


def public_name(x: Any) -> str | None:
    """The name of a function of SciPy's that nothing here stands for: ``scipy.linalg.lu``; None for anything else."""
    names = str(getattr(x, "__module__", "")).split(".")
    is_function = hasattr(x, "__name__") and not hasattr(x, "__self__") and not isinstance(x, ModuleType)
    if names[0] != "scipy" or len(names) < 2 or not is_function or counterpart(x) is not None:
        return None
    if x.__name__ in REGISTRY and x.__name__ not in vars(np):  # the table's own takes its place
        return None
    return f"scipy.{names[1]}.{x.__name__}"


def namespace_of(module: ModuleType) -> ModuleType:
    """What stands for one of SciPy's modules: itself where there is nothing of it here."""
    if module.__name__ in SPACES:
        return import_module(SPACES[module.__name__])
    if module.__name__ != "scipy":
        return module
    made = ModuleType("scipy", module.__doc__)

    def attribute(name: str) -> Any:
        return import_module(SPACES[f"scipy.{name}"]) if f"scipy.{name}" in SPACES else getattr(module, name)

    vars(made)["__getattr__"] = attribute
    return made
