"""Methods of NumPy's arrays whose order of arguments is another than the function's, or whose results are constants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from .choosing import compress as compress_by
from .foreign import with_keywords_explained


def argmax(self: Any, axis: Any = None, out: Any = None, *, keepdims: bool = False) -> Any:
    """Where the largest entry is."""
    return np.argmax(self, axis, out, keepdims=keepdims)


def argmin(self: Any, axis: Any = None, out: Any = None, *, keepdims: bool = False) -> Any:
    """Where the smallest entry is."""
    return np.argmin(self, axis, out, keepdims=keepdims)


def argsort(self: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """The indices that sort."""
    return np.argsort(self, axis, kind, order, stable=stable)


def argpartition(self: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """The indices that put what is less before the k-th entry, and what is more after it."""
    return np.argpartition(self, kth, axis, kind, order)


def all(self: Any, axis: Any = None, out: Any = None, *, keepdims: bool = False, where: Any = True) -> Any:
    """Whether all entries are true."""
    return np.all(self, axis, out, keepdims, where=where)


def any(self: Any, axis: Any = None, out: Any = None, *, keepdims: bool = False, where: Any = True) -> Any:
    """Whether any entry is true."""
    return np.any(self, axis, out, keepdims, where=where)


def nonzero(self: Any) -> Any:
    """The indices of the entries that are not 0."""
    return np.nonzero(self)


def searchsorted(self: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    """Where values would be put in to keep the order."""
    return np.searchsorted(self, v, side, sorter)


def compress(self: Any, condition: Any, axis: int | None = None, out: Any = None) -> Any:
    """The entries along an axis, or of all in one axis, where a vector of conditions is true."""
    chosen = compress_by(condition, self, axis)
    if out is None:
        return chosen
    np.copyto(out, chosen)
    return out


def put(self: Any, indices: Any, values: Any, mode: Any = "raise") -> None:
    """Values written to places counted through all entries."""
    np.put(self, indices, values, mode)


def bitwise(operation: np.ufunc, is_reflected: bool = False) -> Callable[[Any, Any], Any]:
    """An operator of whole numbers and truth values."""
    return (lambda self, other: operation(other, self)) if is_reflected else lambda self, other: operation(self, other)


def inverted(self: Any) -> Any:
    """``~t``, of whole numbers and truth values."""
    return np.invert(self)


ARRAY_METHODS: Final[dict[str, Any]] = {
    **{made.__name__: made for made in (argmax, argmin, argsort, argpartition, all, any, nonzero)},
    **{made.__name__: made for made in (searchsorted, compress, put)},
    "nbytes": property(lambda self: self.size * self.dtype.itemsize),
    "itemsize": property(lambda self: self.dtype.itemsize),
    "__invert__": inverted,
}
"""Method or attribute → what serves it, beside the functions of the registry."""

for _name, _ufunc in (
    ("and", np.bitwise_and),
    ("or", np.bitwise_or),
    ("xor", np.bitwise_xor),
    ("lshift", np.left_shift),
    ("rshift", np.right_shift),
):
    ARRAY_METHODS[f"__{_name}__"] = bitwise(_ufunc)
    ARRAY_METHODS[f"__r{_name}__"] = bitwise(_ufunc, is_reflected=True)
for _name in ("argmax", "argmin", "argsort", "all", "any", "compress"):
    ARRAY_METHODS[_name] = with_keywords_explained(ARRAY_METHODS[_name], _name)
