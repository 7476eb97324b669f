"""NumPy functions whose results have no derivative to lose: shapes, indices, truth values and fresh constants.

On Tensors, also those that require a gradient, they run on the values and give plain NumPy results. The distance
between floats is among them: it changes at the powers of two alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from .arrays import functions

CONSTANT: Final[frozenset[Callable[..., Any]]] = frozenset(
    {
        # truth values
        np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
        np.logical_and, np.logical_or, np.logical_xor, np.logical_not, np.all, np.any,
        np.isfinite, np.isinf, np.isnan, np.isneginf, np.isposinf, np.signbit,
        np.iscomplexobj, np.isrealobj, np.iscomplex, np.isreal,
        np.allclose, np.isclose, np.array_equal, np.array_equiv, np.isin,
        # indices and counts
        np.argmax, np.argmin, np.argsort, np.argpartition, np.lexsort, np.nanargmax, np.nanargmin,
        np.unravel_index, np.ravel_multi_index, np.einsum_path,
        np.diag_indices_from, np.tril_indices_from, np.triu_indices_from,
        np.argwhere, np.flatnonzero, np.nonzero, np.count_nonzero, np.searchsorted, np.digitize,
        # whole numbers and their bits, and the distance between floats
        np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift,
        np.gcd, np.lcm, np.isnat, np.packbits, np.unpackbits, np.spacing, *functions("bitwise_count"),
        np.histogram_bin_edges,
        np.linalg.matrix_rank,
        # shapes and types
        np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.common_type, np.min_scalar_type,
        np.may_share_memory, np.shares_memory,
        # fresh arrays
        np.zeros_like, np.ones_like, np.empty_like,
        # text
        np.array_repr, np.array_str, np.array2string,
    }
)  # fmt: skip
