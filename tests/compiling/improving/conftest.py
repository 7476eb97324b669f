"""Programs to try passes on, and what every pass must keep."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_lite.compiling.tracing import written_down
from tinygrad_lite.engine.trees import flatten


def program_of(f, *args):
    """A function's program, as it is written down."""
    return written_down(f, args, {}).program


def names(program):
    """What a program's operations call, in their order."""
    return [getattr(operation.function, "__name__", repr(operation.function)) for operation in program.operations]


@pytest.fixture
def improve():
    """Apply passes to a function's program; what it gives of other numbers must be the same."""

    def improved(f, *args, by):
        program = program_of(f, *args)
        other = [x[::-1] if getattr(x, "ndim", 0) else x for x in flatten(list(args))[0]]
        wanted = flatten(program.run(other))[0]
        for each in by:
            program = each(program)
            found = flatten(program.run(other))[0]
            for a, b in zip(found, wanted, strict=True):
                assert np.array_equal(a, b, equal_nan=True), each
        return program

    return improved
