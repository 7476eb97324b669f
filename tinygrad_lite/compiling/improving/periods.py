"""Where a sequence repeats itself: the longest stretch in which each symbol is that of one period before."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

CANDIDATES: Final = 4
"""So many distances are tried of each length of context, those that are met most often."""


class Stretch(NamedTuple):
    """``symbols[start:stop]``, which repeats itself after each ``period``."""

    start: int
    stop: int
    period: int


def longest_repetition(symbols: np.ndarray, fewest: int) -> Stretch | None:
    """The stretch that repeats most, with the shortest period, of at least so many periods; None where none does.

    In O(n log² n). Equal symbols are most often one period apart where a symbol occurs once in each, and words of
    2, 4, 8, … symbols occur once where single ones do not; only such distances are tried.

    >>> longest_repetition(np.array([7, 1, 2, 2, 1, 2, 2, 1, 2, 2, 9]), 3)
    Stretch(start=1, stop=10, period=3)
    """
    best, most = None, 0
    for period in sorted(distances(symbols, fewest)):
        same = np.concatenate(([False], symbols[:-period] == symbols[period:], [False]))
        edges = np.flatnonzero(same[1:] != same[:-1])
        starts, lengths = edges[::2], edges[1::2] - edges[::2]
        if not len(lengths):
            continue
        k = int(np.argmax(lengths))
        length = int(lengths[k])
        if length >= (fewest - 1) * period and length > most:
            best, most = Stretch(int(starts[k]), int(starts[k]) + length + period, period), length
    return best


def distances(symbols: np.ndarray, fewest: int) -> set[int]:
    """Distances at which words often occur again."""
    found: set[int] = set()
    words, width = symbols, 1
    while width * fewest <= len(symbols) + width and len(words):
        order = np.argsort(words, kind="stable")
        gaps = np.diff(order)[words[order[1:]] == words[order[:-1]]]
        gaps = gaps[gaps * (fewest - 1) < len(symbols)]
        if not len(gaps):
            break
        counts = np.bincount(gaps)
        often = np.argsort(counts)[-CANDIDATES:]
        found.update(often[counts[often] > 0].tolist())
        pairs = words[:-width] * (int(words.max()) + 1) + words[width:]
        words = np.unique(pairs, return_inverse=True)[1]
        width *= 2
    return found
