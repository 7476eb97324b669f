"""SciPy's ``scipy.special``, with derivatives: ``import tinygrad_lite.scipy.special as special``.

What has a derivative here is listed in ``SERVED``; all else is SciPy's own, which refuses Tensors that require a
gradient. ``scipy.special.gammaln(t)`` itself takes Tensors, too, as NumPy's functions do.

>>> import tinygrad_lite.scipy.special as special
>>> tl.grad(special.gammaln)(1.0).round(6)  # minus Euler's constant
np.float64(-0.577216)
"""

from __future__ import annotations

from typing import Any

from . import bessel, gammas, gaussian, integrals, logarithms, sums
from .entering import SPECIAL
from .loading import scipy_module

__all__ = ["SERVED", "bessel", "gammas", "gaussian", "integrals", "logarithms", "sums"]

original = scipy_module("scipy.special")

SERVED = {name: entry.function for name, entry in SPECIAL.items() if not name.startswith("_")}
"""The functions that have a derivative here, by SciPy's names."""

globals().update(SERVED)


def __getattr__(name: str) -> Any:
    return getattr(original, name)


def __dir__() -> list[str]:
    return dir(original)
