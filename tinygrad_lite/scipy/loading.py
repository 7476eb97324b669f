"""SciPy itself, or one sentence that says which extra brings it."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


def scipy_module(name: str) -> ModuleType:
    """A module of SciPy's by its name; raises ImportError that says which extra brings it."""
    try:
        return import_module(name)
    except ImportError:
        raise ImportError(f"{name} needs SciPy: pip install 'tinygrad-lite[scipy]'") from None
