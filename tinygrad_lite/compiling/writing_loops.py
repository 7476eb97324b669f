"""Loops as text."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final, Protocol

from .loops import Loop, results_of
from .program import Operation, Program, Variable

SHORT: Final = 16
"""So many numbers are listed in the text; more are taken from outside."""


class TextInMaking(Protocol):
    """What loops and buffers know of the text that they are written into; see ``source``.

    Attributes
    ----------
    names : variable → how it is written
    places : variable → the list that it is in, and where in it
    shared : variable → the name of another, which is given to it
    inline : variables that are written where they are used
    """

    program: Program
    names: dict[Variable, ast.expr]
    places: dict[Variable, tuple[ast.expr, int]]
    shared: dict[Variable, ast.expr]
    inline: set[Variable]

    def fresh(self, wanted: str) -> str:
        """A name like a wanted one that nothing has yet."""

    def bind(self, v: Variable, wanted: str = "") -> ast.expr:
        """A name for a variable."""

    def from_outside(self, x: Any, wanted: str) -> str:
        """The name of what the text cannot say."""

    def expression(self, x: Any) -> ast.expr:
        """An argument."""

    def statement(self, operation: Operation) -> Iterator[ast.stmt]:
        """An operation as statements."""

    def empty(self, shape: tuple[int, ...], dtype: Any) -> ast.expr:
        """The call that makes an array."""

    def call_of_empty(self, shape: ast.expr, dtype: Any) -> ast.expr:
        """The same of a shape that is written already."""


def loop_statements(source: TextInMaking, operation: Operation) -> Iterator[ast.stmt]:
    """A loop, what it begins with, and names for what it gives."""
    loop = operation.function
    assert type(loop) is Loop
    lists, starts, given = operation.args
    elements, carried, own = loop.parameters
    source.names.update({v: source.expression(x) for v, x in zip(own, given, strict=True)})
    nexts, last, kept = loop.parted(loop.body.outputs)
    counted = bool(lists) or any(loop.index in o.operands() for o in loop.body.operations)
    i = source.bind(loop.index) if counted else ast.Name("_")
    for v, values in zip(elements, lists, strict=True):
        list_name, scale, offset, made = listed(source, values, v, loop.indices)
        yield from made
        source.names[v] = ast.Subscript(list_name, affine(i, scale, offset))
    if carried:
        values = [source.expression(x) for x in starts]
        names = [source.bind(v) for v in carried]
        yield assigned_together(names, values)
    appended = [ast.Name(source.fresh(f"{v.name or 'v'}s")) for v in kept]
    for name in appended:
        yield ast.Assign([name], ast.List([]))
    source.shared.update(overwritten(loop.body, source.inline, dict(zip(carried, nexts, strict=True)), source.names))
    body = [statement for o in loop.body.operations for statement in source.statement(o)]
    for name, v in zip(appended, kept, strict=True):
        body.append(ast.Expr(ast.Call(ast.Attribute(name, "append"), [source.expression(v)], [])))
    moved = [(source.names[v], source.expression(x)) for v, x in zip(carried, nexts, strict=True)]
    moved = [(name, value) for name, value in moved if name is not value]
    if moved:
        body.append(assigned_together([name for name, _ in moved], [value for _, value in moved]))
    yield ast.For(i, counts(loop.indices), body or [ast.Pass()], [], lineno=0)
    outer_last, outer_kept = results_of(operation)
    for y, x in zip(outer_last, last, strict=True):
        value = source.expression(x)
        if y is not None and isinstance(value, ast.Name):
            source.names[y] = value
        elif y is not None:
            yield ast.Assign([source.bind(y)], value)
    for name, kept_values in zip(appended, outer_kept, strict=True):
        register(source, name, kept_values)


def register(source: TextInMaking, name: ast.expr, values: Sequence[Any]) -> None:
    """Note that variables are the elements of a list."""
    for k, v in enumerate(values):
        if type(v) is Variable:
            source.places.setdefault(v, (name, k))
            source.names.setdefault(v, ast.Subscript(name, ast.Constant(k)))


def assigned_together(names: Sequence[ast.expr], values: Sequence[ast.expr]) -> ast.stmt:
    """``a, b = x, y``."""
    if len(names) == 1:
        return ast.Assign([names[0]], values[0])
    return ast.Assign([ast.Tuple([*names])], ast.Tuple([*values]))


def counts(indices: range) -> ast.expr:
    """``range(50)``, ``reversed(range(1, 50))``."""
    lowest, highest = min(indices), max(indices)
    bounds = [ast.Constant(highest + 1)] if lowest == 0 else [ast.Constant(lowest), ast.Constant(highest + 1)]
    rising = ast.Call(ast.Name("range"), [*bounds], [])
    return rising if indices.step > 0 else ast.Call(ast.Name("reversed"), [rising], [])


def affine(i: ast.expr, scale: int, offset: int) -> ast.expr:
    """``i``, ``i + 1``, ``49 - i``, ``2 * i``."""
    if scale == -1:
        return ast.BinOp(ast.Constant(offset), ast.Sub(), i)
    x = i if scale == 1 else ast.BinOp(ast.Constant(scale), ast.Mult(), i)
    if not offset:
        return x
    return ast.BinOp(x, ast.Add() if offset > 0 else ast.Sub(), ast.Constant(abs(offset)))


def listed(
    source: TextInMaking, values: Sequence[Any], v: Variable, indices: range
) -> tuple[ast.expr, int, int, list[ast.stmt]]:
    """A list, where in it the element for index i stands, and the statements that make the list."""
    places = [source.places.get(x) if type(x) is Variable else None for x in values]
    if places[0] is not None and places[1] is not None:
        (name, first), step = places[0], places[1][1] - places[0][1]
        if all(place is not None and place == (name, first + k * step) for k, place in enumerate(places)):
            scale = step * indices.step
            return name, scale, first - scale * indices.start, []
    ordered = [*values][:: indices.step]
    name = ast.Name(source.fresh(f"{v.name or 'v'}s"))
    if not any(type(x) is Variable for x in ordered) and len(ordered) > SHORT:
        return ast.Name(source.from_outside(tuple(ordered), "numbers")), 1, -min(indices), []
    made: ast.stmt = ast.Assign([name], ast.List([*displayed(source, ordered)]))
    register(source, name, ordered)
    return name, 1, -min(indices), [made]


def displayed(source: TextInMaking, values: Sequence[Any]) -> Iterator[ast.expr]:
    """What stands in the display of a list: parts of lists that there are, and single values."""
    places = [source.places.get(x) if type(x) is Variable else None for x in values]

    def part(k: int) -> Any:
        """The same for neighbours in a list, in either direction."""
        place = places[k]
        before = places[k - 1] if k else None
        if place is None or before is None or before[0] is not place[0] or abs(before[1] - place[1]) != 1:
            boundaries.append(k)
            return k
        return boundaries[-1]

    boundaries: list[int] = []
    for _, group in groupby(range(len(values)), part):
        numbers = [*group]
        yield from stretch(source, values[numbers[0] : numbers[-1] + 1], [places[k] for k in numbers])


def stretch(source: TextInMaking, values: Sequence[Any], places: Sequence[Any]) -> Iterator[ast.expr]:
    """Neighbours in a list as a part of it, if they go in one direction."""
    if len(values) < 3:
        yield from [source.expression(x) for x in values]
        return
    (name, first), (_, last) = places[0], places[-1]
    step = places[1][1] - first
    if [place[1] for place in places] != [*range(first, last + step, step)]:
        yield from [source.expression(x) for x in values]
        return
    end = last + step
    bounds = ast.Constant(first), None if end < 0 else ast.Constant(end), None if step == 1 else ast.Constant(step)
    yield ast.Starred(ast.Subscript(name, ast.Slice(*bounds)))


def overwritten(
    body: Program, inline: set[Variable], nexts: dict[Variable, Variable], names: dict[Variable, ast.expr]
) -> dict[Variable, ast.expr]:
    """What is carried on under the name of what it follows, since nobody asks for that any more when it is made."""
    written: dict[Variable, float] = {}  # where a variable that stands within an expression is written
    used: dict[Variable, float] = {v: float("inf") for v in body.outputs}
    made: dict[Variable, int] = {}
    for k in reversed(range(len(body.operations))):
        operation = body.operations[k]
        y = operation.result
        where: float = k
        if y is not None:
            made[y] = k
            where = written[y] = used.get(y, k) if y in inline else k
        for v in operation.operands():
            used[v] = max(used.get(v, 0), where)
    often = [*nexts.values()]
    return {
        x: names[v]
        for v, x in nexts.items()
        if x in made and x not in inline and often.count(x) == 1 and used.get(v, -1) <= made[x]
    }
