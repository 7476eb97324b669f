"""CuPy's arrays, which live on a GPU: rules run there, and nothing is moved between devices unasked.

What NumPy's arrays are looked at for, whether any entry needs mending, is not asked here: the plain forms of primitives
compute both and choose. A single number that a program asks for (``float(loss)``) is fetched, as CuPy does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .ducks import ArrayKind, DuckArray


class DeviceKind(ArrayKind):
    """CuPy's, or those of a library with the same functions.

    Parameters
    ----------
    numpy : the library's module with NumPy's names
    array_type : of its arrays
    name : what messages call it
    """

    remedy = "cupy.asnumpy(x)"
    to_here = "cupy.asarray(x)"

    def __init__(self, numpy: Any, array_type: type, name: str = "CuPy") -> None:
        self.numpy = numpy
        self.array_type = array_type
        self.name = name

    def constant(self, x: Any) -> Any:
        return DuckArray(self.numpy.asarray(x), self) if isinstance(x, np.ndarray) and x.ndim else x

    def number(self, x: Any, what: str) -> Any:
        if x.size != 1:
            raise ValueError(f"{what}: a {self.name} array of shape {x.shape} is no single number")
        return x.item()

    def add_at(self, x: Any, index: Any, value: Any) -> Any:
        self.numpy.add.at(x, index, value)
        return x

    def fetched(self, arrays: list[Any]) -> Any:
        return [x.get() for x in arrays]


def kind() -> ArrayKind:
    """CuPy's kind of arrays."""
    import cupy  # type: ignore[import-not-found]

    return DeviceKind(cupy, cupy.ndarray)
