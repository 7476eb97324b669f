"""NumPy, but arrays made while a gradient is taken can receive what requires one.

Use it as ``import tinygrad_lite.numpy as np``; submodules are there as in NumPy (``np.linalg``, ``import
tinygrad_lite.numpy.linalg as la``).

While a transform runs a function, or within ``with tl.recording_arrays():``, a new array of floats or complex numbers,
whoever makes it (``zeros``, ``array``, ``linspace``, ``copy``, ``random.normal``, …), is a Tensor, which can be written
to. Arrays of integers and truth values are NumPy's own, and so is what sees an array made elsewhere: ``asarray(a)`` is
``a``.
Everywhere, lists that hold Tensors are stacked where an argument is an array. All else is NumPy's own. A Tensor is no
``np.ndarray`` to ``isinstance``.

>>> import tinygrad_lite.numpy as tnp
>>> def f(x):
...     y = tnp.zeros(3)
...     y[0] = x**2
...     y[1:] = tnp.array([x, 2.0])
...     return tnp.dot([x, 1.0, 1.0], y)
>>> tl.grad(f)(2.0)  # x³ + x + 2
np.float64(13.0)
>>> tnp.zeros(2)
array([0., 0.])
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from .making import namespace

SUBMODULES = (
    *[f"numpy.{name}" for name in sorted(np.__numpy_submodules__ - {"test"})],
    *("numpy.lib.array_utils", "numpy.lib.format", "numpy.lib.introspect", "numpy.lib.mixins", "numpy.lib.npyio"),
    *("numpy.lib.recfunctions", "numpy.lib.scimath", "numpy.lib.stride_tricks"),
    *("numpy.polynomial.chebyshev", "numpy.polynomial.hermite", "numpy.polynomial.hermite_e"),
    *("numpy.polynomial.laguerre", "numpy.polynomial.legendre", "numpy.polynomial.polynomial"),
    "numpy.polynomial.polyutils",
)
"""NumPy's public modules, each of which can be imported from here."""

for _name in SUBMODULES:
    sys.modules[_name.replace("numpy", __name__, 1)] = namespace(_name)


def __getattr__(name: str) -> Any:
    return getattr(namespace("numpy"), name)


def __dir__() -> list[str]:
    return dir(namespace("numpy"))
