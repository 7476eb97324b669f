"""SciPy's functions, which have their derivatives in a room of their own: loaded once a program that has SciPy asks.

Nothing here imports SciPy: a function of SciPy's can only be asked for where it is loaded already.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Final, NamedTuple

import numpy as np

from .registry import DISPATCH

SPACES: Final = {
    f"scipy.{name}": f"{__package__.partition('.')[0]}.scipy.{name}" for name in ("fft", "linalg", "special", "stats")
}
"""SciPy's modules that have a counterpart here, and what that is called; its ``SERVED`` says what it has."""


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
