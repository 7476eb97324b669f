"""Laying out what a block of a kernel sees of an array that does not lie in memory as the kernel's arrays do."""

from __future__ import annotations

from typing import Final

from .translating import Function


def lay_rows(source, laid, start, count):  # type: ignore[no-untyped-def]
    """Lay out what entries of a block see of an array that has the last axes alone."""
    place, i = start % source.size, 0
    while i < count:
        length = min(source.size - place, count - i)
        part, target = source[place : place + length], laid[i : i + length]
        for k in range(length):
            target[k] = part[k]
        place, i = 0, i + length


def lay_columns(source, laid, start, count, repeat):  # type: ignore[no-untyped-def]
    """Lay out what entries of a block see of an array that has the first axes alone."""
    place, i = start // repeat, 0
    while i < count:
        end = min((place + 1) * repeat - start, count)
        for k in range(i, end):
            laid[k] = source[place]
        place, i = place + 1, end


def lay_spread(source, laid, lines, per_line, rows, columns, per_row, per_column):  # type: ignore[no-untyped-def]
    """Lay out matrices, one for each line, whose entries lie so many places of the source apart."""
    for line in range(lines):
        for row in range(rows):
            place, i = line * per_line + row * per_row, (line * rows + row) * columns
            target = laid[i : i + columns]
            for k in range(columns):
                target[k] = source[place + k * per_column]


def lay_strided_1(source, laid, start, count):  # type: ignore[no-untyped-def]
    """Lay out entries of a block that are not side by side."""
    for i in range(count):
        laid[i] = source[start + i]


def lay_strided_2(source, laid, start, count, columns):  # type: ignore[no-untyped-def]
    """Lay out what entries of a block see of a matrix, whose axes may be of one entry for all."""
    row, column, i = start // columns, start % columns, 0
    many_rows, many_columns = source.shape[0] > 1, source.shape[1] > 1
    while i < count:
        length = min(columns - column, count - i)
        part, target = source[row if many_rows else 0], laid[i : i + length]
        if many_columns:
            for k in range(length):
                target[k] = part[column + k]
        else:
            for k in range(length):
                target[k] = part[0]
        row, column, i = row + 1, 0, i + length


def lay_strided_3(source, laid, start, count, rows, columns):  # type: ignore[no-untyped-def]
    """Lay out what entries of a block see of matrices, any of whose axes may be of one entry for all."""
    place, column, i = start // columns, start % columns, 0
    matrix, row = place // rows, place % rows
    many, many_rows, many_columns = source.shape[0] > 1, source.shape[1] > 1, source.shape[2] > 1
    while i < count:
        length = min(columns - column, count - i)
        j = matrix if many else 0
        r = row if many_rows else 0
        if many_columns:
            for k in range(length):
                laid[i + k] = source[j, r, column + k]
        else:
            for k in range(length):
                laid[i + k] = source[j, r, 0]
        row, column, i = row + 1, 0, i + length
        if row == rows:
            matrix, row = matrix + 1, 0


def lay_window_1(source, laid, start, count, first):  # type: ignore[no-untyped-def]
    """Lay out entries of a block of a part of an array."""
    part = source[first + start : first + start + count]
    for i in range(count):
        laid[i] = part[i]


def lay_window_2(source, laid, start, count, columns, first_row, first_column):  # type: ignore[no-untyped-def]
    """Lay out entries of a block of a part of a matrix."""
    row, column, i = start // columns, start % columns, 0
    while i < count:
        length = min(columns - column, count - i)
        begin = first_column + column
        part, target = source[first_row + row][begin : begin + length], laid[i : i + length]
        for k in range(length):
            target[k] = part[k]
        row, column, i = row + 1, 0, i + length


def lay_window_3(source, laid, start, count, rows, columns, first, first_row, first_column):  # type: ignore[no-untyped-def]
    """Lay out entries of a block of a part of an array of three axes."""
    place, column, i = start // columns, start % columns, 0
    matrix, row = place // rows, place % rows
    while i < count:
        length = min(columns - column, count - i)
        begin = first_column + column
        part = source[first + matrix, first_row + row][begin : begin + length]
        target = laid[i : i + length]
        for k in range(length):
            target[k] = part[k]
        row, column, i = row + 1, 0, i + length
        if row == rows:
            matrix, row = matrix + 1, 0


def store_window_1(target, laid, start, count, first):  # type: ignore[no-untyped-def]
    """Put a block back into a part of an array."""
    part = target[first + start : first + start + count]
    for i in range(count):
        part[i] = laid[i]


def store_window_2(target, laid, start, count, columns, first_row, first_column):  # type: ignore[no-untyped-def]
    """Put a block back into a part of a matrix."""
    row, column, i = start // columns, start % columns, 0
    while i < count:
        length = min(columns - column, count - i)
        begin = first_column + column
        part, source = target[first_row + row][begin : begin + length], laid[i : i + length]
        for k in range(length):
            part[k] = source[k]
        row, column, i = row + 1, 0, i + length


def store_window_3(target, laid, start, count, rows, columns, first, first_row, first_column):  # type: ignore[no-untyped-def]
    """Put a block back into a part of an array of three axes."""
    place, column, i = start // columns, start % columns, 0
    matrix, row = place // rows, place % rows
    while i < count:
        length = min(columns - column, count - i)
        begin = first_column + column
        part = target[first + matrix, first_row + row][begin : begin + length]
        for k in range(length):
            part[k] = laid[i + k]
        row, column, i = row + 1, 0, i + length
        if row == rows:
            matrix, row = matrix + 1, 0


LAYING: Final[dict[str, Function]] = {"rows": lay_rows, "columns": lay_columns}
LAYING_BY_AXES: Final[dict[str, tuple[Function, ...]]] = {
    "strided": (lay_strided_1, lay_strided_2, lay_strided_3),
    "window": (lay_window_1, lay_window_2, lay_window_3),
}
"""By how many axes there are behind the first."""
STORING: Final[tuple[Function, ...]] = (store_window_1, store_window_2, store_window_3)
MOVING: Final[list[Function]] = [
    *LAYING.values(),
    lay_spread,
    *[f for own in LAYING_BY_AXES.values() for f in own],
    *STORING,
]
"""All of them."""
