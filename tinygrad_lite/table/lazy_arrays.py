"""Dask's arrays: programs that a scheduler runs, on chunks of NumPy's arrays, on one machine or on many.

Nothing is computed on the way. What is elementwise runs on each chunk as it runs on NumPy's arrays, all of its branches
on values included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import dask
import dask.array as da
import numpy as np

from .ducks import ArrayKind, DuckArray


class OnChunks:
    """A primitive's ``forward``, of chunks: its inputs, then those parameters that are arrays.

    It travels to workers by the primitive's name where it has one that they know.
    """

    def __init__(self, primitive: Any, params: Mapping[str, Any], arrays: tuple[str, ...]) -> None:
        self.primitive = primitive
        self.params = params
        self.arrays = arrays

    def __call__(self, *chunks: Any) -> Any:
        n = len(chunks) - len(self.arrays)
        with np.errstate(all="ignore"):
            y = self.primitive.forward(*chunks[:n], **self.params, **dict(zip(self.arrays, chunks[n:], strict=True)))
        return np.asarray(y)

    def __dask_tokenize__(self) -> Any:
        return type(self).__name__, self.primitive.name, sorted(self.params.items(), key=str), self.arrays


def one_like(x: Any) -> Any:
    """One entry of an array's dtype, to see what dtype a function has of it."""
    return np.full((1,) * x.ndim, x.dtype.kind in "fcb", x.dtype)


class DaskKind(ArrayKind):
    """Dask's."""

    name = "Dask"
    numpy = da
    array_type = da.Array
    lazy = True
    takes_numpy = True
    remedy = "x.compute()"
    to_here = "dask.array.from_array(x)"

    def checked(self, x: Any) -> Any:
        if any(np.isnan(n) for n in x.shape):
            raise ValueError(
                f"a Dask array of shape {x.shape}, some of whose chunks have unknown lengths, cannot be a Tensor; "
                "x.compute_chunk_sizes() finds them out, and so does df.to_dask_array(lengths=True)"
            )
        return x

    def evaluated(self, primitive: Any, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        plain = isinstance(primitive.forward, np.ufunc) or type(primitive.forward).__name__ == "builtin_function_or_method"
        if primitive.elementwise and not primitive.remembers and not plain:
            return self.on_chunks(primitive, inputs, params)
        return super().evaluated(primitive, inputs, params)

    def on_chunks(self, primitive: Any, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """A primitive that is elementwise, of each chunk."""
        arrays = tuple([key for key, x in params.items() if type(x) in (DuckArray, np.ndarray) and x.ndim])
        forward = OnChunks(primitive, {key: x for key, x in params.items() if key not in arrays}, arrays)
        operands = [self.operand(x) for x in (*inputs, *[params[key] for key in arrays])]
        trial = forward(*[one_like(x) if hasattr(x, "ndim") else x for x in operands])
        return self.wrapped(da.core.elemwise(forward, *operands, dtype=trial.dtype))

    def index(self, x: DuckArray) -> DuckArray:
        raise self.lacks("indexing by an array whose numbers are not known, as the shape of the result is not; where(…, 0)")

    def fetched(self, arrays: list[Any]) -> Any:
        return dask.compute(*arrays)

    def assign(self, x: Any, index: Any, value: Any) -> Any:
        x = x.copy()
        x[index] = value
        return x


KIND: Final = DaskKind()


def kind() -> ArrayKind:
    """Dask's kind of arrays."""
    return KIND
