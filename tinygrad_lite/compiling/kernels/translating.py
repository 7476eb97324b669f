"""Functions of one number as text for Numba, in one precision: their numbers written out, polynomials too."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any, Final, NamedTuple

import numpy as np

from .precision import FLOAT32, FLOAT64, P, Precision, in_double, polynomial

PRECISIONS: Final = {np.dtype(np.float64): FLOAT64, np.dtype(np.float32): FLOAT32}
PACKAGE: Final = __name__.rpartition(".")[0]

DECORATOR: Final = (
    '@numba.njit(forceinline=True, error_model="numpy", fastmath={"contract"}, '
    "no_cpython_wrapper=True, no_cfunc_wrapper=True)"
)
"""A product and a sum may be rounded together in these functions, which are right either way; not in programs."""


Function = Callable[..., Any]


class Translation(NamedTuple):
    """A function in one precision: its name there, its text, and what that calls, function and precision."""

    name: str
    text: str
    calls: tuple[tuple[Function, Precision], ...]


def precision_of(function: Any, wanted: Precision) -> Precision:
    """That in which a function computes."""
    return getattr(function, "precision", wanted)


def name_in(function: Any, precision: Precision) -> str:
    """``exp_64``."""
    return f"{function.__name__}_{precision.name.removeprefix('float')}"


@cache
def translated(function: Function, precision: Precision) -> Translation:
    """A function of this package in a precision."""
    node: Any = ast.parse(inspect.getsource(function)).body[0]
    writer = InPrecision(function, precision)
    if ast.get_docstring(node):
        node.body = node.body[1:]
    node.decorator_list, node.returns = [], None
    for parameter in node.args.args:
        parameter.annotation = None
    node.name = name_in(function, precision)
    node.body = [writer.visit(statement) for statement in node.body]
    text = ast.unparse(ast.fix_missing_locations(node))
    return Translation(node.name, f"{DECORATOR}\n{text}", tuple(writer.calls))


class InPrecision(ast.NodeTransformer):
    """Puts numbers of a precision in place of names and literals."""

    def __init__(self, function: Function, precision: Precision) -> None:
        self.globals = function.__globals__
        self.precision = precision
        self.own = {*function.__code__.co_varnames}
        self.calls: dict[tuple[Function, Precision], None] = {}

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return literal(node.value, self.precision) if type(node.value) is float else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and self.globals.get(node.value.id) is P:
            return literal(getattr(self.precision, node.attr), self.precision)
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        function = None if node.id in self.own else self.globals.get(node.id)
        if isinstance(function, FunctionType) and function.__module__.startswith(PACKAGE):
            precision = precision_of(function, self.precision)
            self.calls[function, precision] = None
            return ast.Name(name_in(function, precision))
        if type(function) is float:
            return literal(function, self.precision)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and self.globals.get(node.func.id) is polynomial:
            x, name = node.args
            assert isinstance(name, ast.Attribute)
            return horner(x, getattr(self.precision, name.attr), self.precision)
        self.generic_visit(node)
        return node


def horner(x: ast.expr, coefficients: tuple[float, ...], precision: Precision) -> ast.expr:
    """Σ cₖ xᵏ as an expression."""
    *others, y = [literal(c, precision) for c in coefficients]
    for c in reversed(others):
        y = ast.BinOp(ast.BinOp(y, ast.Mult(), x), ast.Add(), c)
    return y


def literal(x: Any, precision: Precision) -> ast.expr:
    """A number, or a type, in a precision."""
    if isinstance(x, type):
        return ast.Attribute(ast.Name("np"), x.__name__)
    if type(x) is not float:
        return ast.Constant(x)
    if not math.isfinite(x):
        value: ast.expr = ast.Attribute(ast.Name("np"), "nan" if math.isnan(x) else "inf")
        value = ast.UnaryOp(ast.USub(), value) if x < 0 else value
    else:
        value = ast.Constant(float(precision.kind(x)))
    if precision is FLOAT64:
        return value
    return ast.Call(ast.Attribute(ast.Name("np"), precision.name), [value], [])


def texts_of(functions: list[tuple[Function, Precision]]) -> dict[str, str]:
    """The texts of functions and all that they call, by name, each after what it calls."""
    found: dict[str, str] = {}

    def add(function: Function, precision: Precision) -> None:
        translation = translated(function, precision)
        if translation.name not in found:
            for other in translation.calls:
                add(*other)
            found[translation.name] = translation.text

    for function in functions:
        add(*function)
    return found


__all__ = ["in_double", "name_in", "precision_of", "texts_of"]
