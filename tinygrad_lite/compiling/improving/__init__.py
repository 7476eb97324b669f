"""What turns a program into a better one that gives the same: each pass one file, each tested alone."""

from collections.abc import Callable, Sequence

from ..program import Program
from .buffers import with_buffers
from .cleaning import cleaned
from .common_subexpressions import without_repetitions
from .dead_code import without_dead_code
from .fusing import fused
from .in_place import with_parts_in_place
from .known_numbers import with_constants_folded
from .lining import with_lines_fused
from .loop_buffers import with_buffers_in_loops
from .python_numbers import with_python_floats
from .quick_calls import spelled
from .rolled import rolled
from .updates import with_updates_in_place

PASSES = (
    with_constants_folded,
    cleaned,
    without_repetitions,
    spelled,
    with_parts_in_place,
    with_updates_in_place,
    without_dead_code,
    with_python_floats,
    with_lines_fused,
    fused,
    without_dead_code,
    rolled,
    with_buffers_in_loops,
    with_buffers,
)
"""In the order in which they run."""


def improved(program: Program, passes: Sequence[Callable[[Program], Program]] = PASSES) -> Program:
    """The program after all passes."""
    for improve in passes:
        program = improve(program)
    return program
