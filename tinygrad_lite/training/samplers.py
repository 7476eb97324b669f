"""In which order samples are taken in an epoch: one after the other, at random, by weights, by classes.

Names are PyTorch's, where it has the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sized
from typing import Any

import numpy as np

from ..nn.init import generator
from .samples import checked_weights, spread_by_class


class Sampler:
    """The numbers of the samples to take, in an order that :meth:`order` draws anew for each epoch.

    Iterating draws an order too. ``rng`` is the Generator that it is drawn with, or None where nothing is random.
    """

    rng: np.random.Generator | None = None

    def order(self) -> np.ndarray:
        """The numbers of one epoch. Subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} has no order()")

    def __len__(self) -> int:
        """How many samples an epoch takes. Subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} has no __len__()")

    def __iter__(self) -> Iterator[int]:
        return iter(self.order().tolist())


class SequentialSampler(Sampler):
    """Every sample once, in the order in which they stand.

    Parameters
    ----------
    data_source : samples, of which the length is taken, or their number

    >>> list(tl.data.SequentialSampler(3))
    [0, 1, 2]
    """

    def __init__(self, data_source: Sized | int) -> None:
        self.n = count_of(self, data_source)

    def order(self) -> np.ndarray:
        return np.arange(self.n)

    def __len__(self) -> int:
        return self.n


class Drawn(Sampler):
    """A sampler that draws: it always has a generator."""

    rng: np.random.Generator


class RandomSampler(Drawn):
    """Samples at random: every one once, or with replacement.

    Parameters
    ----------
    data_source : samples, of which the length is taken, or their number
    replacement : whether one can be drawn again before all others were
    num_samples : how many in an epoch, by default as many as there are; of more, without replacement, one permutation
        follows another
    rng : a seed or a Generator

    >>> sorted(tl.data.RandomSampler(4, rng=0))
    [0, 1, 2, 3]
    """

    def __init__(
        self, data_source: Sized | int, replacement: bool = False, num_samples: int | None = None, *, rng: Any = None
    ) -> None:
        self.n, self.replacement = count_of(self, data_source), replacement
        self.num_samples = self.n if num_samples is None else number_to_draw(self, num_samples)
        self.rng = generator(rng)

    def order(self) -> np.ndarray:
        if self.replacement:
            return self.rng.integers(self.n, size=self.num_samples)
        rounds = -(-self.num_samples // self.n)
        return np.concatenate([self.rng.permutation(self.n) for _ in range(rounds)])[: self.num_samples]

    def __len__(self) -> int:
        return self.num_samples


class WeightedRandomSampler(Drawn):
    """Samples at random, each with a probability in proportion to its weight.

    Parameters
    ----------
    weights : one for each sample, 0 or more
    num_samples : how many in an epoch
    replacement : whether one can be drawn again
    rng : a seed or a Generator

    Raises ValueError for weights that are negative, not finite or all 0, and where fewer samples have a weight than
    are to be drawn without replacement.

    >>> list(tl.data.WeightedRandomSampler([0, 1, 0], 4, rng=0))
    [1, 1, 1, 1]
    """

    def __init__(self, weights: Any, num_samples: int, replacement: bool = True, *, rng: Any = None) -> None:
        w = checked_weights("WeightedRandomSampler", weights, np.size(weights)).astype(np.float64)
        self.p, self.num_samples, self.replacement = w / w.sum(), number_to_draw(self, num_samples), replacement
        if not replacement and num_samples > np.count_nonzero(w):
            raise ValueError(
                f"WeightedRandomSampler: {num_samples} samples without replacement, of {np.count_nonzero(w)} that have "
                "a weight"
            )
        self.rng = generator(rng)

    def order(self) -> np.ndarray:
        return self.rng.choice(len(self.p), self.num_samples, self.replacement, self.p)

    def __len__(self) -> int:
        return self.num_samples


class StratifiedSampler(Drawn):
    """Every sample once, at random, and so that each batch has its share of each class, as nearly as it can.

    Parameters
    ----------
    labels : the class of each sample
    rng : a seed or a Generator

    >>> labels = np.array([0, 0, 0, 0, 1, 1])
    >>> labels[tl.data.StratifiedSampler(labels, rng=0).order()].reshape(2, 3).sum(axis=1)
    array([1, 1])
    """

    def __init__(self, labels: Any, *, rng: Any = None) -> None:
        self.labels = one_label_each(self, labels)
        self.rng = generator(rng)

    def order(self) -> np.ndarray:
        return spread_by_class(self.rng.permutation(len(self.labels)), self.labels)

    def __len__(self) -> int:
        return len(self.labels)


class BalancedSampler(StratifiedSampler):
    """Every class equally often, up to one sample: rare ones again and again, of common ones some; in every batch too.

    A class's samples are gone through at random, and once more when all were taken.

    Parameters
    ----------
    labels : the class of each sample
    num_samples : how many in an epoch, by default as many as there are
    rng : a seed or a Generator

    >>> labels = np.array([0, 0, 0, 0, 0, 1])
    >>> np.bincount(labels[tl.data.BalancedSampler(labels, rng=0).order()])
    array([3, 3])
    """

    def __init__(self, labels: Any, num_samples: int | None = None, *, rng: Any = None) -> None:
        super().__init__(labels, rng=rng)
        self.num_samples = len(self.labels) if num_samples is None else number_to_draw(self, num_samples)

    def order(self) -> np.ndarray:
        classes, kinds = np.unique(self.labels, return_inverse=True)
        shares = np.full(len(classes), self.num_samples // len(classes))
        shares[self.rng.permutation(len(classes))[: self.num_samples % len(classes)]] += 1
        drawn = []
        for k in np.flatnonzero(shares):
            members = np.flatnonzero(kinds == k)
            drawn.append(members[RandomSampler(members, num_samples=shares[k], rng=self.rng).order()])
        return spread_by_class(self.rng.permutation(np.concatenate(drawn)), self.labels)

    def __len__(self) -> int:
        return self.num_samples


def count_of(sampler: Sampler, samples: Sized | int) -> int:
    """A number of samples, at least 1, given as it is or by what has so many."""
    if not isinstance(samples, (int, np.integer, Sized)):
        raise TypeError(f"{type(sampler).__name__}: takes samples or their number, not {samples!r}")
    parts = samples.values() if isinstance(samples, Mapping) else samples if isinstance(samples, tuple) else ()
    if any(hasattr(x, "ndim") for x in parts):
        raise TypeError(f"{type(sampler).__name__}: of several arrays, give the number of samples: len(X)")
    n = int(samples) if isinstance(samples, (int, np.integer)) else len(samples)
    if n < 1:
        raise ValueError(f"{type(sampler).__name__}: needs one sample or more, got {n}")
    return n


def number_to_draw(sampler: Sampler, num_samples: Any) -> int:
    """How many samples an epoch draws, at least 1."""
    if not isinstance(num_samples, (int, np.integer)):
        raise TypeError(f"{type(sampler).__name__}: num_samples is a whole number, not {num_samples!r}")
    return count_of(sampler, int(num_samples))


def one_label_each(sampler: Sampler, labels: Any) -> np.ndarray:
    """Labels, one for each sample."""
    found = np.asarray(labels)
    if found.ndim != 1 or not found.size:
        raise ValueError(
            f"{type(sampler).__name__}: needs one label for each sample, at least one, got shape {found.shape}"
        )
    return found
