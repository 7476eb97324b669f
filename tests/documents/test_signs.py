"""A changed sign in a printed formula changes the verdict on it; so does a small factor, or NaN.

The signs are those in the source of the formula's own lambda or function, turned around one at a time.
"""

from __future__ import annotations

import ast
import copy
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from tinygrad_lite.documents import CATALOGUE as WHOLE
from tinygrad_lite.verifying import Statement, check

Function = Callable[[Any], Any]


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(sys.modules[module]))


def source_of(function: Function) -> ast.Lambda | ast.FunctionDef:
    """The syntax tree of a lambda or function, found by where its code is."""
    code = function.__code__
    places = [(line, column) for line, _, column, _ in code.co_positions() if line and column is not None]
    found = []
    for node in ast.walk(tree_of(function.__module__)):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            found.append(node)
        elif isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
            body = node.body
            begin, end = (body.lineno, body.col_offset), (body.end_lineno, body.end_col_offset)
            if all(begin <= place <= end for place in places if place != (code.co_firstlineno, 0)):
                found.append(node)
    return min(found, key=lambda node: len(ast.unparse(node)))


class Signs(ast.NodeTransformer):
    """Turns the n-th sign around: + and −, or a leading minus. What says where, as indices do, is no formula."""

    def __init__(self, which: int) -> None:
        self.which, self.count, self.turned = which, 0, ""

    def turn(self, node: ast.AST) -> bool:
        self.count += 1
        if self.count == self.which + 1:
            self.turned = ast.unparse(node)
            return True
        return False

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        here = isinstance(node.op, (ast.Add, ast.Sub)) and self.turn(node)
        self.generic_visit(node)
        if here:
            node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        here = isinstance(node.op, ast.USub) and self.turn(node)
        self.generic_visit(node)
        return node.operand if here else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        node.value = self.visit(node.value)
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id in INDEXED:
            node.args = [x if is_index(x) else self.visit(x) for x in node.args]
            return node
        return self.generic_visit(node)


INDEXED = {"range", "slope", "dsigma", "by_a", "by_z", "by_W", "by_b", "a_by_z", "z_by_a", "z_by_b", "z_by_W"}
"""Functions whose numbers say where: which layer, from where to where."""


def is_index(node: ast.AST) -> bool:
    """Whether an argument is a plain number, or computed from names and numbers by + and −."""
    return not any(isinstance(n, (ast.Subscript, ast.Call, ast.Attribute)) for n in ast.walk(node))


def sign_mutants(function: Function) -> Iterator[tuple[str, Function]]:
    """The function with each of its signs turned around, and the expression that was changed."""
    original = source_of(function)
    scope = dict(function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        scope[name] = cell.cell_contents
    which = 0
    while True:
        signs = Signs(which)
        tree = copy.deepcopy(original)
        if isinstance(tree, ast.FunctionDef):
            tree.returns = None
            tree.args.args = [ast.arg(a.arg) for a in tree.args.args]
            tree.body = [signs.visit(statement) for statement in tree.body]
        else:
            tree.body = signs.visit(tree.body)
        if not signs.turned:
            return
        yield signs.turned, compiled(tree, scope, function)
        which += 1


def compiled(tree: ast.Lambda | ast.FunctionDef, scope: dict[str, Any], like: Function) -> Function:
    if isinstance(tree, ast.Lambda):
        made: Any = eval(compile(ast.fix_missing_locations(ast.Expression(tree)), "mutant", "eval"), scope)
    else:
        names = dict(scope)
        exec(compile(ast.fix_missing_locations(ast.Module([tree], [])), "mutant", "exec"), names)
        made = names[tree.name]
    return types.FunctionType(made.__code__, made.__globals__, made.__name__, like.__defaults__, made.__closure__)


def changed_value(function: Function, change: Callable[[Any], Any]) -> Function:
    """The function with every array that it returns changed."""

    def wrong(setting: Any) -> Any:
        value = function(setting)
        return {name: change(x) for name, x in value.items()} if isinstance(value, dict) else change(value)

    return wrong


# ---------------------------------------------------------------------------------------------------------------------
# The tests

CATALOGUE = [said for said in WHOLE if isinstance(said, Statement)]

each_statement = pytest.mark.parametrize("said", CATALOGUE, ids=[statement.id for statement in CATALOGUE])


BY_ID = {statement.id: statement for statement in CATALOGUE}


@cache
def verdict(id: str) -> str:
    """What is found about a statement as it is."""
    return check(BY_ID[id]).verdict


def changed(statement: Statement, printed: Any) -> bool:
    """Whether another printed side changes the verdict."""
    return check(statement._replace(printed=printed)).verdict != verdict(statement.id)


def is_zero(statement: Statement) -> bool:
    """Whether the printed side gives nothing but zeros, on the family's first draw that it is formed on."""
    for draw in statement.on.draws(0):
        try:
            with np.errstate(all="ignore"):
                side = statement.printed(draw.setting)
        except ValueError:
            continue
        return not any(np.any(x) for x in (side.values() if isinstance(side, dict) else [side]))
    raise AssertionError(statement.id)


@each_statement
def test_a_changed_sign_changes_the_verdict(said: Statement) -> None:
    mutants = list(sign_mutants(said.printed))
    for expression, printed in mutants:
        assert changed(said, printed), f"with a sign turned in {expression} still: {verdict(said.id)}"
    if not mutants:
        assert changed(said, changed_value(said.printed, (lambda x: x + 1) if is_zero(said) else (lambda x: -x)))


@each_statement
def test_a_small_mistake_changes_the_verdict(said: Statement) -> None:
    small = (lambda x: x + 1e-6) if is_zero(said) else (lambda x: x * (1 + 1e-6))
    assert changed(said, changed_value(said.printed, small))
    assert changed(said, changed_value(said.printed, lambda x: x * np.nan))


def test_signs_are_found_where_formulas_have_them() -> None:
    mutants = {
        statement.id: [expression for expression, _ in sign_mutants(statement.printed)] for statement in CATALOGUE
    }
    assert sum(map(len, mutants.values())) > 30
    assert mutants["answer-error-deriv"] == ["s.output - s.target"]
    assert len(mutants["vege-6.3.2-only-change"]) == 2
    assert mutants["vege-20"] == []


@each_statement
def test_the_source_is_the_printed_formula(said: Statement) -> None:
    """Signs stand in the formula's own source, for a formula that has any: none hides in a helper."""
    assert isinstance(source_of(said.printed), (ast.Lambda, ast.FunctionDef))
