"""Dask's arrays: programs that a scheduler runs, on chunks of NumPy's arrays, on one machine or on many.

Nothing is computed on the way. What is elementwise runs on each chunk as it runs on NumPy's arrays, all of its branches
on values included.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import EllipsisType
from typing import Any, Final

import dask.array as da
import numpy as np

from .chunkwise import computed_together
from .ducks import ArrayKind, DuckArray, LaidOut


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


def axis_by_axis(index: Any, ndim: int) -> list[Any] | None:
    """An index as one integer or slice for each axis, and None for a new one; None where it holds anything else."""
    parts = list(index) if isinstance(index, tuple) else [index]
    if any(not isinstance(part, (int, slice, EllipsisType, type(None))) for part in parts):
        return None
    missing = ndim - sum([isinstance(part, (int, slice)) for part in parts])
    k = parts.index(Ellipsis) if Ellipsis in parts else len(parts)
    parts[k : k + 1] = [slice(None)] * missing
    return parts


def whole(part: Any, n: int) -> bool:
    """Whether an index takes all of an axis in its order."""
    return isinstance(part, slice) and part.indices(n) == (0, n, 1)


def normalized(parts: list[Any], shape: tuple[int, ...]) -> list[Any]:
    """Integers counted from the beginning."""
    return [part % n if isinstance(part, int) else part for part, n in zip(parts, shape, strict=True)]


def placed(chunk: Any, places: tuple[Any, ...], lengths: tuple[int | None, ...]) -> Any:
    """A chunk among zeros, of these lengths along the axes that it has parts of."""
    y = np.zeros([n if length is None else length for n, length in zip(chunk.shape, lengths, strict=True)], chunk.dtype)
    y[tuple([slice(None) if length is None else place for place, length in zip(places, lengths, strict=True)])] = chunk
    return y


ACROSS: Final = frozenset({"direction"})
"""Primitives that are elementwise but for infinite entries, which they count along a line."""


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
        plain = (
            isinstance(primitive.forward, np.ufunc) or type(primitive.forward).__name__ == "builtin_function_or_method"
        )
        if primitive.elementwise and primitive.name not in ACROSS and not primitive.remembers and not plain:
            return self.on_chunks(primitive, inputs, params)
        return super().evaluated(primitive, inputs, params)

    def on_chunks(self, primitive: Any, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """A primitive that is elementwise, of each chunk."""
        arrays = tuple([key for key, x in params.items() if type(x) in (DuckArray, np.ndarray) and x.ndim])
        forward = OnChunks(primitive, {key: x for key, x in params.items() if key not in arrays}, arrays)
        operands = [self.operand(x) for x in (*inputs, *[params[key] for key in arrays])]
        trial = forward(*[one_like(x) if hasattr(x, "ndim") else x for x in operands])
        return self.wrapped(da.core.elemwise(forward, *operands, dtype=trial.dtype))

    def shape(self, x: Any) -> tuple[int, ...]:
        shape = LaidOut(x.shape)
        shape.chunks = x.chunks
        return shape

    def call(self, function: Any, args: Any, kwargs: Any) -> Any:
        if function is np.broadcast_to and type(args[1]) is LaidOut:
            return self.wrapped(self.spread(self.operand(args[0]), args[1]))
        return super().call(function, args, kwargs)

    def spread(self, x: Any, shape: LaidOut) -> Any:
        """Broadcast to a shape, in its chunks: one chunk of so many entries may be more than memory holds."""
        x = da.asarray(x)
        own = ((1,),) * (len(shape) - x.ndim) + x.chunks
        lengths = (1,) * (len(shape) - x.ndim) + x.shape
        chunks = [
            mine if m == n != 1 else wanted
            for mine, m, wanted, n in zip(own, lengths, shape.chunks, shape, strict=True)
        ]
        return da.broadcast_to(x, tuple(shape), chunks=tuple(chunks))

    def index(self, x: DuckArray) -> DuckArray:
        raise self.lacks(
            "indexing by an array whose numbers are not known, as the shape of the result is not; where(…, 0)"
        )

    def fetched(self, arrays: list[Any]) -> Any:
        return computed_together(arrays)

    def scattered(self, g: Any, index: Any, shape: tuple[int, ...]) -> Any:
        """Zeros with ``g`` at a basic index, chunk by chunk where the index takes whole axes or parts of one chunk."""
        cuts = shape.chunks if type(shape) is LaidOut else da.core.normalize_chunks("auto", tuple(shape), dtype=g.dtype)
        taken = axis_by_axis(index, len(shape))
        if taken is not None:  # the axes that integers took away are there again, with length 1
            g = g[tuple([0 if part is None else None if isinstance(part, int) else slice(None) for part in taken])]
        parts = None if taken is None else [part for part in taken if part is not None]
        if parts is None or any(
            not whole(part, n) and len(cut) > 1 for part, n, cut in zip(parts, shape, cuts, strict=True)
        ):
            y = da.zeros(tuple(shape), dtype=g.dtype, chunks=cuts)
            y[index if parts is None else tuple(parts)] = (
                g if parts is None else g[tuple([0 if isinstance(part, int) else slice(None) for part in parts])]
            )
            return y
        y = g.rechunk(tuple(cut if whole(part, n) else -1 for part, n, cut in zip(parts, shape, cuts, strict=True)))
        places = tuple(slice(part, part + 1) if isinstance(part, int) else part for part in normalized(parts, shape))
        return da.map_blocks(
            placed, y, chunks=cuts, dtype=g.dtype, meta=np.empty((0,) * len(shape), g.dtype),
            places=places, lengths=tuple(None if whole(part, n) else n for part, n in zip(parts, shape, strict=True)),
        )  # fmt: skip

    def assign(self, x: Any, index: Any, value: Any) -> Any:
        x = x.copy()
        x[index] = value
        return x


KIND: Final = DaskKind()


def kind() -> ArrayKind:
    """Dask's kind of arrays."""
    return KIND
