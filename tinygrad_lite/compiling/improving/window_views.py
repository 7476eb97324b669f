"""Views that are windows: of an array in C order all entries from some place on along each axis, as far as they go."""

from __future__ import annotations

import operator
from typing import Any, Final, NamedTuple

import numpy as np

from ..program import Operation, Program, Variable

MOST_AXES: Final = 3
"""So many axes windows have at most."""


class Window(NamedTuple):
    """A part of an array: the array, where it begins along each axis, and its shape."""

    array: Variable
    starts: tuple[int, ...]
    shape: tuple[int, ...]


class Windows:
    """The windows of a program.

    Attributes
    ----------
    of : view → what it is a window of
    first : window → the first view of it
    """

    def __init__(self, program: Program) -> None:
        self.of: dict[Variable, Window] = {}
        self.first: dict[Window, Variable] = {}
        for operation in program.operations:
            y = operation.result
            if y is not None and operation.function is operator.getitem and y.is_array:
                window = self.seen(*operation.args)
                if window is not None and window.shape == y.shape and y.memory is window.array.memory:
                    self.of[y] = window
                    self.first.setdefault(window, y)

    def seen(self, x: Any, index: Any) -> Window | None:
        """What ``x[index]`` is a window of; None where it is none."""
        if type(x) is not Variable:
            return None
        array, starts, shape = self.of.get(x, Window(x, (0,) * len(x.shape), x.shape))
        index = index if isinstance(index, tuple) else (index,)
        if not array.contiguous or not len(index) <= len(shape) <= MOST_AXES:
            return None
        places = list(starts)
        lengths = list(shape)
        for axis, part in enumerate(index):
            if type(part) is not slice or not all(type(k) in (int, type(None)) for k in vars_of(part)):
                return None
            first, last, step = part.indices(shape[axis])
            if step != 1 or last <= first:
                return None
            places[axis], lengths[axis] = starts[axis] + first, last - first
        return Window(array, tuple(places), tuple(lengths))

    def assigned_to(self, operation: Operation) -> Variable | None:
        """The window that ``x[index] = value`` writes over, as a variable; None where it is none."""
        x, index, _ = operation.args
        window = self.seen(x, index)
        if window is None or window.shape == window.array.shape:
            return None if window is None else window.array
        if window not in self.first:
            view = Variable(np.empty(window.shape, x.dtype), x.memory)
            view.contiguous = False
            self.first[window], self.of[view] = view, window
        return self.first[window]


def vars_of(part: slice) -> tuple[Any, Any, Any]:
    """What a slice consists of."""
    return part.start, part.stop, part.step
