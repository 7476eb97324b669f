"""The table's functions as methods, under the names that NumPy's arrays or PyTorch's tensors give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..table import shapes
from ..table.foreign import with_keywords_explained
from ..table.registry import REGISTRY

if TYPE_CHECKING:
    from .signatures import TableMethods  # generated: what the loop below gives
else:
    TableMethods = object


class Methods(TableMethods):
    """Base class of Tensor: what it can do that its operators do not say. The functions' docstrings apply."""

    __slots__ = ()

    def reshape(self, *shape: Any, order: str = "C") -> Self:
        """``reshape(2, 3)`` or ``reshape((2, 3))``."""
        reshaped: Self = shapes.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)
        return reshaped

    def transpose(self, *axes: Any) -> Self:
        """``transpose(1, 0)``, ``transpose((1, 0))``, or all axes reversed."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], (int, np.integer)) else axes or None
        transposed: Self = shapes.transpose(self, order)
        return transposed

    # indices and truth values, which have no derivative: plain arrays
    def argmax(self, axis: Any = None) -> Any:
        """Where the largest entry is."""
        return np.argmax(self, axis=axis)  # type: ignore[call-overload]

    def argmin(self, axis: Any = None) -> Any:
        """Where the smallest entry is."""
        return np.argmin(self, axis=axis)  # type: ignore[call-overload]

    def argsort(self, axis: Any = -1) -> Any:
        """The indices that sort."""
        return np.argsort(self, axis=axis)  # type: ignore[arg-type]

    def all(self, axis: Any = None) -> Any:
        """Whether all entries are true."""
        return np.all(self, axis=axis)  # type: ignore[call-overload]

    def any(self, axis: Any = None) -> Any:
        """Whether any entry is true."""
        return np.any(self, axis=axis)  # type: ignore[call-overload]


for name in ("argmax", "argmin", "argsort", "all", "any"):
    setattr(Methods, name, with_keywords_explained(vars(Methods)[name], name))
for entry in REGISTRY.values():
    for name in entry.methods:
        setattr(Methods, name, entry.function)
