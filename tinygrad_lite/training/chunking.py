"""Samples where they lie, in Dask's chunks: what they are, how they are divided, and how rows are cut of them."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from numbers import Real
from typing import Any, NamedTuple
from uuid import uuid4

import dask
import dask.array as da
import numpy as np
from dask import delayed
from dask.core import flatten
from dask.delayed import Delayed
from dask.optimization import cull
from dask.utils import ensure_dict

from ..nn import Module
from .objective import Samples, as_targets, weighted_samples
from .running import Parts
from .samples import as_samples, checked_weights, in_chunks, no_iterator, sample_count, spread_by_class, taken
from .travelling import Work, packed_work, unpacked_work

FEW = 1024
"""So many of the first samples, at most, are brought to the program to try the model on."""

FEW_BYTES = 2**26
"""And not more than this, but for two."""


class Chunk(NamedTuple):
    """Samples that lie on one worker: X, y, weights, the numbers of the rows that are meant (or all), and how many."""

    x: Delayed
    y: Delayed
    weights: Delayed | None
    numbers: Delayed | None
    size: int


class ChunkPart(NamedTuple):
    """Some of a chunk's rows: from ``start`` to ``stop`` in the order that a seed draws, or as they stand."""

    chunk: int
    start: int
    stop: int
    seed: int | None = None


class Chunks:
    """Samples to train on, or to validate with, wherever they lie.

    ``few`` are the first of them, in this process; ``ends`` the least and the largest entry of all targets.
    """

    few: Samples
    ends: tuple[Any, Any]

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self.chunks = [chunk for chunk in chunks if chunk.size]
        self.sizes = np.array([chunk.size for chunk in self.chunks])

    def like(self, chunks: Sequence[Chunk]) -> Chunks:
        """Some of these samples."""
        part = Chunks(chunks)
        part.few, part.ends = self.few, self.ends
        return part

    @property
    def witnesses(self) -> Samples:
        """The first samples, and after them targets alone: the least and the largest of all."""
        X, y, w = self.few
        return X, np.concatenate([y, [np.full(y.shape[1:], end, y.dtype) for end in self.ends]]), w

    def block(self, cut: ChunkPart) -> tuple[Any, ...]:
        """What a cut is made of: X, y, weights and numbers of its chunk."""
        return self.chunks[cut.chunk][:4]

    def __len__(self) -> int:
        return int(self.sizes.sum())

    @property
    def weighted(self) -> bool:
        """Whether the samples have weights."""
        return self.few[2] is not None

    @cached_property
    def weight(self) -> float:
        """Of all samples: their number, if they have no weights."""
        w = self.few[2]
        if w is None:
            return float(len(self))
        return math.fsum(computed_at_once([delayed(weight_in)(w.dtype, c.weights, c.numbers) for c in self.chunks]))

    def cuts(self, places: Sequence[slice], order: np.ndarray, seeds: Sequence[Any]) -> Iterator[list[ChunkPart]]:
        """For stretches of the samples, chunk after chunk in an order, what they are of each chunk."""
        ends = np.cumsum(self.sizes[order])
        for place in places:
            found, at, k = [], place.start, int(np.searchsorted(ends, place.start, side="right"))
            while at < place.stop:
                chunk, stop = int(order[k]), min(place.stop, int(ends[k]))
                begun = int(ends[k]) - self.chunks[chunk].size
                found.append(ChunkPart(chunk, at - begun, stop - begun, seeds[chunk]))
                at, k = stop, k + 1
            yield found

    def in_order(self, places: Sequence[slice]) -> Iterator[list[ChunkPart]]:
        """As they stand."""
        return self.cuts(places, np.arange(len(self.chunks)), [None] * len(self.chunks))

    def shuffled(self, places: Sequence[slice], size: int, rng: np.random.Generator) -> Iterator[list[ChunkPart]]:
        """Chunks in an order that is drawn, and of each its rows; last those that batches of a size do not fill."""
        order = rng.permutation(len(self.chunks))
        seeds = rng.integers(2**63, size=len(self.chunks)).tolist()
        return self.cuts(places, order[np.argsort(self.sizes[order] % size != 0, kind="stable")], seeds)


def chunked_samples(what: str, model: Module, X: Any, y: Any, weights: Any, loss: Any) -> Chunks:
    """Samples where they lie, none of weight 0. Targets and weights are gone through once, to see what they are.

    Raises TypeError and ValueError for what cannot be trained on.
    """
    x, t, w = aligned_chunks(what, X, y, weights)
    as_targets(model, np.empty((0, *t.shape[1:]), t.dtype), loss)  # which says what is wrong with the dtype
    if w is not None and (w.dtype.kind not in "biuf" or w.shape != x.shape[:1]):
        checked_weights(what, np.broadcast_to(np.ones((), w.dtype), w.shape), len(x))  # which says what is wrong
    dtype = next((p.dtype for p in model.parameters()), np.dtype(np.float64))
    work = sent(Work(model, None, loss, ()))  # whose objective is not known yet
    columns = [single_chunks(x), single_chunks(t), [None] * x.numblocks[0] if w is None else single_chunks(w)]
    there = [block for block, n in zip(zip(*columns, strict=True), x.chunks[0], strict=True) if n]
    found = computed_at_once([delayed(survey)(work, dtype, y, w) for _, y, w in there])
    if w is not None:
        checked_weights(what, np.concatenate([s.weights for s in found]), 2 * len(found))
    chunks = [
        Chunk(a, b, c, None if s.kept == s.rows else delayed(of_some_weight)(dtype, c), s.kept)
        for (a, b, c), s in zip(there, found, strict=True)
        if s.kept
    ]
    samples = Chunks(persisted(chunks))
    row = x.dtype.itemsize * math.prod(x.shape[1:])
    first = slice(0, min(len(samples), max(2, min(FEW, FEW_BYTES // max(1, row)))))
    rows = computed_at_once([delayed(cut_rows)(cut, *samples.block(cut)) for cut in next(samples.in_order([first]))])
    samples.few = weighted_samples(what, model, *joined_rows(*rows), loss)
    ends = [(s.least, s.largest) for s in found if s.kept]
    samples.ends = min(ends)[0], max(end for _, end in ends)
    return samples


def aligned_chunks(what: str, X: Any, y: Any, weights: Any = None) -> list[Any]:
    """Arrays of Dask's in the same chunks of samples, each in one piece along the other axes; None stays."""
    given = [as_dask(what, a) if in_chunks(a) else a for a in (X, y, weights)]
    rows = next(a for a in given if in_chunks(a)).chunks[0]
    for a in given:
        no_iterator(f"{what}: samples are arrays", a)
        if hasattr(a, "tocsr"):
            raise TypeError(f"{what}: a SciPy sparse matrix is in one piece, and other samples in Dask's chunks")
    given = [a if a is None or in_chunks(a) else np.asarray(a) for a in given]
    sample_count(what, *given)
    found = []
    for a in given:
        pieces_of_rows = None if a is None else {0: rows, **dict.fromkeys(range(1, a.ndim), -1)}
        if in_chunks(a):
            found.append(a.rechunk(pieces_of_rows))
        else:
            found.append(None if a is None else da.from_array(a, chunks=(rows, *a.shape[1:])))
    return found


def as_dask(what: str, a: Any) -> Any:
    """A collection of Dask's as an array whose chunks' sizes are known."""
    if not isinstance(a, da.Array):
        if not hasattr(type(a), "to_dask_array"):
            raise TypeError(f"{what}: of Dask's collections, arrays and DataFrames are samples, not {type(a).__name__}")
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Dask currently has limited support")  # for texts, which classes may be
            a = a.to_dask_array(lengths=True)
        if a.dtype.kind == "O":  # of which the chunks are whatever pandas has
            a = a.map_blocks(np.asarray, dtype=object, meta=np.empty((0,) * a.ndim, object))
    if any(math.isnan(n) for n in a.shape):
        raise ValueError(
            f"{what}: it is not known how many rows the chunks of an array have, as of one made of a DataFrame; call "
            "its compute_chunk_sizes() first, or make it with to_dask_array(lengths=True)"
        )
    return a


def single_chunks(a: Any) -> list[Delayed]:
    """An array's chunks, each with what it is computed from and nothing else."""
    graph = ensure_dict(a.__dask_graph__())
    return [Delayed(key, cull(graph, [key])[0]) for key in flatten(a.__dask_keys__())]


def divided_chunks(
    model: Module, chunks: Chunks, validation: Any, rng: np.random.Generator, classes: bool, loss: Any
) -> Parts:
    """Samples to train on, and samples to validate with: of each chunk a share, drawn there, of each class its own."""
    before = rng.bit_generator.state
    if validation is None:
        return Parts(chunks, None, before)
    if isinstance(validation, (tuple, list)) and len(validation) in (2, 3):
        v, t, *rest = validation
        weights = rest[0] if rest else np.ones(len(t)) if chunks.weighted else None
        prepare = chunked_samples if in_chunks(v, t, weights) else weighted_samples
        return Parts(chunks, prepare("fit: validation", model, v, t, weights, loss), before)
    if not isinstance(validation, Real):
        raise TypeError(f"fit: validation is a fraction, (X, y) or (X, y, weights), not {type(validation).__name__}")
    fraction, n = float(validation), len(chunks)
    held_out = math.ceil(fraction * n)
    if not 0 < held_out < n:
        raise ValueError(f"fit: validation={validation} of {n} samples leaves one part empty")
    shares = np.diff(np.cumsum(chunks.sizes) * held_out // n, prepend=0).tolist()
    seeds = rng.integers(2**63, size=len(shares)).tolist()
    parts = []
    for chunk, share, seed in zip(chunks.chunks, shares, seeds, strict=True):
        numbers = delayed(split_numbers, nout=2)(chunk.y, chunk.numbers, chunk.size, share, seed, classes)
        for mine, size in zip(numbers, (share, chunk.size - share), strict=True):
            parts.append(chunk._replace(numbers=mine, size=size))
    parts = persisted(parts)
    return Parts(chunks.like(parts[1::2]), chunks.like(parts[::2]), before)


def persisted(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Chunks whose rows' numbers are kept on the workers, not drawn again for each batch."""
    numbers = iter(dask.persist(*[chunk.numbers for chunk in chunks if chunk.numbers is not None]))
    return [chunk if chunk.numbers is None else chunk._replace(numbers=next(numbers)) for chunk in chunks]


# ---------------------------------------------------------------------------------------------------------------------
# What the workers do


class Survey(NamedTuple):
    """Of a chunk: its rows, those that count, the least and the largest entry of their targets, and of weights."""

    rows: int
    kept: int
    least: Any
    largest: Any
    weights: Any


def survey(work: bytes, dtype: np.dtype[Any], y: Any, weights: Any) -> Survey:
    """Go through a chunk's targets and weights."""
    model, _, loss, _ = unpacked_work(work)
    targets = as_targets(model, y, loss)
    rows, ends = len(targets), None
    if weights is not None:
        ends = [np.min(weights), np.max(weights)]
        targets = targets[of_some_weight(dtype, weights)]
    least, largest = (targets.min(), targets.max()) if targets.size else (None, None)
    return Survey(rows, len(targets), least, largest, ends)


def of_some_weight(dtype: np.dtype[Any], weights: Any) -> np.ndarray:
    """The numbers of the rows whose weight is not 0."""
    return np.flatnonzero(np.asarray(weights).astype(dtype))


def weight_in(dtype: np.dtype[Any], weights: Any, numbers: np.ndarray | None) -> float:
    """The sum of a chunk's weights."""
    w = np.asarray(weights).astype(dtype)
    return float((w if numbers is None else w[numbers]).sum(dtype=np.float64))


def split_numbers(
    y: Any, numbers: np.ndarray | None, size: int, held_out: int, seed: int, classes: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Of a chunk's rows those to hold out, drawn at random, of each class its share; and the others."""
    numbers = np.arange(size) if numbers is None else numbers
    order = np.random.default_rng(seed).permutation(numbers)
    if classes:
        order = spread_by_class(order, np.asarray(y))
    return order[:held_out], order[held_out:]


@lru_cache(maxsize=4)  # batches of one chunk come one after the other
def drawn_order(seed: int, size: int) -> np.ndarray:
    """The order in which a chunk's rows are taken in an epoch."""
    return np.random.default_rng(seed).permutation(size)


def cut_rows(cut: ChunkPart, x: Any, y: Any, weights: Any, numbers: np.ndarray | None) -> Samples:
    """A cut's rows."""
    chosen: Any = slice(cut.start, cut.stop)
    if x.shape[0] != len(y):
        raise ValueError(
            f"fit: a chunk has {x.shape[0]} samples and {len(y)} targets, other than its array says; "
            "compute_chunk_sizes() corrects that"
        )
    if cut.seed is not None or numbers is not None:
        size = len(y) if numbers is None else len(numbers)
        chosen = (np.arange(size) if cut.seed is None else drawn_order(cut.seed, size))[chosen]
        chosen = chosen if numbers is None else numbers[chosen]
    rows: list[Any] = [None if a is None else taken(as_samples(a), chosen) for a in (x, y, weights)]
    return rows[0], rows[1], rows[2]


def joined_rows(*parts: Samples) -> Samples:
    """Rows of several chunks as those of one."""
    if len(parts) == 1:
        return parts[0]
    x, y, w = zip(*parts, strict=True)
    return np.concatenate(x), np.concatenate(y), None if w[0] is None else np.concatenate(w)


# ---------------------------------------------------------------------------------------------------------------------
# To the workers and back


def sent(work: Work) -> Delayed:
    """The work on its way: one value, which the workers pass on to each other."""
    return delayed(packed_work(work), name=f"model-{uuid4().hex}", traverse=False)


def computed_at_once(tasks: Sequence[Delayed]) -> Sequence[Any]:
    """What tasks give, computed at once by the Client there is, or by Dask's local scheduler."""
    # a model may be large; settings of what is imported meanwhile would be taken away with this one
    large = {"distributed.admin.large-graph-warning-threshold": "1TiB"} if "distributed" in sys.modules else {}
    with dask.config.set(large):
        found: Sequence[Any] = dask.compute(*tasks)
    return found
