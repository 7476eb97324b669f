"""Gradients of NumPy code: a reverse-mode Tensor, the table of derivatives, and what follows from them.

>>> w = tl.tensor([1.0, 2.0], requires_grad=True)
>>> np.exp(w).sum().backward()
>>> w.grad
array([2.71828183, 7.3890561 ])
"""

from typing import TYPE_CHECKING

from .engine.defining import primitive as primitive
from .engine.jacobians import hessian as hessian
from .engine.jacobians import hvp as hvp
from .engine.jacobians import jacobian as jacobian
from .engine.recomputing import checkpoint as checkpoint
from .engine.recording import detect_anomaly as detect_anomaly
from .engine.recording import no_grad as no_grad
from .engine.recording import recording_arrays as recording_arrays
from .engine.recording import scope as scope
from .engine.recording import tracing as tracing
from .engine.tensor import Tensor as Tensor
from .engine.tensor import tensor as tensor
from .engine.transforms import grad as grad
from .engine.transforms import jvp as jvp
from .engine.transforms import value_and_grad as value_and_grad
from .engine.transforms import vjp as vjp

__version__ = "0.2.0.dev0"

if TYPE_CHECKING:  # what type checkers see; below, the same when Python runs
    from . import nn as nn
    from . import numpy as numpy
    from . import optim as optim
    from . import training as training
    from .checks import DerivationMismatch as DerivationMismatch
    from .checks import GradientMismatch as GradientMismatch
    from .checks import assert_derivation as assert_derivation
    from .checks import check_derivation as check_derivation
    from .checks import check_gradients as check_gradients
    from .compiling.compiled import compile as compile
    from .drawing import draw as draw
    from .drawing import draw_difference as draw_difference
    from .engine.signatures import *  # noqa: F403 (written from the registry, with its names listed)
    from .formulas import derive as derive
    from .nn import saving as saving
    from .numpy.adapting import adapt as adapt
    from .proofs import prove_equal as prove_equal
    from .proofs import simplified as simplified
    from .proofs import symbols as symbols
    from .training import data as data
    from .training.memory import keep_memory as keep_memory
    from .verifying.papers import PageMismatch as PageMismatch
    from .verifying.papers import assert_page as assert_page
    from .verifying.papers import read as read
else:
    from .table.registry import REGISTRY

    LATER = {
        "DerivationMismatch": "checks",
        "GradientMismatch": "checks",
        "PageMismatch": "verifying.papers",
        "adapt": "numpy.adapting",
        "assert_derivation": "checks",
        "assert_page": "verifying.papers",
        "check_derivation": "checks",
        "check_gradients": "checks",
        "compile": "compiling.compiled",
        "data": "training.data",
        "derive": "formulas",
        "draw": "drawing",
        "draw_difference": "drawing",
        "keep_memory": "training.memory",
        "nn": "nn",
        "numpy": "numpy",
        "optim": "optim",
        "prove_equal": "proofs",
        "read": "verifying.papers",
        "saving": "nn.saving",
        "simplified": "proofs",
        "symbols": "proofs",
        "training": "training",
    }
    """Public names that are loaded when they are asked for, and where: whoever needs none waits for none."""

    __all__ = sorted({name for name, x in globals().items() if callable(x)} | {*REGISTRY, *LATER})
    globals().update({name: entry.function for name, entry in REGISTRY.items()})

    def __getattr__(name):
        from importlib import import_module

        from .table import foreign

        if name not in LATER:
            raise foreign.absent(f"module {__name__!r}", name, foreign.FUNCTIONS)
        module = import_module(f".{LATER[name]}", __name__)
        return module if module.__name__.endswith(f".{name}") else getattr(module, name)

    def __dir__():
        return [*__all__, "__version__"]
