"""Buffers as text."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from .program import Variable
from .writing_loops import TextInMaking, register

AT_ONCE: Final = 12
"""So many names are given in one statement."""


def buffer_statements(source: TextInMaking) -> Iterator[ast.stmt]:
    """The statements that make the buffers: those of a dtype in one, and so the lists of as many each."""
    kinds: dict[Any, list[Any]] = {}
    for v in source.program.buffers:
        length = len(v) if type(v) is tuple else 0
        kinds.setdefault((length, (v[0] if length else v).dtype), []).append(v)
    for (length, dtype), every in kinds.items():
        for buffers in [every[k : k + AT_ONCE] for k in range(0, len(every), AT_ONCE)]:
            names = [named_rows(source, v) if length else source.bind(v, "m") for v in buffers]
            shapes = [(v[0] if length else v).shape for v in buffers]
            if len(names) == 1:
                yield ast.Assign(
                    names,
                    rows_of(
                        source.empty((length, *shapes[0]), dtype) if length else source.empty(shapes[0], dtype), length
                    ),
                )
                continue
            shape: ast.expr = ast.Name("shape")
            each = ast.comprehension(shape, ast.List([source.expression(x) for x in shapes]), [], 0)
            whole = ast.Tuple([ast.Constant(length), ast.Starred(shape)]) if length else shape
            made = rows_of(source.call_of_empty(whole, dtype), length)
            yield ast.Assign([ast.Tuple(names)], ast.ListComp(made, [each]))


def together(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements, those that make an array each, one after the other, as one."""
    for makes, every in groupby(statements, makes_array):
        found = [*every]
        if not makes or len(found) == 1:
            yield from found
            continue
        names = [statement.targets[0] for statement in found]  # type: ignore[attr-defined]
        yield ast.Assign([ast.Tuple(names)], ast.Tuple([statement.value for statement in found]))  # type: ignore[attr-defined]


def makes_array(statement: ast.stmt) -> bool:
    """Whether it is ``name = np.empty(shape)``."""
    match statement:
        case ast.Assign([ast.Name()], ast.Call(ast.Attribute(ast.Name("np"), "empty"))):
            return True
    return False


def named_rows(source: TextInMaking, rows: tuple[Variable, ...]) -> ast.expr:
    """A name for a list of buffers."""
    name = ast.Name(source.fresh(f"{rows[0].name or 'm'}s"))
    register(source, name, rows)
    return name


def rows_of(array: ast.expr, length: int) -> ast.expr:
    """An array; or if there is to be a list of arrays, that of its rows."""
    return ast.List([ast.Starred(array)]) if length else array
