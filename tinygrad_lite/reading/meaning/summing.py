"""Big operators: what they run over, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np

from ..axes import DOWN, AxesError, Dim, Value, elementwise, filled, reduced, renamed
from ..functions import diagonal
from ..latex import NotRead
from ..spelling import bound_letters, ends_before, letters_in, number_of, partner, plain
from ..syntax import Big, Expr, Number, Relation, Scripted, Sum, Symbol, Tuple
from ..vocabulary import IndexMistake, NoMember
from ..wholes import whole
from .entries import count_letter
from .interpreting import Interpreter, Letter, Scope, means
from .lookups import counter_value
from .truths import truth_of

REDUCTIONS: Final[Mapping[str, tuple[Callable[..., Any], float]]] = {
    "∑": (np.sum, 0.0),
    "∏": (np.prod, 1.0),
    "max": (np.max, -np.inf),
    "min": (np.min, np.inf),
    "𝔼": (np.mean, 0.0),
}


@means(Big)
def of_big(interpreter: Interpreter, node: Big, scope: Scope) -> Value:
    """A sum over an index: its axis is summed."""
    if node.operator == "diag":
        return listed_diagonal(interpreter, node, scope)
    if node.operator not in REDUCTIONS:
        raise NotRead(f"{node.operator} is not read", node.span)
    if node.body is None:
        raise NotRead(f"nothing stands behind {node.operator}", node.span)
    if (counter := counter_below(interpreter, node)) is not None:
        return over_counter(interpreter, node, counter, scope)
    names, conditions, scope = bound_in(interpreter, node, scope)
    operation, nothing = REDUCTIONS[node.operator]
    interpreter.masked += bool(conditions)
    try:
        body = interpreter.value(node.body, scope)
    finally:
        interpreter.masked -= bool(conditions)
    for condition in conditions:
        if condition is not None:
            body = elementwise(lambda c, b: np.where(c, b, nothing), condition(), body)
    axes = [scope.letters[name].axis for name in names]
    lacking = {axis: scope.letters[name].dim for name, axis in zip(names, axes, strict=True) if axis not in body.axes}
    if lacking:
        ones = filled(1.0, lacking, [interpreter.length(dim) for dim in lacking.values()])
        body = elementwise(np.multiply, body, ones)
    return reduced(operation, body, axes)


STEPS: Final[Mapping[str, Callable[..., Any]]] = {
    "∑": np.add,
    "∏": np.multiply,
    "max": np.maximum,
    "min": np.minimum,
}
"""The same, one after the other."""


def counter_below(interpreter: Interpreter, node: Big) -> str | None:
    """The counter that a sum runs over, as one over all times or layers; None for a sum over an index."""
    names = bound_letters(node)
    entity = interpreter.vocabulary.entities.get(names[0]) if len(names) == 1 else None
    return names[0] if entity is not None and entity.kind == "counter" else None


def over_counter(interpreter: Interpreter, node: Big, name: str, scope: Scope) -> Value:
    """A sum over the members of families, one after the other: from 1 to the last, if no ends are printed."""
    below = node.lower
    if node.operator not in STEPS or (isinstance(below, Relation) and [sign for sign, _ in below.rest] != ["="]):
        raise NotRead(f"{node.operator} over {name}, which counts, is read from one value to another only", node.span)
    start = counter_value(interpreter, below.rest[0][1], scope) if isinstance(below, Relation) else 1
    end = interpreter.vocabulary.last(name) if node.upper is None else counter_value(interpreter, node.upper, scope)
    total: Value | None = None
    for count in range(start, end + 1):
        inside = replace(scope, path=(*scope.path, count), counters={**scope.counters, name: count})
        try:
            found = interpreter.value(node.body or node, inside)
        except NoMember as error:
            raise NotRead(f"{error}, and {node.operator} runs over it: write its ends", node.span) from None
        total = found if total is None else elementwise(STEPS[node.operator], total, found)
    if total is None:
        raise NotRead(f"there is nothing from {start} to {end}", node.span)
    return total


def listed_diagonal(interpreter: Interpreter, node: Big, scope: Scope) -> Value:
    """diag(a_1, …, a_n): the matrix with numbers on its diagonal."""
    assert node.body is not None
    names, conditions, scope = bound_in(interpreter, node, scope)
    body = interpreter.value(node.body, scope)
    axis = scope.letters[names[0]].axis
    if conditions or body.kind != "number" or axis not in body.axes:
        raise NotRead("the entries left out at … are not known: write them with indices", node.span)
    return diagonal(renamed(body, {axis: DOWN}), node)


def bound_in(interpreter: Interpreter, node: Big, scope: Scope) -> tuple[list[str], list[Any], Scope]:
    """The letters that a sum runs over, the conditions on them, and the scope inside."""
    below = node.lower
    others: tuple[Expr, ...] = ()
    if isinstance(below, Tuple) and isinstance(below.items[0], Relation):  # i = 1, i ≠ k
        below, *rest = below.items
        others = tuple(rest)
    names = list(bound_letters(replace(node, lower=below)))
    if isinstance(below, Relation) and below.rest and below.rest[0][0] in ("<", ">", "≤", "≥"):
        new = [name for name in names if name not in scope.letters and name not in scope.left]
        names = new or names[:1]
    other = partner(replace(node, lower=below))
    if other is not None and other not in (*scope.letters, *scope.left, *interpreter.vocabulary.entities):
        names.append(other)
    entity = interpreter.vocabulary.entities.get(names[0]) if len(names) == 1 else None
    if len(names) == 1 and entity is not None and entity.kind == "dimension" and not isinstance(below, Relation):
        names = [letter_of(interpreter, names[0], node, scope)]
        extent: Expr | None = below
    else:
        extent = node.upper
    if not names:
        raise NotRead("what the sum runs over is not said", node.span)
    letters = dict(scope.letters)
    for name in names:
        key = (*scope.path, id(node), name)
        letters[name] = Letter(f"{name}#{id(node)}#{len(scope.path)}", interpreter.vocabulary.dim(key))
    inside = replace(scope, letters=letters, parameters={k: v for k, v in scope.parameters.items() if k not in names})
    conditions: list[Any] = []
    first: Expr | None = None
    if isinstance(below, Relation):
        sign, side = below.rest[0]
        if sign == "=":
            first = side
        else:
            conditions.append(lambda: truth_of(interpreter, below, inside))
    conditions += [partial(truth_of, interpreter, other, inside) for other in others]
    for name in names:
        conditions += ranged(interpreter, inside.letters[name], first, extent, scope, node)
    return names, conditions, inside


def letter_of(interpreter: Interpreter, name: str, node: Big, scope: Scope) -> str:
    """The index that a sum "over K" runs over: the only one inside that nothing else gives a meaning."""
    inside = dict.fromkeys(letters_in(node.body) if node.body is not None else [])
    free = [k for k in inside if k not in scope.letters and k not in scope.left]
    if len(free) != 1:
        raise NotRead(f"the index that runs over {name} is not clear: write it below the sum", node.span)
    interpreter.remark(f"the sum over {name} is read as one over the index {free[0]}")
    return free[0]


def ranged(
    interpreter: Interpreter, index: Letter, first: Expr | None, last: Expr | None, scope: Scope, node: Big
) -> list[Any]:
    """The ends of a sum: what they say of the axis's length, or the condition that they are."""
    conditions: list[Any] = []
    start = number_of(first)
    if last is not None and isinstance(last, Relation) and last.first is not None:  # K=2
        length_named(interpreter, last.first).equate(Dim("", whole(last.rest[0][1], {})))
        last = last.first
    if start == 0 and last is None:
        index.dim.begins_with(0)
    size = size_in(interpreter, last, start)
    if size is not None and last is not None:
        if start in (0, 1):
            if start == 0 and not ends_before(last) and interpreter.vocabulary.options.get("ranges") != "all":
                raise IndexMistake(
                    f"the sum from 0 to {plain(last)} has one term more than the axis has entries: {plain(last)}"
                    " is its length",
                    node.span,
                )
            if start == 0 and ends_before(last):
                index.dim.begins_with(0)
            equate(index.dim, size, node)
            return conditions
        if start is not None or first is not None:
            equate(index.dim, size, node)
    elif last is not None:
        conditions.append(lambda: up_to(interpreter, index, start, interpreter.value(last, scope), node))
    if first is not None and start != index.dim.first and not (start == 0 and last is not None):
        conditions.append(lambda: from_on(interpreter, index, interpreter.value(first, scope), node))
    return conditions


def up_to(interpreter: Interpreter, index: Letter, start: int | None, last: Value, node: Big) -> Value:
    """Where an index is at most the end of a sum; raises IndexMistake for an end that is behind the axis's."""
    counts = count_letter(interpreter, index)
    if counts.data is None or last.data is None or last.axes or interpreter.vocabulary.options.get("ranges") == "all":
        return elementwise(np.less_equal, counts, last)
    first, end = index.dim.first, index.dim.first + len(counts.data) - 1
    if start == 0 and first == 1:
        if last.data == end - 1:  # from 0 to n − 1, where others count from 1 to n
            return elementwise(lambda c: c >= first, counts)
        raise IndexMistake("the sum begins with 0, and the axis with 1", node.span)
    if last.data > end:
        raise IndexMistake(f"the sum ends behind the last entry of the axis, of length {index.dim}", node.span)
    return elementwise(np.less_equal, counts, last)


def from_on(interpreter: Interpreter, index: Letter, first: Value, node: Big) -> Value:
    """Where an index is at least the beginning of a sum; raises IndexMistake for one that is before the axis's."""
    counts = count_letter(interpreter, index)
    if counts.data is not None and not first.axes and first.data is not None and first.data < index.dim.first:
        raise IndexMistake(f"the sum begins before the first entry of the axis, of length {index.dim}", node.span)
    return elementwise(np.greater_equal, counts, first)


def equate(dim: Dim, size: Dim, node: Big) -> None:
    """One length for an axis and for the end of a sum."""
    try:
        dim.equate(size)
    except AxesError as error:
        raise IndexMistake(str(error), node.span) from None


def size_in(interpreter: Interpreter, last: Expr | None, start: int | None) -> Dim | None:
    """The length that the end of a sum names; None where it is no length but a number or an index."""
    if last is None:
        return None
    inner = last
    if isinstance(last, Sum) and len(last.terms) == 2 and start == 0 and ends_before(last):
        inner = last.terms[0][1]
    if isinstance(inner, Number) and inner.text.isdigit() and inner is not last:
        return Dim("", int(inner.text))
    if isinstance(inner, Number) and inner.text.isdigit() and start == 1:
        return interpreter.vocabulary.length(inner.text)
    if isinstance(inner, (Symbol, Scripted)):
        name = plain(inner)
        entity = interpreter.vocabulary.entities.get(name)
        if entity is not None and entity.kind == "dimension":
            return interpreter.vocabulary.length(name)
    return None


def length_named(interpreter: Interpreter, node: Expr) -> Dim:
    """The length of a name."""
    if not isinstance(node, Symbol):
        raise NotRead(f"the end of a sum, {plain(node)}, is no length", node.span)
    return interpreter.vocabulary.length(plain(node))
