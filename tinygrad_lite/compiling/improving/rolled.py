"""Operations that repeat themselves, as loops.

Operations are alike when they call the same function of arrays of the same kinds. Where a stretch of the line consists
of alike operations again after each period, its periods are the iterations of a loop, if what they are of passes on in
one way: an operand is the same in all of them; or made in the same iteration, or so many before; or one of a list that
is complete before the loop begins; or an int that grows by the same step. The first and last iterations that are
otherwise stay as they are. Nothing changes its place, so that what is written to may be what is read.
"""

from __future__ import annotations

from typing import Final

from ..program import Operation, Program
from .even_ends import with_even_ends
from .likeness import Alike
from .looping import body_of
from .rolling import SAVED, repetitions
from .views_again import with_views_again

MOST_TURNS: Final = 3
"""So many iterations are taken as one where arrays take turns to be written to: the same again after so many."""


def rolled(program: Program) -> Program:
    """The program with loops for operations that repeat themselves."""
    if len(program.operations) <= SAVED:
        return program
    alike = Alike()
    return with_loops(with_views_again(with_even_ends(program, alike), alike), alike)


def with_loops(program: Program, alike: Alike | None = None) -> Program:
    """The program with loops for iterations that are like each other."""
    rolling, stretches = repetitions(program, alike)
    kept: list[Operation] = []
    done = 0
    for stretch in stretches:
        for turns in range(1, MOST_TURNS + 1):
            longer = stretch if turns == 1 else rolling.fitting(stretch.start, stretch.stop, turns * stretch.period)
            operation = None if longer is None else body_of(program.operations, longer, rolling.seen)
            if longer is not None and operation is not None:
                kept += program.operations[done : longer.start]
                kept.append(operation)
                done = longer.stop
                break
    return without_padding(program.changed(operations=(*kept, *program.operations[done:])))


def without_padding(program: Program) -> Program:
    """The program with numbers, which take on any shape, for the zeros of :func:`with_even_ends`."""
    numbers = {v: x for v, x in program.constants.items() if isinstance(x, (float, complex))}
    if not numbers:
        return program
    return program.changed(
        operations=tuple([operation.with_others(numbers) for operation in program.operations]),
        constants={v: x for v, x in program.constants.items() if v not in numbers},
    )
