"""Sums and largest entries of lines, and sums over lines, within a block of a kernel."""

from __future__ import annotations

from typing import Final

import numpy as np

from .translating import Function


def fold_sum(source, target, count, length):  # type: ignore[no-untyped-def]
    """The sums of lines, added up in the order in which NumPy does it.

    Eight sums at a time of up to 128 entries, and halves of more: which rounds as little as pairs do.
    """
    for line in range(count):
        target[line] = line_sum(source[line * length : (line + 1) * length], 0, length)  # type: ignore[no-untyped-call]


def line_sum(source, start, length):  # type: ignore[no-untyped-def]
    """The sum of some entries."""
    if length < 8:
        y = source[start]
        for k in range(start + 1, start + length):
            y += source[k]
        return y
    if length <= 128:
        a, b, c, d = source[start], source[start + 1], source[start + 2], source[start + 3]
        e, f, g, h = source[start + 4], source[start + 5], source[start + 6], source[start + 7]
        end = start + length - length % 8
        for k in range(start + 8, end, 8):
            a += source[k]
            b += source[k + 1]
            c += source[k + 2]
            d += source[k + 3]
            e += source[k + 4]
            f += source[k + 5]
            g += source[k + 6]
            h += source[k + 7]
        y = ((a + b) + (c + d)) + ((e + f) + (g + h))
        for k in range(end, start + length):
            y += source[k]
        return y
    half = length // 2
    half -= half % 8
    return line_sum(source, start, half) + line_sum(source, start + half, length - half)  # type: ignore[no-untyped-call]


def fold_mean(source, target, count, length):  # type: ignore[no-untyped-def]
    """The mean of each line, also where the sum is too large for a number: there of entries over a power of two."""
    for line in range(count):
        part = source[line * length : (line + 1) * length]
        y = line_sum(part, 0, length) / length  # type: ignore[no-untyped-call]
        if not abs(y) < np.inf:
            scale = 1.0
            while scale * length >= 1:
                scale *= 0.5
            y = 0.0
            for k in range(length):
                y += part[k] * scale
            y = y / length / scale
        target[line] = y


def fold_count(source, target, count, length):  # type: ignore[no-untyped-def]
    """How many entries of each line are true."""
    for line in range(count):
        y = 0
        for k in range(line * length, (line + 1) * length):
            y += source[k]
        target[line] = y


def fold_maximum(source, target, count, length):  # type: ignore[no-untyped-def]
    """The largest entry of each line; NaN where there is one."""
    for line in range(count):
        part = source[line * length : (line + 1) * length]
        a, b, c, d = part[0], part[0], part[0], part[0]
        end = length - length % 4
        for k in range(0, end, 4):
            a = larger(a, part[k])  # type: ignore[no-untyped-call]
            b = larger(b, part[k + 1])  # type: ignore[no-untyped-call]
            c = larger(c, part[k + 2])  # type: ignore[no-untyped-call]
            d = larger(d, part[k + 3])  # type: ignore[no-untyped-call]
        y = larger(larger(a, b), larger(c, d))  # type: ignore[no-untyped-call]
        for k in range(end, length):
            y = larger(y, part[k])  # type: ignore[no-untyped-call]
        target[line] = y


def larger(y, x):  # type: ignore[no-untyped-def]
    """The larger of two; NaN where one is."""
    return y if y > x or y != y else x


def fold_minimum(source, target, count, length):  # type: ignore[no-untyped-def]
    """The smallest entry of each line; NaN where there is one."""
    for line in range(count):
        part = source[line * length : (line + 1) * length]
        a, b, c, d = part[0], part[0], part[0], part[0]
        end = length - length % 4
        for k in range(0, end, 4):
            a = smaller(a, part[k])  # type: ignore[no-untyped-call]
            b = smaller(b, part[k + 1])  # type: ignore[no-untyped-call]
            c = smaller(c, part[k + 2])  # type: ignore[no-untyped-call]
            d = smaller(d, part[k + 3])  # type: ignore[no-untyped-call]
        y = smaller(smaller(a, b), smaller(c, d))  # type: ignore[no-untyped-call]
        for k in range(end, length):
            y = smaller(y, part[k])  # type: ignore[no-untyped-call]
        target[line] = y


def smaller(y, x):  # type: ignore[no-untyped-def]
    """The smaller of two; NaN where one is."""
    return y if y < x or y != y else x


def fold_lines(source, target, count, length):  # type: ignore[no-untyped-def]
    """The sum over lines of each of their entries."""
    for k in range(length):
        target[k] = -0.0
    for line in range(count):
        part = source[line * length : (line + 1) * length]
        for k in range(length):
            target[k] += part[k]


FOLDS: Final[dict[str, tuple[Function, ...]]] = {
    "sum": (line_sum, fold_sum),
    "mean": (line_sum, fold_mean),
    "count": (fold_count,),
    "maximum": (larger, fold_maximum),
    "minimum": (smaller, fold_minimum),
    "lines": (fold_lines,),
}
"""By name, with what they call, that first. (Machine code that is given a function, as larger, is not kept on disk.)"""
