"""Finding what repeats in a program: the longest stretches in which one pattern follows itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

PERIODS = 24
"""How many lengths of a pattern are tried: the distances at which like things most often follow each other."""


def find_repeats(what: np.ndarray, sources: Sequence[tuple[int, ...]], least: int) -> Iterator[tuple[int, int, int]]:
    """Where a pattern repeats: start, length, and how many times; each repeat saves at least so many entries.

    Parameters
    ----------
    what : for each entry a number that says what it is
    sources : for each entry the places its operands come from, −1 where from outside; patterns must match in these too
    """
    segments = [(0, len(what))]
    while segments:
        begin, end = segments.pop()
        best = longest(what[begin:end])
        if best is None:
            continue
        start, period, count = best[0] + begin, best[1], best[2]
        count = consistent(sources, start, period, count)
        if count >= 2 and (count - 1) * period >= least:
            yield start, period, count
            stop = start + period * count
        elif (best[2] - 1) * period >= least:  # like things, but not tied to each other alike: look behind them
            stop = start + period
        else:
            continue
        segments += [(begin, start), (stop, end)]


def longest(what: np.ndarray) -> tuple[int, int, int] | None:
    """The repeat that saves most, and of those the one with the shortest pattern."""
    best: tuple[int, tuple[int, int, int]] | None = None
    for period in sorted(periods(what)):
        same = np.concatenate([[False], what[period:] == what[:-period], [False]])
        changes = np.flatnonzero(same[1:] != same[:-1])
        starts, lengths = changes[::2], changes[1::2] - changes[::2]
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            count = 1 + length // period
            saved = (count - 1) * period
            if saved and (best is None or saved > best[0]):
                best = saved, (start, period, count)
    return None if best is None else best[1]


def periods(what: np.ndarray) -> list[int]:
    """Distances between an entry and the next that is like it, the most frequent ones."""
    order = np.argsort(what, kind="stable")
    like = what[order][1:] == what[order][:-1]
    distances = (order[1:] - order[:-1])[like]
    common = [distance for distance, _ in Counter(distances.tolist()).most_common(PERIODS)]
    # a pattern that holds one thing several times is as long as several of its distances together
    rarest = np.diff(places_of_rarest(what)).tolist()
    return [*{*common, *rarest[:PERIODS]}]


def places_of_rarest(what: np.ndarray) -> np.ndarray:
    """Where the least frequent thing is that occurs more than once: it tells a long pattern's length."""
    kinds, counts = np.unique(what, return_counts=True)
    several = counts > 1
    if not several.any():
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(what == kinds[several][counts[several].argmin()])


def consistent(sources: Sequence[tuple[int, ...]], start: int, period: int, count: int) -> int:
    """How many of the stretches are tied to each other as the second is to the first."""
    for turn in range(2, count):
        for place in range(start + turn * period, start + (turn + 1) * period):
            for mine, before in zip(sources[place], sources[place - period], strict=False):
                outside = mine < start and before < start
                if not outside and mine - before not in (0, period):
                    return turn
    return count
