"""Views of what iterations keep, taken again where they are read: instead of a list of views, one of arrays."""

from __future__ import annotations

import operator
from collections import defaultdict
from typing import Any, Final

from ...engine.trees import LEAF
from ..methods_as_calls import Attribute
from ..program import Operation, Program, Variable
from .effects import is_view
from .likeness import Alike, with_leaves
from .passing_on import Listed
from .rolling import Rolling, repetitions

DEEPEST: Final = 3
"""So many views of views are taken again."""


def with_views_again(program: Program, alike: Alike | None = None) -> Program:
    """The program in which iterations that read alike views of earlier iterations take these themselves.

    A view of the same memory is the same at any time.
    """
    alike = alike or Alike()
    for _ in range(DEEPEST):
        former, program = program, with_last_views_again(program, alike)
        if program is former:
            break
    return program


def with_last_views_again(program: Program, alike: Alike) -> Program:
    """The same for views that are read, not those that they are of."""
    rolling, stretches = repetitions(program, alike)
    before: dict[int, list[Operation]] = defaultdict(list)
    other: dict[int, dict[int, Any]] = defaultdict(dict)
    for found in stretches:
        for j, roles in enumerate(found.roles):
            for q, role in enumerate(roles):
                if type(role) is not Listed or not are_alike_views(rolling, role):
                    continue
                for k, (i, _) in enumerate(role.places):
                    at = found.start + k * found.period + j
                    view = taken_again(program.operations[i])
                    before[at].append(view)
                    other[at][q] = view.result
    if not before:
        return program
    kept: list[Operation] = []
    for i, operation in enumerate(program.operations):
        kept += before.get(i, ())
        kept.append(with_leaves(operation, other[i]) if i in other else operation)
    return program.changed(operations=tuple(kept))


def are_alike_views(rolling: Rolling, role: Listed) -> bool:
    """Whether the elements of a list are views, taken in one way, of arrays that have a list too."""
    made = [i for i, _ in role.places]
    if not made or min(made) < 0 or len({rolling.symbols[i] for i in made}) > 1:
        return False
    operation = rolling.operations[made[0]]
    if not is_view(operation) or operation.structure != LEAF:
        return False
    return operation.function is operator.getitem or type(operation.function) is Attribute


def taken_again(operation: Operation) -> Operation:
    """The same view under another name."""
    y = operation.result
    assert type(y) is Variable
    return Operation(operation.function, operation.args, operation.kwargs, (y.renewed(y.memory),), operation.structure)
