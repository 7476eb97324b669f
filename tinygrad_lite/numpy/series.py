"""The values of ``np.polynomial.polynomial``'s polynomials, of Tensors: the lowest power comes first."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..table import columns
from ..table.lists import as_array


def power_series(x: Any, c: Any, tensor: bool = True) -> Any:
    """``np.polynomial.polynomial.polyval``: the coefficients, the lowest power first, may be a Tensor too."""
    c = columns.atleast_1d(as_array(c)) + 0.0
    x = as_array(x)
    c = c.reshape(c.shape + (1,) * x.ndim) if tensor else c
    y = c[c.shape[0] - 1] + x * 0
    for k in range(c.shape[0] - 2, -1, -1):
        y = c[k] + y * x
    return y


def product_of_distances(x: Any, r: Any, tensor: bool = True) -> Any:
    """``np.polynomial.polynomial.polyvalfromroots``: the product of all x − r, of which either may be a Tensor."""
    x, r = as_array(x), columns.atleast_1d(as_array(r)) + 0.0
    if not tensor and x.ndim >= r.ndim:
        raise ValueError("polyvalfromroots: x must have fewer axes than r where tensor is False")
    return np.prod(x - (r.reshape(r.shape + (1,) * x.ndim) if tensor else r), axis=0)


POWER_SERIES: Final = {"polyval": power_series, "polyvalfromroots": product_of_distances}
"""NumPy's name → what serves it."""
