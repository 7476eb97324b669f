"""Functions of a page tried on arguments: what these are is known only where the functions are applied."""

from __future__ import annotations

from collections.abc import Collection

from .axes import DOWN, RIGHT, Dim, Value, tentative
from .equations import Equation
from .latex import NotRead
from .meaning import Interpreter, Letter, Scope
from .vocabulary import Definition, IndexMistake, Vocabulary


def must_have_a_value(
    vocabulary: Vocabulary, definition: Definition, statement: Equation, data: Collection[str]
) -> None:
    """See that a function has a value for arguments of some kind; what they are is known where it is applied."""
    failures: list[NotRead] = []
    if set(data).issuperset(definition.parameters):
        assert statement.right is not None
        try:
            Interpreter(vocabulary).value(statement.right, Scope(("trial", statement.number)))
        except NotRead as failure:
            failures.append(failure)  # of these it is none, but perhaps of others
        else:
            return
    kinds: list[dict[str, Dim]] = [{}, {DOWN: Dim()}, {DOWN: Dim(), RIGHT: Dim()}]
    trials = [{name: Value(axes) for name in definition.parameters} for axes in kinds]
    if len(definition.parameters) > 1:  # which may be of several kinds
        trials.append({name: Value(vocabulary.axes_by_use(name)) for name in definition.parameters})
    for k, parameters in enumerate(trials):
        letters = {} if definition.component is None else {definition.component: Letter(DOWN, Dim())}
        path = ("trial", statement.number, k)
        try:
            with tentative():
                assert statement.right is not None
                Interpreter(vocabulary).value(statement.right, Scope(path, letters, parameters))
            return
        except NotRead as failure:
            failures.append(failure)
    raise next((failure for failure in failures if not isinstance(failure, IndexMistake)), failures[0])
