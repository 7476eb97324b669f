"""Training where the samples lie in Dask's chunks: gradients by the workers, steps by the program (extra ``cluster``).

Once a step the model goes to the workers as it is: parameters, buffers, the states of its generators. A task makes a
copy of its own, takes its rows of a chunk, and runs the loop's own forward and backward pass; what comes back is all
that the passes changed. Gradients of a batch that lies in several chunks are averaged pair by pair, on the workers too.

A task depends on nothing but its arguments, so that a worker that dies takes nothing with it: the scheduler has others
run its tasks again, with the same result bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np
from dask import delayed
from dask.delayed import Delayed

from .chunking import ChunkPart, Chunks, computed_at_once, cut_rows, joined_rows, sent
from .objective import Samples, loss_sums, mean_figures, predict, weighted_samples
from .running import Run
from .travelling import (
    PartGradients,
    Work,
    averaged_parts,
    gradient_of,
    take_changes,
    takes_apart,
    unpacked_work,
)

# ---------------------------------------------------------------------------------------------------------------------
# What the workers do


def gradient_there(work: bytes, first: bool, cut: ChunkPart, *block: Any) -> PartGradients:
    """The gradient of some rows of a chunk, by the worker that has it."""
    return gradient_of(work, first, cut_rows(cut, *block))


def gradient_of_joined(work: bytes, *rows: Samples) -> PartGradients:
    """The gradient of a batch that has to be in one place."""
    return gradient_of(work, True, joined_rows(*rows))


def prepared_chunk(work: Work, cut: ChunkPart, *block: Any) -> Samples:
    """A chunk's samples as they are computed with."""
    return weighted_samples("fit", work.model, *cut_rows(cut, *block), work.loss)


def losses_there(work: bytes, cut: ChunkPart, *block: Any) -> list[tuple[float, int | None]]:
    """Sums of the losses of a chunk's samples, and how many got their class right."""
    own = unpacked_work(work)
    return list(loss_sums(own.model, own.goal, *prepared_chunk(own, cut, *block)))


def outputs_there(work: bytes, cut: ChunkPart, *block: Any) -> tuple[np.ndarray, np.ndarray]:
    """Targets, and the model's outputs."""
    own = unpacked_work(work)
    x, y, _ = prepared_chunk(own, cut, *block)
    return y, predict(own.model, x)


def checksum_there(cut: ChunkPart, *block: Any) -> int:
    """Of a chunk's samples."""
    total = 0
    for a in cut_rows(cut, *block):
        if a is not None:
            total = crc32(np.ascontiguousarray(a).reshape(-1).view(np.uint8).data, total)
    return total


# ---------------------------------------------------------------------------------------------------------------------
# What the program does


class ClusterRun(Run):
    """A training whose samples lie in chunks."""

    train: Chunks
    validation: Any

    def __init__(self, loss: Any, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.loss = loss
        self.apart = takes_apart(self.work, tuple([None if a is None else a[:64] for a in self.train.few]))

    def steps_to_compile(self) -> None:
        """None: the workers take the gradients."""

    @property
    def work(self) -> Work:
        """What the workers need, as it is now."""
        return Work(self.model, self.goal, self.loss, self.optimizer.parameters)

    @property
    def sizes(self) -> tuple[int, int | None]:
        if self.validation is None or isinstance(self.validation, Chunks):
            return len(self.train), None if self.validation is None else len(self.validation)
        return len(self.train), len(self.validation[0])

    @property
    def weight(self) -> float:
        return self.train.weight

    @cached_property
    def checksum(self) -> str:
        sums = computed_at_once(self.tasks(self.train, checksum_there))
        return f"{crc32(repr([*zip(self.train.sizes.tolist(), sums, strict=True)]).encode()):08x}"

    def drawn_batches(self) -> Iterator[Any]:
        if self.settings.shuffle:
            return self.train.shuffled(self.places[self.batch :], self.settings.batch_size, self.rng)
        return self.train.in_order(self.places[self.batch :])

    def gradients(self, *cuts: ChunkPart) -> None:
        """Let the workers take a batch's gradients; they are added to what the parameters hold."""
        work, train = sent(self.work), self.train
        if len(cuts) == 1 or self.apart:
            parts = [delayed(gradient_there)(work, k == 0, cut, *train.block(cut)) for k, cut in enumerate(cuts)]
            while len(parts) > 1:
                pairs = [delayed(averaged_parts)(*pair) for pair in zip(parts[::2], parts[1::2], strict=False)]
                parts = pairs + parts[len(parts) - len(parts) % 2 :]
        else:
            rows = [delayed(cut_rows)(cut, *train.block(cut)) for cut in cuts]
            parts = [delayed(gradient_of_joined)(work, *rows)]
        (found,) = computed_at_once(parts)
        if found.where:
            within = ", counted within a chunk's part" if len(cuts) > 1 and self.apart else ""
            raise self.divergence(found.loss, found.where + within)
        for p, g in zip(self.work.learning, found.gradients, strict=True):
            if g is not None:
                p.grad = np.require(g, requirements="W") if p.grad is None else np.asarray(p.grad + g)
        if found.changes is not None:
            take_changes(self.model, found.changes)
        self.note(found.loss, found.weight, found.samples, found.right)

    def validated(self) -> tuple[float, float | None]:
        if not isinstance(self.validation, Chunks):
            return super().validated()
        found = computed_at_once(self.tasks(self.validation, losses_there, sent(self.work)))
        sums = [each for chunk in found for each in chunk]
        return mean_figures(sums, self.validation.weight, len(self.validation))

    def held_out(self) -> tuple[np.ndarray, np.ndarray]:
        if self.validation is not None and not isinstance(self.validation, Chunks):
            return super().held_out()
        samples = self.train if self.validation is None else self.validation
        targets, outputs = zip(*computed_at_once(self.tasks(samples, outputs_there, sent(self.work))), strict=True)
        return np.concatenate(targets), np.concatenate(outputs)

    def tasks(self, samples: Chunks, function: Any, *arguments: Any) -> list[Delayed]:
        """A function of every chunk."""
        cuts = [ChunkPart(k, 0, chunk.size) for k, chunk in enumerate(samples.chunks)]
        return [delayed(function)(*arguments, cut, *samples.block(cut)) for cut in cuts]
