"""Epochs of mini-batches, again and again, from where they were interrupted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from ..table.habits import knowing_habits
from .samplers import RandomSampler, Sampler, SequentialSampler
from .samples import as_samples, mini_batches, refuse_chunks, sample_count, stretches


class DataLoader:
    """Mini-batches of NumPy arrays; each time it is iterated over it goes through one epoch.

    The data are not copied; each batch is an array whose rows lie one after the other, and of sparse matrices a dense
    one. A seed gives the same epochs each time, and :meth:`state_dict` is the place within them.

    Parameters
    ----------
    dataset : an array or a SciPy sparse matrix, a tuple or a dict of them, with one entry per sample along the first
        axis; a batch is the same kind of thing. Or a list of samples that are tuples, as ``list(zip(X, y))``
    batch_size : samples in a batch
    shuffle : whether to draw an order for each epoch
    sampler : what draws it instead: one of ``tl.data``'s samplers, or any collection of the samples' numbers that can
        be iterated over again
    drop_last : leave out a last batch that is smaller
    rng : a seed or a Generator, for shuffling

    Raises ValueError for arrays of different lengths, a size below 1, ``shuffle`` beside a sampler and where no batch
    is left; IndexError, when an epoch begins, for a sampler's numbers that no sample has.

    >>> X, y = np.arange(10).reshape(5, 2), np.arange(5)
    >>> loader = tl.data.DataLoader({"x": X, "y": y}, batch_size=2)
    >>> [batch["y"].tolist() for batch in loader]
    [[0, 1], [2, 3], [4]]

    What is left of an epoch, in a process that begins anew:

    >>> loader = tl.data.DataLoader(y, batch_size=2, shuffle=True, rng=0)
    >>> for batch in loader:
    ...     state = loader.state_dict()
    ...     break
    >>> rest = [batch.tolist() for batch in loader]
    >>> resumed = tl.data.DataLoader(y, batch_size=2, shuffle=True)
    >>> resumed.load_state_dict(state)
    >>> len(list(resumed)), [batch.tolist() for batch in resumed] == rest
    (2, True)
    """

    @partial(knowing_habits, name="DataLoader", first=1)
    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        sampler: Iterable[int] | None = None,
        drop_last: bool = False,
        rng: Any = None,
    ) -> None:
        self.given, self.batch_size = dataset, batch_size
        columns = in_columns(dataset)
        self.names = list(columns) if isinstance(columns, Mapping) else None
        self.several = isinstance(columns, tuple)
        parts = columns.values() if isinstance(columns, Mapping) else columns
        refuse_chunks("DataLoader", *([*parts] if self.several or self.names is not None else [columns]))
        self.arrays = [samples_of(a) for a in (parts if self.several or self.names is not None else [columns])]
        self.n = sample_count("DataLoader", *self.arrays)
        if sampler is None:
            sampler = RandomSampler(self.n, rng=rng) if shuffle else SequentialSampler(self.n)
        elif shuffle or rng is not None:
            raise ValueError("DataLoader: a sampler draws the order itself; leave shuffle and rng out")
        elif iter(sampler) is sampler:
            raise TypeError(f"DataLoader: {sampler!r} gives numbers once only; an epoch after it would have none")
        self.sampler, self.last = sampler, "drop" if drop_last else "keep"
        stretches(0, batch_size)  # which says what is wrong with it
        self.place: tuple[np.ndarray, int] | None = None
        self.resumed = False
        length = getattr(sampler, "__len__", None)
        if drop_last and length is not None and length() < batch_size:
            raise ValueError(f"DataLoader: drop_last leaves no batch of {batch_size} of {length()} samples")

    @property
    def dataset(self) -> Any:
        """The samples as they were given, if their number is its length: not a tuple or a dict of arrays."""
        if isinstance(self.given, (tuple, Mapping)):
            raise AttributeError("a DataLoader of several arrays has no dataset; loader.n is the number of samples")
        return self.given

    def order(self) -> np.ndarray:
        """The numbers of the samples in the order of a new epoch."""
        drawn = self.sampler.order() if isinstance(self.sampler, Sampler) else np.fromiter(self.sampler, np.intp)
        return self.checked(drawn)

    def checked(self, order: np.ndarray) -> np.ndarray:
        """An order, if there are such samples."""
        if order.size and not 0 <= order.min() <= order.max() < self.n:
            raise IndexError(
                f"DataLoader: samples are numbered 0 … {self.n - 1}, and the order has {order.min()} … {order.max()}"
            )
        return order

    def __iter__(self) -> Iterator[Any]:
        order, first = self.place if self.resumed and self.place is not None else (self.order(), 0)
        self.resumed = False
        places = stretches(len(order), self.batch_size, self.last)
        for k, batch in enumerate(mini_batches(self.arrays, order, places[first:]), first + 1):
            self.place = order, k
            if self.names is not None:
                yield dict(zip(self.names, batch, strict=True))
            else:
                yield batch if self.several else batch[0]
        self.place = None

    def __len__(self) -> int:
        """Batches in an epoch."""
        return len(stretches(len(self.sampler), self.batch_size, self.last))  # type: ignore[arg-type]

    def state_dict(self) -> dict[str, Any]:
        """How far it has come: batches done of the epoch, its order, and the random state for the epochs after it.

        Between epochs the order is None. The arrays are copies.
        """
        order, batch = (None, 0) if self.place is None else (self.place[0].copy(), self.place[1])
        rng = getattr(self.sampler, "rng", None)
        return {"batch": batch, "order": order, "rng": None if rng is None else rng.bit_generator.state}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where a loader of the same data was: the next iteration goes through what is left of its epoch.

        Raises ValueError for a state that does not fit; the loader is then as it was.
        """
        rng = getattr(self.sampler, "rng", None)
        try:
            batch, state = int(state_dict["batch"]), state_dict["rng"]
            order = None if state_dict["order"] is None else self.checked(np.array(state_dict["order"], np.intp))
            if (rng is None) != (state is None):
                raise ValueError("one of the two draws its order at random, and the other does not")
            if not 0 <= batch <= (0 if order is None else len(stretches(len(order), self.batch_size, self.last))):
                raise ValueError(f"there is no batch {batch} in its epoch")
            if rng is not None:
                rng.bit_generator.state = state
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"DataLoader: this is no state of a loader of these data: {error}") from error
        self.place = None if order is None else (order, batch)
        self.resumed = order is not None


def in_columns(dataset: Any) -> Any:
    """A list of samples that are tuples or dicts as a tuple or a dict of arrays; anything else as it is.

    Raises TypeError for what gives its samples once only, ValueError for samples that do not fit together.
    """
    if isinstance(dataset, Iterator):
        kind = type(dataset).__name__
        raise TypeError(f"DataLoader: a {kind} gives its samples once only; give it the arrays, as (X, y), or a list")
    if not isinstance(dataset, list) or not dataset or not isinstance(dataset[0], (tuple, Mapping)):
        return dataset
    keys = parts_of(dataset[0])
    if any(type(x) is not type(dataset[0]) or parts_of(x) != keys for x in dataset):
        raise ValueError("DataLoader: the samples of a list need the same parts, each of them")
    columns = [samples_of([x[key] for x in dataset]) for key in keys]
    return dict(zip(keys, columns, strict=True)) if isinstance(dataset[0], Mapping) else tuple(columns)


def parts_of(sample: Any) -> list[Any]:
    """What the parts of a sample that is a dict or a tuple are asked for by."""
    return list(sample) if isinstance(sample, Mapping) else list(range(len(sample)))


def samples_of(given: Any) -> Any:
    """As :func:`as_samples`, with a sentence where NumPy finds no array in a list."""
    try:
        return as_samples(given)
    except ValueError as error:
        raise ValueError(
            "DataLoader: a list is an array, one sample after the other, and these do not have one shape; arrays that "
            "belong together are a tuple, (X, y)"
        ) from error
