"""NumPy, but arrays made while a gradient is taken can receive what requires one.

Use it as ``import tinygrad_lite.numpy as np``.

While a transform runs a function, or within ``with tl.recording_arrays():``, what makes arrays of floats (``zeros``,
``array``, ``linspace``, ``copy``, ``random.normal``, …) makes Tensors, which can be written to. Everywhere, lists that
hold Tensors are stacked where an argument is an array. All else, and everything elsewhere, is NumPy's own.

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

from .making import Namespace

_ALL = Namespace("numpy")

for _name in ("linalg", "fft", "random", "lib", "polynomial", "ma", "testing"):
    sys.modules[f"{__name__}.{_name}"] = getattr(_ALL, _name)


def __getattr__(name: str) -> Any:
    return getattr(_ALL, name)


def __dir__() -> list[str]:
    return dir(_ALL)
