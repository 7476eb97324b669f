"""Dask's arrays: programs that a scheduler runs, on chunks of NumPy's arrays, on one machine or on many.

Nothing is computed on the way. What is elementwise runs on each chunk as it runs on NumPy's arrays, all of its branches
on values included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import dask.array
import numpy as np
from dask.base import normalize_token

from .calling_elsewhere import LaidOut
from .chunkwise import computed_together
from .ducks import ArrayKind, DuckArray
from .registry import PRIMITIVES

da: Final[Any] = dask.array


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

    def is_known(self) -> bool:
        """Whether the primitive is the table's of its name: those that others make may share one."""
        return PRIMITIVES.get(self.primitive.name) is self.primitive

    def __reduce__(self) -> Any:
        if self.is_known():
            return named, (self.primitive.name, self.params, self.arrays)
        return OnChunks, (self.primitive, self.params, self.arrays)

    def __dask_tokenize__(self) -> Any:
        what = self.primitive.name if self.is_known() else self.primitive.forward
        return normalize_token((type(self).__name__, what, sorted(self.params.items(), key=str), self.arrays))


def named(name: str, params: Mapping[str, Any], arrays: tuple[str, ...]) -> OnChunks:
    """What travelled, on a worker."""
    return OnChunks(PRIMITIVES[name], params, arrays)


def one_like(x: Any) -> Any:
    """One entry of an array's dtype, to see what dtype a function has of it."""
    return np.full((1,) * x.ndim, x.dtype.kind in "fcb", x.dtype)


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
        if hasattr(x._meta, "tocsr"):
            raise TypeError(
                "a Dask array of SciPy's sparse matrices cannot be a Tensor, nor stand beside one; "
                "x.map_blocks(lambda chunk: chunk.toarray()) makes its chunks dense, and fit takes it as it is"
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
        arrays = tuple([key for key, x in params.items() if type(x) is DuckArray or (type(x) is np.ndarray and x.ndim)])
        forward = OnChunks(primitive, {key: x for key, x in params.items() if key not in arrays}, arrays)
        operands = [self.operand(x) for x in (*inputs, *[params[key] for key in arrays])]
        trial = forward(*[one_like(x) if hasattr(x, "ndim") else x for x in operands])
        return self.wrapped(da.core.elemwise(forward, *operands, dtype=trial.dtype))

    def index(self, x: DuckArray) -> DuckArray:  # noqa: ARG002 (others give it)
        raise self.lacks(
            "indexing by an array whose numbers are not known, nor so the shape; np.where(mask, x, 0) keeps it"
        )

    def asserted(self, holds: DuckArray, message: str) -> DuckArray:
        return DuckArray(holds.held.map_blocks(all_of, message, dtype=bool), self)

    def fetched(self, arrays: list[Any]) -> Any:
        return computed_together(arrays)

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

    def scattered(self, g: Any, index: Any, shape: tuple[int, ...]) -> Any:
        """Zeros with ``g`` at a basic index, chunk by chunk where the index takes whole axes or parts of one chunk."""
        cuts = shape.chunks if type(shape) is LaidOut else da.core.normalize_chunks("auto", tuple(shape), dtype=g.dtype)
        taken = parts_of(index)
        basic = not any(is_an_array(part) for part in taken)
        taken = whole_index(taken, len(shape) + taken.count(None)) if basic else ()
        parts = [part for part in taken if part is not None]
        if not basic or any(
            not whole(part, n) and len(cut) > 1 for part, n, cut in zip(parts, shape, cuts, strict=True)
        ):
            return self.assign(da.zeros(tuple(shape), dtype=g.dtype, chunks=cuts), index, g)
        # the axes that integers took away are there again, with length 1
        y = g[tuple([0 if part is None else None if isinstance(part, int) else slice(None) for part in taken])]
        y = y.rechunk(tuple(cut if whole(part, n) else -1 for part, n, cut in zip(parts, shape, cuts, strict=True)))
        places = tuple(slice(part, part + 1) if isinstance(part, int) else part for part in normalized(parts, shape))
        return da.map_blocks(
            placed, y, chunks=cuts, dtype=g.dtype, meta=np.empty((0,) * len(shape), g.dtype),
            places=places, lengths=tuple(None if whole(part, n) else n for part, n in zip(parts, shape, strict=True)),
        )  # fmt: skip

    def entries(self, x: Any, index: Any) -> Any:
        parts = parts_of(index)
        if not any(is_an_array(part) for part in parts):
            return x[index]
        parts, place = self.around_one_array("getitem", parts, x.ndim)
        x = x[(*parts[:place], slice(None), *parts[place + 1 :])]
        taken = da.take(x, parts[place].ravel(), place)
        return taken.reshape((*x.shape[:place], *parts[place].shape, *x.shape[place + 1 :]))

    def assign(self, x: Any, index: Any, value: Any) -> Any:
        parts = parts_of(index)
        if any(is_an_array(part) for part in parts):
            return self.add_at(x, index, value)
        return written_to(x, whole_index(parts, x.ndim + parts.count(None)), value)

    def add_at(self, x: Any, index: Any, value: Any) -> Any:
        parts, place = self.around_one_array("add.at", parts_of(index), x.ndim)
        where, n = parts[place], x.shape[place]
        value = value.reshape((*value.shape[:place], where.size, *value.shape[place + where.ndim :]))
        value = value.rechunk({place: -1})
        lengths = (*value.chunks[:place], (n,), *value.chunks[place + 1 :])
        spread = value.map_blocks(added_along, where.ravel(), n, place, chunks=lengths, dtype=value.dtype)
        return written_to(x, (*parts[:place], slice(None), *parts[place + 1 :]), spread)

    def around_one_array(self, name: str, parts: tuple[Any, ...], ndim: int) -> tuple[tuple[Any, ...], int]:
        """An index with one array of integers among slices, and the array's place; raises for any other."""
        parts = whole_index(parts, ndim)
        parts = tuple([np.flatnonzero(part) if is_mask(part) and part.ndim == 1 else part for part in parts])
        places = [k for k, part in enumerate(parts) if is_an_array(part)]
        if len(places) > 1 or len(parts) != ndim or not all(isinstance(part, (slice, np.ndarray)) for part in parts):
            raise self.lacks(f"{name} for an index of several arrays, or of an array beside integers and None")
        if is_mask(parts[places[0]]):
            raise self.lacks(f"{name} for a mask of several axes; np.where(mask, x, 0) keeps the shape")
        return parts, places[0]


def all_of(holds: Any, message: str) -> Any:
    """A chunk of truth values; raises ValueError where one is false."""
    if not np.all(holds):
        raise ValueError(message)
    return holds


def parts_of(index: Any) -> tuple[Any, ...]:
    """What an index has between its commas."""
    return index if isinstance(index, tuple) else (index,)


def is_an_array(part: Any) -> bool:
    """Whether a part of an index is an array of indices, or a mask."""
    return isinstance(part, (np.ndarray, da.Array))


def is_mask(part: Any) -> bool:
    """Whether it is a mask."""
    return is_an_array(part) and part.dtype == bool


def whole_index(parts: tuple[Any, ...], ndim: int) -> tuple[Any, ...]:
    """An index with slices for the axes that it does not name."""
    dots = [k for k, part in enumerate(parts) if part is Ellipsis]
    named = sum([part.ndim if is_mask(part) else 1 for part in parts if part is not Ellipsis])
    rest = (slice(None),) * (ndim - named)
    place = dots[0] if dots else len(parts)
    return (*parts[:place], *rest, *parts[place + len(dots) :])


def written_to(x: Any, parts: tuple[Any, ...], value: Any) -> Any:
    """``x[parts] = value`` of zeros, for an index of slices, integers and None, of which Dask takes slices alone."""
    axis = 0
    slices = []
    for part in parts:
        if part is None:
            value = value[(slice(None),) * axis + (0,)]
            continue
        if isinstance(part, int):
            value = value[(slice(None),) * axis + (None,)]
            part = slice(part, part + 1 or None)
        slices.append(part)
        axis += 1
    if all(part == slice(None) for part in slices):
        return value
    if not value.size:
        return x
    x = x.copy()
    x[tuple(slices)] = value
    return x


def added_along(value: Any, where: Any, n: int, axis: int) -> Any:
    """Zeros, n along an axis, with the parts of a chunk added at places along it."""
    y = np.zeros((*value.shape[:axis], n, *value.shape[axis + 1 :]), value.dtype)
    np.add.at(y, (slice(None),) * axis + (where,), value)
    return y


def argsort(x: Any, axis: int = -1, *, kind: Any = None, **_: Any) -> Any:
    """``np.argsort`` along an axis, which then lies in one chunk."""
    return x.rechunk({axis % x.ndim: -1}).map_blocks(np.argsort, axis=axis, kind=kind, dtype=np.intp)


def take_along_axis(x: Any, indices: Any, axis: int) -> Any:
    """``np.take_along_axis`` along an axis, which then lies in one chunk."""
    x = x.rechunk({axis: -1})
    indices = indices.rechunk({k: -1 if k == axis else lengths for k, lengths in enumerate(x.chunks)})
    return da.map_blocks(np.take_along_axis, x, indices, axis=axis, dtype=x.dtype, chunks=indices.chunks)


def partition(x: Any, kth: Any, axis: int = -1, **options: Any) -> Any:
    """``np.partition`` along an axis, which then lies in one chunk."""
    return x.rechunk({axis % x.ndim: -1}).map_blocks(np.partition, kth, axis=axis, dtype=x.dtype, **options)


def broadcast_to(x: Any, shape: Any) -> Any:
    """``np.broadcast_to``, of the array's dtype also where there are no entries."""
    return da.broadcast_to(x, shape).astype(x.dtype)


def reshape(x: Any, shape: Any) -> Any:
    """``np.reshape``, by way of one axis or one chunk where Dask does not find axes to merge and to split."""
    shape = (shape,) if isinstance(shape, int) else shape
    if not x.size:
        return da.zeros(np.empty(x.shape, bool).reshape(shape).shape, x.dtype)
    for whole in (lambda: x, x.ravel, lambda: x.rechunk(-1)):
        try:
            return da.reshape(whole(), shape)
        except NotImplementedError as error:
            refused = error
    raise refused


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """``np.convolve`` of two sequences, in one chunk each."""
    a, v = [da.asarray(x).rechunk(-1) for x in (a, v)]
    n, k = max(len(a), len(v)), min(len(a), len(v))
    length = {"full": n + k - 1, "same": n, "valid": n - k + 1}[mode]
    return da.map_blocks(np.convolve, a, v, mode=mode, dtype=np.result_type(a, v), chunks=((length,),))


def transform(name: str) -> Callable[..., Any]:
    """One of NumPy's transforms along an axis, which then lies in one chunk."""
    function = getattr(np.fft, name)

    def transformed_along(x: Any, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
        axis %= x.ndim
        x = x.rechunk({axis: -1})
        trial = function(np.ones(x.shape[axis], x.dtype), n, 0, norm)
        lengths = (*x.chunks[:axis], (len(trial),), *x.chunks[axis + 1 :])
        return x.map_blocks(function, n=n, axis=axis, norm=norm, dtype=trial.dtype, chunks=lengths)

    return transformed_along


class OfMatrices:
    """A function of matrices, in the last two axes, on each chunk of a stack of them; its results side by side."""

    def __init__(self, function: Callable[..., Any], *settings: Any, **options: Any) -> None:
        self.function = function
        self.settings = settings
        self.options = options

    def __call__(self, *matrices: Any) -> Any:
        found = self.function(*matrices, *self.settings, **self.options)
        parts = found if isinstance(found, tuple) else (found,)
        batch = matrices[0].ndim - 2
        return np.concatenate([np.reshape(part, (*np.shape(part)[:batch], -1)) for part in parts], -1)


def of_matrices(function: Callable[..., Any], inputs: int = 1) -> Callable[..., Any]:
    """A function of matrices of Dask's: each lies in one chunk, and stacks of them in as many as they come in."""

    def applied(*args: Any, **kwargs: Any) -> Any:
        arrays = [da.asarray(x) for x in args[:inputs]]
        batch = np.broadcast_shapes(*[x.shape[:-2] for x in arrays])
        whole = [da.broadcast_to(x, (*batch, *x.shape[-2:])) for x in arrays]
        lengths = whole[0].chunks[: len(batch)]
        whole = [x.rechunk((*lengths, *[(n,) for n in x.shape[-2:]])) for x in whole]
        trial = function(*[np.eye(*x.shape[-2:], dtype=x.dtype) for x in arrays], *args[inputs:], **kwargs)
        parts = trial if isinstance(trial, tuple) else (trial,)
        sizes = [np.size(part) for part in parts]
        side_by_side = da.map_blocks(
            OfMatrices(function, *args[inputs:], **kwargs),
            *whole,
            chunks=(*lengths, (sum(sizes),)),
            drop_axis=len(batch) + 1,
            dtype=np.result_type(*parts),
            meta=np.empty((0,) * (len(batch) + 1), np.result_type(*parts)),
        )
        found, start = [], 0
        for part, size in zip(parts, sizes, strict=True):
            piece = side_by_side[..., start : start + size].rechunk({len(batch): -1}).reshape((*batch, *part.shape))
            found.append(piece if piece.dtype == part.dtype else piece.real)
            start += size
        return tuple(found) if isinstance(trial, tuple) else found[0]

    return applied


DaskKind.own = {
    np.argsort: argsort,
    np.broadcast_to: broadcast_to,
    np.convolve: convolve,
    np.partition: partition,
    np.reshape: reshape,
    np.take_along_axis: take_along_axis,
    **{getattr(np.fft, name): transform(name) for name in ("fft", "ifft", "rfft", "irfft")},
    **{
        function: of_matrices(function)
        for function in (
            *(np.linalg.cholesky, np.linalg.det, np.linalg.eigh, np.linalg.inv, np.linalg.pinv),
            *(np.linalg.qr, np.linalg.slogdet, np.linalg.svd),
        )
    },
    np.linalg.solve: of_matrices(np.linalg.solve, 2),
}

KIND: Final = DaskKind()


def kind() -> ArrayKind:
    """Dask's kind of arrays."""
    return KIND
