"""The table's functions as methods, under the names that NumPy's arrays or PyTorch's tensors give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..table import shapes
from ..table.attributes import ARRAY_METHODS
from ..table.registry import REGISTRY

if TYPE_CHECKING:
    from .signatures import TableMethods  # generated: what the loop below gives
else:
    TableMethods = object


class Methods(TableMethods):
    """Base class of Tensor: what it can do that its operators do not say. The functions' docstrings apply."""

    __slots__ = ()

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> Self:
        """``reshape(2, 3)`` or ``reshape((2, 3))``."""
        asked = shape[0] if len(shape) == 1 else shape
        reshaped: Self
        if order == "C" and copy is None:  # nearly always
            reshaped = shapes.reshape_p.on((self,), {"shape": shapes.new_shape(self.shape, asked)})  # type: ignore[attr-defined]
        else:
            reshaped = shapes.reshape(self, asked, order=order, copy=copy)
        return reshaped

    def transpose(self, *axes: Any) -> Self:
        """``transpose(1, 0)``, ``transpose((1, 0))``, or all axes reversed."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], (int, np.integer)) else axes or None
        transposed: Self = shapes.transpose(self, order)
        return transposed


for name, method in ARRAY_METHODS.items():
    setattr(Methods, name, method)
for entry in REGISTRY.values():
    for name in entry.methods:
        setattr(Methods, name, entry.function)
